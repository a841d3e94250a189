//! What the daemon answers.

use super::*;

impl Control for Stub {
    async fn change(&self, by: Caller, request: ChangeRequest, dry_run: bool) -> Result<ChangeDone, Problem> {
        let slow = matches!(&request, ChangeRequest::TenantAdd { name } if name == "slow");
        if slow {
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let mut state = self.state();
        state.seen.push(Seen::Change(by.clone(), request.clone(), dry_run));
        let word = serde_json::to_value(&request).expect("JSON");
        let kind = word["kind"].as_str().unwrap_or_default();
        if dry_run {
            let effects = if kind == "block-transfer" { views::effects() } else { Vec::new() };
            let ptrs = if kind == "ptr-fill" { views::ptr_steps() } else { Vec::new() };
            return Ok(ChangeDone {
                summary: format!("would do {kind}"),
                effects,
                ptrs,
                ..ChangeDone::default()
            });
        }
        let makes_token = kind == "token-add";
        let (ptr, fill) = (kind.starts_with("ptr"), kind == "ptr-fill");
        let summary = state.carry_out(request)?;
        let mut done = state.done(&by, kind, summary);
        if makes_token {
            done.token = state.tokens.keys().next_back().map(|id| tokens::made(id));
        }
        if ptr {
            let apex = "2.0.192.in-addr.arpa.".to_owned();
            done.zones.push(ZoneStep { apex, serial: Some(done.change.unwrap_or(0) as u32) });
            (done.zones_changed, done.ptrs_changed) = (1, if fill { 16 } else { 1 });
        }
        Ok(done)
    }

    async fn import_ptrs(
        &self,
        by: Caller,
        options: PtrImportOptions,
        csv: Upload,
    ) -> Result<ChangeDone, Problem> {
        let csv = csv.collect(64 << 20).await?;
        self.state().seen.push(Seen::Ptrs(options.clone(), csv.len()));
        let text = String::from_utf8_lossy(&csv);
        let bad = |(n, line): (usize, &str)| {
            let good = line.split_once(',').is_some_and(|(address, _)| address.parse::<IpAddr>().is_ok());
            (!good).then(|| LineError {
                file: None,
                line: n as u64 + 1,
                message: format!("{line}: no address"),
            })
        };
        let errors: Vec<LineError> = text.lines().enumerate().filter_map(bad).collect();
        if !errors.is_empty() {
            let errors_total = errors.len() as u64;
            let message = "nothing was imported: some lines are bad";
            return Err(Problem { errors, errors_total, ..problem(code::INVALID, message) });
        }
        let rows = text.lines().count() as u64;
        if options.dry_run {
            return Ok(ChangeDone { summary: format!("would import {rows} PTRs"), ..ChangeDone::default() });
        }
        let mut done = self.state().done(&by, "ptr-import", format!("imported {rows} PTRs"));
        done.ptrs_changed = rows;
        Ok(done)
    }

    async fn import_sending(
        &self,
        by: Caller,
        options: SendingImportOptions,
        csv: Upload,
    ) -> Result<ChangeDone, Problem> {
        let csv = csv.collect(64 << 20).await?;
        let mut state = self.state();
        state.seen.push(Seen::Sending(options.clone(), csv.len()));
        let count = sending::import(&mut state, &String::from_utf8_lossy(&csv))?;
        let summary = format!("the import: {count} sending marks set");
        if options.dry_run {
            return Ok(ChangeDone { summary, ..ChangeDone::default() });
        }
        Ok(state.done(&by, "sending-import", summary))
    }

    async fn import_powerdns(
        &self,
        by: Caller,
        options: ZoneImportOptions,
        upload: Upload,
    ) -> Result<ChangeDone, Problem> {
        let octets = upload.collect(64 << 20).await?;
        let Some(end) = octets.iter().position(|octet| *octet == b'\n') else {
            return Err(problem(code::BAD_REQUEST, "no first line"));
        };
        let bad = |error: serde_json::Error| problem(code::BAD_REQUEST, error.to_string());
        let head: DatabaseHead = serde_json::from_slice(&octets[..end]).map_err(bad)?;
        let size = octets.len() - end - 1;
        let mut state = self.state();
        state.seen.push(Seen::Database(options, head, size));
        Ok(state.done(&by, "zone-import", format!("imported a database of {size} octets")))
    }

    async fn import_zones(
        &self,
        by: Caller,
        options: ZoneImportOptions,
        bundle: Bundle,
    ) -> Result<ChangeDone, Problem> {
        let mut state = self.state();
        state.seen.push(Seen::Zones(options.clone(), bundle.clone()));
        let bad = bundle.files[..bundle.zones].iter().find(|(_, content)| content.starts_with(b"bad"));
        if let Some((path, _)) = bad {
            let error =
                LineError { file: Some(path.clone()), line: 1, message: "CNAME beside other data".into() };
            let message = "nothing was imported: some files are bad";
            return Err(Problem { errors: vec![error], errors_total: 1, ..problem(code::INVALID, message) });
        }
        if options.dry_run {
            let summary = format!("would import {} zones", bundle.zones);
            return Ok(ChangeDone { summary, ..ChangeDone::default() });
        }
        let mut done = state.done(&by, "zone-import", format!("imported {} zones", bundle.zones));
        if bundle.files.iter().any(|(path, _)| path == MANIFEST) {
            let line = |subject: &str, what: &str, detail: &str| ReportLine {
                subject: subject.into(),
                what: what.into(),
                detail: detail.into(),
            };
            done.report.push(line("a.example.", "imported", "from a file"));
            done.report_total = 1;
        }
        done.warnings.push("example.: TTLs of the RRset www.example. A differ, the lowest is taken".into());
        Ok(done)
    }

    fn bearer(&self, token: &str, _from: IpAddr) -> Result<Bearer, Problem> {
        let state = self.state();
        let found = state.tokens.values().find(|known| tokens::text(&known.id) == token);
        let known = found.ok_or_else(|| problem(code::UNAUTHENTICATED, "no token that is of use here"))?;
        Ok(Bearer { token: known.id.parse().expect("an identity"), actor: format!("token {}", known.name) })
    }

    async fn tokens(&self, _: Standing, filter: TokenFilter) -> Result<Page<TokenView>, Problem> {
        let state = self.state();
        let all =
            state.tokens.values().filter(|token| filter.tenant.is_none() || token.tenant == filter.tenant);
        let all: Vec<TokenView> = all.cloned().collect();
        Ok(views::page(all.into_iter(), |token| token.id.clone(), filter.after, filter.limit))
    }

    async fn token(&self, _: Standing, id: String) -> Result<TokenView, Problem> {
        self.state().tokens.get(&id).cloned().ok_or_else(|| absent("token", &id))
    }

    async fn tenant(&self, _: Standing, name: String) -> Result<TenantView, Problem> {
        let state = self.state();
        let known = state.tenants.contains_key(&name);
        if known { Ok(views::tenant(&state, &name)) } else { Err(absent("tenant", &name)) }
    }

    async fn tenants(&self, _: Standing, filter: TenantFilter) -> Result<Page<TenantView>, Problem> {
        let state = self.state();
        let all = state.tenants.keys().map(|name| views::tenant(&state, name));
        Ok(views::page(all, |tenant| tenant.name.clone(), filter.after, filter.limit))
    }

    async fn blocks(&self, _: Standing, filter: BlockFilter) -> Result<Page<BlockView>, Problem> {
        let all = self.state().blocks.clone().into_values();
        let around = |range: &str| filter.around.as_deref().is_none_or(|_| range == "192.0.2.0/24");
        let all = all.filter(|block| around(&block.range));
        let all = all.filter(|block| filter.tenant.as_ref().is_none_or(|tenant| *tenant == block.tenant));
        Ok(views::page(all, |block| block.range.clone(), filter.after, filter.limit))
    }

    async fn block(&self, _: Standing, range: String) -> Result<BlockView, Problem> {
        self.state().blocks.get(&range).cloned().ok_or_else(|| absent("block", &range))
    }

    async fn parent_records(&self, _: Standing, range: String) -> Result<ParentRecords, Problem> {
        self.block(Standing::Operator, range.clone()).await?;
        let text = "1.2.0.192.in-addr.arpa. 3600 IN CNAME 1.0-26.2.0.192.in-addr.arpa.\n".to_owned();
        Ok(ParentRecords { range, parent: "2.0.192.in-addr.arpa.".into(), text })
    }

    async fn map(&self, _: Standing, filter: MapFilter) -> Result<MapView, Problem> {
        map::map(&self.state(), &filter)
    }

    async fn zones(&self, _: Standing, filter: ZoneFilter) -> Result<Page<ZoneView>, Problem> {
        let all = self.state().zones.clone().into_values();
        Ok(views::page(all, |zone| zone.apex.clone(), filter.after, filter.limit))
    }

    async fn zone(&self, _: Standing, apex: String) -> Result<ZoneView, Problem> {
        self.state().zones.get(&absolute(&apex)).cloned().ok_or_else(|| absent("zone", &apex))
    }

    /// `long.example.` is 100 MB, `broken.example.` ends before its end.
    async fn export(&self, _: Standing, apex: String) -> Result<TextStream, Problem> {
        let apex = absolute(&apex);
        if !["long.example.", "broken.example."].contains(&apex.as_str()) {
            self.zone(Standing::Operator, apex.clone()).await?;
        }
        let (mut writer, stream) = text();
        tokio::spawn(async move {
            writer
                .write(format!("$ORIGIN {apex}\n@ 3600 IN SOA ns.example. host.example. 1 2 3 4 5\n"))
                .await?;
            match apex.as_str() {
                "broken.example." => return Ok(()),
                "long.example." => {
                    let line =
                        "www 3600 IN TXT \"a line of some length that is repeated often\"\n".repeat(1000);
                    for _ in 0..100_000_000 / line.len() {
                        writer.write(line.clone()).await?;
                    }
                }
                _ => (),
            }
            writer.finish().await;
            Ok::<(), ptrd_admin::Cut>(())
        });
        Ok(stream)
    }

    async fn records(&self, _: Standing, filter: RecordFilter) -> Result<Page<RecordView>, Problem> {
        let all = self.state().records.clone().into_values();
        let all = all.filter(|r| filter.owner.as_ref().is_none_or(|owner| *owner == r.owner));
        let all = all.filter(|r| filter.rtype.as_ref().is_none_or(|t| t.eq_ignore_ascii_case(&r.rtype)));
        Ok(views::page(all, |r| format!("{}/{}", r.owner, r.rtype), filter.after, filter.limit))
    }

    async fn zone_content(
        &self,
        who: Standing,
        filter: RecordFilter,
    ) -> Result<ptrd_admin::ZoneContent, Problem> {
        let apex = filter.zone.clone().unwrap_or_default();
        let zone = self.zone(who, apex.clone()).await?;
        let is_wanted = |record: &&RecordView| {
            record.zone == apex
                && filter.owner.as_ref().is_none_or(|owner| *owner == record.owner)
                && filter.rtype.as_ref().is_none_or(|rtype| *rtype == record.rtype)
        };
        let records: Vec<RecordView> = self.state().records.values().filter(is_wanted).cloned().collect();
        Ok(ptrd_admin::ZoneContent { zone, records: Box::new(move |each| records.into_iter().all(each)) })
    }

    async fn search(&self, _: Standing, filter: SearchFilter) -> Result<Vec<SearchHit>, Problem> {
        let zones = self
            .state()
            .zones
            .keys()
            .filter(|zone| zone.contains(&filter.pattern))
            .cloned()
            .collect::<Vec<_>>();
        Ok(zones.into_iter().map(|zone| SearchHit { zone, record: None }).collect())
    }

    async fn announce(&self, who: Standing, apex: String) -> Result<(), Problem> {
        self.zone(who, apex).await.map(drop)
    }

    async fn ptrs(&self, _: Standing, filter: PtrFilter) -> Result<Page<PtrView>, Problem> {
        let all = self.state().ptrs.clone().into_values();
        let named = |ptr: &PtrView| match &filter.name {
            Some(text) => ptr.names.iter().any(|name| name.contains(text)),
            None => true,
        };
        let all = all.filter(named);
        Ok(views::page(all, |ptr| ptr.address.clone(), filter.after, filter.limit))
    }

    async fn pending(&self, _: Standing, filter: PendingFilter) -> Result<Page<PendingView>, Problem> {
        let is_asked = |it: &PendingView| map::is_within(filter.within.as_ref(), &it.address);
        let all = [views::pending()].into_iter().filter(is_asked);
        Ok(views::page(all, |p| p.address.clone(), filter.after, filter.limit))
    }

    async fn checks(&self, _: Standing, filter: CheckFilter) -> Result<Page<CheckView>, Problem> {
        let is_asked = |it: &CheckView| {
            map::is_within(filter.within.as_ref(), &it.address)
                && filter.state.as_ref().is_none_or(|state| it.state == *state)
        };
        let all = views::checks().into_iter().filter(is_asked);
        Ok(views::page(all, |c| c.address.clone(), filter.after, filter.limit))
    }

    async fn check(&self, _: Standing, _: CheckBody) -> Result<Page<CheckView>, Problem> {
        Ok(Page { items: views::checks(), next: None })
    }

    async fn posture(&self, _: Standing, filter: PostureFilter) -> Result<Page<PostureView>, Problem> {
        let is_asked = |it: &PostureView| {
            filter.tenant.as_ref().is_none_or(|tenant| it.tenant == *tenant)
                && filter.grade.as_ref().is_none_or(|grade| it.grade == *grade)
                && filter.kind.as_ref().is_none_or(|kind| it.kind == *kind)
                && filter.zone.as_ref().is_none_or(|zone| it.subject == format!("{zone}."))
                && (it.kind != "identity" || map::is_within(filter.within.as_ref(), &it.subject))
        };
        let all = posture::views().into_iter().filter(is_asked);
        Ok(views::page(all, |view| view.subject.clone(), filter.after, filter.limit))
    }

    async fn posture_tenants(
        &self,
        _: Standing,
        filter: PostureTenantFilter,
    ) -> Result<Page<PostureTenantView>, Problem> {
        let all = posture::tenants().into_iter();
        let all = all.filter(|view| !filter.failing || view.addresses.fail + view.zones.fail > 0);
        Ok(views::page(all, |view| view.tenant.clone(), filter.after, filter.limit))
    }

    async fn posture_look(&self, _: Standing, body: PostureBody) -> Result<Page<PostureView>, Problem> {
        let is_asked = |it: &PostureView| {
            body.zone.as_ref().is_none_or(|zone| it.subject == format!("{zone}."))
                && (body.within.is_none() || map::is_within(body.within.as_ref(), &it.subject))
        };
        Ok(Page { items: posture::views().into_iter().filter(is_asked).collect(), next: None })
    }

    async fn lint(&self, _: Standing, filter: LintFilter) -> Result<Page<LintView>, Problem> {
        let within = filter.within.clone();
        let is_asked = move |ptr: &PtrView| map::is_within(within.as_ref(), &ptr.address);
        let all = self.state().ptrs.clone().into_values().filter(is_asked);
        let generic = |ptr: PtrView| {
            let names: Vec<_> = ptr.names.iter().filter_map(|name| views::linted(name)).collect();
            (!names.is_empty()).then(|| LintView {
                address: ptr.address,
                rule: "warn".into(),
                sending: filter.sending,
                helo: None,
                names,
            })
        };
        Ok(views::page(all.filter_map(generic), |view| view.address.clone(), filter.after, filter.limit))
    }

    async fn sending(&self, _: Standing, filter: SendingFilter) -> Result<Page<SendingView>, Problem> {
        Ok(sending::list(&self.state(), filter))
    }

    async fn sending_at(&self, _: Standing, address: String) -> Result<SendingView, Problem> {
        let found =
            address.parse().ok().and_then(|address: IpAddr| self.state().sending.get(&address).cloned());
        found.ok_or_else(|| absent("sending mark of", &address))
    }

    async fn request_text(&self, _: Standing, filter: RequestTextFilter) -> Result<RequestText, Problem> {
        sending::request_text(&self.state(), filter.range)
    }

    async fn ptr(&self, _: Standing, address: String) -> Result<PtrView, Problem> {
        let parsed: IpAddr =
            address.parse().map_err(|_| problem(code::BAD_REQUEST, format!("{address}: no address")))?;
        self.state().ptrs.get(&parsed).cloned().ok_or_else(|| absent("PTR at", &parsed.to_string()))
    }

    async fn log(&self, _: Standing, filter: LogFilter) -> Result<Page<ChangeView>, Problem> {
        let before = filter.before.unwrap_or(u64::MAX);
        let limit = filter.limit.expect("set by the socket") as usize;
        let mut items: Vec<ChangeView> = self.state().log.clone();
        items.retain(|change| change.change < before);
        items.reverse();
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| last.change.to_string());
        Ok(Page { items, next })
    }

    async fn logged(&self, _: Standing, change: u64) -> Result<ChangeDetail, Problem> {
        let found = self.state().log.iter().find(|logged| logged.change == change).cloned();
        let change = found.ok_or_else(|| absent("change", &change.to_string()))?;
        let zones = vec![ZoneStep { apex: "2.0.192.in-addr.arpa.".into(), serial: Some(7) }];
        Ok(ChangeDetail { change, request: serde_json::json!({"kind": "stub"}), zones })
    }

    async fn edits(&self, _: Standing, change: u64) -> Result<TextStream, Problem> {
        self.logged(Standing::Operator, change).await?;
        Ok(lines(&views::edits()))
    }

    async fn diff(&self, _: Standing, _filter: DiffFilter) -> Result<TextStream, Problem> {
        Ok(lines(&views::edits()))
    }

    async fn backup(&self, _: Standing) -> Result<Backup, Problem> {
        let (octets, change) = (b"SQLite format 3\0 of a stub", self.state().log.len() as u64);
        Ok(Backup { octets: octets.len() as u64, change, stream: stream(octets.to_vec()) })
    }

    async fn status(&self, _: Standing) -> Result<StatusView, Problem> {
        Ok(views::status(&self.state()))
    }

    async fn standby(&self, _: Standing) -> Result<StandbyView, Problem> {
        Ok(views::standby())
    }

    async fn standby_hello(&self, hello: StandbyHello) -> Result<StandbyWelcome, Problem> {
        let copy = hello.lineage.is_none().then(|| "its store has no history of this server yet".to_owned());
        Ok(StandbyWelcome { lineage: "0011".to_owned(), epoch: 1, change: 7, copy })
    }

    async fn standby_changes(&self, filter: StandbyFilter) -> Result<Changes, Problem> {
        if filter.epoch != 1 {
            return Err(problem(code::CONFLICT, "epoch 2 is not that of this server"));
        }
        Ok(Changes { newest: 7, stream: stream(b"\0\0\0\x03abc".to_vec()) })
    }

    async fn promote(&self, by: Caller, write: PromoteWrite, dry_run: bool) -> Result<ChangeDone, Problem> {
        let summary = format!("promoted with a margin of {}", write.margin.unwrap_or(10_000));
        if dry_run {
            return Ok(ChangeDone { summary, ..ChangeDone::default() });
        }
        Ok(self.state().done(&by, "promote", summary))
    }

    async fn metrics(&self, _: Standing) -> Result<(String, &'static str), Problem> {
        Ok((
            "# HELP stub_up Always 1.\n# TYPE stub_up gauge\nstub_up 1\n".to_owned(),
            "text/plain; version=0.0.4",
        ))
    }

    async fn reload(&self, by: Caller, dry_run: bool) -> Result<Reloaded, Problem> {
        self.state().seen.push(Seen::Reload(by, dry_run));
        Ok(views::reloaded(dry_run))
    }

    async fn access(
        &self,
        _: Standing,
        filter: ptrd_api::AccessFilter,
    ) -> Result<Page<ptrd_api::AccessView>, Problem> {
        let all = self.state().access.clone().into_iter();
        Ok(views::page(all, |view| view.action.clone(), filter.after, filter.limit))
    }

    async fn name_grants(
        &self,
        _: Standing,
        filter: ptrd_api::NameGrantFilter,
    ) -> Result<Page<ptrd_api::NameGrantView>, Problem> {
        let all = self.state().name_grants.clone().into_iter();
        Ok(views::page(all, |view| view.name.clone(), filter.after, filter.limit))
    }

    async fn keys(&self, _: Standing, filter: KeyFilter) -> Result<Page<KeyView>, Problem> {
        let state = self.state();
        let all: Vec<_> = state.keys.values().map(|key| views::key_view(&state, key)).collect();
        Ok(views::page(all.into_iter(), |key| key.name.clone(), filter.after, filter.limit))
    }

    async fn key(&self, _: Standing, name: String) -> Result<KeyDetail, Problem> {
        let (state, name) = (self.state(), absolute(&name));
        let key = state.keys.get(&name).ok_or_else(|| absent("key", &name))?;
        Ok(KeyDetail { key: views::key_view(&state, key), ..key.clone() })
    }

    async fn notify(
        &self,
        _: Standing,
        filter: ptrd_api::NotifyFilter,
    ) -> Result<Page<ptrd_api::NotifyView>, Problem> {
        let all = self.state().notify.clone().into_iter();
        Ok(views::page(all, |view| view.address.clone().unwrap_or_default(), filter.after, filter.limit))
    }

    async fn transfer_in(
        &self,
        _by: Caller,
        write: ptrd_api::TransferInWrite,
        _dry_run: bool,
    ) -> Result<ChangeDone, Problem> {
        if write.apex == "closed.example" {
            return Err(Problem::new(
                code::CONFLICT,
                "the zone closed.example. was not handed over: REFUSED",
            ));
        }
        Ok(ChangeDone { change: Some(7), summary: "1 zone imported".into(), ..ChangeDone::default() })
    }

    async fn compare(
        &self,
        _: Standing,
        apex: String,
        write: ptrd_api::CompareWrite,
    ) -> Result<ptrd_api::CompareView, Problem> {
        if apex == "closed.example" {
            return Err(Problem::new(code::NOT_FOUND, "no zone closed.example. is served here")
                .hint("see `ptrctl zone list`"));
        }
        Ok(views::compare(&apex, &write.with.address))
    }

    async fn refresh(
        &self,
        _: Standing,
        apex: String,
        body: ptrd_api::RefreshBody,
    ) -> Result<ZoneView, Problem> {
        let mut view = views::zone(&apex, "acme");
        let error = body.whole.then(|| "asked for as a whole".to_owned());
        view.follow = Some(ptrd_api::FollowView { error, ..views::follow() });
        Ok(view)
    }

    async fn notify_status(
        &self,
        _: Standing,
        filter: ptrd_api::NotifyStatusFilter,
    ) -> Result<Page<ptrd_api::NotifyStatusView>, Problem> {
        let all = views::notify_status().into_iter();
        let all = all.filter(|view| {
            filter.state.as_ref().is_none_or(|state| view.state == *state)
                && (!filter.differs || view.differs_since.is_some())
        });
        Ok(views::page(all, |view| view.zone.clone(), filter.after, filter.limit))
    }

    async fn catalogs(
        &self,
        _: Standing,
        filter: ptrd_api::CatalogFilter,
    ) -> Result<Page<ptrd_api::CatalogView>, Problem> {
        let all = self.state().catalogs.clone().into_values();
        Ok(views::page(all, |view| view.catalog.clone(), filter.after, filter.limit))
    }

    async fn catalog(&self, _: Standing, apex: String) -> Result<ptrd_api::CatalogView, Problem> {
        catalogs::one(&self.state(), &apex)
    }

    async fn catalog_members(
        &self,
        _: Standing,
        apex: String,
        filter: ptrd_api::CatalogFilter,
    ) -> Result<Page<ptrd_api::CatalogMemberView>, Problem> {
        let all = catalogs::members(&self.state(), &apex)?.into_iter();
        Ok(views::page(all, |view| view.zone.clone(), filter.after, filter.limit))
    }

    async fn ns_sets(&self, _: Standing, filter: SetFilter) -> Result<Page<NsSetView>, Problem> {
        let all = self.state().ns_sets.clone().into_values();
        Ok(views::page(all, |set| set.name.clone(), filter.after, filter.limit))
    }

    async fn ns_set(&self, _: Standing, name: String) -> Result<NsSetView, Problem> {
        self.state().ns_sets.get(&name).cloned().ok_or_else(|| absent("NS set", &name))
    }

    async fn soa_templates(&self, _: Standing, filter: SetFilter) -> Result<Page<SoaTemplateView>, Problem> {
        let all = self.state().soa_templates.clone().into_values();
        Ok(views::page(all, |template| template.name.clone(), filter.after, filter.limit))
    }

    async fn soa_template(&self, _: Standing, name: String) -> Result<SoaTemplateView, Problem> {
        self.state().soa_templates.get(&name).cloned().ok_or_else(|| absent("SOA template", &name))
    }

    async fn defaults(&self, _: Standing) -> Result<DefaultsView, Problem> {
        Ok(self.state().defaults.clone().unwrap_or_else(views::defaults))
    }
}

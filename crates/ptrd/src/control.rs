//! What the admin socket asks of the daemon: changes go onto the road, everything else is read from its newest view.

use crate::announce::Announcements;
use crate::backup::Backups;
use crate::checks::{self, Looker};
use crate::follow::Following;
use crate::live::{self, Live};
use crate::metrics::{CONTENT_TYPE, Metrics};
use crate::notify;
use crate::standby::{self, Desk};
use crate::watch::Watch;
use ptrd_admin::{
    Backup, Bearer, Caller, Changes, Control, Standing, TextStream, TextWriter, Upload, UploadReader,
    ZoneContent,
};
use ptrd_api::{
    AccessFilter, AccessView, BlockFilter, BlockView, Bundle, CatalogFilter, CatalogMemberView, CatalogView,
    ChangeDetail, ChangeDone, ChangeRequest, ChangeView, CheckBody, CheckFilter, CheckView, CompareView,
    CompareWrite, DefaultsView, DiffFilter, KeyDetail, KeyFilter, KeyView, LintFilter, LintView, LogFilter,
    MapFilter, MapView, NameGrantFilter, NameGrantView, NotifyFilter, NotifyStatusFilter, NotifyStatusView,
    NotifyView, NsSetView, Page, ParentRecords, PendingFilter, PendingView, PostureBody, PostureFilter,
    PostureTenantFilter, PostureTenantView, PostureView, Problem, PromoteWrite, PtrFilter, PtrImportOptions,
    PtrView, RecordFilter, RecordView, RefreshBody, Reloaded, RequestText, RequestTextFilter, SearchFilter,
    SearchHit, SendingFilter, SendingImportOptions, SendingView, SetFilter, SoaTemplateView, StandbyFilter,
    StandbyHello, StandbyView, StandbyWelcome, StatusView, TenantFilter, TenantView, TokenFilter, TokenView,
    TransferInWrite, ZoneFilter, ZoneImportOptions, ZoneView, code,
};
use ptrd_change::{Edits, Road, Role, View};
use ptrd_listen::{Listener, Meter};
use std::io::{self, BufWriter, Read, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

type Outcome<T> = Result<T, Problem>;

/// Octets of an export that are sent at once.
const PIECE: usize = 32 << 10;

/// The daemon, as the admin socket sees it.
pub struct Plane {
    road: Arc<Road>,
    meter: Meter,
    listen: Vec<String>,
    api: Vec<String>,
    store: String,
    backups: Backups,
    started: Instant,
    live: Option<Arc<Live>>,
    metrics: Metrics,
    announcements: Announcements,
    desk: Desk,
    following: Following,
    looker: Looker,
    watch: Watch,
}

impl Plane {
    /// For a road and a listener that run; `live` reads the configuration again.
    pub fn new(
        road: Arc<Road>,
        listener: &Listener,
        store: &Path,
        live: Option<Arc<Live>>,
        metrics: Metrics,
        (announcements, following): (Announcements, Following),
        (desk, (looker, watch)): (Desk, (Looker, Watch)),
    ) -> Plane {
        Plane {
            road,
            meter: listener.meter(),
            listen: crate::daemon::listening(listener),
            api: Vec::new(),
            store: store.display().to_string(),
            backups: Backups::beside(store),
            started: Instant::now(),
            live,
            metrics,
            announcements,
            desk,
            following,
            looker,
            watch,
        }
    }

    /// The same, which says that the API is at these places.
    #[must_use]
    pub fn with_api(self, api: Vec<String>) -> Plane {
        Plane { api, ..self }
    }

    /// Reads from the newest view as somebody may see it, on a thread that may take its time: a listing may have to look at
    /// millions.
    async fn read<T: Send + 'static>(
        &self,
        who: Standing,
        read: impl FnOnce(Arc<View>) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        let view = self.road.view_for(role(who))?;
        let done = tokio::task::spawn_blocking(move || read(view)).await;
        done.unwrap_or_else(|_| {
            Err(Problem::new(code::INTERNAL, "a fault in ptrd while it read what is there"))
        })
    }

    /// The same of what is for operators alone.
    async fn overview<T: Send + 'static>(
        &self,
        who: Standing,
        read: impl FnOnce(Arc<View>) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        self.read(who, |view| view.for_operators().and_then(|()| read(view))).await
    }
}

/// Adds what is known of a zone that is followed besides what the view has.
fn fill_in(zone: &mut ZoneView, view: &View, following: &Following) {
    let Some(follow) = &mut zone.follow else { return };
    let status = view.zone_id(&zone.apex).ok().and_then(|id| following.status(id));
    let Some(status) = status else { return };
    follow.primary = status.primary.map(|address| address.to_string());
    (follow.checked, follow.next, follow.expires) = (status.checked, status.next, status.expires);
    follow.error = status.error;
}

fn fault() -> Problem {
    Problem::new(code::INTERNAL, "a fault in ptrd while it read its configuration")
}

/// What the road makes of a standing.
fn role(who: Standing) -> Role {
    match who {
        Standing::Operator => Role::Operator,
        Standing::Token(token) => Role::Token(token),
    }
}

fn caller(Caller { actor, origin, reason, standing, once: _ }: Caller) -> ptrd_change::Caller {
    ptrd_change::Caller { actor, origin, reason, role: role(standing) }
}

/// Does something with an upload. Where that broke off, it is what to tell, and not what the parser made of it.
async fn watched<F: Future<Output = Outcome<ChangeDone>>>(
    upload: Upload,
    import: impl FnOnce(Watched) -> F,
) -> Outcome<ChangeDone> {
    let broken = Arc::<Mutex<Option<Problem>>>::default();
    let done = import(Watched { reader: upload.reader(), broken: broken.clone() }).await;
    let broken = broken.lock().unwrap_or_else(PoisonError::into_inner).take();
    done.map_err(|problem| broken.unwrap_or(problem))
}

impl Control for Plane {
    async fn change(&self, by: Caller, request: ChangeRequest, dry_run: bool) -> Outcome<ChangeDone> {
        let once = by.once.map(|once| ptrd_change::Once { asked: once.asked, body: once.body });
        let done = self.road.change_once(caller(by), request, dry_run, once).await;
        self.following.poke();
        done
    }

    async fn import_ptrs(&self, by: Caller, options: PtrImportOptions, csv: Upload) -> Outcome<ChangeDone> {
        watched(csv, |csv| self.road.import_ptrs(caller(by), options, csv)).await
    }

    async fn import_sending(
        &self,
        by: Caller,
        options: SendingImportOptions,
        csv: Upload,
    ) -> Outcome<ChangeDone> {
        watched(csv, |csv| self.road.import_sending(caller(by), options, csv)).await
    }

    async fn import_zones(
        &self,
        by: Caller,
        options: ZoneImportOptions,
        bundle: Bundle,
    ) -> Outcome<ChangeDone> {
        self.road.view_to_act(role(by.standing))?;
        self.road.import_zones(caller(by), options, bundle).await
    }

    async fn import_powerdns(
        &self,
        by: Caller,
        options: ZoneImportOptions,
        upload: Upload,
    ) -> Outcome<ChangeDone> {
        self.road.view_to_act(role(by.standing))?;
        // Beside the store is room for large files; the system's folder of temporary ones may be memory.
        let folder = Path::new(&self.store).parent().unwrap_or(Path::new("")).to_owned();
        let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
        watched(upload, |upload| self.road.import_powerdns(caller(by), options, upload, folder)).await
    }

    fn bearer(&self, token: &str, from: IpAddr) -> Outcome<Bearer> {
        let ptrd_change::Bearer { id, actor } = self.road.bearer(token, from)?;
        Ok(Bearer { token: id, actor })
    }

    async fn tokens(&self, who: Standing, filter: TokenFilter) -> Outcome<Page<TokenView>> {
        self.road.tokens(role(who), &filter)
    }

    async fn token(&self, who: Standing, id: String) -> Outcome<TokenView> {
        match who {
            Standing::Token(token) if id == "self" => self.road.token(role(who), token.as_str()),
            _ => self.road.token(role(who), &id),
        }
    }

    async fn tenants(&self, who: Standing, filter: TenantFilter) -> Outcome<Page<TenantView>> {
        self.read(who, move |view| view.tenants(&filter)).await
    }

    async fn tenant(&self, who: Standing, name: String) -> Outcome<TenantView> {
        self.read(who, move |view| view.tenant(&name)).await
    }

    async fn map(&self, who: Standing, filter: MapFilter) -> Outcome<MapView> {
        let failing = checks::failing_of(&self.road).await?;
        self.read(who, move |view| view.map(&filter, &failing)).await
    }

    async fn blocks(&self, who: Standing, filter: BlockFilter) -> Outcome<Page<BlockView>> {
        self.read(who, move |view| view.blocks(&filter)).await
    }

    async fn block(&self, who: Standing, range: String) -> Outcome<BlockView> {
        self.read(who, move |view| view.block(&range)).await
    }

    async fn parent_records(&self, who: Standing, range: String) -> Outcome<ParentRecords> {
        self.read(who, move |view| view.parent_records(&range)).await
    }

    async fn zones(&self, who: Standing, filter: ZoneFilter) -> Outcome<Page<ZoneView>> {
        let following = self.following.clone();
        self.read(who, move |view| {
            let mut page = view.zones(&filter)?;
            page.items.iter_mut().for_each(|zone| fill_in(zone, &view, &following));
            Ok(page)
        })
        .await
    }

    async fn zone(&self, who: Standing, apex: String) -> Outcome<ZoneView> {
        let view = self.road.view_for(role(who))?;
        let mut zone = view.zone(&apex)?;
        fill_in(&mut zone, &view, &self.following);
        Ok(zone)
    }

    async fn refresh(&self, who: Standing, apex: String, body: RefreshBody) -> Outcome<ZoneView> {
        self.road.check_post()?;
        let view = self.road.view_to_act(role(who))?;
        let mut zone = view.zone(&apex)?;
        let id = view.zone_id(&apex)?;
        if zone.follow.is_none() {
            return Err(Problem::new(code::CONFLICT, format!("the zone {} is not followed", zone.apex))
                .hint("`ptrctl zone follow` says from whom it is pulled"));
        }
        if !self.following.refresh(id, body.whole) {
            return Err(Problem::new(code::BUSY, "primaries are not asked at the moment")
                .hint("a zone that is followed since a moment ago is asked for anyway; see follow.enabled in ptrd.toml"));
        }
        fill_in(&mut zone, &view, &self.following);
        Ok(zone)
    }

    async fn transfer_in(&self, by: Caller, write: TransferInWrite, dry_run: bool) -> Outcome<ChangeDone> {
        self.road.check_post()?;
        let view = self.road.view_to_act(role(by.standing))?;
        let (zone, from) = self.following.once().zone(&view, &write.apex, &write.from).await?;
        self.road.transfer_in(caller(by), write, from, zone, dry_run).await
    }

    async fn compare(&self, who: Standing, apex: String, write: CompareWrite) -> Outcome<CompareView> {
        let view = self.road.view_to_act(role(who))?;
        // There is such a zone, before others are asked for it.
        view.zone(&apex)?;
        let (other, server) = self.following.once().other(&view, &apex, &write.with).await?;
        self.overview(who, move |view| view.compare(&apex, &server, other)).await
    }

    async fn export(&self, who: Standing, apex: String) -> Outcome<TextStream> {
        let export = self.road.view_for(role(who))?.export(&apex)?;
        Ok(written(move |out| export.write(out)))
    }

    async fn records(&self, who: Standing, filter: RecordFilter) -> Outcome<Page<RecordView>> {
        self.read(who, move |view| view.records(&filter)).await
    }

    async fn zone_content(&self, who: Standing, filter: RecordFilter) -> Outcome<ZoneContent> {
        let view = self.road.view_for(role(who))?;
        let (mut zone, content) = view.whole_zone(&filter)?;
        fill_in(&mut zone, &view, &self.following);
        Ok(ZoneContent { zone, records: Box::new(move |each| content.each(each)) })
    }

    async fn search(&self, who: Standing, filter: SearchFilter) -> Outcome<Vec<SearchHit>> {
        self.read(who, move |view| view.search(&filter)).await
    }

    async fn announce(&self, who: Standing, apex: String) -> Outcome<()> {
        self.road.check_post()?;
        let view = self.road.view_for(role(who))?;
        self.road.announce(&view, &apex)
    }

    async fn ptrs(&self, who: Standing, filter: PtrFilter) -> Outcome<Page<PtrView>> {
        let mut page = self.read(who, move |view| view.ptrs(&filter)).await?;
        checks::show(&self.road, &mut page.items).await?;
        Ok(page)
    }

    async fn pending(&self, who: Standing, filter: PendingFilter) -> Outcome<Page<PendingView>> {
        self.read(who, move |view| view.pending(&filter)).await
    }

    async fn checks(&self, who: Standing, filter: CheckFilter) -> Outcome<Page<CheckView>> {
        let view = self.road.view_for(role(who))?;
        checks::views(&self.road, &view, &filter).await
    }

    async fn check(&self, who: Standing, body: CheckBody) -> Outcome<Page<CheckView>> {
        // Others are asked for it: more than reading.
        let view = self.road.view_to_do(role(who))?;
        self.road.check_post()?;
        checks::look_now(&self.looker, &view, &body.within).await
    }

    async fn posture(&self, who: Standing, filter: PostureFilter) -> Outcome<Page<PostureView>> {
        let (watching, evidence) = (self.watch.watching(), filter.evidence);
        let mut page = self.read(who, move |view| view.posture(&filter, &watching)).await?;
        if evidence {
            self.watch.show_evidence(&mut page.items).await?;
        }
        Ok(page)
    }

    async fn posture_tenants(
        &self,
        who: Standing,
        filter: PostureTenantFilter,
    ) -> Outcome<Page<PostureTenantView>> {
        let watching = self.watch.watching();
        self.read(who, move |view| view.posture_tenants(&filter, &watching)).await
    }

    async fn posture_look(&self, who: Standing, body: PostureBody) -> Outcome<Page<PostureView>> {
        // Others are asked for it: more than reading.
        let view = self.road.view_to_do(role(who))?;
        self.road.check_post()?;
        self.watch.look_now(view, body).await
    }

    async fn lint(&self, who: Standing, filter: LintFilter) -> Outcome<Page<LintView>> {
        self.read(who, move |view| view.lint(&filter)).await
    }

    async fn sending(&self, who: Standing, filter: SendingFilter) -> Outcome<Page<SendingView>> {
        self.read(who, move |view| view.sending(&filter)).await
    }

    async fn sending_at(&self, who: Standing, address: String) -> Outcome<SendingView> {
        self.read(who, move |view| view.sending_at(&address)).await
    }

    async fn request_text(&self, who: Standing, filter: RequestTextFilter) -> Outcome<RequestText> {
        self.read(who, move |view| view.request_text(&filter)).await
    }

    async fn ptr(&self, who: Standing, address: String) -> Outcome<PtrView> {
        let mut ptr = [self.road.view_for(role(who))?.ptr(&address)?];
        checks::show(&self.road, &mut ptr).await?;
        let [ptr] = ptr;
        Ok(ptr)
    }

    async fn log(&self, who: Standing, filter: LogFilter) -> Outcome<Page<ChangeView>> {
        self.road.log_for(role(who), filter).await
    }

    async fn logged(&self, who: Standing, change: u64) -> Outcome<ChangeDetail> {
        self.road.logged_for(role(who), change).await
    }

    async fn edits(&self, who: Standing, change: u64) -> Outcome<TextStream> {
        Ok(lines(self.road.edits_for(role(who), change).await?))
    }

    async fn diff(&self, who: Standing, filter: DiffFilter) -> Outcome<TextStream> {
        self.road.view_for(role(who))?.for_operators()?;
        Ok(lines(self.road.diff(filter).await?))
    }

    async fn backup(&self, who: Standing) -> Outcome<Backup> {
        self.road.view_for(role(who))?.for_operators()?;
        self.backups.make(self.road.own_reader()?).await
    }

    async fn status(&self, who: Standing) -> Outcome<StatusView> {
        self.road.view_for(role(who))?.for_operators()?;
        let status = self.road.status();
        let counts = self.meter.counts();
        Ok(StatusView {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime: self.started.elapsed().as_secs(),
            store: status.store_trouble.unwrap_or_else(|| "ok".to_owned()),
            store_path: self.store.clone(),
            change: status.change,
            tenants: status.tenants,
            blocks: status.blocks,
            zones: status.zones,
            ptrs: status.ptrs,
            queue: status.queue,
            history: self.road.counts().store.history_octets,
            history_limit: status.history_limit,
            listen: self.listen.clone(),
            api: self.api.clone(),
            answers: counts.answers(),
            failing: self.road.failing_count(),
            pending: self.looker.waiting() as u64,
        })
    }

    async fn standby(&self, who: Standing) -> Outcome<StandbyView> {
        self.road.view_for(role(who))?.for_operators()?;
        Ok(self.desk.view())
    }

    async fn standby_hello(&self, hello: StandbyHello) -> Outcome<StandbyWelcome> {
        self.road.welcome(hello).await
    }

    async fn standby_changes(&self, filter: StandbyFilter) -> Outcome<Changes> {
        standby::shipped(&self.road, filter).await
    }

    async fn promote(&self, by: Caller, write: PromoteWrite, dry_run: bool) -> Outcome<ChangeDone> {
        self.road.view_to_act(role(by.standing))?;
        self.desk.promote(caller(by), write, dry_run).await
    }

    async fn metrics(&self, who: Standing) -> Outcome<(String, &'static str)> {
        self.road.view_for(role(who))?.for_operators()?;
        let metrics = self.metrics.clone();
        let rendered = tokio::task::spawn_blocking(move || metrics.render()).await;
        let text = rendered.map_err(|_| Problem::new(code::INTERNAL, "a fault in ptrd while it counted"))?;
        Ok((text, CONTENT_TYPE))
    }

    async fn reload(&self, by: Caller, dry_run: bool) -> Outcome<Reloaded> {
        self.road.view_to_act(role(by.standing))?;
        let Some(live) = self.live.clone() else {
            return Err(Problem::new(code::INVALID, "a demonstration has no configuration to read again"));
        };
        // On a task of its own: a client that goes away does not cut it short between reading and telling.
        let reloading = tokio::spawn(async move {
            if !dry_run {
                notify::reloading();
            }
            let outcome = tokio::task::spawn_blocking(move || live.reload(dry_run)).await;
            let outcome = outcome.unwrap_or_else(|_| Err(fault()));
            live::report(&format!("{} ({})", by.actor, by.origin), by.reason.as_deref(), &outcome);
            if !dry_run {
                notify::ready("answering");
            }
            outcome
        });
        reloading.await.unwrap_or_else(|_| Err(fault()))
    }

    async fn access(&self, who: Standing, filter: AccessFilter) -> Outcome<Page<AccessView>> {
        self.overview(who, move |view| view.access(&filter)).await
    }

    async fn name_grants(&self, who: Standing, filter: NameGrantFilter) -> Outcome<Page<NameGrantView>> {
        self.overview(who, move |view| view.name_grants(&filter)).await
    }

    async fn keys(&self, who: Standing, filter: KeyFilter) -> Outcome<Page<KeyView>> {
        self.overview(who, move |view| Ok(view.keys(&filter))).await
    }

    async fn key(&self, who: Standing, name: String) -> Outcome<KeyDetail> {
        self.overview(who, move |view| view.key(&name)).await
    }

    async fn notify(&self, who: Standing, filter: NotifyFilter) -> Outcome<Page<NotifyView>> {
        self.overview(who, move |view| view.notify(&filter)).await
    }

    async fn notify_status(
        &self,
        who: Standing,
        filter: NotifyStatusFilter,
    ) -> Outcome<Page<NotifyStatusView>> {
        let announcements = self.announcements.clone();
        self.overview(who, move |view| announcements.status(&view, &filter)).await
    }

    async fn catalogs(&self, who: Standing, filter: CatalogFilter) -> Outcome<Page<CatalogView>> {
        let how = self.road.consumptions();
        self.overview(who, move |view| view.catalogs(&filter, &how)).await
    }

    async fn catalog(&self, who: Standing, apex: String) -> Outcome<CatalogView> {
        let how = self.road.consumptions();
        self.overview(who, move |view| view.catalog(&apex, &how)).await
    }

    async fn catalog_members(
        &self,
        who: Standing,
        apex: String,
        filter: CatalogFilter,
    ) -> Outcome<Page<CatalogMemberView>> {
        let how = self.road.consumptions();
        self.overview(who, move |view| view.catalog_members(&apex, &filter, &how)).await
    }

    async fn ns_sets(&self, who: Standing, filter: SetFilter) -> Outcome<Page<NsSetView>> {
        self.overview(who, move |view| view.ns_sets(&filter)).await
    }

    async fn ns_set(&self, who: Standing, name: String) -> Outcome<NsSetView> {
        self.overview(who, move |view| view.ns_set(&name)).await
    }

    async fn soa_templates(&self, who: Standing, filter: SetFilter) -> Outcome<Page<SoaTemplateView>> {
        self.overview(who, move |view| view.soa_templates(&filter)).await
    }

    async fn soa_template(&self, who: Standing, name: String) -> Outcome<SoaTemplateView> {
        self.overview(who, move |view| view.soa_template(&name)).await
    }

    async fn defaults(&self, who: Standing) -> Outcome<DefaultsView> {
        let view = self.road.view_for(role(who))?;
        view.for_operators()?;
        Ok(view.defaults())
    }
}

/// A text that is written while it is sent. Whatever fails, the stream then breaks off, and the client sees that.
pub(crate) fn written(
    write: impl FnOnce(&mut BufWriter<Pieces>) -> io::Result<()> + Send + 'static,
) -> TextStream {
    let (writer, stream) = ptrd_admin::text();
    tokio::task::spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(PIECE, Pieces(writer));
        if write(&mut out).and_then(|()| out.flush()).is_ok()
            && let Ok(Pieces(writer)) = out.into_inner()
        {
            writer.blocking_finish();
        }
    });
    stream
}

fn lines(edits: Edits) -> TextStream {
    written(move |out| edits.write(out))
}

/// An upload that leaves behind why it broke off.
struct Watched {
    reader: UploadReader,
    broken: Arc<Mutex<Option<Problem>>>,
}

impl Read for Watched {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.reader.read(into).inspect_err(|_| {
            let problem = self.reader.problem().cloned();
            *self.broken.lock().unwrap_or_else(PoisonError::into_inner) = problem;
        })
    }
}

/// Writes into an answer's body.
pub(crate) struct Pieces(TextWriter);

impl Write for Pieces {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.blocking_write(octets.to_vec()).map_err(io::Error::other)?;
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

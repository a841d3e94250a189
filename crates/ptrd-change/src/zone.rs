//! Verbatim zones: added empty, imported from master files, removed.
//!
//! A verbatim zone is kept as it came and answers with that; blocks and PTRs have no part in it. Native zones come and
//! go with their blocks and are refused here.

use crate::classless::check_free;
use crate::fleet;
use crate::moving::manifest::{Entry, Files};
use crate::moving::tenants::Tenants;
use crate::place::{Shown, count_ptrs, runs};
use crate::plan::{Plan, row_of, stored_records};
use crate::problem::{LISTED_ERRORS, bad, conflict, count, invalid, not_found, quote, some};
use crate::record::{follows, same};
use crate::signed::check_file;
use crate::suspend::as_if_resumed;
use crate::tenant::{tenant_name, unknown_tenant};
use crate::version;
use crate::zone_set::Start;
use ptrd_api::{
    Bundle, LineError, Problem, REPORT_LEFT_OUT, TransferInWrite, ZoneImportOptions, ZoneStart, code,
};
use ptrd_master::{Expected, Limits, MasterError, MasterZone, Source, read_zone};
use ptrd_store::Edit;
use ptrd_wire::{Name, QName, RecordType, ReverseName, ReversePrefix, RrSet, Soa, Ttl};
use ptrd_zone::model::{TenantId, ZoneId, ZoneKind, ZoneRow, ZoneSoa};
use ptrd_zone::{Found, PulledZone, STATEMENT, Zone, ZoneMeta};
use std::collections::{BTreeMap, HashMap};

/// Warnings that an answer lists.
const LISTED_WARNINGS: usize = 100;

pub(crate) fn unknown_zone(apex: &Name) -> Problem {
    not_found(format!("no zone {apex} is served here")).hint("see `ptrctl zone list`")
}

/// Zones read from master files.
#[derive(Debug)]
pub(crate) struct ImportedZones {
    tenants: Tenants,
    replace: bool,
    keep_going: bool,
    keep_serial: bool,
    expect: Option<String>,
    zones: Vec<(String, MasterZone)>,
    /// Where each apex was found.
    apexes: HashMap<Name, String>,
    /// What was wrong with the files left out.
    left_out: Errors,
    /// What else the report says.
    notes: Vec<(String, String, String)>,
    warnings: Vec<String>,
    warnings_total: u64,
    /// Not read from files, which are judged as they are read.
    from_network: bool,
}

#[derive(Debug, Default)]
struct Errors {
    listed: Vec<LineError>,
    total: u64,
    files: u64,
}

impl Errors {
    fn push(&mut self, file: &str, line: u64, message: String) {
        self.total += 1;
        if self.listed.len() < LISTED_ERRORS {
            self.listed.push(LineError { file: Some(file.to_owned()), line, message });
        }
    }

    fn into_problem(self, problem: &str) -> Problem {
        let files = count(self.files, "file");
        let mut problem = Problem::new(problem, format!("{files} cannot be imported; nothing was"));
        problem.errors = self.listed;
        problem.errors_total = self.total;
        problem.hint("--keep-going imports the others")
    }
}

/// A serial is kept of a file that replaces something.
pub(crate) fn check_serial(options: &ZoneImportOptions) -> Result<(), Problem> {
    if options.keep_serial && !options.replace {
        return Err(bad("the serial of the file is to be kept, but nothing is to be replaced")
            .hint("a zone that is new here has the serial of its file anyway; say --replace as well"));
    }
    Ok(())
}

/// Reads the master files of a bundle.
pub(crate) fn read_bundle(options: &ZoneImportOptions, bundle: &Bundle) -> Result<ImportedZones, Problem> {
    let apex = options.apex.as_deref().map(|text| crate::request::read_name("the apex", text)).transpose()?;
    if bundle.zones == 0 {
        return Err(bad("no master file was given"));
    }
    check_serial(options)?;
    let files = Files::of(bundle);
    let manifest = files.manifest()?;
    let mut entries = Entry::all(bundle, &files, &manifest)?;
    match (&apex, entries.as_mut_slice()) {
        (None, _) => {}
        (Some(apex), [one]) => one.apex = Some(apex.clone()),
        (Some(_), _) => {
            return Err(bad("an apex was given, and more than one file").hint("import that file alone"));
        }
    }
    let tenants = Tenants::read(&options.tenant, &manifest.map)?;
    let mut read = ImportedZones::new(tenants, options);
    let limits = Limits { rrset_octets: crate::rules::MAX_RRSET, ..Limits::default() };
    for entry in &entries {
        let origin = entry.apex.clone().or_else(|| apex_of_path(entry.path));
        let expected = Expected { apex: entry.apex.as_ref(), origin: origin.as_ref() };
        let limits = Limits { free_includes: entry.is_free(), ..limits };
        let mut include = |included: &str| files.included(entry, included);
        let source = Source { name: entry.name(), text: entry.content };
        let zone = read_zone(source, expected, &limits, &mut include);
        read.push(entry.path, zone, |file| entry.label(file));
    }
    read.settle()
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The origin that a file's name suggests: `example.com.zone`, `db.example.com`, `example.com`.
fn apex_of_path(path: &str) -> Option<Name> {
    let name = file_name(path);
    let name = name.strip_prefix("db.").unwrap_or(name);
    let name = [".zone", ".db", ".txt"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    name.parse().ok().filter(|name: &Name| !name.is_root())
}

impl ImportedZones {
    /// No zones yet.
    pub fn new(tenants: Tenants, options: &ZoneImportOptions) -> ImportedZones {
        ImportedZones {
            tenants,
            replace: options.replace,
            keep_going: options.keep_going,
            keep_serial: options.keep_serial,
            expect: options.expect.clone(),
            zones: Vec::new(),
            apexes: HashMap::new(),
            left_out: Errors::default(),
            notes: Vec::new(),
            warnings: Vec::new(),
            warnings_total: 0,
            from_network: false,
        }
    }

    /// One zone that another server handed over.
    ///
    /// # Errors
    /// No tenant was given.
    pub fn transferred(
        write: &TransferInWrite,
        from: &str,
        apex: Name,
        pulled: PulledZone,
    ) -> Result<ImportedZones, Problem> {
        let options = ZoneImportOptions {
            replace: write.replace,
            keep_serial: write.replace,
            ..ZoneImportOptions::default()
        };
        let mut zones = ImportedZones::new(Tenants::read(&write.tenant, &[])?, &options);
        let PulledZone { soa, soa_ttl, records } = pulled;
        zones.push(from, Ok(MasterZone { apex, soa, soa_ttl, records, warnings: Vec::new() }), str::to_owned);
        zones.from_network = true;
        Ok(zones)
    }

    /// A zone that was read, or what is wrong with it. `label` is what messages call its files.
    pub fn push(
        &mut self,
        path: &str,
        zone: Result<MasterZone, Vec<MasterError>>,
        label: impl Fn(&str) -> String,
    ) {
        let zone = match zone {
            Ok(zone) => zone,
            Err(errors) => {
                self.left_out.files += 1;
                for error in errors {
                    let (file, line) = (label(&error.place.file), error.place.line);
                    self.left_out.push(&file, line.into(), error.reason.to_string());
                }
                return;
            }
        };
        if let Some(other) = self.apexes.get(&zone.apex) {
            let message = format!("the zone {} is in {other} as well", zone.apex);
            return self.leave_out(path, message);
        }
        for warning in &zone.warnings {
            self.warn(format!("{}:{}: {}", label(&warning.file), warning.line, warning.message));
        }
        self.apexes.insert(zone.apex.clone(), path.to_owned());
        self.zones.push((path.to_owned(), zone));
    }

    /// Something that cannot be a zone here.
    pub fn leave_out(&mut self, path: &str, message: String) {
        self.left_out.files += 1;
        self.left_out.push(path, 0, message);
    }

    /// Something that was not to be imported: no reason to refuse the rest.
    pub fn pass_over(&mut self, subject: &str, reason: &str) {
        self.note(subject, REPORT_LEFT_OUT, reason);
    }

    /// A line of the report.
    pub fn note(&mut self, subject: &str, what: &str, detail: impl Into<String>) {
        self.notes.push((subject.to_owned(), what.to_owned(), detail.into()));
    }

    /// Something to know, without which the import goes on.
    pub fn warn(&mut self, text: String) {
        self.warnings_total += 1;
        if self.warnings.len() < LISTED_WARNINGS {
            self.warnings.push(text);
        }
    }

    /// All there is, unless something that is wrong forbids it.
    pub fn settle(self) -> Result<ImportedZones, Problem> {
        if self.expect.is_some() && self.zones.len() as u64 + self.left_out.files > 1 {
            return Err(bad("a version was given, and more than one zone").hint("import that zone alone"));
        }
        if self.left_out.files > 0 && (!self.keep_going || self.zones.is_empty()) {
            return Err(self.left_out.into_problem(code::INVALID));
        }
        Ok(self)
    }
}

/// Plans the import.
pub(crate) fn import(plan: &mut Plan<'_>, zones: &ImportedZones) -> Result<String, Problem> {
    for name in zones.tenants.names() {
        plan.tenant_named(name)?;
    }
    let (mut errors, mut worst) = (Errors::default(), code::INVALID);
    let (mut added, mut replaced, mut unchanged) = (0u64, 0u64, 0u64);
    for (path, zone) in &zones.zones {
        check_version(plan, &zone.apex, zones.expect.as_ref())?;
        let tenant = zones.tenants.of(&zone.apex);
        let outcome = tenant
            .and_then(|name| Ok((name, plan.tenant_named(name)?)))
            .and_then(|(name, tenant)| Ok((name, import_one(plan, zone, tenant, zones)?)))
            .and_then(|imported| {
                if zones.from_network {
                    crate::pull::check_whole(plan, zone).map(|()| imported)
                } else {
                    Ok(imported)
                }
            });
        match outcome {
            Ok((name, outcome)) => {
                let (count, what) = match outcome {
                    Outcome::Added => (&mut added, "imported"),
                    Outcome::Replaced => (&mut replaced, "replaced"),
                    Outcome::Unchanged => (&mut unchanged, "unchanged"),
                };
                *count += 1;
                plan.tell(&zone.apex, what, format!("{path} for {name}"));
            }
            // There is one, and no file that its words would have to be told apart from.
            Err(problem) if zones.from_network => return Err(problem),
            Err(problem) => {
                errors.files += 1;
                if problem.code == code::CONFLICT {
                    worst = code::CONFLICT;
                }
                let hint = problem.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
                errors.push(path, 0, problem.message + &hint);
            }
        }
    }
    if errors.files > 0 && (!zones.keep_going || added + replaced + unchanged == 0) {
        return Err(errors.into_problem(worst));
    }
    report(plan, zones, &errors);
    let left_out = errors.files + zones.left_out.files;
    let mut parts = vec![format!("{} imported", count(added, "zone"))];
    for (n, what) in [(replaced, "replaced"), (unchanged, "unchanged"), (left_out, "left out")] {
        if n > 0 {
            parts.push(format!("{n} {what}"));
        }
    }
    Ok(parts.join(", "))
}

fn report(plan: &mut Plan<'_>, zones: &ImportedZones, errors: &Errors) {
    for error in zones.left_out.listed.iter().chain(&errors.listed) {
        let file = error.file.as_deref().unwrap_or_default();
        plan.warn(format!("left out: {file}:{}: {}", error.line, error.message));
        let line = if error.line == 0 { String::new() } else { format!("line {}: ", error.line) };
        plan.tell(file, REPORT_LEFT_OUT, format!("{line}{}", error.message));
    }
    zones.notes.iter().for_each(|(subject, what, detail)| plan.tell(subject, what, detail));
    zones.warnings.iter().for_each(|warning| plan.warn(warning.clone()));
    let silent = zones.warnings_total - zones.warnings.len() as u64;
    if silent > 0 {
        plan.warn(format!("and {}", count(silent, "further warning")));
    }
}

pub(crate) enum Outcome {
    Added,
    Replaced,
    Unchanged,
}

fn import_one(
    plan: &mut Plan<'_>,
    zone: &MasterZone,
    tenant: TenantId,
    options: &ImportedZones,
) -> Result<Outcome, Problem> {
    let there = plan.declared().zone(&zone.apex).cloned();
    there.iter().try_for_each(|there| fleet::refuse_catalog(plan.declared(), there))?;
    match there {
        None => {
            check_new(plan, &zone.apex)?;
            check_file(zone)?;
            let row = ZoneRow {
                id: ZoneId(0),
                apex: zone.apex.clone(),
                tenant,
                kind: ZoneKind::Verbatim,
                soa: ZoneSoa::Own { soa: zone.soa.clone(), ttl: zone.soa_ttl },
                ns_set: None,
                serial_policy: None,
            };
            plan.add_zone(row, zone.records.clone());
            Ok(Outcome::Added)
        }
        Some(there) if there.tenant != tenant => Err(conflict(format!(
            "the zone {} belongs to the tenant {}",
            there.apex,
            tenant_name(plan.declared(), there.tenant)
        ))
        .hint("import it for that tenant, or remove it first")),
        Some(there) if there.kind != ZoneKind::Verbatim => Err(conflict(format!(
            "{} is a native zone: its content follows from blocks and PTRs",
            there.apex
        ))
        .hint("import the PTRs as CSV and other records one by one, or remove the block first")),
        Some(there) if !options.replace => {
            Err(conflict(format!("the zone {} is served already", there.apex)).hint(
                if options.from_network {
                    "--replace puts what the other server has in its place"
                } else {
                    "--replace puts the file in its place"
                },
            ))
        }
        Some(there) => {
            check_file(zone)?;
            Ok(replace_zone(plan, &there, zone, options.keep_serial))
        }
    }
}

/// Turns a zone's content into the file's. What the zone references stays where the file says the same; else the file
/// has its way: its SOA becomes the zone's own, its NS records stand in the place of what the NS set gives.
pub(crate) fn replace_zone(
    plan: &mut Plan<'_>,
    meta: &ZoneMeta,
    file: &MasterZone,
    keep_serial: bool,
) -> Outcome {
    let Some(zone) = plan.zone(&meta.apex).cloned() else { return Outcome::Unchanged };
    let mut changes: BTreeMap<(Name, RecordType), Option<RrSet>> =
        stored_records(&zone).map(|(owner, rrset)| ((owner, rrset.rtype), None)).collect();
    let labels = zone.apex_labels();
    let addresses = plan.next.snapshot.addresses();
    let mut following = Vec::new();
    for (owner, rrset) in &file.records {
        let node = if *owner == meta.apex && rrset.rtype != STATEMENT {
            zone.apex_node()
        } else {
            zone.names().node(&owner.key_below(labels))
        };
        let there = node.and_then(|node| node.rrset(rrset.rtype)).map(|rrset| rrset.to_rrset());
        let key = (owner.clone(), rrset.rtype);
        if there.as_ref().is_some_and(|there| same(there, rrset)) {
            changes.remove(&key);
        } else if there.is_none() && follows(&zone, addresses, owner, rrset) {
            following.push((owner, rrset));
        } else {
            changes.insert(key, Some(rrset.clone()));
        }
    }
    let serial = zone.soa().serial;
    let later = file.soa.serial.is_after(serial);
    let mut soa = file.soa.clone();
    soa.serial = serial;
    let shows_soa = |zone: &Zone| *soa.to_wire() == *zone.soa_rdata() && file.soa_ttl == zone.soa_ttl();
    let moves = if keep_serial { file.soa.serial != serial } else { later };
    if changes.is_empty() && shows_soa(&zone) && !moves {
        return Outcome::Unchanged;
    }
    if keep_serial && !later && file.soa.serial != serial {
        plan.warn(format!(
            "{}: the serial goes back from {serial} to {} as asked; secondaries keep what they have until they are \
             told to fetch the zone anew",
            meta.apex, file.soa.serial
        ));
    }
    let changes = changes.into_iter().map(|((owner, rtype), rrset)| (owner, rtype, rrset)).collect();
    plan.put_rrsets(meta, changes);
    put_what_follows_no_longer(plan, meta, following);
    put_soa(plan, meta, &zone, &file.soa, file.soa_ttl);
    // Past what is served, by the zone's policy, unless the file is ahead or told to count.
    if later || keep_serial {
        plan.alter(&meta.apex, |zone| zone.set_serial(file.soa.serial));
        plan.state_serial(meta.id);
    }
    plan.mark(meta.id);
    Outcome::Replaced
}

/// Puts what was left out because it followed from PTRs, where the rest hides that: glue below a cut that came along.
fn put_what_follows_no_longer(plan: &mut Plan<'_>, meta: &ZoneMeta, following: Vec<(&Name, &RrSet)>) {
    let Some(zone) = plan.zone(&meta.apex) else { return };
    let addresses = plan.next.snapshot.addresses();
    let lost = following.into_iter().filter(|(owner, rrset)| !follows(zone, addresses, owner, rrset));
    let lost = lost.map(|(owner, rrset)| (owner.clone(), rrset.rtype, Some(rrset.clone()))).collect();
    plan.put_rrsets(meta, lost);
}

/// Makes a SOA, all of it but the serial, the zone's own, unless what it shows is the same. `before` is the zone before.
pub(crate) fn put_soa(plan: &mut Plan<'_>, meta: &ZoneMeta, before: &Zone, soa: &Soa, ttl: Ttl) {
    let soa = Soa { serial: before.soa().serial, ..soa.clone() };
    let shows = |zone: &Zone| *soa.to_wire() == *zone.soa_rdata() && ttl == zone.soa_ttl();
    // Other nameservers can bring another MNAME along.
    if plan.zone(&meta.apex).is_some_and(|zone| shows(zone)) {
        return;
    }
    let (from, mut to) = (row_of(meta, before), row_of(meta, before));
    to.soa = ZoneSoa::Own { soa: soa.clone(), ttl };
    plan.next.declared.put_zone(ZoneMeta::of(&to));
    plan.alter(&meta.apex, |zone| zone.set_soa(soa, ttl));
    plan.edit(Edit::Zone { id: meta.id, before: Some(Box::new(from)), after: Some(Box::new(to)) });
}

/// Refuses a new zone in the place of something else, and warns of what it hides.
pub(crate) fn check_new(plan: &mut Plan<'_>, apex: &Name) -> Result<(), Problem> {
    if let Some(block) = plan.declared().block_with_apex(apex) {
        return Err(conflict(format!("{apex} is the classless zone of the block {}", block.range))
            .hint("remove the block first"));
    }
    check_free(plan, apex)?;
    let above = plan.declared().zone_above(apex).filter(|zone| zone.kind != ZoneKind::Verbatim);
    if let Some(zone) = above.and_then(|above| plan.zone(&above.apex)) {
        check_underived(plan, zone, apex)?;
    }
    if let Some(prefix) = ReversePrefix::of_apex(apex) {
        let hidden = runs(plan.declared(), &prefix.range())
            .filter(|run| matches!(&run.shown, Shown::Here(zone) if apex.is_under(&zone.apex)))
            .map(|run| {
                let last = run.range.last().min(prefix.range().last());
                let range = ptrd_wire::AddrRange::new(run.range.first(), last).unwrap_or(run.range);
                count_ptrs(&plan.next.snapshot, &range)
            })
            .sum();
        if hidden > 0 {
            plan.warn(format!(
                "{} of blocks are not shown while the verbatim zone {apex} is there",
                count(hidden, "PTR")
            ));
        }
    }
    Ok(())
}

fn check_underived(plan: &Plan<'_>, zone: &Zone, apex: &Name) -> Result<(), Problem> {
    let mut name = QName::default();
    name.assign(apex.to_lowercase().as_wire());
    let reverse = ReverseName::of(&name);
    let resumed = as_if_resumed(plan, zone);
    let zone = resumed.as_ref().unwrap_or(zone);
    match zone.find(plan.next.snapshot.addresses(), &name, reverse.as_ref()) {
        Found::Alias { apex: target, .. } => {
            Err(conflict(format!("a CNAME to {target} stands at {apex}: it follows from a block"))
                .hint("remove or relabel that block first"))
        }
        // A cut of another zone served here is no obstacle: the new zone lies deeper.
        Found::Cut(cut) if cut.labels <= name.label_count() && !is_zone(plan, apex, cut.labels) => {
            Err(conflict(format!(
                "{apex} is at or below a zone cut of {}: the zone is delegated to others",
                zone.apex()
            ))
            .hint("remove the block or the NS records first"))
        }
        Found::Dname { .. } => {
            Err(conflict(format!("{apex} lies below a DNAME of {}", zone.apex()))
                .hint("delete the DNAME first"))
        }
        _ => Ok(()),
    }
}

fn is_zone(plan: &Plan<'_>, name: &Name, labels: usize) -> bool {
    let up = name.label_count().saturating_sub(labels);
    name.ancestors().nth(up).is_some_and(|cut| plan.declared().zone(&cut).is_some())
}

/// Plans an empty verbatim zone.
pub(crate) fn add(
    plan: &mut Plan<'_>,
    apex: &Name,
    tenant: &str,
    start: &ZoneStart,
) -> Result<String, Problem> {
    let owner =
        plan.declared().tenant_named(tenant).map(|tenant| tenant.id).ok_or_else(|| unknown_tenant(tenant))?;
    if let Some(zone) = plan.declared().zone(apex) {
        let tenant = tenant_name(plan.declared(), zone.tenant);
        return Err(conflict(format!(
            "the {} zone {apex} is served already, for {tenant}",
            plan.declared().kind_word(zone)
        ))
        .hint(format!(
            "`ptrctl zone show {apex}`; to fill it: `ptrctl record`, or `ptrctl zone import --replace`"
        )));
    }
    if apex.is_wildcard() {
        return Err(invalid(format!(
            "{} cannot be a zone: * is no delegation (RFC 4592 §4.2)",
            quote(&apex.to_string())
        )));
    }
    check_new(plan, apex)?;
    let references = Start::read(plan.declared(), start)?;
    if start.companion {
        fleet::check_companion_apex(apex)?;
    }
    let zone = plan.add_new_zone(apex.clone(), owner, ZoneKind::Verbatim, references);
    if !start.companion {
        return Ok(format!("verbatim zone {apex} added for {tenant}"));
    }
    plan.put_companion(zone.id, true)?;
    Ok(format!("companion zone {apex} added for {tenant}"))
}

/// Plans the removal of a verbatim zone.
pub(crate) fn remove(plan: &mut Plan<'_>, apex: &Name, expect: Option<&String>) -> Result<String, Problem> {
    let zone = plan.declared().zone(apex).cloned().ok_or_else(|| unknown_zone(apex))?;
    check_version(plan, apex, expect)?;
    if zone.kind != ZoneKind::Verbatim {
        let blocks = owners_of(plan, &zone);
        return Err(conflict(format!("{apex} is a native zone: it goes with its block{blocks}"))
            .hint("see `ptrctl block remove`"));
    }
    if plan.declared().catalog(zone.id).is_some() {
        return Err(conflict(format!("{apex} is a catalog"))
            .hint(format!("remove it as one: `ptrctl catalog remove {apex}`")));
    }
    fleet::refuse_member(plan.declared(), &zone)?;
    fleet::check_bare(plan, apex)?;
    plan.remove_zone(&zone);
    Ok(format!("verbatim zone {apex} removed"))
}

/// Refuses where the zone is not as it was expected.
fn check_version(plan: &Plan<'_>, apex: &Name, expect: Option<&String>) -> Result<(), Problem> {
    let found = || match (plan.declared().zone(apex), plan.zone(apex)) {
        (Some(meta), Some(zone)) => version::of_zone(meta, zone),
        _ => version::ABSENT.to_owned(),
    };
    version::check(|| format!("the zone {apex}"), expect, found)
}

fn owners_of(plan: &Plan<'_>, zone: &ZoneMeta) -> String {
    let declared = plan.declared();
    let ranges: Vec<String> = match &zone.kind {
        ZoneKind::Classless { range, .. } => vec![range.to_string()],
        ZoneKind::Range(prefix) => {
            let range = prefix.range();
            let around = declared.innermost(&range).filter(|block| block.range != range).into_iter();
            around.chain(declared.blocks_in(&range)).take(3).map(|block| block.range.to_string()).collect()
        }
        ZoneKind::Verbatim => Vec::new(),
    };
    if ranges.is_empty() { String::new() } else { format!(" ({})", some(&ranges, 2)) }
}

//! What somebody sees of the control side, and may ask of it: everything that pages read or change goes through here.

use crate::app::Reader;
use http_body_util::BodyExt;
use ptrd_admin::{Caller, Control, Guest, TextStream};
use ptrd_api::{
    BlockFilter, BlockView, ChangeDetail, ChangeDone, ChangeRequest, ChangeView, CheckBody, CheckFilter,
    CheckView, EditView, LintFilter, LintView, LogFilter, MapFilter, MapView, NotifyStatusFilter,
    NotifyStatusView, Page, PendingFilter, PendingView, PostureFilter, PostureTenantFilter,
    PostureTenantView, PostureView, Problem, PtrFilter, PtrImportOptions, PtrView, RecordFilter, StandbyView,
    StatusView, TenantFilter, TenantView, ZoneFilter, ZoneView, code,
};
use ptrd_escape::one_line;
use ptrd_wire::frame::Frame;
use std::net::IpAddr;
use std::sync::Arc;

type Outcome<T> = Result<T, Problem>;

/// Octets of a change's edits that a page reads.
const EDITS: usize = 256 << 10;

/// Octets of a reason.
const REASON: usize = 1_024;

/// See the module.
pub(crate) struct Seat<C> {
    control: Arc<C>,
    guest: Guest,
    reader: Reader,
}

impl<C: Control> Seat<C> {
    pub fn new(control: Arc<C>, guest: Guest, reader: Reader) -> Seat<C> {
        Seat { control, guest, reader }
    }

    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    pub fn is_operator(&self) -> bool {
        self.reader.tenant.is_none()
    }

    fn for_operators(&self) -> Outcome<()> {
        if self.is_operator() {
            return Ok(());
        }
        Err(Problem::new(code::FORBIDDEN, "this page is for operators")
            .hint("your blocks are under “Blocks”"))
    }

    fn caller(&self, reason: Option<String>) -> Outcome<Caller> {
        let reason = reason.map(|text| one_line(&text));
        if reason.as_ref().is_some_and(|reason| reason.len() > REASON) {
            return Err(Problem::new(code::INVALID, format!("the reason is longer than {REASON} octets"))
                .field("reason"));
        }
        let mut caller = self.guest.caller(reason);
        caller.origin = format!("web {}", caller.origin);
        Ok(caller)
    }

    /// Makes a change, or plans it only.
    pub async fn change(
        &self,
        request: ChangeRequest,
        reason: Option<String>,
        dry_run: bool,
    ) -> Outcome<ChangeDone> {
        self.control.change(self.caller(reason)?, request, dry_run).await
    }

    /// Sets PTRs from CSV, or plans it only.
    pub async fn import(&self, csv: &str, reason: Option<String>, dry_run: bool) -> Outcome<ChangeDone> {
        let by = self.caller(reason)?;
        let (mut writer, upload) = ptrd_admin::upload();
        let octets = bytes::Bytes::copy_from_slice(csv.as_bytes());
        let feeding = async move {
            if writer.write(octets).await.is_ok() {
                writer.finish().await;
            }
        };
        let options = PtrImportOptions { dry_run, ..PtrImportOptions::default() };
        let (done, ()) = tokio::join!(self.control.import_ptrs(by, options, upload), feeding);
        done
    }

    pub async fn blocks(&self, filter: BlockFilter) -> Outcome<Page<BlockView>> {
        self.control.blocks(self.guest.standing, filter).await
    }

    pub async fn map(&self, frame: &Frame) -> Outcome<MapView> {
        let filter = MapFilter { range: frame.range().to_string(), ..MapFilter::default() };
        self.control.map(self.guest.standing, filter).await
    }

    /// The same, without a look at what names say.
    pub async fn counts(&self, frame: &Frame) -> Outcome<MapView> {
        let filter = MapFilter { range: frame.range().to_string(), quick: true, ..MapFilter::default() };
        self.control.map(self.guest.standing, filter).await
    }

    pub async fn pending(&self, filter: PendingFilter) -> Outcome<Page<PendingView>> {
        self.control.pending(self.guest.standing, filter).await
    }

    /// Whether a name leads to an address by what is answered here.
    pub async fn leads_back(&self, name: &str, address: IpAddr) -> Outcome<bool> {
        let rtype = if address.is_ipv4() { "A" } else { "AAAA" };
        let (owner, rtype) = (Some(name.to_owned()), Some(rtype.to_owned()));
        let filter = RecordFilter { owner, rtype, limit: Some(1), ..RecordFilter::default() };
        let found = self.control.records(self.guest.standing, filter).await?;
        let address = address.to_string();
        Ok(found.items.iter().any(|rrset| rrset.data.contains(&address)))
    }

    pub async fn checks(&self, filter: CheckFilter) -> Outcome<Page<CheckView>> {
        self.control.checks(self.guest.standing, filter).await
    }

    pub async fn posture(&self, filter: PostureFilter) -> Outcome<Page<PostureView>> {
        self.control.posture(self.guest.standing, filter).await
    }

    pub async fn posture_tenants(&self, filter: PostureTenantFilter) -> Outcome<Page<PostureTenantView>> {
        self.control.posture_tenants(self.guest.standing, filter).await
    }

    pub async fn lint(&self, filter: LintFilter) -> Outcome<Page<LintView>> {
        self.control.lint(self.guest.standing, filter).await
    }

    /// Looks at the names of an address at once.
    pub async fn look(&self, address: IpAddr) -> Outcome<Page<CheckView>> {
        self.control.check(self.guest.standing, CheckBody { within: address.to_string() }).await
    }

    pub async fn ptrs(&self, filter: PtrFilter) -> Outcome<Page<PtrView>> {
        self.control.ptrs(self.guest.standing, filter).await
    }

    /// The PTR of an address, if it has one.
    pub async fn ptr(&self, address: IpAddr) -> Outcome<Option<PtrView>> {
        match self.control.ptr(self.guest.standing, address.to_string()).await {
            Ok(view) => Ok(Some(view)),
            Err(problem) if problem.code == code::NOT_FOUND => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    pub async fn log(&self, filter: LogFilter) -> Outcome<Page<ChangeView>> {
        self.control.log(self.guest.standing, filter).await
    }

    pub async fn logged(&self, change: u64) -> Outcome<ChangeDetail> {
        self.control.logged(self.guest.standing, change).await
    }

    /// The first edits of a change, and whether there are more.
    pub async fn edits(&self, change: u64, limit: usize) -> Outcome<(Vec<EditView>, bool)> {
        read_lines(self.control.edits(self.guest.standing, change).await?, limit).await
    }

    pub async fn tenants(&self, filter: TenantFilter) -> Outcome<Page<TenantView>> {
        self.for_operators()?;
        self.control.tenants(self.guest.standing, filter).await
    }

    pub async fn tenant(&self, name: &str) -> Outcome<TenantView> {
        self.for_operators()?;
        self.control.tenant(self.guest.standing, name.to_owned()).await
    }

    pub async fn zones(&self, filter: ZoneFilter) -> Outcome<Page<ZoneView>> {
        self.control.zones(self.guest.standing, filter).await
    }

    pub async fn notify_status(&self, filter: NotifyStatusFilter) -> Outcome<Page<NotifyStatusView>> {
        self.for_operators()?;
        self.control.notify_status(self.guest.standing, filter).await
    }

    pub async fn status(&self) -> Outcome<StatusView> {
        self.for_operators()?;
        self.control.status(self.guest.standing).await
    }

    pub async fn standby(&self) -> Outcome<StandbyView> {
        self.for_operators()?;
        self.control.standby(self.guest.standing).await
    }
}

/// Reads lines of JSON until there are enough.
async fn read_lines(mut stream: TextStream, limit: usize) -> Outcome<(Vec<EditView>, bool)> {
    let mut text = Vec::new();
    let mut ended = false;
    while text.len() < EDITS && text.iter().filter(|octet| **octet == b'\n').count() <= limit {
        match stream.frame().await {
            None => {
                ended = true;
                break;
            }
            Some(Ok(frame)) => text.extend_from_slice(&frame.into_data().unwrap_or_default()),
            Some(Err(error)) => return Err(Problem::new(code::STORE, format!("the log broke off: {error}"))),
        }
    }
    let whole = text.iter().rposition(|octet| *octet == b'\n').map_or(0, |at| at + 1);
    let lines = text[..whole].split(|octet| *octet == b'\n').filter(|line| !line.is_empty());
    let mut edits: Vec<EditView> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
    let more = !ended || edits.len() > limit;
    edits.truncate(limit);
    Ok((edits, more))
}

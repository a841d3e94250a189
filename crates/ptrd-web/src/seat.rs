//! What somebody sees of the control side, and may ask of it: everything that pages read or change goes through here.

use crate::app::Standing;
use crate::frame::Frame;
use http_body_util::BodyExt;
use ptrd_admin::{Caller, Control, TextStream};
use ptrd_api::{
    BlockFilter, BlockView, ChangeDetail, ChangeDone, ChangeRequest, ChangeView, EditView, LogFilter,
    MapFilter, MapView, NotifyStatusFilter, NotifyStatusView, Page, Problem, PtrFilter, PtrImportOptions,
    PtrView, StandbyView, StatusView, TenantFilter, TenantView, ZoneFilter, ZoneView, code,
};
use std::net::IpAddr;
use std::sync::Arc;

type Outcome<T> = Result<T, Problem>;

/// Octets of a change's edits that a page reads.
const EDITS: usize = 256 << 10;

/// See the module.
pub(crate) struct Seat<C> {
    control: Arc<C>,
    standing: Standing,
    from: IpAddr,
}

impl<C: Control> Seat<C> {
    pub fn new(control: Arc<C>, standing: Standing, from: IpAddr) -> Seat<C> {
        Seat { control, standing, from }
    }

    pub fn standing(&self) -> &Standing {
        &self.standing
    }

    pub fn is_operator(&self) -> bool {
        self.standing.tenant.is_none()
    }

    fn own(&self) -> Option<String> {
        self.standing.tenant.clone()
    }

    fn for_operators(&self) -> Outcome<()> {
        if self.is_operator() {
            return Ok(());
        }
        Err(Problem::new(code::FORBIDDEN, "this page is for operators")
            .hint("your blocks are under “Blocks”"))
    }

    fn caller(&self, reason: Option<String>) -> Outcome<Caller> {
        if !self.standing.write {
            return Err(Problem::new(code::FORBIDDEN, "your token may read, and change nothing")
                .hint("log in with one that may write, or ask for it"));
        }
        Ok(Caller { actor: self.standing.name.clone(), origin: format!("web {}", self.from), reason })
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

    pub async fn blocks(&self, mut filter: BlockFilter) -> Outcome<Page<BlockView>> {
        filter.tenant = self.own().or(filter.tenant);
        self.control.blocks(filter).await
    }

    pub async fn map(&self, frame: &Frame) -> Outcome<MapView> {
        self.control.map(MapFilter { range: frame.range().to_string(), tenant: self.own() }).await
    }

    pub async fn ptrs(&self, filter: PtrFilter) -> Outcome<Page<PtrView>> {
        self.control.ptrs(filter).await
    }

    /// The PTR of an address, if it has one.
    pub async fn ptr(&self, address: IpAddr) -> Outcome<Option<PtrView>> {
        match self.control.ptr(address.to_string()).await {
            Ok(view) => Ok(Some(view)),
            Err(problem) if problem.code == code::NOT_FOUND => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    pub async fn log(&self, mut filter: LogFilter) -> Outcome<Page<ChangeView>> {
        filter.tenant = self.own().or(filter.tenant);
        self.control.log(filter).await
    }

    pub async fn logged(&self, change: u64) -> Outcome<ChangeDetail> {
        self.control.logged(change).await
    }

    /// The first edits of a change, and whether there are more.
    pub async fn edits(&self, change: u64, limit: usize) -> Outcome<(Vec<EditView>, bool)> {
        read_lines(self.control.edits(change).await?, limit).await
    }

    pub async fn tenants(&self, filter: TenantFilter) -> Outcome<Page<TenantView>> {
        self.for_operators()?;
        self.control.tenants(filter).await
    }

    pub async fn tenant(&self, name: &str) -> Outcome<TenantView> {
        self.for_operators()?;
        self.control.tenant(name.to_owned()).await
    }

    pub async fn zones(&self, mut filter: ZoneFilter) -> Outcome<Page<ZoneView>> {
        filter.tenant = self.own().or(filter.tenant);
        self.control.zones(filter).await
    }

    pub async fn notify_status(&self, filter: NotifyStatusFilter) -> Outcome<Page<NotifyStatusView>> {
        self.for_operators()?;
        self.control.notify_status(filter).await
    }

    pub async fn status(&self) -> Outcome<StatusView> {
        self.for_operators()?;
        self.control.status().await
    }

    pub async fn standby(&self) -> Outcome<StandbyView> {
        self.for_operators()?;
        self.control.standby().await
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

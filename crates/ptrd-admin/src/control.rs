//! What the daemon does for those who come through the socket.

use crate::{TextStream, Upload};
use ptrd_api::{
    AccessFilter, AccessView, BlockFilter, BlockView, Bundle, CatalogFilter, CatalogMemberView, CatalogView,
    ChangeDetail, ChangeDone, ChangeRequest, ChangeView, CheckBody, CheckFilter, CheckView, CompareView,
    CompareWrite, DefaultsView, DiffFilter, KeyDetail, KeyFilter, KeyView, LintFilter, LintView, LogFilter,
    MapFilter, MapView, NameGrantFilter, NameGrantView, NotifyFilter, NotifyStatusFilter, NotifyStatusView,
    NotifyView, NsSetView, Page, ParentRecords, PendingFilter, PendingView, PostureBody, PostureFilter,
    PostureTenantFilter, PostureTenantView, PostureView, Problem, PromoteWrite, PtrFilter, PtrImportOptions,
    PtrView, RecordFilter, RecordView, RefreshBody, Reloaded, RequestText, RequestTextFilter, SearchFilter,
    SearchHit, SendingFilter, SendingImportOptions, SendingView, SetFilter, SoaTemplateView, StandbyFilter,
    StandbyHello, StandbyView, StandbyWelcome, StatusView, TenantFilter, TenantView, TokenFilter, TokenId,
    TokenView, TransferInWrite, ZoneFilter, ZoneImportOptions, ZoneView,
};
use std::future::Future;
use std::net::IpAddr;

/// Who asks for a change, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user's name; `uid 1000` for a user without one.
    pub actor: String,
    /// `socket pid 123`.
    pub origin: String,
    /// Why, as the caller said: one line without control characters, at most 1 024 octets.
    pub reason: Option<String>,
    /// As whom.
    pub standing: Standing,
    /// The change is to be made once, however often it is asked for.
    pub once: Option<Once>,
}

/// What tells a request that is made again from another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// A digest of who asks, and of the key.
    pub asked: [u8; 32],
    /// A digest of what is asked.
    pub body: [u8; 32],
}

/// As whom somebody asks: what may be seen and changed follows from that, and is judged when it is read or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As an operator: whoever may open the admin socket.
    Operator,
    /// With this token, which was of use when it was shown.
    Token(TokenId),
}

/// A copy of the store on its way to a client.
#[derive(Debug)]
pub struct Backup {
    /// How long it is.
    pub octets: u64,
    /// The newest change in it.
    pub change: u64,
    /// The SQLite file.
    pub stream: TextStream,
}

/// Changes on their way to a standby.
#[derive(Debug)]
pub struct Changes {
    /// The newest change that there is.
    pub newest: u64,
    /// Each change: its length in four octets, and what `ptrd_store::pack_commit` makes of it.
    pub stream: TextStream,
}

/// A zone and its RRsets, all of one moment.
pub struct ZoneContent {
    /// The zone.
    pub zone: ZoneView,
    /// Its RRsets. To be called on a thread that may take its time.
    pub records: Records,
}

/// Calls back for RRset after RRset until that says `false`, and says whether it came to the end.
pub type Records = Box<dyn FnOnce(&mut dyn FnMut(RecordView) -> bool) -> bool + Send>;

/// Whoever holds a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// What the token is called.
    pub token: TokenId,
    /// What the log calls its holder.
    pub actor: String,
}

type Outcome<T> = Result<T, Problem>;

/// The daemon, as this crate sees it. Names, addresses and ranges arrive as the client wrote them, percent-decoding
/// aside: whoever implements this reads and normalises them.
///
/// A future may be dropped at any point when the client goes away. A change that has been handed to the writer by then
/// happens all the same; one that has not does not.
///
/// Every reader says who asks. A tenant sees what is its own: lists leave out what others have, and what is asked for by name
/// is [`ptrd_api::code::NOT_FOUND`].
///
/// In filters `limit` is always set, and lies in 1 to [`ptrd_api::MAX_PAGE`].
pub trait Control: Send + Sync + 'static {
    /// Makes a change, or, with `dry_run`, checks and plans it only. `Ok` says that it is durable and visible.
    fn change(
        &self,
        by: Caller,
        request: ChangeRequest,
        dry_run: bool,
    ) -> impl Future<Output = Outcome<ChangeDone>> + Send;

    /// Sets PTRs from CSV, all or none. The upload may be larger than memory.
    fn import_ptrs(
        &self,
        by: Caller,
        options: PtrImportOptions,
        csv: Upload,
    ) -> impl Future<Output = Outcome<ChangeDone>> + Send;

    /// Takes a sending inventory from CSV, all or none.
    fn import_sending(
        &self,
        by: Caller,
        options: SendingImportOptions,
        csv: Upload,
    ) -> impl Future<Output = Outcome<ChangeDone>> + Send;

    /// Imports zones from master files.
    fn import_zones(
        &self,
        by: Caller,
        options: ZoneImportOptions,
        bundle: Bundle,
    ) -> impl Future<Output = Outcome<ChangeDone>> + Send;

    /// Imports zones from a database of PowerDNS ([`ptrd_api::DatabaseHead`], then the file). It may be larger than
    /// memory.
    fn import_powerdns(
        &self,
        by: Caller,
        options: ZoneImportOptions,
        upload: Upload,
    ) -> impl Future<Output = Outcome<ChangeDone>> + Send;

    /// Who holds a token that was shown by somebody at this address.
    ///
    /// On `Err`, [`ptrd_api::code::UNAUTHENTICATED`], it does not say what is wrong with the token.
    fn bearer(&self, token: &str, from: IpAddr) -> Outcome<Bearer>;

    /// Lists tokens, without what is secret in them.
    fn tokens(
        &self,
        who: Standing,
        filter: TokenFilter,
    ) -> impl Future<Output = Outcome<Page<TokenView>>> + Send;

    /// The token of this identity.
    fn token(&self, who: Standing, id: String) -> impl Future<Output = Outcome<TokenView>> + Send;

    /// Lists tenants.
    fn tenants(
        &self,
        who: Standing,
        filter: TenantFilter,
    ) -> impl Future<Output = Outcome<Page<TenantView>>> + Send;

    /// The tenant of this name.
    fn tenant(&self, who: Standing, name: String) -> impl Future<Output = Outcome<TenantView>> + Send;

    /// Lists blocks.
    fn blocks(
        &self,
        who: Standing,
        filter: BlockFilter,
    ) -> impl Future<Output = Outcome<Page<BlockView>>> + Send;

    /// The block with exactly this range.
    fn block(&self, who: Standing, range: String) -> impl Future<Output = Outcome<BlockView>> + Send;

    /// What the operator of the parent zone must publish for the block with this range.
    fn parent_records(
        &self,
        who: Standing,
        range: String,
    ) -> impl Future<Output = Outcome<ParentRecords>> + Send;

    /// How the addresses of a part of the address space stand.
    fn map(&self, who: Standing, filter: MapFilter) -> impl Future<Output = Outcome<MapView>> + Send;

    /// Lists zones.
    fn zones(
        &self,
        who: Standing,
        filter: ZoneFilter,
    ) -> impl Future<Output = Outcome<Page<ZoneView>>> + Send;

    /// The zone with this apex.
    fn zone(&self, who: Standing, apex: String) -> impl Future<Output = Outcome<ZoneView>> + Send;

    /// Asks for a zone that is followed now; how it stands until then is what is answered.
    fn refresh(
        &self,
        who: Standing,
        apex: String,
        body: RefreshBody,
    ) -> impl Future<Output = Outcome<ZoneView>> + Send;

    /// Takes a zone over from another server, once; with `dry_run` it is transferred all the same, and dropped.
    fn transfer_in(
        &self,
        by: Caller,
        write: TransferInWrite,
        dry_run: bool,
    ) -> impl Future<Output = Outcome<ChangeDone>> + Send;

    /// Compares a zone with what another server has of it.
    fn compare(
        &self,
        who: Standing,
        apex: String,
        write: CompareWrite,
    ) -> impl Future<Output = Outcome<CompareView>> + Send;

    /// A zone as a master file. Called once for each export; the text may be larger than memory.
    fn export(&self, who: Standing, apex: String) -> impl Future<Output = Outcome<TextStream>> + Send;

    /// Lists RRsets, derived ones too.
    fn records(
        &self,
        who: Standing,
        filter: RecordFilter,
    ) -> impl Future<Output = Outcome<Page<RecordView>>> + Send;

    /// A zone with its RRsets, as far as the filter asks for them, derived ones too.
    fn zone_content(
        &self,
        who: Standing,
        filter: RecordFilter,
    ) -> impl Future<Output = Outcome<ZoneContent>> + Send;

    /// Zones and records by what they say.
    fn search(
        &self,
        who: Standing,
        filter: SearchFilter,
    ) -> impl Future<Output = Outcome<Vec<SearchHit>>> + Send;

    /// Announces a zone to all who are told of its changes, though it may not have changed.
    fn announce(&self, who: Standing, apex: String) -> impl Future<Output = Outcome<()>> + Send;

    /// Lists PTRs by address.
    fn ptrs(&self, who: Standing, filter: PtrFilter) -> impl Future<Output = Outcome<Page<PtrView>>> + Send;

    /// Lists PTRs that wait for their names to resolve back.
    fn pending(
        &self,
        who: Standing,
        filter: PendingFilter,
    ) -> impl Future<Output = Outcome<Page<PendingView>>> + Send;

    /// Lists how addresses stand whose names must resolve back.
    fn checks(
        &self,
        who: Standing,
        filter: CheckFilter,
    ) -> impl Future<Output = Outcome<Page<CheckView>>> + Send;

    /// Looks at names at once.
    fn check(&self, who: Standing, body: CheckBody) -> impl Future<Output = Outcome<Page<CheckView>>> + Send;

    /// Lists how it stands with what is watched.
    fn posture(
        &self,
        who: Standing,
        filter: PostureFilter,
    ) -> impl Future<Output = Outcome<Page<PostureView>>> + Send;

    /// The same, by tenant.
    fn posture_tenants(
        &self,
        who: Standing,
        filter: PostureTenantFilter,
    ) -> impl Future<Output = Outcome<Page<PostureTenantView>>> + Send;

    /// Looks at what is watched at once.
    fn posture_look(
        &self,
        who: Standing,
        body: PostureBody,
    ) -> impl Future<Output = Outcome<Page<PostureView>>> + Send;

    /// Lists addresses whose names look generic to spam filters.
    fn lint(&self, who: Standing, filter: LintFilter)
    -> impl Future<Output = Outcome<Page<LintView>>> + Send;

    /// Lists addresses that send mail.
    fn sending(
        &self,
        who: Standing,
        filter: SendingFilter,
    ) -> impl Future<Output = Outcome<Page<SendingView>>> + Send;

    /// How an address is marked that sends mail.
    fn sending_at(&self, who: Standing, address: String)
    -> impl Future<Output = Outcome<SendingView>> + Send;

    /// The request for PTRs to whoever holds addresses.
    fn request_text(
        &self,
        who: Standing,
        filter: RequestTextFilter,
    ) -> impl Future<Output = Outcome<RequestText>> + Send;

    /// The PTR RRset of an address.
    fn ptr(&self, who: Standing, address: String) -> impl Future<Output = Outcome<PtrView>> + Send;

    /// Reads the change log, newest first. `next` of the page is what `before` takes.
    fn log(&self, who: Standing, filter: LogFilter)
    -> impl Future<Output = Outcome<Page<ChangeView>>> + Send;

    /// A change of the log, without its edits.
    fn logged(&self, who: Standing, change: u64) -> impl Future<Output = Outcome<ChangeDetail>> + Send;

    /// The edits of a change: a line of JSON ([`ptrd_api::EditView`]) for each row.
    fn edits(&self, who: Standing, change: u64) -> impl Future<Output = Outcome<TextStream>> + Send;

    /// How two points of the log differ: a line of JSON ([`ptrd_api::EditView`]) for each row.
    fn diff(&self, who: Standing, filter: DiffFilter) -> impl Future<Output = Outcome<TextStream>> + Send;

    /// A copy of the store as it is now, made while changes go on.
    fn backup(&self, who: Standing) -> impl Future<Output = Outcome<Backup>> + Send;

    /// How the daemon is. Must answer when the store does not.
    fn status(&self, who: Standing) -> impl Future<Output = Outcome<StatusView>> + Send;

    /// Reads the configuration again and applies what can change while the daemon runs, or, with `dry_run`, says what
    /// would come of it. On `Err` everything is as it was.
    fn reload(&self, by: Caller, dry_run: bool) -> impl Future<Output = Outcome<Reloaded>> + Send;

    /// Lists NS sets.
    fn ns_sets(
        &self,
        who: Standing,
        filter: SetFilter,
    ) -> impl Future<Output = Outcome<Page<NsSetView>>> + Send;

    /// The NS set of this name.
    fn ns_set(&self, who: Standing, name: String) -> impl Future<Output = Outcome<NsSetView>> + Send;

    /// Lists SOA templates.
    fn soa_templates(
        &self,
        who: Standing,
        filter: SetFilter,
    ) -> impl Future<Output = Outcome<Page<SoaTemplateView>>> + Send;

    /// The SOA template of this name.
    fn soa_template(
        &self,
        who: Standing,
        name: String,
    ) -> impl Future<Output = Outcome<SoaTemplateView>> + Send;

    /// Lists who may do more with zones than ask.
    fn access(
        &self,
        who: Standing,
        filter: AccessFilter,
    ) -> impl Future<Output = Outcome<Page<AccessView>>> + Send;

    /// Lists who holds names of companion zones besides their owners.
    fn name_grants(
        &self,
        who: Standing,
        filter: NameGrantFilter,
    ) -> impl Future<Output = Outcome<Page<NameGrantView>>> + Send;

    /// Lists keys, without their secrets.
    fn keys(&self, who: Standing, filter: KeyFilter) -> impl Future<Output = Outcome<Page<KeyView>>> + Send;

    /// The key of this name, with its secret.
    fn key(&self, who: Standing, name: String) -> impl Future<Output = Outcome<KeyDetail>> + Send;

    /// Lists who is told of changes of zones.
    fn notify(
        &self,
        who: Standing,
        filter: NotifyFilter,
    ) -> impl Future<Output = Outcome<Page<NotifyView>>> + Send;

    /// How it stands with the telling.
    fn notify_status(
        &self,
        who: Standing,
        filter: NotifyStatusFilter,
    ) -> impl Future<Output = Outcome<Page<NotifyStatusView>>> + Send;

    /// How this server and its standbys, or its primary, stand to each other.
    fn standby(&self, who: Standing) -> impl Future<Output = Outcome<StandbyView>> + Send;

    /// Lets a standby follow, or says why not.
    fn standby_hello(&self, hello: StandbyHello) -> impl Future<Output = Outcome<StandbyWelcome>> + Send;

    /// The changes after one. Waits for them, as long as the standby does. To ask says that all up to that one are durable
    /// there.
    fn standby_changes(&self, filter: StandbyFilter) -> impl Future<Output = Outcome<Changes>> + Send;

    /// Takes the primary's place, or, with `dry_run`, says what would come of it.
    fn promote(
        &self,
        by: Caller,
        write: PromoteWrite,
        dry_run: bool,
    ) -> impl Future<Output = Outcome<ChangeDone>> + Send;

    /// Lists catalogs of zones.
    fn catalogs(
        &self,
        who: Standing,
        filter: CatalogFilter,
    ) -> impl Future<Output = Outcome<Page<CatalogView>>> + Send;

    /// The catalog with this apex.
    fn catalog(&self, who: Standing, apex: String) -> impl Future<Output = Outcome<CatalogView>> + Send;

    /// Lists the zones that a catalog lists.
    fn catalog_members(
        &self,
        who: Standing,
        apex: String,
        filter: CatalogFilter,
    ) -> impl Future<Output = Outcome<Page<CatalogMemberView>>> + Send;

    /// All figures, in the text format of Prometheus, and its content type. Must answer when the store does not.
    fn metrics(&self, who: Standing) -> impl Future<Output = Outcome<(String, &'static str)>> + Send;

    /// What new zones start with.
    fn defaults(&self, who: Standing) -> impl Future<Output = Outcome<DefaultsView>> + Send;
}

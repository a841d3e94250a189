//! The JSON types that the admin socket and its clients share.
//!
//! Names, addresses and ranges are text here; the daemon reads them at its edge and says what is wrong with them.
//! Field names are those of SQL, configuration and output. Unknown fields are refused.

mod access;
mod block;
mod catalog;
mod change;
mod fcrdns;
mod files;
mod filter;
mod follow;
mod history;
mod key;
mod lint;
mod map;
mod moving;
mod name_grant;
mod notify;
mod posture;
mod problem;
mod rrsets;
mod search;
mod sending;
mod sets;
mod standby;
mod token;
mod view;

pub use access::{AccessFilter, AccessView, AccessWrite};
pub use block::{BlockSetBody, Effect, MergeBody, PtrFate, RelabelBody, SplitBody, TransferBody};
pub use catalog::{
    CatalogAdd, CatalogFilter, CatalogFollowWrite, CatalogGroupBody, CatalogGroupWrite, CatalogMemberView,
    CatalogRule, CatalogSet, CatalogSetBody, CatalogUnfollowBody, CatalogView, CatalogZones,
    FollowedCatalogView, MembersFate, ZoneCatalogView,
};
pub use change::{
    BlockAdd, ChangeDone, ChangeRequest, DefaultsSet, DelegationKind, NameserverSpec, PtrBody, PtrFill,
    PtrImportOptions, PtrStep, PtrWrite, REPORT_LEFT_OUT, RecordWrite, ReportLine, ZoneImportOptions,
    ZoneStep,
};
pub use fcrdns::{
    CheckBody, CheckFilter, CheckView, Confirmation, ConfirmationState, PendingFilter, PendingView,
    TransitionView,
};
pub use files::{BadBundle, Bundle, BundleReader};
pub use filter::{
    BlockFilter, DEFAULT_LOG_PAGE, DEFAULT_PAGE, LogFilter, MAX_PAGE, PtrFilter, RecordFilter, TenantFilter,
    ZoneFilter,
};
pub use follow::{
    CompareView, CompareWrite, FollowView, FollowWrite, PrimarySpec, RefreshBody, RrsetDifference,
    TransferInWrite,
};
pub use history::{
    BlockRow, ChangeDetail, DiffFilter, EditView, LogPrune, NsSetRow, PtrRow, RecordRow, SendingRow,
    SoaTemplateRow, ZoneRow,
};
pub use key::{KeyDetail, KeyFilter, KeyView, KeyWrite, LISTED_ACCESS, Secret};
pub use lint::{FindingView, LintFilter, LintView, LintedName};
pub use map::{ComputedName, MapFilter, MapPart, MapRun, MapView};
pub use moving::{
    DatabaseHead, MANIFEST, MAX_DATABASE_HEAD, ManifestZone, TenantRule, ZoneManifest, include_key,
};
pub use name_grant::{NameGrantFilter, NameGrantView, NameGrantWrite};
pub use notify::{
    NotifyFilter, NotifyNameservers, NotifyStatusFilter, NotifyStatusView, NotifyView, NotifyWrite,
};
pub use posture::{
    PostureBody, PostureCheck, PostureCounts, PostureDoubt, PostureFault, PostureFilter, PostureNote,
    PostureTenantFilter, PostureTenantView, PostureTurn, PostureView,
};
pub use problem::{LineError, Problem, code};
pub use rrsets::{RrsetWrite, RrsetsWrite, ZoneMake};
pub use search::{SearchFilter, SearchHit, SearchRecord};
pub use sending::{
    RequestText, RequestTextFilter, SENDING_COLUMNS, SendingBody, SendingClear, SendingFilter,
    SendingImportOptions, SendingView, SendingWrite,
};
pub use sets::{
    NewName, NsSetView, NsSetWrite, SetFilter, SoaTemplateView, SoaTemplateWrite, ZoneSet, ZoneStart,
};
pub use standby::{
    AcknowledgedBy, PrimaryView, PromoteWrite, StandbyFilter, StandbyHello, StandbyPosition, StandbyView,
    StandbyWelcome,
};
pub use token::{NoTokenId, TokenFilter, TokenId, TokenMade, TokenView, TokenWrite};
pub use view::{
    BlockView, ChangeView, DefaultsView, FormerView, Page, ParentRecords, PtrView, RecordView, Reloaded,
    SettingChange, StatusView, TenantView, ZoneView,
};

/// Header that carries the reason for a change into the log.
pub const REASON_HEADER: &str = "ptrd-reason";
/// Header with a key: whoever asks for a change again with the same key within a day is answered the same, and changes nothing.
pub const IDEMPOTENCY_HEADER: &str = "idempotency-key";
/// Header that says which change is the newest in a backup.
pub const CHANGE_HEADER: &str = "ptrd-change";
/// Where the daemon listens unless told otherwise.
pub const DEFAULT_SOCKET: &str = "/run/ptrd/admin.sock";

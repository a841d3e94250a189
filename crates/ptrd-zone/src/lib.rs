//! The immutable snapshot that queries read, and the projection of blocks into zones.
//!
//! No I/O, no clock, no lock. The change road builds a snapshot, queries read it; nothing is ever altered in place.

mod access;
mod apex;
mod audience;
pub mod catalog;
mod companion;
mod declared;
mod derived;
mod diff;
mod follow;
mod held;
pub mod model;
mod named;
mod names;
mod page;
mod project;
mod ptrs;
mod ranges;
mod reproject;
mod sending;
mod sets;
mod signed;
mod snapshot;
mod sorted;
mod splice;
mod standing;
mod stated;
mod template;
mod tree;
mod v4;
mod v6;
mod walk;
mod zone;

pub use access::{Access, Action, BadAction, Grant, Peer, Scope};
pub use apex::{ApexChange, GivenNs, resolve_apex};
pub use audience::{Audience, Listed};
pub use companion::{
    Backed, Backers, Backing, BackingChange, Families, Hidden, HiddenAddresses, MOST_ADDRESSES,
    MOST_PATTERNS, NameGrants, NamedAddresses, Patterns, backings_anew, ends_zone, fill_companions, patterns,
};
pub use declared::{Declared, ZoneMeta};
pub use derived::{Cut, Derived, Exception, ExceptionRange};
pub use diff::{
    Bookmark, Condenser, Difference, Malformed, Mismatch, Record, RecordList, Records, Step, TooLarge,
    Uncondensed, diff, diff_in,
};
pub use follow::{
    Followed, Follows, Outage, Primary, Pulled, PulledRecord, PulledStep, PulledZone, Security,
};
pub use held::Held;
pub use named::{Computed, MOST_EXPANDED, Named, Renamed};
pub use names::{NameTree, NodeRef, RrSetChange, RrSetRef};
pub use page::{PageAhead, PtrRef, TargetRef};
pub use project::{VERSION as PROJECTION_VERSION, delegation_tiles, project};
pub use ptrs::{PtrEdit, PtrEdits, PtrSet, pack_names};
pub use reproject::{Outcome, Touch, reproject, touched_by_block};
pub use sending::Sending;
pub use signed::{Denial, Denials, Deny, MAX_ITERATIONS, NotWhole, Signing};
pub use snapshot::{AddressLoader, Addresses, PtrChange, Snapshot, Workspace};
pub use stated::{
    BadStatement, Form, MOST_STATEMENTS, STATEMENT, STATEMENT_TTL, STATEMENT_VERSION, Statements,
};
pub use template::{BadSpelling, BadTemplate, Template, translate as translate_template};
pub use walk::{Data, Shown, Walk};
pub use zone::{AddressPtr, CatalogKind, CutRecords, CutRef, Found, Node, View, Zone};

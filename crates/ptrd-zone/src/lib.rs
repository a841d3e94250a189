//! The immutable snapshot that queries read, and the projection of blocks into zones.
//!
//! No I/O, no clock, no lock. The change road builds a snapshot, queries read it; nothing is ever altered in place.

mod apex;
mod declared;
pub mod model;
mod names;
mod page;
mod project;
mod ptrs;
mod sets;
mod snapshot;
mod splice;
mod standing;
mod tree;
mod v4;
mod v6;
mod zone;

pub use apex::{ApexChange, GivenNs, resolve_apex};
pub use declared::{Declared, ZoneMeta};
pub use names::{NameTree, NodeRef, RrSetChange, RrSetRef};
pub use page::{PageAhead, PtrRef, TargetRef};
pub use project::{VERSION as PROJECTION_VERSION, affected_by_block, delegation_tiles, project};
pub use ptrs::{PtrEdit, PtrEdits, PtrSet, pack_names};
pub use snapshot::{AddressLoader, Addresses, PtrChange, Snapshot, Workspace};
pub use zone::{Cut, CutRecords, CutRef, Derived, Exception, ExceptionRange, Found, Node, View, Zone};

//! The one road for changes: authorise, validate, plan, commit, publish.
//!
//! A request is read on its caller's time ([`Road::change`] and the imports). One writer thread takes what has gathered,
//! authorises and plans each against what is there by then, and writes all of it in one transaction; then it publishes,
//! then it answers. All that can fail fails before the commit; a change that was acknowledged is durable and visible.
//! When the store fails, what was planned is dropped and DNS goes on from the last snapshot.
//!
//! Queries meet changes in one place only: the published [`ptrd_zone::Snapshot`].
//!
//! Whoever only wants to see works on a [`View`], which never waits for the writer.
//!
//! - RFC 1912 §2.2, RFC 1982 (serials rise with every change of what a zone shows)
//! - RFC 2136 §3 (DNS UPDATE)
//! - RFC 2181 §5, §10.1; RFC 1034 §3.6.2; RFC 6672 §2.4 (what may stand together)
//! - RFC 2317, RFC 4183 (classless zones), RFC 1123 §2.1 and UTS 46 (host names)
//!
//! Planning on the callers' threads with a check for conflicts at commit was the other way: it needs a notion of what
//! two changes have in common, and planning takes microseconds where the commit takes milliseconds.

mod adopt;
mod apex;
mod authorise;
mod batch;
mod block;
mod block_change;
mod carry_over;
mod checks;
mod classless;
mod compare;
mod consumer;
mod defaults;
mod delegate;
mod deltas;
mod diff;
mod effects;
mod evidence;
mod examine;
mod fcrdns;
mod fellow;
mod fill;
mod fleet;
mod follow;
mod freshness;
mod gained;
mod gather;
mod gathered;
mod generic;
mod handover;
mod history;
mod import;
mod load;
mod make;
mod moving;
mod name_rules;
mod names;
mod observed;
mod once;
mod order;
mod outbox;
mod pending;
mod place;
mod plan;
mod post;
mod powerdns_kind;
mod problem;
mod promise;
mod promote;
mod prune;
mod ptr;
mod publish;
mod pull;
mod reading;
mod record;
mod relabel;
mod replay;
mod request;
mod request_text;
mod resell;
mod restore;
mod rights;
mod road;
mod rollback;
mod rrsets;
mod rules;
mod sending;
mod sending_csv;
mod serial;
mod sets;
mod sight;
mod signed;
mod split;
mod standbys;
mod standing;
mod suspend;
mod tenant;
mod token;
mod touched;
mod transfer;
mod unblock;
mod undo;
mod update;
mod version;
mod view;
mod view_block;
mod view_edit;
mod view_map;
mod view_posture;
mod view_record;
mod view_search;
mod view_sending;
mod view_sets;
mod watched;
mod writer;
mod zone;
mod zone_set;

pub use authorise::{Caller, Role};
pub use checks::{Checked, Failing};
pub use compare::Other;
pub use consumer::{Consumption, Consumptions};
pub use diff::Edits;
pub use evidence::{Asked, Finding, Forward, Nobody};
pub use examine::check_store;
pub use fleet::read_primary;
pub use freshness::Fresh;
pub use load::{Loaded, load};
pub use once::Once;
pub use pending::Waiting;
pub use post::{Lineage, Post};
pub use promote::Promotion;
pub use publish::{Published, View};
pub use restore::{By, Restore, RestoreDone, RestoreError};
pub use road::{Clock, Options, Road, RoadCounts, RoadStatus, StartError, SystemClock};
pub use standbys::Acknowledge;
pub use token::Bearer;
pub use update::{UpdateDone, UpdateRefusal, Updater};
pub use view::Export;
pub use view_posture::{Served, Watching, kind_of, subject_text};
pub use view_record::WholeZone;
pub use watched::Courses;

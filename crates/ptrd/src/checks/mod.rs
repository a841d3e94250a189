//! Names that must resolve back: who asks resolvers, looks again from time to time, sets what waited, and tells others.
//!
//! What follows from an answer is judged in [`ptrd_posture`]; what becomes of a change, on the road. Here are the clock, the
//! resolvers and the pace. Queries know nothing of it.

mod look;
mod lookups;
mod task;
mod view;
mod webhook;

pub use look::{Looker, now};
pub use lookups::Lookups;
pub use task::Checker;
pub use view::{failing_of, look_now, show, views, whole};
pub use webhook::Webhook;

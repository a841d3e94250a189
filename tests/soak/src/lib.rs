//! A soak: `ptrd serve` under queries, changes, reloads, restarts and kills for a stated time, and a judge that holds
//! every answer against the log.
//!
//! - [`Ground`]: what is there, cut into regions that do not depend on each other, and what is asked of it.
//! - [`Load`]: askers over UDP and TCP, changers on the admin socket, and the service that they meet.
//! - [`History`]: the log as rows over time; [`Truth`]: what was to be answered after any change of it, by the test
//!   kit's reference.
//! - [`judge`]: what was seen and acknowledged, held against both. It is pure, and tested with made-up histories.
//! - [`Memory`]: samples of the process, and whether it grew.
//!
//! It refuses to believe clients: what they think they changed only says when a change can have become visible, and
//! what must be in the log. It asserts no times: a window is as long as it was.

mod aftermath;
mod asker;
mod changer;
mod ground;
mod history;
mod judge;
mod load;
mod memory;
mod plan;
mod random;
mod report;
mod service;
mod structure;
mod truth;
mod windows;

pub use asker::{Ask, Observation};
pub use changer::{Attempt, Outcome};
pub use ground::{Ground, Region};
pub use history::{Change, History};
pub use judge::{Evidence, Judgement, Violation, judge};
pub use load::{Events, Load, Run};
pub use memory::{Memory, Sample};
pub use plan::Plan;
pub use report::Report;
pub use truth::Truth;

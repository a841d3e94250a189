//! Watching: how it stands over time with what is looked at again and again, and when to look next.
//!
//! Told the time, it has no clock; told what was found, it asks nobody. So years of looking are tested as text.
//!
//! - [`Course`]: what stands, since when, and what was before. A fault, and its end, counts once a second look has confirmed it.
//! - [`Agenda`]: whose turn it is.
//! - [`Telling`], [`message`]: when others are told of what has changed, and in what words.
//! - what one look at a sending address comes to, and at the delegation of a zone: [`of_identity`], [`of_delegation`].

mod advice;
mod agenda;
mod course;
mod delegation;
mod identity;
mod message;
mod telling;

pub use advice::advice;
pub use agenda::{Agenda, interval};
pub use course::{Course, Doubt, Found, KEPT, Note, Stand, Turn};
pub use delegation::{DELEGATION_CHECKS, DelegationLook, of_delegation};
pub use identity::of_identity;
pub use message::{Kind, MOST_LISTED, Untold, message};
pub use telling::Telling;

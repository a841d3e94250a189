//! Regional Internet registries: which zones a block needs, what to send there, what a registry refuses and what to do
//! instead.
//!
//! Pure: text in, text out. Whoever calls brings the nameservers, the answers and the time. Nothing here is sent to anybody, and
//! no rule is looked up: they are the registries' published ones, and stand in one place so that a change is one line.
//!
//! - [`cut`]: the zones of a block, as this registry cuts them
//! - [`prepare`]: the objects, checked; RPSL for RIPE, APNIC and AFRINIC, XML for ARIN, a list for LACNIC
//! - [`check`]: what it looks at before it takes them
//! - [`submit`]: how they get there
//! - RFC 2317 and RFC 4183 (what stands in the place of objects below a /24), RFC 4034 §5 (DS)

pub mod check;
mod cut;
mod existing;
mod object;
mod parts;
mod registry;
mod render;
pub mod submit;

pub use cut::{Refusal, Zone, cut};
pub use existing::Existing;
pub use object::{Attributes, Delegation, Object, Prepared, prepare};
pub use parts::{Ds, Nserver};
pub use ptrd_wire::{AddrRange, Name};
pub use registry::Registry;

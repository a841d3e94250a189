//! Test messages with a mark: one for each sending address, and what came of each.
//!
//! A mark is 128 random bits, drawn by whoever sends; it stands in the message and its Message-ID, and is kept with the address
//! that the message was meant to leave from. Where a mark turns up, in a message that a mailbox kept, in a report of a
//! failure, in what `ptrd probe` recorded or a service answered, there is what was seen of that message: nobody else can know it.

mod account;
mod letter;
mod plan;
mod returned;

pub use account::{Account, AddressAccount, LetterAccount, Outcome};
pub use letter::{Mark, Marked};
pub use plan::{Sender, senders};
pub use returned::{Evidence, Kind, LARGEST_ANSWER, evidence, recorded};

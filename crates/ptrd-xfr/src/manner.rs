//! How a zone goes to a client: with its computed names one by one, or as statements to a secondary that reads them.
//!
//! A difference leads from the version that the client has, and must be of the form that this came in. What it has is told by
//! [`Offer::held`]; whether the version that it has had statements is told by those that there are now and the difference.

use crate::offer::Offer;
use crate::reply::Denied;
use ptrd_wire::{Rcode, ede};
use ptrd_zone::{Addresses, Form, MOST_EXPANDED, RecordList, STATEMENT, Step, Zone};

/// What a client is told that cannot have a zone.
const TOO_MANY: &str = "templates name more addresses than a transfer sends; a ptrd that reads statements of version 1 takes them";

/// See the module.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub form: Form,
    /// Whether what the client has has statements.
    held: bool,
    /// How many statements the zone has.
    stated: usize,
}

impl Manner {
    /// How a zone goes to a client that makes this offer, if it can.
    pub fn of(zone: &Zone, addresses: &Addresses, offer: Option<Offer>) -> Result<Manner, Denied> {
        let held = offer.is_some_and(|offer| offer.held);
        if let Some(statements) = offer.and_then(|_| zone.statements(addresses)) {
            return Ok(Manner { form: Form::Stated, held, stated: statements.len() });
        }
        if zone.is_expandable(addresses) {
            return Ok(Manner { form: Form::Records, held, stated: 0 });
        }
        Err(Denied(Rcode::REFUSED, ede::NOT_SUPPORTED, TOO_MANY))
    }

    /// Whether a difference leads from what the client has.
    pub fn suits(&self, step: &Step, zone: &Zone) -> bool {
        if self.form == Form::Records {
            return !self.held;
        }
        let count = |list: &RecordList| {
            let (mut records, mut count) = (list.records(), 0);
            // The apex comes first.
            while records.next_record().is_some_and(|record| record.owner == zone.apex().as_wire()) {
                count += usize::from(records.current().rtype == STATEMENT);
            }
            count
        };
        let (removed, added) = (count(step.difference.removed()), count(step.difference.added()));
        (self.stated + removed).checked_sub(added).is_some_and(|before| (before > 0) == self.held)
    }
}

/// What the log says of a zone that a client cannot have.
pub(crate) fn log_refusal(zone: &Zone, peer: std::net::IpAddr, is_ptrd: bool) {
    let apex = zone.apex();
    if is_ptrd {
        tracing::warn!(
            zone = %apex, %peer,
            "transfer refused: templates of blocks name more addresses in the zone than the {MOST_EXPANDED} whose names a \
             transfer sends, and in more ranges than statements are made for"
        );
    } else {
        tracing::warn!(
            zone = %apex, %peer,
            "transfer refused: templates of blocks name more addresses in the zone than the {MOST_EXPANDED} whose names a \
             transfer sends; a secondary that is a ptrd takes the templates instead"
        );
    }
}

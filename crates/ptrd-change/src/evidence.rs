//! What names resolve to, found out before a change is put on the road: the writer asks nobody, and judges by what comes
//! with the request.
//!
//! Names of zones that are served here are looked up in the snapshot; for others there is whoever the daemon gives
//! ([`Forward`]).

use crate::fcrdns::rules;
use crate::pending::PendingDeed;
use crate::publish::View;
use crate::request::Order;
use ptrd_posture::Lookup;
use ptrd_wire::{Family, Name, ip_to_bits};
use ptrd_zone::Held;
use ptrd_zone::model::FcrdnsRule;
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

/// A name in lower case, and the family of the addresses that are asked for.
pub type Asked = (Name, Family);

/// What was found, as far as it was by the deadline.
pub type Finding = Pin<Box<dyn Future<Output = Vec<(Asked, Lookup)>> + Send>>;

/// Finds the addresses of names that are not served here.
pub trait Forward: Send + Sync {
    /// What was found a moment ago. Does not block.
    fn known(&self, asked: &Asked) -> Option<Lookup>;

    /// Looks names up, many at a time, until a deadline of its own.
    fn look_up(&self, asked: Vec<Asked>) -> Finding;

    /// Begins to look names up, so that they are known in a moment. Does not block.
    fn begin(&self, asked: Vec<Asked>);

    /// For how long a PTR waits for its name to resolve, milliseconds.
    fn patience(&self) -> i64;
}

/// Where nobody can be asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nobody;

impl Forward for Nobody {
    fn known(&self, _: &Asked) -> Option<Lookup> {
        None
    }

    fn look_up(&self, _: Vec<Asked>) -> Finding {
        Box::pin(async { Vec::new() })
    }

    fn begin(&self, _: Vec<Asked>) {}

    fn patience(&self) -> i64 {
        7 * 86_400_000
    }
}

/// What comes with a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    found: Arc<HashMap<Asked, Lookup>>,
    /// For how long a PTR waits, milliseconds.
    pub patience: i64,
}

impl Evidence {
    pub fn new(found: HashMap<Asked, Lookup>, patience: i64) -> Evidence {
        Evidence { found: Arc::new(found), patience }
    }

    /// What is known of a name.
    pub fn of(&self, name: &Name, address: IpAddr) -> Option<&Lookup> {
        self.found.get(&(name.to_lowercase(), ip_to_bits(address).0))
    }
}

/// What the snapshot says of a name, where others do not know more.
pub(crate) fn held(view: &View, (name, family): &Asked) -> Option<Lookup> {
    Some(match view.snapshot.held_addresses(name)?.0 {
        Held::NoName => Lookup::NoName,
        Held::NoAddress => Lookup::NoAddress,
        Held::Addresses(mut addresses) => {
            addresses.retain(|address| ip_to_bits(*address).0 == *family);
            if addresses.is_empty() { Lookup::NoAddress } else { Lookup::Found(addresses) }
        }
    })
}

/// Whether names may have to be known for a request: cheap.
pub(crate) fn may_ask(view: &View, order: &Order) -> bool {
    match order {
        Order::Ptr(_) | Order::Batch(_) | Order::Update(_) | Order::Rrsets(_) | Order::ZoneMake(_) => {
            view.declared.fcrdns_blocks().next().is_some()
        }
        Order::Pending(deed) => matches!(deed, PendingDeed::Settle(_)),
        _ => false,
    }
}

/// Whether whoever asks waits until names have been looked up. Clients of DNS UPDATE and of other servers' interfaces do
/// not: they try again.
pub(crate) fn may_wait(order: &Order) -> bool {
    !matches!(order, Order::Update(_) | Order::Rrsets(_) | Order::ZoneMake(_))
}

/// What is known of the names that must be for a request, and those that are not.
pub(crate) fn sift(
    view: &View,
    order: &Order,
    forward: &dyn Forward,
) -> (HashMap<Asked, Lookup>, Vec<Asked>) {
    let (mut found, mut unknown) = (HashMap::new(), Vec::new());
    for asked in asked_by(view, order) {
        match held(view, &asked).or_else(|| forward.known(&asked)) {
            Some(lookup) => drop(found.insert(asked, lookup)),
            None => unknown.push(asked),
        }
    }
    (found, unknown)
}

/// The names that must be known for a request.
fn asked_by(view: &View, order: &Order) -> HashSet<Asked> {
    let mut asked = HashSet::new();
    match order {
        Order::Ptr(write) => {
            let names = write.targets().into_iter().flat_map(|set| set.to_names());
            if rules(&view.declared).at(write.address) != FcrdnsRule::Off {
                asked.extend(names.map(|name| (name.to_lowercase(), ip_to_bits(write.address).0)));
            }
        }
        Order::Batch(batch) => {
            let mut rules = rules(&view.declared);
            batch.each(|address, name| {
                if rules.at(address) != FcrdnsRule::Off
                    && let Ok(name) = Name::from_wire(name)
                {
                    asked.insert((name.to_lowercase(), ip_to_bits(address).0));
                }
            });
        }
        Order::Pending(PendingDeed::Settle(addresses)) => {
            for (address, names) in view.waiting_at(addresses) {
                asked.extend(names.into_iter().map(|name| (name.to_lowercase(), ip_to_bits(address).0)));
            }
        }
        // Which address an owner stands for is found out by the writer.
        Order::Update(order) => asked.extend(order.ptr_targets().flat_map(of_both)),
        Order::Rrsets(order) => asked.extend(order.ptr_targets().flat_map(of_both)),
        Order::ZoneMake(order) => asked.extend(order.ptr_targets().flat_map(of_both)),
        _ => {}
    }
    asked
}

fn of_both(name: Name) -> [Asked; 2] {
    [Family::V4, Family::V6].map(|family| (name.to_lowercase(), family))
}

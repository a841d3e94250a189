//! What names resolve to, found out before a change is put on the road: the writer asks nobody, and judges by what comes
//! with the request.
//!
//! Names of zones that are served here are looked up in the snapshot; for others there is whoever the daemon gives
//! ([`Forward`]).

use crate::authorise::{Caller, authorise};
use crate::fcrdns::rules;
use crate::pending::PendingDeed;
use crate::plan::{Plan, State};
use crate::promise::Promises;
use crate::publish::View;
use crate::request::{Order, Request};
use ptrd_posture::Lookup;
use ptrd_wire::{Family, Name, ip_to_bits};
use ptrd_zone::model::FcrdnsRule;
use ptrd_zone::{Held, Workspace};
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
    /// What was found besides.
    pub fn add(&mut self, found: Vec<(Asked, Lookup)>) {
        Arc::make_mut(&mut self.found).extend(found);
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
fn may_wait(order: &Order) -> bool {
    !matches!(order, Order::Update(_) | Order::Rrsets(_) | Order::ZoneMake(_))
}

/// From how many unknown names on a request does not wait for them, if nothing but a warning hangs on it: whoever sets a /16
/// has the warnings from the checks that come after it.
const WAITED_FOR: usize = 1_024;

/// Brings a request what is known of the names that it is to be judged by. Others are given back, where it waits until they
/// have been looked up; where it does not, that begins, for the next try.
pub(crate) fn sift(
    view: &View,
    caller: &Caller,
    request: &mut Request,
    forward: &dyn Forward,
    now: i64,
) -> Vec<Asked> {
    let (mut found, mut unknown) = (HashMap::new(), Vec::new());
    let (asked, decides) = asked_by(&view.state(), caller, request, now);
    for asked in asked {
        match held(view, &asked).or_else(|| forward.known(&asked)) {
            Some(lookup) => drop(found.insert(asked, lookup)),
            None => unknown.push(asked),
        }
    }
    request.evidence = Evidence { found: Arc::new(found), patience: forward.patience() };
    let waits = may_wait(&request.order) && (decides || unknown.len() <= WAITED_FOR);
    if !waits && !unknown.is_empty() {
        forward.begin(std::mem::take(&mut unknown));
    }
    unknown
}

/// The names that must be known for a request, and whether more than a warning hangs on any. What its caller may not do,
/// nobody is asked for: refusing it is for the writer, and nobody makes this server look names up for addresses of others.
fn asked_by(state: &State, caller: &Caller, request: &Request, now: i64) -> (HashSet<Asked>, bool) {
    let (mut asked, mut decides) = (HashSet::new(), false);
    let Ok(authorised) = authorise(caller, request, state, now) else { return (asked, decides) };
    let mut workspace = Workspace::default();
    let mut plan = Plan::new(state, now, &mut workspace);
    let mut rules = rules(&state.declared);
    let mut promises = Promises::new(&state.declared, &state.snapshot);
    let is_settling = matches!(request.order, Order::Pending(_));
    request.order.ptr_targets(&mut plan, authorised.rights(), &mut |address, name| {
        // What waits does so until it resolves, whatever the rule is by now.
        let rule = if is_settling { FcrdnsRule::Require } else { rules.at(address) };
        if rule != FcrdnsRule::Off
            && let Ok(name) = Name::from_wire(name)
            && !promises.make(address, &name)
        {
            decides |= rule != FcrdnsRule::Warn;
            asked.insert((name.to_lowercase(), ip_to_bits(address).0));
        }
    });
    (asked, decides)
}

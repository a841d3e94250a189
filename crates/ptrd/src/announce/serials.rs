//! What secondaries have: the serials that they answered with when they were asked, whoever was told of what.

use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// Of how many pairs of a zone and a secondary something is kept.
const MOST: usize = 200_000;
/// Zones that may wait to be asked for because somebody looks at them.
const WANTED: usize = 256;
/// What is younger than this is not asked for because somebody looks.
const FRESH: Duration = Duration::from_secs(20);
/// For so long a secondary may have another serial without being behind: it has just been told.
const LAG: Duration = Duration::from_secs(60);

/// What a secondary said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The nameserver, where it is told as one.
    pub nameserver: Option<String>,
    /// The serial here when it was asked.
    pub ours: Serial,
    /// The serial that it has, or why that is not known.
    pub theirs: Result<Serial, String>,
    /// When it was asked.
    pub at: Instant,
    /// Since when it has had another serial, or has not said one.
    pub differs: Option<Instant>,
}

impl Heard {
    /// Whether it is worth a look: it has had another serial than ours for longer than a transfer takes.
    pub fn is_behind(&self) -> bool {
        self.differs.is_some_and(|since| self.at.saturating_duration_since(since) >= LAG)
    }
}

/// See the module. A clone shows the same.
#[derive(Clone, Default)]
pub struct Serials(Arc<Shared>);

#[derive(Default)]
struct Shared {
    heard: Mutex<BTreeMap<(ZoneId, SocketAddr), Heard>>,
    wanted: Mutex<BTreeSet<ZoneId>>,
    news: Notify,
}

/// The least of pairs with this zone.
fn start(zone: ZoneId) -> (ZoneId, SocketAddr) {
    (zone, SocketAddr::from(([0, 0, 0, 0], 0)))
}

impl Serials {
    fn heard(&self) -> MutexGuard<'_, BTreeMap<(ZoneId, SocketAddr), Heard>> {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wanted(&self) -> MutexGuard<'_, BTreeSet<ZoneId>> {
        self.0.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the secondaries of a zone said.
    pub fn of(&self, zone: ZoneId) -> BTreeMap<SocketAddr, Heard> {
        let heard = self.heard();
        let of = heard.range(start(zone)..).take_while(|((of, _), _)| *of == zone);
        of.map(|((_, address), heard)| (*address, heard.clone())).collect()
    }

    /// The next zone behind this one of which anything is known.
    pub fn zone_after(&self, zone: Option<ZoneId>) -> Option<ZoneId> {
        let from = zone.map_or(Some(0), |zone| zone.0.checked_add(1))?;
        self.heard().range(start(ZoneId(from))..).next().map(|((zone, _), _)| *zone)
    }

    /// Somebody looks at a zone: what is known of it is brought up to date, a little later.
    pub fn want(&self, zone: ZoneId, known: &BTreeMap<SocketAddr, Heard>) {
        let is_fresh = !known.is_empty() && known.values().all(|heard| heard.at.elapsed() < FRESH);
        if is_fresh {
            return;
        }
        let mut wanted = self.wanted();
        if wanted.len() < WANTED && wanted.insert(zone) {
            self.0.news.notify_one();
        }
    }

    /// Waits until somebody looks at a zone. For one caller at a time.
    pub(super) async fn is_wanted(&self) {
        self.0.news.notified().await;
    }

    pub(super) fn take_wanted(&self) -> Option<ZoneId> {
        self.wanted().pop_first()
    }

    /// What was heard of a zone's secondaries takes the place of what was heard before.
    pub(super) fn put(&self, zone: ZoneId, said: Vec<(SocketAddr, Heard)>) {
        let mut heard = self.heard();
        let known: Vec<_> =
            heard.range(start(zone)..).take_while(|((of, _), _)| *of == zone).map(|(key, _)| *key).collect();
        let mut before: BTreeMap<_, _> =
            known.into_iter().filter_map(|key| Some((key.1, heard.remove(&key)?))).collect();
        for (address, mut new) in said {
            if heard.len() >= MOST {
                break;
            }
            let differs = new.theirs != Ok(new.ours);
            let since = before.remove(&address).and_then(|old| old.differs);
            new.differs = differs.then(|| since.unwrap_or(new.at));
            heard.insert((zone, address), new);
        }
    }

    /// Forgets zones that are gone.
    pub(super) fn retain(&self, is_there: impl Fn(ZoneId) -> bool) {
        self.heard().retain(|(zone, _), _| is_there(*zone));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(ours: u32, theirs: Result<u32, &str>, at: Instant) -> Heard {
        let theirs = theirs.map(Serial).map_err(str::to_owned);
        Heard { nameserver: None, ours: Serial(ours), theirs, at, differs: None }
    }

    #[test]
    fn one_that_has_just_been_told_is_not_behind_yet() {
        let (serials, begun) = (Serials::default(), Instant::now());
        let (zone, at) = (ZoneId(7), SocketAddr::from(([192, 0, 2, 53], 53)));
        let put = |ours, theirs, later: u64| {
            let said = heard(ours, theirs, begun + Duration::from_secs(later));
            serials.put(zone, vec![(at, said)]);
            let known = serials.of(zone).remove(&at).expect("it was asked");
            (known.differs.is_some(), known.is_behind())
        };
        assert_eq!(put(2, Ok(2), 0), (false, false));
        assert_eq!(put(3, Ok(2), 10), (true, false));
        assert_eq!(put(3, Ok(2), 69), (true, false));
        assert_eq!(put(3, Err("no answer"), 71), (true, true), "since it had another one");
        assert_eq!(put(3, Ok(3), 80), (false, false));
        assert_eq!(put(3, Ok(4), 200), (true, false), "one that is ahead is another one too");
    }

    #[test]
    fn what_is_known_is_found_by_zone_and_goes_with_it() {
        let serials = Serials::default();
        let six = "[2001:db8::53]:53".parse().expect("an address");
        let four = SocketAddr::from(([192, 0, 2, 53], 53));
        let said = |address| (address, heard(1, Ok(1), Instant::now()));
        serials.put(ZoneId(1), vec![said(four), said(six)]);
        serials.put(ZoneId(3), vec![said(six)]);
        assert_eq!(
            [None, Some(ZoneId(1)), Some(ZoneId(3))].map(|zone| serials.zone_after(zone)),
            [Some(ZoneId(1)), Some(ZoneId(3)), None]
        );
        assert_eq!(serials.of(ZoneId(1)).len(), 2);
        assert_eq!(serials.of(ZoneId(2)).len(), 0);
        serials.put(ZoneId(1), vec![said(six)]);
        assert_eq!(serials.of(ZoneId(1)).into_keys().collect::<Vec<_>>(), [six], "one is told no longer");
        serials.retain(|zone| zone != ZoneId(1));
        assert_eq!(serials.zone_after(None), Some(ZoneId(3)));
        serials.want(ZoneId(3), &serials.of(ZoneId(3)));
        assert_eq!(serials.take_wanted(), None, "it was asked a moment ago");
        serials.want(ZoneId(2), &BTreeMap::new());
        assert_eq!((serials.take_wanted(), serials.take_wanted()), (Some(ZoneId(2)), None));
    }
}

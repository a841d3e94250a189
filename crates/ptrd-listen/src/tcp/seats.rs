//! Who is connected, for how long without an answer, and who gives way when there is no room.
//!
//! The one that was answered longest ago gives way, its own network's first when that has its full share. Octets that
//! are no whole query do not count, so whoever dribbles gives way before whoever asks; and a newcomer that asks at once
//! is answered however many others sit there.
//!
//! There may be fewer seats to give than there are: when the system has no descriptor for one more connection, as many
//! as there were is what there is room for, and newcomers replace others from then on; with time more are tried again.
//!
//! Times are kept in a row beside the table, each written by its connection alone, so that the thousands of them can
//! be looked through for every newcomer.

use super::Front;
use crate::limits::Limits;
use ptrd_wire::{AddrRange, Family, ip_to_bits};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Poll, Waker};

/// When a connection was answered last, and when its time is over: milliseconds since the start.
#[derive(Default)]
#[repr(align(64))]
struct Times {
    active: AtomicU64,
    deadline: AtomicU64,
}

/// Tells a connection's task to end.
#[derive(Default)]
struct Bell {
    rung: AtomicBool,
    waker: OnceLock<Waker>,
}

impl Bell {
    fn ring(&self) {
        self.rung.store(true, Relaxed);
        if let Some(waker) = self.waker.get() {
            waker.wake_by_ref();
        }
    }
}

struct Taken {
    peer: IpAddr,
    network: AddrRange,
    bell: Arc<Bell>,
}

#[derive(Default)]
struct Table {
    taken: Vec<Option<Taken>>,
    /// Seats without a connection; the last one is given first, so that low ones are reused.
    free: Vec<usize>,
    networks: HashMap<AddrRange, usize>,
    /// Seats that may be taken at a time, and by one network.
    limit: usize,
    per_network: usize,
    /// The limit, or less where the system gave out.
    open: usize,
    /// Lengths of the prefixes that make networks, of IPv4 and of IPv6.
    prefixes: (u8, u8),
}

/// All seats: room for as many as may ever be taken without a restart.
pub(super) struct Seats {
    times: Box<[Times]>,
    table: Mutex<Table>,
}

/// Room is kept for at least so many, so that a limit can be raised while connections are open. 64 octets and some each.
const ROOM: usize = 4096;

/// A seat given to a connection.
pub(super) struct Place {
    index: usize,
    bell: Arc<Bell>,
}

impl Seats {
    pub(super) fn new(limits: &Limits) -> Seats {
        let open = limits.connections.max(1);
        let room = open.max(ROOM);
        let table = Table {
            taken: (0..room).map(|_| None).collect(),
            free: (0..room).rev().collect(),
            networks: HashMap::new(),
            limit: open,
            per_network: limits.connections_per_network.clamp(1, open),
            open,
            prefixes: (limits.ipv4_prefix, limits.ipv6_prefix),
        };
        Seats { times: (0..room).map(|_| Times::default()).collect(), table: Mutex::new(table) }
    }

    /// From now on so many seats, as far as there is room. Whoever sits on one too many, and was answered longest ago,
    /// leaves. Returns how many seats there are, and how many had to leave.
    pub(super) fn set(&self, limits: &Limits, now: u64) -> (usize, u64) {
        let mut table = self.table();
        table.limit = limits.connections.clamp(1, self.times.len());
        table.open = table.limit;
        table.per_network = limits.connections_per_network.clamp(1, table.limit);
        table.regroup((limits.ipv4_prefix, limits.ipv6_prefix));
        let mut evicted = 0;
        while table.occupied() > table.open && self.evict(&mut table, now, None) {
            evicted += 1;
        }
        (table.open, evicted)
    }

    /// A seat, and whether somebody had to leave for it.
    pub(super) fn admit(&self, peer: IpAddr, now: u64, deadline: u64) -> (Place, bool) {
        let mut table = self.table();
        let network = network_of(peer, table.prefixes);
        let crowded = table.networks.get(&network).is_some_and(|&count| count >= table.per_network);
        let evicted = (crowded && self.evict(&mut table, now, Some(network)))
            || (table.occupied() >= table.open && self.evict(&mut table, now, None));
        // There is one: if there was none, somebody has just left. The last seat is the harmless wrong answer.
        let index = table.free.pop().unwrap_or(self.times.len() - 1);
        self.times[index].active.store(now, Relaxed);
        self.times[index].deadline.store(deadline, Relaxed);
        let bell = Arc::<Bell>::default();
        table.taken[index] = Some(Taken { peer, network, bell: bell.clone() });
        *table.networks.entry(network).or_default() += 1;
        (Place { index, bell }, evicted)
    }

    /// The system has no room for one more: ends some of the connections that were answered longest ago, and gives
    /// no more seats than are left then. Returns how many were ended.
    pub(super) fn shrink(&self, now: u64) -> u64 {
        let mut table = self.table();
        let spare = table.occupied().div_ceil(8);
        let evicted = (0..spare).filter(|_| self.evict(&mut table, now, None)).count();
        table.open = table.occupied().max(1);
        evicted as u64
    }

    /// Ends those whose time is over, and says how many. Some more seats may be taken afterwards.
    pub(super) fn expire(&self, now: u64) -> u64 {
        let mut table = self.table();
        table.open = (table.open + table.open.div_ceil(32)).min(table.limit);
        let mut expired = 0;
        for index in 0..table.taken.len() {
            if table.taken[index].is_some() && self.times[index].deadline.load(Relaxed) <= now {
                table.vacate(index).inspect(|taken| taken.bell.ring());
                expired += 1;
            }
        }
        expired
    }

    fn evict(&self, table: &mut Table, now: u64, network: Option<AddrRange>) -> bool {
        let candidates = table.taken.iter().enumerate().filter(|(_, seat)| {
            seat.as_ref().is_some_and(|taken| network.is_none_or(|network| taken.network == network))
        });
        let longest = candidates
            .map(|(index, _)| (now.saturating_sub(self.times[index].active.load(Relaxed)), index))
            .max_by_key(|&(idle, _)| idle);
        let Some((_, index)) = longest else { return false };
        table.vacate(index).inspect(|taken| taken.bell.ring());
        true
    }

    /// Gives a seat back, unless it was given to somebody else meanwhile.
    fn leave(&self, place: &Place) {
        let mut table = self.table();
        if table.taken[place.index].as_ref().is_some_and(|taken| Arc::ptr_eq(&taken.bell, &place.bell)) {
            table.vacate(place.index);
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn occupied(&self) -> usize {
        self.taken.len() - self.free.len()
    }

    /// Counts networks by prefixes of other lengths.
    fn regroup(&mut self, prefixes: (u8, u8)) {
        if self.prefixes == prefixes {
            return;
        }
        self.prefixes = prefixes;
        self.networks.clear();
        for taken in self.taken.iter_mut().flatten() {
            taken.network = network_of(taken.peer, prefixes);
            *self.networks.entry(taken.network).or_default() += 1;
        }
    }

    fn vacate(&mut self, index: usize) -> Option<Taken> {
        let taken = self.taken[index].take()?;
        self.free.push(index);
        if let Some(count) = self.networks.get_mut(&taken.network) {
            *count -= 1;
            if *count == 0 {
                self.networks.remove(&taken.network);
            }
        }
        Some(taken)
    }
}

/// The clients that share one allowance with this one.
fn network_of(peer: IpAddr, prefixes: (u8, u8)) -> AddrRange {
    let (family, bits) = ip_to_bits(peer);
    let length = match family {
        Family::V4 => prefixes.0,
        Family::V6 => prefixes.1,
    };
    AddrRange::of_prefix(family, bits, length)
}

/// A connection's hold on its seat. Dropping it gives the seat back.
pub(crate) struct Seat {
    place: Place,
    pub(crate) front: Arc<Front>,
}

impl Seat {
    pub(super) fn new(place: Place, front: Arc<Front>) -> Seat {
        Seat { place, front }
    }

    /// Whether the connection must end. The first call says whom to wake when that changes; a task's waker stays the
    /// same for its life.
    pub(super) fn is_lost(&self, waker: &Waker) -> bool {
        self.place.bell.waker.get_or_init(|| waker.clone());
        self.place.bell.rung.load(Relaxed)
    }

    /// Comes when the connection must end; to be awaited by one task alone.
    pub(crate) async fn lost(&self) {
        std::future::poll_fn(|cx| if self.is_lost(cx.waker()) { Poll::Ready(()) } else { Poll::Pending })
            .await;
    }

    /// Notes that the connection was answered just now, and has until then, if it asks nothing more.
    pub(crate) fn note_answer(&self, idle: u64) {
        let now = self.front.now();
        self.note_active(now);
        self.note_deadline(now + idle);
    }

    /// Notes when the connection was answered last.
    pub(crate) fn note_active(&self, active: u64) {
        self.times().active.store(active, Relaxed);
    }

    /// Notes when the connection's time is over.
    pub(crate) fn note_deadline(&self, deadline: u64) {
        self.times().deadline.store(deadline, Relaxed);
    }

    fn times(&self) -> &Times {
        &self.front.seats.times[self.place.index]
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.front.seats.leave(&self.place);
        self.front.cells.open.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn limits(connections: usize, connections_per_network: usize) -> Limits {
        Limits { connections, connections_per_network, ..Limits::for_descriptors(1024) }
    }

    fn seats(connections: usize, connections_per_network: usize) -> Seats {
        Seats::new(&limits(connections, connections_per_network))
    }

    fn rung(place: &Place) -> bool {
        place.bell.rung.load(Relaxed)
    }

    #[test]
    fn the_longest_idle_gives_way() {
        let seats = seats(3, 3);
        let (first, evicted) = seats.admit(ip("192.0.2.1"), 10, 1000);
        assert!(!evicted);
        let (second, _) = seats.admit(ip("198.51.100.1"), 20, 1000);
        let (third, _) = seats.admit(ip("2001:db8::1"), 30, 1000);
        seats.times[first.index].active.store(40, Relaxed);
        let (fourth, evicted) = seats.admit(ip("203.0.113.1"), 50, 1000);
        assert!(evicted && rung(&second) && !rung(&first) && !rung(&third));
        // The one that gave way leaves late, and must not take the newcomer's seat with it.
        seats.leave(&second);
        assert_eq!(seats.table().occupied(), 3);
        seats.leave(&fourth);
        assert_eq!(seats.table().occupied(), 2);
    }

    #[test]
    fn a_network_makes_room_for_its_own() {
        let seats = seats(8, 2);
        let (other, _) = seats.admit(ip("198.51.100.1"), 1, 1000);
        let (first, _) = seats.admit(ip("192.0.2.1"), 10, 1000);
        let (second, _) = seats.admit(ip("192.0.2.2"), 20, 1000);
        let (_third, evicted) = seats.admit(ip("192.0.2.3"), 30, 1000);
        assert!(evicted && rung(&first) && !rung(&other) && !rung(&second));
        assert_eq!(seats.table().networks[&network_of(ip("192.0.2.9"), (24, 56))], 2);
        seats.leave(&second);
        let (_fourth, evicted) = seats.admit(ip("192.0.2.3"), 30, 1000);
        assert!(!evicted);
    }

    #[test]
    fn seats_are_taken_away_and_added_while_people_sit() {
        let seats = seats(3, 3);
        let places: Vec<Place> = (1..=3).map(|n| seats.admit(ip("192.0.2.1"), n, 1000).0).collect();
        assert_eq!(seats.set(&limits(1, 5), 10), (1, 2));
        assert!(rung(&places[0]) && rung(&places[1]) && !rung(&places[2]));
        assert_eq!(seats.set(&limits(2, 2), 10), (2, 0));
        assert!(!seats.admit(ip("192.0.2.1"), 11, 1000).1);
        assert!(seats.admit(ip("192.0.2.1"), 12, 1000).1);
        assert_eq!(seats.set(&limits(usize::MAX, usize::MAX), 13).0, ROOM);
    }

    #[test]
    fn time_runs_out() {
        let seats = seats(2, 2);
        let (first, _) = seats.admit(ip("192.0.2.1"), 10, 100);
        let (second, _) = seats.admit(ip("192.0.2.1"), 10, 200);
        assert_eq!(seats.expire(99), 0);
        assert_eq!(seats.expire(100), 1);
        assert!(rung(&first) && !rung(&second));
        assert_eq!(seats.expire(1000), 1);
        assert!(seats.table().networks.is_empty());
        assert_eq!(seats.shrink(1000), 0);
    }

    #[test]
    fn where_the_system_gives_out_fewer_seats_are_given_for_a_while() {
        let seats = seats(100, 100);
        let mut places: Vec<_> = (0..20).map(|n| seats.admit(ip("192.0.2.1"), n + 1, 1000).0).collect();
        assert_eq!(seats.shrink(50), 3);
        assert!(places[..3].iter().all(rung) && !places[3..].iter().any(rung));
        let (place, evicted) = seats.admit(ip("192.0.2.1"), 50, 1000);
        assert!(evicted && rung(&places[3]), "17 are what there is room for");
        places.push(place);
        assert_eq!(seats.expire(60), 0);
        assert!(!seats.admit(ip("192.0.2.1"), 60, 1000).1, "one more is tried");
        assert!(seats.admit(ip("192.0.2.1"), 60, 1000).1);
        assert_eq!((0..200).map(|_| seats.expire(60)).sum::<u64>(), 0);
        assert_eq!(seats.table().open, 100);
        // Even with none left there is one to give.
        assert!((0..100).map(|_| seats.shrink(70)).sum::<u64>() >= 17);
        assert!(!seats.admit(ip("192.0.2.1"), 80, 1000).1);
    }

    #[test]
    fn networks_are_those_of_the_limits() {
        let network = |text: &str| network_of(ip(text), (24, 56));
        assert_eq!(network("192.0.2.1"), network("192.0.2.255"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8:0:100::1"), network("2001:db8:0:1ff::1"));
        assert_ne!(network("2001:db8:0:100::1"), network("2001:db8:0:200::1"));
        assert_ne!(network("0.0.0.0"), network("::"));
        let network = |text: &str| network_of(ip(text), (0, 128));
        assert_eq!(network("10.0.0.1"), network("192.0.2.1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8::2"));
    }

    #[test]
    fn networks_may_become_others_while_people_sit() {
        let seats = seats(8, 2);
        let (first, _) = seats.admit(ip("192.0.2.1"), 1, 1000);
        let (second, _) = seats.admit(ip("192.0.2.2"), 2, 1000);
        assert_eq!(seats.set(&Limits { ipv4_prefix: 32, ..limits(8, 2) }, 3), (8, 0));
        let (third, evicted) = seats.admit(ip("192.0.2.2"), 4, 1000);
        assert!(!evicted);
        let (_fourth, evicted) = seats.admit(ip("192.0.2.2"), 5, 1000);
        assert!(evicted && rung(&second) && !rung(&first) && !rung(&third));
        seats.leave(&first);
        assert!(!seats.table().networks.contains_key(&network_of(ip("192.0.2.1"), (32, 56))));
    }
}

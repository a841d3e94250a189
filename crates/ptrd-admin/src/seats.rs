//! Seats: how many connections there may be, in all and of one network.

use crate::rates::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Seats for connections, in all and for each network: an address of IPv4, a /64 of IPv6.
#[derive(Debug)]
pub struct Seats {
    all: Arc<Semaphore>,
    per_network: usize,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A taken seat. It is given back when it is dropped.
#[derive(Debug)]
pub struct Seat {
    network: IpAddr,
    taken: Arc<Mutex<HashMap<IpAddr, usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Seats {
    /// So many in all, and of each network.
    pub fn new(all: usize, per_network: usize) -> Seats {
        Seats { all: Arc::new(Semaphore::new(all)), per_network, taken: Arc::default() }
    }

    /// Takes one, if there is one for this address.
    pub fn take(&self, address: IpAddr) -> Option<Seat> {
        let permit = self.all.clone().try_acquire_owned().ok()?;
        let network = network(address);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.get(&network).copied().unwrap_or_default();
        if count >= self.per_network {
            return None;
        }
        taken.insert(network, count + 1);
        Some(Seat { network, taken: self.taken.clone(), _permit: permit })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_given_back() {
        let seats = Seats::new(3, 2);
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        let first = seats.take(ip("192.0.2.1")).expect("a seat");
        let _second = seats.take(ip("192.0.2.1")).expect("a seat");
        assert!(seats.take(ip("192.0.2.1")).is_none(), "no more for one");
        let _other = seats.take(ip("192.0.2.2")).expect("a seat for another");
        assert!(seats.take(ip("192.0.2.3")).is_none(), "no more at all");
        drop(first);
        assert!(seats.take(ip("192.0.2.1")).is_some());
    }
}

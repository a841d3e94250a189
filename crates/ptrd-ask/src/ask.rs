//! Many questions to many servers, each at its pace.

use crate::exchange::{Mode, Silence, exchange};
use crate::pace::{Pace, Turn, Went};
use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// How long to wait before who has refused is asked once more; twice as long the next time.
const PAUSE: Duration = Duration::from_millis(500);

/// How many servers have a pace of their own; when there are more, those that are not being asked begin anew.
const MOST_LANES: usize = 10_000;

/// What one server may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Questions a second to a server of others.
    pub rate: u32,
    /// Questions a second to one on this host or a private network.
    pub local_rate: u32,
    /// Questions that wait for an answer of one server.
    pub in_flight: usize,
    /// How long to wait for an answer.
    pub patience: Duration,
    /// How often a question is put at most, if nothing comes back or it is refused.
    pub tries: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { rate: 50, local_rate: 1_000, in_flight: 32, patience: Duration::from_secs(3), tries: 3 }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Asker {
    limits: Limits,
    lanes: Mutex<HashMap<SocketAddr, Arc<Lane>>>,
    began: Instant,
    sent: AtomicU64,
}

/// What is under way to one server.
#[derive(Debug)]
struct Lane {
    seats: Semaphore,
    pace: Mutex<Pace>,
}

impl Asker {
    /// With these limits for each server.
    pub fn new(limits: Limits) -> Asker {
        Asker { limits, lanes: Mutex::default(), began: Instant::now(), sent: AtomicU64::new(0) }
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How many questions were sent, to all servers.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Puts a question, at most `tries` times. SERVFAIL is an answer here: what to make of it depends on who says it.
    pub(crate) async fn ask(
        &self,
        server: SocketAddr,
        query: &Query,
        mode: Mode,
        tries: u32,
    ) -> Result<Message, Silence> {
        let lane = self.lane(server);
        // A semaphore that is never closed.
        let _seat = lane.seats.acquire().await;
        let mut pause = PAUSE;
        let mut left = tries.max(1);
        loop {
            left -= 1;
            let asked = self.once(&lane, server, query, mode).await;
            match &asked {
                Ok(reply) if reply.response_code == ResponseCode::Refused && left > 0 => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Err(Silence::Timeout | Silence::Broken(_)) if left > 0 => (),
                _ => return asked,
            }
        }
    }

    async fn once(
        &self,
        lane: &Lane,
        server: SocketAddr,
        query: &Query,
        mode: Mode,
    ) -> Result<Message, Silence> {
        let asking = async {
            let asked = exchange(server, query, mode, self.limits.patience).await;
            let went = match &asked {
                Ok(reply) => match reply.response_code {
                    ResponseCode::ServFail | ResponseCode::Refused => Some(Went::Badly),
                    _ => Some(Went::Well),
                },
                Err(Silence::Broken(_)) => Some(Went::Badly),
                // Nothing was sent, and it says nothing about the server.
                Err(Silence::NoRoute(_)) => None,
                Err(_) => Some(Went::Silent),
            };
            (asked, went)
        };
        self.turn(lane, asking).await.unwrap_or(Err(Silence::Aside))
    }

    /// Asks a server in another way when its turn has come; `None` where it is set aside. What asks says how it went.
    pub(crate) async fn in_turn<T>(
        &self,
        server: SocketAddr,
        asking: impl Future<Output = (T, Option<Went>)>,
    ) -> Option<T> {
        let lane = self.lane(server);
        let _seat = lane.seats.acquire().await;
        self.turn(&lane, asking).await
    }

    async fn turn<T>(&self, lane: &Lane, asking: impl Future<Output = (T, Option<Went>)>) -> Option<T> {
        let pace = || lane.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = pace().turn(self.began.elapsed());
        match turn {
            Turn::Aside => return None,
            Turn::At(at) => tokio::time::sleep_until(self.began + at).await,
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        let (asked, went) = asking.await;
        if let Some(went) = went {
            pace().went(self.began.elapsed(), went);
        }
        Some(asked)
    }

    fn lane(&self, server: SocketAddr) -> Arc<Lane> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = if is_near(server.ip()) { self.limits.local_rate } else { self.limits.rate };
        let seats = Semaphore::new(self.limits.in_flight.max(1));
        if lanes.len() >= MOST_LANES && !lanes.contains_key(&server) {
            lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
        }
        lanes
            .entry(server)
            .or_insert_with(|| Arc::new(Lane { seats, pace: Mutex::new(Pace::new(rate)) }))
            .clone()
    }
}

/// On this host, or on a network that is not the public one.
pub(crate) fn is_near(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private() || v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

impl Silence {
    /// In words, for people.
    pub(crate) fn said(&self, patience: Duration) -> String {
        match self {
            Silence::Timeout => format!("no answer within {} s", patience.as_secs_f32()),
            Silence::NoRoute(why) => format!("no way there from this host: {why}"),
            Silence::Broken(why) => why.clone(),
            Silence::Aside => "not asked any more, as it does not answer".to_owned(),
        }
    }
}

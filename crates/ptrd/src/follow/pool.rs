//! Connections to primaries that are kept for what is asked next, of the same zone or of another (RFC 7766 §6.2.1, RFC 9103 §6).
//!
//! A connection comes back only after an answer that was read to its end. Whoever takes one must expect that the primary has
//! closed it meanwhile. They are few, and kept for seconds: a primary with thousands of zones is asked over as many
//! connections as it is asked at a time.

use ptrd_listen::Connection;
use ptrd_zone::Primary;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// For how long one is kept that nobody takes. Servers close them after ten seconds and more.
const LONGEST: Duration = Duration::from_secs(4);
/// How many to one primary.
const MOST: usize = 8;

/// See the module. A clone is the same one.
#[derive(Clone, Default)]
pub struct Pool(Arc<Mutex<Idle>>);

#[derive(Default)]
struct Idle {
    /// By primary, its key aside: that signs messages, not connections.
    connections: HashMap<Primary, Vec<Kept>>,
    is_swept: bool,
}

struct Kept {
    since: Instant,
    connection: Box<dyn Connection>,
}

impl Idle {
    fn sweep(&mut self) {
        self.connections.values_mut().for_each(|idle| idle.retain(|kept| kept.since.elapsed() < LONGEST));
        self.connections.retain(|_, idle| !idle.is_empty());
    }
}

fn place(primary: &Primary) -> Primary {
    Primary { key: None, ..primary.clone() }
}

impl Pool {
    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection to a primary that was used last, if there is one.
    pub fn take(&self, primary: &Primary) -> Option<Box<dyn Connection>> {
        let mut idle = self.idle();
        let known = idle.connections.get_mut(&place(primary))?;
        while let Some(Kept { since, connection }) = known.pop() {
            if since.elapsed() < LONGEST {
                return Some(connection);
            }
        }
        None
    }

    /// Keeps a connection for a while.
    pub fn put(&self, primary: &Primary, connection: Box<dyn Connection>) {
        let mut idle = self.idle();
        let known = idle.connections.entry(place(primary)).or_default();
        if known.len() < MOST {
            known.push(Kept { since: Instant::now(), connection });
        }
        if !idle.is_swept {
            idle.is_swept = true;
            tokio::spawn(self.clone().sweep());
        }
    }

    /// Closes what nobody takes, until there is nothing left.
    async fn sweep(self) {
        loop {
            tokio::time::sleep(LONGEST).await;
            let mut idle = self.idle();
            idle.sweep();
            if idle.connections.is_empty() {
                idle.is_swept = false;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_zone::Security;
    use std::net::{Ipv4Addr, SocketAddr};

    fn primary(port: u16, key: Option<&str>) -> Primary {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let key = key.map(|key| key.parse().expect("a name"));
        Primary { address, key, security: Security::Plain }
    }

    fn connection() -> Box<dyn Connection> {
        Box::new(tokio::io::duplex(16).0)
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_kept_for_a_while_whatever_key_it_was_used_with() {
        let pool = Pool::default();
        assert!(pool.take(&primary(1, None)).is_none());
        pool.put(&primary(1, Some("k")), connection());
        assert!(pool.take(&primary(2, None)).is_none(), "that is another server");
        assert!(pool.take(&Primary { security: Security::Opportunistic, ..primary(1, None) }).is_none());
        assert!(pool.take(&primary(1, None)).is_some());
        assert!(pool.take(&primary(1, None)).is_none(), "one at a time has it");
        pool.put(&primary(1, None), connection());
        tokio::time::sleep(LONGEST * 2).await;
        assert!(pool.take(&primary(1, None)).is_none());
        assert!(pool.idle().connections.is_empty(), "closed without anybody asking");
    }

    #[tokio::test(start_paused = true)]
    async fn they_are_few() {
        let pool = Pool::default();
        (0..MOST * 2).for_each(|_| pool.put(&primary(1, None), connection()));
        assert_eq!(std::iter::from_fn(|| pool.take(&primary(1, None))).count(), MOST);
    }
}

//! What clients may take.

use std::fs;
use std::time::Duration;

/// What clients may take of TCP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time.
    pub connections: usize,
    /// Connections at a time from one network (/24, or /56 for IPv6).
    pub connections_per_network: usize,
    /// How long a client may take over its first query (RFC 7766 §6.2.3).
    pub first_query: Duration,
    /// How long a connection that has asked before may be idle. The engine's policy should advertise the same.
    pub idle: Duration,
    /// How long one message may take to arrive.
    pub message: Duration,
    /// How long a client may read nothing of an answer that waits for it. Reading slowly helps for ten times as long.
    pub write_stall: Duration,
    /// Octets that all connections together may leave in parts of messages and in answers unread. A connection that
    /// would need more is closed.
    pub parked: usize,
}

impl Limits {
    /// Limits for a process that may have so many file descriptors open: a quarter, and some, are left to others.
    pub fn for_descriptors(descriptors: usize) -> Limits {
        let connections = (descriptors / 4 * 3).saturating_sub(24).clamp(8, 4096);
        Limits {
            connections,
            connections_per_network: connections / 4,
            first_query: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            message: Duration::from_secs(5),
            write_stall: Duration::from_secs(5),
            parked: 32 << 20,
        }
    }
}

impl Default for Limits {
    /// Limits for what this process may have open.
    fn default() -> Limits {
        Limits::for_descriptors(open_files().unwrap_or(1024))
    }
}

/// The soft limit of open files. From `/proc`, since the standard library has no `getrlimit`.
fn open_files() -> Option<usize> {
    let text = fs::read_to_string("/proc/self/limits").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let soft = line.split_whitespace().next()?;
    Some(soft.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_descriptors_leave_room_for_others() {
        assert_eq!(Limits::for_descriptors(48).connections, 12);
        assert_eq!(Limits::for_descriptors(1024).connections, 744);
        assert_eq!(Limits::for_descriptors(usize::MAX).connections, 4096);
        assert!(Limits::default().connections >= 8);
        assert!(open_files().is_some_and(|files| files > 3));
    }
}

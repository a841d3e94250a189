//! What clients may take of TCP.
//!
//! Over TCP an address is proven, so nobody is limited in what he asks, only in what he holds: a seat, for how long
//! without asking, and memory for what he has not sent to the end or not read. Who holds too much goes, and when all
//! seats are taken the one that has asked nothing for longest makes room, in the newcomer's own network first.

use ptrd_engine::OutOfBounds;
use std::fs;
use std::time::Duration;

/// What clients may take of TCP; `[tcp]` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `connections`: at a time.
    pub connections: usize,
    /// `connections-per-network`: at a time from one network.
    pub connections_per_network: usize,
    /// `ipv4-prefix`: length of the prefix that makes a network.
    pub ipv4_prefix: u8,
    /// `ipv6-prefix`: the same for IPv6.
    pub ipv6_prefix: u8,
    /// `first-query-timeout`: how long a client may take over its first query (RFC 7766 §6.2.3).
    pub first_query: Duration,
    /// `idle-timeout`: how long a connection that has asked before may be idle. The engine's policy should advertise
    /// the same (RFC 7828).
    pub idle: Duration,
    /// `message-timeout`: how long one message may take to arrive, however steadily its octets come.
    pub message: Duration,
    /// `write-timeout`: how long a client may read nothing of answers that wait for it. Who reads, but slowly, has ten
    /// times as long for them all, 96 KiB at most.
    pub write_stall: Duration,
    /// `buffers`: octets that all connections together may leave in parts of messages and in answers unread. A
    /// connection that would need more is closed; one that holds no more than 2 KiB never is.
    pub parked: usize,
}

impl Limits {
    /// Limits for a process that may have so many file descriptors open: a quarter, and some, are left to others.
    pub fn for_descriptors(descriptors: usize) -> Limits {
        let connections = (descriptors / 4 * 3).saturating_sub(24).clamp(8, 4096);
        Limits {
            connections,
            connections_per_network: connections / 4,
            ipv4_prefix: 24,
            ipv6_prefix: 56,
            first_query: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            message: Duration::from_secs(5),
            write_stall: Duration::from_secs(5),
            parked: 32 << 20,
        }
    }

    /// These limits, if they make sense.
    ///
    /// # Errors
    /// Every setting that is out of its bounds. Times are told in milliseconds.
    pub fn checked(self) -> Result<Limits, Vec<OutOfBounds>> {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        const HOUR: u64 = 3_600_000;
        let bounds = [
            ("connections", self.connections as u64, 1, 1 << 20),
            ("connections-per-network", self.connections_per_network as u64, 1, self.connections as u64),
            ("ipv4-prefix", self.ipv4_prefix.into(), 0, 32),
            ("ipv6-prefix", self.ipv6_prefix.into(), 0, 128),
            ("first-query-timeout", millis(self.first_query), 1, HOUR),
            // RFC 7828 §3.1: told in 16 bits, in units of 100 ms.
            ("idle-timeout", millis(self.idle), 1, 6_553_500),
            ("message-timeout", millis(self.message), 1, HOUR),
            ("write-timeout", millis(self.write_stall), 1, HOUR),
            ("buffers", self.parked as u64, 64 << 10, 1 << 40),
        ];
        let out = bounds.into_iter().filter(|(_, given, least, most)| !(least..=most).contains(&given));
        let out = out.map(|(setting, given, least, most)| OutOfBounds { setting, given, least, most });
        let out: Vec<_> = out.collect();
        if out.is_empty() { Ok(self) } else { Err(out) }
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
        for descriptors in [0, 48, 1024, usize::MAX] {
            assert!(Limits::for_descriptors(descriptors).checked().is_ok());
        }
        assert!(open_files().is_some_and(|files| files > 3));
    }
    #[test]
    fn every_setting_out_of_bounds_is_named() {
        let limits = Limits {
            connections_per_network: 2000,
            ipv6_prefix: 129,
            idle: Duration::from_secs(7000),
            ..Limits::for_descriptors(1024)
        };
        let wrong = limits.checked().expect_err("refused");
        let wrong: Vec<_> = wrong.iter().map(ToString::to_string).collect();
        assert_eq!(
            wrong,
            [
                "connections-per-network is 2000: it may be 1 to 744",
                "ipv6-prefix is 129: it may be 0 to 128",
                "idle-timeout is 7000000: it may be 1 to 6553500"
            ]
        );
    }
}

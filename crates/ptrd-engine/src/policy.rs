//! What an operator may choose about answers.

use crate::cookie::CookieSecrets;
use crate::rate_limit::RateLimit;

/// See the module. Defaults suit a public authoritative server.
#[derive(Clone, Debug)]
pub struct Policy {
    udp_size: u16,
    /// The text of `version.bind` and `version.server` (RFC 4892 §2 by analogy); `None` refuses.
    pub version: Option<String>,
    /// The text of `id.server` and `hostname.bind` (RFC 4892); `None` refuses.
    pub server_id: Option<String>,
    /// The value of NSID (RFC 5001), at most 64 octets are sent; `None` leaves it out.
    pub nsid: Option<Vec<u8>>,
    /// Secrets of server cookies; `None` ignores cookies.
    pub cookies: Option<CookieSecrets>,
    /// How long an idle TCP connection is kept, in units of 100 ms (RFC 7828 §3.1).
    pub keepalive: u16,
    /// How many answers over UDP a network may have; `None` sets no limit. It takes a worker that keeps accounts
    /// ([`crate::Worker::limited_by`]).
    pub rate_limit: Option<RateLimit>,
    /// Whether there is somebody who takes what is no plain query: transfers, NOTIFY, UPDATE. The worker then tells of such a
    /// request ([`crate::Worker::take_deferred`]); without, it is refused.
    pub defers: bool,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            udp_size: 1232,
            version: Some("ptrd".into()),
            server_id: None,
            nsid: None,
            cookies: None,
            keepalive: 300,
            rate_limit: Some(RateLimit::default()),
            defers: false,
        }
    }
}

impl Policy {
    /// The largest UDP reply, in octets; 1232 unless set: it fits every path without fragments (RFC 9715 §3).
    pub fn udp_size(&self) -> usize {
        usize::from(self.udp_size)
    }

    /// Sets the largest UDP reply; below 512 counts as 512, above 4096 as 4096.
    pub fn set_udp_size(&mut self, octets: u16) {
        self.udp_size = octets.clamp(512, 4096);
    }
}

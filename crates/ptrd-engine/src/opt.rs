//! The OPT record of a reply (RFC 6891 §6.1): built before the answer, so that its room is kept.

use crate::cookie::Standing;
use crate::{Asker, Outcome, Policy, Transport};
use ptrd_wire::{Edns, Rcode, Writer, option};

const FIXED: usize = 11;
const NSID_MAX: usize = 64;
/// The most that it takes: fixed part, NSID, cookie, keepalive, extended error.
const ROOM: usize = FIXED + 4 + NSID_MAX + 4 + 24 + 4 + 2 + 4 + 2;

/// The OPT record under construction.
pub(crate) struct OptReply {
    octets: [u8; ROOM],
    length: usize,
    standing: Standing,
}

impl OptReply {
    pub(crate) fn new(policy: &Policy, asker: &Asker, edns: &Edns<'_>) -> OptReply {
        let mut opt = OptReply { octets: [0; ROOM], length: FIXED, standing: Standing::None };
        opt.octets[2] = 41;
        opt.octets[3..5].copy_from_slice(&(policy.udp_size() as u16).to_be_bytes());
        // RFC 4035 §3.2.1: DO is copied. All other flags are clear.
        opt.octets[7] = u8::from(edns.dnssec_ok) << 7;
        if edns.version != 0 {
            return opt;
        }
        if let Some(nsid) = policy.nsid.as_deref().filter(|_| edns.nsid) {
            opt.option(option::NSID, &nsid[..nsid.len().min(NSID_MAX)]);
        }
        if let (Some(secrets), Some(cookie)) = (&policy.cookies, &edns.cookie) {
            let mut value = [0; 24];
            value[..8].copy_from_slice(&cookie.client);
            let (server, standing) =
                secrets.review(&cookie.client, cookie.server, asker.peer, asker.now as u32);
            value[8..].copy_from_slice(&server);
            opt.standing = standing;
            opt.option(option::COOKIE, &value);
        }
        // RFC 7828 §3.3.2: on TCP, with TLS or without, to a client that speaks it.
        if edns.keepalive && asker.transport != Transport::Udp {
            opt.option(option::KEEPALIVE, &policy.keepalive.to_be_bytes());
        }
        opt
    }

    /// What the request's cookie proves.
    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        let at = self.length;
        self.octets[at..at + 2].copy_from_slice(&code.to_be_bytes());
        self.octets[at + 2..at + 4].copy_from_slice(&(value.len() as u16).to_be_bytes());
        self.octets[at + 4..at + 4 + value.len()].copy_from_slice(value);
        self.length = at + 4 + value.len();
    }

    /// Appends the record; `left` is what the message may still grow by.
    pub(crate) fn finish(&mut self, outcome: &Outcome, left: usize, writer: &mut Writer<'_>) {
        self.octets[5] = (outcome.rcode.0 >> 4) as u8;
        if let Some(error) = outcome.error.filter(|_| left >= self.length + 6) {
            self.option(option::EDE, &error.to_be_bytes());
        }
        let length = ((self.length - FIXED) as u16).to_be_bytes();
        self.octets[9..11].copy_from_slice(&length);
        // The room was reserved, so this fits.
        let fits = writer.raw_additional(&self.octets[..self.length]);
        debug_assert!(fits.is_ok());
    }
}

/// An OPT record without options, for a reply to a request whose own was malformed.
pub(crate) fn bare(policy: &Policy) -> [u8; FIXED] {
    let mut octets = [0; FIXED];
    octets[2] = 41;
    octets[3..5].copy_from_slice(&(policy.udp_size() as u16).to_be_bytes());
    octets[5] = (Rcode::FORMERR.0 >> 4) as u8;
    octets
}

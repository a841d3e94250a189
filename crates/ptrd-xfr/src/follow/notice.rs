//! NOTIFY, received (RFC 1996 §3): read, judged, answered. What it brings about is behind a trait.

use crate::reply::{push_opt, refusal_of};
use ptrd_wire::{
    Class, FLAG_AA, FLAG_QR, HEADER_LEN, MessageRecord, Name, Opcode, Rcode, RecordType, Serial, Soa,
    edns_version, read_question,
};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Action, Peer, Snapshot};
use std::net::IpAddr;

/// Who is told that a primary has announced a zone.
pub trait Notices: Send + Sync {
    /// This zone has changed, says one who may say so, perhaps to this serial. Must not wait for anything: whoever answers
    /// queries calls it.
    fn notified(&self, zone: ZoneId, from: IpAddr, serial: Option<Serial>);
}

/// A NOTIFY, read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Notice {
    pub apex: Name,
    /// What its SOA says, which is a hint (§3.7).
    pub serial: Option<Serial>,
    /// The version of EDNS, if there is an OPT record.
    pub edns: Option<u8>,
    /// Where the question ends.
    end: usize,
}

impl Notice {
    /// Reads one.
    ///
    /// # Errors
    /// FORMERR for anything but one question for a SOA (§3.7), NOTIMP for one for another type (§3.12).
    pub fn read(message: &[u8]) -> Result<Notice, Rcode> {
        let header = message.first_chunk::<HEADER_LEN>().ok_or(Rcode::FORMERR)?;
        let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        if word(2) & FLAG_QR != 0 || word(4) != 1 {
            return Err(Rcode::FORMERR);
        }
        let (apex, qtype, class, end) = read_question(message).ok_or(Rcode::FORMERR)?;
        if qtype != RecordType::SOA || class != Class::IN {
            return Err(Rcode::NOTIMP);
        }
        let mut serial = None;
        if word(6) > 0 {
            let (record, _) = MessageRecord::read(message, end).ok_or(Rcode::FORMERR)?;
            let is_soa = record.rtype == RecordType::SOA && record.owner == apex;
            serial = Soa::from_wire(&record.rdata).ok().filter(|_| is_soa).map(|soa| soa.serial);
        }
        Ok(Notice { apex, serial, edns: edns_version(message)?, end })
    }

    /// The zone that it is about.
    ///
    /// # Errors
    /// BADVERS for another version of EDNS, NOTAUTH for a zone that is not followed here, REFUSED for one who is none of its
    /// primaries and was not allowed to announce it (§3.10).
    pub fn judge(&self, peer: Peer<'_>, snapshot: &Snapshot) -> Result<ZoneId, Rcode> {
        if self.edns.is_some_and(|version| version != 0) {
            return Err(Rcode::BADVERS);
        }
        let zone = snapshot.zone(&self.apex).ok_or(Rcode::NOTAUTH)?;
        let followed = snapshot.follows().of(zone.id()).ok_or(Rcode::NOTAUTH)?;
        let allowed = followed.knows(peer.address, peer.key)
            || snapshot.access().allows(Action::Notify, zone.id(), zone.tenant(), peer);
        if allowed { Ok(zone.id()) } else { Err(Rcode::REFUSED) }
    }

    /// The answer: the question again (§4.7).
    pub fn reply(&self, message: &[u8], rcode: Rcode) -> Vec<u8> {
        let mut reply = message[..self.end].to_vec();
        let aa = if rcode == Rcode::NOERROR { FLAG_AA } else { 0 };
        reply[2..4].copy_from_slice(&(FLAG_QR | Opcode::NOTIFY.0 << 11 | aa | rcode.0 & 15).to_be_bytes());
        reply[4..HEADER_LEN].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 0]);
        if self.edns.is_some() {
            push_opt(&mut reply, rcode);
        }
        reply
    }
}

/// What answers a NOTIFY from a peer, and, where it counts, what it says.
pub(crate) fn answer(
    message: &[u8],
    peer: Peer<'_>,
    snapshot: &Snapshot,
    notices: &dyn Notices,
) -> (Vec<u8>, Rcode) {
    let notice = match Notice::read(message) {
        Ok(notice) => notice,
        Err(rcode) => return (refusal_of(message, rcode), rcode),
    };
    match notice.judge(peer, snapshot) {
        Ok(zone) => {
            notices.notified(zone, peer.address, notice.serial);
            (notice.reply(message, Rcode::NOERROR), Rcode::NOERROR)
        }
        Err(rcode) => (notice.reply(message, rcode), rcode),
    }
}

//! Requests with TSIG (RFC 8945): who asks is found out before anything else of the request is looked at, and what is
//! answered is signed with the same key.
//!
//! A key exempts nobody from the rate limit. A MAC proves who wrote a request and not whence it came: whoever sees one may
//! send it again, with any source address, for as long as its fudge lasts, and a customer with a key may do so with all
//! of his own. Server cookies and TCP prove the address. What is over the limit and still answered, with TC alone, is
//! signed too.

use crate::limiter::Network;
use crate::opt::OptReply;
use crate::{Asker, Engine, Outcome, Transport, Worker};
use ptrd_tsig::{Refusal, verify};
use ptrd_wire::{FLAG_CD, FLAG_QR, FLAG_RD, FLAG_TC, Query, Rcode, TsigRecord, Writer};
use ptrd_zone::Snapshot;

impl Engine {
    /// The answer to a request with a TSIG record.
    #[cold]
    #[allow(clippy::too_many_arguments)]
    pub(crate) fn reply_signed(
        &self,
        asker: &Asker,
        account: Option<Network>,
        query: &Query<'_>,
        (request, record): (&[u8], TsigRecord),
        out: &mut [u8],
        snapshot: &Snapshot,
        worker: &mut Worker,
    ) -> Option<(usize, Rcode, bool)> {
        let limit = self.limit(asker, query.edns.map(|edns| edns.udp_size), out).min(out.len());
        match verify(request, record, snapshot.keys(), asker.now) {
            Ok(verified) => {
                worker.counts.tsig_verified += 1;
                let mut signer = verified.signer();
                let room = signer.room();
                let (length, rcode, truncated) = self.reply(
                    asker,
                    Some(signer.key().canonical_name()),
                    account,
                    query,
                    out,
                    snapshot,
                    worker,
                    room,
                )?;
                // RFC 8945 §5.3 has question and TSIG remain, with TC. The longest names do not leave room even for that
                // in 512 octets; then TC has to do without a signature.
                let length = signer.sign(&mut out[..limit], length, asker.now).unwrap_or(length);
                Some((length, rcode, truncated))
            }
            Err(refusal) => {
                worker.counts.tsig_refused += 1;
                self.take_error(account, asker, worker)?;
                Some(self.turn_away(&refusal, asker, query, request, &mut out[..limit]))
            }
        }
    }

    /// RFC 8945 §5.2, §5.3.2: NOTAUTH with a TSIG record that says why, or FORMERR without one.
    fn turn_away(
        &self,
        refusal: &Refusal<'_>,
        asker: &Asker,
        query: &Query<'_>,
        request: &[u8],
        out: &mut [u8],
    ) -> (usize, Rcode, bool) {
        let outcome = Outcome::rcode(refusal.rcode());
        let mut writer = Writer::new(out, usize::MAX, query.question);
        if let Some(edns) = &query.edns {
            // No room is left over for options that come later.
            OptReply::new(&self.policy, asker, edns).finish(&outcome, 0, &mut writer);
        }
        let flags = FLAG_QR | query.flags & (FLAG_RD | FLAG_CD) | outcome.flags();
        let length = writer.finish(query.id, flags);
        let pads = asker.transport == Transport::Encrypted && query.edns.is_some_and(|edns| edns.padding);
        let length = if pads { ptrd_wire::pad(out, length, refusal.room(request)) } else { length };
        match refusal.append(request, out, length, asker.now) {
            Ok(length) => (length, outcome.rcode, false),
            // Two names as long as names get do not fit into the smallest reply: TC sends the client to TCP.
            Err(_) => {
                out[2..4].copy_from_slice(&(flags | FLAG_TC).to_be_bytes());
                (length, outcome.rcode, true)
            }
        }
    }
}

//! Updates of zones that are followed, on their way to a primary and back (RFC 2136 §6).
//!
//! Each is a task with a connection of its own: over TCP, or over TLS where the zone is pulled so. The primaries are tried
//! in their order, the next where one cannot be reached, does not answer (§6.5) or says that it cannot; any other answer is
//! the client's to see. How many tasks there are is bounded where updates are taken in. A standby does the same with what is
//! for the zones of its primary.

use super::ask::{Asker, Failure, id};
use ptrd_change::{Post, Road};
use ptrd_wire::{FLAG_QR, HEADER_LEN, Opcode, Rcode};
use ptrd_xfr::{Carried, Forward, Forwards, is_worth_another};
use ptrd_zone::{Followed, Primary, Security};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

/// How long one may take in all, whatever the number of primaries: clients have given up by then.
const LONGEST: Duration = Duration::from_secs(30);

/// See the module.
pub struct Forwarder {
    asker: Arc<Asker>,
    runtime: Handle,
    /// The road that knows whether this server is a standby, and where its updates go then.
    standby: Option<(Arc<Road>, Arc<Followed>)>,
}

impl Forwarder {
    /// One that asks as zones are asked for. Called within the runtime that is to run the tasks.
    pub fn new(asker: Arc<Asker>) -> Forwarder {
        Forwarder { asker, runtime: Handle::current(), standby: None }
    }

    /// The same, passing updates of all zones on to these addresses, in plain, for as long as this server is a standby.
    #[must_use]
    pub fn standing_by(self, road: Arc<Road>, addresses: &[SocketAddr]) -> Forwarder {
        let primary = |address: &SocketAddr| {
            let (address, key, security) = (*address, None, Security::Plain);
            Primary { address, key, security }
        };
        let primaries = addresses.iter().map(primary).collect();
        Forwarder { standby: Some((road, Arc::new(Followed { primaries }))), ..self }
    }
}

impl Forwards for Forwarder {
    fn forward(&self, forward: Forward, carried: Carried) {
        let asker = self.asker.clone();
        self.runtime.spawn(async move { carried(carry(&asker, forward).await) });
    }

    fn primary(&self) -> Option<Arc<Followed>> {
        let (road, primary) = self.standby.as_ref()?;
        matches!(road.post(), Post::Standby { .. }).then(|| primary.clone())
    }
}

/// The answer of the first primary that has one; `None` where none has.
async fn carry(asker: &Asker, mut forward: Forward) -> Option<Vec<u8>> {
    let until = Instant::now() + LONGEST;
    let mut last = None;
    let followed = forward.followed.clone();
    for primary in &followed.primaries {
        // RFC 2136 §6.
        forward.message[..2].copy_from_slice(&id().to_be_bytes());
        let exchange = timeout_at(until, asker.exchange(primary, &forward.message)).await;
        let answer = exchange.unwrap_or_else(|_| Err(Failure::Silent("it takes too long".to_owned())));
        let answer = answer.and_then(|answer| match rcode(&forward.message, &answer) {
            Some(rcode) => Ok((rcode, answer)),
            None => Err(Failure::Broken("what came is no answer to an update".to_owned())),
        });
        let Forward { zone, key, from, .. } = &forward;
        match answer {
            Ok((rcode, answer)) => {
                tracing::info!(%zone, %key, peer = %from, primary = %primary.address, %rcode, "an update was passed on");
                if !is_worth_another(rcode) {
                    return Some(answer);
                }
                last = Some(answer);
            }
            Err(why) => {
                tracing::warn!(%zone, %key, peer = %from, primary = %primary.address, %why, "an update could not be passed on");
            }
        }
    }
    last
}

/// The response code of what answers a message; `None` for what does not.
fn rcode(message: &[u8], answer: &[u8]) -> Option<Rcode> {
    let header = answer.first_chunk::<HEADER_LEN>()?;
    let flags = u16::from_be_bytes([header[2], header[3]]);
    let is_answer =
        header[..2] == message[..2] && flags & FLAG_QR != 0 && flags >> 11 & 15 == Opcode::UPDATE.0;
    is_answer.then_some(Rcode(flags & 15))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers_an_update() {
        let update = b"\x12\x34\x28\0\0\0\0\0\0\0\0\0";
        let answer = |octets: [u8; 4]| rcode(update, &[&octets[..], &[0; 8]].concat());
        assert_eq!(answer([0x12, 0x34, 0xa8, 5]), Some(Rcode::REFUSED));
        assert_eq!(answer([0x12, 0x35, 0xa8, 0]), None, "another id");
        assert_eq!(answer([0x12, 0x34, 0x28, 0]), None, "no answer");
        assert_eq!(answer([0x12, 0x34, 0x80, 0]), None, "another opcode");
        assert_eq!(rcode(update, &[0x12, 0x34, 0xa8, 0]), None, "too short");
    }
}

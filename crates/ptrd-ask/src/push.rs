//! Bringing records to the server that holds a zone, by signed updates over TCP.
//!
//! What is asked, and what answers mean, is [`ptrd_posture::counterpart::push`]'s. A name is asked for before and after, so that
//! nothing is sent that is there, and nothing is said to be there that is not.

use crate::octets;
use ptrd_posture::counterpart::{Counterpart, MOST_IN_MESSAGE, push};
use ptrd_posture::rir::check::{Question, Reply};
use ptrd_tsig::{AnswerError, Awaiting, Key, sign_request};
use ptrd_wire::{Name, Rcode};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Names that a server is asked for at a time.
const AT_A_TIME: usize = 8;
/// For a connection, an update and the answer: servers may sign a zone anew before they answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// For an answer to a question, each of two times; over TCP twice as long.
const ANSWER: Duration = Duration::from_secs(3);
/// For a signature.
const ROOM: usize = 512;

/// What becomes of other addresses that a name has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// They stay: the name has several.
    Stay,
    /// They go: the name is to have the addresses that are wanted, and no others of the family.
    Go,
}

/// To which server, and how.
#[derive(Clone, Debug)]
pub struct Target {
    /// The primary of the zones.
    pub server: SocketAddr,
    /// What becomes of other addresses.
    pub others: Others,
    /// Send nothing: say what would be sent.
    pub dry_run: bool,
}

/// What was done, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    /// The zone.
    pub zone: Name,
    /// Whether the address came; else it was there.
    pub adds: bool,
    /// Addresses of the family that the name has besides, and that nobody wants: as [`Others`] says, they stay or go.
    pub others: Vec<IpAddr>,
}

/// What became of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing was to be done.
    There,
    /// It was done.
    Done(Deed),
    /// It would be done.
    Would(Deed),
    /// It was not done, and why.
    Failed(String),
}

/// Why an update did not come to be.
#[derive(Debug, thiserror::Error)]
enum SendError {
    #[error("does not answer: {0}")]
    Io(#[from] io::Error),
    #[error("does not answer within {} seconds", PATIENCE.as_secs())]
    Late,
    #[error("the name has more than {MOST_IN_MESSAGE} other addresses: too many to take away at once")]
    TooMany,
    #[error("was not asked: the update cannot be signed or framed: {0}")]
    Unsendable(String),
    #[error("answers something that is no answer to an update")]
    Nonsense,
    #[error("answers {0} to the update{hint}", hint = hint(*.0))]
    Refused(Rcode),
    #[error("{0}")]
    Signature(#[from] AnswerError),
}

fn hint(rcode: Rcode) -> String {
    push::advice(rcode).map(|advice| format!(": {advice}")).unwrap_or_default()
}

/// Sends what is not there, zone by zone. The fates are in the order of `wanted`; `progress` is told of each name that was
/// looked at.
pub async fn push(
    target: &Target,
    key: &Key,
    wanted: &[Counterpart],
    mut progress: impl FnMut(),
) -> Vec<Fate> {
    let addresses = Addresses::of(wanted);
    let mut fates = vec![Fate::Failed("it was not looked at".to_owned()); wanted.len()];
    let mut zones: BTreeMap<Box<[u8]>, Vec<(usize, Deed)>> = BTreeMap::new();
    let mut looks = Looks::new(target.server, wanted.to_vec());
    while let Some((nth, found)) = looks.next().await {
        progress();
        let one = &wanted[nth];
        match found.map(|(zone, has)| {
            let others = has.iter().filter(|has| !addresses.want(&one.name, **has)).copied().collect();
            Deed { zone, adds: !has.contains(&one.address), others }
        }) {
            Ok(deed) if !deed.adds && (target.others == Others::Stay || deed.others.is_empty()) => {
                fates[nth] = Fate::There;
            }
            Ok(deed) if target.dry_run => fates[nth] = Fate::Would(deed),
            Ok(deed) => zones.entry(deed.zone.to_lower_wire()).or_default().push((nth, deed)),
            Err(why) => fates[nth] = Fate::Failed(why),
        }
    }
    for mut deeds in zones.into_values() {
        deeds.sort_unstable_by_key(|(nth, _)| *nth);
        for part in parts(&deeds, target.others) {
            let sent = send(target, key, wanted, part).await;
            for (nth, deed) in part {
                fates[*nth] = match &sent {
                    Ok(()) => Fate::Done(deed.clone()),
                    Err(error) => Fate::Failed(format!("{}: {error}", target.server)),
                };
            }
        }
    }
    confirm(target, wanted, &mut fates).await;
    fates
}

/// Which addresses each name is to have.
struct Addresses(BTreeSet<(Box<[u8]>, IpAddr)>);

impl Addresses {
    fn of(wanted: &[Counterpart]) -> Addresses {
        Addresses(wanted.iter().map(|one| (one.name.to_lower_wire(), one.address)).collect())
    }

    fn want(&self, name: &Name, address: IpAddr) -> bool {
        self.0.contains(&(name.to_lower_wire(), address))
    }
}

/// Addresses that go with a record.
fn gone(deed: &Deed, others: Others) -> &[IpAddr] {
    if others == Others::Go { &deed.others } else { &[] }
}

/// Parts that fit into a message.
fn parts(deeds: &[(usize, Deed)], others: Others) -> Vec<&[(usize, Deed)]> {
    let (mut parts, mut start, mut size) = (Vec::new(), 0, 0);
    for (at, (_, deed)) in deeds.iter().enumerate() {
        let more = gone(deed, others).len() + 1;
        if at > start && size + more > MOST_IN_MESSAGE {
            parts.push(&deeds[start..at]);
            (start, size) = (at, 0);
        }
        size += more;
    }
    if start < deeds.len() {
        parts.push(&deeds[start..]);
    }
    parts
}

/// An update that was acknowledged may have done nothing: an address beside a CNAME is passed over (RFC 2136 §3.4.2.2).
async fn confirm(target: &Target, wanted: &[Counterpart], fates: &mut [Fate]) {
    let server = target.server;
    let done: Vec<usize> = (0..fates.len()).filter(|nth| matches!(fates[*nth], Fate::Done(_))).collect();
    let mut looks = Looks::new(server, done.iter().map(|nth| wanted[*nth].clone()).collect());
    while let Some((nth, found)) = looks.next().await {
        let (one, fate) = (&wanted[done[nth]], &mut fates[done[nth]]);
        let why = match (found, &*fate) {
            (Ok((_, has)), Fate::Done(deed)) => {
                amiss(one.address, gone(deed, target.others), &has).map(|why| format!("{server}: {why}"))
            }
            (Ok(_), _) => None,
            (Err(why), _) => Some(format!("the update was taken; after it, {why}")),
        };
        if let Some(why) = why {
            *fate = Fate::Failed(why);
        }
    }
}

/// What is not as it was to be after an update: the address is to be among those that the name has, and none of these others.
fn amiss(wanted: IpAddr, gone: &[IpAddr], has: &[IpAddr]) -> Option<String> {
    if !has.contains(&wanted) {
        return Some("took the update, and the name has not the address".to_owned());
    }
    let still: Vec<String> = gone.iter().filter(|one| has.contains(one)).map(IpAddr::to_string).collect();
    (!still.is_empty()).then(|| format!("took the update, and the name still has {}", still.join(" ")))
}

/// The zone of a name, and its addresses of a family.
type Found = (Name, Vec<IpAddr>);

/// Looks at names, some at a time.
struct Looks {
    server: SocketAddr,
    left: std::iter::Enumerate<std::vec::IntoIter<Counterpart>>,
    under_way: JoinSet<(usize, Result<Found, String>)>,
}

impl Looks {
    fn new(server: SocketAddr, wanted: Vec<Counterpart>) -> Looks {
        Looks { server, left: wanted.into_iter().enumerate(), under_way: JoinSet::new() }
    }

    async fn next(&mut self) -> Option<(usize, Result<Found, String>)> {
        while self.under_way.len() < AT_A_TIME
            && let Some((nth, one)) = self.left.next()
        {
            let server = self.server;
            self.under_way.spawn(async move { (nth, look(server, &one).await) });
        }
        // Of one that broke, its name is left as what was not looked at.
        while let Some(done) = self.under_way.join_next().await {
            if let Ok(done) = done {
                return Some(done);
            }
        }
        None
    }
}

/// How a name stands, and in which zone. Errors name the server.
async fn look(server: SocketAddr, one: &Counterpart) -> Result<Found, String> {
    let said = |why: String| format!("{server} {why}");
    let reply = ask(server, &push::stand_question(one)).await?;
    let has = match push::stand(one, &reply).map_err(said)? {
        push::Stand::Has(has) => has,
        push::Stand::Alias(target) => {
            return Err(format!("{} is an alias of {target} on {server}: an address goes there", one.name));
        }
    };
    // A negative answer says it by the way.
    if let Ok(zone) = push::zone_of(&one.name, &reply) {
        return Ok((zone, has));
    }
    let reply = ask(server, &push::zone_question(&one.name)).await?;
    Ok((push::zone_of(&one.name, &reply).map_err(said)?, has))
}

async fn ask(server: SocketAddr, question: &Question) -> Result<Reply, String> {
    let mut answered = octets::udp(question, server, ANSWER).await;
    if answered.is_err() {
        answered = octets::udp(question, server, ANSWER).await;
    }
    let reply = match answered {
        Ok(Ok(reply)) if !reply.tc => Some(reply),
        _ => octets::tcp(question, server, 2 * ANSWER).await,
    };
    reply.ok_or_else(|| format!("{server} does not answer when asked for {}", question.name))
}

async fn send(
    target: &Target,
    key: &Key,
    wanted: &[Counterpart],
    deeds: &[(usize, Deed)],
) -> Result<(), SendError> {
    let Some((_, Deed { zone, .. })) = deeds.first() else { return Ok(()) };
    let steps: Vec<push::Step<'_>> = deeds
        .iter()
        .map(|(nth, deed)| push::Step {
            record: &wanted[*nth],
            adds: deed.adds,
            gone: gone(deed, target.others),
        })
        .collect();
    if steps.iter().map(|step| step.gone.len() + 1).sum::<usize>() > MOST_IN_MESSAGE {
        return Err(SendError::TooMany);
    }
    timeout(PATIENCE, exchange(target.server, key, zone, &steps)).await.map_err(|_| SendError::Late)?
}

async fn exchange(
    server: SocketAddr,
    key: &Key,
    zone: &Name,
    steps: &[push::Step<'_>],
) -> Result<(), SendError> {
    let id = octets::random_id()?;
    let mut message = push::update(id, zone, steps);
    let length = message.len();
    message.resize(length + ROOM, 0);
    let (length, mut awaiting): (usize, Awaiting<&Key>) =
        sign_request(key, &mut message, length, now()).map_err(unsendable)?;
    message.truncate(length);
    let framed = u16::try_from(length).map_err(unsendable)?;
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&[&framed.to_be_bytes()[..], &message].concat()).await?;
    let mut answer = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut answer).await?;
    let rcode = push::outcome(id, &answer).ok_or(SendError::Nonsense)?;
    match (awaiting.accept(&answer, now()), rcode) {
        (Ok(_), Rcode::NOERROR) => Ok(()),
        (Ok(_), rcode) => Err(SendError::Refused(rcode)),
        // Some servers do not sign an error; it is told, and nothing is done on the strength of it.
        (Err(AnswerError::Unsigned { .. }), rcode) if rcode != Rcode::NOERROR => {
            Err(SendError::Refused(rcode))
        }
        (Err(error), _) => Err(error.into()),
    }
}

fn unsendable(error: impl std::fmt::Display) -> SendError {
    SendError::Unsendable(error.to_string())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_to_go_and_did_not_is_told() {
        let [one, two, three] = [1, 2, 3].map(|n| IpAddr::from([192, 0, 2, n]));
        assert_eq!(amiss(one, &[two], &[one]), None);
        assert_eq!(amiss(one, &[], &[one, two]), None, "what was to stay");
        assert_eq!(
            amiss(one, &[two], &[]).as_deref(),
            Some("took the update, and the name has not the address")
        );
        let still = amiss(one, &[two, three], &[three, one]);
        assert_eq!(still.as_deref(), Some("took the update, and the name still has 192.0.2.3"));
    }

    #[test]
    fn what_cannot_be_sent_is_no_silence_of_the_server() {
        let error = unsendable("too long").to_string();
        assert!(error.contains("cannot be signed") && !error.contains("answer"), "{error}");
    }
}

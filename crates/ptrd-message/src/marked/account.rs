//! What came of a test: from which address each message left, and who is missing.

use super::letter::Marked;
use super::returned::{Evidence, Kind};
use crate::inspect::Seen;
use ptrd_posture::identity::{Grade, canonical};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// What came of one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "outcome", content = "detail")]
pub enum Outcome {
    /// It left from its address.
    Own,
    /// It left from the address of the other family with the same name.
    Pair(IpAddr),
    /// It left from another address that its sender's domain is for.
    Pool(IpAddr),
    /// It left from an address that is not for it.
    Other(IpAddr),
    /// It left with another name.
    Renamed(String),
    /// It arrived, and nobody says from where it came.
    Unsaid,
    /// It came back.
    Failed(String),
    /// The mail server did not take it.
    Refused(String),
    /// Nothing says that it was sent.
    Unsent,
    /// Nothing is known of it.
    Missing,
}

/// A message, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LetterAccount {
    /// To whom it was sent.
    pub to: String,
    /// From whom.
    pub from: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// How that is.
    pub grade: Grade,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddressAccount {
    /// The address.
    pub address: IpAddr,
    /// The name that it is to give.
    pub helo: String,
    /// How it stands: well where a message left from it as it should, and none otherwise than it should.
    pub grade: Grade,
    /// In a sentence.
    pub why: String,
    /// Its messages.
    pub letters: Vec<LetterAccount>,
}

/// All of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// In the order of addresses.
    pub addresses: Vec<AddressAccount>,
    /// What receivers saw, whatever address it came from.
    pub seen: Vec<Seen>,
    /// How many things came back with marks of no message of this test.
    pub strange: u64,
}

impl Account {
    /// Puts together what was sent and what came back. `refused` says of messages by their place that the mail server did not take
    /// them, `unsent` that nothing says that they were handed over.
    pub fn of(
        sent: &[Marked],
        refused: &BTreeMap<usize, String>,
        unsent: &BTreeSet<usize>,
        returned: &[Evidence],
    ) -> Account {
        let mut by_mark: BTreeMap<_, Vec<&Kind>> = BTreeMap::new();
        let known: BTreeMap<_, usize> =
            sent.iter().enumerate().map(|(place, one)| (&one.mark, place)).collect();
        let (mut seen, mut strange) = (Vec::new(), 0);
        for one in returned {
            if !known.contains_key(&one.mark) {
                strange += 1;
                continue;
            }
            by_mark.entry(&one.mark).or_default().push(&one.kind);
            if let Kind::Arrived(what) = &one.kind {
                seen.push(what.as_ref().clone());
            }
        }
        let mut addresses: BTreeMap<IpAddr, AddressAccount> = BTreeMap::new();
        for (place, one) in sent.iter().enumerate() {
            let kinds = by_mark.get(&one.mark).map(Vec::as_slice).unwrap_or_default();
            let outcome = match refused.get(&place) {
                Some(why) => Outcome::Refused(why.clone()),
                None if kinds.is_empty() && unsent.contains(&place) => Outcome::Unsent,
                None => outcome(one, kinds),
            };
            let letter =
                LetterAccount { to: one.to.clone(), from: one.from.clone(), grade: outcome.grade(), outcome };
            let account = addresses.entry(one.address).or_insert_with(|| AddressAccount {
                address: one.address,
                helo: one.helo.clone(),
                grade: Grade::Unknown,
                why: String::new(),
                letters: Vec::new(),
            });
            account.letters.push(letter);
        }
        let mut addresses: Vec<AddressAccount> = addresses.into_values().collect();
        addresses.iter_mut().for_each(AddressAccount::judge);
        Account { addresses, seen, strange }
    }

    /// The worst.
    pub fn grade(&self) -> Grade {
        self.addresses.iter().map(|one| one.grade).max().unwrap_or(Grade::Unknown)
    }
}

impl Outcome {
    /// How that is.
    pub fn grade(&self) -> Grade {
        match self {
            Outcome::Own => Grade::Pass,
            Outcome::Pair(_) | Outcome::Pool(_) => Grade::Warn,
            Outcome::Unsaid | Outcome::Unsent | Outcome::Missing => Grade::Unknown,
            Outcome::Other(_) | Outcome::Renamed(_) | Outcome::Failed(_) | Outcome::Refused(_) => Grade::Fail,
        }
    }

    /// In words.
    pub fn said(&self) -> String {
        match self {
            Outcome::Own => "left from this address, with its name".to_owned(),
            Outcome::Pair(address) => format!(
                "left from {address}, which has the same name: the receiver is reached over that family"
            ),
            Outcome::Pool(address) => {
                format!("left from {address}, which the sender's domain is for as well")
            }
            Outcome::Other(address) => format!("left from {address}, which is not for it"),
            Outcome::Renamed(helo) => format!("left from this address, and called itself {helo}"),
            Outcome::Unsaid => "arrived; nothing says from which address".to_owned(),
            Outcome::Failed(why) => format!("came back: {why}"),
            Outcome::Refused(why) => format!("was not taken by the mail server: {why}"),
            Outcome::Unsent => "was not sent, as far as is known: the test was cut short".to_owned(),
            Outcome::Missing => "is missing: nothing that came back has its mark".to_owned(),
        }
    }
}

/// What came of a message: the worst that anything says, for one receiver may say more than another.
fn outcome(sent: &Marked, kinds: &[&Kind]) -> Outcome {
    let of = |kind: &&Kind| match kind {
        Kind::Failed(why) => Outcome::Failed(why.clone()),
        Kind::Unsaid => Outcome::Unsaid,
        Kind::Arrived(seen) => arrived(sent, seen),
    };
    // That one does not say it takes nothing from what another says.
    let mut all: Vec<Outcome> = kinds.iter().map(of).collect();
    if all.iter().any(|one| *one != Outcome::Unsaid) {
        all.retain(|one| *one != Outcome::Unsaid);
    }
    all.into_iter().max_by_key(Outcome::grade).unwrap_or(Outcome::Missing)
}

fn arrived(sent: &Marked, seen: &Seen) -> Outcome {
    let Some(address) = seen.address else { return Outcome::Unsaid };
    if address == sent.address || sent.pair == Some(address) {
        return match &seen.seen.helo {
            Some(helo) if canonical(helo) != canonical(&sent.helo) => Outcome::Renamed(helo.clone()),
            _ if address == sent.address => Outcome::Own,
            _ => Outcome::Pair(address),
        };
    }
    if sent.pool.contains(&address) { Outcome::Pool(address) } else { Outcome::Other(address) }
}

impl AddressAccount {
    fn judge(&mut self) {
        let worst = self.letters.iter().max_by_key(|letter| letter.grade);
        let own = self.letters.iter().find(|letter| letter.outcome == Outcome::Own);
        let counts = match (worst, own) {
            // One that left as it should says that it can; another that did not, that it does not always.
            (Some(worst), _) if worst.grade == Grade::Fail => Some(worst),
            (_, Some(own)) => Some(own),
            (worst, None) => worst,
        };
        if let Some(letter) = counts {
            self.grade = letter.grade;
            self.why = format!("the message to {} {}", letter.to, letter.outcome.said());
        }
    }
}

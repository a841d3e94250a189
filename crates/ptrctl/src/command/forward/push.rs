//! Sending records to the primary of their zones.

use super::{Wanted, records};
use crate::arguments::Place;
use crate::command::key::secret_text;
use crate::failure::Failure;
use crate::screen::Screen;
use ptrd_ask::push::{Deed, Fate, Others, Target, push};
use ptrd_posture::counterpart::{Counterpart, Name};
use ptrd_tsig::Key;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

/// The port of DNS.
const PORT: u16 = 53;

/// To whom, and how.
pub struct Push<'a> {
    pub server: &'a Place,
    pub key: &'a Path,
    pub replace: bool,
    pub dry_run: bool,
    pub yes: bool,
}

impl Push<'_> {
    pub async fn run(self, wanted: &[Wanted], screen: &mut Screen) -> Result<(), Failure> {
        let key = self.key()?;
        let others = if self.replace { Others::Go } else { Others::Stay };
        let target = Target { server: self.address().await?, others, dry_run: self.dry_run };
        let sent: Vec<Counterpart> = wanted.iter().map(|one| one.record.clone()).collect();
        if self.replace && !self.dry_run && !self.yes {
            let would = pushed(&Target { dry_run: true, ..target.clone() }, &key, &sent, screen).await;
            may_go(&gone(&sent, &would), screen)?;
        }
        let fates = pushed(&target, &key, &sent, screen).await;
        if screen.json() {
            let rows: Vec<_> = wanted.iter().zip(&fates).map(|(one, fate)| json(one, fate, others)).collect();
            let text = serde_json::json!({ "server": target.server, "records": rows }).to_string();
            screen.document(text.as_bytes())?;
        } else {
            self.show(&target, wanted, &fates, screen)?;
        }
        match fates.iter().any(|fate| matches!(fate, Fate::Failed(_))) {
            true => Err(Failure::not_pushed()),
            false => Ok(()),
        }
    }

    fn show(
        &self,
        target: &Target,
        wanted: &[Wanted],
        fates: &[Fate],
        screen: &mut Screen,
    ) -> Result<(), Failure> {
        let rows: Vec<Vec<String>> = wanted
            .iter()
            .zip(fates)
            .filter(|(_, fate)| **fate != Fate::There)
            .map(|(one, fate)| {
                let record = &one.record;
                let (zone, said) = words(fate, target.others);
                vec![
                    record.name.to_string(),
                    record.rtype().to_owned(),
                    record.address.to_string(),
                    zone,
                    said,
                ]
            })
            .collect();
        screen.table(&["NAME", "TYPE", "ADDRESS", "ZONE", "OUTCOME"]).show(screen, &rows)?;
        let count = |is: fn(&Fate) -> bool| fates.iter().filter(|fate| is(fate)).count();
        let there = count(|fate| *fate == Fate::There);
        let (come, verb) = match self.dry_run {
            true => (count(|fate| matches!(fate, Fate::Would(_))), "would be done"),
            false => (count(|fate| matches!(fate, Fate::Done(_))), "done"),
        };
        let failed = count(|fate| matches!(fate, Fate::Failed(_)));
        screen.line(&format!(
            "{}: {there} there already, {come} {verb}, {failed} failed, on {}",
            records(fates.len()),
            target.server
        ))
    }

    fn key(&self) -> Result<Key, Failure> {
        let (text, place) = secret_text(self.key)?;
        Key::of_statement(&text).map_err(|error| {
            Failure::usage(format!("{place}: {error}"))
                .hint("the file is to hold what `tsig-keygen` or `ptrctl key show NAME --format bind` writes")
        })
    }

    /// Of a name, the first address that the system's resolver has.
    async fn address(&self) -> Result<SocketAddr, Failure> {
        let Place { host, port } = self.server;
        let wrong = |why: String| Failure::usage(format!("--push {}: {why}", self.server));
        let found = tokio::net::lookup_host((host.as_str(), port.unwrap_or(PORT))).await;
        let mut found = found.map_err(|error| wrong(error.to_string()))?;
        found.next().ok_or_else(|| wrong("the name has no address".to_owned()))
    }
}

async fn pushed(target: &Target, key: &Key, sent: &[Counterpart], screen: &Screen) -> Vec<Fate> {
    let bar = screen.bar(sent.len() as u64, "{bar:40} {pos}/{len} names  {eta}");
    let fates = push(target, key, sent, || bar.inc(1)).await;
    bar.finish_and_clear();
    fates
}

/// The addresses that would go, with their names.
fn gone(sent: &[Counterpart], would: &[Fate]) -> BTreeSet<(Name, IpAddr)> {
    let of = |(one, fate): (&Counterpart, &Fate)| match fate {
        Fate::Would(deed) => deed.others.iter().map(|other| (one.name.clone(), *other)).collect(),
        _ => Vec::new(),
    };
    sent.iter().zip(would).flat_map(of).collect()
}

/// Asks before they do.
fn may_go(gone: &BTreeSet<(Name, IpAddr)>, screen: &mut Screen) -> Result<(), Failure> {
    if gone.is_empty() {
        return Ok(());
    }
    let said = told(gone);
    if screen.can_ask().is_err() {
        return Err(Failure::usage(said).hint("say --yes, or look first: --dry-run"));
    }
    match screen.confirmed(&format!("{said}. Take them away? [y/N] "))? {
        true => Ok(()),
        false => Err(Failure::local("nothing was sent")),
    }
}

/// `1 record would be taken away: mail.example.com. 192.0.2.1`.
fn told(gone: &BTreeSet<(Name, IpAddr)>) -> String {
    const SHOWN: usize = 10;
    let mut shown: Vec<String> =
        gone.iter().take(SHOWN).map(|(name, address)| format!("{name} {address}")).collect();
    let more = gone.len().saturating_sub(SHOWN);
    shown.extend((more > 0).then(|| format!("{more} more")));
    format!("{} would be taken away: {}", records(gone.len()), shown.join(", "))
}

fn words(fate: &Fate, others: Others) -> (String, String) {
    let deed = |deed: &Deed, verb: &str| {
        let verb = if deed.adds { verb } else { "there already" };
        let has = deed.others.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(" ");
        let said = match others {
            _ if has.is_empty() => verb.to_owned(),
            Others::Stay => format!("{verb}, beside {has}"),
            Others::Go => format!("{verb}, in place of {has}"),
        };
        (deed.zone.to_string(), said)
    };
    match fate {
        Fate::There => (String::new(), "there already".to_owned()),
        Fate::Done(done) => deed(done, "added"),
        Fate::Would(would) => deed(would, "would be done"),
        Fate::Failed(why) => (String::new(), why.clone()),
    }
}

fn json(one: &Wanted, fate: &Fate, others: Others) -> serde_json::Value {
    let mut value = one.json();
    let (zone, said) = words(fate, others);
    let word = match fate {
        Fate::There => "there",
        Fate::Done(_) => "done",
        Fate::Would(_) => "would",
        Fate::Failed(_) => "failed",
    };
    value["outcome"] = word.into();
    value["said"] = said.into();
    if !zone.is_empty() {
        value["zone"] = zone.into();
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(n: u8) -> IpAddr {
        [198, 51, 100, n].into()
    }

    #[test]
    fn what_would_go_is_told_each_once() {
        let zone: Name = "example.com".parse().expect("a name");
        let one = |n: u8| Counterpart::new("both.example.com", [192, 0, 2, n].into(), 60).expect("a name");
        let would = |others: &[u8]| {
            let others = others.iter().copied().map(address).collect();
            Fate::Would(Deed { zone: zone.clone(), adds: true, others })
        };
        let sent = [one(1), one(2), one(3)];
        let all = gone(&sent, &[would(&[9, 8]), would(&[9]), Fate::There]);
        let addresses: Vec<IpAddr> = all.iter().map(|(_, address)| *address).collect();
        assert_eq!(addresses, [address(8), address(9)]);
        assert!(gone(&sent, &[would(&[]), Fate::There, Fate::There]).is_empty());
        let many = gone(&sent, &[would(&(0..13).collect::<Vec<u8>>())]);
        let said = told(&many);
        assert!(
            said.starts_with("13 records would be taken away: both.example.com. 198.51.100.0, "),
            "{said}"
        );
        assert!(said.ends_with("198.51.100.9, 3 more"), "{said}");
    }
}

//! Which records are wanted, and why.

use crate::cli::Globals;
use crate::client::Client;
use crate::command::gather::{gather, read};
use crate::failure::Failure;
use crate::listing::each;
use crate::screen::Screen;
use ipnet::IpNet;
use ptrd_api::{
    PendingFilter, PendingView, PtrFilter, PtrView, RecordFilter, RecordView, SendingFilter, SendingView,
    ZoneFilter, ZoneView,
};
use ptrd_posture::counterpart::{Counterpart, Name, in_order};
use ptrd_posture::identity::Subject;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// How many names that are none are told one by one.
const TOLD: usize = 20;

/// A record, and for whose sake it is wanted.
pub struct Wanted {
    pub record: Counterpart,
    /// `ptr`, `pending`, `helo`.
    pub because: Vec<&'static str>,
}

impl Wanted {
    pub fn json(&self) -> serde_json::Value {
        let Counterpart { name, address, ttl } = &self.record;
        serde_json::json!({
            "name": name.to_string(), "ttl": ttl, "type": self.record.rtype(),
            "address": address, "because": self.because,
        })
    }
}

/// What is found, as name and address with their reasons.
struct Found<'a> {
    ttl: u32,
    zone: Option<&'a Name>,
    records: Vec<Counterpart>,
    because: BTreeMap<(String, IpAddr), Vec<&'static str>>,
    /// Names that are none, and why.
    bad: Vec<String>,
}

/// Finds them: of prefixes the daemon says which names there are, of files the lines.
pub async fn wanted(
    what: &[String],
    zone: Option<&Name>,
    ttl: u32,
    globals: &Globals,
    screen: &mut Screen,
) -> Result<Vec<Wanted>, Failure> {
    let mut found = Found::new(ttl, zone);
    let mut client = None;
    for text in what {
        match read(text)? {
            Some(net) => {
                if client.is_none() {
                    client = Some(Client::connect(&globals.socket(), None, true).await?);
                }
                let client = client.as_mut().ok_or_else(|| Failure::local("no connection"))?;
                found.prefix(net, client, screen).await?;
            }
            None => {
                for subject in gather(std::slice::from_ref(text), &[], globals, screen).await?.subjects {
                    found.subject(&subject);
                }
            }
        }
    }
    if let Some(client) = &mut client {
        found.leave_out_what_is_here(client, screen).await?;
    }
    screen.notes(&found.notes())?;
    Ok(found.end())
}

impl<'a> Found<'a> {
    fn new(ttl: u32, zone: Option<&'a Name>) -> Found<'a> {
        Found { ttl, zone, records: Vec::new(), because: BTreeMap::new(), bad: Vec::new() }
    }

    async fn prefix(&mut self, net: IpNet, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let within = Some(net.to_string());
        let filter = PtrFilter { within: within.clone(), ..PtrFilter::default() };
        let mut ptrs = Vec::new();
        let explicit = |ptr: PtrView| ptrs.extend(ptr.template.is_none().then_some(ptr));
        each(client, screen, "/v1/ptrs", filter, explicit).await?;
        for ptr in &ptrs {
            let address = address(&ptr.address)?;
            ptr.names.iter().for_each(|name| self.add(name, address, Some(ptr.ttl), "ptr"));
        }
        let filter = PendingFilter { within: within.clone(), ..PendingFilter::default() };
        let mut pending: Vec<PendingView> = Vec::new();
        each(client, screen, "/v1/pending", filter, |waiting| pending.push(waiting)).await?;
        for waiting in &pending {
            let address = address(&waiting.address)?;
            waiting.names.iter().for_each(|name| self.add(name, address, waiting.ttl, "pending"));
        }
        let filter = SendingFilter { within, ..SendingFilter::default() };
        let mut sending: Vec<SendingView> = Vec::new();
        each(client, screen, "/v1/sending", filter, |sender| sending.push(sender)).await?;
        for sender in sending {
            let address = address(&sender.address)?;
            let helo = Some(sender.helo).filter(|helo| !helo.is_empty());
            self.subject(&Subject { helo, ..Subject::new(address) });
        }
        Ok(())
    }

    /// The name that an address gives in HELO, which may be no name of a host.
    fn subject(&mut self, subject: &Subject) {
        let helo = subject.helo.as_deref().unwrap_or_default().trim();
        match subject.helo_name() {
            Some(Ok(_)) => self.add(helo, subject.address, None, "helo"),
            Some(Err(wrong)) => self.bad.push(format!("{}: the HELO name {helo} {wrong}", subject.address)),
            None => {}
        }
    }

    /// What ptrd answers itself is not to be created elsewhere: addresses that follow in a companion zone, or were set there.
    async fn leave_out_what_is_here(
        &mut self,
        client: &mut Client,
        screen: &mut Screen,
    ) -> Result<(), Failure> {
        let mut ours: BTreeSet<Name> = BTreeSet::new();
        let has_names = |zone: &ZoneView| matches!(zone.kind.as_str(), "companion" | "verbatim");
        let take = |zone: ZoneView| {
            if has_names(&zone) {
                ours.extend(zone.apex.parse::<Name>());
            }
        };
        each(client, screen, "/v1/zones", ZoneFilter::default(), take).await?;
        for ((name, rtype), records) in by_name(std::mem::take(&mut self.records)) {
            let has = match name.ancestors().any(|domain| ours.contains(&domain)) {
                true => addresses_here(client, screen, &name, rtype).await?,
                false => BTreeSet::new(),
            };
            self.records.extend(records.into_iter().filter(|one| !has.contains(&one.address.to_string())));
        }
        Ok(())
    }

    fn add(&mut self, name: &str, address: IpAddr, ttl: Option<u32>, because: &'static str) {
        let record = match Counterpart::new(name, address, ttl.unwrap_or(self.ttl)) {
            Ok(record) => record,
            Err(error) => return self.bad.push(format!("{address}: the name {name} {error}")),
        };
        if self.zone.is_some_and(|zone| !record.is_in(zone)) {
            return;
        }
        let reasons = self.because.entry(key(&record)).or_default();
        if !reasons.contains(&because) {
            reasons.push(because);
        }
        self.records.push(record);
    }

    /// Which names are left out, since they are none.
    fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> =
            self.bad.iter().take(TOLD).map(|bad| format!("{bad}: it is left out")).collect();
        let more = self.bad.len().saturating_sub(TOLD);
        notes.extend((more > 0).then(|| format!("{more} more names are none, and left out")));
        notes
    }

    fn end(self) -> Vec<Wanted> {
        let mut reasons = self.because;
        let mut because = |record: &Counterpart| reasons.remove(&key(record)).unwrap_or_default();
        in_order(self.records)
            .into_iter()
            .map(|record| Wanted { because: because(&record), record })
            .collect()
    }
}

fn address(text: &str) -> Result<IpAddr, Failure> {
    text.parse()
        .map_err(|_| Failure::local(format!("the daemon's answer makes no sense: {text}: no address")))
}

/// The records of each name and type, which are asked for at once.
fn by_name(records: Vec<Counterpart>) -> BTreeMap<(Name, &'static str), Vec<Counterpart>> {
    let mut groups: BTreeMap<_, Vec<Counterpart>> = BTreeMap::new();
    for record in records {
        groups.entry((record.name.clone(), record.rtype())).or_default().push(record);
    }
    groups
}

/// The addresses that a name has here.
async fn addresses_here(
    client: &mut Client,
    screen: &mut Screen,
    name: &Name,
    rtype: &str,
) -> Result<BTreeSet<String>, Failure> {
    let filter = RecordFilter {
        owner: Some(name.to_string()),
        rtype: Some(rtype.to_owned()),
        ..RecordFilter::default()
    };
    let mut has = BTreeSet::new();
    each(client, screen, "/v1/records", filter, |set: RecordView| has.extend(set.data)).await?;
    Ok(has)
}

fn key(record: &Counterpart) -> (String, IpAddr) {
    (record.name.to_string().to_ascii_lowercase(), record.address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_helo_that_are_none_are_told_and_left_out() {
        let mut found = Found::new(60, None);
        for (address, helo) in [
            ("192.0.2.1", "[192.0.2.1]"),
            ("192.0.2.2", "Mail.Example.com"),
            ("192.0.2.3", "192.0.2.3"),
            ("192.0.2.4", "localhost"),
            ("192.0.2.5", "a..example.com"),
        ] {
            let address = address.parse().expect("an address");
            found.subject(&Subject { helo: Some(helo.to_owned()), ..Subject::new(address) });
        }
        found.subject(&Subject::new([192, 0, 2, 6].into()));
        found.add("a..b", [192, 0, 2, 7].into(), None, "ptr");
        let notes = found.notes();
        assert_eq!(notes.len(), 5, "{notes:?}");
        assert_eq!(
            notes[0],
            "192.0.2.1: the HELO name [192.0.2.1] is an address in brackets, and no name: it is left out"
        );
        found.bad = vec![String::new(); TOLD + 2];
        assert_eq!(found.notes().last().map(String::as_str), Some("2 more names are none, and left out"));
        let wanted: Vec<String> = found.end().iter().map(|one| one.record.name.to_string()).collect();
        assert_eq!(wanted, ["Mail.Example.com."]);
    }

    #[test]
    fn a_name_is_asked_for_once() {
        let record = |name: &str, n: u8| Counterpart::new(name, [192, 0, 2, n].into(), 60).expect("a name");
        let groups = by_name(vec![record("a.example", 1), record("b.example", 2), record("A.example", 3)]);
        assert_eq!(groups.values().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    }
}

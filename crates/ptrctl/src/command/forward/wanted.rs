//! Which records are wanted, and why.

use crate::cli::Globals;
use crate::client::{Client, with_query};
use crate::command::gather::{gather, pages, read};
use crate::failure::Failure;
use crate::screen::Screen;
use ipnet::IpNet;
use ptrd_api::{
    Page, PendingFilter, PendingView, PtrFilter, PtrView, RecordFilter, RecordView, SendingFilter,
    SendingView, ZoneFilter, ZoneView,
};
use ptrd_posture::counterpart::{Counterpart, Name, in_order};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How many items are asked for at a time.
const PAGE: u64 = 1_000;

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
}

/// Finds them: of prefixes the daemon says which names there are, of files the lines.
pub async fn wanted(
    what: &[String],
    zone: Option<&Name>,
    ttl: u32,
    globals: &Globals,
    screen: &mut Screen,
) -> Result<Vec<Wanted>, Failure> {
    let mut found = Found { ttl, zone, records: Vec::new(), because: BTreeMap::new() };
    let mut client = None;
    for text in what {
        match read(text)? {
            Some(net) => {
                if client.is_none() {
                    client = Some(Client::connect(&globals.socket(), None, true).await?);
                }
                let client = client.as_mut().ok_or_else(|| Failure::local("no connection"))?;
                found.prefix(net, client).await?;
            }
            None => {
                for subject in gather(std::slice::from_ref(text), &[], globals, screen).await?.subjects {
                    if let Some(helo) = &subject.helo {
                        found.add(helo, subject.address, None, "helo")?;
                    }
                }
            }
        }
    }
    if let Some(client) = &mut client {
        found.leave_out_what_is_here(client).await?;
    }
    Ok(found.end())
}

impl Found<'_> {
    async fn prefix(&mut self, net: IpNet, client: &mut Client) -> Result<(), Failure> {
        let within = Some(net.to_string());
        let limit = Some(PAGE);
        let filter = |after| PtrFilter { within: within.clone(), after, limit, ..PtrFilter::default() };
        let ptrs: Vec<PtrView> = pages(client, "/v1/ptrs", filter).await?;
        for ptr in ptrs.iter().filter(|ptr| ptr.template.is_none()) {
            self.all(&ptr.address, &ptr.names, Some(ptr.ttl), "ptr")?;
        }
        let filter = |after| PendingFilter { within: within.clone(), after, limit };
        let pending: Vec<PendingView> = pages(client, "/v1/pending", filter).await?;
        for waiting in &pending {
            self.all(&waiting.address, &waiting.names, waiting.ttl, "pending")?;
        }
        let filter =
            |after| SendingFilter { within: within.clone(), after, limit, ..SendingFilter::default() };
        let sending: Vec<SendingView> = pages(client, "/v1/sending", filter).await?;
        for sender in &sending {
            self.all(&sender.address, std::slice::from_ref(&sender.helo), None, "helo")?;
        }
        Ok(())
    }

    /// What ptrd answers itself is not to be created elsewhere: addresses that follow in a companion zone, or were set there.
    async fn leave_out_what_is_here(&mut self, client: &mut Client) -> Result<(), Failure> {
        let filter = |after| ZoneFilter { after, limit: Some(PAGE), ..ZoneFilter::default() };
        let zones: Vec<ZoneView> = pages(client, "/v1/zones", filter).await?;
        let has_names = |zone: &&ZoneView| matches!(zone.kind.as_str(), "companion" | "verbatim");
        let ours: Vec<Name> =
            zones.iter().filter(has_names).filter_map(|zone| zone.apex.parse().ok()).collect();
        let mut kept = Vec::with_capacity(self.records.len());
        for record in std::mem::take(&mut self.records) {
            let may_be_here = ours.iter().any(|apex| record.is_in(apex));
            if !may_be_here || !is_here(client, &record).await? {
                kept.push(record);
            }
        }
        self.records = kept;
        Ok(())
    }

    fn all(
        &mut self,
        address: &str,
        names: &[String],
        ttl: Option<u32>,
        because: &'static str,
    ) -> Result<(), Failure> {
        let address = address.parse().map_err(|_| {
            Failure::local(format!("the daemon's answer makes no sense: {address}: no address"))
        })?;
        names.iter().try_for_each(|name| self.add(name, address, ttl, because))
    }

    fn add(
        &mut self,
        name: &str,
        address: IpAddr,
        ttl: Option<u32>,
        because: &'static str,
    ) -> Result<(), Failure> {
        let record = Counterpart::new(name, address, ttl.unwrap_or(self.ttl))
            .map_err(|error| Failure::usage(format!("{address}: the name {name} {error}")))?;
        if self.zone.is_some_and(|zone| !record.is_in(zone)) {
            return Ok(());
        }
        let reasons = self.because.entry(key(&record)).or_default();
        if !reasons.contains(&because) {
            reasons.push(because);
        }
        self.records.push(record);
        Ok(())
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

async fn is_here(client: &mut Client, record: &Counterpart) -> Result<bool, Failure> {
    let filter = RecordFilter {
        owner: Some(record.name.to_string()),
        rtype: Some(record.rtype().to_owned()),
        ..RecordFilter::default()
    };
    let found: Vec<RecordView> =
        client.get::<Page<RecordView>>(&with_query("/v1/records", &filter)?).await?.value.items;
    let address = record.address.to_string();
    Ok(found.iter().any(|set| set.data.contains(&address)))
}

fn key(record: &Counterpart) -> (String, IpAddr) {
    (record.name.to_string().to_ascii_lowercase(), record.address)
}

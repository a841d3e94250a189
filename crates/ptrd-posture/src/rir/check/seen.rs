//! All that was asked of all servers, and what came back.

use super::message::{Question, Reply};
use super::probe::Ask;
use crate::rir::{Ds, Nserver};
use ptrd_wire::{Name, RecordType, Soa};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

/// A server at one of its addresses.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name, in lower case without a final dot.
    pub name: String,
    /// Where it was asked.
    pub address: SocketAddr,
    /// What came back for what was asked; `None`: nothing in time, or no sense.
    pub replies: BTreeMap<Ask, Option<Reply>>,
    /// Whether it was passed over for now: it had not answered so often.
    pub aside: bool,
}

/// What resolvers say of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// Its addresses.
    pub addresses: BTreeSet<IpAddr>,
    /// Whether the name is an alias.
    pub alias: bool,
    /// Whether a resolver answered at all. If none did, nothing follows.
    pub known: bool,
}

/// What was seen of a zone.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The zone.
    pub apex: Name,
    /// The nameservers that it is to be delegated to.
    pub delegation: Vec<Nserver>,
    /// The DS that it is to have.
    pub ds: Vec<Ds>,
    /// The servers, those that the zone itself names among them.
    pub servers: Vec<Server>,
    /// What resolvers say of names of nameservers and of the SOA's MNAME.
    pub hosts: BTreeMap<String, Host>,
    /// Seconds since 1970.
    pub now: u64,
}

impl Host {
    /// What to ask for a host's addresses.
    pub fn questions(name: &str) -> Vec<Question> {
        let name: Option<Name> = name.parse().ok();
        let asks = [RecordType::A, RecordType::AAAA];
        let question = |rtype| Some(Question { recursive: true, ..Question::new(name.clone()?, rtype) });
        asks.into_iter().filter_map(question).collect()
    }

    /// Takes what a reply has. False for one that says nothing.
    pub fn take(&mut self, reply: &Reply) -> bool {
        for record in &reply.answer {
            match (record.rtype, &*record.rdata) {
                (RecordType::CNAME, _) => self.alias = true,
                (RecordType::A, octets) => {
                    self.addresses.extend(<[u8; 4]>::try_from(octets).ok().map(IpAddr::from));
                }
                (RecordType::AAAA, octets) => {
                    self.addresses.extend(<[u8; 16]>::try_from(octets).ok().map(IpAddr::from));
                }
                _ => (),
            }
        }
        // NXDOMAIN says that there are none.
        matches!(reply.rcode, 0 | 3)
    }
}

impl Server {
    /// Whether it has keys for the zone.
    pub fn has_keys(&self, apex: &Name) -> bool {
        self.reply(Ask::Dnskey).is_some_and(|reply| reply.records(apex, RecordType::DNSKEY).next().is_some())
    }

    /// What came back, if it was asked and answered.
    pub fn reply(&self, ask: Ask) -> Option<&Reply> {
        self.replies.get(&ask).and_then(Option::as_ref)
    }

    /// Whether it was asked anything: a host without IPv6 cannot.
    pub fn asked(&self) -> bool {
        !self.replies.is_empty()
    }

    /// Whether it was asked and did not answer.
    pub fn silent(&self, ask: Ask) -> bool {
        matches!(self.replies.get(&ask), Some(None))
    }

    /// `ns1.example.net/192.0.2.53`.
    pub fn place(&self) -> String {
        format!("{}/{}", self.name, self.address.ip())
    }

    /// Its SOA of the zone.
    pub fn soa(&self, apex: &Name) -> Option<Soa> {
        let record = self.reply(Ask::Soa)?.records(apex, RecordType::SOA).next()?;
        Soa::from_wire(&record.rdata).ok()
    }

    /// The names in its NS RRset of the zone.
    pub fn ns_names(&self, apex: &Name) -> BTreeSet<String> {
        let reply = self.reply(Ask::Ns).filter(|reply| reply.rcode == 0);
        let records = reply.into_iter().flat_map(|reply| reply.records(apex, RecordType::NS));
        records
            .filter_map(|record| Name::from_wire(&record.rdata).ok())
            .map(|name| host_text(&name))
            .collect()
    }
}

impl Seen {
    /// Names of the delegation.
    pub fn delegated(&self) -> BTreeSet<String> {
        self.delegation.iter().map(|server| server.name.clone()).collect()
    }

    /// Nameservers of the delegation without an address that anybody gave, of which no resolver says what addresses they have.
    pub fn unresolved(&self) -> impl Iterator<Item = &str> {
        let is_open = |server: &&Nserver| {
            server.addresses.is_empty()
                && !self.holds(&server.name)
                && !self.hosts.get(&server.name).is_some_and(|host| host.known)
        };
        self.delegation.iter().filter(is_open).map(|server| server.name.as_str())
    }

    /// Names that the zone itself has.
    pub fn in_zone(&self) -> BTreeSet<String> {
        self.servers.iter().flat_map(|server| server.ns_names(&self.apex)).collect()
    }

    /// Servers of these names.
    pub fn of<'a>(&'a self, names: &'a BTreeSet<String>) -> impl Iterator<Item = &'a Server> {
        self.servers.iter().filter(move |server| names.contains(&server.name))
    }

    /// Whether a host's name lies at or below the zone.
    pub fn holds(&self, host: &str) -> bool {
        host.parse::<Name>().is_ok_and(|name| name.is_at_or_under(&self.apex))
    }
}

/// A name as hosts are written here: in lower case without a final dot.
pub fn host_text(name: &Name) -> String {
    name.to_string().trim_end_matches('.').to_ascii_lowercase()
}

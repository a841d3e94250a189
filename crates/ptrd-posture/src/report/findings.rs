//! What addresses have in common: signatures, and the nameservers on the way.

use crate::identity::{Identity, Observation, Served, Service};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Nameservers that are listed at most.
const MOST: usize = 128;

/// How many addresses have signed answers, as resolvers that validate see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatures {
    /// All answers were signed and valid.
    pub signed: u64,
    /// Some were.
    pub partly: u64,
    /// None was; that is no fault.
    pub unsigned: u64,
    /// Signatures were wrong.
    pub wrong: u64,
    /// No resolver had an answer, or none was asked.
    pub unasked: u64,
}

impl Signatures {
    pub(super) fn add(&mut self, identity: &Identity) {
        let of_resolver = |it: &&Observation| !it.is_authoritative() && it.answer.is_known();
        let answers = || identity.observations.iter().filter(of_resolver).map(|it| &it.answer);
        let secure = answers().filter(|answer| answer.secure).count();
        let count = match answers().count() {
            0 => &mut self.unasked,
            _ if answers().any(|answer| answer.bogus) => &mut self.wrong,
            all if all == secure => &mut self.signed,
            _ if secure > 0 => &mut self.partly,
            _ => &mut self.unsigned,
        };
        *count += 1;
    }
}

/// A nameserver of a zone on the way from the root to PTRs, and how often it did what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nameserver {
    /// The zone that is delegated to it.
    pub zone: String,
    /// Its name.
    pub name: String,
    /// Where it was asked.
    pub server: SocketAddr,
    /// Answers with authority.
    pub serves: u64,
    /// Answers without: it does not serve the zone.
    pub lame: u64,
    /// No answers.
    pub silent: u64,
}

/// All of them, as they come.
#[derive(Default)]
pub(super) struct Nameservers {
    all: BTreeMap<(String, String, SocketAddr), (u64, u64, u64)>,
    pub left_out: u64,
}

impl Nameservers {
    pub fn add(&mut self, identity: &Identity) {
        for Served { zone, name, server, service, .. } in
            identity.observations.iter().flat_map(|it| &it.servers)
        {
            let key = (zone.clone(), name.clone(), *server);
            if self.all.len() >= MOST && !self.all.contains_key(&key) {
                self.left_out += 1;
                continue;
            }
            let (serves, lame, silent) = self.all.entry(key).or_default();
            match service {
                Service::Serves => *serves += 1,
                Service::Lame => *lame += 1,
                Service::Silent => *silent += 1,
            }
        }
    }

    pub fn finish(self) -> Vec<Nameserver> {
        let row = |((zone, name, server), (serves, lame, silent))| Nameserver {
            zone,
            name,
            server,
            serves,
            lame,
            silent,
        };
        self.all.into_iter().map(row).collect()
    }
}

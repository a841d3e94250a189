//! Updates in lines like those of nsupdate, sent down the road.

use super::{Bench, check_differences, name};
use ptrd_api::{AccessWrite, ChangeRequest, KeyWrite};
use ptrd_change::{UpdateDone, UpdateRefusal, Updater};
use ptrd_wire::{Name, Prerequisite, Rcode, RecordChange, RecordType, Ttl, Update};

fn rdata(rtype: RecordType, words: &[&str]) -> Box<[u8]> {
    ptrd_master::rdata_from_text(rtype, &words.join(" "), &Name::root()).expect("record data")
}

/// Reads an update: parts are separated by `;`. `yxrrset NAME TYPE [DATA]`, `nxrrset NAME TYPE`, `yxdomain NAME`,
/// `nxdomain NAME`, `add NAME TTL TYPE DATA`, `del NAME [TYPE [DATA]]`. Names without a final dot are relative to the zone.
pub fn read_update(zone: &str, text: &str) -> Update {
    let zone = name(zone);
    let owner = |word: &str| Name::parse_relative(word, &zone).expect("an owner");
    let rtype = |word: &str| word.parse::<RecordType>().expect("a type");
    let (mut prerequisites, mut changes) = (Vec::new(), Vec::new());
    for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let words: Vec<&str> = part.split_whitespace().collect();
        let own = owner(words[1]);
        match (words[0], words.len()) {
            ("yxdomain", 2) => prerequisites.push(Prerequisite::InUse { owner: own }),
            ("nxdomain", 2) => prerequisites.push(Prerequisite::NotInUse { owner: own }),
            ("yxrrset", 3) => prerequisites.push(Prerequisite::Exists { owner: own, rtype: rtype(words[2]) }),
            ("nxrrset", 3) => prerequisites.push(Prerequisite::Absent { owner: own, rtype: rtype(words[2]) }),
            ("yxrrset", _) => {
                let rtype = rtype(words[2]);
                prerequisites.push(Prerequisite::Holds {
                    owner: own,
                    rtype,
                    rdata: rdata(rtype, &words[3..]),
                });
            }
            ("add", 5..) => {
                let (ttl, rtype) = (Ttl::from_secs(words[2].parse().expect("a TTL")), rtype(words[3]));
                changes.push(RecordChange::Add { owner: own, rtype, ttl, rdata: rdata(rtype, &words[4..]) });
            }
            ("del", 2) => changes.push(RecordChange::DeleteName { owner: own }),
            ("del", 3) => changes.push(RecordChange::DeleteRrset { owner: own, rtype: rtype(words[2]) }),
            ("del", _) => {
                let rtype = rtype(words[2]);
                changes.push(RecordChange::Delete { owner: own, rtype, rdata: rdata(rtype, &words[3..]) });
            }
            ("faulty", 2) => changes.push(RecordChange::Faulty(Rcode::FORMERR)),
            _ => panic!("no part of an update: {part}"),
        }
    }
    Update { zone, prerequisites, changes }
}

/// What came of an update.
pub type Sent = Result<UpdateDone, UpdateRefusal>;

impl Bench {
    /// Adds a key, unless it is there, and lets it update: `key=… zone=…`, `key=… tenant=…`, `key=… from=…`.
    #[track_caller]
    pub fn allow_update(&self, rest: &str) {
        let mut write = AccessWrite { action: "update".into(), ..AccessWrite::default() };
        for (field, value) in rest.split_whitespace().filter_map(|part| part.split_once('=')) {
            let value = Some(value.to_owned());
            match field {
                "key" => write.key = value,
                "zone" => write.zone = value,
                "tenant" => write.tenant = value,
                "from" => write.from = value,
                other => panic!("{other}"),
            }
        }
        let name = write.key.clone().expect("a key");
        let key = KeyWrite { name, ..KeyWrite::default() };
        // Refused where it is there.
        let _ = self.ask(ChangeRequest::KeyAdd(key), false);
        self.ask(ChangeRequest::AccessAllow(write), false).expect("allowed");
    }

    /// Sends an update as a key from 198.51.100.9.
    #[track_caller]
    pub fn send(&self, by: Updater, update: Update) -> Sent {
        let before = self.view();
        let sent = self.road.update(by, update).and_then(|made| self.runtime.block_on(made));
        check_differences(&before, &self.view(), false);
        if let Ok(UpdateDone { change: None, .. }) | Err(_) = &sent {
            assert_eq!(super::everything(&before), self.everything(), "{sent:?}, and yet something changed");
        }
        sent
    }

    /// Sends an update in lines.
    #[track_caller]
    pub fn update_as(&self, key: &str, zone: &str, text: &str) -> Sent {
        let by =
            Updater { key: name(key), from: "198.51.100.9".parse().expect("an address"), redirect: true };
        self.send(by, read_update(zone, text))
    }

    /// The response code of an update by `key.example`.
    #[track_caller]
    pub fn update(&self, zone: &str, text: &str) -> Rcode {
        match self.update_as("key.example", zone, text) {
            Ok(_) => Rcode::NOERROR,
            Err(refusal) => refusal.rcode,
        }
    }

    /// An update by `key.example` that changes something.
    #[track_caller]
    pub fn updated(&self, zone: &str, text: &str) -> UpdateDone {
        let done =
            self.update_as("key.example", zone, text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        assert!(done.change.is_some(), "{text}: {done:?}");
        done
    }
}

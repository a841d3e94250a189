//! What the PowerDNS API calls the kind of a zone. Clients that declare what they want compare it with what they read, so
//! it is kept; nothing is served or announced otherwise for it. A setting for each zone that is not `master`.

use crate::plan::{Plan, Settings};
use crate::problem::{bad, quote};
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_zone::model::ZoneId;

/// What the names of these settings start with; the number of the zone follows.
const PREFIX: &str = "powerdns-kind/";

/// See the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PowerdnsKind {
    Native,
    Master,
}

impl PowerdnsKind {
    pub fn read(text: &str) -> Result<PowerdnsKind, Problem> {
        match text {
            "native" => Ok(PowerdnsKind::Native),
            "master" => Ok(PowerdnsKind::Master),
            _ => Err(bad(format!("powerdns_kind: {} is neither native nor master", quote(text)))),
        }
    }

    fn word(self) -> Option<String> {
        (self == PowerdnsKind::Native).then(|| "native".to_owned())
    }
}

fn setting(zone: ZoneId) -> String {
    format!("{PREFIX}{zone}")
}

/// The word for it, unless it is `master`.
pub(crate) fn of(settings: &Settings, zone: ZoneId) -> Option<String> {
    settings.get(&setting(zone)).cloned()
}

impl Plan<'_> {
    /// Keeps what a zone is called.
    pub fn put_powerdns_kind(&mut self, zone: ZoneId, kind: PowerdnsKind) {
        let (name, after) = (setting(zone), kind.word());
        let before = self.next.settings.get(&name).cloned();
        if before != after {
            self.edit(Edit::Setting { name, before, after });
        }
    }
}

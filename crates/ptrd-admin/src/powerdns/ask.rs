//! What clients of PowerDNS send, and which requests that is. Fields that nobody here can honour are refused where they
//! ask for something; keys that PowerDNS does not know either are passed over, as it does.

use super::answer::invalid;
use ptrd_api::{
    ChangeRequest, FollowWrite, PrimarySpec, Problem, RrsetWrite, RrsetsWrite, ZoneMake, ZoneSet, ZoneView,
};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An RRset of a patch, or of a new zone.
#[derive(Deserialize)]
#[serde(expecting = "an RRset, as an object")]
struct RrsetIn {
    name: Option<String>,
    #[serde(rename = "type")]
    rtype: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    ttl: Option<i64>,
    changetype: Option<String>,
    records: Option<Vec<RecordIn>>,
    comments: Option<Vec<CommentIn>>,
}

#[derive(Deserialize)]
#[serde(expecting = "a record, as an object with `content`")]
struct RecordIn {
    content: Option<String>,
    #[serde(default)]
    disabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(expecting = "a comment, as an object")]
struct CommentIn {
    #[serde(default)]
    content: Option<String>,
}

/// A number, or the text of one.
fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

/// Changes of a zone's RRsets.
#[derive(Deserialize)]
#[serde(expecting = "an object with `rrsets`")]
pub(super) struct Patch {
    rrsets: Option<Vec<RrsetIn>>,
}

impl Patch {
    pub fn into_request(self, zone: String) -> Result<ChangeRequest, Problem> {
        let rrsets = self.rrsets.ok_or_else(|| invalid("No rrsets given in update request"))?;
        let mut writes = Vec::with_capacity(rrsets.len());
        for rrset in rrsets {
            writes.extend(rrset.into_write()?);
        }
        Ok(ChangeRequest::RrsetsSet(RrsetsWrite { zone, rrsets: writes }))
    }
}

fn text(value: Option<String>, key: &str) -> Result<String, Problem> {
    value.ok_or_else(|| invalid(format!("Key '{key}' not present or not a String")))
}

/// A name, which must end with a dot: what would be meant by one that does not, nobody here can know.
fn canonical(name: String) -> Result<String, Problem> {
    match name.ends_with('.') {
        true => Ok(name),
        false => {
            Err(invalid(format!("DNS Name '{}' is not canonical", cut(&name))).hint("it must end with a dot"))
        }
    }
}

/// Somebody's text, cut where it is long.
fn cut(text: &str) -> String {
    text.chars().take(300).map(|c| if c.is_control() { '?' } else { c }).collect()
}

impl RrsetIn {
    /// What is to become of it; `None` where nothing is.
    fn into_write(mut self) -> Result<Option<RrsetWrite>, Problem> {
        let owner = canonical(text(self.name.take(), "name")?)?;
        let rtype = text(self.rtype.take(), "type")?;
        let change = text(self.changetype.take(), "changetype")?;
        match change.to_ascii_uppercase().as_str() {
            "DELETE" => Ok(Some(RrsetWrite { owner, rtype, ttl: None, data: Vec::new() })),
            "REPLACE" => self.replaced(owner, rtype),
            _ => Err(invalid("Changetype not understood").hint("REPLACE and DELETE are")),
        }
    }

    /// An RRset of a new zone, which takes no change.
    fn into_new(mut self) -> Result<Option<RrsetWrite>, Problem> {
        let owner = canonical(text(self.name.take(), "name")?)?;
        let rtype = text(self.rtype.take(), "type")?;
        self.replaced(owner, rtype)
    }

    fn replaced(self, owner: String, rtype: String) -> Result<Option<RrsetWrite>, Problem> {
        let what = || format!("{} IN {}", cut(&owner), cut(&rtype));
        let has_comments = |comments: &Vec<CommentIn>| {
            comments.iter().any(|comment| comment.content.as_ref().is_some_and(|text| !text.is_empty()))
        };
        if self.comments.as_ref().is_some_and(has_comments) {
            return Err(invalid(format!("RRset {}: comments are not kept here", what())).hint(
                "leave them out; the log keeps who changed what, and why: send the reason in the header ptrd-reason",
            ));
        }
        let Some(records) = self.records else {
            // Comments alone are to be none, and there are none.
            return match self.comments {
                Some(_) => Ok(None),
                None => Err(invalid(format!("No change for RRset {}", what()))),
            };
        };
        let mut data = Vec::with_capacity(records.len());
        for record in records {
            let content = text(record.content, "content")?;
            if record.disabled == Some(true) {
                let message =
                    format!("Record {}/{} '{}' is disabled", cut(&owner), cut(&rtype), cut(&content));
                return Err(invalid(message)
                    .hint("records that are not served are not kept here: leave it out, or delete it"));
            }
            data.push(content);
        }
        let ttl = match self.ttl.map(u32::try_from) {
            Some(Ok(ttl)) => Some(ttl),
            _ if data.is_empty() => None,
            _ => return Err(invalid("Key 'ttl' not an Integer or not present")),
        };
        Ok(Some(RrsetWrite { owner, rtype, ttl, data }))
    }
}

/// What may be said of a zone, of a new one and of one that is there. Fields that are not kept are here to be refused.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    kind: Option<String>,
    masters: Option<Vec<String>>,
    account: Option<String>,
    catalog: Option<String>,
    dnssec: Option<bool>,
    nsec3param: Option<String>,
    soa_edit: Option<String>,
    soa_edit_api: Option<String>,
    master_tsig_key_ids: Option<Vec<String>>,
    slave_tsig_key_ids: Option<Vec<String>>,
}

/// What kind of zone is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Native,
    Master,
    Slave,
}

impl Kind {
    fn word(self) -> &'static str {
        if self == Kind::Native { "native" } else { "master" }
    }
}

fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

impl Settings {
    fn kind(&self) -> Result<Option<Kind>, Problem> {
        let Some(text) = given(&self.kind) else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "native" => Ok(Some(Kind::Native)),
            "master" | "primary" => Ok(Some(Kind::Master)),
            "slave" | "secondary" => Ok(Some(Kind::Slave)),
            _ => Err(invalid(format!("kind: '{}' is not served here", cut(text)))
                .hint("Native, Master (Primary) or Slave (Secondary)")),
        }
    }

    /// How serials are to step: the words of SOA-EDIT-API that say so.
    fn serial_policy(&self) -> Result<Option<&'static str>, Problem> {
        let Some(text) = given(&self.soa_edit_api) else { return Ok(None) };
        match text.to_ascii_lowercase().as_str() {
            "default" => Ok(Some("date")),
            "increase" => Ok(Some("counter")),
            "epoch" => Ok(Some("unixtime")),
            // Serials follow every change, whatever a client says.
            "off" | "none" | "soa-edit" | "soa-edit-increase" => Ok(None),
            _ => Err(invalid(format!("soa_edit_api: '{}' is no way to step serials", cut(text)))
                .hint("DEFAULT, INCREASE or EPOCH")),
        }
    }

    fn primaries(&self) -> Vec<PrimarySpec> {
        let masters = self.masters.iter().flatten();
        masters.map(|address| PrimarySpec { address: address.clone(), ..PrimarySpec::default() }).collect()
    }

    /// Refuses what would be lost.
    fn check(&self) -> Result<(), Problem> {
        let refuse = |what: &str, hint: &str| Err(invalid(format!("{what} is not kept here")).hint(hint));
        if self.dnssec == Some(true) || given(&self.nsec3param).is_some() {
            return refuse(
                "dnssec",
                "zones are not signed here; zones that came signed are served as they are",
            );
        }
        if given(&self.catalog).is_some() {
            return refuse("catalog", "`ptrctl catalog set` says which zones a catalog lists");
        }
        if given(&self.soa_edit).is_some_and(|text| !text.eq_ignore_ascii_case("default")) {
            return refuse("soa_edit", "serials step with every change; soa_edit_api says how");
        }
        let has_keys = |keys: &Option<Vec<String>>| keys.as_ref().is_some_and(|keys| !keys.is_empty());
        if has_keys(&self.master_tsig_key_ids) || has_keys(&self.slave_tsig_key_ids) {
            return refuse(
                "a list of TSIG keys",
                "`ptrctl access allow transfer --key` and `ptrctl zone follow --key` do it",
            );
        }
        Ok(())
    }
}

/// A zone that is to be.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NewZone {
    name: Option<String>,
    nameservers: Option<Vec<String>>,
    rrsets: Option<Vec<RrsetIn>>,
    zone: Option<String>,
    #[serde(flatten)]
    settings: Settings,
}

impl NewZone {
    /// The request, and the zone that it is about.
    pub fn into_request(self) -> Result<(String, ChangeRequest), Problem> {
        let apex = canonical(text(self.name, "name")?)?;
        self.settings.check()?;
        if given(&self.zone).is_some() {
            return Err(invalid("zone: a zone's text is not taken in this way").hint("`ptrctl zone import`"));
        }
        let nameservers = self.nameservers.unwrap_or_default();
        if let Some(name) = nameservers.iter().find(|name| !name.ends_with('.')) {
            return Err(invalid(format!("Nameserver is not canonical: '{}'", cut(name)))
                .hint("it must end with a dot"));
        }
        let rrsets = self.rrsets.unwrap_or_default();
        let tenant = given(&self.settings.account).map(str::to_owned);
        let (kind, primaries) = (self.settings.kind()?, self.settings.primaries());
        if kind == Some(Kind::Slave) {
            if !nameservers.is_empty() || !rrsets.is_empty() {
                return Err(invalid("what a Slave zone holds comes from its masters")
                    .hint("leave nameservers and rrsets out"));
            }
            let write = FollowWrite { apex: apex.clone(), tenant, primaries, take_over: false };
            return Ok((apex, ChangeRequest::ZoneFollow(write)));
        }
        if !primaries.is_empty() {
            return Err(invalid("masters: a Native or Master zone has none").hint("kind Slave has"));
        }
        let rrsets = rrsets.into_iter().filter_map(|rrset| rrset.into_new().transpose());
        let make = ZoneMake {
            apex: apex.clone(),
            tenant,
            nameservers,
            serial_policy: self.settings.serial_policy()?.map(str::to_owned),
            powerdns_kind: Some(kind.unwrap_or(Kind::Native).word().to_owned()),
            rrsets: rrsets.collect::<Result<_, Problem>>()?,
        };
        Ok((apex, ChangeRequest::ZoneMake(make)))
    }
}

/// What is to be said of a zone that is there.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ZoneSettings {
    rrsets: Option<Vec<Value>>,
    #[serde(flatten)]
    settings: Settings,
}

impl ZoneSettings {
    /// The request; `None` where all is so already.
    pub fn into_request(self, zone: &ZoneView) -> Result<Option<ChangeRequest>, Problem> {
        let settings = self.settings;
        settings.check()?;
        if self.rrsets.is_some_and(|rrsets| !rrsets.is_empty()) {
            return Err(invalid("rrsets: RRsets are changed with PATCH"));
        }
        if given(&settings.account).is_some_and(|account| account != zone.tenant) {
            return Err(invalid(format!("account: the zone belongs to the tenant {}", zone.tenant))
                .hint("`ptrctl block transfer` gives it to another, with its addresses"));
        }
        let (kind, primaries) = (settings.kind()?, settings.primaries());
        let apex = zone.apex.clone();
        let is_followed = zone.follow.is_some();
        if kind == Some(Kind::Slave) || kind.is_none() && is_followed && !primaries.is_empty() {
            let is_so = zone.follow.as_ref().is_some_and(|follow| {
                primaries.is_empty() || addresses(&follow.primaries) == addresses(&primaries)
            });
            let write = FollowWrite { apex, tenant: None, primaries, take_over: !is_followed };
            return Ok((!is_so).then_some(ChangeRequest::ZoneFollow(write)));
        }
        if !primaries.is_empty() {
            return Err(invalid("masters: a Native or Master zone has none").hint("kind Slave has"));
        }
        if kind.is_some() && is_followed {
            return Ok(Some(ChangeRequest::ZoneUnfollow { apex }));
        }
        let now = zone.powerdns_kind.as_deref().unwrap_or("master");
        let powerdns_kind = kind.map(Kind::word).filter(|kind| *kind != now).map(str::to_owned);
        let policy = settings.serial_policy()?.filter(|policy| *policy != zone.serial_policy);
        if powerdns_kind.is_none() && policy.is_none() {
            return Ok(None);
        }
        let serial_policy = policy.map(str::to_owned);
        Ok(Some(ChangeRequest::ZoneSet(ZoneSet {
            apexes: vec![apex],
            serial_policy,
            powerdns_kind,
            ..ZoneSet::default()
        })))
    }
}

fn addresses(primaries: &[PrimarySpec]) -> Vec<String> {
    primaries.iter().map(|primary| super::shape::master(&primary.address)).collect()
}

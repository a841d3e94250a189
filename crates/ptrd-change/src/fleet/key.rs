//! TSIG keys: made, removed, listed.
//!
//! A key belongs to nobody: what may be done with it is what the grants that name it say. Its secret is in the store (the
//! setting, and the edits of the log, so that a removal can be undone) and in [`View::key`]; what is shown of the log has it
//! replaced ([`hidden`], [`to_log`]).

use super::access;
use crate::history::time;
use crate::plan::{Plan, Settings};
use crate::problem::{bad, conflict, count, internal, invalid, not_found, some};
use crate::publish::View;
use crate::request::read_name;
use crate::view::{page, page_limit};
use ptrd_api::{
    ChangeRequest, KeyDetail, KeyFilter, KeyView, KeyWrite, LISTED_ACCESS, Page, Problem, Secret,
};
use ptrd_store::Edit;
use ptrd_tsig::{Algorithm, Key, KeyError, KeyTable};
use ptrd_wire::Name;
use ptrd_zone::Grant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the names of these settings start with; the name of the key in lower case follows.
pub(super) const PREFIX: &str = "key/";

/// How many permissions a refusal names.
const NAMED: usize = 5;

/// A key as it is stored. Whose it is could be said here one day, if tenants come to have keys of their own.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    algorithm: String,
    /// In base64, or what stands in its place where it is shown.
    secret: String,
    /// RFC 3339.
    added: String,
}

fn setting(name: &Name) -> String {
    format!("{PREFIX}{}", name.to_lowercase())
}

pub(super) fn is_there(settings: &Settings, name: &Name) -> bool {
    settings.contains_key(&setting(name))
}

/// No such key, and what to do about it.
pub(super) fn unknown(name: &Name) -> Problem {
    not_found(format!("no key {name}"))
        .hint(format!("add it first: `ptrctl key add {name}`; `ptrctl key list` shows those that there are"))
}

/// The keys among the settings, in the order of their names.
fn keys(settings: &Settings) -> impl Iterator<Item = (&str, &str)> {
    let found = settings.range(PREFIX.to_owned()..).take_while(|(name, _)| name.starts_with(PREFIX));
    found.map(|(name, value)| (name.as_str(), value.as_str()))
}

/// The key that a setting holds, and when it was added. What is wrong with one does not repeat its value.
pub(super) fn read(name: &str, value: &str) -> Result<(Key, String), String> {
    let fault = || format!("setting {name} is no key");
    let called: Name = name.strip_prefix(PREFIX).and_then(|text| text.parse().ok()).ok_or_else(fault)?;
    let stored: Stored = serde_json::from_str(value).map_err(|_| fault())?;
    let algorithm: Algorithm = stored.algorithm.parse().map_err(|_| fault())?;
    // Two spellings of one name would be two keys.
    if setting(&called) != name {
        return Err(fault());
    }
    let key = Key::from_base64(called, algorithm, &stored.secret).map_err(|_| fault())?;
    Ok((key, stored.added))
}

pub(super) fn resolve(settings: &Settings) -> Result<KeyTable, String> {
    let keys: Result<Vec<Key>, String> =
        keys(settings).map(|(name, value)| read(name, value).map(|(key, _)| key)).collect();
    KeyTable::new(keys?).map_err(|error| error.to_string())
}

/// The value of such a setting without the secret.
pub(super) fn hidden(value: &str) -> String {
    let hidden = Secret::hidden().reveal().to_owned();
    let shown = serde_json::from_str(value)
        .ok()
        .and_then(|stored: Stored| serde_json::to_string(&Stored { secret: hidden.clone(), ..stored }).ok());
    shown.unwrap_or(hidden)
}

/// The request for the log, without the secret.
pub(crate) fn to_log(write: &KeyWrite) -> serde_json::Result<String> {
    let secret = write.secret.as_ref().map(|_| Secret::hidden());
    serde_json::to_string(&ChangeRequest::KeyAdd(KeyWrite { secret, ..write.clone() }))
}

/// What is to become of a key.
#[derive(Debug)]
pub(crate) enum KeyDeed {
    Add(Key),
    Remove { name: Name, revoke: bool },
}

impl KeyDeed {
    /// Reads a request; makes the secret, where none is given.
    pub fn read_add(write: &KeyWrite) -> Result<KeyDeed, Problem> {
        let name = read_name("the key", &write.name)?.to_lowercase();
        let key = match &write.secret {
            Some(secret) => Key::from_base64(name, read_algorithm(write)?, secret.reveal()),
            None => {
                let mut random = [0; 64];
                getrandom::fill(&mut random)
                    .map_err(|error| internal(format!("no random octets for a secret: {error}")))?;
                Key::generate(name, read_algorithm(write)?, &mut random)
            }
        };
        key.map(KeyDeed::Add).map_err(|error| match error {
            KeyError::NotBase64(_) => invalid(error.to_string())
                .hint("give the secret alone: what stands between the quotes of BIND's `secret`"),
            KeyError::Obsolete(_) => invalid(error.to_string())
                .hint("for a peer that has nothing better, give the secret that it has"),
            error => invalid(error.to_string()),
        })
    }
}

/// The algorithm, which a refusal does not repeat: a secret may have come to stand there by mistake.
fn read_algorithm(write: &KeyWrite) -> Result<Algorithm, Problem> {
    let Some(text) = &write.algorithm else { return Ok(Algorithm::HmacSha256) };
    text.parse().map_err(|_| {
        let known = Algorithm::ALL.iter().rev().map(|algorithm| algorithm.name()).collect::<Vec<_>>();
        bad(format!("no algorithm of ptrd's: it has {}", known.join(", ")))
            .hint("hmac-md5 must not be used any more (RFC 8945 §6)")
    })
}

/// Makes or removes a key.
pub(crate) fn plan_key(plan: &mut Plan<'_>, deed: &KeyDeed) -> Result<String, Problem> {
    match deed {
        KeyDeed::Add(key) => add(plan, key),
        KeyDeed::Remove { name, revoke } => remove(plan, &name.to_lowercase(), *revoke),
    }
}

fn add(plan: &mut Plan<'_>, key: &Key) -> Result<String, Problem> {
    let (name, algorithm) = (key.name(), key.algorithm());
    if is_there(&plan.next.settings, name) {
        return Err(conflict(format!("the key {name} is there already")).hint(
            "a key keeps its secret: add one with another name, let both in for a while, then remove the old one",
        ));
    }
    if !algorithm.may_be_generated() {
        plan.warn(format!(
            "{algorithm} is for peers that have nothing better: take hmac-sha256 where you can"
        ));
    }
    // RFC 2104 §3: less than the output of the hash lowers the strength.
    let (octets, enough) = (key.secret().len(), algorithm.mac_len());
    if octets < enough {
        plan.warn(format!("the secret is short: {octets} octets, where {algorithm} is worth {enough}"));
    }
    let stored = Stored {
        algorithm: algorithm.to_string(),
        secret: key.to_base64().to_string(),
        added: time(plan.now),
    };
    let value = serde_json::to_string(&stored).map_err(|_| internal("a key that is no JSON"))?;
    plan.edit(Edit::Setting { name: setting(name), before: None, after: Some(value) });
    Ok(format!("key {name} added ({algorithm})"))
}

fn remove(plan: &mut Plan<'_>, name: &Name, revoke: bool) -> Result<String, Problem> {
    let Some(before) = plan.next.settings.get(&setting(name)).cloned() else {
        return Err(not_found(format!("no key {name}")).hint("see `ptrctl key list`"));
    };
    let naming: Vec<(String, Grant)> = grants_of(&plan.next.settings)
        .filter(|(_, key, _)| key == name)
        .map(|(setting, _, grant)| (setting.to_owned(), grant))
        .collect();
    let told: Vec<String> = naming.iter().map(|(_, grant)| access::told(grant, plan.declared())).collect();
    let permissions = count(told.len() as u64, "permission");
    if !revoke && !told.is_empty() {
        return Err(conflict(format!("the key {name} is named by {permissions}: {}", some(&told, NAMED)))
            .hint(format!("`ptrctl key remove {name} --revoke` takes them back, too")));
    }
    for ((setting, _), told) in naming.into_iter().zip(&told) {
        let before = plan.next.settings.get(&setting).cloned();
        plan.edit(Edit::Setting { name: setting, before, after: None });
        plan.tell(name, "revoked", told);
    }
    plan.edit(Edit::Setting { name: setting(name), before: Some(before), after: None });
    let also = if told.is_empty() { String::new() } else { format!(", and {permissions} that named it") };
    Ok(format!("key {name} removed{also}"))
}

/// The grants that name keys: their settings, the keys, and what they say.
pub(super) fn grants_of(settings: &Settings) -> impl Iterator<Item = (&str, Name, Grant)> {
    access::grants(settings).filter_map(|(setting, grant)| {
        let grant = grant.ok()?;
        Some((setting, grant.key.clone()?, grant))
    })
}

impl View {
    /// Keys by name, without their secrets.
    pub fn keys(&self, filter: &KeyFilter) -> Page<KeyView> {
        let mut naming = BTreeMap::<Name, Vec<Grant>>::new();
        for (_, key, grant) in grants_of(&self.settings) {
            naming.entry(key).or_default().push(grant);
        }
        let after = filter.after.as_deref();
        let views = keys(&self.settings)
            .filter(|(setting, _)| after.is_none_or(|after| setting[PREFIX.len()..] > *after))
            .filter_map(|(setting, value)| read(setting, value).ok())
            .map(|(key, added)| {
                let grants = naming.get(key.name()).map(Vec::as_slice).unwrap_or_default();
                self.key_view(&key, added, grants)
            });
        page(views, page_limit(filter.limit), |view| view.name.clone())
    }

    /// The key of this name, with its secret.
    ///
    /// # Errors
    /// There is none, or who looks may only read.
    pub fn key(&self, name: &str) -> Result<KeyDetail, Problem> {
        // With it one could write.
        self.rights.may_write()?;
        let name = read_name("the key", name)?;
        let value = self.settings.get_key_value(&setting(&name)).ok_or_else(|| unknown(&name))?;
        let (key, added) = read(value.0, value.1).map_err(internal)?;
        let grants: Vec<Grant> =
            grants_of(&self.settings).filter(|(_, of, _)| *of == name).map(|(_, _, grant)| grant).collect();
        let shown = |text: ptrd_tsig::Shown| Secret::new(text.as_str());
        Ok(KeyDetail {
            key: self.key_view(&key, added, &grants),
            secret: Secret::new(key.to_base64().as_str()),
            bind: shown(key.to_bind()),
            knot: shown(key.to_knot()),
            nsd: shown(key.to_nsd()),
            dig: shown(key.to_argument()),
        })
    }

    fn key_view(&self, key: &Key, added: String, grants: &[Grant]) -> KeyView {
        KeyView {
            name: key.name().to_string(),
            algorithm: key.algorithm().to_string(),
            added,
            access: grants.iter().take(LISTED_ACCESS).map(|grant| self.access_view(grant)).collect(),
            access_total: grants.len() as u64,
        }
    }
}

//! NS sets and SOA templates: added, changed, renamed, removed.

use crate::defaults::{read_nameservers, read_rname, read_timer};
use crate::names::{NAMESERVER, host};
use crate::plan::Plan;
use crate::problem::{bad, conflict, count, invalid, not_found, quote, some};
use crate::ptr::read_ttl;
use crate::version;
use ptrd_api::{NsSetWrite, Problem, SoaTemplateWrite};
use ptrd_wire::{Name, Ttl};
use ptrd_zone::Declared;
use ptrd_zone::model::{DEFAULT_NAME, NsSet, NsSetId, SerialPolicy, SoaTemplate, SoaTemplateId};
use std::sync::Arc;

/// The word that stands for no set and no template where zones are set.
pub(crate) const OWN: &str = "own";

/// The version that something must still have, if any.
type Expect = Option<String>;

/// What is to become of a set or a template.
#[derive(Debug)]
pub(crate) enum SetDeed<T> {
    Add { name: String, new: T },
    Set { name: String, new: T, expect: Expect },
    Rename { name: String, to: String, expect: Expect },
    Remove { name: String, expect: Expect },
}

/// What a request says of an NS set.
#[derive(Debug)]
pub(crate) struct NewNsSet {
    nameservers: Option<Vec<Name>>,
    ttl: Option<Option<Ttl>>,
}

/// What a request says of a SOA template.
#[derive(Debug, Default)]
pub(crate) struct NewSoaTemplate {
    pub mname: Option<Option<Name>>,
    pub rname: Option<Name>,
    pub refresh: Option<u32>,
    pub retry: Option<u32>,
    pub expire: Option<u32>,
    pub minimum: Option<Ttl>,
    pub ttl: Option<Option<Ttl>>,
    pub serial_policy: Option<SerialPolicy>,
}

/// A value, that it is to be inherited again, or neither.
fn read_inherited<T>(what: &str, value: Option<T>, inherit: bool) -> Result<Option<Option<T>>, Problem> {
    match (value, inherit) {
        (Some(_), true) => Err(bad(format!("a {what} is given, and that it is to be inherited"))),
        (Some(value), false) => Ok(Some(Some(value))),
        (None, true) => Ok(Some(None)),
        (None, false) => Ok(None),
    }
}

impl NewNsSet {
    pub fn read(write: &NsSetWrite) -> Result<NewNsSet, Problem> {
        let nameservers = write.nameservers.as_deref().map(read_nameservers).transpose()?;
        let ttl = read_inherited("TTL", write.ttl.map(read_ttl).transpose()?, write.inherit_ttl)?;
        Ok(NewNsSet { nameservers, ttl })
    }
}

impl NewSoaTemplate {
    pub fn read(write: &SoaTemplateWrite) -> Result<NewSoaTemplate, Problem> {
        let ttl = |value: Option<u32>| value.map(read_ttl).transpose();
        let mname =
            |text: &String| host(text, NAMESERVER).map_err(|message| invalid(format!("MNAME {message}")));
        Ok(NewSoaTemplate {
            mname: read_inherited(
                "MNAME",
                write.mname.as_ref().map(mname).transpose()?,
                write.inherit_mname,
            )?,
            rname: write.rname.as_deref().map(read_rname).transpose()?,
            refresh: read_timer("REFRESH", write.refresh)?,
            retry: read_timer("RETRY", write.retry)?,
            expire: read_timer("EXPIRE", write.expire)?,
            minimum: ttl(write.minimum)?,
            ttl: read_inherited("TTL", ttl(write.ttl)?, write.inherit_ttl)?,
            serial_policy: write.serial_policy.as_deref().map(read_policy).transpose()?,
        })
    }

    /// The template with what is given in place of what was there.
    pub fn onto(&self, old: &SoaTemplate) -> SoaTemplate {
        SoaTemplate {
            id: old.id,
            name: old.name.clone(),
            mname: self.mname.clone().unwrap_or_else(|| old.mname.clone()),
            rname: self.rname.clone().unwrap_or_else(|| old.rname.clone()),
            refresh: self.refresh.unwrap_or(old.refresh),
            retry: self.retry.unwrap_or(old.retry),
            expire: self.expire.unwrap_or(old.expire),
            minimum: self.minimum.unwrap_or(old.minimum),
            ttl: self.ttl.unwrap_or(old.ttl),
            serial_policy: self.serial_policy.unwrap_or(old.serial_policy),
        }
    }
}

pub(crate) fn read_policy(text: &str) -> Result<SerialPolicy, Problem> {
    text.parse().map_err(|error: ptrd_zone::model::BadPolicy| bad(error.to_string()))
}

fn check_name(what: &str, name: &str) -> Result<(), Problem> {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !letters || name.is_empty() || name.len() > 63 || name.starts_with('-') || name.ends_with('-') {
        return Err(invalid(format!(
            "{} is no name for {what}: 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end",
            quote(name)
        )));
    }
    if name == OWN {
        return Err(invalid(format!("{OWN} is no name for {what}: it stands for a zone's own records")));
    }
    Ok(())
}

/// A new one has no version that could be expected.
pub(crate) fn refuse_expect(expect: Option<&String>) -> Result<(), Problem> {
    match expect {
        Some(_) => Err(bad("what is new has no version to expect").hint("leave `expect` out")),
        None => Ok(()),
    }
}

fn check_ns_set(set: &NsSet, expect: &Expect) -> Result<(), Problem> {
    version::check(|| format!("the NS set {}", set.name), expect.as_ref(), || version::of_ns_set(set))
}

fn check_soa_template(template: &SoaTemplate, expect: &Expect) -> Result<(), Problem> {
    let what = || format!("the SOA template {}", template.name);
    version::check(what, expect.as_ref(), || version::of_soa_template(template))
}

fn check_new(what: &str, name: &str, there: bool) -> Result<(), Problem> {
    check_name(what, name)?;
    if there {
        Err(conflict(format!("{what} named {name} is there already"))
            .hint("choose another name, or change that one with `set`"))
    } else {
        Ok(())
    }
}

fn check_not_default(what: &str, name: &str) -> Result<(), Problem> {
    if name == DEFAULT_NAME {
        return Err(conflict(format!(
            "{what} named {DEFAULT_NAME} stays, under this name: new zones reference it"
        ))
        .hint("change what it holds instead"));
    }
    Ok(())
}

const NS_SET: &str = "an NS set";
const SOA_TEMPLATE: &str = "a SOA template";

/// The NS set of a name.
pub(crate) fn ns_set_named<'d>(declared: &'d Declared, name: &str) -> Result<&'d Arc<NsSet>, Problem> {
    declared
        .ns_set_named(name)
        .ok_or_else(|| not_found(format!("no NS set {}", quote(name))).hint("see `ptrctl ns-set list`"))
}

/// The SOA template of a name.
pub(crate) fn soa_template_named<'d>(
    declared: &'d Declared,
    name: &str,
) -> Result<&'d Arc<SoaTemplate>, Problem> {
    declared.soa_template_named(name).ok_or_else(|| {
        not_found(format!("no SOA template {}", quote(name))).hint("see `ptrctl soa-template list`")
    })
}

/// Whether two lists are the same, letter case included.
pub(crate) fn exactly(a: &[Name], b: &[Name]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.as_wire() == b.as_wire())
}

/// Plans a deed on an NS set.
pub(crate) fn plan_ns_set(plan: &mut Plan<'_>, deed: &SetDeed<NewNsSet>) -> Result<String, Problem> {
    match deed {
        SetDeed::Add { name, new } => {
            check_new(NS_SET, name, plan.declared().ns_set_named(name).is_some())?;
            let nameservers = new.nameservers.clone().ok_or_else(|| bad("an NS set needs nameservers"))?;
            warn_single(plan, &nameservers);
            let ttl = new.ttl.flatten();
            plan.put_ns_set(NsSet { id: NsSetId(0), name: name.clone(), nameservers, ttl });
            Ok(format!("NS set {name} added"))
        }
        SetDeed::Set { name, new, expect } => {
            let old = NsSet::clone(ns_set_named(plan.declared(), name)?);
            check_ns_set(&old, expect)?;
            let nameservers = new.nameservers.clone().unwrap_or_else(|| old.nameservers.clone());
            let ttl = new.ttl.unwrap_or(old.ttl);
            set_ns_set(plan, &old, nameservers, ttl)
        }
        SetDeed::Rename { name, to, expect } => {
            let old = ns_set_named(plan.declared(), name)?.clone();
            check_ns_set(&old, expect)?;
            check_not_default(NS_SET, name)?;
            check_new(NS_SET, to, plan.declared().ns_set_named(to).is_some())?;
            plan.put_ns_set(NsSet { name: to.clone(), ..NsSet::clone(&old) });
            Ok(format!("NS set {name} renamed to {to}"))
        }
        SetDeed::Remove { name, expect } => {
            let old = ns_set_named(plan.declared(), name)?.clone();
            check_ns_set(&old, expect)?;
            check_not_default(NS_SET, name)?;
            let zones = plan.declared().zones().filter(|zone| zone.ns_set == Some(old.id));
            check_unreferenced(NS_SET, name, zones.map(|zone| zone.apex.clone()), "--ns-set")?;
            plan.remove_ns_set(&old);
            Ok(format!("NS set {name} removed"))
        }
    }
}

/// Gives an NS set other nameservers and another TTL.
pub(crate) fn set_ns_set(
    plan: &mut Plan<'_>,
    old: &NsSet,
    nameservers: Vec<Name>,
    ttl: Option<Ttl>,
) -> Result<String, Problem> {
    let name = &old.name;
    if exactly(&nameservers, &old.nameservers) && ttl == old.ttl {
        return Ok(format!("the NS set {name} is so already"));
    }
    warn_single(plan, &nameservers);
    let overridden = {
        let zones = plan.declared().zones().filter(|zone| zone.ns_set == Some(old.id));
        zones.filter(|zone| plan.zone(&zone.apex).is_some_and(|zone| zone.has_own_ns())).count()
    };
    if overridden > 0 {
        plan.warn(format!(
            "{} that reference it show NS records of their own and stay as they are: `ptrctl zone list --ns-set {name}`",
            count(overridden as u64, "zone")
        ));
    }
    plan.put_ns_set(NsSet { nameservers, ttl, ..old.clone() });
    Ok(format!("NS set {name} set"))
}

fn warn_single(plan: &mut Plan<'_>, nameservers: &[Name]) {
    if nameservers.len() == 1 {
        plan.warn("one nameserver only: registries ask for two (RFC 2182 §5)");
    }
}

fn check_unreferenced(
    what: &str,
    name: &str,
    zones: impl Iterator<Item = Name>,
    option: &str,
) -> Result<(), Problem> {
    let zones: Vec<Name> = zones.collect();
    if zones.is_empty() {
        return Ok(());
    }
    let total = count(zones.len() as u64, "zone");
    Err(conflict(format!("{what} named {name} is referenced by {total}: {}", some(&zones, 4)))
        .hint(format!("let them reference another one first: `ptrctl zone set APEX {option} NAME`")))
}

/// Plans a deed on a SOA template.
pub(crate) fn plan_soa_template(
    plan: &mut Plan<'_>,
    deed: &SetDeed<NewSoaTemplate>,
) -> Result<String, Problem> {
    match deed {
        SetDeed::Add { name, new } => {
            check_new(SOA_TEMPLATE, name, plan.declared().soa_template_named(name).is_some())?;
            let base = SoaTemplate::clone(soa_template_named(plan.declared(), DEFAULT_NAME)?);
            let template = SoaTemplate { id: SoaTemplateId(0), name: name.clone(), ..new.onto(&base) };
            warn_retry(plan, &template);
            plan.put_soa_template(template);
            Ok(format!("SOA template {name} added"))
        }
        SetDeed::Set { name, new, expect } => {
            let old = SoaTemplate::clone(soa_template_named(plan.declared(), name)?);
            check_soa_template(&old, expect)?;
            set_soa_template(plan, &old, new)
        }
        SetDeed::Rename { name, to, expect } => {
            let old = soa_template_named(plan.declared(), name)?.clone();
            check_soa_template(&old, expect)?;
            check_not_default(SOA_TEMPLATE, name)?;
            check_new(SOA_TEMPLATE, to, plan.declared().soa_template_named(to).is_some())?;
            plan.put_soa_template(SoaTemplate { name: to.clone(), ..SoaTemplate::clone(&old) });
            Ok(format!("SOA template {name} renamed to {to}"))
        }
        SetDeed::Remove { name, expect } => {
            let old = soa_template_named(plan.declared(), name)?.clone();
            check_soa_template(&old, expect)?;
            check_not_default(SOA_TEMPLATE, name)?;
            let zones = plan.declared().zones().filter(|zone| zone.soa_template == Some(old.id));
            check_unreferenced(SOA_TEMPLATE, name, zones.map(|zone| zone.apex.clone()), "--soa-template")?;
            plan.remove_soa_template(&old);
            Ok(format!("SOA template {name} removed"))
        }
    }
}

/// Changes a SOA template.
pub(crate) fn set_soa_template(
    plan: &mut Plan<'_>,
    old: &SoaTemplate,
    new: &NewSoaTemplate,
) -> Result<String, Problem> {
    let template = new.onto(old);
    let name = &old.name;
    let wire = |name: &Option<Name>| name.as_ref().map(|name| name.as_wire().to_vec());
    let same_case =
        wire(&template.mname) == wire(&old.mname) && template.rname.as_wire() == old.rname.as_wire();
    if template == *old && same_case {
        return Ok(format!("the SOA template {name} is so already"));
    }
    warn_retry(plan, &template);
    plan.put_soa_template(template);
    Ok(format!("SOA template {name} set"))
}

fn warn_retry(plan: &mut Plan<'_>, template: &SoaTemplate) {
    if template.retry >= template.refresh {
        plan.warn("RETRY should be less than REFRESH (RFC 1912 §2.2)");
    }
}

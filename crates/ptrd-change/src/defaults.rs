//! The defaults: the NS set and the SOA template that are named `default`, which new zones reference, and the TTLs of
//! whatever has none of its own. The first two have rows of their own; the TTLs are a setting.

use crate::names::{NAMESERVER, host};
use crate::plan::Plan;
use crate::problem::{invalid, quote};
use crate::ptr::read_ttl;
use crate::sets::{NewSoaTemplate, set_ns_set, set_soa_template};
use crate::version;
use ptrd_api::{DefaultsSet, DefaultsView, Problem};
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Family, Name, Ttl};
use ptrd_zone::model::{Defaults, NsSet, NsSetId, SoaTemplate, SoaTemplateId, ZoneKind};
use ptrd_zone::{Declared, Touch};
use serde::{Deserialize, Serialize};

/// The setting that holds the TTLs, as JSON.
pub(crate) const SETTING: &str = "defaults";
/// Nameservers that a zone may have at most: they must fit beside an answer.
const MAX_NAMESERVERS: usize = 13;
/// The largest value of a timer: RFC 1035 §3.3.13 counts them as 32-bit numbers, RFC 2181 §8 takes the sign away.
const MAX_TIMER: u32 = 0x7fff_ffff;

/// Changes of the defaults, read.
#[derive(Debug, Default)]
pub(crate) struct NewDefaults {
    nameservers: Option<Vec<Name>>,
    soa: NewSoaTemplate,
    zone_ttl: Option<Ttl>,
    ptr_ttl: Option<Ttl>,
    expect: Option<String>,
}

impl NewDefaults {
    pub fn read(set: &DefaultsSet) -> Result<NewDefaults, Problem> {
        let ttl = |value: Option<u32>| value.map(read_ttl).transpose();
        Ok(NewDefaults {
            nameservers: set.nameservers.as_deref().map(read_nameservers).transpose()?,
            soa: NewSoaTemplate {
                rname: set.rname.as_deref().map(read_rname).transpose()?,
                refresh: read_timer("REFRESH", set.refresh)?,
                retry: read_timer("RETRY", set.retry)?,
                expire: read_timer("EXPIRE", set.expire)?,
                minimum: ttl(set.minimum)?,
                ..NewSoaTemplate::default()
            },
            zone_ttl: ttl(set.zone_ttl)?,
            ptr_ttl: ttl(set.ptr_ttl)?,
            expect: set.expect.clone(),
        })
    }
}

pub(crate) fn read_timer(what: &str, value: Option<u32>) -> Result<Option<u32>, Problem> {
    match value {
        Some(seconds) if seconds > MAX_TIMER => {
            Err(invalid(format!("{what} {seconds} is too large: at most {MAX_TIMER} seconds")))
        }
        value => Ok(value),
    }
}

pub(crate) fn read_nameservers(texts: &[String]) -> Result<Vec<Name>, Problem> {
    let mut names: Vec<Name> = Vec::new();
    for text in texts {
        let name = host(text, NAMESERVER).map_err(|message| invalid(format!("nameserver {message}")))?;
        if names.contains(&name) {
            return Err(invalid(format!("the nameserver {name} is given twice")));
        }
        names.push(name);
    }
    if names.is_empty() || names.len() > MAX_NAMESERVERS {
        return Err(invalid(format!("{} nameservers: a zone needs 1 to {MAX_NAMESERVERS}", names.len())));
    }
    Ok(names)
}

pub(crate) fn read_rname(text: &str) -> Result<Name, Problem> {
    if text.contains('@') {
        return Err(invalid(format!("{} is a mail address: RNAME is a name", quote(text)))
            .hint("write the @ as a dot, and dots before it as \\. (RFC 1035 §8)"));
    }
    let name = crate::request::read_name("RNAME", text)?;
    if name.label_count() < 2 {
        return Err(invalid(format!(
            "RNAME {name} has no domain: hostmaster.example.net. stands for a mailbox"
        )));
    }
    Ok(name)
}

/// Sets defaults. Zones that reference the NS set and the SOA template, PTRs and derived records that inherit a TTL
/// change at once.
pub(crate) fn set(plan: &mut Plan<'_>, new: &NewDefaults) -> Result<String, Problem> {
    let found = || version::of_defaults(plan.declared());
    version::check(|| "the set of defaults".to_owned(), new.expect.as_ref(), found)?;
    let (ns_set, template) = of(plan.declared());
    let before = plan.edit_count();
    if let Some(nameservers) = &new.nameservers {
        set_ns_set(plan, &ns_set, nameservers.clone(), ns_set.ttl)?;
    }
    set_soa_template(plan, &template, &new.soa)?;
    let old = plan.declared().defaults().clone();
    let defaults = Defaults {
        zone_ttl: new.zone_ttl.unwrap_or(old.zone_ttl),
        ptr_ttl: new.ptr_ttl.unwrap_or(old.ptr_ttl),
    };
    if defaults != old {
        put(plan, defaults);
    }
    let same = plan.edit_count() == before;
    Ok(if same { "the defaults are so already" } else { "defaults set" }.to_owned())
}

/// The NS set and the SOA template that are named `default`. They cannot be removed.
pub(crate) fn of(declared: &Declared) -> (NsSet, SoaTemplate) {
    let ns_set = declared.ns_set(NsSetId::DEFAULT).map(|set| NsSet::clone(set));
    let template = declared.soa_template(SoaTemplateId::DEFAULT).map(|template| SoaTemplate::clone(template));
    (ns_set.unwrap_or_else(NsSet::first), template.unwrap_or_else(SoaTemplate::first))
}

fn put(plan: &mut Plan<'_>, defaults: Defaults) {
    let before = plan.next.settings.get(SETTING).cloned();
    plan.edit(Edit::Setting { name: SETTING.to_owned(), before, after: Some(to_json(&defaults)) });
    apply(plan, defaults);
}

/// Lets defaults take effect: PTRs and derived records that inherit a TTL change at once.
pub(crate) fn apply(plan: &mut Plan<'_>, defaults: Defaults) {
    let old = plan.declared().defaults().clone();
    let (zone_ttl, ptr_ttl) = (old.zone_ttl != defaults.zone_ttl, old.ptr_ttl != defaults.ptr_ttl);
    plan.next.declared.set_defaults(defaults);
    if zone_ttl {
        plan.resolve_where(|zone| zone.ns_set.is_some() || zone.soa_template.is_some());
    }
    let native: Vec<_> =
        plan.declared().zones().filter(|zone| zone.kind != ZoneKind::Verbatim).map(|zone| zone.id).collect();
    native.into_iter().for_each(|zone| plan.touch(zone, Touch::whole()));
    if ptr_ttl {
        plan.retime(&AddrRange::of_prefix(Family::V4, 0, 0));
        plan.retime(&AddrRange::of_prefix(Family::V6, 0, 0));
    }
}

/// As the API has them.
pub(crate) fn view(declared: &Declared) -> DefaultsView {
    let (ns_set, template) = of(declared);
    let defaults = declared.defaults();
    DefaultsView {
        nameservers: ns_set.nameservers.iter().map(Name::to_string).collect(),
        rname: template.rname.to_string(),
        refresh: template.refresh,
        retry: template.retry,
        expire: template.expire,
        minimum: template.minimum.as_secs(),
        zone_ttl: defaults.zone_ttl.as_secs(),
        ptr_ttl: defaults.ptr_ttl.as_secs(),
        version: String::new(),
    }
}

/// The setting as the store has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    zone_ttl: u32,
    ptr_ttl: u32,
}

pub(crate) fn to_json(defaults: &Defaults) -> String {
    let stored = Stored { zone_ttl: defaults.zone_ttl.as_secs(), ptr_ttl: defaults.ptr_ttl.as_secs() };
    serde_json::to_string(&stored).unwrap_or_default()
}

/// Reads the setting. Before there were sets it held all of what [`DefaultsView`] shows; then the second value is what
/// belongs into the set and the template named `default`, for [`crate::carry_over`].
pub(crate) fn from_json(text: &str) -> Result<(Defaults, Option<DefaultsView>), String> {
    let of =
        |zone_ttl, ptr_ttl| Defaults { zone_ttl: Ttl::from_secs(zone_ttl), ptr_ttl: Ttl::from_secs(ptr_ttl) };
    match serde_json::from_str::<Stored>(text) {
        Ok(stored) => Ok((of(stored.zone_ttl, stored.ptr_ttl), None)),
        Err(error) => match serde_json::from_str::<DefaultsView>(text) {
            Ok(view) => Ok((of(view.zone_ttl, view.ptr_ttl), Some(view))),
            Err(_) => Err(error.to_string()),
        },
    }
}

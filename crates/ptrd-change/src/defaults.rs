//! What new zones start with.

use crate::names::{NAMESERVER, host};
use crate::plan::Plan;
use crate::problem::{invalid, quote};
use crate::ptr::read_ttl;
use ptrd_api::{DefaultsSet, DefaultsView, Problem};
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Family, Name, Ttl};
use ptrd_zone::model::{Defaults, ZoneKind};

/// The setting that holds them, as JSON.
pub(crate) const SETTING: &str = "defaults";
/// Nameservers that a zone may have at most: they must fit beside an answer.
const MAX_NAMESERVERS: usize = 13;
/// The largest value of a timer: RFC 1035 §3.3.13 counts them as 32-bit numbers, RFC 2181 §8 takes the sign away.
const MAX_TIMER: u32 = 0x7fff_ffff;

/// Changes of the defaults, read.
#[derive(Debug, Default)]
pub(crate) struct NewDefaults {
    nameservers: Option<Vec<Name>>,
    rname: Option<Name>,
    refresh: Option<u32>,
    retry: Option<u32>,
    expire: Option<u32>,
    minimum: Option<Ttl>,
    zone_ttl: Option<Ttl>,
    ptr_ttl: Option<Ttl>,
}

impl NewDefaults {
    pub fn read(set: &DefaultsSet) -> Result<NewDefaults, Problem> {
        let timer = |what: &str, value: Option<u32>| match value {
            Some(seconds) if seconds > MAX_TIMER => {
                Err(invalid(format!("{what} {seconds} is too large: at most {MAX_TIMER} seconds")))
            }
            value => Ok(value),
        };
        let ttl = |value: Option<u32>| value.map(read_ttl).transpose();
        Ok(NewDefaults {
            nameservers: set.nameservers.as_deref().map(read_nameservers).transpose()?,
            rname: set.rname.as_deref().map(read_rname).transpose()?,
            refresh: timer("REFRESH", set.refresh)?,
            retry: timer("RETRY", set.retry)?,
            expire: timer("EXPIRE", set.expire)?,
            minimum: ttl(set.minimum)?,
            zone_ttl: ttl(set.zone_ttl)?,
            ptr_ttl: ttl(set.ptr_ttl)?,
        })
    }
}

fn read_nameservers(texts: &[String]) -> Result<Vec<Name>, Problem> {
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

fn read_rname(text: &str) -> Result<Name, Problem> {
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

/// Sets defaults. New zones take them; PTRs and derived records that inherit a TTL change at once.
pub(crate) fn set(plan: &mut Plan<'_>, new: &NewDefaults) -> Result<String, Problem> {
    let old = plan.declared().defaults().clone();
    let mut defaults = old.clone();
    let pick = |to: &mut u32, from: Option<u32>| *to = from.unwrap_or(*to);
    let pick_ttl = |to: &mut Ttl, from: Option<Ttl>| *to = from.unwrap_or(*to);
    defaults.nameservers = new.nameservers.clone().unwrap_or(defaults.nameservers);
    defaults.rname = new.rname.clone().unwrap_or(defaults.rname);
    pick(&mut defaults.refresh, new.refresh);
    pick(&mut defaults.retry, new.retry);
    pick(&mut defaults.expire, new.expire);
    pick_ttl(&mut defaults.minimum, new.minimum);
    pick_ttl(&mut defaults.zone_ttl, new.zone_ttl);
    pick_ttl(&mut defaults.ptr_ttl, new.ptr_ttl);
    if exact(&defaults) == exact(&old) {
        return Ok("the defaults are so already".to_owned());
    }
    if defaults.retry >= defaults.refresh {
        plan.warn("RETRY should be less than REFRESH (RFC 1912 §2.2)");
    }
    if defaults.nameservers.len() == 1 {
        plan.warn("one nameserver only: registries ask for two (RFC 2182 §5)");
    }
    let edit = Edit::Setting {
        name: SETTING.to_owned(),
        before: is_stored(&old).then(|| to_json(&old)),
        after: Some(to_json(&defaults)),
    };
    plan.edit(edit);
    let (zone_ttl, ptr_ttl) = (old.zone_ttl != defaults.zone_ttl, old.ptr_ttl != defaults.ptr_ttl);
    plan.next.declared.set_defaults(defaults);
    if zone_ttl || ptr_ttl {
        let native: Vec<_> = plan
            .declared()
            .zones()
            .filter(|zone| zone.kind != ZoneKind::Verbatim)
            .map(|zone| zone.id)
            .collect();
        native.into_iter().for_each(|zone| plan.touch(zone));
    }
    if ptr_ttl {
        plan.retime(&AddrRange::of_prefix(Family::V4, 0, 0));
        plan.retime(&AddrRange::of_prefix(Family::V6, 0, 0));
    }
    Ok("defaults set".to_owned())
}

/// Names compare without case, but a change of case is a change here.
fn exact(defaults: &Defaults) -> String {
    to_json(defaults)
}

fn is_stored(defaults: &Defaults) -> bool {
    exact(defaults) != exact(&Defaults::default())
}

/// As the store and the API have them.
pub(crate) fn view(defaults: &Defaults) -> DefaultsView {
    DefaultsView {
        nameservers: defaults.nameservers.iter().map(Name::to_string).collect(),
        rname: defaults.rname.to_string(),
        refresh: defaults.refresh,
        retry: defaults.retry,
        expire: defaults.expire,
        minimum: defaults.minimum.as_secs(),
        zone_ttl: defaults.zone_ttl.as_secs(),
        ptr_ttl: defaults.ptr_ttl.as_secs(),
    }
}

fn to_json(defaults: &Defaults) -> String {
    serde_json::to_string(&view(defaults)).unwrap_or_default()
}

/// Reads the setting.
pub(crate) fn from_json(text: &str) -> Result<Defaults, String> {
    let view: DefaultsView = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let name = |text: &String| text.parse::<Name>().map_err(|error| error.to_string());
    Ok(Defaults {
        nameservers: view.nameservers.iter().map(name).collect::<Result<_, _>>()?,
        rname: name(&view.rname)?,
        refresh: view.refresh,
        retry: view.retry,
        expire: view.expire,
        minimum: Ttl::from_secs(view.minimum),
        zone_ttl: Ttl::from_secs(view.zone_ttl),
        ptr_ttl: Ttl::from_secs(view.ptr_ttl),
    })
}

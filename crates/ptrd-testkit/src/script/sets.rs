//! The statements about NS sets and SOA templates.

use super::parse::ttl;
use crate::text::parse_name;
use crate::world::World;
use ptrd_wire::Name;
use ptrd_zone::model::{NsSet, NsSetId, SoaTemplate, SoaTemplateId, ZoneId, ZoneSoa};

fn names(text: &str, origin: &Name) -> Result<Vec<Name>, String> {
    text.split(',').map(|name| parse_name(name, origin)).collect()
}

fn pair<'a>(setting: &&'a str) -> Result<(&'a str, &'a str), String> {
    setting.split_once('=').ok_or(format!("“{setting}” is not KEY=VALUE"))
}

/// The set of this name, added if there is none.
fn set<'w>(world: &'w mut World, name: &str) -> &'w mut NsSet {
    let nth = world.ns_sets.iter().position(|set| set.name == name).unwrap_or_else(|| {
        let id = NsSetId(world.ns_sets.len() as u32 + 1);
        world.ns_sets.push(NsSet { id, name: name.to_owned(), nameservers: Vec::new(), ttl: None });
        world.ns_sets.len() - 1
    });
    &mut world.ns_sets[nth]
}

/// The template of this name, added as a copy of the first if there is none.
fn template<'w>(world: &'w mut World, name: &str) -> &'w mut SoaTemplate {
    let nth = world.soa_templates.iter().position(|template| template.name == name).unwrap_or_else(|| {
        let id = SoaTemplateId(world.soa_templates.len() as u32 + 1);
        let new = SoaTemplate { id, name: name.to_owned(), ..world.soa_templates[0].clone() };
        world.soa_templates.push(new);
        world.soa_templates.len() - 1
    });
    &mut world.soa_templates[nth]
}

/// `ns-set NAME …`.
pub(super) fn ns_set(world: &mut World, origin: &Name, name: &str, settings: &[&str]) -> Result<(), String> {
    let set = set(world, name);
    for (key, value) in settings.iter().map(pair).collect::<Result<Vec<_>, _>>()? {
        match key {
            "ns" => set.nameservers = names(value, origin)?,
            "ttl" => set.ttl = Some(ttl(value)?),
            _ => return Err(format!("an NS set has no “{key}”")),
        }
    }
    if set.nameservers.is_empty() { Err("an NS set needs ns=".to_owned()) } else { Ok(()) }
}

/// `soa-template NAME …`.
pub(super) fn soa_template(
    world: &mut World,
    origin: &Name,
    name: &str,
    settings: &[&str],
) -> Result<(), String> {
    let template = template(world, name);
    for (key, value) in settings.iter().map(pair).collect::<Result<Vec<_>, _>>()? {
        match key {
            "mname" => template.mname = Some(parse_name(value, origin)?),
            "rname" => template.rname = parse_name(value, origin)?,
            "minimum" => template.minimum = ttl(value)?,
            "ttl" => template.ttl = Some(ttl(value)?),
            _ => return Err(format!("a SOA template has no “{key}”")),
        }
    }
    Ok(())
}

/// `defaults …`.
pub(super) fn defaults(world: &mut World, origin: &Name, settings: &[&str]) -> Result<(), String> {
    for (key, value) in settings.iter().map(pair).collect::<Result<Vec<_>, _>>()? {
        match key {
            "ns" => world.ns_sets[0].nameservers = names(value, origin)?,
            "rname" => world.soa_templates[0].rname = parse_name(value, origin)?,
            "minimum" => world.soa_templates[0].minimum = ttl(value)?,
            "zone-ttl" => world.defaults.zone_ttl = ttl(value)?,
            "ptr-ttl" => world.defaults.ptr_ttl = ttl(value)?,
            _ => return Err(format!("there is no default “{key}”")),
        }
    }
    Ok(())
}

/// The words `ns-set=NAME` and `soa-template=NAME` of a zone.
pub(super) fn reference(world: &mut World, zone: ZoneId, words: &[String]) -> Result<(), String> {
    for word in words {
        let (key, name) = pair(&word.as_str())?;
        let no = || format!("there is no {key} “{name}”");
        let set = world.ns_sets.iter().find(|set| set.name == name).map(|set| set.id);
        let template =
            world.soa_templates.iter().find(|template| template.name == name).map(|known| known.id);
        let row = world.zones.iter_mut().find(|row| row.id == zone).ok_or("no such zone")?;
        match key {
            "ns-set" => row.ns_set = Some(set.ok_or_else(no)?),
            "soa-template" => {
                let serial = row.soa.serial();
                row.soa = ZoneSoa::Of { template: template.ok_or_else(no)?, serial };
            }
            _ => return Err(format!("a zone has no “{key}”")),
        }
    }
    Ok(())
}

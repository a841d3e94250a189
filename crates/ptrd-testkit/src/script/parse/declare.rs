//! The statements that say what there is: settings of the server, PTRs, blocks, zones.

use super::{OpenZone, Reader, number, ttl};
use crate::script::sets;
use crate::signer::{Denying, sign};
use crate::text::{Line, hex, parse_ip, parse_line};
use crate::world::{RateLimit, classless_apex};
use ptrd_wire::{AddrRange, Name, RecordType, ReversePrefix, Serial, Soa, Ttl, tile_for_registry};
use ptrd_zone::model::{
    BlockTemplate, Delegation, FormerLabel, LabelStyle, Mode, Nameserver, TenantId, ZoneId, ZoneKind, ZoneSoa,
};
use std::str::FromStr;

impl Reader {
    pub(super) fn owner(&mut self) -> TenantId {
        let tenant = self.tenant;
        tenant.unwrap_or_else(|| self.world.tenant("acme"))
    }

    pub(super) fn server(&mut self, settings: &[&str]) -> Result<(), String> {
        for setting in settings {
            let (key, value) = setting.split_once('=').ok_or(format!("“{setting}” is not KEY=VALUE"))?;
            let value = value.trim_matches('"');
            let server = &mut self.world.server;
            match key {
                "nsid" => server.nsid = Some(value.as_bytes().to_vec()),
                "version" => server.version = Some(value.to_owned()),
                "id" => server.id = Some(value.to_owned()),
                "udp-limit" => server.udp_limit = number(value)?,
                _ => return Err(format!("the server has no setting “{key}”")),
            }
        }
        Ok(())
    }

    pub(super) fn rate_limit(&mut self, settings: &[&str]) -> Result<(), String> {
        let mut limit = RateLimit::default();
        for setting in settings {
            let (key, value) = setting.split_once('=').ok_or(format!("“{setting}” is not KEY=VALUE"))?;
            match key {
                "responses" => limit.responses = number(value)?,
                "nxdomains" => limit.nxdomains = number(value)?,
                "referrals" => limit.referrals = number(value)?,
                "errors" => limit.errors = number(value)?,
                "slip" => limit.slip = number(value)?,
                "exempt" => limit.exempt.push(value.parse().map_err(|e| format!("{e}"))?),
                _ => return Err(format!("a rate limit has no setting “{key}”")),
            }
        }
        self.world.server.rate_limit = Some(limit);
        Ok(())
    }

    pub(super) fn ptr(&mut self, address: &str, rest: &[&str]) -> Result<(), String> {
        let own = rest[0].parse::<u32>().ok().map(Ttl::from_secs);
        let names = &rest[usize::from(own.is_some())..];
        let names = names.iter().map(|name| self.name(name)).collect::<Result<Vec<_>, _>>()?;
        self.world.ptr(parse_ip(address)?, own, names);
        Ok(())
    }

    pub(super) fn block(&mut self, range: &str, rest: &[&str]) -> Result<(), String> {
        let range: AddrRange = range.parse().map_err(|e| format!("{e}"))?;
        let (mut default_ttl, mut own_zone, mut no_zone) = (None, false, false);
        let (mut mode, mut style, mut apex) = (None, None, None);
        let (mut suspended, mut former) = (false, Vec::new());
        let mut template = BlockTemplate::Inherit;
        let mut delegation = Delegation::default();
        for word in rest {
            match word.split_once('=').unwrap_or((word, "")) {
                ("ttl", seconds) => default_ttl = Some(ttl(seconds)?),
                ("template", text) => template = BlockTemplate::read(text),
                ("own-zone", "") => own_zone = true,
                ("no-zone", "") => no_zone = true,
                ("suspended", "") => suspended = true,
                ("former", name) => former.push(self.name(name)?),
                ("apex", name) => apex = Some(self.name(name)?),
                ("ns", text) => delegation.nameservers.push(self.nameserver(text)?),
                ("ds", text) => {
                    let line = format!(". DS {}", text.replace(',', " "));
                    delegation.ds.push(parse_line(&line, &self.origin, self.ttl)?.rdata.into());
                }
                (_, "") | ("label", _) if mode.is_some() => {
                    style = Some(LabelStyle::from_str(word).map_err(|e| format!("{e}"))?);
                }
                _ => mode = Some(*word),
            }
        }
        let styled = |style: Option<LabelStyle>, apex: Option<Name>| {
            let style = style.ok_or("a classless block needs a style")?;
            let apex = apex.or_else(|| classless_apex(&range, &style));
            apex.map(|apex| (style, apex)).ok_or(format!("the style cannot spell {range}"))
        };
        let mode = match mode {
            Some("direct") => Mode::Direct,
            Some("observed") => Mode::Observed,
            Some("classless") => {
                let (style, apex) = styled(style, apex)?;
                Mode::Classless { style, apex }
            }
            Some("delegate-zone") => Mode::DelegatedWhole(delegation),
            Some("delegate-classless") => {
                let (style, apex) = styled(style, apex)?;
                Mode::DelegatedClassless { style, apex, delegation }
            }
            Some("delegate-ns") => Mode::DelegatedEach(delegation),
            other => return Err(format!("“{}” is no mode of a block", other.unwrap_or(""))),
        };
        let tenant = self.owner();
        let (direct, classless) = (mode == Mode::Direct, matches!(mode, Mode::Classless { .. }));
        let delegation = mode.delegation().cloned();
        let block = self.world.block(range, tenant, mode, default_ttl);
        if let Some(block) = self.world.blocks.last_mut() {
            block.standing.suspended = suspended;
            block.template = template;
            if no_zone {
                let label = |apex: &Name| FormerLabel {
                    apex: apex.clone(),
                    delegation: delegation.clone(),
                    until: None,
                };
                block.standing.former = former.iter().map(label).collect();
            }
        }
        if no_zone {
            return Ok(());
        }
        if classless {
            self.world.classless_zone(block);
        }
        for apex in former {
            self.world.former_label(block, apex);
        }
        if direct {
            self.range_zones(&range, tenant, own_zone);
        }
        Ok(())
    }

    pub(super) fn range_zones(&mut self, range: &AddrRange, tenant: TenantId, own_zone: bool) {
        let single = || vec![ReversePrefix::new(range.first(), 32)];
        let tiles = tile_for_registry(range);
        let tiles = tiles.or_else(|| (range.size() == 1).then(single)).unwrap_or_default();
        for tile in tiles {
            let held = self.world.zone_holding(&tile.name());
            if held.is_none() || own_zone && held.is_some_and(|zone| zone.apex != tile.name()) {
                self.world.range_zone(tile, tenant);
            }
        }
    }

    pub(super) fn nameserver(&self, text: &str) -> Result<Nameserver, String> {
        let (name, addresses) = text.split_once('@').unwrap_or((text, ""));
        let addresses = addresses.split(',').filter(|address| !address.is_empty());
        Ok(Nameserver {
            name: self.name(name)?,
            addresses: addresses.map(parse_ip).collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn open_zone(&mut self, apex: &str, kind: &[&str]) -> Result<(), String> {
        let apex = self.name(apex)?;
        let (references, kind): (Vec<&str>, Vec<&str>) = kind.iter().partition(|word| word.contains('='));
        let (signed, references): (Vec<&str>, Vec<&str>) =
            references.into_iter().partition(|word| word.starts_with("signed="));
        let denying = signed.first().map(|word| denying(&word["signed=".len()..])).transpose()?;
        let references = references.into_iter().map(str::to_owned).collect();
        let kind = match (kind.as_slice(), self.world.zone_at(&apex)) {
            (["native"], Some(zone)) => zone.kind.clone(),
            (["native"], None) => {
                ZoneKind::Range(ReversePrefix::of_apex(&apex).ok_or(format!("{apex} shows no addresses"))?)
            }
            (["verbatim"], None) => ZoneKind::Verbatim,
            (["classless", range], None) => {
                let range: AddrRange = range.parse().map_err(|e| format!("{e}"))?;
                let block = self.world.blocks.iter().find(|block| block.range == range);
                ZoneKind::Classless { block: block.ok_or(format!("no block {range}"))?.id, range }
            }
            _ => return Err("a zone is native, verbatim or classless RANGE, and declared once".to_owned()),
        };
        self.zone = Some(OpenZone { apex, kind, references, denying, lines: Vec::new() });
        Ok(())
    }

    pub(super) fn catalog(&mut self, apex: &str, rest: &[&str]) -> Result<(), String> {
        let (mut from, mut key) = (None, None);
        for word in rest {
            match word.split_once('=') {
                Some(("from", range)) => from = Some(range.parse().map_err(|e| format!("{e}"))?),
                Some(("key", name)) => key = Some(self.name(name)?),
                _ => return Err("catalog APEX [from=RANGE] [key=NAME]".to_owned()),
            }
        }
        let (apex, tenant) = (self.name(apex)?, self.owner());
        self.world.catalog(apex, tenant, from, key);
        Ok(())
    }

    pub(super) fn companion(&mut self, apex: &str, grants: &[&str]) -> Result<(), String> {
        let apex = self.name(apex)?;
        let zone = self.world.zone_at(&apex).ok_or("a companion zone that was not declared")?.id;
        self.world.companion(zone);
        for grant in grants {
            let (tenant, name) = grant.split_once('=').ok_or("companion APEX [TENANT=NAME…]")?;
            let granted = (self.world.tenant(tenant), self.name(name)?);
            self.world.companions.last_mut().ok_or("no companion zone")?.grants.push(granted);
        }
        Ok(())
    }

    pub(super) fn zone_line(&mut self, line: &str) -> Result<(), String> {
        let zone = self.zone.as_mut().ok_or("a record outside a zone")?;
        let line = parse_line(line, &zone.apex, self.ttl)?;
        if !line.owner.is_at_or_under(&zone.apex) {
            return Err(format!("{} is not in zone {}", line.owner, zone.apex));
        }
        zone.lines.push(line);
        Ok(())
    }

    pub(super) fn close_zone(&mut self) -> Result<(), String> {
        let zone = self.zone.take().ok_or("“end” without a zone")?;
        let (soa, rest): (Vec<Line>, Vec<Line>) =
            zone.lines.into_iter().partition(|line| line.rtype == RecordType::SOA);
        let has_ns = rest.iter().any(|line| line.rtype == RecordType::NS && line.owner == zone.apex);
        let tenant = self.owner();
        let id = match self.world.zone_at(&zone.apex) {
            Some(known) => known.id,
            None if zone.kind == ZoneKind::Verbatim => {
                let ttl = soa.first().ok_or("a verbatim zone needs an SOA")?.ttl;
                self.world.zone(
                    zone.apex.clone(),
                    tenant,
                    zone.kind,
                    self.world.soa_templates[0].soa(Serial(1), None),
                    ttl,
                )
            }
            None => self.world.zone_with_defaults(zone.apex.clone(), tenant, zone.kind),
        };
        sets::reference(&mut self.world, id, &zone.references)?;
        if let Some(line) = soa.first() {
            let row = self.world.zones.iter_mut().find(|row| row.id == id).ok_or("no such zone")?;
            let soa = Soa::from_wire(&line.rdata).map_err(|e| e.to_string())?;
            row.soa = ZoneSoa::Own { soa, ttl: line.ttl };
        }
        if has_ns {
            let apex = &zone.apex;
            let stale =
                |zone: ZoneId, owner: &Name, rtype| zone == id && owner == apex && rtype == RecordType::NS;
            self.world.records.retain(|record| !stale(record.zone, &record.owner, record.rrset.rtype));
        }
        for line in rest {
            self.world.record(id, line.owner, line.rtype, line.ttl, &line.rdata);
        }
        zone.denying.iter().for_each(|denying| sign(&mut self.world, id, denying));
        Ok(())
    }
}

/// `nsec`, or `nsec3:ITERATIONS:SALT` with or without `:opt-out`.
fn denying(text: &str) -> Result<Denying, String> {
    let words: Vec<&str> = text.split(':').collect();
    let nsec3 = |iterations: &str, salt: &str, opt_out: bool| {
        Ok(Denying::Nsec3 { iterations: number(iterations)?, salt: hex(salt)?, opt_out })
    };
    match words.as_slice() {
        ["nsec"] => Ok(Denying::Nsec),
        ["nsec3", iterations, salt] => nsec3(iterations, salt, false),
        ["nsec3", iterations, salt, "opt-out"] => nsec3(iterations, salt, true),
        _ => Err(format!("“{text}” is neither nsec nor nsec3:ITERATIONS:SALT[:opt-out]")),
    }
}

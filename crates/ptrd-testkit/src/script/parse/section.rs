//! What a reply is to have: sections with records, and the conditions of its header.

use super::{Heading, Reader, number, ttl};
use crate::script::{Ask, OptCheck, TsigCheck};
use crate::signing::NOW;
use crate::text::{Line, gather, hex, parse_line, parse_name, words};
use crate::world::World;
use ptrd_wire::{Name, Rcode, RecordType, Ttl, option};

impl Reader {
    pub(super) fn open_section(&mut self, heading: Heading) -> Result<(), String> {
        self.close_section()?;
        self.heading = heading;
        Ok(())
    }

    pub(super) fn section_line(&mut self, line: &str) -> Result<(), String> {
        let step = self.steps.last_mut().ok_or("records before any query")?;
        if let (Heading::Raw, Ask::Raw { octets, .. }) = (self.heading, &mut step.ask) {
            octets.extend(hex(&words(line).concat())?);
            return Ok(());
        }
        let all = words(line);
        let line = match all.last() {
            _ if all.iter().any(|word| word == "RRSIG") => own_signature(&step.world, &all, &self.origin)?,
            Some(last) if last == "SOA" => {
                let owner = parse_name(&all[0], &self.origin)?;
                let zone = step.world.zone_at(&owner).ok_or(format!("no zone {owner}"))?;
                let soa = crate::rdata_to_text(RecordType::SOA, &step.world.soa(zone).0.to_wire());
                parse_line(&format!("{line} {soa}"), &self.origin, self.ttl)?
            }
            Some(last) if last == "NSEC" || last == "NSEC3" => own_denial(&step.world, &all, &self.origin)?,
            _ => parse_line(line, &self.origin, self.ttl)?,
        };
        self.lines.push(line);
        Ok(())
    }

    pub(super) fn close_section(&mut self) -> Result<(), String> {
        let lines = std::mem::take(&mut self.lines);
        let heading = std::mem::replace(&mut self.heading, Heading::None);
        if lines.is_empty() && heading != Heading::Transfer {
            return Ok(());
        }
        let step = self.steps.last_mut().ok_or("records before any query")?;
        let mut sets = gather(lines);
        let reply = &mut step.expect.reply;
        match heading {
            Heading::Answer => reply.answer = sets,
            Heading::OneOf => reply.one_of = sets,
            Heading::Authority => reply.authority = sets,
            Heading::Additional => reply.additional = sets,
            Heading::Transfer => {
                let Ask::Transfer { apex, records } = &mut step.ask else { return Ok(()) };
                let zone = step.world.zone_at(apex).ok_or(format!("no zone {apex}"))?;
                if !sets.iter().any(|(owner, set)| owner == apex && set.rtype == RecordType::NS) {
                    sets.extend(step.world.apex_ns(zone).map(|ns| (zone.apex.clone(), ns)));
                }
                *records = sets;
            }
            Heading::None | Heading::Raw => return Err("records without a heading".to_owned()),
        }
        Ok(())
    }

    pub(super) fn expect(&mut self, rest: &[&str]) -> Result<(), String> {
        self.close_section()?;
        let step = self.steps.last_mut().ok_or("“expect” before any query")?;
        step.expect.slip = rest.first() == Some(&"slip");
        let rest = &rest[usize::from(step.expect.slip)..];
        let [rcodes, flags @ ..] = rest else { return Err("expect RCODE".to_owned()) };
        if *rcodes == "silence" {
            step.expect.silence = true;
            return Ok(());
        }
        let mut rcodes = rcodes.split('|').map(|text| text.parse::<Rcode>().map_err(|e| format!("{e}")));
        step.expect.reply.rcode = rcodes.next().ok_or("expect RCODE")??;
        step.expect.or_rcodes = rcodes.collect::<Result<_, _>>()?;
        for flag in flags {
            match *flag {
                "aa" => step.expect.reply.aa = true,
                "aa?" => step.expect.any_aa = true,
                "tc" => step.expect.truncated = true,
                _ => return Err(format!("“{flag}” is no flag to expect")),
            }
        }
        Ok(())
    }

    pub(super) fn opt(&mut self, rest: &[&str]) -> Result<(), String> {
        self.close_section()?;
        let step = self.steps.last_mut().ok_or("“opt” before any query")?;
        for word in rest {
            step.expect.opt.push(match word.split_once('=').unwrap_or((word, "")) {
                ("none", "") => OptCheck::None,
                ("version", n) => OptCheck::Version(number(n)?),
                ("do", "") => OptCheck::DnssecOk,
                ("nsid", text) => OptCheck::Nsid(text.trim_matches('"').as_bytes().to_vec()),
                ("no-nsid", "") => OptCheck::Without(option::NSID),
                ("cookie", "") => OptCheck::Cookie,
                ("no-cookie", "") => OptCheck::Without(option::COOKIE),
                ("keepalive", "") => OptCheck::Keepalive,
                ("no-keepalive", "") => OptCheck::Without(option::KEEPALIVE),
                ("ede", "") => OptCheck::ExtendedError(None),
                ("ede", n) => OptCheck::ExtendedError(Some(number(n)?)),
                ("no-ede", "") => OptCheck::Without(option::EDE),
                ("size-at-most", n) => OptCheck::SizeAtMost(number(n)?),
                _ => return Err(format!("“{word}” is no check of OPT")),
            });
        }
        Ok(())
    }

    pub(super) fn tsig(&mut self, rest: &[&str]) -> Result<(), String> {
        self.close_section()?;
        for word in rest {
            let check = match word.split_once('=').unwrap_or((word, "")) {
                ("key", name) => TsigCheck::Key(self.name(name)?),
                ("algorithm", name) => TsigCheck::Algorithm(self.name(name)?),
                ("time", "now") => TsigCheck::Time(NOW.to_be_bytes()[2..].to_vec()),
                ("time", octets) => TsigCheck::Time(hex(octets)?),
                ("other", octets) => TsigCheck::Other(hex(octets)?),
                ("signed", "") => TsigCheck::Signed,
                ("fudge", n) => TsigCheck::Fudge(number(n)?),
                ("error", n) => TsigCheck::Error(number(n)?),
                _ => return Err(format!("“{word}” is no check of TSIG")),
            };
            let step = self.steps.last_mut().ok_or("“tsig” before any query")?;
            step.expect.tsig.push(check);
        }
        Ok(())
    }
}

/// `OWNER [TTL] NSEC` or `NSEC3`: the record that stands there.
fn own_denial(world: &World, words: &[String], origin: &Name) -> Result<Line, String> {
    let owner = parse_name(&words[0], origin)?;
    let rtype: RecordType = words[words.len() - 1].parse().map_err(|e| format!("{e}"))?;
    let found = world.records.iter().find(|record| record.owner == owner && record.rrset.rtype == rtype);
    let rrset = &found.ok_or(format!("{owner} has no {rtype}"))?.rrset;
    let own = (words.len() == 3).then(|| ttl(&words[1])).transpose()?;
    Ok(Line { owner, ttl: own.unwrap_or(rrset.ttl), rtype, rdata: rrset.rdatas[0].to_vec() })
}

/// `OWNER [TTL] RRSIG TYPE [of=NAME]`: the signature of a type that stands there, or at the wildcard of this name.
fn own_signature(world: &World, words: &[String], origin: &Name) -> Result<Line, String> {
    let owner = parse_name(&words[0], origin)?;
    let at = words.iter().position(|word| word == "RRSIG").unwrap_or(1);
    let rtype: RecordType = words.get(at + 1).ok_or("RRSIG TYPE")?.parse().map_err(|e| format!("{e}"))?;
    let from = words.iter().find_map(|word| word.strip_prefix("of="));
    let from = from.map_or(Ok(owner.clone()), |name| parse_name(name, origin))?;
    let sets =
        world.records.iter().filter(|record| record.owner == from && record.rrset.rtype == RecordType::RRSIG);
    let mut rdatas = sets.flat_map(|record| &record.rrset.rdatas);
    let rdata = rdatas.find(|rdata| rdata[..2] == rtype.0.to_be_bytes());
    let rdata = rdata.ok_or(format!("{from} {rtype} is not signed"))?.to_vec();
    let own = (at == 2).then(|| ttl(&words[1])).transpose()?;
    let covered = u32::from_be_bytes([rdata[4], rdata[5], rdata[6], rdata[7]]);
    Ok(Line { owner, ttl: own.unwrap_or(Ttl::from_secs(covered)), rtype: RecordType::RRSIG, rdata })
}

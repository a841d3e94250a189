//! Text forms for failure messages. A World prints as a script that declares it, ready for a text test.

use crate::decode::{Record, Reply};
use crate::question::Question;
use crate::resolver::Expected;
use crate::text::{rdata_to_text, record_to_text, to_hex};
use crate::world::World;
use ptrd_wire::{FLAG_AA, FLAG_CD, FLAG_RA, FLAG_RD, FLAG_TC, Name, RrSet};
use ptrd_zone::model::{BlockTemplate, Delegation, Mode, ZoneKind, ZoneSoa};
use std::fmt;

impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "defaults zone-ttl={} ptr-ttl={}", self.defaults.zone_ttl, self.defaults.ptr_ttl)?;
        for set in &self.ns_sets {
            let nameservers: Vec<String> = set.nameservers.iter().map(Name::to_string).collect();
            write!(f, "ns-set {} ns={}", set.name, nameservers.join(","))?;
            writeln!(f, "{}", Setting("ttl", set.ttl.as_ref()))?;
        }
        for template in &self.soa_templates {
            write!(
                f,
                "soa-template {} rname={} minimum={}",
                template.name, template.rname, template.minimum
            )?;
            write!(f, "{}", Setting("mname", template.mname.as_ref()))?;
            writeln!(f, "{}", Setting("ttl", template.ttl.as_ref()))?;
        }
        for block in &self.blocks {
            write!(f, "block {}", block.range)?;
            if let Some(ttl) = block.default_ttl {
                write!(f, " ttl={ttl}")?;
            }
            if block.template != BlockTemplate::Inherit {
                write!(f, " template={}", block.template)?;
            }
            match &block.mode {
                Mode::Direct => write!(f, " direct")?,
                Mode::Observed => write!(f, " observed")?,
                Mode::Classless { style, apex } => write!(f, " classless {style} apex={apex}")?,
                Mode::DelegatedWhole(delegation) => write!(f, " delegate-zone{}", Words(delegation))?,
                Mode::DelegatedClassless { style, apex, delegation } => {
                    write!(f, " delegate-classless {style} apex={apex}{}", Words(delegation))?;
                }
                Mode::DelegatedEach(delegation) => write!(f, " delegate-ns{}", Words(delegation))?,
            }
            if block.standing.suspended {
                write!(f, " suspended")?;
            }
            for label in &block.standing.former {
                write!(f, " former={}", label.apex)?;
            }
            writeln!(f, " no-zone")?;
        }
        for zone in &self.zones {
            match &zone.kind {
                ZoneKind::Range(_) => write!(f, "zone {} native", zone.apex)?,
                ZoneKind::Classless { range, .. } => write!(f, "zone {} classless {range}", zone.apex)?,
                ZoneKind::Verbatim => write!(f, "zone {} verbatim", zone.apex)?,
            }
            let set = self.ns_sets.iter().find(|set| Some(set.id) == zone.ns_set);
            let template = self.soa_templates.iter().find(|t| Some(t.id) == zone.soa.template());
            write!(f, "{}", Setting("ns-set", set.map(|set| &set.name)))?;
            writeln!(f, "{}", Setting("soa-template", template.map(|template| &template.name)))?;
            if let ZoneSoa::Own { soa, ttl } = &zone.soa {
                let soa = rdata_to_text(ptrd_wire::RecordType::SOA, &soa.to_wire());
                writeln!(f, "  {} {ttl} SOA {soa}", zone.apex)?;
            }
            for record in self.records.iter().filter(|record| record.zone == zone.id) {
                for line in record_to_text(&record.owner, &record.rrset) {
                    writeln!(f, "  {line}")?;
                }
            }
            writeln!(f, "end")?;
        }
        for companion in &self.companions {
            let zone = self.zones.iter().find(|zone| zone.id == companion.zone);
            zone.map_or(Ok(()), |zone| writeln!(f, "companion {}", zone.apex))?;
        }
        for (address, (ttl, names)) in &self.ptrs {
            write!(f, "ptr {address}")?;
            if let Some(ttl) = ttl {
                write!(f, " {ttl}")?;
            }
            for name in names {
                write!(f, " {name}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// ` KEY=VALUE`, or nothing.
struct Setting<'a, T>(&'static str, Option<&'a T>);

impl<T: fmt::Display> fmt::Display for Setting<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            Some(value) => write!(f, " {}={value}", self.0),
            None => Ok(()),
        }
    }
}

/// A delegation as the words of a `block` line.
struct Words<'a>(&'a Delegation);

impl fmt::Display for Words<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for nameserver in &self.0.nameservers {
            write!(f, " ns={}", nameserver.name)?;
            for (nth, address) in nameserver.addresses.iter().enumerate() {
                write!(f, "{}{address}", if nth == 0 { '@' } else { ',' })?;
            }
        }
        for ds in &self.0.ds {
            write!(f, " ds={}", rdata_to_text(ptrd_wire::RecordType::DS, ds).replace(' ', ","))?;
        }
        Ok(())
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "query {} {}", self.name, self.qtype)?;
        if self.class != ptrd_wire::Class::IN {
            write!(f, " class={}", self.class)?;
        }
        for (set, word) in [(self.rd, "rd"), (self.cd, "cd"), (self.ad, "ad")] {
            if set {
                write!(f, " {word}")?;
            }
        }
        if let Some(edns) = &self.edns {
            write!(f, " edns={}", edns.size)?;
            if edns.version != 0 {
                write!(f, " version={}", edns.version)?;
            }
            if edns.dnssec_ok {
                write!(f, " do")?;
            }
            for (code, value) in &edns.options {
                write!(f, " option={code}:{}", to_hex(value))?;
            }
        }
        Ok(())
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str, sets: &[(Name, RrSet)]) -> fmt::Result {
    if sets.is_empty() {
        return Ok(());
    }
    write!(f, "\n{title}")?;
    for line in sets.iter().flat_map(|(owner, rrset)| record_to_text(owner, rrset)) {
        write!(f, "\n  {line}")?;
    }
    Ok(())
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.rcode, if self.aa { " aa" } else { "" })?;
        section(f, "answer", &self.answer)?;
        section(f, "answer-one-of", &self.one_of)?;
        section(f, "authority", &self.authority)?;
        section(f, "additional", &self.additional)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rcode)?;
        let flags = [(FLAG_AA, "aa"), (FLAG_TC, "tc"), (FLAG_RD, "rd"), (FLAG_RA, "ra"), (FLAG_CD, "cd")];
        for (flag, word) in flags {
            if self.flags & flag != 0 {
                write!(f, " {word}")?;
            }
        }
        write!(f, " ({} octets)", self.length)?;
        let sections =
            [("answer", &self.answer), ("authority", &self.authority), ("additional", &self.additional)];
        for (title, records) in sections {
            if !records.is_empty() {
                write!(f, "\n{title}")?;
            }
            for Record { owner, rtype, ttl, rdata, .. } in records {
                write!(f, "\n  {owner} {ttl} {rtype} {}", rdata_to_text(*rtype, rdata))?;
            }
        }
        if let Some(opt) = &self.opt {
            write!(f, "\nopt size={} version={}", opt.size, opt.version)?;
            for (code, value) in &opt.options {
                write!(f, " option={code}:{}", to_hex(value))?;
            }
        }
        if let Some(tsig) = &self.tsig {
            write!(f, "\ntsig key={} data={}", tsig.owner, to_hex(&tsig.rdata))?;
        }
        Ok(())
    }
}

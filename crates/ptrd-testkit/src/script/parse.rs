//! Reading scripts; the format is described one module up.

use super::{Ask, Expect, OptCheck, Script, ScriptError, Step, TsigCheck, sets};
use crate::question::Question;
use crate::resolver::Expected;
use crate::signing::{self, NOW, SharedKey, Signing};
use crate::text::{Line, gather, hex, parse_ip, parse_line, parse_name, words};
use crate::world::{RateLimit, World, classless_apex};
use crate::{FlatZone, Transport};
use ptrd_wire::{
    AddrRange, Class, Name, Opcode, Rcode, RecordType, ReversePrefix, Serial, Soa, Ttl, option,
    tile_for_registry,
};
use ptrd_zone::model::{
    Delegation, FormerLabel, LabelStyle, Mode, Nameserver, TenantId, ZoneId, ZoneKind, ZoneSoa,
};
use std::rc::Rc;
use std::str::FromStr;

/// Which section the records that follow belong to.
#[derive(Clone, Copy, PartialEq)]
enum Heading {
    None,
    Answer,
    OneOf,
    Authority,
    Additional,
    Transfer,
    Raw,
}

struct Reader {
    world: World,
    shared: Option<Rc<World>>,
    tenant: Option<TenantId>,
    origin: Name,
    ttl: Ttl,
    heading: Heading,
    zone: Option<OpenZone>,
    steps: Vec<Step>,
    lines: Vec<Line>,
}

struct OpenZone {
    apex: Name,
    kind: ZoneKind,
    references: Vec<String>,
    lines: Vec<Line>,
}

pub(super) fn parse(name: &str, text: &str) -> Result<Script, ScriptError> {
    let mut reader = Reader {
        world: World::new(),
        shared: None,
        tenant: None,
        origin: Name::root(),
        ttl: Ttl::from_secs(3600),
        heading: Heading::None,
        zone: None,
        steps: Vec::new(),
        lines: Vec::new(),
    };
    let error = |line: usize, what: String| ScriptError { name: name.to_owned(), line, what };
    let mut last = 0;
    for (nth, line) in text.lines().enumerate() {
        last = nth + 1;
        reader.line(last, line).map_err(|what| error(last, what))?;
    }
    reader.close_section().map_err(|what| error(last, what))?;
    if reader.zone.is_some() {
        return Err(error(last, "a zone without “end”".to_owned()));
    }
    Ok(Script { name: name.to_owned(), world: reader.world, steps: reader.steps })
}

impl Reader {
    fn line(&mut self, number: usize, line: &str) -> Result<(), String> {
        let all = words(line);
        let Some((first, rest)) = all.split_first() else { return Ok(()) };
        if self.zone.is_some() && first != "end" {
            return self.zone_line(line);
        }
        if self.heading != Heading::None && line.starts_with([' ', '\t']) {
            return self.section_line(line);
        }
        let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
        match (first.as_str(), rest.as_slice()) {
            ("answer", []) => return self.open_section(Heading::Answer),
            ("answer-one-of", []) => return self.open_section(Heading::OneOf),
            ("authority", []) => return self.open_section(Heading::Authority),
            ("additional", []) => return self.open_section(Heading::Additional),
            ("expect", rest) => return self.expect(rest),
            ("opt", rest) => return self.opt(rest),
            ("tsig", rest) => return self.tsig(rest),
            ("sign", rest) => return self.sign(rest),
            _ => self.close_section()?,
        }
        match (first.as_str(), rest.as_slice()) {
            ("query", rest) => return self.query(number, rest),
            ("raw", rest) => return self.raw(number, rest),
            ("transfer", [apex]) => return self.transfer(number, apex),
            ("$ORIGIN", [name]) => {
                self.origin = parse_name(name, &self.origin)?;
                return Ok(());
            }
            ("$TTL", [seconds]) => {
                self.ttl = ttl(seconds)?;
                return Ok(());
            }
            _ => self.shared = None,
        }
        match (first.as_str(), rest.as_slice()) {
            ("reset", []) => (self.world, self.tenant) = (World::new(), None),
            ("server", settings) => self.server(settings)?,
            ("defaults", settings) => sets::defaults(&mut self.world, &self.origin, settings)?,
            ("ns-set", [name, rest @ ..]) => sets::ns_set(&mut self.world, &self.origin, name, rest)?,
            ("soa-template", [name, rest @ ..]) => {
                sets::soa_template(&mut self.world, &self.origin, name, rest)?;
            }
            ("rate-limit", settings) => self.rate_limit(settings)?,
            ("key", [name, algorithm, secret, rest @ ..]) => self.key([name, algorithm, secret], rest)?,
            ("tenant", [name]) => self.tenant = Some(self.world.tenant(name)),
            ("block", [range, rest @ ..]) => self.block(range, rest)?,
            ("zone", [apex, kind @ ..]) => self.open_zone(apex, kind)?,
            ("end", []) => self.close_zone()?,
            ("ptr", [address, rest @ ..]) if !rest.is_empty() => self.ptr(address, rest)?,
            _ => return Err(format!("“{}” is no statement", line.trim())),
        }
        Ok(())
    }

    fn name(&self, text: &str) -> Result<Name, String> {
        parse_name(text, &self.origin)
    }

    fn owner(&mut self) -> TenantId {
        let tenant = self.tenant;
        tenant.unwrap_or_else(|| self.world.tenant("acme"))
    }

    fn server(&mut self, settings: &[&str]) -> Result<(), String> {
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

    fn rate_limit(&mut self, settings: &[&str]) -> Result<(), String> {
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

    fn key(&mut self, [name, algorithm, secret]: [&str; 3], rest: &[&str]) -> Result<(), String> {
        let algorithm = parse_name(algorithm, &Name::root())?;
        signing::algorithm(&algorithm).ok_or(format!("scripts cannot sign with {algorithm}"))?;
        let shortest_mac = match rest {
            [] => None,
            [word] => {
                let octets = word.strip_prefix("shortest-mac=").ok_or(format!("a key has no “{word}”"))?;
                Some(number(octets)?)
            }
            _ => return Err("key NAME ALGORITHM HEX [shortest-mac=N]".to_owned()),
        };
        let key = SharedKey { name: self.name(name)?, algorithm, secret: hex(secret)?, shortest_mac };
        self.world.server.keys.push(key);
        Ok(())
    }

    fn sign(&mut self, rest: &[&str]) -> Result<(), String> {
        self.close_section()?;
        let [name, rest @ ..] = rest else { return Err("sign NAME …".to_owned()) };
        let name = self.name(name)?;
        let key = self.world.server.keys.iter().find(|key| key.name == name);
        let mut signing = Signing::with(key.ok_or(format!("no key {name}"))?);
        signing.name = name;
        for word in rest {
            match word.split_once('=').unwrap_or((word, "")) {
                // The server does not know this name.
                ("as", name) => signing.name = self.name(name)?,
                ("secret", octets) => signing.secret = hex(octets)?,
                ("algorithm", name) => signing.algorithm = parse_name(name, &Name::root())?,
                ("time", seconds) => signing.time = NOW.saturating_add_signed(number(seconds)?),
                ("fudge", n) => signing.fudge = number(n)?,
                ("original-id", n) => signing.original_id = Some(number(n)?),
                ("error", n) => signing.error = number(n)?,
                ("other", octets) => signing.other = hex(octets)?,
                ("mac", n) => signing.mac = Some(number(n)?),
                ("compressed", "") => signing.compressed = true,
                _ => return Err(format!("“{word}” is no way to sign")),
            }
        }
        match self.steps.last_mut().map(|step| &mut step.ask) {
            Some(Ask::Query { question, .. }) => question.signing = Some(signing),
            _ => return Err("“sign” is for the query above it".to_owned()),
        }
        Ok(())
    }

    fn ptr(&mut self, address: &str, rest: &[&str]) -> Result<(), String> {
        let own = rest[0].parse::<u32>().ok().map(Ttl::from_secs);
        let names = &rest[usize::from(own.is_some())..];
        let names = names.iter().map(|name| self.name(name)).collect::<Result<Vec<_>, _>>()?;
        self.world.ptr(parse_ip(address)?, own, names);
        Ok(())
    }

    fn block(&mut self, range: &str, rest: &[&str]) -> Result<(), String> {
        let range: AddrRange = range.parse().map_err(|e| format!("{e}"))?;
        let (mut default_ttl, mut own_zone, mut no_zone) = (None, false, false);
        let (mut mode, mut style, mut apex) = (None, None, None);
        let (mut suspended, mut former) = (false, Vec::new());
        let mut delegation = Delegation::default();
        for word in rest {
            match word.split_once('=').unwrap_or((word, "")) {
                ("ttl", seconds) => default_ttl = Some(ttl(seconds)?),
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

    fn range_zones(&mut self, range: &AddrRange, tenant: TenantId, own_zone: bool) {
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

    fn nameserver(&self, text: &str) -> Result<Nameserver, String> {
        let (name, addresses) = text.split_once('@').unwrap_or((text, ""));
        let addresses = addresses.split(',').filter(|address| !address.is_empty());
        Ok(Nameserver {
            name: self.name(name)?,
            addresses: addresses.map(parse_ip).collect::<Result<_, _>>()?,
        })
    }

    fn open_zone(&mut self, apex: &str, kind: &[&str]) -> Result<(), String> {
        let apex = self.name(apex)?;
        let (references, kind): (Vec<&str>, Vec<&str>) = kind.iter().partition(|word| word.contains('='));
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
        self.zone = Some(OpenZone { apex, kind, references, lines: Vec::new() });
        Ok(())
    }

    fn zone_line(&mut self, line: &str) -> Result<(), String> {
        let zone = self.zone.as_mut().ok_or("a record outside a zone")?;
        let line = parse_line(line, &zone.apex, self.ttl)?;
        if !line.owner.is_at_or_under(&zone.apex) {
            return Err(format!("{} is not in zone {}", line.owner, zone.apex));
        }
        zone.lines.push(line);
        Ok(())
    }

    fn close_zone(&mut self) -> Result<(), String> {
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
        Ok(())
    }

    fn step(&mut self, line: usize, ask: Ask) {
        let world = self.shared.get_or_insert_with(|| Rc::new(self.world.clone())).clone();
        let expect = Expect {
            silence: false,
            slip: false,
            reply: Expected::bare(Rcode::NOERROR, false),
            or_rcodes: Vec::new(),
            any_aa: false,
            truncated: false,
            opt: Vec::new(),
            tsig: Vec::new(),
        };
        self.steps.push(Step { line, world, ask, expect });
    }

    fn query(&mut self, line: usize, rest: &[&str]) -> Result<(), String> {
        let [name, qtype, flags @ ..] = rest else { return Err("query NAME TYPE …".to_owned()) };
        let qtype = qtype.parse().map_err(|e| format!("{e}"))?;
        let mut question = Question::new(self.name(name)?, qtype);
        let (mut transport, mut last_cookie, mut times) = (Transport::Udp, false, 1);
        for flag in flags {
            let (key, value) = flag.split_once('=').unwrap_or((flag, ""));
            let mut option = |code: u16, value: Vec<u8>| {
                question.edns.get_or_insert_default().options.push((code, value));
            };
            match (key, value) {
                ("udp", "") => transport = Transport::Udp,
                ("tcp", "") => transport = Transport::Tcp,
                ("rd", "") => question.rd = true,
                ("cd", "") => question.cd = true,
                ("ad", "") => question.ad = true,
                ("class", class) => question.class = Class::from_str(class).map_err(|e| format!("{e}"))?,
                ("opcode", n) => question.opcode = Opcode(number(n)?),
                ("id", n) => question.id = number(n)?,
                ("times", n) => times = number(n)?,
                ("edns", "") => drop(question.edns.get_or_insert_default()),
                ("edns", size) => question.edns.get_or_insert_default().size = number(size)?,
                ("version", n) => question.edns.get_or_insert_default().version = number(n)?,
                ("do", "") => question.edns.get_or_insert_default().dnssec_ok = true,
                ("z", bits) => {
                    let bits = u16::from_str_radix(bits, 16).map_err(|e| format!("z={bits}: {e}"))?;
                    question.edns.get_or_insert_default().z = bits & 0x7fff;
                }
                ("nsid", "") => option(option::NSID, Vec::new()),
                ("keepalive", value) => option(option::KEEPALIVE, hex(value)?),
                ("cookie", "last") => last_cookie = true,
                ("cookie", value) => option(option::COOKIE, hex(value)?),
                ("option", text) => {
                    let (code, value) = text.split_once(':').ok_or("option=CODE:HEX")?;
                    option(number(code)?, hex(value)?);
                }
                _ => return Err(format!("a query has no “{flag}”")),
            }
        }
        if last_cookie {
            question.edns.get_or_insert_default();
        }
        self.step(line, Ask::Query { question, transport, last_cookie, times });
        Ok(())
    }

    fn raw(&mut self, line: usize, rest: &[&str]) -> Result<(), String> {
        let (transport, digits) = match rest {
            ["udp", digits @ ..] => (Transport::Udp, digits),
            ["tcp", digits @ ..] => (Transport::Tcp, digits),
            digits => (Transport::Udp, digits),
        };
        self.step(line, Ask::Raw { octets: hex(&digits.concat())?, transport });
        self.heading = Heading::Raw;
        Ok(())
    }

    fn transfer(&mut self, line: usize, apex: &str) -> Result<(), String> {
        let apex = self.name(apex)?;
        self.step(line, Ask::Transfer { apex, records: FlatZone::new() });
        self.open_section(Heading::Transfer)
    }

    fn open_section(&mut self, heading: Heading) -> Result<(), String> {
        self.close_section()?;
        self.heading = heading;
        Ok(())
    }

    fn section_line(&mut self, line: &str) -> Result<(), String> {
        let step = self.steps.last_mut().ok_or("records before any query")?;
        if let (Heading::Raw, Ask::Raw { octets, .. }) = (self.heading, &mut step.ask) {
            octets.extend(hex(&words(line).concat())?);
            return Ok(());
        }
        let all = words(line);
        let line = match all.last() {
            Some(last) if last == "SOA" => {
                let owner = parse_name(&all[0], &self.origin)?;
                let zone = step.world.zone_at(&owner).ok_or(format!("no zone {owner}"))?;
                let soa = crate::rdata_to_text(RecordType::SOA, &step.world.soa(zone).0.to_wire());
                parse_line(&format!("{line} {soa}"), &self.origin, self.ttl)?
            }
            _ => parse_line(line, &self.origin, self.ttl)?,
        };
        self.lines.push(line);
        Ok(())
    }

    fn close_section(&mut self) -> Result<(), String> {
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

    fn expect(&mut self, rest: &[&str]) -> Result<(), String> {
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

    fn opt(&mut self, rest: &[&str]) -> Result<(), String> {
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

    fn tsig(&mut self, rest: &[&str]) -> Result<(), String> {
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

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("“{text}” is no number that fits"))
}

pub(super) fn ttl(text: &str) -> Result<Ttl, String> {
    number(text).map(Ttl::from_secs)
}

//! Reading scripts; the format is described one module up.

mod declare;
mod section;
mod signed;

use super::{Ask, Expect, Script, ScriptError, Step, sets};
use crate::question::Question;
use crate::resolver::Expected;
use crate::signer::Denying;
use crate::text::{Line, hex, parse_name, words};
use crate::world::World;
use crate::{FlatZone, Transport};
use ptrd_wire::{Class, Name, Opcode, Rcode, Ttl, option};
use ptrd_zone::model::{TenantId, ZoneKind};
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
    denying: Option<Denying>,
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
            ("catalog", [apex, rest @ ..]) => self.catalog(apex, rest)?,
            ("companion", [apex, grants @ ..]) => self.companion(apex, grants)?,
            ("end", []) => self.close_zone()?,
            ("ptr", [address, rest @ ..]) if !rest.is_empty() => self.ptr(address, rest)?,
            _ => return Err(format!("“{}” is no statement", line.trim())),
        }
        Ok(())
    }

    fn name(&self, text: &str) -> Result<Name, String> {
        parse_name(text, &self.origin)
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
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("“{text}” is no number that fits"))
}

pub(super) fn ttl(text: &str) -> Result<Ttl, String> {
    number(text).map(Ttl::from_secs)
}

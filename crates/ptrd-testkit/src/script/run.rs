//! Running scripts against an [`Answerer`].

use super::{Ask, Expect, OptCheck, Script, Step, TsigCheck};
use crate::answerer::{Answerer, Transport, check};
use crate::compare::compare_zones;
use crate::decode::Reply;
use crate::projection::{FlatZones, flatten};
use crate::question::Question;
use crate::resolver::Expected;
use crate::signing::Fields;
use crate::world::World;
use ptrd_wire::{Class, FLAG_QR, Opcode, Rcode, option};
use std::fmt;
use std::rc::Rc;

/// A step that did not go as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The script's name.
    pub script: String,
    /// The line of the question, from 1.
    pub line: usize,
    /// The question and what is wrong.
    pub what: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.script, self.line, self.what.replace('\n', "\n    "))
    }
}

/// How a script went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Steps that ran.
    pub ran: usize,
    /// Steps left out because they ask for more than plain resolution, or the answerer cannot show zones.
    pub skipped: usize,
    /// What failed.
    pub failures: Vec<Failure>,
}

/// What runs between steps.
struct Run {
    world: Option<Rc<World>>,
    zones: FlatZones,
    cookie: Option<Vec<u8>>,
}

impl Script {
    /// Runs every step.
    pub fn run(&self, answerer: &mut dyn Answerer) -> Outcome {
        self.run_where(answerer, |_| true)
    }

    /// Runs the steps that plain resolution decides: class IN, opcode QUERY, EDNS without options.
    pub fn run_plain(&self, answerer: &mut dyn Answerer) -> Outcome {
        self.run_where(answerer, Step::is_plain)
    }

    fn run_where(&self, answerer: &mut dyn Answerer, wanted: fn(&Step) -> bool) -> Outcome {
        let mut outcome = Outcome::default();
        let mut run = Run { world: None, zones: FlatZones::new(), cookie: None };
        for step in &self.steps {
            if !wanted(step) {
                outcome.skipped += 1;
                continue;
            }
            if !run.world.as_ref().is_some_and(|world| Rc::ptr_eq(world, &step.world)) {
                answerer.load(&step.world);
                run.zones = flatten(&step.world);
                run.world = Some(step.world.clone());
            }
            match run.step(step, answerer) {
                Ok(true) => outcome.ran += 1,
                Ok(false) => outcome.skipped += 1,
                Err(what) => {
                    outcome.ran += 1;
                    let what = match &step.ask {
                        Ask::Query { question, .. } => format!("{question}\n{what}"),
                        Ask::Raw { .. } => format!("raw\n{what}"),
                        Ask::Transfer { apex, .. } => format!("transfer {apex}\n{what}"),
                    };
                    outcome.failures.push(Failure { script: self.name.clone(), line: step.line, what });
                }
            }
        }
        outcome
    }
}

impl Step {
    /// Whether plain resolution decides this step.
    pub fn is_plain(&self) -> bool {
        match &self.ask {
            Ask::Query { .. } if self.world.server.rate_limit.is_some() => false,
            // To whom a catalog is answered is no matter of resolution.
            Ask::Query { .. } if !self.world.catalogs.is_empty() => false,
            Ask::Query { question, last_cookie, .. } => {
                let edns_is_plain = question
                    .edns
                    .as_ref()
                    .is_none_or(|edns| edns.version == 0 && edns.z == 0 && edns.options.is_empty());
                let opt_is_plain = self
                    .expect
                    .opt
                    .iter()
                    .all(|c| !matches!(c, OptCheck::ExtendedError(_) | OptCheck::Nsid(_)));
                question.class == Class::IN
                    && question.opcode == Opcode::QUERY
                    && !question.qtype.is_meta_other_than_any()
                    && !last_cookie
                    && question.signing.is_none()
                    && !self.expect.silence
                    && edns_is_plain
                    && opt_is_plain
            }
            Ask::Raw { .. } => false,
            Ask::Transfer { .. } => true,
        }
    }
}

/// The types that no zone data answers.
trait MetaType {
    fn is_meta_other_than_any(&self) -> bool;
}

impl MetaType for ptrd_wire::RecordType {
    fn is_meta_other_than_any(&self) -> bool {
        self.is_meta() && *self != ptrd_wire::RecordType::ANY
    }
}

impl Run {
    /// Runs one step; `false` if the answerer cannot do it.
    fn step(&mut self, step: &Step, answerer: &mut dyn Answerer) -> Result<bool, String> {
        match &step.ask {
            Ask::Query { question, transport, last_cookie, times } => {
                let mut question = question.clone();
                if *last_cookie {
                    let cookie = self.cookie.clone().ok_or("no cookie was received before")?;
                    question.edns.get_or_insert_default().options.push((option::COOKIE, cookie));
                }
                for _ in 1..*times {
                    answerer.answer(&question.to_wire(), *transport);
                }
                let mut transport = *transport;
                if step.expect.slip {
                    slipped(&question, answerer.answer(&question.to_wire(), transport))?;
                    transport = Transport::Tcp;
                }
                self.query(step, &question, transport, answerer)?;
            }
            Ask::Raw { octets, transport } => self.raw(&step.expect, octets, *transport, answerer)?,
            Ask::Transfer { apex, records } => {
                let Some(mut got) = answerer.zone(apex) else { return Ok(false) };
                got.retain(|(_, set)| set.rtype != ptrd_wire::RecordType::SOA);
                compare_zones(records, &got)?;
            }
        }
        Ok(true)
    }

    fn query(
        &mut self,
        step: &Step,
        question: &Question,
        transport: Transport,
        answerer: &mut dyn Answerer,
    ) -> Result<(), String> {
        let expect = &step.expect;
        if expect.silence {
            return match answerer.answer(&question.to_wire(), transport) {
                None => Ok(()),
                Some(reply) => Err(format!("a reply of {} octets where silence is due", reply.len())),
            };
        }
        let mut ask =
            |expected: &Expected| check(answerer, &step.world, &self.zones, question, transport, expected);
        let mut got = ask(&expect.reply);
        if expect.any_aa {
            let other = Expected { aa: !expect.reply.aa, ..expect.reply.clone() };
            got = got.or_else(|fault| ask(&other).map_err(|_| fault));
        }
        for &rcode in &expect.or_rcodes {
            got = got.or_else(|fault| ask(&Expected::bare(rcode, false)).map_err(|_| fault));
        }
        let reply = got?;
        if reply.is_truncated() != expect.truncated {
            return Err(format!("TC is {}\ngot {reply}", if expect.truncated { "not set" } else { "set" }));
        }
        for demand in &expect.opt {
            opt_check(demand, &reply, question).map_err(|what| format!("{what}\ngot {reply}"))?;
        }
        tsig_check(expect, &reply, Some(question)).map_err(|what| format!("{what}\ngot {reply}"))?;
        if let Some(cookie) = reply.opt.as_ref().and_then(|opt| opt.option(option::COOKIE)) {
            self.cookie = Some(cookie.to_vec());
        }
        Ok(())
    }

    /// Judges the reply to octets that may be no message at all: header, rcode and OPT.
    fn raw(
        &self,
        expect: &Expect,
        octets: &[u8],
        transport: Transport,
        answerer: &mut dyn Answerer,
    ) -> Result<(), String> {
        let reply = match (answerer.answer(octets, transport), expect.silence) {
            (None, true) => return Ok(()),
            (None, false) => return Err("silence".to_owned()),
            (Some(reply), true) => {
                return Err(format!("a reply of {} octets where silence is due", reply.len()));
            }
            (Some(reply), false) => Reply::decode(&reply)?,
        };
        let fault = |what: &str| Err(format!("{what}\ngot {reply}"));
        let rcodes: Vec<_> = std::iter::once(&expect.reply.rcode).chain(&expect.or_rcodes).collect();
        if !rcodes.contains(&&reply.rcode) {
            return fault(&format!("rcode {} where {rcodes:?} is due", reply.rcode));
        }
        if octets[..2] != reply.id.to_be_bytes() {
            return fault("another id");
        }
        if reply.flags & FLAG_QR == 0 {
            return fault("QR is not set");
        }
        if (reply.flags >> 11) & 15 != u16::from(octets[2] >> 3 & 15) {
            return fault("another opcode");
        }
        if reply.is_authoritative() != expect.reply.aa && !expect.any_aa {
            return fault("AA");
        }
        if reply.length > 512 && transport == Transport::Udp {
            return fault("more than 512 octets");
        }
        if reply.is_truncated() != expect.truncated {
            return fault("TC");
        }
        tsig_check(expect, &reply, None).or_else(|what| fault(&what))?;
        let question = Question::new(ptrd_wire::Name::root(), ptrd_wire::RecordType::NS);
        expect
            .opt
            .iter()
            .try_for_each(|demand| opt_check(demand, &reply, &question).or_else(|what| fault(&what)))
    }
}

/// Whether a reply is nothing but an invitation to come back over TCP.
fn slipped(question: &Question, reply: Option<Vec<u8>>) -> Result<(), String> {
    let reply = Reply::decode(&reply.ok_or("no reply where TC is due")?)?;
    let bare = reply.answer.is_empty() && reply.authority.is_empty() && reply.additional.is_empty();
    let right = reply.id == question.id
        && reply.flags & FLAG_QR != 0
        && reply.is_truncated()
        && reply.rcode == Rcode::NOERROR
        && reply.question == question.question_octets()
        && reply.opt.is_some() == question.edns.is_some()
        && bare;
    if right { Ok(()) } else { Err(format!("not TC, question and OPT alone\ngot {reply}")) }
}

fn opt_check(demand: &OptCheck, reply: &Reply, question: &Question) -> Result<(), String> {
    let Some(opt) = &reply.opt else {
        return if *demand == OptCheck::None { Ok(()) } else { Err("no OPT in the reply".to_owned()) };
    };
    let sent = question.edns.iter().flat_map(|edns| &edns.options).find(|(code, _)| *code == option::COOKIE);
    let right = match demand {
        OptCheck::None => false,
        OptCheck::Version(version) => opt.version == *version,
        OptCheck::DnssecOk => opt.dnssec_ok,
        OptCheck::Nsid(payload) => opt.option(option::NSID) == Some(payload),
        OptCheck::Without(code) => opt.option(*code).is_none(),
        OptCheck::Cookie => match (opt.option(option::COOKIE), sent) {
            (Some(got), Some((_, sent))) => (16..=40).contains(&got.len()) && got[..8] == sent[..8],
            (Some(got), None) => (16..=40).contains(&got.len()),
            _ => false,
        },
        OptCheck::Keepalive => opt.option(option::KEEPALIVE).is_some_and(|value| value.len() == 2),
        OptCheck::ExtendedError(code) => opt.option(option::EDE).is_some_and(|value| {
            value.len() >= 2 && code.is_none_or(|code| value[..2] == code.to_be_bytes())
        }),
        OptCheck::SizeAtMost(size) => (512..=*size).contains(&opt.size),
    };
    if right { Ok(()) } else { Err(format!("OPT is not as demanded: {demand:?}")) }
}

/// The TSIG record: as demanded, of class ANY and TTL 0, with the message's id, and without MAC and other data where
/// they are not demanded.
fn tsig_check(expect: &Expect, reply: &Reply, question: Option<&Question>) -> Result<(), String> {
    let tsig = match (&reply.tsig, expect.tsig.as_slice()) {
        (None, []) => return Ok(()),
        (None, _) => return Err("no TSIG in the reply".to_owned()),
        (Some(_), []) => return Err("a TSIG in the reply".to_owned()),
        (Some(tsig), _) => tsig,
    };
    let fields = Fields::read(&tsig.rdata)?;
    if (tsig.class, tsig.ttl, fields.original_id) != (Class::ANY, 0, reply.id) {
        return Err("TSIG: class, TTL or original id".to_owned());
    }
    let is_signed = expect.tsig.contains(&TsigCheck::Signed);
    let has_other = expect.tsig.iter().any(|check| matches!(check, TsigCheck::Other(_)));
    if !is_signed && !fields.mac.is_empty() || !has_other && !fields.other.is_empty() {
        return Err("TSIG: a MAC or other data".to_owned());
    }
    for demand in &expect.tsig {
        let right = match demand {
            TsigCheck::Key(key) => tsig.owner == *key,
            TsigCheck::Algorithm(name) => fields.algorithm == *name,
            TsigCheck::Time(time) => fields.timers[..6] == time[..],
            TsigCheck::Fudge(fudge) => fields.timers[6..] == fudge.to_be_bytes(),
            TsigCheck::Error(error) => fields.error == *error,
            TsigCheck::Other(other) => fields.other == *other,
            TsigCheck::Signed => {
                let question = question.ok_or("a raw request is not signed by the script")?;
                let signing = question.signing.as_ref().ok_or("the request is not signed")?;
                signing.check_reply(&question.to_unsigned_wire(), &reply.octets, tsig)?;
                true
            }
        };
        if !right {
            return Err(format!("TSIG is not as demanded: {demand:?}"));
        }
    }
    Ok(())
}

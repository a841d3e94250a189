//! Tests as text: declarations, then questions and what must come back.
//!
//! One statement a line; `;` starts a comment; lines between a heading and the next statement hold records (or, after
//! `raw`, more octets). Names without a final dot are below `$ORIGIN`, TTLs left out are those of `$TTL` (3600).
//!
//! ```text
//! $ORIGIN NAME | $TTL SECONDS         for the lines that follow
//! reset                               forget everything declared
//! server nsid=TEXT version=TEXT id=TEXT udp-limit=N
//! rate-limit [responses=N] [nxdomains=N] [referrals=N] [errors=N] [slip=N] [exempt=RANGE]…
//!                                     from here on; time stands still, so a rate is a number of answers
//! key NAME ALGORITHM HEX [shortest-mac=N]
//!                                     a key that the server shares: hmac-sha1, -sha256, -sha384 or -sha512
//! defaults ns=A,B rname=NAME minimum=N zone-ttl=N ptr-ttl=N
//!                                     ns, rname and minimum are those of the set and the template named default
//! ns-set NAME ns=A,B [ttl=N]
//! soa-template NAME [mname=NAME] [rname=NAME] [minimum=N] [ttl=N]
//! tenant NAME                         owner of what follows
//! block RANGE [ttl=N] [own-zone|no-zone] [suspended] [former=NAME…] MODE
//!                                     former labels with their zones, unless no-zone
//!     direct                          with range zones, where none is served here already
//!     classless STYLE [apex=NAME]     with its zone; STYLE first-len, first-last, slash or label=TEXT
//!     delegate-zone NS… [DS…]         the registry's tiles of the range, or one address
//!     delegate-classless STYLE [apex=NAME] NS… [DS…]
//!     delegate-ns NS…                 one cut an address
//!                                     NS is ns=NAME[@ADDRESS,…], DS is ds=TAG,ALGORITHM,TYPE,HEX
//! zone APEX native|verbatim|classless RANGE [ns-set=NAME] [soa-template=NAME] [signed=nsec|nsec3:ITERATIONS:SALT[:opt-out]]
//!   records                           a native zone references the set and the template named default; a SOA or NS
//!                                     given here stands in their place; signed adds what a signed zone has, with signatures
//!                                     that are none
//! end
//! catalog APEX [from=RANGE] [key=NAME]
//!                                     of all other zones (RFC 9432), for who meets these conditions; questions come from
//!                                     203.0.113.7
//! companion APEX [TENANT=NAME…]       addresses follow in this zone from PTRs of its tenant, and of others who hold names in it
//! ptr ADDRESS [TTL] NAME…
//!
//! query NAME TYPE [udp|tcp] [rd] [cd] [ad] [edns[=SIZE]] [do] [version=N] [z=HEX] [nsid] [keepalive[=HEX]]
//!       [cookie=HEX|last] [option=CODE:HEX] [class=CH] [opcode=N] [id=N]
//!       [times=N]                     asked so often, and the last reply is judged
//! sign NAME [as=NAME] [secret=HEX] [algorithm=NAME] [time=SECONDS] [fudge=N] [original-id=N] [error=N] [other=HEX] [mac=N]
//!      [compressed]                   signs the query above with a key; time is so many seconds from now, mac cuts the
//!                                     MAC to so many octets, compressed has a pointer to the question as owner
//! raw [udp|tcp] HEX                   octets as they are; indented lines go on
//! expect silence
//! expect slip RCODE…                  question and OPT alone, with TC; the rest is of the reply over TCP
//! expect RCODE[|RCODE…] [aa|aa?] [tc] a second RCODE may come instead, with empty sections; aa?: set or not
//! answer | answer-one-of | authority | additional
//!   records                           SOA, NSEC or NSEC3 without data stands for the zone's own; OWNER RRSIG TYPE [of=NAME] for
//!                                     the signature there, or at that wildcard; of answer-one-of exactly one RRset
//! opt none|CHECK…                     version=N do nsid=TEXT no-nsid cookie no-cookie keepalive no-keepalive
//!                                     ede[=N] no-ede size-at-most=N
//! tsig CHECK…                         key=NAME algorithm=NAME time=HEX|now fudge=N error=N other=HEX, and signed: with
//!                                     the key of the question; without that the MAC must be empty
//!
//! transfer APEX                       the zone as AXFR shows it, SOA left out; NS of the defaults too if not listed
//!   records
//! ```
//!
//! Sections that are not listed are empty, apart from true addresses in the additional section.

mod parse;
mod run;
mod sets;

use crate::question::Question;
use crate::resolver::Expected;
use crate::world::World;
use crate::{Transport, projection::FlatZone};
use ptrd_wire::{Name, Rcode};
use std::rc::Rc;

pub use run::{Failure, Outcome};

/// A script that was read.
#[derive(Clone, Debug)]
pub struct Script {
    /// Its name, for messages.
    pub name: String,
    /// The World at the end.
    pub world: World,
    /// The questions, in order.
    pub steps: Vec<Step>,
}

/// One question with its expectation.
#[derive(Clone, Debug)]
pub struct Step {
    /// The line of the question, from 1.
    pub line: usize,
    /// The World as declared up to here; shared by the steps that no declaration lies between.
    pub world: Rc<World>,
    /// What is asked.
    pub ask: Ask,
    /// What must come back.
    pub expect: Expect,
}

/// What a step asks.
#[derive(Clone, Debug)]
pub enum Ask {
    /// A question.
    Query {
        /// The request.
        question: Question,
        /// How it arrives.
        transport: Transport,
        /// Whether the last COOKIE received is sent.
        last_cookie: bool,
        /// How often it is asked; the last reply is judged.
        times: u32,
    },
    /// Octets as they are.
    Raw {
        /// The message.
        octets: Vec<u8>,
        /// How it arrives.
        transport: Transport,
    },
    /// A zone in full.
    Transfer {
        /// Its apex.
        apex: Name,
        /// Its records but the SOA.
        records: FlatZone,
    },
}

/// What must come back.
#[derive(Clone, Debug)]
pub struct Expect {
    /// Nothing at all.
    pub silence: bool,
    /// Over UDP nothing but TC; the other demands are on the reply over TCP.
    pub slip: bool,
    /// Rcode, AA and sections.
    pub reply: Expected,
    /// Rcodes that may come instead, with empty sections.
    pub or_rcodes: Vec<Rcode>,
    /// Whether AA may be either.
    pub any_aa: bool,
    /// Whether TC must be set; the sections then say what the reply over TCP holds.
    pub truncated: bool,
    /// What the OPT record must say.
    pub opt: Vec<OptCheck>,
    /// What the TSIG record must say; without any, there must be none.
    pub tsig: Vec<TsigCheck>,
}

/// One demand on the OPT record of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptCheck {
    /// No OPT record.
    None,
    /// This version.
    Version(u8),
    /// DO set.
    DnssecOk,
    /// NSID with this payload.
    Nsid(Vec<u8>),
    /// The option must not be there.
    Without(u16),
    /// COOKIE: the client's part as sent, and a server part of 8 to 32 octets.
    Cookie,
    /// edns-tcp-keepalive with two octets (RFC 7828 §3.1).
    Keepalive,
    /// An extended error; `None` is any code.
    ExtendedError(Option<u16>),
    /// The UDP size is at most this.
    SizeAtMost(u16),
}

/// One demand on the TSIG record of a reply (RFC 8945 §4.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TsigCheck {
    /// The key's name.
    Key(Name),
    /// The algorithm's name.
    Algorithm(Name),
    /// The time signed, six octets.
    Time(Vec<u8>),
    /// Fudge, seconds.
    Fudge(u16),
    /// The error.
    Error(u16),
    /// Other data.
    Other(Vec<u8>),
    /// A MAC with the key of the question, over the request's.
    Signed,
}

/// A script that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// The script's name.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for ScriptError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.name, self.line, self.what)
    }
}

impl std::error::Error for ScriptError {}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// The first line that is wrong, and why.
    pub fn parse(name: &str, text: &str) -> Result<Script, ScriptError> {
        parse::parse(name, text)
    }

    /// Reads every `*.txt` of a folder, in order of their names.
    ///
    /// # Errors
    /// What cannot be read, in words.
    pub fn read_folder(folder: &std::path::Path) -> Result<Vec<Script>, String> {
        let entries = std::fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
        paths.sort();
        let read = |path: &std::path::PathBuf| {
            let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Script::parse(&name, &text).map_err(|e| e.to_string())
        };
        paths.iter().map(read).collect()
    }
}

//! Zones that came signed, served by the daemon: what a validating Unbound makes of each answer, and whether Knot DNS, which
//! serves the same files, answers the same.

use ptrd_suite::daemon::Daemon;
use ptrd_suite::presigned::{DENIALS, Denial, Peer, SignedZone, ask, knot, question, sign, unbound};
use ptrd_testkit::{Record, Reply, rdata_to_text};
use ptrd_wire::{FLAG_AA, Rcode, RecordType};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// A zone of reverse DNS with whatever makes proofs differ. `0-25`, `cut` and `plain` are zones of their own, `gone` and
/// `x.deep` are delegated to nobody.
const PARENT: &str = "$TTL 3600
@ SOA ns1.example.net. hostmaster.example.net. 7 14400 3600 1209600 300
@ 7200 NS ns1.example.net.
@ NS ns2.example.net.
1 PTR one.example.com.
2 PTR two.example.com.
2 PTR too.example.com.
3 60 PTR three.example.com.
4 CNAME 4.0-25
5 CNAME 5.plain
6 CNAME 6.0-25
7 CNAME nothing
8 CNAME 1.wild
a.b.9 TXT \"below an empty non-terminal\"
*.wild PTR any.example.com.
*.wild TXT \"wild\"
x.wild TXT \"nearer\"
*.to CNAME 1
*.out CNAME 4.0-25
a.*.star TXT \"the wildcard is an empty non-terminal\"
_25._tcp.1 TLSA 3 1 1 0000000000000000000000000000000000000000000000000000000000000000
dn DNAME wild
0-25 NS ns1.example.net.
cut NS ns1.cut
ns1.cut A 192.0.2.1
plain NS ns1.example.net.
gone NS ns.gone
ns.gone A 192.0.2.1
a.gone A 192.0.2.2
x.deep NS ns.elsewhere.example.
MiXed TXT \"case\"
zz TXT \"last\"
";

const CHILD: &str = "$TTL 3600
@ SOA ns1.example.net. hostmaster.example.net. 7 14400 3600 1209600 300
@ NS ns1.example.net.
4 PTR four.example.com.
ns1 A 127.0.0.1
*.w PTR any.example.com.
";

/// Names below the apex and types, and whether a validator must take the answer for proven.
const SECURE: &[(&str, &str)] = &[
    ("", "SOA"),
    ("", "NS"),
    ("", "DNSKEY"),
    ("", "PTR"),
    ("1", "PTR"),
    ("2", "PTR"),
    ("3", "PTR"),
    ("1", "A"),
    ("4", "PTR"),
    ("4", "CNAME"),
    ("9", "PTR"),
    ("b.9", "PTR"),
    ("a.b.9", "TXT"),
    ("a.b.9", "PTR"),
    ("wild", "PTR"),
    ("x.wild", "TXT"),
    ("x.wild", "PTR"),
    ("*.wild", "PTR"),
    ("*.wild", "A"),
    ("*.star", "TXT"),
    ("a.*.star", "TXT"),
    ("_25._tcp.1", "TLSA"),
    ("_tcp.1", "TLSA"),
    ("dn", "DNAME"),
    ("dn", "PTR"),
    ("x.dn", "TXT"),
    ("x.dn", "A"),
    ("0-25", "DS"),
    ("0-25", "SOA"),
    ("4.0-25", "PTR"),
    ("cut", "DS"),
    ("cut", "NS"),
    ("ns1.cut", "A"),
    ("1", "DS"),
    ("mixed", "TXT"),
    ("mixed", "PTR"),
    ("zz", "TXT"),
    ("zz", "A"),
];

/// The same for what a validator must take for unsigned.
const INSECURE: &[(&str, &str)] =
    &[("plain", "SOA"), ("4.plain", "PTR"), ("77.plain", "PTR"), ("5", "PTR"), ("plain", "NS")];

/// Proven, unless Opt-Out is used: that a name is not there, where a delegation without DS could be (RFC 5155 §9.2), or that a
/// delegation has no DS.
const UNLESS_OPT_OUT: &[(&str, &str)] = &[
    ("6", "PTR"),
    ("7", "PTR"),
    ("8", "PTR"),
    ("x.a.b.9", "PTR"),
    ("77", "PTR"),
    ("0", "PTR"),
    ("zzz", "PTR"),
    ("a.b.c.d.e.f", "PTR"),
    ("q.wild", "PTR"),
    ("q.r.wild", "PTR"),
    ("q.wild", "A"),
    ("q.x.wild", "PTR"),
    ("q.to", "PTR"),
    ("q.to", "CNAME"),
    ("q.out", "PTR"),
    ("q.star", "TXT"),
    ("_26._tcp.1", "TLSA"),
    ("q.dn", "PTR"),
    ("9.0-25", "PTR"),
    ("q.w.cut", "PTR"),
    ("q.wild", "DS"),
    ("77", "DS"),
    ("plain", "DS"),
    ("gone", "DS"),
    ("x.deep", "DS"),
    ("deep", "A"),
];

/// Asked of ptrd and of Knot, besides.
const OTHERS: &[&str] = &["gone", "a.gone", "ns.gone", "b.a.gone", "x.deep", "a.x.deep", "y.deep", "deep"];

/// Aliases to names in zones below: Knot leaves those to the resolver.
const LEAD_ELSEWHERE: &[&str] = &["4", "5", "6", "q.out"];

/// What Knot decides otherwise, and the RFCs leave open: it stops at a CNAME that it made from a DNAME where CNAME is asked for,
/// and takes NSEC for a type that stands beside a CNAME also in zones that have none.
fn is_left_open(denial: Denial, name: &str, of_type: &str) -> bool {
    matches!((name, of_type), ("q.dn" | "x.dn", "CNAME"))
        || denial != Denial::Nsec && matches!((name, of_type), ("7" | "8" | "q.to", "NSEC"))
}

/// Where Knot leaves out a proof that RFC 4035 §3.1.3.4 asks for: that the wildcard is an empty non-terminal; and, where a
/// wildcard's NSEC record is the answer, that the name is not there.
fn may_prove_more(denial: Denial, name: &str, of_type: &str) -> bool {
    denial == Denial::Nsec && (name == "q.star" || of_type == "NSEC")
}

struct Bench {
    daemon: Daemon,
    unbound: Peer,
    knot: Peer,
    /// Apex and how it denies.
    parents: Vec<(SignedZone, Denial)>,
    _folder: tempfile::TempDir,
}

const APEXES: [&str; 3] = ["2.0.192.in-addr.arpa", "100.51.198.in-addr.arpa", "113.0.203.in-addr.arpa"];

impl Bench {
    /// Signs, imports, and starts everybody; `None` where somebody is not installed.
    fn start() -> Option<Bench> {
        let folder = tempfile::tempdir().expect("a folder");
        let here = folder.path();
        let daemon = Daemon::start(here, &[]);
        daemon.ctl(&["tenant", "add", "acme"]);
        let mut zones: Vec<(String, PathBuf)> = Vec::new();
        let mut parents: Vec<(SignedZone, Denial)> = Vec::new();
        for (apex, denial) in APEXES.iter().zip(DENIALS) {
            let mut text = PARENT.to_owned();
            for child in ["0-25", "cut"] {
                let name = format!("{child}.{apex}");
                let zone = sign(&here.join(&name), &name, CHILD, denial)?;
                text.push_str(&zone.ds);
                zones.push((name, zone.file));
            }
            let plain = format!("plain.{apex}");
            let file = here.join(&plain);
            fs::write(&file, CHILD).expect("written");
            zones.push((plain, file));
            let parent = sign(&here.join(apex), apex, &text, denial)?;
            zones.push(((*apex).to_owned(), parent.file.clone()));
            parents.push((parent, denial));
        }
        for (apex, file) in &zones {
            let file = file.to_str().expect("a path");
            daemon.ctl(&["zone", "import", file, "--apex", apex, "--tenant", "acme"]);
        }
        let apexes: Vec<String> = zones.iter().map(|(apex, _)| apex.clone()).collect();
        let anchors: Vec<&SignedZone> = parents.iter().map(|(zone, _)| zone).collect();
        let unbound = unbound(&here.join("unbound"), daemon.dns, &anchors, &apexes)?;
        let knot = knot(&here.join("knot"), &zones)?;
        Some(Bench { daemon, unbound, knot, parents, _folder: folder })
    }
}

fn below(name: &str, apex: &str) -> String {
    if name.is_empty() { apex.to_owned() } else { format!("{name}.{apex}") }
}

fn rtype(text: &str) -> RecordType {
    text.parse().expect("a type")
}

#[test]
fn every_answer_is_proven() {
    let Some(bench) = Bench::start() else { return println!("skipped: a tool or a server is missing") };
    let (mut faults, mut asked) = (Vec::new(), 0);
    for (zone, denial) in &bench.parents {
        let opt_out = (UNLESS_OPT_OUT, *denial != Denial::OptOut);
        for (list, secure) in [(SECURE, true), (INSECURE, false), opt_out] {
            for (name, of_type) in list {
                asked += 1;
                let question = question(&below(name, &zone.apex), rtype(of_type));
                let reply = match ask(bench.unbound.address, &question) {
                    Ok(reply) => reply,
                    Err(fault) => {
                        faults.push(format!("{denial:?}: {fault}"));
                        continue;
                    }
                };
                let is_proven = reply.flags & 0x20 != 0;
                if !matches!(reply.rcode, Rcode::NOERROR | Rcode::NXDOMAIN) || is_proven != secure {
                    let ours = ask(bench.daemon.dns, &question).map(|reply| shown(&reply));
                    let (word, rcode) = (if is_proven { "proven" } else { "not proven" }, reply.rcode);
                    faults.push(format!(
                        "{denial:?}: {question}: {rcode}, {word}\n{}",
                        ours.unwrap_or_default()
                    ));
                }
            }
        }
    }
    assert!(asked > 180);
    assert!(faults.is_empty(), "{} of {asked}\n{}\n{}", faults.len(), faults.join("\n"), bench.unbound.log());
}

/// The records of a section, in an order that tells nothing.
fn set(records: &[Record]) -> BTreeSet<String> {
    records.iter().map(line).collect()
}

fn line(record: &Record) -> String {
    let (owner, rtype) = (record.owner.to_lowercase(), record.rtype);
    format!("{owner} {} {rtype} {}", record.ttl, rdata_to_text(rtype, &record.rdata))
}

fn shown(reply: &Reply) -> String {
    let aa = if reply.flags & FLAG_AA != 0 { " aa" } else { "" };
    let mut text = format!("{}{aa}", reply.rcode);
    for (word, records) in [("answer", &reply.answer), ("authority", &reply.authority)] {
        set(records).iter().for_each(|record| text.push_str(&format!("\n  {word}: {record}")));
    }
    text
}

#[test]
fn knot_answers_the_same() {
    let Some(bench) = Bench::start() else { return println!("skipped: a tool or a server is missing") };
    let listed = [SECURE, INSECURE, UNLESS_OPT_OUT].into_iter().flatten().map(|(name, _)| *name);
    let names: BTreeSet<&str> = listed.chain(OTHERS.iter().copied()).collect();
    // Not RRSIG: of those Knot answers with one.
    let types = ["A", "PTR", "NS", "SOA", "TXT", "CNAME", "DS", "DNSKEY", "NSEC", "NSEC3", "NSEC3PARAM"];
    let (mut faults, mut asked) = (Vec::new(), 0);
    for (zone, denial) in &bench.parents {
        let names = names.iter().filter(|name| !LEAD_ELSEWHERE.contains(name));
        for (name, of_type) in names.flat_map(|name| types.map(|rtype| (name, rtype))) {
            if is_left_open(*denial, name, of_type) {
                continue;
            }
            for dnssec_ok in [true, false] {
                asked += 1;
                let mut question = question(&below(name, &zone.apex), rtype(of_type));
                question.edns.get_or_insert_default().dnssec_ok = dnssec_ok;
                let ours = ask(bench.daemon.dns, &question).expect("an answer");
                let theirs = ask(bench.knot.address, &question).expect("an answer of Knot");
                let known = set(&theirs.authority);
                let mut common = ours.clone();
                if may_prove_more(*denial, name, of_type) {
                    common.authority.retain(|record| known.contains(&line(record)));
                }
                if shown(&common) != shown(&theirs) {
                    faults.push(format!(
                        "{denial:?}: {question}\nours: {}\nKnot: {}\n",
                        shown(&ours),
                        shown(&theirs)
                    ));
                }
            }
        }
    }
    assert!(asked > 3_000, "{asked}");
    assert!(faults.is_empty(), "{} of {asked}\n{}", faults.len(), faults.join("\n"));
}

//! What looks at the delegation of a zone come to, as text: `delegation.txt`.

use ptrd_posture::identity::Grade;
use ptrd_posture::rir::check::{Finding, Parent, Question, Reply, ServerState, State};
use ptrd_posture::rir::{Name, Nserver};
use ptrd_posture::watch::{DelegationLook, of_delegation};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const APEX: &str = "2.0.192.in-addr.arpa.";

fn names(text: &str) -> impl Iterator<Item = String> {
    text.split(',').map(|name| format!("{}.example.net", name.trim()))
}

fn parent(text: &str) -> Parent {
    let (what, is_open) = (text.trim_end_matches("ds?").trim(), text.ends_with("ds?"));
    let server = |name| Nserver { name, addresses: Vec::new() };
    match what {
        "absent" => Parent::Absent("NXDOMAIN".to_owned()),
        "hidden" => Parent::Hidden,
        "unknown" => Parent::Unknown("no answer".to_owned()),
        servers => {
            Parent::Delegates { servers: names(servers).map(server).collect(), ds: (!is_open).then(Vec::new) }
        }
    }
}

fn server(text: &str) -> ServerState {
    let (name, how) = text.split_once('=').expect("a server and how it is");
    let serial = how.parse().ok();
    ServerState {
        server: format!("{name}.example.net/192.0.2.{}", &name[2..]),
        asked: !matches!(how, "unasked" | "aside"),
        aside: how == "aside",
        answers: serial.is_some() || how == "lame",
        authoritative: serial.is_some(),
        serial,
        ns: BTreeSet::new(),
    }
}

fn finding(text: &str) -> Option<Finding> {
    let mut words = text.split_whitespace();
    let (level, module, tag) = (words.next()?, words.next()?, words.next()?);
    Some(Finding {
        level: level.parse().expect("a level"),
        module: module.to_owned(),
        case: "case",
        tag: Box::leak(tag.to_owned().into_boxed_str()),
        server: None,
        what: "it is so".to_owned(),
        see: "dig".to_owned(),
    })
}

#[test]
fn looks() {
    let (mut before, mut title, mut wrong) = (None, "", String::new());
    for line in include_str!("delegation.txt").lines().filter(|it| !it.is_empty() && !it.starts_with('#')) {
        if let Some(next) = line.strip_prefix("== ") {
            (before, title) = (None, next);
            continue;
        }
        let (look, wanted) = line.split_once("=>").expect("what came of it");
        let parts: Vec<&str> = look.split('|').map(str::trim).collect();
        let (here, serial) = parts[1].split_once('@').expect("names and a serial");
        let here: BTreeSet<String> = names(here).collect();
        let above = parent(parts[0]);
        let delegation = match &above {
            Parent::Delegates { servers, .. } => servers.iter().map(|server| server.name.clone()).collect(),
            _ => BTreeSet::new(),
        };
        let state = State {
            zone: APEX.to_owned(),
            time: 0,
            delegation,
            ds: BTreeSet::new(),
            servers: parts[2].split_whitespace().map(server).collect(),
            findings: BTreeSet::new(),
        };
        let findings: Vec<Finding> = parts.get(3).and_then(|text| finding(text)).into_iter().collect();
        let found = of_delegation(&DelegationLook {
            parent: &above,
            here: &here,
            serial: serial.parse().expect("a serial"),
            state: &state,
            before: before.as_ref(),
            findings: &findings,
            confirm: 1,
        });
        let amiss = found.iter().filter(|found| found.grade != Grade::Pass);
        let got: Vec<String> = amiss.map(|found| format!("{} {}", found.grade, found.check)).collect();
        if got.join(", ") != wanted.trim() {
            let _ = writeln!(wrong, "{title}: {line}\n  got {}", got.join(", "));
        }
        before = Some(state);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A message with these records in each section: owner, type, data.
fn reply(question: &Question, flags: u16, rcode: u16, sections: [&[(&str, u16, Vec<u8>)]; 3]) -> Reply {
    let mut octets = question.octets(7);
    octets[2..4].copy_from_slice(&(flags | rcode).to_be_bytes());
    for (nth, section) in sections.iter().enumerate() {
        octets[6 + 2 * nth..8 + 2 * nth].copy_from_slice(&(section.len() as u16).to_be_bytes());
        for (owner, rtype, data) in *section {
            octets.extend(name(owner).as_wire());
            octets.extend(rtype.to_be_bytes());
            octets.extend([0, 1, 0, 0, 14, 16]);
            octets.extend((data.len() as u16).to_be_bytes());
            octets.extend(data);
        }
    }
    Reply::read(question, 7, &octets).expect("a reply")
}

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

#[test]
fn what_a_parent_says() {
    let (above, apex) = (name("192.in-addr.arpa."), name(APEX));
    let [ns, ds] = Parent::questions(&apex);
    let host = |text: &str| name(text).as_wire().to_vec();
    let cut = [(APEX, 2, host("ns1.example.net.")), (APEX, 2, host("NS.2.0.192.in-addr.arpa."))];
    let glue = [
        ("ns.2.0.192.in-addr.arpa.", 1, vec![192, 0, 2, 53]),
        // Of a name elsewhere the zone above has nothing to say.
        ("ns1.example.net.", 1, vec![203, 0, 113, 1]),
    ];
    let referral = reply(&ns, 0x8000, 0, [&[], &cut, &glue]);
    let digest = reply(&ds, 0x8400, 0, [&[(APEX, 43, vec![0, 7, 13, 2, 0xAB])], &[], &[]]);
    let Some(Parent::Delegates { servers, ds: Some(signed) }) =
        Parent::read(&above, &apex, &referral, Some(&digest))
    else {
        panic!("it delegates")
    };
    let said: Vec<String> = servers.iter().map(|it| format!("{} {:?}", it.name, it.addresses)).collect();
    assert_eq!(said, ["ns1.example.net []", "ns.2.0.192.in-addr.arpa [192.0.2.53]"]);
    assert_eq!(signed[0].to_string(), "7 13 2 AB");
    let none = reply(&ds, 0x8400, 0, [&[], &[], &[]]);
    let refused = reply(&ds, 0x8000, 5, [&[], &[], &[]]);
    let of = |reply: Option<&Reply>| match Parent::read(&above, &apex, &referral, reply) {
        Some(Parent::Delegates { ds, .. }) => ds.map(|ds| ds.len()),
        other => panic!("{other:?}"),
    };
    assert_eq!((of(Some(&none)), of(Some(&refused)), of(None)), (Some(0), None, None));
    let said =
        |flags: u16, rcode: u16, answer: &[(&str, u16, Vec<u8>)], authority: &[(&str, u16, Vec<u8>)]| {
            Parent::read(&above, &apex, &reply(&ns, flags, rcode, [answer, authority, &[]]), None)
        };
    assert_eq!(said(0x8400, 0, &cut, &[]), Some(Parent::Hidden));
    assert!(matches!(said(0x8400, 3, &[], &[]), Some(Parent::Absent(_))));
    assert!(matches!(said(0x8400, 0, &[], &[]), Some(Parent::Absent(_))));
    assert_eq!(said(0x8000, 2, &[], &[]), None, "SERVFAIL");
    assert_eq!(said(0x8000, 0, &[], &[(".", 2, host("a.root."))]), None, "upwards");
}

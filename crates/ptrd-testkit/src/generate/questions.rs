//! Questions near the data: names that are there, their ancestors, children and siblings, in any letter case.

use super::{Dice, Draw};
use crate::answerer::Transport;
use crate::projection::flatten;
use crate::question::{EdnsAsk, Question};
use crate::world::World;
use ptrd_wire::{Name, RecordType, ReversePrefix, RrSet};
use ptrd_zone::model::ZoneRecord;
use std::net::IpAddr;

/// Types worth asking for. ANY and those that decide branches come more than once.
const TYPES: &[RecordType] = &[
    RecordType::PTR,
    RecordType::PTR,
    RecordType::PTR,
    RecordType::TXT,
    RecordType::A,
    RecordType::AAAA,
    RecordType::NS,
    RecordType::SOA,
    RecordType::DS,
    RecordType::DS,
    RecordType::ANY,
    RecordType::ANY,
    RecordType::CNAME,
    RecordType::DNAME,
    RecordType::MX,
    RecordType::SRV,
    RecordType::LOC,
    RecordType(65_280),
    RecordType(65_281),
];

const SIBLINGS: &[&str] = &["zz", "*", "005", "256", "7", "g", "0", "a", "\\000", "f", "00"];

/// The questions that these draws describe.
pub(super) fn questions(world: &World, draws: &[Draw]) -> Vec<(Question, Transport)> {
    let owner = |record: &ZoneRecord| (record.owner.clone(), record.rrset.rtype);
    let mut declared: Vec<(Name, RecordType)> = world.records.iter().map(owner).collect();
    declared.extend(world.zones.iter().map(|zone| (zone.apex.clone(), RecordType::SOA)));
    let address = |ip: &IpAddr| (ReversePrefix::new(*ip, 32).name(), RecordType::PTR);
    let addresses: Vec<(Name, RecordType)> = world.ptrs.keys().map(address).collect();
    let set = |(owner, set): (Name, RrSet)| (owner, set.rtype);
    let mut shown: Vec<(Name, RecordType)> = flatten(world).into_values().flatten().map(set).collect();
    shown.push(("elsewhere.invalid.".parse().expect("a literal name"), RecordType::A));
    draws.iter().map(|draw| question([&addresses, &declared, &shown], &mut Dice::new(draw))).collect()
}

fn question(near: [&[(Name, RecordType)]; 3], dice: &mut Dice<'_>) -> (Question, Transport) {
    let near = match near[dice.below(3)] {
        [] => near[2],
        some => some,
    };
    let (base, own_type) = dice.pick(near).clone();
    let dnames: Vec<&Name> =
        near.iter().filter(|(_, t)| *t == RecordType::DNAME).map(|(owner, _)| owner).collect();
    let under = if dnames.is_empty() { &base } else { *dice.pick(&dnames) };
    let child = |label: &str, parent: &Name| Name::parse_relative(label, parent).ok();
    let name = match dice.below(15) {
        0..7 => Some(base.clone()),
        7 => base.parent(),
        8 => base.parent().and_then(|parent| parent.parent()),
        9 => child(dice.word(SIBLINGS), &base),
        10 => base.parent().and_then(|parent| child(dice.word(SIBLINGS), &parent)),
        11 => child(dice.word(SIBLINGS), &base).and_then(|below| child(dice.word(SIBLINGS), &below)),
        12 => Some(lengthened(under, 120 + dice.below(136))),
        13 => child(dice.word(SIBLINGS), under),
        _ => Some(lengthened(under, 255)),
    };
    let mut name = name.unwrap_or_else(|| base.clone());
    let qtype = if dice.below(2) == 0 { own_type } else { *dice.pick(TYPES) };
    if dice.once_in(3) {
        name = in_other_letters(&name);
    }
    let mut question = Question::new(name, qtype);
    question.rd = dice.once_in(4);
    question.cd = dice.once_in(4);
    let transport = if dice.once_in(4) { Transport::Tcp } else { Transport::Udp };
    question.edns = match dice.below(6) {
        0 | 1 => None,
        n => {
            let size = [512, 0, 1232, 4096, 65_535, 700][n];
            let dnssec_ok = dice.once_in(3);
            Some(EdnsAsk { size, dnssec_ok, ..EdnsAsk::default() })
        }
    };
    (question, transport)
}

/// The name with labels to the left until it is about `octets` long.
fn lengthened(name: &Name, octets: usize) -> Name {
    let mut long = name.clone();
    while long.as_wire().len() + 2 <= octets.min(255) {
        let room = octets.min(255) - long.as_wire().len();
        let label = vec![b'q'; (room - 1).min(63)];
        match Name::from_labels([label], &long) {
            Ok(longer) => long = longer,
            Err(_) => break,
        }
    }
    long
}

fn in_other_letters(name: &Name) -> Name {
    let flip =
        |(nth, b): (usize, &u8)| if nth % 2 == 0 { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() };
    let labels = name.labels().map(|label| label.iter().enumerate().map(flip).collect::<Vec<u8>>());
    Name::from_labels(labels, &Name::root()).expect("as long as before")
}

//! Signed zones, and questions about them.

use super::{Dice, Draw, questions};
use crate::answerer::Transport;
use crate::question::{EdnsAsk, Question};
use crate::signer::{Denying, sign};
use crate::world::World;
use ptrd_wire::{RecordType, Ttl};
use ptrd_zone::model::{ZoneId, ZoneKind};

/// Types that only signed zones make interesting.
const TYPES: &[RecordType] = &[
    RecordType::DS,
    RecordType::DNSKEY,
    RecordType::NSEC,
    RecordType::NSEC3,
    RecordType::NSEC3PARAM,
    RecordType::RRSIG,
];

/// Signs the verbatim zones. Their delegations have a DS now and then.
pub(super) fn sign_zones(world: &mut World, seed: u64) {
    let is_verbatim = |zone: &&ptrd_zone::model::ZoneRow| zone.kind == ZoneKind::Verbatim;
    let zones: Vec<ZoneId> = world.zones.iter().filter(is_verbatim).map(|zone| zone.id).collect();
    // What follows from elsewhere has no signature: a zone that is signed is no companion.
    world.companions.clear();
    for (nth, zone) in zones.into_iter().enumerate() {
        let draw = seed.wrapping_add(nth as u64);
        delegate_securely(world, zone, draw);
        let (iterations, salt) =
            ((draw / 4 % 3) as u16, draw.to_be_bytes()[8 - (draw % 3) as usize..].to_vec());
        let denying = match draw % 4 {
            0 => Denying::Nsec,
            n => Denying::Nsec3 { iterations, salt, opt_out: n == 3 },
        };
        sign(world, zone, &denying);
    }
}

/// Gives a DS to some of a zone's cuts.
fn delegate_securely(world: &mut World, zone: ZoneId, draw: u64) {
    let apex = world.zones.iter().find(|row| row.id == zone).map(|row| row.apex.clone());
    let own =
        world.records.iter().filter(|record| record.zone == zone && Some(&record.owner) != apex.as_ref());
    let cuts = own.filter(|record| record.rrset.rtype == RecordType::NS).map(|record| record.owner.clone());
    let some: Vec<_> = cuts.enumerate().filter(|(nth, _)| (*nth as u64 + draw).is_multiple_of(2)).collect();
    for (_, owner) in some {
        let has = world.records.iter().any(|record| {
            (record.zone, record.rrset.rtype) == (zone, RecordType::DS) && record.owner == owner
        });
        if !has {
            world.record(zone, owner, RecordType::DS, Ttl::from_secs(300), &[0, 7, 13, 2, 0xaa]);
        }
    }
}

/// The questions that these draws describe.
pub(super) fn questions(world: &World, draws: &[Draw]) -> Vec<(Question, Transport)> {
    let mut all = questions::questions(world, draws);
    for ((question, _), draw) in all.iter_mut().zip(draws) {
        let mut dice = Dice::new(draw);
        if dice.once_in(5) {
            question.qtype = *dice.pick(TYPES);
        }
        if !dice.once_in(4) {
            let size = [1232, 512, 4096][dice.below(3)];
            question.edns = Some(EdnsAsk { size, dnssec_ok: true, ..EdnsAsk::default() });
        }
    }
    all
}

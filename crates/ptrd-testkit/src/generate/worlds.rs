//! Declarations from draws.

use super::consistent::check_consistent;
use super::{Dice, Draw};
use crate::world::{World, classless_apex};
use ptrd_wire::{AddrRange, Name, RecordType, ReversePrefix, Serial, Ttl};
use ptrd_zone::model::{
    BlockTemplate, Delegation, LabelStyle, Mode, Nameserver, NsSet, NsSetId, SoaTemplate, SoaTemplateId,
    TenantId, ZoneId, ZoneKind, ZoneSoa,
};
use std::net::IpAddr;

/// Addresses that declarations crowd around.
const ADDRESSES: &[&str] = &[
    "192.0.2.0",
    "192.0.2.1",
    "192.0.2.2",
    "192.0.2.3",
    "192.0.2.5",
    "192.0.2.10",
    "192.0.2.64",
    "192.0.2.255",
    "192.0.3.5",
    "192.0.0.0",
    "192.1.2.3",
    "2001:db8::",
    "2001:db8::1",
    "2001:db8::f",
    "2001:db8::10",
    "2001:db8:0:1::1",
    "2001:db8:8000::1",
    "2001:db9::1",
];

/// Ranges of blocks; most nest, some cross, which the check refuses.
const RANGES: &[&str] = &[
    "192.0.2.0/24",
    "192.0.2.0/25",
    "192.0.2.0/26",
    "192.0.2.0/28",
    "192.0.2.0/29",
    "192.0.2.0/30",
    "192.0.2.0/31",
    "192.0.2.2/31",
    "192.0.2.4/31",
    "192.0.2.5/32",
    "192.0.2.10/32",
    "192.0.2.1-192.0.2.5",
    "192.0.2.2-192.0.2.10",
    "192.0.2.64/26",
    "192.0.2.255",
    "192.0.0.0/16",
    "192.0.2.0/23",
    "192.0.3.0/24",
    "2001:db8::/32",
    "2001:db8::/124",
    "2001:db8::/125",
    "2001:db8::1/128",
    "2001:db8:8000::/33",
    "2001:db8::/31",
];

/// Apexes of verbatim zones: over, under and beside the native ones, of any name, the root too.
const APEXES: &[&str] = &[
    "example.",
    "Sub.Example.",
    "a.sub.example.",
    "2.0.192.in-addr.arpa.",
    "0.192.in-addr.arpa.",
    "192.IN-ADDR.arpa.",
    "5.2.0.192.in-addr.arpa.",
    "0-25.2.0.192.in-addr.arpa.",
    "0-29.2.0.192.in-addr.arpa.",
    "x.5.2.0.192.in-addr.arpa.",
    "005.2.0.192.in-addr.arpa.",
    "3.0.192.in-addr.arpa.",
    "8.b.d.0.1.0.0.2.ip6.arpa.",
    "0.8.b.d.0.1.0.0.2.ip6.arpa.",
    "1.0.0.2.ip6.arpa.",
    "ip6.arpa.",
    "arpa.",
    "net.",
    "cust.example.",
    ".",
];

/// Labels of owners that are no addresses, or only look like one.
const LABELS: &[&str] = &[
    "a", "b", "B", "*", "005", "05", "256", "5", "0", "1", "200", "f", "10", "_srv", "*abc", "\\000",
    "x\\.y", "0-25", "sub", "2", "ns",
];

/// The World that these draws declare.
pub(super) fn world(draws: &[Draw]) -> World {
    let mut world = World::new();
    let tenant = world.tenant("acme");
    for draw in draws {
        let mut candidate = world.clone();
        declare(&mut candidate, tenant, &mut Dice::new(draw));
        if check_consistent(&candidate).is_ok() {
            world = candidate;
        }
    }
    world
}

fn declare(world: &mut World, tenant: TenantId, dice: &mut Dice<'_>) {
    match dice.below(26) {
        0..6 => ptr(world, dice),
        6..8 => range_zone(world, tenant, dice),
        8..12 => block(world, tenant, dice),
        12..14 => verbatim_zone(world, tenant, dice),
        14 => chain(world, dice),
        15..17 => wildcard(world, dice),
        24..26 => over_time(world, dice),
        _ => record(world, dice),
    }
}

fn name(text: &str) -> Name {
    text.parse().expect("a literal name")
}

fn address(dice: &mut Dice<'_>) -> IpAddr {
    dice.word(ADDRESSES).parse().expect("a literal address")
}

fn ttl(dice: &mut Dice<'_>) -> Ttl {
    Ttl::from_secs(*dice.pick(&[3600, 0, 1, 60, 86_400, 0x7fff_ffff]))
}

fn ptr(world: &mut World, dice: &mut Dice<'_>) {
    let address = address(dice);
    let own = dice.once_in(3).then(|| ttl(dice));
    let count = 1 + dice.below(3);
    let names: Vec<Name> = (0..count).map(|_| target(world, dice)).collect();
    world.ptr(address, own, names);
    if dice.once_in(20) {
        world.ptr(address, own, (0..40).map(|n| name(&format!("host-number-{n}.pool.customer.example."))));
    }
}

fn range_zone(world: &mut World, tenant: TenantId, dice: &mut Dice<'_>) {
    let address = address(dice);
    let depth = if address.is_ipv4() {
        *dice.pick(&[3, 2, 3, 1, 4])
    } else {
        *dice.pick(&[8, 12, 9, 7, 31, 32, 16, 1])
    };
    let zone = world.range_zone(ReversePrefix::new(address, depth), tenant);
    spice(world, zone, dice);
}

/// Another SOA and other nameservers, some of them in the zone; or, where it is native, another set and template.
fn spice(world: &mut World, zone: ZoneId, dice: &mut Dice<'_>) {
    let (soa_ttl, minimum, serial) = (ttl(dice), ttl(dice), dice.below(3) as u32 + 1);
    let Some(row) = world.zones.iter().find(|row| row.id == zone).cloned() else { return };
    let own_ns = dice.once_in(2);
    if row.kind != ZoneKind::Verbatim && dice.once_in(2) {
        refer(world, zone, soa_ttl, minimum, dice);
    } else {
        let (mut soa, _) = world.soa(&row);
        (soa.minimum, soa.serial) = (minimum, Serial(serial));
        let row = world.zones.iter_mut().find(|row| row.id == zone).expect("the zone just found");
        row.soa = ZoneSoa::Own { soa, ttl: soa_ttl };
    }
    if own_ns {
        let Ok(nameserver) = Name::from_labels([b"Ns"], &row.apex) else { return };
        let others = world.apex_ns(&row).map(|ns| ns.rdatas).unwrap_or_default();
        for rdata in others.iter().take(dice.below(3)) {
            world.record(zone, row.apex.clone(), RecordType::NS, soa_ttl, rdata);
        }
        world.record(zone, row.apex, RecordType::NS, soa_ttl, nameserver.as_wire());
        world.record(zone, nameserver, RecordType::A, soa_ttl, &[192, 0, 2, 53]);
    }
}

/// Lets a zone reference another set, perhaps with nameservers that lie in zones here, and another template.
fn refer(world: &mut World, zone: ZoneId, set_ttl: Ttl, minimum: Ttl, dice: &mut Dice<'_>) {
    let sets: [(&str, &[&str]); 3] = [
        ("one", &["Ns.2.0.192.in-addr.arpa."]),
        ("two", &["ns.Other.example.", "ns.0-29.2.0.192.in-addr.arpa."]),
        ("three", &["a.sub.example.", "ns.2.0.192.in-addr.arpa.", "ns.8.b.d.0.1.0.0.2.ip6.arpa."]),
    ];
    let (set_name, nameservers) = *dice.pick(&sets);
    let set = world.ns_sets.iter().find(|set| set.name == set_name).map(|set| set.id).unwrap_or_else(|| {
        let id = NsSetId(world.ns_sets.len() as u32 + 1);
        let nameservers = nameservers.iter().map(|text| name(text)).collect();
        let ttl = dice.once_in(2).then_some(set_ttl);
        world.ns_sets.push(NsSet { id, name: set_name.to_owned(), nameservers, ttl });
        id
    });
    let template = if dice.once_in(2) { world.soa_templates.last().map(|known| known.id) } else { None };
    let template = template.unwrap_or_else(|| {
        let id = SoaTemplateId(world.soa_templates.len() as u32 + 1);
        let mname = dice.once_in(2).then(|| name("Hidden.example."));
        let ttl = dice.once_in(2).then_some(set_ttl);
        let base = world.soa_templates[0].clone();
        world.soa_templates.push(SoaTemplate { id, name: format!("t{id}"), mname, minimum, ttl, ..base });
        id
    });
    if let Some(row) = world.zones.iter_mut().find(|row| row.id == zone) {
        row.ns_set = Some(set);
        row.soa = ZoneSoa::Of { template, serial: Serial(1) };
    }
}

fn nameservers(cut: &Name, dice: &mut Dice<'_>) -> Delegation {
    let mut delegation = Delegation::default();
    for _ in 0..=dice.below(2) {
        let (name, addresses) = match dice.below(3) {
            0 => (name("ns.cust.example."), vec![]),
            1 => (
                Name::from_labels([b"ns"], cut).unwrap_or_else(|_| cut.clone()),
                vec!["192.0.2.53", "2001:db8::53"],
            ),
            _ => (cut.clone(), vec!["192.0.2.54"]),
        };
        if delegation.nameservers.iter().all(|known| known.name != name) {
            let addresses = addresses.iter().map(|text| text.parse().expect("a literal address")).collect();
            delegation.nameservers.push(Nameserver { name, addresses });
        }
    }
    if dice.once_in(3) {
        delegation.ds.push([0x30, 0x39, 13, 2, 0xab, 0xcd].into());
    }
    delegation
}

fn block(world: &mut World, tenant: TenantId, dice: &mut Dice<'_>) {
    let range: AddrRange = dice.word(RANGES).parse().expect("a literal range");
    let own_ttl = dice.once_in(3).then(|| ttl(dice));
    let one_page = range.first().is_ipv4() && range.first_bits() >> 8 == range.last_bits() >> 8;
    let small = range.size() <= 16;
    let outside = name("ns.cust.example.");
    // Two hundred derived names prove little more than thirty, and cost time; some there must be.
    let one_page = one_page && (range.size() <= 32 || dice.once_in(6));
    match dice.below(8) {
        1..4 if one_page => {
            let Some((style, apex)) = style(&range, dice) else { return };
            let block = world.block(range, tenant, Mode::Classless { style, apex }, own_ttl);
            if let Some(zone) = world.classless_zone(block) {
                spice(world, zone, dice);
            }
        }
        4..6 if one_page => {
            let Some((style, apex)) = style(&range, dice) else { return };
            let delegation = nameservers(&apex, dice);
            world.block(range, tenant, Mode::DelegatedClassless { style, apex, delegation }, own_ttl);
        }
        6 => {
            let tile = ptrd_wire::tile_for_registry(&range).and_then(|tiles| tiles.first().copied());
            if tile.is_none() && range.size() > 1 {
                return;
            }
            let cut = tile.unwrap_or_else(|| ReversePrefix::new(range.first(), 32)).name();
            let delegation = nameservers(&cut, dice);
            world.block(range, tenant, Mode::DelegatedWhole(delegation), own_ttl);
        }
        7 if small => {
            let delegation = nameservers(&outside, dice);
            world.block(range, tenant, Mode::DelegatedEach(delegation), own_ttl);
        }
        _ => {
            let mode = if dice.once_in(6) { Mode::Observed } else { Mode::Direct };
            world.block(range, tenant, mode, own_ttl);
        }
    }
    if let Some(block) = world.blocks.last_mut().filter(|block| block.range == range) {
        block.template = template(&range, dice);
    }
}

/// How the addresses of a block are named: mostly as those around it. Two hundred names prove little more than thirty.
fn template(range: &AddrRange, dice: &mut Dice<'_>) -> BlockTemplate {
    let most = if dice.once_in(6) { 256 } else { 32 };
    if range.size() > most || !dice.once_in(2) {
        return BlockTemplate::Inherit;
    }
    let any = [
        "none",
        "{ip}.Pool.example.",
        "{hex}.example.",
        "n{n}.x.example.",
        "n{n+7:3x}.2.0.192.in-addr.arpa.",
    ];
    let of_family = if range.first().is_ipv4() {
        ["h{d}.Dyn.example.", "{a:2x}-{b:o}-{c:3}-{d}.example."]
    } else {
        ["h{8}.v6.example.", "h-{1}-{2}-{3}-{4}-{5}-{6}-{7}-{8}.example."]
    };
    BlockTemplate::read(if dice.once_in(2) { dice.word(&any) } else { dice.word(&of_family) })
}

/// A block is suspended, or gets another label and goes on answering for this one.
fn over_time(world: &mut World, dice: &mut Dice<'_>) {
    if world.blocks.is_empty() {
        return;
    }
    let nth = dice.below(world.blocks.len());
    let block = &mut world.blocks[nth];
    if dice.once_in(2) {
        block.standing.suspended = true;
        return;
    }
    let (id, range) = (block.id, block.range);
    let former = match dice.below(3) {
        0 => name("old.cust.example."),
        1 => name("Old.0.192.in-addr.arpa."),
        _ => {
            let label = LabelStyle::Label("old".into());
            let Some(apex) = classless_apex(&range, &label) else { return };
            apex
        }
    };
    if block.mode.classless_apex().is_some()
        && let Some(zone) = world.former_label(id, former)
    {
        spice(world, zone, dice);
    }
}

fn style(range: &AddrRange, dice: &mut Dice<'_>) -> Option<(LabelStyle, Name)> {
    let style = match dice.below(5) {
        1 => LabelStyle::FirstLast,
        2 => LabelStyle::Slash,
        3 => LabelStyle::Label("Cust".into()),
        4 => LabelStyle::Label("a.b".into()),
        _ => LabelStyle::FirstLen,
    };
    let apex = match dice.below(6) {
        4 => name("rev.cust.example."),
        5 => name("0-25.0.192.in-addr.arpa."),
        _ => classless_apex(range, &style)?,
    };
    Some((style, apex))
}

fn verbatim_zone(world: &mut World, tenant: TenantId, dice: &mut Dice<'_>) {
    let apex = name(dice.word(APEXES));
    let is_forward = ReversePrefix::of_apex(&apex).is_none() && !apex.is_root();
    let zone = world.zone_with_defaults(apex, tenant, ZoneKind::Verbatim);
    spice(world, zone, dice);
    if is_forward && dice.once_in(2) {
        world.companion(zone);
    }
}

/// A name to point at: near the data, so that chains form; sometimes out of every zone, sometimes very long.
fn target(world: &World, dice: &mut Dice<'_>) -> Name {
    let owners: Vec<&Name> = world.records.iter().map(|record| &record.owner).collect();
    match dice.below(8) {
        0 => name("mail.example."),
        1 => name("Host.Elsewhere.invalid."),
        2 => ReversePrefix::new(address(dice), 32).name(),
        3 if dice.once_in(3) => name(&format!("{0}.{0}.{0}.example.", "l".repeat(63))),
        3..6 if !owners.is_empty() => dice.pick(&owners).to_lowercase(),
        6 => owner(world, dice).map_or_else(Name::root, |(_, owner)| owner),
        _ => name(dice.word(&["a.example.", "b.example.", "A.B.Example.", "x.sub.example."])),
    }
}

/// A zone and an owner in it: the apex, a few labels below it or below a name there, or an address.
fn owner(world: &World, dice: &mut Dice<'_>) -> Option<(ZoneId, Name)> {
    if world.zones.is_empty() {
        return None;
    }
    let zone = dice.pick(&world.zones);
    let inside: Vec<&Name> =
        world.records.iter().filter(|record| record.zone == zone.id).map(|record| &record.owner).collect();
    let base = match dice.below(5) {
        4 if !world.blocks.is_empty() => cut_or_alias(world, dice),
        1 if !inside.is_empty() => (*dice.pick(&inside)).clone(),
        2 => ReversePrefix::new(address(dice), 32).name(),
        _ => zone.apex.clone(),
    };
    let labels: Vec<Name> = (0..dice.below(3))
        .map(|_| Name::parse_relative(dice.word(LABELS), &Name::root()).expect("a literal label"))
        .collect();
    let owner = Name::from_labels(labels.iter().flat_map(Name::labels), &base).ok()?;
    Some((zone.id, owner))
}

/// A name at which a block or a child zone puts something derived, so that records come to lie below it.
fn cut_or_alias(world: &World, dice: &mut Dice<'_>) -> Name {
    let block = dice.pick(&world.blocks);
    match (dice.below(3), block.mode.classless_apex()) {
        (0, Some(apex)) => apex.clone(),
        (1, _) if !world.zones.is_empty() => dice.pick(&world.zones).apex.clone(),
        _ => ReversePrefix::new(block.range.first(), 32).name(),
    }
}

fn record(world: &mut World, dice: &mut Dice<'_>) {
    let Some((zone, owner)) = owner(world, dice) else { return };
    let apex_labels = world.zones.iter().find(|row| row.id == zone).map_or(0, |row| row.apex.label_count());
    let at_apex = owner.label_count() == apex_labels;
    let set_ttl = ttl(dice);
    let mut put = |rtype: RecordType, rdata: &[u8]| world.record(zone, owner.clone(), rtype, set_ttl, rdata);
    match dice.below(16) {
        0 => put(RecordType::TXT, b"\x05hello"),
        1 => put(RecordType::A, &[192, 0, 2, 7]),
        2 => put(RecordType::AAAA, &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]),
        3 => put(RecordType(65_280), b"\xc0\x00\x01a"),
        4 => put(RecordType::LOC, &[0, 0x12, 0x16, 0x13, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0x98, 0x96, 0x80]),
        5 => put(RecordType::DS, &[0, 1, 8, 2, 0xaa]),
        6 => {
            let exchange = target(world, dice);
            let rdata = [&[0, 10], exchange.as_wire()].concat();
            world.record(zone, owner, RecordType::MX, set_ttl, &rdata);
        }
        7 => {
            let host = target(world, dice);
            let rdata = [&[0, 1, 0, 2, 0, 53], host.as_wire()].concat();
            world.record(zone, owner, RecordType::SRV, set_ttl, &rdata);
        }
        8 => {
            let host = target(world, dice);
            world.record(zone, owner, RecordType::PTR, set_ttl, host.as_wire());
        }
        9 | 10 if !at_apex => cut(world, zone, owner, set_ttl, dice),
        11 | 12 => {
            let end = target(world, dice);
            world.record(zone, owner, RecordType::DNAME, set_ttl, end.as_wire());
        }
        13 => {
            // More than one datagram of them.
            for n in 0..6u8 {
                let text = [&[250, b'0' + n][..], &[b'x'; 249]].concat();
                world.record(zone, owner.clone(), RecordType::TXT, set_ttl, &text);
            }
        }
        _ => {
            let alias = target(world, dice);
            world.record(zone, owner, RecordType::CNAME, set_ttl, alias.as_wire());
        }
    }
}

/// Aliases that lead to each other, to the last of them, or round in a circle.
fn chain(world: &mut World, dice: &mut Dice<'_>) {
    if world.zones.is_empty() {
        return;
    }
    let length = 2 + dice.below(12);
    let link = |n: usize, apex: &Name| Name::from_labels([format!("c{n}")], apex).ok();
    let zones: Vec<(ZoneId, Name)> = world.zones.iter().map(|zone| (zone.id, zone.apex.clone())).collect();
    let (first, other) = (dice.pick(&zones).clone(), dice.pick(&zones).clone());
    let of = |n: usize| if n.is_multiple_of(2) { &first } else { &other };
    for n in 0..length {
        let (zone, apex) = of(n);
        let (Some(owner), Some(next)) = (link(n, apex), link(n + 1, &of(n + 1).1)) else { return };
        world.record(*zone, owner, RecordType::CNAME, Ttl::from_secs(60), next.as_wire());
    }
    let (zone, apex) = of(length);
    let Some(owner) = link(length, apex) else { return };
    match dice.below(4) {
        0 => world.record(*zone, owner, RecordType::PTR, Ttl::from_secs(60), name("end.example.").as_wire()),
        1 => {
            let back = link(dice.below(length), &first.1).unwrap_or_else(|| first.1.clone());
            world.record(*zone, owner, RecordType::CNAME, Ttl::from_secs(60), back.as_wire());
        }
        2 => {
            let out = target(world, dice);
            world.record(*zone, owner, RecordType::CNAME, Ttl::from_secs(60), out.as_wire());
        }
        _ => {}
    }
}

/// A wildcard below an apex, an address or a name that has records.
fn wildcard(world: &mut World, dice: &mut Dice<'_>) {
    let Some((zone, base)) = owner(world, dice) else { return };
    let Ok(owner) = Name::from_labels([b"*"], &base) else { return };
    let end = target(world, dice);
    let (rtype, rdata) = match dice.below(4) {
        0 => (RecordType::PTR, end.as_wire()),
        1 => (RecordType::CNAME, end.as_wire()),
        2 => (RecordType::TXT, &b"\x04wild"[..]),
        _ => (RecordType::A, &[192, 0, 2, 42][..]),
    };
    world.record(zone, owner, rtype, ttl(dice), rdata);
}

/// A cut by records: nameservers inside it with glue, beside it, or elsewhere; sometimes secure.
fn cut(world: &mut World, zone: ZoneId, owner: Name, ttl: Ttl, dice: &mut Dice<'_>) {
    let sibling = owner.parent().and_then(|parent| Name::from_labels([b"ns"], &parent).ok());
    let inside = Name::from_labels([b"ns"], &owner).ok();
    let (nameserver, glue) = match dice.below(3) {
        1 => (sibling, true),
        2 => (Some(name("ns.elsewhere.invalid.")), false),
        _ => (inside, true),
    };
    let Some(nameserver) = nameserver else { return };
    world.record(zone, owner.clone(), RecordType::NS, ttl, nameserver.as_wire());
    if glue && !dice.once_in(4) {
        world.record(zone, nameserver, RecordType::A, ttl, &[192, 0, 2, 55]);
    }
    if dice.once_in(3) {
        world.record(zone, owner, RecordType::DS, ttl, &[0, 1, 8, 2, 0xbb]);
    }
}

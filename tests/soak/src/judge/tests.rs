//! Made-up histories: what the judge must let pass, and what it must not.

use super::*;
use crate::ground::{Purpose, Region};
use crate::history::Change;
use ptrd_store::Edit;
use ptrd_testkit::{Answerer, Reference, Transport};
use ptrd_wire::{AddrRange, Family, ReversePrefix};
use ptrd_zone::model::{
    Block, BlockId, BlockTemplate, Mode, NsSetId, SoaTemplateId, Standing, TenantId, ZoneId, ZoneKind,
    ZoneRow, ZoneSoa,
};
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet, pack_names};

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn address(octet: u8) -> IpAddr {
    IpAddr::from([10, 20, 0, octet])
}

fn ground() -> Ground {
    let range = AddrRange::of_prefix(Family::V4, 0x0a14_0000, 24);
    let apex = ReversePrefix::new(range.first(), 3).name();
    Ground { regions: vec![Region { apex, range: Some(range), purpose: Purpose::Busy }] }
}

/// The PTRs that changes 2, 3 and 4 leave at 10.20.0.1, and how often its zone's serial stepped by then.
const NAMES: [Option<&str>; 5] = [None, None, Some("a.example."), Some("b.example."), None];

fn ptrs(edits: &[(u8, Option<&str>, Option<&str>)]) -> Edit {
    let mut all = PtrEdits::new();
    for (octet, before, after) in edits {
        let [before, after] = [before, after].map(|text| text.map(|text| pack_names(&[name(text)])));
        fn set(names: &Option<Box<[u8]>>) -> Option<PtrSet<'_>> {
            names.as_deref().map(|names| PtrSet { ttl: None, names })
        }
        all.push(PtrEdit { address: address(*octet), before: set(&before), after: set(&after) });
    }
    Edit::Ptrs(all)
}

fn change(number: u64, edits: Vec<Edit>) -> Change {
    let serials = vec![(ZoneId(1), Serial(number as u32))];
    Change { number, kind: "made-up".to_owned(), reason: Some(format!("token {number}")), edits, serials }
}

/// A zone, and a PTR that comes, changes and goes.
fn log() -> Vec<Change> {
    let region = &ground().regions[0];
    let range = region.range.expect("addresses");
    let (tenant, standing) = (TenantId(1), Standing::default());
    let block = Block {
        id: BlockId(1),
        range,
        tenant,
        mode: Mode::Direct,
        default_ttl: None,
        template: BlockTemplate::Inherit,
        standing,
    };
    let zone = ZoneRow {
        id: ZoneId(1),
        apex: region.apex.clone(),
        tenant,
        kind: ZoneKind::Range(ReversePrefix::new(range.first(), 3)),
        soa: ZoneSoa::Of { template: SoaTemplateId::DEFAULT, serial: Serial(1) },
        ns_set: Some(NsSetId::DEFAULT),
        serial_policy: None,
    };
    let declared = vec![
        Edit::Block { id: block.id, before: None, after: Some(Box::new(block)) },
        Edit::Zone { id: zone.id, before: None, after: Some(Box::new(zone)) },
    ];
    let mut changes = vec![change(1, declared)];
    for number in 2..5 {
        changes.push(change(number as u64, vec![ptrs(&[(1, NAMES[number - 1], NAMES[number])])]));
    }
    changes
}

/// Change n was asked for at 100 n, and acknowledged 50 later.
fn attempt(number: u64) -> Attempt {
    Attempt {
        token: format!("token {number}"),
        sent: 100 * number,
        got: 100 * number + 50,
        outcome: Outcome::Done { change: Some(number), serials: Vec::new() },
        request: String::new(),
        wrote: None,
    }
}

fn evidence(changes: Vec<Change>) -> Evidence {
    let (ground, address) = (ground(), address(1));
    let (history, faults) = History::replay(&ground, changes);
    assert_eq!(faults, Vec::<String>::new());
    let ask = |name, qtype, address| Ask { region: 0, name, qtype, address };
    let asks = vec![
        ask(ReversePrefix::new(address, 4).name(), RecordType::PTR, Some(address)),
        ask(ground.regions[0].apex.clone(), RecordType::SOA, None),
    ];
    let attempts = (1..=history.last).map(attempt).collect();
    Evidence { ground, asks, observations: Vec::new(), attempts, history }
}

impl Evidence {
    /// The answer of the state after a change is seen at a time.
    fn sees(&mut self, asker: u16, ask: u32, sent: u64, got: u64, change: u64) -> &mut Evidence {
        let mut world = self.history.world(0, change);
        world.zones.iter_mut().for_each(|zone| zone.soa.set_serial(Serial(change as u32)));
        if let Some(set) = self.history.ptr(address(1)).at(change) {
            world.ptrs.insert(address(1), set.clone());
        }
        let mut reference = Reference::default();
        reference.load(&world);
        let mut seen = Observation { asker, ask, id: 7, edns: true, tcp: false, sent, got, reply: [].into() };
        let query = seen.question(&self.asks).to_wire();
        seen.reply = reference.answer(&query, Transport::Udp).expect("an answer").into();
        self.observations.push(seen);
        self
    }

    fn found(&self) -> Vec<&'static str> {
        judge(self).violations.iter().map(|violation| violation.what).collect()
    }
}

const NONE: [&str; 0] = [];

#[test]
fn what_was_true_passes() {
    let mut it = evidence(log());
    for change in 1..5 {
        let at = 100 * change + 50;
        it.sees(1, 0, at, at + 10, change).sees(1, 1, at + 20, at + 30, change);
    }
    let judgement = judge(&it);
    assert_eq!(judgement.violations, []);
    assert_eq!(judgement.kinds.get("PTR"), Some(&2));
    assert_eq!(judgement.kinds.get("NXDOMAIN"), Some(&2));
}

#[test]
fn while_a_change_is_on_its_way_either_state_is_true() {
    assert_eq!(evidence(log()).sees(1, 0, 310, 340, 2).found(), NONE);
    assert_eq!(evidence(log()).sees(1, 0, 310, 340, 3).found(), NONE);
    // A query that was long on its way may be answered from any state that there was meanwhile.
    for change in 2..5 {
        assert_eq!(evidence(log()).sees(1, 0, 260, 410, change).found(), NONE);
    }
}

#[test]
fn an_old_answer_is_found() {
    assert_eq!(evidence(log()).sees(1, 0, 360, 370, 2).found(), ["answer"]);
    assert_eq!(evidence(log()).sees(1, 0, 460, 470, 3).found(), ["answer"]);
    let text = judge(evidence(log()).sees(1, 0, 460, 470, 3)).violations[0].text.clone();
    assert!(text.contains("it is the answer after change 3, visible 300 to 350"), "{text}");
    assert!(text.contains("between changes 4 and 4"), "{text}");
}

#[test]
fn an_answer_before_its_change_is_found() {
    assert_eq!(evidence(log()).sees(1, 0, 260, 290, 3).found(), ["answer"]);
}

#[test]
fn time_never_goes_back() {
    // Both are within the window of change 3; only the order is wrong.
    assert_eq!(evidence(log()).sees(1, 0, 310, 315, 3).sees(1, 0, 320, 325, 2).found(), ["answer"]);
    assert_eq!(
        evidence(log()).sees(1, 0, 310, 315, 3).sees(2, 0, 320, 325, 2).found(),
        ["answer"],
        "another's eyes"
    );
    assert_eq!(
        evidence(log()).sees(1, 0, 310, 315, 3).sees(2, 0, 312, 325, 2).found(),
        NONE,
        "at the same time"
    );
    // Another question about another thing: the zone's serial and the PTR are of one state.
    assert_eq!(evidence(log()).sees(1, 1, 310, 315, 3).sees(1, 0, 320, 325, 2).found(), ["answer"]);
}

#[test]
fn serials_are_those_of_the_state_and_never_fall() {
    assert_eq!(evidence(log()).sees(1, 1, 360, 370, 3).found(), NONE);
    assert_eq!(evidence(log()).sees(1, 1, 360, 370, 2).found(), ["answer"]);
    assert_eq!(evidence(log()).sees(1, 1, 310, 315, 3).sees(1, 1, 320, 325, 2).found(), ["answer", "serial"]);
    let mut falling = log();
    falling[3].serials[0].1 = Serial(2);
    let (_, faults) = History::replay(&ground(), falling);
    assert!(faults[0].contains("the serial of zone 1 goes from 3 to 2"), "{faults:?}");
}

#[test]
fn every_octet_of_an_answer_counts() {
    let mut it = evidence(log());
    it.sees(1, 0, 360, 370, 3);
    let right = it.observations[0].reply.clone();
    // All but the header's count of additional records and the OPT record, which says what the server can take.
    for nth in (0..right.len() - 11).filter(|nth| *nth != 11) {
        it.observations[0].reply[nth] = right[nth].wrapping_add(1);
        assert_eq!(it.found(), ["answer"], "octet {nth} of {right:02x?}");
        it.observations[0].reply.clone_from(&right);
    }
}

#[test]
fn an_acknowledged_change_is_in_the_log_once() {
    let mut lost = evidence(log());
    lost.attempts.push(attempt(5));
    assert_eq!(lost.found(), ["change"]);
    let mut twice = evidence(log());
    twice.history.entries[2].1 = Some("token 4".to_owned());
    assert!(twice.found().contains(&"change"));
    let mut elsewhere = evidence(log());
    elsewhere.attempts[3].outcome = Outcome::Done { change: Some(3), serials: Vec::new() };
    assert!(elsewhere.found().contains(&"change"));
    let mut refused = evidence(log());
    refused.attempts[3].outcome = Outcome::Refused(409);
    assert_eq!(refused.found(), ["change"]);
    let mut nothing = evidence(log());
    nothing.attempts[3].outcome = Outcome::Done { change: None, serials: Vec::new() };
    assert_eq!(nothing.found(), ["change"]);
}

#[test]
fn a_change_that_was_cut_off_is_there_whole_or_not_at_all() {
    let cut = |wrote: Option<Vec<(IpAddr, Option<Name>)>>, log| {
        let mut it = evidence(log);
        it.attempts.resize_with(5, || attempt(5));
        it.attempts[4].outcome = Outcome::Cut;
        it.attempts[4].wrote = wrote;
        it.found()
    };
    let both = vec![(address(1), Some(name("c.example."))), (address(2), Some(name("c.example.")))];
    assert_eq!(cut(Some(both.clone()), log()), NONE);
    let with =
        |edits: &[(u8, Option<&str>, Option<&str>)]| [log(), vec![change(5, vec![ptrs(edits)])]].concat();
    let whole = with(&[(1, None, Some("c.example.")), (2, None, Some("c.example."))]);
    assert_eq!(cut(Some(both.clone()), whole), NONE);
    assert_eq!(cut(Some(both.clone()), with(&[(1, None, Some("c.example."))])), ["change"], "half");
    let other = with(&[(1, None, Some("c.example.")), (2, None, Some("d.example."))]);
    assert_eq!(cut(Some(both.clone()), other), ["change"], "another name");
    let more =
        with(&[(1, None, Some("c.example.")), (2, None, Some("c.example.")), (3, None, Some("c.example."))]);
    assert_eq!(cut(Some(both), more), ["change"], "more than that");
}

#[test]
fn the_order_of_the_log_is_that_of_acknowledgements() {
    let mut it = evidence(log());
    // Change 2 was asked for after change 3 was acknowledged.
    (it.attempts[1].sent, it.attempts[1].got) = (360, 390);
    assert_eq!(it.found(), ["log"]);
    // Asked for together, they may come in any order.
    (it.attempts[1].sent, it.attempts[1].got) = (340, 390);
    assert_eq!(it.found(), NONE);
}

#[test]
fn nothing_had_to_change_only_where_it_was_so() {
    let with = |wanted: Option<&str>| {
        let mut it = evidence(log());
        it.attempts.push(attempt(5));
        it.attempts[4].outcome = Outcome::Done { change: None, serials: Vec::new() };
        it.attempts[4].wrote = Some(vec![(address(1), wanted.map(name))]);
        it.found()
    };
    assert_eq!(with(None), NONE);
    assert_eq!(with(Some("b.example.")), ["change"]);
}

#[test]
fn the_log_follows_from_itself() {
    let replay = |log| History::replay(&ground(), log).1.join("\n");
    let mut gap = log();
    gap.remove(2);
    let faults = replay(gap);
    assert!(faults.contains("change 4 follows change 2") && faults.contains("starts from"), "{faults}");
    let mut other = log();
    other[2] = change(3, vec![ptrs(&[(1, Some("x.example."), Some("b.example."))])]);
    assert!(replay(other).contains("10.20.0.1: starts from"));
}

//! All that a change of a block does is in its edits: taken back one by one, or rolled back, they give what was there
//! before.

mod support;

use ptrd_store::{Commit, Edit, MemoryStore, Store};
use ptrd_zone::{PtrEdit, PtrEdits};
use support::{Bench, everything, open};

fn swapped(edit: &Edit) -> Edit {
    match edit.clone() {
        Edit::Setting { name, before, after } => Edit::Setting { name, before: after, after: before },
        Edit::Tenant { id, before, after } => Edit::Tenant { id, before: after, after: before },
        Edit::Block { id, before, after } => Edit::Block { id, before: after, after: before },
        Edit::NsSet { id, before, after } => Edit::NsSet { id, before: after, after: before },
        Edit::SoaTemplate { id, before, after } => Edit::SoaTemplate { id, before: after, after: before },
        Edit::Zone { id, before, after } => Edit::Zone { id, before: after, after: before },
        Edit::Sending { address, before, after } => Edit::Sending { address, before: after, after: before },
        Edit::Record { zone, owner, rtype, before, after } => {
            Edit::Record { zone, owner, rtype, before: after, after: before }
        }
        Edit::Ptrs(edits) => {
            let mut back = PtrEdits::new();
            edits.iter().for_each(|edit| {
                back.push(PtrEdit { address: edit.address, before: edit.after, after: edit.before });
            });
            Edit::Ptrs(back)
        }
    }
}

/// What is there when the newest change is taken back by its edits alone.
fn undone(bench: &Bench) -> Vec<String> {
    let changes = bench.store.changes();
    let last = changes.last().expect("a change");
    let mut store = MemoryStore::new();
    store.commit(&changes).expect("what was committed before");
    let back = Commit {
        change: last.change + 1,
        edits: last.edits.iter().rev().map(swapped).collect(),
        serials: Vec::new(),
        deltas: Vec::new(),
        kept: None,
        ..last.clone()
    };
    store.commit(&[back]).expect("the way back");
    let road = open(&store);
    let all = serials_aside(everything(&road.view()));
    road.shutdown();
    all
}

/// Serials only ever rise; that they do is no edit.
fn serials_aside(lines: Vec<String>) -> Vec<String> {
    let blank = |line: String| match line.split_once("serial: Serial(") {
        Some((head, tail)) => {
            let (_, tail) = tail.split_once(')').expect("a serial");
            format!("{head}{tail}")
        }
        None => line,
    };
    lines.into_iter().map(blank).collect()
}

#[test]
fn every_change_of_a_block_is_taken_back_by_its_edits() {
    let bench = Bench::with_page();
    for line in
        ["block 192.0.2.64/26 acme classless=first-len", "block 192.0.2.128/26 bob", "tenant-add carol"]
    {
        bench.ok(line);
    }
    for line in [
        "tenant-set carol reseller=bob",
        "block-set 192.0.2.128/26 may_sub_block=yes",
        "suspend 192.0.2.0/24",
        "resume 192.0.2.0/24",
        "relabel 192.0.2.64/26 classless=slash keep-old",
        "split 192.0.2.64/26 into=27 keep-old",
        "suspend 192.0.2.96/27",
        "transfer 192.0.2.96/27 carol",
        "finish 192.0.2.64/27",
        "resume 192.0.2.96/27",
        "transfer 192.0.2.96/27 acme ptrs=keep",
        "merge 192.0.2.64/27 192.0.2.96/27 grace=0",
        "relabel 192.0.2.64/26 label=x keep-old",
        "transfer 192.0.2.0/24 carol recursive",
        "unblock 192.0.2.128/26",
        "unblock 192.0.2.64/26 clear",
        "unblock 192.0.2.0/24 clear",
    ] {
        let before = serials_aside(bench.everything());
        let done = bench.ok(line);
        assert_ne!(serials_aside(bench.everything()), before, "{line} did nothing");
        assert_eq!(undone(&bench), before, "{line}");
        let change = done.change.expect("a change");
        bench.ask(ptrd_api::ChangeRequest::rollback(change), false).unwrap_or_else(|problem| {
            panic!("{line}: {} {:?}", problem.message, problem.errors);
        });
        assert_eq!(serials_aside(bench.everything()), before, "{line}, rolled back");
        bench.check();
        bench.ok(line);
    }
}

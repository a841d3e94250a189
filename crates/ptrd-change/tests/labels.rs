//! Classless blocks that get another label: both are served until the old one ends, by itself or when told.

mod support;

use ptrd_api::code::{BAD_REQUEST, CONFLICT, INVALID};
use support::{Bench, PAGE, name, zone_lines};

#[test]
fn two_labels_serve_one_range_until_the_old_one_is_finished() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 acme classless=first-len");
    let (old, new) = ("64-26.2.0.192.in-addr.arpa", "64/26.2.0.192.in-addr.arpa");
    bench.ok(&format!("record {old}. NS ns.{old}.;ns.example.net."));
    bench.ok(&format!("record ns.{old}. A 192.0.2.1"));
    bench.ok(&format!("record 70.{old}. TXT x"));
    let answered = bench.answers();
    assert_eq!(
        bench.preview("relabel 192.0.2.64/26 classless=slash keep-old"),
        [
            "block changed 1",
            "zone added 1",
            "zone kept 1",
            "ptr kept 64",
            "record added 3",
            "cname changed 64",
            "cut added 1"
        ]
    );
    let done = bench.ok("relabel 192.0.2.64/26 classless=slash keep-old");
    assert!(done.summary.contains("until --finish"), "{}", done.summary);
    assert_eq!(bench.answers(), answered);
    assert_eq!(bench.count(&format!(" CNAME 70.{new}.")), 1);
    let tails = |apex: &str| {
        let apex = format!("{apex}.");
        let mut lines: Vec<String> = bench.zone(&apex).iter().map(|line| line.replace(&apex, "@")).collect();
        lines.sort();
        lines
    };
    assert_eq!(tails(old), tails(new));
    // A PTR is seen under both, and both step.
    let serials = [bench.serial(old), bench.serial(new)];
    bench.ok("ptr 192.0.2.70 other.acme.example");
    assert_eq!([bench.serial(old), bench.serial(new)], serials.map(|serial| serial + 1));
    assert_eq!(tails(old), tails(new));
    bench.ok("defaults ptr_ttl=60");
    assert_eq!(tails(old), tails(new));
    // An inner classless block stands in both.
    bench.ok("block 192.0.2.72/29 acme classless=first-len");
    assert_eq!(bench.count(" CNAME 73.72-29.64/26.2.0.192.in-addr.arpa."), 2);
    bench.ok("unblock 192.0.2.72/29");
    bench.refused("relabel 192.0.2.64/26 classless=first-len", CONFLICT, "still answered for");
    bench.refused("relabel 192.0.2.64/26 classless=slash", CONFLICT, "already");
    bench.refused("block 192.0.2.0/29 acme apex=64-26.2.0.192.in-addr.arpa", CONFLICT, "still answered for");
    bench.ok("finish 192.0.2.64/26");
    assert_eq!(bench.zone(old), ["-"]);
    assert_eq!(bench.answers()[71], answered[71]);
    bench.refused("finish 192.0.2.64/26", CONFLICT, "no label of before");
    bench.refused("relabel 192.0.2.0/24 classless=slash", INVALID, "has no label");
    bench.refused("relabel 192.0.2.64/26", BAD_REQUEST, "no new label");
    bench.refused("relabel 192.0.2.64/26 label=x grace=9 keep-old", BAD_REQUEST, "exclude");
    bench.ok("relabel 192.0.2.64/26 classless=first-last grace=0");
    assert_eq!(bench.zones(), [format!("{PAGE}."), "64-127.2.0.192.in-addr.arpa.".into()]);
    bench.ok("relabel 192.0.2.64/26 apex=rev.acme.example keep-old");
    bench.ok("unblock 192.0.2.64/26 clear");
    assert_eq!(bench.zones(), [format!("{PAGE}.")]);
}

#[test]
fn an_old_label_goes_by_itself_when_its_time_has_come_also_after_a_restart() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 acme classless=first-len");
    // The clock of these tests goes a second further with each look at it.
    let done = bench.ok("relabel 192.0.2.64/26 classless=slash grace=5");
    assert!(done.summary.contains("until 2026-01-01T00:00:"), "{}", done.summary);
    wait_for(|| bench.zone("64-26.2.0.192.in-addr.arpa") == ["-"]);
    let by_itself = bench.store.changes().last().expect("a change").clone();
    assert_eq!((by_itself.actor.as_str(), by_itself.kind.as_str()), ("ptrd", "block-relabel-finish"));
    assert!(by_itself.summary.contains("64-26.2.0.192.in-addr.arpa."), "{}", by_itself.summary);

    let done = bench.ok("relabel 192.0.2.64/26 classless=first-last grace=1000000");
    assert!(done.summary.contains("until 2026-01-12"), "{}", done.summary);
    bench.road.shutdown();
    let later = support::open_at(&bench.store, 1_767_225_600_000 + 1_000_100_000);
    wait_for(|| zone_lines(&later.view(), &name("64/26.2.0.192.in-addr.arpa")).is_none());
    assert_eq!(bench.store.changes().last().expect("a change").actor, "ptrd");
    later.shutdown();
    std::mem::forget(bench);
}

/// A deadline is acted upon at the writer's next tick; nothing tells a test but looking.
fn wait_for(mut so: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("it never came");
}

#[test]
fn without_the_parent_here_an_old_label_waits_for_its_operator() {
    let bench = Bench::with(&["block 192.0.2.64/26 acme", "ptr 192.0.2.70 a.acme.example"]);
    let done = bench.ok("relabel 192.0.2.64/26 classless=slash");
    assert!(done.warnings[0].contains("parent-records"), "{:?}", done.warnings);
    assert!(done.summary.contains("until --finish"), "{}", done.summary);
    let block = bench.view().block("192.0.2.64/26").expect("a block");
    assert_eq!(block.former.len(), 1);
    assert_eq!(
        (block.former[0].apex.as_str(), &block.former[0].until),
        ("64-26.2.0.192.in-addr.arpa.", &None)
    );
}

#[test]
fn a_delegated_label_is_referred_under_both() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 bob delegate=classless ns=ns1.bob.example,ns2.bob.example ds=1_13_2_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    let done = bench.ok("relabel 192.0.2.64/26 classless=slash");
    assert!(done.warnings[0].contains("delegated unsigned"), "{:?}", done.warnings);
    for line in [
        "64-26.2.0.192.in-addr.arpa. 86400 NS ns1.bob.example. | ns2.bob.example.",
        "64/26.2.0.192.in-addr.arpa. 86400 NS ns1.bob.example. | ns2.bob.example.",
        "70.2.0.192.in-addr.arpa. 3600 CNAME 70.64/26.2.0.192.in-addr.arpa.",
    ] {
        assert!(bench.zone(PAGE).contains(&line.to_owned()), "{line}");
    }
    bench.ok("finish 192.0.2.64/26");
    assert_eq!((bench.count("64-26"), bench.count(" DS ")), (0, 0));
}

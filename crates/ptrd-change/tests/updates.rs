//! DNS UPDATE (RFC 2136) on the road: prerequisites, changes, what a key may do, and names that stand for addresses.

mod support;

use ptrd_api::{ChangeRequest, LogFilter, PtrFilter, ZoneImportOptions};
use ptrd_change::Updater;
use ptrd_wire::{Rcode, RecordChange, RecordType, Ttl};
use support::{Bench, name, read_update};

const ZONE: &str = "2.0.192.in-addr.arpa";

/// A range zone of acme with a key for everything.
fn bench() -> Bench {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 2001:db8::/48 acme"]);
    bench.allow_update("key=key.example");
    bench
}

fn ptr(bench: &Bench, address: &str) -> String {
    let ptr = bench.view().ptr(address);
    ptr.map_or_else(|_| "-".to_owned(), |ptr| format!("{} {}", ptr.ttl, ptr.names.join(" ")))
}

/// A verbatim zone of acme.
fn with_verbatim(bench: &Bench) {
    let zone = "$ORIGIN example.com.\n@ 60 SOA ns h 5 2 3 4 5\n@ 60 NS ns\n@ 60 NS ns2\nns 60 A 192.0.2.1\n\
                www 60 CNAME ns\nmail 60 A 192.0.2.2\nmail 60 A 192.0.2.3\nmail 60 MX 10 mail\nb.c 60 TXT x\n";
    let options = ZoneImportOptions { tenant: "acme".into(), ..Default::default() };
    bench.import_zones(options, &[("z", zone)]).expect("an import");
}

#[test]
fn prerequisites_in_all_forms() {
    let bench = bench();
    with_verbatim(&bench);
    bench.ok("ptr 192.0.2.5 a.example.com b.example.com");
    let (no, yes) = ("example.com", Rcode::NOERROR);
    for (zone, text, rcode) in [
        (ZONE, "yxdomain 5", yes),
        (ZONE, "yxdomain 6", Rcode::NXDOMAIN),
        (ZONE, "nxdomain 5", Rcode::YXDOMAIN),
        (ZONE, "nxdomain 6", yes),
        (ZONE, "yxdomain 05", Rcode::NXDOMAIN),
        (ZONE, "yxrrset 5 PTR", yes),
        (ZONE, "yxrrset 5 TXT", Rcode::NXRRSET),
        (ZONE, "nxrrset 5 PTR", Rcode::YXRRSET),
        (ZONE, "nxrrset 5 DHCID", yes),
        (ZONE, "yxrrset 5 PTR a.example.com.", Rcode::NXRRSET),
        (ZONE, "yxrrset 5 PTR a.example.com.; yxrrset 5 PTR B.example.COM.", yes),
        (
            ZONE,
            "yxrrset 5 PTR a.example.com.; yxrrset 5 PTR b.example.com.; yxrrset 5 PTR c.example.com.",
            Rcode::NXRRSET,
        ),
        (ZONE, "yxrrset @ SOA; yxrrset @ NS; yxdomain @", yes),
        (ZONE, "yxrrset @ NS ns1.example.net.; yxrrset @ NS ns2.example.net.", yes),
        (ZONE, "nxrrset @ NS", Rcode::YXRRSET),
        (no, "yxdomain b.c", yes),
        (no, "yxdomain c", Rcode::NXDOMAIN),
        (no, "nxdomain c", yes),
        (no, "yxrrset www CNAME ns.example.com.", yes),
        (no, "yxrrset www A", Rcode::NXRRSET),
        (no, "yxrrset mail A 192.0.2.3; yxrrset mail MX 10 MAIL.example.com.; yxrrset mail A 192.0.2.2", yes),
        (no, "yxrrset mail A 192.0.2.3; yxdomain c", Rcode::NXDOMAIN),
        (no, "yxrrset mail A 192.0.2.3; faulty x", Rcode::NXRRSET),
        (no, "yxdomain mail; faulty x", Rcode::FORMERR),
        ("5.2.0.192.in-addr.arpa", "yxdomain @", Rcode::NOTAUTH),
        ("com", "nxdomain @", Rcode::NOTAUTH),
    ] {
        assert_eq!(bench.update(zone, text), rcode, "{zone}: {text}");
    }
}

#[test]
fn nothing_of_a_refused_update_is_done() {
    let bench = bench();
    bench.ok("ptr 192.0.2.5 a.example.com");
    // `Bench::send` checks that all is as it was.
    for (text, rcode) in [
        ("yxdomain 6; add 6 60 PTR b.example.com.", Rcode::NXDOMAIN),
        ("add 6 60 PTR b.example.com.; faulty x", Rcode::FORMERR),
        ("add 6 60 PTR b.example.com.; add 7 60 PTR localhost.", Rcode::REFUSED),
        (
            "add 6 60 PTR b.example.com.; del 5; add x.7 60 NS ns.example.com.; add 7 60 NS ns.example.com.",
            Rcode::REFUSED,
        ),
        ("del 5; add @ 60 NS other.example.com.", Rcode::REFUSED),
        ("del 5; del @ NS ns1.example.net.", Rcode::REFUSED),
    ] {
        assert_eq!(bench.update(ZONE, text), rcode, "{text}");
    }
}

#[test]
fn what_changes_nothing_is_no_change() {
    let bench = bench();
    bench.ok("ptr 192.0.2.5 a.example.com");
    bench.ok("record 5.2.0.192.in-addr.arpa. DHCID AAIBMmFjOTc1NjRjOWRkNzg5Yjg3NzU5Yjg2");
    for text in [
        "",
        "del 6; del 7 PTR; del 7 PTR x.example.com.; del 5 PTR b.example.com.",
        // What is there, with the TTL that it inherits.
        "add 5 3600 PTR a.example.com.",
        "del 5 PTR; add 5 3600 PTR a.example.com.",
        "del @ NS; del @ SOA; del @; add @ 60 CNAME x.example.com.",
        "add 5 60 CNAME x.example.com.",
        "add 8 60 TXT x; del 8",
    ] {
        let done = bench.update_as("key.example", ZONE, text).expect("no error");
        assert_eq!(done.change, None, "{text}: {}", done.summary);
    }
}

#[test]
fn an_update_is_one_change_with_one_serial_step() {
    let bench = bench();
    let serial = bench.serial(ZONE);
    let text = "add 5 60 PTR a.example.com.; add 6 60 PTR b_c.example.com.; add 5 60 DHCID AAIBMmFjOTc1NjRj; \
                add 005 60 PTR odd.; add 7 60 TXT hi; del 9";
    let done = bench.updated(ZONE, text);
    assert_eq!(bench.serial(ZONE), serial + 1);
    assert_eq!(ptr(&bench, "192.0.2.5"), "60 a.example.com.");
    assert_eq!(ptr(&bench, "192.0.2.6"), "60 b_c.example.com.");
    let log = bench.runtime.block_on(bench.road.log(LogFilter::default())).expect("the log");
    let entry = &log.items[0];
    assert_eq!(
        (Some(entry.change), &*entry.actor, &*entry.origin),
        (done.change, "key.example.", "198.51.100.9")
    );
    assert_eq!(entry.kind, "dns-update");
    let detail = bench.runtime.block_on(bench.road.logged(entry.change)).expect("the change");
    let request = detail.request.to_string();
    assert!(request.contains("add 60 5.2.0.192.in-addr.arpa. PTR a.example.com."), "{request}");
    // It is found by address and by tenant, and undone like any other.
    let by =
        LogFilter { address: Some("192.0.2.5".into()), tenant: Some("acme".into()), ..LogFilter::default() };
    assert_eq!(bench.runtime.block_on(bench.road.log(by)).expect("the log").items[0].change, entry.change);
    bench.ask(ChangeRequest::rollback(entry.change), false).expect("undone");
    assert_eq!(ptr(&bench, "192.0.2.5"), "-");
    assert_eq!(bench.zone(ZONE).len(), 1, "{:?}", bench.zone(ZONE));
}

#[test]
fn ptrs_keep_the_ttl_of_their_block_until_told_otherwise() {
    let bench = bench();
    bench.ok("ptr 192.0.2.5 a.example.com b.example.com");
    let inherited = || bench.view().ptr("192.0.2.5").map(|ptr| (ptr.ttl, ptr.inherited));
    bench.updated(ZONE, "del 5 PTR b.example.com.");
    assert_eq!(inherited(), Ok((3600, true)));
    bench.updated(ZONE, "add 5 3600 PTR c.example.com.");
    assert_eq!(inherited(), Ok((3600, true)));
    bench.updated(ZONE, "add 5 60 PTR c.example.com.");
    assert_eq!(inherited(), Ok((60, false)));
    assert_eq!(ptr(&bench, "192.0.2.5"), "60 a.example.com. c.example.com.");
}

#[test]
fn verbatim_zones_are_records_all_through() {
    let bench = bench();
    with_verbatim(&bench);
    let zone = "example.com";
    bench.updated(
        zone,
        "add www 5 CNAME mail.example.com.; del mail A 192.0.2.2; add mail 7 A 192.0.2.9; add new 60 TYPE65280 \\# 1 ff",
    );
    let lines = bench.zone(zone).join("\n");
    for line in [
        "www.example.com. 5 CNAME mail.example.com.",
        "mail.example.com. 7 A 192.0.2.3 | 192.0.2.9",
        "new.example.com. 60 TYPE65280 \\# 1 ff",
    ] {
        assert!(lines.to_lowercase().contains(&line.to_lowercase()), "{line}: {lines}");
    }
    // Nothing beside a CNAME, and no CNAME beside anything (RFC 2136 §3.4.2.2).
    for text in ["add www 60 TXT x", "add mail 60 CNAME x"] {
        assert_eq!(bench.update_as("key.example", zone, text).expect("no error").change, None, "{text}");
    }
    // The last NS of the apex stays (§3.4.2.4), others go.
    bench.updated(zone, "del @ NS ns.example.com.; del @ NS ns2.example.com.");
    assert!(
        bench.zone(zone).contains(&"example.com. 60 NS ns2.example.com.".to_owned()),
        "{:?}",
        bench.zone(zone)
    );
    bench.updated(zone, "add @ 60 NS a.example.net.; del @ NS ns2.example.com.");
    assert!(bench.zone(zone).contains(&"example.com. 60 NS a.example.net.".to_owned()));
}

#[test]
fn a_soa_counts_where_it_is_newer() {
    let bench = bench();
    with_verbatim(&bench);
    let zone = "example.com";
    for older in [1u32, 5, 5u32.wrapping_add(1 << 31)] {
        let text = format!("add @ 60 SOA a. b. {older} 1 1 1 1");
        assert_eq!(bench.update_as("key.example", zone, &text).expect("no error").change, None, "{older}");
    }
    bench.updated(zone, "add @ 99 SOA a. b. 77 1 2 3 4; add x 60 TXT x; add y 60 SOA a. b. 99 1 1 1 1");
    let soa = bench
        .view()
        .snapshot
        .zone(&name(zone))
        .map(|zone| (zone.soa().clone(), zone.soa_ttl()))
        .expect("a zone");
    assert_eq!(
        (soa.0.serial.0, soa.0.mname.to_string(), soa.0.minimum.as_secs(), soa.1.as_secs()),
        (77, "a.".into(), 4, 99)
    );
    bench.updated(zone, "add z 60 TXT x");
    assert_eq!(bench.serial(zone), 78);
    // A template's SOA is the template's, but for the serial.
    let native = bench.view().snapshot.zone(&name(ZONE)).expect("a zone").clone();
    let soa = native.soa();
    let newer = |fields: &str| format!("add @ {} SOA {} {} {fields}", native.soa_ttl(), soa.mname, soa.rname);
    let rest = format!("{} {} {} {}", soa.refresh, soa.retry, soa.expire, soa.minimum);
    assert_eq!(bench.update(ZONE, &newer(&format!("{} 1 2 3 4", soa.serial.0 + 100))), Rcode::REFUSED);
    assert_eq!(
        bench.update(ZONE, &newer(&format!("{} 1 2 3 4", soa.serial.0 - 100))),
        Rcode::NOERROR,
        "ignored"
    );
    bench.updated(ZONE, &newer(&format!("{} {rest}", soa.serial.0 + 100)));
    assert_eq!(bench.serial(ZONE), soa.serial.0 + 100);
    bench.updated(ZONE, "add 5 60 PTR a.example.com.");
    assert_eq!(bench.serial(ZONE), soa.serial.0 + 101);
}

#[test]
fn names_that_are_cnames_stand_for_their_addresses() {
    let bench = bench();
    bench.ok("block 192.0.2.64/26 acme classless=first-len");
    bench.ok("block 192.0.2.96/28 acme classless=first-len");
    let (classless, nested) = ("64-26.2.0.192.in-addr.arpa", "96-28.64-26.2.0.192.in-addr.arpa");
    let serials = || [ZONE, classless, nested].map(|zone| bench.serial(zone));
    let before = serials();
    let done = bench.updated(
        ZONE,
        "nxdomain 70; del 70 PTR; del 70 DHCID; add 70 60 PTR a.example.com.; add 70 60 DHCID AAIBMmFj",
    );
    assert!(
        done.notes[0].contains("70.2.0.192.in-addr.arpa. is a CNAME to 70.64-26.2.0.192.in-addr.arpa."),
        "{done:?}"
    );
    assert!(done.notes[0].contains("acts on 192.0.2.70"), "{done:?}");
    assert_eq!(ptr(&bench, "192.0.2.70"), "60 a.example.com.");
    assert!(
        bench.zone(classless).iter().any(|line| line.starts_with("70.64-26.2.0.192.in-addr.arpa. 60 DHCID"))
    );
    assert_eq!(serials(), [before[0], before[1] + 1, before[2]], "the parent shows what it showed");
    assert_eq!(
        bench.update(ZONE, "yxrrset 70 PTR a.example.com.; yxrrset 70 DHCID; yxdomain 70; nxrrset 70 CNAME"),
        Rcode::NOERROR
    );
    assert_eq!(bench.update(ZONE, "yxrrset 70 CNAME"), Rcode::NXRRSET, "what is derived is absent");
    // Through two zones.
    bench.updated(ZONE, "add 100 60 PTR n.example.com.");
    assert_eq!(ptr(&bench, "192.0.2.100"), "60 n.example.com.");
    assert_eq!(serials()[2], before[2] + 1);
    bench.updated(classless, "add 100 60 TXT x");
    assert!(bench.zone(nested).iter().any(|line| line.contains("100.96-28.64-26") && line.contains("TXT")));
    // The CNAME itself is not to be written.
    for text in
        ["del 70 CNAME", "add 70 60 CNAME x.example.com.", "del 70 CNAME 70.64-26.2.0.192.in-addr.arpa."]
    {
        assert_eq!(bench.update(ZONE, text), Rcode::REFUSED, "{text}");
    }
    // Nor is what lies below the cut, but through the zone that it is in.
    assert_eq!(bench.update(ZONE, "add 70.64-26 60 PTR a.example.com."), Rcode::REFUSED);
    assert_eq!(bench.update(ZONE, "yxdomain 70.64-26"), Rcode::NXDOMAIN);
    bench.updated(ZONE, "yxrrset 70 PTR a.example.com.; del 70");
    assert_eq!(ptr(&bench, "192.0.2.70"), "-");
    assert!(!bench.zone(classless).iter().any(|line| line.starts_with("70.")));
    // Turned off.
    let by = Updater {
        key: name("key.example"),
        from: "198.51.100.9".parse().expect("an address"),
        redirect: false,
    };
    let sent = bench.send(by.clone(), read_update(ZONE, "add 70 60 PTR a.example.com."));
    assert_eq!(sent.map_err(|refusal| refusal.rcode), Err(Rcode::REFUSED));
    bench.send(by, read_update(classless, "add 70 60 PTR a.example.com.")).expect("in its own zone");
}

#[test]
fn suspended_delegated_and_foreign_places() {
    let bench = bench();
    bench.ok("block 192.0.2.64/26 acme delegate=classless ns=ns.example.org");
    bench.ok("block 192.0.2.128/28 acme delegate=ns ns=ns.example.org");
    for text in [
        "add 70 60 PTR a.example.com.",
        "del 70 PTR",
        "del 70",
        "add 130 60 PTR a.example.com.",
        "add x.130 60 TXT x",
        "del 130 NS",
        "add 64-26 60 TXT x",
        "del 64-26 NS",
        "add @ 60 DNAME x.example.com.",
        "add 9 60 NS ns.example.com.",
    ] {
        assert_eq!(bench.update(ZONE, text), Rcode::REFUSED, "{text}");
    }
    assert_eq!(bench.update(ZONE, "nxdomain 70; nxdomain 130; nxrrset 64-26 NS"), Rcode::NOERROR, "derived");
    bench.ok("block 192.0.2.192/28 acme classless=first-len");
    bench.ok("suspend 192.0.2.192/28");
    // An operator's key may, and what is written shows when the block is resumed.
    bench.updated(ZONE, "add 193 60 PTR s.example.com.");
    bench.ok("resume 192.0.2.192/28");
    assert!(bench.zone("192-28.2.0.192.in-addr.arpa").iter().any(|line| line.contains("s.example.com.")));
}

/// Keys with each scope against addresses of all kinds.
#[test]
fn keys_and_addresses() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 192.0.2.16/28 bob",
        "block 192.0.2.32/28 bob classless=first-len",
        "block 192.0.2.48/28 acme classless=first-len",
        "block 192.0.2.128/28 acme delegate=ns ns=ns.example.org",
        "block 198.51.100.0/24 bob",
        "block 2001:db8::/48 acme",
        "block ::ffff:0:0/96 bob",
        "block 203.0.113.0/24 acme",
        "suspend 203.0.113.0/24",
    ]);
    let mapped = "f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa";
    let (of_bob, six) = ("100.51.198.in-addr.arpa", "0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    bench.allow_update("key=all.example");
    bench.allow_update("key=acme.example tenant=acme");
    bench.allow_update("key=bob.example tenant=bob");
    bench.allow_update(&format!("key=zone.example zone={ZONE}"));
    bench.allow_update(&format!("key=classless.example zone=32-28.{ZONE}"));
    bench.allow_update("key=elsewhere.example from=203.0.113.0/24");
    // Who may: all, acme, bob, the zone's, the classless zone's.
    let keys = ["all", "acme", "bob", "zone", "classless"];
    let nibbles = |text: &str| {
        text.chars().rev().map(|c| format!("{c}.")).collect::<String>().trim_end_matches('.').to_owned()
    };
    let v4_in_v6 = nibbles("c0000205");
    for (zone, text, may) in [
        (ZONE, "add 5 60 PTR a.example.com.", "all acme zone"),
        (ZONE, "add 5 60 TXT x", "all acme zone"),
        (ZONE, "add x.5 60 TXT x", "all acme zone"),
        // Bob's block in acme's zone: whoever has the zone has not the addresses, and whoever has the addresses has their
        // names and no others.
        (ZONE, "add 17 60 PTR a.example.com.", "all bob"),
        (ZONE, "add 17 60 TXT x", "all bob"),
        (ZONE, "del 17", "all bob"),
        (ZONE, "add 17 60 PTR a.example.com.; add 5 60 TXT x", "all"),
        (ZONE, "nxdomain 17; add 17 60 PTR a.example.com.", "all bob"),
        (ZONE, "nxdomain 99; add 17 60 PTR a.example.com.", "all"),
        (ZONE, "add x.17 60 TXT x", "all"),
        (ZONE, "add 017 60 TXT x", "all zone"),
        (ZONE, "add 17 60 NS ns.example.com.", ""),
        (ZONE, "add 17 60 CNAME a.example.com.", "all"),
        // Addresses that are CNAMEs into bob's zone.
        (ZONE, "add 33 60 PTR a.example.com.", "all bob classless"),
        (ZONE, "del 33", "all bob classless"),
        (ZONE, "add 33 60 PTR a.example.com.; add 34 60 TXT x", "all bob classless"),
        (ZONE, "add 33 60 PTR a.example.com.; add 5 60 TXT x", "all"),
        (ZONE, "nxdomain 99; add 33 60 PTR a.example.com.", "all"),
        (ZONE, "add 49 60 PTR a.example.com.", "all acme zone"),
        // Names above bob's addresses, and what answers or hides them.
        (ZONE, "add @ 60 TXT x", "all zone"),
        (ZONE, "add foo 60 TXT x", "all zone"),
        (ZONE, "add * 60 PTR a.example.com.", "all"),
        (ZONE, "add *.16-28 60 PTR a.example.com.", "all"),
        // Delegated.
        (ZONE, "add 129 60 PTR a.example.com.", ""),
        (ZONE, "add 129 60 NS a.example.com.", ""),
        ("32-28.2.0.192.in-addr.arpa", "add 33 60 PTR a.example.com.", "all bob classless"),
        ("32-28.2.0.192.in-addr.arpa", "add @ 60 TXT x", "all bob classless"),
        ("32-28.2.0.192.in-addr.arpa", "add 5 60 TXT x", "all bob classless"),
        ("48-28.2.0.192.in-addr.arpa", "add 49 60 PTR a.example.com.", "all acme"),
        (of_bob, "add 5 60 PTR a.example.com.", "all bob"),
        (of_bob, "", "all bob"),
        (six, "add 1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0 60 PTR a.example.com.", "all acme"),
        // 192.0.2.5 is acme's; ::ffff:192.0.2.5 is another address.
        (mapped, &format!("add {v4_in_v6} 60 PTR a.example.com."), "all bob"),
        // Suspended: for operators alone.
        ("113.0.203.in-addr.arpa", "add 5 60 PTR a.example.com.", "all"),
        ("113.0.203.in-addr.arpa", "add 5 60 TXT x", "all"),
    ] {
        for key in keys {
            let version = bench.view().version;
            let sent = bench.update_as(&format!("{key}.example"), zone, text);
            let expected = may.split(' ').any(|one| one == key);
            assert_eq!(sent.is_ok(), expected, "{key}: {zone}: {text}: {sent:?}");
            if let Err(refusal) = sent {
                assert_eq!(refusal.rcode, Rcode::REFUSED, "{key}: {zone}: {text}: {refusal}");
            } else if bench.view().version > version {
                bench.ask(ChangeRequest::rollback(version + 1), false).expect("undone");
            }
        }
        for key in ["nobody.example", "elsewhere.example", "all.example.net"] {
            let sent = bench.update_as(key, zone, text).map_err(|refusal| refusal.rcode);
            assert_eq!(sent, Err(Rcode::REFUSED), "{key}: {zone}: {text}");
        }
    }
    let ptrs = bench.view().ptrs(&PtrFilter::default()).expect("PTRs");
    assert!(ptrs.items.is_empty(), "all undone: {ptrs:?}");
    // Permissions are judged when the change is made: what is taken back is gone.
    let write = ptrd_api::AccessWrite {
        action: "update".into(),
        key: Some("all.example".into()),
        ..Default::default()
    };
    bench.ask(ChangeRequest::AccessRevoke(write), false).expect("revoked");
    let sent =
        bench.update_as("all.example", ZONE, "add 5 60 PTR a.example.com.").map_err(|refusal| refusal.rcode);
    assert_eq!(sent, Err(Rcode::REFUSED));
    let sent = bench.update_as("all.example", "com", "").map_err(|refusal| refusal.rcode);
    assert_eq!(sent, Err(Rcode::NOTAUTH));
}

/// RFC 2136 §3.4.1: data that secondaries would refuse, and the whole zone with it, gets into none.
#[test]
fn data_without_the_form_of_its_type_is_malformed() {
    let bench = bench();
    for (rtype, rdata) in [
        // A map of types with a zero octet at its end (RFC 4034 §4.1.2).
        (RecordType::NSEC, &b"\x01a\0\0\x01\0"[..]),
        // Parameters out of order (RFC 9460 §2.2).
        (RecordType(64), b"\0\x01\0\0\x03\0\x02\0\x35\0\x01\0\x02\x01h"),
        // An address of five octets (RFC 3123).
        (RecordType::APL, b"\0\x01\x08\x05abcde"),
        // A digest that is cut (RFC 4509).
        (RecordType::DS, b"\0\x01\x0d\x02abcdefgh"),
    ] {
        let mut update = read_update(ZONE, "add 6 60 TXT x");
        let owner = name("5.2.0.192.in-addr.arpa");
        let (ttl, rdata) = (Ttl::from_secs(60), rdata.into());
        update.changes.push(RecordChange::Add { owner, rtype, ttl, rdata });
        let from = "198.51.100.9".parse().expect("an address");
        let by = Updater { key: name("key.example"), from, redirect: true };
        let refusal = bench.send(by, update).expect_err("malformed");
        assert_eq!(refusal.rcode, Rcode::FORMERR, "{rtype}");
        let place = format!("5.2.0.192.in-addr.arpa. {rtype}");
        assert!(refusal.problem.message.contains(&place), "{refusal}");
    }
}

/// Kea's DHCP-DDNS daemon: how it adds, and how it removes.
#[test]
fn what_kea_sends() {
    let bench = bench();
    bench.ok("block 192.0.2.64/26 acme classless=first-len");
    for last in [5, 70] {
        let address = format!("192.0.2.{last}");
        for (dhcid, host) in [("AAIBMmFj", "a.example.com."), ("AAIBMmFk", "b.example.com.")] {
            let add = format!(
                "del {last} PTR; del {last} DHCID; add {last} 1200 PTR {host}; add {last} 1200 DHCID {dhcid}"
            );
            bench.updated(ZONE, &add);
            assert_eq!(ptr(&bench, &address), format!("1200 {host}"));
        }
        let remove = |host: &str| format!("yxrrset {last} PTR {host}; del {last}");
        assert_eq!(bench.update(ZONE, &remove("a.example.com.")), Rcode::NXRRSET);
        assert_eq!(bench.update(ZONE, &format!("yxrrset {last} DHCID")), Rcode::NOERROR, "the DHCID is kept");
        bench.updated(ZONE, &remove("b.example.com."));
        assert_eq!(bench.update(ZONE, &format!("nxdomain {last}")), Rcode::NOERROR);
        assert_eq!(bench.update(ZONE, &remove("b.example.com.")), Rcode::NXRRSET);
    }
}

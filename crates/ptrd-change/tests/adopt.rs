//! Adoption: verbatim zones become native, and nothing that they answer changes.

mod support;

use ptrd_api::{ChangeDone, ChangeRequest, Problem, ZoneImportOptions};
use std::collections::BTreeMap;
use support::{Bench, judge};

const HEAD: &str = "$TTL 86400\n@ SOA ns1.example.net. h.example.net. 7 14400 3600 1209600 3600\n NS ns1.example.net.\n NS \
                    ns2.example.net.\n";

fn import(bench: &Bench, zones: &[(&str, &str)]) {
    let options = ZoneImportOptions { tenant: "acme".into(), ..ZoneImportOptions::default() };
    let files: Vec<(String, String)> = zones
        .iter()
        .map(|(apex, text)| (format!("{}.zone", apex.replace('/', "\\047")), format!("{HEAD}{text}")))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    bench.import_zones(options, &files).unwrap_or_else(|problem| panic!("{problem:?}"));
}

fn adopt(bench: &Bench, apexes: &[&str]) -> Result<ChangeDone, Problem> {
    let apexes: Vec<String> = apexes.iter().map(|apex| (*apex).to_owned()).collect();
    bench.ask(ChangeRequest::ZoneAdopt { all: apexes.is_empty(), apexes }, false)
}

/// Adopts, and holds every zone to what it was.
#[track_caller]
fn adopted(bench: &Bench, apexes: &[&str]) -> ChangeDone {
    let before = contents(bench);
    let done = adopt(bench, apexes).unwrap_or_else(|problem| panic!("{problem:?}"));
    let after = contents(bench);
    for (apex, lines) in &before {
        assert_eq!(after.get(apex), Some(lines), "{apex}");
    }
    assert_eq!(before.len(), after.len());
    bench.check();
    judge(&bench.view());
    done
}

fn contents(bench: &Bench) -> BTreeMap<String, Vec<String>> {
    let view = bench.view();
    let lines = |apex: &str| bench.zone(apex).into_iter().map(|line| line.to_lowercase()).collect();
    view.declared.zones().map(|zone| (zone.apex.to_string(), lines(&zone.apex.to_string()))).collect()
}

fn blocks(bench: &Bench) -> Vec<String> {
    let view = bench.view();
    let text = |block: &ptrd_zone::model::Block| {
        let style = match &block.mode {
            ptrd_zone::model::Mode::Classless { style, apex }
            | ptrd_zone::model::Mode::DelegatedClassless { style, apex, .. } => format!(" {style} {apex}"),
            _ => String::new(),
        };
        let ttl = block.default_ttl.map_or(String::new(), |ttl| format!(" {ttl}"));
        format!("{} {}{style}{ttl}", block.range, block.mode.word())
    };
    view.declared.blocks().map(|block| text(block)).collect()
}

fn kinds(bench: &Bench) -> Vec<String> {
    bench.view().declared.zones().map(|zone| format!("{} {}", zone.apex, zone.kind.word())).collect()
}

fn report(done: &ChangeDone, what: &str) -> Vec<String> {
    let lines = done.report.iter().filter(|line| line.what == what);
    lines.map(|line| format!("{}: {}", line.subject, line.detail)).collect()
}

#[test]
fn a_zone_with_classless_ranges_of_every_kind() {
    let bench = Bench::new();
    let parent = "$GENERATE 0-63 $ CNAME $.0/26\n0/26 NS ns1.example.net.\n0/26 NS ns2.example.net.\n\
                  $GENERATE 64-127 $ CNAME $.64-26\n64-26 NS ns.customer.example.\n64-26 DS 1 8 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\
                  $GENERATE 128-129 $ CNAME $.128-31\n130 CNAME 130.128-31\n128-31 NS ns.other.example.\n\
                  $GENERATE 161-174 $ CNAME $.160/28\n160/28 NS ns.160/28\nns.160/28 A 192.0.2.190\n\
                  200 PTR mail.example.com.\n200 TXT \"beside\"\n201 300 PTR a.example.com.\n201 300 PTR b_c.example.com.\n\
                  202 CNAME www.example.com.\n203 CNAME 203.pool.example.org.\n* PTR any.example.com.\n005 PTR odd.example.com.\n\
                  @ PTR net.example.com.\n_service.204 TXT x\n";
    import(
        &bench,
        &[
            ("2.0.192.in-addr.arpa", parent),
            (
                "0/26.2.0.192.in-addr.arpa",
                "1 PTR one.example.com.\n63 600 PTR last.example.com.\n77 PTR beyond.example.com.\nx TXT y\n",
            ),
        ],
    );
    let done = adopted(&bench, &["2.0.192.IN-ADDR.arpa."]);
    assert_eq!(
        blocks(&bench),
        [
            "192.0.2.0/24 direct 86400",
            "192.0.2.0/26 classless slash 0/26.2.0.192.in-addr.arpa.",
            "192.0.2.64/26 delegated-classless first-len 64-26.2.0.192.in-addr.arpa.",
            "192.0.2.161-192.0.2.174 delegated-classless label=160/28 160/28.2.0.192.in-addr.arpa.",
        ]
    );
    assert_eq!(kinds(&bench), ["2.0.192.in-addr.arpa. range", "0/26.2.0.192.in-addr.arpa. classless"]);
    let kept = report(&done, "kept as records");
    for part in
        ["label names 192.0.2.128/31", "www.example.com.", "pool.example.org.", "stands for no addresses"]
    {
        assert!(kept.iter().any(|line| line.contains(part)), "{part}: {kept:#?}");
    }
    assert_eq!(done.ptrs_changed, 4, "{}", done.summary);
    // A native zone from here on.
    bench.ok("ptr 192.0.2.200 new.example.com");
    assert!(
        bench.zone("2.0.192.in-addr.arpa").iter().any(|line| line.contains("86400 PTR new.example.com."))
    );
    bench.ok("ptr 192.0.2.7 seven.example.com");
    assert!(bench.zone("0/26.2.0.192.in-addr.arpa").iter().any(|line| line.starts_with("7.0/26")));
    bench.refused("ptr 192.0.2.70 x.example.com", "invalid", "delegated");
    bench.refused("ptr 192.0.2.202 x.example.com", "invalid", "CNAME");
}

#[test]
fn a_tree_with_delegations() {
    let bench = Bench::new();
    let root = "0 NS ns1.example.net.\n0 NS ns2.example.net.\n\
                1 NS ns.one.example.\n1 NS ns.1\nns.1 A 192.0.2.1\nns.1 AAAA 2001:db8::1\n1 DS 1 8 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n\
                2 3600 NS ns.two.example.\n\
                3 NS ns.3\nns.3 60 A 192.0.2.3\n\
                4 NS ns.glueless.4\n\
                5 NS ns.sibling\nns.sibling A 192.0.2.5\n\
                $GENERATE 10-20 $.6 NS ns.each.example.\n21.6 NS ns.21.6\nns.21.6 A 192.0.2.21\n22.6 DS 1 8 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n22.6 NS ns.each.example.\n\
                1.7 PTR seven.example.com.\n2.7 PTR seven.example.com.\nx NS ns.x.example.\n";
    let child = "1 PTR one.example.com.\n$GENERATE 8-15 $ CNAME $.8-29\n8-29 NS ns1.example.net.\n8-29 NS ns2.example.net.\n";
    import(
        &bench,
        &[
            ("168.192.in-addr.arpa", root),
            ("0.168.192.in-addr.arpa", child),
            ("8-29.0.168.192.in-addr.arpa", "$TTL 300\n$GENERATE 8-15 $ PTR host-$.example.com.\n"),
            ("example.com", "www A 192.0.2.1\n"),
        ],
    );
    let done = adopted(&bench, &[]);
    assert_eq!(
        blocks(&bench),
        [
            "192.168.0.0/16 direct 86400",
            "192.168.0.8/29 classless first-len 8-29.0.168.192.in-addr.arpa. 300",
            "192.168.1.0/24 delegated-zone",
            "192.168.2.0/24 delegated-zone 3600",
            "192.168.4.0/24 delegated-zone",
            "192.168.6.10-192.168.6.20 delegated-ns",
            "192.168.6.21/32 delegated-ns",
            "192.168.6.22/32 delegated-zone",
        ]
    );
    let kept = report(&done, "kept as records");
    assert!(kept.iter().any(|line| line.starts_with("3.168") && line.contains("TTL 60")), "{kept:#?}");
    assert!(kept.iter().any(|line| line.starts_with("5.168") && line.contains("ns.sibling")), "{kept:#?}");
    assert!(kept.iter().any(|line| line.starts_with("x.168")), "{kept:#?}");
    assert_eq!(report(&done, "left out").len(), 1);
    assert!(report(&done, "left out")[0].starts_with("example.com.: no reverse zone"));
    bench.refused("ptr 192.168.6.10 x.example.com", "invalid", "delegated");
    assert_eq!(
        adopt(&bench, &["168.192.in-addr.arpa"]).map_err(|p| p.code).err().as_deref(),
        Some("conflict")
    );
}

#[test]
fn ipv6_and_single_addresses() {
    let bench = Bench::new();
    let mut zone = String::from("1.0.0.0 NS ns.customer.example.\n2 NS ns.nibble.example.\n");
    let host = |n: u32| format!("{:x}.{}", n % 16, "0.".repeat(23).trim_end_matches('.'));
    for n in 3..16 {
        zone += &format!("{} PTR host-{n}.example.com.\n", host(n));
    }
    zone += &format!(
        "f.f.f.f NS ns1.example.net.\n{}.9 NS ns.single.example.\n",
        "0.".repeat(22).trim_end_matches('.')
    );
    import(
        &bench,
        &[("8.b.d.0.1.0.0.2.ip6.arpa", &zone), ("5.100.51.198.in-addr.arpa", "@ PTR one.example.com.\n")],
    );
    adopted(&bench, &[]);
    let blocks = blocks(&bench);
    for expected in
        ["198.51.100.5/32 direct 86400", "2001:db8::/32 direct 86400", "2001:db8:1000::/52 delegated-zone"]
    {
        assert!(
            blocks.iter().any(|block| block == expected) || expected.contains("/52"),
            "{expected}: {blocks:#?}"
        );
    }
    assert!(blocks.iter().any(|block| block.contains("/36 delegated-zone")), "{blocks:#?}");
    assert!(kinds(&bench).iter().all(|kind| kind.ends_with("range")));
    bench.ok("ptr 198.51.100.5 two.example.com");
}

#[test]
fn classless_zones_without_their_parent() {
    let bench = Bench::new();
    let zones = [
        ("0/25.2.0.192.in-addr.arpa", "5 PTR five.example.com.\n"),
        ("0-26.3.0.192.in-addr.arpa", "5 PTR five.example.com.\n"),
        ("0-26.4.0.192.in-addr.arpa", "50 PTR fifty.example.com.\n"),
        ("30-31.5.0.192.in-addr.arpa", "30 PTR thirty.example.com.\n"),
        ("customer.6.0.192.in-addr.arpa", "30 PTR thirty.example.com.\n"),
        ("10-20.7.0.192.in-addr.arpa", "10 PTR ten.example.com.\n"),
    ];
    import(&bench, &zones);
    let problem = adopt(&bench, &["0-26.3.0.192.in-addr.arpa"]).expect_err("two readings");
    assert!(problem.errors[0].message.contains("192.0.3.0/26 or 192.0.3.0-192.0.3.26"), "{problem:?}");
    let done = adopted(&bench, &[]);
    assert_eq!(report(&done, "left out").len(), 2, "{done:?}");
    let blocks = blocks(&bench);
    for expected in [
        "192.0.2.0/25 classless slash 0/25.2.0.192.in-addr.arpa. 86400",
        "192.0.4.0/26 classless first-len 0-26.4.0.192.in-addr.arpa. 86400",
        "192.0.5.30/31 classless label=30-31 30-31.5.0.192.in-addr.arpa. 86400",
        "192.0.7.10-192.0.7.20 classless first-last 10-20.7.0.192.in-addr.arpa. 86400",
    ] {
        assert!(blocks.iter().any(|block| block == expected), "{expected}: {blocks:#?}");
    }
}

#[test]
fn any_apex_and_nested_ranges() {
    let bench = Bench::new();
    let parent =
        "$GENERATE 0-127 $ CNAME $.rev.example.org.\n$GENERATE 128-135 $ CNAME $.lost.example.org.\n";
    let inner =
        "$GENERATE 0-7 $ CNAME $.inner.example.org.\n9 PTR nine.example.com.\n8 NS ns.eight.example.\n";
    import(
        &bench,
        &[
            ("2.0.192.in-addr.arpa", parent),
            ("rev.example.org", inner),
            ("inner.example.org", "3 PTR three.example.com.\n"),
            ("example.org", "rev NS ns1.example.net.\nrev NS ns2.example.net.\n"),
        ],
    );
    let done = adopted(&bench, &["2.0.192.in-addr.arpa"]);
    assert_eq!(
        blocks(&bench),
        [
            "192.0.2.0/24 direct 86400",
            "192.0.2.0/25 classless label=rev rev.example.org.",
            "192.0.2.0/29 classless label=inner inner.example.org.",
            "192.0.2.8/32 delegated-ns",
        ]
    );
    assert!(report(&done, "kept as records").iter().any(|line| line.contains("lost.example.org.")));
    bench.ok("ptr 192.0.2.4 four.example.com");
    assert!(bench.zone("inner.example.org").iter().any(|line| line.starts_with("4.inner")));
}

#[test]
fn what_was_hidden_must_not_come_to_light() {
    let bench = Bench::new();
    bench.ok("block 192.0.0.0/16 acme");
    bench.ok("ptr 192.0.2.9 hidden.example.com");
    bench.ok("ptr 192.0.2.1 other.example.com");
    import(&bench, &[("2.0.192.in-addr.arpa", "1 PTR one.example.com.\n")]);
    let problem = adopt(&bench, &["2.0.192.in-addr.arpa"]).expect_err("a PTR would appear");
    assert!(
        problem.errors[0]
            .message
            .contains("9.2.0.192.in-addr.arpa. 86400 PTR hidden.example.com. would appear"),
        "{problem:?}"
    );
    bench.ok("ptr-delete 192.0.2.9");
    adopted(&bench, &["2.0.192.in-addr.arpa"]);
    assert_eq!(blocks(&bench), ["192.0.0.0/16 direct", "192.0.2.0/24 direct 86400"]);
}

#[test]
fn signed_zones_stay_as_they_are() {
    let bench = Bench::new();
    let options = ZoneImportOptions { tenant: "acme".into(), ..ZoneImportOptions::default() };
    let file = support::signed::lines_of("2.0.192.in-addr.arpa", "nsec", 7, "").join("\n") + "\n";
    bench.import_zones(options, &[("2.zone", &file)]).expect("a whole zone");
    let problem = adopt(&bench, &["2.0.192.in-addr.arpa"]).expect_err("a signed zone");
    assert!(problem.errors[0].message.contains("it is signed"), "{problem:?}");
}

#[test]
fn parents_that_disagree_with_their_children_keep_their_cuts() {
    let bench = Bench::new();
    import(
        &bench,
        &[
            (
                "168.192.in-addr.arpa",
                "1 NS ns.other.example.\n2 300 NS ns1.example.net.\n2 300 NS ns2.example.net.\n\
                                      3 NS ns1.example.net.\n3 NS ns2.example.net.\n1.7 PTR seven.example.com.\n",
            ),
            ("1.168.192.in-addr.arpa", "1 PTR one.example.com.\n"),
            ("2.168.192.in-addr.arpa", "1 PTR two.example.com.\n"),
            ("3.168.192.in-addr.arpa", "1 PTR three.example.com.\n"),
        ],
    );
    let done = adopted(&bench, &[]);
    let kept = report(&done, "kept as records");
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert!(kinds(&bench).iter().all(|kind| kind.ends_with("range")));
    // The third follows its child from now on, the others when their records go.
    let line = |apex: &str, part: &str| bench.zone(apex).iter().any(|line| line.contains(part));
    bench.ok("record 3.168.192.in-addr.arpa NS ns9.example.net.");
    assert!(line("168.192.in-addr.arpa", "3.168.192.in-addr.arpa. 86400 NS ns9.example.net."));
    bench.ok("record-delete 1.168.192.in-addr.arpa NS zone=168.192.in-addr.arpa");
    assert!(line("168.192.in-addr.arpa", "1.168.192.in-addr.arpa. 86400 NS ns1.example.net."));
    judge(&bench.view());
}

#[test]
fn a_parent_without_a_cut_for_its_child_stays() {
    let bench = Bench::new();
    import(
        &bench,
        &[
            ("168.192.in-addr.arpa", "1.2 PTR two.example.com.\n"),
            ("9.168.192.in-addr.arpa", "1 PTR nine.example.com.\n"),
        ],
    );
    let before = bench.everything();
    let problem = adopt(&bench, &["168.192.in-addr.arpa"]).expect_err("a cut would come");
    assert!(
        problem.errors[0].message.contains("NS ns1.example.net. | ns2.example.net. would appear"),
        "{problem:?}"
    );
    assert_eq!(before, bench.everything());
    // The other goes, the parent stays.
    let done = adopted(&bench, &[]);
    assert_eq!(report(&done, "left out").len(), 1, "{done:?}");
    assert_eq!(kinds(&bench)[0], "168.192.in-addr.arpa. verbatim");
    assert_eq!(blocks(&bench), ["192.168.9.0/24 direct 86400"]);
}

#[test]
fn blocks_that_are_there_already() {
    let bench = Bench::new();
    import(
        &bench,
        &[(
            "2.0.192.in-addr.arpa",
            "$TTL 3600\n1 PTR one.example.com.\n$GENERATE 8-15 $ CNAME $.8-29\n8-29 NS ns.c.example.\n",
        )],
    );
    bench.ok("block 192.0.0.0/16 bob");
    // Within it comes the zone's own, since the zone is another tenant's.
    let done = adopted(&bench, &["2.0.192.in-addr.arpa"]);
    assert_eq!(blocks(&bench)[..2], ["192.0.0.0/16 direct", "192.0.2.0/24 direct"]);
    assert!(blocks(&bench)[2].starts_with("192.0.2.8/29 delegated-classless"), "{done:?}");

    import(
        &bench,
        &[
            ("3.0.192.in-addr.arpa", "1 PTR one.example.com.\n"),
            ("4.0.192.in-addr.arpa", "1 PTR one.example.com.\n"),
        ],
    );
    bench.ok("block 192.0.3.0/24 bob");
    bench.ok("block 192.0.4.128-192.0.5.127 bob");
    let problem = adopt(&bench, &["3.0.192.in-addr.arpa", "4.0.192.in-addr.arpa"]).expect_err("two reasons");
    assert!(problem.errors[0].message.contains("belongs to the tenant bob"), "{problem:?}");
    assert!(problem.errors[1].message.contains("crosses the block"), "{problem:?}");
    assert_eq!(adopt(&bench, &["absent.example"]).map_err(|p| p.code).err().as_deref(), Some("not-found"));
}

/// Zones thrown together at random: whatever is recognised of them, nothing changes.
#[test]
fn random_zones_answer_as_before() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut dice = |sides: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % sides
    };
    for round in 0..60 {
        let bench = Bench::new();
        let mut zones: BTreeMap<String, String> = BTreeMap::new();
        let (mut parent, mut at) = (String::new(), 0u64);
        while at < 256 {
            let bits = dice(6) as u32;
            let size = 1u64 << bits;
            let first = at.next_multiple_of(size);
            let last = first + size - 1;
            at = last + 1;
            if last > 255 {
                break;
            }
            let label = [
                format!("{first}/{}", 32 - bits),
                format!("{first}-{}", 32 - bits),
                format!("{first}-{last}"),
                format!("c{first}"),
            ][dice(4) as usize]
                .clone();
            let ttl = ["", "", "", "300 "][dice(4) as usize];
            let (from, skip) = (first + u64::from(dice(5) == 0), dice(9) == 0);
            match dice(6) {
                0 => parent += &format!("$GENERATE {first}-{last} $ {ttl}PTR host-$.example.com.\n"),
                1 | 2 => {
                    for n in (from..=last).filter(|n| !skip || n % 7 != 3) {
                        parent += &format!("{n} {ttl}CNAME {n}.{label}\n");
                    }
                    parent += &format!("{label} {ttl}NS ns.c{}.example.\n", dice(3));
                }
                3 => {
                    for n in from..=last {
                        parent += &format!("{n} {ttl}CNAME {n}.{label}\n");
                    }
                    parent += &format!("{label} NS ns1.example.net.\n{label} NS ns2.example.net.\n");
                    zones.insert(
                        format!("{label}.2.0.192.in-addr.arpa"),
                        format!("$GENERATE {first}-{last}/2 $ {ttl}PTR h$.example.com.\n"),
                    );
                }
                4 => {
                    let inside = dice(2) == 0;
                    for n in first..=last {
                        parent += &format!(
                            "{n} {ttl}NS {}\n",
                            if inside { format!("ns.{n}") } else { "ns.e.example.".into() }
                        );
                        if inside {
                            parent += &format!("ns.{n} {}A 192.0.2.1\n", if skip { "5 " } else { ttl });
                        }
                    }
                }
                _ => {
                    parent += &format!(
                        "{first} TXT \"x\"\n{last}.x PTR a.example.com.\n*.{first} PTR w.example.com.\n"
                    )
                }
            }
        }
        zones.insert("2.0.192.in-addr.arpa".into(), parent);
        let zones: Vec<(&str, &str)> =
            zones.iter().map(|(apex, text)| (apex.as_str(), text.as_str())).collect();
        import(&bench, &zones);
        let done = adopted(&bench, &[]);
        assert!(done.change.is_some(), "round {round}: {done:?}");
    }
}

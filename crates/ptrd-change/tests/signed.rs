//! Zones that came signed: whole they are taken, and stay as they came; otherwise they are refused, with a word of what is
//! missing.

mod support;

use ptrd_api::code::{CONFLICT, INVALID};
use ptrd_api::{ChangeDone, ChangeRequest, Problem, ZoneImportOptions};
use support::Bench;
use support::signed::{file, is_of, lines};

const KINDS: [&str; 3] = ["nsec", "nsec3:1:aabb", "nsec3:0::opt-out"];

fn import(bench: &Bench, text: &str, options: ZoneImportOptions) -> Result<ChangeDone, Problem> {
    let options = ZoneImportOptions { tenant: "acme".into(), ..options };
    bench.import_zones(options, &[("example.zone", text)])
}

fn replace() -> ZoneImportOptions {
    ZoneImportOptions { replace: true, ..ZoneImportOptions::default() }
}

fn signed(bench: &Bench) -> Option<String> {
    bench.view().zone("example").expect("the zone").signed
}

#[test]
fn whole_zones_are_taken_and_tell_how_they_deny() {
    for (kind, shown) in
        KINDS.iter().zip(["NSEC", "NSEC3, 1 iterations, salt aabb", "NSEC3, 0 iterations, no salt, opt-out"])
    {
        let bench = Bench::new();
        let done = import(&bench, &file(kind, 7, ""), ZoneImportOptions::default()).expect("a whole zone");
        assert_eq!(done.warnings, [""; 0], "{kind}");
        assert_eq!(signed(&bench).as_deref(), Some(shown));
        bench.check();
    }
}

/// The fault that the import of these lines meets.
#[track_caller]
fn fault(lines: &[String]) -> String {
    let bench = Bench::new();
    let problem = import(&bench, &(lines.join("\n") + "\n"), ZoneImportOptions::default());
    let problem = problem.expect_err("a zone that is not whole");
    assert_eq!(problem.code, INVALID, "{problem:?}");
    let message = &problem.errors[0].message;
    let start = "the zone example. is signed but not whole: ";
    let fault = message.strip_prefix(start).unwrap_or_else(|| panic!("{message}"));
    fault.split(" (no answer of it could be proven").next().unwrap_or_default().to_owned()
}

/// The lines without those of an owner and a type.
fn without(lines: &[String], owner: &str, rtype: &str) -> Vec<String> {
    let kept: Vec<String> = lines.iter().filter(|line| !is_of(line, owner, rtype)).cloned().collect();
    assert!(kept.len() < lines.len(), "{owner} {rtype} is there");
    kept
}

/// The lines with this in the place of that.
fn with(lines: &[String], from: &str, to: &str) -> Vec<String> {
    let text = lines.join("\n");
    assert!(text.contains(from), "{from} is there");
    text.replacen(from, to, 1).lines().map(str::to_owned).collect()
}

#[test]
fn what_is_missing_or_wrong_is_said() {
    for kind in KINDS {
        let whole = lines(kind, 7, "");
        assert_eq!(
            fault(&without(&whole, "example.", "DNSKEY")),
            "it has DNSSEC records but no DNSKEY at its apex"
        );
        for (owner, rtype) in
            [("a.example.", "TXT"), ("example.", "SOA"), ("cut.example.", "DS"), ("*.w.example.", "TXT")]
        {
            assert_eq!(
                fault(&without(&whole, owner, &format!("RRSIG {rtype}"))),
                format!("{owner} {rtype} has no RRSIG of a key at the apex")
            );
        }
        let new = [whole.clone(), vec!["new.example. 60 TXT new".to_owned()]].concat();
        assert!(fault(&new).starts_with(if kind == "nsec" {
            "new.example. has no NSEC"
        } else {
            "new.example. TXT has no RRSIG"
        }));
        // The name of the signer, in the signature of a.example TXT: owner and labels as they should be.
        let signature =
            whole.iter().find(|line| is_of(line, "a.example.", "RRSIG TXT")).expect("a signature");
        let foreign = signature.replace("076578616d706c6500", "076578616d706c6600");
        assert_eq!(
            fault(&with(&whole, signature, &foreign)),
            "an RRSIG of a.example. TXT is not of the zone example."
        );
        let expanded = signature.replace("00100d02", "00100d01");
        assert_eq!(
            fault(&with(&whole, signature, &expanded)),
            "an RRSIG of a.example. TXT counts 1 labels, not 2: it was made for another owner"
        );
        // A record more at a name that is signed.
        let more = [whole.clone(), vec!["a.example. 60 TYPE65280 \\# 1 ab".to_owned()]].concat();
        assert_eq!(fault(&more), "a.example. TYPE65280 has no RRSIG of a key at the apex");
    }
}

/// The lines but for those of a name.
fn without_name(lines: &[String], owner: &str) -> Vec<String> {
    lines.iter().filter(|line| !line.starts_with(&format!("{owner} "))).cloned().collect()
}

#[test]
fn faults_of_nsec_chains_are_said() {
    let whole = lines("nsec", 7, "");
    assert_eq!(fault(&without(&whole, "a.example.", "NSEC")), "a.example. has no NSEC record");
    assert_eq!(
        fault(&without(&whole, "example.", "NSEC")),
        "it has neither NSEC nor NSEC3PARAM at its apex, so nothing proves what is not there"
    );
    assert_eq!(
        fault(&without_name(&whole, "a.example.")),
        "the NSEC record of example. leads to a.example., but the next name is cut.example."
    );
    assert_eq!(
        fault(&without_name(&whole, "*.w.example.")),
        "the NSEC record of plain.example. leads to *.w.example., but the next name is example."
    );
    let fewer = without(&without(&whole, "a.example.", "TXT"), "a.example.", "RRSIG TXT");
    assert_eq!(
        fault(&fewer),
        "the types in the NSEC record for a.example. are not those that a.example. has"
    );
    let glue = [whole.clone(), vec!["ns.cut.example. 60 NSEC plain.example. A NSEC".to_owned()]].concat();
    assert_eq!(fault(&glue), "ns.cut.example. has an NSEC record, but lies below a zone cut or a DNAME");
    let both = [whole.clone(), vec!["example. 60 NSEC3PARAM 1 0 0 -".to_owned()]].concat();
    assert!(fault(&both).starts_with("it has both NSEC and NSEC3 records"));
}

/// The owners of NSEC3 records, in order.
fn hashes(lines: &[String]) -> Vec<String> {
    let denying = lines.iter().filter(|line| line.contains(" NSEC3 "));
    denying.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// The lines without an NSEC3 record, the one before it leading to the one after it.
fn unlinked(lines: &[String], owner: &str) -> Vec<String> {
    let hashes = hashes(lines);
    let place = hashes.iter().position(|hash| hash == owner).expect("a record");
    let before = &hashes[(place + hashes.len() - 1) % hashes.len()];
    // Behind algorithm, flags, iterations and no salt come the length and the hash.
    let next = |owner: &str| {
        let line = lines.iter().find(|line| is_of(line, owner, "NSEC3")).expect("a record");
        let data = line.split(' ').nth(5).expect("its octets");
        data[10..52].to_owned()
    };
    with(&without_name(lines, owner), &next(before), &next(owner))
}

#[test]
fn faults_of_nsec3_chains_are_said() {
    let whole = lines("nsec3:0:", 7, "");
    let owners = hashes(&whole);
    assert_eq!(owners.len(), 11, "apex, ns1, a, empty, x.empty, w, *.w, cut, plain, deep, x.deep");
    let label = |owner: &str| owner.split('.').next().unwrap_or_default().to_owned();
    assert_eq!(
        fault(&without_name(&whole, &owners[3])),
        format!("the NSEC3 record {} does not lead to the next one, {}", owners[2], label(&owners[4]))
    );
    let stray = fault(&without_name(&whole, "a.example."));
    assert!(stray.ends_with("is the hash of no name of the zone"), "{stray}");
    // Whatever name its record is missing for: all of them, among them three that are empty.
    let mut missing: Vec<String> = owners
        .iter()
        .map(|owner| {
            let fault = fault(&unlinked(&whole, owner));
            let (name, hash) = fault.split_once(" has no NSEC3 record (its hash is ").expect(&fault);
            assert_eq!(hash, format!("{})", label(owner)));
            name.to_owned()
        })
        .collect();
    missing.sort();
    let names = ["*.w", "a", "cut", "deep", "empty", "", "ns1", "plain", "w", "x.deep", "x.empty"];
    let mut names =
        names.map(|name| if name.is_empty() { "example.".into() } else { format!("{name}.example.") });
    names.sort();
    assert_eq!(missing, names);
    let types = without(&without(&whole, "cut.example.", "DS"), "cut.example.", "RRSIG DS");
    assert_eq!(
        fault(&types),
        "the types in the NSEC3 record for cut.example. are not those that cut.example. has"
    );
    assert!(
        fault(&lines("nsec3:151:", 7, ""))
            .starts_with("its names are hashed 151 times more than once; with more than 150")
    );
    assert_eq!(
        fault(&with(&whole, "NSEC3PARAM \\# 5 0100000000", "NSEC3PARAM \\# 5 0200000000")),
        "its names are hashed with algorithm 2; NSEC3 knows 1 alone, which is SHA-1"
    );
    let other = whole.iter().find(|line| is_of(line, &owners[5], "NSEC3")).expect("a record");
    let (start, data) = other.rsplit_once(' ').expect("its octets");
    let other_chain = format!("{start} 01000001{}", &data[8..]);
    assert_eq!(
        fault(&with(&whole, other, &other_chain)),
        format!(
            "the NSEC3 record {} has other parameters than the NSEC3PARAM at the apex: several chains are not served",
            owners[5]
        )
    );
}

#[test]
fn opt_out_leaves_out_delegations_without_ds_alone() {
    let whole = lines("nsec3:0::opt-out", 7, "");
    let owners = hashes(&whole);
    assert_eq!(owners.len(), 8, "not plain, deep and x.deep");
    for owner in owners {
        let fault = fault(&unlinked(&whole, &owner));
        assert!(fault.contains(" has no NSEC3 record"), "{fault}");
    }
}

#[test]
fn changes_made_here_are_refused() {
    for kind in KINDS {
        let bench = Bench::new();
        import(&bench, &file(kind, 7, ""), ZoneImportOptions::default()).expect("a whole zone");
        let before = bench.everything();
        for line in [
            "record a.example. TXT other",
            "record-add a.example. TXT other",
            "record new.example. TXT other",
            "record-delete a.example. TXT",
        ] {
            bench.refused(line, CONFLICT, "is signed elsewhere");
        }
        assert_eq!(bench.everything(), before);
    }
}

#[test]
fn a_newer_version_takes_the_place_of_an_older_one() {
    for (kind, next) in KINDS.iter().zip(KINDS.iter().cycle().skip(1)) {
        let bench = Bench::new();
        import(&bench, &file(kind, 7, ""), ZoneImportOptions::default()).expect("a whole zone");
        import(&bench, &file(next, 8, "  b TXT \"b\"\n"), replace()).expect("a newer version");
        assert_eq!(bench.serial("example"), 8);
        // An older serial would be stepped, and the SOA's signature would not hold.
        let problem = import(&bench, &file(kind, 7, ""), replace()).expect_err("an older serial");
        assert_eq!(problem.code, CONFLICT, "{problem:?}");
        assert!(problem.message.contains("signed elsewhere"), "{problem:?}");
        let keep = ZoneImportOptions { keep_serial: true, ..replace() };
        import(&bench, &file(kind, 7, ""), keep).expect("as it says");
        assert_eq!(bench.serial("example"), 7);
        // What is not whole does not take its place.
        let broken = without(&lines(next, 9, ""), "a.example.", "RRSIG TXT").join("\n") + "\n";
        assert!(import(&bench, &broken, replace()).is_err());
        assert_eq!(bench.serial("example"), 7);
        bench.check();
        // Unsigned it may become, and is then changed as any other.
        let plain = "$ORIGIN example.\n@ 60 SOA ns1 host 20 2 3 4 5\n@ 60 NS ns1\nns1 60 A 192.0.2.1\n";
        import(&bench, plain, replace()).expect("unsigned");
        assert_eq!(signed(&bench), None);
        bench.ok("record a.example. TXT other");
        bench.check();
    }
}

#[test]
fn a_removed_zone_comes_back_as_it_was_signed() {
    let bench = Bench::new();
    import(&bench, &file("nsec", 7, ""), ZoneImportOptions::default()).expect("a whole zone");
    let before = bench.zone("example");
    let removed = bench.ok("zone-remove example").change.expect("a change");
    bench.ask(ChangeRequest::rollback(removed), false).expect("it comes back");
    assert_eq!(bench.zone("example"), before, "the serial, too: its signature holds for no other");
    assert_eq!(signed(&bench).as_deref(), Some("NSEC"));
}

#[test]
fn other_files_are_imported_without_the_one_that_is_not_whole() {
    let bench = Bench::new();
    let broken = without(&lines("nsec", 7, ""), "a.example.", "NSEC").join("\n") + "\n";
    let good = "@ 60 SOA ns1 host 1 2 3 4 5\n@ 60 NS ns1.example.\n";
    let options =
        ZoneImportOptions { tenant: "acme".into(), keep_going: true, ..ZoneImportOptions::default() };
    let files = [("example.zone", broken.as_str()), ("example.net.zone", good)];
    let done = bench.import_zones(options, &files).expect("one of them");
    assert_eq!(done.summary, "1 zone imported, 1 left out");
    assert!(done.report.iter().any(|line| line.detail.contains("a.example. has no NSEC record")), "{done:?}");
}

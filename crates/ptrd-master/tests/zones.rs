//! The master files in `tests/data`: good ones beside what they export to, bad ones beside what is wrong with
//! them. `UPDATE_EXPORTS=1` writes the exports anew, to be read before they are kept.

mod common;

use common::{data, export, name, read, read_text};
use ptrd_master::{Expected, Limits, Reason, Source, no_includes, read_zone};
use std::fs;

#[test]
fn good_files_read_and_export_as_written_beside_them() {
    for file in common::zone_files("good") {
        let zone = read(&file).unwrap_or_else(|errors| panic!("{}", lines(&errors)));
        let text = export(&zone);
        let beside = file.with_extension("export");
        if std::env::var_os("UPDATE_EXPORTS").is_some() {
            fs::write(&beside, &text).expect("written");
        }
        assert_eq!(text, fs::read_to_string(&beside).expect("an export beside it"), "{}", file.display());

        let warnings = lines(&zone.warnings);
        let expected = fs::read_to_string(file.with_extension("expected")).unwrap_or_default();
        assert_eq!(warnings, expected, "{}", file.display());

        let mut again = read_text(&text).expect("an export reads");
        again.warnings = zone.warnings.clone();
        assert_eq!(again, zone, "{}", file.display());
        assert_eq!(export(&again), text, "letter case included");
    }
}

#[test]
fn bad_files_are_refused_with_file_line_and_reason() {
    for file in common::zone_files("bad") {
        let errors = read(&file).expect_err("refused");
        let found = lines(&errors);
        let expected = fs::read_to_string(file.with_extension("expected")).expect("the errors beside it");
        let right = found.lines().count() == expected.lines().count()
            && found.lines().zip(expected.lines()).all(|(found, expected)| found.starts_with(expected));
        assert!(right, "{}\nfound:\n{found}\nexpected:\n{expected}", file.display());
    }
}

fn lines(items: &[impl ToString]) -> String {
    items.iter().map(|item| item.to_string() + "\n").collect()
}

const APEX: &str = "$TTL 60\n@ SOA ns.example. root.example. 1 2 3 4 5\n@ NS ns.example.\n";

fn read_at(text: &str, apex: &str, limits: &Limits) -> Result<ptrd_master::MasterZone, Vec<String>> {
    let source = Source { name: "z", text: text.as_bytes() };
    let apex = name(apex);
    let expected = Expected { apex: Some(&apex), origin: None };
    read_zone(source, expected, limits, &mut no_includes)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

#[test]
fn the_apex_is_the_one_asked_for_or_the_soa_s() {
    let zone = read_at(APEX, "Example.org", &Limits::default()).expect("a zone");
    assert_eq!(zone.apex.to_string(), "Example.org.");
    let errors = read_at(&format!("$ORIGIN other.\n{APEX}"), "example.org", &Limits::default());
    assert_eq!(errors, Err(vec!["z:3: the SOA record is at other. and the zone is example.org.".into()]));

    let origin = name("fallback.example");
    let expected = Expected { apex: None, origin: Some(&origin) };
    let source = Source { name: "z", text: APEX.as_bytes() };
    let zone = read_zone(source, expected, &Limits::default(), &mut no_includes).expect("a zone");
    assert_eq!(zone.apex, origin);
}

#[test]
fn the_root_is_a_zone_too() {
    let zone = read_at(&format!("{APEX}arpa NS ns.example.\n"), ".", &Limits::default()).expect("a zone");
    assert_eq!(export(&zone).lines().last(), Some("arpa 60 IN NS ns.example."));
    assert_eq!(read_text(&export(&zone)).expect("a zone"), zone);
}

#[test]
fn without_a_soa_the_rest_is_checked_all_the_same() {
    let errors = read_at("a 60 PTR b.\na 60 CNAME b.\n", "example.", &Limits::default());
    let expected = [
        "z:1: no SOA record: this is no zone",
        "z:1: no NS record at the apex example.",
        "z:2: a.example. has a CNAME and beside it PTR (line 1); only RRSIG and NSEC may stand there",
    ];
    assert_eq!(errors, Err(expected.map(String::from).to_vec()));
}

#[test]
fn octets_that_are_no_utf_8_are_kept_in_text_and_names_and_ignored_in_comments() {
    let mut text = APEX.as_bytes().to_vec();
    text.extend_from_slice(b"; caf\xe9\nt\xe9 TXT \"caf\xe9\" \\\xe9\r\n");
    let apex = name("example");
    let expected = Expected { apex: Some(&apex), origin: None };
    let zone = read_zone(Source { name: "z", text: &text }, expected, &Limits::default(), &mut no_includes)
        .expect("a zone");
    let (owner, set) = &zone.records[1];
    assert_eq!(owner.as_wire(), b"\x02t\xe9\x07example\x00");
    assert_eq!(&*set.rdatas[0], b"\x04caf\xe9\x01\xe9");
}

#[test]
fn what_grows_is_limited() {
    let limit = |limits: Limits, text: &str| {
        let errors = read_at(&format!("{APEX}{text}"), "example", &limits).expect_err("refused");
        errors.last().cloned().unwrap_or_default()
    };
    let defaults = Limits::default();
    let found = limit(Limits { records: 3, ..defaults }, "a PTR b\nb PTR c\nc PTR d\nd PTR e\n");
    assert_eq!(found, "z:6: more than 3 records; the rest was not read");
    let found = limit(Limits { octets: 10, ..defaults }, "");
    assert_eq!(found, "z:1: more than 10 octets of text; the rest was not read");
    let found = limit(Limits { errors: 2, ..defaults }, "a\na\na\na\n");
    assert_eq!(found, "z:6: more than 2 errors; the rest was not read");
    let found = limit(
        Limits { generated_octets: 1 << 20, ..defaults },
        &format!("$GENERATE 1-99999 $ TXT \"{}\"", "x".repeat(200)),
    );
    assert_eq!(found, "z:4: more than 1048576 octets from $GENERATE; the rest was not read");
    let many: String = (0..5_000).map(|n| format!("a PTR {n}.example.\n")).collect();
    let found = limit(defaults, &many);
    assert!(
        found.ends_with(": the PTR records of a.example. take more than 65000 octets together"),
        "{found}"
    );
}

#[test]
fn inclusions_are_limited() {
    let apex = name("example");
    let expected = Expected { apex: Some(&apex), origin: None };
    let run = |text: &str, limits: Limits, includes: &mut dyn FnMut(&str) -> std::io::Result<Vec<u8>>| {
        let text = format!("{APEX}{text}");
        let source = Source { name: "z", text: text.as_bytes() };
        read_zone(source, expected, &limits, includes).expect_err("refused")
    };
    // Each file includes the next one.
    let mut next = |path: &str| {
        let number: u32 = path.parse().expect("a number");
        Ok(format!("$INCLUDE {}\n", number + 1).into_bytes())
    };
    let errors = run("$INCLUDE 1\n", Limits::default(), &mut next);
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].to_string(), "10:1: $INCLUDE 11: includes nest more than 10 deep");
    // Each file includes the next one ten times: 10^10 in all, were there no limit.
    let mut many = |path: &str| {
        let number: u32 = path.parse().expect("a number");
        Ok(if number == 10 {
            Vec::new()
        } else {
            format!("$INCLUDE {}\n", number + 1).repeat(10).into_bytes()
        })
    };
    let errors = run("$INCLUDE 1\n", Limits::default(), &mut many);
    assert!(matches!(errors[0].reason, Reason::TooMuch { what: "included files", .. }), "{errors:?}");
    // A file that grows the text beyond its limit.
    let errors =
        run("$INCLUDE 1\n", Limits { octets: 1000, ..Limits::default() }, &mut |_| Ok(vec![b'\n'; 2000]));
    assert_eq!(errors[0].to_string(), "1:1: more than 1000 octets of text; the rest was not read");
}

#[test]
fn the_readme_of_the_data_names_every_file() {
    let readme = fs::read_to_string(data("README.md")).expect("a README");
    for file in common::zone_files("good").into_iter().chain(common::zone_files("bad")) {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        assert!(readme.contains(&name), "{name}");
    }
}

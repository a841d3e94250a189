//! What is sent to registries and what they refuse, as text: `rir.txt`.
//!
//! `$ ` begins a request: a registry, a block, then words as `ptrctl rir object` has them. Below it stands the objects, notes
//! after `; `, or refusals after `! ` with what to do instead after `> `.
#![allow(missing_docs)]

use ptrd_posture::rir::{Attributes, Delegation, Ds, Existing, Nserver, Registry, cut, prepare};
use ptrd_wire::AddrRange;

fn answer(request: &str) -> String {
    let mut words = request.split(" --");
    let mut head = words.next().expect("a head").split_whitespace();
    let registry: Registry = head.next().expect("a registry").parse().expect("a registry");
    let block: AddrRange = head.next().expect("a block").parse().expect("a block");
    let zones = match cut(&block, registry) {
        Ok(zones) => zones,
        Err(refusal) => return format!("! {}\n> {}\n", refusal.what, refusal.instead),
    };
    let (mut nservers, mut ds, mut existing) = (Vec::<Nserver>::new(), Vec::<Ds>::new(), Existing::default());
    let mut attributes = Attributes::default();
    for word in words {
        let (name, value) = word.split_once(' ').expect("a value");
        let value = value.replace("\\n", "\n");
        match name {
            "ns" => nservers.push(value.parse().expect("a nameserver")),
            "ds" => ds.push(value.parse().expect("DS data")),
            "existing" => existing = Existing::read(&value).expect("names"),
            "mnt-by" => attributes.mnt_by.push(value),
            "admin-c" => attributes.admin_c.push(value),
            "zone-c" => attributes.zone_c.push(value),
            "org" => attributes.org = Some(value),
            "descr" => attributes.descr.push(value),
            "remarks" => attributes.remarks.push(value),
            "notify" => attributes.notify.push(value),
            "source" => attributes.source = Some(value),
            other => panic!("{other}: no such word"),
        }
    }
    let delegations: Vec<_> = zones
        .into_iter()
        .map(|zone| Delegation { zone, nservers: nservers.clone(), ds: ds.clone() })
        .collect();
    match prepare(registry, &block, &delegations, &attributes, &existing) {
        Ok(prepared) => {
            let notes = prepared.notes.iter().map(|note| format!("; {note}\n"));
            let objects: Vec<String> = prepared.objects.into_iter().map(|object| object.text).collect();
            notes.collect::<String>() + &objects.join("\n")
        }
        Err(refusals) => {
            refusals.iter().map(|refusal| format!("! {}\n> {}\n", refusal.what, refusal.instead)).collect()
        }
    }
}

#[test]
fn registries_get_what_they_take_and_nothing_else() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rir.txt");
    let expected = std::fs::read_to_string(&path).expect("the text");
    let mut got = String::new();
    for line in expected.lines() {
        if line.starts_with("# ") {
            got += &format!("{line}\n");
        } else if let Some(request) = line.strip_prefix("$ ") {
            got += &format!("\n{line}\n{}", answer(request));
        }
    }
    if std::env::var_os("PTRD_BLESS").is_some() {
        return std::fs::write(&path, &got).expect("written");
    }
    let tidy =
        |text: &str| text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (got_lines, expected) = (tidy(&got), tidy(&expected));
    let differs = got_lines.iter().zip(&expected).find(|(got, expected)| got != expected);
    assert_eq!((differs, got_lines.len()), (None, expected.len()));
    assert!(got.matches("\n$ ").count() > 15, "the text was read");
}

#[test]
fn no_value_makes_an_attribute_of_its_own() {
    let value = |text: &str| Attributes {
        mnt_by: vec!["EXAMPLE-MNT".into()],
        admin_c: vec!["EX1-RIPE".into()],
        remarks: vec![text.into()],
        ..Attributes::default()
    };
    let block: AddrRange = "192.0.2.0/24".parse().expect("a block");
    let zone = cut(&block, Registry::Ripe).expect("zones").remove(0);
    let nservers =
        vec!["ns1.example.net".parse().expect("a name"), "ns2.example.net".parse().expect("a name")];
    let delegations = [Delegation { zone, nservers, ds: Vec::new() }];
    for c in (0..=0x2100).filter_map(char::from_u32) {
        let attributes = value(&format!("a{c}mnt-by: EVIL-MNT"));
        let Ok(prepared) = prepare(Registry::Ripe, &block, &delegations, &attributes, &Existing::default())
        else {
            continue;
        };
        let text = &prepared.objects[0].text;
        assert_eq!(text.lines().filter(|line| line.starts_with("mnt-by:")).count(), 1, "{c:?}");
        assert_eq!(text.split(['\n', '\r', '\u{85}', '\u{b}', '\u{c}']).count(), 11, "{c:?}: {text}");
    }
}

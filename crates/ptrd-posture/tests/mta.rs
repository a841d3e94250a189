//! What mail servers are told, as text.

use ptrd_posture::mta::{Configuration, Mta, Outlet, Plan, render};

fn plan(lines: &[(&str, &str, &str)]) -> Plan {
    let outlets = lines.iter().map(|(address, helo, domains)| {
        Outlet::new(address.parse().expect("an address"), helo, domains.split_whitespace())
            .expect("an outlet")
    });
    Plan::new(outlets.collect())
}

/// Two identities of a domain, one of another and of all others.
fn several() -> Plan {
    plan(&[
        ("192.0.2.1", "mail-01.example.com", "example.com example.org"),
        ("2001:db8::1", "mail-01.example.com", "example.com example.org"),
        ("192.0.2.2", "mail-02.example.com", "example.com example.org"),
        ("2001:db8::3", "mail-03.example.net", ""),
    ])
}

fn shown(configuration: &Configuration) -> String {
    let parts =
        configuration.parts.iter().map(|part| format!("# {}: {}\n{}", part.name, part.place, part.text));
    let notes = configuration.notes.iter().map(|note| format!("note: {note}\n"));
    parts.chain(notes).collect()
}

/// Holds what is written against the file of this name; `PTRD_BLESS=1` writes it anew.
fn hold(name: &str, plan: &Plan) {
    let mut text = String::new();
    for mta in [Mta::Postfix, Mta::Exim, Mta::PowerMta, Mta::KumoMta] {
        text.push_str(&format!("=== {mta}\n{}\n", shown(&render(mta, plan))));
    }
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mta").join(name);
    if std::env::var_os("PTRD_BLESS").is_some() {
        std::fs::write(&file, &text).expect("the file can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    let differing = kept.lines().zip(text.lines()).find(|(kept, now)| kept != now);
    assert!(kept == text, "{}: the first line that differs: {differing:?}", file.display());
}

#[test]
fn several_addresses_with_domains_and_one_for_all_others() {
    hold("several.txt", &several());
}

#[test]
fn without_an_address_for_all_others_their_mail_is_refused() {
    let plan = plan(&[
        ("192.0.2.1", "mail-01.example.com", "example.com"),
        ("2001:db8::1", "mail-01.example.com", "example.com"),
        ("192.0.2.2", "mail-02.example.org", "example.org"),
    ]);
    hold("guarded.txt", &plan);
}

#[test]
fn a_pool_for_all() {
    hold(
        "pool.txt",
        &plan(&[("192.0.2.1", "mail-01.example.com", ""), ("192.0.2.2", "mail-02.example.com", "")]),
    );
}

#[test]
fn a_family_that_another_address_of_the_name_has_is_not_said_to_be_missing() {
    let shared = [
        ("192.0.2.1", "mail.example.com", ""),
        ("192.0.2.2", "mail.example.com", ""),
        ("192.0.2.3", "other.example.com", ""),
        ("192.0.2.4", "other.example.com", ""),
        ("2001:db8::1", "mail.example.com", ""),
    ];
    let notes = render(Mta::PowerMta, &plan(&shared)).notes;
    let note = notes.iter().find(|note| note.contains("no mail goes over")).expect("a note");
    assert!(
        note.starts_with("no mail goes over IPv6 with other.example.com: there is no such address"),
        "{note}"
    );
}

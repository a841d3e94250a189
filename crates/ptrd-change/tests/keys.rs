//! TSIG keys: added, removed, brought back, named by permissions; and secrets, which nothing of the log shows.

mod support;

use ptrd_api::{
    AccessFilter, AccessWrite, ChangeDone, ChangeRequest, DiffFilter, KeyFilter, KeyWrite, LogFilter,
    Problem, Secret, code,
};
use ptrd_change::Edits;
use ptrd_store::{Commit, Edit, Store};
use std::sync::Arc;
use support::{Bench, name, open};

/// 32 octets, and a text that is found where it should not be.
const SECRET: &str = "U2VjcmV0c2VjcmV0U2VjcmV0c2VjcmV0U2VjcmV0MTI=";

fn write(name: &str, algorithm: Option<&str>, secret: Option<&str>) -> ChangeRequest {
    let (name, algorithm) = (name.to_owned(), algorithm.map(str::to_owned));
    ChangeRequest::KeyAdd(KeyWrite { name, algorithm, secret: secret.map(Secret::new) })
}

fn add(bench: &Bench, name: &str) -> Result<ChangeDone, Problem> {
    bench.ask(write(name, None, Some(SECRET)), false)
}

fn remove(bench: &Bench, name: &str, revoke: bool) -> Result<ChangeDone, Problem> {
    bench.ask(ChangeRequest::KeyRemove { name: name.to_owned(), revoke }, false)
}

fn access(key: &str, tenant: Option<&str>) -> AccessWrite {
    AccessWrite {
        action: "transfer".to_owned(),
        key: Some(key.to_owned()),
        tenant: tenant.map(str::to_owned),
        ..AccessWrite::default()
    }
}

fn allow(bench: &Bench, key: &str, tenant: Option<&str>) -> Result<ChangeDone, Problem> {
    bench.ask(ChangeRequest::AccessAllow(access(key, tenant)), false)
}

fn rollback(bench: &Bench, done: &ChangeDone) -> Result<ChangeDone, Problem> {
    bench.ask(ChangeRequest::rollback(done.change.expect("a change")), false)
}

/// The keys that queries see.
fn seen(bench: &Bench) -> Vec<String> {
    bench.view().snapshot.keys().iter().map(|key| key.name().to_string()).collect()
}

fn hint(problem: Problem) -> String {
    problem.hint.unwrap_or_default()
}

#[test]
fn keys_come_go_and_come_back() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let added = add(&bench, "K.Example").expect("added");
    assert!(added.warnings.is_empty() && added.zones.is_empty(), "{added:?}");
    let key = bench.view().snapshot.keys().key(&name("k.EXAMPLE")).expect("a key").clone();
    assert_eq!((key.to_base64().as_str(), key.algorithm().name()), (SECRET, "hmac-sha256"));
    let twice = add(&bench, "k.example.").expect_err("twice");
    assert!(twice.code == code::CONFLICT && hint(twice).contains("another name"));

    // A store that is opened anew has them.
    let road = open(&bench.store);
    assert_eq!(*road.view().snapshot.keys(), *bench.view().snapshot.keys());
    road.shutdown();

    let removed = remove(&bench, "k.example", false).expect("removed");
    assert!(seen(&bench).is_empty());
    assert_eq!(remove(&bench, "k.example", false).expect_err("gone").code, code::NOT_FOUND);
    rollback(&bench, &removed).expect("undone");
    assert_eq!(bench.view().snapshot.keys().key(&name("k.example")), Some(&key), "with its secret");
    rollback(&bench, &added).expect("undone");
    assert!(seen(&bench).is_empty());
    // Another key of that name is not the one that the change left.
    let again = bench.ask(write("k.example", None, None), false).expect("added");
    let problem = rollback(&bench, &added).expect_err("another secret");
    assert!(
        problem.errors.iter().any(|e| e.message.contains("the key k.example. has changed")),
        "{problem:?}"
    );
    assert!(again.change > added.change);
}

#[test]
fn secrets_are_made_or_given() {
    let bench = Bench::with(&[]);
    for (algorithm, octets) in [("hmac-sha256", 32), ("HMAC-SHA384", 48), ("hmac-sha512.", 64)] {
        let done = bench.ask(write(algorithm, Some(algorithm), None), false).expect("added");
        assert!(done.warnings.is_empty(), "{done:?}");
        let key = bench.view().snapshot.keys().key(&name(algorithm)).expect("a key").clone();
        assert_eq!(key.secret().len(), octets);
    }
    let secrets: Vec<_> =
        bench.view().snapshot.keys().iter().map(|key| key.secret()[..32].to_vec()).collect();
    assert!(secrets[0] != secrets[1] && secrets[1] != secrets[2]);
    // A dry run leaves nothing.
    bench.ask(write("dry", None, None), true).expect("planned");
    assert_eq!(seen(&bench).len(), 3);

    let old = bench.ask(write("old", Some("hmac-sha1"), Some(SECRET)), false).expect("added");
    assert!(old.warnings.len() == 1 && old.warnings[0].contains("hmac-sha1"), "{old:?}");
    let short = bench.ask(write("short", Some("hmac-sha224"), Some("c2hvcnQ=")), false).expect("added");
    assert!(short.warnings.len() == 2 && short.warnings[1].contains("5 octets"), "{short:?}");
    for (name, algorithm, secret, part) in [
        ("a", Some("hmac-sha1"), None, "no keys are generated for hmac-sha1"),
        ("a", Some("hmac-md5"), Some(SECRET), "no algorithm"),
        ("a", Some(SECRET), None, "no algorithm"),
        ("a", None, Some("not-base64-but-S3cret"), "not base64"),
        ("a", None, Some(""), "empty"),
        (".", None, None, "cannot be called"),
        ("a..b", None, None, "a..b"),
    ] {
        let problem = bench.ask(write(name, algorithm, secret), false).expect_err(part);
        let text = serde_json::to_string(&problem).expect("JSON");
        assert!(problem.message.contains(part), "{text}");
        assert!(!text.contains("S3cret") && !text.contains(SECRET), "{text}");
    }
}

#[test]
fn what_names_a_key_holds_it() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let unknown = allow(&bench, "k.example", None).expect_err("no such key");
    assert!(unknown.code == code::NOT_FOUND && hint(unknown).contains("`ptrctl key add k.example.`"));
    let added = add(&bench, "k.example").expect("added");
    let allowed = allow(&bench, "K.example", None).expect("allowed");
    allow(&bench, "k.example", Some("acme")).expect("allowed");
    let view = bench.view().keys(&KeyFilter::default());
    assert_eq!((view.items.len(), view.items[0].access_total, view.items[0].access.len()), (1, 2, 2));

    let held = remove(&bench, "k.example", false).expect_err("held");
    assert!(held.code == code::CONFLICT && held.message.contains("the zones of acme"), "{held:?}");
    assert!(hint(held).contains("--revoke"));
    let held = rollback(&bench, &added).expect_err("held");
    assert!(held.code == code::CONFLICT && held.message.contains("k.example."), "{held:?}");
    assert_eq!(seen(&bench).len(), 1);

    let removed = remove(&bench, "k.example", true).expect("removed");
    assert_eq!(removed.report.iter().filter(|line| line.what == "revoked").count(), 2, "{removed:?}");
    assert!(seen(&bench).is_empty());
    assert!(bench.view().access(&AccessFilter::default()).expect("a page").items.is_empty());
    rollback(&bench, &removed).expect("undone");
    assert_eq!(bench.view().key("k.example").expect("a key").key.access_total, 2);

    // A permission cannot come back without its key.
    let revoked = bench.ask(ChangeRequest::AccessRevoke(access("k.example", Some("acme"))), false);
    rollback(&bench, &allowed).expect("undone");
    remove(&bench, "k.example", false).expect("removed");
    let refused = rollback(&bench, &revoked.expect("revoked")).expect_err("no key");
    assert!(refused.code == code::CONFLICT && refused.message.contains("not there"), "{refused:?}");
    assert!(hint(refused).contains("ptrctl key add"));
}

#[test]
fn keys_are_listed_in_pages() {
    let bench = Bench::with(&[]);
    for name in ["b.example", "a.example", "c.example"] {
        add(&bench, name).expect("added");
    }
    let page = |after: Option<String>| bench.view().keys(&KeyFilter { after, limit: Some(2) });
    let (first, names) = (page(None), |page: &ptrd_api::Page<ptrd_api::KeyView>| {
        page.items.iter().map(|key| key.name.clone()).collect::<Vec<_>>()
    });
    assert_eq!(names(&first), ["a.example.", "b.example."]);
    let second = page(first.next);
    assert_eq!((names(&second), second.next), (vec!["c.example.".to_owned()], None));
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("JSON")
}

fn text(edits: &Edits) -> String {
    let mut out = Vec::new();
    edits.write(&mut out).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn nothing_of_the_log_shows_a_secret() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let mut shown = Vec::new();
    let mut changes = vec![
        add(&bench, "k.example").expect("added"),
        allow(&bench, "k.example", None).expect("allowed"),
        remove(&bench, "k.example", true).expect("removed"),
    ];
    changes.push(rollback(&bench, &changes[2]).expect("undone"));
    shown.push(add(&bench, "k.example").expect_err("twice").message);
    for done in &changes {
        let number = done.change.expect("a change");
        let detail = bench.runtime.block_on(bench.road.logged(number)).expect("logged");
        let edits = text(&bench.runtime.block_on(bench.road.edits(number)).expect("edits"));
        if number == changes[0].change.expect("a change") {
            assert!(edits.contains("k.example.") && edits.contains("(not shown)"), "{edits}");
            assert_eq!(detail.request["secret"], "(not shown)");
        }
        shown.extend([json(done), json(&detail), edits]);
    }
    for (from, to) in [(0, None), (0, changes[0].change), (changes[2].change.expect("a change"), Some(0))] {
        let diff = bench.road.diff(DiffFilter { from, to, ..DiffFilter::default() });
        shown.push(text(&bench.runtime.block_on(diff).expect("a diff")));
    }
    shown.push(json(&bench.runtime.block_on(bench.road.log(LogFilter::default())).expect("the log")));
    shown.push(json(&bench.view().keys(&KeyFilter::default())));
    shown.push(format!("{:?}", bench.view().key("k.example").expect("a key")));
    for text in &shown {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert!(json(&bench.view().key("k.example").expect("a key")).contains(SECRET));
}

#[test]
fn a_permission_from_before_there_were_keys_is_in_nobodys_way() {
    let mut bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    bench.road.shutdown();
    let last = bench.store.changes().last().expect("a change").clone();
    let edit = Edit::Setting {
        name: "grant/transfer/all/any/old.".to_owned(),
        before: None,
        after: Some(r#"{"action":"transfer","key":"old."}"#.to_owned()),
    };
    let commit = Commit {
        change: last.change + 1,
        edits: vec![edit],
        serials: Vec::new(),
        deltas: Vec::new(),
        kept: None,
        ..last
    };
    bench.store.clone().commit(&[commit]).expect("committed");
    bench.road = Arc::new(open(&bench.store));
    add(&bench, "k.example").expect("added");
    allow(&bench, "k.example", None).expect("allowed");
    bench.ask(ChangeRequest::AccessRevoke(access("old", None)), false).expect("revoked");
    assert!(allow(&bench, "old", None).is_err());
}

//! What pages are drawn from: counts for maps, previews, searches, as operators and tenants see them.

mod support;

use ptrd_api::code::{INVALID, NOT_FOUND};
use ptrd_api::{ChangeRequest, MapFilter, MapRun, MapView, Problem, PtrFilter, PtrStep};
use ptrd_change::{Checked, Failing, Role, View};
use ptrd_posture::{Standing, Verdict};
use support::{Bench, request};

fn try_map(view: &View, range: &str, tenant: Option<&str>) -> Result<MapView, Problem> {
    let filter = MapFilter { range: range.into(), tenant: tenant.map(str::to_owned), ..MapFilter::default() };
    view.map(&filter, &Failing::default())
}

fn map(view: &View, range: &str) -> MapView {
    try_map(view, range, None).expect("a map")
}

/// Part, addresses, set, blocks of each part.
fn parts(map: &MapView) -> Vec<(u8, u64, u64, u64)> {
    map.parts.iter().map(|part| (part.part, part.addresses, part.set, part.blocks)).collect()
}

fn runs(map: &MapView) -> Vec<String> {
    let line = |run: &MapRun| {
        let suspended = if run.suspended { " suspended" } else { "" };
        format!("{}-{} {} {} {}{suspended}", run.first, run.last, run.block, run.tenant, run.mode)
    };
    map.runs.iter().map(line).collect()
}

#[test]
fn maps_of_addresses_have_the_runs_of_blocks() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 192.0.2.64/26 bob classless=slash",
        "block 192.0.2.70-192.0.2.75 acme",
        "suspend 192.0.2.64/26",
        "fill 192.0.2.0/28 h{d}.example.com",
        "ptr 192.0.2.65 b.example.com",
    ]);
    let all = map(&bench.view(), "192.0.2.0/24");
    assert_eq!(
        runs(&all),
        [
            "192.0.2.0-192.0.2.63 192.0.2.0/24 acme direct",
            "192.0.2.64-192.0.2.69 192.0.2.64/26 bob classless suspended",
            "192.0.2.70-192.0.2.75 192.0.2.70-192.0.2.75 acme direct suspended",
            "192.0.2.76-192.0.2.127 192.0.2.64/26 bob classless suspended",
            "192.0.2.128-192.0.2.255 192.0.2.0/24 acme direct",
        ]
    );
    assert_eq!(all.parts.len(), 256);
    let set: Vec<u8> = all.parts.iter().filter(|part| part.set == 1).map(|part| part.part).collect();
    assert_eq!(set, (0..16).chain([65]).collect::<Vec<u8>>());
    let bobs = try_map(&bench.view(), "192.0.2.0/24", Some("bob")).expect("a map");
    assert_eq!(runs(&bobs).len(), 2);
    assert!(bobs.parts.iter().all(|part| (64..128).contains(&part.part) && !(70..76).contains(&part.part)));
}

#[test]
fn maps_of_many_addresses_count_by_part() {
    let bench = Bench::with(&[
        "block 198.51.100.0/22 acme",
        "block 198.51.101.0/25 bob",
        "block 2001:db8::/32 acme",
        "fill 198.51.100.0/24 h{n}.example.com",
        "fill 198.51.101.0/28 h{n}.example.com",
        "ptr 2001:db8:a500::1 six.example.com",
    ]);
    let view = bench.view();
    assert_eq!(
        parts(&map(&view, "198.51.0.0/16")),
        [(100, 256, 256, 1), (101, 256, 16, 1), (102, 256, 0, 0), (103, 256, 0, 0)]
    );
    assert_eq!(parts(&map(&view, "198.0.0.0/8")), [(51, 1024, 272, 2)]);
    assert_eq!(parts(&map(&view, "0.0.0.0/0")), [(198, 1024, 272, 2)]);
    let six = map(&view, "2001:db8::/32");
    assert_eq!((six.parts.len(), six.runs.len()), (256, 0));
    assert_eq!(parts(&six)[0xa5], (0xa5, u64::MAX, 1, 0));
    assert_eq!(parts(&map(&view, "::/0")), [(0x20, u64::MAX, 1, 1)]);
    assert_eq!(parts(&map(&view, "2001:db8:a500::/120"))[1], (1, 1, 1, 0));
    assert_eq!(parts(&map(&view, "203.0.0.0/16")), []);
    for (range, code) in [
        ("192.0.2.0/25", INVALID),
        ("192.0.2.1/24", INVALID),
        ("192.0.2.0-192.0.3.0", INVALID),
        ("2001:db8::/121", INVALID),
        ("nonsense", INVALID),
    ] {
        assert_eq!(try_map(&view, range, None).expect_err(range).code, code);
    }
    assert_eq!(try_map(&view, "192.0.2.0/24", Some("eve")).expect_err("no such tenant").code, NOT_FOUND);
}

#[test]
fn what_templates_name_is_counted_and_told() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.64/26 acme"]);
    bench.ok("block-set 192.0.2.64/26 template=h{d}.pool.example");
    bench.ok("ptr 192.0.2.70 own.example.com");
    let all = map(&bench.view(), "192.0.2.0/24");
    assert_eq!(all.computed.len(), 63);
    assert_eq!(
        (all.computed[0].address.as_str(), all.computed[0].name.as_str()),
        ("192.0.2.64", "h64.pool.example.")
    );
    let part = |nth: usize| (all.parts[nth].set, all.parts[nth].computed);
    assert_eq!([63, 64, 70, 128].map(part), [(0, 0), (0, 1), (1, 0), (0, 0)]);
    let wide = map(&bench.view(), "192.0.0.0/16");
    assert_eq!((wide.parts[0].set, wide.parts[0].computed, wide.computed.len()), (1, 63, 0));
    bench.ok("suspend 192.0.2.64/26");
    let all = map(&bench.view(), "192.0.2.0/24");
    assert!(all.computed.is_empty() && all.parts.iter().all(|part| part.computed == 0), "nothing is shown");
}

/// An address of which this was found out.
fn checked(address: &str, verdict: Verdict) -> Checked {
    let mut standing = Standing::default();
    standing.observe(7, verdict, "no".into());
    Checked { address: address.parse().expect("an address"), standing: Some(standing), told: true }
}

/// The addresses that fail as the road knows them, whoever has told.
fn failing(bench: &Bench) -> Failing {
    bench.runtime.block_on(bench.road.failing()).expect("a store that can be read")
}

/// Part, failing, pending, generic of each part where there is anything of these.
fn standings(view: &View, range: &str, failing: &Failing) -> Vec<(u8, u64, u64, u64)> {
    let map = view.map(&MapFilter { range: range.into(), ..MapFilter::default() }, failing).expect("a map");
    let of = map.parts.iter().map(|part| (part.part, part.failing, part.pending, part.generic));
    of.filter(|(_, failing, pending, generic)| failing + pending + generic > 0).collect()
}

#[test]
fn names_that_fail_wait_or_look_generic_are_counted_by_part() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.64/26 bob"]);
    for range in ["192.0.2.0/24", "192.0.2.64/26"] {
        bench.ok(&format!("block-set {range} fcrdns=warn"));
    }
    for (address, name) in [
        ("192.0.2.1", "a.example.com"),
        ("192.0.2.2", "host-192-0-2-2.pool.example.net"),
        ("192.0.2.65", "b.example.com"),
    ] {
        bench.ok(&format!("ptr {address} {name}"));
    }
    // Nobody resolves names here, so what must be verified first waits.
    bench.ok("block-set 192.0.2.0/24 fcrdns=require");
    bench.ok("ptr 192.0.2.1 new.example.com");
    bench.road.checked([
        checked("192.0.2.1", Verdict::Failing),
        checked("192.0.2.2", Verdict::Verified),
        checked("192.0.2.65", Verdict::Failing),
        checked("192.0.2.66", Verdict::Failing),
    ]);
    let known = failing(&bench);
    assert_eq!(
        standings(&bench.view(), "192.0.2.0/24", &known),
        [(1, 1, 1, 0), (2, 0, 0, 1), (65, 1, 0, 0)],
        "192.0.2.66 has no name any more"
    );
    assert_eq!(standings(&bench.view(), "0.0.0.0/0", &known), [(192, 2, 1, 1)]);
    assert_eq!(standings(&bench.view(), "2001:db8::/32", &known), []);
    let acme = bench.road.view_for(bench.token("all of acme")).expect("a token of use");
    assert_eq!(standings(&acme, "192.0.0.0/8", &known), [(0, 1, 1, 1)], "and not what is bob's");
    let quick = MapFilter { range: "192.0.2.0/24".into(), quick: true, ..MapFilter::default() };
    let quick = bench.view().map(&quick, &known).expect("a map");
    assert!(quick.unlinted && quick.parts.iter().all(|part| part.generic == 0));
    assert!(quick.parts[1].failing == 1 && quick.parts[1].pending == 1);
}

#[test]
fn which_addresses_fail_is_read_once_and_kept_up() {
    let mut bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let all = |bench: &Bench| failing(bench).after(None).map(|ip| ip.to_string()).collect::<Vec<_>>();
    assert_eq!(bench.road.failing_count(), None, "nobody has asked");
    bench.road.checked([checked("192.0.2.9", Verdict::Failing), checked("2001:db8::1", Verdict::Failing)]);
    bench.road.checked([checked("192.0.2.10", Verdict::Failing), checked("192.0.2.11", Verdict::Verified)]);
    assert_eq!(all(&bench), ["192.0.2.9", "192.0.2.10", "2001:db8::1"], "what is not written yet");
    bench.road.checked([checked("192.0.2.9", Verdict::Verified), checked("192.0.2.12", Verdict::Failing)]);
    let gone = Checked { standing: None, ..checked("192.0.2.10", Verdict::Failing) };
    bench.road.checked([gone]);
    assert_eq!(all(&bench), ["192.0.2.12", "2001:db8::1"]);
    assert_eq!(bench.road.failing_count(), Some(2));
    bench.road.shutdown();
    bench.road = std::sync::Arc::new(support::open(&bench.store));
    assert_eq!(all(&bench), ["192.0.2.12", "2001:db8::1"], "what the store has");
    let known = failing(&bench);
    let range = "192.0.2.0/28".parse().expect("a range");
    assert_eq!(known.within(&range).count(), 1);
    let first = known.after(None).next();
    assert_eq!(known.after(first).map(|ip| ip.to_string()).collect::<Vec<_>>(), ["2001:db8::1"]);
    let at: Vec<_> = known.after(None).collect();
    let found = bench.runtime.block_on(bench.road.checks_at(at)).expect("a store that can be read");
    assert_eq!(found, [checked("192.0.2.12", Verdict::Failing), checked("2001:db8::1", Verdict::Failing)]);
}

#[test]
fn a_token_maps_what_it_is_for() {
    let bench =
        Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.64/26 bob", "block 203.0.113.0/24 bob"]);
    bench.ok("fill 192.0.2.0/24 h{d}.example.com");
    let seen = |token: Role, range: &str| map(&bench.road.view_for(token).expect("a token of use"), range);
    let acme = bench.token("all of acme");
    assert_eq!(
        runs(&seen(acme, "192.0.2.0/24")),
        ["192.0.2.0-192.0.2.63 192.0.2.0/24 acme direct", "192.0.2.128-192.0.2.255 192.0.2.0/24 acme direct"]
    );
    assert_eq!(
        seen(acme, "203.0.113.0/24"),
        MapView { range: "203.0.113.0/24".into(), ..MapView::default() }
    );
    let narrow = bench.token("narrow of acme prefix=192.0.2.200/29 prefix=192.0.2.32/27");
    let map = seen(narrow, "192.0.2.0/24");
    assert_eq!(
        runs(&map),
        [
            "192.0.2.32-192.0.2.63 192.0.2.0/24 acme direct",
            "192.0.2.200-192.0.2.207 192.0.2.0/24 acme direct"
        ]
    );
    assert_eq!(map.parts.len(), 40);
    assert_eq!(parts(&seen(narrow, "0.0.0.0/0")), [(192, 40, 40, 0)]);
}

#[test]
fn a_dry_run_tells_what_each_address_would_have() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "ptr 192.0.2.2 old.example.com ttl=60"]);
    let steps = |line: &str| -> Vec<String> {
        let done = bench.ask(request(line), true).expect("a plan");
        let text = |row: &Option<ptrd_api::PtrRow>| match row {
            Some(row) => format!("{}/{:?}", row.names.join(" "), row.ttl),
            None => "-".to_owned(),
        };
        let step = |step: &PtrStep| format!("{} {} {}", step.address, text(&step.before), text(&step.after));
        done.ptrs.iter().map(step).collect()
    };
    assert_eq!(
        steps("fill 192.0.2.1-192.0.2.2 h{d}.example.com"),
        ["192.0.2.1 - h1.example.com./None", "192.0.2.2 old.example.com./Some(60) h2.example.com./None"]
    );
    assert_eq!(steps("ptr-delete 192.0.2.2"), ["192.0.2.2 old.example.com./Some(60) -"]);
    assert_eq!(steps("fill 192.0.2.0/24 h{d}.example.com").len(), 256);
    let made = bench.ok("fill 192.0.2.1-192.0.2.2 h{d}.example.com");
    assert_eq!(made.ptrs, [], "what was done stands in the log");
    let undo = ChangeRequest::rollback(made.change.expect("a change"));
    let done = bench.ask(undo, true).expect("a plan");
    assert_eq!(done.ptrs.len(), 2);
    assert!(done.ptrs[0].after.is_none() && done.ptrs[1].after.is_some());
}

#[test]
fn names_are_found_by_a_part_of_them() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 198.51.100.0/24 bob"]);
    bench.ok("fill 192.0.2.0/24 host-{d}.example.com");
    bench.ok("ptr 192.0.2.7 MAIL.example.com");
    bench.ok("ptr 198.51.100.7 mail.example.net");
    let found = |view: &View, name: &str, after: Option<&str>, limit| {
        let (name, after) = (Some(name.to_owned()), after.map(str::to_owned));
        let filter = PtrFilter { name, after, limit: Some(limit), ..PtrFilter::default() };
        let page = view.ptrs(&filter).expect("a page");
        (page.items.into_iter().map(|ptr| ptr.address).collect::<Vec<_>>(), page.next)
    };
    let view = bench.view();
    assert_eq!(found(&view, "Mail.", None, 9), (vec!["192.0.2.7".into(), "198.51.100.7".into()], None));
    let (first, next) = found(&view, "host-1", None, 2);
    assert_eq!(first, ["192.0.2.1", "192.0.2.10"]);
    let (second, _) = found(&view, "host-1", next.as_deref(), 2);
    assert_eq!(second, ["192.0.2.11", "192.0.2.12"]);
    assert_eq!(found(&view, "nothing", None, 2), (Vec::new(), None));
    let acme = bench.road.view_for(bench.token("all of acme")).expect("a token of use");
    assert_eq!(found(&acme, "mail", None, 9).0, ["192.0.2.7"], "and not what others have");
}

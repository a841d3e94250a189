//! PTRs by address: one by one, by pattern, by file, and for tenants.

mod support;

use ptrd_api::code::{BAD_REQUEST, CONFLICT, FORBIDDEN, INVALID, NOT_FOUND, STALE};
use ptrd_api::{ChangeRequest, PtrFilter};
use ptrd_change::{Caller, Role};
use support::{Bench, request};

fn names(bench: &Bench, address: &str) -> Vec<String> {
    bench.view().ptr(address).map(|ptr| ptr.names).unwrap_or_default()
}

#[test]
fn set_add_delete() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 2001:db8::/48 acme"]);
    let serial = bench.serial("2.0.192.in-addr.arpa");
    let done = bench.ok("ptr 192.0.2.1 a.example.com");
    assert_eq!((done.ptrs_changed, done.zones_changed), (1, 1));
    assert_eq!(done.zones[0].serial, Some(serial + 1));
    assert_eq!(bench.ok("ptr 192.0.2.1 a.example.com.").change, None, "nothing to change");
    bench.ok("ptr-add 192.0.2.1 b.example.com bücher.example");
    assert_eq!(bench.ok("ptr-add 192.0.2.1 B.example.com").change, None);
    assert_eq!(names(&bench, "192.0.2.1"), ["a.example.com.", "b.example.com.", "xn--bcher-kva.example."]);
    bench.ok("ptr-delete 192.0.2.1 B.EXAMPLE.com.");
    bench.refused("ptr-delete 192.0.2.1 b.example.com", NOT_FOUND, "has no PTR b.example.com.");
    bench.ok("ptr 192.0.2.1 c.example.com ttl=5");
    assert_eq!(bench.view().ptr("192.0.2.1").map(|ptr| (ptr.ttl, ptr.inherited)), Ok((5, false)));
    bench.ok("ptr-add 192.0.2.1 d.example.com");
    assert_eq!(bench.view().ptr("192.0.2.1").map(|ptr| ptr.ttl), Ok(5), "adding keeps the TTL");
    bench.ok("ptr-delete 192.0.2.1");
    bench.refused("ptr-delete 192.0.2.1", NOT_FOUND, "has no PTR");
    bench.ok("ptr 2001:db8::1 six.example.com");
    let ptr = bench.view().ptr("2001:db8::1").expect("a PTR");
    assert!(
        ptr.owner.is_some_and(
            |owner| owner.starts_with("1.0.0.0.") && owner.ends_with("8.b.d.0.1.0.0.2.ip6.arpa.")
        )
    );
}

#[test]
fn versions_are_expected() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    bench.ok("ptr 192.0.2.1 a.example.com expect=absent");
    bench.refused("ptr 192.0.2.1 b.example.com expect=absent", STALE, "somebody changed it");
    let version = bench.view().ptr("192.0.2.1").expect("a PTR").version;
    assert_eq!(version.len(), 16);
    bench.ok(&format!("ptr-add 192.0.2.1 b.example.com expect={version}"));
    bench.refused(&format!("ptr-delete 192.0.2.1 expect={version}"), STALE, &version);
    // The order of targets is no difference.
    let version = bench.view().ptr("192.0.2.1").expect("a PTR").version;
    bench.ok("ptr 192.0.2.1 b.example.com a.example.com");
    assert_eq!(bench.view().ptr("192.0.2.1").expect("a PTR").version, version);
}

#[test]
fn refusals() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 198.51.100.0/24 acme",
        "record 9.2.0.192.in-addr.arpa. CNAME elsewhere.example.",
        "record 10.2.0.192.in-addr.arpa. DNAME elsewhere.example.",
    ]);
    let zone = "$ORIGIN 100.51.198.in-addr.arpa.\n@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\n";
    bench.ok("unblock 198.51.100.0/24");
    let options = ptrd_api::ZoneImportOptions { tenant: "bob".into(), ..Default::default() };
    bench.import_zones(options, &[("z", zone)]).expect("an import");
    bench.ok("block 198.51.0.0/16 acme");
    let many: String = (0..101).map(|n| format!(" h{n}.example.com")).collect();
    for (line, code, part) in [
        ("ptr 203.0.113.9 a.example.com", NOT_FOUND, "ptrctl block add 203.0.113.0/24"),
        ("ptr 2001:db8::9 a.example.com", NOT_FOUND, "ptrctl block add 2001:db8::/48"),
        ("ptr 192.0.2.300 a.example.com", BAD_REQUEST, "is no IP address"),
        ("ptr 192.0.2.1", BAD_REQUEST, "no name was given"),
        ("ptr 192.0.2.1 localhost", INVALID, "localhost"),
        ("ptr 192.0.2.1 mail", INVALID, "one label"),
        ("ptr 192.0.2.1 a_b.example", INVALID, "--lax"),
        ("ptr 192.0.2.1 a.example.com A.example.com.", INVALID, "given twice"),
        ("ptr 192.0.2.1 a.example ttl=2147483648", INVALID, "too large"),
        ("ptr 192.0.2.9 a.example.com", INVALID, "9.2.0.192.in-addr.arpa. has a CNAME"),
        ("ptr 192.0.2.10 a.example.com", INVALID, "has a DNAME"),
        ("ptr 198.51.100.1 a.example.com", INVALID, "a verbatim zone"),
        (&format!("ptr 192.0.2.1{many}"), INVALID, "at most 100"),
        ("fill 192.0.2.0/28 h{n}.example.com", INVALID, "2 bad lines in 192.0.2.0/28"),
    ] {
        bench.refused(line, code, part);
    }
    bench.ok("ptr 192.0.2.1 a_b.example lax");
    bench.ok("ptr-delete 192.0.2.1 a_b.example");
}

#[test]
fn fill() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.32/27 bob classless=first-len"]);
    bench.ok("ptr 192.0.2.4 kept.example.com");
    let done = bench.ok("fill 192.0.2.0/26 h{n:02}.example.com start=1 keep");
    assert_eq!((done.ptrs_changed, done.zones_changed), (63, 2));
    assert_eq!(names(&bench, "192.0.2.0"), ["h01.example.com."]);
    assert_eq!(names(&bench, "192.0.2.4"), ["kept.example.com."]);
    assert_eq!(names(&bench, "192.0.2.63"), ["h64.example.com."]);
    assert_eq!(bench.ok("fill 192.0.2.0/26 h{n:02}.example.com start=1").ptrs_changed, 1);
    assert_eq!(bench.ok("fill 192.0.2.0/26 h{n:02}.example.com start=1").change, None);
    bench.refused("fill 192.0.2.192/25 h{n}.example.com", INVALID, "host bits");
    bench.refused("fill 198.51.100.0/30 h{n}.example.com", INVALID, "4 bad lines");
}

#[test]
fn import() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 2001:db8::/48 acme"]);
    let csv = "# from the old server\r\nAddress,Name\r\n192.0.2.9,nine.example.com\n192.0.2.1,b.example.com,60\n\n\
               \"192.0.2.1\",\"a.example.com.\", 60\n2001:db8::1,bücher.example\n192.0.2.3,MAIL.example.com,\n";
    let done = bench.import(csv, false).expect("an import");
    assert_eq!((done.ptrs_changed, done.zones_changed), (4, 2));
    assert_eq!(names(&bench, "192.0.2.1"), ["b.example.com.", "a.example.com."]);
    assert_eq!(names(&bench, "2001:db8::1"), ["xn--bcher-kva.example."]);
    assert_eq!(names(&bench, "192.0.2.3"), ["MAIL.example.com."]);
    assert_eq!(bench.import(csv, false).map(|done| done.change), Ok(None), "twice the same");
    let logged = bench.store.changes().last().expect("a change").request.clone();
    assert!(logged.contains(&format!("\"octets\":{}", csv.len())), "{logged}");
}

#[test]
fn a_bad_import_changes_nothing_and_lists_its_lines() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let before = bench.everything();
    let csv = "192.0.2.1,good.example.com\n192.0.2.2\nx,y.example\n192.0.2.3,a.example,soon\n192.0.2.4,a_b.example\n\
               192.0.2.5,a.example,1,2\n192.0.2.1,GOOD.example.com\n192.0.2.1,other.example.com,7\n192.0.2.6,\u{fffd}.example\n";
    let problem = bench.import(csv, false).expect_err("bad lines");
    assert_eq!(problem.code, INVALID);
    let lines: Vec<u64> = problem.errors.iter().map(|error| error.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8, 9], "{:#?}", problem.errors);
    assert_eq!(problem.errors_total, 8);
    let far: String = (0..500).map(|n| format!("10.0.{}.{},a.example.com\n", n / 256, n % 256)).collect();
    let problem = bench.import(&far, false).expect_err("no block");
    assert_eq!((problem.errors.len(), problem.errors_total), (100, 500));
    assert!(problem.errors[0].message.contains("no block here contains 10.0.0.0"));
    assert_eq!(bench.everything(), before);
}

#[test]
fn dry_runs_change_nothing() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let before = bench.everything();
    for line in ["ptr 192.0.2.1 a.example.com", "fill 192.0.2.0/24 h{n}.example.com", "block 10.0.0.0/8 bob"]
    {
        let done = bench.ask(request(line), true).expect("a plan");
        assert!(done.change.is_none() && done.zones_changed > 0, "{line}: {done:?}");
    }
    assert!(bench.ask(request("ptr 10.0.0.1 a.example.com"), true).is_err());
    assert_eq!(bench.everything(), before);
}

#[test]
fn tenants_write_ptrs_of_their_own_blocks_and_nothing_else() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 192.0.2.64/26 bob",
        "block 192.0.2.96/27 acme classless=first-len",
    ]);
    let bob = bench.view().declared.tenant_named("bob").expect("bob").id;
    let caller = || Caller { role: Role::Tenant(bob), ..Caller::operator("bob", "api", None) };
    let ask = |request: ChangeRequest| bench.runtime.block_on(bench.road.change(caller(), request, false));
    assert!(ask(request("ptr 192.0.2.65 a.example.com")).is_ok());
    assert!(ask(request("ptr-add 192.0.2.65 b.example.com")).is_ok());
    assert!(ask(request("fill 192.0.2.64/28 h{n}.example.com")).is_ok());
    // What others own looks like what is not there.
    let absent = ask(request("ptr 203.0.113.9 a.example.com")).expect_err("no block");
    assert_eq!(absent.code, NOT_FOUND);
    for line in [
        "ptr 192.0.2.1 a.example.com",
        "ptr 192.0.2.97 a.example.com",
        "ptr-delete 192.0.2.1",
        "fill 192.0.2.0 h{n}.example.com",
    ] {
        let problem = ask(request(line)).expect_err(line);
        let message = problem.errors.first().map_or(&problem.message, |error| &error.message);
        let address = line.split_whitespace().nth(1).expect("an address");
        assert_eq!(*message, absent.message.replace("203.0.113.9", address), "{line}");
    }
    assert_eq!(
        ask(request("fill 192.0.2.60-192.0.2.70 h{n}.example.com")).expect_err("both").errors_total,
        4
    );
    for line in [
        "tenant-add eve",
        "tenant-remove bob",
        "block 192.0.2.64/28 bob",
        "unblock 192.0.2.64/26",
        "defaults ptr_ttl=1",
        "record x.2.0.192.in-addr.arpa. TXT x",
        "record-delete x.2.0.192.in-addr.arpa.",
        "zone-add example bob",
        "zone-remove example",
    ] {
        assert_eq!(ask(request(line)).expect_err(line).code, FORBIDDEN, "{line}");
    }
}

#[test]
fn tenants_come_and_go() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    bench.refused("tenant-add acme", CONFLICT, "there already");
    for bad in ["Acme", "a_b", "-a", "a-", "é"] {
        bench.refused(&format!("tenant-add {bad}"), INVALID, "is no name for a tenant");
    }
    bench.refused("tenant-remove acme", CONFLICT, "still owns 1 block and 1 zone");
    bench.refused("tenant-remove eve", NOT_FOUND, "no tenant");
    bench.ok("unblock 192.0.2.0/24");
    bench.ok("tenant-remove acme");
    // Numbers are never given twice.
    bench.ok("tenant-add acme");
    assert_eq!(bench.view().declared.tenant_named("acme").map(|tenant| tenant.id.0), Some(3));
}

#[test]
fn listings_page() {
    let bench =
        Bench::with(&["block 192.0.2.0/24 acme", "block 2001:db8::/48 acme", "block 192.0.2.0/26 bob"]);
    bench.ok("fill 192.0.2.0/28 h{n}.example.com");
    bench.ok("fill 2001:db8::/126 h{n}.example.com");
    let view = bench.view();
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = view.ptrs(&PtrFilter { after, limit: Some(3), ..PtrFilter::default() }).expect("a page");
        seen.extend(page.items.into_iter().map(|ptr| ptr.address));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 20);
    assert_eq!((seen[0].as_str(), seen[19].as_str()), ("192.0.2.0", "2001:db8::3"));
    let within = PtrFilter { within: Some("192.0.2.8/29".into()), ..PtrFilter::default() };
    assert_eq!(view.ptrs(&within).expect("a page").items.len(), 8);
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let filter = ptrd_api::BlockFilter { after, limit: Some(1), ..Default::default() };
        let page = view.blocks(&filter).expect("a page");
        seen.extend(page.items.into_iter().map(|block| block.range));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, ["192.0.2.0/24", "192.0.2.0/26", "2001:db8::/48"]);
    let inner = view.block("192.0.2.0/26").expect("a block");
    assert_eq!(
        (inner.inside.as_deref(), inner.zones.as_slice()),
        (Some("192.0.2.0/24"), &["2.0.192.in-addr.arpa.".to_owned()][..])
    );
}

//! Tokens of the API: how they are made, what they may, what their holders see, and how they end.

mod support;

use ptrd_api::code::{BAD_REQUEST, CONFLICT, FORBIDDEN, INVALID, NOT_FOUND, UNAUTHENTICATED};
use ptrd_api::{ChangeRequest, LogFilter, PtrFilter, TokenFilter, TokenId};
use ptrd_change::Role;
use ptrd_store::Store;
use support::Bench;
use support::token::{id, token_write};

/// acme has a /24 with a block of bob's inside, and bob a block elsewhere.
fn bench() -> Bench {
    Bench::with(&[
        "block 192.0.2.0/24 acme",
        "fill 192.0.2.0/24 h{n}.acme.example",
        "block 192.0.2.64/26 bob classless=slash",
        "fill 192.0.2.64/26 h{n}.bob.example",
        "block 198.51.100.0/24 bob",
        "ptr 198.51.100.1 one.bob.example",
        "record txt.2.0.192.in-addr.arpa. TXT acme",
        "zone-add acme.example acme",
        "zone-add bob.example bob",
        "record www.bob.example. A 192.0.2.70",
    ])
}

fn code_of<T: std::fmt::Debug>(result: Result<T, ptrd_api::Problem>) -> String {
    result.expect_err("a refusal").code
}

#[test]
fn a_token_is_shown_once_and_found_by_its_text_alone() {
    let bench = bench();
    let made = bench.make_token(Role::Operator, "octodns of acme write").expect("a token");
    let text = made.token.reveal();
    let here = "203.0.113.9".parse().expect("an address");
    let bearer = bench.road.bearer(text, here).expect("its holder");
    assert_eq!((bearer.id, bearer.actor.as_str()), (id(&made), "token octodns of acme"));
    let wrong = format!("{}{}", &text[..text.len() - 1], if text.ends_with('0') { '1' } else { '0' });
    for bad in ["", "ptrd_", &wrong, &text.to_uppercase()] {
        assert_eq!(code_of(bench.road.bearer(bad, here)), UNAUTHENTICATED, "{bad}");
    }
    // Neither the text nor its digest is anywhere but in the store.
    let digest = blake3::hash(text.as_bytes()).to_hex().to_string();
    let mut shown = bench.seen_by(Role::Operator).join("\n");
    shown += &format!("{:?}", bench.road.token(Role::Operator, &made.id));
    assert!(shown.contains("octodns"));
    assert!(!shown.contains(text) && !shown.contains(&digest), "{shown}");
}

#[test]
fn what_a_token_is_to_be_must_make_sense() {
    let bench = bench();
    bench.token("octodns of acme");
    for (line, code, part) in [
        ("octodns of acme", CONFLICT, "already"),
        ("x of nobody", NOT_FOUND, "no tenant"),
        ("x", BAD_REQUEST, "tenant:"),
        ("x operator of acme", BAD_REQUEST, "operator:"),
        ("x operator prefix=192.0.2.0/24", BAD_REQUEST, "operator:"),
        ("Upper of acme", INVALID, "name:"),
        ("-x of acme", INVALID, "name:"),
        ("x of acme prefix=192.0.2.64/26", INVALID, "prefixes: no block of acme contains 192.0.2.64/26"),
        ("x of acme prefix=198.51.100.0/24", INVALID, "prefixes:"),
        ("x of acme prefix=192.0.0.0/16", INVALID, "prefixes:"),
        ("x of acme prefix=192.0.2.1/24", INVALID, "host bits"),
        ("x of acme prefix=mail", INVALID, "prefixes:"),
        ("x of acme from=mail", BAD_REQUEST, "from:"),
        ("x of acme from=192.0.2.1/24", INVALID, "host bits"),
        ("x of acme expires=tomorrow", BAD_REQUEST, "expires"),
        ("x of acme expires=2025-01-01T00:00:00Z", INVALID, "expires: that time has passed"),
    ] {
        let problem = bench.make_token(Role::Operator, line).expect_err(line);
        assert_eq!(problem.code, code, "{line}: {}", problem.message);
        assert!(problem.message.contains(part), "{line}: {}", problem.message);
    }
    let mut many = token_write("x of acme");
    many.prefixes = vec!["192.0.2.0/30".to_owned(); 65];
    let refused = bench.ask(ChangeRequest::TokenAdd(many), false);
    assert_eq!(code_of(refused), BAD_REQUEST);
}

#[test]
fn a_token_writes_where_its_tenant_may_and_within_its_prefixes() {
    let bench = bench();
    let (whole, reads) = (bench.token("whole of acme write"), bench.token("reads of acme"));
    let part = bench.token("part of acme write prefix=192.0.2.0/28 prefix=192.0.2.32-192.0.2.33");
    let operator = bench.token("root operator write");
    bench.with_token(whole, "ptr 192.0.2.200 x.acme.example").expect("its own");
    bench.with_token(part, "ptr 192.0.2.15 x.acme.example").expect("its part");
    bench.with_token(part, "fill 192.0.2.32-192.0.2.33 y{n}.acme.example").expect("its part");
    bench.with_token(whole, "fill 192.0.2.60/30 x{n}.acme.example").expect("its own up to the border");
    bench.with_token(operator, "tenant-add carol").expect("everything");
    for (token, line, code) in [
        (whole, "ptr 192.0.2.64 x.acme.example", NOT_FOUND),
        (whole, "ptr 198.51.100.1 x.acme.example", NOT_FOUND),
        (whole, "ptr 203.0.113.1 x.acme.example", NOT_FOUND),
        (whole, "fill 192.0.2.60-192.0.2.66 x{n}.acme.example", INVALID),
        (whole, "tenant-add dave", FORBIDDEN),
        (whole, "record txt.2.0.192.in-addr.arpa. TXT x", FORBIDDEN),
        (part, "ptr 192.0.2.16 x.acme.example", NOT_FOUND),
        (part, "ptr-delete 192.0.2.16", NOT_FOUND),
        (part, "fill 192.0.2.14-192.0.2.17 x{n}.acme.example", INVALID),
        (part, "fill 192.0.2.31-192.0.2.32 x{n}.acme.example", INVALID),
        (reads, "ptr 192.0.2.200 y.acme.example", FORBIDDEN),
    ] {
        let before = bench.everything();
        assert_eq!(code_of(bench.with_token(token, line)), code, "{line}");
        assert_eq!(before, bench.everything(), "{line}");
    }
    // The addresses that a refusal names are those that lie outside.
    let across = "fill 192.0.2.14-192.0.2.17 x{n}.acme.example";
    let problem = bench.with_token(part, across).expect_err("across the border");
    assert_eq!(problem.errors_total, 2, "{problem:?}");
}

#[test]
fn a_token_gives_no_more_than_it_has() {
    let bench = bench();
    let parent = bench
        .token("parent of acme write prefix=192.0.2.0/26 from=203.0.113.0/24 expires=2027-01-01T00:00:00Z");
    let child = bench.make_token(parent, "child write").expect("all that the parent has");
    let child = bench.road.token(Role::Operator, &child.id).expect("a token");
    assert_eq!(child.tenant.as_deref(), Some("acme"));
    assert_eq!(
        (child.prefixes[..].join(" "), child.from.join(" ")),
        ("192.0.2.0/26".into(), "203.0.113.0/24".into())
    );
    assert_eq!(
        (child.expires.as_deref(), child.made_by.as_str()),
        (Some("2027-01-01T00:00:00Z"), "token parent of acme")
    );
    bench.make_token(parent, "less of acme prefix=192.0.2.8/29 from=203.0.113.7").expect("less");
    for (line, code, field) in [
        ("x operator", FORBIDDEN, "operator"),
        ("x of bob", NOT_FOUND, "tenant"),
        ("x of nobody", NOT_FOUND, "tenant"),
        ("x prefix=192.0.2.128/25", FORBIDDEN, "prefixes"),
        ("x prefix=192.0.2.0/25", FORBIDDEN, "prefixes"),
        ("x prefix=192.0.2.64/26", FORBIDDEN, "prefixes"),
        ("x from=198.51.100.1", FORBIDDEN, "from"),
        ("x from=203.0.112.0/23", FORBIDDEN, "from"),
        ("x expires=2027-01-01T00:00:01Z", FORBIDDEN, "expires"),
    ] {
        let problem = bench.make_token(parent, line).expect_err(line);
        assert_eq!(problem.code, code, "{line}: {}", problem.message);
        assert!(problem.message.contains(field), "{line}: {}", problem.message);
    }
    let reads = bench.token("reads of acme");
    assert_eq!(code_of(bench.make_token(reads, "x")), FORBIDDEN);
    // Tenants whose rights do not come from a token make none.
    assert_eq!(
        code_of(bench.as_tenant_request("acme", ChangeRequest::TokenAdd(token_write("x")))),
        FORBIDDEN
    );
}

impl Bench {
    fn as_tenant_request(
        &self,
        tenant: &str,
        request: ChangeRequest,
    ) -> Result<ptrd_api::ChangeDone, ptrd_api::Problem> {
        let id = self.view().declared.tenant_named(tenant).expect("a tenant").id;
        self.change_with(Role::Tenant(id), request)
    }

    fn revoke(&self, by: Role, token: Role) -> Result<ptrd_api::ChangeDone, ptrd_api::Problem> {
        let Role::Token(id) = token else { panic!("no token") };
        self.change_with(by, ChangeRequest::TokenRevoke { id: id.to_string() })
    }
}

#[test]
fn a_revoked_token_is_of_no_use_and_takes_along_what_was_made_with_it() {
    let bench = bench();
    let token = bench.token("a of acme write");
    let made = |by: Role, line: &str| Role::Token(id(&bench.make_token(by, line).expect(line)));
    let child = made(token, "b of acme write");
    let grandchild = made(child, "c of acme");
    let other = bench.token("d of acme write");
    let bob = bench.token("e of bob write");
    assert_eq!(code_of(bench.revoke(bob, token)), NOT_FOUND);
    assert_eq!(code_of(bench.revoke(grandchild, other)), FORBIDDEN, "it reads only");
    bench.revoke(Role::Operator, token).expect("revoked");
    for gone in [token, child, grandchild] {
        assert_eq!(code_of(bench.with_token(gone, "ptr 192.0.2.1 x.acme.example")), UNAUTHENTICATED);
        assert_eq!(code_of(bench.road.view_for(gone).map(drop)), UNAUTHENTICATED);
    }
    bench.with_token(other, "ptr 192.0.2.1 x.acme.example").expect("another one");
    // One may give up one's own, and what reaches no further.
    let (narrow, wide) = (bench.token("narrow of acme write prefix=192.0.2.0/28"), other);
    assert_eq!(code_of(bench.revoke(narrow, wide)), NOT_FOUND);
    bench.revoke(wide, narrow).expect("less than its own");
    bench.revoke(wide, wide).expect("its own");
    // A rollback by an operator makes it one again.
    let last = bench.view().version;
    bench.ask(ChangeRequest::rollback(last), false).expect("rolled back");
    bench.with_token(wide, "ptr 192.0.2.1 y.acme.example").expect("a token again");
}

#[test]
fn a_token_ends_at_its_time() {
    let bench = bench();
    // The clock of these tests goes a second at each look.
    let soon = bench.token("soon of acme write expires=2026-01-01T00:05:00Z");
    bench.with_token(soon, "ptr 192.0.2.1 x.acme.example").expect("not yet");
    while bench.road.view_for(soon).is_ok() {}
    assert_eq!(code_of(bench.with_token(soon, "ptr 192.0.2.1 y.acme.example")), UNAUTHENTICATED);
    let list = bench.road.tokens(Role::Operator, &TokenFilter::default()).expect("tokens");
    assert!(list.items[0].expired);
}

#[test]
fn tokens_go_with_their_tenant_and_blocks_with_their_rights() {
    let bench = bench();
    let token = bench.token("a of acme write prefix=192.0.2.0/28");
    bench.ok("transfer 192.0.2.0/24 bob ptrs=keep");
    assert_eq!(code_of(bench.with_token(token, "ptr 192.0.2.1 x.acme.example")), NOT_FOUND);
    assert_eq!(
        bench.road.view_for(token).expect("a view").ptrs(&PtrFilter::default()).expect("PTRs").items,
        []
    );
    bench.ok("zone-remove acme.example");
    bench.ok("tenant-remove acme");
    assert_eq!(code_of(bench.with_token(token, "ptr 192.0.2.1 x.acme.example")), UNAUTHENTICATED);
    assert_eq!(bench.road.tokens(Role::Operator, &TokenFilter::default()).expect("tokens").items.len(), 0);
}

/// Nothing that a reader sees has a word in it.
#[track_caller]
fn lacks(seen: &[String], words: &[&str]) {
    for word in words {
        let found: Vec<_> = seen.iter().filter(|line| line.contains(word)).collect();
        assert!(found.is_empty(), "{word}: {found:#?}");
    }
}

#[test]
fn a_tenant_sees_what_is_its_own_and_nothing_of_others() {
    let bench = bench();
    let (acme, bob) = (bench.token("watch of acme"), bench.token("look of bob write"));
    bench.with_token(bob, "ptr 192.0.2.65 secret.bob.example").expect("bob's");
    bench.ok("fill 192.0.2.60-192.0.2.67 both{n}.example.net");
    let seen = bench.seen_by(acme);
    let has = |what: &str| assert!(seen.iter().any(|line| line.contains(what)), "{what}: {seen:#?}");
    for own in [
        "tenant TenantView { name: \"acme\"",
        "block BlockView { range: \"192.0.2.0/24\"",
        "zone 2.0.192.in-addr.arpa. acme",
        "zone acme.example. acme",
        "ptr 192.0.2.63 [\"both3.example.net.\"]",
        "record txt.2.0.192.in-addr.arpa. TXT",
        "token watch Some(\"acme\")",
        "summary: \"ptr-fill by somebody else\"",
    ] {
        has(own);
    }
    lacks(
        &seen,
        &["bob", "192.0.2.64", "64/26", "both4", "secret", "198.51.100", "h65.", "root", "because", "look"],
    );
    let seen = bench.seen_by(bob);
    lacks(&seen, &["acme", "192.0.2.0/24\"", "ptr 192.0.2.63", "both3", "root", "watch", "txt."]);
    let has = |what: &str| assert!(seen.iter().any(|line| line.contains(what)), "{what}: {seen:#?}");
    has("ptr 192.0.2.64 [\"both4.example.net.\"]");
    has("edit {\"what\":\"ptr\",\"address\":\"192.0.2.65\"");
}

#[test]
fn what_is_asked_for_by_name_is_not_found() {
    let bench = bench();
    let acme = bench.token("watch of acme");
    let view = bench.road.view_for(acme).expect("a view");
    assert_eq!(code_of(view.tenant("bob")), NOT_FOUND);
    assert_eq!(
        view.tenant("bob").expect_err("bob").message.replace("bob", "eve"),
        view.tenant("eve").expect_err("eve").message
    );
    for range in ["192.0.2.64/26", "198.51.100.0/24", "203.0.113.0/24"] {
        let problem = view.block(range).expect_err(range);
        assert_eq!(problem.code, NOT_FOUND);
        assert!(!format!("{problem:?}").contains("bob"));
        assert_eq!(code_of(view.parent_records(range)), NOT_FOUND);
    }
    for address in ["192.0.2.64", "198.51.100.1", "203.0.113.1"] {
        let problem = view.ptr(address).expect_err(address);
        let absent = view.ptr("203.0.113.77").expect_err("none").message;
        assert_eq!(problem.message, absent.replace("203.0.113.77", address));
    }
    for apex in ["bob.example", "64/26.2.0.192.in-addr.arpa", "100.51.198.in-addr.arpa"] {
        assert_eq!(code_of(view.zone(apex)), NOT_FOUND, "{apex}");
        assert_eq!(code_of(view.export(apex).map(drop)), NOT_FOUND, "{apex}");
    }
    let newest = bench.view().version;
    for change in 1..=newest + 1 {
        let detail = bench.runtime.block_on(bench.road.logged_for(acme, change));
        let touched = detail.is_ok();
        let edits = bench.runtime.block_on(bench.road.edits_for(acme, change));
        assert_eq!(edits.is_ok(), touched, "change {change}");
        if let Err(problem) = detail {
            assert_eq!(problem.code, NOT_FOUND);
        }
    }
    let by = |filter: LogFilter| bench.runtime.block_on(bench.road.log_for(acme, filter));
    assert_eq!(
        by(LogFilter { actor: Some("root".into()), ..LogFilter::default() }).expect("a log").items,
        []
    );
    assert_eq!(code_of(by(LogFilter { tenant: Some("bob".into()), ..LogFilter::default() })), NOT_FOUND);
    assert_eq!(
        code_of(by(LogFilter { zone: Some("bob.example".into()), ..LogFilter::default() })),
        NOT_FOUND
    );
    assert_eq!(code_of(view.for_operators()), FORBIDDEN);
}

#[test]
fn a_token_for_a_part_sees_that_part() {
    let bench = bench();
    let part = bench.token("part of acme write prefix=192.0.2.0/30");
    bench.with_token(part, "ptr 192.0.2.1 x.acme.example").expect("its part");
    let seen = bench.seen_by(part);
    lacks(&seen, &["bob", "h4.", "txt.", "acme.example. acme", "ptr 192.0.2.4 "]);
    let has = |what: &str| assert!(seen.iter().any(|line| line.contains(what)), "{what}: {seen:#?}");
    has("ptr 192.0.2.3 [\"h3.acme.example.\"]");
    has("zone 2.0.192.in-addr.arpa. ");
    has("record 1.2.0.192.in-addr.arpa. PTR");
    has("actor: \"token part of acme\"");
    let count = seen.iter().filter(|line| line.starts_with("ptr ")).count();
    assert_eq!(count, 4);
}

#[test]
fn pages_are_as_long_as_what_is_left_out_allows() {
    let bench = bench();
    let acme = bench.token("watch of acme");
    let view = bench.road.view_for(acme).expect("a view");
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = view.ptrs(&PtrFilter { after, limit: Some(50), ..PtrFilter::default() }).expect("a page");
        assert!(page.items.len() == 50 || page.next.is_none());
        seen.extend(page.items.into_iter().map(|ptr| ptr.address));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 192);
    assert!(seen.windows(2).all(|pair| pair[0] != pair[1]));
}

#[test]
fn a_tenant_undoes_what_it_did_itself() {
    let bench = bench();
    let acme = bench.token("undo of acme write");
    let own = bench.with_token(acme, "fill 192.0.2.0/28 n{n}.acme.example").expect("its own").change;
    let others = bench.ok("ptr 192.0.2.20 op.acme.example").change;
    let bobs = bench.ok("ptr 198.51.100.7 op.bob.example").change;
    let undo =
        |change: Option<u64>| bench.change_with(acme, ChangeRequest::rollback(change.expect("a change")));
    assert_eq!(code_of(undo(others)), FORBIDDEN);
    assert_eq!(code_of(undo(bobs)), NOT_FOUND);
    assert_eq!(code_of(undo(Some(99_999))), NOT_FOUND);
    undo(own).expect("undone");
    let view = bench.road.view_for(acme).expect("a view");
    assert_eq!(view.ptr("192.0.2.3").expect("a PTR").names, ["h3.acme.example."]);
    assert_eq!(code_of(bench.change_with(acme, ChangeRequest::LogPrune(Default::default()))), FORBIDDEN);
    // What somebody else has done since stands in the way, and is not told of.
    let again = bench.with_token(acme, "ptr 192.0.2.30 n.acme.example").expect("its own").change;
    bench.ok("ptr 192.0.2.30 op.acme.example");
    let problem = undo(again).expect_err("changed since");
    assert_eq!(problem.code, CONFLICT);
    assert!(!format!("{problem:?}").contains("root"), "{problem:?}");
    // Making a token is undone by an operator alone.
    let made = bench.make_token(acme, "x of acme").map(|_| bench.view().version);
    assert_eq!(code_of(undo(made.ok())), FORBIDDEN);
}

#[test]
fn uses_are_noted_beside_the_log() {
    let bench = bench();
    let made = bench.make_token(Role::Operator, "a of acme").expect("a token");
    let changes = bench.view().version;
    let from = "203.0.113.9".parse().expect("an address");
    bench.road.bearer(made.token.reveal(), from).expect("its holder");
    let view = bench.road.token(Role::Operator, &made.id).expect("a token");
    assert_eq!(view.used_from.as_deref(), Some("203.0.113.9"));
    assert_eq!(bench.view().version, changes, "no change");
    bench.road.shutdown();
    let uses = bench.store.clone().token_uses().expect("uses");
    assert_eq!((uses.len(), uses[0].token.as_str()), (1, made.id.as_str()));
    let road = support::open(&bench.store);
    assert_eq!(road.token(Role::Operator, &made.id).expect("a token").used, view.used);
    road.shutdown();
}

#[test]
fn from_where_a_token_may_be_used_is_asked_of_the_address_itself() {
    let bench = bench();
    let made = bench
        .make_token(Role::Operator, "a of acme from=198.51.100.0/24 from=2001:db8::/32")
        .expect("a token");
    let from = |text: &str| bench.road.bearer(made.token.reveal(), text.parse().expect("an address"));
    for good in ["198.51.100.7", "::ffff:198.51.100.7", "2001:db8::1"] {
        assert!(from(good).is_ok(), "{good}");
    }
    for bad in ["198.51.101.7", "2001:db9::1", "::1", "::198.51.100.7"] {
        assert_eq!(code_of(from(bad)), UNAUTHENTICATED, "{bad}");
    }
    assert!("zzz".parse::<TokenId>().is_err());
}

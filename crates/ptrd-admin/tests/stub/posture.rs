//! What is watched.

use ptrd_api::{
    PostureCheck, PostureCounts, PostureDoubt, PostureFault, PostureTenantView, PostureTurn, PostureView,
};

const YESTERDAY: &str = "2026-07-02T12:00:00Z";
const TODAY: &str = "2026-07-03T12:00:00Z";

fn well(check: &str) -> PostureCheck {
    PostureCheck {
        check: check.into(),
        grade: "pass".into(),
        since: "2026-07-01T12:00:00Z".into(),
        ..PostureCheck::default()
    }
}

/// An address that fails, one of which something is to be confirmed, one that nobody has looked at, and one that is well.
pub fn views() -> Vec<PostureView> {
    let why = "mail.example.com. does not exist";
    let failing = PostureCheck {
        grade: "fail".into(),
        since: YESTERDAY.into(),
        why: why.into(),
        run: vec!["dig +short mail.example.com. A".into()],
        todo: "create the A or AAAA record that leads from the name to 192.0.2.1, or give it another PTR"
            .into(),
        ..well("iprev")
    };
    let doubt = PostureDoubt {
        grade: Some("fail".into()),
        since: TODAY.into(),
        until: "2026-07-03T12:01:00Z".into(),
        why: "192.0.2.2 has no PTR: the nameserver 192.0.2.53 says NXDOMAIN".into(),
    };
    let turn = PostureTurn {
        at: "2026-07-02T12:01:00Z".into(),
        since: YESTERDAY.into(),
        check: "iprev".into(),
        from: Some("pass".into()),
        to: Some("fail".into()),
        why: why.into(),
    };
    let of = |subject: &str, grade: &str, checks: Vec<PostureCheck>| PostureView {
        subject: subject.into(),
        kind: "identity".into(),
        tenant: "acme".into(),
        grade: grade.into(),
        looked: Some(TODAY.into()),
        checks,
        ..PostureView::default()
    };
    vec![
        PostureView { history: vec![turn], ..of("192.0.2.1", "fail", vec![failing, well("ptr-present")]) },
        of("192.0.2.2", "pass", vec![PostureCheck { doubt: Some(doubt), ..well("ptr-present") }]),
        PostureView { looked: None, ..of("192.0.2.3", "unknown", Vec::new()) },
        of("2001:db8::1", "pass", vec![well("ptr-present"), well("iprev")]),
    ]
}

/// Their tenant, and one of which all is well.
pub fn tenants() -> Vec<PostureTenantView> {
    let fault =
        PostureFault { check: "iprev".into(), grade: "fail".into(), count: 1, since: YESTERDAY.into() };
    let acme = PostureTenantView {
        tenant: "acme".into(),
        addresses: PostureCounts { pass: 2, warn: 0, unknown: 1, fail: 1 },
        zones: PostureCounts::default(),
        faults: vec![fault],
        oldest: Some(TODAY.into()),
        unseen: 1,
    };
    let bob = PostureTenantView {
        tenant: "bob".into(),
        addresses: PostureCounts { pass: 3, ..PostureCounts::default() },
        oldest: Some(TODAY.into()),
        ..PostureTenantView::default()
    };
    vec![acme, bob]
}

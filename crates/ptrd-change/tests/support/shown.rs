//! What a bench shows, for comparisons of before and after.

use super::{Bench, request, zone_lines};
use ptrd_api::{ChangeDone, Problem};
use ptrd_change::{Caller, Role};
use ptrd_zone::model::TenantId;
use std::collections::BTreeMap;

/// The zone that most of these tests are about.
pub const PAGE: &str = "2.0.192.in-addr.arpa";

impl Bench {
    /// A /24 of acme's with a PTR at every address, and one other record.
    pub fn with_page() -> Bench {
        Bench::with(&[
            "block 192.0.2.0/24 acme",
            "fill 192.0.2.0/24 h{n}.acme.example",
            "record txt.2.0.192.in-addr.arpa. TXT x",
        ])
    }

    /// What every zone shows, the SOA aside: zone by zone, record by record.
    pub fn shown(&self) -> BTreeMap<String, Vec<String>> {
        let view = self.view();
        let zones = view.declared.zones();
        zones.map(|zone| (zone.apex.to_string(), zone_lines(&view, &zone.apex).expect("content"))).collect()
    }

    /// What a query would find at the name of each address of the page, CNAMEs followed.
    pub fn answers(&self) -> Vec<Option<String>> {
        let zones = self.shown();
        let mut at: BTreeMap<&str, &str> = BTreeMap::new();
        for line in zones.values().flatten().filter(|line| !line.contains(" TXT ")) {
            let (owner, rest) = line.split_once(' ').expect("an owner");
            at.insert(owner, rest);
        }
        let answer = |octet: u32| {
            let mut owner = format!("{octet}.2.0.192.in-addr.arpa.");
            for _ in 0..8 {
                let rest = at.get(owner.as_str())?;
                match rest.split_once("CNAME ") {
                    Some((_, target)) => owner = target.to_owned(),
                    None => return rest.split_once("PTR ").map(|(_, target)| target.to_owned()),
                }
            }
            None
        };
        (0..256).map(answer).collect()
    }

    /// How many records have this in their text.
    pub fn count(&self, what: &str) -> usize {
        self.shown().values().flatten().filter(|line| line.contains(what)).count()
    }

    pub fn zones(&self) -> Vec<String> {
        self.shown().into_keys().collect()
    }

    /// A change with the rights of a tenant.
    pub fn as_tenant(&self, tenant: &str, line: &str) -> Result<ChangeDone, Problem> {
        let id: TenantId = self.view().declared.tenant_named(tenant).expect("a tenant").id;
        let caller =
            Caller { actor: tenant.into(), origin: "test".into(), reason: None, role: Role::Tenant(id) };
        self.runtime.block_on(self.road.change(caller, request(line), false))
    }

    /// Which effects a dry run tells, as `what fate count`.
    pub fn preview(&self, line: &str) -> Vec<String> {
        let before = self.everything();
        let done =
            self.ask(request(line), true).unwrap_or_else(|problem| panic!("{line}: {}", problem.message));
        assert_eq!(before, self.everything(), "{line}: a dry run changed something");
        assert_eq!(done.change, None);
        done.effects.iter().map(|e| format!("{} {} {}", e.what, e.fate, e.count)).collect()
    }
}

/// All that a view holds but serials, which only go forward.
pub fn timeless(bench: &Bench) -> Vec<String> {
    let strip = |line: String| match line.split_once("serial: Serial(") {
        Some((head, tail)) => format!("{head}{}", tail.split_once(')').map_or("", |(_, rest)| rest)),
        None => line,
    };
    bench.everything().into_iter().map(strip).collect()
}

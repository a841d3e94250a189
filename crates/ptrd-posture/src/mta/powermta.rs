//! PowerMTA: a virtual MTA for each identity, a pool for those that share domains, and a list of patterns that picks it.

use super::{Configuration, Part, Plan};
use std::fmt::Write as _;

pub(super) fn render(plan: &Plan) -> Configuration {
    let mut text = String::new();
    for one in &plan.identities {
        let _ = writeln!(text, "<virtual-mta {}>", one.name);
        for address in Plan::addresses(one) {
            let _ = writeln!(text, "  smtp-source-host {address} {}", one.helo);
        }
        text.push_str("</virtual-mta>\n");
    }
    for pool in &plan.pools {
        let _ = writeln!(text, "<virtual-mta-pool {}>", pool.name);
        for one in plan.members(pool) {
            let _ = writeln!(text, "  virtual-mta {}", one.name);
        }
        text.push_str("</virtual-mta-pool>\n");
    }
    text.push_str("<pattern-list ptrd>\n");
    for pool in &plan.pools {
        for domain in &pool.domains {
            let pattern = domain.replace('.', "\\.");
            let _ = writeln!(text, "  mail-from /@{pattern}$/ virtual-mta={}", pool.name);
        }
    }
    if let Some(pool) = plan.bounces() {
        let pattern = if plan.others().is_some() { "/.*/" } else { "/^$/" };
        let _ = writeln!(text, "  mail-from {pattern} virtual-mta={}", pool.name);
    }
    text.push_str("</pattern-list>\n");
    let mut notes = vec!["add `pattern-list ptrd` to the <source> that your mail comes from".to_owned()];
    if plan.others().is_none() {
        notes.push(
            "mail of domains that are not listed is not bound by these lines, and leaves from the address that PowerMTA has \
             by default: refuse it in the <source>, or mark an address without domains"
                .to_owned(),
        );
    }
    Configuration {
        parts: vec![Part { name: "ptrd.conf", place: "to be added to /etc/pmta/config".into(), text }],
        notes,
    }
}

//! Postfix: a transport for each identity in master.cf, and a table that says which sender domain takes which.

use super::{Configuration, Identity, Part, Plan, Pool, listed};
use std::fmt::Write as _;

/// Where the table of senders stands.
const TABLE: &str = "/etc/postfix/ptrd-senders";

pub(super) fn render(plan: &Plan) -> Configuration {
    let mut notes = Vec::new();
    let part = |name, place: String, text| Part { name, place, text };
    let parts = vec![
        part("master.cf", "to be added to /etc/postfix/master.cf".into(), master(plan)),
        part("ptrd-senders", format!("{TABLE}, as a whole"), senders(plan, &mut notes)),
        part("main.cf", "to be added to /etc/postfix/main.cf".into(), main(plan)),
    ];
    notes.push(
        "what stands in transport_maps, relay_domains or relayhost goes before these transports: leave them empty, or let \
         them name transports of these"
            .into(),
    );
    Configuration { parts, notes }
}

fn master(plan: &Plan) -> String {
    let mut text = String::new();
    for Identity { name, helo, v4, v6 } in &plan.identities {
        let _ = writeln!(text, "{name} unix - - n - - smtp");
        if let Some(v4) = v4 {
            let _ = writeln!(text, "  -o smtp_bind_address={v4}");
        }
        if let Some(v6) = v6 {
            let _ = writeln!(text, "  -o smtp_bind_address6={v6}");
        }
        // A family without an address of its own would leave from whatever address the system picks.
        match (v4, v6) {
            (Some(_), None) => text.push_str("  -o inet_protocols=ipv4\n"),
            (None, _) => text.push_str("  -o inet_protocols=ipv6\n"),
            _ => {}
        }
        let _ = writeln!(
            text,
            "  -o smtp_helo_name={helo}\n  -o smtp_bind_address_enforce=yes\n  -o syslog_name=postfix-{name}"
        );
    }
    text
}

/// The table. Postfix takes one transport for a sender.
fn senders(plan: &Plan, notes: &mut Vec<String>) -> String {
    let mut text = String::new();
    for pool in plan.pools.iter().filter(|pool| !pool.domains.is_empty()) {
        let Some(first) = plan.members(pool).next() else { continue };
        for domain in &pool.domains {
            let _ = writeln!(text, "@{domain} {}:", first.name);
        }
        if pool.members.len() > 1 {
            let domains: Vec<&str> = pool.domains.iter().map(String::as_str).collect();
            let names: Vec<&str> = plan.members(pool).map(|one| one.name.as_str()).collect();
            notes.push(format!(
                "mail from {} leaves with {} alone, of {}: Postfix has one transport for a sender domain. To use the others \
                 give them domains of their own, or add lines for senders, such as `news@{} {}:`",
                listed(&domains),
                first.name,
                names.join(", "),
                pool.domains[0],
                names[1]
            ));
        }
    }
    if let Some(first) = plan.bounces().and_then(|pool| plan.members(pool).next()) {
        let _ = writeln!(text, "# reports of failures, which have no sender\n<> {}:", first.name);
    }
    text
}

fn main(plan: &Plan) -> String {
    let others = match plan.others() {
        None => String::new(),
        Some(pool) => format!(", {}", spread(plan, pool)),
    };
    format!(
        "sender_dependent_default_transport_maps = texthash:{TABLE}{others}\n\
         # Mail that no address is meant for is refused, so that it leaves from no other.\n\
         default_transport = error:5.7.1 no sending address is meant for this sender\n"
    )
}

fn spread(plan: &Plan, pool: &Pool) -> String {
    let names: Vec<String> = plan.members(pool).map(|one| format!("{}:", one.name)).collect();
    match &names[..] {
        [one] => format!("static:{one}"),
        names => format!("randmap:{{{}}}", names.join(",")),
    }
}

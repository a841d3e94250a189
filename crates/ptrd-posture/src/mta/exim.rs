//! Exim: a transport for each identity, and a router for each that a pool spreads mail over.

use super::{Configuration, Identity, Part, Plan, Pool};
use std::fmt::Write as _;

pub(super) fn render(plan: &Plan) -> Configuration {
    let place = |section: &str, where_: &str| format!("in the section of {section}, {where_}");
    let parts = vec![
        Part {
            name: "routers",
            place: place("routers", "in the place of the one that sends to other hosts (`dnslookup`)"),
            text: routers(plan),
        },
        Part { name: "transports", place: place("transports", "anywhere"), text: transports(plan) },
    ];
    let notes = vec![
        "`+local_domains` is the list of domains that are delivered here, as in the configuration that Exim comes with"
            .to_owned(),
        "routers that stand before these, such as one with `manualroute`, send with a transport of their own".to_owned(),
        "where `control = submission` is set, the login of whoever gives a password takes the place of the sender, by which these \
         routers choose: write `control = submission/sender_retain`"
            .to_owned(),
    ];
    Configuration { parts, notes }
}

fn routers(plan: &Plan) -> String {
    let mut text = String::new();
    let bounces = plan.bounces().map(|pool| pool.name.clone());
    for pool in &plan.pools {
        let takes_bounces = Some(&pool.name) == bounces.as_ref();
        let last = pool.members.len() - 1;
        let families = |one: &Identity| (one.v4.is_some(), one.v6.is_some());
        let is_mixed =
            plan.members(pool).any(|one| families(one) != families(&plan.identities[pool.members[0]]));
        for (nth, one) in plan.members(pool).enumerate() {
            let turn = (last > 0).then_some(nth);
            router(&mut text, &Router { pool, one, turn, takes_bounces, is_last: !is_mixed });
        }
        // Whom the one in turn cannot reach, for want of an address of the family, another may.
        for (nth, one) in plan.members(pool).enumerate().filter(|_| is_mixed) {
            router(&mut text, &Router { pool, one, turn: None, takes_bounces, is_last: nth == last });
        }
    }
    if plan.others().is_none() {
        text.push_str(
            "# Mail that no address is meant for is refused, so that it leaves from no other.\n\
             ptrd_nobody:\n  driver = redirect\n  domains = ! +local_domains\n  allow_fail\n  \
             data = :fail: no sending address is meant for this sender\n",
        );
    }
    text
}

/// One identity of a pool.
struct Router<'a> {
    pool: &'a Pool,
    one: &'a Identity,
    /// Only for messages whose turn this is. It follows from a message's identifier, so that another try takes the same.
    turn: Option<usize>,
    takes_bounces: bool,
    /// Whether no router behind it is tried.
    is_last: bool,
}

fn router(text: &mut String, router: &Router<'_>) {
    let Router { pool, one, turn, takes_bounces, is_last } = *router;
    let instead = if turn.is_none() && pool.members.len() > 1 { "_instead" } else { "" };
    let _ = writeln!(
        text,
        "ptrd_{}_{}{instead}:\n  driver = dnslookup\n  domains = ! +local_domains",
        pool.name, one.name
    );
    if !pool.domains.is_empty() {
        let senders: Vec<String> = pool.domains.iter().map(|domain| format!("*@{domain}")).collect();
        // An empty item is the sender of reports of failures.
        let nobody = if takes_bounces { ": " } else { "" };
        let _ = writeln!(text, "  senders = {nobody}{}", senders.join(" : "));
    }
    if let Some(nth) = turn {
        let of = pool.members.len();
        let _ = writeln!(text, "  condition = ${{if eq{{${{nhash_{of}:$message_exim_id}}}}{{{nth}}}}}");
    }
    // A family without an address of its own would leave from whatever address the system picks.
    let ignored = match (one.v4, one.v6) {
        (Some(_), None) => "<; 0.0.0.0 ; 127.0.0.0/8 ; ::/0",
        (None, _) => "<; 0.0.0.0/0 ; ::1",
        _ => "<; 0.0.0.0 ; 127.0.0.0/8 ; ::1",
    };
    let _ = writeln!(text, "  ignore_target_hosts = {ignored}\n  transport = ptrd_{}", one.name);
    if is_last {
        text.push_str("  no_more\n");
    }
}

fn transports(plan: &Plan) -> String {
    let mut text = String::new();
    for one in &plan.identities {
        let addresses: Vec<String> = Plan::addresses(one).iter().map(ToString::to_string).collect();
        let _ = writeln!(
            text,
            "ptrd_{}:\n  driver = smtp\n  interface = <; {}\n  helo_data = {}",
            one.name,
            addresses.join(" ; "),
            one.helo
        );
    }
    text
}

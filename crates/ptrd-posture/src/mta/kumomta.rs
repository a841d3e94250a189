//! KumoMTA: a source for each address, a pool for those that share domains. The pool is the tenant of the message's queue.

use super::{Configuration, Part, Plan};
use std::fmt::Write as _;
use std::net::IpAddr;

pub(super) fn render(plan: &Plan) -> Configuration {
    let mut text =
        String::from("-- Which addresses, with which names, for which senders.\nlocal ptrd_sources = {\n");
    for one in &plan.identities {
        for address in Plan::addresses(one) {
            let _ = writeln!(
                text,
                "  ['{}'] = {{ source_address = '{address}', ehlo_domain = '{}' }},",
                source(&one.name, address),
                one.helo
            );
        }
    }
    text.push_str("}\nlocal ptrd_pools = {\n");
    for pool in &plan.pools {
        let entries: Vec<String> = plan
            .members(pool)
            .flat_map(|one| Plan::addresses(one).into_iter().map(|address| source(&one.name, address)))
            .map(|name| format!("{{ name = '{name}' }}"))
            .collect();
        let _ = writeln!(text, "  ['{}'] = {{ {} }},", pool.name, entries.join(", "));
    }
    text.push_str("}\nlocal ptrd_senders = {\n");
    for pool in &plan.pools {
        for domain in &pool.domains {
            let _ = writeln!(text, "  ['{domain}'] = '{}',", pool.name);
        }
    }
    let named = |name: Option<&str>| name.map_or("nil".to_owned(), |name| format!("'{name}'"));
    let others = named(plan.others().map(|pool| pool.name.as_str()));
    let bounces = named(plan.bounces().map(|pool| pool.name.as_str()));
    let _ = write!(
        text,
        r"}}
local ptrd_others = {others}
local ptrd_bounces = {bounces}

kumo.on('get_egress_source', function(name)
  local source = ptrd_sources[name]
  if source then
    return kumo.make_egress_source {{
      name = name,
      source_address = source.source_address,
      ehlo_domain = source.ehlo_domain,
    }}
  end
end)

kumo.on('get_egress_pool', function(name)
  local entries = ptrd_pools[name]
  if entries then
    return kumo.make_egress_pool {{ name = name, entries = entries }}
  end
end)

kumo.on('get_queue_config', function(domain, tenant, campaign, routing_domain)
  return kumo.make_queue_config {{ egress_pool = tenant }}
end)

-- To be called where messages come in: ptrd_choose(msg)
function ptrd_choose(msg)
  local domain = string.lower(msg:sender().domain)
  local pool = domain == '' and ptrd_bounces or ptrd_senders[domain] or ptrd_others
  if not pool then
    -- It would leave from whatever address the system picks.
    kumo.reject(550, '5.7.1 no sending address is meant for this sender')
  end
  msg:set_meta('tenant', pool)
end

kumo.on('smtp_server_message_received', ptrd_choose)
kumo.on('http_message_generated', ptrd_choose)
"
    );
    Configuration {
        parts: vec![Part {
            name: "ptrd.lua",
            place: "to be added to /opt/kumomta/etc/policy/init.lua".into(),
            text,
        }],
        notes: vec![
            "an egress path with an `ehlo_domain` of its own wins over that of the source: leave it out there".to_owned(),
            "where the policy has handlers of these events already, call `ptrd_choose(msg)` from them, before messages are \
             signed, and leave out the two last lines"
                .to_owned(),
        ],
    }
}

/// A source has one address.
fn source(identity: &str, address: IpAddr) -> String {
    format!("{identity}-{}", if address.is_ipv4() { "v4" } else { "v6" })
}

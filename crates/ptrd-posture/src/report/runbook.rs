//! How a PTR is added or changed, step by step, with an address of the report as the example.

use crate::identity::{Identity, canonical};
use crate::{host_name, record, rtype};
use ptrd_wire::ReversePrefix;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What it is called.
    pub title: String,
    /// What to do, and why.
    pub text: String,
    /// Lines for a shell, or of a file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

/// A name that is given to nobody (RFC 2606).
const EXAMPLE: &str = "mail.example.com";

/// An address that the steps speak of, and its name to be.
#[derive(Clone, Debug)]
pub(super) struct Example {
    address: IpAddr,
    name: String,
}

impl Example {
    /// With the name that it gives in HELO. Any other came from the network, and is in no command.
    pub fn of(identity: &Identity) -> Example {
        let helo = identity.subject.helo.as_deref().map(|helo| helo.trim().trim_end_matches('.'));
        let name = helo.filter(|helo| host_name(helo).is_ok()).unwrap_or(EXAMPLE);
        Example { address: identity.subject.address, name: name.to_owned() }
    }
}

impl Default for Example {
    fn default() -> Example {
        Example { address: IpAddr::from([192, 0, 2, 1]), name: EXAMPLE.to_owned() }
    }
}

/// All steps.
pub(super) fn steps(example: &Example) -> Vec<Step> {
    let Example { address, name } = example;
    let rtype = rtype(*address);
    let depth = if address.is_ipv4() { 4 } else { 32 };
    let reverse = ReversePrefix::new(*address, depth).name().to_string();
    let step = |title: &str, text: &str, lines: Vec<String>| Step {
        title: title.to_owned(),
        text: text.to_owned(),
        lines,
    };
    vec![
        step(
            "First the address of the name",
            "Whoever runs the zone of the name adds the record. Some who hold addresses look for it before they take a PTR, so it \
             comes first.",
            vec![record(&canonical(name), *address), format!("dig +short {name} {rtype}")],
        ),
        step(
            "With ptrctl, on the nameserver",
            "The first line shows what would change, the second makes the change; it is in DNS when the command ends. The log has \
             the number by which it is undone.",
            vec![
                format!("ptrctl ptr set {address} {name} --dry-run"),
                format!("ptrctl ptr set {address} {name} --reason 'ticket 4711'"),
                format!("ptrctl log --address {address}"),
                "ptrctl rollback NUMBER".to_owned(),
            ],
        ),
        step(
            "Over the API",
            "With a token of the tenant or of an operator; `ptrctl token add` makes one.",
            vec![
                format!("curl -H \"Authorization: Bearer $TOKEN\" -X PUT -d '{{\"names\":[\"{name}\"]}}' \\"),
                format!("    https://ns1.example.net:8443/v1/ptrs/{address}"),
            ],
        ),
        step(
            "With nsupdate (RFC 2136)",
            "With a key that may update the zone; `ptrctl key add` and `ptrctl access allow update` give one.",
            vec![
                "nsupdate -k update.key <<END".to_owned(),
                "server ns1.example.net".to_owned(),
                format!("update delete {reverse} PTR"),
                format!("update add {reverse} 3600 PTR {}", canonical(name)),
                "send".to_owned(),
                "END".to_owned(),
            ],
        ),
        step(
            "On the web page",
            "Sign in with the token, choose the block, then the address on its map; write the name and save. The page shows the \
             record that the name needs, whether it resolves back, and a button that takes the change back.",
            Vec::new(),
        ),
        step(
            "Where others hold the addresses",
            "This writes the request to them, with names and records.",
            vec![format!("ptrctl request-text {address}")],
        ),
        step(
            "Then look what the world sees",
            "Resolvers keep an old answer until its TTL has passed.",
            vec![format!("ptrctl verify {address} --helo {address}={name}")],
        ),
    ]
}

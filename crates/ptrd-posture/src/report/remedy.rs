//! What to do about a check that did not pass.

use crate::identity::{CheckId, Grade, lint_command};
use crate::rtype;
use ptrd_escape::shell_word;
use std::net::IpAddr;

/// A backtick would end the command that the name stands in: by its number (RFC 1035 §5.1) it is the same name.
fn in_backticks(name: &str) -> String {
    name.replace('`', "\\096")
}

/// In a sentence or two, with commands in backticks. The name is that of the address, empty where it has none; it came from
/// the network.
pub(super) fn remedy(check: CheckId, grade: Grade, address: IpAddr, name: &str) -> String {
    let at = address.to_string();
    let rtype = rtype(address);
    let name = in_backticks(if name.is_empty() { "NAME" } else { name });
    if grade == Grade::Unknown && check != CheckId::NameserversAgree {
        return format!(
            "Not being able to ask is no fault of the address. Ask again later: `ptrctl verify {at}`."
        );
    }
    match check {
        CheckId::PtrPresent => format!(
            "Give each address one name, under the sender's own domain: `ptrctl ptr set {at} NAME`. Where others hold the block, \
             `ptrctl request-text {at}` writes the request to them."
        ),
        CheckId::Iprev => format!(
            "Whoever runs the zone of the name adds the record `{} {rtype} {at}`; or the address gets another name: \
             `ptrctl ptr set {at} NAME`.",
            shell_word(&name)
        ),
        CheckId::AllResolveBack => format!(
            "Leave only names that have the address: `ptrctl ptr set {at} NAME`. Receivers may look at any of them."
        ),
        CheckId::OneName => format!("Leave the one that HELO gives: `ptrctl ptr set {at} NAME`."),
        CheckId::Generic => format!(
            "Give it a name of its own that a person chose, under the sender's domain: `ptrctl ptr set {at} NAME`. `{}` says \
             what filters have against this one.",
            lint_command(&name)
        ),
        CheckId::Ttl => format!(
            "Set a TTL between five minutes and a week, an hour for example: `ptrctl ptr set {at} NAME --ttl 1h`; of the name, \
             in its own zone."
        ),
        CheckId::HeloResolves => format!(
            "Add the address to the name that the server gives in HELO, or let it give the name of the PTR: `ptrctl mta` writes \
             the configuration, `ptrctl sending set {at} --helo NAME` keeps the name in the inventory."
        ),
        CheckId::HeloEqualsPtr => "Let the server give the name of the PTR in HELO; `ptrctl mta` writes the configuration. \
             Receivers may not refuse mail for this alone, but filters count it."
            .to_owned(),
        CheckId::BothFamilies => "Add the record of the other family to the name, or use a name of its own for each family; \
             `ptrctl mta` keeps mail off a family in which a name has no address."
            .to_owned(),
        CheckId::Dnssec => "Compare the DS records at the parent with the keys of the zone, and look whether signatures have \
             expired. Until then resolvers that validate have no answer."
            .to_owned(),
        CheckId::ResolversAgree => format!(
            "If there was a change, wait until its TTL has passed and ask again: `ptrctl verify {at}`. If they still differ, a \
             nameserver has an old copy, or a resolver has an answer of its own."
        ),
        CheckId::NameserversAgree => "Bring the nameserver up to date or take it out of the delegation; `ptrctl rir check` looks \
             at all servers of a zone."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_ends_a_command() {
        let told = |name: &str| remedy(CheckId::Generic, Grade::Warn, [192, 0, 2, 1].into(), name);
        let hostile = told("a`; reboot`.example.");
        assert_eq!(hostile.matches('`').count(), told("a.example.").matches('`').count());
        assert!(hostile.contains("`ptrctl lint 'a\\096; reboot\\096.example.'`"), "{hostile}");
        assert!(told("--socket=x.example.").contains("`ptrctl lint -- '--socket=x.example.'`"));
    }
}

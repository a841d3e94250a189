//! What to do about a fault, in one sentence.

/// The sentence for a check by its word; `subject` is the address or zone.
pub fn advice(check: &str, subject: &str) -> String {
    let is_reverse = subject.trim_end_matches('.').ends_with(".arpa");
    match check {
        "ptr-present" => format!(
            "set a PTR: `ptrctl ptr set {subject} NAME`; where others serve the address, ask them: `ptrctl request-text {subject}`"
        ),
        "iprev" | "all-resolve-back" => {
            format!("create the A or AAAA record that leads from the name to {subject}, or give it another PTR")
        }
        "one-name" => format!("leave {subject} one PTR alone"),
        "generic" => format!("give {subject} a name of its own under the sender's domain: `ptrctl ptr set {subject} NAME`"),
        "ttl" => "set a TTL between five minutes and a week".to_owned(),
        "helo-resolves" => {
            format!("create the A or AAAA record that leads from the HELO name to {subject}, or have the mail server say another name")
        }
        "helo-equals-ptr" => "make the PTR and the name in HELO the same".to_owned(),
        "both-families" => "create the record of the other family, or send over one family alone".to_owned(),
        "dnssec" => "have the zone signed anew, or its DS removed: validating resolvers refuse the name".to_owned(),
        "resolvers-agree" => {
            "look at what each resolver says; what is old goes with its TTL, what stays is a fault of a nameserver".to_owned()
        }
        "nameservers-agree" => "bring the nameservers of the zone to the same version, or out of its NS set".to_owned(),
        "delegated" if !is_reverse => "have the zone delegated to its nameservers by whoever has the zone above".to_owned(),
        "registry" if !is_reverse => "mend it before the delegation is next to be changed".to_owned(),
        "delegated" => format!("have the zone delegated: `ptrctl rir object` prints what the registry wants, for the block of {subject}"),
        "ns-set" => "bring the registry's object and the NS set of the zone (`ptrctl ns-set`) to the same names".to_owned(),
        "serving" => "have the nameserver serve the zone again (an expired copy: does it reach its primary?), or take it out of the NS set".to_owned(),
        "answering" => "see whether the nameserver runs and can be reached over UDP and TCP, or take it out of the NS set".to_owned(),
        "serials" => "see whether the nameserver may transfer the zone and is told of changes: `ptrctl notify status`".to_owned(),
        "signatures" => "sign the zone anew, or bring the DS at the registry to its keys: validating resolvers refuse its names".to_owned(),
        "registry" => "mend it before the delegation is next to be changed: `ptrctl rir check` shows all of it".to_owned(),
        _ => format!("see `ptrctl posture {subject}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::CheckId;
    use crate::watch::DELEGATION_CHECKS;

    #[test]
    fn there_is_a_sentence_for_each_check() {
        let none = advice("", "192.0.2.1");
        for word in CheckId::ALL.map(CheckId::word).into_iter().chain(DELEGATION_CHECKS) {
            assert_ne!(advice(word, "192.0.2.1"), none, "{word}");
        }
        assert!(advice("delegated", "2.0.192.in-addr.arpa.").contains("`ptrctl rir object`"));
        assert!(!advice("delegated", "hosts.acme.com.").contains("rir"), "no registry of addresses");
    }
}

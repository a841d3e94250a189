//! The lines that are known, the more particular ones first.
//!
//! Sources: Google's list of SMTP errors, Microsoft's of non-delivery reports and of inbound IPv6, Outlook.com's and Yahoo's of
//! error codes, Apple's page for postmasters, postconf(5), Exim's specification and source, RFC 7372; and bounces that people
//! have put on public pages.

use super::About::{Authentication, Generic, Helo, Mismatch, NoPtr, Other, Reputation, Unconfirmed, Unsaid};
use super::Basis::{Documented, Observed};
use super::{About, Basis, Line};

/// A line that is known.
pub(super) struct Entry {
    pub receiver: &'static str,
    pub about: About,
    pub basis: Basis,
    pub meaning: &'static str,
    /// One of these, or any code if there are none.
    codes: &'static [&'static str],
    /// All of these.
    parts: &'static [&'static str],
}

const GMAIL: &str = "Gmail";
const EXCHANGE: &str = "Exchange Online (Microsoft 365)";
const OUTLOOK: &str = "Outlook.com (Hotmail, Live)";
const YAHOO: &str = "Yahoo and AOL";
const APPLE: &str = "Apple (iCloud Mail)";
const POSTFIX: &str = "a receiver that runs Postfix";
const EXIM: &str = "a receiver that runs Exim";
const GMX: &str = "GMX, web.de, mail.com";
const ANY: &str = "a receiver that does not say who it is";

#[rustfmt::skip]
const ENTRIES: &[Entry] = &[
    // Gmail. The code 4.7.23 is Google's own: RFC 7372 gives x.7.23 to SPF.
    Entry { receiver: GMAIL, about: Mismatch, basis: Documented, codes: &[],
        parts: &["does not match the ip address of the hostname specified in the pointer (ptr) record"],
        meaning: "the name in the address's PTR has other addresses than this one. Gmail asks that of all senders, however \
                  few messages they send" },
    Entry { receiver: GMAIL, about: Unconfirmed, basis: Documented, codes: &["4.7.23"], parts: &["ptr record"],
        meaning: "the address has no PTR, or its name does not resolve back to it. Gmail slows such mail down for now" },
    Entry { receiver: GMAIL, about: Unconfirmed, basis: Documented, codes: &["4.7.0", "5.7.25", "4.7.25"],
        parts: &["the ip address sending this message does not have a ptr record"],
        meaning: "the address has no PTR, or its name does not resolve back to it. Gmail asks that of all senders, however few \
                  messages they send" },
    Entry { receiver: GMAIL, about: Unconfirmed, basis: Documented, codes: &[],
        parts: &["does not meet ipv6 sending guidelines"],
        meaning: "the mail came over IPv6, and one of two things is amiss: the reverse DNS of the IPv6 address, or SPF and DKIM \
                  of the message. The line does not say which; look at both" },
    Entry { receiver: GMAIL, about: Authentication, basis: Documented, codes: &[],
        parts: &["gmail requires all", "authenticate"],
        meaning: "SPF or DKIM did not pass" },
    Entry { receiver: GMAIL, about: Authentication, basis: Documented,
        codes: &["4.7.26", "5.7.26", "5.7.27", "4.7.27", "4.7.30", "5.7.30", "4.7.32", "5.7.24", "4.7.24"],
        parts: &["support.google.com"],
        meaning: "SPF, DKIM or DMARC did not pass" },
    Entry { receiver: GMAIL, about: Other, basis: Documented, codes: &["4.7.29", "5.7.29"], parts: &["tls"],
        meaning: "the message came without TLS" },
    Entry { receiver: GMAIL, about: Reputation, basis: Documented, codes: &[], parts: &["unusual rate of", "mail"],
        meaning: "more mail than usual, or mail that nobody asked for, came from the address or the domain" },
    Entry { receiver: GMAIL, about: Reputation, basis: Documented, codes: &[], parts: &["very low reputation of the sending"],
        meaning: "Gmail thinks little of the address or of the domain" },
    // Microsoft.
    Entry { receiver: EXCHANGE, about: NoPtr, basis: Documented, codes: &[],
        parts: &["sending ipv6 address", "must have", "reverse dns record"],
        meaning: "the mail came over IPv6 from an address without a PTR. Exchange Online asks this of IPv6 alone" },
    Entry { receiver: EXCHANGE, about: Authentication, basis: Documented, codes: &[],
        parts: &["message sent over ipv6", "must pass either spf or dkim"],
        meaning: "the mail came over IPv6, and neither SPF nor DKIM passed" },
    Entry { receiver: EXCHANGE, about: Authentication, basis: Documented, codes: &[],
        parts: &["does not meet the required authentication level"],
        meaning: "SPF, DKIM or DMARC did not pass, which is asked of those who send much" },
    Entry { receiver: EXCHANGE, about: Authentication, basis: Documented, codes: &["5.7.509", "4.7.509"], parts: &["dmarc"],
        meaning: "the message failed DMARC, and its domain asks to refuse such mail" },
    Entry { receiver: EXCHANGE, about: Authentication, basis: Documented, codes: &[],
        parts: &["sender policy framework violation"],
        meaning: "SPF of the sender's domain does not list the address" },
    Entry { receiver: OUTLOOK, about: Generic, basis: Documented, codes: &[], parts: &["dy-001"],
        meaning: "the address is held to be one of a household or another dynamic one. The line does not say by what: a list of \
                  such addresses, or the name. Outlook.com also asks every sender for valid reverse DNS, so make sure of that" },
    Entry { receiver: OUTLOOK, about: Reputation, basis: Documented, codes: &[], parts: &["dy-002"],
        meaning: "mail from the address looks as that of a machine that somebody else has taken over" },
    Entry { receiver: OUTLOOK, about: Reputation, basis: Documented, codes: &[],
        parts: &["part of their network is on our block list"],
        meaning: "the address, or those around it, stands on Microsoft's own list" },
    // Yahoo has no code for reverse DNS.
    Entry { receiver: YAHOO, about: Authentication, basis: Documented, codes: &[],
        parts: &["yahoo requires all senders to authenticate"],
        meaning: "neither SPF nor DKIM passed" },
    Entry { receiver: YAHOO, about: Reputation, basis: Documented, codes: &[],
        parts: &["deferred due to unexpected volume or user complaints"],
        meaning: "too much mail at a time, or complaints about it. Yahoo asks for a PTR that resolves back and does not look \
                  generic, but has no line that says so: make sure of it" },
    Entry { receiver: YAHOO, about: Reputation, basis: Documented, codes: &[], parts: &["will be permanently deferred"],
        meaning: "Yahoo takes no mail of the address. It asks for a PTR that resolves back and does not look generic, but has \
                  no line that says so: make sure of it" },
    Entry { receiver: YAHOO, about: Reputation, basis: Documented, codes: &[], parts: &["spamhaus", "postmaster.yahoo"],
        meaning: "the address stands on a list of Spamhaus. If it is the PBL, it is held to be a household's" },
    // Apple neither.
    Entry { receiver: APPLE, about: Unsaid, basis: Documented, codes: &[],
        parts: &["message rejected due to local policy", "support.apple.com"],
        meaning: "a rule of Apple's own. Apple asks for reverse DNS with the sender's domain, but has no line that says so, and \
                  this one stands for other reasons too: mostly content and reputation" },
    // GMX and others of United Internet.
    Entry { receiver: GMX, about: Unconfirmed, basis: Documented, codes: &[], parts: &["bad dns ptr resource record"],
        meaning: "the PTR of the address is missing, or not of a kind that is taken: a name that the provider gave, or one that \
                  does not resolve back" },
    // Postfix; postconf(5).
    Entry { receiver: POSTFIX, about: NoPtr, basis: Documented, codes: &[], parts: &["cannot find your reverse hostname"],
        meaning: "the address has no PTR (reject_unknown_reverse_client_hostname)" },
    Entry { receiver: POSTFIX, about: Unconfirmed, basis: Documented, codes: &[], parts: &["cannot find your hostname"],
        meaning: "the address has no PTR, or its name has no address, or it has others than this one \
                  (reject_unknown_client_hostname)" },
    Entry { receiver: POSTFIX, about: Helo, basis: Documented, codes: &[], parts: &["helo command rejected", "host not found"],
        meaning: "the name in HELO has neither an address nor a mail exchanger (reject_unknown_helo_hostname)" },
    Entry { receiver: POSTFIX, about: Helo, basis: Documented, codes: &[], parts: &["helo command rejected"],
        meaning: "the name in HELO is no full host name (reject_non_fqdn_helo_hostname, reject_invalid_helo_hostname)" },
    // Exim.
    Entry { receiver: EXIM, about: Unconfirmed, basis: Documented, codes: &[],
        parts: &["host lookup failed for reverse lookup check"],
        meaning: "the address has no PTR, or its name does not resolve back (verify = reverse_host_lookup). Exim writes this into \
                  its log; what the sender is told is up to its configuration" },
    Entry { receiver: EXIM, about: Unconfirmed, basis: Documented, codes: &[],
        parts: &["host lookup deferred for reverse lookup check"],
        meaning: "the receiver could not find out whether the address has a PTR that resolves back: its resolver had no answer. \
                  It is worth looking whether all nameservers of the reverse zone and of the name's zone answer" },
    Entry { receiver: EXIM, about: NoPtr, basis: Documented, codes: &[], parts: &["no host name found for ip address"],
        meaning: "the address has no PTR, as Exim's log says" },
    Entry { receiver: EXIM, about: Helo, basis: Observed, codes: &[], parts: &["invalid helo name"],
        meaning: "the name in HELO is no full host name, or is the receiver's own (rules that cPanel ships for Exim)" },
    Entry { receiver: EXIM, about: Helo, basis: Documented, codes: &[], parts: &["syntactically invalid", "argument(s)"],
        meaning: "the name in HELO or EHLO has characters that no host name has, such as an underscore, or there is none (Exim's \
                  specification, helo_allow_chars)" },
    Entry { receiver: EXIM, about: Unsaid, basis: Documented, codes: &[], parts: &[" administrative prohibition"],
        meaning: "what Exim says where its configuration gives no text of its own; verify = reverse_host_lookup may be behind it, \
                  and so may any other rule" },
    // Of no receiver in particular. Neither Gmail nor Microsoft documents these, though they are often said to.
    Entry { receiver: ANY, about: NoPtr, basis: Observed, codes: &[], parts: &["ip not in dns"],
        meaning: "most likely: the address has no PTR. It is no documented text of Gmail or Microsoft" },
    Entry { receiver: ANY, about: Mismatch, basis: Observed, codes: &[], parts: &["host name does", "not match ip address"],
        meaning: "most likely: the name of the PTR, or the one in HELO, does not resolve to the address. It is no documented text \
                  of Gmail or Microsoft" },
    Entry { receiver: ANY, about: Mismatch, basis: Observed, codes: &[], parts: &["host name does", "not match its ip address"],
        meaning: "most likely: the name of the PTR, or the one in HELO, does not resolve to the address" },
    Entry { receiver: ANY, about: Generic, basis: Observed, codes: &[], parts: &["generic", "ptr"],
        meaning: "the name of the address looks as those do that providers give to all their addresses" },
    Entry { receiver: ANY, about: Generic, basis: Observed, codes: &[], parts: &["generic", "rdns"],
        meaning: "the name of the address looks as those do that providers give to all their addresses" },
    Entry { receiver: ANY, about: Generic, basis: Observed, codes: &[], parts: &["generic", "reverse dns"],
        meaning: "the name of the address looks as those do that providers give to all their addresses" },
    // Rules of SpamAssassin and Rspamd, where a receiver names those that counted.
    Entry { receiver: ANY, about: Generic, basis: Documented, codes: &[], parts: &["rdns_dynamic"],
        meaning: "the name of the address looks as those of households do (a rule of SpamAssassin)" },
    Entry { receiver: ANY, about: Generic, basis: Documented, codes: &[], parts: &["hfilter_hostname_"],
        meaning: "the name of the address looks generic, or does not resolve back (a rule of Rspamd)" },
    Entry { receiver: ANY, about: NoPtr, basis: Documented, codes: &[], parts: &["rdns_none"],
        meaning: "the receiver found no PTR of the address (a rule of SpamAssassin and of Rspamd)" },
    Entry { receiver: ANY, about: Helo, basis: Documented, codes: &[], parts: &["helo_dynamic"],
        meaning: "the name in HELO looks as those of households do (a rule of SpamAssassin)" },
    Entry { receiver: ANY, about: Helo, basis: Documented, codes: &[], parts: &["hfilter_helo_"],
        meaning: "the name in HELO is no full host name, or does not have the address (a rule of Rspamd)" },
    Entry { receiver: ANY, about: NoPtr, basis: Observed, codes: &[], parts: &[" no ptr record"],
        meaning: "the address has no PTR" },
    Entry { receiver: ANY, about: NoPtr, basis: Observed, codes: &[], parts: &[" no reverse dns"],
        meaning: "the address has no PTR" },
    Entry { receiver: ANY, about: NoPtr, basis: Observed, codes: &[], parts: &[" no dns reverse"],
        meaning: "the address has no PTR" },
    Entry { receiver: ANY, about: Unconfirmed, basis: Observed, codes: &[], parts: &["reverse dns"],
        meaning: "something about the reverse DNS of the address; which rule that is, only the receiver knows" },
    Entry { receiver: ANY, about: Unconfirmed, basis: Observed, codes: &[], parts: &["rdns"],
        meaning: "something about the reverse DNS of the address; which rule that is, only the receiver knows" },
    Entry { receiver: ANY, about: Unconfirmed, basis: Observed, codes: &[], parts: &["ptr record"],
        meaning: "something about the PTR of the address; which rule that is, only the receiver knows" },
    Entry { receiver: ANY, about: Unconfirmed, basis: Observed, codes: &[], parts: &["reverse lookup"],
        meaning: "something about the reverse DNS of the address; which rule that is, only the receiver knows" },
    Entry { receiver: ANY, about: Unconfirmed, basis: Observed, codes: &[], parts: &["reverse hostname"],
        meaning: "something about the reverse DNS of the address; which rule that is, only the receiver knows" },
    Entry { receiver: ANY, about: Unconfirmed, basis: Observed, codes: &[], parts: &["ptr lookup"],
        meaning: "something about the PTR of the address; which rule that is, only the receiver knows" },
    Entry { receiver: ANY, about: Unconfirmed, basis: Observed, codes: &[], parts: &["fcrdns"],
        meaning: "something about the reverse DNS of the address; which rule that is, only the receiver knows" },
    // What is surely something else.
    Entry { receiver: ANY, about: Authentication, basis: Observed, codes: &[], parts: &["dmarc"],
        meaning: "the line speaks of DMARC" },
    Entry { receiver: ANY, about: Authentication, basis: Observed, codes: &[], parts: &["dkim"],
        meaning: "the line speaks of DKIM" },
    Entry { receiver: ANY, about: Authentication, basis: Observed, codes: &[], parts: &[" spf"],
        meaning: "the line speaks of SPF" },
    Entry { receiver: ANY, about: Authentication, basis: Documented,
        codes: &["5.7.20", "5.7.21", "5.7.22", "5.7.23", "5.7.24", "5.7.26", "4.7.20", "4.7.21", "4.7.22", "4.7.23", "4.7.24",
                 "4.7.26"], parts: &[],
        meaning: "by its code, a failure of DKIM or SPF (RFC 7372)" },
    Entry { receiver: ANY, about: Unconfirmed, basis: Documented, codes: &["5.7.25", "4.7.25"], parts: &[],
        meaning: "by its code, reverse DNS could not be validated (RFC 7372)" },
    Entry { receiver: ANY, about: Reputation, basis: Observed, codes: &[], parts: &["spamhaus"],
        meaning: "the address or the domain stands on a list of Spamhaus. If it is the PBL, it is held to be a household's" },
    Entry { receiver: ANY, about: Reputation, basis: Observed, codes: &[], parts: &["block list"],
        meaning: "the address or the domain stands on a list" },
    Entry { receiver: ANY, about: Reputation, basis: Observed, codes: &[], parts: &["blocklist"],
        meaning: "the address or the domain stands on a list" },
    Entry { receiver: ANY, about: Reputation, basis: Observed, codes: &[], parts: &["blacklist"],
        meaning: "the address or the domain stands on a list" },
    Entry { receiver: ANY, about: Other, basis: Documented, codes: &["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"], parts: &[],
        meaning: "by its code, about the recipient's address (RFC 3463)" },
    Entry { receiver: ANY, about: Other, basis: Documented, codes: &["5.2.1", "5.2.2", "4.2.1", "4.2.2"], parts: &[],
        meaning: "by its code, about the recipient's mailbox (RFC 3463)" },
];

/// The first that fits.
pub(super) fn find(line: &Line) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| {
        let by_code = entry.codes.is_empty() || entry.codes.iter().any(|code| line.has_code(code));
        by_code && entry.parts.iter().all(|part| line.says(part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_can_be_met() {
        for (nth, entry) in ENTRIES.iter().enumerate() {
            assert!(!entry.codes.is_empty() || !entry.parts.is_empty(), "{nth}");
            for part in entry.parts {
                assert_eq!(*part, part.to_lowercase(), "patterns are held against lower case");
            }
            let code = entry.codes.first().copied().unwrap_or_default();
            let line = Line::read(&format!("550 {code} {}", entry.parts.join(" and ")));
            let found = find(&line).map(|found| (found.receiver, found.about, found.meaning));
            assert_eq!(found, Some((entry.receiver, entry.about, entry.meaning)), "{nth}: hidden by another");
        }
    }
}

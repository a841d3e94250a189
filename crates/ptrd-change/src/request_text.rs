//! The request for PTRs to whoever holds a range of addresses, ready to be mailed: which names are wished for, the forward
//! records that go with them, and how to delegate instead (RFC 2317 below a /24).

use crate::place::ptrs_in;
use crate::problem::{bad, invalid, not_found, quote, some};
use crate::publish::View;
use crate::request::read_range;
use crate::sending::names_at;
use ptrd_api::{Problem, RequestText, RequestTextFilter};
use ptrd_wire::{AddrRange, Family, Name, ReversePrefix, classless_label, tile_for_registry};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::IpAddr;

/// How many addresses a request lists.
const MOST: usize = 4_096;
/// How many zones it asks to delegate.
const MOST_ZONES: usize = 256;

/// The names that addresses are to have, in the order of addresses.
type Wishes = BTreeMap<IpAddr, Vec<Name>>;

impl View {
    /// The text of a request for the PTRs of a range: of addresses that are marked as sending the names that they give in HELO,
    /// of others the PTRs that they have here.
    ///
    /// # Errors
    /// A range that makes no sense, or for which nothing is wished, or too much for a letter.
    pub fn request_text(&self, filter: &RequestTextFilter) -> Result<RequestText, Problem> {
        if let Some(lang) = filter.lang.as_deref().filter(|lang| *lang != "en") {
            return Err(bad(format!("there is no text in the language {}", quote(lang))).hint("there is en"));
        }
        let range = read_range(&filter.range)?;
        let wishes = self.wishes(&range)?;
        let servers = self.usual_nameservers();
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write_request(&mut text, &range, &wishes, &servers);
        let mut warnings = Vec::new();
        if servers.is_empty() {
            warnings.push(
                "the text offers no delegation, for no nameservers are set: `ptrctl defaults set --ns NAME`"
                    .to_owned(),
            );
        }
        let many: Vec<&IpAddr> =
            wishes.iter().filter(|(_, names)| names.len() > 1).map(|(at, _)| at).collect();
        if !many.is_empty() {
            warnings.push(format!("several names are wished for {}; one is better", some(&many, 4)));
        }
        Ok(RequestText { range: range.to_string(), addresses: wishes.len() as u64, text, warnings })
    }

    fn wishes(&self, range: &AddrRange) -> Result<Wishes, Problem> {
        let marked = self.declared.sending_in(range).map(|mark| (mark.address, vec![mark.helo.clone()]));
        let set = ptrs_in(&self.snapshot, range).map(|at| (at, names_at(&self.snapshot, at)));
        // A PTR that was set here is what the owner wants to be seen, so it comes last.
        let both = marked.chain(set).filter(|(address, _)| self.sees_address(*address));
        let wishes: Wishes = both.take(2 * MOST + 1).collect();
        if wishes.len() > MOST {
            return Err(invalid(format!("more than {MOST} addresses of {range} are to have names"))
                .hint("write one request for each part of it"));
        }
        if wishes.is_empty() {
            return Err(not_found(format!("no names are wished for in {range}")).hint(
                "mark the addresses that send: `ptrctl sending set ADDRESS --helo NAME`, or `ptrctl sending import`",
            ));
        }
        Ok(wishes)
    }

    /// The nameservers of new zones, unless none were ever set.
    fn usual_nameservers(&self) -> Vec<Name> {
        let servers = crate::defaults::of(&self.declared).0.nameservers.clone();
        let invalid: Name = "invalid.".parse().unwrap_or_else(|_| Name::root());
        if servers.iter().any(|name| name.is_at_or_under(&invalid)) { Vec::new() } else { servers }
    }

    /// Whether a zone that is served here gives the name this address.
    fn has_forward(&self, name: &Name, address: IpAddr) -> bool {
        let zone = self.declared.zone_of(name).and_then(|meta| self.snapshot.zone(&meta.apex));
        zone.is_some_and(|zone| zone.leads_to(self.snapshot.addresses(), name, address))
    }

    fn write_request(
        &self,
        out: &mut String,
        range: &AddrRange,
        wishes: &Wishes,
        servers: &[Name],
    ) -> std::fmt::Result {
        let what = if range.size() == 1 { range.first().to_string() } else { range.to_string() };
        writeln!(out, "Subject: Reverse DNS of {what}\n\nHello,\n")?;
        writeln!(
            out,
            "we send mail from addresses that you hold or have assigned to us, and ask you to give them\n\
             PTR records. Receivers such as Gmail and Microsoft defer or refuse mail from addresses that\n\
             have none, or whose name does not resolve back to the address.\n"
        )?;
        writeln!(out, "1. Please set these, each in place of whatever the address has now:\n")?;
        for (address, names) in wishes {
            let owner = ReversePrefix::new(*address, u8::MAX).name();
            for name in names {
                writeln!(out, "    {owner} IN PTR {name}")?;
            }
        }
        self.write_forward(out, wishes)?;
        if !servers.is_empty() {
            write_delegation(out, range, servers)?;
        }
        writeln!(
            out,
            "Please tell us when it is done, or who else to ask if this is not with you.\n\nThank you."
        )
    }

    fn write_forward(&self, out: &mut String, wishes: &Wishes) -> std::fmt::Result {
        let pairs = || wishes.iter().flat_map(|(at, names)| names.iter().map(move |name| (name, *at)));
        let (there, coming): (Vec<_>, Vec<_>) = pairs().partition(|(name, at)| self.has_forward(name, *at));
        writeln!(out, "\n2. The forward records that go with them")?;
        for (records, said) in
            [(there, "are published"), (coming, "are ours to publish, and will be there first")]
        {
            if !records.is_empty() {
                writeln!(out, "\n   {said}:\n")?;
            }
            for (name, address) in records {
                writeln!(out, "    {name} IN {} {address}", ptrd_posture::rtype(address))?;
            }
        }
        writeln!(out)
    }
}

fn write_delegation(out: &mut String, range: &AddrRange, servers: &[Name]) -> std::fmt::Result {
    let cut = |out: &mut String, owner: &str| {
        servers.iter().try_for_each(|server| writeln!(out, "    {owner} IN NS {server}"))
    };
    let (family, first) = (range.family(), range.first());
    let one_page = family == Family::V4 && range.first_bits() >> 8 == range.last_bits() >> 8;
    if range.size() == 1 {
        writeln!(out, "3. Or, if you would rather delegate the name of the address to our nameservers:\n")?;
        cut(out, &ReversePrefix::new(first, u8::MAX).name().to_string())?;
    } else if one_page && range.size() < 256 {
        // A label of first and last octet does for ranges that are no prefixes, too.
        let by_length = classless_label(range, '-', false);
        let Some(label) = by_length.or_else(|| classless_label(range, '-', true)) else { return Ok(()) };
        let parent = ReversePrefix::new(first, 3).name();
        writeln!(
            out,
            "3. Or, if you would rather delegate the addresses to our nameservers (RFC 2317), in the zone"
        )?;
        writeln!(out, "   {parent}\n\n    $ORIGIN {parent}")?;
        cut(out, &label)?;
        for bits in range.first_bits()..=range.last_bits() {
            let octet = bits as u8;
            writeln!(out, "    {octet} IN CNAME {octet}.{label}")?;
        }
        writeln!(out, "\n   Any other label will do as well; please tell us which it is.")?;
    } else {
        let tiles = tile_for_registry(range).filter(|tiles| tiles.len() <= MOST_ZONES).unwrap_or_default();
        if tiles.is_empty() {
            return Ok(());
        }
        writeln!(out, "3. Or, if you would rather delegate to our nameservers:\n")?;
        for tile in tiles {
            cut(out, &tile.name().to_string())?;
        }
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delegation(range: &str) -> String {
        let (mut out, range) = (String::new(), range.parse().expect("a range"));
        let servers = ["ns1.example.net".parse().expect("a name")];
        write_delegation(&mut out, &range, &servers).expect("text");
        out
    }

    #[test]
    fn delegation_is_offered_in_the_form_that_the_range_allows() {
        assert!(delegation("192.0.2.5").contains("    5.2.0.192.in-addr.arpa. IN NS ns1.example.net.\n"));
        let small = delegation("192.0.2.128/30");
        assert!(
            small.contains("$ORIGIN 2.0.192.in-addr.arpa.\n    128-30 IN NS ns1.example.net.\n"),
            "{small}"
        );
        assert!(small.contains("    131 IN CNAME 131.128-30\n") && !small.contains("132"), "{small}");
        assert!(delegation("192.0.2.10-192.0.2.12").contains("    12 IN CNAME 12.10-12\n"));
        let two = delegation("192.0.2.0/23");
        assert_eq!(two.matches(" IN NS ").count(), 2, "{two}");
        assert!(delegation("2001:db8::/32").contains("8.b.d.0.1.0.0.2.ip6.arpa. IN NS"));
        assert_eq!(delegation("192.0.2.128-192.0.3.4"), "", "no zone could be cut so");
    }
}

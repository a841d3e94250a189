//! Addresses that send mail: what each is to be known as. Declared beside blocks and PTRs; no zone shows anything of it.

use crate::Declared;
use ptrd_wire::{AddrRange, Name};
use std::net::IpAddr;
use std::sync::Arc;

/// What an address that sends mail is to be known as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sending {
    /// The address.
    pub address: IpAddr,
    /// The name that it gives in HELO or EHLO (RFC 5321 §4.1.1.1), in lower case.
    pub helo: Name,
    /// A label for the host or pool that sends from it.
    pub mta: Option<String>,
    /// The domains that it sends for, in lower case and canonical order, each once.
    pub domains: Vec<Name>,
}

impl Declared {
    /// What an address that sends mail is to be known as; `None` for one that is not marked.
    pub fn sending_at(&self, address: IpAddr) -> Option<&Arc<Sending>> {
        self.sending.get(&address)
    }

    /// The addresses of a range that are marked, in their order.
    pub fn sending_in(&self, range: &AddrRange) -> impl Iterator<Item = &Arc<Sending>> + use<'_> {
        self.sending.range(range.first()..=range.last()).map(|(_, sending)| sending)
    }

    /// All addresses that are marked, in their order, IPv4 first.
    pub fn sending(&self) -> impl Iterator<Item = &Arc<Sending>> {
        self.sending.values()
    }

    /// How many addresses are marked.
    pub fn sending_count(&self) -> usize {
        self.sending.len()
    }

    /// Marks an address, in place of the mark that it had.
    pub fn put_sending(&mut self, sending: Sending) {
        self.sending.insert(sending.address, Arc::new(sending));
    }

    /// Takes the mark of an address away.
    pub fn remove_sending(&mut self, address: IpAddr) {
        self.sending.remove(&address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_by_range_in_the_order_of_addresses() {
        let mut declared = Declared::default();
        for address in ["192.0.2.9", "192.0.3.0", "2001:db8::1", "192.0.2.10", "::ffff:192.0.2.9"] {
            declared.put_sending(Sending {
                address: address.parse().expect("an address"),
                helo: "mail.example".parse().expect("a name"),
                mta: None,
                domains: Vec::new(),
            });
        }
        let within = |range: &str| -> Vec<String> {
            let range = range.parse().expect("a range");
            declared.sending_in(&range).map(|sending| sending.address.to_string()).collect()
        };
        assert_eq!(within("192.0.2.0/24"), ["192.0.2.9", "192.0.2.10"]);
        assert_eq!(within("0.0.0.0/0"), ["192.0.2.9", "192.0.2.10", "192.0.3.0"]);
        assert_eq!(within("::/0"), ["::ffff:192.0.2.9", "2001:db8::1"]);
        assert_eq!(within("192.0.2.11-192.0.2.255"), [""; 0]);
        declared.remove_sending("192.0.2.9".parse().expect("an address"));
        assert_eq!((declared.sending_count(), declared.sending_at([192, 0, 2, 9].into())), (4, None));
    }
}

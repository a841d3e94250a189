//! The records to create on the forward side, so that a name resolves back: ready to copy.

use ptrd_escape::{one_line, shell_word};
use std::net::IpAddr;

/// The record for one name, twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Forward {
    /// A line of a master file.
    pub bind: String,
    /// A line for a shell, that sends it to a primary as an update.
    pub line: String,
}

/// The records for the names of an address.
pub(crate) fn records(address: IpAddr, names: &[String], ttl: u32) -> Vec<Forward> {
    let rtype = if address.is_ipv4() { "A" } else { "AAAA" };
    let forward = |name: &String| {
        let name = one_line(name);
        let update = shell_word(&format!("update add {name} {ttl} {rtype} {address}"));
        Forward {
            bind: format!("{name} {ttl} IN {rtype} {address}"),
            line: format!("printf '%s\\n' {update} send | nsupdate -k KEYFILE"),
        }
    };
    names.iter().map(forward).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_lead_back_to_the_address() {
        let names = ["mail.example.com.".to_owned(), r"a'b\; reboot.example.".to_owned()];
        let v4 = records("192.0.2.7".parse().expect("an address"), &names, 3600);
        assert_eq!(v4[0].bind, "mail.example.com. 3600 IN A 192.0.2.7");
        assert_eq!(
            v4[0].line,
            r"printf '%s\n' 'update add mail.example.com. 3600 A 192.0.2.7' send | nsupdate -k KEYFILE"
        );
        assert!(v4[1].line.contains(r"'update add a'\''b\; reboot.example. 3600 A 192.0.2.7'"));
        let v6 = records("2001:db8::1".parse().expect("an address"), &names[..1], 60);
        assert_eq!(v6[0].bind, "mail.example.com. 60 IN AAAA 2001:db8::1");
    }
}

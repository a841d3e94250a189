//! The command that shows a person the same.

use super::probe::{Ask, OPTION};
use crate::identity::dig_name;
use ptrd_wire::Name;
use std::net::SocketAddr;

impl Ask {
    /// As `dig` asks it.
    pub fn dig(self, apex: &Name, server: SocketAddr) -> String {
        let question = self.question(apex);
        let option = format!("+ednsopt={OPTION}");
        let how = match self {
            Ask::SoaTcp | Ask::NsTcp => "+tcp +noedns",
            Ask::Edns => "+edns=0 +nocookie",
            Ask::EdnsVersion => "+edns=1 +noednsnegotiation +nocookie",
            Ask::EdnsOption => option.as_str(),
            Ask::EdnsFlags => "+ednsflags=3 +nocookie",
            Ask::EdnsSmall => "+bufsize=512 +dnssec +ignore",
            Ask::Dnskey | Ask::SoaSigned | Ask::Nsec | Ask::Nsec3Param | Ask::Cds => "+dnssec",
            _ => "+noedns",
        };
        let port = if server.port() == 53 { String::new() } else { format!(" -p {}", server.port()) };
        let name = dig_name(&question.name.to_string());
        format!("dig @{}{port} {name} {} +norecurse {how}", server.ip(), question.rtype)
    }
}

/// As `dig` asks a resolver for addresses.
pub(super) fn resolve(name: &str) -> String {
    let name = dig_name(&format!("{name}."));
    format!("dig {name} A; dig {name} AAAA")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_nameservers_are_words() {
        assert_eq!(resolve("ns1.example"), "dig ns1.example. A; dig ns1.example. AAAA");
        assert_eq!(
            resolve("$(reboot).example"),
            "dig -q '$(reboot).example.' A; dig -q '$(reboot).example.' AAAA"
        );
    }
}

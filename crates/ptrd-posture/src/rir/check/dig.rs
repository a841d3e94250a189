//! The command that shows a person the same.

use super::probe::{Ask, OPTION};
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
        format!("dig @{}{port} {} {} +norecurse {how}", server.ip(), question.name, question.rtype)
    }
}

/// As `dig` asks a resolver for addresses.
pub(super) fn resolve(name: &str) -> String {
    format!("dig {name}. A; dig {name}. AAAA")
}

//! Resolvers for whoever wants an answer and not to know whence: those of the configuration, or of /etc/resolv.conf.

pub use hickory_resolver::TokioResolver;
pub use hickory_resolver::config::{LookupIpStrategy, ResolverOpts};
pub use hickory_resolver::net::NetError;
pub use hickory_resolver::proto::rr::{RData, RecordType};

use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr;
use ptrd_wire::Name;
use std::net::SocketAddr;

/// These, or those of the system; `set` says how patient they are, and what they keep.
///
/// # Errors
/// What there is against it: no readable /etc/resolv.conf, for one.
pub fn build(
    addresses: &[SocketAddr],
    set: impl FnOnce(&mut ResolverOpts),
) -> Result<TokioResolver, NetError> {
    let mut builder = if addresses.is_empty() {
        TokioResolver::builder_tokio()?
    } else {
        let servers = addresses.iter().map(|address| {
            let mut server = NameServerConfig::udp_and_tcp(address.ip());
            let of = |mut connection: ConnectionConfig| {
                connection.port = address.port();
                connection
            };
            server.connections = vec![of(ConnectionConfig::udp()), of(ConnectionConfig::tcp())];
            server
        });
        let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    };
    set(builder.options_mut());
    builder.build()
}

/// A name as resolvers take it.
///
/// # Errors
/// Why it cannot be asked for.
pub fn asked(name: &Name) -> Result<rr::Name, String> {
    let mut asked =
        rr::Name::from_labels(name.labels()).map_err(|error| format!("it cannot be asked for: {error}"))?;
    asked.set_fqdn(true);
    Ok(asked)
}

//! From the configuration to what the engine answers by.

use crate::config::Config;
use crate::secrets;
use anyhow::Context;
use ptrd_engine::{CookieSecrets, Policy, RateLimit};
use ptrd_listen::{Certificate, Identity};

/// What answers look like.
pub fn policy(config: &Config, cookies: CookieSecrets) -> Policy {
    let answers = &config.answers;
    let mut policy = Policy::default();
    policy.version = answers.version.clone();
    policy.server_id = answers.server_id.clone();
    policy.nsid = answers.nsid.clone().map(String::into_bytes);
    policy.cookies = Some(cookies);
    // RFC 7828 §3.3.2: clients are told as long as they are kept.
    policy.keepalive = config.tcp.keepalive();
    policy.set_udp_size(answers.udp_size);
    // Settings out of their bounds do not get here: the configuration was judged.
    policy.rate_limit = Some(RateLimit::new(config.rate_limit.clone()).unwrap_or_default());
    // Transfers, NOTIFY and UPDATE have somebody who takes them.
    policy.defers = true;
    policy
}

/// The secrets of a configuration, or, where it names none, `own`.
pub fn cookies(config: &Config, own: &CookieSecrets) -> anyhow::Result<CookieSecrets> {
    config.answers.cookie_secret_file.as_deref().map_or_else(|| Ok(own.clone()), secrets::read)
}

/// The certificate of a configuration, if it names one.
pub fn certificate(config: &Config) -> anyhow::Result<Option<Certificate>> {
    let read = config.tls.files().map(|(chain, key)| Certificate::read(chain, key));
    Ok(read.transpose()?)
}

/// Who the server is to clients of encrypted transports, if the configuration says that.
pub fn identity(config: &Config) -> anyhow::Result<Option<Identity>> {
    let identity = certificate(config)?.map(Identity::new);
    identity.transpose().context("preparing TLS")
}

//! `ptrctl zone follow`, `unfollow` and `refresh`: zones that are pulled from primaries elsewhere.

use super::change;
use super::zone::show;
use crate::client::{Client, segment, with_query};
use crate::failure::Failure;
use crate::screen::Screen;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use ptrd_api::{ChangeRequest, FollowView, FollowWrite, PrimarySpec, RefreshBody, ZoneView};

pub const FOLLOW_EXAMPLES: &str = "\
Examples:
  ptrctl zone follow 2.0.192.in-addr.arpa --from 192.0.2.53 --tenant acme
  ptrctl zone follow example.com --from 192.0.2.53 --from 2001:db8::53 --key xfr.example --tenant acme
  ptrctl zone follow example.com --from 192.0.2.53 --tls strict --tls-name ns1.example.net --tls-ca /etc/ptrd/ca.pem --tenant acme
  ptrctl zone follow example.com --from 192.0.2.53 --take-over     (a zone that is here already)
  ptrctl zone follow example.com --from 198.51.100.53              (another primary from now on)

The zone is a copy of what its primaries have: asked for as often as its SOA says,
when they send NOTIFY, and by `ptrctl zone refresh`. Until it was pulled for the
first time, and after it has expired, it is answered with SERVFAIL. NOTIFY is taken
from the addresses of primaries, from those who have their key, and from whomever
`ptrctl access allow notify` names.";

pub const UNFOLLOW_EXAMPLES: &str = "\
Examples:
  ptrctl zone unfollow example.com

It stays as it is, as a zone of our own: records can be changed, and `ptrctl zone
adopt` makes a reverse zone native.";

pub const REFRESH_EXAMPLES: &str = "\
Examples:
  ptrctl zone refresh 2.0.192.in-addr.arpa
  ptrctl zone refresh 2.0.192.in-addr.arpa --whole

--whole pulls the zone anew whatever its serial: where the primary's went back, or
the copy is damaged.";

/// How to use TLS.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Tls {
    /// Whoever answers
    Opportunistic,
    /// One who proves to be whom it should be
    Strict,
}

/// Who is asked, and how.
#[derive(Debug, Args)]
pub struct Servers {
    /// A nameserver to pull from, with a port unless that is 53, or 853 over TLS; several are tried in turn
    #[arg(long, value_name = "ADDRESS", required = true)]
    from: Vec<String>,
    #[command(flatten)]
    how: How,
}

/// How nameservers are asked.
#[derive(Debug, Args)]
pub struct How {
    /// The TSIG key that requests are signed with
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// Over TLS (RFC 9103)
    #[arg(long)]
    tls: Option<Tls>,
    /// Strict: the name that its certificate is for
    #[arg(long, value_name = "NAME")]
    tls_name: Option<String>,
    /// Strict: a file on the server with the certificates of authorities, PEM
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<String>,
    /// Strict: the SHA-256 of its public key, base64; may be given again
    #[arg(long, value_name = "PIN")]
    tls_pin: Vec<String>,
}

impl Servers {
    pub fn specs(self) -> Vec<PrimarySpec> {
        self.how.specs(self.from)
    }
}

impl How {
    pub fn specs(self, from: Vec<String>) -> Vec<PrimarySpec> {
        let How { key, tls, tls_name, tls_ca, tls_pin } = self;
        let tls = tls.map(|tls| match tls {
            Tls::Opportunistic => "opportunistic".to_owned(),
            Tls::Strict => "strict".to_owned(),
        });
        from.into_iter()
            .map(|address| PrimarySpec {
                address,
                key: key.clone(),
                tls: tls.clone(),
                tls_name: tls_name.clone(),
                tls_ca: tls_ca.clone(),
                tls_pins: tls_pin.clone(),
            })
            .collect()
    }
}

/// `zone follow`.
#[derive(Debug, Args)]
pub struct Follow {
    /// The apex
    apex: String,
    #[command(flatten)]
    servers: Servers,
    /// The owner, of a zone that is new here
    #[arg(long)]
    tenant: Option<String>,
    /// Let what the primary sends stand in the place of what an imported zone has
    #[arg(long)]
    take_over: bool,
}

impl Follow {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Follow { apex, servers, tenant, take_over } = self;
        let write = FollowWrite { apex, tenant, primaries: servers.specs(), take_over };
        change(client, screen, ChangeRequest::ZoneFollow(write)).await
    }
}

/// `zone refresh`.
pub async fn refresh(
    client: &mut Client,
    screen: &mut Screen,
    apex: &str,
    whole: bool,
) -> Result<(), Failure> {
    if client.dry_run() {
        return Err(Failure::usage("--dry-run: to ask for a zone changes nothing by itself")
            .hint("`ptrctl zone show` shows how it stands"));
    }
    let target = with_query(&format!("/v1/zones/{}/refresh", segment(apex)), &RefreshBody { whole })?;
    let answer = client.post::<ZoneView>(&target).await?;
    if screen.json() {
        return screen.document(&answer.raw);
    }
    screen.line(&format!("{} is asked for; until now:", answer.value.apex))?;
    show(screen, answer.value)
}

/// Facts about how a zone stands that is followed.
pub fn follow_facts(follow: FollowView) -> [(&'static str, String); 7] {
    let primaries: Vec<String> = follow.primaries.iter().map(told).collect();
    [
        ("follows", primaries.join("; ")),
        ("state", follow.state),
        ("asked last", follow.primary.unwrap_or_default()),
        ("checked", time(follow.checked)),
        ("next", time(follow.next)),
        ("expires", time(follow.expires)),
        ("last error", follow.error.unwrap_or_default()),
    ]
}

fn time(millis: Option<i64>) -> String {
    let time = millis.and_then(|millis| Timestamp::from_second(millis.div_euclid(1_000)).ok());
    time.map(|time| time.to_string()).unwrap_or_default()
}

/// A primary in words.
pub fn told(spec: &PrimarySpec) -> String {
    let key = spec.key.as_ref().map(|key| format!(", key {key}")).unwrap_or_default();
    let tls = spec.tls.as_ref().map(|tls| format!(", TLS {tls}")).unwrap_or_default();
    let name = spec.tls_name.as_ref().map(|name| format!(" as {name}")).unwrap_or_default();
    format!("{}{key}{tls}{name}", spec.address)
}

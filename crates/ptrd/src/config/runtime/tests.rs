use super::super::file::SECTIONS;
use super::super::read::read;
use super::*;

fn findings(text: &str) -> Vec<String> {
    let (file, mut findings) = read(text);
    Config::of(print::defaults().under(file), &mut findings);
    findings.iter().map(|finding| finding.line("f")).collect()
}

#[test]
fn every_key_is_shown_in_order() {
    let keys: Vec<String> = SECTIONS
        .iter()
        .flat_map(|section| section.keys.iter().map(|key| format!("{}.{}", section.name, key.name)))
        .collect();
    let shown: Vec<&str> = Config::default().shown().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, shown);
}

/// A configuration in which every value is another one than by default.
const ANOTHER: &str = "\
[store]
path = 'x.db'
read-only = true
[listen]
addresses = ['127.0.0.1:5300']
udp-workers = 3
udp-bundles = false
tcp-threads = 2
tls = ['127.0.0.1']
quic = ['127.0.0.1']
https = ['127.0.0.1']
tls-threads = 4
[answers]
version = 'v'
server-id = 'i'
nsid = 'n'
udp-size = 4096
cookie-secret-file = 'c'
[metrics]
addresses = ['127.0.0.1']
zone-serials = 7
[dnstap]
socket = 't'
queries = false
responses = false
identity = 'd'
buffer = 1
[rate-limit]
responses-per-second = 1
nxdomains-per-second = 2
referrals-per-second = 3
errors-per-second = 4
slip = 5
window = 6
ipv4-prefix = 30
ipv6-prefix = 60
table-size = 1024
exempt = ['192.0.2.0/24']
[transfer]
at-a-time = 3
longest = 1
[notify]
enabled = false
resolvers = ['127.0.0.1']
source = ['::1']
first-wait = 1
tries = 2
in-flight = 3
pause = 4
again = 5
serials = 60
[follow]
enabled = false
source = ['::1']
at-a-time = 3
per-primary = 2
refresh-min = 1
refresh-max = 2
retry-min = 3
pause = 4
timeout = 5
longest = 6
largest = '1 MiB'
[update]
through-cnames = false
at-a-time = 4
[tcp]
connections = 9
connections-per-network = 3
ipv4-prefix = 20
ipv6-prefix = 48
first-query-timeout = 1
idle-timeout = 2
message-timeout = 3
write-timeout = 4
buffers = '1 MiB'
[standby]
primary = 'ns1.example.net:9853'
name = 'b'
acknowledge = 'both'
acknowledge-timeout = '1s'
listen = ['127.0.0.1']
secret-file = 's'
fingerprint = '000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f'
ca-file = 'c'
forward-updates = ['192.0.2.1']
[checks]
resolvers = ['127.0.0.1:5353']
timeout = 1
deadline = 2
in-flight = 3
cache = 4
patience = '1d'
every = '1h'
queries-per-second = 5
webhook = 'http://127.0.0.1:8080/'
webhook-secret-file = 's'
webhook-ca-file = 'c'
[watch]
identity = true
every = '2h'
delegation = true
delegation-every = '3h'
confirm = '2s'
resolvers = ['127.0.0.1:5353']
authoritative = false
roots = ['192.0.2.1']
at-a-time = 3
queries-per-second = 4
timeout = 5
[tls]
certificate = 'c'
key = 'k'
connections = 5
[api]
listen = ['127.0.0.1']
web = false
connections = 7
connections-per-address = 3
requests-per-address = 4
requests-per-token = 5
largest-import = '1 MiB'
idle-timeout = 9
[admin]
socket = 's'
mode = 0o600
group = 'g'
users = ['u']
[log]
format = 'json'
level = 'debug'
[user]
name = 'n'
group = 'g'
refuse-root = true
";

#[test]
fn a_reload_applies_what_the_table_says_and_nothing_else() {
    use super::super::file::{Takes, key};
    let (file, findings) = read(ANOTHER);
    assert_eq!(findings, []);
    let (before, next) = (Config::default(), Config::of(print::defaults().under(file), &mut Vec::new()));
    let now = before.with_reloadable(next.clone());
    let rows = before.shown().into_iter().zip(next.shown()).zip(now.shown());
    for (((name, before), (_, next)), (_, now)) in rows {
        assert_ne!(before, next, "{name} is the same in both");
        let takes = key(name).expect("a key of the table").takes;
        assert_eq!(now, if takes == Takes::Reload { next } else { before }, "{name}");
    }
}

#[test]
fn defaults_are_sound_and_those_of_the_listener() {
    assert_eq!(findings(""), Vec::<String>::new());
    let config = Config::default();
    let machine = Limits::default();
    let limits = config.tcp.limits();
    assert_eq!(limits, Limits { connections_per_network: limits.connections_per_network, ..machine });
    let policy = ptrd_engine::Policy::default();
    assert_eq!(
        (config.answers.version, usize::from(config.answers.udp_size)),
        (policy.version.clone(), policy.udp_size())
    );
    assert_eq!(config.tcp.keepalive(), policy.keepalive);
}

#[test]
fn what_does_not_go_together_is_found() {
    let found = findings(
        "[listen]\naddresses = ['127.0.0.1', '127.0.0.1:53']\n[tcp]\nidle-timeout = '3h'\nmessage-timeout = '1ms'\nbuffers = 1\n\
             connections = 1\nconnections-per-network = 2\n[user]\ngroup = 'x'\n[store]\npath = '/'\n",
    );
    for part in ["twice", "1h49m13s500ms", "too short", "65537 B", "more than all", "name both", "no path"] {
        assert!(found.iter().any(|line| line.contains(part)), "{part}: {found:#?}");
    }
    assert_eq!(found.len(), 7, "{found:#?}");
    assert_eq!(findings("[listen]\naddresses = []\n").len(), 1);
    for (text, part) in [
        ("[listen]\ntls = ['127.0.0.1']\n", "f:2:7: listen.tls: TLS needs tls.certificate and tls.key"),
        ("[listen]\nquic = ['127.0.0.1']\n", "listen.quic: QUIC needs tls.certificate and tls.key"),
        ("[listen]\nhttps = ['::1']\n", "listen.https: HTTPS needs tls.certificate and tls.key"),
        ("[standby]\nprimary = 'a:1'\nsecret-file = 's'\n", "standby.fingerprint: whom to expect"),
        ("[standby]\nprimary = 'a:1'\nca-file = 'c'\n", "standby.secret-file: standbys over the network"),
        (
            "[standby]\nprimary = 'a'\nca-file = 'c'\nsecret-file = 's'\n",
            "standby.primary: a is neither HOST:PORT nor the path",
        ),
        ("[standby]\nlisten = ['::1']\nsecret-file = 's'\n", "standby.listen: needs tls.certificate"),
        ("[standby]\nacknowledge-timeout = '1ms'\n", "standby.acknowledge-timeout: too short"),
        ("[tls]\ncertificate = 'c'\n", "tls.key: a certificate is named, but no key"),
        ("[tls]\nkey = 'k'\n", "tls.certificate: a key is named, but no certificate"),
        (
            "[listen]\ntls = ['0.0.0.0:53']\n[tls]\nkey = 'k'\ncertificate = 'c'\n",
            "0.0.0.0:53 is there twice",
        ),
    ] {
        let found = findings(text);
        assert!(
            found.len() == 1 && found[0].contains(part.split_once(": ").map_or(part, |(_, rest)| rest)),
            "{found:?}"
        );
    }
}

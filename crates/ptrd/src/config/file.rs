//! What may be written: sections and keys, each with its type, its default, and whether a reload applies it.
//!
//! The table at the end of this file is the only list of keys that there is. Its comments are the documentation that
//! the example file and ptrd.toml(5) show.

use super::Place;
use super::values::{
    AcknowledgeBy, Exposed, Fingerprint, Listen, ListenApi, ListenHttps, ListenStandby, ListenTls, LogFormat,
    LogLevel, Mode, Nsid, Octets, Setting, Text, Threads, Time, UdpSize,
};
use ptrd_wire::AddrRange;
use serde::Deserialize;
use std::net::IpAddr;
use std::path::PathBuf;

/// When a changed value takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// With a reload.
    Reload,
    /// With the next start.
    Restart,
}

/// A key of the file.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub about: &'static [&'static str],
    /// Its default, as TOML.
    pub default: &'static str,
    /// When a change takes effect.
    pub takes: Takes,
}

/// A section of the file.
#[derive(Debug)]
pub struct Section {
    /// Its name.
    pub name: &'static str,
    /// Its documentation, line by line.
    pub about: &'static [&'static str],
    /// Its keys.
    pub keys: &'static [Key],
}

/// Declares [`File`], a type for each section, and [`SECTIONS`].
macro_rules! sections {
    ($(
        $(#[doc = $section_about:literal])+
        $section_name:literal $section:ident $Section:ident {
            $(
                $(#[doc = $about:literal])+
                $name:literal $key:ident: $type:ty = $default:literal, $takes:ident;
            )+
        }
    )+) => {
        /// A configuration as it was written: whatever was not is `None`.
        #[derive(Clone, Debug, Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct File {
            $($(#[doc = $section_about])+ #[serde(rename = $section_name)] pub $section: $Section,)+
        }

        $(
            $(#[doc = $section_about])+
            #[derive(Clone, Debug, Default, Deserialize)]
            #[serde(default, deny_unknown_fields)]
            pub struct $Section {
                $($(#[doc = $about])+ #[serde(rename = $name)] pub $key: Option<Setting<$type>>,)+
            }
        )+

        impl File {
            /// This, and where `over` says something else, that.
            #[must_use]
            pub fn under(self, over: File) -> File {
                File {
                    $($section: $Section { $($key: over.$section.$key.or(self.$section.$key),)+ },)+
                }
            }

            /// Where a key was written.
            pub fn place(&self, key: &str) -> Place {
                let mut found = Place::Default;
                $($(
                    if key == concat!($section_name, ".", $name)
                        && let Some(setting) = &self.$section.$key
                    {
                        found = setting.place;
                    }
                )+)+
                found
            }

            /// Changes every place.
            pub fn place_all(&mut self, change: impl Fn(Place) -> Place) {
                $($(
                    if let Some(setting) = &mut self.$section.$key {
                        setting.place = change(setting.place);
                    }
                )+)+
            }
        }

        /// Every section and key, in the order in which they are shown.
        pub const SECTIONS: &[Section] = &[$(Section {
            name: $section_name,
            about: &[$($section_about),+],
            keys: &[$(Key {
                name: $name,
                about: &[$($about),+],
                default: $default,
                takes: Takes::$takes,
            }),+],
        }),+];
    };
}

sections! {
    /// Where what is served is kept.
    "store" store Store {
        /// The SQLite file with everything in it; made if it is missing, with its folder.
        "path" path: PathBuf = "\"/var/lib/ptrd/ptrd.db\"", Restart;
        /// Serve from the store without ever writing to it, and without an admin socket: from a copy, from a read-only
        /// mount, or beside a ptrd that writes. A reload reads the store again.
        "read-only" read_only: bool = "false", Restart;
    }

    /// Where DNS is answered, and with how much of the machine. Sockets that systemd hands over (LISTEN_FDS) take the
    /// place of these addresses.
    "listen" listen Addresses {
        /// Addresses for UDP and TCP. The port is 53 unless it is given; 0 takes a free one.
        "addresses" addresses: Vec<Listen> = "[\"0.0.0.0\", \"::\"]", Restart;
        /// UDP threads for each address. 0: as many as there are cores.
        "udp-workers" udp_workers: Threads = "0", Restart;
        /// Hand UDP answers to one client to the kernel as one message (UDP_SEGMENT), where it can cut them into datagrams
        /// again: a third less work for busy forwarders. false: each by itself, for a network card or a capture that
        /// does not take it well.
        "udp-bundles" udp_bundles: bool = "true", Restart;
        /// TCP threads for all addresses. 0: one for each four cores.
        "tcp-threads" tcp_threads: Threads = "0", Restart;
        /// Addresses for DNS over TLS (RFC 7858), zone transfers included (RFC 9103); they need a certificate, see the section tls.
        /// The port is 853 unless it is given.
        "tls" tls: Vec<ListenTls> = "[]", Restart;
        /// Addresses for DNS over QUIC (RFC 9250), zone transfers included; as for TLS. The port is 853 unless it is given.
        "quic" quic: Vec<ListenTls> = "[]", Restart;
        /// Addresses for DNS over HTTPS (RFC 8484), at https://ADDRESS/dns-query; as for TLS, but without zone transfers. The
        /// port is 443 unless it is given.
        "https" https: Vec<ListenHttps> = "[]", Restart;
        /// Threads for encrypted transports. 0: one for each four cores.
        "tls-threads" tls_threads: Threads = "0", Restart;
    }

    /// What answers look like.
    "answers" answers Answers {
        /// What version.bind and version.server say. Empty: they are refused.
        "version" version: Text = "\"ptrd\"", Reload;
        /// What id.server and hostname.bind say (RFC 4892). Empty: they are refused.
        "server-id" server_id: Text = "\"\"", Reload;
        /// The name server identifier (RFC 5001), up to 64 octets. Empty: it is left out.
        "nsid" nsid: Nsid = "\"\"", Reload;
        /// The longest answer over UDP, octets: 512 to 4096. 1232 fits every path without fragments (RFC 9715).
        "udp-size" udp_size: UdpSize = "1232", Reload;
        /// Secrets of DNS cookies (RFC 7873, 9018), 32 hexadecimal digits a line: the present one, and the one before
        /// it if there is one. Servers behind one address must share them. Empty: a secret is made at each start.
        "cookie-secret-file" cookie_secret_file: PathBuf = "\"\"", Reload;
    }

    /// How many answers over UDP may go to one network, which may be one that never asked: source addresses are easily
    /// forged. Rates are answers per second, of all UDP workers of a listening address together; 0 sets no limit.
    /// Clients with a valid DNS cookie, and all over TCP, are not limited. Workers have equal parts, and the kernel
    /// spreads clients over them by address and port: a client that keeps to one port has one worker's part.
    "rate-limit" rate_limit Rates {
        /// Answers of any kind together.
        "responses-per-second" responses_per_second: u32 = "10000", Reload;
        /// NXDOMAIN and NODATA of one zone.
        "nxdomains-per-second" nxdomains_per_second: u32 = "2500", Reload;
        /// Referrals to other nameservers.
        "referrals-per-second" referrals_per_second: u32 = "5000", Reload;
        /// REFUSED, FORMERR, NOTIMP and all other errors.
        "errors-per-second" errors_per_second: u32 = "1000", Reload;
        /// Of so many answers over the limit one is sent as truncated, so that a real client comes back over TCP; the
        /// others are dropped. 1: all are sent so. 0: all are dropped.
        "slip" slip: u32 = "2", Reload;
        /// For how many seconds a network that asks nothing saves its allowance up.
        "window" window: u32 = "2", Reload;
        /// Length of the prefix that makes a network, IPv4.
        "ipv4-prefix" ipv4_prefix: u8 = "24", Reload;
        /// Length of the prefix that makes a network, IPv6.
        "ipv6-prefix" ipv6_prefix: u8 = "56", Reload;
        /// Accounts that each UDP worker keeps, 16 octets each. About (queries per second) / (the lowest rate) are in
        /// use at a time.
        "table-size" table_size: u32 = "32768", Restart;
        /// Networks that are never limited, such as "192.0.2.0/24".
        "exempt" exempt: Vec<AddrRange> = "[]", Reload;
    }

    /// Transfers of zones to others. Who may have them is granted with `ptrctl access`, not here.
    "transfer" transfer Transfers {
        /// Transfers at a time; more are told to come again.
        "at-a-time" at_a_time: u32 = "200", Restart;
        /// How long one may take in all. As long as it lasts the zone is held as it was when it began.
        "longest" longest: Time = "\"2h\"", Restart;
    }

    /// Announcing changes to secondaries (NOTIFY). Who is told is said with `ptrctl notify`, not here: the nameservers of a
    /// zone, unless told otherwise, and addresses that are listed.
    "notify" notify Notifications {
        /// Announce changes. false: they wait, and are announced after a start with true.
        "enabled" enabled: bool = "true", Restart;
        /// Resolvers that find the addresses of nameservers which are not served here. The port is 53 unless it is given.
        /// Empty: those of /etc/resolv.conf.
        "resolvers" resolvers: Vec<Listen> = "[]", Restart;
        /// Addresses to send from, one of each family at most: those that secondaries know this server by. Empty: as the
        /// system chooses.
        "source" source: Vec<IpAddr> = "[]", Restart;
        /// How long to wait for an answer before a message is sent again; twice as long the next time, and so on.
        "first-wait" first_wait: Time = "\"2s\"", Restart;
        /// How often to try before a secondary is given up for this serial.
        "tries" tries: u32 = "6", Restart;
        /// Messages on their way at a time, to all together.
        "in-flight" in_flight: u32 = "100", Restart;
        /// At least so long between two announcements of one zone: what changes meanwhile is announced together.
        "pause" pause: Time = "\"1s\"", Restart;
        /// How long one that was given up is left alone before it is tried again, a quarter more or less by chance. It is
        /// tried before that when a zone changes.
        "again" again: Time = "\"1h\"", Restart;
        /// How often those who are told are asked for the serials that they have, so that one that is behind is seen. 0s:
        /// never.
        "serials" serials: Time = "\"15m\"", Restart;
    }

    /// Names that must resolve back to the address that they are given (FCrDNS). For which blocks, is said with
    /// `ptrctl block set --fcrdns`, not here.
    "checks" checks Checks {
        /// Resolvers that are asked for the addresses of names. The port is 53 unless it is given. Empty: those of
        /// /etc/resolv.conf.
        "resolvers" resolvers: Vec<Listen> = "[]", Restart;
        /// How long to wait for an answer before a resolver is asked once more.
        "timeout" timeout: Time = "\"2s\"", Restart;
        /// How long a change waits for what its names resolve to. What is not known by then counts as unknown. One of more
        /// than 1024 names does not wait if nothing but warnings hangs on them.
        "deadline" deadline: Time = "\"5s\"", Restart;
        /// Names that are looked up at a time.
        "in-flight" in_flight: u32 = "64", Restart;
        /// Names whose addresses are remembered, for five minutes at most.
        "cache" cache: u32 = "65536", Restart;
        /// How long a PTR waits for its name to resolve back before it is dropped.
        "patience" patience: Time = "\"7d\"", Restart;
        /// How often to look again at names that are set, a tenth more or less.
        "every" every: Time = "\"6h\"", Restart;
        /// Names that are looked up a second for that, at most.
        "queries-per-second" queries_per_second: u32 = "50", Restart;
        /// Who is told of addresses whose names begin or cease to resolve back: a URL that takes JSON by POST, http or https.
        /// Empty: nobody, but for the log and metrics.
        "webhook" webhook: Text = "\"\"", Restart;
        /// A secret of at least 16 octets, one line: what is sent carries the header `ptrd-signature: sha256=…`, the
        /// HMAC-SHA256 of the body. Empty: it is not signed.
        "webhook-secret-file" webhook_secret_file: PathBuf = "\"\"", Restart;
        /// Authorities that may vouch for a webhook over https, PEM.
        "webhook-ca-file" webhook_ca_file: PathBuf = "\"/etc/ssl/certs/ca-certificates.crt\"", Restart;
    }

    /// Watching: looking again and again at what the world sees of sending addresses and zones, and telling of what
    /// has changed in the log, by the webhook of the section checks, and in metrics. `ptrctl posture` shows how it stands.
    "watch" watch Watch {
        /// Look at the addresses of the sending inventory (`ptrctl sending`), those of observed blocks too.
        "identity" identity: bool = "false", Restart;
        /// How often, a tenth more or less. An address is looked at sooner when its mark or its PTR here changes.
        "every" every: Time = "\"1h\"", Restart;
        /// Look at the delegations of zones of addresses, and of companion zones: at what the zone above says, and at all
        /// nameservers, as `ptrctl rir check` does. Zones of private addresses, and those under names that the public DNS does
        /// not have, are left out, unless `roots` names a root that has them.
        "delegation" delegation: bool = "false", Restart;
        /// How often, a tenth more or less. A zone is looked at sooner when its nameservers here change.
        "delegation-every" delegation_every: Time = "\"6h\"", Restart;
        /// How long after a look that found something else another one follows. Nobody is told before it has found the same.
        "confirm" confirm: Time = "\"60s\"", Restart;
        /// Resolvers that are asked. The port is 53 unless it is given. Empty: those of /etc/resolv.conf.
        "resolvers" resolvers: Vec<Listen> = "[]", Restart;
        /// Ask the nameservers themselves too, from the root down: what they say counts where resolvers say otherwise.
        "authoritative" authoritative: bool = "true", Restart;
        /// Servers of the root. Empty: those of the public DNS.
        "roots" roots: Vec<IpAddr> = "[]", Restart;
        /// Addresses and zones that are looked at, at a time.
        "at-a-time" at_a_time: u32 = "8", Restart;
        /// Questions a second to one server, at most.
        "queries-per-second" queries_per_second: u32 = "20", Restart;
        /// How long to wait for an answer.
        "timeout" timeout: Time = "\"3s\"", Restart;
    }

    /// Zones that are pulled from primaries elsewhere. Which ones, and from whom, is said with `ptrctl zone follow`, not here.
    /// What their SOAs say of times is brought within these bounds.
    "follow" follow Follow {
        /// Ask primaries. false: zones stay as they are, and expire.
        "enabled" enabled: bool = "true", Restart;
        /// Addresses to ask from, one of each family at most: those that primaries know this server by. Empty: as the
        /// system chooses.
        "source" source: Vec<IpAddr> = "[]", Restart;
        /// Zones that are asked for, and pulled, at a time.
        "at-a-time" at_a_time: u32 = "32", Restart;
        /// The same, from one primary.
        "per-primary" per_primary: u32 = "8", Restart;
        /// At least so long between two questions for a zone.
        "refresh-min" refresh_min: Time = "\"30s\"", Restart;
        /// At most so long.
        "refresh-max" refresh_max: Time = "\"14d\"", Restart;
        /// At least so long between two questions for a zone after a failure.
        "retry-min" retry_min: Time = "\"15s\"", Restart;
        /// At least so long between two questions for a zone that NOTIFY brought about.
        "pause" pause: Time = "\"1s\"", Restart;
        /// How long to wait for an answer, for a connection, and for each message of a transfer.
        "timeout" timeout: Time = "\"10s\"", Restart;
        /// How long a transfer may take in all.
        "longest" longest: Time = "\"2h\"", Restart;
        /// What one transfer may take of memory; a larger one is broken off, and the zone stays as it was.
        "largest" largest: Octets = "\"512 MiB\"", Restart;
    }

    /// DNS UPDATE. Who may update what is granted with `ptrctl access`, not here.
    "update" update Updates {
        /// Let an update of a name that is a CNAME into a classless zone served here (RFC 2317) act on the address:
        /// programs such as DHCP servers compute that name from the address. false: such names cannot be updated, and
        /// clients must name the classless zone.
        "through-cnames" through_cnames: bool = "true", Restart;
        /// Updates that may wait to be made; more are answered with SERVFAIL.
        "at-a-time" at_a_time: u32 = "512", Restart;
    }

    /// Losing this server: another that has all of its changes, and takes its place with `ptrctl promote`.
    "standby" standby Standby {
        /// The server that this one follows, as its standby: HOST:PORT, where that one listens for standbys; or the path of a
        /// Unix socket that leads to that one's admin socket, such as one that ssh forwards. A standby answers queries, and
        /// makes no changes of its own. Empty: changes are made here.
        "primary" primary: Text = "\"\"", Restart;
        /// What this server calls itself to its primary. Empty: its host name.
        "name" name: Text = "\"\"", Restart;
        /// When whoever asks for a change is told that it is done: "local", once it is durable here; "both", once a standby
        /// has it durable too.
        "acknowledge" acknowledge: AcknowledgeBy = "\"local\"", Restart;
        /// How long to wait for a standby. After that the change is acknowledged as durable here alone, and so are others until
        /// a standby has caught up again.
        "acknowledge-timeout" acknowledge_timeout: Time = "\"5s\"", Restart;
        /// Addresses for standbys, over TLS 1.3 with the certificate of the section tls. The port is 9853 unless it is given.
        "listen" listen: Vec<ListenStandby> = "[]", Restart;
        /// The secret that a primary and its standbys share, for connections over the network: one line, such as
        /// `openssl rand -hex 32` prints.
        "secret-file" secret_file: PathBuf = "\"\"", Restart;
        /// The SHA-256 of the primary's certificate, as `openssl x509 -noout -sha256 -fingerprint` prints it. Empty: ca-file
        /// says whom to expect.
        "fingerprint" fingerprint: Fingerprint = "\"\"", Restart;
        /// Certificates, PEM, one of which has signed that of the primary, which must be for the host that is named there.
        "ca-file" ca_file: PathBuf = "\"\"", Restart;
        /// Where a standby passes updates (DNS UPDATE) on to: addresses at which the primary answers queries. The primary judges
        /// them as coming from the standby's address, so permissions with addresses must have that one too. The port is 53
        /// unless it is given. Empty: they are answered with NOTIMP, so that clients turn to another server.
        "forward-updates" forward_updates: Vec<Listen> = "[]", Restart;
    }

    /// What clients may take of TCP.
    "tcp" tcp Tcp {
        /// Connections at a time; those idle for longest make room for new ones. 0: by the limit of open files, 4096 at
        /// most. More than ptrd reserved room for when it started (at least 4096) takes a restart.
        "connections" connections: u32 = "0", Reload;
        /// Connections at a time from one network. 0: a quarter of all.
        "connections-per-network" connections_per_network: u32 = "0", Reload;
        /// Length of the prefix that makes a network, IPv4.
        "ipv4-prefix" ipv4_prefix: u8 = "24", Reload;
        /// Length of the prefix that makes a network, IPv6.
        "ipv6-prefix" ipv6_prefix: u8 = "56", Reload;
        /// How long a client may take over its first query.
        "first-query-timeout" first_query: Time = "\"10s\"", Reload;
        /// How long a connection may be idle after a query. Clients are told (RFC 7828).
        "idle-timeout" idle: Time = "\"30s\"", Reload;
        /// How long one message may take to arrive.
        "message-timeout" message: Time = "\"5s\"", Reload;
        /// How long a client may read nothing of an answer that waits for it.
        "write-timeout" write_stall: Time = "\"5s\"", Reload;
        /// What all connections together may leave in parts of messages and in answers unread.
        "buffers" parked: Octets = "\"32 MiB\"", Reload;
    }

    /// Whom encrypted transports say that ptrd is, and what clients may take of them. The files are read again with a
    /// reload, and by themselves within seconds of a change; connections that are open go on.
    "tls" tls Tls {
        /// The certificate and those that lead from it to one that clients trust, PEM, in this order.
        "certificate" certificate: PathBuf = "\"\"", Reload;
        /// Its private key, PEM, not encrypted. ptrd must be able to read it as the user that it becomes, or a new one takes
        /// a restart.
        "key" key: PathBuf = "\"\"", Reload;
        /// Connections at a time, over each encrypted transport; those idle for longest make room for new ones. An idle
        /// one takes about 8 KiB over TLS, 40 over QUIC and 35 over HTTPS; one in the midst of its handshake 64 KiB at most.
        /// 0: a quarter of tcp.connections. One network may have a quarter of these. Times and
        /// buffers are those of the section tcp; a handshake counts as part of the first query.
        "connections" connections: u32 = "0", Reload;
    }

    /// The API over HTTPS, for whoever has a token (`ptrctl token add`): the routes of the admin socket, but for what is about
    /// this machine alone. It is off unless there are addresses, and has the certificate of the section tls.
    "api" api Api {
        /// Addresses for it. The port is 8443 unless it is given.
        "listen" listen: Vec<ListenApi> = "[]", Restart;
        /// Serve the web page there as well, for people with a token.
        "web" web: bool = "true", Restart;
        /// Connections at a time; those beyond are closed.
        "connections" connections: u32 = "256", Restart;
        /// Those of one address, or of one /64 of IPv6.
        "connections-per-address" per_address: u32 = "32", Restart;
        /// Requests a second of one address, or of one /64 of IPv6.
        "requests-per-address" address_rate: u32 = "50", Restart;
        /// Requests a second with one token.
        "requests-per-token" token_rate: u32 = "50", Restart;
        /// The longest body of an import; any other body has 1 MiB at most.
        "largest-import" largest_import: Octets = "\"64 MiB\"", Restart;
        /// How long a client may take over the head of a request, and a connection may be idle.
        "idle-timeout" idle: Time = "\"30s\"", Restart;
    }

    /// The socket that ptrctl talks to. Root and the user that ptrd runs as may always use it.
    "admin" admin Admin {
        /// Its path; the folder is made if it is missing.
        "socket" socket: PathBuf = "\"/run/ptrd/admin.sock\"", Restart;
        /// Its file mode, octal.
        "mode" mode: Mode = "\"0660\"", Restart;
        /// The group whose members may use it, by name or number. Empty: the group that ptrd runs as.
        "group" group: String = "\"\"", Restart;
        /// Users who may use it besides, by name or number. The file's mode must let them connect.
        "users" users: Vec<String> = "[]", Reload;
    }

    /// What is logged; lines go to stderr.
    "log" log Log {
        /// How lines look: "human", or "json" for one JSON object a line.
        "format" format: LogFormat = "\"human\"", Restart;
        /// From which level on to log: error, warn, info, debug or trace; or for parts, as in "info,ptrd_listen=debug".
        "level" level: LogLevel = "\"info\"", Reload;
    }

    /// Figures for Prometheus. They are always at /metrics of the admin socket; here is where else.
    "metrics" metrics Metrics {
        /// TCP addresses at which http://ADDRESS/metrics shows them, to whoever can connect. The port is 9953 unless it is
        /// given.
        "addresses" addresses: Vec<Exposed> = "[]", Restart;
        /// For how many zones the serial is shown. 0: for none.
        "zone-serials" zone_serials: u32 = "1000", Reload;
    }

    /// Copies of queries and responses for a program that takes dnstap (Frame Streams over a Unix socket). A program that
    /// is not there, or too slow, misses some; answers never wait for it.
    "dnstap" dnstap Dnstap {
        /// The socket on which that program listens. Empty: no copies are made.
        "socket" socket: PathBuf = "\"\"", Restart;
        /// Send queries (AUTH_QUERY).
        "queries" queries: bool = "true", Restart;
        /// Send responses (AUTH_RESPONSE).
        "responses" responses: bool = "true", Restart;
        /// What this server calls itself in them. Empty: nothing.
        "identity" identity: Text = "\"\"", Restart;
        /// Room for copies that wait, for each worker.
        "buffer" buffer: Octets = "\"1 MiB\"", Restart;
    }

    /// Whom ptrd runs as once its sockets are bound. For a ptrd that is started by root; systemd's User= makes it
    /// unnecessary.
    "user" user User {
        /// The user to become, by name or number. Empty: ptrd stays who it is.
        "name" name: String = "\"\"", Restart;
        /// The group to become. Empty: the user's own.
        "group" group: String = "\"\"", Restart;
        /// Refuse to serve as root.
        "refuse-root" refuse_root: bool = "false", Restart;
    }
}

/// The section with this name.
pub fn section(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.name == name)
}

/// The key `section.key`.
pub fn key(name: &str) -> Option<&'static Key> {
    let (first, second) = name.split_once('.')?;
    section(first)?.keys.iter().find(|key| key.name == second)
}

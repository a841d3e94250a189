//! The arguments, and the help that teaches them.

use crate::config::file::File;
use crate::config::values::{Listen, ListenMail, LogFormat, LogLevel, Nsid, Setting, Text, Threads, UdpSize};
use crate::config::{Place, Source};
use crate::failure::{EXIT_STATUSES, Failure, Part};
use clap::{Args, Parser, Subcommand};
use ptrd_engine::RateLimitSettings;
use std::net::SocketAddr;
use std::path::PathBuf;

const LONG: &str = "\
An authoritative nameserver for reverse DNS: in-addr.arpa, ip6.arpa, and classless zones after RFC 2317.

PTRs belong to addresses, and zones follow from blocks of addresses. Both are managed with `ptrctl`, through the admin \
socket; they are kept in one SQLite file and answered from memory.";

const FIRST_STEPS: &str = "\
First steps:
  ptrd demo                             a server with examples, on loopback; nothing is kept
  ptrd serve --store ptrd.db --listen 127.0.0.1:5300 --socket ./admin.sock
  ptrctl --socket ./admin.sock --help";

const SERVE_EXAMPLES: &str = "\
Examples:
  As /etc/ptrd/ptrd.toml says, or, without one, on all addresses, with the store in its usual place:
    ptrd serve
  By another file, with one value changed:
    ptrd serve --config ./ptrd.toml --log-level debug
  As an ordinary user, to try it:
    ptrd serve --store ./ptrd.db --listen 127.0.0.1:5300 --listen '[::1]:5300' --socket ./admin.sock
  As one of a fleet behind an anycast address:
    ptrd serve --listen 192.0.2.53 --listen 2001:db8::53 --nsid fra1 --cookie-secret-file /etc/ptrd/cookie
  For a few large resolvers that ask much:
    ptrd serve --rate-limit 50000
  Bound to port 53 by root, then as the user ptrd:
    ptrd serve --user ptrd
  From a copy of a store, DNS alone:
    ptrd serve --read-only --store /mnt/copy/ptrd.db

The configuration file has a key for each option, and more; see ptrd.toml(5). The command line overrides the environment, \
and that the file; `ptrd check-config --print` shows what comes of it. Sockets that systemd hands over (LISTEN_FDS) take \
the place of --listen and --socket.

SIGTERM and SIGINT stop it: changes that wait are made first, DNS is answered to the end. A second one ends it at once; \
what was acknowledged is durable in either case. SIGHUP, like `ptrctl reload`, reads the configuration again and applies \
what can change while it runs.";

const CHECK_EXAMPLES: &str = "\
Examples:
  ptrd check-config                     what is wrong with /etc/ptrd/ptrd.toml, all of it
  ptrd check-config ./ptrd.toml --json
  ptrd check-config --print             what is in force, and where each value comes from
  ptrd check-config --example           a file with every key at its default, to start from

Checked without starting: keys and values, that users and groups exist, that files can be read and secrets are secrets, \
that sockets and stores are not something else. Run it as the user who starts ptrd.

Exit status:
  0  nothing is wrong; there may be warnings
  1  it could not be checked
  2  the arguments make no sense
  7  something is wrong: ptrd would not start";

const COMPLETION_EXAMPLES: &str = "\
Examples:
  ptrd completion bash > /etc/bash_completion.d/ptrd
  ptrd completion zsh > ~/.zfunc/_ptrd
  ptrd completion fish > ~/.config/fish/completions/ptrd.fish";

const RESTORE_EXAMPLES: &str = "\
Examples:
  In place of a store that can still be read: serials go on from those that it had:
    systemctl stop ptrd
    ptrd restore /var/backups/ptrd-20261125.db
    systemctl start ptrd
  On a new machine: serials go on from what the secondaries hold:
    ptrd restore ptrd-20261125.db --serials ask=192.0.2.2 --serials ask=2001:db8::2
  Or from a number that no secondary is past, or from the store of the old machine:
    ptrd restore ptrd-20261125.db --serials-past 2026112599
    ptrd restore ptrd-20261125.db --serials-from old/ptrd.db

The store that was there is kept beside the new one, as FILE.replaced-TIME. What changed after the backup is gone from \
answers; secondaries get whole zones (AXFR) once, since the history of serials starts anew.";

const CHECK_STORE_EXAMPLES: &str = "\
Examples:
  ptrd check-store
  ptrd check-store --store /var/backups/ptrd-20261125.db && echo sound

It only reads, and a daemon may run on the file meanwhile. Each finding says what to do. Status 0: nothing was found; \
3: the file cannot be opened; 9: something was found.";

const DEMO_EXAMPLES: &str = "\
Examples:
  ptrd demo
  ptrd demo --port 5300

Prints commands to try in another terminal. Ctrl-C ends it and removes all that it made.";

const PROBE_EXAMPLES: &str = "\
Examples:
  On port 25, with TLS, for messages to anybody@probe.example.net:
    ptrd probe --listen 192.0.2.25 --listen 2001:db8::25 --name probe.example.net \\
      --certificate /etc/ptrd/probe.pem --key /etc/ptrd/probe.key --record /var/lib/ptrd/probe.jsonl
  To try it:
    ptrd probe --listen 127.0.0.1:2525 --name probe.example.net --accept

A customer sends a message to any recipient at that name from each of its addresses. The answer to it, which its mail \
server has in its log, says what the world sees: the result of iprev (RFC 8601), whether the name in EHLO has the address \
and is its PTR, what spam filters would say. Unless --accept is given the message is refused, so that its sender gets all \
of this in a report of the failure. Nothing is delivered, nothing is relayed, and of messages nothing is kept but \
`Message-ID` and `X-Ptrd-Test`.

It needs no store and no daemon. On port 25 run it as a user of its own with the capability to bind it \
(AmbientCapabilities=CAP_NET_BIND_SERVICE in a unit of systemd).";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "ptrd",
    version,
    about = "An authoritative nameserver for reverse DNS",
    long_about = LONG,
    after_help = FIRST_STEPS,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answers DNS and takes changes, until a signal ends it
    #[command(after_help = SERVE_EXAMPLES, after_long_help = format!("{SERVE_EXAMPLES}\n\n{EXIT_STATUSES}"))]
    Serve(Serve),
    /// Puts a backup in the place of the store, while no daemon runs on it
    #[command(after_help = RESTORE_EXAMPLES, after_long_help = format!("{RESTORE_EXAMPLES}\n\n{EXIT_STATUSES}"))]
    Restore(Restore),
    /// Checks that the store agrees with itself: file, rows, log, serials, blocks
    #[command(after_help = CHECK_STORE_EXAMPLES, after_long_help = format!("{CHECK_STORE_EXAMPLES}\n\n{EXIT_STATUSES}"))]
    CheckStore(CheckStore),
    /// Runs a server with examples on loopback, and prints commands to try
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(Demo),
    /// Says what is wrong with the configuration: all of it
    #[command(after_help = CHECK_EXAMPLES)]
    CheckConfig(CheckConfig),
    /// Receives test messages, and tells senders how their addresses are seen
    #[command(after_help = PROBE_EXAMPLES, after_long_help = format!("{PROBE_EXAMPLES}\n\n{EXIT_STATUSES}"))]
    Probe(Probe),
    /// Completions for a shell, to stdout
    #[command(after_help = COMPLETION_EXAMPLES)]
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// The manual page of ptrd, or all pages into a folder
    Man {
        /// Where to write ptrd.1, ptrd-serve.1, ptrd.toml.5 and so on
        folder: Option<PathBuf>,
    },
}

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    pub settings: Settings,
}

/// What to check.
#[derive(Clone, Debug, Args)]
pub struct CheckConfig {
    /// The file [default: that of --config]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print the configuration in force, with the origin of each value, as TOML
    #[arg(long)]
    pub print: bool,
    /// Print the file with every key at its default, commented, and do nothing else
    #[arg(long, conflicts_with_all = ["print", "json", "file"])]
    pub example: bool,
    /// Show what was found as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub settings: Settings,
}

/// Where the configuration comes from, and what overrides it.
#[derive(Clone, Debug, Default, Args)]
pub struct Settings {
    /// The configuration, TOML; see ptrd.toml(5). What is given here, or in the environment, overrides it
    /// [default: /etc/ptrd/ptrd.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "PTRD_CONFIG")]
    pub config: Option<PathBuf>,
    /// The SQLite file with everything in it; made if it is missing [default: /var/lib/ptrd/ptrd.db]
    #[arg(long, value_name = "FILE", env = "PTRD_STORE")]
    pub store: Option<PathBuf>,
    /// Serve from the store without writing to it and without an admin socket
    #[arg(long, env = "PTRD_READ_ONLY")]
    pub read_only: bool,
    /// Where to answer, over UDP and TCP; the port is 53 unless given, 0 takes a free one; repeat for each
    /// [default: all addresses of this host]
    #[arg(long, value_name = "ADDRESS[:PORT]", env = "PTRD_LISTEN", value_delimiter = ',')]
    pub listen: Option<Vec<Listen>>,
    /// The admin socket; its folder is made if it is missing [default: /run/ptrd/admin.sock]
    #[arg(long, value_name = "PATH", env = "PTRD_SOCKET")]
    pub socket: Option<PathBuf>,
    /// The user to become once the sockets are bound, by name or number
    #[arg(long, value_name = "NAME", env = "PTRD_USER")]
    pub user: Option<String>,
    /// The group to become [default: the user's own]
    #[arg(long, value_name = "NAME", env = "PTRD_GROUP")]
    pub group: Option<String>,
    #[command(flatten)]
    pub workers: Workers,
    #[command(flatten)]
    pub answers: Answers,
    #[command(flatten)]
    pub logs: Logs,
}

/// How much of the machine to use.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Workers")]
pub struct Workers {
    /// UDP threads for each address; 0: as many as there are cores [default: 0]
    #[arg(long, value_name = "N", env = "PTRD_UDP_WORKERS", value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub udp_workers: Option<u16>,
    /// TCP threads for all addresses; 0: one for each four cores [default: 0]
    #[arg(long, value_name = "N", env = "PTRD_TCP_THREADS", value_parser = clap::value_parser!(u16).range(0..=1024))]
    pub tcp_threads: Option<u16>,
    /// TCP connections at a time; 0: by the limit of open files, 4096 at most [default: 0]
    #[arg(long, value_name = "N", env = "PTRD_TCP_CONNECTIONS")]
    pub tcp_connections: Option<u32>,
}

/// What answers look like.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Answers")]
pub struct Answers {
    /// What version.bind and version.server say [default: ptrd]
    #[arg(long, value_name = "TEXT", env = "PTRD_VERSION_STRING")]
    pub version_string: Option<Text>,
    /// Refuse version.bind and version.server
    #[arg(long, env = "PTRD_HIDE_VERSION", conflicts_with = "version_string")]
    pub hide_version: bool,
    /// What id.server and hostname.bind say (RFC 4892); refused unless given
    #[arg(long, value_name = "TEXT", env = "PTRD_SERVER_ID")]
    pub server_id: Option<Text>,
    /// The name server identifier (RFC 5001); left out unless given
    #[arg(long, value_name = "TEXT", env = "PTRD_NSID")]
    pub nsid: Option<Nsid>,
    /// Secrets of DNS cookies, 32 hexadecimal digits a line: the present one, and the one before it if there is one.
    /// To be shared by servers behind one address [default: a new one at each start]
    #[arg(long, value_name = "FILE", env = "PTRD_COOKIE_SECRET_FILE")]
    pub cookie_secret_file: Option<PathBuf>,
    /// The longest answer over UDP, octets: 512 to 4096 [default: 1232]
    #[arg(long, value_name = "N", env = "PTRD_UDP_SIZE", value_parser = clap::value_parser!(u16).range(512..=4096))]
    pub udp_size: Option<u16>,
    /// Answers per second over UDP to one network, a /24 or /56; 0 sets no limit. The limits within it, for NXDOMAIN
    /// (of one zone), referrals and errors, are set in proportion: a quarter, a half and a tenth. Clients with a valid
    /// DNS cookie, and all over TCP, are not limited [default: 10000]
    #[arg(long, value_name = "N", env = "PTRD_RATE_LIMIT", value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    pub rate_limit: Option<u32>,
}

/// What to log, and how.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Logs")]
pub struct Logs {
    /// How log lines look; they go to stderr [default: human]
    #[arg(id = "log-format", long = "log-format", value_name = "FORMAT", env = "PTRD_LOG_FORMAT")]
    pub format: Option<LogFormat>,
    /// From which level on to log: error, warn, info, debug or trace; or for parts, as in info,ptrd_listen=debug
    /// [default: info]
    #[arg(id = "log-level", long = "log-level", value_name = "LEVEL", env = "PTRD_LOG_LEVEL")]
    pub level: Option<LogLevel>,
}

impl Settings {
    /// Where the configuration comes from.
    pub fn source(self) -> Source {
        Source::new(self.config.clone(), self.over())
    }

    /// What was given, to lie over the file.
    fn over(self) -> File {
        let Settings { config: _, store, read_only, listen, socket, user, group, workers, answers, logs } =
            self;
        let mut over = File::default();
        over.store.path = at("--store", store);
        over.store.read_only = at("--read-only", read_only.then_some(true));
        over.listen.addresses = at("--listen", listen);
        over.listen.udp_workers = at("--udp-workers", workers.udp_workers.map(Threads));
        over.listen.tcp_threads = at("--tcp-threads", workers.tcp_threads.map(Threads));
        over.answers.version = match answers.hide_version {
            true => at("--hide-version", Some(Text(String::new()))),
            false => at("--version-string", answers.version_string),
        };
        over.answers.server_id = at("--server-id", answers.server_id);
        over.answers.nsid = at("--nsid", answers.nsid);
        over.answers.udp_size = at("--udp-size", answers.udp_size.map(UdpSize));
        over.answers.cookie_secret_file = at("--cookie-secret-file", answers.cookie_secret_file);
        let rates = answers.rate_limit.map(RateLimitSettings::scaled_to);
        let rate = |of: fn(&RateLimitSettings) -> u32| at("--rate-limit", rates.as_ref().map(of));
        over.rate_limit.responses_per_second = rate(|rates| rates.responses_per_second);
        over.rate_limit.nxdomains_per_second = rate(|rates| rates.nxdomains_per_second);
        over.rate_limit.referrals_per_second = rate(|rates| rates.referrals_per_second);
        over.rate_limit.errors_per_second = rate(|rates| rates.errors_per_second);
        over.tcp.connections = at("--tcp-connections", workers.tcp_connections);
        over.admin.socket = at("--socket", socket);
        over.log.format = at("--log-format", logs.format);
        over.log.level = at("--log-level", logs.level);
        over.user.name = at("--user", user);
        over.user.group = at("--group", group);
        over
    }
}

fn at<T>(option: &'static str, value: Option<T>) -> Option<Setting<T>> {
    value.map(|value| Setting { value, place: Place::Option(option) })
}

/// How to receive test messages.
#[derive(Clone, Debug, Args)]
pub struct Probe {
    /// Where to listen; the port is 25 unless given; repeat for each
    #[arg(long, value_name = "ADDRESS[:PORT]", required = true)]
    pub listen: Vec<ListenMail>,
    /// The name of this host, as its PTR has it
    #[arg(long, value_name = "NAME", value_parser = host)]
    pub name: String,
    /// Take messages to recipients in this domain; repeat for each [default: that of --name]
    #[arg(long, value_name = "DOMAIN", value_parser = host)]
    pub domain: Vec<String>,
    /// A chain of certificates, PEM: TLS is offered with it
    #[arg(long, value_name = "FILE", requires = "key")]
    pub certificate: Option<PathBuf>,
    /// Its private key, PEM
    #[arg(long, value_name = "FILE", requires = "certificate")]
    pub key: Option<PathBuf>,
    /// Look names up with this resolver; repeat for each [default: those of /etc/resolv.conf]
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub resolver: Vec<Listen>,
    /// Add a line of JSON for each message to this file [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Answer messages as if they were taken; they are refused otherwise, and kept in neither case
    #[arg(long)]
    pub accept: bool,
}

fn host(text: &str) -> Result<String, String> {
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    match ptrd_posture::host_name(&name) {
        Ok(()) => Ok(name),
        Err(why) => Err(format!("is no name of a host: {why}")),
    }
}

/// What to restore, and from where serials go on.
#[derive(Clone, Debug, Args)]
pub struct Restore {
    /// A file that `ptrctl backup` wrote, or that was kept before an upgrade
    #[arg(value_name = "BACKUP")]
    pub backup: PathBuf,
    #[command(flatten)]
    pub store: StorePlace,
    /// Ask a secondary which serials it holds; repeat for each. `none`: there is no secondary
    /// [default: those of the store that is replaced]
    #[arg(long, value_name = "ask=ADDRESS[:PORT]|none", value_parser = serials)]
    pub serials: Vec<Serials>,
    /// Every zone goes on past this serial
    #[arg(long, value_name = "N")]
    pub serials_past: Option<u32>,
    /// Zones go on past the serials that they have in this store
    #[arg(long, value_name = "FILE")]
    pub serials_from: Option<PathBuf>,
    /// Restore it although something in it is not sound
    #[arg(long)]
    pub force: bool,
    /// Why, for the change log
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Which store a command is about.
#[derive(Clone, Debug, Args)]
pub struct StorePlace {
    /// The SQLite file [default: that of the configuration, in the end /var/lib/ptrd/ptrd.db]
    #[arg(long, value_name = "FILE", env = "PTRD_STORE")]
    pub store: Option<PathBuf>,
    /// The configuration that names it [default: /etc/ptrd/ptrd.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "PTRD_CONFIG")]
    pub config: Option<PathBuf>,
}

impl StorePlace {
    /// The file.
    pub fn path(&self) -> Result<PathBuf, Failure> {
        if let Some(store) = &self.store {
            return Ok(store.clone());
        }
        let settings = Settings { config: self.config.clone(), ..Settings::default() };
        let loaded = settings.source().load().map_err(|rejected| Failure::of(Part::Config, rejected));
        Ok(loaded?.0.store.path)
    }
}

/// Where to learn of serials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serials {
    /// From this server.
    Ask(SocketAddr),
    /// Nowhere: nobody holds any.
    None,
}

fn serials(text: &str) -> Result<Serials, String> {
    match text.split_once('=') {
        Some(("ask", server)) => server.parse().map(|Listen(server)| Serials::Ask(server)),
        None if text == "none" => Ok(Serials::None),
        _ => Err("write ask=ADDRESS, ask=ADDRESS:PORT, or none".to_owned()),
    }
}

/// What to check.
#[derive(Clone, Debug, Args)]
pub struct CheckStore {
    #[command(flatten)]
    pub store: StorePlace,
    /// One JSON object for each finding, and nothing else
    #[arg(long)]
    pub json: bool,
}

/// How to run the demonstration.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// The port for DNS on 127.0.0.1; a free one unless given
    #[arg(long, value_name = "PORT", default_value_t = 0, hide_default_value = true)]
    pub port: u16,
    /// End by itself after so many seconds
    #[arg(long, value_name = "N")]
    pub seconds: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn listen_repeats() {
        let cli = Cli::try_parse_from([
            "ptrd",
            "serve",
            "--listen",
            "127.0.0.1:1",
            "--listen",
            "[::1]:2,127.0.0.1:3",
        ]);
        let Ok(Cli { command: Command::Serve(serve) }) = cli else { panic!("{cli:?}") };
        assert_eq!(serve.settings.listen.map(|listen| listen.len()), Some(3));
        assert!(Cli::try_parse_from(["ptrd", "serve", "--log-level", "loud=="]).is_err());
        assert!(Cli::try_parse_from(["ptrd", "serve", "--hide-version", "--version-string", "x"]).is_err());
    }
}

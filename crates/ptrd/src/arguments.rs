//! The arguments, and the help that teaches them.

use crate::failure::EXIT_STATUSES;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
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
  On all addresses, port 53, with the store in its usual place:
    ptrd serve
  As an ordinary user, to try it:
    ptrd serve --store ./ptrd.db --listen 127.0.0.1:5300 --listen '[::1]:5300' --socket ./admin.sock
  As one of a fleet behind an anycast address:
    ptrd serve --listen 192.0.2.53 --listen 2001:db8::53 --nsid fra1 --cookie-secret-file /etc/ptrd/cookie

SIGTERM and SIGINT stop it: changes that wait are made first, DNS is answered to the end. A second one ends it at once; \
what was acknowledged is durable in either case.";

const DEMO_EXAMPLES: &str = "\
Examples:
  ptrd demo
  ptrd demo --port 5300

Prints commands to try in another terminal. Ctrl-C ends it and removes all that it made.";

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
    /// Runs a server with examples on loopback, and prints commands to try
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(Demo),
}

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// The SQLite file with everything in it; made if it is missing
    #[arg(long, value_name = "FILE", env = "PTRD_STORE", default_value = "/var/lib/ptrd/ptrd.db")]
    pub store: PathBuf,
    /// Where to answer, over UDP and TCP; the port is 53 unless given, 0 takes a free one; repeat for each
    /// [default: all addresses of this host]
    #[arg(long, value_name = "ADDRESS[:PORT]", env = "PTRD_LISTEN", value_delimiter = ',', value_parser = address)]
    pub listen: Vec<SocketAddr>,
    /// The admin socket; its folder is made if it is missing
    #[arg(long, value_name = "PATH", env = "PTRD_SOCKET", default_value = ptrd_api::DEFAULT_SOCKET)]
    pub socket: PathBuf,
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
    /// UDP threads for each address [default: as many as there are cores]
    #[arg(long, value_name = "N", env = "PTRD_UDP_WORKERS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub udp_workers: Option<u16>,
    /// TCP threads for all addresses [default: one for each four cores]
    #[arg(long, value_name = "N", env = "PTRD_TCP_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub tcp_threads: Option<u16>,
    /// TCP connections at a time [default: by the limit of open files, 4096 at most]
    #[arg(long, value_name = "N", env = "PTRD_TCP_CONNECTIONS", value_parser = clap::value_parser!(u32).range(1..))]
    pub tcp_connections: Option<u32>,
}

/// What answers look like.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Answers")]
pub struct Answers {
    /// What version.bind and version.server say [default: ptrd]
    #[arg(long, value_name = "TEXT", env = "PTRD_VERSION_STRING", value_parser = character_string)]
    pub version_string: Option<String>,
    /// Refuse version.bind and version.server
    #[arg(long, env = "PTRD_HIDE_VERSION", conflicts_with = "version_string")]
    pub hide_version: bool,
    /// What id.server and hostname.bind say (RFC 4892); refused unless given
    #[arg(long, value_name = "TEXT", env = "PTRD_SERVER_ID", value_parser = character_string)]
    pub server_id: Option<String>,
    /// The name server identifier (RFC 5001); left out unless given
    #[arg(long, value_name = "TEXT", env = "PTRD_NSID", value_parser = nsid)]
    pub nsid: Option<String>,
    /// Secrets of DNS cookies, 32 hexadecimal digits a line: the present one, and the one before it if there is one.
    /// To be shared by servers behind one address [default: a new one at each start]
    #[arg(long, value_name = "FILE", env = "PTRD_COOKIE_SECRET_FILE")]
    pub cookie_secret_file: Option<PathBuf>,
    /// The longest answer over UDP, octets: 512 to 4096
    #[arg(long, value_name = "N", env = "PTRD_UDP_SIZE", default_value_t = 1232,
          value_parser = clap::value_parser!(u16).range(512..=4096))]
    pub udp_size: u16,
}

/// What to log, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Logs")]
pub struct Logs {
    /// How log lines look; they go to stderr
    #[arg(
        id = "log-format",
        long = "log-format",
        value_name = "FORMAT",
        env = "PTRD_LOG_FORMAT",
        default_value = "human"
    )]
    pub format: LogFormat,
    /// From which level on to log: error, warn, info, debug or trace; or for parts, as in info,ptrd_listen=debug
    #[arg(id = "log-level", long = "log-level", value_name = "LEVEL", env = "PTRD_LOG_LEVEL", default_value = "info",
          value_parser = crate::logs::check)]
    pub level: String,
}

impl Logs {
    /// What a program with a user in front of it says.
    pub fn quiet() -> Logs {
        Logs { format: LogFormat::Human, level: "warn".to_owned() }
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    Human,
    /// One JSON object a line
    Json,
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

/// Where to listen unless told otherwise.
pub const WILDCARDS: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), PORT),
];
const PORT: u16 = 53;

fn address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address: Result<IpAddr, _> = bare.parse();
    address.map(|address| SocketAddr::new(address, PORT)).map_err(|_| {
        "no address; write 192.0.2.53, 192.0.2.53:5300, 2001:db8::53 or [2001:db8::53]:5300".to_owned()
    })
}

fn character_string(text: &str) -> Result<String, String> {
    // RFC 1035 §3.3: one <character-string>.
    if text.len() > 255 { Err("at most 255 octets".to_owned()) } else { Ok(text.to_owned()) }
}

fn nsid(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 64 { Err("1 to 64 octets".to_owned()) } else { Ok(text.to_owned()) }
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
    fn addresses_have_a_port_or_get_53() {
        for (text, expected) in [
            ("192.0.2.53", "192.0.2.53:53"),
            ("192.0.2.53:5300", "192.0.2.53:5300"),
            ("2001:db8::53", "[2001:db8::53]:53"),
            ("[2001:db8::53]", "[2001:db8::53]:53"),
            ("[2001:db8::53]:0", "[2001:db8::53]:0"),
        ] {
            assert_eq!(address(text).map(|address| address.to_string()), Ok(expected.to_owned()));
        }
        assert!(address("localhost:53").is_err() && address("192.0.2.53:").is_err());
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
        assert_eq!(serve.listen.len(), 3);
        assert!(Cli::try_parse_from(["ptrd", "serve", "--log-level", "loud=="]).is_err());
        assert!(Cli::try_parse_from(["ptrd", "serve", "--hide-version", "--version-string", "x"]).is_err());
    }
}

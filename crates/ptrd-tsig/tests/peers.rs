//! Transfers from Knot and NSD: our requests are taken, their streams verified, and their refusals understood.

use hickory_proto::op::Message;
use hickory_proto::rr::RecordType;
use ptrd_tsig::{Algorithm, AnswerError, Key, sign_request};
use std::fmt::Write as _;
use std::io::{self, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

const PATIENCE: Duration = Duration::from_secs(20);
const NAMES: usize = 60_000;

struct Peer {
    process: Child,
    address: SocketAddr,
    folder: tempfile::TempDir,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn key(secret: &[u8]) -> Key {
    Key::new("Transfer.Example".parse().expect("a name"), Algorithm::HmacSha256, secret).expect("a key")
}

fn zone() -> String {
    let mut text = "$ORIGIN z.example.\n$TTL 60\n@ SOA ns h 1 2 3 4 5\n@ NS ns.example.net.\n".to_owned();
    for n in 0..NAMES {
        writeln!(text, "host-{n} TXT \"{}\"", "x".repeat(90)).expect("a string");
    }
    text
}

fn knot(key: &Key, address: SocketAddr, folder: &Path) -> (&'static str, Vec<String>, String) {
    let (folder, port) = (folder.display(), address.port());
    let text = format!(
        "server:\n  listen: 127.0.0.1@{port}\n  rundir: \"{folder}\"\ndatabase:\n  storage: \"{folder}\"\n\
         {}acl:\n  - id: transfers\n    key: Transfer.Example\n    action: transfer\n\
         zone:\n  - domain: z.example\n    storage: \"{folder}\"\n    file: zone\n    acl: transfers\n",
        key.to_knot()
    );
    ("knotd", vec!["-c".to_owned()], text)
}

fn nsd(key: &Key, address: SocketAddr, folder: &Path) -> (&'static str, Vec<String>, String) {
    let (folder, port) = (folder.display(), address.port());
    let text = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  database: \"\"\n  chroot: \"\"\n  zonesdir: \"{folder}\"\n  \
         pidfile: \"{folder}/pid\"\n  xfrdfile: \"{folder}/xfrd\"\n  zonelistfile: \"{folder}/list\"\n  \
         xfrdir: \"{folder}\"\n  server-count: 1\nremote-control:\n  control-enable: no\n\
         {}zone:\n  name: z.example\n  zonefile: zone\n  provide-xfr: 127.0.0.1 Transfer.Example\n",
        key.to_nsd()
    );
    ("nsd", vec!["-d".to_owned(), "-c".to_owned()], text)
}

type Configuration = fn(&Key, SocketAddr, &Path) -> (&'static str, Vec<String>, String);

/// The server, once it answers; `None`, and a word of it, where it is not installed.
fn start(configuration: Configuration) -> Option<Peer> {
    let folder = tempfile::tempdir().expect("a folder");
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let address = free.expect("a free port");
    let (program, arguments, text) = configuration(&key(b"shared"), address, folder.path());
    std::fs::write(folder.path().join("zone"), zone()).expect("a zone");
    let file = folder.path().join("configuration");
    std::fs::write(&file, text).expect("a configuration");
    let mut command = Command::new(program);
    let process = command.args(arguments).arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    match process {
        Ok(process) => Some(Peer { process, address, folder }),
        Err(error) => {
            println!("left out: {program}: {error}");
            None
        }
    }
}

fn unix_time() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs()
}

/// What came of a transfer: messages, signed ones, records.
type Transferred = (usize, usize, usize);

fn transfer(peer: &Peer, key: &Key, time: u64) -> io::Result<Result<Transferred, AnswerError>> {
    let mut request = b"\x2a\x2a\0\0\0\x01\0\0\0\0\0\0\x01z\x07example\0\0\xfc\0\x01".to_vec();
    let length = request.len();
    request.resize(512, 0);
    let (length, mut awaiting) = sign_request(key, &mut request, length, time).expect("room");
    let mut stream = TcpStream::connect(peer.address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(&[&(length as u16).to_be_bytes(), &request[..length]].concat())?;
    let (mut messages, mut signed, mut records, mut ends) = (0, 0, 0, 0);
    while ends < 2 {
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut message)?;
        match awaiting.accept(&message, unix_time()) {
            Ok(accepted) => signed += usize::from(accepted.signed),
            Err(error) => return Ok(Err(error)),
        }
        let decoded = Message::from_vec(&message).expect("a message");
        if decoded.answers.is_empty() {
            return Err(io::Error::other("not loaded yet"));
        }
        messages += 1;
        records += decoded.answers.len();
        ends += decoded.answers.iter().filter(|record| record.record_type() == RecordType::SOA).count();
    }
    Ok(awaiting.finish().map(|()| (messages, signed, records)))
}

/// The transfer, once the server is there.
fn eventually(peer: &Peer, key: &Key, time: u64) -> Result<Transferred, AnswerError> {
    let begun = Instant::now();
    loop {
        match transfer(peer, key, time) {
            Ok(result) => return result,
            Err(error) => {
                assert!(begun.elapsed() < PATIENCE, "{error}; {:?}", peer.folder.path());
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

fn run(configuration: Configuration) {
    let Some(peer) = start(configuration) else { return };
    let ours = key(b"shared");
    let (messages, signed, records) = eventually(&peer, &ours, unix_time()).expect("a transfer");
    assert_eq!(records, NAMES + 3);
    assert!(messages > 150, "{messages} messages");
    println!("{signed} of {messages} messages are signed");
    let wrong = eventually(&peer, &key(b"other"), unix_time()).expect_err("another secret");
    assert_eq!(wrong, AnswerError::PeerFindsMacWrong { key: ours.name().clone() });
    let nobody = Key::new("nobody".parse().expect("a name"), Algorithm::HmacSha256, b"x").expect("a key");
    let wrong = eventually(&peer, &nobody, unix_time()).expect_err("another key");
    assert!(matches!(wrong, AnswerError::PeerKnowsNoKey { .. }), "{wrong}");
    let wrong = eventually(&peer, &ours, unix_time() + 1000).expect_err("another time");
    match wrong {
        // By our clock as it is, the peer's is right.
        AnswerError::PeerClock { ahead: -2..=2 } => {}
        // NSD does not sign it, against RFC 8945 §5.2.3.
        AnswerError::PeerErrorUnsigned { error: 18, .. } => assert!(wrong.to_string().contains("BADTIME")),
        _ => panic!("{wrong}"),
    }
}

#[test]
fn transfers_from_knot() {
    run(knot);
}

#[test]
fn transfers_from_nsd() {
    run(nsd);
}

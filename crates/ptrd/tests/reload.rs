//! Reading the configuration again while queries come in.

mod common;

use common::{RAISED, Server, Stream, eventually, program, query};
use std::net::UdpSocket;
use std::path::PathBuf;

struct Reloaded {
    server: Server,
    file: PathBuf,
}

impl Reloaded {
    fn start(text: &str) -> Reloaded {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ptrd.toml");
        std::fs::write(&file, text).expect("written");
        let mut command = program();
        command.args(Server::arguments(folder.path())).args(RAISED).arg("--config").arg(&file);
        Reloaded { server: Server::run(command, folder), file }
    }

    /// In one step, as whoever reads it at the same time would have it.
    fn write(&self, text: &str) {
        let new = self.file.with_extension("new");
        std::fs::write(&new, text).expect("written");
        std::fs::rename(new, &self.file).expect("moved");
    }

    fn reload(&self, target: &str) -> (u16, serde_json::Value) {
        let answer = self.server.request("POST", target, "");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        (status, serde_json::from_str(body).expect("JSON"))
    }

    /// Whether an answer carries this NSID.
    fn has_nsid(&self, nsid: &str) -> bool {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
        socket.set_read_timeout(Some(common::PATIENCE)).expect("a timeout");
        let mut query = query(1);
        query[11] = 1;
        // OPT with an empty NSID option (RFC 5001 §2.1).
        query.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 4, 0, 3, 0, 0]);
        socket.send_to(&query, self.server.dns).expect("sent");
        let mut reply = [0; 512];
        let length = socket.recv(&mut reply).expect("a reply");
        reply[..length].windows(nsid.len()).any(|window| window == nsid.as_bytes())
    }
}

#[test]
fn a_hundred_reloads_lose_no_query() {
    let it = Reloaded::start("[answers]\nnsid = 'before'\n");
    it.server.fill();
    let streams: Vec<Stream> = (0..2).map(|_| Stream::start(it.server.dns)).collect();
    for n in 0..100 {
        it.write(&format!(
            "[answers]\nnsid = 'nsid-{n}'\nudp-size = {}\n[tcp]\nconnections = {}\n",
            1232 + n,
            50 + n
        ));
        if n % 2 == 0 {
            it.server.process.signal("HUP");
            eventually("the new NSID", || it.has_nsid(&format!("nsid-{n}")));
        } else {
            let (status, done) = it.reload("/v1/reload");
            assert_eq!((status, done["applied"].as_array().map(Vec::len)), (200, Some(3)), "{done}");
        }
        streams.iter().for_each(|stream| stream.advance(50));
    }
    assert!(it.has_nsid("nsid-99"));
    let answered: u64 = streams.into_iter().map(Stream::finish).sum();
    assert!(answered >= 10_000, "{answered}");
}

#[test]
fn what_takes_a_restart_is_named_until_it_has_one() {
    let it = Reloaded::start("");
    it.write("[listen]\nudp-workers = 5\n[log]\nlevel = 'debug'\n");
    let (status, tried) = it.reload("/v1/reload?dry_run=true");
    assert_eq!((status, tried["dry_run"].as_bool()), (200, Some(true)));
    for turn in 0..2 {
        let (status, done) = it.reload("/v1/reload");
        assert_eq!((status, done["file"].as_str()), (200, it.file.to_str()));
        assert_eq!(done["restart"][0]["key"], "listen.udp-workers");
        assert_eq!((&done["restart"][0]["before"], &done["restart"][0]["after"]), (&"0".into(), &"5".into()));
        let applied = done["applied"].as_array().expect("a list");
        assert_eq!(applied.len(), 1 - turn, "once it is in force it is no change: {done}");
    }
    it.write("");
    let (_, done) = it.reload("/v1/reload");
    assert_eq!(
        (done["restart"].as_array().map(Vec::len), done["applied"][0]["after"].as_str()),
        (Some(0), Some("\"info\""))
    );
}

#[test]
fn a_broken_file_keeps_what_is_running_and_says_why() {
    let mut it = Reloaded::start("[answers]\nnsid = 'sound'\n");
    it.write("[answers]\nnsid = 'other'\nudp-size = 'large'\n[tpc]\n[user]\nname = 'no-such-user'\n");
    let (status, problem) = it.reload("/v1/reload");
    assert_eq!(
        (status, problem["code"].as_str(), &problem["errors_total"]),
        (422, Some("invalid"), &3.into())
    );
    assert_eq!(problem["errors"][0]["line"], 3);
    assert!(
        problem["errors"][1]["message"].as_str().is_some_and(|text| text.contains("did you mean [tcp]?"))
    );
    assert!(it.has_nsid("sound"));
    it.write("[answers]\nnsid = 'third'\n");
    assert_eq!(it.reload("/v1/reload").0, 200);
    assert!(it.has_nsid("third"));
    it.server.process.signal("TERM");
    let log = it.server.process.complaint();
    let user = "tpc: there is no such section; did you mean [tcp]?";
    assert!(log.contains(user) && log.contains("the configuration was not reloaded"), "{log}");
    assert!(log.contains("(socket pid ") && log.contains(r#"answers.nsid: \"sound\" -> \"third\""#), "{log}");
}

#[test]
fn another_secret_in_the_same_file_is_a_change() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "e5e973e5a6b2a43f48e7dc849e37bfcf\n").expect("written");
    let it = Reloaded::start(&format!("[answers]\ncookie-secret-file = '{}'\n", secret.display()));
    let none: Vec<serde_json::Value> = Vec::new();
    assert_eq!(it.reload("/v1/reload").1["applied"].as_array(), Some(&none));
    std::fs::write(&secret, "445536bcd2513298075a5d379663c962\ne5e973e5a6b2a43f48e7dc849e37bfcf\n")
        .expect("written");
    let (_, done) = it.reload("/v1/reload");
    assert_eq!(done["applied"][0]["key"], "answers.cookie-secret-file");
    std::fs::write(&secret, "short\n").expect("written");
    let (status, problem) = it.reload("/v1/reload");
    assert!(status == 422 && problem.to_string().contains("line 1: a cookie secret is 32"), "{problem}");
}

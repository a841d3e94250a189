//! The webhook over HTTPS: whom it trusts, what it makes of answers, that it forgets nothing.

mod common;

use common::hook::{Authority, Deed, Hook, Message};
use common::{Server, eventually, program};
use std::fmt::Write as _;
use std::io::Read;
use std::process::Command;
use std::sync::{Arc, Mutex};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// A daemon whose webhook is there, and what it logs.
struct Told {
    server: Server,
    log: Arc<Mutex<String>>,
}

fn run(folder: tempfile::TempDir, hook: &Hook) -> Told {
    let path = |name: &str| folder.path().join(name).display().to_string();
    let text = format!(
        "[checks]\nresolvers = ['127.0.0.1:9']\nwebhook = 'https://{}/hook?who=ptrd'\nwebhook-ca-file = '{}'\n\
         webhook-secret-file = '{}'\n",
        hook.address,
        path("ca.pem"),
        path("secret"),
    );
    std::fs::write(folder.path().join("secret"), format!("{SECRET}\n")).expect("written");
    std::fs::write(folder.path().join("ptrd.toml"), text).expect("written");
    let mut command = program();
    command.args(Server::arguments(folder.path())).arg("--config").arg(folder.path().join("ptrd.toml"));
    let mut server = Server::run(command, folder);
    let log = Arc::new(Mutex::new(String::new()));
    let (mut stderr, kept) = (server.process.0.stderr.take().expect("a pipe"), log.clone());
    std::thread::spawn(move || {
        let mut piece = [0; 4096];
        while let Ok(length @ 1..) = stderr.read(&mut piece) {
            kept.lock().expect("a lock").push_str(&String::from_utf8_lossy(&piece[..length]));
        }
    });
    Told { server, log }
}

impl Told {
    /// A block whose names are looked at, and a zone with the name of an address.
    fn start(authority: &Authority, hook: &Hook) -> Told {
        let folder = tempfile::tempdir().expect("a folder");
        authority.put(&folder.path().join("ca.pem"));
        let told = run(folder, hook);
        for body in [
            r#"{"kind":"tenant-add","name":"acme"}"#,
            r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme","fcrdns":"warn"}"#,
            r#"{"kind":"zone-add","apex":"mail.example","tenant":"acme"}"#,
            r#"{"kind":"record-set","owner":"ok.mail.example","type":"A","data":["192.0.2.1"]}"#,
            r#"{"kind":"ptr-set","address":"192.0.2.1","names":["ok.mail.example"]}"#,
        ] {
            told.change(body);
        }
        told
    }

    fn change(&self, body: &str) {
        let answer = self.server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{body}: {answer}");
    }

    /// Has all names looked at.
    fn look(&self) {
        let answer = self.server.request("POST", "/v1/checks", r#"{"within":"192.0.2.0/24"}"#);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }

    fn log(&self) -> String {
        self.log.lock().expect("a lock").clone()
    }

    /// The same daemon once more.
    fn again(mut self, hook: &Hook) -> Told {
        self.server.process.signal("TERM");
        assert!(self.server.process.wait().success());
        run(self.server.folder, hook)
    }
}

/// What is told of the one address.
fn told(message: &Message) -> (String, String) {
    let change = &message.json()["changes"][0];
    assert_eq!(change["address"], "192.0.2.1");
    let word = |field: &str| change[field].as_str().unwrap_or("new").to_owned();
    (word("from"), word("to"))
}

/// What openssl makes of a body and the secret.
fn signature(body: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("body"), body).expect("written");
    let output = Command::new("openssl")
        .args(["dgst", "-sha256", "-mac", "HMAC", "-macopt", &format!("key:{SECRET}")])
        .arg(folder.path().join("body"))
        .output()
        .expect("openssl runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.trim().rsplit(' ').next().expect("a digest").to_owned()
}

#[test]
fn a_message_is_sent_again_until_it_is_taken() {
    let authority = Authority::new();
    let deeds = [Deed::Answer(500), Deed::Redirect, Deed::Cut];
    let hook = Hook::start(authority.server("127.0.0.1"), &deeds);
    let daemon = Told::start(&authority, &hook);
    daemon.look();
    let messages: Vec<Message> = (0..4).map(|_| hook.next()).collect();
    for (message, deed) in messages.iter().zip(deeds.into_iter().chain([Deed::Answer(204)])) {
        assert_eq!(message.deed, deed);
        // Nobody is followed elsewhere: the secret signs for whom the configuration names.
        assert_eq!(message.line, "POST /hook?who=ptrd");
        assert_eq!(message.body, messages[0].body);
        assert_eq!(message.signature, format!("sha256={}", signature(&message.body)));
        assert_eq!(told(message), ("new".to_owned(), "verified".to_owned()));
    }
    let log = daemon.log();
    for said in ["500", "302", "redirects are not followed", "again=1s", "again=2s", "again=4s"] {
        assert!(log.contains(said), "{said}: {log}");
    }
    assert!(!log.contains("who=ptrd"), "what may be secret in the URL is not logged: {log}");
    // Taken, it is not sent again; what comes next is.
    daemon.change(r#"{"kind":"record-set","owner":"ok.mail.example","type":"A","data":["192.0.2.9"]}"#);
    daemon.look();
    assert_eq!(told(&hook.next()), ("verified".to_owned(), "failing".to_owned()));
}

#[test]
fn another_server_is_told_nothing() {
    let (authority, other) = (Authority::new(), Authority::new());
    for (tls, said) in [
        (other.server("127.0.0.1"), "invalid peer certificate"),
        (authority.server("other.example"), "not valid for name"),
        (authority.server("127.0.0.2"), "not valid for name"),
    ] {
        let hook = Hook::start(tls, &[]);
        let daemon = Told::start(&authority, &hook);
        daemon.look();
        eventually("it is said why", || daemon.log().contains("the webhook was not told"));
        assert!(daemon.log().contains(said), "{said}: {}", daemon.log());
        assert!(hook.messages.try_recv().is_err(), "told all the same");
        hook.show(authority.server("127.0.0.1"));
        assert_eq!(
            told(&hook.next()),
            ("new".to_owned(), "verified".to_owned()),
            "told once it is the right one"
        );
    }
}

#[test]
fn one_that_is_slow_or_has_no_end_holds_up_nothing() {
    let authority = Authority::new();
    let hook = Hook::start(authority.server("127.0.0.1"), &[Deed::Silence, Deed::Endless]);
    let daemon = Told::start(&authority, &hook);
    daemon.look();
    assert_eq!(hook.next().deed, Deed::Silence);
    assert_eq!(daemon.server.ask(1), 0, "questions are answered");
    daemon.change(r#"{"kind":"ptr-set","address":"192.0.2.2","names":["two.mail.example"]}"#);
    assert_eq!(hook.next().deed, Deed::Endless);
    // It said 200, and what it says besides does not matter.
    daemon.change(r#"{"kind":"record-set","owner":"ok.mail.example","type":"A","data":["192.0.2.9"]}"#);
    daemon.look();
    eventually("the next", || {
        hook.messages
            .try_recv()
            .is_ok_and(|message| told(&message) == ("verified".to_owned(), "failing".to_owned()))
    });
    assert!(daemon.log().contains("no answer in time"), "{}", daemon.log());
}

#[test]
fn what_was_not_told_is_told_after_a_restart() {
    let authority = Authority::new();
    let hook = Hook::start(authority.server("127.0.0.1"), &[Deed::Answer(503); 100]);
    let daemon = Told::start(&authority, &hook);
    daemon.look();
    assert_eq!(told(&hook.next()), ("new".to_owned(), "verified".to_owned()));
    // What changes meanwhile is told as it is by then, with what it was before.
    daemon.change(r#"{"kind":"record-set","owner":"ok.mail.example","type":"A","data":["192.0.2.9"]}"#);
    daemon.look();
    let daemon = daemon.again(&hook);
    hook.then(&[]);
    let mut last = String::new();
    eventually("it is told", || {
        let Ok(message) = hook.messages.try_recv() else { return false };
        let _ = write!(last, "{:?} {:?}; ", message.deed, told(&message));
        message.deed == Deed::Answer(204)
    });
    assert!(last.ends_with("Answer(204) (\"verified\", \"failing\"); "), "{last}");
    let daemon = daemon.again(&hook);
    daemon.look();
    daemon.look();
    assert!(hook.messages.try_recv().is_err(), "what was told is not told again");
}

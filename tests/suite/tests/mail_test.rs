//! `ptrctl mail-test` through Postfix and Exim of Debian to `ptrd probe`, and to the other of both, which keeps what it gets: each
//! message is told by its mark, in what the probe recorded and in messages as they were kept.

use ptrd_suite::daemon::{PATIENCE, program};
use ptrd_suite::internet::isolated;
use ptrd_suite::mailers::{BLOCKS, Machine, Mailer, SENDING, World};
use ptrd_testkit::until;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

/// Where messages are kept.
const BOX: [&str; 2] = ["185.12.14.1/24", "2a0c:abcf::1/64"];
const ROUTER: [&str; 2] = ["185.12.14.254/24", "2a0c:abcf::fe/64"];
/// Recipients, each reached over one family.
const TO: [&str; 4] =
    ["a@v4.mail.example", "a@v6.mail.example", "a@box4.mail.example", "a@box6.mail.example"];

/// A machine that keeps messages, and where.
fn mailbox(folder: &Path, mailer: Mailer) -> Option<(Machine, PathBuf)> {
    let machine = Machine::start(folder, mailer, "box")?;
    machine.connect(&ROUTER, &BOX);
    // Between it and the sender there is this network.
    for file in ["ipv4/ip_forward", "ipv6/conf/all/forwarding"] {
        fs::write(Path::new("/proc/sys/net").join(file), "1").expect("packets go through");
    }
    let kept = mailer.keeps(&machine, &["box4.mail.example", "box6.mail.example"]);
    mailer.start(&machine);
    let kept = machine.path(kept);
    Some((machine, kept))
}

struct Test<'a> {
    world: &'a World,
    folder: &'a Path,
    kept: PathBuf,
}

impl Test<'_> {
    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let socket = self.world.daemon.socket.to_str().expect("a path");
        [&["--socket", socket, "mail-test"], more].concat()
    }

    /// Sends on the sender's machine.
    fn send(&self, more: &[&str], state: &str) -> String {
        let (ptrctl, state) = (program("ptrctl").display().to_string(), self.state(state));
        let words = [self.arguments(&[]), [more, &["--state", &state, "--pause", "0"]].concat()].concat();
        let output = self.world.machine.feed(&[&[ptrctl.as_str()], &words[..]].concat(), "");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{words:?}: {}\n{out}{err}", output.status);
        out.into_owned()
    }

    fn state(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn looked(&self, what: &Path, state: &str, more: &[&str]) -> Output {
        let (what, state) = (what.display().to_string(), self.state(state));
        self.world.daemon.ptrctl(&[&["mail-test", "--match", &what, "--state", &state], more].concat())
    }

    /// How many messages are kept, and how many with marks the probe saw.
    fn arrived(&self) -> (usize, usize) {
        let kept = fs::read_dir(&self.kept).map(Iterator::count).unwrap_or_default();
        let record = fs::read_to_string(self.world.probe.record()).unwrap_or_default();
        (kept, record.matches("\"mark\":").count())
    }
}

fn is_matched(mailer: Mailer, receiver: Mailer) {
    isolated(move || {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(world) = World::start(folder.path(), mailer) else { return };
        let Some((_machine, kept)) = mailbox(folder.path(), receiver) else { return };
        let test = Test { world: &world, folder: folder.path(), kept };
        left_alone_all_leaves_from_elsewhere(&test);
        world.tell(folder.path());
        each_address_is_accounted_for(&test);
        what_was_kept_is_read(&test);
        a_program_takes_messages_too(&test);
    });
}

/// Before the mail server is told.
fn left_alone_all_leaves_from_elsewhere(test: &Test<'_>) {
    test.send(&["--from", "185.12.13.1", "--to", TO[2], "--via", "127.0.0.1:25"], "alone");
    until("kept", PATIENCE, || test.arrived() == (1, 0), || format!("{:?}", test.arrived()));
    let output = test.looked(&test.kept, "alone", &[]);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(13), "{out}");
    assert!(out.contains("left from 185.12.13.9, which is not for it"), "{out}");
}

fn each_address_is_accounted_for(test: &Test<'_>) {
    let to = [&["--to"], &TO[..]].concat();
    let out = test.send(&[&["--from"], &BLOCKS[..], &to, &["--via", "localhost:25"]].concat(), "all");
    assert!(out.contains("20 messages handed over"), "{out}");
    // The third address has no IPv6, so two of its four messages stay.
    until("all there", PATIENCE, || test.arrived() == (1 + 9, 9), || format!("{:?}", test.arrived()));
    for place in [test.world.probe.record(), test.kept.as_path()] {
        let output = test.looked(place, "all", &["--json"]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(0), "{text}");
        let account: Value = serde_json::from_str(&text).expect("JSON");
        let addresses = account["addresses"].as_array().expect("addresses");
        assert_eq!(addresses.len(), SENDING.len());
        for (address, helo, _) in SENDING {
            let found = addresses.iter().find(|one| one["address"] == address).expect("the address");
            assert_eq!(
                (found["helo"].as_str(), found["grade"].as_str()),
                (Some(helo), Some("pass")),
                "{found}"
            );
        }
        let seen = account["seen"].as_array().expect("what was seen");
        assert_eq!(seen.len(), 9, "{text}");
        for one in seen {
            assert!(one["at"].is_i64() && one["source"].is_string() && one["text"].is_string(), "{one}");
            let verdicts = one["verdicts"].as_array().expect("verdicts");
            let is_pass =
                |what: &str| verdicts.iter().any(|one| one["what"] == what && one["grade"] == "pass");
            assert!(is_pass("iprev") && is_pass("helo-equals-ptr"), "{one}");
        }
    }
}

/// By `ptrctl inspect`, held against what ptrd has of the addresses.
fn what_was_kept_is_read(test: &Test<'_>) {
    let files: Vec<String> = fs::read_dir(&test.kept)
        .expect("messages")
        .map(|entry| entry.expect("a message").path().display().to_string())
        .collect();
    let mut names: Vec<String> = Vec::new();
    for file in &files {
        let output = test.world.daemon.ptrctl(&["inspect", "--json", file]);
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let seen = &document["seen"];
        let grade = |what: &str| {
            let verdicts = seen["verdicts"].as_array().expect("verdicts");
            verdicts.iter().find(|one| one["what"] == what).map(|one| one["grade"].clone())
        };
        assert_eq!(grade("iprev"), Some("pass".into()), "{document}");
        assert_eq!(grade("ptr-expected"), Some("pass".into()), "{document}");
        if seen["address"] != "185.12.13.9" {
            assert_eq!(grade("helo-expected"), Some("pass".into()), "{document}");
            assert_eq!(output.status.code(), Some(0), "{document}");
        }
        names.push(seen["helo"].as_str().expect("a name").to_owned());
    }
    names.sort();
    names.dedup();
    assert_eq!(
        names,
        ["machine.mail.example", "out1.mail.example", "out2.mail.example", "out3.mail.example"]
    );
}

fn a_program_takes_messages_too(test: &Test<'_>) {
    test.send(&["--from", "185.12.13.2", "--to", TO[2], "--sendmail", "/usr/sbin/sendmail"], "program");
    until("kept", PATIENCE, || test.arrived() == (1 + 9 + 1, 9), || format!("{:?}", test.arrived()));
    let output = test.looked(&test.kept, "program", &[]);
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(out.contains("left from this address, with its name"), "{out}");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(err.contains("10 that came back have marks of no message of this test"), "{err}");
}

#[test]
fn postfix_to_exim() {
    is_matched(Mailer::Postfix, Mailer::Exim);
}

#[test]
fn exim_to_postfix() {
    is_matched(Mailer::Exim, Mailer::Postfix);
}

/// What of Exim's example is otherwise where it takes mail from elsewhere: the submission port, TLS, and who may.
const SUBMISSION: &str = "daemon_smtp_ports = 25 : 587\ntls_advertise_hosts = *\ntls_certificate = /etc/exim4/cert.pem\n\
     tls_privatekey = /etc/exim4/key.pem\n";
const AUTHENTICATOR: &str = "begin authenticators\nplain:\n  driver = plaintext\n  public_name = PLAIN\n  server_prompts = :\n  \
     server_condition = ${if and {{eq{$auth2}{tester}}{eq{$auth3}{se:cret}}}}\n  server_set_id = $auth2\n  \
     server_advertise_condition = ${if def:tls_in_cipher}\n";

/// From another host, over TLS, with a password; the certificate is checked, and a password that is wrong is tried once.
#[test]
fn exim_takes_messages_from_elsewhere() {
    isolated(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let Some(world) = World::start(folder, Mailer::Exim) else { return };
        let made = rcgen::generate_simple_self_signed(vec!["185.12.13.9".to_owned()]).expect("a pair");
        world.machine.write("/etc/exim4/cert.pem", &made.cert.pem());
        world.machine.write("/etc/exim4/key.pem", &made.signing_key.serialize_pem());
        let file = "/etc/exim4/exim4.conf";
        let text = world.machine.read(file).replace("begin authenticators\n", AUTHENTICATOR);
        // As a note of `ptrctl mta exim` says: else the login takes the sender's place.
        let text = text.replace("= submission\n", "= submission/sender_retain\n");
        world.machine.write(file, &(SUBMISSION.to_owned() + &text));
        world.tell(folder);
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("for us alone");
            path.display().to_string()
        };
        let (authority, right, wrong) = (
            write("ca.pem", &made.cert.pem()),
            write("right", "tester:se:cret\n"),
            write("wrong", "tester:x\n"),
        );
        let send = |auth: &str, state: &str, more: &[&str]| {
            let state = folder.join(state).display().to_string();
            let common =
                ["mail-test", "--from", BLOCKS[0], "--to", TO[0], "--via", "185.12.13.9", "--pause", "0"];
            let output =
                world.daemon.ptrctl(&[&common[..], &["--auth", auth, "--state", &state], more].concat());
            let text = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8_lossy(&text).into_owned())
        };
        let (code, text) = send(&right, "unknown", &[]);
        assert!(code == Some(1) && text.contains("after 0 messages: "), "{text}");
        let (code, text) = send(&wrong, "denied", &["--ca-file", &authority]);
        assert!(code == Some(1) && text.contains("after 0 messages: ") && text.contains("535"), "{text}");
        assert_eq!(world.machine.read("/var/log/exim4/mainlog").matches("authenticator failed").count(), 1);
        let (code, text) = send(&right, "sent", &["--ca-file", &authority]);
        assert!(code == Some(0) && text.contains("3 messages handed over"), "{text}");
        let test = Test { world: &world, folder, kept: folder.join("none") };
        until("all there", PATIENCE, || test.arrived().1 == 3, || format!("{:?}", test.arrived()));
        let output = test.looked(world.probe.record(), "sent", &[]);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
        let output = test.looked(world.probe.record(), "denied", &[]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.code() == Some(13) && text.contains("not sent: "), "{text}");
    });
}

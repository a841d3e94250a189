//! What is found of nameservers, as text: `rir_check.txt`.
//!
//! `$ ` begins a zone: servers as NAME/ADDRESS, each with its faults after `:`, in their order; `+NAME/ADDRESS` is one that the
//! zone names and the delegation does not, `-` before `NAME` one that has no address. Below it stand the findings of NOTICE and
//! above. `~ ` begins the same a day later; below it stands what is otherwise.
//!
//! Replies are made as messages and read as those of servers are.
#![allow(missing_docs)]

use ptrd_posture::rir::check::{
    Ask, Drift, Finding, Host, Level, Profile, Reply, Seen, Server, State, asks, drift, judge,
};
use ptrd_posture::rir::{Ds, Name};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

const APEX: &str = "2.0.192.in-addr.arpa.";

struct Sim<'a> {
    faults: BTreeSet<&'a str>,
    names: Vec<String>,
}

impl Sim<'_> {
    fn has(&self, fault: &str) -> bool {
        self.faults.contains(fault)
    }

    fn value(&self, key: &str) -> Option<&str> {
        self.faults.iter().find_map(|fault| fault.strip_prefix(key)?.strip_prefix('='))
    }

    /// What a server with these faults sends.
    fn reply(&self, ask: Ask, apex: &Name) -> Option<Reply> {
        let question = ask.question(apex);
        if self.has("silent")
            || self.has("no-tcp") && ask.tcp()
            || self.has("no-udp") && !ask.tcp()
            || self.has("drops-aaaa") && ask == Ask::Aaaa
            || self.has("drops-edns") && question.edns.is_some()
        {
            return None;
        }
        let (mut flags, mut rcode, mut answer, mut authority) = (0x8400u16, 0u16, Vec::new(), Vec::new());
        let mut opt = question.edns.map(|_| (0u8, 0u8, 0u16, None));
        match ask {
            Ask::Outside | Ask::Root => (flags, rcode) = (0x8000, 5),
            Ask::Case | Ask::OtherCase => (rcode, authority) = (3, vec![self.soa()]),
            Ask::EdnsVersion => (flags, rcode) = (0x8000, 16),
            Ask::Ns | Ask::NsTcp => answer = self.ns(),
            Ask::A | Ask::Aaaa | Ask::Dnskey | Ask::Nsec | Ask::Nsec3Param | Ask::Cds => {
                authority = vec![self.soa()]
            }
            _ => answer = vec![self.soa()],
        }
        match ask {
            Ask::Outside if self.has("recursor") => flags |= 0x0080,
            Ask::Outside if self.has("says-no") => rcode = 3,
            Ask::Root if self.has("upward") => {
                (rcode, authority) = (0, vec![record(".", 2, &name("a.root-servers.net."))])
            }
            Ask::EdnsVersion if self.has("edns-1") => (rcode, answer) = (0, vec![self.soa()]),
            Ask::EdnsOption if self.has("echoes-option") => opt = Some((0, 0, 0, Some(137))),
            Ask::EdnsOption if self.has("formerr-option") => (rcode, answer) = (1, Vec::new()),
            Ask::Aaaa if self.has("nxdomain-aaaa") => rcode = 3,
            Ask::OtherCase if self.has("case") => rcode = 0,
            Ask::Soa if self.has("two-soa") => answer.push(self.soa_with(99)),
            _ => (),
        }
        if self.has("lame") && ask != Ask::EdnsVersion {
            (flags, rcode, answer, authority) = (0x8000, 5, Vec::new(), Vec::new());
        }
        if self.has("not-aa") {
            flags &= !0x0400;
        }
        if self.has("no-opt") {
            opt = None;
            rcode &= 0xF;
        }
        let mut octets = question.octets(7);
        octets.truncate(12 + question.name.as_wire().len() + 4);
        if self.has("lowers") {
            octets[12..].make_ascii_lowercase();
        }
        octets[2..4].copy_from_slice(&(flags | rcode & 0xF).to_be_bytes());
        octets[10..12].copy_from_slice(&u16::from(opt.is_some()).to_be_bytes());
        for (at, section) in [(6, &answer), (8, &authority)] {
            octets[at..at + 2].copy_from_slice(&(section.len() as u16).to_be_bytes());
            octets.extend(section.concat());
        }
        if let Some((_, version, flags, option)) = opt {
            octets.extend([0, 0, 41, 4, 208, (rcode >> 4) as u8, version]);
            octets.extend(flags.to_be_bytes());
            let option: Vec<u8> =
                option.map(|code: u16| [code, 0].map(u16::to_be_bytes).concat()).unwrap_or_default();
            octets.extend((option.len() as u16).to_be_bytes());
            octets.extend(option);
        }
        Some(Reply::read(&question, 7, &octets).expect("what the simulation makes is a reply"))
    }

    fn ns(&self) -> Vec<Vec<u8>> {
        let own = self.value("ns").map(|names| names.split('+').map(str::to_owned).collect());
        own.unwrap_or_else(|| self.names.clone()).iter().map(|host| record(APEX, 2, &name(host))).collect()
    }

    fn soa(&self) -> Vec<u8> {
        self.soa_with(self.value("serial").map_or(7, |serial| serial.parse().expect("a serial")))
    }

    fn soa_with(&self, serial: u32) -> Vec<u8> {
        let mut data = name(self.value("mname").unwrap_or("ns1.example.net."));
        data.extend(name("hostmaster.example.net."));
        let times = self.value("times").unwrap_or("14400+3600+1209600+3600");
        for number in
            std::iter::once(serial).chain(times.split('+').map(|time| time.parse().expect("a time")))
        {
            data.extend(number.to_be_bytes());
        }
        record(APEX, 6, &data)
    }
}

fn name(text: &str) -> Vec<u8> {
    text.parse::<Name>().expect("a name").as_wire().to_vec()
}

fn record(owner: &str, rtype: u16, data: &[u8]) -> Vec<u8> {
    let fixed =
        [&rtype.to_be_bytes()[..], &[0, 1, 0, 0, 14, 16], &(data.len() as u16).to_be_bytes()].concat();
    [name(owner), fixed, data.to_vec()].concat()
}

/// A zone as it is described.
fn seen(text: &str, now: u64) -> Seen {
    let apex: Name = APEX.parse().expect("a name");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut seen = Seen {
        apex: apex.clone(),
        delegation: Vec::new(),
        ds: Vec::new(),
        servers: Vec::new(),
        hosts: BTreeMap::new(),
        now,
    };
    let mut described = Vec::new();
    for word in words {
        if let Some(ds) = word.strip_prefix("ds=") {
            seen.ds.push(ds.replace('_', " ").parse::<Ds>().expect("DS data"));
            continue;
        }
        let (place, faults) = word.split_once(':').map_or((word, ""), |(place, faults)| (place, faults));
        // Addresses of IPv6 are written with dots for colons.
        let besides = place.starts_with('+');
        let (host, addresses) = place
            .trim_start_matches(['+', '-'])
            .split_once('/')
            .unwrap_or((place.trim_start_matches(['+', '-']), ""));
        let addresses: Vec<IpAddr> = addresses
            .split(',')
            .filter(|text| !text.is_empty())
            .map(|text| text.parse().or_else(|_| text.replace('.', ":").parse()).expect("an address"))
            .collect();
        let found = Host {
            addresses: addresses.iter().copied().collect(),
            alias: faults.contains("alias"),
            known: true,
        };
        seen.hosts.insert(host.to_owned(), found);
        if !besides {
            seen.delegation.push(host.parse().expect("a nameserver"));
        }
        described.push((host.to_owned(), addresses, faults));
    }
    let names: Vec<String> = described.iter().map(|(host, ..)| host.clone()).collect();
    for (host, addresses, faults) in described {
        let sim = Sim { faults: faults.split(',').collect(), names: names.clone() };
        for address in addresses {
            let mut server = Server {
                name: host.clone(),
                address: SocketAddr::new(address, 53),
                replies: BTreeMap::new(),
                aside: false,
            };
            for (stage, asks) in asks().into_iter().enumerate() {
                if stage == 1 && server.reply(Ask::Soa).is_none() || stage == 2 && !server.has_keys(&apex) {
                    break;
                }
                server.replies.extend(asks.iter().map(|ask| (*ask, sim.reply(*ask, &apex))));
            }
            seen.servers.push(server);
        }
    }
    seen
}

fn lines(findings: &[Finding]) -> String {
    let shown = findings.iter().filter(|finding| finding.level >= Level::Notice);
    let line = |finding: &Finding| {
        let server = finding.server.as_ref().map(|server| format!(" {server}")).unwrap_or_default();
        format!("{} {} {}{server}: {}\n", finding.level, finding.case, finding.tag, finding.what)
    };
    shown.map(line).collect()
}

#[test]
fn each_fault_is_found_by_its_name() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rir_check.txt");
    let expected = std::fs::read_to_string(&path).expect("the text");
    let (mut got, mut before, profile) = (String::new(), None, Profile::default());
    for line in expected.lines() {
        if line.starts_with("# ") {
            got += &format!("{line}\n");
        } else if let Some(text) = line.strip_prefix("$ ") {
            let seen = seen(text, 1_800_000_000);
            let findings = judge(&seen, &profile);
            got += &format!("\n{line}\n{}", lines(&findings));
            before = Some(State::of(&seen, &findings));
        } else if let Some(text) = line.strip_prefix("~ ") {
            let seen = seen(text, 1_800_086_400);
            let state = State::of(&seen, &judge(&seen, &profile));
            let kept = serde_json::to_string(before.as_ref().expect("a state before")).expect("JSON");
            let mark = |drift: &Drift| format!("{} {}\n", if drift.worse { '-' } else { '+' }, drift.what);
            let drifts = drift(&serde_json::from_str(&kept).expect("what was kept"), &state);
            got += &format!("{line}\n{}", drifts.iter().map(mark).collect::<String>());
            before = Some(state);
        }
    }
    if std::env::var_os("PTRD_BLESS").is_some() {
        return std::fs::write(&path, &got).expect("written");
    }
    let tidy =
        |text: &str| text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (got_lines, expected) = (tidy(&got), tidy(&expected));
    let differs = got_lines.iter().zip(&expected).find(|(got, expected)| got != expected);
    assert_eq!((differs, got_lines.len()), (None, expected.len()));
    assert!(got.matches("\n$ ").count() > 25, "the text was read");
}

#[test]
fn every_finding_has_a_command_that_shows_it() {
    let seen = seen("ns1.example.net/9.9.9.1:lame,no-tcp ns2.example.net/9.9.9.2:edns-1,recursor", 0);
    let findings = judge(&seen, &Profile::default());
    assert!(findings.len() > 5);
    for finding in findings {
        assert!(finding.see.starts_with("dig "), "{finding:?}");
        let place = finding.server.as_deref().and_then(|server| server.split_once('/'));
        assert!(
            place.is_none_or(|(_, address)| finding.see.contains(&format!("@{address} "))),
            "{finding:?}"
        );
    }
}

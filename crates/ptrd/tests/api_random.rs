//! Two tenants who ask at random for anything: neither changes or sees anything of the other.

mod common;

use common::Server;
use common::https::{self, Answer, Client, GENEROUS};
use std::collections::BTreeMap;

/// Calls of each run.
const CALLS: usize = 10_000;
/// How often to look whether the other's things are as they were.
const LOOK: usize = 500;

/// Numbers that come out the same in each run.
struct Dice(u64);

impl Dice {
    /// A number below another (xorshift64*).
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

const TENANTS: [&str; 2] = ["acme", "bobco"];

fn start() -> Server {
    let server = https::start(GENEROUS);
    for body in [
        r#"{"kind":"tenant-add","name":"acme"}"#,
        r#"{"kind":"tenant-add","name":"bobco"}"#,
        r#"{"kind":"tenant-add","name":"host"}"#,
        // Each has a block in the midst of the other's, and both have one in a zone of somebody else.
        r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme","may_sub_block":true}"#,
        r#"{"kind":"block-add","range":"192.0.2.64/26","tenant":"bobco","classless":"slash"}"#,
        r#"{"kind":"block-add","range":"198.51.100.0/24","tenant":"bobco","may_sub_block":true}"#,
        r#"{"kind":"block-add","range":"198.51.100.32/27","tenant":"acme"}"#,
        r#"{"kind":"block-add","range":"203.0.113.0/24","tenant":"host"}"#,
        r#"{"kind":"block-add","range":"203.0.113.0/28","tenant":"acme"}"#,
        r#"{"kind":"block-add","range":"203.0.113.16/28","tenant":"bobco"}"#,
        r#"{"kind":"block-add","range":"2001:db8::/48","tenant":"acme"}"#,
        r#"{"kind":"block-add","range":"2001:db8:0:8000::/49","tenant":"bobco"}"#,
        r#"{"kind":"zone-add","apex":"acme.example","tenant":"acme"}"#,
        r#"{"kind":"zone-add","apex":"bobco.example","tenant":"bobco"}"#,
        r#"{"kind":"record-set","owner":"www.bobco.example","type":"A","data":["198.51.100.1"]}"#,
        r#"{"kind":"record-set","owner":"www.acme.example","type":"A","data":["192.0.2.1"]}"#,
    ] {
        let answer = server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{body}: {answer}");
    }
    server
}

/// An address of anybody.
fn address(dice: &mut Dice) -> String {
    match dice.below(5) {
        0 | 1 => format!("192.0.2.{}", dice.below(256)),
        2 => format!("198.51.100.{}", dice.below(256)),
        3 => format!("203.0.113.{}", dice.below(40)),
        _ => format!("2001:db8:0:{}::{:x}", dice.of(&["1", "7fff", "8000", "ffff"]), dice.below(4)),
    }
}

fn range(dice: &mut Dice) -> String {
    let net = dice.of(&["192.0.2", "198.51.100", "203.0.113"]);
    let (length, size) =
        dice.of(&[(32, 1), (30, 4), (29, 8), (28, 16), (27, 32), (26, 64), (25, 128), (24, 256)]);
    match dice.below(4) {
        0 => {
            let first = dice.below(250);
            format!("{net}.{first}-{net}.{}", (first + dice.below(12)).min(255))
        }
        _ => format!("{net}.{}/{length}", dice.below(256 / size) * size),
    }
}

fn escaped(text: &str) -> String {
    text.replace('/', "%2F")
}

/// What may be asked: a method, a target, a body. Whatever is written has the name of who writes it in it.
fn call(dice: &mut Dice, who: &str, changes: u64) -> (&'static str, String, String) {
    let name = format!("n{}.{who}.example", dice.below(1_000));
    let other = dice.of(&TENANTS);
    let change = dice.below(changes as usize + 2);
    let get = |target: String| ("GET", target, String::new());
    match dice.below(34) {
        30 | 31 => {
            let helo = format!(r#"{{"helo":"{name}"}}"#);
            ("PUT", format!("/v1/sending/{}", address(dice)), helo)
        }
        32 => {
            let range = if dice.of(&[true, false]) { range(dice) } else { address(dice) };
            ("DELETE", format!("/v1/sending/{}", escaped(&range)), String::new())
        }
        33 => get(dice
            .of(&["/v1/sending", "/v1/lint?sending=true", "/v1/request-text?range=0.0.0.0%2F0"])
            .into()),
        0..=4 => {
            let method = dice.of(&["PUT", "POST"]);
            (method, format!("/v1/ptrs/{}", address(dice)), format!(r#"{{"names":["{name}"]}}"#))
        }
        5 => ("DELETE", format!("/v1/ptrs/{}", address(dice)), String::new()),
        6 | 7 => {
            let body = format!(r#"{{"range":"{}","pattern":"f{{n}}.{who}.example"}}"#, range(dice));
            ("POST", "/v1/ptrs/fill".into(), body)
        }
        8 => {
            let rows: String = (0..3).map(|_| format!("{},c.{who}.example\n", address(dice))).collect();
            ("POST", "/v1/ptrs/import".into(), rows)
        }
        9 => {
            let body = format!(r#"{{"range":"{}","tenant":"{other}"}}"#, range(dice));
            ("POST", "/v1/blocks".into(), body)
        }
        10 => ("DELETE", format!("/v1/blocks/{}", escaped(&range(dice))), String::new()),
        11 => {
            let kind = dice.of(&["suspend", "resume", "transfer", "split", "relabel"]);
            let body = format!(r#"{{"to":"{who}","into":28,"classless":"slash"}}"#);
            ("POST", format!("/v1/blocks/{}/{kind}", escaped(&range(dice))), body)
        }
        12 => ("POST", "/v1/changes".into(), format!(r#"{{"kind":"rollback","change":{change}}}"#)),
        13 => {
            let body = format!(r#"{{"owner":"www.{other}.example","type":"A","data":["192.0.2.9"]}}"#);
            (dice.of(&["PUT", "POST"]), "/v1/records".into(), body)
        }
        14 => ("DELETE", format!("/v1/zones/{other}.example"), String::new()),
        15 => {
            let name = format!("x{}", dice.below(40));
            let body = format!(r#"{{"name":"{name}","tenant":"{other}","prefixes":["{}"]}}"#, range(dice));
            ("POST", "/v1/tokens".into(), body)
        }
        16 => get(format!("/v1/log/{change}")),
        17 => get(format!("/v1/log/{change}/edits")),
        18 => get(format!("/v1/log?limit=20&tenant={who}")),
        19 => get(format!("/v1/log?limit=20&address={}", address(dice))),
        20 => get(format!("/v1/ptrs/{}", address(dice))),
        21 => get(format!("/v1/ptrs?within={}&limit=50", escaped(&range(dice)))),
        22 => get(format!("/v1/blocks/{}", escaped(&range(dice)))),
        23 => get(dice.of(&["/v1/blocks", "/v1/zones", "/v1/tenants", "/v1/tokens"]).into()),
        24 => get(format!("/v1/zones/{other}.example/export")),
        25 => get(format!(
            "/v1/zones/{}/export",
            dice.of(&["2.0.192", "100.51.198", "113.0.203"]).to_owned() + ".in-addr.arpa"
        )),
        26 => get("/v1/records?zone=2.0.192.in-addr.arpa&limit=100".into()),
        27 => get(format!("/v1/records?owner={}.2.0.192.in-addr.arpa", dice.below(256))),
        28 => {
            get(dice.of(&["/v1/keys", "/v1/defaults", "/v1/status", "/v1/diff?from=0", "/v1/access"]).into())
        }
        _ => get(format!("/v1/blocks/parent-records?range={}", escaped(&range(dice)))),
    }
}

/// What the operator sees.
fn body(server: &Server, target: &str) -> String {
    let answer = server.request("GET", target, "");
    answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
}

/// All PTRs and HELO names that somebody is shown, by address.
fn shown(mut ask: impl FnMut(&str) -> serde_json::Value) -> BTreeMap<(String, &'static str), String> {
    let mut all = BTreeMap::new();
    for (list, field) in [("ptrs", "names"), ("sending", "helo")] {
        let page = ask(&format!("/v1/{list}?limit=10000"));
        for item in page["items"].as_array().expect("items") {
            all.insert((item["address"].to_string(), field), item[field].to_string());
        }
    }
    all
}

/// Those of somebody, as the operator sees them: where they are by now.
fn owned(server: &Server, tenant: &str) -> BTreeMap<(String, &'static str), String> {
    let mut all = shown(|target| serde_json::from_str(&body(server, target)).expect("JSON"));
    all.retain(|_, names| names.contains(&format!("{tenant}.example")));
    all
}

/// Whose an address is, by the most specific block.
struct Owners(Vec<(u128, u128, String)>);

impl Owners {
    fn read(server: &Server) -> Owners {
        let page: serde_json::Value =
            serde_json::from_str(&body(server, "/v1/blocks?limit=10000")).expect("JSON");
        let of = |item: &serde_json::Value| {
            let (first, last) = bounds(item["range"].as_str().expect("a range"));
            (first, last, item["tenant"].as_str().expect("a tenant").to_owned())
        };
        Owners(page["items"].as_array().expect("items").iter().map(of).collect())
    }

    fn of(&self, address: &str) -> Option<&str> {
        let bits = bits(address.trim_matches('"'));
        let around = self.0.iter().filter(|(first, last, _)| (*first..=*last).contains(&bits));
        around.min_by_key(|(first, last, _)| last - first).map(|(_, _, tenant)| tenant.as_str())
    }
}

fn bits(text: &str) -> u128 {
    match text.parse().unwrap_or_else(|_| panic!("{text}")) {
        std::net::IpAddr::V4(v4) => u128::from(v4.to_bits()),
        std::net::IpAddr::V6(v6) => v6.to_bits(),
    }
}

fn bounds(range: &str) -> (u128, u128) {
    if let Some((first, last)) = range.split_once('-') {
        return (bits(first), bits(last));
    }
    let (first, length) = range.split_once('/').unwrap_or((range, ""));
    let whole = if first.contains(':') { 128 } else { 32 };
    let length: u32 = length.parse().unwrap_or(whole);
    let size = 1u128.checked_shl(whole - length).unwrap_or(0);
    (bits(first), bits(first) + (size - 1))
}

/// Neither has a word of the other in what it is told. Names are in what it asked for itself at times.
fn check(answer: &Answer, asked: &(&str, String, String), other: &str) {
    let told = answer.text();
    let repeated = asked.1.contains(other) || asked.2.contains(other);
    assert!(answer.status < 500, "{asked:?}: {} {told}", answer.status);
    assert!(repeated && answer.status >= 400 || !told.contains(other), "{asked:?}: {} {told}", answer.status);
}

#[test]
fn two_tenants_neither_change_nor_see_anything_of_each_other() {
    let server = start();
    let at = https::at(&server);
    let mut clients = TENANTS.map(|tenant| {
        let token = https::token(&server, &format!(r#"{{"name":"t","tenant":"{tenant}","write":true}}"#));
        Client::new(at, Some(&token))
    });
    let mut dice = Dice(0x7074_7264_2026);
    let fixed = |server: &Server| {
        let zones = TENANTS.map(|tenant| body(server, &format!("/v1/zones/{tenant}.example/export")));
        (zones, body(server, "/v1/defaults"))
    };
    let before = fixed(&server);
    let (mut changes, mut made, mut refused) = (0, [0; 2], 0);
    for n in 0..CALLS {
        let who = dice.below(2);
        let (own, other) = (TENANTS[who], TENANTS[1 - who]);
        let asked = call(&mut dice, own, changes);
        let kept = (n % LOOK < 20 && asked.0 != "GET").then(|| owned(&server, other));
        let answer = clients[who].ask(asked.0, &asked.1, &[], &asked.2);
        check(&answer, &asked, other);
        if asked.0 != "GET" && answer.status == 200 {
            made[who] += 1;
            changes = answer.json()["change"].as_u64().unwrap_or(changes);
        }
        refused += usize::from(answer.status >= 400);
        if let Some(kept) = kept {
            assert_eq!(kept, owned(&server, other), "{asked:?} of {own} changed what {other} has");
        }
    }
    // It was no idle talk.
    assert!(made.iter().all(|made| *made > 200) && refused > 1_000, "{made:?} {refused}");
    assert_eq!(fixed(&server), before, "forward zones and defaults");
    // What has the name of one in it stands at an address of that one: nobody wrote at another's.
    let owners = Owners::read(&server);
    for tenant in TENANTS {
        let ptrs = owned(&server, tenant);
        assert!(ptrs.len() > 20, "{tenant} has {}", ptrs.len());
        for ((address, _), names) in ptrs {
            assert_eq!(owners.of(&address), Some(tenant), "{address} {names}");
        }
    }
    // And what each sees in the end is what it has, all of it and nothing else.
    for (client, tenant) in clients.iter_mut().zip(TENANTS) {
        assert_eq!(shown(|target| client.get(target).json()), owned(&server, tenant), "{tenant}");
    }
}

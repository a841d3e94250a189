//! Requests at random.

/// Numbers below a bound, always the same for a seed, which is not 0 (xorshift).
pub fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

/// Requests near each other, most of them sensible, many of them refused.
pub fn random_line(random: &mut impl FnMut(u64) -> u64) -> String {
    let ranges = [
        "10.0.0.0/8",
        "10.1.0.0/16",
        "10.1.2.0/24",
        "10.1.2.0/23",
        "10.1.2.0/25",
        "10.1.2.64/26",
        "10.1.2.64/28",
        "10.1.2.66",
        "10.1.2.70-10.1.2.75",
        "10.1.2.250-10.1.3.5",
        "10.1.3.0/24",
        "10.1.0.0/22",
        "192.0.2.0/24",
        "192.0.2.128/25",
        "192.0.2.128/27",
        "192.0.2.130/31",
        "2001:db8::/32",
        "2001:db8::/47",
        "2001:db8:0:1::/64",
        "2001:db8::/128",
        "2001:db8::4/126",
    ];
    let range = ranges[random(ranges.len() as u64) as usize];
    let addresses = [
        "10.1.2.3",
        "10.1.2.64",
        "10.1.2.66",
        "10.1.2.71",
        "10.1.2.130",
        "10.1.3.1",
        "10.9.9.9",
        "192.0.2.1",
        "192.0.2.130",
        "192.0.2.131",
        "192.0.2.200",
        "2001:db8::",
        "2001:db8::5",
        "2001:db8:0:1::1",
        "2001:db8:1::9",
    ];
    let address = addresses[random(addresses.len() as u64) as usize];
    let tenant = ["acme", "bob"][random(2) as usize];
    let owners = [
        "2.1.10.in-addr.arpa",
        "64.2.1.10.in-addr.arpa",
        "9.2.1.10.in-addr.arpa",
        "x.2.1.10.in-addr.arpa",
        "y.x.2.1.10.in-addr.arpa",
        "64-26.2.1.10.in-addr.arpa",
        "66.64-26.2.1.10.in-addr.arpa",
        "lab.2.1.10.in-addr.arpa",
        "1.10.in-addr.arpa",
        "ns.1.10.in-addr.arpa",
        "2.0.192.in-addr.arpa",
        "ns.128-25.2.0.192.in-addr.arpa",
        "128-25.2.0.192.in-addr.arpa",
        "z.8.b.d.0.1.0.0.2.ip6.arpa",
        "example.org",
        "a.example.org",
    ];
    let owner = owners[random(owners.len() as u64) as usize];
    let n = random(4);
    match random(49) {
        43..49 => forward(random, address, tenant),
        39 => format!("block {range} {tenant} observed"),
        40 | 41 => format!("sending {address} m{n}.example.com"),
        42 => format!("sending-clear {}", [address, range][random(2) as usize]),
        36..39 => {
            // The judge goes through all addresses that a template names.
            let (range, templates) = [
                ("10.1.2.0/25", ["h{d}.dyn.example", "n{n}.example"]),
                ("10.1.2.64/26", ["{ip}.dyn.example", "n{n+1:3}.example"]),
                ("10.1.2.64/28", ["h{d}.dyn.example", "{hex}.example"]),
                ("10.1.2.66", ["h{d}.dyn.example", "h-{n}.dyn.example"]),
                ("10.1.2.70-10.1.2.75", ["n{n}.example", "{a}-{b}-{c}-{d}.example"]),
                ("10.1.2.250-10.1.3.5", ["n{n}.example", "{ip}.example"]),
                ("192.0.2.128/27", ["h{d}.dyn.example", "n{n:4x}.example"]),
                ("2001:db8::4/126", ["{ip}.dyn.example", "n{n}.example"]),
            ][random(8) as usize];
            let template = ["none", "inherit", templates[0], templates[1]][n as usize];
            let ttl = ["", " ttl=77"][random(2) as usize];
            match random(3) {
                0 => format!("block {range} {tenant} template={template}{ttl}"),
                _ => format!("block-set {range} template={template}"),
            }
        }
        30 => format!(
            "{} s{} ns={}",
            ["ns-set-add", "ns-set"][random(2) as usize],
            random(3),
            [
                "ns1.other.example",
                "ns.1.10.in-addr.arpa,b.example",
                "ns.128-25.2.0.192.in-addr.arpa",
                "B.example"
            ][n as usize]
        ),
        31 => format!("defaults nameservers=ns{}.example.net,ns.1.10.in-addr.arpa", random(3)),
        32 => format!(
            "{} t{} {}",
            ["soa-template-add", "soa-template"][random(2) as usize],
            random(2),
            ["minimum=60", "mname=hidden.example ttl=7", "policy=date inherit-mname", "policy=unixtime"]
                [n as usize]
        ),
        33 => format!(
            "{} {}",
            ["ns-set-remove s0", "soa-template-remove t0", "ns-set-rename s1", "ns-set-remove s1"]
                [n as usize],
            ["", "", "s2", ""][n as usize]
        ),
        34 => format!("zone-set {owner} ns_set={}", ["s0", "s1", "default", "own"][n as usize]),
        35 => format!(
            "zone-set {owner} {}",
            ["soa_template=t0", "soa_template=default policy=date", "soa_template=own", "policy=template"]
                [n as usize]
        ),
        0..=2 => format!("block {range} {tenant}"),
        22 => format!("{} {range}", ["suspend", "resume", "suspend", "resume"][n as usize]),
        23 => format!(
            "transfer {range} {tenant} {}",
            ["", "recursive", "ptrs=keep", "ptrs=keep recursive"][n as usize]
        ),
        24 | 25 => format!(
            "relabel {range} {} {}",
            ["classless=slash", "classless=first-last", "label=lab2", "apex=r2.example.org"][n as usize],
            ["keep-old", "grace=0", "grace=1000000", ""][random(4) as usize]
        ),
        26 => format!("finish {range}"),
        27 => format!("split {range} {}", ["into=27", "into=26", "at=10.1.2.80", "into=9"][n as usize]),
        28 => format!("split {range} into=25 {}", ["keep-old", "grace=0", "grace=1000000", ""][n as usize]),
        29 => format!(
            "merge {} {}",
            [
                "10.1.2.64/27 10.1.2.96/27",
                "10.1.2.64-10.1.2.79 10.1.2.80-10.1.2.127",
                "192.0.2.0/25 192.0.2.128/25",
                "10.1.2.0/25 10.1.2.128/25"
            ][n as usize],
            ["keep-old", "grace=0", "grace=1000000", ""][random(4) as usize]
        ),
        3 => format!("block {range} {tenant} own-zone ttl={}", 60 + n),
        4 => format!("block {range} {tenant} classless=first-len"),
        5 => format!(
            "block {range} {tenant} {}",
            ["classless=first-last", "label=lab", "apex=r.example.org", "classless=slash"][n as usize]
        ),
        6 => {
            let server = [
                "ns.cust.example",
                "ns.x.2.1.10.in-addr.arpa",
                "ns.64-26.2.1.10.in-addr.arpa@192.0.2.9",
                "ns.2.1.10.in-addr.arpa@2001:db8::1",
            ];
            let kind = ["zone", "classless", "ns"][random(3) as usize];
            format!("block {range} {tenant} delegate={kind} ns={},b.example", server[n as usize])
        }
        7 | 8 => format!("unblock {range} {}", ["", "clear"][random(2) as usize]),
        9 | 10 => format!("ptr {address} h{n}.example.com"),
        11 => format!("ptr-add {address} h{n}.example.com ttl={n}"),
        12 => format!("ptr-delete {address}"),
        13 => format!(
            "fill {} h{{ip}}.example.com",
            ["10.1.2.60/30", "10.1.2.64/27", "192.0.2.128/28", "2001:db8::/124"][n as usize]
        ),
        14 => format!("record {owner} TXT t{n}"),
        15 => format!(
            "record {owner} {}",
            [
                "CNAME c.example.",
                "DNAME d.example.",
                "NS ns.x.2.1.10.in-addr.arpa.",
                "NS ns.1.10.in-addr.arpa.;n.example."
            ][n as usize]
        ),
        16 => format!("record {owner} A 192.0.2.{n}"),
        17 | 18 => format!("record-delete {owner}"),
        19 => format!(
            "zone-add {} {tenant}",
            ["example.org", "2.1.10.in-addr.arpa", "x.2.1.10.in-addr.arpa", "66.2.1.10.in-addr.arpa"]
                [n as usize]
        ),
        20 => format!("zone-remove {owner}"),
        _ => format!(
            "defaults {}={}",
            ["ptr_ttl", "zone_ttl", "minimum", "refresh"][n as usize],
            14_400 + random(3)
        ),
    }
}

/// What is about companion zones, and the names that PTRs of the others lie in.
fn forward(random: &mut impl FnMut(u64) -> u64, address: &str, tenant: &str) -> String {
    let names = [
        "example.com",
        "h0.example.com",
        "h1.example.com",
        "H1.Example.com",
        "h2.example.com",
        "a.h2.example.com",
        "b.sub.example.com",
        "a.b.sub.example.com",
        "mail.example.org",
        "n1.example",
        "h3.dyn.example",
        "h66.dyn.example",
        "dyn.example",
    ];
    let name = names[random(names.len() as u64) as usize];
    let apexes = ["example.com", "example.com", "sub.example.com", "example.org", "example", "dyn.example"];
    let apex = apexes[random(6) as usize];
    match random(16) {
        0..3 => format!("zone-add {apex} {tenant} companion"),
        3 => format!("zone-set {apex} companion={}", ["on", "off"][random(2) as usize]),
        4 => format!("zone-remove {apex}"),
        5 | 6 => format!("names-allow {name} {tenant}"),
        7 => format!("names-revoke {name} {tenant}"),
        8 | 9 => format!("ptr {address} {name} h{}.example.com", random(3)),
        10 => format!("ptr-add {address} {name} ttl={}", 30 + random(3)),
        11 => format!("record {name} {}", ["A 10.9.9.9", "AAAA 2001:db8::5", "TXT t"][random(3) as usize]),
        12 => format!("record {name} {}", ["CNAME c.example.", "NS ns.example."][random(2) as usize]),
        13 => format!("record {name} {}", ["DNAME d.example.", "A 10.1.2.3"][random(2) as usize]),
        _ => format!("record-delete {name}"),
    }
}

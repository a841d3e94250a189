//! Which server's a file is, by what is in it.

use crate::failure::Failure;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Where zones come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum From {
    /// Master files, and folders of them
    Master,
    /// BIND's named.conf
    Bind,
    /// NSD's nsd.conf
    Nsd,
    /// Knot's knot.conf
    Knot,
    /// PowerDNS's SQLite database
    Powerdns,
}

impl From {
    /// What its configuration is called.
    pub fn usual_name(self) -> &'static str {
        match self {
            From::Bind => "named.conf",
            From::Nsd => "nsd.conf",
            From::Knot => "knot.conf",
            From::Master | From::Powerdns => "",
        }
    }
}

/// How much of a file is looked at.
const LOOK: u64 = 1 << 20;

/// Words that begin statements of named.conf.
const BIND: &[&str] = &[
    "acl",
    "catalog-zone",
    "controls",
    "dnssec-policy",
    "http",
    "include",
    "key",
    "key-store",
    "logging",
    "managed-keys",
    "masters",
    "options",
    "parental-agents",
    "primaries",
    "remote-servers",
    "server",
    "statistics-channels",
    "template",
    "tls",
    "trust-anchors",
    "trusted-keys",
    "view",
    "zone",
];
/// Attributes that only one of the two others has.
const KNOT: &[&str] = &[
    "acl",
    "control",
    "database",
    "domain",
    "id",
    "keystore",
    "log",
    "policy",
    "remotes",
    "storage",
    "submission",
    "template",
    "xdp",
    "identity",
    "rundir",
    "user",
    "listen",
    "statistics",
    "target",
    "udp-workers",
];
const NSD: &[&str] = &[
    "pattern",
    "remote-control",
    "name",
    "zonefile",
    "zonesdir",
    "zonelistfile",
    "ip-address",
    "include-pattern",
    "control-enable",
    "hide-version",
    "dnstap",
    "verify",
    "database",
    "username",
    "logfile",
    "pidfile",
    "chroot",
];

/// What a file is. A master file when it is none of the others.
pub fn detect(file: &Path) -> Result<From, Failure> {
    let mut octets = Vec::new();
    let read = File::open(file).and_then(|file| file.take(LOOK).read_to_end(&mut octets));
    read.map_err(|error| Failure::local(format!("{}: {error}", file.display())))?;
    if octets.starts_with(b"SQLite format 3\0") {
        return Ok(From::Powerdns);
    }
    let text = String::from_utf8_lossy(&octets);
    let text = text.trim_start_matches('\u{feff}');
    if is_bind(text) {
        return Ok(From::Bind);
    }
    Ok(yaml_like(text).unwrap_or(From::Master))
}

/// The first statement is one of named.conf: a word, perhaps some more, then a brace; or an inclusion.
fn is_bind(text: &str) -> bool {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        rest = if let Some(after) = rest.strip_prefix("/*") {
            after.split_once("*/").map_or("", |(_, after)| after)
        } else if rest.starts_with('#') || rest.starts_with("//") {
            rest.split_once('\n').map_or("", |(_, after)| after)
        } else {
            break;
        };
    }
    let word = rest.split(|c: char| c.is_whitespace() || c == '{' || c == '"').next().unwrap_or_default();
    let first_mark = rest.find(['{', ';', '(']).and_then(|at| rest[at..].chars().next());
    let is_include = word == "include" && rest[word.len()..].trim_start().starts_with('"');
    BIND.contains(&word) && (is_include || word != "include" && first_mark == Some('{'))
}

/// Knot and NSD: lines of `attribute: value`. Each has attributes that the other has not, and Knot's lists have dashes.
fn yaml_like(text: &str) -> Option<From> {
    let (mut knot, mut nsd) = (0, 0);
    let mut lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let attribute = |line: &str| {
        let line = line.strip_prefix("- ").unwrap_or(line).trim_start();
        let (name, _) = line.split_once(':')?;
        let plain = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit());
        plain.then(|| name.to_owned())
    };
    let first = lines.clone().find(|line| !line.is_empty())?;
    attribute(first)?;
    for line in lines.by_ref().filter(|line| !line.is_empty()) {
        let name = attribute(line);
        let has = |names: &[&str]| name.as_deref().is_some_and(|name| names.contains(&name));
        knot += usize::from(line.starts_with("- ")) * 2 + usize::from(has(KNOT));
        nsd += usize::from(has(NSD));
    }
    match knot.cmp(&nsd) {
        std::cmp::Ordering::Greater => Some(From::Knot),
        std::cmp::Ordering::Less => Some(From::Nsd),
        std::cmp::Ordering::Equal => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configurations_are_told_apart() {
        let is = |text: &str| {
            let folder = tempfile::tempdir().expect("a folder");
            let file = folder.path().join("x");
            std::fs::write(&file, text).expect("written");
            detect(&file).expect("readable")
        };
        assert_eq!(is("// c\n/* d */ # e\noptions { directory \"/x\"; };\n"), From::Bind);
        assert_eq!(is("\u{feff}include \"/etc/bind/named.conf.options\";\n"), From::Bind);
        assert_eq!(is("zone \"a\" IN {\n"), From::Bind);
        assert_eq!(is("# c\nserver:\n  zonesdir: \"/x\"\nzone:\n  name: a\n  zonefile: b\n"), From::Nsd);
        assert_eq!(is("zone:\n name: \"a\"\n zonefile: \"b\"\n"), From::Nsd);
        assert_eq!(is("zone:\n  - domain: a\n    file: b\n"), From::Knot);
        assert_eq!(is("server:\n    listen: 127.0.0.1@53\ntemplate:\n  - id: default\n"), From::Knot);
        assert_eq!(is("SQLite format 3\0rest"), From::Powerdns);
        for master in [
            "$ORIGIN x.\n@ SOA a. b. 1 2 3 4 5\n",
            "; c\nexample.com. IN SOA a. b. ( 1 2 3 4 5 )\n",
            "zone IN SOA a. b. ( 1 2 3 4 5 ) ; {\n",
            "key TXT a;\n",
            "",
        ] {
            assert_eq!(is(master), From::Master, "{master}");
        }
    }
}

//! NSD's nsd.conf: `zone:` and `pattern:` with `zonefile:` and its `%` marks, `zonesdir:`, `include:` with wildcards, and
//! the list of zones that were added while NSD ran.

use super::{Configuration, ConfiguredZone, Reading, folder_of, included};
use crate::failure::Failure;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// How deep patterns include each other.
const DEPTH: usize = 16;

/// A clause of `zone:` or `pattern:`: attributes in order.
#[derive(Debug, Default)]
struct Clause {
    attributes: Vec<(String, String)>,
}

impl Clause {
    fn last(&self, name: &str) -> Option<&str> {
        self.attributes.iter().rev().find(|(attribute, _)| attribute == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default)]
struct Conf {
    server: Clause,
    zones: Vec<Clause>,
    patterns: HashMap<String, Clause>,
}

/// Reads a configuration.
pub(super) fn read(file: &Path) -> Result<Configuration, Failure> {
    let mut conf = Conf::default();
    parse(&mut Reading::default(), file, &mut conf)?;
    let folder = folder_of(file);
    let directory = match conf.server.last("zonesdir") {
        Some(path) if !path.is_empty() => folder.join(path),
        _ => folder.to_owned(),
    };
    let mut configuration =
        Configuration { include_base: Some(directory.clone()), ..Configuration::default() };
    added(&mut conf, &directory)?;
    for zone in &conf.zones {
        take(&mut configuration, zone, &conf.patterns, &directory);
    }
    Ok(configuration)
}

/// Zones of `nsd-control addzone`: lines of `add NAME PATTERN`.
fn added(conf: &mut Conf, directory: &Path) -> Result<(), Failure> {
    let Some(list) = conf.server.last("zonelistfile").map(|path| directory.join(path)) else { return Ok(()) };
    if !list.is_file() {
        return Ok(());
    }
    let text = Reading::default().open(&list)?;
    for line in text.lines() {
        let mut words = line.split_whitespace();
        if let (Some("add"), Some(name), Some(pattern)) = (words.next(), words.next(), words.next()) {
            let attribute = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            let attributes = vec![attribute("name", name), attribute("include-pattern", pattern)];
            conf.zones.push(Clause { attributes });
        }
    }
    Ok(())
}

fn parse(reading: &mut Reading, file: &Path, conf: &mut Conf) -> Result<(), Failure> {
    let text = reading.open(file)?;
    let mut section = String::new();
    let mut waiting: Option<(String, usize)> = None;
    let failure = |line: usize, message: String| {
        Failure::usage(format!("{}, line {line}: {message}", file.display()))
            .hint("`nsd-checkconf FILE` says more; is it an nsd.conf?")
    };
    for (line, number) in text.lines().zip(1..) {
        for word in words(line).map_err(|message| failure(number, message.to_owned()))? {
            match (waiting.take(), word) {
                (Some((attribute, _)), Word::Value(value)) => {
                    if attribute == "include" {
                        let place = format!("{}, line {number}", file.display());
                        for path in included(&value, &[folder_of(file), Path::new(".")], &place)? {
                            parse(reading, &path, conf)?;
                        }
                    } else {
                        put(conf, &section, attribute, value);
                    }
                }
                (pending, Word::Attribute(name)) => {
                    // A clause begins, or an attribute without a value, which NSD refuses.
                    if let Some((attribute, line)) = pending {
                        begin(conf, &mut section, &attribute)
                            .ok_or_else(|| failure(line, format!("{attribute}: without a value")))?;
                    }
                    waiting = Some((name, number));
                }
                // `request-xfr: 192.0.2.1 NOKEY` has two.
                (None, Word::Value(value)) => more(conf, &section, &value)
                    .ok_or_else(|| failure(number, format!("{value:?} follows no attribute")))?,
            }
            // A clause's name stands alone, or before its first attribute.
            if let Some((name, _)) = &waiting
                && begin(conf, &mut section, &name.clone()).is_some()
            {
                waiting = None;
            }
        }
    }
    if let Some((attribute, line)) = waiting {
        return Err(failure(line, format!("{attribute}: without a value")));
    }
    reading.close();
    Ok(())
}

/// Begins a clause; `None` when the attribute is none.
fn begin(conf: &mut Conf, section: &mut String, name: &str) -> Option<()> {
    match name {
        "zone" => conf.zones.push(Clause::default()),
        "pattern" => {
            conf.patterns.insert(String::new(), Clause::default());
        }
        "server" | "remote-control" | "key" | "tls-auth" | "dnstap" | "verify" | "cookie" | "xdp" => {}
        _ => return None,
    }
    *section = name.to_owned();
    Some(())
}

fn put(conf: &mut Conf, section: &str, attribute: String, value: String) {
    match section {
        "server" => conf.server.attributes.push((attribute, value)),
        "zone" => {
            if let Some(zone) = conf.zones.last_mut() {
                zone.attributes.push((attribute, value));
            }
        }
        // A pattern is kept under no name until its own is read.
        "pattern" if attribute == "name" => {
            let pattern = conf.patterns.remove("").unwrap_or_default();
            conf.patterns.insert(value.clone(), pattern);
            conf.patterns.insert("\0".to_owned(), Clause { attributes: vec![(attribute, value)] });
        }
        "pattern" => {
            let named = conf.patterns.get("\0").and_then(|now| now.last("name")).map(str::to_owned);
            let is_new = conf.patterns.contains_key("");
            let key = if is_new { String::new() } else { named.unwrap_or_default() };
            conf.patterns.entry(key).or_default().attributes.push((attribute, value));
        }
        _ => {}
    }
}

/// Adds a word to the value read last; `None` when there is none.
fn more(conf: &mut Conf, section: &str, word: &str) -> Option<()> {
    let clause = match section {
        "" => return None,
        "server" => Some(&mut conf.server),
        "zone" => conf.zones.last_mut(),
        "pattern" => {
            let now = conf.patterns.get("\0").and_then(|now| now.last("name")).map(str::to_owned);
            let key = if conf.patterns.contains_key("") { String::new() } else { now.unwrap_or_default() };
            conf.patterns.get_mut(&key)
        }
        _ => None,
    };
    if let Some((_, value)) = clause.and_then(|clause| clause.attributes.last_mut()) {
        value.push(' ');
        value.push_str(word);
    }
    Some(())
}

enum Word {
    Attribute(String),
    Value(String),
}

fn words(line: &str) -> Result<Vec<Word>, &'static str> {
    let (mut words, mut rest) = (Vec::new(), line.trim_start());
    while !rest.is_empty() && !rest.starts_with('#') {
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            let (value, after) = rest[1..].split_once(quote).ok_or("a quotation mark without its end")?;
            words.push(Word::Value(value.to_owned()));
            rest = after.trim_start();
            continue;
        }
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        // `name:value` without a space is one of each; an address has colons within.
        let (mut word, mut after) = rest.split_at(end);
        if let Some(at) = word.find(':')
            && !word[..at].is_empty()
            && word[..at].bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b.is_ascii_digit())
            && word.starts_with(|c: char| c.is_ascii_lowercase())
            && !word[at + 1..].starts_with(':')
            && (at + 1 == word.len() || !matches!(words.last(), Some(Word::Attribute(_))))
        {
            words.push(Word::Attribute(word[..at].to_owned()));
            after = &rest[at + 1..];
            word = "";
        }
        if !word.is_empty() {
            words.push(Word::Value(word.to_owned()));
        }
        rest = after.trim_start();
    }
    Ok(words)
}

fn take(
    configuration: &mut Configuration,
    zone: &Clause,
    patterns: &HashMap<String, Clause>,
    directory: &Path,
) {
    let Some(apex) = zone.last("name") else {
        return configuration.leave_out("a zone without a name", "nothing says which it is");
    };
    let mut all = Vec::new();
    if let Err(reason) = gather(zone, patterns, &mut all, 0) {
        return configuration.leave_out(apex, reason);
    }
    let last =
        |name: &str| all.iter().rev().find(|(attribute, _)| *attribute == name).map(|(_, value)| *value);
    if let Some(from) = last("request-xfr") {
        let from = from.split_whitespace().find(|word| !matches!(*word, "AXFR" | "UDP")).unwrap_or_default();
        return configuration
            .leave_out(apex, format!("a secondary of {from}: import it where it is primary"));
    }
    if let Some(role) = last("catalog").filter(|role| *role != "no") {
        return configuration.leave_out(apex, format!("a catalog zone ({role})"));
    }
    match last("zonefile").filter(|file| !file.is_empty()) {
        Some(file) => {
            let file = directory.join(expand(file, apex));
            configuration.zones.push(ConfiguredZone { apex: apex.to_owned(), file });
        }
        None => configuration.leave_out(apex, "it has no zonefile"),
    }
}

/// The attributes of a clause with those of the patterns that it includes, in order.
fn gather<'c>(
    clause: &'c Clause,
    patterns: &'c HashMap<String, Clause>,
    into: &mut Vec<(&'c str, &'c str)>,
    depth: usize,
) -> Result<(), String> {
    if depth > DEPTH {
        return Err("its patterns include each other in a circle, or too deep".to_owned());
    }
    for (attribute, value) in &clause.attributes {
        if attribute == "include-pattern" {
            let pattern = patterns.get(value).ok_or_else(|| format!("there is no pattern {value}"))?;
            gather(pattern, patterns, into, depth + 1)?;
        } else {
            into.push((attribute, value));
        }
    }
    Ok(())
}

/// The marks of `zonefile:` in nsd.conf(5). What the name is too short for becomes a dot.
fn expand(pattern: &str, apex: &str) -> PathBuf {
    let name = apex.trim_end_matches('.');
    let labels: Vec<&str> = name.rsplit('.').collect();
    let (mut out, mut chars) = (String::new(), pattern.chars());
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let letter = |nth: usize| name.chars().nth(nth).map_or_else(|| ".".to_owned(), String::from);
        let label = |nth: usize| labels.get(nth).map_or_else(|| ".".to_owned(), |label| (*label).to_owned());
        match chars.next() {
            Some('s') => out.push_str(name),
            Some(digit @ '1'..='3') => out.push_str(&letter(digit as usize - '1' as usize)),
            Some('z') => out.push_str(&label(0)),
            Some('y') => out.push_str(&label(1)),
            Some('x') => out.push_str(&label(2)),
            Some(other) => out.extend(['%', other]),
            None => out.push('%'),
        }
    }
    PathBuf::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_patterns_and_includes() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        std::fs::create_dir(root.join("conf.d")).expect("a folder");
        let main = "# c\nserver:\n\tzonesdir: \"/srv/zones\" # here\n\tip-address: ::1\n\tzonelistfile: LIST\n\
                    pattern:\n  name: \"base\"\n  zonefile: \"%1/%z/%s.zone\"\npattern: name: sec\n include-pattern: \"base\"\n request-xfr: 192.0.2.1 NOKEY\n\
                    include: \"conf.d/*.conf\"\nzone: name: \"2.0.192.in-addr.arpa.\" zonefile: 'rev/2.0.192'\n\
                    zone:\n\tname: s.example\n\tinclude-pattern: sec\nzone:\n name: bare.example\nzone:\n name: q.example\n include-pattern: nowhere\n";
        let list = root.join("zone.list");
        std::fs::write(&list, "# NSD zone list\nadd added.example base\ndel gone.example\n")
            .expect("written");
        std::fs::write(root.join("nsd.conf"), main.replace("LIST", &list.display().to_string()))
            .expect("written");
        std::fs::write(root.join("conf.d/a.conf"), "zone:\n  name: a.example\n  include-pattern: base\n")
            .expect("written");
        let read = read(&root.join("nsd.conf")).map_err(|failure| failure.problem).expect("a configuration");
        let zones: Vec<String> =
            read.zones.iter().map(|zone| format!("{} {}", zone.apex, zone.file.display())).collect();
        assert_eq!(
            zones,
            [
                "a.example /srv/zones/a/example/a.example.zone",
                "2.0.192.in-addr.arpa. /srv/zones/rev/2.0.192",
                "added.example /srv/zones/a/example/added.example.zone",
            ]
        );
        let reasons: Vec<&str> = read.left_out.iter().map(|(_, reason)| reason.as_str()).collect();
        assert_eq!(
            reasons,
            [
                "a secondary of 192.0.2.1: import it where it is primary",
                "it has no zonefile",
                "there is no pattern nowhere"
            ]
        );
    }

    #[test]
    fn marks_in_file_names() {
        let expand = |pattern: &str, apex: &str| super::expand(pattern, apex).display().to_string();
        assert_eq!(expand("%1%2%3-%z-%y-%x-%s-%%", "example.com."), "exa-com-example-.-example.com-%%");
        assert_eq!(expand("%3", "a."), ".");
    }

    #[test]
    fn what_is_broken_is_named_by_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("c");
        for (text, part) in [
            ("zone:\n name:\n zonefile: x\n", "line 2: name: without a value"),
            ("value\n", "line 1: \"value\" follows no attribute"),
            ("zone:\n name: \"x\n", "line 2: a quotation mark"),
            ("include: \"absent\"\n", "there is no file"),
            ("include: \"c\"\n", "in a circle"),
        ] {
            std::fs::write(&file, text).expect("written");
            let message =
                read(&file).expect_err(text).problem.map(|problem| problem.message).unwrap_or_default();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}

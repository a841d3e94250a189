//! Knot's knot.conf: its YAML of sections, lists and `key: value`; `zone`, `template`, `include`.

use super::{Configuration, ConfiguredZone, Reading, folder_of, included};
use crate::failure::Failure;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where Knot keeps zone files unless told otherwise.
const STORAGE: &str = "/var/lib/knot";

/// An item of a section.
#[derive(Debug, Default)]
struct Item {
    values: Vec<(String, Vec<String>)>,
}

impl Item {
    fn get(&self, name: &str) -> Option<&[String]> {
        self.values.iter().rev().find(|(key, _)| key == name).map(|(_, values)| values.as_slice())
    }

    fn first(&self, name: &str) -> Option<&str> {
        self.get(name)?.first().map(String::as_str)
    }
}

#[derive(Debug, Default)]
struct Conf {
    zones: Vec<Item>,
    templates: HashMap<String, Item>,
}

/// Reads a configuration.
pub(super) fn read(file: &Path) -> Result<Configuration, Failure> {
    if file.is_dir() {
        return Err(Failure::usage(format!("{}: a folder", file.display()))
            .hint("a configuration database? `knotc conf-export FILE` makes text of it"));
    }
    let mut conf = Conf::default();
    parse(&mut Reading::default(), file, &mut conf)?;
    let mut configuration = Configuration::default();
    for zone in &conf.zones {
        take(&mut configuration, zone, &conf.templates, folder_of(file));
    }
    Ok(configuration)
}

fn parse(reading: &mut Reading, file: &Path, conf: &mut Conf) -> Result<(), Failure> {
    let text = reading.open(file)?;
    let mut section = String::new();
    let mut item: Option<Item> = None;
    for (line, number) in text.lines().zip(1..) {
        let place = format!("{}, line {number}", file.display());
        let failure = |message: &str| {
            Failure::usage(format!("{place}: {message}"))
                .hint("`knotc -c FILE conf-check` says more; is it a knot.conf?")
        };
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') || content == "---" {
            continue;
        }
        let is_top = !line.starts_with([' ', '\t', '-']);
        let (begins, content) = match content.strip_prefix('-') {
            Some(rest) if rest.starts_with([' ', '\t']) => (true, rest.trim_start()),
            _ => (false, content),
        };
        let (key, rest) = content.split_once(':').ok_or_else(|| failure("no `key: value`"))?;
        let key = key.trim_end();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err(failure("no `key: value`"));
        }
        let values = values(rest).map_err(failure)?;
        if is_top {
            keep(conf, &section, item.take());
            section = key.to_owned();
            if key == "include" {
                for pattern in &values {
                    include(reading, pattern, file, &place, conf)?;
                }
            }
            continue;
        }
        if begins {
            keep(conf, &section, item.take());
        }
        item.get_or_insert_default().values.push((key.to_owned(), values));
    }
    keep(conf, &section, item);
    reading.close();
    Ok(())
}

/// A file, a pattern, or all files of a folder.
fn include(
    reading: &mut Reading,
    pattern: &str,
    file: &Path,
    place: &str,
    conf: &mut Conf,
) -> Result<(), Failure> {
    let folder = folder_of(file).join(pattern);
    let files = if folder.is_dir() {
        let listed =
            fs::read_dir(&folder).map_err(|error| Failure::local(format!("{place}: {pattern}: {error}")))?;
        let mut files: Vec<PathBuf> =
            listed.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.is_file()).collect();
        files.sort();
        files
    } else {
        included(pattern, &[folder_of(file)], place)?
    };
    files.iter().try_for_each(|file| parse(reading, file, conf))
}

fn keep(conf: &mut Conf, section: &str, item: Option<Item>) {
    let Some(item) = item else { return };
    match section {
        "zone" => conf.zones.push(item),
        "template" => {
            let id = item.first("id").unwrap_or_default().to_owned();
            conf.templates.insert(id, item);
        }
        _ => {}
    }
}

/// `value`, `"value"`, `[a, "b"]`, each perhaps with a comment behind.
fn values(text: &str) -> Result<Vec<String>, &'static str> {
    let text = text.trim();
    if let Some(mut rest) = text.strip_prefix('[') {
        let mut all = Vec::new();
        loop {
            rest = rest.trim_start();
            if rest.starts_with(']') {
                return Ok(all);
            }
            let (value, after) = value(rest, &[',', ']'])?;
            all.push(value);
            rest = after.trim_start();
            rest = match rest.chars().next() {
                Some(',') => &rest[1..],
                Some(']') => rest,
                _ => return Err("a list without its end"),
            };
        }
    }
    if text.is_empty() || text.starts_with('#') {
        return Ok(Vec::new());
    }
    Ok(vec![value(text, &[])?.0])
}

fn value<'t>(text: &'t str, ends: &[char]) -> Result<(String, &'t str), &'static str> {
    if let Some(inner) = text.strip_prefix('"') {
        let mut value = String::new();
        let mut chars = inner.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => return Ok((value, &inner[at + 1..])),
                '\\' => value.extend(chars.next().map(|(_, c)| c)),
                c => value.push(c),
            }
        }
        return Err("a quotation mark without its end");
    }
    // A comment needs a space before it.
    let comment = text.find(" #").or_else(|| text.find("\t#")).unwrap_or(text.len());
    let end = text[..comment].find(ends).unwrap_or(comment);
    Ok((text[..end].trim_end().to_owned(), &text[end..]))
}

fn take(configuration: &mut Configuration, zone: &Item, templates: &HashMap<String, Item>, folder: &Path) {
    let Some(apex) = zone.first("domain") else {
        return configuration.leave_out("a zone without a domain", "nothing says which it is");
    };
    let template = match zone.first("template") {
        Some(id) => match templates.get(id) {
            Some(template) => Some(template),
            None => return configuration.leave_out(apex, format!("there is no template {id}")),
        },
        None => templates.get("default"),
    };
    let get = |name: &str| zone.get(name).or_else(|| template.and_then(|template| template.get(name)));
    let first = |name: &str| get(name).and_then(|values| values.first()).map(String::as_str);
    if let Some(masters) = get("master").filter(|masters| !masters.is_empty()) {
        let reason = format!("a secondary of {}: import it where it is primary", masters.join(", "));
        return configuration.leave_out(apex, reason);
    }
    if let Some(role) = first("catalog-role").filter(|role| matches!(*role, "interpret" | "generate")) {
        return configuration.leave_out(apex, format!("a catalog zone ({role})"));
    }
    if first("zonefile-load") == Some("none") {
        return configuration
            .leave_out(apex, "its content is in Knot's journal: `knotc zone-flush` writes it to its file");
    }
    if first("zonefile-sync").is_some_and(|sync| sync.starts_with('-')) {
        configuration.warnings.push(format!(
            "{apex}: changes in Knot's journal may not be in its file: `knotc zone-flush {apex}`"
        ));
    }
    if let Some(modules) = get("module").filter(|modules| !modules.is_empty()) {
        configuration
            .warnings
            .push(format!("{apex}: what its modules answer is not imported: {}", modules.join(", ")));
    }
    let storage = folder.join(first("storage").unwrap_or(STORAGE));
    let pattern = first("file").unwrap_or("%s.zone");
    // Knot puts _ for / in names; who wrote a configuration by hand may have done without.
    let plain = storage.join(expand(pattern, apex, false));
    let file = match storage.join(expand(pattern, apex, true)) {
        file if file.is_file() || !plain.is_file() => file,
        _ => plain,
    };
    configuration.zones.push(ConfiguredZone { apex: apex.to_owned(), file });
}

/// The marks of `file:` in knot.conf(5): `%s`, `%cN`, `%cN-M`, `%lN`, `%%`, with numbers in brackets.
fn expand(pattern: &str, apex: &str, safe: bool) -> String {
    let name = apex.trim_end_matches('.').to_ascii_lowercase();
    let name = if safe { name.replace('/', "_") } else { name };
    let labels: Vec<&str> = name.rsplit('.').collect();
    let (mut out, mut rest) = (String::new(), pattern);
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        rest = after;
        let Some(mark) = rest.chars().next() else { break };
        rest = &rest[mark.len_utf8()..];
        let numbers = rest.strip_prefix('[').and_then(|inner| inner.split_once(']'));
        match (mark, numbers) {
            ('%', _) => out.push('%'),
            ('s', _) => out.push_str(&name),
            ('c', Some((numbers, after))) => {
                let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
                let (first, last) = (first.parse().unwrap_or(0), last.parse().unwrap_or(0usize));
                let count = (last + 1usize).saturating_sub(first);
                out.extend(name.chars().skip(first).take(count));
                rest = after;
            }
            ('l', Some((number, after))) => {
                out.push_str(number.parse::<usize>().ok().and_then(|nth| labels.get(nth)).unwrap_or(&""));
                rest = after;
            }
            (other, _) => out.extend(['%', other]),
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_templates_and_includes() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        std::fs::create_dir(root.join("zones.d")).expect("a folder");
        let main = "# c\nserver:\n    listen: [ 127.0.0.1@53, \"::1@53\" ]\n\nremote:\n  - id: r\n    address: 192.0.2.1\n\
                    template:\n  - id: default\n    storage: \"/srv/knot\"\n    file: \"%s.zone\"\n  - id: secondary\n    master: r\n\
                    include: zones.d\nzone:\n  - domain: 2.0.192.in-addr.arpa\n    file: rev/2.0.192 # here\n\
                    \x20 - domain: \"0/25.2.0.192.in-addr.arpa.\"\n  - domain: s.example\n    template: secondary\n\
                    \x20 - domain: j.example\n    zonefile-load: none\n  - domain: t.example\n    template: absent\n";
        std::fs::write(root.join("knot.conf"), main).expect("written");
        let extra = "zone:\n- domain: a.example\n  storage: sub\n  file: \"%l[0]/%c[0-1]/%s\"\n  module: [mod-stats]\n";
        std::fs::write(root.join("zones.d/a"), extra).expect("written");
        let read = read(&root.join("knot.conf")).map_err(|failure| failure.problem).expect("a configuration");
        let shown = |path: &Path| path.display().to_string().replace(&root.display().to_string(), "ROOT");
        let zones: Vec<String> =
            read.zones.iter().map(|zone| format!("{} {}", zone.apex, shown(&zone.file))).collect();
        assert_eq!(
            zones,
            [
                "a.example ROOT/sub/example/a./a.example",
                "2.0.192.in-addr.arpa /srv/knot/rev/2.0.192",
                "0/25.2.0.192.in-addr.arpa. /srv/knot/0_25.2.0.192.in-addr.arpa.zone",
            ]
        );
        let reasons: Vec<&str> = read.left_out.iter().map(|(_, reason)| reason.as_str()).collect();
        assert_eq!(reasons.len(), 3, "{reasons:?}");
        assert!(reasons[0].contains("a secondary of r") && reasons[1].contains("knotc zone-flush"));
        assert_eq!(read.warnings.len(), 1);
    }

    #[test]
    fn what_is_broken_is_named_by_its_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("c");
        for (text, part) in [
            ("zone:\n  - domain \"x\"\n", "line 2: no `key: value`"),
            ("zone:\n  - domain: \"x\n", "line 2: a quotation mark"),
            ("zone:\n  - master: [a, b\n", "line 2: a list without its end"),
            ("include: absent\n", "there is no file"),
            ("include: c\n", "in a circle"),
        ] {
            std::fs::write(&file, text).expect("written");
            let message =
                read(&file).expect_err(text).problem.map(|problem| problem.message).unwrap_or_default();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}

//! From a text to a [`File`]: everything that is wrong with it, at its line and column.
//!
//! The document is parsed once, mistakes of syntax included. Then each key is read by itself, so that one with a bad
//! value does not hide the next; what is sound is then read together.

use super::file::{File, SECTIONS, Section, section};
use super::finding::{Finding, Place};
use serde::Deserialize;
use std::borrow::Cow;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// Reads a text. What is wrong is left out of the result.
pub fn read(text: &str) -> (File, Vec<Finding>) {
    let (document, broken) = DeTable::parse_recoverable(text);
    let mut findings: Vec<Finding> = broken.iter().map(syntax).collect();
    let mut sound = DeTable::new();
    for (name, value) in document.get_ref() {
        let found = section(name.get_ref());
        match (found, value.get_ref()) {
            (Some(section), DeValue::Table(keys)) => {
                let keys = keys_of(section, keys, &mut findings);
                sound.insert(name.clone(), Spanned::new(value.span(), DeValue::Table(keys)));
            }
            (Some(section), _) => {
                let message = format!("is a section: write [{0}], and its keys below it", section.name);
                findings.push(Finding::error(section.name, message).at(Place::Octet(name.span().start)));
            }
            (None, _) => findings.push(
                Finding::error(name.get_ref().as_ref(), unknown_section(name.get_ref(), value.get_ref()))
                    .at(Place::Octet(name.span().start)),
            ),
        }
    }
    let file = File::deserialize(Deserializer::from(Spanned::new(document.span(), sound)));
    let mut file = file.unwrap_or_else(|error| {
        findings.push(syntax(&error));
        File::default()
    });
    file.place_all(|place| place.within(text));
    for finding in &mut findings {
        finding.place = finding.place.within(text);
    }
    findings.sort_by_key(Finding::order);
    (file, findings)
}

/// The keys of a section that make sense.
fn keys_of<'a>(section: &Section, keys: &DeTable<'a>, findings: &mut Vec<Finding>) -> DeTable<'a> {
    let mut sound = DeTable::new();
    for (key, value) in keys {
        let name = key.get_ref().as_ref();
        let full = format!("{}.{name}", section.name);
        if !section.keys.iter().any(|key| key.name == name) {
            let finding = Finding::error(full, unknown_key(section, name));
            findings.push(finding.at(Place::Octet(key.span().start)));
            continue;
        }
        match alone(section, key, value.clone()) {
            Ok(()) => {
                sound.insert(key.clone(), value.clone());
            }
            Err(error) => {
                let wrong = items(section, key, value);
                let whole = vec![(value.span().start, plain(error.message()))];
                let wrong = if wrong.is_empty() { whole } else { wrong };
                findings.extend(
                    wrong.into_iter().map(|(start, message)| {
                        Finding::error(full.clone(), message).at(Place::Octet(start))
                    }),
                );
            }
        }
    }
    sound
}

/// Reads a document of this one key.
fn alone<'a>(
    section: &'a Section,
    key: &Spanned<Cow<'a, str>>,
    value: Spanned<DeValue<'a>>,
) -> Result<(), toml::de::Error> {
    let span = key.span();
    let table = |name: Spanned<Cow<'a, str>>, value| {
        let mut table = DeTable::new();
        table.insert(name, value);
        Spanned::new(span.clone(), table)
    };
    let keys = Spanned::new(span.clone(), DeValue::Table(table(key.clone(), value).into_inner()));
    let document = table(Spanned::new(span.clone(), section.name.into()), keys);
    File::deserialize(Deserializer::from(document)).map(drop)
}

/// The items of a list that are wrong, each by itself, and where they begin.
fn items(
    section: &Section,
    key: &Spanned<Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
) -> Vec<(usize, String)> {
    let DeValue::Array(items) = value.get_ref() else { return Vec::new() };
    let mut wrong = Vec::new();
    for item in items.iter() {
        let mut list = toml::de::DeArray::new();
        list.push(item.clone());
        if let Err(error) = alone(section, key, Spanned::new(value.span(), DeValue::Array(list))) {
            wrong.push((item.span().start, plain(error.message())));
        }
    }
    wrong
}

fn syntax(error: &toml::de::Error) -> Finding {
    let start = error.span().map_or(0, |span| span.start);
    Finding::error("", plain(error.message())).at(Place::Octet(start))
}

/// A message on one line.
fn plain(message: &str) -> String {
    message.lines().collect::<Vec<_>>().join("; ")
}

fn unknown_section(name: &str, value: &DeValue<'_>) -> String {
    let keys = SECTIONS.iter().filter(|section| section.keys.iter().any(|key| key.name == name));
    if !matches!(value, DeValue::Table(_))
        && let Some(section) = keys.map(|section| section.name).next()
    {
        return format!("is a key of a section: write it below [{section}]");
    }
    let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
    match nearest(name, names.iter().copied()) {
        Some(near) => format!("there is no such section; did you mean [{near}]?"),
        None => format!("there is no such section; there are {}", names.join(", ")),
    }
}

fn unknown_key(here: &Section, name: &str) -> String {
    let names = || here.keys.iter().map(|key| key.name);
    let others = SECTIONS.iter().filter(|section| section.keys.iter().any(|key| key.name == name));
    let others: Vec<String> = others.map(|section| format!("[{}]", section.name)).collect();
    if !others.is_empty() {
        return format!(
            "there is no such key in [{}], which has {}; {name} belongs to {}",
            here.name,
            names().collect::<Vec<_>>().join(", "),
            others.join(" and ")
        );
    }
    if let Some(near) = nearest(name, names()) {
        return format!("there is no such key; did you mean {near}?");
    }
    let everywhere =
        SECTIONS.iter().flat_map(|section| section.keys.iter().map(move |key| (section.name, key.name)));
    if let Some(near) = nearest(name, everywhere.clone().map(|(_, key)| key))
        && let Some((section, key)) = everywhere.clone().find(|(_, key)| *key == near)
    {
        return format!("there is no such key; did you mean {key} of [{section}]?");
    }
    format!("there is no such key; [{}] has {}", here.name, names().collect::<Vec<_>>().join(", "))
}

/// The most similar of some words, if one is similar enough to be meant.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase().replace('_', "-");
    // Two letters in the wrong order weigh too much in a short word.
    let scored = candidates.map(|candidate| {
        let typed = strsim::damerau_levenshtein(&word, candidate);
        let score = if typed <= 1 { 1.0 } else { strsim::jaro_winkler(&word, candidate) };
        (score, candidate)
    });
    let (score, best) = scored.max_by(|one, other| one.0.total_cmp(&other.0))?;
    (score >= 0.75).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        read(text).1.iter().map(|finding| finding.line("f")).collect()
    }

    #[test]
    fn all_that_is_wrong_is_found_at_its_place() {
        let text = "\
[listen]
addresses = ['127.0.0.1:53', 'localhost']
udp_workers = 3
[answers]
udp-size = 100
nsid = 'fra1'
hostname = 'x'
[tcp]
idle-timeout = 'soon'
message-timeout = true
buffers = -1
first-query-timeout = 7
[anwsers]
nsid = 'x'
";
        let found = lines(text);
        let expected = [
            ("f:2:30: listen.addresses: ", "\"localhost\" is no address: write 192.0.2.53"),
            ("f:3:1: listen.udp_workers: ", "did you mean udp-workers?"),
            ("f:5:12: answers.udp-size: ", "100 is not in 512..=4096"),
            ("f:7:1: answers.hostname: ", "there is no such key"),
            ("f:9:16: tcp.idle-timeout: ", "\"soon\" is no duration: write a duration, such as \"10s\""),
            ("f:10:19: tcp.message-timeout: ", "a duration"),
            ("f:11:11: tcp.buffers: ", "a size"),
            ("f:13:2: anwsers: ", "did you mean [answers]?"),
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for (found, (start, part)) in found.iter().zip(expected) {
            assert!(found.starts_with(start) && found.contains(part), "{found}\nnot {start}…{part}");
        }
        let (file, _) = read(text);
        assert_eq!(file.answers.nsid.expect("read in spite of the rest").place, Place::Line(6, 8));
        assert_eq!(file.tcp.first_query.expect("seconds").value.to_string(), "7s");
    }

    #[test]
    fn syntax_does_not_hide_the_rest() {
        let found = lines("[listen\nudp-workers = \n[answers]\nudp-size = 1\n");
        assert!(found.len() >= 2, "{found:#?}");
        assert!(found.last().is_some_and(|line| line.starts_with("f:4:12: answers.udp-size")), "{found:#?}");
        assert!(lines("a = 'x\n").len() >= 2);
        let twice = lines("[answers]\nnsid = 'a'\nnsid = 'b'\n");
        assert!(twice.len() == 1 && twice[0].starts_with("f:3:1: "), "{twice:#?}");
    }

    #[test]
    fn keys_in_the_wrong_place_are_led_to_the_right_one() {
        assert!(lines("nsid = 'x'")[0].ends_with("nsid: is a key of a section: write it below [answers]"));
        assert!(lines("[tcp]\nnsid = 'x'")[0].contains("nsid belongs to [answers]"));
        let listen = &lines("[metrics]\nlisten = '127.0.0.1:9153'")[0];
        assert!(
            listen.contains("[metrics], which has addresses") && listen.contains("[standby]"),
            "{listen}"
        );
        assert!(lines("[tcp]\nudp-worker = 1")[0].contains("did you mean udp-workers of [listen]?"));
        assert!(lines("listen = 1")[0].contains("is a section: write [listen]"));
        assert!(lines("[tcp]\nzzz = 1")[0].contains("[tcp] has connections, connections-per-network"));
    }
}

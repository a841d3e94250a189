//! A configuration as a file: the example with every key, and the configuration in force.

use super::Place;
use super::file::{File, SECTIONS, Takes};
use super::read::read;
use super::runtime::Config;
use std::fmt::Write;
use toml::Value;

const WIDTH: usize = 100;

const EXAMPLE_HEAD: &str = "\
# The configuration of ptrd. Every key is here, with its default; see ptrd.toml(5).
# `ptrd check-config FILE` says what is wrong with one, `ptrd check-config --print` what is in force.
#
# Options of `ptrd serve` and environment variables (PTRD_STORE and so on) override what is written here.
# Durations are texts with units (\"500ms\", \"10s\", \"1m30s\", \"2h\"), or numbers of seconds; sizes are texts with units
# (\"64 KiB\", \"32 MiB\"), or numbers of octets. An empty text stands for none.
#
# SIGHUP and `ptrctl reload` read the file again and apply what can change while ptrd runs; [restart] marks the rest.
";

/// The file with every key at its default, commented.
pub fn example() -> String {
    let mut text = EXAMPLE_HEAD.to_owned();
    for section in SECTIONS {
        text.push('\n');
        comment(&mut text, section.about, "");
        let _ = writeln!(text, "[{}]", section.name);
        for key in section.keys {
            let mark = if key.takes == Takes::Restart { " [restart]" } else { "" };
            comment(&mut text, key.about, mark);
            let _ = writeln!(text, "{} = {}", key.name, key.default);
        }
    }
    text
}

/// Every key at its default.
pub fn defaults() -> File {
    let (mut file, findings) = read(&example());
    debug_assert_eq!(findings, []);
    file.place_all(|_| Place::Default);
    file
}

/// The configuration in force, with where each value comes from.
pub fn effective(config: &Config, merged: &File, file: &str) -> String {
    let mut text = String::new();
    let mut section = "";
    for (key, value) in config.shown() {
        let (first, name) = key.split_once('.').unwrap_or_default();
        if first != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}[{first}]");
            section = first;
        }
        let origin = match merged.place(key) {
            Place::Default => "default".to_owned(),
            Place::Line(line, _) => format!("{file}:{line}"),
            Place::Option(option) => option.to_owned(),
            Place::Octet(_) => file.to_owned(),
        };
        let here = here(config, key).map(|here| format!("; here: {here}")).unwrap_or_default();
        let _ = writeln!(text, "{name} = {} # {origin}{here}", literal(&value));
    }
    text
}

/// What a value that goes by the machine comes to on this one.
fn here(config: &Config, key: &str) -> Option<String> {
    let machine = ptrd_listen::Config::default();
    match key {
        "listen.udp-workers" if config.listen.udp_workers.is_none() => Some(machine.udp_workers.to_string()),
        "listen.tcp-threads" if config.listen.tcp_threads.is_none() => Some(machine.tcp_threads.to_string()),
        "tcp.connections" if config.tcp.connections.is_none() => {
            Some(config.tcp.limits().connections.to_string())
        }
        "tcp.connections-per-network" if config.tcp.connections_per_network.is_none() => {
            Some(config.tcp.limits().connections_per_network.to_string())
        }
        "listen.tls-threads" if config.listen.tls_threads.is_none() => Some(machine.tcp_threads.to_string()),
        "tls.connections" if config.tls.connections.is_none() => {
            Some(config.tls.limits(&config.tcp).connections.to_string())
        }
        _ => None,
    }
}

/// A value as TOML, on one line.
pub fn literal(value: &Value) -> String {
    value.to_string()
}

/// Lines of documentation as comments, filled anew.
fn comment(text: &mut String, about: &[&str], mark: &str) {
    let about = format!("{}{mark}", about.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "));
    let mut line = "#".to_owned();
    for word in about.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(text, "{line}");
            "#".clone_into(&mut line);
        }
        let _ = write!(line, " {word}");
    }
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_in_deploy_is_this_one() {
        let shipped = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/ptrd.toml");
        let shipped = std::fs::read_to_string(shipped).expect("deploy/ptrd.toml");
        assert!(shipped == example(), "deploy/ptrd.toml is not what ptrd prints: run deploy/generate");
    }

    #[test]
    fn the_example_names_every_key_and_has_the_defaults() {
        let (file, findings) = read(&example());
        assert_eq!(findings, []);
        assert!(!format!("{file:?}").contains("None"), "a key is missing: {file:#?}");
        assert_eq!(Config::of(file, &mut Vec::new()), Config::default());
        assert_eq!(Config::default().log.level, "info");
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        let (file, _) = read(
            "[answers]\nnsid = \"it's \\\"quoted\\\" \\u001b\"\n[tcp]\nidle-timeout = '1m'\n[admin]\nusers = ['a', '7']\n",
        );
        let merged = defaults().under(file);
        let config = Config::of(merged.clone(), &mut Vec::new());
        let text = effective(&config, &merged, "my.toml");
        assert!(text.contains("idle-timeout = \"1m\" # my.toml:4"), "{text}");
        assert!(
            text.contains("udp-size = 1232 # default") && text.contains("udp-workers = 0 # default; here: "),
            "{text}"
        );
        let (again, findings) = read(&text);
        assert_eq!(findings, []);
        assert_eq!(Config::of(again, &mut Vec::new()), config);
    }
}

//! `--map`: whose each zone is. A line each, `zones,tenant`: an apex, a range of addresses or a pattern, and a tenant.
//! CSV rather than TOML, since such lists come out of databases and spreadsheets.

use crate::failure::Failure;
use ptrd_api::{LineError, TenantRule};
use std::path::Path;

/// Reads the file.
pub fn read(file: &Path) -> Result<Vec<TenantRule>, Failure> {
    let octets =
        std::fs::read(file).map_err(|error| Failure::local(format!("{}: {error}", file.display())))?;
    let text = String::from_utf8(octets).map_err(|_| {
        Failure::usage(format!("{}: not in UTF-8", file.display())).hint("save it as UTF-8: `iconv -t UTF-8`")
    })?;
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') || is_header(line, number) {
            continue;
        }
        match rule(line) {
            Ok(rule) => rules.push(rule),
            Err(message) => errors.push(LineError {
                file: Some(file.display().to_string()),
                line: number,
                message: message.to_owned(),
            }),
        }
    }
    if errors.is_empty() && !rules.is_empty() {
        return Ok(rules);
    }
    let mut failure = Failure::usage(format!("{}: no map of tenants", file.display()))
        .hint("a line each: 192.0.2.0/24,acme or *.example,globex or 2.0.192.in-addr.arpa,acme");
    if let Some(problem) = &mut failure.problem {
        problem.errors_total = errors.len() as u64;
        errors.truncate(100);
        problem.errors = errors;
    }
    Err(failure.hint(
        "each line is `zones,tenant`: an apex, a range such as 192.0.2.0/24, or a pattern such as *.example",
    ))
}

fn is_header(line: &str, number: u64) -> bool {
    number == 1 && line.replace([' ', '"'], "").eq_ignore_ascii_case("zones,tenant")
}

fn rule(line: &str) -> Result<TenantRule, &'static str> {
    let (zones, tenant) = line.split_once(',').ok_or("no comma between zones and tenant")?;
    let field = |text: &str| {
        let text = text.trim();
        text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text).to_owned()
    };
    let rule = TenantRule { zones: field(zones), tenant: field(tenant) };
    match (rule.zones.is_empty(), rule.tenant.is_empty() || rule.tenant.contains([',', ' '])) {
        (true, _) => Err("no zones before the comma"),
        (_, true) => Err("no tenant after the comma: one word"),
        _ => Ok(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_are_read_line_by_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("map.csv");
        let text = "Zones, Tenant\n# c\n192.0.2.0/24,acme\n\"*.example\" , \"bob\"\r\n\n2.0.192.in-addr.arpa.,acme\n";
        std::fs::write(&file, text).expect("written");
        let rules = read(&file).expect("a map");
        assert_eq!(rules.len(), 3);
        assert_eq!((rules[1].zones.as_str(), rules[1].tenant.as_str()), ("*.example", "bob"));
        for bad in ["a.example\n", ",acme\n", "a.example,\n", "", "a.example,b,c\n"] {
            std::fs::write(&file, bad).expect("written");
            assert_eq!(read(&file).map_err(|failure| failure.exit).err(), Some(2), "{bad}");
        }
    }
}

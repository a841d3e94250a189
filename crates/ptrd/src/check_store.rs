//! `ptrd check-store`: says of each finding what to do about it.

use crate::arguments::CheckStore;
use crate::failure::{Failure, Part};
use crate::progress::{Progress, Watched};
use ptrd_store::{Check, Finding};

/// The words for what was looked at, for people and for scripts.
pub fn word(check: Check) -> &'static str {
    match check {
        Check::File => "file",
        Check::References => "references",
        Check::Rows => "rows",
        Check::Log => "log",
        Check::Serials => "serials",
        Check::Model => "blocks",
    }
}

/// Checks the store and prints what is wrong with it.
pub fn check(arguments: &CheckStore) -> Result<(), Failure> {
    crate::logs::start_quietly();
    let store = arguments.store.path()?;
    let mut findings = 0u64;
    let mut progress = Progress::new();
    let tell = |finding: Finding| {
        findings += 1;
        let Finding { check, what, remedy } = finding;
        if arguments.json {
            let line = serde_json::json!({ "check": word(check), "what": what, "remedy": remedy });
            println!("{line}");
        } else {
            println!("{}: {}\n  {}", word(check), printable(&what), remedy);
        }
    };
    let checked = ptrd_change::check_store(&store, &mut Watched { progress: &mut progress, tell });
    drop(progress);
    checked.map_err(|error| Failure::of(Part::Store, error))?;
    if findings > 0 {
        let things = if findings == 1 { "thing is" } else { "things are" };
        let error = anyhow::anyhow!("{}: {findings} {things} not as they should be", store.display());
        return Err(Failure::of(Part::Unsound, error));
    }
    if !arguments.json {
        println!("{}: sound", store.display());
    }
    Ok(())
}

/// What a damaged file holds must not act on a terminal.
pub fn printable(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_unicode().collect() } else { vec![c] }).collect()
}

//! Records of an RRset, read from text as other servers' interfaces take it. What those refuse is refused, where something
//! else than was meant would be made of it.

use crate::problem::{invalid, quote};
use crate::record::MAX_RECORDS;
use ptrd_api::Problem;
use ptrd_wire::{Name, RecordType};
use std::collections::HashSet;

/// Reads records, in which names must be absolute: what was meant by one that is not, nobody here can know.
pub(super) fn read(owner: &Name, rtype: RecordType, data: &[String]) -> Result<Vec<Box<[u8]>>, Problem> {
    if data.len() > MAX_RECORDS {
        let message = format!("RRset {owner} IN {rtype}: {} records, at most {MAX_RECORDS}", data.len());
        return Err(invalid(message).hint("leave some out"));
    }
    let elsewhere: Name = "relative.invalid.".parse().unwrap_or_else(|_| Name::root());
    let mut seen = HashSet::with_capacity(data.len());
    let mut rdatas: Vec<Box<[u8]>> = Vec::with_capacity(data.len());
    for text in data {
        check_form(owner, rtype, text)?;
        let read = |origin: &Name| ptrd_master::rdata_from_text(rtype, text, origin);
        let at = || format!("Record {owner}/{rtype} {}", quote(text));
        let rdata = read(&Name::root()).map_err(|error| invalid(format!("{}: {error}", at())))?;
        if read(&elsewhere).is_ok_and(|other| other != rdata) {
            let parsed = quote(&ptrd_master::rdata_to_text(rtype, &rdata));
            return Err(invalid(format!("{}: Not in expected format (parsed as {parsed})", at()))
                .hint("names in records end with a dot"));
        }
        if !seen.insert(ptrd_wire::folded_rdata(rtype, &rdata).into_owned()) {
            return Err(invalid(format!(
                "Duplicate record in RRset {owner} IN {rtype} with content {}",
                quote(text)
            )));
        }
        rdatas.push(rdata);
    }
    Ok(rdatas)
}

/// Refuses what a master file has another meaning for: without quotes each word of a text is a string of its own, and what
/// is not in ASCII stands for its octets.
fn check_form(owner: &Name, rtype: RecordType, text: &str) -> Result<(), Problem> {
    let refuse = |why: &str, hint: &str| {
        Err(invalid(format!("Record {owner}/{rtype} {}: {why}", quote(text))).hint(hint))
    };
    if rtype == RecordType::TXT && !text.starts_with("\\#") && unquoted(text).any(|c| !c.is_whitespace()) {
        return refuse("Data field in DNS should start with quote (\")", "write \"text\", with its quotes");
    }
    if unquoted(text).any(|c| !c.is_ascii()) {
        return refuse("Not in expected format", "write names in ASCII: xn--…");
    }
    Ok(())
}

/// The characters that stand outside of quotes.
fn unquoted(text: &str) -> impl Iterator<Item = char> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.chars().filter(move |c| {
        let was_escaped = is_escaped;
        is_escaped = *c == '\\' && !was_escaped;
        let is_quote = *c == '"' && !was_escaped;
        is_quoted ^= is_quote;
        !is_quoted && !is_quote
    })
}

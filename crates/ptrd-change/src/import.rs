//! `address,name[,ttl]`: the CSV form of PTRs. Read on the caller's side of the queue, line by line, into a [`Batch`].

use crate::batch::{Batch, Errors};
use crate::names::{Rules, push_host};
use crate::problem::{bad, quote};
use csv::{ByteRecord, ReaderBuilder, Trim};
use ptrd_api::Problem;
use ptrd_wire::Ttl;
use std::io::Read;
use std::net::IpAddr;

/// More lines than that are no import but a mistake: the IPv4 space at twenty-five percent.
const MAX_LINES: usize = 1 << 30;

/// Reads the file. Where the reader fails with a [`Problem`] inside its error, that is the answer.
pub(crate) fn read_csv(from: impl Read, lax: bool) -> Result<Batch, Problem> {
    let rules = Rules { underscore: lax, reverse: false };
    let mut batch = Batch::new("the import", false);
    let mut errors = Errors::default();
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(Trim::None)
        .buffer_capacity(1 << 18)
        .from_reader(from);
    let mut record = ByteRecord::new();
    let mut first = true;
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(unreadable(error)),
        }
        let line = record.position().map_or(0, csv::Position::line);
        if std::mem::take(&mut first) && is_header(&record) {
            continue;
        }
        if batch.len() >= MAX_LINES {
            return Err(bad(format!("more than {MAX_LINES} lines")).hint("import it in parts"));
        }
        if let Err(message) = read_row(&record, rules, &mut batch, line) {
            errors.push(line, || message);
        }
    }
    batch.settle(&mut errors);
    errors.into_result("the import")?;
    Ok(batch)
}

/// A reader that knows better why it failed says so with a [`Problem`] inside its error.
pub(crate) fn unreadable(error: csv::Error) -> Problem {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => match error.downcast::<Problem>() {
            Ok(problem) => problem,
            Err(error) => bad(format!("the import could not be read: {error}")),
        },
        kind => bad(format!("the import could not be read: {kind:?}")),
    }
}

fn is_header(record: &ByteRecord) -> bool {
    record.get(0).is_some_and(|field| {
        let field = field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field).trim_ascii();
        field.eq_ignore_ascii_case(b"address") || field.eq_ignore_ascii_case(b"ip")
    })
}

fn read_row(record: &ByteRecord, rules: Rules, batch: &mut Batch, line: u64) -> Result<(), String> {
    if record.len() == 1 && record[0].trim_ascii().is_empty() {
        return Ok(());
    }
    let mut fields = record.iter().map(<[u8]>::trim_ascii);
    let address = fields.next().unwrap_or_default();
    let address =
        read_address(address).ok_or_else(|| format!("{} is no IP address", quote_octets(address)))?;
    let name = fields.next().ok_or("no name: each line is address,name or address,name,ttl")?;
    let ttl = match fields.next() {
        None | Some(b"") => None,
        Some(ttl) => Some(read_ttl(ttl).ok_or_else(|| {
            format!("{} is no TTL: a number of seconds up to {}", quote_octets(ttl), Ttl::MAX)
        })?),
    };
    if fields.any(|field| !field.is_empty()) {
        return Err("more than three fields: each line is address,name or address,name,ttl".to_owned());
    }
    let text = std::str::from_utf8(name).map_err(|_| format!("{} is not in UTF-8", quote_octets(name)))?;
    let start = batch.names_mut().len();
    push_host(text, rules, batch.names_mut()).map_err(|error| format!("{} {error}", quote(text)))?;
    batch.push(address, ttl, start, line);
    Ok(())
}

#[inline]
fn read_address(text: &[u8]) -> Option<IpAddr> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn read_ttl(text: &[u8]) -> Option<Ttl> {
    let text = std::str::from_utf8(text).ok()?;
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|seconds| *seconds <= Ttl::MAX.as_secs()).map(Ttl::from_secs)
}

fn quote_octets(text: &[u8]) -> String {
    quote(&String::from_utf8_lossy(text))
}

//! The sending inventory as CSV: a header, then a line for each address. Read on the caller's side of the queue.
//!
//! Columns are found by their names, in any order; one that is not known is refused, since what it says would be lost.
//! No field can be a formula to a spreadsheet: addresses, host names and labels of MTAs start with letters, digits or colons.

use crate::batch::Errors;
use crate::import::unreadable;
use crate::problem::{bad, quote};
use crate::sending::{Import, MOST, read};
use csv::{ByteRecord, ReaderBuilder, Trim};
use ptrd_api::{Problem, SENDING_COLUMNS};
use ptrd_zone::model::Sending;
use std::io::{BufRead, BufReader, Read};

/// Where the columns stand.
struct Columns {
    count: usize,
    address: usize,
    helo: usize,
    mta: Option<usize>,
    domains: Option<usize>,
}

/// The longest line, octets: an address with its names and a hundred domains.
const LONGEST: u64 = 64 * 1024;

/// Reads the file. Where the reader fails with a [`Problem`] inside its error, that is the answer.
pub(crate) fn read_csv(from: impl Read) -> Result<Import, Problem> {
    let mut import = Import::default();
    let mut errors = Errors::default();
    let (mut from, mut line, mut record) = (BufReader::new(from), Vec::new(), ByteRecord::new());
    let mut columns = None;
    // Line by line, so that each has its number: a reader of CSV counts from the comments before a record.
    for number in 1.. {
        line.clear();
        let read = from.by_ref().take(LONGEST).read_until(b'\n', &mut line);
        if read.map_err(|error| unreadable(error.into()))? as u64 == LONGEST {
            return Err(bad(format!("line {number} is longer than {LONGEST} octets")));
        }
        if line.is_empty() {
            break;
        }
        let text = line.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        split(text, &mut record)?;
        let Some(columns) = &columns else {
            columns = Some(header(&record)?);
            continue;
        };
        if import.marks.len() >= MOST {
            return Err(bad(format!("more than {MOST} addresses")).hint("import it in parts"));
        }
        match row(&record, columns) {
            Ok(mark) => import.marks.push((number, mark)),
            Err(message) => errors.push(number, || message),
        }
    }
    if columns.is_none() {
        return Err(no_header());
    }
    import.marks.sort_by_key(|(_, mark)| mark.address);
    for pair in import.marks.windows(2) {
        let [(first, mark), (line, again)] = pair else { continue };
        if mark.address == again.address {
            errors.push(*line, || format!("{} stands in line {first} already", mark.address));
        }
    }
    errors.into_result("the import")?;
    Ok(import)
}

/// The fields of a line.
fn split(line: &[u8], record: &mut ByteRecord) -> Result<(), Problem> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .buffer_capacity(line.len())
        .from_reader(line);
    reader.read_byte_record(record).map(drop).map_err(unreadable)
}

fn no_header() -> Problem {
    bad("the file does not start with a header")
        .hint(format!("write the names of its columns into the first line: {}", SENDING_COLUMNS.join(",")))
}

fn header(record: &ByteRecord) -> Result<Columns, Problem> {
    let names: Vec<String> = record
        .iter()
        .map(|field| String::from_utf8_lossy(field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(field)))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let known = |name: &String| SENDING_COLUMNS.contains(&name.as_str());
    if !names.iter().any(known) {
        return Err(no_header());
    }
    if let Some(name) = names.iter().find(|name| !known(name)) {
        return Err(bad(format!("line 1: {} is no column of the inventory", quote(name)))
            .hint(format!("there are {}", SENDING_COLUMNS.join(", "))));
    }
    let at = |name: &str| names.iter().position(|column| column == name);
    if let Some(twice) = (1..names.len()).find(|nth| names[..*nth].contains(&names[*nth])) {
        return Err(bad(format!("line 1: the column {} stands there twice", names[twice])));
    }
    let [address, helo, mta, domains] = SENDING_COLUMNS.map(at);
    match (address, helo) {
        (Some(address), Some(helo)) => Ok(Columns { count: names.len(), address, helo, mta, domains }),
        _ => Err(bad("line 1: a column is missing").hint("address and helo are needed")),
    }
}

fn row(record: &ByteRecord, columns: &Columns) -> Result<Sending, String> {
    if record.len() != columns.count {
        return Err(format!("{} fields, and the header has {}", record.len(), columns.count));
    }
    let field = |nth: usize| {
        let octets = record.get(nth).unwrap_or_default();
        let text = std::str::from_utf8(octets);
        text.map_err(|_| format!("{} is not in UTF-8", quote(&String::from_utf8_lossy(octets))))
    };
    let address = field(columns.address)?;
    let address = address.parse().map_err(|_| format!("{} is no IP address", quote(address)))?;
    let mta = columns.mta.map(field).transpose()?.filter(|text| !text.is_empty());
    let domains = columns.domains.map(field).transpose()?.unwrap_or_default();
    read(address, field(columns.helo)?, mta, domains.split_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        match read_csv(text.as_bytes()) {
            Ok(import) => {
                let line = |(line, mark): &(u64, Sending)| {
                    let domains: Vec<String> = mark.domains.iter().map(ToString::to_string).collect();
                    let mta = mark.mta.as_deref().unwrap_or("-");
                    format!("{line} {} {} {mta} {}\n", mark.address, mark.helo, domains.join("+"))
                };
                import.marks.iter().map(line).collect()
            }
            Err(problem) if problem.errors.is_empty() => problem.message,
            Err(problem) => {
                let lines = problem.errors.iter();
                lines.map(|error| format!("line {}: {}\n", error.line, error.message)).collect()
            }
        }
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let text = "\u{feff}Helo, address ,domains\n# a comment\nMail-2.Example.COM,192.0.2.2,b.example a.example\n\
                    mail-1.example.com,192.0.2.1,\n\nsix.example.com,2001:db8::1,example.com\n";
        assert_eq!(
            told(text),
            "4 192.0.2.1 mail-1.example.com. - \n3 192.0.2.2 mail-2.example.com. - a.example.+b.example.\n\
             6 2001:db8::1 six.example.com. - example.com.\n"
        );
    }

    #[test]
    fn a_header_is_needed_and_says_no_more_than_is_known() {
        assert!(told("192.0.2.1,mail.example.com\n").contains("does not start with a header"));
        assert!(told("").contains("does not start with a header"));
        assert!(told("address,helo,weight\n").contains("“weight” is no column"));
        assert!(told("address,helo,helo\n").contains("twice"));
        assert!(told("address,mta\n").contains("a column is missing"));
        assert_eq!(told("address,helo\n"), "");
    }

    #[test]
    fn bad_lines_are_told_by_number() {
        let text = "address,helo,mta,domains\n192.0.2.1,mail.example.com,out1,\n192.0.2.300,mail.example.com,,\n\
                    192.0.2.2,mail,,\n192.0.2.3,[192.0.2.3],,\n192.0.2.4,mail.example.com,=1+1,\n\
                    192.0.2.5,mail.example.com,,a.example A.example\n192.0.2.6,mail.example.com\n\
                    192.0.2.1,other.example.com,,\n192.0.2.7,mail.example.com,,two_words.example\n";
        let told = told(text);
        let lines: Vec<&str> = told.lines().collect();
        for (nth, (start, part)) in [
            ("line 3:", "no IP address"),
            ("line 4:", "one label only"),
            ("line 5:", "is an address"),
            ("line 6:", "no label of an MTA"),
            ("line 7:", "given twice"),
            ("line 8:", "2 fields, and the header has 4"),
            ("line 9:", "stands in line 2 already"),
            ("line 10:", "underscore"),
        ]
        .into_iter()
        .enumerate()
        {
            assert!(lines[nth].starts_with(start) && lines[nth].contains(part), "{told}");
        }
    }
}

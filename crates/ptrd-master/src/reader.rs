//! Reads the records of a master file: directives, owners, TTLs, classes, types.
//!
//! What concerns more than one record is left to module `zone`. Reading goes on after an error, so that all of
//! them are reported at once, until their limit. `$TTL` and the last TTL go through inclusions as they do in
//! BIND; origin and last owner come back after one (RFC 1035 §5.1).

use crate::error::{GenerateError, IncludeError, MasterError, Place, Reason, Warning, quoted};
use crate::fields::{Fields, NameIssue, parse_name, seconds, unescape};
use crate::generate::{Range, Template};
use crate::lexer::{Entry, Lexer};
use crate::limits::Limits;
use crate::rdata;
use crate::records::RecordText;
use domain::base::iana::Rtype;
use ptrd_wire::{Class, Name, RecordType, Soa, Ttl};
use std::io;
use std::sync::Arc;

/// Gives the content of an included file by its path below the main file's folder.
pub type Includes<'i> = dyn FnMut(&str) -> io::Result<Vec<u8>> + 'i;

/// A line of one of the files read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub file: u16,
    pub line: u32,
}

/// A record as it stands in the file.
#[derive(Debug)]
pub(crate) struct Raw {
    pub rdata: Box<[u8]>,
    pub owner: u32,
    pub ttl: Ttl,
    pub rtype: RecordType,
    pub at: At,
}

/// The first SOA record.
#[derive(Debug)]
pub(crate) struct SoaRecord {
    pub owner: Name,
    pub ttl: Ttl,
    pub soa: Soa,
    pub at: At,
}

/// Everything that was read.
pub(crate) struct Reader<'a, 'i> {
    includes: &'a mut Includes<'i>,
    limits: Limits,
    files: Vec<Arc<str>>,
    /// The paths being read, the main file first.
    open: Vec<String>,
    origin: Option<Name>,
    owner: Option<u32>,
    default_ttl: Option<Ttl>,
    last_ttl: Option<Ttl>,
    last_type: Option<(Vec<u8>, RecordType)>,
    used: Used,
    stopped: bool,
    pub owners: Vec<Name>,
    pub records: Vec<Raw>,
    pub soa: Option<SoaRecord>,
    pub errors: Vec<MasterError>,
    pub warnings: Vec<Warning>,
}

#[derive(Default)]
struct Used {
    octets: u64,
    includes: u64,
    generated_records: u64,
    generated_octets: u64,
}

/// What stands between owner and data.
struct Head {
    ttl: Option<Ttl>,
    rtype: RecordType,
}

impl<'a, 'i> Reader<'a, 'i> {
    pub fn new(name: &str, origin: Option<Name>, limits: Limits, includes: &'a mut Includes<'i>) -> Self {
        Reader {
            includes,
            limits,
            files: vec![name.into()],
            open: vec![name.to_owned()],
            origin,
            owner: None,
            default_ttl: None,
            last_ttl: None,
            last_type: None,
            used: Used::default(),
            stopped: false,
            owners: Vec::new(),
            records: Vec::new(),
            soa: None,
            errors: Vec::new(),
            warnings: Vec::new(),
        }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    pub fn place(&self, at: At) -> Place {
        Place { file: self.files[usize::from(at.file)].clone(), line: at.line }
    }

    /// Notes an error; reading stops when there are too many.
    pub fn refuse(&mut self, at: At, reason: Reason) {
        if self.stopped {
            return;
        }
        let place = self.place(at);
        let reason = match self.errors.len() < self.limits.errors {
            true => reason,
            false => {
                self.stopped = true;
                Reason::TooMuch { what: "errors", limit: self.limits.errors as u64 }
            }
        };
        self.errors.push(MasterError { place, reason });
    }

    fn stop(&mut self, at: At, what: &'static str, limit: u64) {
        self.refuse(at, Reason::TooMuch { what, limit });
        self.stopped = true;
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped
    }

    pub fn warn(&mut self, at: At, message: String) {
        if self.warnings.len() < self.limits.warnings {
            let Place { file, line } = self.place(at);
            self.warnings.push(Warning { file, line, message });
        }
    }

    /// Reads one file to its end.
    pub fn read(&mut self, file: u16, text: &[u8]) {
        self.used.octets = self.used.octets.saturating_add(text.len() as u64);
        if self.used.octets > self.limits.octets {
            return self.stop(At { file, line: 1 }, "octets of text", self.limits.octets);
        }
        let mut lexer = Lexer::new(text, 1);
        while !self.stopped {
            let Some(entry) = lexer.entry() else { return };
            match entry {
                Err(fault) => self.refuse(At { file, line: fault.line }, fault.error.into()),
                Ok(entry) => self.entry(file, entry),
            }
        }
    }

    fn entry(&mut self, file: u16, entry: Entry<'_>) {
        let first = entry.words[0];
        let at = At { file, line: first.line };
        let word = entry.octets(first);
        if entry.indented || first.quoted || !word.starts_with(b"$") {
            return self.record(file, entry);
        }
        let mut fields = Fields::new(entry, None);
        fields.next();
        let result = match word.to_ascii_uppercase().as_slice() {
            b"$ORIGIN" => self.origin(fields),
            b"$TTL" => self.ttl(at, fields),
            b"$INCLUDE" => self.include(at, fields),
            b"$GENERATE" => self.generate(at, fields),
            _ => Err(Reason::UnknownDirective(quoted(word))),
        };
        if let Err(reason) = result {
            self.refuse(at, reason);
        }
    }

    fn origin(&mut self, mut fields: Fields<'_>) -> Result<(), Reason> {
        let form = || Reason::DirectiveForm { directive: "$ORIGIN", form: "$ORIGIN name" };
        let (word, quoted) = fields.next().ok_or_else(form)?;
        let origin = name(word, quoted, self.origin.as_ref())?;
        fields.end().map_err(|_| form())?;
        self.origin = Some(origin);
        Ok(())
    }

    fn ttl(&mut self, at: At, mut fields: Fields<'_>) -> Result<(), Reason> {
        let form = || Reason::DirectiveForm { directive: "$TTL", form: "$TTL seconds" };
        let word = fields.plain("TTL").map_err(|_| form())?;
        fields.end().map_err(|_| form())?;
        self.default_ttl = Some(self.ttl_of(at, word)?);
        Ok(())
    }

    /// A TTL, with a warning for one beyond 2^31 − 1, which counts as zero (RFC 2181 §8).
    fn ttl_of(&mut self, at: At, word: &[u8]) -> Result<Ttl, Reason> {
        let seconds = seconds(word).ok_or_else(|| Reason::Ttl(quoted(word)))?;
        if seconds > Ttl::MAX.as_secs() {
            self.warn(at, format!("a TTL of {seconds} s is beyond {} and counts as 0 (RFC 2181)", Ttl::MAX));
        }
        Ok(Ttl::from_secs(seconds))
    }

    fn include(&mut self, at: At, mut fields: Fields<'_>) -> Result<(), Reason> {
        let form = || Reason::DirectiveForm { directive: "$INCLUDE", form: "$INCLUDE file [origin]" };
        let (word, _) = fields.next().ok_or_else(form)?;
        let origin = match fields.next() {
            Some((word, quoted)) => Some(name(word, quoted, self.origin.as_ref())?),
            None => self.origin.clone(),
        };
        fields.end().map_err(|_| form())?;
        let refused = |error| Reason::Include { path: quoted(word), error };
        let path = match self.limits.free_includes {
            true => any_path(word),
            false => path_below(word),
        };
        let path = path.ok_or_else(|| refused(IncludeError::Outside))?;
        if self.open.contains(&path) {
            return Err(refused(IncludeError::Loop));
        }
        if self.open.len() > self.limits.include_depth {
            return Err(refused(IncludeError::TooDeep(self.limits.include_depth)));
        }
        self.used.includes += 1;
        let number = u16::try_from(self.files.len());
        let (Ok(number), true) = (number, self.used.includes <= self.limits.includes) else {
            self.stop(at, "included files", self.limits.includes);
            return Ok(());
        };
        let text = (self.includes)(&path)
            .map_err(|error| refused(IncludeError::Unreadable(crate::error::clean(&error.to_string()))))?;
        self.files.push(path.as_str().into());
        self.open.push(path);
        let outer = (std::mem::replace(&mut self.origin, origin), self.owner.take());
        self.read(number, &text);
        (self.origin, self.owner) = outer;
        self.open.pop();
        Ok(())
    }

    fn generate(&mut self, at: At, mut fields: Fields<'_>) -> Result<(), Reason> {
        let form = || Reason::DirectiveForm {
            directive: "$GENERATE",
            form: "$GENERATE start-stop[/step] owner [ttl] [class] type data",
        };
        let range = Range::parse(fields.plain("range").map_err(|_| form())?).map_err(Reason::Generate)?;
        let owner = Template::parse(fields.plain("owner").map_err(|_| form())?).map_err(Reason::Generate)?;
        let Head { ttl, rtype } = self.head(at, &mut fields)?;
        let ttl = ttl.map_or(String::new(), |ttl| format!("{ttl} "));
        let middle = format!(" {ttl}IN TYPE{} ", rtype.0);
        let data = data_template(&fields).ok_or_else(form)?.map_err(Reason::Generate)?;

        self.used.generated_records += range.count();
        if self.used.generated_records > self.limits.generated_records {
            self.stop(at, "records from $GENERATE", self.limits.generated_records);
            return Ok(());
        }
        let before = self.errors.len();
        let mut text = Vec::new();
        for number in range.numbers() {
            text.clear();
            owner.expand(number, &mut text).map_err(Reason::Generate)?;
            text.extend_from_slice(middle.as_bytes());
            data.expand(number, &mut text).map_err(Reason::Generate)?;
            self.used.generated_octets += text.len() as u64;
            if self.used.generated_octets > self.limits.generated_octets {
                self.stop(at, "octets from $GENERATE", self.limits.generated_octets);
                return Ok(());
            }
            match Lexer::new(&text, at.line).entry() {
                Some(Ok(entry)) => self.record(at.file, entry),
                Some(Err(fault)) => return Err(fault.error.into()),
                None => {}
            }
            // One line of the file: its first error says it all.
            if self.errors.len() > before || self.stopped {
                return Ok(());
            }
        }
        Ok(())
    }

    fn record(&mut self, file: u16, entry: Entry<'_>) {
        let line = entry.line();
        if self.records.len() as u64 >= self.limits.records {
            return self.stop(At { file, line }, "records", self.limits.records);
        }
        // The origin is lent to the fields and put back below; nothing in between changes it.
        let origin = self.origin.take();
        let mut fields = Fields::new(entry, origin.as_ref());
        if let Err(reason) = self.try_record(file, &mut fields, entry) {
            let line = fields.line();
            self.refuse(At { file, line }, reason);
        }
        self.origin = origin;
    }

    fn try_record(&mut self, file: u16, fields: &mut Fields<'_>, entry: Entry<'_>) -> Result<(), Reason> {
        let at = At { file, line: entry.line() };
        let owner = match entry.indented {
            true => self.owner.ok_or(Reason::NoOwner)?,
            false => self.owner(fields)?,
        };
        let Head { ttl: explicit, rtype } = self.head(at, fields)?;
        let rdata = rdata::read(rtype, fields).map_err(|error| Reason::Rdata { rtype, error })?;
        if rtype == RecordType::SOA {
            return self.soa(at, owner, explicit, &rdata);
        }
        if explicit.is_some() {
            self.last_ttl = explicit;
        }
        let ttl = explicit.or(self.default_ttl).or(self.last_ttl).ok_or(Reason::NoTtl)?;
        self.records.push(Raw { owner, rtype, ttl, rdata, at });
        Ok(())
    }

    /// Takes a record that stands in no file.
    pub fn take(&mut self, record: &RecordText<'_>) {
        let at = At { file: 0, line: record.number };
        if self.records.len() as u64 >= self.limits.records {
            return self.stop(at, "records", self.limits.records);
        }
        if let Err(reason) = self.try_take(at, record) {
            self.refuse(at, reason);
        }
    }

    fn try_take(&mut self, at: At, record: &RecordText<'_>) -> Result<(), Reason> {
        let root = Name::root();
        // A name as a whole, whatever a lexer would make of its characters.
        let owner = record.owner.parse::<Name>();
        let bad = |error| Reason::Name { text: quoted(record.owner.as_bytes()), error };
        self.owners.push(owner.map_err(bad)?);
        let owner = (self.owners.len() - 1) as u32;
        let rtype = self.rtype(record.rtype.as_bytes())?;
        let rdata = rdata::rdata_from_text(rtype, record.data, &root)
            .map_err(|error| Reason::Rdata { rtype, error })?;
        if rtype == RecordType::SOA {
            return self.soa(at, owner, Some(record.ttl), &rdata);
        }
        self.records.push(Raw { owner, rtype, ttl: record.ttl, rdata, at });
        Ok(())
    }

    fn owner(&mut self, fields: &mut Fields<'_>) -> Result<u32, Reason> {
        let (word, quoted) = fields.next().ok_or(Reason::NoType)?;
        let owner = name(word, quoted, fields.origin())?;
        // The same owner on line after line is one owner here; module `zone` finds the others.
        let last = self.owner.filter(|&last| self.owners[last as usize].as_wire() == owner.as_wire());
        let number = match last {
            Some(last) => last,
            None => {
                self.owners.push(owner);
                // Not above the limit of records and SOAs refused, which is far below 2^32.
                (self.owners.len() - 1) as u32
            }
        };
        self.owner = Some(number);
        Ok(number)
    }

    /// `[TTL] [class] type` or `[class] [TTL] type` (RFC 1035 §5.1).
    fn head(&mut self, at: At, fields: &mut Fields<'_>) -> Result<Head, Reason> {
        let (mut ttl, mut class) = (None, false);
        loop {
            let word = match fields.next() {
                None => return Err(Reason::NoType),
                Some((word, true)) => return Err(Reason::UnknownType(quoted(word))),
                Some((word, false)) => word,
            };
            if ttl.is_none() && word.first().is_some_and(u8::is_ascii_digit) {
                ttl = Some(self.ttl_of(at, word)?);
            } else if !class && is_class(word)? {
                class = true;
            } else {
                return Ok(Head { ttl, rtype: self.rtype(word)? });
            }
        }
    }

    fn rtype(&mut self, word: &[u8]) -> Result<RecordType, Reason> {
        if let Some((text, rtype)) = &self.last_type
            && text == word
        {
            return Ok(*rtype);
        }
        let rtype = std::str::from_utf8(word)
            .ok()
            .and_then(|text| {
                let known = text.parse::<RecordType>().ok();
                known.or_else(|| text.parse::<Rtype>().ok().map(|rtype| RecordType(rtype.to_int())))
            })
            .ok_or_else(|| Reason::UnknownType(quoted(word)))?;
        if rtype.is_meta() {
            return Err(Reason::MetaType(rtype));
        }
        self.last_type = Some((word.to_vec(), rtype));
        Ok(rtype)
    }

    fn soa(&mut self, at: At, owner: u32, explicit: Option<Ttl>, rdata: &[u8]) -> Result<(), Reason> {
        if let Some(first) = &self.soa {
            return Err(Reason::SecondSoa(self.place(first.at)));
        }
        let soa = Soa::from_wire(rdata).map_err(|error| Reason::Rdata {
            rtype: RecordType::SOA,
            error: crate::RdataError::Malformed(error.to_string()),
        })?;
        if rdata[rdata.len() - 4] > 127 {
            self.warn(at, format!("a minimum TTL beyond {} counts as 0 (RFC 2181)", Ttl::MAX));
        }
        if explicit.is_some() {
            self.last_ttl = explicit;
        }
        let ttl = explicit.or(self.default_ttl).or(self.last_ttl).unwrap_or_else(|| {
            self.warn(at, format!("no TTL: the SOA's minimum of {} s is used", soa.minimum));
            soa.minimum
        });
        self.last_ttl = self.last_ttl.or(Some(ttl));
        let owner = self.owners[owner as usize].clone();
        self.soa = Some(SoaRecord { owner, ttl, soa, at });
        Ok(())
    }
}

fn name(word: &[u8], is_quoted: bool, origin: Option<&Name>) -> Result<Name, Reason> {
    if is_quoted {
        return Err(Reason::QuotedName);
    }
    parse_name(word, origin).map_err(|issue| match issue {
        NameIssue::NoOrigin => Reason::NoOrigin(quoted(word)),
        NameIssue::Bad(error) => Reason::Name { text: quoted(word), error },
    })
}

/// Whether the word is the class IN; another class is an error.
fn is_class(word: &[u8]) -> Result<bool, Reason> {
    if word.eq_ignore_ascii_case(b"IN") {
        return Ok(true);
    }
    let class = std::str::from_utf8(word).ok().and_then(|text| text.parse::<Class>().ok());
    match class {
        // ANY is a type as well, and refused either way.
        None | Some(Class::ANY) => Ok(false),
        Some(Class::IN) => Ok(true),
        Some(class) => Err(Reason::Class(class.to_string())),
    }
}

/// The path without `.` and doubled slashes; `None` when it could lead out of the folder.
fn path_below(word: &[u8]) -> Option<String> {
    let mut octets = Vec::new();
    unescape(word, &mut octets)?;
    let path = String::from_utf8(octets).ok()?;
    let bad = |c: char| c == '\\' || c.is_control();
    if path.starts_with('/') || path.contains(bad) || path.split('/').any(|part| part == "..") {
        return None;
    }
    let parts: Vec<_> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The path as it is written; `None` when it is no text.
fn any_path(word: &[u8]) -> Option<String> {
    let mut octets = Vec::new();
    unescape(word, &mut octets)?;
    String::from_utf8(octets).ok().filter(|path| !path.is_empty() && !path.contains(char::is_control))
}

/// The words after the type as one template; a single quoted word without its quotes (BIND's notation).
fn data_template(fields: &Fields<'_>) -> Option<Result<Template, GenerateError>> {
    let words: Vec<_> = fields.rest().collect();
    let mut text = Vec::new();
    match words.as_slice() {
        [] => return None,
        [(octets, word)] if word.quoted => {
            let mut rest = octets.iter().copied();
            while let Some(b) = rest.next() {
                match (b, if b == b'\\' { rest.next() } else { None }) {
                    (_, Some(b'"')) => text.push(b'"'),
                    (b, Some(next)) => text.extend_from_slice(&[b, next]),
                    (b, None) => text.push(b),
                }
            }
        }
        words => {
            for (octets, word) in words {
                if !word.glued && !text.is_empty() {
                    text.push(b' ');
                }
                let quote: &[u8] = if word.quoted { b"\"" } else { b"" };
                text.extend_from_slice(quote);
                text.extend_from_slice(octets);
                text.extend_from_slice(quote);
            }
        }
    }
    Some(Template::parse(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn included_paths_stay_below_the_folder() {
        let path = |text: &str| path_below(text.as_bytes());
        assert_eq!(path("a"), Some("a".into()));
        assert_eq!(path("./a//b/./c"), Some("a/b/c".into()));
        assert_eq!(path("..a/b..c"), Some("..a/b..c".into()));
        for bad in [
            "", "/", "/a", "..", "a/..", "a/../b", "../a", ".", "a\\\\b", "a\\000", "a\\010", "\\047etc",
            "\\255",
        ] {
            assert_eq!(path(bad), None, "{bad}");
        }
        assert_eq!(path("\\046\\046/a"), None);
    }
}

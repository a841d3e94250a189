//! The answer under construction: octets into a buffer, names compressed, nothing allocated.

use crate::message::HEADER_LEN;
use crate::qname::labels_of_wire;
use crate::rdata::compressible_name;
use crate::types::{Class, RecordType};

/// The section that a record goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Answer.
    Answer = 1,
    /// Authority.
    Authority = 2,
    /// Additional.
    Additional = 3,
}

/// The record does not fit within the limit; nothing of it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteFull;

/// How many label positions the compression table keeps. More names than that are written whole: a bound on work.
const TABLE: usize = 48;

/// Writes one message. Records must come in section order.
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    at: usize,
    limit: usize,
    counts: [u16; 4],
    question_in_table: bool,
    table: [u16; TABLE],
    table_len: usize,
}

/// A point to come back to when an RRset turns out not to fit.
#[derive(Clone, Copy)]
pub struct Mark {
    at: usize,
    counts: [u16; 4],
    table_len: usize,
}

impl<'b> Writer<'b> {
    /// A message with this question (octets as asked) that may grow to `limit` octets, OPT and TSIG not counted
    /// once [`Writer::reserve`] took their room off. `limit` is cut to the buffer.
    #[inline]
    pub fn new(buffer: &'b mut [u8], limit: usize, question: &[u8]) -> Writer<'b> {
        let limit = limit.min(buffer.len());
        debug_assert!(limit >= HEADER_LEN + question.len(), "room for header and question");
        buffer[HEADER_LEN..HEADER_LEN + question.len()].copy_from_slice(question);
        Writer {
            buffer,
            at: HEADER_LEN + question.len(),
            limit,
            counts: [u16::from(!question.is_empty()), 0, 0, 0],
            question_in_table: false,
            table: [0; TABLE],
            table_len: 0,
        }
    }

    /// Keeps `octets` free at the end for [`Writer::raw_additional`].
    pub fn reserve(&mut self, octets: usize) {
        self.limit = self.limit.saturating_sub(octets);
    }

    /// Octets written so far.
    #[inline]
    pub fn len(&self) -> usize {
        self.at
    }

    /// Whether nothing but header and question was written.
    pub fn is_empty(&self) -> bool {
        self.counts[1..] == [0, 0, 0]
    }

    /// How many records a section holds.
    pub fn count(&self, section: Section) -> u16 {
        self.counts[section as usize]
    }

    /// This point.
    #[inline]
    pub fn mark(&self) -> Mark {
        Mark { at: self.at, counts: self.counts, table_len: self.table_len }
    }

    /// Takes back all that was written since `mark`.
    pub fn rewind(&mut self, mark: Mark) {
        (self.at, self.counts, self.table_len) = (mark.at, mark.counts, mark.table_len);
        self.question_in_table &= mark.table_len > 0;
    }

    /// Appends a record and returns where its data starts. Names in the data of RFC 1035 types are compressed.
    ///
    /// # Errors
    /// [`WriteFull`]; the message is as before.
    pub fn record(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        rtype: RecordType,
        class: Class,
        ttl: u32,
        rdata: &[u8],
    ) -> Result<usize, WriteFull> {
        let Some(layout) = compressible_name(rtype) else {
            return self.plain_record(section, owner, rtype, class, ttl, [rdata, &[]]);
        };
        let mark = self.mark();
        let head = self.record_head(owner, rtype, class, ttl, 0);
        let written = head.and_then(|data| self.compressed_rdata(layout, rdata).map(|()| data));
        let data = written.inspect_err(|_| self.rewind(mark))?;
        let length = (self.at - data) as u16;
        self.buffer[data - 2..data].copy_from_slice(&length.to_be_bytes());
        self.counts[section as usize] += 1;
        Ok(data)
    }

    /// As [`Writer::record`], the data in two parts that follow each other and as they are: pages of the address
    /// index keep the shared end of names apart, and where a name shares nothing, looking for it is lost time.
    ///
    /// # Errors
    /// As [`Writer::record`].
    #[inline]
    pub fn plain_record(
        &mut self,
        section: Section,
        owner: Owner<'_>,
        rtype: RecordType,
        class: Class,
        ttl: u32,
        [head, tail]: [&[u8]; 2],
    ) -> Result<usize, WriteFull> {
        let mark = self.mark();
        let started = self.record_head(owner, rtype, class, ttl, head.len() + tail.len());
        let written = started.and_then(|data| self.put(head).and_then(|()| self.put(tail)).map(|()| data));
        let data = written.inspect_err(|_| self.rewind(mark))?;
        self.counts[section as usize] += 1;
        Ok(data)
    }

    #[inline]
    fn record_head(
        &mut self,
        owner: Owner<'_>,
        rtype: RecordType,
        class: Class,
        ttl: u32,
        length: usize,
    ) -> Result<usize, WriteFull> {
        match owner {
            Owner::Question => self.put(&[0xc0, HEADER_LEN as u8])?,
            Owner::At(offset) => self.put(&(0xc000 | offset).to_be_bytes())?,
            Owner::Name(wire) => self.name(wire, false)?,
        }
        let mut fixed = [0; 10];
        fixed[0..2].copy_from_slice(&rtype.0.to_be_bytes());
        fixed[2..4].copy_from_slice(&class.0.to_be_bytes());
        fixed[4..8].copy_from_slice(&ttl.to_be_bytes());
        fixed[8..10].copy_from_slice(&(length as u16).to_be_bytes());
        self.put(&fixed)?;
        Ok(self.at)
    }

    fn compressed_rdata(&mut self, (before, names): (usize, usize), rdata: &[u8]) -> Result<(), WriteFull> {
        self.put(&rdata[..before])?;
        let mut rest = &rdata[before..];
        for _ in 0..names {
            let length = labels_of_wire(rest).map(|label| label.len() + 1).sum::<usize>() + 1;
            let (name, after) = rest.split_at(length.min(rest.len()));
            self.name(name, true)?;
            rest = after;
        }
        self.put(rest)
    }

    /// The name that starts at this offset, as an owner: what a record's data begins with, say.
    pub fn name_at(&self, offset: usize) -> Owner<'static> {
        match self.buffer[offset] {
            // A pointer to a pointer is legal, but every reader would follow both.
            high if high & 0xc0 == 0xc0 => {
                Owner::At(u16::from_be_bytes([high & 0x3f, self.buffer[offset + 1]]))
            }
            _ => Owner::At(offset as u16 & 0x3fff),
        }
    }

    /// Appends a complete record to the additional section from room set aside with [`Writer::reserve`].
    ///
    /// # Errors
    /// [`WriteFull`] when the buffer itself ends.
    pub fn raw_additional(&mut self, record: &[u8]) -> Result<(), WriteFull> {
        let end = self.at + record.len();
        self.buffer.get_mut(self.at..end).ok_or(WriteFull)?.copy_from_slice(record);
        self.at = end;
        self.counts[Section::Additional as usize] += 1;
        Ok(())
    }

    /// Writes the header and returns the length of the message in octets.
    #[inline]
    pub fn finish(self, id: u16, flags: u16) -> usize {
        let header = &mut self.buffer[..HEADER_LEN];
        header[0..2].copy_from_slice(&id.to_be_bytes());
        header[2..4].copy_from_slice(&flags.to_be_bytes());
        for (slot, count) in header[4..].chunks_exact_mut(2).zip(self.counts) {
            slot.copy_from_slice(&count.to_be_bytes());
        }
        self.at
    }

    #[inline]
    fn put(&mut self, octets: &[u8]) -> Result<(), WriteFull> {
        let end = self.at + octets.len();
        if end > self.limit {
            return Err(WriteFull);
        }
        self.buffer[self.at..end].copy_from_slice(octets);
        self.at = end;
        Ok(())
    }

    /// Writes a name, its longest known ending replaced by a pointer (RFC 1035 §4.1.4). `exact` also asks for the
    /// same letter case: data keeps the case that it was stored with.
    fn name(&mut self, wire: &[u8], exact: bool) -> Result<(), WriteFull> {
        self.enter_question();
        let known = self.table_len;
        let mut start = 0;
        while wire[start] != 0 {
            let rest = &wire[start..];
            if let Some(&target) =
                self.table[..known].iter().find(|&&at| self.matches(at as usize, rest, exact))
            {
                return self.put(&(0xc000 | target).to_be_bytes());
            }
            let length = wire[start] as usize + 1;
            self.enter(self.at);
            self.put(&wire[start..start + length])?;
            start += length;
        }
        self.put(&[0])
    }

    /// The question's labels join the table with the first name that could use them, so that the common answer,
    /// whose only owner is the question's name, does not pay for it.
    fn enter_question(&mut self) {
        if self.question_in_table || self.counts[0] == 0 {
            return;
        }
        self.question_in_table = true;
        let mut at = HEADER_LEN;
        while self.buffer[at] != 0 && self.table_len < TABLE / 2 {
            self.enter(at);
            at += self.buffer[at] as usize + 1;
        }
    }

    fn enter(&mut self, at: usize) {
        if self.table_len < TABLE && at < 0x4000 {
            self.table[self.table_len] = at as u16;
            self.table_len += 1;
        }
    }

    fn matches(&self, mut at: usize, wire: &[u8], exact: bool) -> bool {
        let mut rest = wire;
        loop {
            let mut length = self.buffer[at];
            // Pointers were written by this writer and lead backwards only, so this ends.
            while length & 0xc0 == 0xc0 {
                at = usize::from(u16::from_be_bytes([length & 0x3f, self.buffer[at + 1]]));
                length = self.buffer[at];
            }
            if rest[0] != length {
                return false;
            }
            if length == 0 {
                return true;
            }
            let end = length as usize + 1;
            let (mine, theirs) = (&self.buffer[at + 1..at + end], &rest[1..end]);
            let same = if exact { mine == theirs } else { mine.eq_ignore_ascii_case(theirs) };
            if !same {
                return false;
            }
            at += end;
            rest = &rest[end..];
        }
    }
}

/// The owner of a record in an answer.
#[derive(Clone, Copy, Debug)]
pub enum Owner<'a> {
    /// The name that was asked, in the letters that it was asked in.
    Question,
    /// The name at this offset of the message, below 2^14.
    At(u16),
    /// Another name, in wire form.
    Name(&'a [u8]),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Name;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    const QUESTION: &[u8] = b"\x01a\x07Example\x00\x00\x02\x00\x01";

    #[test]
    fn compresses_owners_without_case_and_data_with_it() {
        let mut buffer = [0; 512];
        let mut w = Writer::new(&mut buffer, 512, QUESTION);
        let ns = |w: &mut Writer<'_>, owner, target: &str| {
            w.record(Section::Authority, owner, RecordType::NS, Class::IN, 5, name(target).as_wire())
        };
        let apex = name("example");
        ns(&mut w, Owner::Name(apex.as_wire()), "ns.example").expect("room");
        ns(&mut w, Owner::Question, "ns.Example").expect("room");
        let length = w.finish(7, 0x8000);
        let after = 12 + QUESTION.len();
        assert_eq!(buffer[after..after + 2], [0xc0, 14], "owner points at Example of the question");
        assert_eq!(
            buffer[after + 12..after + 12 + 12],
            *b"\x02ns\x07example\x00",
            "other case: written whole"
        );
        assert_eq!(buffer[length - 5..length], [2, b'n', b's', 0xc0, 14], "same case as in the question");
        assert_eq!(buffer[..12], [0, 7, 0x80, 0, 0, 1, 0, 0, 0, 2, 0, 0]);
    }

    #[test]
    fn a_full_message_is_rewound_to_the_mark() {
        let mut buffer = [0; 512];
        let mut w = Writer::new(&mut buffer, 60, QUESTION);
        let mark = w.mark();
        let a = |w: &mut Writer<'_>| {
            w.record(Section::Answer, Owner::Question, RecordType::A, Class::IN, 5, &[1; 4]).map(|_| ())
        };
        assert_eq!((a(&mut w), a(&mut w), a(&mut w)), (Ok(()), Ok(()), Err(WriteFull)));
        w.rewind(mark);
        assert_eq!((w.len(), w.is_empty()), (12 + QUESTION.len(), true));
        w.raw_additional(&[0; 11]).expect("buffer");
        assert_eq!(w.finish(0, 0), 12 + QUESTION.len() + 11);
    }

    #[test]
    fn many_names_cost_bounded_work_and_stay_right() {
        let mut buffer = vec![0; 65_535];
        let mut w = Writer::new(&mut buffer, 65_535, QUESTION);
        for n in 0..1000 {
            let target = name(&format!("ns{n}.some.long.zone{}.example", n % 7));
            w.record(Section::Answer, Owner::Question, RecordType::NS, Class::IN, 5, target.as_wire())
                .expect("room");
        }
        assert!(w.len() < 65_535);
    }
}

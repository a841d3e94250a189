//! Files of lines, read one by one: what is in memory is a line, and no line is without an end.

use crate::failure::Failure;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// Octets of a line.
const LONGEST: usize = 4 << 20;

/// See the module.
pub struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    number: u64,
}

impl Lines {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Lines, Failure> {
        let file =
            File::open(path).map_err(|error| Failure::local(format!("{}: {error}", path.display())))?;
        Ok(Lines { path: path.to_owned(), reader: BufReader::new(file), number: 0 })
    }

    /// The next line without its end, also a last one that has none; `None` at the end of the file.
    pub fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let mut line = self.beginning()?;
        if line.len() > LONGEST {
            return Err(self.wrong("it is longer than 4 MiB"));
        }
        if line.is_empty() {
            return Ok(None);
        }
        line.pop_if(|last| *last == b'\n');
        Ok(Some(line))
    }

    /// The next line without its end; `None` at the end of the file. A last one that was cut short is as good as none.
    pub fn next_whole(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let mut line = self.beginning()?;
        if line.len() > LONGEST {
            return Err(self.wrong("it is longer than 4 MiB"));
        }
        if line.pop() == Some(b'\n') { Ok(Some(line)) } else { Ok(None) }
    }

    /// The next line with its end, or as much of it as shows that it is too long.
    pub fn beginning(&mut self) -> Result<Vec<u8>, Failure> {
        self.number += 1;
        let mut line = Vec::new();
        let read = self.reader.by_ref().take(LONGEST as u64 + 1).read_until(b'\n', &mut line);
        read.map_err(|error| self.failed(&error))?;
        Ok(line)
    }

    /// What was read and what is left behind it, of which so many octets in all are read.
    pub fn rest(mut self, mut octets: Vec<u8>, most: u64) -> Result<Vec<u8>, Failure> {
        let more = most.saturating_sub(octets.len() as u64);
        self.reader.by_ref().take(more).read_to_end(&mut octets).map_err(|error| self.failed(&error))?;
        Ok(octets)
    }

    fn failed(&self, error: &std::io::Error) -> Failure {
        Failure::local(format!("{}: {error}", self.path.display()))
    }

    /// What is wrong with the line that was read last.
    pub fn wrong(&self, why: &str) -> Failure {
        Failure::local(format!("{}: {why}", self.place()))
    }

    /// The file, and the line that was read last.
    pub fn place(&self) -> String {
        format!("{}, line {}", self.path.display(), self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_one_by_one_and_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lines");
        std::fs::write(&path, "one\n\ntwo\nhal").expect("written");
        let mut lines = Lines::open(&path).expect("it opens");
        let mut next =
            || lines.next_whole().expect("a line").map(|line| String::from_utf8_lossy(&line).into_owned());
        assert_eq!(
            [next(), next(), next(), next()],
            [Some("one".into()), Some("".into()), Some("two".into()), None]
        );
        let mut lines = Lines::open(&path).expect("it opens");
        let mut next =
            || lines.next().expect("a line").map(|line| String::from_utf8_lossy(&line).into_owned());
        assert_eq!(
            [next(), next(), next(), next(), next()],
            [Some("one".into()), Some("".into()), Some("two".into()), Some("hal".into()), None],
            "what has no end is there as well"
        );
        let mut lines = Lines::open(&path).expect("it opens");
        let first = lines.beginning().expect("a line");
        assert_eq!(lines.rest(first, 6).expect("octets"), b"one\n\nt");
        std::fs::write(&path, vec![b'x'; LONGEST + 10]).expect("written");
        let message = Lines::open(&path)
            .and_then(|mut lines| lines.next_whole())
            .err()
            .and_then(|failure| failure.problem);
        assert!(message.is_some_and(|problem| problem.message.ends_with("line 1: it is longer than 4 MiB")));
    }
}

//! What was found so far, in a file: the lines of [`Line`]. A line is written when its address is done, so that whatever ends
//! the program leaves a file from which the next run goes on; half a line at the end is as good as none.

use crate::failure::Failure;
use ptrd_ask::Whom;
use ptrd_posture::identity::{Identity, Line, Subject, Survey};
use std::collections::HashSet;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// See the module.
pub struct State {
    path: PathBuf,
    file: File,
}

/// What a file has already.
#[derive(Default)]
pub struct Kept {
    /// The addresses that are done.
    pub addresses: HashSet<IpAddr>,
    /// What was found of them, read again from the file one by one.
    pub identities: Identities,
}

/// See [`Kept::identities`].
#[derive(Default)]
pub struct Identities(Option<(PathBuf, std::io::Lines<BufReader<File>>)>);

impl Iterator for Identities {
    type Item = Result<Identity, Failure>;

    fn next(&mut self) -> Option<Self::Item> {
        let (path, lines) = self.0.as_mut()?;
        loop {
            let line = match lines.next()? {
                Ok(line) => line,
                Err(error) => return Some(Err(failed(path, &error))),
            };
            if let Ok(Line::Identity(identity)) = serde_json::from_str(&line) {
                return Some(Ok(identity));
            }
        }
    }
}

impl State {
    /// Opens the file of this request, or begins it.
    pub fn open(path: &Path, survey: &Survey) -> Result<State, Failure> {
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = opened.map_err(|error| failed(path, &error))?;
        match file.try_lock() {
            Ok(()) => (),
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::local(format!("{}: another run is at work on it", path.display())));
            }
            Err(TryLockError::Error(error)) => return Err(failed(path, &error)),
        }
        let mut state = State { path: path.to_owned(), file };
        match state.first()? {
            None => state.write(&Line::Survey(survey.clone()))?,
            Some(Line::Survey(other)) if other.asks_same(survey) => (),
            Some(Line::Survey(other)) => {
                let of = other.of.join(" ");
                return Err(Failure::usage(format!("{}: it holds what was found of another request: {of}", path.display()))
                    .hint("name another file; what must be the same are the addresses, HELO names, resolvers and the sample"));
            }
            Some(_) => return Err(state.no_state()),
        }
        Ok(state)
    }

    /// The first line, unless the file is empty, or was cut short within it.
    fn first(&mut self) -> Result<Option<Line>, Failure> {
        let mut line = String::new();
        let read = BufReader::new(&self.file).read_line(&mut line);
        read.map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => self.no_state(),
            _ => failed(&self.path, &error),
        })?;
        if line.ends_with('\n') {
            return serde_json::from_str(&line).map(Some).map_err(|_| self.no_state());
        }
        // Something that is no beginning of ours is not overwritten.
        const BEGINNING: &str = "{\"survey\":";
        if !BEGINNING.starts_with(&line) && !line.starts_with(BEGINNING) {
            return Err(self.no_state());
        }
        self.cut(0).map(|()| None)
    }

    /// What the file has. What was half written at its end is cut off.
    pub fn kept(&mut self) -> Result<Kept, Failure> {
        let (mut addresses, mut end) = (HashSet::new(), 0);
        let mut reader = BufReader::new(self.again()?);
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).map_err(|error| failed(&self.path, &error))?;
            if !line.ends_with(b"\n") {
                break;
            }
            match serde_json::from_slice(&line) {
                Ok(Line::Survey(_)) if number == 1 => (),
                Ok(Line::Identity(identity)) => drop(addresses.insert(identity.subject.address)),
                _ => {
                    let path = self.path.display();
                    return Err(Failure::local(format!("{path}, line {number}: it makes no sense"))
                        .hint("was it edited? Take the line out, and its address is looked at again"));
                }
            }
            end += length as u64;
        }
        self.cut(end)?;
        let identities = Identities(Some((self.path.clone(), BufReader::new(self.again()?).lines())));
        Ok(Kept { addresses, identities })
    }

    /// The file from its beginning.
    fn again(&self) -> Result<File, Failure> {
        File::open(&self.path).map_err(|error| failed(&self.path, &error))
    }

    /// Adds an address that is done.
    pub fn keep(&mut self, identity: &Identity) -> Result<(), Failure> {
        self.write(&Line::Identity(identity.clone()))
    }

    fn write(&mut self, line: &Line) -> Result<(), Failure> {
        let mut octets = serde_json::to_vec(line).map_err(|error| Failure::local(error.to_string()))?;
        octets.push(b'\n');
        self.file.write_all(&octets).map_err(|error| failed(&self.path, &error))
    }

    fn cut(&mut self, length: u64) -> Result<(), Failure> {
        let cut = self.file.set_len(length).and_then(|()| self.file.seek(SeekFrom::End(0)));
        cut.map(drop).map_err(|error| failed(&self.path, &error))
    }

    fn no_state(&self) -> Failure {
        Failure::usage(format!("{}: a file, and not one of --state", self.path.display()))
            .hint("name a new file")
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::local(format!("{}: {error}", path.display()))
}

/// What tells one set of addresses, and what is known of them, from another.
pub fn digest(addresses: &[(Subject, Whom)]) -> String {
    let mut hash = blake3::Hasher::new();
    for (subject, whom) in addresses {
        let line = serde_json::to_vec(subject).unwrap_or_default();
        hash.update(&(line.len() as u64).to_le_bytes())
            .update(&line)
            .update(&[u8::from(*whom == Whom::Everybody)]);
    }
    hash.finalize().to_hex()[..32].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_posture::identity::{FORMAT, Rules};

    fn survey(n: u8) -> Survey {
        let addresses: Vec<_> = (0..n).map(|n| (subject(n), Whom::Everybody)).collect();
        Survey {
            format: FORMAT,
            of: vec!["192.0.2.0/24".to_owned()],
            addresses: n.into(),
            digest: digest(&addresses),
            sources: Vec::new(),
            sample: None,
            rules: Rules::default(),
            at: 0,
        }
    }

    fn subject(n: u8) -> Subject {
        Subject::new(IpAddr::from([192, 0, 2, n]))
    }

    fn done(path: &Path, survey: &Survey) -> Vec<String> {
        let mut state = State::open(path, survey).expect("it opens");
        let kept = state.kept().expect("lines");
        let addresses: Vec<String> =
            kept.identities.map(|it| it.expect("a line").subject.address.to_string()).collect();
        assert_eq!(addresses.len(), kept.addresses.len());
        addresses
    }

    fn said(result: Result<State, Failure>) -> String {
        result.err().and_then(|failure| failure.problem).map(|problem| problem.message).unwrap_or_default()
    }

    #[test]
    fn a_run_goes_on_whatever_it_was_cut_short_by() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        let mut state = State::open(&path, &survey(3)).expect("a new file");
        for n in 0..2 {
            state.keep(&Identity::of(subject(n), Vec::new(), &Rules::default())).expect("written");
        }
        assert!(said(State::open(&path, &survey(3))).contains("another run"), "one at a time");
        drop(state);
        let whole = std::fs::read(&path).expect("a file");
        let ends: Vec<usize> = (0..whole.len()).filter(|&at| whole[at] == b'\n').map(|at| at + 1).collect();
        for length in 0..=whole.len() {
            std::fs::write(&path, &whole[..length]).expect("written");
            let lines = ends.iter().filter(|&&end| end <= length).count();
            assert_eq!(done(&path, &survey(3)).len(), lines.saturating_sub(1), "cut at {length}");
            let mut state = State::open(&path, &survey(3)).expect("it opens again");
            state.kept().expect("lines");
            state.keep(&Identity::of(subject(9), Vec::new(), &Rules::default())).expect("written");
            drop(state);
            assert_eq!(
                done(&path, &survey(3)).last().map(String::as_str),
                Some("192.0.2.9"),
                "cut at {length}"
            );
        }
    }

    #[test]
    fn what_is_of_another_request_or_no_state_at_all_stays_as_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        drop(State::open(&path, &survey(3)).expect("a new file"));
        assert!(said(State::open(&path, &survey(4))).contains("another request"));
        let again = Survey { at: 7, of: vec!["the same, written otherwise".to_owned()], ..survey(3) };
        assert!(State::open(&path, &again).is_ok());
        for content in
            ["192.0.2.1\n", "192.0.2.1", "{}\n", "{\"summary\":{\"addresses\":{},\"checks\":{}}}\n", "\u{0}"]
        {
            std::fs::write(&path, content).expect("written");
            assert!(said(State::open(&path, &survey(3))).contains("not one of --state"), "{content:?}");
            assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), Some(content));
        }
        drop(std::fs::remove_file(&path));
        drop(State::open(&path, &survey(3)).expect("a new file"));
        let mut broken = std::fs::read_to_string(&path).expect("a file");
        broken += "{\"identity\":7}\n";
        std::fs::write(&path, broken).expect("written");
        let kept = State::open(&path, &survey(3)).expect("it opens").kept();
        let message = kept.err().and_then(|failure| failure.problem).map(|problem| problem.message);
        assert!(message.is_some_and(|message| message.contains("line 2")));
    }
}

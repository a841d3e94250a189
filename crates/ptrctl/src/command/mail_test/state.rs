//! The marks of a test, and what the mail server said to each message: a file with a line of JSON for each. It is there whole before
//! anything is sent, so that nothing can come back that is not known.

use crate::failure::Failure;
use crate::lines::Lines;
use crate::whole_file::WholeFile;
use ptrd_message::marked::Marked;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Message(Marked),
    Sent { nth: usize, said: String },
    Refused { nth: usize, why: String },
}

/// See the module.
pub struct State {
    path: PathBuf,
    file: File,
}

/// What a file has.
#[derive(Debug, Default)]
pub struct Kept {
    pub sent: Vec<Marked>,
    pub refused: BTreeMap<usize, String>,
    /// Of these nothing says that they were handed over: the test was cut short.
    pub unsent: BTreeSet<usize>,
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::local(format!("{}: {error}", path.display()))
}

impl State {
    /// Begins a file, which nobody else may read: who knows a mark can answer with it.
    pub fn create(path: &Path, all: &[Marked]) -> Result<State, Failure> {
        let lines: Result<Vec<String>, Failure> =
            all.iter().map(|one| line(&Line::Message(one.clone()))).collect();
        let mut whole = WholeFile::create(path, 0o600)?;
        whole.write(lines?.concat().as_bytes())?;
        let file = whole.put_new().map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Failure::usage(format!("{}: it is there already", path.display()))
                    .hint("one test, one file: name a new one, or look for what came back with --match")
            }
            _ => failed(path, &error),
        })?;
        Ok(State { path: path.to_owned(), file })
    }

    /// The mail server took it.
    pub fn sent(&mut self, nth: usize, said: &str) -> Result<(), Failure> {
        self.write(&line(&Line::Sent { nth, said: said.to_owned() })?)
    }

    /// It did not take these.
    pub fn refused(&mut self, which: Range<usize>, why: &str) -> Result<(), Failure> {
        let lines = which.map(|nth| line(&Line::Refused { nth, why: why.to_owned() }));
        self.write(&lines.collect::<Result<Vec<String>, Failure>>()?.concat())
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        let written = self.file.write_all(text.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(|error| failed(&self.path, &error))
    }
}

fn line(line: &Line) -> Result<String, Failure> {
    let text = serde_json::to_string(line).map_err(|error| Failure::local(error.to_string()))?;
    Ok(text + "\n")
}

/// Reads a file. Half a line at its end is as good as none.
pub fn read(path: &Path) -> Result<Kept, Failure> {
    let (mut kept, mut lines, mut sent) = (Kept::default(), Lines::open(path)?, BTreeSet::new());
    while let Some(text) = lines.next_whole()? {
        match serde_json::from_slice(&text) {
            Ok(Line::Message(marked)) => kept.sent.push(marked),
            Ok(Line::Sent { nth, .. }) => drop(sent.insert(nth)),
            Ok(Line::Refused { nth, why }) => drop(kept.refused.insert(nth, why)),
            Err(_) => {
                return Err(Failure::usage(format!("{}: it makes no sense", lines.place()))
                    .hint("--state names the file that was made when the messages were sent"));
            }
        }
    }
    let is_open = |nth: &usize| !sent.contains(nth) && !kept.refused.contains_key(nth);
    kept.unsent = (0..kept.sent.len()).filter(is_open).collect();
    if kept.sent.is_empty() {
        return Err(Failure::usage(format!("{}: no test in it", path.display())));
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_message::marked::Mark;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_was_sent_is_read_again_and_a_file_is_used_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state");
        let marked = |n: u8| Marked {
            mark: Mark::new([n; 16]),
            address: [192, 0, 2, n].into(),
            helo: "mail.example.com".into(),
            from: "postmaster@example.com".into(),
            to: "me@example.net".into(),
            pair: None,
            pool: Vec::new(),
        };
        let mut state = State::create(&path, &[marked(1), marked(2), marked(3)]).expect("a new file");
        state.sent(0, "250 queued").expect("written");
        state.refused(1..2, "550 no").expect("written");
        state.write("{\"sent\":").expect("written");
        assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        let kept = read(&path).expect("a test");
        assert_eq!(kept.sent, [marked(1), marked(2), marked(3)]);
        assert_eq!(kept.refused, BTreeMap::from([(1, "550 no".to_owned())]));
        assert_eq!(kept.unsent, BTreeSet::from([2]), "the test ended before it");
        assert!(State::create(&path, &[]).is_err());
        std::fs::write(&path, "{}\n").expect("written");
        assert!(
            read(&path).is_err_and(|failure| failure.problem.is_some_and(|it| it.message.contains("line 1")))
        );
    }
}

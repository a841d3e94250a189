//! What came back, out of files and folders.

use crate::failure::Failure;
use crate::lines::Lines;
use crate::screen::counted;
use anyhow::Context;
use ptrd_message::marked::{Evidence, LARGEST_ANSWER, evidence, recorded};
use ptrd_message::{LARGEST, Trust};
use std::path::{Path, PathBuf};

/// Files that are read at most, and things that are found in them.
const MOST: usize = 100_000;
/// Folders within folders: a maildir has one level, its folders two.
const DEEPEST: usize = 4;

/// What came back, and what of it was not looked at.
#[derive(Debug, Default)]
pub struct Collected {
    pub returned: Vec<Evidence>,
    pub notes: Vec<String>,
}

/// Reads all that the arguments name.
pub fn evidence_in(what: &[PathBuf], trust: &Trust) -> Result<Collected, Failure> {
    let (mut files, mut collected) = (Vec::new(), Collected::default());
    for path in what {
        collected.find(path, 0, &mut files)?;
    }
    files.iter().try_for_each(|file| collected.look(file, trust))?;
    Ok(collected)
}

impl Collected {
    /// Looks at a file, if it is still there: mail programs move messages about.
    fn look(&mut self, file: &Path, trust: &Trust) -> Result<(), Failure> {
        match self.read(file, trust) {
            Err(_) if !file.exists() => self.note(file, "it went away, and was not looked at"),
            outcome => outcome?,
        }
        Ok(())
    }

    fn keep(&mut self, found: Vec<Evidence>) -> Result<(), Failure> {
        if self.returned.len() + found.len() > MOST {
            return Err(Failure::usage(format!("more than {MOST} messages that came back"))
                .hint("look at one file or folder after the other"));
        }
        self.returned.extend(found);
        Ok(())
    }

    /// A record is read line by line: it may be long. Of anything else there is as much as is looked at.
    fn read(&mut self, file: &Path, trust: &Trust) -> Result<(), Failure> {
        let mut lines = Lines::open(file)?;
        let first = lines.beginning()?;
        if let Some(found) = recorded(&first) {
            self.keep(found)?;
            return self.record(lines);
        }
        let is_answer = first.trim_ascii_start().starts_with(b"{");
        let most = if is_answer { LARGEST_ANSWER } else { LARGEST };
        let octets = lines.rest(first, most as u64 + 1)?;
        if is_mailbox(&octets) {
            self.note(
                file,
                "a mailbox with several messages, of which the first was looked at: save each in a file, or name a maildir",
            );
        }
        let found = evidence(&octets, trust);
        if found.is_empty() && octets.len() > most {
            self.note(
                file,
                &format!("nothing was found in its first {} MiB, and no more is looked at", most >> 20),
            );
        }
        self.keep(found)
    }

    fn record(&mut self, mut lines: Lines) -> Result<(), Failure> {
        while let Some(line) = lines.next()? {
            let found = recorded(&line).ok_or_else(|| lines.wrong("it is not what `ptrd probe` writes"))?;
            self.keep(found)?;
        }
        Ok(())
    }

    fn note(&mut self, path: &Path, what: &str) {
        self.notes.push(format!("{}: {what}", path.display()));
    }

    fn find(&mut self, path: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
        let kind = std::fs::metadata(path).with_context(|| path.display().to_string())?;
        if kind.is_file() {
            if files.len() >= MOST {
                return Err(Failure::usage(format!("more than {MOST} files"))
                    .hint("name the folder that has the messages"));
            }
            files.push(path.to_owned());
            return Ok(());
        }
        if !kind.is_dir() {
            // In a folder there may be anything; what was named is meant.
            return match depth {
                0 => Err(Failure::usage(format!("{}: neither a file nor a folder", path.display()))
                    .hint("save what came back in a file")),
                _ => Ok(()),
            };
        }
        if depth > DEEPEST {
            self.note(
                path,
                &format!(
                    "it is below {}, and was not looked into",
                    counted(DEEPEST as u64, "folder", "folders")
                ),
            );
            return Ok(());
        }
        let read = |error: std::io::Error| Failure::local(format!("{}: {error}", path.display()));
        let mut entries: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(path).map_err(read)? {
            let entry = entry.map_err(read)?;
            // A link could lead back up.
            if !entry.file_type().map_err(read)?.is_symlink() {
                entries.push(entry.path());
            }
        }
        entries.sort();
        entries.iter().try_for_each(|entry| self.find(entry, depth + 1, files))
    }
}

/// Whether there are several messages (RFC 4155), as far as it was read.
fn is_mailbox(octets: &[u8]) -> bool {
    let begins = |between: &[u8]| octets.windows(between.len()).any(|part| part == between);
    octets.starts_with(b"From ") && (begins(b"\n\nFrom ") || begins(b"\r\n\r\nFrom "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_message::marked::{Kind, Mark};

    const SIGHTING: &str = r#"{"format":1,"at":7,"client":{"helo":"a.example","extended":true,"tls":null},"letter":{"from":"a@b.example",
        "to":["c@d.example"],"octets":9,"mark":"01010101010101010101010101010101"},"identity":{"address":"192.0.2.1","checks":[],
        "observations":[]}}"#;

    fn collected(path: &Path) -> Result<Collected, Failure> {
        evidence_in(&[path.to_owned()], &Trust::default())
    }

    #[test]
    fn what_is_neither_file_nor_folder_is_no_silence() {
        let failure = collected(Path::new("/dev/null")).expect_err("no file");
        let message = failure.problem.map(|problem| problem.message).unwrap_or_default();
        assert_eq!(message, "/dev/null: neither a file nor a folder");
    }

    #[test]
    fn records_are_read_to_their_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("record");
        let line = SIGHTING.replace('\n', "");
        let unmarked = line.replace("01010101010101010101010101010101", "none");
        std::fs::write(&path, format!("{unmarked}\n{line}\n{line}")).expect("written");
        assert_eq!(collected(&path).expect("a record").returned.len(), 2);
        std::fs::write(&path, format!("{line}\n{{\"format\":")).expect("written");
        let failure = collected(&path).expect_err("half a line");
        assert!(failure.problem.is_some_and(|problem| problem.message.contains("line 2: it is not what")));
    }

    #[test]
    fn what_was_found_has_an_end() {
        let one = Evidence { mark: Mark::new([1; 16]), kind: Kind::Unsaid };
        let mut collected = Collected::default();
        collected.keep(vec![one.clone(); MOST]).expect("as many as may be");
        assert!(collected.keep(vec![one]).is_err());
        assert_eq!(collected.returned.len(), MOST);
    }

    #[test]
    fn what_went_away_or_was_not_read_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut all = Collected::default();
        all.look(&folder.path().join("moved"), &Trust::default()).expect("no fault of ours");
        assert!(all.notes[0].ends_with("moved: it went away, and was not looked at"));
        for (end, notes) in [("\n", 1), ("\r\n", 1), ("", 0)] {
            let text = ["From a", "Subject: x", "", "From b", "Subject: y", ""].join(end);
            std::fs::write(folder.path().join("mbox"), text).expect("written");
            let told = collected(folder.path()).expect("a folder").notes;
            assert_eq!(told.len(), notes, "{told:?}");
        }
    }

    #[test]
    fn what_was_cut_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("large"), vec![b'x'; LARGEST + 10]).expect("written");
        let deep = (0..=DEEPEST).fold(folder.path().join("0"), |path, _| path.join("0"));
        std::fs::create_dir_all(deep).expect("folders");
        let notes = collected(folder.path()).expect("a folder").notes;
        assert!(notes.len() == 2 && notes.iter().any(|note| note.contains("first 1 MiB")), "{notes:?}");
    }
}

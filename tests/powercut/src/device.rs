//! What is on the device at a point of a journal, and what may be on it after a loss of power there.

use crate::journal::{Inode, Journal, Operation};
use crate::random::Random;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::Path;

/// What becomes of operations that were not synced when power is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// None of them happened.
    All,
    /// All of them happened.
    None,
    /// Each of them happened or not, by chance.
    Some,
    /// Of each write, each piece of so many octets (aligned in the file) happened or not, by chance.
    Torn(u64),
    /// As `Torn`, and what lies between in a file that grew is not zeros but whatever was on the device before.
    Litter(u64),
}

/// A file: what is on the device for certain, and operations that may be.
#[derive(Clone, Debug, Default)]
struct File {
    durable: Vec<u8>,
    /// Numbers of operations.
    pending: Vec<usize>,
}

/// The device while a journal is played to it. Goes forwards only, so that thousands of points of one journal cost one
/// pass.
pub struct Device<'a> {
    journal: &'a Journal,
    position: usize,
    files: HashMap<Inode, File>,
    names: BTreeMap<String, Inode>,
    pending_names: Vec<usize>,
}

impl Journal {
    /// The device before anything happened.
    pub fn device(&self) -> Device<'_> {
        Device {
            journal: self,
            position: 0,
            files: HashMap::new(),
            names: BTreeMap::new(),
            pending_names: Vec::new(),
        }
    }
}

impl Device<'_> {
    /// Plays operations up to, and without, this number.
    ///
    /// # Panics
    /// When the device is beyond it already.
    pub fn advance(&mut self, to: usize) {
        assert!(to >= self.position, "a device does not go back");
        for at in self.position..to {
            match &self.journal.operations[at] {
                Operation::Create { inode, .. } => {
                    self.files.insert(*inode, File::default());
                    self.pending_names.push(at);
                }
                Operation::Remove { .. } => self.pending_names.push(at),
                Operation::Write { inode, .. } | Operation::Truncate { inode, .. } => {
                    self.files.entry(*inode).or_default().pending.push(at);
                }
                Operation::Sync { inode, since } => {
                    let File { durable, pending } = self.files.entry(*inode).or_default();
                    let done = pending.partition_point(|number| number < since);
                    for number in pending.drain(..done) {
                        apply(&self.journal.operations[number], durable);
                    }
                }
                Operation::SyncFolder { since } => {
                    let done = self.pending_names.partition_point(|number| number < since);
                    for number in self.pending_names.drain(..done) {
                        rename(&self.journal.operations[number], &mut self.names);
                    }
                }
                Operation::Mark(_) => {}
            }
        }
        self.position = to;
    }

    /// How many operations would be lost at most.
    pub fn unsynced(&self) -> usize {
        self.files.values().map(|file| file.pending.len()).sum::<usize>() + self.pending_names.len()
    }

    /// Writes into a folder the files that a loss of power leaves here. Files of the folder that the journal does not
    /// know stay.
    ///
    /// # Errors
    /// The file system's.
    pub fn cut(&self, loss: Loss, random: &mut Random, folder: &Path) -> io::Result<()> {
        let mut names = self.names.clone();
        for &number in &self.pending_names {
            if survives(loss, random) {
                rename(&self.journal.operations[number], &mut names);
            }
        }
        for name in self.known_names() {
            let path = folder.join(&name);
            match names.get(&name) {
                Some(inode) => fs::write(path, self.contents(*inode, loss, random))?,
                None => match fs::remove_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                },
            }
        }
        Ok(())
    }

    fn known_names(&self) -> Vec<String> {
        let created = self.journal.operations.iter().filter_map(|operation| match operation {
            Operation::Create { name, .. } => Some(name.clone()),
            _ => None,
        });
        let mut names: Vec<String> = created.collect();
        names.sort();
        names.dedup();
        names
    }

    fn contents(&self, inode: Inode, loss: Loss, random: &mut Random) -> Vec<u8> {
        let Some(file) = self.files.get(&inode) else { return Vec::new() };
        let mut contents = file.durable.clone();
        for &number in &file.pending {
            let operation = &self.journal.operations[number];
            match (loss, operation) {
                (Loss::Torn(piece) | Loss::Litter(piece), Operation::Write { offset, octets, .. }) => {
                    let litter = matches!(loss, Loss::Litter(_));
                    tear(&mut contents, *offset, octets, piece, litter, random);
                }
                _ if survives(loss, random) => apply(operation, &mut contents),
                _ => {}
            }
        }
        contents
    }
}

fn survives(loss: Loss, random: &mut Random) -> bool {
    match loss {
        Loss::All => false,
        Loss::None => true,
        Loss::Some | Loss::Torn(_) | Loss::Litter(_) => random.percent(50),
    }
}

fn apply(operation: &Operation, contents: &mut Vec<u8>) {
    match operation {
        Operation::Write { offset, octets, .. } => put(contents, *offset as usize, octets),
        Operation::Truncate { size, .. } => contents.resize(*size as usize, 0),
        _ => {}
    }
}

fn put(contents: &mut Vec<u8>, offset: usize, octets: &[u8]) {
    let end = offset + octets.len();
    if contents.len() < end {
        contents.resize(end, 0);
    }
    contents[offset..end].copy_from_slice(octets);
}

/// Makes some pieces of a write happen. Where the file grew, its new size may come without its contents.
fn tear(contents: &mut Vec<u8>, offset: u64, octets: &[u8], piece: u64, litter: bool, random: &mut Random) {
    // Mostly, most of a write arrives or most of it does not.
    let part = [10, 50, 90][random.below(3) as usize];
    let end = offset + octets.len() as u64;
    let mut at = offset;
    while at < end {
        let next = ((at / piece + 1) * piece).min(end);
        let grows = next as usize > contents.len();
        if random.percent(part) {
            put(contents, at as usize, &octets[(at - offset) as usize..(next - offset) as usize]);
        } else if grows && litter && random.percent(50) {
            let old = contents.len();
            contents.resize(next as usize, 0);
            contents[old..].fill_with(|| random.number() as u8);
        }
        at = next;
    }
}

fn rename(operation: &Operation, names: &mut BTreeMap<String, Inode>) {
    match operation {
        Operation::Create { inode, name } => {
            names.insert(name.clone(), *inode);
        }
        Operation::Remove { name } => {
            names.remove(name);
        }
        _ => {}
    }
}

//! What happened to the files of a folder, in order, and what is to fail.

use std::collections::HashMap;

/// A file from its creation to its removal; a later one of the same name is another.
pub(crate) type Inode = usize;

/// One operation that succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "as the system calls")]
pub enum Operation {
    /// A name was made for a file that did not exist.
    Create {
        inode: Inode,
        name: String,
    },
    Write {
        inode: Inode,
        offset: u64,
        octets: Box<[u8]>,
    },
    Truncate {
        inode: Inode,
        size: u64,
    },
    /// What was written to the file before operation `since` is on the device from here on. (A sync says nothing
    /// about what is written while it runs.)
    Sync {
        inode: Inode,
        since: usize,
    },
    Remove {
        name: String,
    },
    /// Names made and removed before operation `since` are on the device from here on.
    SyncFolder {
        since: usize,
    },
    /// The test's own: a point of its story.
    Mark(u64),
}

/// What kind of operation is to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Open,
    Read,
    Write,
    Truncate,
    Sync,
    Remove,
    /// Mapping the shared memory of the write-ahead log.
    Map,
}

/// Operations to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Of this kind.
    pub kind: Kind,
    /// On files whose names end so.
    pub ending: &'static str,
    /// After so many more that succeed.
    pub after: u32,
    /// So many.
    pub times: u32,
    /// With this code of SQLite.
    pub code: i32,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Journal {
    pub(crate) operations: Vec<Operation>,
    /// The files that have names now.
    names: HashMap<String, Inode>,
    inodes: usize,
    faults: Vec<Fault>,
    failed: u64,
}

impl Journal {
    /// A folder that holds files of these names and contents, durable.
    pub(crate) fn with(files: Vec<(&str, Vec<u8>)>) -> Journal {
        let mut journal = Journal::default();
        for (name, octets) in files {
            let inode = journal.create(name);
            journal.push(Operation::Write { inode, offset: 0, octets: octets.into() });
            let since = journal.operations.len();
            journal.operations.extend([Operation::Sync { inode, since }, Operation::SyncFolder { since }]);
        }
        journal
    }

    fn create(&mut self, name: &str) -> Inode {
        let inode = self.inodes;
        self.inodes += 1;
        self.names.insert(name.to_owned(), inode);
        self.operations.push(Operation::Create { inode, name: name.to_owned() });
        inode
    }

    /// The file of this name, which is made when it has none.
    pub(crate) fn open(&mut self, name: &str) -> Inode {
        match self.names.get(name) {
            Some(&inode) => inode,
            None => self.create(name),
        }
    }

    pub(crate) fn remove(&mut self, name: &str) {
        if self.names.remove(name).is_some() {
            self.operations.push(Operation::Remove { name: name.to_owned() });
        }
    }

    pub(crate) fn push(&mut self, operation: Operation) {
        self.operations.push(operation);
    }

    pub(crate) fn len(&self) -> usize {
        self.operations.len()
    }

    /// All that happened.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub(crate) fn fail(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub(crate) fn heal(&mut self) {
        self.faults.clear();
    }

    /// How many operations failed on request.
    pub fn failed(&self) -> u64 {
        self.failed
    }

    /// The code with which this operation is to fail, if it is.
    pub(crate) fn verdict(&mut self, kind: Kind, name: &str) -> Option<i32> {
        let mut faults = self.faults.iter_mut();
        let fault = faults.find(|f| f.kind == kind && name.ends_with(f.ending) && f.times > 0)?;
        if fault.after > 0 {
            fault.after -= 1;
            return None;
        }
        fault.times -= 1;
        self.failed += 1;
        Some(fault.code)
    }
}

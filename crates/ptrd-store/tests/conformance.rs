//! The SQLite engine against the suite.

use ptrd_store::conformance::{self, Engine};
use ptrd_store::{SqliteStore, Store};
use tempfile::TempDir;

struct OnDisk(TempDir);

impl OnDisk {
    fn open(&self) -> Box<dyn Store> {
        Box::new(SqliteStore::open(&self.0.path().join("new folder/ptrd.db")).expect("a store opens"))
    }
}

impl Engine for OnDisk {
    fn fresh(&mut self) -> Box<dyn Store> {
        self.0 = TempDir::new().expect("a folder");
        self.open()
    }

    fn reopen(&mut self, store: Box<dyn Store>) -> Box<dyn Store> {
        drop(store);
        self.open()
    }
}

#[test]
fn sqlite_conforms() {
    conformance::run(&mut OnDisk(TempDir::new().expect("a folder")));
}

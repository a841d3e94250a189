//! How it stands with what is watched: told by whoever looks, held in memory for readers, and kept by the store, without a line
//! of the log.
//!
//! What was told and is not written yet is written a little later, many at a time. A crash takes along a second of it, which is
//! looked up again.

use crate::gathered::Gathered;
use crate::problem::{store, store_trouble};
use crate::road::{Road, aside};
use crate::writer::Writer;
use imbl::OrdMap;
use ptrd_api::Problem;
use ptrd_posture::watch::Course;
use ptrd_store::{Watched, WatchedRow};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Rows that are read at a time.
const PAGE: usize = 1_024;
/// While so many rows wait for the store, what looks saw is not kept with more of them: it may be long.
const MOST: usize = 1_024;

/// How it stands with all that is watched, as it was at a moment. A clone costs nothing.
pub type Courses = OrdMap<Watched, Arc<Course>>;

/// What the road's handle and the writer share of it.
#[derive(Default)]
pub(crate) struct Watchbook {
    courses: Mutex<Courses>,
    /// What is to be written.
    rows: Gathered<Watched, WatchedRow>,
}

impl Watchbook {
    fn courses(&self) -> MutexGuard<'_, Courses> {
        self.courses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<Watched, WatchedRow>> {
        self.rows.rows()
    }

    fn put(&self, row: WatchedRow) {
        let mut rows = self.rows();
        let has_room = rows.len() < MOST;
        let row = WatchedRow { evidence: row.evidence.filter(|it| has_room || it.is_empty()), ..row };
        let evidence = match rows.remove(&row.watched) {
            // What was to be forgotten takes its evidence along.
            Some(before) if before.course.is_empty() => row.evidence.or(Some(String::new())),
            Some(before) => row.evidence.or(before.evidence),
            None => row.evidence,
        };
        rows.insert(row.watched.clone(), WatchedRow { evidence, ..row });
    }
}

impl Road {
    /// How it stands with what is watched.
    pub fn courses(&self) -> Courses {
        self.shared.watched.courses().clone()
    }

    /// Reads from the store how it stood, in place of what is held.
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be read.
    pub async fn load_courses(&self) -> Result<(), Problem> {
        // It may take long, and must not make others wait.
        let mut reader = self.own_reader()?;
        let read = aside(move || {
            let mut courses = Courses::new();
            let mut last = None;
            loop {
                let rows = reader.watched(last.as_ref(), PAGE).map_err(|error| store(&error))?;
                let Some(row) = rows.last() else { return Ok(courses) };
                last = Some(row.watched.clone());
                for row in rows {
                    match serde_json::from_str::<Course>(&row.course) {
                        Ok(course) => drop(courses.insert(row.watched, Arc::new(course))),
                        // Of another version, or damaged: it is looked at anew.
                        Err(error) => {
                            tracing::warn!(watched = ?row.watched, %error, "how it stood makes no sense")
                        }
                    }
                }
            }
        });
        let read = read.await?;
        *self.shared.watched.courses() = read;
        Ok(())
    }

    /// Tells how it stands, and what a look saw where there was one. The store has it a little later; readers at once.
    pub fn put_course(&self, watched: Watched, course: Course, evidence: Option<String>) {
        let text = match serde_json::to_string(&course) {
            Ok(text) => text,
            Err(error) => return tracing::error!(%error, "how it stands with {watched:?} cannot be written"),
        };
        self.shared.watched.courses().insert(watched.clone(), Arc::new(course));
        self.shared.watched.put(WatchedRow { watched, course: text, evidence });
    }

    /// Forgets what is watched no longer.
    pub fn forget_courses(&self, watched: impl IntoIterator<Item = Watched>) {
        for watched in watched {
            self.shared.watched.courses().remove(&watched);
            self.shared.watched.put(WatchedRow { watched, course: String::new(), evidence: None });
        }
    }

    /// What the last look at each of these saw, where it is kept.
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be read.
    pub async fn evidence(&self, watched: Vec<Watched>) -> Result<Vec<Option<String>>, Problem> {
        let shared = self.shared.clone();
        self.with_log(move |_, reader| {
            let mut found = Vec::with_capacity(watched.len());
            for watched in watched {
                let fresh = shared.watched.rows().get(&watched).and_then(|row| row.evidence.clone());
                found.push(match fresh {
                    Some(fresh) => Some(fresh).filter(|fresh| !fresh.is_empty()),
                    None => reader.evidence(&watched).map_err(|error| store(&error))?,
                });
            }
            Ok(found)
        })
        .await
    }
}

impl Writer {
    /// Writes how it stands with what is watched, now and then, or `at_once`.
    pub fn settle_watched(&mut self, at_once: bool) {
        let shared = self.shared.clone();
        let when = (shared.posted.is_primary(), at_once);
        let settled =
            shared.watched.rows.settle(&mut self.watching, when, |rows| self.store.put_watched(rows));
        if let Err((rows, error)) = settled {
            tracing::warn!(
                error = %store_trouble(&error), rows,
                "what was seen could not be written; it will be tried again"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_saw_does_not_fill_the_memory_while_the_store_takes_nothing() {
        let book = Watchbook::default();
        let row = |nth: u32| WatchedRow {
            watched: Watched::Address(std::net::Ipv4Addr::from_bits(nth).into()),
            course: "{}".to_owned(),
            evidence: Some("seen".to_owned()),
        };
        let more = 4 * MOST as u32;
        (0..more).chain(0..more).map(row).for_each(|row| book.put(row));
        let rows = book.rows();
        assert_eq!(rows.len(), 4 * MOST, "how it stands is kept of all");
        assert_eq!(rows.values().filter(|row| row.evidence.is_some()).count(), MOST);
    }
}

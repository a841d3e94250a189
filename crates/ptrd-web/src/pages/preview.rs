//! What a change of many addresses would do, and the way from looking at it to making it.
//!
//! The form is sent back with what was looked at, as a digest: if the same request would do something else by the time
//! that it is confirmed, it is shown again and not made.

use crate::view::grouped;
use ptrd_api::{ChangeDone, Confirmation, ConfirmationState, EditView, PtrRow};

/// Addresses whose names do not resolve back, and that are listed.
const OPEN: usize = 20;

/// What becomes of one address, or of something else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pub subject: String,
    pub before: String,
    pub after: String,
    /// `added`, `changed`, `removed`.
    pub fate: &'static str,
}

/// Names that do not resolve back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Open {
    pub address: String,
    /// Whether they would wait.
    pub waits: bool,
    pub why: String,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Preview {
    pub summary: String,
    pub warnings: Vec<String>,
    pub lines: Vec<Line>,
    /// The addresses whose names would wait, or be set although they do not resolve back, and why.
    pub open: Vec<Open>,
    /// How many more of them there are.
    pub more_open: String,
    /// How many more there are.
    pub more: String,
    pub count: u64,
    pub digest: String,
}

fn row(row: Option<&PtrRow>) -> String {
    row.map(|row| match row.ttl {
        Some(ttl) => format!("{} ({ttl} s)", row.names.join(" ")),
        None => row.names.join(" "),
    })
    .unwrap_or_default()
}

fn fate(before: bool, after: bool) -> &'static str {
    match (before, after) {
        (false, _) => "added",
        (true, false) => "removed",
        (true, true) => "changed",
    }
}

impl Preview {
    /// Of a dry run.
    pub fn of(done: &ChangeDone) -> Preview {
        let line = |step: &ptrd_api::PtrStep| Line {
            subject: step.address.clone(),
            before: row(step.before.as_ref()),
            after: row(step.after.as_ref()),
            fate: fate(step.before.is_some(), step.after.is_some()),
        };
        let lines: Vec<Line> = done.ptrs.iter().map(line).collect();
        let rest = done.ptrs_changed.saturating_sub(lines.len() as u64);
        let open: Vec<Open> = done.fcrdns.iter().filter_map(open).take(OPEN).collect();
        let unseen = done.fcrdns_total.saturating_sub(done.fcrdns.len() as u64);
        let of_seen = done.fcrdns.iter().filter_map(self::open).count() as u64;
        let rest_open = unseen + of_seen.saturating_sub(open.len() as u64);
        Preview {
            more_open: if rest_open == 0 { String::new() } else { grouped(rest_open) },
            open,
            summary: done.summary.clone(),
            warnings: done.warnings.clone(),
            more: if rest == 0 { String::new() } else { grouped(rest) },
            count: done.ptrs_changed,
            digest: digest(done),
            lines,
        }
    }

    /// Whether nothing at all would come of it.
    pub fn is_nothing(&self) -> bool {
        self.lines.is_empty() && self.open.iter().all(|open| !open.waits)
    }

    /// Whether the dry run that was confirmed did the same.
    pub fn is(&self, digest: &str) -> bool {
        self.digest == digest
    }
}

/// What is to be said of names that do not resolve back.
fn open(told: &Confirmation) -> Option<Open> {
    let waits = match told.state {
        ConfirmationState::Verified => return None,
        ConfirmationState::Pending => true,
        ConfirmationState::Unconfirmed => false,
    };
    Some(Open { address: told.address.clone(), waits, why: told.why.clone() })
}

/// Of what a dry run would do.
fn digest(done: &ChangeDone) -> String {
    let seen = serde_json::to_vec(&(&done.summary, &done.ptrs, done.ptrs_changed)).unwrap_or_default();
    blake3::hash(&seen).to_hex().as_str()[..32].to_owned()
}

/// A row of the log as a line.
pub(crate) fn line_of(edit: &EditView) -> Line {
    let (subject, before, after) = match edit {
        EditView::Ptr { address, before, after } => {
            (address.clone(), row(before.as_ref()), row(after.as_ref()))
        }
        EditView::Sending { address, before, after } => {
            let text = |row: &Option<ptrd_api::SendingRow>| {
                row.as_ref()
                    .map(|row| {
                        let mta = row.mta.as_ref().map(|mta| format!(" by {mta}")).unwrap_or_default();
                        let domains: String = row.domains.iter().map(|name| format!(" {name}")).collect();
                        format!("{}{mta}{domains}", row.helo)
                    })
                    .unwrap_or_default()
            };
            (format!("sending {address}"), text(before), text(after))
        }
        EditView::Record { owner, rtype, before, after, .. } => {
            let data = |row: &Option<ptrd_api::RecordRow>| {
                row.as_ref().map(|row| format!("{} {}", row.ttl, row.data.join(" "))).unwrap_or_default()
            };
            (format!("{owner} {rtype}"), data(before), data(after))
        }
        EditView::Tenant { before, after, .. } => {
            ("tenant".to_owned(), before.clone().unwrap_or_default(), after.clone().unwrap_or_default())
        }
        EditView::Block { before, after, .. } => {
            let text = |row: &Option<Box<ptrd_api::BlockRow>>| {
                row.as_ref()
                    .map(|row| format!("{} {} {}", row.range, row.tenant, row.mode))
                    .unwrap_or_default()
            };
            ("block".to_owned(), text(before), text(after))
        }
        EditView::Zone { before, after, .. } => {
            let text = |row: &Option<Box<ptrd_api::ZoneRow>>| {
                row.as_ref()
                    .map(|row| format!("{} {} serial {}", row.apex, row.tenant, row.serial))
                    .unwrap_or_default()
            };
            ("zone".to_owned(), text(before), text(after))
        }
        EditView::NsSet { before, after, .. } => {
            let text = |row: &Option<ptrd_api::NsSetRow>| {
                row.as_ref()
                    .map(|row| format!("{}: {}", row.name, row.nameservers.join(" ")))
                    .unwrap_or_default()
            };
            ("NS set".to_owned(), text(before), text(after))
        }
        EditView::SoaTemplate { before, after, .. } => {
            let text = |row: &Option<Box<ptrd_api::SoaTemplateRow>>| {
                row.as_ref().map(|row| format!("{}: {}", row.name, row.rname)).unwrap_or_default()
            };
            ("SOA template".to_owned(), text(before), text(after))
        }
        EditView::Setting { name, before, after } => {
            (format!("setting {name}"), before.clone().unwrap_or_default(), after.clone().unwrap_or_default())
        }
    };
    let fate = fate(!before.is_empty(), !after.is_empty());
    Line { subject, before, after, fate }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_api::PtrStep;

    fn step(before: Option<&str>, after: Option<&str>) -> PtrStep {
        let row = |name: &str| PtrRow { names: vec![name.into()], ttl: Some(60) };
        PtrStep { address: "192.0.2.1".into(), before: before.map(row), after: after.map(row) }
    }

    #[test]
    fn a_preview_tells_what_would_come_of_each_address() {
        let steps = vec![step(None, Some("a.")), step(Some("a."), Some("b.")), step(Some("b."), None)];
        let done = ChangeDone {
            summary: "3 PTRs".into(),
            ptrs: steps,
            ptrs_changed: 1_003,
            ..ChangeDone::default()
        };
        let preview = Preview::of(&done);
        let fates: Vec<&str> = preview.lines.iter().map(|line| line.fate).collect();
        assert_eq!(fates, ["added", "changed", "removed"]);
        assert_eq!(
            (preview.lines[1].before.as_str(), preview.lines[1].after.as_str()),
            ("a. (60 s)", "b. (60 s)")
        );
        assert_eq!(preview.more, "1\u{202f}000");
        assert!(preview.is(&Preview::of(&done).digest));
        let other = ChangeDone { ptrs_changed: 1_004, ..done.clone() };
        assert!(!Preview::of(&other).is(&preview.digest), "another outcome is another preview");
    }

    #[test]
    fn names_that_would_wait_are_listed() {
        let told = |state| Confirmation {
            address: "192.0.2.1".into(),
            state,
            why: "a. does not exist".into(),
            records: Vec::new(),
        };
        let done = |fcrdns: Vec<Confirmation>| ChangeDone {
            fcrdns_total: fcrdns.len() as u64 + 7,
            fcrdns,
            ..ChangeDone::default()
        };
        let of = |fcrdns| Preview::of(&done(fcrdns));
        let waits = of(vec![told(ConfirmationState::Verified), told(ConfirmationState::Pending)]);
        assert_eq!((waits.open.len(), waits.more_open.as_str(), waits.is_nothing()), (1, "7", false));
        assert!(waits.open[0].waits && waits.open[0].why == "a. does not exist");
        assert!(of(vec![told(ConfirmationState::Verified)]).is_nothing());
    }
}

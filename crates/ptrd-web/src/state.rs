//! How an address stands, as the map shows it: with a colour, a pattern and a mark of its own each.

use ptrd_api::{MapPart, MapRun};

/// See the module. In the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It has a PTR.
    Set,
    /// It has one, and its names do not resolve back.
    Failing,
    /// Names wait there until they resolve back, beside what it has.
    Pending,
    /// It has a PTR, and a name of it looks generic to spam filters.
    Generic,
    /// It has none, and the template of a block names it.
    Named,
    /// It has none, and nothing names it.
    Empty,
    /// It is not shown: a block around it is suspended.
    Suspended,
    /// Nameservers of others answer for it.
    Elsewhere,
    /// It is in no block of the reader's.
    Foreign,
}

/// All of them.
#[cfg(test)]
pub(crate) const ALL: [State; 9] = [
    State::Set,
    State::Failing,
    State::Pending,
    State::Generic,
    State::Named,
    State::Empty,
    State::Suspended,
    State::Elsewhere,
    State::Foreign,
];

impl State {
    /// How an address stands that lies in this run, of which this was counted, and that has a PTR of its own or a name of a
    /// template's. Where there is more than one thing to say, what somebody has to act on comes first.
    pub fn of(run: Option<&MapRun>, part: Option<&MapPart>, has_ptr: bool, is_named: bool) -> State {
        let has = |count: fn(&MapPart) -> u64| part.is_some_and(|part| count(part) > 0);
        match run {
            None => State::Foreign,
            Some(run) if run.suspended => State::Suspended,
            Some(run) if run.mode == "observed" || run.mode.starts_with("delegated") => State::Elsewhere,
            Some(_) if has_ptr && has(|part| part.failing) => State::Failing,
            Some(_) if has(|part| part.pending) => State::Pending,
            Some(_) if has_ptr && has(|part| part.generic) => State::Generic,
            Some(_) if has_ptr => State::Set,
            Some(_) if is_named => State::Named,
            Some(_) => State::Empty,
        }
    }

    /// What it is in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            State::Set => "set",
            State::Failing => "failing",
            State::Pending => "pending",
            State::Generic => "generic",
            State::Named => "named",
            State::Empty => "empty",
            State::Suspended => "suspended",
            State::Elsewhere => "elsewhere",
            State::Foreign => "foreign",
        }
    }

    /// What stands in the cell, for who tells no colours apart.
    pub fn mark(self) -> &'static str {
        match self {
            State::Set => "●",
            State::Failing => "!",
            State::Pending => "…",
            State::Generic => "~",
            State::Named => "T",
            State::Empty | State::Foreign => "",
            State::Suspended => "‖",
            State::Elsewhere => "→",
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            State::Set => "set",
            State::Failing => "does not resolve back",
            State::Pending => "waits to resolve back",
            State::Generic => "looks generic",
            State::Named => "named by a template",
            State::Empty => "no name",
            State::Suspended => "suspended",
            State::Elsewhere => "served elsewhere",
            State::Foreign => "not yours",
        }
    }
}

/// The states that somebody has to look at, and how many addresses of a part are in each.
pub(crate) fn flags(part: &MapPart) -> [(State, u64); 3] {
    [(State::Failing, part.failing), (State::Pending, part.pending), (State::Generic, part.generic)]
}

/// How full a part of many addresses is: 0 for nothing, 5 for all. In between by orders of magnitude, since the parts of
/// IPv6 are never full.
pub(crate) fn fullness(set: u64, addresses: u64) -> u8 {
    if set == 0 || addresses == 0 {
        return 0;
    }
    if set >= addresses {
        return 5;
    }
    let share = (set as f64 + 1.0).ln() / (addresses as f64 + 1.0).ln();
    1 + (share * 4.0).min(3.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_words_and_marks_differ() {
        for (nth, state) in ALL.iter().enumerate() {
            for other in &ALL[nth + 1..] {
                assert_ne!(state.class(), other.class());
                assert_ne!(state.words(), other.words());
                assert!(state.mark() != other.mark() || (*state, *other) == (State::Empty, State::Foreign));
            }
        }
    }

    #[test]
    fn what_is_to_be_acted_on_comes_first() {
        let run = MapRun { mode: "direct".into(), ..MapRun::default() };
        let part = |failing, pending, generic| MapPart { failing, pending, generic, ..MapPart::default() };
        for (part, has_ptr, is_named, state) in [
            (part(1, 1, 1), true, false, State::Failing),
            (part(0, 1, 1), true, false, State::Pending),
            (part(0, 1, 0), false, true, State::Pending),
            (part(0, 0, 1), true, false, State::Generic),
            // What was counted is a moment older than the PTRs: without a name none fails.
            (part(1, 0, 1), false, true, State::Named),
            (part(0, 0, 0), true, true, State::Set),
            (part(0, 0, 0), false, false, State::Empty),
        ] {
            assert_eq!(State::of(Some(&run), Some(&part), has_ptr, is_named), state, "{part:?}");
        }
        assert_eq!(State::of(None, Some(&part(1, 1, 1)), true, true), State::Foreign);
        let suspended = MapRun { suspended: true, ..run.clone() };
        assert_eq!(State::of(Some(&suspended), Some(&part(1, 0, 0)), true, false), State::Suspended);
        let elsewhere = MapRun { mode: "delegated-ns".into(), ..run };
        assert_eq!(State::of(Some(&elsewhere), None, false, false), State::Elsewhere);
    }

    #[test]
    fn fullness_rises_from_nothing_to_all() {
        assert_eq!([0, 1, 16, 128, 255, 256].map(|set| fullness(set, 256)), [0, 1, 3, 4, 4, 5]);
        assert_eq!(fullness(3, u64::MAX), 1);
        assert_eq!(fullness(u64::MAX, u64::MAX), 5);
        assert_eq!(fullness(0, 0), 0);
    }
}

//! How an address stands, as the map shows it: with a colour, a pattern and a mark of its own each.

/// See the module. In the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It has a PTR.
    Set,
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

impl State {
    /// What it is in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            State::Set => "set",
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
            State::Named => "named by a template",
            State::Empty => "no name",
            State::Suspended => "suspended",
            State::Elsewhere => "served elsewhere",
            State::Foreign => "not yours",
        }
    }
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
    fn classes_and_words_differ() {
        let all =
            [State::Set, State::Named, State::Empty, State::Suspended, State::Elsewhere, State::Foreign];
        for (nth, state) in all.iter().enumerate() {
            for other in &all[nth + 1..] {
                assert_ne!(state.class(), other.class());
                assert_ne!(state.words(), other.words());
            }
        }
    }

    #[test]
    fn fullness_rises_from_nothing_to_all() {
        assert_eq!([0, 1, 16, 128, 255, 256].map(|set| fullness(set, 256)), [0, 1, 3, 4, 4, 5]);
        assert_eq!(fullness(3, u64::MAX), 1);
        assert_eq!(fullness(u64::MAX, u64::MAX), 5);
        assert_eq!(fullness(0, 0), 0);
    }
}

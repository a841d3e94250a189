//! How it stands with an address over time, whatever comes.

use proptest::prelude::*;
use ptrd_posture::{KEPT, Standing, Verdict};

fn verdicts() -> impl Strategy<Value = Vec<Verdict>> {
    let one = prop_oneof![Just(Verdict::Verified), Just(Verdict::Failing), Just(Verdict::Unknown)];
    proptest::collection::vec(one, 0..200)
}

proptest! {
    #[test]
    fn transitions_are_told_where_the_verdict_changes_and_nowhere_else(observed in verdicts()) {
        let mut standing = Standing::default();
        let (mut last, mut told, mut in_a_row) = (None, Vec::new(), 0);
        for (at, verdict) in (1..).zip(observed) {
            let transition = standing.observe(at, verdict, format!("{at}")).cloned();
            in_a_row = if verdict == Verdict::Unknown { in_a_row + 1 } else { 0 };
            let is_new = verdict != Verdict::Unknown && last != Some(verdict);
            prop_assert_eq!(transition.is_some(), is_new);
            if let Some(transition) = transition {
                prop_assert_eq!((transition.at, transition.from, transition.to), (at, last, verdict));
                told.push(transition);
                last = Some(verdict);
            }
            prop_assert_eq!(standing.checked, at);
            prop_assert_eq!(standing.unknown, in_a_row);
            prop_assert_eq!(standing.verdict(), last.unwrap_or(Verdict::Unknown));
            prop_assert_eq!(standing.since(), told.last().map(|last| last.at));
            let kept = told.len().min(KEPT);
            prop_assert_eq!(&standing.history[..], &told[told.len() - kept..], "the newest are kept");
        }
    }
}

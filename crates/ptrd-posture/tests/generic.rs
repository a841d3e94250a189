//! What filters say of names, as text: `generic.txt`.

use proptest::prelude::*;
use ptrd_posture::{is_generic, lint};

#[test]
fn names_meet_the_rules_that_the_filters_themselves_give_them() {
    let table = include_str!("generic.txt");
    let mut names = 0;
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, rules) = line.split_once(' ').expect("a name and rules");
        let found: Vec<&str> = lint(name).iter().map(|finding| finding.rule).collect();
        let found = if found.is_empty() { "-".to_owned() } else { found.join(" ") };
        assert_eq!(found, rules.trim(), "{name}");
        assert_eq!(lint(format!("{name}.")), lint(name), "the final dot of {name}");
        names += 1;
    }
    assert!(names > 50, "the table was read");
}

proptest! {
    #[test]
    fn one_finding_is_enough_to_be_generic_and_each_shows_a_part_of_the_name(
        name in "(([a-z]{1,4}|dsl|dyn|pool|static|host|client|[0-9]{1,3})[.-]?){1,7}\\.example\\.net"
    ) {
        let findings = lint(&name);
        prop_assert_eq!(is_generic(&name), !findings.is_empty());
        for finding in findings {
            prop_assert!(name.contains(&finding.part), "{} in {}", finding.part, name);
            prop_assert!(finding.score.least <= finding.score.most && finding.score.most > 0);
        }
    }
}

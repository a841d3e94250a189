//! A cell of many addresses: how full it is, the worst of what is in it, and all of that in words.

use crate::state::{State, flags, fullness};
use crate::view::grouped;
use ptrd_api::MapPart;
use ptrd_wire::AddrRange;

/// What somebody has to look at in a part, the worst of it.
fn worst(part: &MapPart) -> Option<(State, u64)> {
    flags(part).into_iter().find(|(_, count)| *count > 0)
}

/// How a part of many addresses looks: how full it is, and the worst of what is in it.
pub(super) fn class(part: &MapPart) -> String {
    let mut class = format!("part f{}", fullness(part.set, part.addresses));
    if part.computed > 0 {
        class.push_str(" computed");
    }
    if let Some((state, _)) = worst(part) {
        class.push_str(" has-");
        class.push_str(state.class());
    }
    class
}

/// How many addresses of a part are to be looked at, else how many have a name.
pub(super) fn mark(part: &MapPart) -> String {
    match (worst(part), part.set.saturating_add(part.computed)) {
        (Some((state, count)), _) => format!("{}{}", state.mark(), short(count)),
        (None, 0) => String::new(),
        (None, named) => short(named),
    }
}

pub(super) fn about(range: &AddrRange, part: &MapPart) -> String {
    let mut about = format!("{range}: {} with a name of their own", grouped(part.set));
    if part.computed > 0 {
        about.push_str(&format!(", {} named by a template", grouped(part.computed)));
    }
    match part.blocks {
        0 => {}
        1 => about.push_str(", 1 block begins here"),
        n => about.push_str(&format!(", {n} blocks begin here")),
    }
    for (state, count) in flags(part).into_iter().filter(|(_, count)| *count > 0) {
        about.push_str(&format!("; {}: {}", state.words(), grouped(count)));
    }
    about
}

/// A count in four characters.
fn short(n: u64) -> String {
    match n {
        0..=999 => n.to_string(),
        1_000..=9_949 => format!("{:.1}k", n as f64 / 1e3),
        9_950..=999_499 => format!("{}k", (n + 500) / 1_000),
        999_500..=9_949_999 => format!("{:.1}M", n as f64 / 1e6),
        _ => format!("{}M", (n + 500_000) / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_say_the_worst_of_what_is_in_them() {
        let part = |failing, pending, generic| MapPart {
            addresses: 256,
            set: 200,
            failing,
            pending,
            generic,
            ..MapPart::default()
        };
        for (part, shown) in [
            (part(1_200, 3, 0), ("part f4 has-failing", "!1.2k")),
            (part(0, 3, 9), ("part f4 has-pending", "…3")),
            (part(0, 0, 9), ("part f4 has-generic", "~9")),
            (part(0, 0, 0), ("part f4", "200")),
        ] {
            assert_eq!((class(&part).as_str(), mark(&part).as_str()), shown);
        }
        let range = "192.0.2.0/24".parse().expect("a range");
        assert_eq!(
            about(&range, &part(0, 3, 9)),
            "192.0.2.0/24: 200 with a name of their own; waits to resolve back: 3; looks generic: 9"
        );
    }

    #[test]
    fn counts_are_short() {
        let texts = [7, 999, 1_000, 9_949, 9_950, 65_536, 999_499, 1_000_000, 16_777_216].map(short);
        assert_eq!(texts, ["7", "999", "1.0k", "9.9k", "10k", "66k", "999k", "1.0M", "17M"]);
    }
}

//! Small nasty Worlds and questions near their data.
//!
//! A case is made from draws: each declaration and each question reads its choices from a few numbers, and a
//! declaration that would make the World inconsistent is dropped. So proptest shrinks a failing case by removing
//! declarations and lowering numbers, and what remains is still a World that the change road could have built. The
//! same draws, or the same seed, always give the same case. A case prints as a script.

mod consistent;
mod questions;
mod signed;
mod worlds;

pub use consistent::{Inconsistent, check_consistent};

use crate::answerer::Transport;
use crate::question::Question;
use crate::world::World;
use proptest::prelude::*;
use std::fmt;

/// The choices of one declaration or question.
pub type Draw = [u16; 10];

/// A World and questions to ask of it.
#[derive(Clone)]
pub struct Case {
    /// The World.
    pub world: World,
    /// The questions, each with how it arrives.
    pub questions: Vec<(Question, Transport)>,
}

impl Case {
    /// The case that these draws describe.
    pub fn from_draws(declarations: &[Draw], questions: &[Draw]) -> Case {
        let world = worlds::world(declarations);
        let questions = questions::questions(&world, questions);
        Case { world, questions }
    }

    /// The case of a seed: up to 40 declarations, 40 questions.
    pub fn seeded(seed: u64) -> Case {
        let mut state = seed;
        let mut draw = || -> Draw { std::array::from_fn(|_| next(&mut state) as u16) };
        let count = 4 + usize::from(draw()[0] % 37);
        let declarations: Vec<Draw> = (0..count).map(|_| draw()).collect();
        let questions: Vec<Draw> = (0..40).map(|_| draw()).collect();
        Case::from_draws(&declarations, &questions)
    }

    /// The case of a seed with its verbatim zones signed, one way or the other, and DO in most questions.
    pub fn signed(seed: u64) -> Case {
        let mut case = Case::seeded(seed);
        signed::sign_zones(&mut case.world, seed);
        case.questions = Case::questions_of_signed(&case.world, seed);
        case
    }

    /// Eighty questions about a World with signed zones, DO in most of them.
    pub fn questions_of_signed(world: &World, seed: u64) -> Vec<(Question, Transport)> {
        let mut state = seed;
        let mut draw = || -> Draw { std::array::from_fn(|_| next(&mut state) as u16) };
        let draws: Vec<Draw> = (0..80).map(|_| draw()).collect();
        signed::questions(world, &draws)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014): a generator that fits into a line and never changes under us.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.world)?;
        for (question, transport) in &self.questions {
            writeln!(f, "{question} {}", if *transport == Transport::Tcp { "tcp" } else { "udp" })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}")
    }
}

/// Cases for proptest.
pub fn cases() -> impl Strategy<Value = Case> {
    let draws = |n| proptest::collection::vec(any::<Draw>(), n);
    (draws(1..32), draws(1..16)).prop_map(|(world, questions)| Case::from_draws(&world, &questions))
}

/// Worlds for proptest.
pub fn worlds() -> impl Strategy<Value = World> {
    proptest::collection::vec(any::<Draw>(), 1..32).prop_map(|draws| worlds::world(&draws))
}

/// Reads choices from a draw; when it is used up, every choice is the first.
struct Dice<'a> {
    left: std::slice::Iter<'a, u16>,
}

impl Dice<'_> {
    fn new(draw: &Draw) -> Dice<'_> {
        Dice { left: draw.iter() }
    }

    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.left.next().map_or(0, |&word| usize::from(word) % n.max(1))
    }

    /// One of the things given.
    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }

    /// One of the words given.
    fn word(&mut self, from: &[&'static str]) -> &'static str {
        from[self.below(from.len())]
    }

    /// True once in `n`, never for a draw of zeros.
    fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == n - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answerer, Reference, Script, flatten, judge, resolve};
    use std::collections::BTreeMap;

    #[test]
    fn the_reference_passes_its_own_judge() {
        for seed in 0..150 {
            let case = Case::seeded(seed);
            let zones = flatten(&case.world);
            let mut reference = Reference::default();
            reference.load(&case.world);
            for (question, transport) in &case.questions {
                judge(&mut reference, &case.world, &zones, question, *transport)
                    .unwrap_or_else(|fault| panic!("seed {seed}\n{}\n{fault}", case.world));
            }
        }
    }

    #[test]
    fn worlds_are_consistent_and_print_as_scripts_that_declare_them() {
        for seed in 0..150 {
            let world = Case::seeded(seed).world;
            assert_eq!(check_consistent(&world), Ok(()), "seed {seed}\n{world}");
            let script =
                Script::parse("printed", &world.to_string()).unwrap_or_else(|e| panic!("{e}\n{world}"));
            assert_eq!(flatten(&script.world), flatten(&world), "seed {seed}\n{world}");
        }
    }

    /// A generator that only ever asks for what is not there would prove nothing.
    #[test]
    fn questions_meet_every_branch() {
        let mut met: BTreeMap<&str, usize> = BTreeMap::new();
        let mut count = |what: &'static str, so: bool| *met.entry(what).or_default() += usize::from(so);
        for seed in 0..400 {
            let case = Case::seeded(seed);
            let zones = flatten(&case.world);
            for (question, _) in &case.questions {
                let expected = resolve(&zones, &question.name, question.qtype);
                let types: Vec<String> =
                    expected.answer.iter().map(|(_, set)| set.rtype.to_string()).collect();
                let has = |rtype: &str| types.iter().any(|t| t == rtype);
                let owned = |name: &ptrd_wire::Name| zones.values().flatten().any(|(owner, _)| owner == name);
                let soa = !expected.authority.is_empty() && expected.aa;
                let rcode = expected.rcode.to_string();
                count("refused", rcode == "REFUSED");
                count("nxdomain", rcode == "NXDOMAIN");
                count("nxdomain after a chain", rcode == "NXDOMAIN" && has("CNAME"));
                count("yxdomain", rcode == "YXDOMAIN");
                count("nodata", rcode == "NOERROR" && soa && types.is_empty());
                count("nodata at an empty non-terminal", rcode == "NOERROR" && soa && !owned(&question.name));
                count("nodata after a chain", rcode == "NOERROR" && soa && has("CNAME"));
                count("referral", !expected.aa && !expected.authority.is_empty());
                count("referral with glue", !expected.additional.is_empty());
                count(
                    "referral after a chain",
                    has("CNAME") && !expected.authority.is_empty() && rcode == "NOERROR",
                );
                count("PTR", has("PTR"));
                count("PTR behind a CNAME", has("PTR") && has("CNAME"));
                count("PTR behind two", has("PTR") && types.iter().filter(|t| *t == "CNAME").count() > 1);
                count("DNAME", has("DNAME") && has("CNAME"));
                count("wildcard", !types.is_empty() && !has("DNAME") && !owned(&question.name));
                count("ANY", !expected.one_of.is_empty());
                count("DS", has("DS"));
                count("a long chain", types.len() >= crate::MAX_HOPS);
            }
        }
        let rare: Vec<_> = met.iter().filter(|(_, n)| **n < 4).collect();
        assert!(rare.is_empty(), "hardly ever met: {rare:?}\nof {met:#?}");
    }
}

//! What a survey will take.

use ptrd_ask::{Limits, Whom};
use ptrd_posture::identity::{Source, Subject, questions};
use serde::Serialize;
use std::fmt;

/// More questions than this are not sent unasked.
const MANY: u64 = 10_000;
/// Nor any that take longer, seconds.
const LONG: u64 = 120;
/// How many nameservers a zone has, more or less: each of them is asked.
const NAMESERVERS: u64 = 3;

/// See the module.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Estimate {
    /// Questions, to all servers together.
    questions: u64,
    /// How long it takes at least, seconds.
    seconds: u64,
    /// Questions a second to each server.
    rate: u32,
}

impl Estimate {
    /// What it will take if each address has one name, and nobody is slow.
    pub fn of(addresses: &[(Subject, Whom)], sources: &[Source], limits: &Limits) -> Estimate {
        let resolvers = sources.iter().filter(|source| source.address.is_some()).count() as u64;
        let walks = u64::from(sources.iter().any(|source| source.address.is_none()));
        let (mut to_each, mut to_nameservers) = (0, 0);
        for (subject, whom) in addresses {
            // The addresses of its name are those of the HELO name, as a rule.
            let questions = (questions(subject).len() as u64).max(2);
            to_each += if *whom == Whom::Everybody { questions } else { 0 };
            to_nameservers += walks * (questions + NAMESERVERS - 1);
        }
        let busiest = to_each.max(walks * addresses.len() as u64 * 2);
        Estimate {
            questions: to_each * resolvers + to_nameservers,
            seconds: busiest.div_ceil(u64::from(limits.rate.max(1))),
            rate: limits.rate,
        }
    }

    /// Whether somebody is to be asked first.
    pub fn is_much(&self) -> bool {
        self.questions > MANY || self.seconds > LONG
    }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Estimate { questions, seconds, rate } = self;
        let time = match seconds {
            0..=1 => "a second".to_owned(),
            2..=119 => format!("{seconds} s"),
            seconds => format!("{} min", seconds.div_ceil(60)),
        };
        write!(f, "about {questions} questions, {time} at least with {rate} a second to each server")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(n: u32, whom: Whom, resolvers: usize, walks: bool) -> Estimate {
        let subject = |n: u32| (Subject::new(std::net::Ipv4Addr::from(n).into()), whom);
        let addresses: Vec<_> = (0..n).map(subject).collect();
        let resolver = Source { name: "r".to_owned(), address: "192.0.2.53:53".parse().ok() };
        let mut sources = vec![resolver; resolvers];
        if walks {
            sources.push(Source { name: "authoritative".to_owned(), address: None });
        }
        Estimate::of(&addresses, &sources, &Limits::default())
    }

    #[test]
    fn what_is_much_and_what_is_not() {
        let one = estimate(1, Whom::Everybody, 3, false);
        assert_eq!((one.questions, one.seconds, one.is_much()), (6, 1, false));
        assert_eq!(one.to_string(), "about 6 questions, a second at least with 50 a second to each server");
        let block = estimate(256, Whom::Everybody, 3, true);
        assert_eq!((block.questions, block.seconds, block.is_much()), (2560, 11, false));
        let large = estimate(65_536, Whom::Nameservers, 3, true);
        assert_eq!((large.questions, large.is_much()), (262_144, true));
        assert!(large.to_string().contains("44 min"), "{large}");
        assert_eq!(estimate(0, Whom::Everybody, 3, true).questions, 0);
    }
}

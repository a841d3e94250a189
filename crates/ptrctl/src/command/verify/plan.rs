//! Which addresses are looked at, and who is asked about each.

use super::state;
use crate::command::gather::Gathered;
use ptrd_ask::{Surveyor, Whom};
use ptrd_posture::identity::{FORMAT, Rules, Subject, Survey};
use std::net::IpAddr;

/// How many addresses resolvers are asked about by default, where the nameservers are asked about all and nobody says which send.
const SAMPLE: u64 = 256;

/// See the module.
pub struct Plan {
    pub addresses: Vec<(Subject, Whom)>,
    /// How many addresses were asked for.
    total: u64,
    /// How many of them resolvers are asked about.
    resolved: u64,
    /// Whether that is fewer than all because of a sample.
    sampled: bool,
}

impl Plan {
    pub fn of(gathered: Gathered, authoritative: bool, sample: Option<u64>) -> Plan {
        let subjects = gathered.subjects;
        let total = subjects.len() as u64;
        let sends = |subject: &Subject| subject.sending == Some(true);
        let sending = subjects.iter().filter(|subject| sends(subject)).count() as u64;
        let sample = match (sample, authoritative) {
            (Some(n), _) => n,
            (None, false) => u64::MAX,
            (None, true) => {
                if sending > 0 {
                    0
                } else {
                    SAMPLE
                }
            }
        };
        let others = total - sending;
        // Evenly spread, and the same each time.
        let before = |nth: u64| u128::from(nth) * u128::from(sample) / u128::from(others.max(1));
        let is_picked = |nth: u64| sample >= others || before(nth) != before(nth + 1);
        let mut nth = 0;
        let mut addresses = Vec::new();
        let mut resolved = 0;
        for subject in subjects {
            let all = sends(&subject) || {
                nth += 1;
                is_picked(nth - 1)
            };
            resolved += u64::from(all);
            match (all, authoritative) {
                (true, _) => addresses.push((subject, Whom::Everybody)),
                (false, true) => addresses.push((subject, Whom::Nameservers)),
                (false, false) => (),
            }
        }
        Plan { addresses, total, resolved, sampled: resolved < total }
    }

    pub fn survey(&self, what: &[String], surveyor: &Surveyor) -> Survey {
        Survey {
            format: FORMAT,
            of: what.to_owned(),
            addresses: self.addresses.len() as u64,
            digest: state::digest(&self.addresses),
            sources: surveyor.sources(),
            sample: self.sampled.then_some(self.resolved),
            rules: Rules::default(),
            at: jiff::Timestamp::now().as_millisecond(),
        }
    }

    /// Those that were not looked at yet.
    pub fn left(&self, done: &std::collections::HashSet<IpAddr>) -> Vec<(Subject, Whom)> {
        self.addresses.iter().filter(|(subject, _)| !done.contains(&subject.address)).cloned().collect()
    }

    /// What is looked at, in words.
    pub fn said(&self) -> String {
        let total = crate::screen::counted(self.total, "address", "addresses");
        if !self.sampled {
            return total;
        }
        let resolved = self.resolved;
        if (self.addresses.len() as u64) < self.total {
            return format!("{total}, of which {resolved} are looked at (those that send, and a sample)");
        }
        format!("{total}, resolvers asked about {resolved} (those that send, and a sample)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(sending: &[bool], authoritative: bool, sample: Option<u64>) -> String {
        let subject = |(n, &sends): (usize, &bool)| {
            let mut subject = Subject::new(IpAddr::from([192, 0, 2, u8::try_from(n).expect("few")]));
            subject.sending = sends.then_some(true);
            subject
        };
        let subjects = sending.iter().enumerate().map(subject).collect();
        let plan = Plan::of(Gathered { subjects }, authoritative, sample);
        let letter = |(subject, whom): &(Subject, Whom)| {
            let last = subject.address.to_string().rsplit('.').next().unwrap_or_default().to_owned();
            format!("{last}{}", if *whom == Whom::Everybody { "r" } else { "" })
        };
        plan.addresses.iter().map(letter).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_sample_is_spread_evenly_and_the_same_each_time() {
        let eight = [false; 8];
        assert_eq!(plan(&eight, false, None), "0r 1r 2r 3r 4r 5r 6r 7r");
        assert_eq!(plan(&eight, false, Some(2)), "3r 7r");
        assert_eq!(plan(&eight, true, Some(2)), "0 1 2 3r 4 5 6 7r");
        assert_eq!(plan(&eight, true, Some(0)), "0 1 2 3 4 5 6 7");
        assert_eq!(plan(&eight, true, Some(100)), plan(&eight, false, None));
        assert_eq!(plan(&eight, true, None), plan(&eight, false, None), "few, and nobody said which send");
    }

    #[test]
    fn those_that_send_are_always_asked_about() {
        let mut some = [false; 8];
        some[1] = true;
        assert_eq!(plan(&some, true, None), "0 1r 2 3 4 5 6 7");
        assert_eq!(plan(&some, false, Some(0)), "1r");
        assert_eq!(plan(&some, true, Some(1)), "0 1r 2 3 4 5 6 7r");
    }
}

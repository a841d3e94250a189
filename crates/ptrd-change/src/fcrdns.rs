//! Names that must resolve back to the address that they are given: what the rule of a block makes of what was found out.
//!
//! Only names that come are judged. What could not be found out is no failure: under `require` it waits as what fails does,
//! under `strict` it is refused with the advice to try again.

use crate::evidence::Evidence;
use crate::handover::outermost;
use crate::name_rules::NameRules;
use crate::place::ptrs_in;
use crate::plan::State;
use crate::problem::invalid;
use crate::promise::Promises;
use crate::ptr::{packed, same_target};
use crate::publish::View;
use ptrd_api::{Confirmation, ConfirmationState, Problem};
use ptrd_posture::{Target, Verdict, record, verdict};
use ptrd_wire::{AddrRange, Family, Name, ip_from_bits, ip_to_bits};
use ptrd_zone::model::FcrdnsRule;
use ptrd_zone::{Declared, PtrSet};
use std::net::IpAddr;

/// How many addresses an answer tells of.
const TOLD: usize = 100;

/// What becomes of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// They are set.
    Show,
    /// They wait.
    Hold,
}

/// Judges address after address.
pub(crate) struct FcrdnsJudge<'a> {
    rules: NameRules<'a, FcrdnsRule>,
    evidence: &'a Evidence,
    promises: Promises<'a>,
    told: Vec<Confirmation>,
    total: u64,
}

/// The rules for names that must resolve back.
pub(crate) fn rules(declared: &Declared) -> NameRules<'_, FcrdnsRule> {
    NameRules::new(declared, |checks| checks.fcrdns)
}

/// What is known of the names of an address, each with its name; where an address follows here, both halves are one change.
pub(crate) fn targets(
    evidence: &Evidence,
    promises: &mut Promises<'_>,
    address: IpAddr,
    names: &[Name],
) -> Vec<Target> {
    let unasked = || Target::Unknown("nobody has been asked yet; try again in a moment".to_owned());
    let of = |name| evidence.of(name, address).map_or_else(unasked, |lookup| Target::of(address, lookup));
    let names = names.iter();
    names.map(|name| if promises.make(address, name) { Target::Confirmed } else { of(name) }).collect()
}

/// Names that may not be set, as a problem.
pub(crate) fn refused(why: String) -> Problem {
    invalid(why).hint("create the forward record first, then set the PTR again")
}

impl<'a> FcrdnsJudge<'a> {
    /// As things are before a plan.
    pub fn new(state: &'a State, evidence: &'a Evidence) -> FcrdnsJudge<'a> {
        let promises = Promises::new(&state.declared, &state.snapshot);
        FcrdnsJudge { rules: rules(&state.declared), evidence, promises, told: Vec::new(), total: 0 }
    }

    /// What becomes of names that come to an address; or why they may not.
    #[inline]
    pub fn judge(
        &mut self,
        address: IpAddr,
        before: Option<PtrSet<'_>>,
        after: &PtrSet<'_>,
    ) -> Result<Fate, String> {
        match self.rules.at(address) {
            FcrdnsRule::Off => Ok(Fate::Show),
            rule => self.judge_by(rule, address, before, after),
        }
    }

    fn judge_by(
        &mut self,
        rule: FcrdnsRule,
        address: IpAddr,
        before: Option<PtrSet<'_>>,
        after: &PtrSet<'_>,
    ) -> Result<Fate, String> {
        let is_known = |name: &Name| {
            let known = |known| same_target(known, name.as_wire());
            before.is_some_and(|set| set.wire_names().any(known))
        };
        let names: Vec<Name> = after.to_names().into_iter().filter(|name| !is_known(name)).collect();
        if names.is_empty() {
            return Ok(Fate::Show);
        }
        let targets = targets(self.evidence, &mut self.promises, address, &names);
        let verdict = verdict(&targets);
        let open = || names.iter().zip(&targets).filter(|(_, target)| **target != Target::Confirmed);
        let why: Vec<String> = open().map(|(name, target)| target.said(&name.to_string(), address)).collect();
        let why = why.join("; ");
        let (state, fate) = match (verdict, rule) {
            (Verdict::Verified, _) => (ConfirmationState::Verified, Fate::Show),
            (_, FcrdnsRule::Strict) => return Err(format!("{address}: {why}")),
            (_, FcrdnsRule::Require) => (ConfirmationState::Pending, Fate::Hold),
            (_, FcrdnsRule::Off | FcrdnsRule::Warn) => (ConfirmationState::Unconfirmed, Fate::Show),
        };
        self.total += 1;
        if self.told.len() < TOLD {
            let records = open().map(|(name, _)| record(&name.to_string(), address)).collect();
            self.told.push(Confirmation { address: address.to_string(), state, why, records });
        }
        Ok(fate)
    }

    /// Judges names that cannot wait, because whoever brings them could not be told that they do.
    pub fn judge_now(
        &mut self,
        address: IpAddr,
        before: Option<PtrSet<'_>>,
        after: &PtrSet<'_>,
    ) -> Result<(), String> {
        match self.judge(address, before, after)? {
            Fate::Show => Ok(()),
            Fate::Hold => {
                let why = self.told.last().map(|told| told.why.clone()).unwrap_or_default();
                Err(format!("{address}: {why}"))
            }
        }
    }

    /// What the caller is told, and of how many addresses there is something to tell.
    pub fn told(self) -> (Vec<Confirmation>, u64) {
        (self.told, self.total)
    }
}

impl View {
    /// Addresses with PTRs under a rule that their names resolve back, in order, after one; at most so many.
    pub fn under_fcrdns(&self, after: Option<IpAddr>, most: usize) -> Vec<(IpAddr, Vec<Name>)> {
        let ranges = self.declared.fcrdns_blocks().map(|block| block.range);
        let after = after.map(ip_to_bits);
        let (mut found, mut buffer) = (Vec::new(), Vec::new());
        for range in outermost(ranges.collect()) {
            let Some(range) = rest_of(range, after) else { continue };
            let mut rules = rules(&self.declared);
            for address in ptrs_in(&self.snapshot, &range) {
                if rules.at(address) == FcrdnsRule::Off {
                    continue;
                }
                let set = packed(self.snapshot.addresses().ptr(address), &mut buffer);
                found.extend(set.map(|set| (address, set.to_names())));
                if found.len() >= most {
                    return found;
                }
            }
        }
        found
    }

    /// Whether all these names would have an address here, if it had them.
    pub fn would_follow(&self, address: IpAddr, names: &[Name]) -> bool {
        let mut promises = Promises::new(&self.declared, &self.snapshot);
        !names.is_empty() && names.iter().all(|name| promises.make(address, name))
    }

    /// Whether an address has a PTR, and is under such a rule.
    pub fn is_under_fcrdns(&self, address: IpAddr) -> bool {
        self.snapshot.addresses().ptr(address).is_some()
            && rules(&self.declared).at(address) != FcrdnsRule::Off
    }

    /// The names that addresses of a range have; at most so many addresses.
    pub fn named(&self, range: &AddrRange, most: usize) -> Vec<(IpAddr, Vec<Name>)> {
        let mut buffer = Vec::new();
        let of = |address| {
            let set = packed(self.snapshot.addresses().ptr(address), &mut buffer)?;
            Some((address, set.to_names()))
        };
        let seen = ptrs_in(&self.snapshot, range).filter(|address| self.sees_address(*address));
        seen.filter_map(of).take(most).collect()
    }
}

/// What is left of a range after an address.
fn rest_of(range: AddrRange, after: Option<(Family, u128)>) -> Option<AddrRange> {
    let Some((family, bits)) = after else { return Some(range) };
    match family.cmp(&range.family()) {
        std::cmp::Ordering::Less => Some(range),
        std::cmp::Ordering::Greater => None,
        std::cmp::Ordering::Equal if bits < range.first_bits() => Some(range),
        std::cmp::Ordering::Equal => {
            let next = bits.checked_add(1).filter(|next| *next <= range.last_bits())?;
            AddrRange::new(ip_from_bits(family, next), range.last()).ok()
        }
    }
}

//! What a look at a sending address comes to.

use super::Found;
use crate::identity::{CheckId, Grade, Identity};

/// What resolvers keep for longer than this is not waited for, milliseconds.
const LONGEST: i64 = 24 * 3_600_000;
/// For how long resolvers are taken to keep it that there is no such name or record, milliseconds: they do not say.
const ABSENT: i64 = 900_000;

/// The checks of an identity. That resolvers differ from the nameservers is no fault as long as they may keep what they have (RFC
/// 1035 §3.2.1): a PTR was changed, and is not known everywhere yet.
pub fn of_identity(identity: &Identity) -> Vec<Found> {
    let found = identity.checks.iter().map(|check| Found {
        check: check.id.word(),
        grade: check.grade,
        why: check.why.clone(),
        run: check.run.clone(),
        patience: match (check.id, check.grade) {
            (CheckId::ResolversAgree, Grade::Fail) => kept(identity, &check.evidence),
            _ => 0,
        },
    });
    found.collect()
}

/// For how long resolvers keep what they said.
fn kept(identity: &Identity, evidence: &[usize]) -> i64 {
    let said = evidence.iter().filter_map(|place| identity.observations.get(*place));
    let resolvers = said.filter(|it| !it.is_authoritative() && it.answer.is_known());
    let times = resolvers.map(|it| it.answer.ttl.map_or(ABSENT, |ttl| i64::from(ttl) * 1_000));
    times.max().unwrap_or(0).min(LONGEST)
}

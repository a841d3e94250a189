//! One attempt: a primary is asked for the serial of a zone, and for what is newer.

use super::ask::{Asker, Failure};
use crate::config::Follow;
use ptrd_api::{Problem, code};
use ptrd_change::Road;
use ptrd_tsig::Key;
use ptrd_wire::{Name, Rcode};
use ptrd_xfr::follow::{Act, Done, Held, Limits, Offer, Outcome, PullError, Wanted};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Outage, Pulled, Zone};
use std::sync::Arc;
use std::time::Duration;

/// What all attempts share.
pub struct Context {
    road: Arc<Road>,
    asker: Arc<Asker>,
    limits: Limits,
    longest: Duration,
}

impl Context {
    pub fn new(road: Arc<Road>, asker: Arc<Asker>, settings: &Follow) -> Context {
        let limits = Limits { octets: settings.largest, ..Limits::default() };
        Context { road, asker, limits, longest: settings.longest }
    }
}

/// See the module.
pub struct Attempt {
    context: Arc<Context>,
    act: Act,
}

/// Why a transfer is of no use.
enum Useless {
    Failure(Failure),
    /// The change road does not take it.
    Problem(Problem),
}

impl From<Failure> for Useless {
    fn from(failure: Failure) -> Useless {
        Useless::Failure(failure)
    }
}

impl Attempt {
    pub fn new(context: Arc<Context>, act: Act) -> Attempt {
        Attempt { context, act }
    }

    pub async fn run(self) -> (ZoneId, u64, Outcome) {
        let (zone, epoch) = (self.act.zone, self.act.epoch);
        let outcome = tokio::time::timeout(self.context.longest, self.outcome()).await;
        let outcome = outcome.unwrap_or_else(|_| {
            failed(format!(
                "the transfer took longer than {} seconds: it was broken off",
                self.context.longest.as_secs()
            ))
        });
        (zone, epoch, outcome)
    }

    async fn outcome(&self) -> Outcome {
        let view = self.context.road.view();
        let zone = view.declared.zone_by_id(self.act.zone).and_then(|meta| view.snapshot.zone(&meta.apex));
        let Some(zone) = zone.cloned() else { return failed("the zone is gone".to_owned()) };
        let key = match &self.act.primary.key {
            None => None,
            Some(name) => match view.snapshot.keys().key(name) {
                Some(key) => Some(key.clone()),
                None => return failed(format!("there is no key {name} here")),
            },
        };
        drop(view);
        let result = self.ask(&zone, key.as_ref()).await;
        match result {
            Ok(held) => Outcome::Fresh(held),
            Err(Useless::Failure(failure)) => {
                Outcome::Failed { silent: matches!(failure, Failure::Silent(_)), why: failure.to_string() }
            }
            Err(Useless::Problem(problem)) if matches!(&*problem.code, code::BUSY | code::STORE) => {
                Outcome::Busy
            }
            Err(Useless::Problem(problem)) => {
                let hint = problem.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
                failed(problem.message + &hint)
            }
        }
    }

    async fn ask(&self, zone: &Arc<Zone>, key: Option<&Key>) -> Result<Held, Useless> {
        let (act, asker) = (&self.act, &self.context.asker);
        if act.forced || zone.outage() == Some(Outage::Awaited) {
            return self.transfer(zone, Wanted::Whole, key).await;
        }
        let ours = zone.soa().serial;
        let soa = asker.soa(zone.apex(), &act.primary, key).await?;
        if soa.serial == ours {
            return Ok(Held::of(zone.soa()));
        }
        if !soa.serial.is_after(ours) {
            return Err(behind(zone.apex(), soa.serial.0, ours.0).into());
        }
        match self.transfer(zone, Wanted::Since(zone), key).await {
            Err(why) if is_worth_another_try(&why) => {
                let why = match why {
                    Useless::Failure(failure) => failure.to_string(),
                    Useless::Problem(problem) => problem.message,
                };
                tracing::info!(zone = %zone.apex(), primary = %act.primary.address, why, "no differences: the zone is pulled as a whole");
                self.transfer(zone, Wanted::Whole, key).await
            }
            // Several servers may stand behind an address, and not all have it yet: soon they will.
            Ok(held) if held.serial == ours => Err(Failure::Broken(format!(
                "the primary says serial {}, and has nothing newer than {ours} to transfer",
                soa.serial
            ))
            .into()),
            result => result,
        }
    }

    /// A transfer, and the change that comes of it.
    async fn transfer(&self, zone: &Zone, wanted: Wanted<'_>, key: Option<&Key>) -> Result<Held, Useless> {
        let (act, asker) = (&self.act, &self.context.asker);
        let offering = (wanted, Offer { held: zone.is_stated() });
        let done =
            asker.transfer_offering(zone.apex(), &act.primary, offering, key, self.context.limits).await?;
        match done {
            Done::Nothing(soa) if soa.serial == zone.soa().serial => Ok(Held::of(zone.soa())),
            Done::Nothing(soa) => Err(behind(zone.apex(), soa.serial.0, zone.soa().serial.0).into()),
            Done::Pulled(pulled, dropped) => {
                if let Some((records, first)) = dropped {
                    tracing::warn!(
                        zone = %zone.apex(), primary = %act.primary.address, records, %first,
                        "records that lie outside the zone were dropped"
                    );
                }
                self.take_over(pulled).await
            }
        }
    }

    async fn take_over(&self, pulled: Pulled) -> Result<Held, Useless> {
        let act = &self.act;
        let held = pulled.soa().map(Held::of);
        let done = self.context.road.pull(act.zone, act.primary.address, pulled, act.forced).await;
        let done = done.map_err(Useless::Problem)?;
        tracing::info!(change = done.change, "{}", done.summary);
        held.ok_or_else(|| Failure::Broken("a transfer without a SOA".to_owned()).into())
    }
}

fn failed(why: String) -> Outcome {
    Outcome::Failed { why, silent: false }
}

fn behind(apex: &Name, theirs: u32, ours: u32) -> Failure {
    Failure::Broken(format!(
        "the primary has serial {theirs}, which is not after {ours}, which is here (`ptrctl zone refresh {apex} --whole` \
         takes the zone as it is there)"
    ))
}

/// Whether the zone as a whole may come where differences did not.
fn is_worth_another_try(why: &Useless) -> bool {
    match why {
        Useless::Problem(problem) => !matches!(&*problem.code, code::BUSY | code::STORE),
        Useless::Failure(Failure::Pull(PullError::Tsig(_) | PullError::NotAuthoritative)) => false,
        Useless::Failure(Failure::Pull(error)) => error.rcode() != Some(Rcode::NOTAUTH),
        // Some close the connection on what they do not know.
        Useless::Failure(Failure::Broken(_)) => true,
        Useless::Failure(Failure::Silent(_)) => false,
    }
}

//! Single transfers and questions that somebody waits for: taking a zone over, comparing it.

use super::ask::{Asker, Failure};
use crate::config::Follow;
use ptrd_api::{PrimarySpec, Problem, code};
use ptrd_change::{Other, View, read_primary};
use ptrd_tsig::Key;
use ptrd_wire::{Name, RecordType, RrSet};
use ptrd_xfr::follow::{Answered, Done, Limits, PullError, Wanted};
use ptrd_zone::{Primary, Pulled, PulledZone};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Questions under way at a time.
const AT_ONCE: usize = 32;

/// See the module.
#[derive(Default)]
pub struct Once {
    asker: Arc<Asker>,
    limits: Limits,
    longest: Duration,
}

fn refused(message: String) -> Problem {
    Problem::new(code::CONFLICT, message)
}

impl Once {
    pub fn new(settings: &Follow) -> Once {
        let limits = Limits { octets: settings.largest, ..Limits::default() };
        Once { asker: Arc::new(Asker::new(settings)), limits, longest: settings.longest }
    }

    pub fn asker(&self) -> Arc<Asker> {
        self.asker.clone()
    }

    /// A zone as the first of these servers has it that hands it over, and which that is.
    pub async fn zone(
        &self,
        view: &View,
        apex: &str,
        from: &[PrimarySpec],
    ) -> Result<(PulledZone, String), Problem> {
        let apex = apex_of(apex)?;
        let mut whys = Vec::new();
        for spec in from {
            let (primary, key) = server(view, spec)?;
            match self.transfer(&apex, &primary, key.as_ref()).await {
                Ok(zone) => return Ok((zone, primary.address.to_string())),
                Err(why) => whys.push(format!("{}: {why}", primary.address)),
            }
        }
        if whys.is_empty() {
            return Err(Problem::new(code::BAD_REQUEST, "no server was given"));
        }
        Err(refused(format!("the zone {apex} was not handed over: {}", whys.join("; ")))
            .hint("the other server must allow transfers to this one"))
    }

    async fn transfer(&self, apex: &Name, from: &Primary, key: Option<&Key>) -> Result<PulledZone, Failure> {
        let transfer = self.asker.transfer(apex, from, (Wanted::Whole, None), key, self.limits);
        let done = tokio::time::timeout(self.longest, transfer).await;
        match done.unwrap_or_else(|_| Err(Failure::Broken("the transfer takes too long".to_owned())))? {
            Done::Pulled(Pulled::Whole(zone), dropped) => {
                if let Some((records, first)) = dropped {
                    tracing::warn!(zone = %apex, from = %from.address, records, %first, "records that lie outside the zone were dropped");
                }
                Ok(zone)
            }
            _ => Err(Failure::Broken("the answer is no zone".to_owned())),
        }
    }

    /// What another server has of a zone: all of it, or where it does not hand that over, its answers to questions for
    /// everything that is here.
    pub async fn other(
        &self,
        view: &View,
        apex: &str,
        spec: &PrimarySpec,
    ) -> Result<(Other, String), Problem> {
        let (primary, key) = server(view, spec)?;
        let (name, server) = (apex_of(apex)?, primary.address.to_string());
        let why = match self.transfer(&name, &primary, key.as_ref()).await {
            Ok(zone) => return Ok((Other::Zone(zone), server)),
            Err(why @ Failure::Silent(_)) => {
                return Err(refused(format!("{server} does not answer: {why}")).hint("is it a nameserver?"));
            }
            Err(why) => why,
        };
        let failed = |what: String, error: &Failure| {
            refused(format!("{server} does not hand the zone over ({why}), and {what}: {error}"))
        };
        let soa = self.asker.soa(&name, &primary, key.as_ref()).await;
        let soa = soa.map_err(|error| failed("has no SOA of it".to_owned(), &error))?;
        let mut questions = view.questions(apex)?.into_iter();
        let (mut asking, mut found) = (JoinSet::new(), Vec::new());
        loop {
            while asking.len() < AT_ONCE
                && let Some((owner, rtype)) = questions.next()
            {
                asking.spawn(ask(self.asker(), owner, rtype, primary.clone(), key.clone()));
            }
            match asking.join_next().await {
                None => return Ok((Other::Answers(soa, found), server)),
                Some(Ok((owner, _, Ok(set)))) => found.extend(set.map(|set| (owner, set))),
                Some(Ok((owner, rtype, Err(error)))) => {
                    return Err(failed(format!("does not answer for {owner} {rtype}"), &error));
                }
                Some(Err(_)) => {
                    return Err(Problem::new(code::INTERNAL, "a fault in ptrd while it compared"));
                }
            }
        }
    }
}

async fn ask(
    asker: Arc<Asker>,
    owner: Name,
    rtype: RecordType,
    primary: Primary,
    key: Option<Key>,
) -> (Name, RecordType, Result<Option<RrSet>, Failure>) {
    let answer = match asker.records(&owner, rtype, &primary, key.as_ref()).await {
        Ok(records) => Answered::rrset(Ok(records)).map_err(Failure::Pull),
        Err(Failure::Pull(error @ PullError::Rcode(_))) => Answered::rrset(Err(error)).map_err(Failure::Pull),
        Err(error) => Err(error),
    };
    (owner, rtype, answer)
}

fn apex_of(text: &str) -> Result<Name, Problem> {
    text.parse()
        .map_err(|error: ptrd_wire::NameError| Problem::new(code::BAD_REQUEST, format!("the apex: {error}")))
}

fn server(view: &View, spec: &PrimarySpec) -> Result<(Primary, Option<Key>), Problem> {
    let primary = read_primary(spec)?;
    let key = match &primary.key {
        None => None,
        Some(name) => Some(view.snapshot.keys().key(name).cloned().ok_or_else(|| {
            Problem::new(code::NOT_FOUND, format!("no key {name}"))
                .hint(format!("add it first: `ptrctl key add {name}`"))
        })?),
    };
    Ok((primary, key))
}

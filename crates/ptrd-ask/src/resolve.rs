//! What a resolver says.
//!
//! SERVFAIL has many reasons. One of them is a fault of the zone: signatures that are wrong. A resolver that validates answers
//! then when it is told not to (CD), and goes on to fail when it is not. That it fails at both ends is asked for, so that a
//! server that was down for a moment is not taken for a wrong signature.

use crate::ask::Asker;
use crate::exchange::{Mode, Silence};
use crate::now;
use crate::read::{Read, asked, read};
use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::RecordType;
use hickory_resolver::system_conf::read_system_conf;
use ptrd_posture::identity::{Answer, Observation, Question};
use ptrd_wire::Name;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long to wait before a resolver that failed is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// A resolver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolver {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub address: SocketAddr,
}

impl Resolver {
    /// The resolver of this name: one that everybody may ask, or none.
    pub fn public(name: &str) -> Option<Resolver> {
        let ip = match name {
            "google" => [8, 8, 8, 8],
            "cloudflare" => [1, 1, 1, 1],
            "quad9" => [9, 9, 9, 9],
            _ => return None,
        };
        Some(Resolver { name: name.to_owned(), address: SocketAddr::from((ip, 53)) })
    }

    /// Those that this system asks (/etc/resolv.conf).
    ///
    /// # Errors
    /// Why there are none, as a sentence.
    pub fn of_system() -> Result<Vec<Resolver>, String> {
        let (config, _) = read_system_conf().map_err(|error| format!("/etc/resolv.conf: {error}"))?;
        let mut found: Vec<SocketAddr> =
            config.name_servers().iter().map(|server| SocketAddr::new(server.ip, 53)).collect();
        found.dedup();
        if found.is_empty() {
            return Err("/etc/resolv.conf names no resolver".to_owned());
        }
        Ok(found.into_iter().map(|address| Resolver { name: address.ip().to_string(), address }).collect())
    }

    /// What it says to a question.
    pub async fn observe(&self, asker: &Asker, question: &Question) -> Observation {
        let (at, began) = (now(), Instant::now());
        let answer = match asked(question) {
            Ok((name, rtype)) => self.answer(asker, &name, rtype).await,
            Err(why) => Answer::unknown(why),
        };
        Observation {
            question: question.clone(),
            source: self.name.clone(),
            server: Some(self.address),
            at,
            took: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
            answer,
            servers: Vec::new(),
        }
    }

    async fn answer(&self, asker: &Asker, name: &Name, rtype: RecordType) -> Answer {
        let query = match crate::resolver::asked(name) {
            Ok(name) => Query::query(name, rtype),
            Err(why) => return Answer::unknown(why),
        };
        let ask = async |mode| asker.ask(self.address, &query, mode, asker.limits().tries).await;
        let whole = |reply: Result<Message, Silence>| match reply {
            Ok(reply) => match read(&reply, name, rtype, &Name::root()) {
                Read::Whole(answer) | Read::Onward(_, answer) => answer,
            },
            Err(silence) => Answer::unknown(silence.said(asker.limits().patience)),
        };
        let reply = ask(Mode::Recursive).await;
        if !failed(&reply) {
            return whole(reply);
        }
        tokio::time::sleep(PAUSE).await;
        let reply = ask(Mode::Recursive).await;
        if !failed(&reply) {
            return whole(reply);
        }
        let unchecked = whole(ask(Mode::Unchecked).await);
        if !unchecked.is_known() {
            return whole(reply);
        }
        let reply = ask(Mode::Recursive).await;
        if !failed(&reply) {
            return whole(reply);
        }
        let notes = whole(reply).notes;
        Answer { bogus: true, secure: false, notes, ..unchecked }
    }
}

fn failed(reply: &Result<Message, Silence>) -> bool {
    reply.as_ref().is_ok_and(|reply| reply.response_code == ResponseCode::ServFail)
}

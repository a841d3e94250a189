//! The authoritative path: from the root down to the nameservers of a zone, and what each of them says.
//!
//! Hickory's recursor (0.26) finds answers this way too. It is not used here, for four reasons, read in its source: it does
//! not say which server it had an answer from, and a lame or differing server is just what is to be found; it asks for
//! NS once for each label, 34 times for the name of one IPv6 address, and gives up at 24; a reply whose records are foreign to
//! the zone becomes NXDOMAIN, where nothing is known; and nothing limits how often it asks a server. It does more that is
//! of no use here (a cache of many names, validation).
//!
//! What is walked is bounded: referrals, servers of a zone, depth of names of nameservers that must be looked up themselves,
//! aliases, questions in all, time. Referrals lead downwards only, and glue counts only for names at or under the zone of
//! who gave it. From the public root nobody leads to this host or its private networks. Zone cuts are kept for as long as the
//! walker lives: a run of minutes.

mod parent;

use crate::ask::{Asker, is_near};
use crate::exchange::{Mode, Silence};
use crate::now;
use crate::read::{MOST_ALIASES, Read, address, asked, loops, ours, read, too_many, word};
use crate::roots::Roots;
use hickory_resolver::proto::op::{Message, Query, ResponseCode};
use hickory_resolver::proto::rr::{RData, RecordType};
use ptrd_posture::identity::{AUTHORITATIVE, Answer, Observation, Outcome, Question, Served, Service};
use ptrd_wire::Name;
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The port of nameservers.
const PORT: u16 = 53;
/// How many referrals are followed for one name.
const MOST_REFERRALS: usize = 24;
/// How many nameservers of a zone are asked, and how many addresses of each.
const MOST_SERVERS: (usize, usize) = (8, 4);
/// How deep names of nameservers lead to names of nameservers.
const MOST_DEPTH: u32 = 4;
/// How many questions one question takes at most, without those to further nameservers of a zone that was reached.
const MOST_QUESTIONS: u32 = 100;
/// How many zone cuts and nameservers are kept.
const MOST_KEPT: usize = 20_000;
/// How long one question may take.
const LONGEST: Duration = Duration::from_secs(60);

/// A zone that was delegated, and to whom.
#[derive(Debug)]
struct Cut {
    apex: Name,
    servers: Vec<Host>,
}

#[derive(Debug)]
struct Host {
    name: Name,
    /// None where its name must be looked up.
    glue: Vec<IpAddr>,
}

/// See the module.
#[derive(Debug)]
pub struct Walker {
    asker: Arc<Asker>,
    root: Arc<Cut>,
    /// Whether nameservers may be on this host and private networks.
    near: bool,
    cuts: Mutex<HashMap<Name, Arc<Cut>>>,
    hosts: Mutex<HashMap<Name, Vec<IpAddr>>>,
}

/// What was reached for one name: an answer with authority.
struct Reached {
    cut: Arc<Cut>,
    server: SocketAddr,
    reply: Message,
}

/// Why a nameserver was of no use.
struct Refusal {
    why: String,
    /// It may be for the network.
    is_late: bool,
}

/// What one question has led to so far.
struct Way {
    left: u32,
    /// Whether each nameserver on the way is to be asked.
    all: bool,
    server: Option<SocketAddr>,
    served: Vec<Served>,
}

impl Way {
    fn new(all: bool) -> Way {
        Way { left: MOST_QUESTIONS, all, server: None, served: Vec::new() }
    }
}

impl Walker {
    /// Begins at these servers.
    pub fn new(asker: Arc<Asker>, roots: &Roots) -> Walker {
        let glue = roots.servers();
        let hint = |ip: IpAddr| Host { name: Name::root(), glue: vec![ip] };
        let root = Cut { apex: Name::root(), servers: glue.into_iter().map(hint).collect() };
        let near = *roots != Roots::default();
        Walker { asker, root: Arc::new(root), near, cuts: Mutex::default(), hosts: Mutex::default() }
    }

    /// What the nameservers say to a question. Of the names of an address, all nameservers on the way are asked.
    pub async fn observe(&self, question: &Question) -> Observation {
        let (at, began) = (now(), Instant::now());
        let mut way = Way::new(matches!(question, Question::Ptr(_)));
        let answer = match asked(question) {
            Ok((name, rtype)) => {
                let found = tokio::time::timeout(LONGEST, self.follow(&name, rtype, &mut way, 0)).await;
                found.unwrap_or_else(|_| Answer::unknown(format!("no end within {} s", LONGEST.as_secs())))
            }
            Err(why) => Answer::unknown(why),
        };
        Observation {
            question: question.clone(),
            source: AUTHORITATIVE.to_owned(),
            server: way.server,
            at,
            took: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
            answer,
            servers: way.served,
        }
    }

    /// Follows aliases to the end, each from the root as far as it is not known.
    async fn follow(&self, name: &Name, rtype: RecordType, way: &mut Way, depth: u32) -> Answer {
        let (mut end, mut aliases, mut ttl) = (name.clone(), Vec::new(), None::<u32>);
        loop {
            let reached = match self.descend(&end, rtype, way, depth).await {
                Ok(reached) => reached,
                Err(why) => return Answer { aliases, ..Answer::unknown(why) },
            };
            if depth == 0 {
                way.server = Some(reached.server);
            }
            if way.all && depth == 0 {
                self.ask_others(&reached, &end, rtype, way).await;
            }
            let (onward, part) = match read(&reached.reply, &end, rtype, &reached.cut.apex) {
                Read::Whole(answer) => (None, answer),
                Read::Onward(target, answer) => (Some(target), answer),
            };
            for alias in &part.aliases {
                let target = alias.parse::<Name>().unwrap_or_else(|_| Name::root());
                if let Some(why) = loops(name, &aliases, &target) {
                    return Answer { outcome: Outcome::Broken, why, aliases, ..Answer::default() };
                }
                aliases.push(alias.clone());
            }
            ttl = [ttl, part.ttl].into_iter().flatten().min();
            match onward {
                None => return Answer { aliases, ttl, ..part },
                Some(_) if aliases.len() > MOST_ALIASES => return Answer::unknown(too_many()),
                Some(target) => end = target,
            }
        }
    }

    /// Follows referrals to who has authority over a name.
    async fn descend(
        &self,
        name: &Name,
        rtype: RecordType,
        way: &mut Way,
        depth: u32,
    ) -> Result<Reached, String> {
        let mut cut = self.deepest(name);
        for _ in 0..MOST_REFERRALS {
            let (server, reply) = self.ask_any(&cut, name, rtype, way, depth).await?;
            match referral(&reply, &cut.apex, name) {
                Some(below) => cut = self.keep(below),
                None => return Ok(Reached { cut, server, reply }),
            }
        }
        Err(format!("more than {MOST_REFERRALS} referrals on the way to {name}"))
    }

    /// The first usable reply of a nameserver of a zone. Who was silent is asked once more when all have been asked.
    async fn ask_any(
        &self,
        cut: &Cut,
        name: &Name,
        rtype: RecordType,
        way: &mut Way,
        depth: u32,
    ) -> Result<(SocketAddr, Message), String> {
        let query = Query::query(crate::resolver::asked(name)?, rtype);
        let mut asked = Vec::new();
        for host in &cut.servers {
            for server in self.addresses(host, way, depth).await {
                match self.ask_one(cut, &query, name, server, way).await? {
                    Ok(reply) => return Ok((server, reply)),
                    Err(refusal) => asked.push((host, server, refusal)),
                }
            }
        }
        let mut said = Vec::new();
        for (host, server, mut refusal) in asked {
            if refusal.is_late {
                match self.ask_one(cut, &query, name, server, way).await? {
                    Ok(reply) => return Ok((server, reply)),
                    Err(again) => refusal = again,
                }
            }
            said.push(format!("{}: {}", at(host, server), refusal.why));
        }
        const SHOWN: usize = 4;
        let more =
            if said.len() > SHOWN { format!("; and {} more", said.len() - SHOWN) } else { String::new() };
        said.truncate(SHOWN);
        let said = if said.is_empty() { "none of them has an address".to_owned() } else { said.join("; ") };
        Err(format!("no nameserver of {} answers: {said}{more}", cut.apex))
    }

    /// Asks one nameserver of a zone. The outer error says that enough was asked.
    async fn ask_one(
        &self,
        cut: &Cut,
        query: &Query,
        name: &Name,
        server: SocketAddr,
        way: &mut Way,
    ) -> Result<Result<Message, Refusal>, String> {
        way.left = way
            .left
            .checked_sub(1)
            .ok_or_else(|| format!("more than {MOST_QUESTIONS} questions lead nowhere"))?;
        Ok(match self.asker.ask(server, query, Mode::Authority, 1).await {
            Ok(reply) if is_usable(&reply, &cut.apex, name) => Ok(reply),
            Ok(reply) => Err(Refusal { why: refusal(&reply), is_late: false }),
            Err(silence) => {
                let why = silence.said(self.asker.limits().patience);
                Err(Refusal { why, is_late: silence == Silence::Timeout })
            }
        })
    }

    /// What each nameserver of a zone that was reached says.
    async fn ask_others(&self, reached: &Reached, name: &Name, rtype: RecordType, way: &mut Way) {
        let Ok(asked) = crate::resolver::asked(name) else { return };
        let (query, apex) = (Query::query(asked, rtype), &reached.cut.apex);
        for host in reached.cut.servers.iter().take(MOST_SERVERS.0) {
            for server in self.addresses(host, way, 0).await {
                let reply = if server == reached.server {
                    Ok(reached.reply.clone())
                } else {
                    self.asker.ask(server, &query, Mode::Authority, 2).await
                };
                let (service, answer) = match reply {
                    // That this host has no IPv6 says nothing about the server.
                    Err(Silence::NoRoute(_)) => continue,
                    Err(silence) => {
                        (Service::Silent, Answer::unknown(silence.said(self.asker.limits().patience)))
                    }
                    Ok(reply) if is_usable(&reply, apex, name) => match read(&reply, name, rtype, apex) {
                        Read::Whole(answer) => (Service::Serves, answer),
                        Read::Onward(_, answer) => {
                            (Service::Serves, Answer { outcome: Outcome::Found, ..answer })
                        }
                    },
                    Ok(reply) => (Service::Lame, Answer::unknown(refusal(&reply))),
                };
                let (zone, name) = (apex.to_string(), host.name.to_string());
                way.served.push(Served { zone, name, server, service, answer });
            }
        }
    }

    /// Where a nameserver can be asked. Its name is looked up from the root if nobody gave an address with it.
    async fn addresses(&self, host: &Host, way: &mut Way, depth: u32) -> Vec<SocketAddr> {
        let mut found = host.glue.clone();
        if found.is_empty() && depth < MOST_DEPTH {
            let known = self.hosts.lock().unwrap_or_else(PoisonError::into_inner).get(&host.name).cloned();
            found = match known {
                Some(known) => known,
                None => {
                    let mut looked_up = Vec::new();
                    for rtype in [RecordType::A, RecordType::AAAA] {
                        looked_up.extend(self.deeper(&host.name, rtype, way, depth + 1).await.addresses);
                    }
                    let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
                    if hosts.len() < MOST_KEPT && !looked_up.is_empty() {
                        hosts.insert(host.name.clone(), looked_up.clone());
                    }
                    looked_up
                }
            };
        }
        found.retain(|ip| self.near || !is_near(*ip));
        found.sort_by_key(IpAddr::is_ipv6);
        found.truncate(MOST_SERVERS.1);
        found.into_iter().map(|ip| SocketAddr::new(ip, PORT)).collect()
    }

    /// As [`Walker::follow`], which leads here: a future that holds itself must be boxed.
    fn deeper<'a>(
        &'a self,
        name: &'a Name,
        rtype: RecordType,
        way: &'a mut Way,
        depth: u32,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(self.follow(name, rtype, way, depth))
    }

    /// The deepest zone that is known on the way to a name.
    fn deepest(&self, name: &Name) -> Arc<Cut> {
        let cuts = self.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = name.ancestors().find_map(|name| cuts.get(&name).cloned());
        known.unwrap_or_else(|| self.root.clone())
    }

    fn keep(&self, cut: Cut) -> Arc<Cut> {
        let mut cuts = self.cuts.lock().unwrap_or_else(PoisonError::into_inner);
        let cut = Arc::new(cut);
        if cuts.len() < MOST_KEPT {
            cuts.insert(cut.apex.clone(), cut.clone());
        }
        cut
    }
}

/// The zone that a reply refers to: below the one that was asked, and on the way to the name.
fn referral(reply: &Message, apex: &Name, name: &Name) -> Option<Cut> {
    if reply.authoritative || reply.response_code != ResponseCode::NoError || !reply.answers.is_empty() {
        return None;
    }
    let mut cut: Option<Cut> = None;
    for record in &reply.authorities {
        let (RData::NS(target), Some(owner)) = (&record.data, ours(&record.name)) else { continue };
        if !owner.is_under(apex) || !name.is_at_or_under(&owner) {
            continue;
        }
        let cut = cut.get_or_insert_with(|| Cut { apex: owner.clone(), servers: Vec::new() });
        if cut.apex == owner
            && cut.servers.len() < MOST_SERVERS.0
            && let Some(name) = ours(&target.0)
        {
            cut.servers.push(Host { glue: glue(reply, apex, &name), name });
        }
    }
    cut
}

/// The addresses that a reply gives with the name of a nameserver.
fn glue(reply: &Message, apex: &Name, host: &Name) -> Vec<IpAddr> {
    if !host.is_at_or_under(apex) {
        return Vec::new();
    }
    let records = reply.additionals.iter().filter(|record| ours(&record.name).as_ref() == Some(host));
    records.filter_map(|record| address(&record.data)).take(MOST_SERVERS.1).collect()
}

/// Whether a nameserver of a zone says what such a one may say: an answer with authority, or a referral downwards.
fn is_usable(reply: &Message, apex: &Name, name: &Name) -> bool {
    let answers = matches!(reply.response_code, ResponseCode::NoError | ResponseCode::NXDomain);
    answers && (reply.authoritative || referral(reply, apex, name).is_some())
}

/// What a reply comes to that is of no use.
fn refusal(reply: &Message) -> String {
    match reply.response_code {
        ResponseCode::NoError | ResponseCode::NXDomain => "it answers without authority".to_owned(),
        code => word(code),
    }
}

fn at(host: &Host, server: SocketAddr) -> String {
    if host.name.is_root() { server.ip().to_string() } else { format!("{} ({})", host.name, server.ip()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_resolver::proto::op::OpCode;
    use hickory_resolver::proto::rr::rdata::{A, NS};
    use hickory_resolver::proto::rr::{self, Record};

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    fn theirs(text: &str) -> rr::Name {
        crate::resolver::asked(&name(text)).expect("a name")
    }

    /// A reply that refers to nameservers of a zone, each with an address.
    fn refers(zone: &str, hosts: &[&str]) -> Message {
        let mut reply = Message::response(7, OpCode::Query);
        for host in hosts {
            reply.authorities.push(Record::from_rdata(theirs(zone), 60, RData::NS(NS(theirs(host)))));
            reply.additionals.push(Record::from_rdata(theirs(host), 60, RData::A(A::new(192, 0, 2, 1))));
        }
        reply
    }

    fn glued(reply: &Message, apex: &str, asked: &str) -> Option<String> {
        let cut = referral(reply, &name(apex), &name(asked))?;
        let host = |host: &Host| format!("{}{}", host.name, if host.glue.is_empty() { "" } else { "+" });
        Some(format!("{} {}", cut.apex, cut.servers.iter().map(host).collect::<Vec<_>>().join(" ")))
    }

    #[test]
    fn referrals_lead_down_and_to_the_name_that_was_asked_for() {
        let down = refers("mail.example.", &["ns.mail.example.", "ns.other.test."]);
        let said = Some("mail.example. ns.mail.example.+ ns.other.test.".to_owned());
        assert_eq!(glued(&down, "example.", "a.mail.example."), said, "glue of others does not count");
        assert_eq!(glued(&down, "mail.example.", "a.mail.example."), None, "to itself");
        assert_eq!(glued(&down, "example.", "a.other.example."), None, "sideways");
        assert_eq!(glued(&refers(".", &["a.root."]), "example.", "a.example."), None, "upwards");
        assert!(!is_usable(&refers(".", &["a.root."]), &name("example."), &name("a.example.")));
        let many: Vec<String> = (0..100).map(|n| format!("ns{n}.mail.example.")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let cut = referral(&refers("mail.example.", &many), &name("example."), &name("mail.example."));
        assert_eq!(cut.map(|cut| cut.servers.len()), Some(MOST_SERVERS.0));
        let mut with_authority = down;
        with_authority.metadata.authoritative = true;
        assert_eq!(glued(&with_authority, "example.", "a.mail.example."), None);
    }
}

//! Telling others of addresses whose standing has changed, and of turns of what is watched: JSON over HTTP, signed, again and again until it is taken.
//!
//! What is to be told stands in the store beside the standing, so a restart forgets nothing; of an address that changes again
//! meanwhile the newest is told, with what it was before. Told at least once: who is told looks at address and time.

use super::look::Looker;
use super::view::time;
use crate::watch::{Watch, millis};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper::header::{CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_util::rt::TokioIo;
use ptrd_change::{Checked, Post};
use ptrd_listen::{Connection, HttpsCaller};
use ptrd_posture::watch::Telling;
use ptrd_tsig::hmac_sha256;
use ptrd_wire::AddrRange;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// For all of one message.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often to look for something to tell.
const TICK: Duration = Duration::from_secs(1);
/// How long to wait after a failure, at first and at most.
const AGAIN: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(600));
/// Addresses that one message tells of.
const AT_ONCE: usize = 100;
/// Octets of an answer that are read.
const MOST: usize = 64 << 10;
/// What carries the signature: the HMAC-SHA256 of the body, in hexadecimal digits.
const SIGNATURE: &str = "ptrd-signature";

/// How long nothing is told after it was not taken.
struct Pause {
    until: Option<Instant>,
    next: Duration,
}

impl Default for Pause {
    fn default() -> Pause {
        Pause { until: None, next: AGAIN.0 }
    }
}

impl Pause {
    fn is_over(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| until <= now)
    }

    /// How it went. Says how long to wait: twice as long each time that it was not taken.
    fn went(&mut self, now: Instant, is_taken: bool) -> Duration {
        if is_taken {
            *self = Pause::default();
            return Duration::ZERO;
        }
        let wait = self.next;
        (self.until, self.next) = (Some(now + wait), (wait * 2).min(AGAIN.1));
        wait
    }
}

/// See the module.
pub struct Webhook {
    url: Uri,
    secret: Option<Vec<u8>>,
    tls: Option<HttpsCaller>,
}

impl Webhook {
    /// To this URL; messages are signed with the secret, where there is one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn new(url: &str, secret: Option<Vec<u8>>, authorities: &Path) -> anyhow::Result<Webhook> {
        let url: Uri = url.parse()?;
        let tls = match url.scheme_str() {
            Some("https") => Some(HttpsCaller::trusting(authorities)?),
            _ => None,
        };
        Ok(Webhook { url, secret, tls })
    }

    pub(super) async fn run(self, looker: Looker, watch: Watch, close: CancellationToken) {
        let (mut telling, began) = (Telling::default(), Instant::now());
        // Each of its own: who takes one message may refuse the other.
        let (mut of_checks, mut of_turns) = (Pause::default(), Pause::default());
        loop {
            // A standby's primary tells, and one that was superseded has nothing to tell.
            if close.run_until_cancelled(looker.road.primary()).await.is_none() {
                return;
            }
            if of_checks.is_over(Instant::now()) {
                let told = self.tell(&looker).await;
                self.went(&looker, &mut of_checks, told);
            }
            if of_turns.is_over(Instant::now()) {
                let told = self.tell_turns(&looker, &watch, (&mut telling, began)).await;
                self.went(&looker, &mut of_turns, told);
            }
            if close.run_until_cancelled(tokio::time::sleep(TICK)).await.is_none() {
                return;
            }
        }
    }

    fn went(&self, looker: &Looker, pause: &mut Pause, told: anyhow::Result<()>) {
        let again = pause.went(Instant::now(), told.is_ok());
        if let Err(error) = told {
            looker.counters.webhook[1].fetch_add(1, Ordering::Relaxed);
            let url = self.place();
            tracing::warn!(url, ?again, "the webhook was not told: {error:#}");
        }
    }

    /// The URL without what may be secret in it.
    fn place(&self) -> String {
        format!("{}://{}", self.url.scheme_str().unwrap_or("http"), self.url.host().unwrap_or_default())
    }

    /// Tells what is to be told.
    async fn tell(&self, looker: &Looker) -> anyhow::Result<()> {
        loop {
            let untold = looker.road.untold_checks(AT_ONCE).await.map_err(anyhow::Error::msg)?;
            if untold.is_empty() {
                return Ok(());
            }
            self.deliver(looker, &message(&untold)).await?;
            self.note(looker, untold).await?;
        }
    }

    /// Tells of what is watched and has turned.
    async fn tell_turns(
        &self,
        looker: &Looker,
        watch: &Watch,
        (telling, began): (&mut Telling, Instant),
    ) -> anyhow::Result<()> {
        // Not by a clock that may be set back.
        let now = || millis(began.elapsed());
        if !telling.may(now()) || looker.road.post() != Post::Primary {
            return Ok(());
        }
        let (untold, until) = watch.untold();
        if untold.is_empty() {
            return Ok(());
        }
        self.deliver(looker, &ptrd_posture::watch::message(&untold, time)).await?;
        watch.told(until);
        telling.sent(now());
        Ok(())
    }

    async fn deliver(&self, looker: &Looker, message: &serde_json::Value) -> anyhow::Result<()> {
        let sent = tokio::time::timeout(PATIENCE, self.send(serde_json::to_vec(message)?)).await;
        sent.map_err(|_| anyhow::anyhow!("no answer in time"))??;
        looker.counters.webhook[0].fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Notes that this was told, where it still stands so.
    async fn note(&self, looker: &Looker, told: Vec<Checked>) -> anyhow::Result<()> {
        let _books = looker.books.lock().await;
        let mut noted = Vec::new();
        for told in told {
            let now =
                looker.road.checks(AddrRange::single(told.address), 1).await.map_err(anyhow::Error::msg)?;
            let last = |checked: &Checked| {
                checked.standing.as_ref().and_then(|standing| standing.history.last().cloned())
            };
            noted.extend(
                now.into_iter()
                    .filter(|now| last(now) == last(&told))
                    .map(|now| Checked { told: true, ..now }),
            );
        }
        looker.road.checked(noted);
        Ok(())
    }

    async fn send(&self, body: Vec<u8>) -> anyhow::Result<()> {
        let authority = self.url.authority().map(ToString::to_string).unwrap_or_default();
        let target = self.url.path_and_query().map_or("/", |path| path.as_str());
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(target)
            .header(HOST, authority)
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, concat!("ptrd/", env!("CARGO_PKG_VERSION")));
        if let Some(secret) = &self.secret {
            let mac: String = hmac_sha256(secret, &body).iter().map(|octet| format!("{octet:02x}")).collect();
            request = request.header(SIGNATURE, format!("sha256={mac}"));
        }
        let request = request.body(Full::new(Bytes::from(body)))?;
        let (mut sender, connection) = handshake(TokioIo::new(self.connect().await?)).await?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        let status = response.status();
        // To the end, so that the other side is not cut off; what it says does not matter.
        let _ = Limited::new(response.into_body(), MOST).collect().await;
        connection.abort();
        // Another server than the one that the configuration names is told nothing.
        let why = if status.is_redirection() { "; redirects are not followed" } else { "" };
        anyhow::ensure!(status.is_success(), "the answer was {status}{why}");
        Ok(())
    }

    async fn connect(&self) -> anyhow::Result<Box<dyn Connection>> {
        let host = self.url.host().unwrap_or_default();
        let plain = host.trim_start_matches('[').trim_end_matches(']');
        let port = self.url.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let stream = TcpStream::connect((plain, port)).await?;
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some(tls) => Ok(tls.connect(plain, stream).await?),
        }
    }
}

/// What is told: for each address the newest transition. JSON escapes whatever is in names.
fn message(untold: &[Checked]) -> serde_json::Value {
    let event = |checked: &Checked| {
        let last = checked.standing.as_ref()?.history.last()?;
        let at = jiff::Timestamp::from_millisecond(last.at).ok()?.to_string();
        Some(serde_json::json!({
            "address": checked.address,
            "from": last.from,
            "to": last.to,
            "at": at,
            "why": last.why,
        }))
    };
    serde_json::json!({ "event": "fcrdns", "changes": untold.iter().filter_map(event).collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::Lookups;
    use crate::config::Config;
    use ptrd_change::{Options, Road};
    use ptrd_store::{CheckRow, SqliteStore, Store};
    use std::sync::Arc;

    /// How often a server tries within a minute to tell of an address that was in its store at the start.
    async fn tried(is_superseded: bool) -> u64 {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = SqliteStore::open(&folder.path().join("ptrd.db")).expect("a store");
        let standing =
            r#"{"checked":1,"unknown":0,"why":"","history":[{"at":1,"from":null,"to":"failing","why":""}]}"#;
        let address = "192.0.2.1".parse().expect("an address");
        let row = CheckRow { address, told: false, standing: standing.to_owned() };
        store.put_checks(&[row]).expect("a row");
        let loaded = ptrd_change::load(&mut store).expect("an empty store");
        let road = Arc::new(Road::start(Box::new(store), loaded, Options::default()).expect("a road"));
        if is_superseded {
            road.supersede("another", 2);
        }
        let config = Config::default();
        let looker = Looker::new(road.clone(), Lookups::new(&config.checks), true);
        let watch = Watch::new(road, &config.watch, true);
        let webhook = Webhook::new("http://127.0.0.1:9/", None, Path::new("")).expect("a webhook");
        let run = webhook.run(looker.clone(), watch, CancellationToken::new());
        let ended = tokio::time::timeout(Duration::from_secs(60), run).await;
        assert!(ended.is_err(), "it goes on");
        looker.counts().webhook[1]
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_was_superseded_tells_nobody() {
        assert_ne!(tried(false).await, 0);
        assert_eq!(tried(true).await, 0);
    }

    #[test]
    fn what_is_not_taken_is_told_again_less_and_less_often() {
        let (mut pause, mut other, began) = (Pause::default(), Pause::default(), Instant::now());
        let waits: Vec<u64> = (0..12).map(|_| pause.went(began, false).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        assert!(!pause.is_over(began + AGAIN.1 / 2) && pause.is_over(began + AGAIN.1));
        other.went(began, true);
        assert!(other.is_over(began), "the other message does not wait with it");
        pause.went(began, true);
        assert!(pause.is_over(began));
    }
}

//! The thread that takes exchanges from the workers' rings and sends them.

use super::frames::{Stream, put_frame};
use super::message::{Half, Identity, encode};
use ptrd_listen::TapReader;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long exchanges may lie in the rings.
const NAP: Duration = Duration::from_millis(20);
/// Between two attempts to reach the program that listens.
const RETRY: Duration = Duration::from_secs(1);
/// Exchanges of a worker that are sent together.
const PORTION: usize = 256;

/// What to send, and to whom.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The Unix socket on which a program listens for dnstap.
    pub socket: PathBuf,
    /// Send queries (AUTH_QUERY).
    pub queries: bool,
    /// Send replies (AUTH_RESPONSE).
    pub responses: bool,
    /// What to call this server, if anything.
    pub identity: Option<String>,
    /// The version to name, if any.
    pub version: Option<String>,
}

/// What became of exchanges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that were written to the socket.
    pub sent: u64,
    /// Messages for which there was no listener.
    pub unsent: u64,
    /// Exchanges that found a worker's ring full.
    pub missed: u64,
}

#[derive(Default)]
struct Shared {
    stop: AtomicBool,
    sent: AtomicU64,
    unsent: AtomicU64,
    missed: AtomicU64,
}

/// The running thread. Dropping it tells it to stop; [`Sender::stop`] waits for that.
pub struct Sender {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Sender {
    /// Starts to send what `reader` yields.
    ///
    /// # Errors
    /// The system gives no thread. A listener that is not there yet is none.
    pub fn start(settings: Settings, reader: TapReader) -> io::Result<Sender> {
        let shared = Arc::<Shared>::default();
        let worker = Worker {
            who: Identity {
                identity: settings.identity.clone().map(String::into_bytes),
                version: settings.version.clone().map(String::into_bytes),
            },
            settings,
            reader,
            shared: shared.clone(),
            stream: None,
            tried: None,
            out: Vec::new(),
        };
        let thread =
            std::thread::Builder::new().name("ptrd-dnstap".to_owned()).spawn(move || worker.run())?;
        Ok(Sender { shared, thread: Mutex::new(Some(thread)) })
    }

    /// What became of exchanges so far.
    pub fn counts(&self) -> Counts {
        Counts {
            sent: self.shared.sent.load(Relaxed),
            unsent: self.shared.unsent.load(Relaxed),
            missed: self.shared.missed.load(Relaxed),
        }
    }

    /// Sends what is in the rings, ends the stream, and returns what became of exchanges.
    pub fn stop(&self) -> Counts {
        self.shared.stop.store(true, Relaxed);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the dnstap thread ended with a panic");
            }
        }
        self.counts()
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.shared.stop.store(true, Relaxed);
    }
}

struct Worker {
    settings: Settings,
    who: Identity,
    reader: TapReader,
    shared: Arc<Shared>,
    stream: Option<Stream>,
    tried: Option<Instant>,
    out: Vec<u8>,
}

impl Worker {
    fn run(mut self) {
        loop {
            // Read before the rings: what came before the stop is still sent.
            let stopping = self.shared.stop.load(Relaxed);
            self.connect();
            let taken = self.forward();
            self.shared.missed.store(self.reader.missed(), Relaxed);
            if taken > 0 {
                continue;
            }
            if stopping {
                break;
            }
            std::thread::park_timeout(NAP);
        }
        if let Some(Err(error)) = self.stream.take().map(Stream::close) {
            tracing::debug!(%error, "the dnstap stream did not end in good order");
        }
    }

    fn connect(&mut self) {
        if self.stream.is_some() || self.tried.is_some_and(|at| at.elapsed() < RETRY) {
            return;
        }
        let is_first = self.tried.is_none();
        self.tried = Some(Instant::now());
        let socket = self.settings.socket.display();
        match Stream::open(&self.settings.socket) {
            Ok(stream) => {
                tracing::info!(%socket, "sending dnstap");
                self.stream = Some(stream);
            }
            Err(error) if is_first => {
                tracing::warn!(%socket, %error, "no program takes dnstap there; trying again every second");
            }
            Err(_) => {}
        }
    }

    /// Takes a portion from the rings and sends it; how many exchanges.
    fn forward(&mut self) -> usize {
        self.out.clear();
        let (who, settings, out) = (&self.who, &self.settings, &mut self.out);
        let mut messages = 0;
        let taken = self.reader.drain(PORTION, |exchange| {
            if settings.queries {
                put_frame(out, &encode(who, Half::Query, &exchange));
                messages += 1;
            }
            if settings.responses && !exchange.reply.is_empty() {
                put_frame(out, &encode(who, Half::Response, &exchange));
                messages += 1;
            }
        });
        if messages == 0 {
            return taken;
        }
        let written = self.stream.as_mut().map(|stream| stream.write(&self.out));
        let counter = match written {
            Some(Ok(())) => &self.shared.sent,
            Some(Err(error)) => {
                tracing::warn!(%error, "the dnstap stream broke; connecting anew");
                self.stream = None;
                &self.shared.unsent
            }
            None => &self.shared.unsent,
        };
        counter.fetch_add(messages, Relaxed);
        taken
    }
}

//! All workers together: started, counted, stopped.

use crate::aside::Aside;
use crate::bind::BindError;
use crate::counts::{Cells, Counts, TcpCounts, UdpCounts};
use crate::limits::Limits;
use crate::sockets::Sockets;
use crate::tap::TapReader;
use crate::tcp::{Desk, Front, TcpThread};
use crate::udp::UdpWorker;
use arc_swap::{ArcSwap, Cache};
use ptrd_engine::{Engine, Limiter, Worker};
use ptrd_zone::Snapshot;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// Within this time every worker has let go of a snapshot, or an engine, that was replaced, unless it is answering. A
/// publisher that keeps what it replaces for longer frees it itself.
pub const REFRESH: Duration = Duration::from_millis(200);

/// Where and how to listen.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses for UDP and TCP; port 0 takes a free one. IPv6 wildcards take no IPv4.
    pub addresses: Vec<SocketAddr>,
    /// UDP workers for each address, at least 1.
    pub udp_workers: usize,
    /// Hand replies to one peer to the kernel as one message, where it can cut them into datagrams again.
    pub udp_bundles: bool,
    /// TCP threads for all addresses together, at least 1.
    pub tcp_threads: usize,
    /// What TCP clients may take.
    pub limits: Limits,
}

impl Default for Config {
    /// No address yet; a UDP worker for each core that the process may use, and a TCP thread for each four.
    fn default() -> Config {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        Config {
            addresses: Vec::new(),
            udp_workers: cores,
            udp_bundles: true,
            tcp_threads: cores.div_ceil(4),
            limits: Limits::default(),
        }
    }
}

/// Why a listener did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// An address cannot be had.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// There is none.
    #[error("there is no address to listen on")]
    NoAddress,
    /// The system gives no thread, or no memory or descriptors for one.
    #[error("starting the thread {name}")]
    Thread {
        /// Its name.
        name: String,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// What queries meet: the engine and the snapshot, both as last published.
#[derive(Clone)]
pub(crate) struct Junction {
    engine: Arc<ArcSwap<Engine>>,
    snapshot: Arc<ArcSwap<Snapshot>>,
    /// Who takes what the engine leaves to others.
    pub(crate) aside: Option<Arc<dyn Aside>>,
}

impl Junction {
    pub(crate) fn view(&self) -> View {
        View { engine: Cache::new(self.engine.clone()), snapshot: Cache::new(self.snapshot.clone()) }
    }
}

/// A worker's handle to the junction: looking again costs two loads of cache lines that hardly ever change.
pub(crate) struct View {
    engine: Cache<Arc<ArcSwap<Engine>>, Arc<Engine>>,
    snapshot: Cache<Arc<ArcSwap<Snapshot>>, Arc<Snapshot>>,
}

impl View {
    pub(crate) fn load(&mut self) -> (&Engine, &Arc<Snapshot>) {
        (self.engine.load(), self.snapshot.load())
    }
}

/// Seconds since 1970 UTC, and nanoseconds since then, modulo 2^64 (in 2554). One look at one clock for
/// both: cookies and TSIG need the right time, and the rate limit bears with steps.
pub(crate) fn unix_time() -> (u64, u64) {
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    (time.as_secs(), time.as_nanos() as u64)
}

/// A key that nobody outside can know: the standard library's own, made for hash tables.
fn random_key() -> [u64; 2] {
    [(); 2].map(|()| RandomState::new().build_hasher().finish())
}

/// Reads the counters of all workers, and sets what their clients may take.
#[derive(Clone)]
pub struct Meter {
    udp: Vec<Arc<Cells>>,
    tcp: Vec<Arc<Cells>>,
    front: Arc<Front>,
}

impl Meter {
    /// What all workers did so far.
    pub fn counts(&self) -> Counts {
        let (mut udp, mut tcp) = (UdpCounts::default(), TcpCounts::default());
        self.udp.iter().for_each(|cells| udp += cells.udp());
        self.tcp.iter().for_each(|cells| tcp += cells.tcp());
        self.front.cells.add_to(&mut tcp);
        let faults = self.udp.iter().chain(&self.tcp).map(|cells| cells.faults.load(Relaxed)).sum();
        Counts { udp, tcp, faults }
    }

    /// A number for each thread that grows while it makes progress, idle or not: at least every [`REFRESH`].
    pub fn beats(&self) -> Vec<u64> {
        self.udp.iter().chain(&self.tcp).map(|cells| cells.beat.load(Relaxed)).collect()
    }

    /// What TCP clients may take from now on. Returns how many connections there may be: fewer than asked for when that
    /// is more than room was kept for at the start.
    pub fn set_limits(&self, limits: Limits) -> usize {
        self.front.set_limits(limits)
    }
}

/// The running workers. Dropping it tells them to stop; [`Listener::shutdown`] waits for that too.
pub struct Listener {
    addresses: Vec<SocketAddr>,
    meter: Meter,
    stop: Arc<AtomicBool>,
    cancel: CancellationToken,
    threads: Vec<JoinHandle<()>>,
    tap: Option<TapReader>,
}

impl Listener {
    /// Binds all addresses, then starts to answer with what `engine` and `snapshot` hold, now and after each change.
    ///
    /// # Errors
    /// [`StartError`]; nothing listens then.
    pub fn start(
        config: Config,
        engine: Arc<ArcSwap<Engine>>,
        snapshot: Arc<ArcSwap<Snapshot>>,
    ) -> Result<Listener, StartError> {
        if config.addresses.is_empty() {
            return Err(StartError::NoAddress);
        }
        let sockets = Sockets::bind(&config.addresses, config.udp_workers, config.udp_bundles)?;
        Listener::run(sockets, config.tcp_threads, config.limits, engine, snapshot, None, None)
    }

    /// Starts to answer on sockets that are there, with what `engine` and `snapshot` hold, now and after each change; what the
    /// engine leaves to others goes to `aside`. With `tap`, each thread copies what it is asked and what it answers into a ring of so many octets, see
    /// [`Listener::take_tap`].
    ///
    /// # Errors
    /// [`StartError`]; nothing listens then.
    pub fn run(
        sockets: Sockets,
        tcp_threads: usize,
        limits: Limits,
        engine: Arc<ArcSwap<Engine>>,
        snapshot: Arc<ArcSwap<Snapshot>>,
        tap: Option<usize>,
        aside: Option<Arc<dyn Aside>>,
    ) -> Result<Listener, StartError> {
        let bound = sockets.bound;
        if bound.is_empty() {
            return Err(StartError::NoAddress);
        }
        let options = sockets.options;
        // From here on an early return drops the listener, which ends the threads started so far.
        let mut listener = Listener {
            addresses: bound.iter().map(|bound| bound.address).collect(),
            meter: Meter { udp: Vec::new(), tcp: Vec::new(), front: Arc::new(Front::new(limits)) },
            stop: Arc::default(),
            cancel: CancellationToken::new(),
            threads: Vec::new(),
            tap: None,
        };
        let mut lanes = Vec::new();
        let mut new_tap = || {
            tap.map(|octets| {
                let (tap, lane) = crate::tap::lane(octets);
                lanes.push(lane);
                tap
            })
        };
        // Also where there is no limit: a policy that comes later may set one.
        let table_size = engine.load().policy().rate_limit.clone().unwrap_or_default().settings().table_size;
        let key = random_key();
        let junction = Junction { engine, snapshot, aside };
        let listeners: Vec<_> = bound.iter().flat_map(|bound| &bound.tcp).collect();
        for number in 0..tcp_threads.max(1) {
            let name = format!("ptrd-tcp-{number}");
            let failed = |cause| StartError::Thread { name: name.clone(), cause };
            let sockets = listeners.iter().map(|socket| socket.try_clone());
            let sockets = sockets.collect::<io::Result<Vec<_>>>().map_err(failed)?;
            let cells = Arc::<Cells>::default();
            listener.meter.tcp.push(cells.clone());
            let desk = Desk::new(&junction, new_tap(), cells.clone());
            let thread = TcpThread::new(sockets, desk, listener.meter.front.clone(), cells);
            let thread = thread.map_err(failed)?;
            let cancel = listener.cancel.clone();
            listener.spawn(name, move || thread.run(&cancel))?;
        }
        let sockets = bound.into_iter().flat_map(|bound| {
            let workers = bound.udp.len();
            bound.udp.into_iter().map(move |socket| (socket, workers))
        });
        for (socket, workers) in sockets {
            let name = format!("ptrd-udp-{}", listener.meter.udp.len());
            let cells = Arc::<Cells>::default();
            listener.meter.udp.push(cells.clone());
            let worker = UdpWorker {
                socket: Arc::new(socket),
                options: options.clone(),
                junction: junction.clone(),
                worker: Worker::limited_by(Limiter::new(table_size, key, workers)),
                tap: new_tap(),
                cells,
                stop: listener.stop.clone(),
            };
            listener.spawn(name, move || worker.run())?;
        }
        listener.tap = (!lanes.is_empty()).then(|| TapReader::new(lanes));
        Ok(listener)
    }

    /// Where copies of queries and replies come out, once, if [`Listener::run`] was told to make them.
    pub fn take_tap(&mut self) -> Option<TapReader> {
        self.tap.take()
    }

    /// The addresses, in the order of the configuration, with the ports that were chosen.
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What all workers did so far.
    pub fn counts(&self) -> Counts {
        self.meter.counts()
    }

    /// The same for others, who may keep it for longer than the listener.
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// Stops all workers, waits for them (about [`REFRESH`] at most) and returns what they did.
    pub fn shutdown(mut self) -> Counts {
        self.stop();
        for thread in std::mem::take(&mut self.threads) {
            let name = thread.thread().name().unwrap_or_default().to_owned();
            if thread.join().is_err() {
                tracing::error!(thread = name, "a thread ended with a panic");
            }
        }
        self.counts()
    }

    fn stop(&self) {
        self.stop.store(true, Relaxed);
        self.cancel.cancel();
    }

    fn spawn(&mut self, name: String, run: impl FnOnce() + Send + 'static) -> Result<(), StartError> {
        let run = move || {
            // A hint: without it an answer may wait for milliseconds until a change has used its slice.
            let _ = ptrd_cpu::answers_first();
            run();
        };
        let thread = thread::Builder::new().name(name.clone()).spawn(run);
        self.threads.push(thread.map_err(|cause| StartError::Thread { name, cause })?);
        Ok(())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop();
    }
}

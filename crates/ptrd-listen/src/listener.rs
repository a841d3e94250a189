//! All workers together: started, counted, stopped.

use crate::aside::Aside;
use crate::bind::{BindError, Protocol};
use crate::counts::{Cells, Counts, StreamCounts, UdpCounts};
use crate::desk::Desk;
use crate::encrypted::Encrypted;
use crate::https;
use crate::limits::Limits;
use crate::quic::{self, QuicStand};
use crate::sockets::Sockets;
use crate::tap::{Tap, TapReader};
use crate::tcp::{ALPN_DOT, Front, Guise, Stand, StreamThread};
use crate::udp::UdpWorker;
use arc_swap::{ArcSwap, Cache};
use ptrd_engine::{Engine, Limiter, Worker};
use ptrd_zone::Snapshot;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::{SocketAddr, TcpListener};
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
    /// TLS cannot be had in the way that it is needed.
    #[error("preparing TLS")]
    Tls(#[source] rustls::Error),
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
    tcp: Figures,
    encrypted: Vec<Figures>,
}

/// What the threads of a transport count.
#[derive(Clone)]
struct Figures {
    protocol: Protocol,
    front: Arc<Front>,
    cells: Vec<Arc<Cells>>,
}

impl Figures {
    fn new(protocol: Protocol, limits: Limits) -> Figures {
        Figures { protocol, front: Arc::new(Front::new(limits)), cells: Vec::new() }
    }

    fn counts(&self) -> StreamCounts {
        let mut counts = StreamCounts::default();
        self.cells.iter().for_each(|cells| counts += cells.stream());
        self.front.cells.add_to(&mut counts);
        counts
    }
}

impl Meter {
    /// What all workers did so far.
    pub fn counts(&self) -> Counts {
        let mut udp = UdpCounts::default();
        self.udp.iter().for_each(|cells| udp += cells.udp());
        let of = |protocol| self.encrypted.iter().find(|it| it.protocol == protocol).map(Figures::counts);
        let faults = self.cells().map(|cells| cells.faults.load(Relaxed)).sum();
        Counts {
            udp,
            tcp: self.tcp.counts(),
            tls: of(Protocol::Tls),
            quic: of(Protocol::Quic),
            https: of(Protocol::Https),
            faults,
        }
    }

    /// A number for each thread that grows while it makes progress, idle or not: at least every [`REFRESH`].
    pub fn beats(&self) -> Vec<u64> {
        self.cells().map(|cells| cells.beat.load(Relaxed)).collect()
    }

    /// What TCP clients may take from now on. Returns how many connections there may be: fewer than asked for when that
    /// is more than room was kept for at the start.
    pub fn set_limits(&self, limits: Limits) -> usize {
        self.tcp.front.set_limits(limits)
    }

    /// The same for clients of each encrypted transport. Returns how many connections each may have; none where none is
    /// listened for.
    pub fn set_encrypted_limits(&self, limits: &Limits) -> Option<usize> {
        self.encrypted.iter().map(|it| it.front.set_limits(limits.clone())).min()
    }

    fn cells(&self) -> impl Iterator<Item = &Arc<Cells>> {
        let streams = std::iter::once(&self.tcp).chain(&self.encrypted);
        self.udp.iter().chain(streams.flat_map(|it| &it.cells))
    }
}

/// The running workers. Dropping it tells them to stop; [`Listener::shutdown`] waits for that too.
pub struct Listener {
    addresses: Vec<SocketAddr>,
    encrypted: Vec<(Protocol, SocketAddr)>,
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
        let Sockets { bound, encrypted, options } = sockets;
        if bound.is_empty() {
            return Err(StartError::NoAddress);
        }
        // From here on an early return drops the listener, which ends the threads started so far.
        let mut listener = Listener {
            addresses: bound.iter().map(|bound| bound.address).collect(),
            encrypted: encrypted.as_ref().map(|it| it.doors.local_addrs()).unwrap_or_default(),
            meter: Meter { udp: Vec::new(), tcp: Figures::new(Protocol::Tcp, limits), encrypted: Vec::new() },
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
            let stand = stand(&mut listener.meter.tcp, sockets, Guise::Plain, &junction, new_tap());
            let thread = StreamThread::new(vec![stand], Vec::new()).map_err(failed)?;
            let cancel = listener.cancel.clone();
            listener.spawn(name, move || thread.run(&cancel))?;
        }
        if let Some(encrypted) = encrypted {
            listener.serve_encrypted(encrypted, &junction, &mut new_tap)?;
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

    /// Those of encrypted transports.
    pub fn encrypted_addrs(&self) -> &[(Protocol, SocketAddr)] {
        &self.encrypted
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

    /// Starts the threads of encrypted transports.
    fn serve_encrypted(
        &mut self,
        encrypted: Encrypted,
        junction: &Junction,
        new_tap: &mut dyn FnMut() -> Option<Tap>,
    ) -> Result<(), StartError> {
        let Encrypted { mut doors, identity, threads, limits } = encrypted;
        let tls = identity.config(&[ALPN_DOT], rustls::ALL_VERSIONS).map_err(StartError::Tls)?;
        let tls = Guise::Tls(Arc::new(tls).into());
        let mut tls = (Figures::new(Protocol::Tls, limits.clone()), doors.take(Protocol::Tls), tls);
        let https = identity.config(&https::ALPN, rustls::ALL_VERSIONS).map_err(StartError::Tls)?;
        let https = Guise::Https(Arc::new(https).into());
        let mut https = (Figures::new(Protocol::Https, limits.clone()), doors.take(Protocol::Https), https);
        let config = quic::configure(&identity).map_err(StartError::Tls)?;
        let mut quic = Figures::new(Protocol::Quic, limits);
        let share = doors.quic.len().div_ceil(threads.max(1));
        for number in 0..threads.max(1) {
            let name = format!("ptrd-tls-{number}");
            let failed = |cause| StartError::Thread { name: name.clone(), cause };
            let mut stands = Vec::new();
            for (figures, listeners, guise) in [&mut tls, &mut https] {
                if listeners.is_empty() {
                    continue;
                }
                let sockets = listeners.iter().map(TcpListener::try_clone);
                let sockets = sockets.collect::<io::Result<Vec<_>>>().map_err(failed)?;
                stands.push(stand(figures, sockets, guise.clone(), junction, new_tap()));
            }
            let mine = doors.quic.drain(..share.min(doors.quic.len()));
            let endpoints = mine.map(|socket| {
                let Stand { desk, front, cells, .. } =
                    stand(&mut quic, Vec::new(), Guise::Plain, junction, new_tap());
                QuicStand { socket, config: config.clone(), desk, front, cells }
            });
            let thread = StreamThread::new(stands, endpoints.collect()).map_err(failed)?;
            let cancel = self.cancel.clone();
            self.spawn(name, move || thread.run(&cancel))?;
        }
        self.meter.encrypted = [tls, https].into_iter().map(|(figures, ..)| figures).chain([quic]).collect();
        self.meter.encrypted.retain(|figures| !figures.cells.is_empty());
        Ok(())
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

/// A thread's share of a transport, which counts for itself.
fn stand(
    figures: &mut Figures,
    listeners: Vec<TcpListener>,
    guise: Guise,
    junction: &Junction,
    tap: Option<Tap>,
) -> Stand {
    let cells = Arc::<Cells>::default();
    figures.cells.push(cells.clone());
    let desk = Desk::new(figures.protocol, junction, tap, cells.clone());
    Stand { listeners, guise, desk, front: figures.front.clone(), cells }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop();
    }
}

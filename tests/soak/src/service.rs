//! The daemon as a service manager runs it, and what all who meet it share.

use crate::asker::Ask;
use crate::ground::Ground;
use crate::memory::Sample;
use ptrd_suite::daemon::{Daemon, PATIENCE, program};
use ptrd_suite::sockets::Sockets;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What all threads share.
pub(crate) struct Stage {
    begun: Instant,
    pub ground: Ground,
    pub asks: Vec<Ask>,
    pub dns: SocketAddr,
    pub socket: PathBuf,
    pub stop_asking: AtomicBool,
    pub stop_changing: AtomicBool,
    /// The newest change that was acknowledged to anybody.
    pub newest: AtomicU64,
    /// When daemons were killed, and when the next one was ready; the last may be open.
    kills: Mutex<Vec<(u64, Option<u64>)>>,
}

impl Stage {
    pub fn new(ground: Ground, dns: SocketAddr, socket: PathBuf) -> Stage {
        Stage {
            begun: Instant::now(),
            asks: ground.asks(),
            ground,
            dns,
            socket,
            stop_asking: AtomicBool::new(false),
            stop_changing: AtomicBool::new(false),
            newest: AtomicU64::new(0),
            kills: Mutex::new(Vec::new()),
        }
    }

    /// Nanoseconds since the start.
    pub fn now(&self) -> u64 {
        self.begun.elapsed().as_nanos() as u64
    }

    /// Whether a daemon that may have read what was sent then was killed, and its successor is ready.
    pub fn killed_since(&self, sent: u64) -> bool {
        let kills = self.kills.lock().expect("no thread died holding it");
        kills.last().is_some_and(|(_, ready)| ready.is_some_and(|ready| ready >= sent))
    }

    /// Whether a daemon was killed since, its successor ready or not. Comes back when it is.
    pub fn outlived_a_kill(&self, sent: u64) -> bool {
        let patience = self.now() + PATIENCE.as_nanos() as u64;
        while self.now() < patience {
            let last = self.kills.lock().expect("no thread died holding it").last().copied();
            match last {
                Some((_, None)) => std::thread::sleep(Duration::from_millis(5)),
                Some((_, Some(ready))) => return ready >= sent,
                None => return false,
            }
        }
        false
    }

    fn kill_begins(&self) {
        self.kills.lock().expect("no thread died holding it").push((self.now(), None));
    }

    fn kill_ends(&self) {
        let now = self.now();
        if let Some(last) = self.kills.lock().expect("no thread died holding it").last_mut() {
            last.1 = Some(now);
        }
    }
}

/// Ends the load when it goes, also where something about the service has failed: whoever waits for askers and changers
/// must not wait for ever.
pub(crate) struct EndOfLoad<'a>(pub &'a Stage);

impl Drop for EndOfLoad<'_> {
    fn drop(&mut self) {
        self.0.stop_changing.store(true, Ordering::Relaxed);
        self.0.stop_asking.store(true, Ordering::Relaxed);
    }
}

/// The service: sockets that stay, and one daemon at a time.
pub(crate) struct Service {
    folder: PathBuf,
    sockets: Sockets,
    daemon: Option<Daemon>,
    turn: u32,
}

impl Service {
    pub fn start(folder: &Path) -> Service {
        let sockets = Sockets::bind(folder);
        let mut service = Service { folder: folder.to_owned(), sockets, daemon: None, turn: 0 };
        service.configure();
        service.launch();
        service
    }

    pub fn dns(&self) -> SocketAddr {
        self.sockets.dns
    }

    pub fn socket(&self) -> &Path {
        &self.sockets.path
    }

    pub fn store(&self) -> PathBuf {
        self.folder.join("ptrd.db")
    }

    pub fn backup(&self) -> PathBuf {
        self.folder.join("backup.db")
    }

    fn launch(&mut self) {
        let log = self.folder.join("log");
        let mut command = self.sockets.command(program("ptrd"), &log);
        command.args(["serve", "--udp-workers", "2", "--store"]).arg(self.store());
        command.arg("--config").arg(self.folder.join("ptrd.toml"));
        self.daemon = Some(Daemon::run(command, self.sockets.dns, &self.sockets.path, &log));
    }

    pub fn daemon(&self) -> &Daemon {
        self.daemon.as_ref().expect("a daemon runs")
    }

    /// Writes the configuration of the next turn, in one step as whoever reads it at the same time would have it.
    fn configure(&mut self) {
        self.turn += 1;
        let odd = self.turn % 2;
        let text = format!(
            "[answers]\nnsid = 'turn-{}'\nudp-size = {}\n[tcp]\nconnections = {}\n\
             [rate-limit]\nresponses-per-second = {}\n{}",
            self.turn,
            1_232 + odd * 100,
            200 + odd * 100,
            100_000_000 - odd,
            ["nxdomains", "referrals", "errors"]
                .map(|what| format!("{what}-per-second = 100000000\n"))
                .concat(),
        );
        let (new, file) = (self.folder.join("ptrd.new"), self.folder.join("ptrd.toml"));
        std::fs::write(&new, text).expect("written");
        std::fs::rename(new, file).expect("moved");
    }

    /// Another configuration, by a signal or by a command.
    pub fn reload(&mut self) {
        self.configure();
        if self.turn.is_multiple_of(2) {
            self.daemon().signal("HUP");
        } else {
            self.daemon().ctl(&["reload"]);
        }
    }

    /// An orderly restart on the same sockets.
    pub fn restart(&mut self) {
        let status = self.daemon.take().expect("a daemon runs").stop();
        assert!(status.success(), "an orderly stop ended with {status}");
        self.launch();
    }

    /// SIGKILL, and another daemon on the same sockets.
    pub fn kill(&mut self, stage: &Stage) {
        // One that had ended by itself would look like one that was killed.
        let _alive = self.sample(stage);
        stage.kill_begins();
        self.daemon.take().expect("a daemon runs").kill();
        self.launch();
        stage.kill_ends();
    }

    /// A copy of the store while it is in use.
    pub fn back_up(&self) {
        let new = self.folder.join("backup.new");
        let path = new.to_str().expect("a path in UTF-8");
        self.daemon().ctl(&["backup", "--replace", path]);
        std::fs::rename(new, self.backup()).expect("moved");
    }

    pub fn sample(&self, stage: &Stage) -> Sample {
        Sample::of(self.daemon().pid(), stage.now())
    }

    /// Ends it in order.
    pub fn stop(&mut self) {
        let status = self.daemon.take().expect("a daemon runs").stop();
        assert!(status.success(), "an orderly stop ended with {status}");
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

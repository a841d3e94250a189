//! Child processes: pinned to a core, measured by the kernel's own accounting, ended on every path.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The core that servers run on.
pub const SERVER_CORE: usize = 0;
/// The core that the generator runs on.
pub const GENERATOR_CORE: usize = 1;

/// The core of what is neither, where there is one.
const OTHERS_CORE: usize = 2;

/// Whether what is neither server nor generator has to share the generator's core.
fn is_crowded() -> bool {
    // Not what this process may use: it is pinned.
    !Path::new("/sys/devices/system/cpu").join(format!("cpu{OTHERS_CORE}")).exists()
}

/// Time that the threads of a process have spent, in nanoseconds (`/proc/PID/task/TID/schedstat`).
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// On a core.
    pub ran: u64,
    /// Ready to run, while something else had the core.
    pub waited: u64,
}

impl Usage {
    /// What came since then.
    #[must_use]
    pub fn since(self, before: Usage) -> Usage {
        Usage { ran: self.ran.saturating_sub(before.ran), waited: self.waited.saturating_sub(before.waited) }
    }
}

/// A running server with all its descendants. Dropping it ends them.
#[derive(Debug)]
pub struct Process {
    child: Child,
    label: String,
    log: PathBuf,
}

impl Process {
    /// Starts `program` on [`SERVER_CORE`], in the foreground, with its output in `log`.
    ///
    /// # Errors
    ///
    /// When `setpriv` or `taskset` (package `util-linux`) or the log cannot be had.
    pub fn start(label: &str, program: &Path, arguments: &[String], log: PathBuf) -> Result<Process> {
        let file = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        // The kernel ends the server when the benchmark dies without running destructors.
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "taskset", "-c", &SERVER_CORE.to_string()])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {label}; setpriv and taskset are in util-linux"))?;
        Ok(Process { child, label: label.to_owned(), log })
    }

    /// Starts this program once more, with other arguments, at the lowest priority, on the core that this process runs on.
    ///
    /// # Errors
    ///
    /// As [`Process::start`].
    pub fn beside(directory: &Path, label: &str, arguments: &[&str]) -> Result<Process> {
        // Not only nice: since Linux 6.6 a nice process too keeps the core until its slice is over, and whose times are taken
        // would wait for it.
        Process::once_more(&["chrt", "--idle", "0"], directory, label, arguments)
    }

    /// The same on a core of its own, where there is a third one.
    ///
    /// # Errors
    ///
    /// As [`Process::start`].
    pub fn apart(directory: &Path, label: &str, arguments: &[&str]) -> Result<Process> {
        if is_crowded() {
            return Process::beside(directory, label, arguments);
        }
        Process::once_more(&["taskset", "-c", &OTHERS_CORE.to_string()], directory, label, arguments)
    }

    fn once_more(by: &[&str], directory: &Path, label: &str, arguments: &[&str]) -> Result<Process> {
        let log = directory.join("beside.log");
        let file = File::create(&log).with_context(|| format!("creating {}", log.display()))?;
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM"])
            .args(by)
            .arg(std::env::current_exe().context("finding this program")?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("starting {label}; setpriv is in util-linux"))?;
        Ok(Process { child, label: label.to_owned(), log })
    }

    /// Waits for the process to end of its own accord, and returns the last line that it wrote.
    ///
    /// # Errors
    ///
    /// When it fails, or takes longer than `patience`.
    pub fn finish(mut self, patience: Duration) -> Result<String> {
        let begun = Instant::now();
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => break,
                Some(_) => self.check()?,
                None if begun.elapsed() > patience => {
                    bail!("{} did not end within {patience:?}", self.label)
                }
                None => sleep(Duration::from_millis(10)),
            }
        }
        let text = fs::read_to_string(&self.log)?;
        Ok(text.lines().last().unwrap_or_default().to_owned())
    }

    /// An error when the process has ended, with the last lines that it wrote.
    ///
    /// # Errors
    ///
    /// When the process has ended.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            let text = fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = text.lines().rev().take(5).collect();
            let last = lines.into_iter().rev().collect::<Vec<_>>().join("\n");
            bail!("{} ended with {status}:\n{last}", self.label);
        }
        Ok(())
    }

    /// What all threads of all its processes have used so far. Threads that have ended are not in it: for servers whose
    /// workers stay.
    pub fn usage(&self) -> Usage {
        self.usage_of("")
    }

    /// The same of the threads whose name starts so.
    pub fn usage_of(&self, name: &str) -> Usage {
        let mut usage = Usage::default();
        for pid in self.tree() {
            for task in tasks(pid) {
                if !fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.starts_with(name)) {
                    continue;
                }
                let text = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
                let mut numbers = text.split_whitespace().map(|word| word.parse::<u64>().unwrap_or(0));
                usage.ran += numbers.next().unwrap_or(0);
                usage.waited += numbers.next().unwrap_or(0);
            }
        }
        usage
    }

    /// CPU time of the process itself so far, of threads too that have ended, to 10 ms (`/proc/PID/stat`).
    pub fn processor_time(&self) -> Duration {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        // The name in parentheses may hold anything; user and system time are the 12th and 13th field after it.
        let fields = text.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
        let ticks: u64 = fields.filter_map(|field| field.parse::<u64>().ok()).sum();
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory in octets: that of the process (Rss), or for several processes the sum of their proportional
    /// shares (Pss), which counts a shared page once.
    pub fn memory(&self) -> u64 {
        let tree = self.tree();
        let field = if tree.len() == 1 { "Rss:" } else { "Pss:" };
        tree.iter().map(|&pid| rollup(pid, field)).sum()
    }

    fn tree(&self) -> Vec<u32> {
        let mut tree = vec![self.child.id()];
        let mut next = 0;
        while next < tree.len() {
            for task in tasks(tree[next]) {
                let children = fs::read_to_string(task.join("children")).unwrap_or_default();
                tree.extend(children.split_whitespace().filter_map(|word| word.parse::<u32>().ok()));
            }
            next += 1;
        }
        tree
    }

    fn signal(&self, name: &str, pids: &[u32]) {
        let pids = pids.iter().map(u32::to_string);
        let _ = Command::new("kill").arg(name).args(pids).stderr(Stdio::null()).status();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        let tree = self.tree();
        self.signal("-TERM", &tree[..1]);
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                break;
            }
            sleep(Duration::from_millis(10));
        }
        let left: Vec<u32> = tree[1..].iter().copied().filter(|pid| tasks(*pid).next().is_some()).collect();
        if !left.is_empty() {
            self.signal("-KILL", &left);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until a process has written a line.
///
/// # Errors
///
/// When it ends before, or takes longer than `patience`.
pub fn wait_for_line(process: &mut Process, line: &str, patience: Duration) -> Result<()> {
    let begun = Instant::now();
    while !fs::read_to_string(&process.log).unwrap_or_default().lines().any(|written| written == line) {
        process.check()?;
        if begun.elapsed() > patience {
            bail!("{} did not get under way within {patience:?}", process.label);
        }
        sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Pins this process, and the threads that it starts from now on, to the generator's core.
///
/// # Errors
///
/// When `taskset` cannot do it.
pub fn pin_generator() -> Result<()> {
    let status = Command::new("taskset")
        .args(["-pc", &GENERATOR_CORE.to_string(), &std::process::id().to_string()])
        .stdout(Stdio::null())
        .status()
        .context("running taskset (package util-linux)")?;
    if !status.success() {
        bail!("the benchmark needs two cores: taskset could not pin to core {GENERATOR_CORE}");
    }
    Ok(())
}

/// The first line that `program` prints when called with `arguments`, on either stream; `None` when there is no such
/// program.
pub fn first_line(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&text).lines().next().map(str::to_owned)
}

fn tasks(pid: u32) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

fn rollup(pid: u32, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap_or("0");
    line.split_whitespace().next().and_then(|word| word.parse::<u64>().ok()).unwrap_or(0) * 1024
}

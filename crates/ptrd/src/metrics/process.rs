//! What the system says of the process, under the names that Prometheus has for it.

use super::families::{Families, Labels};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::DescriptorEncoder;
use std::fmt;
use std::fs;

#[derive(Debug)]
pub(super) struct Process {
    /// When it started, seconds since 1970.
    pub started: f64,
}

impl Collector for Process {
    fn encode(&self, encoder: DescriptorEncoder) -> fmt::Result {
        let mut families = Families(encoder);
        let mut gauge = |name, help, value: Option<f64>| {
            value.map_or(Ok(()), |value| families.gauge(name, help, [(Labels::none(), value)]))
        };
        gauge("resident_memory_bytes", "Resident memory", resident())?;
        gauge("open_fds", "Open file descriptors", descriptors())?;
        gauge("start_time_seconds", "When it started, in seconds since 1970", Some(self.started))?;
        let times = processor().map(|seconds| (Labels::none(), seconds));
        families.counter("cpu_seconds", "User and system time spent, in seconds", times)
    }
}

/// User and system time of all threads, in seconds.
fn processor() -> Option<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let seconds = |time: TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    Some(seconds(usage.user_time()) + seconds(usage.system_time()))
}

/// From `VmRSS` of proc(5), in octets.
fn resident() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0)
}

fn descriptors() -> Option<f64> {
    // The one that reads the folder is not counted.
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as f64)
}

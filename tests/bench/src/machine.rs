//! On what it was measured.

use std::fmt::Write;
use std::fs;

use crate::process::first_line;

/// Lines that say what the machine is.
pub fn describe() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> = cpu
        .lines()
        .filter(|line| line.starts_with("model name"))
        .filter_map(|line| line.split(": ").nth(1))
        .collect();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut text = String::new();
    let _ = writeln!(
        text,
        "Machine: {} × {}, Linux {}, load before the run {}; {}",
        models.len(),
        models.first().unwrap_or(&"unknown CPU"),
        kernel.trim(),
        load.split(' ').next().unwrap_or("unknown"),
        first_line("rustc", &["--version"]).unwrap_or_else(|| "no rustc".into()),
    );
    text
}

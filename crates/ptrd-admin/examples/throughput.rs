//! How many `PUT /v1/ptrs/{address}` a second this layer carries, with a daemon behind it that does next to nothing:
//! `cargo run --release -p ptrd-admin --example throughput [clients] [seconds] [worker threads]`.
//!
//! Clients are threads of this process, in a closed loop. What the server's threads used is told apart by their name.

#[path = "../tests/stub/mod.rs"]
mod stub;

use ptrd_admin::{AdminSocket, Settings, SocketOptions, serve};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

fn main() {
    let number =
        |n: usize, default: u64| std::env::args().nth(n).map_or(default, |s| s.parse().expect("a number"));
    let (clients, seconds, workers) = (number(1, 64), number(2, 5), number(3, 1) as usize);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("admin.sock");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .thread_name("server")
        .enable_all()
        .build()
        .expect("a runtime");
    let socket = AdminSocket::bind(&SocketOptions::at(&path)).expect("a socket");
    let shutdown = tokio_util::sync::CancellationToken::new();
    let stub = Arc::new(stub::Stub::default());
    let server = runtime.block_on(async { serve(socket, stub, Settings::default(), shutdown.clone()) });
    let server = server.expect("a server");

    let (done, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let before = server_ticks();
    let began = Instant::now();
    std::thread::scope(|scope| {
        for client in 0..clients {
            let (path, done, stop) = (&path, &done, &stop);
            scope.spawn(move || loop_of_requests(path, client, done, stop));
        }
        std::thread::sleep(Duration::from_secs(seconds));
        stop.store(true, Ordering::Relaxed);
    });
    let (took, done) = (began.elapsed().as_secs_f64(), done.load(Ordering::Relaxed));
    let cpu = (server_ticks() - before) as f64 / 100.0;
    println!(
        "{clients} clients, {workers} worker threads: {:.0} changes/s, {:.1} µs of the server's CPU each",
        done as f64 / took,
        cpu * 1e6 / done as f64
    );
    shutdown.cancel();
    runtime.block_on(server).expect("an end");
}

fn loop_of_requests(path: &Path, client: u64, done: &AtomicU64, stop: &AtomicBool) {
    let mut stream = UnixStream::connect(path).expect("a server");
    let mut buffer = [0; 4096];
    let mut n = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        n += 1;
        let body = format!("{{\"names\":[\"host-{n}.pool.example.net\"],\"ttl\":3600}}");
        let request = format!(
            "PUT /v1/ptrs/10.{client}.{}.{} HTTP/1.1\r\nhost: ptrd\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            n >> 8 & 255,
            n & 255,
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("room");
        // The answers are short: one read gets one.
        let length = stream.read(&mut buffer).expect("an answer");
        assert!(
            buffer[..length].starts_with(b"HTTP/1.1 200"),
            "{}",
            String::from_utf8_lossy(&buffer[..length])
        );
        done.fetch_add(1, Ordering::Relaxed);
    }
}

/// CPU time of the server's threads, in hundredths of a second.
fn server_ticks() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux").flatten();
    let stat = |entry: std::fs::DirEntry| std::fs::read_to_string(entry.path().join("stat")).ok();
    tasks
        .filter_map(stat)
        .filter(|stat| stat.contains("(server)"))
        .filter_map(|stat| {
            let fields: Vec<i64> =
                stat.rsplit(')').next()?.split_whitespace().filter_map(|field| field.parse().ok()).collect();
            // The state is no number, so that utime and stime are the 11th and 12th after it.
            u64::try_from(fields.get(10)? + fields.get(11)?).ok()
        })
        .sum()
}

//! Files on their way to the daemon: read by a thread, a few pieces ahead of the connection, with a progress bar on a
//! terminal. Nothing is held but those pieces.

use crate::client::Body;
use crate::failure::Failure;
use crate::screen::{bar, style};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Frame;
use indicatif::ProgressBar;
use ptrd_api::Bundle;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc;

const PIECE: usize = 256 << 10;
const AHEAD: usize = 4;

/// What is known of an upload while it goes on.
#[derive(Clone)]
pub struct Sent {
    bar: ProgressBar,
    failed: Arc<Mutex<Option<String>>>,
}

impl Sent {
    /// What could not be read.
    pub fn failed(&self) -> Option<String> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the bar away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// Writes the pieces of a body.
pub struct Pieces {
    sender: mpsc::Sender<io::Result<Bytes>>,
    bar: ProgressBar,
}

impl Pieces {
    /// The next octets. An error says that nobody wants them any more.
    pub fn write(&mut self, octets: impl Into<Bytes>) -> io::Result<()> {
        let octets = octets.into();
        self.bar.inc(octets.len() as u64);
        self.sender.blocking_send(Ok(octets)).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    /// A file of a bundle. Its size may have changed since it was found: what counts is what it is now.
    pub fn file(&mut self, path: &str, file: &Path) -> io::Result<()> {
        let file = File::open(file)?;
        let found = file.metadata()?;
        if !found.is_file() {
            let mut content = Vec::new();
            (&file).read_to_end(&mut content)?;
            self.write(Bundle::file_head(path, content.len()))?;
            return self.write(content);
        }
        let size = found.len();
        let length = usize::try_from(size).map_err(|_| io::Error::other("too large"))?;
        self.write(Bundle::file_head(path, length))?;
        let mut counted = file.take(size);
        self.copy(&mut counted)?;
        if counted.limit() > 0 {
            Err(io::Error::other("it became shorter while it was read"))
        } else {
            Ok(())
        }
    }

    /// All of a file or stream.
    pub fn copy(&mut self, mut from: impl Read) -> io::Result<()> {
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            from.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
            if piece.is_empty() {
                return Ok(());
            }
            self.write(piece)?;
        }
    }
}

/// Starts a thread that writes a body. `size` is what it will have, as far as known; it is shown, not relied on.
pub fn body(
    size: Option<u64>,
    show: bool,
    write: impl FnOnce(&mut Pieces) -> Result<(), (String, io::Error)> + Send + 'static,
) -> (Body, Sent) {
    let bar = progress(size, show);
    let (sender, receiver) = mpsc::channel(AHEAD);
    let sent = Sent { bar: bar.clone(), failed: Arc::default() };
    let failed = sent.failed.clone();
    std::thread::spawn(move || {
        let mut pieces = Pieces { sender, bar };
        let outcome = write(&mut pieces);
        match outcome {
            Ok(()) => {
                pieces.bar.set_style(style("{spinner} {bytes} sent, waiting for ptrd  {elapsed}"));
                pieces.bar.enable_steady_tick(Duration::from_millis(100));
            }
            Err((_, error)) if error.kind() == io::ErrorKind::BrokenPipe => (),
            Err((what, error)) => {
                *failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(format!("{what}: {error}"));
                // Cuts the body, which the daemon takes for what it is.
                let _ = pieces.sender.blocking_send(Err(error));
            }
        }
    });
    (Queue { receiver }.boxed_unsync(), sent)
}

/// The same for one file, or stdin where its name is `-`; `hint` says what is expected in the place of a folder.
pub fn of_file(file: &Path, show: bool, hint: &str) -> Result<(Body, Sent), Failure> {
    let name = file.display().to_string();
    if file == Path::new("-") {
        let write = |pieces: &mut Pieces| {
            pieces.copy(io::stdin().lock()).map_err(|error| ("stdin".to_owned(), error))
        };
        return Ok(body(None, show, write));
    }
    let opened = File::open(file).and_then(|opened| Ok((opened.metadata()?, opened)));
    let (found, opened) = opened.map_err(|error| Failure::local(format!("{name}: {error}")))?;
    if found.is_dir() {
        return Err(Failure::local(format!("{name}: a folder, not a file")).hint(hint));
    }
    // The size of a pipe or device says nothing.
    let size = found.is_file().then_some(found.len());
    Ok(body(size, show, move |pieces| pieces.copy(opened).map_err(|error| (name, error))))
}

/// A progress bar on stderr, or none.
pub fn progress(size: Option<u64>, show: bool) -> ProgressBar {
    let template = match size {
        Some(_) => "{bar:40} {bytes}/{total_bytes}  {bytes_per_sec}  {eta}",
        None => "{spinner} {msg} {bytes}  {bytes_per_sec}",
    };
    bar(size, template, show)
}

struct Queue {
    receiver: mpsc::Receiver<io::Result<Bytes>>,
}

impl hyper::body::Body for Queue {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.receiver.poll_recv(context).map(|piece| piece.map(|octets| octets.map(Frame::data)))
    }
}

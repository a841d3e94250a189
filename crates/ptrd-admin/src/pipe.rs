//! Bodies of any size in both directions: uploads that [`crate::Control`] reads, texts that it writes.
//!
//! Both are bounded queues of pieces with an explicit end: a side that vanishes cuts the body, which the other side sees
//! as an error and never as a short but whole one.

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame};
use ptrd_api::{Problem, code};
use std::io::{self, Read};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// How many pieces may wait between the two sides.
const WAITING: usize = 4;

#[derive(Debug)]
enum Piece {
    Octets(Bytes),
    Failed(Problem),
    End,
}

/// The other side is gone; there is nobody to write for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the other side of the body is gone")]
pub struct Cut;

/// A body on its way in.
#[derive(Debug)]
pub struct Upload {
    pieces: mpsc::Receiver<Piece>,
    ended: bool,
}

/// The side that fills an [`Upload`].
#[derive(Debug)]
pub struct UploadWriter {
    pieces: mpsc::Sender<Piece>,
}

/// An upload and what fills it. Public for those who implement [`crate::Control`] and test that.
pub fn upload() -> (UploadWriter, Upload) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (UploadWriter { pieces: sender }, Upload { pieces: receiver, ended: false })
}

impl UploadWriter {
    /// The next octets.
    ///
    /// # Errors
    /// [`Cut`] when the upload was dropped.
    pub async fn write(&mut self, octets: Bytes) -> Result<(), Cut> {
        self.pieces.send(Piece::Octets(octets)).await.map_err(|_| Cut)
    }

    /// Says that the upload cannot go on, and why.
    pub async fn fail(self, problem: Problem) {
        let _ = self.pieces.send(Piece::Failed(problem)).await;
    }

    /// Says that the upload is whole.
    pub async fn finish(self) {
        let _ = self.pieces.send(Piece::End).await;
    }
}

fn broken_off() -> Problem {
    Problem::new(code::BAD_REQUEST, "the upload broke off before its end")
}

impl Upload {
    /// The next octets; `None` after the last.
    ///
    /// # Errors
    /// The [`Problem`] to answer: the upload is too large, too slow, or broke off.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        let piece = self.pieces.recv().await;
        self.sort(piece)
    }

    /// All of it, up to `limit` octets.
    ///
    /// # Errors
    /// As for [`Upload::next`], and [`code::TOO_LARGE`].
    pub async fn collect(mut self, limit: usize) -> Result<Vec<u8>, Problem> {
        let mut whole = Vec::new();
        while let Some(octets) = self.next().await? {
            if whole.len() + octets.len() > limit {
                return Err(crate::request::too_large(limit as u64));
            }
            whole.extend_from_slice(&octets);
        }
        Ok(whole)
    }

    /// A blocking reader over it, for a thread outside the runtime (`spawn_blocking`).
    pub fn reader(self) -> UploadReader {
        UploadReader { upload: self, rest: Bytes::new(), problem: None }
    }

    fn sort(&mut self, piece: Option<Piece>) -> Result<Option<Bytes>, Problem> {
        match piece {
            Some(Piece::Octets(octets)) => Ok(Some(octets)),
            Some(Piece::End) => {
                self.ended = true;
                Ok(None)
            }
            Some(Piece::Failed(problem)) => Err(problem),
            None if self.ended => Ok(None),
            None => Err(broken_off()),
        }
    }
}

/// Reads an [`Upload`] in a thread that may block.
#[derive(Debug)]
pub struct UploadReader {
    upload: Upload,
    rest: Bytes,
    problem: Option<Problem>,
}

impl UploadReader {
    /// What a read failed with, to be answered instead of what the parser made of it.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }
}

impl Read for UploadReader {
    /// # Panics
    /// When called in a task of the runtime, as all blocking calls are.
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            let piece = self.upload.pieces.blocking_recv();
            match self.upload.sort(piece) {
                Ok(Some(octets)) => self.rest = octets,
                Ok(None) => return Ok(0),
                Err(problem) => {
                    let message = problem.message.clone();
                    self.problem = Some(problem);
                    return Err(io::Error::other(message));
                }
            }
        }
        let taken = self.rest.len().min(into.len());
        self.rest.copy_to_slice(&mut into[..taken]);
        Ok(taken)
    }
}

/// A text on its way out, as the body of an answer.
#[derive(Debug)]
pub struct TextStream {
    pieces: mpsc::Receiver<Piece>,
    ended: bool,
}

/// The side that writes a [`TextStream`]. Dropped without [`TextWriter::finish`], it breaks the connection, so that the
/// client cannot take a part for the whole.
#[derive(Debug)]
pub struct TextWriter {
    pieces: mpsc::Sender<Piece>,
}

/// A text and what writes it.
pub fn text() -> (TextWriter, TextStream) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (TextWriter { pieces: sender }, TextStream { pieces: receiver, ended: false })
}

impl TextWriter {
    /// The next octets; some 16 to 64 KiB at a time are best.
    ///
    /// # Errors
    /// [`Cut`] when the client is gone.
    pub async fn write(&mut self, octets: impl Into<Bytes> + Send) -> Result<(), Cut> {
        self.pieces.send(Piece::Octets(octets.into())).await.map_err(|_| Cut)
    }

    /// The same from a thread outside the runtime.
    ///
    /// # Errors
    /// [`Cut`] when the client is gone.
    pub fn blocking_write(&mut self, octets: impl Into<Bytes>) -> Result<(), Cut> {
        self.pieces.blocking_send(Piece::Octets(octets.into())).map_err(|_| Cut)
    }

    /// Says that the text is whole.
    pub async fn finish(self) {
        let _ = self.pieces.send(Piece::End).await;
    }

    /// The same from a thread outside the runtime.
    pub fn blocking_finish(self) {
        let _ = self.pieces.blocking_send(Piece::End);
    }
}

impl Body for TextStream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        self.pieces.poll_recv(context).map(|piece| match piece {
            Some(Piece::Octets(octets)) => Some(Ok(Frame::data(octets))),
            Some(Piece::End) => {
                self.ended = true;
                None
            }
            Some(Piece::Failed(problem)) => Some(Err(io::Error::other(problem.message))),
            None => Some(Err(io::Error::other("the text broke off before its end"))),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime")
    }

    #[test]
    fn an_upload_without_an_end_is_an_error() {
        runtime().block_on(async {
            let (mut writer, mut whole) = upload();
            writer.write(Bytes::from_static(b"one")).await.expect("room");
            writer.finish().await;
            assert_eq!(whole.next().await, Ok(Some(Bytes::from_static(b"one"))));
            assert_eq!(whole.next().await, Ok(None));
            assert_eq!(whole.next().await, Ok(None));

            let (mut writer, mut cut) = upload();
            writer.write(Bytes::from_static(b"one")).await.expect("room");
            drop(writer);
            assert!(cut.next().await.is_ok());
            assert_eq!(cut.next().await, Err(broken_off()));

            let (mut writer, large) = upload();
            writer.write(Bytes::from_static(b"four")).await.expect("room");
            writer.finish().await;
            assert_eq!(large.collect(3).await.expect_err("too large").code, code::TOO_LARGE);
        });
    }

    #[test]
    fn a_blocking_reader_gets_all_pieces_and_the_problem() {
        let (mut writer, whole) = upload();
        let reading = std::thread::spawn(move || {
            let mut text = String::new();
            whole.reader().read_to_string(&mut text).map(|_| text)
        });
        runtime().block_on(async {
            for piece in ["one ", "", "two"] {
                writer.write(Bytes::from_static(piece.as_bytes())).await.expect("room");
            }
            writer.finish().await;
        });
        assert_eq!(reading.join().expect("no panic").expect("a text"), "one two");

        let (writer, cut) = upload();
        drop(writer);
        let mut reader = cut.reader();
        assert!(reader.read(&mut [0; 8]).is_err());
        assert_eq!(reader.problem(), Some(&broken_off()));
    }
}

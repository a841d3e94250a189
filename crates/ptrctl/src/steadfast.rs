//! A stream that still listens when the other side has stopped to.
//!
//! ptrd answers before it has read all of a request that it refuses, goes on reading for a moment, and closes. A client that is
//! still writing by then, because its machine is busy, meets a broken pipe; hyper gives up on that, and the answer, which lies
//! there to be read, is lost. So whoever writes to a stream that is closed waits: the answer, or the end, is read next.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// See the module.
pub struct Steadfast<S> {
    stream: S,
    is_deaf: bool,
}

impl<S> Steadfast<S> {
    /// Around a stream.
    pub fn new(stream: S) -> Steadfast<S> {
        Steadfast { stream, is_deaf: false }
    }

    /// Lets whoever writes wait, from when the other side has closed. What is read wakes the task.
    fn write<T>(&mut self, write: impl FnOnce(Pin<&mut S>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>>
    where
        S: Unpin,
    {
        if self.is_deaf {
            return Poll::Pending;
        }
        match write(Pin::new(&mut self.stream)) {
            Poll::Ready(Err(error)) if is_closed(&error) => {
                self.is_deaf = true;
                Poll::Pending
            }
            written => written,
        }
    }
}

fn is_closed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset)
}

impl<S: AsyncRead + Unpin> AsyncRead for Steadfast<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, room)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Steadfast<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.write(|stream| stream.poll_write(cx, octets))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(|stream| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_deaf { Poll::Ready(Ok(())) } else { Pin::new(&mut self.stream).poll_shutdown(cx) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use hyper::Request;
    use hyper::body::{Body, Frame};
    use hyper::client::conn::http1::handshake;
    use hyper_util::rt::TokioIo;
    use std::convert::Infallible;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixStream;

    /// A body that goes on for as long as it is read. With its first octets the other side answers, and closes.
    struct Refused(Option<UnixStream>);

    impl Body for Refused {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            if let Some(mut server) = self.0.take() {
                let answer = b"HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\n\r\n";
                server.write_all(answer).expect("written");
            }
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 4096])))))
        }
    }

    #[tokio::test]
    async fn an_answer_is_read_that_came_before_the_other_side_closed() {
        let (client, server) = UnixStream::pair().expect("two sockets");
        client.set_nonblocking(true).expect("set");
        let client = tokio::net::UnixStream::from_std(client).expect("a stream");
        let (mut sender, connection) =
            handshake(TokioIo::new(Steadfast::new(client))).await.expect("a connection");
        tokio::spawn(connection);
        let request = Request::post("/").body(Refused(Some(server))).expect("a request");
        let response = sender.send_request(request).await.expect("the answer");
        assert_eq!(response.status(), 413);
    }

    #[tokio::test]
    async fn who_says_nothing_is_no_answer() {
        let (client, mut server) = UnixStream::pair().expect("two sockets");
        client.set_nonblocking(true).expect("set");
        let client = tokio::net::UnixStream::from_std(client).expect("a stream");
        let (mut sender, connection) =
            handshake(TokioIo::new(Steadfast::new(client))).await.expect("a connection");
        tokio::spawn(connection);
        let reading = std::thread::spawn(move || server.read(&mut [0; 16]).expect("octets"));
        let request = Request::post("/").body(String::from("body")).expect("a request");
        assert!(sender.send_request(request).await.is_err());
        reading.join().expect("an end");
    }
}

//! A TCP connection, plain or with TLS inside.
//!
//! TLS keeps octets that the client does not take; so whoever writes flushes too, and what is left counts as unread.

use socket2::SockRef;
use std::future::Future;
use std::io::{self, IoSlice, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{Accept, TlsAcceptor};

/// Octets that TLS may keep of what a client does not take, before encryption.
pub(crate) const TLS_ROOM: usize = 32 << 10;
/// RFC 7858 §3.2 has it, and RFC 9103 §7.1 demands it of transfers.
pub(crate) const ALPN_DOT: &[u8] = b"dot";

/// See the module.
pub(super) enum Stream {
    /// Without TLS; so many octets were sent.
    Plain(TcpStream, u64),
    /// A handshake under way.
    Shaking(Box<Accept<Metered>>),
    /// With TLS.
    Tls(Box<TlsStream<Metered>>),
}

impl Stream {
    pub(super) fn plain(stream: TcpStream) -> Stream {
        Stream::Plain(stream, 0)
    }

    pub(super) fn tls(stream: TcpStream, acceptor: &TlsAcceptor) -> Stream {
        let stream = Metered { stream, sent: 0 };
        let limited = |tls: &mut rustls::ServerConnection| tls.set_buffer_limit(Some(TLS_ROOM));
        Stream::Shaking(Box::new(acceptor.accept_with(stream, limited)))
    }

    pub(super) fn tcp(&self) -> Option<&TcpStream> {
        match self {
            Stream::Plain(stream, _) => Some(stream),
            Stream::Shaking(accept) => accept.get_ref().map(|metered| &metered.stream),
            Stream::Tls(tls) => Some(&tls.get_ref().0.stream),
        }
    }

    /// Ready when there is no handshake, or none any more.
    pub(super) fn poll_handshake(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Stream::Shaking(accept) = self {
            let tls = ready!(Pin::new(accept).poll(cx))?;
            *self = Stream::Tls(Box::new(tls));
        }
        Poll::Ready(Ok(()))
    }

    pub(super) fn is_shaking(&self) -> bool {
        matches!(self, Stream::Shaking(_))
    }

    /// Whether zones may be transferred over it: RFC 9103 §7.1 and §7.2 want the token and TLS 1.3 where there is TLS.
    pub(super) fn carries_transfers(&self) -> bool {
        match self {
            Stream::Plain(..) => true,
            Stream::Shaking(_) => false,
            Stream::Tls(tls) => {
                let tls = tls.get_ref().1;
                tls.alpn_protocol() == Some(ALPN_DOT)
                    && tls.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3)
            }
        }
    }

    /// Reads what is there without asking the runtime, which may not know of it yet.
    pub(super) fn try_read(&self, room: &mut [u8]) -> Option<io::Result<usize>> {
        let Stream::Plain(stream, _) = self else { return None };
        Some((&*SockRef::from(stream)).read(room))
    }

    /// Writes in the same way.
    pub(super) fn try_write(&mut self, octets: &[u8]) -> Option<io::Result<usize>> {
        let Stream::Plain(stream, _) = self else { return None };
        Some((&*SockRef::from(&*stream)).write(octets))
    }

    pub(super) fn poll_read(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(room);
        match self {
            Stream::Plain(stream, _) => ready!(Pin::new(stream).poll_read(cx, &mut buffer))?,
            Stream::Shaking(_) => return Poll::Pending,
            Stream::Tls(tls) => ready!(Pin::new(tls).poll_read(cx, &mut buffer))?,
        }
        Poll::Ready(Ok(buffer.filled().len()))
    }

    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Stream::Plain(stream, sent) => {
                let written = ready!(Pin::new(stream).poll_write(cx, octets))?;
                *sent += written as u64;
                Poll::Ready(Ok(written))
            }
            Stream::Shaking(_) => Poll::Pending,
            Stream::Tls(tls) => Pin::new(tls).poll_write(cx, octets),
        }
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Stream::Plain(..) | Stream::Shaking(_) => Poll::Ready(Ok(())),
            Stream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    /// How many octets were sent so far, at the socket.
    pub(super) fn sent(&self) -> u64 {
        match self {
            Stream::Plain(_, sent) => *sent,
            Stream::Shaking(_) => 0,
            Stream::Tls(tls) => tls.get_ref().0.sent,
        }
    }

    /// Whether TLS keeps something that the client has not taken.
    pub(super) fn is_unsent(&self) -> bool {
        matches!(self, Stream::Tls(tls) if tls.get_ref().1.wants_write())
    }

    /// Octets that are kept for a client that takes nothing.
    pub(super) fn held(&self) -> usize {
        if self.is_unsent() { TLS_ROOM } else { 0 }
    }

    /// Tells the other side that this was all (RFC 8446 §6.1), if that can be said at once.
    pub(super) fn farewell(&mut self) {
        if let Stream::Tls(tls) = self {
            let (metered, tls) = tls.get_mut();
            tls.send_close_notify();
            let _ = tls.write_tls(&mut &*SockRef::from(&metered.stream));
        }
    }
}

/// A TCP connection that counts what it sends: under TLS, an answer that is sent in part is progress too.
pub(super) struct Metered {
    stream: TcpStream,
    sent: u64,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, octets))?;
        self.sent += written as u64;
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, parts))?;
        self.sent += written as u64;
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

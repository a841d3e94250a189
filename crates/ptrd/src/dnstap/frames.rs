//! Frame Streams, the sending side of the bidirectional protocol
//! (<https://github.com/farsightsec/fstrm/blob/master/fstrm/control.h>): READY, ACCEPT, START, data, STOP, FINISH.

use std::io::{self, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

const CONTENT_TYPE: &[u8] = b"protobuf:dnstap.Dnstap";
const ACCEPT: u32 = 1;
const START: u32 = 2;
const STOP: u32 = 3;
const READY: u32 = 4;
const FINISH: u32 = 5;
const FIELD_CONTENT_TYPE: u32 = 1;
/// `FSTRM_CONTROL_FRAME_LENGTH_MAX`.
const LONGEST_CONTROL: u32 = 512;
/// How long the other side may take for a reply, or for making room.
const PATIENCE: Duration = Duration::from_secs(2);

/// A connection over which data frames go.
pub(super) struct Stream {
    socket: BufReader<UnixStream>,
}

impl Stream {
    /// Connects, and agrees on the content type.
    pub(super) fn open(path: &Path) -> io::Result<Stream> {
        let socket = UnixStream::connect(path)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_write_timeout(Some(PATIENCE))?;
        let mut stream = Stream { socket: BufReader::new(socket) };
        stream.control(READY, true)?;
        let types = stream.expect(ACCEPT)?;
        if !types.is_empty() && !types.iter().any(|offered| offered == CONTENT_TYPE) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it takes no dnstap"));
        }
        stream.control(START, true)?;
        Ok(stream)
    }

    /// Writes whole data frames.
    pub(super) fn write(&mut self, frames: &[u8]) -> io::Result<()> {
        self.socket.get_mut().write_all(frames)
    }

    /// Ends the stream in good order.
    pub(super) fn close(mut self) -> io::Result<()> {
        self.control(STOP, false)?;
        self.expect(FINISH).map(|_| ())
    }

    fn control(&mut self, kind: u32, with_type: bool) -> io::Result<()> {
        let mut body = kind.to_be_bytes().to_vec();
        if with_type {
            body.extend_from_slice(&FIELD_CONTENT_TYPE.to_be_bytes());
            body.extend_from_slice(&(CONTENT_TYPE.len() as u32).to_be_bytes());
            body.extend_from_slice(CONTENT_TYPE);
        }
        let head = [0u32.to_be_bytes(), (body.len() as u32).to_be_bytes()].concat();
        self.socket.get_mut().write_all(&[head, body].concat())
    }

    /// Reads a control frame of this kind; its content types.
    fn expect(&mut self, kind: u32) -> io::Result<Vec<Vec<u8>>> {
        let malformed = || io::Error::new(io::ErrorKind::InvalidData, "it does not speak Frame Streams");
        let number = |octets: &[u8]| octets.try_into().map(u32::from_be_bytes).map_err(|_| malformed());
        let mut head = [0; 8];
        self.socket.read_exact(&mut head)?;
        let length = number(&head[4..])?;
        if number(&head[..4])? != 0 || !(4..=LONGEST_CONTROL).contains(&length) {
            return Err(malformed());
        }
        let mut body = vec![0; length as usize];
        self.socket.read_exact(&mut body)?;
        if number(&body[..4])? != kind {
            return Err(malformed());
        }
        let (mut rest, mut types) = (&body[4..], Vec::new());
        while !rest.is_empty() {
            let (field, after) = rest.split_at_checked(8).ok_or_else(malformed)?;
            let length = number(&field[4..])? as usize;
            let (value, after) = after.split_at_checked(length).ok_or_else(malformed)?;
            if number(&field[..4])? == FIELD_CONTENT_TYPE {
                types.push(value.to_vec());
            }
            rest = after;
        }
        Ok(types)
    }
}

/// Appends a data frame.
pub(super) fn put_frame(out: &mut Vec<u8>, payload: &[u8]) {
    out.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    out.extend_from_slice(payload);
}

//! Updates, signed.

use super::name;
use ptrd_tsig::{Algorithm, Awaiting, Key, sign_request};
use std::time::SystemTime;

pub fn key(of: &str) -> Key {
    Key::new(name(of), Algorithm::HmacSha256, b"a secret of thirty-two octets...").expect("a key")
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_secs()
}

/// An update that deletes all of `5`.
pub fn update(id: u16, zone: &str, opt: bool) -> Vec<u8> {
    let mut octets = vec![(id >> 8) as u8, id as u8, 0x28, 0, 0, 1, 0, 0, 0, 1, 0, u8::from(opt)];
    octets.extend_from_slice(name(zone).as_wire());
    octets.extend_from_slice(b"\0\x06\0\x01\x015\xc0\x0c\0\xff\0\xff\0\0\0\0\0\0");
    if opt {
        octets.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    }
    octets
}

pub fn signed_at(message: &[u8], by: &str, time: u64) -> (Vec<u8>, Awaiting) {
    let mut buffer = message.to_vec();
    buffer.resize(message.len() + 512, 0);
    let (length, awaiting) = sign_request(key(by), &mut buffer, message.len(), time).expect("room");
    buffer.truncate(length);
    (buffer, awaiting)
}

pub fn signed(message: &[u8], by: &str) -> (Vec<u8>, Awaiting) {
    signed_at(message, by, now())
}

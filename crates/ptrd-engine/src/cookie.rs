//! Server cookies (RFC 7873) in the interoperable form of RFC 9018: any server of a fleet that shares the secret
//! verifies what another one made.

use siphasher::sip::SipHasher24;
use std::hash::Hasher;
use std::net::IpAddr;

/// The secret that makes cookies, and the one before it, which still verifies (RFC 9018 §5).
#[derive(Clone, PartialEq, Eq)]
pub struct CookieSecrets {
    current: [u8; 16],
    previous: Option<[u8; 16]>,
}

/// A secret that is not 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadSecret;

impl std::fmt::Display for BadSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a cookie secret is 32 hexadecimal digits (128 bits)")
    }
}

impl std::error::Error for BadSecret {}

impl std::fmt::Debug for CookieSecrets {
    /// Secrets never reach a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CookieSecrets")
    }
}

/// RFC 9018 §4.3: older than an hour, or more than five minutes ahead, is not accepted; older than half an hour is
/// renewed.
const MAX_AGE: u32 = 3600;
const MAX_AHEAD: u32 = 300;

impl CookieSecrets {
    /// Makes cookies with `current`; verifies with both.
    pub fn new(current: [u8; 16], previous: Option<[u8; 16]>) -> CookieSecrets {
        CookieSecrets { current, previous }
    }

    /// Reads a secret of 32 hexadecimal digits.
    ///
    /// # Errors
    /// [`BadSecret`].
    pub fn parse(text: &str) -> Result<[u8; 16], BadSecret> {
        let text = text.trim();
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(BadSecret);
        }
        u128::from_str_radix(text, 16).map(u128::to_be_bytes).map_err(|_| BadSecret)
    }

    /// The server's part for this client, now.
    pub fn make(&self, client: &[u8; 8], peer: IpAddr, now: u32) -> [u8; 16] {
        Self::with(&self.current, client, peer, now)
    }

    /// Whether the server's part was made here for this client, not long ago.
    pub fn verify(&self, client: &[u8; 8], server: &[u8], peer: IpAddr, now: u32) -> bool {
        let Ok(server) = <&[u8; 16]>::try_from(server) else { return false };
        let made = u32::from_be_bytes([server[4], server[5], server[6], server[7]]);
        // RFC 9018 §4.3: serial arithmetic, so that 2038 and 2106 pass unnoticed.
        let age = now.wrapping_sub(made);
        if server[0] != 1 || (age > MAX_AGE && age < MAX_AHEAD.wrapping_neg()) {
            return false;
        }
        [Some(self.current), self.previous].iter().flatten().any(|secret| {
            let right = Self::with(secret, client, peer, made);
            // Every octet is compared, whatever the first ones are.
            right.iter().zip(server).fold(0, |different, (a, b)| different | (a ^ b)) == 0
        })
    }

    fn with(secret: &[u8; 16], client: &[u8; 8], peer: IpAddr, time: u32) -> [u8; 16] {
        let mut cookie = [0; 16];
        cookie[0] = 1;
        cookie[4..8].copy_from_slice(&time.to_be_bytes());
        let mut hasher = SipHasher24::new_with_key(secret);
        hasher.write(client);
        hasher.write(&cookie[..8]);
        match peer {
            IpAddr::V4(address) => hasher.write(&address.octets()),
            IpAddr::V6(address) => hasher.write(&address.octets()),
        }
        cookie[8..].copy_from_slice(&hasher.finish().to_le_bytes());
        cookie
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        let octets: Vec<u8> =
            (0..N).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).expect("hex")).collect();
        octets.try_into().expect("length")
    }

    #[test]
    fn agrees_with_the_examples_of_rfc_9018() {
        // Appendix A.1: a new cookie.
        let secrets = CookieSecrets::new(hex("e5e973e5a6b2a43f48e7dc849e37bfcf"), None);
        let peer: IpAddr = "198.51.100.100".parse().expect("ip");
        let cookie = secrets.make(&hex("2464c4abcf10c957"), peer, 1_559_731_985);
        assert_eq!(cookie, hex("010000005cf79f111f8130c3eee29480"));
        assert!(secrets.verify(&hex("2464c4abcf10c957"), &cookie, peer, 1_559_731_985 + 100));
        // Appendix A.4: IPv6, and a secret that was rolled over.
        let old = hex("dd3bdf9344b678b185a6f5cb60fca715");
        let secrets = CookieSecrets::new(hex("445536bcd2513298075a5d379663c962"), Some(old));
        let peer: IpAddr = "2001:db8:220:1:59de:d0f4:8769:82b8".parse().expect("ip");
        let sent = hex::<16>("010000005cf7c57926556bd0934c72f8");
        assert!(secrets.verify(&hex("22681ab97d52c298"), &sent, peer, 1_559_741_961));
        assert_eq!(
            secrets.make(&hex("22681ab97d52c298"), peer, 1_559_741_961),
            hex("010000005cf7c609a6bb79d16625507a")
        );
    }

    #[test]
    fn refuses_forged_stale_and_odd_ones() {
        let secrets = CookieSecrets::new([7; 16], None);
        let peer: IpAddr = "192.0.2.1".parse().expect("ip");
        let now = u32::MAX - 10;
        let cookie = secrets.make(&[1; 8], peer, now);
        assert!(secrets.verify(&[1; 8], &cookie, peer, now.wrapping_add(3600)), "across the wrap of time");
        assert!(!secrets.verify(&[1; 8], &cookie, peer, now.wrapping_add(3601)));
        assert!(secrets.verify(&[1; 8], &cookie, peer, now - 300));
        assert!(!secrets.verify(&[1; 8], &cookie, peer, now - 301));
        assert!(!secrets.verify(&[2; 8], &cookie, peer, now));
        assert!(!secrets.verify(&[1; 8], &cookie, "192.0.2.2".parse().expect("ip"), now));
        assert!(!secrets.verify(&[1; 8], &cookie[..8], peer, now));
        for at in 0..16 {
            let mut forged = cookie;
            forged[at] ^= 1;
            assert!(!secrets.verify(&[1; 8], &forged, peer, now), "octet {at}");
        }
    }

    #[test]
    fn secrets_are_read_from_hexadecimal() {
        assert_eq!(
            CookieSecrets::parse("000102030405060708090a0b0c0d0e0f"),
            Ok([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
        );
        assert_eq!(CookieSecrets::parse("+00102030405060708090a0b0c0d0e0f"), Err(BadSecret));
        assert_eq!(CookieSecrets::parse("00"), Err(BadSecret));
    }
}

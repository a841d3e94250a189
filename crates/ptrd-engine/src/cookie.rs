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

/// What the COOKIE option of a request proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There is none, or cookies are off.
    None,
    /// It has a client's part alone (RFC 7873 §5.2.3).
    New,
    /// Its server's part is forged, stale or another server's (§5.2.4).
    Wrong,
    /// Its server's part was sent to this address, so the client is there (§5.2.5).
    Valid,
}

/// RFC 9018 §4.3: older than an hour, or more than five minutes ahead, is not accepted; older than half an hour is
/// renewed.
const MAX_AGE: u32 = 3600;
const MAX_AHEAD: u32 = 300;
const RENEWAL_AGE: u32 = 1800;

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
        self.verified(client, server, peer, now).is_some()
    }

    /// The server's part to send back, and what the one that came proves. One that is good for a while is sent back as
    /// it came, so that a client with a good cookie costs one hash and not two.
    pub(crate) fn review(
        &self,
        client: &[u8; 8],
        server: &[u8],
        peer: IpAddr,
        now: u32,
    ) -> ([u8; 16], Standing) {
        match self.verified(client, server, peer, now) {
            Some(Verified { cookie, fresh: true }) => (cookie, Standing::Valid),
            Some(Verified { fresh: false, .. }) => (self.make(client, peer, now), Standing::Valid),
            None if server.is_empty() => (self.make(client, peer, now), Standing::New),
            None => (self.make(client, peer, now), Standing::Wrong),
        }
    }

    fn verified(&self, client: &[u8; 8], server: &[u8], peer: IpAddr, now: u32) -> Option<Verified> {
        let server = <&[u8; 16]>::try_from(server).ok()?;
        let made = u32::from_be_bytes([server[4], server[5], server[6], server[7]]);
        // RFC 9018 §4.3: serial arithmetic, so that 2038 and 2106 pass unnoticed.
        let age = now.wrapping_sub(made);
        let ahead = age >= MAX_AHEAD.wrapping_neg();
        if server[0] != 1 || (age > MAX_AGE && !ahead) {
            return None;
        }
        // Every octet is compared, whatever the first ones are.
        let differs = |right: [u8; 16]| right.iter().zip(server).fold(0, |bits, (a, b)| bits | (a ^ b)) != 0;
        if !differs(Self::with(&self.current, client, peer, made)) {
            return Some(Verified { cookie: *server, fresh: ahead || age <= RENEWAL_AGE });
        }
        // RFC 9018 §5: what the secret before made is good, and renewed at once.
        let previous = self.previous.as_ref()?;
        (!differs(Self::with(previous, client, peer, made)))
            .then_some(Verified { cookie: *server, fresh: false })
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

/// A server's part that is right.
struct Verified {
    cookie: [u8; 16],
    /// Neither made with the secret before nor near its end.
    fresh: bool,
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
    fn what_is_good_for_a_while_is_sent_back_as_it_came() {
        let secrets = CookieSecrets::new([7; 16], Some([8; 16]));
        let peer: IpAddr = "192.0.2.1".parse().expect("ip");
        let (client, now) = ([1; 8], 5);
        let review = |server: &[u8], now| secrets.review(&client, server, peer, now);
        let cookie = secrets.make(&client, peer, now);
        assert_eq!(review(&[], now), (cookie, Standing::New));
        assert_eq!(review(&cookie, now + 1800), (cookie, Standing::Valid));
        assert_eq!(review(&cookie, now.wrapping_sub(300)), (cookie, Standing::Valid));
        let renewed = |now| secrets.make(&client, peer, now);
        assert_eq!(review(&cookie, now + 1801), (renewed(now + 1801), Standing::Valid));
        assert_eq!(review(&cookie, now + 3601), (renewed(now + 3601), Standing::Wrong));
        assert_eq!(review(&cookie[..8], now), (cookie, Standing::Wrong));
        let before = CookieSecrets::new([8; 16], None).make(&client, peer, now);
        assert_eq!(review(&before, now + 1), (renewed(now + 1), Standing::Valid), "rolled over");
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

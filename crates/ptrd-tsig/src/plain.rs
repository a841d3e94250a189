//! The HMAC of octets that are no message of DNS.

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;

/// The HMAC-SHA256 (RFC 2104, RFC 6234) of octets.
pub fn hmac_sha256(secret: &[u8], octets: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(octets);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_in_rfc_4231() {
        let mac = hmac_sha256(b"Jefe", b"what do ya want for nothing?");
        let text: String = mac.iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}

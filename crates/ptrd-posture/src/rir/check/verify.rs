//! Signatures and digests (RFC 4034 §3.1.8.1, §5.1.4; RFC 4035 §5.3).

use ptrd_wire::{MessageRecord, Name, Rrsig, folded_rdata, key_tag};
use ring::digest;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Good,
    Bad,
    /// Of an algorithm that is not verified here.
    Unknown,
}

/// The times between which a signature is valid, seconds since 1970, as the clock at `now` has them (RFC 4034 §3.1.5).
pub(super) fn validity(rrsig: &[u8], now: u64) -> Option<(u64, u64)> {
    let number = |at: usize| {
        rrsig.get(at..at + 4).map(|octets| u32::from_be_bytes([octets[0], octets[1], octets[2], octets[3]]))
    };
    let (expiration, inception) = (number(8)?, number(12)?);
    let near = |time: u32| {
        let distance = i64::from(time.wrapping_sub(now as u32) as i32);
        now.saturating_add_signed(distance)
    };
    Some((near(inception), near(expiration)))
}

/// Verifies a signature over an RRset with a key, the time apart.
pub(super) fn verify(rrset: &[&MessageRecord], rrsig: &[u8], dnskey: &[u8]) -> Verdict {
    let Some(signed) = to_be_signed(rrset, rrsig) else { return Verdict::Bad };
    let fields = Rrsig::read(rrsig).expect("read just now");
    let signature = &rrsig[18 + fields.signer.len()..];
    let (Some(&algorithm), Some(key)) = (dnskey.get(3), dnskey.get(4..)) else { return Verdict::Bad };
    if algorithm != fields.algorithm || key_tag(dnskey) != fields.key_tag {
        return Verdict::Bad;
    }
    let curve = |how: &'static dyn signature::VerificationAlgorithm, key: Vec<u8>| {
        UnparsedPublicKey::new(how, key).verify(&signed, signature).is_ok()
    };
    let rsa = |how: &'static signature::RsaParameters| {
        rsa_key(key).is_some_and(|key| key.verify(how, &signed, signature).is_ok())
    };
    let uncompressed = || [&[4], key].concat();
    let good = match algorithm {
        5 | 7 => rsa(&signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
        8 => rsa(&signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        10 => rsa(&signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        13 => curve(&signature::ECDSA_P256_SHA256_FIXED, uncompressed()),
        14 => curve(&signature::ECDSA_P384_SHA384_FIXED, uncompressed()),
        15 => curve(&signature::ED25519, key.to_vec()),
        _ => return Verdict::Unknown,
    };
    if good { Verdict::Good } else { Verdict::Bad }
}

/// RFC 3110 §2: exponent and modulus.
fn rsa_key(key: &[u8]) -> Option<RsaPublicKeyComponents<&[u8]>> {
    let (length, rest) = match key.split_first()? {
        (0, rest) => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*length)), rest)
        }
        (length, rest) => (usize::from(*length), rest),
    };
    let (e, n) = rest.split_at_checked(length)?;
    Some(RsaPublicKeyComponents { n, e })
}

/// What is signed: the RRSIG without its signature, and the RRset in canonical form and order.
fn to_be_signed(rrset: &[&MessageRecord], rrsig: &[u8]) -> Option<Vec<u8>> {
    let fields = Rrsig::read(rrsig)?;
    let first = rrset.first()?;
    // Apexes alone are looked at: no wildcard has made them.
    if first.rtype != fields.covered || usize::from(fields.labels) != first.owner.label_count() {
        return None;
    }
    let signer = Name::from_wire(fields.signer).ok()?;
    let mut signed = rrsig[..18].to_vec();
    signed.extend(signer.to_lower_wire());
    let mut datas: Vec<_> = rrset.iter().map(|record| folded_rdata(record.rtype, &record.rdata)).collect();
    datas.sort();
    datas.dedup();
    for data in datas {
        signed.extend(first.owner.to_lower_wire());
        signed.extend(first.rtype.0.to_be_bytes());
        signed.extend(first.class.0.to_be_bytes());
        signed.extend(&rrsig[4..8]);
        signed.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        signed.extend(&*data);
    }
    Some(signed)
}

/// The digest of a key in a DS of this type, in upper-case hexadecimal digits; `None` for types that are not known here.
pub(in crate::rir) fn ds_digest(digest_type: u8, apex: &Name, dnskey: &[u8]) -> Option<String> {
    let how = match digest_type {
        1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        2 => &digest::SHA256,
        4 => &digest::SHA384,
        _ => return None,
    };
    let octets = [&apex.to_lower_wire(), dnskey].concat();
    Some(digest::digest(how, &octets).as_ref().iter().map(|octet| format!("{octet:02X}")).collect())
}

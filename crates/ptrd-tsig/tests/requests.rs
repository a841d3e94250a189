//! Requests that are not as they should be, and answers too.

use ptrd_tsig::{
    Accepted, Algorithm, AnswerError, Awaiting, Key, KeyTable, MustSign, NoRoom, Refusal, UNSIGNED_AT_MOST,
    Verified, sign_request, verify,
};
use ptrd_wire::{Rcode, TsigRecord, tsig_error};

const NOW: u64 = 1_700_000_000;
const QUERY: &[u8] = b"\x2a\x2b\0\0\0\x01\0\0\0\0\0\0\x015\x012\x010\x03192\x07in-addr\x04arpa\0\0\x0c\0\x01";
const ANSWER: &[u8] =
    b"\x2a\x2b\x84\0\0\x01\0\0\0\0\0\0\x015\x012\x010\x03192\x07in-addr\x04arpa\0\0\x0c\0\x01";

fn key(name: &str, algorithm: Algorithm, secret: &[u8]) -> Key {
    Key::new(name.parse().expect("a name"), algorithm, secret).expect("a key")
}

fn our_key() -> Key {
    key("Key.Example", Algorithm::HmacSha256, b"a secret of some length")
}

fn table(keys: &[&Key]) -> KeyTable {
    KeyTable::new(keys.iter().map(|&key| key.clone())).expect("a table")
}

fn signed_at(key: &Key, now: u64) -> (Vec<u8>, Awaiting) {
    let mut buffer = QUERY.to_vec();
    buffer.resize(600, 0);
    let (length, awaiting) = sign_request(key.clone(), &mut buffer, QUERY.len(), now).expect("room");
    buffer.truncate(length);
    (buffer, awaiting)
}

fn signed(key: &Key) -> (Vec<u8>, Awaiting) {
    signed_at(key, NOW)
}

fn verified<'k>(request: &[u8], keys: &'k KeyTable, now: u64) -> Result<Verified<'k>, Refusal<'k>> {
    let record = TsigRecord::find(request).expect("well-formed").expect("signed");
    verify(request, record, keys, now)
}

fn error(request: &[u8], keys: &KeyTable, now: u64) -> (Rcode, u16) {
    let refusal = verified(request, keys, now).expect_err("refused");
    (refusal.rcode(), refusal.error())
}

/// The message that turns a request away.
fn turned_away(request: &[u8], keys: &KeyTable, now: u64) -> Vec<u8> {
    let refusal = verified(request, keys, now).expect_err("refused");
    let mut buffer = ANSWER.to_vec();
    buffer[3] |= refusal.rcode().0 as u8;
    buffer.resize(600, 0);
    let length = refusal.append(request, &mut buffer, ANSWER.len(), now).expect("room");
    buffer.truncate(length);
    buffer
}

/// Cuts the MAC of a signed message to so many octets.
fn cut_mac(message: &[u8], key: &Key, octets: usize) -> Vec<u8> {
    let whole = key.algorithm().mac_len();
    let (mac, end) = (message.len() - 6 - whole, message.len() - 6);
    let mut cut = message[..mac + octets.min(whole)].to_vec();
    cut.resize(mac + octets, 7);
    cut.extend_from_slice(&message[end..]);
    cut[mac - 2..mac].copy_from_slice(&(octets as u16).to_be_bytes());
    let data = mac - 2 - 8 - key.algorithm().wire().len();
    let length = (cut.len() - data) as u16;
    cut[data - 2..data].copy_from_slice(&length.to_be_bytes());
    cut
}

const UNPROVEN: (Rcode, u16) = (Rcode::NOTAUTH, tsig_error::BADSIG);
const UNKNOWN: (Rcode, u16) = (Rcode::NOTAUTH, tsig_error::BADKEY);
const MALFORMED: (Rcode, u16) = (Rcode::FORMERR, 0);

#[test]
fn every_algorithm_there_and_back() {
    for algorithm in Algorithm::ALL {
        let key = key("K", algorithm, b"secret");
        let (request, mut awaiting) = signed(&key);
        let keys = table(&[&key]);
        let verified = verified(&request, &keys, NOW).expect("verified");
        let mut buffer = ANSWER.to_vec();
        let room = verified.signer().room();
        buffer.resize(ANSWER.len() + room, 0);
        let (short, length) = (buffer.len() - 1, ANSWER.len());
        assert_eq!(verified.signer().sign(&mut buffer[..short], length, NOW), Err(NoRoom));
        assert_eq!(buffer[..length], *ANSWER, "nothing happened");
        assert_eq!(verified.signer().sign(&mut buffer, length, NOW), Ok(length + room));
        assert_eq!(awaiting.accept(&buffer, NOW), Ok(Accepted { end: length, signed: true }));
        assert_eq!(awaiting.finish(), Ok(()));
    }
}

#[test]
fn keys_that_are_not_ours() {
    let ours = our_key();
    let (request, awaiting) = signed(&ours);
    assert!(verified(&request, &table(&[&ours]), NOW).is_ok());
    assert_eq!(error(&request, &KeyTable::default(), NOW), UNKNOWN);
    assert_eq!(error(&request, &table(&[&key("other", Algorithm::HmacSha256, ours.secret())]), NOW), UNKNOWN);
    let other = key("key.example", Algorithm::HmacSha512, ours.secret());
    assert_eq!(error(&request, &table(&[&other]), NOW), UNKNOWN, "another algorithm than the key's");
    let other = key("key.example", Algorithm::HmacSha256, b"another secret");
    assert_eq!(error(&request, &table(&[&other]), NOW), UNPROVEN);
    // The key counts before the time.
    assert_eq!(error(&request, &KeyTable::default(), 0), UNKNOWN);
    assert_eq!(error(&request, &table(&[&other]), 0), UNPROVEN);
    let unknown = turned_away(&request, &KeyTable::default(), NOW);
    let found = awaiting.clone().accept(&unknown, NOW).expect_err("refused");
    assert_eq!(found.to_string(), "the peer knows no key Key.Example. with hmac-sha256 (BADKEY, not signed)");
    let wrong = turned_away(&request, &table(&[&other]), NOW);
    let found = awaiting.clone().accept(&wrong, NOW).expect_err("refused");
    assert_eq!(found, AnswerError::PeerFindsMacWrong { key: ours.name().clone() });
}

#[test]
fn names_in_any_case_and_compressed() {
    let ours = our_key();
    let (request, _) = signed(&ours);
    assert_eq!(request[QUERY.len()..QUERY.len() + 13], *b"\x03key\x07example\0", "sent in small letters");
    let keys = table(&[&ours]);
    let mut shouted = request.clone();
    shouted[QUERY.len()..QUERY.len() + 12].make_ascii_uppercase();
    let algorithm = QUERY.len() + 13 + 10;
    shouted[algorithm..algorithm + 12].make_ascii_uppercase();
    assert_ne!(shouted, request);
    assert!(verified(&shouted, &keys, NOW).is_ok());
    // The owner as `5.2.0.192.in-addr.arpa` and a pointer: what is hashed is the whole name.
    let ours = key("5.2.0.192.IN-ADDR.arpa", Algorithm::HmacSha256, b"s");
    let (request, _) = signed(&ours);
    let owner = ours.name().as_wire().len();
    let compressed = [QUERY, b"\xc0\x0c", &request[QUERY.len() + owner..]].concat();
    let mut compressed = compressed;
    compressed[11] = 1;
    assert!(verified(&compressed, &table(&[&ours]), NOW).is_ok());
}

#[test]
fn clocks_that_differ() {
    let ours = our_key();
    let keys = table(&[&ours]);
    let (request, awaiting) = signed(&ours);
    for now in [NOW - 300, NOW, NOW + 300] {
        assert!(verified(&request, &keys, now).is_ok());
    }
    for (now, text) in [(NOW - 301, "301 seconds behind"), (NOW + 301, "301 seconds ahead"), (0, "behind")] {
        let refusal = verified(&request, &keys, now).expect_err("refused");
        assert_eq!((refusal.rcode(), refusal.error()), (Rcode::NOTAUTH, tsig_error::BADTIME));
        assert_eq!(refusal.key(), Some(&ours));
        let answer = turned_away(&request, &keys, now);
        // The client's time and fudge, the server's time in six octets (RFC 8945 §5.2.3).
        let end = answer.len();
        assert_eq!(answer[end - 10..end - 6], [0, 18, 0, 6]);
        assert_eq!(answer[end - 6..], now.to_be_bytes()[2..]);
        let found = awaiting.clone().accept(&answer, NOW).expect_err("refused");
        assert!(found.to_string().contains(text), "{found}");
        // An alteration of it shows.
        for at in [2, 20, end - 1, end - 20] {
            let mut altered = answer.clone();
            altered[at] ^= 1;
            assert!(!matches!(awaiting.clone().accept(&altered, NOW), Err(AnswerError::PeerClock { .. })));
        }
    }
    // 48 bits, whatever the clock: no overflow at either end.
    for time in [0, u64::MAX >> 16] {
        let (request, _) = signed_at(&ours, time);
        assert!(verified(&request, &keys, time).is_ok());
        assert_eq!(error(&request, &keys, NOW).1, tsig_error::BADTIME);
        assert_eq!(error(&request, &keys, u64::MAX).1, tsig_error::BADTIME);
    }
}

#[test]
fn short_and_long_macs() {
    for algorithm in Algorithm::ALL {
        let ours = key("k", algorithm, b"secret");
        let keys = table(&[&ours]);
        let strict = table(&[&ours.with_shortest_mac(algorithm.mac_len()).expect("a key")]);
        let (request, awaiting) = signed(&ours);
        for octets in 0..=80 {
            let cut = cut_mac(&request, &ours, octets);
            if octets < algorithm.shortest_mac() || octets > algorithm.mac_len() {
                assert_eq!(error(&cut, &keys, NOW), MALFORMED, "{algorithm}: {octets}");
                continue;
            }
            let found = verified(&cut, &keys, NOW).expect("verified");
            assert_eq!(found.mac().as_octets().len(), octets);
            let mut wrong = cut.clone();
            let last = wrong.len() - 7;
            wrong[last] ^= 0x80;
            assert_eq!(error(&wrong, &keys, NOW), UNPROVEN);
            assert_eq!(error(&wrong, &strict, NOW), UNPROVEN, "the MAC comes before how long it is");
            if octets < algorithm.mac_len() {
                assert_eq!(error(&cut, &strict, NOW), (Rcode::NOTAUTH, tsig_error::BADTRUNC));
                assert_eq!(error(&cut, &strict, 0).1, tsig_error::BADTIME, "the time too");
            }
        }
        // The answer of BADTRUNC is signed, over the MAC as it was sent: who sent the whole one cannot check it.
        let cut = cut_mac(&request, &ours, algorithm.shortest_mac());
        let answer = turned_away(&cut, &strict, NOW);
        let found = awaiting.clone().accept(&answer, NOW).expect_err("refused");
        assert_eq!(found, AnswerError::WrongMac { key: ours.name().clone() });
    }
}

#[test]
fn every_octet_counts() {
    let ours = our_key();
    let keys = table(&[&ours]);
    let (request, awaiting) = signed(&ours);
    let mut buffer = ANSWER.to_vec();
    buffer.resize(600, 0);
    let mut signer = verified(&request, &keys, NOW).expect("verified").into_signer();
    let length = signer.sign(&mut buffer, ANSWER.len(), NOW).expect("room");
    let answer = &buffer[..length];
    // Not the id, in whose place is the original one; and of letters in the record's names, not the case.
    let is_letter = |message: &[u8], at: usize| at > QUERY.len() && message[at].is_ascii_alphabetic();
    for at in 2..request.len() {
        for bit in 0..8 {
            let altered = |message: &[u8]| {
                let mut altered = message.to_vec();
                altered[at] ^= 1 << bit;
                altered
            };
            let expected = bit == 5 && is_letter(&request, at) && at < QUERY.len() + 13 + 10 + 13;
            let wrong = altered(&request);
            let found = TsigRecord::find(&wrong).ok().flatten();
            let found = found.is_some_and(|record| verify(&wrong, record, &keys, NOW).is_ok());
            assert_eq!(found, expected, "request: bit {bit} of octet {at}");
            let found = awaiting.clone().accept(&altered(answer), NOW).is_ok();
            assert_eq!(found, expected, "answer: bit {bit} of octet {at}");
        }
    }
    for id in [0u16, 0x2a2a] {
        let forwarded = [&id.to_be_bytes(), &request[2..]].concat();
        let found = verified(&forwarded, &keys, NOW).expect("verified");
        assert_eq!(found.original_id(), 0x2a2b);
    }
}

/// What a forger with the key might send: an error in a request, and other data of any length.
#[test]
fn errors_and_other_data_of_requests() {
    let ours = our_key();
    let keys = table(&[&ours]);
    let (request, _) = signed(&ours);
    for other in [&b""[..], b"x", b"seven o", &[9; 300]] {
        for error_field in [0u16, 16, 18] {
            let mut altered = request[..request.len() - 4].to_vec();
            altered.extend_from_slice(&error_field.to_be_bytes());
            altered.extend_from_slice(&(other.len() as u16).to_be_bytes());
            altered.extend_from_slice(other);
            let data = QUERY.len() + 13 + 8;
            let length = (altered.len() - data - 2) as u16;
            altered[data..data + 2].copy_from_slice(&length.to_be_bytes());
            let expected = match (error_field, other.is_empty()) {
                (0, true) => continue,
                // Whatever the MAC: an error in a request is none of its form (RFC 8945 §4.2).
                (1.., _) => MALFORMED,
                // Other data is hashed.
                (0, false) => UNPROVEN,
            };
            assert_eq!(error(&altered, &keys, NOW), expected);
        }
    }
}

#[test]
fn answers_that_are_none() {
    let ours = our_key();
    let keys = table(&[&ours]);
    let (request, mut awaiting) = signed(&ours);
    let sign = |now: u64, request: &[u8]| {
        let mut buffer = ANSWER.to_vec();
        buffer.resize(600, 0);
        let verified = verified(request, &keys, NOW).expect("verified");
        let length = verified.signer().sign(&mut buffer, ANSWER.len(), now).expect("room");
        buffer.truncate(length);
        buffer
    };
    let mut refused = ANSWER.to_vec();
    refused[3] |= 5;
    let found = awaiting.accept(&refused, NOW).expect_err("not signed");
    assert_eq!(
        found.to_string(),
        "the answer (REFUSED) is not signed, though the request was, with key Key.Example."
    );
    assert_eq!(awaiting.accept(b"", NOW), Err(AnswerError::Malformed));
    let found = awaiting.accept(&sign(NOW - 400, &request), NOW).expect_err("late");
    assert_eq!(
        found.to_string(),
        "the answer was signed 400 seconds ago by our clock, and at most 300 are allowed"
    );
    let (other, _) = signed_at(&ours, NOW + 1);
    let found = awaiting.accept(&sign(NOW, &other), NOW).expect_err("of another request");
    assert_eq!(found, AnswerError::WrongMac { key: ours.name().clone() });
    let stranger = key("stranger", Algorithm::HmacSha512, b"x");
    let (theirs, _) = signed(&stranger);
    let found = awaiting.accept(&theirs, NOW).expect_err("another key").to_string();
    assert!(
        found.contains("stranger. (hmac-sha512.)") && found.contains("Key.Example. (hmac-sha256)"),
        "{found}"
    );
    let short = cut_mac(&sign(NOW, &request), &ours, 12);
    let found = awaiting.accept(&short, NOW).expect_err("short").to_string();
    assert_eq!(found, "the answer's MAC has 12 octets; key Key.Example. takes 16 to 32");
    // None of that changed anything.
    assert_eq!(awaiting.clone().finish(), Err(AnswerError::NoAnswer));
    assert!(awaiting.accept(&cut_mac(&sign(NOW, &request), &ours, 16), NOW).is_ok());
}

#[test]
fn streams_are_signed_first_and_last_and_now_and_then() {
    let ours = our_key();
    let keys = table(&[&ours]);
    let (request, awaiting) = signed(&ours);
    let mut signer = verified(&request, &keys, NOW).expect("verified").into_signer();
    assert_eq!(signer.pass(ANSWER), Err(MustSign), "the first");
    let mut stream = Vec::new();
    let sign = |signer: &mut ptrd_tsig::Signer, stream: &mut Vec<Vec<u8>>| {
        let mut buffer = ANSWER.to_vec();
        buffer.resize(600, 0);
        let length = signer.sign(&mut buffer, ANSWER.len(), NOW).expect("room");
        buffer.truncate(length);
        stream.push(buffer);
    };
    sign(&mut signer, &mut stream);
    for _ in 0..UNSIGNED_AT_MOST {
        signer.pass(ANSWER).expect("may go unsigned");
        stream.push(ANSWER.to_vec());
    }
    assert_eq!(signer.pass(ANSWER), Err(MustSign), "the hundredth");
    sign(&mut signer, &mut stream);
    sign(&mut signer, &mut stream);
    let run = |messages: &[Vec<u8>]| {
        let mut awaiting = awaiting.clone();
        messages.iter().try_for_each(|message| awaiting.accept(message, NOW).map(|_| ()))?;
        awaiting.finish()
    };
    assert_eq!(run(&stream), Ok(()));
    assert_eq!(run(&stream[..1]), Ok(()));
    assert_eq!(run(&stream[..50]), Err(AnswerError::LastUnsigned(49)));
    assert_eq!(run(&[]), Err(AnswerError::NoAnswer));
    // One left out, one twice, two exchanged, one unsigned too many.
    let wrong = Err(AnswerError::WrongMac { key: ours.name().clone() });
    assert_eq!(run(&[&stream[..5], &stream[6..]].concat()), wrong);
    assert_eq!(run(&[&stream[..1], &stream[..]].concat()), wrong);
    let mut exchanged = stream.clone();
    exchanged.swap(100, 101);
    assert_eq!(run(&exchanged), wrong);
    let longer = [&stream[..50], &stream[49..]].concat();
    assert_eq!(run(&longer), Err(AnswerError::TooManyUnsigned));
    let mut altered = stream.clone();
    altered[50][2] ^= 4;
    assert_eq!(run(&altered), wrong);
}

//! Two implementations that share nothing with ours judge it, and are judged: `domain` and `hickory-proto`. Both speak
//! SHA-256, -384 and -512, and `domain` SHA-1.

use domain::base::iana::{Rtype, TsigRcode};
use domain::base::message_builder::AdditionalBuilder;
use domain::base::rdata::UnknownRecordData;
use domain::base::{Message, MessageBuilder, Name as DomainName};
use domain::rdata::tsig::Time48;
use domain::tsig;
use hickory_proto::op::Message as HickoryMessage;
use hickory_proto::rr::rdata::tsig::{TsigAlgorithm, TsigError};
use hickory_proto::rr::{Name as HickoryName, TSigResponseContext, TSigner};
use proptest::prelude::*;
use ptrd_tsig::{Algorithm, AnswerError, Awaiting, Key, KeyTable, Signer, sign_request, verify};
use ptrd_wire::{Name, TsigRecord, tsig_error};
use std::sync::Arc;

const NOW: u64 = 1_700_000_000;

/// One key, as each implementation has it.
struct Shared {
    ours: Key,
    domain: Arc<tsig::Key>,
    hickory: Option<TSigner>,
}

#[derive(Clone, Debug)]
struct Case {
    name: Vec<Vec<u8>>,
    algorithm: Algorithm,
    secret: Vec<u8>,
    id: u16,
    question: Vec<Vec<u8>>,
    records: Vec<Vec<u8>>,
}

fn labels() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let label = prop::collection::vec(prop_oneof![Just(b'-'), b'a'..=b'z', b'A'..=b'Z', b'0'..=b'9'], 1..20);
    prop::collection::vec(label, 1..5)
}

fn case() -> impl Strategy<Value = Case> {
    let algorithm = prop::sample::select(vec![
        Algorithm::HmacSha1,
        Algorithm::HmacSha256,
        Algorithm::HmacSha384,
        Algorithm::HmacSha512,
    ]);
    let octets = |most| prop::collection::vec(any::<u8>(), 1..most);
    let records = prop::collection::vec(octets(300), 0..5);
    (labels(), algorithm, octets(200), any::<u16>(), labels(), records).prop_map(
        |(name, algorithm, secret, id, question, records)| Case {
            name,
            algorithm,
            secret,
            id,
            question,
            records,
        },
    )
}

fn wire(labels: &[Vec<u8>]) -> Vec<u8> {
    let mut wire: Vec<u8> =
        labels.iter().flat_map(|label| [&[label.len() as u8], &label[..]].concat()).collect();
    wire.push(0);
    wire
}

impl Case {
    fn keys(&self) -> Shared {
        let name = Name::from_wire(&wire(&self.name)).expect("a name");
        let (theirs, hickory) = match self.algorithm {
            Algorithm::HmacSha1 => (tsig::Algorithm::Sha1, None),
            Algorithm::HmacSha384 => (tsig::Algorithm::Sha384, Some(TsigAlgorithm::HmacSha384)),
            Algorithm::HmacSha512 => (tsig::Algorithm::Sha512, Some(TsigAlgorithm::HmacSha512)),
            _ => (tsig::Algorithm::Sha256, Some(TsigAlgorithm::HmacSha256)),
        };
        let key_name =
            tsig::KeyName::from_octets(wire(&self.name).as_slice().try_into().expect("short enough"));
        let half = self.algorithm.shortest_mac();
        let domain = tsig::Key::new(theirs, &self.secret, key_name.expect("a name"), Some(half), None);
        let hickory = hickory.map(|algorithm| {
            let name = HickoryName::from_labels(self.name.iter().map(Vec::as_slice)).expect("a name");
            TSigner::new(self.secret.clone(), algorithm, name, 300).expect("a signer")
        });
        Shared {
            ours: Key::new(name, self.algorithm, &self.secret).expect("a key"),
            domain: Arc::new(domain.expect("a key")),
            hickory,
        }
    }

    /// A message of one question and the records, as `domain` builds it.
    fn build(&self, is_response: bool) -> AdditionalBuilder<Vec<u8>> {
        let mut builder = MessageBuilder::new_vec();
        builder.header_mut().set_id(self.id);
        builder.header_mut().set_qr(is_response);
        let mut builder = builder.question();
        let name = DomainName::from_octets(wire(&self.question)).expect("a name");
        builder.push((name.clone(), Rtype::PTR)).expect("room");
        let mut builder = builder.answer();
        for data in self.records.iter().filter(|_| is_response) {
            let data = UnknownRecordData::from_octets(Rtype::from_int(65_280), data.clone()).expect("data");
            builder.push((name.clone(), 60, data)).expect("room");
        }
        builder.additional()
    }

    fn message(&self, is_response: bool) -> Vec<u8> {
        self.build(is_response).finish()
    }

    fn signed_by_us(&self, key: &Key) -> (Vec<u8>, Awaiting) {
        let mut buffer = self.message(false);
        let length = buffer.len();
        buffer.resize(length + 400, 0xee);
        let (length, awaiting) = sign_request(key.clone(), &mut buffer, length, NOW).expect("room");
        buffer.truncate(length);
        (buffer, awaiting)
    }

    fn answer_by_us<K: std::borrow::Borrow<Key>>(&self, signer: &mut Signer<K>) -> Vec<u8> {
        let mut buffer = self.message(true);
        let length = buffer.len();
        let room = signer.room();
        buffer.resize(length + room, 0xee);
        assert_eq!(signer.sign(&mut buffer, length, NOW), Ok(length + room));
        buffer
    }
}

fn domain_message(octets: &[u8]) -> Message<Vec<u8>> {
    Message::from_octets(octets.to_vec()).expect("a message")
}

fn now() -> Time48 {
    Time48::from_u64(NOW)
}

fn record(message: &[u8]) -> TsigRecord {
    TsigRecord::find(message).expect("well-formed").expect("signed")
}

fn fine(result: Result<(), tsig::ValidationError>) -> Result<(), TestCaseError> {
    result.map_err(|error| TestCaseError::fail(error.to_string()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A request of `domain`, verified by us, and our answer verified by it.
    #[test]
    fn domain_asks(case in case()) {
        let keys = case.keys();
        let table = KeyTable::new([keys.ours.clone()]).expect("one key");
        let mut builder = case.build(false);
        let client = tsig::ClientTransaction::request(keys.domain.clone(), &mut builder, now()).expect("room");
        let request = builder.finish();
        let verified = verify(&request, record(&request), &table, NOW + 299).expect("verified");
        prop_assert_eq!(verified.key(), &keys.ours);
        prop_assert_eq!((verified.time_signed(), verified.fudge(), verified.original_id()), (NOW, 300, case.id));
        let mut answer = domain_message(&case.answer_by_us(&mut verified.signer()));
        fine(client.answer(&mut answer, now()))?;
        // What was signed is what is left; of the record, the octets remain and the count does not.
        let signed = case.message(true);
        prop_assert_eq!(&answer.as_slice()[..signed.len()], &signed[..]);
    }

    /// The same, of a stream of which every nth message is signed.
    #[test]
    fn domain_transfers(case in case(), every in 1usize..=100, length in 1usize..220) {
        let keys = case.keys();
        let table = KeyTable::new([keys.ours.clone()]).expect("one key");
        let mut builder = case.build(false);
        let mut client = tsig::ClientSequence::request(keys.domain.clone(), &mut builder, now()).expect("room");
        let request = builder.finish();
        let verified = verify(&request, record(&request), &table, NOW).expect("verified");
        let mut signer = verified.into_signer();
        for nth in 0..length {
            let octets = match nth.is_multiple_of(every) || nth + 1 == length {
                true => case.answer_by_us(&mut signer),
                false => {
                    signer.pass(&case.message(true)).expect("may go unsigned");
                    case.message(true)
                }
            };
            let mut message = domain_message(&octets);
            fine(client.answer(&mut message, now()))?;
        }
        fine(client.done())?;
    }

    /// Our request, verified by `domain`, and its answers verified by us.
    #[test]
    fn domain_answers(case in case(), length in 1usize..5) {
        let keys = case.keys();
        let (request, mut awaiting) = case.signed_by_us(&keys.ours);
        let mut message = domain_message(&request);
        let server = tsig::ServerSequence::request(&keys.domain, &mut message, now());
        let mut server = server.expect("verified").expect("signed");
        let signed = case.message(false);
        prop_assert_eq!(&message.as_slice()[..signed.len()], &signed[..]);
        for _ in 0..length {
            let mut answer = case.build(true);
            server.answer(&mut answer, now()).expect("room");
            let octets = answer.finish();
            let accepted = awaiting.accept(&octets, NOW).expect("accepted");
            prop_assert_eq!((accepted.end, accepted.signed), (case.message(true).len(), true));
        }
        prop_assert_eq!(awaiting.finish(), Ok(()));
    }

    /// What `domain` refuses, and how.
    #[test]
    fn domain_refuses(case in case(), at in any::<prop::sample::Index>(), bit in 0u32..8) {
        let keys = case.keys();
        let (request, awaiting) = case.signed_by_us(&keys.ours);
        let refuse = |request: &[u8], key: Arc<tsig::Key>, now: u64| {
            let mut message = domain_message(request);
            let error = tsig::ServerSequence::request(&key, &mut message, Time48::from_u64(now));
            let error = error.expect_err("refused");
            let kind = error.error();
            let answer = error.build_message(&message, MessageBuilder::new_vec()).expect("room").finish();
            (kind, answer)
        };
        // A MAC with another bit.
        let mut wrong = request.clone();
        let end = wrong.len() - 6;
        wrong[end - 1 - at.index(case.algorithm.mac_len())] ^= 1 << bit;
        let (kind, answer) = refuse(&wrong, keys.domain.clone(), NOW);
        // `domain` means BADSIG and says FORMERR.
        prop_assert_eq!(kind, TsigRcode::FORMERR);
        let found = awaiting.clone().accept(&answer, NOW).expect_err("refused");
        prop_assert_eq!(found, AnswerError::PeerErrorUnsigned { key: keys.ours.name().clone(), error: 1 });
        let other = Case { name: vec![b"other".to_vec()], ..case.clone() };
        let (kind, answer) = refuse(&request, other.keys().domain, NOW);
        prop_assert_eq!(kind, TsigRcode::BADKEY);
        let found = awaiting.clone().accept(&answer, NOW).expect_err("refused");
        let unknown =
            AnswerError::PeerKnowsNoKey { key: keys.ours.name().clone(), algorithm: case.algorithm };
        prop_assert_eq!(found, unknown);
        let (kind, answer) = refuse(&request, keys.domain.clone(), NOW + 301);
        prop_assert_eq!(kind, TsigRcode::BADTIME);
        // `domain` hashes eight octets of other data where the record has six.
        let found = awaiting.clone().accept(&answer, NOW).expect_err("refused");
        prop_assert_eq!(found, AnswerError::WrongMac { key: keys.ours.name().clone() });
    }

    /// What we refuse, as `domain` takes it.
    #[test]
    fn domain_is_refused(case in case(), ahead in prop_oneof![-2_000_000i64..-300, 301i64..2_000_000]) {
        let keys = case.keys();
        let table = KeyTable::new([keys.ours.clone()]).expect("one key");
        let mut builder = case.build(false);
        let client = tsig::ClientTransaction::request(keys.domain.clone(), &mut builder, now()).expect("room");
        let request = builder.finish();
        let refused = |request: &[u8], table: &KeyTable, now: u64| {
            let refusal = verify(request, record(request), table, now).expect_err("refused");
            let mut buffer = case.message(true);
            buffer[3] |= 9;
            let length = buffer.len();
            buffer.resize(1000 + length, 0);
            let length = refusal.append(request, &mut buffer, length, now).expect("room");
            buffer.truncate(length);
            (refusal.error(), domain_message(&buffer))
        };
        let theirs = NOW.saturating_add_signed(ahead);
        let (error, mut answer) = refused(&request, &table, theirs);
        prop_assert_eq!(error, tsig_error::BADTIME);
        // `domain` hashes eight octets of other data where the record has six; hickory reads it right.
        prop_assert!(matches!(client.answer(&mut answer, now()), Err(tsig::ValidationError::BadSig)));
        if let Some(hickory) = &keys.hickory {
            let mac = hickory.verify_message_byte(&request, None, true).expect("verified").0;
            let checked = hickory.verify_message_byte(answer.as_slice(), Some(&mac), true);
            let (_, time, _) = checked.expect("verified");
            prop_assert_eq!(time, NOW, "the client's own time");
            let decoded = HickoryMessage::from_vec(answer.as_slice()).expect("a message");
            let other = decoded.signature().map(|record| record.data.other.clone());
            prop_assert_eq!(other, Some(theirs.to_be_bytes()[2..].to_vec()));
        }
        let (error, mut answer) = refused(&request, &KeyTable::default(), NOW);
        prop_assert_eq!(error, tsig_error::BADKEY);
        let found = client.answer(&mut answer, now());
        prop_assert!(matches!(found, Err(tsig::ValidationError::ServerBadKey)), "{:?}", found);
        let mut wrong = request.clone();
        wrong[3] ^= 1;
        let (error, mut answer) = refused(&wrong, &table, NOW);
        prop_assert_eq!(error, tsig_error::BADSIG);
        let found = client.answer(&mut answer, now());
        prop_assert!(matches!(found, Err(tsig::ValidationError::ServerBadSig)), "{:?}", found);
    }

    /// Both ways with `hickory-proto`.
    #[test]
    fn hickory_asks_and_answers(case in case(), length in 1usize..5) {
        let keys = case.keys();
        let Some(theirs) = keys.hickory.clone() else { return Ok(()) };
        let table = KeyTable::new([keys.ours.clone()]).expect("one key");
        let mut message = HickoryMessage::from_vec(&case.message(false)).expect("a message");
        let verifier = message.finalize(&theirs, NOW).expect("signed");
        let request = message.to_vec().expect("octets");
        let verified = verify(&request, record(&request), &table, NOW).expect("verified");
        let mut signer = verified.signer();
        let mut verifier = verifier.expect("a verifier");
        for _ in 0..length {
            prop_assert!(verifier.verify(&case.answer_by_us(&mut signer)).is_ok());
        }
        let (request, awaiting) = case.signed_by_us(&keys.ours);
        let (mac, time, _) = theirs.verify_message_byte(&request, None, true).expect("verified");
        prop_assert_eq!((&mac[..], time), (awaiting.prior_mac().as_octets(), NOW));
        let unsigned = case.message(true);
        for error in [None, Some(TsigError::BadTrunc)] {
            let context = TSigResponseContext::new(case.id, NOW, theirs.clone(), mac.clone(), error);
            let mut answer = HickoryMessage::from_vec(&unsigned).expect("a message");
            let octets = answer.to_vec().expect("octets");
            answer.set_signature(context.sign(&octets).expect("signed"));
            let found = awaiting.clone().accept(&answer.to_vec().expect("octets"), NOW);
            match error {
                None => prop_assert!(found.is_ok_and(|accepted| accepted.signed)),
                Some(_) => prop_assert_eq!(
                    found,
                    Err(AnswerError::PeerWantsLongerMac { key: keys.ours.name().clone() })
                ),
            }
        }
    }
}

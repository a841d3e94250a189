//! Fuzz target for updates: messages of any octets, and sound ones that are altered.
//!
//! `cargo test -p ptrd-suite --test fuzz_update` runs a bounded time of random input. `cargo bolero test -p ptrd-suite update`
//! searches with libFuzzer; stable needs `RUSTC_BOOTSTRAP=1` for it.

use ptrd_wire::{
    MOST_RECORDS, MOST_UNPACKED, Prerequisite, Rcode, RecordChange, TsigRecord, UpdateMessage, rdata_has_form,
};

/// Forms of all kinds: two prerequisites, and names in data that point back.
const SOUND: &[u8] = b"\x12\x34\x28\0\0\x01\0\x02\0\x05\0\x01\
    \x012\x010\x03192\x07in-addr\x04arpa\0\0\x06\0\x01\
    \x015\xc0\x0c\0\xff\0\xff\0\0\0\0\0\0\
    \xc0\x26\0\x0c\0\x01\0\0\0\0\0\x04\x01a\xc0\x0c\
    \xc0\x26\0\xff\0\xff\0\0\0\0\0\0\
    \xc0\x26\0\x0c\0\x01\0\0\0\x3c\0\x04\x01b\xc0\x0c\
    \xc0\x26\0\x31\0\x01\0\0\0\x3c\0\x05\0\x01\x01ab\
    \xc0\x26\0\x0c\0\xfe\0\0\0\0\0\x04\x01a\xc0\x0c\
    \xc0\x0c\0\x06\0\x01\0\0\0\x3c\0\x18\xc0\x0c\xc0\x0c\0\0\0\x01\0\0\0\x02\0\0\0\x03\0\0\0\x04\0\0\0\x05\
    \0\0\x29\x04\xd0\0\0\0\0\0\0";

fn check(message: &[u8]) {
    let read = match UpdateMessage::read(message) {
        Ok(read) => read,
        Err(rcode) => return assert!([Rcode::FORMERR, Rcode::REFUSED].contains(&rcode)),
    };
    let update = read.update;
    assert!(message.len() > 12 && read.id.to_be_bytes() == message[..2]);
    assert!(message[12..].starts_with(&read.section));
    assert!(update.prerequisites.len() + update.changes.len() <= MOST_RECORDS);
    let mut unpacked = 0;
    let mut owner_and_data = |owner: &ptrd_wire::Name, rdata: &[u8]| {
        assert!(owner.is_at_or_under(&update.zone));
        unpacked += owner.as_wire().len() + rdata.len();
    };
    for prerequisite in &update.prerequisites {
        match prerequisite {
            Prerequisite::InUse { owner } | Prerequisite::NotInUse { owner } => owner_and_data(owner, &[]),
            Prerequisite::Exists { owner, rtype } | Prerequisite::Absent { owner, rtype } => {
                assert!(!rtype.is_meta());
                owner_and_data(owner, &[]);
            }
            Prerequisite::Holds { owner, rtype, rdata } => {
                assert!(!rtype.is_meta() && rdata_has_form(*rtype, rdata));
                owner_and_data(owner, rdata);
            }
            Prerequisite::Faulty(rcode) => assert!([Rcode::FORMERR, Rcode::NOTZONE].contains(rcode)),
        }
    }
    for change in &update.changes {
        match change {
            RecordChange::DeleteName { owner } => owner_and_data(owner, &[]),
            RecordChange::DeleteRrset { owner, rtype } => {
                assert!(!rtype.is_meta());
                owner_and_data(owner, &[]);
            }
            RecordChange::Add { owner, rtype, rdata, .. } | RecordChange::Delete { owner, rtype, rdata } => {
                assert!(!rtype.is_meta() && rdata_has_form(*rtype, rdata));
                owner_and_data(owner, rdata);
            }
            RecordChange::Faulty(rcode) => assert!([Rcode::FORMERR, Rcode::NOTZONE].contains(rcode)),
        }
    }
    assert!(unpacked <= MOST_UNPACKED);
    // Both walk the same records.
    assert!(TsigRecord::find(message).is_ok());
}

#[test]
fn update() {
    let sound = UpdateMessage::read(SOUND).expect("a sound message").update;
    assert_eq!((sound.prerequisites.len(), sound.changes.len()), (2, 5));
    let faulty = |change: &RecordChange| matches!(change, RecordChange::Faulty(_));
    assert!(!sound.changes.iter().any(faulty), "{sound:?}");
    bolero::check!().for_each(|input: &[u8]| {
        let [kind, input @ ..] = input else { return };
        match kind % 3 {
            0 => {
                let mut message = SOUND.to_vec();
                for pair in input.chunks_exact(2) {
                    let at = usize::from(pair[0]) % message.len();
                    message[at] ^= pair[1];
                }
                check(&message);
            }
            1 => {
                // Any records behind a sound zone section, as many as the input says.
                let mut message = SOUND[..12 + 26].to_vec();
                let (counts, rest) = input.split_at(input.len().min(2));
                message[6..12].fill(0);
                message[7] = counts.first().map_or(0, |count| count & 7);
                message[9] = counts.get(1).map_or(0, |count| count & 7);
                message.extend_from_slice(rest);
                check(&message);
            }
            _ => check(input),
        }
    });
}

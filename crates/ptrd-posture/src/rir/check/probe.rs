//! What each server is asked.

use super::message::Question;
use ptrd_wire::{Name, RecordType};

/// What a server is asked about a zone. Few questions, and each once: a reply serves all test cases that look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Ask {
    Soa,
    SoaTcp,
    Ns,
    NsTcp,
    Edns,
    EdnsVersion,
    EdnsOption,
    EdnsFlags,
    EdnsSmall,
    A,
    Aaaa,
    Case,
    OtherCase,
    Root,
    Outside,
    Dnskey,
    SoaSigned,
    Nsec,
    Nsec3Param,
    Cds,
}

/// A name that nobody has (RFC 6761 §6.4): a server that is no resolver refuses it.
const OUTSIDE: &str = "nobody.has.this.invalid";
/// An option that is not assigned.
pub(super) const OPTION: u16 = 137;
const DO: u16 = 0x8000;

/// What is asked first, then, where the zone was answered for, the rest; last what is about signatures, if there are any.
pub fn asks() -> [&'static [Ask]; 3] {
    use Ask::{
        A, Aaaa, Case, Cds, Dnskey, Edns, EdnsFlags, EdnsOption, EdnsSmall, EdnsVersion, Ns, NsTcp, Nsec,
        Nsec3Param, OtherCase, Outside, Root, Soa, SoaSigned, SoaTcp,
    };
    [
        &[Soa, SoaTcp],
        &[
            Ns,
            NsTcp,
            Edns,
            EdnsVersion,
            EdnsOption,
            EdnsFlags,
            EdnsSmall,
            A,
            Aaaa,
            Case,
            OtherCase,
            Root,
            Outside,
            Dnskey,
        ],
        &[SoaSigned, Nsec, Nsec3Param, Cds],
    ]
}

impl Ask {
    /// Whether it goes over TCP.
    pub fn tcp(self) -> bool {
        matches!(self, Ask::SoaTcp | Ask::NsTcp)
    }

    /// Whether a reply that is cut short is asked for again over TCP. Not where the cut is what is looked at.
    pub fn whole(self) -> bool {
        matches!(self, Ask::Dnskey | Ask::SoaSigned | Ask::Nsec | Ask::Nsec3Param | Ask::Cds)
    }

    /// The question for a zone.
    pub fn question(self, apex: &Name) -> Question {
        let plain = |rtype| Question::new(apex.clone(), rtype);
        let edns =
            |rtype, version, flags, option| Question { edns: Some((version, flags, option)), ..plain(rtype) };
        let named = |name: Name, rtype| Question::new(name, rtype);
        match self {
            Ask::Soa | Ask::SoaTcp => plain(RecordType::SOA),
            Ask::Ns | Ask::NsTcp => plain(RecordType::NS),
            Ask::Edns => edns(RecordType::SOA, 0, 0, None),
            Ask::EdnsVersion => edns(RecordType::SOA, 1, 0, None),
            Ask::EdnsOption => edns(RecordType::SOA, 0, 0, Some(OPTION)),
            Ask::EdnsFlags => edns(RecordType::SOA, 0, 3, None),
            Ask::EdnsSmall => Question { payload: Some(512), ..edns(RecordType::SOA, 0, DO, None) },
            Ask::A => plain(RecordType::A),
            Ask::Aaaa => plain(RecordType::AAAA),
            Ask::Case => named(below(apex, 0), RecordType::SOA),
            Ask::OtherCase => named(below(apex, 1), RecordType::SOA),
            Ask::Root => named(Name::root(), RecordType::NS),
            Ask::Outside => named(OUTSIDE.parse().expect("a name"), RecordType::A),
            Ask::Dnskey => edns(RecordType::DNSKEY, 0, DO, None),
            Ask::SoaSigned => edns(RecordType::SOA, 0, DO, None),
            Ask::Nsec => edns(RecordType::NSEC, 0, DO, None),
            Ask::Nsec3Param => edns(RecordType::NSEC3PARAM, 0, DO, None),
            Ask::Cds => edns(RecordType::CDS, 0, DO, None),
        }
    }
}

/// `www` below the zone, every second letter in upper case, from the first or the second on.
fn below(apex: &Name, odd: usize) -> Name {
    let name = Name::parse_relative("www", apex).unwrap_or_else(|_| apex.clone());
    let mut letters = 0;
    let labels: Vec<Vec<u8>> = name
        .labels()
        .map(|label| {
            let each = label.iter().map(|octet| {
                letters += usize::from(octet.is_ascii_alphabetic());
                if letters % 2 == odd { octet.to_ascii_uppercase() } else { octet.to_ascii_lowercase() }
            });
            each.collect()
        })
        .collect();
    Name::from_labels(&labels, &Name::root()).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_asked_once() {
        let mut all: Vec<Ask> = asks().into_iter().flatten().copied().collect();
        let apex: Name = "2.0.192.in-addr.arpa".parse().expect("a name");
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!((all.len(), count), (20, 20));
        let spelled = |ask: Ask| ask.question(&apex).name.to_string();
        assert_ne!(spelled(Ask::Case), spelled(Ask::OtherCase));
        assert_eq!(spelled(Ask::Case).to_lowercase(), spelled(Ask::OtherCase).to_lowercase());
    }
}

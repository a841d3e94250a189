//! Names, messages and address arithmetic: octets in, types out, octets back.
//!
//! The lowest layer. It refuses to do I/O, to read a clock and to allocate while a query is read
//! ([`QName`], [`Query`], [`Writer`]); owned types such as [`Name`] are for the change road. Octets from the
//! network are an attack until one of the constructors here has accepted them.
//!
//! - RFC 1035 §3.1, §4.1 (names, messages), §5.1 (text form of names: decimal `\DDD`)
//! - RFC 4034 §6.1 (canonical order), RFC 4343 (case), RFC 4034 §6.2 and RFC 3597 §6 (when two records are one)
//! - RFC 1982 (serial arithmetic), RFC 2181 §8 (TTL)
//! - RFC 4034 and RFC 5155 (the form of records that sign and deny)
//! - RFC 8945 (the form of TSIG records), RFC 2136 §2 (the form of updates)
//! - RFC 6891 (EDNS), RFC 3596 §2.5 and RFC 1035 §3.5 (reverse names), RFC 2317 and RFC 4183 (labels)

mod dnssec;
mod edns;
pub mod frame;
mod lifetime;
mod message;
mod name;
mod padding;
mod qname;
mod range;
mod rdata;
mod record;
mod reverse;
mod rrset;
mod tsig;
mod types;
mod update;
mod writer;

pub use dnssec::{Nsec, Nsec3, Nsec3Parameters, Rrsig, key_tag, push_type_bitmap, ttl_of_record};
pub use edns::{edns_size, edns_version};
pub use lifetime::lifetime;
pub use message::{
    CookieOption, Edns, FLAG_AA, FLAG_CD, FLAG_QR, FLAG_RA, FLAG_RD, FLAG_TC, HEADER_LEN, MalformedOption,
    Query, Refusal, TsigRecord, ixfr_serial, option,
};
pub use name::{
    LabelIter, Name, NameError, NameParent, cmp_wire, key_of_lower, parse_labels, sort_key, write_label_text,
};
pub use padding::{PADDED_BLOCK, PADDING_HEAD, asks_for_padding, pad, request_padding};
pub use qname::{QName, QNameError, labels_of_wire};
pub use range::{AddrRange, RangeError, RangeRelation, ip_from_bits, ip_to_bits};
pub use rdata::{
    Soa, additional_name, compressible_name, embedded_names, folded_rdata, rdata_has_form,
    rdata_is_well_formed, same_rdata,
};
pub use record::{MessageRecord, edns_option, read_question};
pub use reverse::{
    Family, ReverseName, ReversePrefix, canonical_octet, classless_label, label_prefixes, low_bits,
    registry_depth, tile_for_registry,
};
pub use rrset::RrSet;
pub use tsig::{MisplacedTsig, Tsig, UnsignedTsig, tsig_error};
pub use types::{Class, Opcode, Rcode, RecordType, Serial, Ttl, UnknownMnemonic, ede};
pub use update::{MOST_RECORDS, MOST_UNPACKED, Prerequisite, RecordChange, Update, UpdateMessage};
pub use writer::{Mark, Owner, Section, WriteFull, Writer};

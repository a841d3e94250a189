//! Types that `domain` reads and writes.
//!
//! Each record's data is handed to a zone-file scanner of its own, as one line without comments and
//! parentheses, in printable ASCII and with absolute names, so that the scanner sees nothing that it has to
//! recover from. What it gives back is checked on the octets afterwards.
//!
//! Some types that it does not know have the form of one that it knows ([`model`]).

use crate::error::{RdataError, clean, quoted};
use crate::fields::{Fields, escape_octets, name_of};
use crate::names::push_name;
use crate::rdata::{portable, strict::is_strict};
use domain::base::iana::{Rtype, SecurityAlgorithm};
use domain::base::name::ParsedName;
use domain::base::rdata::{ComposeRecordData, ParseRecordData};
use domain::base::zonefile_fmt::{DisplayKind, ZonefileFmt};
use domain::dep::octseq::Parser;
use domain::rdata::ZoneRecordData;
use domain::zonefile::inplace::{Entry, Zonefile};
use ptrd_wire::RecordType;
use std::borrow::Cow;
use std::fmt::Write;

/// The type whose form this type has, as far as `domain` knows it.
fn model(rtype: RecordType) -> Option<Rtype> {
    Some(match rtype {
        RecordType::HINFO => Rtype::HINFO,
        RecordType::NAPTR => Rtype::NAPTR,
        RecordType::DS => Rtype::DS,
        RecordType::CDS => Rtype::CDS,
        RecordType::SSHFP => Rtype::SSHFP,
        RecordType::IPSECKEY => Rtype::IPSECKEY,
        RecordType::RRSIG | RecordType::SIG => Rtype::RRSIG,
        RecordType::NSEC => Rtype::NSEC,
        RecordType::DNSKEY | RecordType::KEY => Rtype::DNSKEY,
        RecordType::CDNSKEY => Rtype::CDNSKEY,
        RecordType::NSEC3 => Rtype::NSEC3,
        RecordType::NSEC3PARAM => Rtype::NSEC3PARAM,
        RecordType::TLSA | RecordType::SMIMEA => Rtype::TLSA,
        RecordType::OPENPGPKEY | RecordType::DHCID => Rtype::OPENPGPKEY,
        RecordType::ZONEMD => Rtype::ZONEMD,
        RecordType::SVCB => Rtype::SVCB,
        RecordType::HTTPS => Rtype::HTTPS,
        RecordType::CAA => Rtype::CAA,
        _ => return None,
    })
}

/// Reads the data through the scanner.
pub fn read(rtype: RecordType, fields: &mut Fields<'_>) -> Result<Vec<u8>, RdataError> {
    scan(model(rtype).ok_or(RdataError::NoTextForm)?, "", fields)
}

/// Reads `before` and the fields that are left as data of a type that the scanner knows.
pub fn scan(model: Rtype, before: &str, fields: &mut Fields<'_>) -> Result<Vec<u8>, RdataError> {
    if fields.is_empty() {
        return Err(RdataError::Missing("data"));
    }
    let mut zonefile = Zonefile::from(line(model, before, fields)?.as_str());
    match zonefile.next_entry() {
        Ok(Some(Entry::Record(record))) => {
            fields.skip_rest();
            Ok(composed(record.data()))
        }
        Ok(_) => Err(RdataError::Missing("data")),
        Err(error) => {
            // The scanner's own position is that in our line; only what follows it is news.
            let message = error.to_string();
            let reason = message.splitn(3, ": ").skip(1).collect::<Vec<_>>().join(": ");
            Err(RdataError::Malformed(clean(&reason)))
        }
    }
}

fn line(model: Rtype, before: &str, fields: &Fields<'_>) -> Result<String, RdataError> {
    let mut line = format!(". 0 IN {model} {before}");
    let words: Vec<_> = fields.rest().collect();
    for (n, &(octets, word)) in words.iter().enumerate() {
        if !word.glued {
            line.push(' ');
        }
        let is_name = before.is_empty() && name_field(model, words.get(1).map(|word| word.0)) == Some(n);
        let algorithm = (algorithm_field(model) == Some(n)).then(|| SecurityAlgorithm::from_mnemonic(octets));
        match (octets, word.quoted, algorithm.flatten()) {
            (_, false, Some(algorithm)) => _ = write!(line, "{}", algorithm.to_int()),
            (_, false, None) if is_name => _ = write!(line, "{}", name_of(octets, fields.origin())?),
            (_, false, None) => line.push_str(&escape_octets(octets)),
            (_, true, _) => _ = write!(line, "\"{}\"", escape_octets(octets)),
        }
    }
    line.push('\n');
    Ok(line)
}

/// Which field is a name; for IPSECKEY that depends on the gateway type, its second field. Names go to the
/// scanner absolute: it takes `@` in record data for a label and lets an empty label pass.
fn name_field(model: Rtype, second: Option<&[u8]>) -> Option<usize> {
    match model {
        Rtype::NSEC => Some(0),
        Rtype::SVCB | Rtype::HTTPS => Some(1),
        Rtype::IPSECKEY if second == Some(b"3") => Some(3),
        Rtype::NAPTR => Some(5),
        Rtype::RRSIG => Some(7),
        _ => None,
    }
}

/// Which field is a DNSSEC algorithm, which people write as a mnemonic as well; the scanner knows the numbers.
fn algorithm_field(model: Rtype) -> Option<usize> {
    match model {
        Rtype::DS | Rtype::CDS | Rtype::RRSIG => Some(1),
        Rtype::DNSKEY | Rtype::CDNSKEY => Some(2),
        _ => None,
    }
}

fn composed(data: &impl ComposeRecordData) -> Vec<u8> {
    let mut out = Vec::new();
    // A Vec grows; its append error has no values.
    let _ = data.compose_rdata(&mut out);
    out
}

/// Whether octets have the form of the type; `None` when the type is not known here.
pub fn is_well_formed(rtype: RecordType, rdata: &[u8]) -> Option<bool> {
    let model = model(rtype)?;
    Some(display(model, rdata).is_some() && is_strict(rtype, rdata))
}

/// The text of the data, if it has the form of the type.
pub fn to_text(rtype: RecordType, rdata: &[u8]) -> Option<String> {
    let model = model(rtype)?;
    let text = display(model, rdata)?;
    let mut words: Vec<Cow<'_, str>> = text.split(' ').map(Cow::from).collect();
    if model == Rtype::RRSIG {
        // Its times as dates (RFC 4034 §3.2): NSD reads no others.
        for word in words.get_mut(4..6)? {
            let time = jiff::Timestamp::from_second(word.parse().ok()?).ok()?;
            *word = time.strftime("%Y%m%d%H%M%S").to_string().into();
        }
    }
    // The scanner has mnemonics that other servers lack.
    let types = match model {
        Rtype::RRSIG => words.get_mut(..1),
        Rtype::NSEC => words.get_mut(1..),
        Rtype::NSEC3 => words.get_mut(5..),
        _ => None,
    };
    for word in types.into_iter().flatten() {
        *word = portable(RecordType(word.parse::<Rtype>().ok()?.to_int())).into();
    }
    // A NAPTR's strings may hold spaces; its name is the last word.
    let last = words.len() - 1;
    let name_field = name_field(model, words.get(1).map(|word| word.as_bytes()));
    if let Some(n) = name_field.map(|n| if model == Rtype::NAPTR { last } else { n }) {
        let mut name = String::new();
        push_name(name_of(words.get(n)?.as_bytes(), None).ok()?.as_wire(), &mut name);
        words[n] = name.into();
    }
    Some(words.join(" "))
}

/// The text of octets that are, entirely and uncompressed, data of a type that `domain` knows.
fn display(model: Rtype, rdata: &[u8]) -> Option<String> {
    let mut parser = Parser::from_ref(rdata);
    let data = ZoneRecordData::<&[u8], ParsedName<&[u8]>>::parse_rdata(model, &mut parser).ok().flatten()?;
    let has_parameters = match &data {
        ZoneRecordData::Svcb(data) => data.params().iter_all().all(|value| value.is_ok()),
        ZoneRecordData::Https(data) => data.params().iter_all().all(|value| value.is_ok()),
        _ => true,
    };
    if parser.remaining() > 0 || composed(&data) != rdata || !has_parameters {
        return None;
    }
    let mut text = String::new();
    // Not `to_string`, which panics where a formatter reports an error.
    write!(text, "{}", data.display_zonefile(DisplayKind::Simple)).ok()?;
    Some(text)
}

/// A field in base64, for the types with a codec of our own.
pub fn decode_base64(text: &str) -> Result<Vec<u8>, RdataError> {
    domain::utils::base64::decode(text)
        .map_err(|_| RdataError::Field { text: quoted(text.as_bytes()), what: "base64" })
}

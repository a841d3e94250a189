//! The customer's side of a cut: nameservers, glue, DS.

use crate::names::{NAMESERVER, host};
use crate::problem::{bad, conflict, invalid, quote, some};
use crate::ptr::read_address;
use ptrd_api::{NameserverSpec, Problem};
use ptrd_wire::{Name, RecordType};
use ptrd_zone::model::{Delegation, Nameserver};

/// As many as fit into a referral.
const MAX_NAMESERVERS: usize = 13;
const MAX_ADDRESSES: usize = 8;
const MAX_DS: usize = 16;

/// Reads nameservers with glue, and DS data.
pub(crate) fn read(nameservers: &[NameserverSpec], ds: &[String]) -> Result<Delegation, Problem> {
    if nameservers.is_empty() {
        return Err(bad("a delegation needs a nameserver")
            .hint("--nameserver NAME, or NAME=ADDRESS where glue is needed"));
    }
    if nameservers.len() > MAX_NAMESERVERS {
        return Err(invalid(format!("{} nameservers: at most {MAX_NAMESERVERS}", nameservers.len())));
    }
    let mut read: Vec<Nameserver> = Vec::with_capacity(nameservers.len());
    for spec in nameservers {
        let name =
            host(&spec.name, NAMESERVER).map_err(|message| invalid(format!("nameserver {message}")))?;
        if read.iter().any(|known| known.name == name) {
            return Err(invalid(format!("the nameserver {name} is given twice")));
        }
        let mut addresses = Vec::with_capacity(spec.addresses.len());
        for text in &spec.addresses {
            let address = read_address(text)?;
            if address.is_unspecified() || address.is_multicast() {
                return Err(invalid(format!("{address} is no address of a nameserver")));
            }
            if addresses.contains(&address) {
                return Err(invalid(format!("{name} has the address {address} twice")));
            }
            addresses.push(address);
        }
        if addresses.len() > MAX_ADDRESSES {
            return Err(invalid(format!(
                "{name} has {} addresses: at most {MAX_ADDRESSES}",
                addresses.len()
            )));
        }
        read.push(Nameserver { name, addresses });
    }
    if ds.len() > MAX_DS {
        return Err(invalid(format!("{} DS records: at most {MAX_DS}", ds.len())));
    }
    let mut records: Vec<Box<[u8]>> = Vec::with_capacity(ds.len());
    for text in ds {
        let rdata = ptrd_master::rdata_from_text(RecordType::DS, text, &Name::root())
            .map_err(|error| invalid(format!("DS {}: {error}", quote(text))))?;
        if records.contains(&rdata) {
            return Err(invalid(format!("the DS {} is given twice", quote(text))));
        }
        records.push(rdata);
    }
    Ok(Delegation { nameservers: read, ds: records })
}

/// Checks glue against the cuts: needed at or below one, and out of place elsewhere (RFC 9471: in-domain glue only).
/// `owners` is how many different owners the DS records would get.
pub(crate) fn check_glue(delegation: &Delegation, cuts: &[Name], owners: usize) -> Result<(), Problem> {
    for server in &delegation.nameservers {
        let inside = cuts.iter().find(|cut| server.name.is_at_or_under(cut));
        match inside {
            Some(cut) if server.addresses.is_empty() => {
                return Err(invalid(format!(
                    "the nameserver {} lies within {cut}, which is being delegated: nobody could find it without glue",
                    server.name
                ))
                .hint("give its addresses: NAME=ADDRESS"));
            }
            None if !server.addresses.is_empty() => {
                return Err(invalid(format!(
                    "the nameserver {} lies outside what is delegated ({}): glue is for names within it only",
                    server.name,
                    some(cuts, 2)
                ))
                .hint("leave its addresses out"));
            }
            _ => {}
        }
    }
    if owners > 1 && !delegation.ds.is_empty() {
        return Err(conflict(
            "a DS record is for one zone: its digest covers the zone's name (RFC 4034 §5.1.4)",
        )
        .hint("add a block for each zone that is signed"));
    }
    Ok(())
}

//! Whether a zone that looks signed is whole: each RRset of its own is signed, and one chain of NSEC or NSEC3 records speaks
//! of each of its names, of its types, and of nothing else (RFC 4035 §2, RFC 5155 §7.1). One pass over the names; with NSEC3
//! their hashes are sorted besides.

use super::hash::{NameHash, hash, key_of_hash};
use super::names::{Named, Standing, each};
use super::signatures::Keys;
use super::{MAX_ITERATIONS, NotWhole, Signing, hash_of_owner};
use crate::names::{NodeRef, RrSetRef};
use crate::zone::Zone;
use ptrd_wire::{Name, Nsec, Nsec3, Nsec3Parameters, RecordType, push_type_bitmap};

pub(super) fn examine(zone: &Zone) -> Result<Signing, NotWhole> {
    let keys = Keys::of(zone)?;
    let apex = zone.apex_node();
    let has_nsec = apex.is_some_and(|node| node.rrset(RecordType::NSEC).is_some());
    let parameters =
        apex.and_then(|node| node.rrset(RecordType::NSEC3PARAM)).and_then(|set| chosen(zone, set));
    match parameters {
        _ if has_nsec && (parameters.is_some() || !zone.names().hashes().is_empty()) => {
            Err(NotWhole::BothKinds)
        }
        Some(parameters) => examine_nsec3(zone, &keys, parameters),
        None if has_nsec => examine_nsec(zone, &keys),
        None => Err(NotWhole::NoDenial),
    }
}

/// The parameters to go by: of those without flags (RFC 5155 §4.1.2), what the first NSEC3 record has.
fn chosen<'z>(zone: &'z Zone, set: RrSetRef<'z>) -> Option<Nsec3Parameters<'z>> {
    let usable = || set.rdatas().filter_map(Nsec3Parameters::read).filter(|parameters| parameters.flags == 0);
    let first = zone.names().hashes().iter().next();
    let node = first.and_then(|(hash, ())| zone.names().node(&key_of_hash(hash)));
    let rdata = node.and_then(|node| node.rrset(RecordType::NSEC3)).and_then(|set| set.rdatas().next());
    let used = rdata.and_then(Nsec3::read).map(|nsec3| Nsec3Parameters { flags: 0, ..nsec3.parameters });
    usable().find(|parameters| Some(*parameters) == used).or_else(|| usable().next())
}

/// The RRsets that the zone has at a name and must sign, in the order of types. The SOA, which stands elsewhere, is among
/// those of the apex.
fn signed_types<'a>(named: &Named<'a>, node: NodeRef<'a>) -> impl Iterator<Item = RecordType> + use<'a> {
    let is_cut = matches!(named.standing, Standing::Cut(_));
    let mut types: Vec<RecordType> = node.rrsets().map(|rrset| rrset.rtype).collect();
    types.retain(|rtype| match *rtype {
        RecordType::RRSIG | RecordType::NSEC3 => false,
        RecordType::DS | RecordType::NSEC => true,
        _ => !is_cut,
    });
    if named.key.is_empty() {
        types.push(RecordType::SOA);
        types.sort_unstable();
    }
    types.into_iter()
}

/// The bitmap that speaks of a name: what is signed there, the signatures, and the NS of a cut.
fn bitmap_into(named: &Named<'_>, node: NodeRef<'_>, out: &mut Vec<u8>) {
    let mut types: Vec<RecordType> = signed_types(named, node).collect();
    if node.rrset(RecordType::RRSIG).is_some() {
        types.push(RecordType::RRSIG);
    }
    if let Standing::Cut(_) = named.standing {
        types.push(RecordType::NS);
    }
    types.sort_unstable();
    out.clear();
    push_type_bitmap(types, out);
}

fn check_signatures(
    zone: &Zone,
    keys: &Keys<'_>,
    named: &Named<'_>,
    node: NodeRef<'_>,
) -> Result<(), NotWhole> {
    let labels = zone.apex_labels() + named.labels();
    signed_types(named, node).try_for_each(|rtype| keys.check(named.key, node, rtype, labels))
}

/// The one record of a type at a name.
fn only<'a>(zone: &Zone, key: &[u8], rrset: RrSetRef<'a>) -> Result<&'a [u8], NotWhole> {
    let mut rdatas = rrset.rdatas();
    match (rdatas.next(), rdatas.next()) {
        (Some(rdata), None) => Ok(rdata),
        _ => Err(NotWhole::Several { owner: zone.name_of_key(key), rtype: rrset.rtype }),
    }
}

fn examine_nsec(zone: &Zone, keys: &Keys<'_>) -> Result<Signing, NotWhole> {
    // The name before, and where its record leads.
    let mut before: Option<(Vec<u8>, Vec<u8>)> = None;
    let mut bitmap = Vec::new();
    let leads_to = |before: &Option<(Vec<u8>, Vec<u8>)>, expected: Name| match before {
        Some((key, next)) if !next.eq_ignore_ascii_case(expected.as_wire()) => Err(NotWhole::NsecChain {
            owner: zone.name_of_key(key),
            next: Name::from_wire(next).unwrap_or_else(|_| Name::root()),
            expected,
        }),
        _ => Ok(()),
    };
    each(zone, &mut |named| {
        let node = match named.standing {
            Standing::Own(node) | Standing::Cut(node) => node,
            Standing::Hidden(node) if node.rrset(RecordType::NSEC).is_some() => {
                return Err(NotWhole::StrayNsec { owner: zone.name_of_key(named.key) });
            }
            _ => return Ok(()),
        };
        let owner = || zone.name_of_key(named.key);
        let nsec = node.rrset(RecordType::NSEC).ok_or_else(|| NotWhole::NoNsec { owner: owner() })?;
        let rdata = only(zone, named.key, nsec)?;
        let nsec =
            Nsec::read(rdata).ok_or_else(|| NotWhole::Damaged { owner: owner(), rtype: RecordType::NSEC })?;
        leads_to(&before, owner())?;
        check_signatures(zone, keys, &named, node)?;
        bitmap_into(&named, node, &mut bitmap);
        if bitmap != nsec.types {
            return Err(NotWhole::Types { rtype: RecordType::NSEC, owner: owner() });
        }
        before = Some((named.key.to_vec(), nsec.next.to_vec()));
        Ok(())
    })?;
    leads_to(&before, zone.apex().clone())?;
    Ok(Signing::Nsec)
}

/// A name that may or must have an NSEC3 record.
struct Wanted {
    hash: NameHash,
    /// The sum of its bitmap.
    types: u32,
    needed: bool,
}

/// An NSEC3 record.
struct Link {
    hash: NameHash,
    types: u32,
    opt_out: bool,
}

fn examine_nsec3(zone: &Zone, keys: &Keys<'_>, parameters: Nsec3Parameters<'_>) -> Result<Signing, NotWhole> {
    if parameters.algorithm != 1 {
        return Err(NotWhole::Algorithm(parameters.algorithm));
    }
    if parameters.iterations > MAX_ITERATIONS {
        return Err(NotWhole::Iterations(parameters.iterations));
    }
    let (mut wanted, mut links, mut bitmap) = (Vec::new(), Vec::new(), Vec::new());
    let mut next = None;
    each(zone, &mut |named| {
        let needed = match named.standing {
            Standing::Hash(node) => {
                let (link, leads_to) = read_link(zone, keys, &named, node, &parameters)?;
                check_next(zone, links.last(), next, &link.hash)?;
                next = Some(leads_to);
                links.push(link);
                return Ok(());
            }
            Standing::Hidden(_) => return Ok(()),
            Standing::Own(node) | Standing::Cut(node) => {
                check_signatures(zone, keys, &named, node)?;
                bitmap_into(&named, node, &mut bitmap);
                matches!(named.standing, Standing::Own(_)) || node.rrset(RecordType::DS).is_some()
            }
            Standing::Empty { needed } => {
                bitmap.clear();
                needed
            }
        };
        let (hash, types) = (hash_of_key(zone, named.key, &parameters), crc32fast::hash(&bitmap));
        wanted.push(Wanted { hash, types, needed });
        Ok(())
    })?;
    if let Some(first) = links.first() {
        check_next(zone, links.last(), next, &first.hash)?;
    }
    wanted.sort_unstable_by_key(|name| name.hash);
    compare(zone, &parameters, &wanted, &links)?;
    Ok(Signing::Nsec3 {
        iterations: parameters.iterations,
        salt: parameters.salt.into(),
        opt_out: links.iter().any(|link| link.opt_out),
    })
}

fn read_link(
    zone: &Zone,
    keys: &Keys<'_>,
    named: &Named<'_>,
    node: NodeRef<'_>,
    parameters: &Nsec3Parameters<'_>,
) -> Result<(Link, NameHash), NotWhole> {
    let (owner, rtype) = (|| zone.name_of_key(named.key), RecordType::NSEC3);
    let damaged = || NotWhole::Damaged { owner: owner(), rtype };
    let hash = hash_of_owner(named.key).ok_or_else(damaged)?;
    let rdata = only(zone, named.key, node.rrset(rtype).ok_or_else(damaged)?)?;
    let nsec3 = Nsec3::read(rdata).ok_or_else(damaged)?;
    if (Nsec3Parameters { flags: 0, ..nsec3.parameters }) != *parameters {
        return Err(NotWhole::OtherChain { owner: owner() });
    }
    keys.check(named.key, node, rtype, zone.apex_labels() + 1)?;
    let next = nsec3.next.try_into().map_err(|_| damaged())?;
    let opt_out = nsec3.parameters.flags & 1 == 1;
    Ok((Link { hash, types: crc32fast::hash(nsec3.types), opt_out }, next))
}

/// Whether the record before leads to this hash.
fn check_next(
    zone: &Zone,
    before: Option<&Link>,
    next: Option<NameHash>,
    hash: &NameHash,
) -> Result<(), NotWhole> {
    match before {
        Some(link) if next != Some(*hash) => {
            Err(NotWhole::Nsec3Chain { owner: owner_of(zone, &link.hash), expected: label_of(hash) })
        }
        _ => Ok(()),
    }
}

/// Holds the names against the records, both in the order of hashes.
fn compare(
    zone: &Zone,
    parameters: &Nsec3Parameters<'_>,
    wanted: &[Wanted],
    links: &[Link],
) -> Result<(), NotWhole> {
    let name = |hash: &NameHash| name_with(zone, parameters, hash);
    let stray = |link: &Link| NotWhole::StrayNsec3 { owner: owner_of(zone, &link.hash) };
    let mut rest = links;
    for name_wanted in wanted {
        let hash = &name_wanted.hash;
        if let Some(link) = rest.first().filter(|link| link.hash < *hash) {
            return Err(stray(link));
        }
        match rest.split_first().filter(|(link, _)| link.hash == *hash) {
            Some((link, _)) if link.types != name_wanted.types => {
                return Err(NotWhole::Types { rtype: RecordType::NSEC3, owner: name(hash) });
            }
            Some((_, after)) => rest = after,
            None => {
                // RFC 5155 §7.1: what an Opt-Out record covers may lack one, if it is or leads to a delegation without DS.
                let covering = links[..links.len() - rest.len()].last().or(links.last());
                if name_wanted.needed || !covering.is_some_and(|link| link.opt_out) {
                    return Err(NotWhole::NoNsec3 { owner: name(hash), hash: label_of(hash) });
                }
            }
        }
    }
    rest.first().map_or(Ok(()), |link| Err(stray(link)))
}

fn hash_of_key(zone: &Zone, key: &[u8], parameters: &Nsec3Parameters<'_>) -> NameHash {
    let name = zone.name_of_key(key);
    let below = &name.as_wire()[..name.as_wire().len() - zone.apex_lower().len()];
    hash(below, zone.apex_lower(), parameters.salt, parameters.iterations)
}

/// The name that has a hash: all are hashed again, for the sake of the message.
fn name_with(zone: &Zone, parameters: &Nsec3Parameters<'_>, wanted: &NameHash) -> Name {
    let mut found = None;
    // What was wrong was found before.
    let _ = each(zone, &mut |named| {
        if found.is_none() && hash_of_key(zone, named.key, parameters) == *wanted {
            found = Some(zone.name_of_key(named.key));
        }
        Ok(())
    });
    found.unwrap_or_else(|| zone.apex().clone())
}

fn label_of(hash: &NameHash) -> String {
    String::from_utf8_lossy(&key_of_hash(hash)[..32]).into_owned()
}

fn owner_of(zone: &Zone, hash: &NameHash) -> Name {
    zone.name_of_key(&key_of_hash(hash))
}

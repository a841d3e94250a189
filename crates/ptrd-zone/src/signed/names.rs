//! The names of a zone that proofs must speak of, in canonical order: those with RRsets of the zone's own, cuts, and empty
//! non-terminals (RFC 5155 §7.1); and those that proofs must pass over, below cuts and DNAMEs.

use super::{NotWhole, hash_of_owner};
use crate::names::NodeRef;
use crate::zone::Zone;
use ptrd_wire::RecordType;

/// A name, with its key below the apex.
pub(super) struct Named<'a> {
    pub key: &'a [u8],
    pub standing: Standing<'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Standing<'a> {
    /// The zone's own.
    Own(NodeRef<'a>),
    /// A delegation.
    Cut(NodeRef<'a>),
    /// An empty non-terminal; without `needed`, one that leads to delegations without DS alone.
    Empty { needed: bool },
    /// The owner of an NSEC3 record.
    Hash(NodeRef<'a>),
    /// Below a cut or DNAME.
    Hidden(NodeRef<'a>),
}

impl Named<'_> {
    /// How many labels signatures of the owner count, below the apex (RFC 4034 §3.1.3).
    pub fn labels(&self) -> usize {
        let all = self.key.iter().filter(|&&octet| octet == 0).count();
        let is_wildcard = self.key == b"*\0" || self.key.ends_with(b"\0*\0");
        all - usize::from(is_wildcard)
    }
}

/// Calls `visit` for each name. An empty non-terminal comes after the name that led to it.
pub(super) fn each<'z>(
    zone: &'z Zone,
    visit: &mut impl FnMut(Named<'_>) -> Result<(), NotWhole>,
) -> Result<(), NotWhole> {
    let mut cursor = zone.names().cursor(&[]);
    let mut above = Above::default();
    let mut end: Option<Vec<u8>> = None;
    while let Some((key, node)) = cursor.now() {
        let node: NodeRef<'z> = if key.is_empty() { zone.apex_node().unwrap_or(node) } else { node };
        let has = |rtype| node.rrset(rtype).is_some();
        if has(RecordType::NSEC3) && hash_of_owner(key).is_some() {
            visit(Named { key, standing: Standing::Hash(node) })?;
        }
        let is_hidden = end.as_ref().is_some_and(|end| key.starts_with(end));
        if !is_hash_alone(key, node) && is_hidden {
            visit(Named { key, standing: Standing::Hidden(node) })?;
        } else if !is_hash_alone(key, node) {
            let is_cut = !key.is_empty() && has(RecordType::NS);
            if is_cut || has(RecordType::DNAME) {
                end = Some(key.to_vec());
            }
            above.go_to(key, !is_cut || has(RecordType::DS), visit)?;
            let standing = if is_cut { Standing::Cut(node) } else { Standing::Own(node) };
            visit(Named { key, standing })?;
        }
        cursor.advance();
    }
    above.leave(0, visit)
}

/// Whether a name is there for an NSEC3 record alone, and otherwise does not exist (RFC 5155 §7.2.8).
pub(crate) fn is_hash_alone(key: &[u8], node: NodeRef<'_>) -> bool {
    hash_of_owner(key).is_some()
        && node.rrset(RecordType::NSEC3).is_some()
        && node.rrsets().all(|rrset| matches!(rrset.rtype, RecordType::NSEC3 | RecordType::RRSIG))
}

/// The name that was visited last, and its ancestors below the apex.
#[derive(Default)]
struct Above {
    key: Vec<u8>,
    /// Where each ends in the key, and whether it still has to be visited as an empty non-terminal.
    ends: Vec<(usize, bool)>,
}

impl Above {
    /// Goes on to the next name; one that needs a proof makes its ancestors need one.
    fn go_to(
        &mut self,
        key: &[u8],
        needed: bool,
        visit: &mut impl FnMut(Named<'_>) -> Result<(), NotWhole>,
    ) -> Result<(), NotWhole> {
        let shared = self.key.iter().zip(key).take_while(|(a, b)| a == b).count();
        self.leave(shared, visit)?;
        let known = self.ends.last().map_or(0, |(end, _)| *end);
        let ends = key.iter().enumerate().filter(|(_, octet)| **octet == 0).map(|(at, _)| at + 1);
        self.ends.extend(ends.filter(|end| *end > known).map(|end| (end, end < key.len())));
        self.key.clear();
        self.key.extend_from_slice(key);
        for (end, waits) in self.ends.iter_mut().filter(|(_, waits)| *waits && needed) {
            *waits = false;
            visit(Named { key: &key[..*end], standing: Standing::Empty { needed: true } })?;
        }
        Ok(())
    }

    /// Leaves the names that end behind this place of the key.
    fn leave(
        &mut self,
        shared: usize,
        visit: &mut impl FnMut(Named<'_>) -> Result<(), NotWhole>,
    ) -> Result<(), NotWhole> {
        while let Some((end, waits)) = self.ends.pop_if(|(end, _)| *end > shared) {
            if waits {
                visit(Named { key: &self.key[..end], standing: Standing::Empty { needed: false } })?;
            }
        }
        Ok(())
    }
}

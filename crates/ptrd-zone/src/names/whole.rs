//! Names with all that they have, put in the place of what a tree has there.

use super::{Entry, NameTree, NodeRef, pack, pack_rrset};
use ptrd_wire::{RecordType, RrSet};

/// A name as it is to be; without an RRset it goes.
pub(crate) struct Whole(Entry);

impl Whole {
    /// What a name has already, and RRsets of other types besides.
    pub fn new(key: Box<[u8]>, node: Option<NodeRef<'_>>, more: impl IntoIterator<Item = RrSet>) -> Whole {
        let own = node.into_iter().flat_map(|node| node.rrsets());
        let own = own.map(|rrset| (rrset.rtype, pack(rrset.ttl, rrset.count, rrset.records)));
        let mut rrsets: Vec<_> = own.collect();
        rrsets.extend(more.into_iter().map(|rrset| (rrset.rtype, pack_rrset(&rrset))));
        rrsets.sort_by_key(|(rtype, _)| *rtype);
        Whole(Entry { key, spelling: node.map_or(&[][..], |node| node.spelling).into(), rrsets })
    }

    /// Whether this is how the name is.
    fn is(&self, node: Option<NodeRef<'_>>) -> bool {
        let Some(node) = node else { return self.0.rrsets.is_empty() };
        *self.0.spelling == *node.spelling
            && self.0.rrsets.len() == node.rrsets().count()
            && self.0.rrsets.iter().zip(node.rrsets()).all(|((rtype, packed), rrset)| {
                *rtype == rrset.rtype && *packed == pack(rrset.ttl, rrset.count, rrset.records)
            })
    }

    /// How many labels it has below the apex.
    fn depth(&self) -> usize {
        self.0.key.iter().filter(|octet| **octet == 0).count()
    }

    fn ends_zone(&self) -> bool {
        self.0.rrsets.iter().any(|(rtype, _)| matches!(*rtype, RecordType::NS | RecordType::DNAME))
    }
}

impl NameTree {
    /// Puts names, whose keys rise; returns whether any was another.
    pub(crate) fn put_whole(&mut self, mut names: Vec<Whole>) -> bool {
        names.retain(|whole| !whole.is(self.node(&whole.0.key)));
        for whole in names.iter().filter(|whole| whole.ends_zone() && whole.depth() < 128) {
            self.zone_ends |= 1 << whole.depth();
        }
        self.rebuild(
            &names,
            |whole| &whole.0.key,
            |entries, names| {
                for Whole(name) in names {
                    let place = entries.binary_search_by(|entry| entry.key.cmp(&name.key));
                    match (place, name.rrsets.is_empty()) {
                        (Ok(place), true) => drop(entries.remove(place)),
                        (Ok(place), false) => entries[place] = name.clone(),
                        (Err(_), true) => {}
                        (Err(place), false) => entries.insert(place, name.clone()),
                    }
                }
            },
        );
        !names.is_empty()
    }
}

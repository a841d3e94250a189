//! One changed entry spliced into a page: everything else is copied as it stands, which costs a tenth of building
//! the page anew. What a splice cannot do cheaply it declines, and the caller rebuilds: a test holds both equal.

use crate::page::{Form, Page, TTL_INLINE, WIDE, encode_head, end_of_name, u16_at, u32_at};
use crate::v4::Wanted;

/// Endings that no entry uses any more stay until the page is rebuilt, after so many splices.
const MOST_SPLICES: u8 = 64;

impl Page {
    /// The page with one entry put or removed; `None` if it has to be rebuilt.
    pub(crate) fn splice(&self, form: Form, key: u128, wanted: &Wanted<'_>) -> Option<Page> {
        let old = self.octets();
        let (nth, present) = match form {
            Form::Direct => (self.rank(key as u8), self.direct(key as u8).is_some()),
            Form::Keyed(width) => match self.search(key, width) {
                Ok(nth) => (nth, true),
                Err(nth) => (nth, false),
            },
        };
        let count = self.len() + usize::from(wanted.is_some()) - usize::from(present);
        if wanted.is_none() && !present {
            return Some(self.clone());
        }
        if old[6] >= MOST_SPLICES || count == 0 || !self.shares_start(form, key) {
            return None;
        }
        let wide = old[0] & WIDE != 0;
        let width = if wide { 4 } else { 2 };
        let (offsets, records) = (self.offsets_start(), u32_at(old, 8));
        let endings = &old[offsets + width * self.len()..records];
        let mut fresh = Vec::new();
        let record = match wanted {
            Some((ttl, inherited, names)) => {
                let index =
                    (0..usize::from(old[4])).find(|&n| u32_at(old, 12 + 4 * n) as u32 == ttl.as_secs());
                let index = index.map_or(TTL_INLINE, |index| index as u8);
                self.record(index, ttl.as_secs(), *inherited, names, endings, &mut fresh, wide)?
            }
            None => Vec::new(),
        };
        let offset = |nth: usize| match () {
            () if nth == self.len() => old.len() - records,
            () if wide => u32_at(old, offsets + 4 * nth),
            () => u16_at(old, offsets + 2 * nth),
        };
        let (start, end) = (offset(nth), offset(nth + usize::from(present)));
        if !wide && old.len() - records + record.len() > 0xffff {
            return None;
        }
        let mut out = Vec::with_capacity(old.len() + fresh.len() + record.len() + 64);
        out.extend_from_slice(&old[..self.index_start()]);
        out[2..4].copy_from_slice(&(count as u16).to_le_bytes());
        out[6] += 1;
        self.write_index(&mut out, form, key, nth, present, wanted.is_some());
        let mut write_offset = |offset: usize| out.extend_from_slice(&(offset as u32).to_le_bytes()[..width]);
        (0..nth).for_each(|n| write_offset(offset(n)));
        if wanted.is_some() {
            write_offset(start);
        }
        (nth + usize::from(present)..self.len())
            .for_each(|n| write_offset(offset(n) + record.len() - (end - start)));
        out.extend_from_slice(endings);
        out.extend_from_slice(&fresh);
        let records_start = (out.len() as u32).to_le_bytes();
        out[8..12].copy_from_slice(&records_start);
        out.extend_from_slice(&old[records..records + start]);
        out.extend_from_slice(&record);
        out.extend_from_slice(&old[records + end..]);
        Some(Page::from_octets(&out))
    }

    fn shares_start(&self, form: Form, key: u128) -> bool {
        let Form::Keyed(width) = form else { return true };
        let start = &self.octets()[self.index_start()..self.keys_start()];
        key.to_be_bytes()[16 - width..].starts_with(start)
    }

    /// How many entries of a direct page come before this octet.
    fn rank(&self, octet: u8) -> usize {
        let bitmap = self.index_start();
        let word = usize::from(octet >> 5);
        let bits = u32_at(self.octets(), bitmap + 4 * word) as u32 & ((1u32 << (octet & 31)) - 1);
        usize::from(self.octets()[bitmap + 32 + word]) + bits.count_ones() as usize
    }

    fn write_index(&self, out: &mut Vec<u8>, form: Form, key: u128, nth: usize, present: bool, wanted: bool) {
        let (old, index) = (self.octets(), self.index_start());
        match form {
            Form::Direct => {
                let mut words: [u32; 8] = std::array::from_fn(|n| u32_at(old, index + 4 * n) as u32);
                let bit = 1u32 << (key & 31);
                let word = &mut words[(key >> 5) as usize & 7];
                *word = if wanted { *word | bit } else { *word & !bit };
                words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
                let mut rank = 0u32;
                for word in words {
                    out.push(rank as u8);
                    rank += word.count_ones();
                }
            }
            Form::Keyed(_) => {
                let width = usize::from(old[1]);
                let keys = self.keys_start();
                out.extend_from_slice(&old[index..keys + nth * width]);
                if wanted {
                    out.extend_from_slice(&key.to_be_bytes()[16 - width..]);
                }
                let rest = keys + (nth + usize::from(present)) * width;
                out.extend_from_slice(&old[rest..self.offsets_start()]);
            }
        }
    }

    /// The record of an RRset whose endings are known to the page or are appended to `fresh`.
    #[allow(clippy::too_many_arguments)]
    fn record(
        &self,
        ttl_index: u8,
        ttl: u32,
        inherited: bool,
        names: &[u8],
        endings: &[u8],
        fresh: &mut Vec<u8>,
        wide: bool,
    ) -> Option<Vec<u8>> {
        let mut record = Vec::with_capacity(16 + names.len());
        encode_head(&mut record, ttl_index, ttl, inherited, names);
        let mut at = 0;
        while at < names.len() {
            let end = end_of_name(names, at);
            let head = at + usize::from(names[at]) + usize::from(names[at] != 0);
            let ending = &names[head..end];
            let known = find_ending(endings, ending)
                .or_else(|| find_ending(fresh, ending).map(|offset| endings.len() + offset));
            let offset = known.unwrap_or_else(|| {
                fresh.push(ending.len() as u8);
                fresh.extend_from_slice(ending);
                endings.len() + fresh.len() - ending.len() - 1
            });
            if !wide && offset > 0xffff {
                return None;
            }
            record.extend_from_slice(&(offset as u32).to_le_bytes()[..if wide { 4 } else { 2 }]);
            record.push((head - at) as u8);
            record.extend_from_slice(&names[at..head]);
            at = end;
        }
        Some(record)
    }
}

/// Where an ending stands among length-prefixed ones.
fn find_ending(endings: &[u8], wanted: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < endings.len() {
        let end = at + 1 + usize::from(endings[at]);
        if &endings[at + 1..end] == wanted {
            return Some(at);
        }
        at = end;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::Draft;
    use ptrd_wire::Ttl;
    use std::collections::BTreeMap;

    type Model = BTreeMap<u128, (u32, bool, Vec<u8>)>;

    fn build(form: Form, model: &Model) -> Page {
        let mut draft = Draft::default();
        for (key, (ttl, inherited, names)) in model {
            draft.push(*key, Ttl::from_secs(*ttl), *inherited, names);
        }
        let count = draft.len();
        draft.build(form, 0, count)
    }

    fn content(form: Form, page: &Page) -> Model {
        let entry = |ptr: crate::PtrRef<'_>| {
            let mut names = Vec::new();
            ptr.pack_into(&mut names);
            (ptr.ttl().as_secs(), ptr.is_inherited(), names)
        };
        match form {
            Form::Direct => page.direct_entries().map(|(key, ptr)| (u128::from(key), entry(ptr))).collect(),
            Form::Keyed(width) => (0..page.len()).map(|n| (page.key(n, width), entry(page.nth(n)))).collect(),
        }
    }

    #[test]
    fn spliced_equals_rebuilt() {
        let mut seed = 9u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for (form, base) in
            [(Form::Direct, 0), (Form::Keyed(2), 0x4000), (Form::Keyed(16), 0x2001_0db8u128 << 96)]
        {
            let mut model: Model = BTreeMap::from([(base + 1, (5, false, b"\x01a\x02ex\x00".to_vec()))]);
            let mut page = build(form, &model);
            let mut declined = 0;
            for _ in 0..3_000 {
                let key = base + u128::from(random(200));
                let names: Vec<u8> = (0..1 + random(3))
                    .flat_map(|n| {
                        let label = format!("h{}{n}", random(1000));
                        let mut wire = vec![label.len() as u8];
                        wire.extend_from_slice(label.as_bytes());
                        wire.extend_from_slice(
                            [&b"\x01a\x02ex\x00"[..], b"\x01b\x02ex\x00", b"\x00"][random(3) as usize],
                        );
                        wire
                    })
                    .collect();
                let ttl = random(40) as u32;
                let wanted =
                    (random(3) > 0).then_some((Ttl::from_secs(ttl), ttl.is_multiple_of(2), names.as_slice()));
                let mut next = model.clone();
                match wanted {
                    Some((ttl, inherited, names)) => {
                        next.insert(key, (ttl.as_secs(), inherited, names.to_vec()))
                    }
                    None => next.remove(&key),
                };
                if next.is_empty() {
                    continue;
                }
                page = page.splice(form, key, &wanted).unwrap_or_else(|| {
                    declined += 1;
                    build(form, &next)
                });
                model = next;
                assert_eq!(content(form, &page), model);
            }
            assert!(declined < 1_000, "{form:?} declined {declined} of 3000");
        }
    }
}

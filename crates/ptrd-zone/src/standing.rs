//! What is declared of blocks in the course of time: which are suspended, and which labels they had before.

use crate::declared::{Declared, key};
use crate::model::{Block, BlockId, FormerLabel};
use ptrd_wire::{AddrRange, Name};
use std::cmp::Reverse;
use std::sync::Arc;

impl Declared {
    /// The blocks that had this classless apex before and still answer for it.
    pub fn blocks_with_former(&self, apex: &Name) -> impl Iterator<Item = &Arc<Block>> {
        self.former.get(apex).into_iter().flatten().filter_map(|id| self.block(*id))
    }

    /// Whether any block still answers for a label that it had before.
    pub fn has_former(&self) -> bool {
        !self.former.is_empty()
    }

    /// The blocks that still answer for labels that they had before, some of them more than once.
    pub fn relabelled(&self) -> impl Iterator<Item = &Arc<Block>> {
        self.former.values().flatten().filter_map(|id| self.block(*id))
    }

    /// The former labels below a name, each with a block that has it.
    pub fn former_below<'a>(
        &'a self,
        name: &'a Name,
    ) -> impl Iterator<Item = (&'a Arc<Block>, &'a FormerLabel)> {
        self.former
            .range(name.clone()..)
            .take_while(|(apex, _)| apex.is_at_or_under(name))
            .filter(move |(apex, _)| *apex != name)
            .filter_map(|(apex, blocks)| {
                let block = self.block(*blocks.iter().next()?)?;
                block.standing.former.iter().find(|label| label.apex == *apex).map(|label| (block, label))
            })
    }

    /// The suspended blocks, in the order of first addresses.
    pub fn suspended(&self) -> impl Iterator<Item = &Arc<Block>> {
        self.suspended.values().filter_map(|id| self.block(*id))
    }

    /// The nearest block that contains a range and is suspended, one of the same range included.
    pub fn suspending(&self, range: &AddrRange) -> Option<&Arc<Block>> {
        if self.suspended.is_empty() {
            return None;
        }
        std::iter::successors(self.innermost(range), |block| self.around(block.id))
            .find(|block| block.standing.suspended)
    }

    /// The addresses of a range that blocks keep from being shown: ranges within it, sorted, neither touching nor
    /// overlapping.
    pub fn withheld(&self, range: &AddrRange) -> Vec<AddrRange> {
        if self.suspended.is_empty() {
            return Vec::new();
        }
        // Those that start before it and reach into it, then those that start in it.
        let first = AddrRange::single(range.first());
        let around = std::iter::successors(self.innermost(&first), |block| self.around(block.id))
            .filter(|block| block.standing.suspended)
            .last();
        let until = (range.family(), range.last_bits(), Reverse(0));
        let inside = self.suspended.range(key(&first)..=until).filter_map(|(_, id)| self.block(*id));
        let mut ranges: Vec<AddrRange> = Vec::new();
        for block in around.into_iter().chain(inside) {
            let from = block.range.first().max(range.first());
            let to = block.range.last().min(range.last());
            match ranges.last_mut() {
                Some(before) if before.last() >= to => {}
                Some(before) if before.last_bits().checked_add(1) == Some(block.range.first_bits()) => {
                    *before = AddrRange::new(before.first(), to).unwrap_or(*before);
                }
                _ => ranges.extend(AddrRange::new(from, to)),
            }
        }
        ranges
    }

    /// Whether a zone shows what a block around inner ones shows: it is the block's classless zone, or one that it
    /// had before.
    pub fn is_shown_in(&self, taker: &Block, block: BlockId, apex: &Name) -> bool {
        taker.id == block || taker.standing.has_former(apex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BlockTemplate, Mode, Standing, TenantId};

    fn with(ranges: &[&str]) -> Declared {
        let mut declared = Declared::default();
        for (range, id) in ranges.iter().zip(1..) {
            declared.put_block(Block {
                id: BlockId(id),
                range: range.parse().expect("a range"),
                tenant: TenantId(1),
                mode: Mode::Direct,
                default_ttl: None,
                template: BlockTemplate::Inherit,
                standing: Standing::default(),
            });
        }
        declared
    }

    #[test]
    fn withheld_ranges_are_cut_to_what_is_asked_for() {
        let mut declared =
            with(&["10.0.0.0/16", "10.0.1.0/24", "10.0.2.0/24", "10.0.2.0/25", "10.0.9.0/24", "10.2.0.0/16"]);
        let suspend = |declared: &mut Declared, range: &str, suspended: bool| {
            let block = declared.block_at(&range.parse().expect("range")).expect("a block").clone();
            let standing = Standing { suspended, ..Standing::default() };
            declared.put_block(Block { standing, ..Block::clone(&block) });
        };
        let withheld = |declared: &Declared, range: &str| {
            let ranges = declared.withheld(&range.parse().expect("range"));
            ranges.iter().map(AddrRange::to_string).collect::<Vec<_>>()
        };
        assert_eq!(withheld(&declared, "0.0.0.0/0"), Vec::<String>::new());
        for range in ["10.0.2.0/25", "10.0.1.0/24", "10.0.2.0/24", "10.0.9.0/24"] {
            suspend(&mut declared, range, true);
        }
        assert_eq!(withheld(&declared, "10.0.0.0/8"), ["10.0.1.0-10.0.2.255", "10.0.9.0/24"]);
        assert_eq!(withheld(&declared, "10.0.2.128-10.0.9.7"), ["10.0.2.128/25", "10.0.9.0/29"]);
        assert_eq!(withheld(&declared, "10.0.2.5"), ["10.0.2.5/32"]);
        assert_eq!(withheld(&declared, "10.0.3.0/24"), Vec::<String>::new());
        suspend(&mut declared, "10.0.0.0/16", true);
        suspend(&mut declared, "10.0.1.0/24", false);
        assert_eq!(withheld(&declared, "10.0.0.0/8"), ["10.0.0.0/16"]);
        assert_eq!(withheld(&declared, "10.0.1.7-10.2.0.7"), ["10.0.1.7-10.0.255.255"]);
        suspend(&mut declared, "10.0.0.0/16", false);
        let block = declared.block_at(&"10.0.2.0/24".parse().expect("range")).expect("a block").id;
        declared.remove_block(block);
        assert_eq!(withheld(&declared, "10.0.0.0/8"), ["10.0.2.0/25", "10.0.9.0/24"]);
    }
}

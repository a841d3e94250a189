//! The queries in flight on one socket or connection.

/// A fixed number of slots, each with one query in flight. The identifier of a message holds the slot in its low
/// octet and a generation in its high one, so that a reply that comes after its query was given up is noticed.
#[derive(Debug)]
pub(crate) struct Flight {
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    number: u32,
    generation: u8,
    /// The epoch in which the query was sent.
    epoch: u8,
    waiting: bool,
}

impl Flight {
    /// Room for `window` queries, 256 at most.
    pub(crate) fn new(window: usize) -> Flight {
        let slot = Slot { number: 0, generation: 0, epoch: 0, waiting: false };
        Flight { slots: vec![slot; window.clamp(1, 256)] }
    }

    /// How many queries there is room for.
    pub(crate) fn window(&self) -> usize {
        self.slots.len()
    }

    /// Puts query `number` into `slot`; returns its identifier.
    #[inline]
    pub(crate) fn issue(&mut self, slot: usize, number: usize, epoch: u8) -> [u8; 2] {
        let generation = self.slots[slot].generation.wrapping_add(1);
        self.slots[slot] = Slot { number: number as u32, generation, epoch, waiting: true };
        [generation, slot as u8]
    }

    /// The slot and number of the query that a message with this identifier answers.
    #[inline]
    pub(crate) fn settle(&mut self, message: &[u8]) -> Option<(usize, usize)> {
        let &[generation, low, ..] = message else { return None };
        let slot = self.slots.get_mut(usize::from(low))?;
        if !slot.waiting || slot.generation != generation {
            return None;
        }
        slot.waiting = false;
        Some((usize::from(low), slot.number as usize))
    }

    /// The slots that hold no query, or one sent three or more epochs ago (`true`).
    pub(crate) fn stale(&self, epoch: u8) -> Vec<(usize, bool)> {
        let old = |slot: &Slot| slot.waiting && epoch.wrapping_sub(slot.epoch) >= 3;
        let slots = self.slots.iter().enumerate();
        slots.filter(|(_, slot)| !slot.waiting || old(slot)).map(|(at, slot)| (at, slot.waiting)).collect()
    }
}

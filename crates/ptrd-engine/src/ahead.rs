//! Fetching ahead, for a whole batch, the memory that its answers will read.
//!
//! A lookup is three reads that each wait for the one before: index, offset, record. One query after the other, each
//! wait is a cache miss in full; a batch in steps has them all under way at once.

use crate::Engine;
use ptrd_cpu::prefetch;
use ptrd_wire::ReverseName;
use ptrd_zone::{PageAhead, Snapshot};

/// Requests looked at together.
const TOGETHER: usize = 64;

impl Engine {
    /// Hints to the processor which memory the answers to these requests will read. Answers are the same without.
    #[inline]
    pub fn fetch_ahead<'r>(&self, snapshot: &Snapshot, requests: impl Iterator<Item = &'r [u8]>) {
        let mut pages: [Option<PageAhead<'_>>; TOGETHER] = [None; TOGETHER];
        let mut count = 0;
        for request in requests.take(TOGETHER) {
            let Some(address) = ReverseName::glance_v4(request) else { continue };
            let Some(page) = snapshot.addresses().ahead_v4(address) else { continue };
            page.index().into_iter().for_each(prefetch);
            pages[count] = Some(page);
            count += 1;
        }
        let mut places = [usize::MAX; TOGETHER];
        for (page, kept) in pages[..count].iter().flatten().zip(&mut places) {
            if let Some((nth, offset)) = page.place() {
                prefetch(offset);
                *kept = nth;
            }
        }
        for (page, nth) in pages[..count].iter().flatten().zip(places) {
            if nth != usize::MAX {
                page.record(nth).into_iter().for_each(prefetch);
            }
        }
    }
}

//! Hints to the processor, and to the kernel about who goes first, behind safe functions. They change how long things
//! take, never what comes out.
//!
//! A crate of its own because a hint takes `unsafe`, which no crate that knows DNS may contain.

#[cfg(target_os = "linux")]
mod schedule;

#[cfg(target_os = "linux")]
pub use schedule::{answers_first, gives_way};

/// Asks for the cache line that `octets` starts in, without waiting for it. Does nothing for an empty slice, or on a
/// processor for which stable Rust has no such hint.
#[inline(always)]
pub fn prefetch(octets: &[u8]) {
    if let Some(first) = octets.first() {
        prefetch_value(first);
    }
}

/// The same for the cache line that `value` starts in.
#[inline(always)]
pub fn prefetch_value<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a prefetch reads nothing and cannot fault, whatever the address; this one is that of a live value
        // besides. SSE, which has the instruction, is part of every x86-64.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hint_changes_nothing() {
        let octets = [1, 2, 3];
        super::prefetch(&octets);
        super::prefetch(&[]);
        super::prefetch_value(&octets);
        assert_eq!(octets, [1, 2, 3]);
    }
}

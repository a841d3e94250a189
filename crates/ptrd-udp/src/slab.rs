//! Fixed memory that the kernel may be told of.
//!
//! A `Box<[T]>` or `Vec<T>` will not do: pointers handed to the kernel must stay valid while the same elements are
//! also reached through references, and a reference made from an owning box ends the life of older pointers.
//! A slab derives everything from one raw pointer instead.

use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// A type of which any number of zero octets is a value and that owns nothing.
///
/// # Safety
///
/// The all-zero bit pattern must be valid for the type, the type must not be zero-sized, and dropping it must do
/// nothing.
pub(crate) unsafe trait Plain: Copy {}

// SAFETY: an octet; zero is a value.
unsafe impl Plain for u8 {}
// SAFETY: integers and raw pointers only; zero is null.
unsafe impl Plain for libc::mmsghdr {}
// SAFETY: an integer and a raw pointer; zero is null.
unsafe impl Plain for libc::iovec {}

/// `len` elements at an address that never changes.
///
/// Invariant *owned*: `base` comes from one allocation of `len ≥ 1` elements that were zeroed, which is freed only by
/// `Drop`; each element is a valid `T` at all times; and every pointer and reference given out is derived from
/// `base`.
pub(crate) struct Slab<T: Plain> {
    base: NonNull<T>,
    len: usize,
}

// SAFETY: by *owned* the slab is the only owner of its memory, as a `Vec<T>` would be; `T` is `Copy` data, and the
// pointers inside headers are followed by the kernel only while `Batch`, which owns what they point at, is borrowed.
unsafe impl<T: Plain> Send for Slab<T> {}

impl<T: Plain> Slab<T> {
    /// Allocates `len` zeroed elements, at least one.
    pub(crate) fn new(len: usize) -> Self {
        let len = len.max(1);
        let layout = Self::layout(len);
        // SAFETY: the layout is not empty, for `len ≥ 1` and `Plain` types are not zero-sized.
        let memory = unsafe { alloc_zeroed(layout) };
        match NonNull::new(memory.cast::<T>()) {
            Some(base) => Slab { base, len },
            None => handle_alloc_error(layout),
        }
    }

    /// Where element `index` lives; the pointer is good for as long as the slab.
    pub(crate) fn pointer(&self, index: usize) -> *mut T {
        assert!(index < self.len);
        // SAFETY: `index < len`, so the result is inside the allocation of invariant *owned*.
        unsafe { self.base.as_ptr().add(index) }
    }

    fn layout(len: usize) -> Layout {
        Layout::array::<T>(len).expect("a slab is far smaller than the address space")
    }
}

impl<T: Plain> Deref for Slab<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: by *owned* `base` points at `len` valid elements; the borrow of `self` keeps writers out.
        unsafe { std::slice::from_raw_parts(self.base.as_ptr(), self.len) }
    }
}

impl<T: Plain> DerefMut for Slab<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: by *owned* `base` points at `len` valid elements; the exclusive borrow of `self` makes it unique.
        unsafe { std::slice::from_raw_parts_mut(self.base.as_ptr(), self.len) }
    }
}

impl<T: Plain> Drop for Slab<T> {
    fn drop(&mut self) {
        // SAFETY: by *owned* the memory was allocated with this layout and is freed nowhere else.
        unsafe { dealloc(self.base.as_ptr().cast(), Self::layout(self.len)) }
    }
}

//! The allocator: chosen in one place.
//!
//! jemalloc, set by `.cargo/config.toml` to give back what is free within a second or so, SQLite's share included. It
//! takes less than the system's own for sparse space after a start, about the same for dense; see ARCHITECTURE.md.

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

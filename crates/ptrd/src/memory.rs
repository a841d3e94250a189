//! The allocator: chosen in one place.
//!
//! jemalloc gives back to the system what a load or an import needed in passing, SQLite's share included; the system's
//! own keeps it. `.cargo/config.toml` has its settings.

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

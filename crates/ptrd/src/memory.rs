//! The allocator: chosen in one place.
//!
//! The system's, until measurements ask for another one: most of what is kept is a few large pages of the index.

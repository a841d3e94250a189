//! The pages.

pub(crate) mod address;
pub(crate) mod blocks;
pub(crate) mod checks;
pub(crate) mod export;
pub(crate) mod fill;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod login;
pub(crate) mod map;
pub(crate) mod overview;
mod part;
mod preview;
pub(crate) mod search;
mod square;
mod standing;
pub(crate) mod tenants;
pub(crate) mod zones;

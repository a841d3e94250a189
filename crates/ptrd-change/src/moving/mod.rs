//! Moving in from other servers: what an import says beside its master files, and databases of zones.

pub(crate) mod manifest;
pub(crate) mod powerdns;
pub(crate) mod tenants;

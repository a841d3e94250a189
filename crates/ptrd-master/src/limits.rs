//! How much a master file may ask for.

/// Bounds on what one import may use. A file is text from somebody else: `$GENERATE` and `$INCLUDE` turn a few
/// octets into many, so everything that grows has a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Records in all.
    pub records: u64,
    /// Octets of text in all, the main file and every inclusion counted each time.
    pub octets: u64,
    /// How deeply inclusions may nest.
    pub include_depth: usize,
    /// How many files may be included; a file included twice counts twice.
    pub includes: u64,
    /// Records that all `$GENERATE` lines together may make.
    pub generated_records: u64,
    /// Octets of text that all `$GENERATE` lines together may make.
    pub generated_octets: u64,
    /// Octets that an RRset may take in a message, its owner as a compression pointer. Below 65 535, so that it
    /// can be answered over TCP beside question, OPT and TSIG.
    pub rrset_octets: usize,
    /// Hand the paths after `$INCLUDE` to the caller as they are written, absolute ones and those with `..` too: for a
    /// caller to whom they are keys of files that it holds already, and who opens none.
    pub free_includes: bool,
    /// After how many errors reading stops.
    pub errors: usize,
    /// How many warnings are kept.
    pub warnings: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            records: 20_000_000,
            octets: 1 << 31,
            include_depth: 10,
            includes: 4_096,
            generated_records: 1 << 20,
            generated_octets: 1 << 28,
            rrset_octets: 65_000,
            free_includes: false,
            errors: 100,
            warnings: 1_000,
        }
    }
}

//! Answers to changes whose clients gave them a key: kept with the change, so that whoever asks again is told the same.

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// A digest of who asked, and of the key.
    pub asked: [u8; 32],
    /// A digest of what was asked.
    pub body: [u8; 32],
    /// JSON.
    pub answer: String,
}

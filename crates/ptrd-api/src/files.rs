//! Several files in one body: how `ptrctl zone import` sends master files and what they include.
//!
//! The octets: magic, count of zones, then for each file the lengths of path and content (big-endian u32 and u64), the
//! path, the content. No archive format of the world is used, since those carry modes, links and devices to be refused.

/// Files with their paths, relative to the folder that was named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    /// Path and content. Paths use `/`, never lead outside the folder.
    pub files: Vec<(String, Vec<u8>)>,
    /// How many of the first files are zones; the rest are there to be included.
    pub zones: usize,
}

/// A body that is no bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadBundle;

impl std::fmt::Display for BadBundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body is no bundle of files")
    }
}

impl std::error::Error for BadBundle {}

const MAGIC: &[u8; 8] = b"ptrdfil1";
const HEAD: usize = 16;
const FILE_HEAD: usize = 12;
/// No file system has longer paths.
const MAX_PATH: usize = 4096;

impl Bundle {
    /// The whole in one piece.
    pub fn encode(&self) -> Vec<u8> {
        let size: usize =
            self.files.iter().map(|(path, content)| FILE_HEAD + path.len() + content.len()).sum();
        let mut out = Vec::with_capacity(HEAD + size);
        out.extend_from_slice(&Bundle::head(self.zones));
        for (path, content) in &self.files {
            out.extend_from_slice(&Bundle::file_head(path, content.len()));
            out.extend_from_slice(content);
        }
        out
    }

    /// What a bundle begins with, for a client that sends it file by file.
    pub fn head(zones: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEAD);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&(zones as u64).to_be_bytes());
        out
    }

    /// What stands before a file's content of `length` octets.
    pub fn file_head(path: &str, length: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(FILE_HEAD + path.len());
        out.extend_from_slice(&(path.len() as u32).to_be_bytes());
        out.extend_from_slice(&(length as u64).to_be_bytes());
        out.extend_from_slice(path.as_bytes());
        out
    }

    /// Reads what [`Bundle::encode`] wrote.
    ///
    /// # Errors
    /// [`BadBundle`] when lengths do not fit or a path is no UTF-8, absolute, or leads upwards.
    pub fn decode(octets: &[u8]) -> Result<Bundle, BadBundle> {
        let mut reader = BundleReader::default();
        reader.push(octets)?;
        reader.finish()
    }
}

/// Reads a bundle as it arrives, so that its octets are held once only. Memory follows what has arrived, never what a
/// length field promises.
#[derive(Debug, Default)]
pub struct BundleReader {
    bundle: Bundle,
    /// Octets of a head that is not complete yet.
    head: Vec<u8>,
    began: bool,
    /// Octets that the last file still lacks.
    lacking: u64,
}

impl BundleReader {
    /// Takes the next octets, cut anywhere.
    ///
    /// # Errors
    /// As for [`Bundle::decode`]; the reader is of no use afterwards.
    pub fn push(&mut self, mut octets: &[u8]) -> Result<(), BadBundle> {
        while !octets.is_empty() {
            if self.lacking > 0 {
                let taken = usize::try_from(self.lacking).unwrap_or(usize::MAX).min(octets.len());
                let (now, later) = octets.split_at(taken);
                let (_, content) = self.bundle.files.last_mut().ok_or(BadBundle)?;
                content.extend_from_slice(now);
                self.lacking -= taken as u64;
                octets = later;
            } else if !self.began {
                octets = self.gather(octets, HEAD);
                if let Some((magic, zones)) = self.head.split_first_chunk::<8>()
                    && let Ok(zones) = <[u8; 8]>::try_from(zones)
                {
                    if magic != MAGIC {
                        return Err(BadBundle);
                    }
                    self.bundle.zones = usize::try_from(u64::from_be_bytes(zones)).map_err(|_| BadBundle)?;
                    self.began = true;
                    self.head.clear();
                }
            } else {
                octets = self.gather(octets, FILE_HEAD);
                let Some(length) = self.head.first_chunk::<4>() else { continue };
                let length = u32::from_be_bytes(*length) as usize;
                if length == 0 || length > MAX_PATH {
                    return Err(BadBundle);
                }
                octets = self.gather(octets, FILE_HEAD + length);
                self.begin_file(length)?;
            }
        }
        Ok(())
    }

    /// The bundle, after the last octet.
    ///
    /// # Errors
    /// [`BadBundle`] when something is missing.
    pub fn finish(self) -> Result<Bundle, BadBundle> {
        let whole = self.began && self.head.is_empty() && self.lacking == 0;
        if whole && self.bundle.zones <= self.bundle.files.len() { Ok(self.bundle) } else { Err(BadBundle) }
    }

    /// Fills the head up to `size` octets and returns what is left.
    fn gather<'a>(&mut self, octets: &'a [u8], size: usize) -> &'a [u8] {
        let taken = size.saturating_sub(self.head.len()).min(octets.len());
        self.head.extend_from_slice(&octets[..taken]);
        &octets[taken..]
    }

    fn begin_file(&mut self, path_length: usize) -> Result<(), BadBundle> {
        let Some(path) = self.head.get(FILE_HEAD..FILE_HEAD + path_length) else { return Ok(()) };
        let Some(Ok(length)) = self.head.get(4..FILE_HEAD).map(<[u8; 8]>::try_from) else { return Ok(()) };
        let path = std::str::from_utf8(path).map_err(|_| BadBundle)?;
        if path.starts_with('/') || path.contains('\0') || path.split('/').any(|part| part == "..") {
            return Err(BadBundle);
        }
        self.bundle.files.push((path.to_owned(), Vec::new()));
        self.lacking = u64::from_be_bytes(length);
        self.head.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle() -> Bundle {
        Bundle {
            files: vec![
                ("a/b".into(), b"one".to_vec()),
                ("c".into(), vec![0, 255]),
                ("d".into(), Vec::new()),
            ],
            zones: 1,
        }
    }

    #[test]
    fn bundles_round_trip_and_cuts_are_refused() {
        let octets = bundle().encode();
        assert_eq!(Bundle::decode(&octets), Ok(bundle()));
        for cut in 0..octets.len() {
            let read = Bundle::decode(&octets[..cut]);
            assert!(read.is_err() || read.is_ok_and(|b| b.files.len() < 3), "cut at {cut}");
        }
        for path in ["../x", "/x", "a/../x", "..", ""] {
            let outside = Bundle { files: vec![(path.into(), Vec::new())], zones: 0 };
            assert_eq!(Bundle::decode(&outside.encode()), Err(BadBundle), "{path}");
        }
        assert_eq!(Bundle::decode(&Bundle { zones: 4, ..bundle() }.encode()), Err(BadBundle));
    }

    #[test]
    fn bundles_arrive_in_pieces_of_any_size() {
        let octets = bundle().encode();
        for size in 1..octets.len() {
            let mut reader = BundleReader::default();
            octets.chunks(size).for_each(|piece| reader.push(piece).expect("a piece"));
            assert_eq!(reader.finish(), Ok(bundle()), "pieces of {size}");
        }
    }

    #[test]
    fn a_length_field_takes_no_memory() {
        let mut octets = Bundle::head(0);
        octets.extend_from_slice(&Bundle::file_head("x", usize::MAX));
        let mut reader = BundleReader::default();
        reader.push(&octets).expect("a head");
        assert_eq!(reader.finish(), Err(BadBundle));
    }
}

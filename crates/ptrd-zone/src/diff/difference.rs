//! A difference as it is stored, condensed, and applied.

use super::list::{ListWriter, Malformed, Record, RecordList, Records};
use ptrd_wire::Name;

/// Of the packed form; another one gets another number.
const FORM: u8 = 1;

/// The records that lead from one version of a zone to another: removed first, then added. None is in both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    removed: RecordList,
    added: RecordList,
}

/// A difference meets records that it does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// A record to be removed is not there.
    #[error("{0} is to be removed, and is not there")]
    Missing(String),
    /// A record to be added is there.
    #[error("{0} is to be added, and is there")]
    Present(String),
}

impl Difference {
    pub(super) fn of(removed: RecordList, added: RecordList) -> Difference {
        Difference { removed, added }
    }

    /// The records removed.
    pub fn removed(&self) -> &RecordList {
        &self.removed
    }

    /// The records added.
    pub fn added(&self) -> &RecordList {
        &self.added
    }

    /// How many records.
    pub fn len(&self) -> usize {
        self.removed.len() + self.added.len()
    }

    /// Whether both versions have the same records.
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty()
    }

    /// In one piece, to be stored: u8 form, u32 records removed, u32 records added, u32 octets of those removed, these, and
    /// those added. Numbers are big-endian.
    pub fn pack(&self) -> Vec<u8> {
        let (removed, added) = (self.removed.octets(), self.added.octets());
        let mut out = Vec::with_capacity(13 + removed.len() + added.len());
        out.push(FORM);
        for number in [self.removed.len(), self.added.len(), removed.len()] {
            out.extend_from_slice(&(number as u32).to_be_bytes());
        }
        out.extend_from_slice(removed);
        out.extend_from_slice(added);
        out
    }

    /// The lists of a packed difference, the removed records first: octets, and how many records these are said to be.
    pub(super) fn parts(octets: &[u8]) -> Result<[(&[u8], u32); 2], Malformed> {
        let (head, rest) = octets.split_first_chunk::<13>().ok_or(Malformed("no difference"))?;
        if head[0] != FORM {
            return Err(Malformed("a difference of another form"));
        }
        let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (removed, added) =
            rest.split_at_checked(number(9) as usize).ok_or(Malformed("fewer octets than said"))?;
        Ok([(removed, number(1)), (added, number(5))])
    }

    /// Reads what [`Difference::pack`] wrote. Structure, names and order are checked, data is not.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn unpack(octets: &[u8]) -> Result<Difference, Malformed> {
        let [removed, added] = Difference::parts(octets)?;
        let (removed, added) = (RecordList::read(removed.0, removed.1)?, RecordList::read(added.0, added.1)?);
        let difference = Difference { removed, added };
        let [removed, added] = [&difference.removed, &difference.added].map(RecordList::records);
        merge([removed, added], |_, [removed, added]| match removed && added {
            true => Err(Malformed("a record both removed and added")),
            false => Ok(()),
        })?;
        Ok(difference)
    }

    /// This difference and one from where it leads, as one: what was added and removed again, or removed and added again,
    /// vanishes.
    ///
    /// # Errors
    /// [`Mismatch`] where the other one does not follow.
    pub fn then(&self, next: &Difference) -> Result<Difference, Mismatch> {
        let (mut removed, mut added) = (ListWriter::default(), ListWriter::default());
        let lists = [&self.removed, &self.added, &next.removed, &next.added].map(RecordList::records);
        merge(lists, |record, [gone, came, goes, comes]| {
            if goes && gone && !came {
                return Err(Mismatch::Missing(text(record)));
            }
            if comes && came && !goes {
                return Err(Mismatch::Present(text(record)));
            }
            let list = match i8::from(came) + i8::from(comes) - i8::from(gone) - i8::from(goes) {
                0 => return Ok(()),
                1.. => &mut added,
                _ => &mut removed,
            };
            list.push(record.owner, record.rtype, record.ttl, record.rdata);
            Ok(())
        })?;
        Ok(Difference { removed: removed.finish(), added: added.finish() })
    }

    /// What records become by it. Records are the same where every octet is: a primary that spells a name otherwise when
    /// it removes it is not understood.
    ///
    /// # Errors
    /// [`Mismatch`] where a record to be removed is not among them, or one to be added is.
    pub fn apply(&self, records: &RecordList) -> Result<RecordList, Mismatch> {
        let mut out = ListWriter::default();
        let lists = [records, &self.removed, &self.added].map(RecordList::records);
        merge(lists, |record, [there, goes, comes]| {
            if goes && !there {
                return Err(Mismatch::Missing(text(record)));
            }
            if comes && there && !goes {
                return Err(Mismatch::Present(text(record)));
            }
            if comes || there && !goes {
                out.push(record.owner, record.rtype, record.ttl, record.rdata);
            }
            Ok(())
        })?;
        Ok(out.finish())
    }
}

/// A record in a message.
pub(super) fn text(record: Record<'_>) -> String {
    let owner = Name::from_wire(record.owner).unwrap_or_else(|_| Name::root());
    format!("{owner} {} {}", record.ttl, record.rtype)
}

/// Calls `each` for every record of some lists in their common order, with the lists that it is in.
fn merge<const N: usize, E>(
    mut lists: [Records<'_>; N],
    mut each: impl FnMut(Record<'_>, [bool; N]) -> Result<(), E>,
) -> Result<(), E> {
    let mut is_there: [bool; N] = std::array::from_fn(|nth| lists[nth].advance());
    loop {
        let heads = (0..N).filter(|nth| is_there[*nth]);
        let Some(first) = heads.min_by(|a, b| lists[*a].now().order(&lists[*b].now())) else { return Ok(()) };
        let record = lists[first].now();
        let is_in: [bool; N] = std::array::from_fn(|nth| is_there[nth] && lists[nth].now() == record);
        each(record, is_in)?;
        for nth in (0..N).filter(|nth| is_in[*nth]) {
            is_there[nth] = lists[nth].advance();
        }
    }
}

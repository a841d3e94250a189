//! What the log gives to those that follow, and whether they may.

use crate::history::{LOG_START, number};
use crate::post::Lineage;
use crate::problem::{conflict, internal, store};
use crate::publish::View;
use ptrd_api::{Problem, StandbyHello, StandbyWelcome};
use ptrd_store::{LogEntry, SHIPPED, Store, pack_commit, schema_version};
use ptrd_zone::PROJECTION_VERSION;

/// Octets of changes that are sent at a time; the last one of them may be longer.
pub const PORTION: usize = 4 << 20;

/// Why a standby may not follow.
#[derive(Debug)]
pub(crate) enum Unwelcome {
    /// It is of a later reign: it has taken this one's place.
    Later(StandbyHello),
    /// Something else.
    Refused(Problem),
}

impl From<Problem> for Unwelcome {
    fn from(problem: Problem) -> Unwelcome {
        Unwelcome::Refused(problem)
    }
}

/// What tells a change from another one of the same number.
fn fingerprint(entry: &LogEntry, request: &str) -> String {
    let mut hash = blake3::Hasher::new();
    for field in [&entry.actor, &entry.origin, &entry.kind, &entry.summary, request] {
        hash.update(&(field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hash.update(&entry.change.to_be_bytes());
    hash.update(&entry.at.to_be_bytes());
    hash.finalize().to_hex()[..32].to_owned()
}

/// What this server says of itself to its primary.
pub(crate) fn hello(
    name: String,
    promoted: bool,
    view: &View,
    reader: &mut dyn Store,
) -> Result<StandbyHello, Problem> {
    let lineage = Lineage::of(&view.settings);
    let logged = reader.logged(view.version).map_err(|error| store(&error))?;
    Ok(StandbyHello {
        name,
        epoch: lineage.as_ref().map_or(0, |lineage| lineage.epoch),
        lineage: lineage.map(|lineage| lineage.id),
        change: view.version,
        fingerprint: logged.map(|logged| fingerprint(&logged.entry, &logged.request)).unwrap_or_default(),
        promoted,
        format: SHIPPED,
        schema: schema_version(),
        projection: PROJECTION_VERSION,
    })
}

/// Judges one that wants to follow.
pub(crate) fn welcome(
    hello: StandbyHello,
    view: &View,
    reader: &mut dyn Store,
) -> Result<StandbyWelcome, Unwelcome> {
    let here = (SHIPPED, schema_version(), PROJECTION_VERSION);
    let there = (hello.format, hello.schema, hello.projection);
    let Some(Lineage { id, epoch }) = Lineage::of(&view.settings) else {
        return Err(internal("a history without an identity").into());
    };
    if hello.lineage.as_ref() == Some(&id) && hello.epoch > epoch {
        return Err(Unwelcome::Later(hello));
    }
    if hello.promoted {
        // It only wants to know which of the two is the later.
        return Ok(StandbyWelcome { lineage: id, epoch, change: view.version, copy: None });
    }
    if here != there {
        let told = |(format, schema, projection): (u32, u32, u32)| {
            format!("form {format}, schema {schema}, projection {projection}")
        };
        return Err(conflict(format!(
            "the primary and its standby are of different versions of ptrd ({} and {})",
            told(here),
            told(there)
        ))
        .hint("install the same version on both; meanwhile the standby answers with what it has")
        .into());
    }
    let copy = why_copy(&hello, &id, view, reader)?;
    Ok(StandbyWelcome { lineage: id, epoch, change: view.version, copy })
}

fn why_copy(
    hello: &StandbyHello,
    id: &str,
    view: &View,
    reader: &mut dyn Store,
) -> Result<Option<String>, Problem> {
    let change = hello.change;
    let why = match &hello.lineage {
        None => "its store has no history of this server yet".to_owned(),
        Some(other) if other != id => "its store has the history of another server".to_owned(),
        Some(_) if change > view.version => {
            format!("its store has change {change}, and the newest here is {}", view.version)
        }
        Some(_) if change < number(&view.settings, LOG_START).unwrap_or(0) => {
            format!("the log does not go back to change {change} any more")
        }
        Some(_) => match reader.logged(change).map_err(|error| store(&error))? {
            None => format!("change {change} is not in the log here"),
            Some(logged) if fingerprint(&logged.entry, &logged.request) != hello.fingerprint => {
                format!("change {change} is another one in its store than here")
            }
            Some(_) => return Ok(None),
        },
    };
    Ok(Some(why))
}

/// The changes after one, as octets: as many as fit, the first whatever its size.
pub(crate) fn changes_after(
    after: u64,
    view: &View,
    reader: &mut dyn Store,
) -> Result<Vec<Vec<u8>>, Problem> {
    let (mut changes, mut octets) = (Vec::new(), 0);
    let first = after + 1;
    for change in first..=view.version {
        if octets >= PORTION {
            break;
        }
        let Some(commit) = reader.whole(change).map_err(|error| store(&error))? else { continue };
        let packed = pack_commit(&commit);
        octets += packed.len();
        changes.push(packed);
    }
    Ok(changes)
}

/// Whether all changes after one are in the log, as the newest view has it. To be asked after they were read: pruning says
/// so before it begins.
pub(crate) fn is_kept(after: u64, view: &View) -> bool {
    number(&view.settings, LOG_START).is_none_or(|start| after + 1 >= start)
}

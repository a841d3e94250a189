//! What a commit is made of.

use crate::KeptAnswer;
use crate::pack::names_are_well_formed;
use ptrd_wire::{Name, RecordType, RrSet, Serial, rdata_is_well_formed};
use ptrd_zone::PtrEdits;
use ptrd_zone::model::{
    Block, BlockId, Delegation, Mode, NsSet, NsSetId, Sending, SoaTemplate, SoaTemplateId, Tenant, TenantId,
    ZoneId, ZoneRow,
};
use std::net::IpAddr;

/// A named value of the daemon, such as the defaults for new zones (JSON text).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// How it stands with an address whose names were looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRow {
    /// The address.
    pub address: IpAddr,
    /// Whether others were told of the last transition.
    pub told: bool,
    /// How it stands, as text that is not read here; empty for nothing.
    pub standing: String,
}

/// One row's change: what was there and what is there now. Both go to the log; the store writes `after`.
/// At least one of the two is there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Edit {
    Setting {
        name: String,
        before: Option<String>,
        after: Option<String>,
    },
    Tenant {
        id: TenantId,
        before: Option<Tenant>,
        after: Option<Tenant>,
    },
    Block {
        id: BlockId,
        before: Option<Box<Block>>,
        after: Option<Box<Block>>,
    },
    NsSet {
        id: NsSetId,
        before: Option<Box<NsSet>>,
        after: Option<Box<NsSet>>,
    },
    SoaTemplate {
        id: SoaTemplateId,
        before: Option<Box<SoaTemplate>>,
        after: Option<Box<SoaTemplate>>,
    },
    /// The zone's row. A step of the serial alone is no edit; see [`Commit::serials`].
    Zone {
        id: ZoneId,
        before: Option<Box<ZoneRow>>,
        after: Option<Box<ZoneRow>>,
    },
    /// An RRset of a zone. Removing a zone removes its records: each needs its own edit, for the log.
    Record {
        zone: ZoneId,
        owner: Name,
        rtype: RecordType,
        before: Option<RrSet>,
        after: Option<RrSet>,
    },
    /// What an address that sends mail is to be known as.
    Sending {
        address: IpAddr,
        before: Option<Box<Sending>>,
        after: Option<Box<Sending>>,
    },
    /// PTR RRsets by address.
    Ptrs(PtrEdits),
}

/// One change of the log with all its edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its number: one more than the change before. (The store insists on greater.)
    pub change: u64,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// From where.
    pub origin: String,
    /// Why, if the caller said.
    pub reason: Option<String>,
    /// The kind of request.
    pub kind: String,
    /// What was done, one line.
    pub summary: String,
    /// The request as JSON; for imports, its options and the size of its body.
    pub request: String,
    /// The rows.
    pub edits: Vec<Edit>,
    /// The new serial of every zone whose content this change altered, new zones included; each such zone gets an
    /// outbox row. The zone must be there after the edits.
    pub serials: Vec<(ZoneId, Serial)>,
    /// What zones among these lost and gained, in the order of `serials`; a zone without one has no history before this
    /// change.
    pub deltas: Vec<ZoneDelta>,
    /// The tenants whose blocks, zones or PTRs it touched, for [`crate::LogQuery::tenant`].
    pub tenants: Vec<TenantId>,
    /// What its client is told if it asks again with the same key. It stays in this store: standbys have none of it.
    pub kept: Option<KeptAnswer>,
}

/// What a change did to the content of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneDelta {
    /// The zone.
    pub zone: ZoneId,
    /// Its serial before.
    pub from: Serial,
    /// Records removed and added ([`ptrd_zone::Step::pack`]).
    pub octets: Box<[u8]>,
}

/// A step of a zone's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeltaStep {
    /// The serial before.
    pub from: Serial,
    /// The serial after.
    pub to: Serial,
    /// See [`ZoneDelta::octets`].
    pub octets: Box<[u8]>,
}

impl Edit {
    /// What about this edit no row can hold, if anything. The store reads back only what is sound, so it must not
    /// take in anything else: a row that a load refuses would keep the daemon from starting.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let absent = match self {
            Edit::Setting { before, after, .. } => before.is_none() && after.is_none(),
            Edit::Tenant { before, after, .. } => before.is_none() && after.is_none(),
            Edit::Block { before, after, .. } => before.is_none() && after.is_none(),
            Edit::NsSet { before, after, .. } => before.is_none() && after.is_none(),
            Edit::SoaTemplate { before, after, .. } => before.is_none() && after.is_none(),
            Edit::Zone { before, after, .. } => before.is_none() && after.is_none(),
            Edit::Record { before, after, .. } => before.is_none() && after.is_none(),
            Edit::Sending { before, after, .. } => before.is_none() && after.is_none(),
            Edit::Ptrs(_) => false,
        };
        if absent {
            return Some("has neither a before nor an after");
        }
        match self {
            Edit::Setting { .. } => None,
            Edit::Tenant { id, before, after } => [before, after]
                .into_iter()
                .flatten()
                .any(|tenant| tenant.id != *id)
                .then_some("names two tenants"),
            Edit::Block { id, before, after } => {
                [before, after].into_iter().flatten().find_map(|block| block_fault(*id, block))
            }
            Edit::NsSet { id, before, after } => {
                let mut sets = [before, after].into_iter().flatten();
                sets.any(|set| set.id != *id || set.nameservers.is_empty())
                    .then_some("names two NS sets, or one without nameservers")
            }
            Edit::SoaTemplate { id, before, after } => [before, after]
                .into_iter()
                .flatten()
                .any(|template| template.id != *id)
                .then_some("names two SOA templates"),
            Edit::Zone { id, before, after } => {
                [before, after].into_iter().flatten().any(|zone| zone.id != *id).then_some("names two zones")
            }
            Edit::Record { rtype, before, after, .. } => {
                [before, after].into_iter().flatten().find_map(|set| rrset_fault(*rtype, set))
            }
            Edit::Sending { address, before, after } => {
                let mut marks = [before, after].into_iter().flatten();
                let is_bad =
                    |mark: &Sending| mark.address != *address || u16::try_from(mark.domains.len()).is_err();
                marks.any(|mark| is_bad(mark)).then_some("names two addresses that send, or too many domains")
            }
            Edit::Ptrs(edits) => edits
                .iter()
                .any(|edit| {
                    (edit.before.is_none() && edit.after.is_none())
                        || [edit.before, edit.after]
                            .into_iter()
                            .flatten()
                            .any(|set| !names_are_well_formed(set.names))
                })
                .then_some("has PTR edits without a set, or sets that are no run of names"),
        }
    }
}

fn block_fault(id: BlockId, block: &Block) -> Option<&'static str> {
    let style = match &block.mode {
        Mode::Classless { style, .. } | Mode::DelegatedClassless { style, .. } => Some(style),
        _ => None,
    };
    let counts_fit = |delegation: &Delegation| {
        let fits = |count: usize| u16::try_from(count).is_ok();
        fits(delegation.nameservers.len())
            && delegation.nameservers.iter().all(|nameserver| fits(nameserver.addresses.len()))
            && fits(delegation.ds.len())
            && delegation.ds.iter().all(|ds| fits(ds.len()))
    };
    let former = block.standing.former.iter().filter_map(|label| label.delegation.as_ref());
    if block.id != id {
        Some("names two blocks")
    } else if style.is_some_and(|style| style.to_string().parse().as_ref() != Ok(style)) {
        Some("has a label style that cannot be written down")
    } else if u16::try_from(block.standing.former.len()).is_err() {
        Some("has more former labels than can be written down")
    } else if !block.mode.delegation().into_iter().chain(former).all(counts_fit) {
        Some("has a delegation too large to be written down")
    } else {
        None
    }
}

fn rrset_fault(rtype: RecordType, set: &RrSet) -> Option<&'static str> {
    if set.rtype != rtype {
        Some("names two types")
    } else if set.rdatas.is_empty() {
        Some("has an RRset of no records")
    } else if !set.rdatas.iter().all(|rdata| rdata.len() <= 65_535 && rdata_is_well_formed(rtype, rdata)) {
        Some("has data that its type does not allow")
    } else {
        None
    }
}

//! Requests for changes, and what comes back.

use crate::Confirmation;
use crate::block::{BlockSetBody, Effect, MergeBody, PtrFate, RelabelBody, SplitBody, TransferBody};
use crate::sets::{NsSetWrite, SoaTemplateWrite, ZoneSet, ZoneStart};
use serde::{Deserialize, Serialize};

/// Any change that fits into one JSON body. Imports have routes of their own, since their bodies are files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ChangeRequest {
    /// A new tenant.
    TenantAdd {
        /// 1–63 lower-case letters, digits and hyphens.
        name: String,
    },
    /// Removes a tenant that owns nothing.
    TenantRemove {
        /// Its name.
        name: String,
        /// Make the change only if it still has this version (see `TenantView::version`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// Says whose customer a tenant is.
    TenantSet {
        /// Its name.
        name: String,
        /// Its reseller, who may give it blocks inside its own; absent for none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reseller: Option<String>,
        /// Make the change only if it still has this version (see `TenantView::version`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// A new block.
    BlockAdd(BlockAdd),
    /// Removes a block, and the zones that only it has brought.
    BlockRemove {
        /// The block's range, exactly.
        range: String,
        /// Also delete the PTRs in it, and the records of the zones that go.
        #[serde(default)]
        clear: bool,
        /// What becomes of the PTRs alone. Without it and without `clear` an enclosing block of the same tenant takes
        /// them over, under one of another tenant they are cleared, and without an enclosing block the removal is
        /// refused while there are any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ptrs: Option<PtrFate>,
        /// Make the change only if it still has this version (see `BlockView::version`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// Alters what a block's tenant may do.
    BlockSet {
        /// The block's range, exactly.
        range: String,
        /// What to alter.
        #[serde(flatten)]
        set: BlockSetBody,
    },
    /// Gives a block to another tenant, with its zones.
    BlockTransfer {
        /// The block's range, exactly.
        range: String,
        /// To whom, and what goes along.
        #[serde(flatten)]
        transfer: TransferBody,
    },
    /// Keeps the addresses of a block from being shown; everything stays stored.
    BlockSuspend {
        /// The block's range, exactly.
        range: String,
    },
    /// Shows the addresses of a suspended block again.
    BlockResume {
        /// The block's range, exactly.
        range: String,
    },
    /// Gives a classless block another label; the old one is answered for until it has left the caches.
    BlockRelabel {
        /// The block's range, exactly.
        range: String,
        /// The new label.
        #[serde(flatten)]
        label: RelabelBody,
    },
    /// Stops answering for the labels that a block had before.
    BlockRelabelFinish {
        /// The block's range, exactly.
        range: String,
    },
    /// Makes several blocks of one.
    BlockSplit {
        /// The block's range, exactly.
        range: String,
        /// Where.
        #[serde(flatten)]
        split: SplitBody,
    },
    /// Makes one block of several that follow one another.
    BlockMerge(MergeBody),
    /// Changes the NS set and the SOA template named `default`, and the TTLs of whatever has none of its own.
    DefaultsSet(DefaultsSet),
    /// A new NS set.
    NsSetAdd(NsSetWrite),
    /// Changes an NS set, and with it every zone that references it.
    NsSetSet(NsSetWrite),
    /// Gives an NS set another name. No zone changes.
    NsSetRename {
        /// Its name.
        name: String,
        /// The new one.
        to: String,
        /// Make the change only if it still has this version (see `NsSetView::version`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// Removes an NS set that no zone references.
    NsSetRemove {
        /// Its name.
        name: String,
        /// Make the change only if it still has this version (see `NsSetView::version`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// A new SOA template.
    SoaTemplateAdd(SoaTemplateWrite),
    /// Changes a SOA template, and with it every zone that references it.
    SoaTemplateSet(SoaTemplateWrite),
    /// Gives a SOA template another name. No zone changes.
    SoaTemplateRename {
        /// Its name.
        name: String,
        /// The new one.
        to: String,
        /// Make the change only if it still has this version (see `SoaTemplateView::version`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// Removes a SOA template that no zone references.
    SoaTemplateRemove {
        /// Its name.
        name: String,
        /// Make the change only if it still has this version (see `SoaTemplateView::version`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// Sets what zones reference.
    ZoneSet(ZoneSet),
    /// Replaces the PTR RRset of an address.
    PtrSet(PtrWrite),
    /// Adds targets to the PTR RRset of an address.
    PtrAdd(PtrWrite),
    /// Deletes the PTR RRset of an address, or only the named targets.
    PtrDelete {
        /// The address.
        address: String,
        /// The targets to delete; empty deletes all.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<String>,
        /// Delete only if the address still has this version (see `PtrView::version`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// Sets a PTR on every address of a range from a pattern.
    PtrFill(PtrFill),
    /// Replaces an RRset that is not a PTR of an address.
    RecordSet(RecordWrite),
    /// Adds records to an RRset.
    RecordAdd(RecordWrite),
    /// Deletes an RRset, or only the records given; without a type, all RRsets of the owner.
    RecordDelete {
        /// The owner, absolute.
        owner: String,
        /// The type, a mnemonic or TYPEnnn.
        #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
        rtype: Option<String>,
        /// Record data in presentation form; empty deletes the RRset.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        data: Vec<String>,
        /// The zone, if not the deepest that the owner falls into.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        zone: Option<String>,
        /// Delete only if the RRset still has this version (see `RecordView::version`); needs a type.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// An empty verbatim zone, with copies of what the NS set and the SOA template named `default` give, where it is not to
    /// reference others.
    ZoneAdd {
        /// The apex.
        apex: String,
        /// The owner.
        tenant: String,
        /// What it references.
        #[serde(flatten)]
        start: ZoneStart,
    },
    /// Stops serving a verbatim zone and deletes its records.
    ZoneRemove {
        /// The apex.
        apex: String,
        /// Make the change only if it still has this version (see `ZoneView::version`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expect: Option<String>,
    },
    /// Puts and deletes whole RRsets of a zone, PTRs of addresses among them.
    RrsetsSet(crate::RrsetsWrite),
    /// A new zone with its RRsets, and the block that it stands for.
    ZoneMake(crate::ZoneMake),
    /// Removes a zone with all that is in it, and the block that it stands for.
    ZoneDrop {
        /// The apex.
        apex: String,
    },
    /// Makes verbatim reverse zones native; what they answer stays the same.
    ZoneAdopt {
        /// The apexes; classless zones that their CNAMEs lead to are adopted with them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        apexes: Vec<String>,
        /// Instead of `apexes`: every verbatim zone that can be adopted. The others stay as they are.
        #[serde(default)]
        all: bool,
    },
    /// Pulls a zone from primaries elsewhere from now on, or from other ones.
    ZoneFollow(crate::FollowWrite),
    /// Makes a zone that is followed a verbatim zone of our own.
    ZoneUnfollow {
        /// The apex.
        apex: String,
    },
    /// Lets somebody transfer zones, announce their changes, or update them.
    AccessAllow(crate::AccessWrite),
    /// Takes a permission back; it must be named as it was given.
    AccessRevoke(crate::AccessWrite),
    /// Grants a tenant a name of a companion zone and all below it.
    NamesAllow(crate::NameGrantWrite),
    /// Takes a name back that was granted.
    NamesRevoke(crate::NameGrantWrite),
    /// A new TSIG key.
    KeyAdd(crate::KeyWrite),
    /// Removes a TSIG key.
    KeyRemove {
        /// Its name.
        name: String,
        /// Take back the permissions that name it; without, it is refused while there are any.
        #[serde(default)]
        revoke: bool,
    },
    /// A new token of the API.
    TokenAdd(crate::TokenWrite),
    /// Makes a token of no use, and with it those that were made with it.
    TokenRevoke {
        /// What it is called.
        id: String,
    },
    /// Lists an address that is told of changes of zones, or another key for one that is listed.
    NotifyAdd(crate::NotifyWrite),
    /// Strikes an address off; its scope must be named as it was given.
    NotifyRemove(crate::NotifyWrite),
    /// Says whether nameservers are told of changes.
    NotifyNameservers(crate::NotifyNameservers),
    /// A new catalog of zones.
    CatalogAdd(crate::CatalogAdd),
    /// Says which zones a catalog lists.
    CatalogSet(crate::CatalogSet),
    /// Removes a catalog. The zones that it lists stay.
    CatalogRemove {
        /// Its apex.
        catalog: String,
    },
    /// Follows a catalog of somebody else from now on, or from other primaries: what it lists is served here.
    CatalogFollow(crate::CatalogFollowWrite),
    /// Says what is otherwise for members of a group of such a catalog.
    CatalogGroup(crate::CatalogGroupWrite),
    /// Follows it no longer.
    CatalogUnfollow {
        /// Its apex.
        catalog: String,
        /// What is to become of the zones that it listed.
        members: crate::MembersFate,
    },
    /// Marks an address as one that sends mail.
    SendingSet(crate::SendingWrite),
    /// Takes such marks away.
    SendingClear(crate::SendingClear),
    /// Drops a PTR that waits for its names to resolve back.
    PendingDrop {
        /// Where it waits.
        address: String,
    },
    /// Undoes a change, where what it left is still so.
    Rollback {
        /// Its number.
        change: u64,
        /// Whoever transfers the zones is a ptrd: they may come to have more computed names than others are sent.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        only_ptrd: bool,
    },
    /// Takes old changes out of the log.
    LogPrune(crate::LogPrune),
    /// Says how much is kept of what zones lost and gained, for incremental transfers.
    HistoryLimit {
        /// Octets; absent sets no limit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        octets: Option<u64>,
    },
    /// Says for how long changes stay in the log.
    LogRetain {
        /// Seconds; absent keeps them for ever.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keep: Option<u64>,
    },
}

impl ChangeRequest {
    /// Undoes a change.
    pub fn rollback(change: u64) -> ChangeRequest {
        ChangeRequest::Rollback { change, only_ptrd: false }
    }
}

/// A new block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BlockAdd {
    /// `192.0.2.0/24`, `192.0.2.10-192.0.2.20`, or one address.
    pub range: String,
    /// The owner.
    pub tenant: String,
    /// The style of the classless label: `first-len`, `first-last`, `slash`, `label=TEXT`. Asks for a classless zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classless: Option<String>,
    /// The apex of the classless zone in full, when it is not the styled label below the parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apex: Option<String>,
    /// The addresses are a third party's: no zone is made and nothing of it is answered here, but they may be marked as
    /// sending, and are reported and watched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub observed: bool,
    /// Add zones even where a zone served here covers the range already.
    #[serde(default)]
    pub own_zone: bool,
    /// Hand the addresses to the customer's nameservers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegate: Option<DelegationKind>,
    /// The customer's nameservers with glue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nameservers: Vec<NameserverSpec>,
    /// DS data in presentation form: `12345 13 2 0123…`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ds: Vec<String>,
    /// TTL in seconds of PTRs in the block that have none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_ttl: Option<u32>,
    /// How addresses are named that have no PTR: the text of a template, `none` or `inherit`, which it is unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The template in the words of another server, in the place of `template`: the data of a `$GENERATE` of BIND, dnsmasq's
    /// `synth-domain=…`, PowerDNS's `createReverse(…)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template_from: Option<String>,
    /// Also where zones come to have more computed names than a transfer sends, and others may transfer them: those are ptrd,
    /// which takes the templates instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_ptrd: bool,
    /// Whether names may look generic to spam filters: `any`, `warn`, `must-pass`; absent is as the block around it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub names: Option<String>,
    /// Whether names must resolve back to the address: `off`, `warn`, `require`, `strict`; absent is as the block around it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fcrdns: Option<String>,
    /// Its tenant may add and remove blocks inside it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_sub_block: bool,
    /// The NS set, by name, that the zones of the block reference; `default` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ns_set: Option<String>,
    /// The SOA template, by name, that they reference; `default` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soa_template: Option<String>,
    /// What becomes of the PTRs of another tenant whose addresses these were; they are cleared unless this says `keep`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ptrs: Option<PtrFate>,
}

/// How a block is handed to the customer's nameservers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DelegationKind {
    /// The range zones of the block (`--delegate zone`).
    Zone,
    /// A classless zone, CNAMEs in the parent (`--delegate classless`).
    Classless,
    /// One NS cut for each address (`--delegate ns`).
    Ns,
}

/// A nameserver of the customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NameserverSpec {
    /// Its name.
    pub name: String,
    /// Glue addresses, for a name at or below the cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

/// Changes of the defaults; what is absent stays. Nameservers go to the NS set named `default`, what belongs into a
/// SOA to the SOA template of that name: zones that reference them change at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct DefaultsSet {
    /// The nameservers, MNAME first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nameservers: Option<Vec<String>>,
    /// RNAME, as a name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rname: Option<String>,
    /// SOA REFRESH, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh: Option<u32>,
    /// SOA RETRY, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry: Option<u32>,
    /// SOA EXPIRE, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expire: Option<u32>,
    /// SOA MINIMUM, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<u32>,
    /// TTL of SOA, NS and derived cuts, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone_ttl: Option<u32>,
    /// TTL of PTRs that have none of their own, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ptr_ttl: Option<u32>,
    /// Make the change only if the defaults still have this version (see `DefaultsView::version`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// PTR targets for an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PtrWrite {
    /// The address.
    pub address: String,
    /// Host names; U-labels are stored as A-labels.
    pub names: Vec<String>,
    /// TTL in seconds; absent inherits the block's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Allow underscores in targets.
    #[serde(default)]
    pub lax: bool,
    /// Make the change only if the address still has this version (see `PtrView::version`; `absent` for none).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// The body of `PUT` and `POST /v1/ptrs/{address}`: [`PtrWrite`] with the address in the path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PtrBody {
    /// Host names; U-labels are stored as A-labels.
    pub names: Vec<String>,
    /// TTL in seconds; absent inherits the block's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Allow underscores in targets.
    #[serde(default)]
    pub lax: bool,
    /// As in [`PtrWrite`]; `If-Match` says the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

impl PtrBody {
    /// The request for this address.
    pub fn at(self, address: String) -> PtrWrite {
        PtrWrite { address, names: self.names, ttl: self.ttl, lax: self.lax, expect: self.expect }
    }
}

/// PTRs for every address of a range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PtrFill {
    /// The addresses, at most 2^20.
    pub range: String,
    /// The target with `{n}` (count from `start`, `{n:02}` zero-padded), `{a}` `{b}` `{c}` `{d}` (octets), `{ip}`
    /// (dashed address), `{hex}` (hexadecimal digits).
    pub pattern: String,
    /// What `{n}` starts with; 0 unless given.
    #[serde(default)]
    pub start: u64,
    /// TTL in seconds; absent inherits the block's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Leave addresses alone that have a PTR already; without, they are replaced.
    #[serde(default)]
    pub keep: bool,
    /// Allow underscores in targets.
    #[serde(default)]
    pub lax: bool,
}

/// Options of `POST /v1/ptrs/import`, as query parameters; the body is CSV: `address,name[,ttl]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PtrImportOptions {
    /// Allow underscores in targets.
    #[serde(default)]
    pub lax: bool,
    /// Check and plan, change nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Records of one owner and type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordWrite {
    /// The owner, absolute.
    pub owner: String,
    /// The type, a mnemonic or TYPEnnn.
    #[serde(rename = "type")]
    pub rtype: String,
    /// Record data in presentation form; relative names in it are taken as absolute.
    pub data: Vec<String>,
    /// TTL in seconds; absent is the zone default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// The zone, if not the deepest that the owner falls into.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Make the change only if the RRset still has this version (see `RecordView::version`; `absent` for none).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// Options of `POST /v1/zones/import`, as query parameters; the body is a [`crate::Bundle`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ZoneImportOptions {
    /// The owner of the zones, or, where rules come with the files, of those that no rule speaks of.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tenant: String,
    /// The apex, for a single file; otherwise taken from the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apex: Option<String>,
    /// Replace verbatim zones that are served already.
    #[serde(default)]
    pub replace: bool,
    /// Import the files that are good and report the others, instead of all or nothing.
    #[serde(default)]
    pub keep_going: bool,
    /// With `replace`: take the serial of the file even where it is not after the one that is served.
    #[serde(default)]
    pub keep_serial: bool,
    /// Check, change nothing.
    #[serde(default)]
    pub dry_run: bool,
    /// For a single file: import it only if the zone still has this version (see `ZoneView::version`; `absent` for none).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
}

/// A change that is durable and visible.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeDone {
    /// Its number in the log; absent when nothing had to change or on a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<u64>,
    /// What was done, one line.
    pub summary: String,
    /// What the caller should know but need not act on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What became of names that must resolve back; at most 100 addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fcrdns: Vec<Confirmation>,
    /// How many addresses these are in all.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub fcrdns_total: u64,
    /// Zones whose content changed, with their new serials; at most 100, `zones_changed` counts all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneStep>,
    /// How many zones changed.
    #[serde(default)]
    pub zones_changed: u64,
    /// How many PTR RRsets changed.
    #[serde(default)]
    pub ptrs_changed: u64,
    /// On a dry run of a change of blocks: what would come of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// On a dry run: PTR RRsets as they are and as they would be, in the order of addresses; at most 256, `ptrs_changed`
    /// counts all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ptrs: Vec<PtrStep>,
    /// For imports and adoptions: what became of each zone, what was left out and why. What was left out comes first;
    /// `report_total` counts all lines where the list was cut.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub report: Vec<ReportLine>,
    /// How many lines the report would have.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub report_total: u64,
    /// Where changes are acknowledged by a standby too: whether this one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_by: Option<crate::AcknowledgedBy>,
    /// The token that was made; shown here and nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<crate::TokenMade>,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// [`ReportLine::what`] of something that was not taken over.
pub const REPORT_LEFT_OUT: &str = "left out";

/// What became of one zone, file, block or record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReportLine {
    /// The zone, file, range or owner.
    pub subject: String,
    /// `imported`, `replaced`, `unchanged`, `adopted`, `block`, `kept as records` or `left out`.
    pub what: String,
    /// From where, into what, or why not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What a change would do to the PTR RRset of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PtrStep {
    /// The address.
    pub address: String,
    /// What it has; absent for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<crate::PtrRow>,
    /// What it would have; absent for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<crate::PtrRow>,
}

/// A zone's new serial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ZoneStep {
    /// The apex.
    pub apex: String,
    /// The serial from this change on; absent if the zone was removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_one_spelling_and_refuse_unknown_fields() {
        let text = r#"{"kind":"ptr-set","address":"192.0.2.1","names":["a.example"]}"#;
        let request: ChangeRequest = serde_json::from_str(text).expect("a request");
        assert!(
            matches!(&request, ChangeRequest::PtrSet(write) if write.address == "192.0.2.1" && !write.lax)
        );
        assert!(serde_json::from_str::<ChangeRequest>(&text.replace("names", "hosts")).is_err());
    }

    #[test]
    fn requests_for_blocks_refuse_unknown_fields_too() {
        for (text, field) in [
            (r#"{"kind":"block-transfer","range":"192.0.2.0/24","to":"bob","ptrs":"keep"}"#, "ptrs"),
            (r#"{"kind":"block-relabel","range":"192.0.2.0/26","classless":"slash","grace":60}"#, "grace"),
            (r#"{"kind":"block-split","range":"192.0.2.0/24","into":25}"#, "into"),
            (r#"{"kind":"block-merge","ranges":["192.0.2.0/25","192.0.2.128/25"]}"#, "ranges"),
            (r#"{"kind":"block-set","range":"192.0.2.0/24","may_sub_block":true}"#, "may_sub_block"),
            (r#"{"kind":"block-remove","range":"192.0.2.0/24","ptrs":"clear"}"#, "ptrs"),
        ] {
            let request: ChangeRequest = serde_json::from_str(text).unwrap_or_else(|e| panic!("{text}: {e}"));
            let back = serde_json::to_string(&request).expect("JSON");
            assert_eq!(serde_json::from_str::<ChangeRequest>(&back).expect("a request"), request);
            let bad = text.replace(field, "other");
            assert!(serde_json::from_str::<ChangeRequest>(&bad).is_err(), "{bad}");
        }
    }
}

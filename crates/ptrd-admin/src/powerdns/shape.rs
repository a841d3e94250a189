//! What PowerDNS says, field by field. Names of fields are its own.

use super::id;
use ptrd_api::{RecordView, SearchHit, ZoneView};
use serde::Serialize;
use std::net::SocketAddr;

/// What is answered for the version of the server. Clients want three numbers, and decide by them what they may ask for.
pub(super) const VERSION: &str = "4.9.0-ptrd";

#[derive(Serialize)]
pub(super) struct Server {
    autoprimaries_url: &'static str,
    config_url: &'static str,
    daemon_type: &'static str,
    id: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    url: &'static str,
    version: &'static str,
    zones_url: &'static str,
}

pub(super) const SERVER: Server = Server {
    autoprimaries_url: "/api/v1/servers/localhost/autoprimaries{/autoprimary}",
    config_url: "/api/v1/servers/localhost/config{/config_setting}",
    daemon_type: "authoritative",
    id: "localhost",
    kind: "Server",
    url: "/api/v1/servers/localhost",
    version: VERSION,
    zones_url: "/api/v1/servers/localhost/zones{/zone}",
};

/// A zone in a list.
#[derive(Serialize)]
pub(super) struct ZoneHead<'z> {
    account: &'z str,
    catalog: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dnssec: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_serial: Option<u32>,
    id: String,
    kind: &'static str,
    last_check: i64,
    masters: Vec<String>,
    name: &'z str,
    notified_serial: u32,
    serial: u32,
    url: String,
}

/// A zone alone. Its RRsets follow.
#[derive(Serialize)]
pub(super) struct ZoneDetail<'z> {
    #[serde(flatten)]
    head: ZoneHead<'z>,
    api_rectify: bool,
    master_tsig_key_ids: [&'static str; 0],
    nsec3narrow: bool,
    nsec3param: &'static str,
    slave_tsig_key_ids: [&'static str; 0],
    soa_edit: &'static str,
    soa_edit_api: &'static str,
}

pub(super) fn kind(zone: &ZoneView) -> &'static str {
    match (&zone.follow, zone.powerdns_kind.as_deref()) {
        (Some(_), _) => "Slave",
        (None, Some("native")) => "Native",
        (None, _) => "Master",
    }
}

/// How serials step, in the words of SOA-EDIT-API.
pub(super) fn soa_edit_api(zone: &ZoneView) -> &'static str {
    match (&zone.follow, zone.serial_policy.as_str()) {
        (Some(_), _) => "",
        (None, "date") => "DEFAULT",
        (None, "unixtime") => "EPOCH",
        (None, _) => "INCREASE",
    }
}

/// An address without the port that goes without saying.
pub(super) fn master(address: &str) -> String {
    match address.parse::<SocketAddr>() {
        Ok(socket) if socket.port() == 53 => socket.ip().to_string(),
        _ => address.to_owned(),
    }
}

impl ZoneHead<'_> {
    /// `dnssec` says whether what takes PowerDNS some work to find out is to be told.
    pub fn of(zone: &ZoneView, dnssec: bool) -> ZoneHead<'_> {
        let kind = kind(zone);
        let follow = zone.follow.as_ref();
        let id = id::of(&zone.apex);
        ZoneHead {
            account: &zone.tenant,
            catalog: "",
            dnssec: dnssec.then_some(zone.signed.is_some()),
            edited_serial: dnssec.then_some(zone.serial),
            kind,
            last_check: follow.and_then(|follow| follow.checked).unwrap_or(0) / 1_000,
            masters: follow
                .map(|follow| follow.primaries.iter().map(|primary| master(&primary.address)).collect())
                .unwrap_or_default(),
            name: &zone.apex,
            // Whoever is to be told is told of each change, when it is made.
            notified_serial: if kind == "Master" { zone.serial } else { 0 },
            serial: zone.serial,
            url: format!("/api/v1/servers/localhost/zones/{id}"),
            id,
        }
    }
}

impl ZoneDetail<'_> {
    pub fn of(zone: &ZoneView) -> ZoneDetail<'_> {
        ZoneDetail {
            head: ZoneHead::of(zone, true),
            api_rectify: false,
            master_tsig_key_ids: [],
            nsec3narrow: false,
            nsec3param: "",
            slave_tsig_key_ids: [],
            soa_edit: "",
            soa_edit_api: soa_edit_api(zone),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Rrset<'r> {
    comments: [&'static str; 0],
    name: &'r str,
    records: Vec<Record<'r>>,
    ttl: u32,
    #[serde(rename = "type")]
    kind: &'r str,
}

#[derive(Serialize)]
struct Record<'r> {
    content: &'r str,
    disabled: bool,
}

impl Rrset<'_> {
    pub fn of(record: &RecordView) -> Rrset<'_> {
        let records = record.data.iter().map(|content| Record { content, disabled: false }).collect();
        Rrset { comments: [], name: &record.owner, records, ttl: record.ttl, kind: &record.rtype }
    }
}

/// Something that a search found.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Hit {
    Zone {
        name: String,
        object_type: &'static str,
        zone_id: String,
    },
    Record {
        content: String,
        disabled: bool,
        name: String,
        object_type: &'static str,
        ttl: u32,
        #[serde(rename = "type")]
        kind: String,
        zone: String,
        zone_id: String,
    },
}

impl From<SearchHit> for Hit {
    fn from(SearchHit { zone, record }: SearchHit) -> Hit {
        let zone_id = id::of(&zone);
        match record {
            None => Hit::Zone { name: zone, object_type: "zone", zone_id },
            Some(record) => Hit::Record {
                content: record.data,
                disabled: false,
                name: record.owner,
                object_type: "record",
                ttl: record.ttl,
                kind: record.rtype,
                zone,
                zone_id,
            },
        }
    }
}

//! A file as the first ptrd left it: schema 0001, with rows of every table, written with the SQL of that time.

use crate::StoreError;
use crate::sqlite::make_old;
use ptrd_wire::{Name, RecordType, Serial, Soa, Ttl};
use rusqlite::{Connection, params};
use std::path::Path;

/// What `ptrctl defaults set` had left in the file of [`first_schema_store`].
const DEFAULTS: &str = r#"{"nameservers":["ns1.example.net.","ns2.example.net."],"rname":"hostmaster.example.net.",
    "refresh":14400,"retry":3600,"expire":1209600,"minimum":3600,"zone_ttl":86400,"ptr_ttl":1800}"#;

/// A zone of that file: number, apex, kind, first and last address, block, nameservers, REFRESH.
type Row<'a> = (u32, &'a str, &'a str, Option<[[u8; 4]; 2]>, Option<u32>, &'a [&'a str], u32);

/// The nameservers of the defaults.
const USUAL: &[&str] = &["ns1.example.net.", "ns2.example.net."];

/// Zones 1 and 2 are as the defaults are; 3 has a SOA of its own, 4 nameservers of its own, 5 is verbatim.
const ZONES: [Row<'_>; 5] = [
    (1, "2.0.192.in-addr.arpa.", "range", Some([[192, 0, 2, 0], [192, 0, 2, 255]]), None, USUAL, 14_400),
    (
        2,
        "0-29.2.0.192.in-addr.arpa.",
        "classless",
        Some([[192, 0, 2, 0], [192, 0, 2, 7]]),
        Some(2),
        USUAL,
        14_400,
    ),
    (
        3,
        "100.51.198.in-addr.arpa.",
        "range",
        Some([[198, 51, 100, 0], [198, 51, 100, 255]]),
        None,
        USUAL,
        9_999,
    ),
    (
        4,
        "113.0.203.in-addr.arpa.",
        "range",
        Some([[203, 0, 113, 0], [203, 0, 113, 255]]),
        None,
        &["ns.other.example."],
        14_400,
    ),
    (5, "example.com.", "verbatim", None, None, USUAL, 14_400),
];

/// Makes the file. Serials are 100 times the zone's number; the last change is 7.
///
/// # Errors
/// [`StoreError`].
///
/// # Panics
/// When a row of it cannot be written, which is a fault of this function.
pub fn first_schema_store(path: &Path) -> Result<(), StoreError> {
    let connection = make_old(path, 1)?;
    fill(&connection).expect("rows of schema 0001");
    Ok(())
}

fn wire(text: &str) -> Vec<u8> {
    text.parse::<Name>().expect("a name").as_wire().to_vec()
}

fn soa_of(refresh: u32, serial: u32) -> Soa {
    let name = |text: &str| text.parse().expect("a name");
    let (mname, rname) = (name("ns1.example.net."), name("hostmaster.example.net."));
    let minimum = Ttl::from_secs(3_600);
    Soa { mname, rname, serial: Serial(serial), refresh, retry: 3_600, expire: 1_209_600, minimum }
}

fn fill(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA foreign_keys = ON; BEGIN;")?;
    connection.execute("INSERT INTO setting VALUES ('defaults', ?1)", [DEFAULTS])?;
    // The present projection, so that only what a start makes of the schema shows.
    let projection = ptrd_zone::PROJECTION_VERSION.to_string();
    connection.execute("INSERT INTO setting VALUES ('projection', ?1)", [projection])?;
    connection.execute_batch(
        "INSERT INTO tenant VALUES (1, 'acme');
         INSERT INTO change VALUES (7, 1700000000000, 'root', 'unix:1', NULL, 'test', 'all of it', '{}');",
    )?;
    let blocks: [(u32, [u8; 4], [u8; 4], &str); 4] = [
        (1, [192, 0, 2, 0], [192, 0, 2, 255], "direct"),
        (2, [192, 0, 2, 0], [192, 0, 2, 7], "classless"),
        (3, [198, 51, 100, 0], [198, 51, 100, 255], "direct"),
        (4, [203, 0, 113, 0], [203, 0, 113, 255], "direct"),
    ];
    for (id, first, last, mode) in blocks {
        let (style, apex) = match mode {
            "classless" => (Some("first-len"), Some(wire("0-29.2.0.192.in-addr.arpa."))),
            _ => (None, None),
        };
        let sql = "INSERT INTO block VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, NULL, NULL)";
        connection.execute(sql, params![id, first.as_slice(), last.as_slice(), mode, style, apex])?;
    }
    for zone in ZONES {
        fill_zone(connection, zone)?;
    }
    let ptr = "INSERT INTO ptr4 VALUES (?1, NULL, ?2)";
    connection.execute(ptr, params![[192u8, 0, 2, 9].as_slice(), wire("mail.example.com.")])?;
    for (seq, edit) in (0i64..).zip(old_edits()) {
        let sql = "INSERT INTO change_edit VALUES (7, ?1, NULL, NULL, ?2)";
        connection.execute(sql, params![seq, edit])?;
    }
    connection.execute_batch(
        "UPDATE mark SET value = 7 WHERE name = 'last_change';
         UPDATE mark SET value = 1 WHERE name IN ('last_tenant', 'tenant_rows', 'ptr4_rows');
         UPDATE mark SET value = 4 WHERE name IN ('last_block', 'block_rows');
         UPDATE mark SET value = 5 WHERE name IN ('last_zone', 'zone_rows', 'record_rows');
         UPDATE mark SET value = 2 WHERE name = 'setting_rows';
         COMMIT;",
    )
}

fn fill_zone(connection: &Connection, zone: Row<'_>) -> rusqlite::Result<()> {
    let (id, apex, kind, range, block, nameservers, refresh) = zone;
    let soa = soa_of(refresh, 100 * id);
    let bound = |nth: usize| range.map(|range| range[nth].to_vec());
    connection.execute(
        "INSERT INTO zone VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 86400)",
        params![
            id,
            wire(apex),
            kind,
            bound(0),
            bound(1),
            block,
            soa.mname.as_wire(),
            soa.rname.as_wire(),
            soa.serial.0,
            soa.refresh,
            soa.retry,
            soa.expire,
            soa.minimum.as_secs(),
        ],
    )?;
    let rdatas: Vec<u8> = nameservers
        .iter()
        .flat_map(|name| {
            let wire = wire(name);
            [&(wire.len() as u16).to_be_bytes()[..], &wire].concat()
        })
        .collect();
    let key = apex.parse::<Name>().expect("a name").key_below(0);
    let record = "INSERT INTO record VALUES (?1, ?2, ?3, NULL, 86400, ?4)";
    connection.execute(record, params![id, &*key, RecordType::NS.0, rdatas])?;
    connection.execute("INSERT INTO zone_serial VALUES (?1, 7, ?2)", params![id, soa.serial.0])?;
    connection.execute("INSERT INTO outbox VALUES ('notify', ?1, ?2)", params![id, soa.serial.0])?;
    Ok(())
}

/// Edits in version 1 of their form: the tenant, and zone 5 come and changed.
fn old_edits() -> [Vec<u8>; 3] {
    let zone = |serial: u32| {
        let soa = soa_of(14_400, serial).to_wire();
        let length = (soa.len() as u16).to_be_bytes();
        [&wire("example.com.")[..], &1u32.to_be_bytes(), &[2], &length, &soa, &86_400u32.to_be_bytes()]
            .concat()
    };
    let tenant = [&[1, 2, 0, 0, 0, 1, 0, 1, 0, 0, 0, 4][..], b"acme"].concat();
    let added = [&[1, 4, 0, 0, 0, 5, 0, 1][..], &zone(400)].concat();
    let changed = [&[1, 4, 0, 0, 0, 5, 1][..], &zone(400), &[1], &zone(500)].concat();
    [tenant, added, changed]
}

//! PowerDNS's SQLite database (`gsqlite3`, schema 4.x; 3.x where it has the same columns): `domains` and `records`.
//!
//! The file comes from somebody, and anything can be in it. It is opened read-only and immutable, so that no journal
//! beside it is looked at; its schema is not trusted; the two tables must be plain tables, not views, virtual tables or
//! such with computed columns, and nothing else of the schema is used, no index either. Its structure is checked before
//! it is walked, since pages can lead in circles. Every value is looked at before it is taken for what it should be.
//!
//! What is read is text, as PowerDNS keeps it: names without final dots, data in presentation form.

use super::ForeignError;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use std::collections::BTreeMap;
use std::path::Path;

/// Zones that are taken.
const MAX_ZONES: u64 = 1_000_000;
/// Records that are taken.
const MAX_RECORDS: u64 = 20_000_000;
/// Octets of one value.
const MAX_VALUE: i32 = 1 << 20;
/// Kinds of metadata that are remembered of a zone.
const MAX_METADATA: usize = 32;

/// A zone of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PowerDnsZone {
    /// Its number in the database.
    pub id: i64,
    /// Its name, without a final dot.
    pub name: String,
    /// `MASTER`, `NATIVE`, `SLAVE` and so on, in capitals.
    pub kind: String,
    /// The kinds of its metadata.
    pub metadata: Vec<String>,
    /// It has keys to be signed with.
    pub has_keys: bool,
    /// Records that are switched off, and empty names: both are not answered.
    pub silent: u64,
    /// The records.
    pub records: Vec<PowerDnsRecord>,
}

/// A record of the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PowerDnsRecord {
    /// Its number in the database.
    pub id: i64,
    /// The owner, without a final dot.
    pub name: String,
    /// The type.
    pub rtype: String,
    /// The TTL, seconds; `None` for the server's default.
    pub ttl: Option<i64>,
    /// The preference of MX and the priority of SRV, which stand beside the data.
    pub priority: Option<i64>,
    /// The data.
    pub content: String,
}

/// An open database.
pub struct PowerDns(Connection);

impl From<rusqlite::Error> for ForeignError {
    fn from(error: rusqlite::Error) -> ForeignError {
        ForeignError::Damaged(error.to_string())
    }
}

impl PowerDns {
    /// Opens a database, and makes sure that it is one of PowerDNS's.
    ///
    /// # Errors
    /// [`ForeignError`].
    pub fn open(path: &Path) -> Result<PowerDns, ForeignError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let connection = Connection::open_with_flags(uri(path), flags)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        for off in [
            DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER,
            DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW,
            DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY,
        ] {
            connection.set_db_config(off, false)?;
        }
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        connection.execute_batch(
            "PRAGMA query_only = ON;
             PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;
             PRAGMA mmap_size = 0;
             PRAGMA cache_size = -8192;",
        )?;
        let database = PowerDns(connection);
        database.admit()?;
        Ok(database)
    }

    fn admit(&self) -> Result<(), ForeignError> {
        let strange = "SELECT count(*) FROM sqlite_schema
                       WHERE type = 'table' AND (rootpage = 0 OR upper(sql) LIKE 'CREATE VIRTUAL%')";
        let strange: i64 = self.0.query_row(strange, [], |row| row.get(0))?;
        if strange > 0 {
            return Err(ForeignError::Form(
                "the database has virtual tables, which PowerDNS's has not".into(),
            ));
        }
        self.columns("domains", &["id", "name", "type"])?;
        self.columns("records", &["id", "domain_id", "name", "type", "content", "ttl", "prio"])?;
        let fault: String = self.0.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if fault != "ok" {
            return Err(ForeignError::Damaged(fault));
        }
        Ok(())
    }

    /// The columns of a plain table, which must have those that are needed.
    fn columns(&self, table: &str, needed: &[&str]) -> Result<Vec<String>, ForeignError> {
        let found = self.kind(table)?;
        if found.as_deref() != Some("table") {
            let found = found.map_or_else(|| "there is none".to_owned(), |kind| format!("it is a {kind}"));
            return Err(ForeignError::Form(format!(
                "this is no database of PowerDNS: it needs a table {table}, and {found}"
            )));
        }
        let mut statement = self.0.prepare("SELECT name, hidden FROM pragma_table_xinfo(?1)")?;
        let mut rows = statement.query([table])?;
        let mut columns = Vec::new();
        while let Some(row) = rows.next()? {
            let (name, hidden): (String, i64) = (row.get(0)?, row.get(1)?);
            if hidden != 0 {
                return Err(ForeignError::Form(format!("the column {name} of {table} is computed")));
            }
            columns.push(name.to_ascii_lowercase());
        }
        if let Some(missing) = needed.iter().find(|name| !columns.iter().any(|column| column == *name)) {
            return Err(ForeignError::Form(format!(
                "this is no database of PowerDNS that is understood: {table} has no column {missing}"
            )));
        }
        Ok(columns)
    }

    fn kind(&self, name: &str) -> Result<Option<String>, ForeignError> {
        let mut statement = self
            .0
            .prepare("SELECT type FROM sqlite_schema WHERE lower(name) = ?1 AND type IN ('table', 'view')")?;
        let mut rows = statement.query([name])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }

    /// Reads all zones with their records, one after the other.
    ///
    /// # Errors
    /// [`ForeignError`]; `each` may have received a part.
    pub fn read(&self, each: &mut dyn FnMut(PowerDnsZone)) -> Result<(), ForeignError> {
        let mut zones = self.zones()?;
        self.remarks(&mut zones)?;
        let disabled = self.columns("records", &[])?.iter().any(|column| column == "disabled");
        let disabled = if disabled { "disabled" } else { "0" };
        let sql = format!(
            "SELECT domain_id, id, name, type, content, ttl, prio, {disabled} FROM records NOT INDEXED
             ORDER BY domain_id, id"
        );
        let mut statement = self.0.prepare(&sql)?;
        let mut rows = statement.query([])?;
        let (mut zone, mut count): (Option<PowerDnsZone>, u64) = (None, 0);
        while let Some(row) = rows.next()? {
            count += 1;
            if count > MAX_RECORDS {
                return Err(ForeignError::TooMuch { what: "records", limit: MAX_RECORDS });
            }
            // Records of no zone are nobody's, and PowerDNS does not answer them.
            let Some(domain) = integer(row, 0, "records")? else { continue };
            if zone.as_ref().is_none_or(|zone| zone.id != domain) {
                zone.take().into_iter().for_each(&mut *each);
                zone = zones.remove(&domain);
            }
            if let Some(zone) = &mut zone {
                match record(row)? {
                    Some(record) => zone.records.push(record),
                    None => zone.silent += 1,
                }
            }
        }
        zone.into_iter().chain(zones.into_values()).for_each(each);
        Ok(())
    }

    fn zones(&self) -> Result<BTreeMap<i64, PowerDnsZone>, ForeignError> {
        let mut statement = self.0.prepare("SELECT id, name, type FROM domains NOT INDEXED")?;
        let mut rows = statement.query([])?;
        let mut zones = BTreeMap::new();
        while let Some(row) = rows.next()? {
            if zones.len() as u64 >= MAX_ZONES {
                return Err(ForeignError::TooMuch { what: "zones", limit: MAX_ZONES });
            }
            let id = integer(row, 0, "domains")?.ok_or_else(|| strange("domains", 0))?;
            let name = text(row, 1, "domains")?.ok_or_else(|| strange("domains", 1))?;
            let kind = text(row, 2, "domains")?.unwrap_or_default().to_ascii_uppercase();
            zones.insert(id, PowerDnsZone { id, name, kind, ..PowerDnsZone::default() });
        }
        Ok(zones)
    }

    /// What is known of zones besides their records, as far as the tables are there.
    fn remarks(&self, zones: &mut BTreeMap<i64, PowerDnsZone>) -> Result<(), ForeignError> {
        if self.kind("domainmetadata")?.as_deref() == Some("table") {
            self.columns("domainmetadata", &["domain_id", "kind"])?;
            self.each_of("SELECT domain_id, kind FROM domainmetadata NOT INDEXED", |id, kind| {
                let zone = id.and_then(|id| zones.get_mut(&id));
                let metadata = zone.map(|zone| &mut zone.metadata);
                if let (Some(metadata), Some(kind)) = (metadata, kind)
                    && metadata.len() < MAX_METADATA
                    && !metadata.contains(&kind)
                {
                    metadata.push(kind);
                }
            })?;
        }
        if self.kind("cryptokeys")?.as_deref() == Some("table") {
            self.columns("cryptokeys", &["domain_id"])?;
            self.each_of("SELECT domain_id, NULL FROM cryptokeys NOT INDEXED", |id, _| {
                if let Some(zone) = id.and_then(|id| zones.get_mut(&id)) {
                    zone.has_keys = true;
                }
            })?;
        }
        Ok(())
    }

    fn each_of(
        &self,
        sql: &str,
        mut each: impl FnMut(Option<i64>, Option<String>),
    ) -> Result<(), ForeignError> {
        let mut statement = self.0.prepare(sql)?;
        let mut rows = statement.query([])?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            if count > MAX_RECORDS {
                return Err(ForeignError::TooMuch { what: "rows", limit: MAX_RECORDS });
            }
            each(integer(row, 0, "domainmetadata")?, text(row, 1, "domainmetadata")?);
        }
        Ok(())
    }
}

/// `file:` with the path's octets escaped; immutable, so that neither a journal nor a lock is looked for.
fn uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for &b in path.as_os_str().as_encoded_bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => uri.push(char::from(b)),
            _ => uri.push_str(&format!("%{b:02X}")),
        }
    }
    uri.push_str("?mode=ro&immutable=1");
    uri
}

/// A record that is answered; `None` for one that is switched off, or an empty name.
fn record(row: &Row<'_>) -> Result<Option<PowerDnsRecord>, ForeignError> {
    const TABLE: &str = "records";
    let rtype = text(row, 3, TABLE)?.filter(|rtype| !rtype.is_empty());
    let is_off = match row.get_ref(7)? {
        ValueRef::Null => false,
        ValueRef::Integer(flag) => flag != 0,
        ValueRef::Text(word) => word.eq_ignore_ascii_case(b"true") || word == b"t" || word == b"1",
        _ => return Err(strange(TABLE, 7)),
    };
    let (Some(rtype), false) = (rtype, is_off) else { return Ok(None) };
    Ok(Some(PowerDnsRecord {
        id: integer(row, 1, TABLE)?.ok_or_else(|| strange(TABLE, 1))?,
        name: text(row, 2, TABLE)?.unwrap_or_default(),
        rtype: rtype.to_ascii_uppercase(),
        content: text(row, 4, TABLE)?.unwrap_or_default(),
        ttl: integer(row, 5, TABLE)?,
        priority: integer(row, 6, TABLE)?,
    }))
}

fn integer(row: &Row<'_>, column: usize, table: &'static str) -> Result<Option<i64>, ForeignError> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(value) => Ok(Some(value)),
        // SQLite keeps in a column of numbers what it cannot read as one.
        ValueRef::Text(digits) => {
            let digits = std::str::from_utf8(digits).ok().and_then(|digits| digits.trim().parse().ok());
            digits.map(Some).ok_or_else(|| strange(table, column))
        }
        _ => Err(strange(table, column)),
    }
}

fn text(row: &Row<'_>, column: usize, table: &'static str) -> Result<Option<String>, ForeignError> {
    match row.get_ref(column)? {
        ValueRef::Null => Ok(None),
        ValueRef::Text(octets) => {
            let text = std::str::from_utf8(octets).map_err(|_| strange(table, column))?;
            Ok(Some(text.to_owned()))
        }
        ValueRef::Integer(value) => Ok(Some(value.to_string())),
        _ => Err(strange(table, column)),
    }
}

fn strange(table: &str, column: usize) -> ForeignError {
    ForeignError::Form(format!("table {table}: column {} of a row holds no value of its kind", column + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "
        CREATE TABLE domains (id INTEGER PRIMARY KEY, name VARCHAR(255) NOT NULL COLLATE NOCASE, master VARCHAR(128),
                              last_check INTEGER, type VARCHAR(8) NOT NULL, notified_serial INTEGER, account VARCHAR(40));
        CREATE UNIQUE INDEX name_index ON domains(name);
        CREATE TABLE records (id INTEGER PRIMARY KEY, domain_id INTEGER, name VARCHAR(255), type VARCHAR(10),
                              content VARCHAR(65535), ttl INTEGER, prio INTEGER, disabled BOOLEAN DEFAULT 0,
                              ordername VARCHAR(255), auth BOOL DEFAULT 1);
        CREATE INDEX records_lookup_idx ON records(name, type);
        CREATE TABLE domainmetadata (id INTEGER PRIMARY KEY, domain_id INT, kind VARCHAR(32), content TEXT);
        CREATE TABLE cryptokeys (id INTEGER PRIMARY KEY, domain_id INT, flags INT, active BOOL, content TEXT);";

    fn database(sql: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a b%?#.db");
        Connection::open(&path).expect("a database").execute_batch(sql).expect("SQL");
        (folder, path)
    }

    fn read(path: &Path) -> Result<Vec<PowerDnsZone>, ForeignError> {
        let mut zones = Vec::new();
        PowerDns::open(path)?.read(&mut |zone| zones.push(zone))?;
        Ok(zones)
    }

    #[test]
    fn zones_and_records_are_read() {
        let (_folder, path) = database(&format!(
            "{SCHEMA}
             INSERT INTO domains (id, name, type) VALUES (1, 'example.com', 'native'), (7, 'b.example', 'SLAVE');
             INSERT INTO records (domain_id, name, type, content, ttl, prio, disabled) VALUES
                 (1, 'example.com', 'MX', 'mail.example.com', 60, 10, 0), (1, 'x.example.com', NULL, NULL, NULL, NULL, 0),
                 (1, 'off.example.com', 'A', '192.0.2.1', 60, NULL, 1), (7, 'b.example', 'A', '192.0.2.2', NULL, 0, 0),
                 (NULL, 'nobody.example', 'A', '192.0.2.3', 1, 0, 0), (99, 'nozone.example', 'A', '192.0.2.3', 1, 0, 0);
             INSERT INTO domainmetadata (domain_id, kind, content) VALUES (1, 'SOA-EDIT', 'X'), (1, 'SOA-EDIT', 'Y');
             INSERT INTO cryptokeys (domain_id, content) VALUES (1, 'secret');"
        ));
        let zones = read(&path).expect("a database of PowerDNS");
        assert_eq!(zones.len(), 2);
        let first = &zones[0];
        assert_eq!((first.name.as_str(), first.kind.as_str(), first.silent), ("example.com", "NATIVE", 2));
        assert_eq!((first.metadata.as_slice(), first.has_keys), (&["SOA-EDIT".to_owned()][..], true));
        assert_eq!(first.records.len(), 1);
        assert_eq!((first.records[0].priority, first.records[0].ttl), (Some(10), Some(60)));
        assert_eq!(zones[1].records[0].ttl, None);
    }

    #[test]
    fn what_is_no_such_database_is_refused() {
        let form = |sql: &str| {
            let (_folder, path) = database(sql);
            match read(&path) {
                Err(ForeignError::Form(text)) => text,
                other => panic!("{sql}: {other:?}"),
            }
        };
        assert!(form("CREATE TABLE x (y);").contains("needs a table domains, and there is none"));
        let domains = "CREATE TABLE domains (id, name, type);";
        let view =
            "CREATE VIEW records AS SELECT 1 AS id, 1 AS domain_id, 'a' AS name, 'A' AS type, 'x' AS content,
                    1 AS ttl, 1 AS prio;";
        assert!(form(&format!("{domains}{view}")).contains("it is a view"));
        let computed = "CREATE TABLE records (id, domain_id, name, type, ttl, prio,
                        content AS (hex(zeroblob(1000000000))) VIRTUAL);";
        assert!(form(&format!("{domains}{computed}")).contains("is computed"));
        assert!(form(&format!("{domains}CREATE TABLE records (id, domain_id);")).contains("no column name"));
        let values = "INSERT INTO domains (id, name, type) VALUES (1, x'ff', 'NATIVE');";
        assert!(form(&format!("{SCHEMA}{values}")).contains("holds no value of its kind"));
        let fts = "CREATE VIRTUAL TABLE t USING fts5(x);";
        assert!(form(&format!("{SCHEMA}{fts}")).contains("virtual"));
    }

    /// Octets turned over in a sound database: refused, or read as something else, never a panic or an endless walk.
    #[test]
    fn damage_does_no_harm() {
        let rows: String = (0..400)
            .map(|n| format!("INSERT INTO records (domain_id, name, type, content, ttl) VALUES (1, 'h{n}.example', 'A', '192.0.2.1', 60);"))
            .collect();
        let (folder, path) = database(&format!(
            "PRAGMA page_size = 512; {SCHEMA} INSERT INTO domains (id, name, type) VALUES (1, 'example', 'NATIVE'); {rows}"
        ));
        let sound = std::fs::read(&path).expect("a file");
        let (mut state, damaged) = (0x2545_f491_4f6c_dd1d_u64, folder.path().join("damaged"));
        let mut refused = 0;
        for round in 0..300 {
            let mut octets = sound.clone();
            for _ in 0..=round % 4 {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let at = state as usize % octets.len();
                octets[at] ^= (state >> 32) as u8 | 1;
            }
            octets.truncate(if round % 10 == 0 { octets.len() / 2 } else { octets.len() });
            std::fs::write(&damaged, &octets).expect("written");
            refused += usize::from(read(&damaged).is_err());
        }
        assert!(refused > 30, "{refused}");
        std::fs::write(&damaged, b"$TTL 1\n@ SOA").expect("written");
        assert!(matches!(read(&damaged), Err(ForeignError::Damaged(_))));
    }
}

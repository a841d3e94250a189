//! `ptrctl diff`, and rows of the log as lines of `-` and `+`.

use crate::client::{Client, with_query};
use crate::failure::Failure;
use crate::screen::Screen;
use clap::Args;
use ptrd_api::{
    BlockRow, DiffFilter, EditView, NsSetRow, PtrRow, RecordRow, SendingRow, SoaTemplateRow, ZoneRow,
};

/// For the help.
pub const EXAMPLES: &str = "\
Examples:
  Since change 4700, and between two points:
    ptrctl diff 4700
    ptrctl diff 4700 4720
  Only one zone's records, or only PTRs and blocks of a range:
    ptrctl diff 4700 --zone 2.0.192.in-addr.arpa
    ptrctl diff 4700 --range 192.0.2.0/24
  What going back would do (+ is what would come again):
    ptrctl diff 4720 4700

Points are changes: as things were right after each; 0 is the beginning. What came and went in between does not show.";

/// What to compare.
#[derive(Debug, Args)]
pub struct Diff {
    /// After which change to start; 0 for the beginning
    #[arg(value_name = "FROM")]
    from: u64,
    /// After which change to end; the newest unless given
    #[arg(value_name = "TO")]
    to: Option<u64>,
    /// Only the records and the row of this zone
    #[arg(long, value_name = "APEX")]
    zone: Option<String>,
    /// Only PTRs in this range, and blocks that meet it
    #[arg(long, value_name = "PREFIX")]
    range: Option<String>,
}

impl Diff {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Diff { from, to, zone, range } = self;
        let target = with_query("/v1/diff", &DiffFilter { from, to, zone, range })?;
        show(client, screen, &target).await
    }
}

/// Shows what a route says in lines of JSON.
pub async fn show(client: &mut Client, screen: &mut Screen, target: &str) -> Result<(), Failure> {
    let mut rest = Vec::new();
    client
        .stream(target, |octets| {
            rest.extend_from_slice(octets);
            let Some(end) = rest.iter().rposition(|octet| *octet == b'\n') else { return Ok(()) };
            let whole: Vec<u8> = rest.drain(..=end).collect();
            whole
                .split(|octet| *octet == b'\n')
                .filter(|line| !line.is_empty())
                .try_for_each(|line| if screen.json() { screen.document(line) } else { edit(screen, line) })
        })
        .await
}

fn edit(screen: &mut Screen, line: &[u8]) -> Result<(), Failure> {
    let view: EditView = serde_json::from_slice(line).map_err(|error| {
        Failure::local(format!("the answer makes no sense: {error}"))
            .hint("are ptrctl and ptrd of the same version?")
    })?;
    let (before, after) = lines(view);
    before.iter().filter(|line| !after.contains(line)).try_for_each(|line| screen.gone(line))?;
    after.iter().filter(|line| !before.contains(line)).try_for_each(|line| screen.come(line))
}

/// What a row says before and after, a line for each record.
fn lines(view: EditView) -> (Vec<String>, Vec<String>) {
    fn both<T>(
        before: Option<T>,
        after: Option<T>,
        lines: impl Fn(T) -> Vec<String>,
    ) -> (Vec<String>, Vec<String>) {
        (before.map(&lines).unwrap_or_default(), after.map(&lines).unwrap_or_default())
    }
    match view {
        EditView::Ptr { address, before, after } => both(before, after, |row: PtrRow| {
            let ttl = row.ttl.map(|ttl| format!("{ttl} ")).unwrap_or_default();
            row.names.iter().map(|name| format!("{address} {ttl}PTR {name}")).collect()
        }),
        EditView::Sending { address, before, after } => both(before, after, |row: SendingRow| {
            let mta = row.mta.map(|mta| format!(", MTA {mta}")).unwrap_or_default();
            let domains = row.domains.iter().map(|domain| format!(", domain {domain}"));
            vec![format!("sending {address} as {}{mta}{}", row.helo, domains.collect::<String>())]
        }),
        EditView::Record { owner, rtype, before, after, .. } => both(before, after, |row: RecordRow| {
            row.data.iter().map(|data| format!("{owner} {} {rtype} {data}", row.ttl)).collect()
        }),
        EditView::Block { before, after, .. } => both(before, after, |row| vec![block(&row)]),
        EditView::NsSet { before, after, .. } => both(before, after, |row| vec![ns_set(&row)]),
        EditView::SoaTemplate { before, after, .. } => both(before, after, |row| vec![soa_template(&row)]),
        EditView::Zone { before, after, .. } => both(before, after, |row| vec![zone(&row)]),
        EditView::Tenant { before, after, .. } => both(before, after, |name| vec![format!("tenant {name}")]),
        EditView::Setting { name, before, after } => {
            both(before, after, |value| vec![format!("setting {name} {value}")])
        }
    }
}

fn block(row: &BlockRow) -> String {
    let mut text = format!("block {} of {}, {}", row.range, row.tenant, row.mode);
    for (what, value) in [("label", &row.classless), ("apex", &row.apex)] {
        if let Some(value) = value {
            text += &format!(", {what} {value}");
        }
    }
    for server in &row.nameservers {
        text += &format!(", ns {}", server.name);
        if !server.addresses.is_empty() {
            text += &format!("={}", server.addresses.join("+"));
        }
    }
    row.ds.iter().for_each(|ds| text += &format!(", ds {ds}"));
    if let Some(ttl) = row.default_ttl {
        text += &format!(", default TTL {ttl}");
    }
    if let Some(template) = &row.template {
        text += &format!(", template {template}");
    }
    if let Some(rule) = &row.names {
        text += &format!(", generic names {rule}");
    }
    if let Some(rule) = &row.fcrdns {
        text += &format!(", FCrDNS {rule}");
    }
    for (is_so, what) in [(row.suspended, "suspended"), (row.may_sub_block, "may sub-block")] {
        if is_so {
            text += &format!(", {what}");
        }
    }
    row.former.iter().for_each(|label| text += &format!(", former label {}", label.apex));
    text
}

fn zone(row: &ZoneRow) -> String {
    let mut text = format!("zone {} of {}, {}, serial {}", row.apex, row.tenant, row.kind, row.serial);
    if let Some(soa) = &row.soa {
        let ttl = row.soa_ttl.map(|ttl| format!("{ttl} ")).unwrap_or_default();
        text += &format!(", {ttl}SOA {soa}");
    }
    for (what, value) in
        [("SOA template", &row.soa_template), ("NS set", &row.ns_set), ("serial policy", &row.serial_policy)]
    {
        if let Some(value) = value {
            text += &format!(", {what} {value}");
        }
    }
    text
}

fn ns_set(row: &NsSetRow) -> String {
    let ttl = row.ttl.map(|ttl| format!("{ttl} ")).unwrap_or_default();
    format!("NS set {}: {ttl}NS {}", row.name, row.nameservers.join(" "))
}

fn soa_template(row: &SoaTemplateRow) -> String {
    let ttl = row.ttl.map(|ttl| format!("{ttl} ")).unwrap_or_default();
    format!(
        "SOA template {}: {ttl}SOA {} {} ({}) {} {} {} {}",
        row.name,
        row.mname.as_deref().unwrap_or("(first nameserver)"),
        row.rname,
        row.serial_policy,
        row.refresh,
        row.retry,
        row.expire,
        row.minimum
    )
}

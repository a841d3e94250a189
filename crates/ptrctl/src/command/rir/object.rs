//! `ptrctl rir object`.

use super::{read, refused, served};
use crate::cli::Globals;
use crate::client::Client;
use crate::failure::Failure;
use crate::screen::Screen;
use clap::Args;
use ptrd_posture::rir::{
    AddrRange, Attributes, Delegation, Ds, Existing, Nserver, Prepared, Registry, Zone, cut, prepare,
};
use std::path::PathBuf;

pub const EXAMPLES: &str = "\
Examples:
  For a block that is served here; nameservers, and DS data of signed zones, are as ptrd has them:
    ptrctl rir object 203.0.113.0/24 --registry ripe --mnt-by EXAMPLE-MNT --admin-c EX1-RIPE
  Without ptrd; a /29 of IPv6 is eight objects:
    ptrctl rir object 2001:db8::/29 --registry apnic --mnt-by MAINT-EXAMPLE --admin-c EX1-AP \\
        --ns ns1.example.net --ns ns2.example.net
  A nameserver below the zone, with its addresses, and DS data:
    ptrctl rir object 203.0.113.0/24 --registry ripe --mnt-by EXAMPLE-MNT --admin-c EX1-RIPE \\
        --ns ns1.113.0.203.in-addr.arpa/203.0.113.53 --ns ns2.example.net \\
        --ds '12345 13 2 49FD46E6C4B45C55D4AC69CBD3CD34AC1AFE51DE49FD46E6C4B45C55D4AC69CB'
  Who makes the CNAMEs for a part of a /24 at each registry:
    ptrctl rir object 192.0.2.128/29 --registry arin --ns ns1.example.net
  RIPE creates nothing above, below or across what is there:
    whois -h whois.ripe.net -- '-rdL 192.0.2.128/26' > there.txt
    ptrctl rir object 192.0.2.128/26 --registry ripe --existing there.txt --mnt-by EXAMPLE-MNT --admin-c EX1-RIPE

What is to be known goes to stderr, the objects to stdout. The exit status is 3 if the registry would refuse them.";

/// Zones of a block, and whom they are delegated to.
#[derive(Clone, Debug, Args)]
pub struct Wanted {
    /// 192.0.2.0/24, 2001:db8::/29, 192.0.2.10-192.0.2.20
    pub block: AddrRange,
    /// A nameserver, with addresses if its name lies below the zone; as ptrd has them unless given; repeat for each
    #[arg(long, value_name = "NAME[/ADDR]")]
    pub ns: Vec<Nserver>,
    /// DS data, with its zone before it where the block has several; repeat for each
    #[arg(long, value_name = "[ZONE=]DS", requires = "ns")]
    ds: Vec<String>,
}

/// `rir object`.
#[derive(Clone, Debug, Args)]
pub struct Object {
    #[command(flatten)]
    pub wanted: Wanted,
    /// Whose block it is: ripe, arin, apnic, afrinic or lacnic
    #[arg(long, value_name = "REGISTRY")]
    pub registry: Registry,
    /// A file with the reverse domains that the registry has already: names, or what its whois says
    #[arg(long, value_name = "FILE")]
    existing: Option<PathBuf>,
    /// The maintainer; repeat for each
    #[arg(long, value_name = "HANDLE")]
    mnt_by: Vec<String>,
    /// The administrative contact; repeat for each
    #[arg(long, value_name = "HANDLE")]
    admin_c: Vec<String>,
    /// The technical contact; the administrative one unless given
    #[arg(long, value_name = "HANDLE")]
    tech_c: Vec<String>,
    /// The contact for the zone; the technical one unless given
    #[arg(long, value_name = "HANDLE")]
    zone_c: Vec<String>,
    /// The organisation
    #[arg(long, value_name = "HANDLE")]
    org: Option<String>,
    /// A line of description
    #[arg(long, value_name = "TEXT")]
    descr: Vec<String>,
    /// A line of remarks
    #[arg(long, value_name = "TEXT")]
    remarks: Vec<String>,
    /// Who is told of changes, by mail
    #[arg(long, value_name = "ADDRESS")]
    notify: Vec<String>,
    /// The database, such as TEST; the registry's own unless given
    #[arg(long, value_name = "NAME")]
    pub source: Option<String>,
}

impl Object {
    /// Prints the objects.
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let prepared = self.prepare(globals).await?;
        if screen.json() {
            let octets = serde_json::to_vec(&prepared).map_err(|error| Failure::local(error.to_string()))?;
            return screen.document(&octets);
        }
        screen.notes(&prepared.notes)?;
        let texts: Vec<&str> = prepared.objects.iter().map(|object| object.text.as_str()).collect();
        screen.text(texts.join("\n").as_bytes())
    }

    /// Makes them.
    pub async fn prepare(self, globals: &Globals) -> Result<Prepared, Failure> {
        let (block, registry) = (self.wanted.block, self.registry);
        let existing = match &self.existing {
            Some(path) => Existing::read(&read(path)?)
                .map_err(|error| Failure::local(format!("{}: {error}", path.display())))?,
            None => Existing::default(),
        };
        let delegations = self.wanted.delegations(self.wanted.zones(registry)?, globals).await?;
        let attributes = Attributes {
            mnt_by: self.mnt_by,
            admin_c: self.admin_c,
            tech_c: self.tech_c,
            zone_c: self.zone_c,
            org: self.org,
            descr: self.descr,
            remarks: self.remarks,
            notify: self.notify,
            source: self.source,
        };
        prepare(registry, &block, &delegations, &attributes, &existing).map_err(refused)
    }
}

impl Wanted {
    /// The zones that a registry delegates for the block.
    pub fn zones(&self, registry: Registry) -> Result<Vec<Zone>, Failure> {
        cut(&self.block, registry).map_err(|refusal| refused(vec![refusal]))
    }

    /// What is to be delegated to whom, as given or as the daemon has it.
    pub async fn delegations(&self, zones: Vec<Zone>, globals: &Globals) -> Result<Vec<Delegation>, Failure> {
        if self.ns.is_empty() {
            let connected = Client::connect(&globals.socket(), None, false).await;
            let mut client =
                connected.map_err(|failure| failure.hint("or name the nameservers with --ns"))?;
            let mut delegations = Vec::new();
            for zone in zones {
                delegations.push(served::delegation(&mut client, zone).await?);
            }
            return Ok(delegations);
        }
        let nservers = &self.ns;
        let mut delegations: Vec<Delegation> = zones
            .into_iter()
            .map(|zone| Delegation { zone, nservers: nservers.clone(), ds: Vec::new() })
            .collect();
        for text in &self.ds {
            place_ds(text, &mut delegations)?;
        }
        Ok(delegations)
    }
}

/// Puts DS data to its zone.
fn place_ds(text: &str, delegations: &mut [Delegation]) -> Result<(), Failure> {
    let (zone, data) = text.split_once('=').map_or((None, text), |(zone, data)| (Some(zone), data));
    let ds: Ds = data.parse().map_err(Failure::usage)?;
    let named = |zone: &Zone, name: &str| zone.domain().eq_ignore_ascii_case(name.trim_end_matches('.'));
    let place = match (zone, &mut *delegations) {
        (None, [only]) => Some(only),
        (None, [first, ..]) => {
            let message = format!("--ds {text}: the block has several zones, and each has a DS of its own");
            return Err(Failure::usage(message)
                .hint(format!("write the zone before it: --ds '{}={ds}'", first.zone.domain())));
        }
        (Some(name), all) => all.iter_mut().find(|it| named(&it.zone, name)),
        (None, []) => None,
    };
    let place = place.ok_or_else(|| Failure::usage(format!("--ds {text}: this is no zone of the block")))?;
    place.ds.push(ds);
    Ok(())
}

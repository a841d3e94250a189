//! What the daemon knows of zones that are to be delegated: their nameservers, and the DS of those that are signed.

use crate::client::{Client, with_query};
use crate::failure::Failure;
use ptrd_api::{Page, RecordFilter, RecordView};
use ptrd_posture::rir::{Delegation, Ds, Nserver, Zone};
use std::net::IpAddr;

/// The delegation of a zone as it is served.
pub async fn delegation(client: &mut Client, zone: Zone) -> Result<Delegation, Failure> {
    let apex = zone.apex.to_string();
    let names = data(client, &zone, &apex, "NS").await?;
    if names.is_empty() {
        return Err(Failure::local(format!("{apex} has no NS records here"))
            .hint("name an NS set for it with `ptrctl zone set`, or the nameservers with --ns"));
    }
    let mut nservers = Vec::new();
    for name in names {
        let mut server: Nserver = name.parse().map_err(|error: String| {
            Failure::usage(error)
                .hint(format!("it is a nameserver of {apex}; registries take host names alone"))
        })?;
        if zone.holds(&server.name) {
            for rtype in ["A", "AAAA"] {
                let found = data(client, &zone, &format!("{}.", server.name), rtype).await?;
                server.addresses.extend(found.iter().filter_map(|address| address.parse::<IpAddr>().ok()));
            }
        }
        nservers.push(server);
    }
    let keys = data(client, &zone, &apex, "DNSKEY").await?;
    let ds = Ds::of_keys(&zone.apex, &keys);
    Ok(Delegation { zone, nservers, ds })
}

async fn data(client: &mut Client, zone: &Zone, owner: &str, rtype: &str) -> Result<Vec<String>, Failure> {
    let filter = RecordFilter {
        zone: Some(zone.apex.to_string()),
        owner: Some(owner.to_owned()),
        rtype: Some(rtype.to_owned()),
        ..RecordFilter::default()
    };
    let page = client.get::<Page<RecordView>>(&with_query("/v1/records", &filter)?).await.map_err(|failure| {
        match failure.is_not_found() {
            true => failure.hint(format!(
                "make its block with `ptrctl block add {} --tenant TENANT{}`, or name its nameservers with --ns",
                zone.range,
                if zone.dashed { " --classless first-last" } else { "" }
            )),
            false => failure,
        }
    })?;
    Ok(page.value.items.into_iter().flat_map(|record| record.data).collect())
}

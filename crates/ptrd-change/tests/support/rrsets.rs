//! RRsets and zones with RRsets in one line: `rrsets ZONE; OWNER TYPE TTL DATA | DATA; OWNER TYPE`, and the same with
//! `make ZONE`, which takes options. Owners are relative to the zone unless they end with a dot.

use ptrd_api::{ChangeRequest, RrsetWrite, RrsetsWrite, ZoneMake};

/// The request, if the line is one of these.
pub fn read(line: &str) -> Option<ChangeRequest> {
    let mut parts = line.split(';').map(str::trim);
    let head: Vec<&str> = parts.next()?.split_whitespace().collect();
    let (kind, zone) = (*head.first()?, *head.get(1)?);
    let option = |key: &str| {
        let text = head.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
        text.map(str::to_owned)
    };
    let mut rrsets = parts.map(|part| read_rrset(zone, part)).collect();
    match kind {
        "rrsets" => Some(ChangeRequest::RrsetsSet(RrsetsWrite { zone: zone.to_owned(), rrsets })),
        "make" => Some(ChangeRequest::ZoneMake(ZoneMake {
            apex: zone.to_owned(),
            tenant: option("tenant"),
            nameservers: option("ns")
                .map(|ns| ns.split(',').map(str::to_owned).collect())
                .unwrap_or_default(),
            serial_policy: option("policy"),
            powerdns_kind: option("kind"),
            rrsets: std::mem::take(&mut rrsets),
        })),
        "drop" => Some(ChangeRequest::ZoneDrop { apex: zone.to_owned() }),
        _ => None,
    }
}

fn read_rrset(zone: &str, text: &str) -> RrsetWrite {
    let mut words = text.splitn(4, ' ');
    let mut next = || words.next().unwrap_or_default();
    let (owner, rtype, ttl, data) = (next(), next(), next(), next());
    let owner = match owner {
        "@" => zone.to_owned(),
        owner if owner.ends_with('.') => owner.to_owned(),
        owner => format!("{owner}.{zone}"),
    };
    RrsetWrite {
        owner,
        rtype: rtype.to_owned(),
        ttl: (!ttl.is_empty()).then(|| ttl.parse().expect("a TTL")),
        data: if data.is_empty() {
            Vec::new()
        } else {
            data.split('|').map(|d| d.trim().to_owned()).collect()
        },
    }
}

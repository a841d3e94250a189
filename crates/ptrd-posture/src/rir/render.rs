//! Objects as text: RPSL, ARIN's XML, a list for LACNIC.

use super::{Attributes, Delegation, Ds, Object, Registry};

/// The object for a zone.
pub(super) fn object(registry: Registry, delegation: &Delegation, attributes: &Attributes) -> Object {
    let rows = if registry.has_rpsl() { rows(delegation, attributes) } else { Vec::new() };
    let (zone, text) = match registry {
        Registry::Arin => (delegation.zone.apex.to_string(), xml(delegation)),
        Registry::Lacnic => (delegation.zone.domain(), list(delegation)),
        _ => (delegation.zone.domain(), rpsl(&rows)),
    };
    Object {
        zone,
        range: delegation.zone.range,
        nservers: delegation.nservers.clone(),
        ds: delegation.ds.clone(),
        attributes: rows,
        text,
    }
}

/// Attributes in the order of RIPE's template.
fn rows(delegation: &Delegation, attributes: &Attributes) -> Vec<(&'static str, String)> {
    let Delegation { zone, nservers, ds } = delegation;
    let mut rows = vec![("domain", zone.domain())];
    let mut each = |name: &'static str, values: &[String]| {
        rows.extend(values.iter().map(|value| (name, value.trim().to_owned())));
    };
    each("descr", &attributes.descr);
    each("org", attributes.org.as_slice());
    each("admin-c", &attributes.admin_c);
    each("tech-c", &attributes.tech_c);
    each("zone-c", &attributes.zone_c);
    for server in nservers {
        match zone.holds(&server.name) {
            true => {
                let glue = server.addresses.iter().map(|address| format!("{} {address}", server.name));
                each("nserver", &glue.collect::<Vec<_>>());
            }
            false => each("nserver", std::slice::from_ref(&server.name)),
        }
    }
    each("ds-rdata", &ds.iter().map(Ds::to_string).collect::<Vec<_>>());
    each("remarks", &attributes.remarks);
    each("notify", &attributes.notify);
    each("mnt-by", &attributes.mnt_by);
    each("source", attributes.source.as_slice());
    rows
}

fn rpsl(rows: &[(&str, String)]) -> String {
    rows.iter().map(|(name, value)| format!("{:16}{value}\n", format!("{name}:"))).collect()
}

/// The delegation payload of Reg-RWS.
fn xml(delegation: &Delegation) -> String {
    let mut text =
        String::from("<delegation xmlns=\"http://www.arin.net/regrws/core/v1\">\n  <delegationKeys>\n");
    for ds in &delegation.ds {
        text += "    <delegationKey>\n";
        for (name, value) in [
            ("algorithm", ds.algorithm.to_string()),
            ("digest", ds.digest.clone()),
            ("digestType", ds.digest_type.to_string()),
            ("keyTag", ds.key_tag.to_string()),
        ] {
            text += &format!("      <{name}>{}</{name}>\n", escaped(&value));
        }
        text += "    </delegationKey>\n";
    }
    text += &format!(
        "  </delegationKeys>\n  <name>{}</name>\n  <nameservers>\n",
        escaped(&delegation.zone.apex.to_string())
    );
    for server in &delegation.nservers {
        text += &format!("    <nameserver>{}</nameserver>\n", escaped(&server.name));
    }
    text + "  </nameservers>\n</delegation>\n"
}

/// Text within XML. What XML 1.0 has no way to write goes.
fn escaped(text: &str) -> String {
    let one = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        '\'' => "&apos;".to_owned(),
        c if c.is_control() => String::new(),
        c => c.to_string(),
    };
    text.chars().map(one).collect()
}

fn list(delegation: &Delegation) -> String {
    let mut text = format!("{}  {}\n", delegation.zone.range, delegation.zone.domain());
    for server in &delegation.nservers {
        text += &format!("  {}\n", server.name);
    }
    for ds in &delegation.ds {
        text += &format!("  DS {ds}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_an_element_but_its_end() {
        assert_eq!(escaped("a<b>&\"'\n\u{0}c"), "a&lt;b&gt;&amp;&quot;&apos;c");
    }
}

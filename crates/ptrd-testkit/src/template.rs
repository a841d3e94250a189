//! Names that are computed from addresses, as the documentation of templates has them: field by field, with `format!`.

use crate::world::World;
use ptrd_wire::{AddrRange, Name, ip_to_bits};
use ptrd_zone::model::BlockTemplate;
use std::net::IpAddr;

impl World {
    /// The name that a template gives an address: that of the innermost block that has one, or says that there is none.
    ///
    /// # Panics
    /// When the template is none, or gives no name.
    pub fn computed_name(&self, address: IpAddr) -> Option<Name> {
        let around = self.blocks_around(&AddrRange::single(address));
        let ruling = around.into_iter().rev().find(|block| block.template != BlockTemplate::Inherit)?;
        let BlockTemplate::Text(text) = &ruling.template else { return None };
        Some(name(text, address, ip_to_bits(address).1 - ruling.range.first_bits()))
    }
}

impl World {
    /// The labels behind the last field of the template that names an address.
    ///
    /// # Panics
    /// When the template is none.
    pub(crate) fn origin_of_computed(&self, address: IpAddr) -> Option<Name> {
        let around = self.blocks_around(&AddrRange::single(address));
        let ruling = around.into_iter().rev().find(|block| block.template != BlockTemplate::Inherit)?;
        let BlockTemplate::Text(text) = &ruling.template else { return None };
        let (_, behind) = text.rsplit_once('}').expect("a field");
        let origin = behind.split_once('.').map_or("", |(_, origin)| origin);
        Some(origin.parse().unwrap_or_else(|_| Name::root()))
    }
}

fn name(template: &str, address: IpAddr, nth: u128) -> Name {
    let mut out = String::new();
    for (at, part) in template.split('{').enumerate() {
        let (field, text) = if at == 0 { ("", part) } else { part.split_once('}').expect("a closing brace") };
        if !field.is_empty() {
            out.push_str(&written(field, address, nth));
        }
        out.push_str(text);
    }
    out.parse().unwrap_or_else(|error| panic!("{template} gives {address} no name: {error}"))
}

fn written(field: &str, address: IpAddr, nth: u128) -> String {
    let (field, form) = field.split_once(':').unwrap_or((field, ""));
    let (octets, groups) = match address {
        IpAddr::V4(v4) => (v4.octets().to_vec(), Vec::new()),
        IpAddr::V6(v6) => (Vec::new(), v6.segments().to_vec()),
    };
    let hyphens = |parts: Vec<String>| parts.join("-");
    match field.as_bytes() {
        [letter @ b'a'..=b'd'] => number(u128::from(octets[usize::from(letter - b'a')]), form, 1),
        [digit @ b'1'..=b'8'] => {
            number(u128::from(groups[usize::from(digit - b'1')]), &format!("{form}x"), 4)
        }
        b"n" => number(nth, form, 1),
        b"ip" if address.is_ipv4() => {
            hyphens(octets.iter().map(|octet| number(u128::from(*octet), form, 1)).collect())
        }
        b"ip" => hyphens(groups.iter().map(|group| format!("{group:04x}")).collect()),
        b"hex" if address.is_ipv4() => format!("{:08x}", ip_to_bits(address).1),
        b"hex" => format!("{:032x}", ip_to_bits(address).1),
        _ => number(nth + field["n+".len()..].parse::<u128>().expect("a number"), form, 1),
    }
}

fn number(number: u128, form: &str, width: usize) -> String {
    let digits = form.trim_end_matches(['d', 'o', 'x']);
    let width = if digits.is_empty() { width } else { digits.parse().expect("a width") };
    match form[digits.len()..].chars().next() {
        Some('x') => format!("{number:0width$x}"),
        Some('o') => format!("{number:0width$o}"),
        _ => format!("{number:0width$}"),
    }
}

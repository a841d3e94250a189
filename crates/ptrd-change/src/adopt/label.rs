//! What the label of a classless zone says of its addresses: RFC 2317's `0/25`, RFC 4183's `0-25`, RIPE's `0-127`.
//!
//! A dash label can often be read two ways (`0-26` is 0–63, or 0–26): the addresses whose CNAMEs lead there decide, never
//! the label alone.

use ptrd_wire::{AddrRange, Family, Name, ip_from_bits};
use ptrd_zone::model::LabelStyle;

/// The ranges that a label can stand for among the addresses of the /24 that starts at `base`.
pub(super) fn readings(label: &[u8], base: u32) -> Vec<(LabelStyle, AddrRange)> {
    let mut found = Vec::new();
    let Ok(text) = std::str::from_utf8(label) else { return found };
    let number = |text: &str| -> Option<u32> {
        let plain = text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit());
        (plain && (text == "0" || !text.starts_with('0'))).then(|| text.parse().ok())?
    };
    let split = |separator| {
        let (first, second) = text.split_once(separator)?;
        Some((number(first).filter(|first| *first <= 255)?, number(second)?))
    };
    let prefix = |first: u32, length: u32| {
        let aligned = (25..=32).contains(&length) && first.is_multiple_of(1 << (32 - length));
        aligned.then(|| AddrRange::of_prefix(Family::V4, u128::from(base | first), length as u8))
    };
    if let Some((first, length)) = split('/') {
        found.extend(prefix(first, length).map(|range| (LabelStyle::Slash, range)));
    }
    if let Some((first, second)) = split('-') {
        found.extend(prefix(first, second).map(|range| (LabelStyle::FirstLen, range)));
        if first <= second && second <= 255 && second - first < 255 {
            found.extend(octets(base, first, second).map(|range| (LabelStyle::FirstLast, range)));
        }
    }
    found
}

/// The range from one last octet to another.
pub(super) fn octets(base: u32, first: u32, last: u32) -> Option<AddrRange> {
    let address = |octet: u32| ip_from_bits(Family::V4, u128::from(base | octet));
    AddrRange::new(address(first), address(last)).ok()
}

/// How the label of an apex is spelt for exactly this range: the one reading that fits, else the label as it is. Where
/// two readings give the same range (`30-31`), the style is not guessed.
pub(super) fn style_for(apex: &Name, parent: &Name, range: &AddrRange) -> LabelStyle {
    let label = apex.labels().next().unwrap_or_default();
    let below = apex.is_under(parent) && apex.label_count() == parent.label_count() + 1;
    let fits = readings(label, range.first_bits() as u32 & 0xffff_ff00);
    let mut fits = fits.into_iter().filter(|(_, read)| read == range);
    match (below, fits.next(), fits.next()) {
        (true, Some((style, _)), None) => style,
        _ => {
            let mut text = String::new();
            // Writing to a string does not fail.
            let _ = ptrd_wire::write_label_text(label, &mut text);
            LabelStyle::Label(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(label: &str) -> Vec<String> {
        readings(label.as_bytes(), 0xc000_0200)
            .into_iter()
            .map(|(style, range)| format!("{style} {range}"))
            .collect()
    }

    #[test]
    fn labels_are_read_every_way_they_can_be() {
        assert_eq!(read("128/25"), ["slash 192.0.2.128/25"]);
        assert_eq!(read("128-25"), ["first-len 192.0.2.128/25"]);
        assert_eq!(read("0-127"), ["first-last 192.0.2.0/25"]);
        assert_eq!(read("0-26"), ["first-len 192.0.2.0/26", "first-last 192.0.2.0-192.0.2.26"]);
        assert_eq!(read("30-31"), ["first-len 192.0.2.30/31", "first-last 192.0.2.30/31"]);
        assert_eq!(read("255-255"), ["first-last 192.0.2.255/32"]);
        for none in ["", "0-255", "1/25", "00-25", "0-024", "256-257", "a-b", "0/33", "0/24", "1-2-3", "-5"] {
            assert!(read(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn a_style_is_only_what_the_addresses_prove() {
        let name = |text: &str| text.parse::<Name>().expect("a name");
        let parent = name("2.0.192.in-addr.arpa");
        let style = |label: &str, range: &str| {
            let apex = name(&format!("{label}.2.0.192.in-addr.arpa"));
            style_for(&apex, &parent, &range.parse().expect("a range")).to_string()
        };
        assert_eq!(style("0-26", "192.0.2.0/26"), "first-len");
        assert_eq!(style("0-26", "192.0.2.0-192.0.2.26"), "first-last");
        assert_eq!(style("0-26", "192.0.2.1-192.0.2.62"), "label=0-26");
        assert_eq!(style("30-31", "192.0.2.30/31"), "label=30-31");
        assert_eq!(style("customer", "192.0.2.8/29"), "label=customer");
        let elsewhere = name("0-26.example.com");
        let range = "192.0.2.0/26".parse().expect("a range");
        assert_eq!(style_for(&elsewhere, &parent, &range).to_string(), "label=0-26");
    }
}

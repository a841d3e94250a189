//! Names of hosts, as registries and mail servers take them.

/// Whether text is the name of a host: letters, digits and hyphens (RFC 1123 §2.1, RFC 5321 §4.1.2), two labels at least, the last
/// not all digits. Without a dot at its end.
///
/// # Errors
/// What is wrong with it.
pub fn host_name(name: &str) -> Result<(), &'static str> {
    let labels: Vec<&str> = name.split('.').collect();
    let plain = |label: &str| label.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
    match () {
        () if labels.iter().any(|label| !plain(label)) => Err("letters, digits and hyphens alone"),
        () if labels.iter().any(|label| label.is_empty() || label.len() > 63) => {
            Err("a label has 1 to 63 characters")
        }
        () if labels.iter().any(|label| label.starts_with('-') || label.ends_with('-')) => {
            Err("no label begins or ends with a hyphen")
        }
        () if labels.len() < 2 => Err("write it in full, as ns1.example.net"),
        () if labels[labels.len() - 1].bytes().all(|octet| octet.is_ascii_digit()) => {
            Err("its last label is a number")
        }
        () if name.len() > 253 => Err("it is longer than 253 characters"),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts_are_told_from_others() {
        for good in ["mail.example.com", "MAIL-01.example.com", "1.example", "xn--bcher-kva.example"] {
            assert_eq!(host_name(good), Ok(()), "{good}");
        }
        let (label, long) = (format!("{}.example", "a".repeat(64)), format!("{}example", "a.".repeat(130)));
        for (bad, why) in [
            ("", "1 to 63"),
            ("localhost", "in full"),
            ("mail.example.", "1 to 63"),
            ("a..example", "1 to 63"),
            (label.as_str(), "1 to 63"),
            (long.as_str(), "253"),
            ("-a.example", "hyphen"),
            ("a-.example", "hyphen"),
            ("a_b.example", "alone"),
            ("a b.example", "alone"),
            ("192.0.2.1", "a number"),
            ("bücher.example", "alone"),
        ] {
            assert!(host_name(bad).is_err_and(|told| told.contains(why)), "{bad}: {:?}", host_name(bad));
        }
    }
}

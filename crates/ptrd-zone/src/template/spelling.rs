//! Templates of other servers in the words of this one: `$GENERATE` of BIND, `synth-domain` of dnsmasq, `createReverse` of
//! PowerDNS. What comes out gives each address the name that it had there; what cannot is refused.

use ptrd_wire::{AddrRange, Family};

/// Why a template of another server has no counterpart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSpelling {
    /// None of those that are known.
    #[error(
        "“{0}” is no template of another server: give the data of a $GENERATE (host-${{0,3,d}}.example.net), a \
         synth-domain=… of dnsmasq, or a createReverse(…) of PowerDNS"
    )]
    Unknown(String),
    /// It was made for other addresses.
    #[error("it names {0}, and the block is {1}: give it to a block of those addresses")]
    Range(String, AddrRange),
    /// Numbers of a `$GENERATE` are last octets.
    #[error("numbers of $GENERATE are last octets, and {0} does not lie within one IPv4 /24")]
    Wide(AddrRange),
    /// What no field says.
    #[error(
        "{0} has no counterpart here: use --template with {{ip}}, {{hex}} or {{n+0}}; the names will be others"
    )]
    Part(String),
}

/// A template of another server, for the addresses of a range.
///
/// # Errors
/// [`BadSpelling`]. Whether the template suits the range is found out by [`super::Template::new`].
pub fn translate(text: &str, range: &AddrRange) -> Result<String, BadSpelling> {
    let text = text.trim();
    if let Some((_, option)) = text.split_once("synth-domain=") {
        synth_domain(option, range)
    } else if text.contains("createReverse") || text.contains('%') {
        create_reverse(text, range.family())
    } else if text.contains('$') {
        generate(text, range)
    } else {
        Err(BadSpelling::Unknown(text.to_owned()))
    }
}

/// `$GENERATE START-STOP $ … PTR DATA`, or the data alone (BIND's manual). In it `$` and `${OFFSET,WIDTH,BASE}` are the last
/// octet of the address.
fn generate(text: &str, range: &AddrRange) -> Result<String, BadSpelling> {
    let (first, last) = (range.first_bits() & 0xff, range.last_bits() & 0xff);
    if range.family() != Family::V4 || range.first_bits() >> 8 != range.last_bits() >> 8 {
        return Err(BadSpelling::Wide(*range));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let data = words.last().copied().unwrap_or_default();
    if words.len() > 1 {
        let numbers = format!("{first}-{last}");
        match words.as_slice() {
            [_, _, _, .., rtype, _] if !rtype.eq_ignore_ascii_case("PTR") => {
                return Err(BadSpelling::Part(format!("a $GENERATE of {rtype} records")));
            }
            [_, found, owner, _, ..] if is_octet_of(owner, range) => {
                if found.strip_suffix("/1").unwrap_or(found) == numbers {
                    return data_of(data, first);
                }
                return Err(BadSpelling::Range(format!("the last octets {found}"), *range));
            }
            _ => return Err(BadSpelling::Part(format!("“{}” as the owner", words.get(2).unwrap_or(&"")))),
        }
    }
    data_of(data, first)
}

/// Whether an owner is the last octet, by itself or in full, in the zone of the /24.
fn is_octet_of(owner: &str, range: &AddrRange) -> bool {
    let [a, b, c, _] = (range.first_bits() as u32).to_be_bytes();
    owner == "$" || owner.eq_ignore_ascii_case(&format!("$.{c}.{b}.{a}.in-addr.arpa."))
}

/// What a `$GENERATE` makes of its numbers.
fn data_of(data: &str, first: u128) -> Result<String, BadSpelling> {
    // Both stand for the sign itself, which no host name has.
    if data.contains("$$") || data.contains("\\$") {
        return Err(BadSpelling::Part(format!("a dollar sign in “{data}”")));
    }
    let mut out = String::new();
    let mut parts = data.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let Some((form, behind)) = part.strip_prefix('{').and_then(|part| part.split_once('}')) else {
            out.push_str("{d}");
            out.push_str(part);
            continue;
        };
        out.push_str(&number(form, first)?);
        out.push_str(behind);
    }
    Ok(out)
}

/// A number of a `$GENERATE`: offset, width, base.
fn number(form: &str, first: u128) -> Result<String, BadSpelling> {
    let unknown = || BadSpelling::Part(format!("${{{form}}}"));
    let mut parts = form.split(',');
    let offset: i64 = parts.next().unwrap_or_default().parse().map_err(|_| unknown())?;
    let width: u8 = parts.next().unwrap_or("0").parse().map_err(|_| unknown())?;
    let base = match parts.next().unwrap_or("d") {
        base @ ("d" | "o" | "x") => base,
        // Letter case is none of DNS.
        "X" => "x",
        _ => return Err(unknown()),
    };
    // What is counted begins with the first address of the block.
    let start = first as i64 + offset;
    match offset {
        0 => Ok(format!("{{d:{width}{base}}}")),
        _ if start >= 0 => Ok(format!("{{n+{start}:{width}{base}}}")),
        _ => Err(unknown()),
    }
}

/// `DOMAIN,RANGE[,PREFIX[*]]` (dnsmasq(8)): the prefix, and the address with hyphens, or with `*` which one of the range it is.
fn synth_domain(option: &str, range: &AddrRange) -> Result<String, BadSpelling> {
    let parts: Vec<&str> = option.split(',').map(str::trim).collect();
    let (domain, addresses, rest) = match parts.as_slice() {
        [domain, addresses, rest @ ..] if addresses.contains('/') => (domain, (*addresses).to_owned(), rest),
        [domain, first, last, rest @ ..] => (domain, format!("{first}-{last}"), rest),
        _ => return Err(BadSpelling::Unknown(option.to_owned())),
    };
    if addresses.parse::<AddrRange>().ok().as_ref() != Some(range) {
        return Err(BadSpelling::Range(addresses, *range));
    }
    let prefix = rest.first().copied().unwrap_or_default();
    match (prefix.strip_suffix('*'), range.family()) {
        (Some(prefix), _) => Ok(format!("{prefix}{{n}}.{domain}")),
        (None, Family::V4) => Ok(format!("{prefix}{{ip}}.{domain}")),
        (None, Family::V6) => Err(BadSpelling::Part("an IPv6 address that leaves out its zeros".to_owned())),
    }
}

/// `createReverse('FORMAT')`, `createReverse6('FORMAT')`, or the format alone (the reference of PowerDNS's LUA records).
fn create_reverse(text: &str, family: Family) -> Result<String, BadSpelling> {
    let format = match text.split_once("createReverse") {
        None => text,
        Some((_, call)) => {
            let unknown = || BadSpelling::Unknown(text.to_owned());
            let (_, quoted) = call.split_once(['\'', '"']).ok_or_else(unknown)?;
            let (format, behind) = quoted.split_once(['\'', '"', '\\']).ok_or_else(unknown)?;
            if behind.contains('{') {
                return Err(BadSpelling::Part(
                    "a table of exceptions (set them with `ptrctl ptr set`)".to_owned(),
                ));
            }
            format
        }
    };
    let mut format = format.to_owned();
    if family == Family::V6 {
        // Nibbles are numbered from the first one on: four in a row are a group.
        for group in 0..8 {
            let nibbles: String = (1..=4).map(|nth| format!("%{}%", group * 4 + nth)).collect();
            format = format.replace(&nibbles, &format!("%{}%", group + 34));
        }
    }
    let mut out = String::new();
    for (nth, part) in format.split('%').enumerate() {
        if nth % 2 == 0 {
            out.push_str(part);
            continue;
        }
        let number: u8 = part.parse().unwrap_or(0);
        match (family, number) {
            (Family::V4, 1..=4) => out.push_str(&format!("{{{}}}", char::from(b'a' + number - 1))),
            (Family::V4, 5) => out.push_str("{ip}"),
            (Family::V4, 6) => out.push_str("{hex}"),
            (Family::V6, 34..=41) => out.push_str(&format!("{{{}}}", number - 33)),
            _ => return Err(BadSpelling::Part(format!("%{part}%"))),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::Template;

    /// The names that the first and the last address of a range get.
    fn names(text: &str, range: &str) -> Result<[String; 2], BadSpelling> {
        let range: AddrRange = range.parse().expect("a range");
        let template = Template::new(&translate(text, &range)?, range).expect("a template");
        Ok([range.first(), range.last()].map(|address| template.name(address).expect("a name").to_string()))
    }

    #[test]
    fn each_gives_the_names_that_it_gave() {
        for (text, range, first, last) in [
            ("host-$.example.net.", "192.0.2.16/28", "host-16.example.net.", "host-31.example.net."),
            ("h${0,3,d}.example.net.", "192.0.2.0/24", "h000.example.net.", "h255.example.net."),
            ("$GENERATE 16-31 $ 60 IN PTR h${0,2,X}.e.net.", "192.0.2.16/28", "h10.e.net.", "h1f.e.net."),
            (
                "$GENERATE 0-255 $.2.0.192.IN-ADDR.arpa. PTR h$.e.net.",
                "192.0.2.0/24",
                "h0.e.net.",
                "h255.e.net.",
            ),
            ("h${-16,2}.e.net.", "192.0.2.16/28", "h00.e.net.", "h15.e.net."),
            ("h${100}.e.net.", "192.0.2.16/28", "h116.e.net.", "h131.e.net."),
            (
                "--synth-domain=e.net,192.0.2.0/24,in-",
                "192.0.2.0/24",
                "in-192-0-2-0.e.net.",
                "in-192-0-2-255.e.net.",
            ),
            (
                "synth-domain=e.net,192.0.2.5,192.0.2.9,in-*",
                "192.0.2.5-192.0.2.9",
                "in-0.e.net.",
                "in-4.e.net.",
            ),
            ("synth-domain=e.net,192.0.2.0/31", "192.0.2.0/31", "192-0-2-0.e.net.", "192-0-2-1.e.net."),
            ("PTR \"createReverse('%4%.%3%.e.net')\"", "192.0.2.0/24", "0.2.e.net.", "255.2.e.net."),
            ("createReverse('%5%.e.net')", "192.0.2.0/24", "192-0-2-0.e.net.", "192-0-2-255.e.net."),
            ("%6%.e.net", "192.0.2.0/24", "c0000200.e.net.", "c00002ff.e.net."),
            (
                "createReverse6('%40%-%41%.e.net')",
                "2001:db8::1:0/112",
                "0001-0000.e.net.",
                "0001-ffff.e.net.",
            ),
            (
                "createReverse6('%29%%30%%31%%32%-%25%%26%%27%%28%.e.net')",
                "2001:db8::1:0/112",
                "0000-0001.e.net.",
                "ffff-0001.e.net.",
            ),
        ] {
            assert_eq!(names(text, range), Ok([first.to_owned(), last.to_owned()]), "{text}");
        }
    }

    #[test]
    fn what_would_give_others_is_refused() {
        for (text, range, part) in [
            ("h${0,4,n}.e.net.", "192.0.2.0/24", "${0,4,n}"),
            ("h${-17}.e.net.", "192.0.2.16/28", "${-17}"),
            ("h$$.e.net.", "192.0.2.16/28", "a dollar sign"),
            ("h$.e.net.", "192.0.2.0/23", "one IPv4 /24"),
            ("$GENERATE 0-15 $ PTR h$.e.net.", "192.0.2.16/28", "the last octets 0-15"),
            ("$GENERATE 16-31/2 $ PTR h$.e.net.", "192.0.2.16/28", "16-31/2"),
            ("$GENERATE 16-31 h$ PTR h$.e.net.", "192.0.2.16/28", "“h$” as the owner"),
            (
                "$GENERATE 16-31 $.3.0.192.in-addr.arpa. PTR h$.e.net.",
                "192.0.2.16/28",
                "“$.3.0.192.in-addr.arpa.” as the owner",
            ),
            ("$GENERATE 16-31 $.2.0.192.in-addr.arpa PTR h$.e.net.", "192.0.2.16/28", "as the owner"),
            ("$GENERATE 16-31 $ CNAME $.16-28", "192.0.2.16/28", "a $GENERATE of CNAME records"),
            ("%29%%30%%31%.e.net", "2001:db8::/64", "%29%"),
            ("synth-domain=e.net,192.0.3.0/24,in-", "192.0.2.0/24", "192.0.3.0/24"),
            ("synth-domain=e.net,2001:db8::/64", "2001:db8::/64", "leaves out"),
            ("createReverse6('%33%.e.net')", "2001:db8::/64", "%33%"),
            ("createReverse('%5%.e.net', {['192.0.2.1']='a.e.net'})", "192.0.2.0/24", "exceptions"),
            ("%1%.e.net", "2001:db8::/64", "%1%"),
            ("host.e.net", "192.0.2.0/24", "no template of another server"),
        ] {
            let problem = names(text, range).expect_err(text).to_string();
            assert!(problem.contains(part), "{text}: {problem}");
        }
    }
}

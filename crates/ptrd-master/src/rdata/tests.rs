use super::*;
use proptest::prelude::*;

fn origin() -> Name {
    "example.org".parse().expect("a name")
}

fn read_text(rtype: RecordType, text: &str) -> Result<Vec<u8>, RdataError> {
    rdata_from_text(rtype, text, &origin()).map(Vec::from)
}

/// Type, text as somebody may write it, text as it is printed.
const TEXTS: &[(&str, &str, &str)] = &[
    ("A", "192.0.2.1", "192.0.2.1"),
    ("AAAA", "2001:DB8:0::1", "2001:db8::1"),
    ("NS", "ns1", "ns1.example.org."),
    ("PTR", "@", "example.org."),
    ("PTR", "Mail\\.Box.Example.", "Mail\\.Box.Example."),
    ("PTR", "0/25.2.0.192.in-addr.arpa.", "0/25.2.0.192.in-addr.arpa."),
    ("CNAME", ".", "."),
    ("DNAME", "a\\000b.", "a\\000b."),
    ("MX", "10 ( mail ; comment\n )", "10 mail.example.org."),
    ("SRV", "1 2 3 sip", "1 2 3 sip.example.org."),
    ("RP", "host.master .", "host.master.example.org. ."),
    ("AFSDB", "1 afs", "1 afs.example.org."),
    ("SOA", "ns root 7 1h 30m 1w 2d", "ns.example.org. root.example.org. 7 3600 1800 604800 172800"),
    ("TXT", "one \"two; three\" \"\" \\\"\\226", "\"one\" \"two; three\" \"\" \"\\\"\\226\""),
    ("SPF", "\"v=spf1 -all\"", "\"v=spf1 -all\""),
    ("HINFO", "PC \"Debian 12\"", "\"PC\" \"Debian 12\""),
    ("NAPTR", "100 50 \"s\" \"z3950+I2L\" \"\" @", "100 50 \"s\" \"z3950+I2L\" \"\" example.org."),
    (
        "LOC",
        "52 22 23 N 4 53 32 E -2m 0 10000 10",
        "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000.00m 10.00m",
    ),
    ("LOC", "90 S 180 W 42849672.95", "90 0 0.000 S 180 0 0.000 W 42849672.95m 1.00m 10000.00m 10.00m"),
    (
        "APL",
        "1:192.168.32.0/21 !1:192.168.38.0/28 2:FF00::/8",
        "1:192.168.32.0/21 !1:192.168.38.0/28 2:ff00::/8",
    ),
    ("APL", "1:0.0.0.0/0", "1:0.0.0.0/0"),
    ("CERT", "PKIX 1 RSASHA256 AAAA BBBB", "1 1 8 AAAABBBB"),
    (
        "DHCID",
        "AAIBY2/AuCccgoJbsaxcQc9TUapptP69 lOjxfNuVAA2kjEA=",
        "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=",
    ),
    ("EUI48", "00-00-5E-00-53-2a", "00-00-5e-00-53-2a"),
    ("EUI64", "00-00-5e-ef-10-00-00-2a", "00-00-5e-ef-10-00-00-2a"),
    ("URI", "10 1 \"ftp://ftp1.example.com/public\\\"\"", "10 1 \"ftp://ftp1.example.com/public\\\"\""),
    (
        "HIP",
        "2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p rvs",
        "2 200100107B1A74DF365639CC39F1D578 AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p rvs.example.org.",
    ),
    ("CSYNC", "66 3 A NS AAAA", "66 3 A NS AAAA"),
    ("CSYNC", "66 3", "66 3"),
    (
        "DS",
        "60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118",
        "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
    ),
    (
        "DS",
        "1 ECDSAP256SHA256 2 0000000000000000000000000000000000000000000000000000000000000000",
        "1 13 2 0000000000000000000000000000000000000000000000000000000000000000",
    ),
    ("CDS", "0 0 0 00", "0 0 0 00"),
    (
        "DNSKEY",
        "256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3 Cbl+BBZH4Q==",
        "256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3Cbl+BBZH4Q==",
    ),
    ("KEY", "256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3", "256 3 5 AQPSKmynfzW4kyBv015MUG2DeIQ3"),
    (
        "RRSIG",
        "A 5 6 86400 1048354263 20030220173103 2642 @ oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip",
        "A 5 6 86400 20030322173103 20030220173103 2642 example.org. oJB1W6WNGv+ldvQ3WDG0MQkg5IEhjRip",
    ),
    ("NSEC", "host A MX RRSIG NSEC TYPE1234", "host.example.org. A MX RRSIG NSEC TYPE1234"),
    (
        "NSEC3",
        "1 1 12 aabbccdd 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY",
        "1 1 12 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR MX DNSKEY",
    ),
    ("NSEC3PARAM", "1 0 0 -", "1 0 0 -"),
    ("SSHFP", "2 1 123456789abcdef67890123456789abcdef67890", "2 1 123456789ABCDEF67890123456789ABCDEF67890"),
    (
        "TLSA",
        "3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971",
        "3 1 1 D2ABDE240D7CD3EE6B4B28C54DF034B97983A1D16E8A410E4561CB106618E971",
    ),
    ("SMIMEA", "3 1 1 d2ab", "3 1 1 D2AB"),
    (
        "IPSECKEY",
        "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
        "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
    ),
    (
        "IPSECKEY",
        "10 3 2 gw AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
        "10 3 2 gw.example.org. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ==",
    ),
    ("OPENPGPKEY", "AAAA BBBB", "AAAABBBB"),
    (
        "ZONEMD",
        "2018031500 1 1 FEBE3D4CE2EC2FFA4BA99D46CD69D6D29711E55217057BEE7EB1A7B641A47BA7FED2DD5B97AE499FAFA4F22C6BD647DE",
        "2018031500 1 1 FEBE3D4CE2EC2FFA4BA99D46CD69D6D29711E55217057BEE7EB1A7B641A47BA7FED2DD5B97AE499FAFA4F22C6BD647DE",
    ),
    ("CAA", "0 issue \"ca.example.net; policy=ev\"", "0 issue \"ca.example.net; policy=ev\""),
    ("SVCB", "0 svc", "0 svc.example.org."),
    (
        "HTTPS",
        "1 . alpn=\"h2,h3\" port=8443 ipv4hint=192.0.2.1,192.0.2.2",
        "1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1,192.0.2.2",
    ),
    ("TYPE65280", "\\# 4 0102 FFfe", "\\# 4 0102fffe"),
    ("TYPE65280", "\\# 0", "\\# 0"),
    ("A", "\\# 4 c0000201", "192.0.2.1"),
    ("APL", "\\# 4 00030000", "\\# 4 00030000"),
    ("TYPE21", "10 relay", "10 relay.example.org."),
    ("NULL", "\\# 1 00", "\\# 1 00"),
];

#[test]
fn data_of_many_types_is_read_and_printed() {
    let mut wrong = Vec::new();
    for &(rtype, text, printed) in TEXTS {
        let rtype: RecordType = rtype.parse().expect("a type");
        match read_text(rtype, text) {
            Err(error) => wrong.push(format!("{rtype} {text}\n  {error}")),
            Ok(rdata) => {
                let found = rdata_to_text(rtype, &rdata);
                if found != printed {
                    wrong.push(format!("{rtype} {text}\n  found    {found}\n  expected {printed}"));
                }
                assert_eq!(read_text(rtype, &found).as_ref(), Ok(&rdata), "{rtype} {text}");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn octets_are_those_of_the_rfcs() {
    for (rtype, text, hex) in [
        (RecordType::MX, "10 a.", "000a016100"),
        (RecordType::LOC, "0 N 0 E 0", "00121613800000008000000000989680"),
        (RecordType::APL, "!1:192.0.2.0/24", "00011883c00002"),
        (RecordType::URI, "1 2 \"a\"", "0001000261"),
        (RecordType::EUI48, "00-00-5e-00-53-2a", "00005e00532a"),
        (RecordType::CSYNC, "1 2 A", "000000010002000140"),
        (RecordType::HIP, "2 AA AAAA a.", "01020003aa000000016100"),
        (RecordType::CERT, "URI 1 2 AAAA", "00fd000102000000"),
    ] {
        let expected = format!("\\# {} {hex}", hex.len() / 2);
        let mut generic = String::new();
        write_generic(&read_text(rtype, text).expect("data"), &mut generic);
        assert_eq!(generic, expected, "{rtype} {text}");
    }
}

#[test]
fn what_is_no_data_is_refused() {
    for (rtype, text) in [
        ("A", ""),
        ("A", "192.0.2"),
        ("A", "192.0.2.256"),
        ("A", "192.0.2.1 x"),
        ("A", "\"192.0.2.1\""),
        ("A", "\\# 3 c00002"),
        ("A", "\\# 4 c0000"),
        ("A", "\\# 5 c0000201"),
        ("A", "\\# 4 c000020g"),
        ("A", "\\#"),
        ("A", "\\# 65536 00"),
        ("AAAA", "192.0.2.1"),
        ("PTR", "a..b"),
        ("PTR", "\"a\""),
        ("PTR", "a b"),
        ("PTR", "\\256."),
        ("PTR", "a\n b"),
        ("PTR", "(a"),
        ("PTR", "\\# 3 c00c00"),
        ("MX", "mail"),
        ("MX", "65536 mail"),
        ("MX", "+1 mail"),
        ("MX", "-1 mail"),
        ("SRV", "1 2 sip"),
        ("TXT", "; nothing"),
        ("TXT", "\\300"),
        ("TXT", "\\# 0"),
        ("TXT", "\\# 2 0561"),
        ("SOA", "ns root 1 2 3 4"),
        ("SOA", "ns root 4294967296 2 3 4 5"),
        ("SOA", "ns root 1 2 3 4 5 6"),
        ("DS", "1 8 2 00"),
        ("DS", "1 8 1 zz"),
        ("DNSKEY", "256 3"),
        ("DNSKEY", "256 3 8 !!!!"),
        ("DNSKEY", "\\# 3 010003"),
        ("LOC", "91 N 0 E 0"),
        ("LOC", "90 0 0.001 N 0 E 0"),
        ("LOC", "1 N 1 E"),
        ("LOC", "1 60 N 1 E 0"),
        ("LOC", "1 N 1 E -100001"),
        ("LOC", "1 N 1 E 0 99999999999"),
        ("LOC", "\\# 16 00a21613800000008000000000989680"),
        ("LOC", "\\# 15 001216138000000080000000009896"),
        ("APL", "1:192.0.2.0/33"),
        ("APL", "3:x/1"),
        ("APL", "192.0.2.0/24"),
        ("APL", "\\# 5 0001180100"),
        ("APL", "1:1.2.3.4/+1"),
        ("HIP", "2 AA"),
        ("HIP", "\\# 4 02020003"),
        ("HIP", "300 AA AAAA"),
        ("SVCB", "\\# 5 0001000001"),
        ("HTTPS", "\\# 9 000100000100026832"),
        ("HTTPS", "1 . port=x"),
        ("EUI48", "00-00-5e-00-53"),
        ("EUI48", "0-000-5e-00-53-2a"),
        ("CAA", "0 is_sue x"),
        ("CAA", "256 issue x"),
        ("NSEC", "a..b A"),
        ("NAPTR", "1 2 \"\" \"\" \"\" a..b"),
        ("RRSIG", "A 5 3 86400 1 2 3 a..b AAAA"),
        ("NSEC", "a XYZ"),
        ("NSEC3", "1 1 12"),
        ("TLSA", "3 1 1"),
        ("SSHFP", "1"),
        ("CERT", "PKIX 1 8"),
        ("URI", "1 2"),
        ("TYPE65280", "x"),
        ("TYPE65280", ""),
        ("NULL", "x"),
        ("ANY", "\\# 0"),
        ("OPT", "\\# 0"),
        ("TYPE0", "\\# 0"),
        ("TSIG", "x"),
        ("TYPE200", "\\# 0"),
        ("CSYNC", "1"),
        ("OPENPGPKEY", "===="),
        ("DHCID", ""),
        ("IPSECKEY", "10 0 2 gw AAAA"),
        ("ZONEMD", "1 1 1"),
    ] {
        let rtype: RecordType = rtype.parse().expect("a type");
        let found = read_text(rtype, text);
        assert!(found.is_err(), "{rtype} {text}: {found:?}");
        assert!(!found.expect_err("checked").to_string().contains(|c: char| c.is_control()));
    }
}

#[test]
fn lengths_are_bounded() {
    let txt = |strings: usize| "\"0123456789abcde\" ".repeat(strings);
    assert!(read_text(RecordType::TXT, &txt(4095)).is_ok());
    assert_eq!(read_text(RecordType::TXT, &txt(4096)), Err(RdataError::TooLong(65_536)));
    assert!(read_text(RecordType::TXT, &"x".repeat(256)).is_err());
    assert!(read_text(RecordType::PTR, &"a".repeat(64)).is_err());
    assert!(read_text(RecordType::PTR, &"a.".repeat(128)).is_err());
    let uri = format!("1 1 \"{}\"", "x".repeat(65_532));
    assert_eq!(read_text(RecordType::URI, &uri), Err(RdataError::TooLong(65_536)));
    let hex = |octets: usize| format!("\\# {octets} {}", "00".repeat(octets));
    assert!(read_text(RecordType(65280), &hex(65_535)).is_ok());
    assert_eq!(check_rdata(RecordType(65280), &[0; 65_536]), Err(RdataError::TooLong(65_536)));
}

fn any_type() -> impl Strategy<Value = RecordType> {
    prop_oneof![
        8 => (0..TEXTS.len()).prop_map(|n| TEXTS[n].0.parse().expect("a type")),
        1 => any::<u16>().prop_map(RecordType),
        1 => (0..300u16).prop_map(RecordType),
    ]
}

/// Data of some type with a few octets changed, cut or added.
fn mutated() -> impl Strategy<Value = (RecordType, Vec<u8>)> {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..4u8);
    (0..TEXTS.len(), prop::collection::vec(change, 0..4)).prop_map(|(n, changes)| {
        let rtype = TEXTS[n].0.parse().expect("a type");
        let mut rdata = read_text(rtype, TEXTS[n].1).expect("data");
        for (index, octet, how) in changes {
            let at = index.index(rdata.len() + 1);
            match how {
                0 if at < rdata.len() => rdata[at] = octet,
                1 => rdata.truncate(at),
                2 => rdata.insert(at, octet),
                _ if at < rdata.len() => rdata[at] ^= 1 << (octet & 7),
                _ => {}
            }
        }
        (rtype, rdata)
    })
}

fn check_octets(rtype: RecordType, rdata: &[u8]) {
    let text = rdata_to_text(rtype, rdata);
    assert!(text.bytes().all(|b| (0x20..=0x7e).contains(&b)), "{rtype} {text:?}");
    if check_rdata(rtype, rdata).is_ok() {
        assert_eq!(read_text(rtype, &text).as_deref(), Ok(rdata), "{rtype} {text}");
    } else if !rtype.is_meta() {
        assert!(text.starts_with("\\# "), "{rtype}: malformed {rdata:?} became {text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(2000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_octets_become_text_and_come_back(rtype in any_type(), rdata in prop::collection::vec(any::<u8>(), 0..80)) {
        check_octets(rtype, &rdata);
    }

    #[test]
    fn changed_data_becomes_text_and_comes_back((rtype, rdata) in mutated()) {
        check_octets(rtype, &rdata);
    }

    #[test]
    fn any_text_is_read_or_refused(rtype in any_type(), text in "[ -~\\n\\t\u{e9}\\\\\"();@.0-9]{0,60}") {
        if let Ok(rdata) = read_text(rtype, &text) {
            check_octets(rtype, &rdata);
            assert_eq!(check_rdata(rtype, &rdata), Ok(()));
        }
    }

    #[test]
    fn changed_text_is_read_or_refused(
        n in 0..TEXTS.len(),
        as_type in prop::option::weighted(0.2, any_type()),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..5),
    ) {
        let mut text = TEXTS[n].1.as_bytes().to_vec();
        for (index, octet, how) in changes {
            let at = index.index(text.len() + 1);
            let specials = b" \"\\();=,.-@$\n\t\x00\xff09az";
            let special = specials[usize::from(octet) % specials.len()];
            match how {
                0 if at < text.len() => text[at] = special,
                1 => text.truncate(at),
                2 => text.insert(at, special),
                _ => text.insert(at, octet),
            }
        }
        let rtype = as_type.unwrap_or(TEXTS[n].0.parse().expect("a type"));
        if let Ok(rdata) = from_octets(rtype, &text, Some(&origin())) {
            check_octets(rtype, &rdata);
            assert_eq!(check_rdata(rtype, &rdata), Ok(()));
        }
    }
}

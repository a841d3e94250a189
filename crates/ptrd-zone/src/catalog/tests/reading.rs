//! RFC 9432 §4 and §5.1: what a catalog says, and when it is broken.

use super::{read, text};

/// The members, one a line: zone, label, groups, where it moves.
fn shown(records: &str) -> Vec<String> {
    let read = read(records).unwrap_or_else(|broken| panic!("{broken}"));
    read.members()
        .map(|member| {
            let groups = member.groups.iter().map(|group| format!(" group={}", text(group)));
            let coo = member.coo.iter().map(|coo| format!(" coo={coo}"));
            let more: String = groups.chain(coo).collect();
            format!("{} {}{more}", member.zone, text(&member.label))
        })
        .collect()
}

fn broken(records: &str) -> String {
    read(records).expect_err("broken")
}

#[test]
fn members_and_their_properties() {
    let members = shown(
        "@ NS invalid
         version TXT 2
         a1.zones PTR 2.0.192.in-addr.arpa
         group.a1.zones TXT fast
         b2.zones PTR 0/26.2.0.192.in-addr.arpa
         coo.b2.zones PTR other.example
         c3.ZONES PTR Example.COM
         GROUP.C3.zones TXT one two",
    );
    assert_eq!(
        members,
        [
            "2.0.192.in-addr.arpa. a1 group=fast",
            "0/26.2.0.192.in-addr.arpa. b2 coo=other.example.",
            "Example.COM. c3 group=onetwo",
        ]
    );
}

#[test]
fn a_member_may_be_in_several_groups() {
    let members = shown(
        "version TXT 2
         a.zones PTR example.com
         group.a.zones TXT two
         group.a.zones TXT one",
    );
    assert_eq!(members, ["example.com. a group=one group=two"]);
}

#[test]
fn a_catalog_may_be_empty() {
    assert_eq!(shown("version TXT 2"), [""; 0]);
}

#[test]
fn what_has_no_meaning_is_passed_over() {
    let members = shown(
        "@ TXT text
         version TXT 2
         version A 192.0.2.1
         zones PTR nothing.example
         zones TXT text
         a.zones PTR example.com
         a.zones TXT text
         a.zones A 192.0.2.1
         deep.a.zones PTR other.example
         group.a.zones PTR other.example
         coo.a.zones TXT text
         x.ext.a.zones TXT custom
         group.x.ext.a.zones TXT custom
         a.other PTR other.example
         group.none.zones TXT a-group-of-nothing
         coo.none.zones PTR other.example
         ext TXT custom",
    );
    assert_eq!(members, ["example.com. a"]);
}

#[test]
fn a_version_is_needed_and_must_be_2() {
    assert_eq!(
        broken("a.zones PTR example.com"),
        "it has no version: a TXT record at version.catalog.example. with the text 2"
    );
    assert_eq!(broken("version TXT 1"), "its version is “1”, and ptrd knows version 2");
    assert_eq!(broken("version TXT 3"), "its version is “3”, and ptrd knows version 2");
    assert_eq!(broken("version TXT 2a"), "its version is “2a”, and ptrd knows version 2");
    assert_eq!(broken("version TXT 2\nversion TXT 1"), "it has 2 versions, where one is allowed");
}

#[test]
fn two_pointers_of_one_member() {
    assert_eq!(
        broken("version TXT 2\na.zones PTR example.com\na.zones PTR example.net"),
        "the member a.zones.catalog.example. has more than one PTR record"
    );
}

#[test]
fn one_zone_listed_twice() {
    assert_eq!(
        broken("version TXT 2\na.zones PTR example.com\nb.zones PTR EXAMPLE.com"),
        "the zone EXAMPLE.com. is listed twice, as a and as b"
    );
}

#[test]
fn two_targets_of_one_move() {
    let records =
        "version TXT 2\na.zones PTR example.com\ncoo.a.zones PTR b.example\ncoo.a.zones PTR c.example";
    assert_eq!(broken(records), "coo.a.zones.catalog.example. has more than one PTR record");
}

#[test]
fn more_than_is_asked_for() {
    let zones =
        |count: u32| (0..count).map(|nth| format!("\nm{nth}.zones PTR z{nth}.example")).collect::<String>();
    assert_eq!(shown(&format!("version TXT 2{}", zones(10))).len(), 10);
    assert_eq!(broken(&format!("version TXT 2{}", zones(11))), "it lists more than 10 zones");
}

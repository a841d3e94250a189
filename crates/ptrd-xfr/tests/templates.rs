//! Transfers of zones with computed names.

mod common;

use common::*;
use ptrd_wire::Rcode;
use ptrd_xfr::Service;
use ptrd_zone::model::{Block, BlockId, BlockTemplate, Mode, Standing, TenantId};
use ptrd_zone::{Declared, Snapshot};
use std::sync::Arc;

/// Gives all addresses of a range the names of a template.
fn name_all(server: &Server, range: &str, template: &str) {
    let mut declared = Declared::default();
    declared.put_block(Block {
        id: BlockId(1),
        range: range.parse().expect("a range"),
        tenant: TenantId(1),
        mode: Mode::Direct,
        default_ttl: None,
        template: BlockTemplate::read(template),
        standing: Standing::default(),
    });
    let mut snapshot = Snapshot::clone(&server.snapshot.load());
    snapshot.apply_all_templates(&declared);
    server.snapshot.store(Arc::new(snapshot));
}

#[test]
fn computed_names_are_sent_one_by_one() {
    let server = serve(content(300), limits(), Service::default());
    name_all(&server, "10.0.0.0/18", "n{n:6}.dyn.example.net");
    let records = transfer(&mut connect(server.address), &query(1, "10.in-addr.arpa", AXFR));
    assert_eq!(records.len(), 4 + 16_384);
    let owners: Vec<_> = records[1..records.len() - 1].iter().map(|record| &record.owner).collect();
    assert!(owners.is_sorted(), "canonical order");
    let at = |owner: &str| {
        let found = records.iter().find(|record| record.owner == name(owner)).expect("the address");
        (found.rdata.clone(), found.ttl)
    };
    let of = |target: &str, ttl: u32| (name(target).as_wire().to_vec(), ttl);
    assert_eq!(
        at("43.1.0.10.in-addr.arpa"),
        of("host-299.pool.example.net", 300),
        "what was set goes before"
    );
    assert_eq!(at("44.1.0.10.in-addr.arpa"), of("n000300.dyn.example.net", 3_600));
    assert_eq!(at("255.63.0.10.in-addr.arpa"), of("n016383.dyn.example.net", 3_600));
}

#[test]
fn a_zone_with_too_many_computed_names_is_not_sent() {
    let server = serve(content(3), limits(), Service::default());
    name_all(&server, "10.0.0.0/8", "{ip}.dyn.example.net");
    for message in [query(1, "10.in-addr.arpa", AXFR), ixfr(2, "10.in-addr.arpa", 1)] {
        let reply = ask(&server, &with_opt(message));
        assert_eq!((reply.rcode, reply.answer.len()), (Rcode::REFUSED, 0));
        let opt = reply.opt.expect("an OPT record");
        let error = opt.option(15).expect("an extended error");
        assert!(
            error.starts_with(&[0, 21])
                && error.ends_with(b"a ptrd that reads statements of version 1 takes them")
        );
    }
    assert_eq!(ask_udp(&server, &ixfr(3, "10.in-addr.arpa", 1)).rcode, Rcode::REFUSED);
    // Queries are answered all the same.
    let answer = ask(&server, &query(4, "9.9.9.10.in-addr.arpa", 12)).answer;
    assert_eq!(answer[0].rdata, name("10-9-9-9.dyn.example.net").as_wire());
}

//! Postfix and Exim of Debian, told what `ptrctl mta` writes, send from each address with its name to `ptrd probe`, and mail
//! that has no address of its own does not leave from another. Reverse DNS is ptrd's, names are NSD's, and Unbound looks up.

use ptrd_suite::internet::isolated;
use ptrd_suite::mailers::{Fate, Mailer, SENDING, World, own_addresses, with_length};
use std::net::IpAddr;

fn sends_as_told(mailer: Mailer) {
    isolated(move || {
        let folder = tempfile::tempdir().expect("a folder");
        let Some(world) = World::start(folder.path(), mailer) else { return };
        left_alone_it_uses_its_own_address(&world);
        world.tell(folder.path());
        let before = world.probe.addresses().len();
        each_address_has_its_name(&world);
        without_an_address_of_the_family_it_stays(&world);
        of_a_domain_that_no_address_is_for_it_stays(&world);
        with_its_address_gone_it_stays(&world);
        let own = own_addresses();
        let left: Vec<IpAddr> = world.probe.addresses().split_off(before);
        assert!(left.len() >= 6 && !left.iter().any(|address| own.contains(address)), "{left:?}");
    });
}

/// What the guard is against, and that the probe would see it.
fn left_alone_it_uses_its_own_address(world: &World) {
    assert_eq!(world.send("one", "alone", "v4"), Fate::Sent);
    let seen = world.seen("alone");
    assert_eq!(
        (seen.address.to_string().as_str(), seen.helo.as_str()),
        ("185.12.13.9", "machine.mail.example")
    );
}

fn each_address_has_its_name(world: &World) {
    for (address, helo, domain) in SENDING {
        let (from, family) =
            (domain.split('.').next().expect("a label"), if address.contains(':') { "v6" } else { "v4" });
        let mark = format!("{from}-{family}");
        assert_eq!(world.send(from, &mark, family), Fate::Sent, "{mark}");
        let seen = world.seen(&mark);
        assert_eq!(
            (seen.address.to_string().as_str(), seen.helo.as_str(), seen.tls),
            (address, helo, true),
            "{mark}"
        );
        for check in ["ptr-present", "iprev", "helo-resolves", "helo-equals-ptr"] {
            let wanted = format!("{check} pass");
            assert!(seen.checks.contains(&wanted), "{mark}: {wanted}: {:?}", seen.checks);
        }
    }
}

fn without_an_address_of_the_family_it_stays(world: &World) {
    let why = match world.mailer {
        Mailer::Postfix => "name=v6.mail.example type=A: Host found but no data record",
        Mailer::Exim => "Unrouteable address",
    };
    world.stays(&world.send("three", "three-v6", "v6"), why, "three-v6");
}

fn of_a_domain_that_no_address_is_for_it_stays(world: &World) {
    for family in ["v4", "v6"] {
        let mark = format!("other-{family}");
        world.stays(
            &world.send("other", &mark, family),
            "no sending address is meant for this sender",
            &mark,
        );
    }
}

/// It goes once the address is there again, and from nowhere else.
fn with_its_address_gone_it_stays(world: &World) {
    for (address, family) in [("185.12.13.1", "v4"), ("2a0c:abce::1", "v6")] {
        let mark = format!("gone-{family}");
        world.machine.remove_address(&with_length(address));
        let why = match world.mailer {
            // Its log has the address, and why, on another line.
            Mailer::Postfix => "status=deferred (server configuration error)",
            Mailer::Exim => "Cannot assign requested address",
        };
        world.stays(&world.send("one", &mark, family), why, &mark);
        world.machine.add_address(&with_length(address));
        world.mailer.flush(&world.machine);
        world.mailer.sent(&world.machine, &format!("{mark}@{family}.mail.example"));
        assert_eq!(world.seen(&mark).address.to_string(), address);
    }
}

#[test]
fn postfix() {
    sends_as_told(Mailer::Postfix);
}

#[test]
fn exim() {
    sends_as_told(Mailer::Exim);
}

//! Bounces as they come in, and what is made of them: the table in `explain.txt`.

use ptrd_posture::explain::{About, explain};
use std::net::IpAddr;

fn told(text: &str, address: Option<IpAddr>) -> String {
    let Some(found) = explain(text, address) else { return "nothing".to_owned() };
    let about = serde_json::to_value(found.about).expect("a word");
    let address = found.address.map_or_else(|| "-".to_owned(), |address| address.to_string());
    format!("{} | {} | {address}", found.receiver, about.as_str().expect("a word"))
}

#[test]
fn bounces_are_explained() {
    let table = include_str!("explain.txt");
    let (mut text, mut cases) = (String::new(), 0);
    for line in table.lines().filter(|line| !line.starts_with("# ")) {
        let Some(expected) = line.strip_prefix("=> ") else {
            text += &format!("{line}\n");
            continue;
        };
        assert_eq!(told(text.trim_start_matches('\n'), None), expected, "{text}");
        cases += 1;
        text.clear();
    }
    assert!(cases > 30 && text.trim().is_empty(), "{cases} cases, and at the end: {text}");
}

#[test]
fn the_address_that_is_given_goes_before_that_of_the_text() {
    let text = "450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.25]";
    let given = "2001:db8::1".parse().expect("an address");
    let found = explain(text, Some(given)).expect("an explanation");
    assert_eq!(found.address, Some(given));
    assert!(found.steps.iter().any(|step| step.contains("`NAME AAAA 2001:db8::1`")), "{:?}", found.steps);
    assert!(found.temporary && found.identity);
}

#[test]
fn what_is_not_about_reverse_dns_asks_for_no_ptr() {
    for about in [About::Authentication, About::Reputation, About::Other, About::Unsaid] {
        assert!(!about.is_identity());
    }
    let found = explain("550 5.7.26 does not pass SPF", None).expect("an explanation");
    assert!(
        !found.identity && found.steps.iter().all(|step| !step.contains("ptrctl ptr set")),
        "{:?}",
        found.steps
    );
}

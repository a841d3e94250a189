//! Pages, against lists that are scanned.

use super::*;
use crate::pack_names;

fn names(texts: &[&str]) -> Box<[u8]> {
    pack_names(&texts.iter().map(|text| text.parse().expect("a name")).collect::<Vec<_>>())
}

fn unpack(entry: PtrRef<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    entry.pack_into(&mut out);
    out
}

#[test]
fn a_dense_page_costs_its_leading_labels() {
    let mut draft = Draft::default();
    for n in 0..=255u8 {
        let name = names(&[&format!("host-1-2-{n}.pool.example.net")]);
        draft.push(u128::from(n), Ttl::from_secs(3600), true, &name);
    }
    let page = draft.build(Form::Direct, 0, 256);
    assert!(page.size() / 256 <= 18, "{} octets", page.size());
    for n in 0..=255u8 {
        let entry = page.direct(n).expect("an entry");
        assert_eq!(unpack(entry)[..], names(&[&format!("host-1-2-{n}.pool.example.net")])[..]);
        assert_eq!((entry.ttl().as_secs(), entry.is_inherited(), entry.len()), (3600, true, 1));
    }
    assert_eq!(page.direct_entries().count(), 256);
}

#[test]
fn mixed_entries_come_back_as_they_went_in() {
    let sets: Vec<(u128, u32, bool, Box<[u8]>)> = (0..200u32)
        .map(|n| {
            let texts: Vec<String> =
                (0..1 + n % 4).map(|k| format!("h{n}.c{}.x{k}.example", n % 5)).collect();
            let list: Vec<&str> = texts.iter().map(String::as_str).collect();
            (u128::from(n), n % 40, n % 2 == 0, names(if n == 7 { &["."] } else { &list }))
        })
        .collect();
    for form in [Form::Direct, Form::Keyed(2), Form::Keyed(16)] {
        let mut draft = Draft::default();
        for (key, ttl, inherited, packed) in &sets {
            draft.push(*key, Ttl::from_secs(*ttl), *inherited, packed);
        }
        let page = draft.build(form, 0, sets.len());
        let mut again = Draft::default();
        for (nth, (key, ttl, inherited, packed)) in sets.iter().enumerate() {
            let entry = match form {
                Form::Direct => page.direct(*key as u8).expect("an entry"),
                Form::Keyed(width) => {
                    assert_eq!((page.search(*key, width), page.key(nth, width)), (Ok(nth), *key));
                    page.nth(nth)
                }
            };
            assert_eq!((entry.ttl().as_secs(), entry.is_inherited()), (*ttl, *inherited));
            assert_eq!(unpack(entry)[..], packed[..]);
            again.push_ref(*key, entry);
        }
        assert_eq!(again.build(form, 0, sets.len()).0, page.0, "rebuilt from itself");
        if form == Form::Direct {
            assert!(page.direct(200).is_none() && page.direct_from(200).is_none());
        }
    }
}

#[test]
fn keyed_pages_search_with_their_start_stripped() {
    let mut draft = Draft::default();
    let base = 0x2001_0db8_0000_0000_0000_0000_0000_0000u128;
    for n in 0..100u128 {
        draft.push(base + n * 3, Ttl::from_secs(1), false, &names(&["a.example"]));
    }
    let page = draft.build(Form::Keyed(16), 0, 100);
    assert_eq!(page.search(base + 3, 16), Ok(1));
    assert_eq!(page.search(base + 4, 16), Err(2));
    assert_eq!(page.search(0, 16), Err(0));
    assert_eq!(page.search(u128::MAX, 16), Err(100));
    assert_eq!(page.search(base + 300, 16), Err(100));
    let one = draft.build(Form::Keyed(16), 5, 6);
    assert_eq!((one.search(base + 15, 16), one.search(base + 14, 16)), (Ok(0), Err(0)));
}

#[test]
fn large_pages_use_wide_offsets() {
    let mut draft = Draft::default();
    let long: Vec<String> =
        (0..20).map(|n| format!("{}.{n}.example", ["x".repeat(60).as_str(); 3].join("."))).collect();
    let list: Vec<&str> = long.iter().map(String::as_str).collect();
    let packed = names(&list);
    for n in 0..256u128 {
        draft.push(n, Ttl::from_secs(1), false, &packed);
    }
    let page = draft.build(Form::Direct, 0, 256);
    assert!((0..=255).all(|n| unpack(page.direct(n).expect("an entry"))[..] == packed[..]));
}

//! The square of a map: 16 × 16 cells, each an address or a part of the address space, with their states and the borders
//! of blocks.

use super::part;
use crate::state::{State, flags};
use crate::view::{grouped, link};
use ptrd_api::{MapPart, MapRun, MapView, PtrView};
use ptrd_wire::AddrRange;
use ptrd_wire::frame::{Frame, PARTS, sides};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A cell as it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    pub name: String,
    pub class: String,
    /// Where it leads; nowhere, where there is nothing of the reader's.
    pub link: String,
    /// What it is, in words.
    pub about: String,
    /// In a cell of one address how it stands; in one of many how many have a name, or are to be looked at.
    pub mark: String,
    /// The label of the block that begins here.
    pub tag: String,
    pub is_chosen: bool,
}

/// A state that occurs, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub class: &'static str,
    pub mark: &'static str,
    pub words: &'static str,
    pub count: String,
}

/// A block that has addresses in the square.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    pub range: String,
    pub tenant: String,
    pub mode: &'static str,
    pub suspended: bool,
}

/// Who looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Operator,
    Tenant,
}

impl Reader {
    /// A state in words: what is not there for a tenant is in no block for an operator.
    fn words(self, state: State) -> &'static str {
        match (self, state) {
            (Reader::Operator, State::Foreign) => "in no block",
            _ => state.words(),
        }
    }
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Square {
    pub cells: Vec<Cell>,
    pub keys: Vec<Key>,
    pub pieces: Vec<Piece>,
    /// How many of the reader's addresses have a name.
    pub set: u64,
    pub addresses: u64,
}

/// The sides of a cell as classes, for 16 columns and, with an `n` before, for the 8 of narrow screens.
fn side_classes(blocks: &[Option<usize>; PARTS], nth: usize) -> String {
    let mut classes = String::new();
    for (columns, before) in [(16, ""), (8, "n")] {
        let sides = sides(blocks, nth, columns);
        for (is_border, side) in
            [(sides.top, 't'), (sides.right, 'r'), (sides.bottom, 'b'), (sides.left, 'l')]
        {
            if is_border {
                classes.push_str(&format!(" {before}{side}"));
            }
        }
    }
    classes
}

/// `0/26`, `10–20`: a block within its square.
fn tag(range: &AddrRange) -> String {
    let last_octet = |ip: IpAddr| match ip {
        IpAddr::V4(v4) => v4.octets()[3].to_string(),
        IpAddr::V6(v6) => format!("{:x}", v6.octets()[15]),
    };
    match range.prefix_len() {
        Some(length) => format!("{}/{length}", last_octet(range.first())),
        None => format!("{}–{}", last_octet(range.first()), last_octet(range.last())),
    }
}

impl Square {
    /// Of single addresses. The chosen one is marked.
    pub fn of_addresses(
        frame: &Frame,
        map: &MapView,
        ptrs: &[PtrView],
        chosen: Option<IpAddr>,
        reader: Reader,
    ) -> Square {
        let by_address: BTreeMap<IpAddr, &PtrView> =
            ptrs.iter().filter_map(|ptr| Some((ptr.address.parse().ok()?, ptr))).collect();
        let computed: BTreeMap<IpAddr, &str> = map
            .computed
            .iter()
            .filter_map(|one| Some((one.address.parse().ok()?, one.name.as_str())))
            .collect();
        let by_part: BTreeMap<u8, &MapPart> = map.parts.iter().map(|part| (part.part, part)).collect();
        let mut square = Square::default();
        let (mut blocks, mut runs) = ([None; PARTS], [None; PARTS]);
        let mut tags: BTreeMap<usize, String> = BTreeMap::new();
        for run in &map.runs {
            let ends = [&run.first, &run.last].map(|end| end.parse().ok().and_then(|ip| frame.part_of(ip)));
            let [Some(first), Some(last)] = ends else { continue };
            let (first, last) = (usize::from(first), usize::from(last));
            let piece = square.piece(run);
            blocks[first..=last].fill(Some(piece));
            runs[first..=last].fill(Some(run));
            let begins =
                run.block.parse::<AddrRange>().ok().filter(|block| block.first().to_string() == run.first);
            if let Some(block) = begins.filter(|block| block.size() >= 4 && block.size() < PARTS as u128) {
                tags.insert(first, tag(&block));
            }
        }
        let mut counts: BTreeMap<State, u64> = BTreeMap::new();
        for nth in 0..=u8::MAX {
            let address = frame.part(nth).first();
            let ptr = by_address.get(&address).filter(|_| runs[usize::from(nth)].is_some());
            let name = computed.get(&address).copied();
            let part = by_part.get(&nth).copied();
            let state = State::of(runs[usize::from(nth)], part, ptr.is_some(), name.is_some());
            *counts.entry(state).or_default() += 1;
            square.set += u64::from(ptr.is_some());
            square.addresses += u64::from(state != State::Foreign);
            let mut cell = Cell {
                name: frame.part_name(nth),
                class: format!("{}{}", state.class(), side_classes(&blocks, usize::from(nth))),
                about: about(address, (state, part), (ptr.copied(), name), reader),
                mark: state.mark().to_owned(),
                tag: tags.remove(&usize::from(nth)).unwrap_or_default(),
                is_chosen: chosen == Some(address),
                ..Cell::default()
            };
            if state != State::Foreign {
                let range = frame.range().to_string();
                cell.link = link("/map", &[("range", &range), ("address", &address.to_string())]);
            }
            square.cells.push(cell);
        }
        square.keys = keys(&counts, reader);
        square
    }

    /// Of parts with many addresses each.
    pub fn of_parts(frame: &Frame, map: &MapView, reader: Reader) -> Square {
        let mut square = Square::default();
        let by_part: BTreeMap<u8, &MapPart> = map.parts.iter().map(|part| (part.part, part)).collect();
        let mut counts: BTreeMap<State, u64> = BTreeMap::new();
        for nth in 0..=u8::MAX {
            let range = frame.part(nth);
            let name = frame.part_name(nth);
            let Some(counted) = by_part.get(&nth) else {
                let about = format!("{range}: {}", reader.words(State::Foreign));
                let class = State::Foreign.class().to_owned();
                square.cells.push(Cell { name, class, about, ..Cell::default() });
                continue;
            };
            square.set = square.set.saturating_add(counted.set);
            square.addresses = square.addresses.saturating_add(counted.addresses);
            flags(counted).into_iter().for_each(|(state, count)| *counts.entry(state).or_default() += count);
            square.cells.push(Cell {
                name,
                class: part::class(counted),
                link: link("/map", &[("range", &Frame::around(&range).range().to_string())]),
                about: part::about(&range, counted),
                mark: part::mark(counted),
                ..Cell::default()
            });
        }
        counts.retain(|_, count| *count > 0);
        square.keys = keys(&counts, reader);
        square
    }

    /// The number of the block that a run belongs to.
    fn piece(&mut self, run: &MapRun) -> usize {
        if let Some(nth) = self.pieces.iter().position(|piece| piece.range == run.block) {
            return nth;
        }
        self.pieces.push(Piece {
            range: run.block.clone(),
            tenant: run.tenant.clone(),
            mode: super::blocks::mode_words(&run.mode),
            suspended: run.suspended,
        });
        self.pieces.len() - 1
    }
}

fn keys(counts: &BTreeMap<State, u64>, reader: Reader) -> Vec<Key> {
    let key = |(state, count): (&State, &u64)| Key {
        class: state.class(),
        mark: state.mark(),
        words: reader.words(*state),
        count: grouped(*count),
    };
    counts.iter().map(key).collect()
}

fn about(
    address: IpAddr,
    (state, part): (State, Option<&MapPart>),
    (ptr, name): (Option<&PtrView>, Option<&str>),
    reader: Reader,
) -> String {
    let mut about = match (ptr, name) {
        (None, Some(name)) if state == State::Named => format!("{address}: {name} ({})", state.words()),
        (None, Some(name)) => format!("{address}: {name}, {}", state.words()),
        (None, None) => format!("{address}: {}", reader.words(state)),
        (Some(ptr), _) if state == State::Set => format!("{address}: {}", ptr.names.join(", ")),
        (Some(ptr), _) => format!("{address}: {}, {}", ptr.names.join(", "), state.words()),
    };
    // An address may be in more than one of them.
    let more = part.into_iter().flat_map(flags).filter(|(other, count)| *count > 0 && *other > state);
    if matches!(state, State::Failing | State::Pending) {
        more.for_each(|(other, _)| about.push_str(&format!(", {}", other.words())));
    }
    about
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_api::MapPart;

    fn frame(text: &str) -> Frame {
        Frame::around(&text.parse().expect("a range"))
    }

    fn run(first: &str, last: &str, block: &str, mode: &str) -> MapRun {
        MapRun {
            first: first.into(),
            last: last.into(),
            block: block.into(),
            tenant: "acme".into(),
            mode: mode.into(),
            suspended: false,
        }
    }

    fn ptr(address: &str) -> PtrView {
        PtrView {
            address: address.into(),
            names: vec!["mail.example.com.".into()],
            ttl: 3600,
            inherited: true,
            version: "v1".into(),
            fcrdns: None,
            owner: None,
            template: None,
        }
    }

    #[test]
    fn addresses_have_states_borders_and_labels() {
        let map = MapView {
            runs: vec![
                run("192.0.2.0", "192.0.2.63", "192.0.2.0/26", "classless"),
                run("192.0.2.64", "192.0.2.67", "192.0.2.64/30", "delegated-ns"),
                MapRun {
                    suspended: true,
                    ..run("192.0.2.70", "192.0.2.75", "192.0.2.70-192.0.2.75", "direct")
                },
            ],
            ..MapView::default()
        };
        let ptrs = [ptr("192.0.2.17"), ptr("192.0.2.70"), ptr("192.0.2.200")];
        let chosen = "192.0.2.17".parse().ok();
        let square = Square::of_addresses(&frame("192.0.2.0/24"), &map, &ptrs, chosen, Reader::Tenant);
        assert_eq!((square.cells.len(), square.set, square.addresses), (256, 2, 74));
        let cell = |nth: usize| &square.cells[nth];
        assert!(cell(17).class.starts_with("set") && cell(17).is_chosen);
        assert_eq!(cell(17).about, "192.0.2.17: mail.example.com.");
        assert_eq!(cell(17).link, "/map?range=192.0.2.0%2F24&address=192.0.2.17");
        assert_eq!((cell(0).class.as_str(), cell(0).tag.as_str()), ("empty t l nt nl", "0/26"));
        assert_eq!((cell(64).class.as_str(), cell(64).tag.as_str()), ("elsewhere t b l nt nb nl", "64/30"));
        assert_eq!((cell(70).tag.as_str(), cell(70).mark.as_str()), ("70–75", "‖"));
        assert_eq!(cell(70).about, "192.0.2.70: mail.example.com., suspended");
        // What lies in no block of the reader's is not shown, whatever it has.
        assert_eq!((cell(200).class.as_str(), cell(200).link.as_str()), ("foreign", ""));
        assert_eq!(cell(200).about, "192.0.2.200: not yours");
        assert_eq!(counts(&square), "1 set, 63 no name, 6 suspended, 4 served elsewhere, 182 not yours");
        assert_eq!(square.pieces.len(), 3);
    }

    fn counts(square: &Square) -> String {
        let counts: Vec<String> =
            square.keys.iter().map(|key| format!("{} {}", key.count, key.words)).collect();
        counts.join(", ")
    }

    #[test]
    fn names_that_fail_wait_or_look_generic_are_told_apart() {
        let part = |part, failing, pending, generic| MapPart {
            part,
            addresses: 1,
            failing,
            pending,
            generic,
            ..MapPart::default()
        };
        let map = MapView {
            parts: vec![part(1, 1, 1, 1), part(2, 0, 1, 0), part(3, 0, 0, 1)],
            runs: vec![run("192.0.2.0", "192.0.2.255", "192.0.2.0/24", "direct")],
            ..MapView::default()
        };
        let ptrs = [ptr("192.0.2.1"), ptr("192.0.2.3")];
        let square = Square::of_addresses(&frame("192.0.2.0/24"), &map, &ptrs, None, Reader::Tenant);
        let cell = |nth: usize| (square.cells[nth].class.as_str(), square.cells[nth].mark.as_str());
        assert_eq!(
            [cell(1), cell(2), cell(3)],
            [("failing t nt", "!"), ("pending t nt", "…"), ("generic t nt", "~")]
        );
        assert_eq!(
            square.cells[1].about,
            "192.0.2.1: mail.example.com., does not resolve back, waits to resolve back, looks generic"
        );
        assert_eq!(square.cells[2].about, "192.0.2.2: waits to resolve back");
        assert_eq!(
            counts(&square),
            "1 does not resolve back, 1 waits to resolve back, 1 looks generic, 253 no name"
        );
    }

    #[test]
    fn parts_have_counts_and_lead_on() {
        let part = |part, addresses, set| MapPart { part, addresses, set, blocks: 1, ..MapPart::default() };
        let map = MapView { parts: vec![part(0, 256, 256), part(2, 256, 1)], ..MapView::default() };
        let square = Square::of_parts(&frame("192.0.0.0/16"), &map, Reader::Operator);
        assert_eq!((square.set, square.addresses), (257, 512));
        assert_eq!((square.cells[0].class.as_str(), square.cells[0].mark.as_str()), ("part f5", "256"));
        assert_eq!(square.cells[2].link, "/map?range=192.0.2.0%2F24");
        assert_eq!((square.cells[1].class.as_str(), square.cells[1].link.as_str()), ("foreign", ""));
        let map = MapView { parts: vec![part(0x0d, u64::MAX, 1_234)], ..MapView::default() };
        let square = Square::of_parts(&frame("2001:db8::/32"), &map, Reader::Operator);
        assert_eq!((square.cells[13].name.as_str(), square.cells[13].mark.as_str()), ("0d", "1.2k"));
        assert_eq!(square.cells[13].link, "/map?range=2001%3Adb8%3Ad00%3A%3A%2F40");
    }
}

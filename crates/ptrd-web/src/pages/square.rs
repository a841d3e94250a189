//! The square of a map: 16 × 16 cells, each an address or a part of the address space, with their states and the borders
//! of blocks.

use crate::frame::{Frame, PARTS, sides};
use crate::state::{State, fullness};
use crate::view::{grouped, link};
use ptrd_api::{MapRun, MapView, PtrView};
use ptrd_wire::AddrRange;
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
    pub mark: &'static str,
    /// How many addresses have a name, in a cell of many.
    pub count: String,
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
    pub count: usize,
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

/// How an address stands, which has a PTR of its own, or one that a template gives it.
pub(crate) fn state_of(run: Option<&MapRun>, has_ptr: bool, is_named: bool) -> State {
    match run {
        None => State::Foreign,
        Some(run) if run.suspended => State::Suspended,
        Some(run) if run.mode.starts_with("delegated") => State::Elsewhere,
        Some(_) if has_ptr => State::Set,
        Some(_) if is_named => State::Named,
        Some(_) => State::Empty,
    }
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
        let mut counts: BTreeMap<State, usize> = BTreeMap::new();
        for nth in 0..=u8::MAX {
            let address = frame.part(nth).first();
            let ptr = by_address.get(&address).filter(|_| runs[usize::from(nth)].is_some());
            let name = computed.get(&address).copied();
            let state = state_of(runs[usize::from(nth)], ptr.is_some(), name.is_some());
            *counts.entry(state).or_default() += 1;
            square.set += u64::from(ptr.is_some());
            square.addresses += u64::from(state != State::Foreign);
            let mut cell = Cell {
                name: frame.part_name(nth),
                class: format!("{}{}", state.class(), side_classes(&blocks, usize::from(nth))),
                about: about(address, state, (ptr.copied(), name), reader),
                mark: state.mark(),
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
        let by_part: BTreeMap<u8, _> = map.parts.iter().map(|part| (part.part, part)).collect();
        for nth in 0..=u8::MAX {
            let part = frame.part(nth);
            let mut cell =
                Cell { name: frame.part_name(nth), class: State::Foreign.class().into(), ..Cell::default() };
            cell.about = match by_part.get(&nth) {
                None => format!("{part}: {}", reader.words(State::Foreign)),
                Some(counted) => {
                    let named = counted.set.saturating_add(counted.computed);
                    cell.class = format!("part f{}", fullness(counted.set, counted.addresses));
                    if counted.computed > 0 {
                        cell.class.push_str(" computed");
                    }
                    cell.link = link("/map", &[("range", &Frame::around(&part).range().to_string())]);
                    cell.count = if named == 0 { String::new() } else { short(named) };
                    square.set = square.set.saturating_add(counted.set);
                    square.addresses = square.addresses.saturating_add(counted.addresses);
                    let blocks = match counted.blocks {
                        0 => String::new(),
                        1 => ", 1 block begins here".to_owned(),
                        n => format!(", {n} blocks begin here"),
                    };
                    let computed = match counted.computed {
                        0 => String::new(),
                        n => format!(", {} named by a template", grouped(n)),
                    };
                    format!("{part}: {} with a name of their own{computed}{blocks}", grouped(counted.set))
                }
            };
            square.cells.push(cell);
        }
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

fn keys(counts: &BTreeMap<State, usize>, reader: Reader) -> Vec<Key> {
    let key = |(state, count): (&State, &usize)| Key {
        class: state.class(),
        mark: state.mark(),
        words: reader.words(*state),
        count: *count,
    };
    counts.iter().map(key).collect()
}

fn about(
    address: IpAddr,
    state: State,
    (ptr, name): (Option<&PtrView>, Option<&str>),
    reader: Reader,
) -> String {
    match (ptr, name) {
        (None, Some(name)) => format!("{address}: {name} ({})", state.words()),
        (None, None) => format!("{address}: {}", reader.words(state)),
        (Some(ptr), _) if state == State::Set => format!("{address}: {}", ptr.names.join(", ")),
        (Some(ptr), _) => format!("{address}: {}, {}", ptr.names.join(", "), state.words()),
    }
}

/// A count in four characters.
fn short(n: u64) -> String {
    match n {
        0..=999 => n.to_string(),
        1_000..=9_949 => format!("{:.1}k", n as f64 / 1e3),
        9_950..=999_499 => format!("{}k", (n + 500) / 1_000),
        999_500..=9_949_999 => format!("{:.1}M", n as f64 / 1e6),
        _ => format!("{}M", (n + 500_000) / 1_000_000),
    }
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
        assert_eq!((cell(70).tag.as_str(), cell(70).mark), ("70–75", "‖"));
        assert_eq!(cell(70).about, "192.0.2.70: mail.example.com., suspended");
        // What lies in no block of the reader's is not shown, whatever it has.
        assert_eq!((cell(200).class.as_str(), cell(200).link.as_str()), ("foreign", ""));
        assert_eq!(cell(200).about, "192.0.2.200: not yours");
        let counts: Vec<(&str, usize)> = square.keys.iter().map(|key| (key.words, key.count)).collect();
        assert_eq!(
            counts,
            [("set", 1), ("no name", 63), ("suspended", 6), ("served elsewhere", 4), ("not yours", 182)]
        );
        assert_eq!(square.pieces.len(), 3);
    }

    #[test]
    fn parts_have_counts_and_lead_on() {
        let part = |part, addresses, set| MapPart { part, addresses, set, blocks: 1, computed: 0 };
        let map = MapView { parts: vec![part(0, 256, 256), part(2, 256, 1)], ..MapView::default() };
        let square = Square::of_parts(&frame("192.0.0.0/16"), &map, Reader::Operator);
        assert_eq!((square.set, square.addresses), (257, 512));
        assert_eq!((square.cells[0].class.as_str(), square.cells[0].count.as_str()), ("part f5", "256"));
        assert_eq!(square.cells[2].link, "/map?range=192.0.2.0%2F24");
        assert_eq!((square.cells[1].class.as_str(), square.cells[1].link.as_str()), ("foreign", ""));
        let map = MapView { parts: vec![part(0x0d, u64::MAX, 1_234)], ..MapView::default() };
        let square = Square::of_parts(&frame("2001:db8::/32"), &map, Reader::Operator);
        assert_eq!((square.cells[13].name.as_str(), square.cells[13].count.as_str()), ("0d", "1.2k"));
        assert_eq!(square.cells[13].link, "/map?range=2001%3Adb8%3Ad00%3A%3A%2F40");
    }

    #[test]
    fn counts_are_short() {
        let texts = [7, 999, 1_000, 9_949, 9_950, 65_536, 999_499, 1_000_000, 16_777_216].map(short);
        assert_eq!(texts, ["7", "999", "1.0k", "9.9k", "10k", "66k", "999k", "1.0M", "17M"]);
    }
}

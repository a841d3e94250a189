//! The stub's maps: of IPv4 /24 alone, and blocks that are prefixes.

use super::{State, views};
use ptrd_api::{MapFilter, MapPart, MapRun, MapView, Problem, code};
use std::net::{IpAddr, Ipv4Addr};

/// The first address and the size of a prefix.
fn prefix(text: &str) -> Option<(u32, u64)> {
    let (address, length) = text.split_once('/').unwrap_or((text, "32"));
    let (address, length) = (address.parse::<Ipv4Addr>().ok()?, length.parse::<u32>().ok()?);
    Some((address.into(), 1 << (32 - length)))
}

/// Whether an address lies in what a filter asks for.
pub fn is_within(within: Option<&String>, address: &str) -> bool {
    let Some(within) = within else { return true };
    let address = address.parse::<Ipv4Addr>().map_or(0, |address| u64::from(u32::from(address)));
    prefix(within).is_some_and(|(first, size)| (u64::from(first)..u64::from(first) + size).contains(&address))
}

pub fn map(state: &State, filter: &MapFilter) -> Result<MapView, Problem> {
    let (first, size) = prefix(&filter.range)
        .filter(|(_, size)| *size >= 256)
        .ok_or_else(|| Problem::new(code::INVALID, format!("{} cannot be mapped", filter.range)))?;
    let each = size / 256;
    let mut view = MapView { range: filter.range.clone(), ..MapView::default() };
    let of_tenant = |tenant: &str| filter.tenant.as_deref().is_none_or(|only| only == tenant);
    for block in state.blocks.values().filter(|block| of_tenant(&block.tenant)) {
        let Some((from, count)) = prefix(&block.range) else { continue };
        let (start, end) =
            (u64::from(from.max(first)), (u64::from(from) + count).min(u64::from(first) + size));
        if start >= end {
            continue;
        }
        for nth in (start - u64::from(first)) / each..=(end - 1 - u64::from(first)) / each {
            let from = u64::from(first) + nth * each;
            let inside = |ip: &&IpAddr| matches!(ip, IpAddr::V4(v4) if (from..from + each).contains(&u64::from(u32::from(*v4))));
            let set = state.ptrs.keys().filter(inside).count() as u64;
            let at = |address: &str| address.parse().is_ok_and(|address| inside(&&address));
            let failing =
                views::checks().iter().filter(|it| it.state == "failing" && at(&it.address)).count();
            let is_generic = |name: &String| views::linted(name).is_some();
            let generic = state
                .ptrs
                .iter()
                .filter(|(address, ptr)| inside(address) && ptr.names.iter().any(is_generic));
            view.parts.push(MapPart {
                part: nth as u8,
                addresses: each,
                set,
                failing: failing as u64,
                pending: at(&views::pending().address).into(),
                generic: generic.count() as u64,
                ..MapPart::default()
            });
        }
        if each == 1 {
            let address = |bits: u64| Ipv4Addr::from(bits as u32).to_string();
            view.runs.push(MapRun {
                first: address(start),
                last: address(end - 1),
                block: block.range.clone(),
                tenant: block.tenant.clone(),
                mode: block.mode.clone(),
                suspended: block.suspended,
            });
        }
    }
    Ok(view)
}

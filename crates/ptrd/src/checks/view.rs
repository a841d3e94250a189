//! How it stands with addresses, as the API shows it.

use super::Looker;
use ptrd_api::{CheckFilter, CheckView, Page, Problem, PtrView, TransitionView, code};
use ptrd_change::{Checked, Failing, Road, View};
use ptrd_posture::{Standing, Verdict};
use ptrd_wire::{AddrRange, Family, ip_from_bits, ip_to_bits};
use std::collections::HashMap;
use std::net::IpAddr;

/// All addresses of either family.
pub fn whole() -> [AddrRange; 2] {
    [Family::V4, Family::V6].map(|family| AddrRange::of_prefix(family, 0, 0))
}

/// What is left of a range after an address.
pub(super) fn after(range: &AddrRange, address: IpAddr) -> Option<AddrRange> {
    let (family, bits) = ip_to_bits(address);
    let next = bits.checked_add(1).filter(|next| *next <= range.last_bits())?;
    AddrRange::new(ip_from_bits(family, next), range.last()).ok()
}

/// As RFC 3339 has it.
pub(super) fn time(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

fn view(address: IpAddr, standing: &Standing) -> CheckView {
    let transition = |transition: &ptrd_posture::Transition| TransitionView {
        at: time(transition.at),
        from: transition.from.map(|from| from.word().to_owned()),
        to: transition.to.word().to_owned(),
        why: transition.why.clone(),
    };
    CheckView {
        address: address.to_string(),
        state: standing.verdict().word().to_owned(),
        since: standing.since().map(time),
        checked: time(standing.checked),
        unknown: standing.unknown,
        why: standing.why.clone(),
        history: standing.history.iter().rev().map(transition).collect(),
    }
}

/// A page of what was asked for.
///
/// # Errors
/// A filter that makes no sense; a store that cannot be read.
pub async fn views(road: &Road, reader: &View, filter: &CheckFilter) -> Result<Page<CheckView>, Problem> {
    let bad = |message: String| Problem::new(code::BAD_REQUEST, message);
    let within = filter.within.as_deref().map(|text| text.trim().parse::<AddrRange>()).transpose();
    let within = within.map_err(|error| Problem::new(code::INVALID, error.to_string()))?;
    let state = filter.state.as_deref().map(|word| {
        Verdict::of_word(word)
            .ok_or_else(|| bad(format!("“{word}” is no state: verified, failing or unknown")))
    });
    let state = state.transpose()?;
    let seen = filter.after.as_deref().map(|text| text.parse::<IpAddr>()).transpose();
    let seen = seen.map_err(|_| bad("the page before ended at no address".to_owned()))?;
    let limit = filter.limit.unwrap_or(ptrd_api::DEFAULT_PAGE).min(ptrd_api::MAX_PAGE) as usize;
    if state == Some(Verdict::Failing) {
        return failing(road, reader, (within, seen), limit).await;
    }
    let mut items = Vec::new();
    for range in within.map_or(whole().to_vec(), |range| vec![range]) {
        let mut rest = match seen.map(ip_to_bits) {
            Some((family, _)) if family < range.family() => Some(range),
            Some((family, _)) if family > range.family() => None,
            Some((_, bits)) if bits < range.first_bits() => Some(range),
            Some(_) => seen.and_then(|seen| after(&range, seen)),
            None => Some(range),
        };
        while let Some(part) = rest.filter(|_| items.len() <= limit) {
            let checked = road.checks(part, limit + 1).await?;
            let last = checked.last().map(|row| row.address);
            let is_asked = |row: &Checked| {
                let verdict = row.standing.as_ref().map(Standing::verdict);
                reader.sees_address(row.address) && state.is_none_or(|state| verdict == Some(state))
            };
            let asked = checked.iter().filter(|row| is_asked(row));
            items.extend(asked.filter_map(|row| Some(view(row.address, row.standing.as_ref()?))));
            rest = last.and_then(|last| after(&part, last));
        }
    }
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|item| item.address.clone());
    Ok(Page { items, next })
}

/// A page of those that fail, without a look at all the others.
async fn failing(
    road: &Road,
    reader: &View,
    (within, seen): (Option<AddrRange>, Option<IpAddr>),
    limit: usize,
) -> Result<Page<CheckView>, Problem> {
    let failing = road.failing().await?;
    let is_asked = |address: &IpAddr| {
        within.is_none_or(|range| range.contains(*address)) && reader.sees_address(*address)
    };
    let mut addresses: Vec<IpAddr> = failing.after(seen).filter(is_asked).take(limit + 1).collect();
    let more = addresses.len() > limit;
    addresses.truncate(limit);
    let next = addresses.last().filter(|_| more).map(IpAddr::to_string);
    let checked = road.checks_at(addresses).await?;
    let items = checked.iter().filter_map(|row| Some(view(row.address, row.standing.as_ref()?)));
    Ok(Page { items: items.collect(), next })
}

/// The addresses that fail; none are looked for where no rule asks for it.
///
/// # Errors
/// A store that cannot be read.
pub async fn failing_of(road: &Road) -> Result<Failing, Problem> {
    if road.view().declared.fcrdns_blocks().next().is_none() {
        return Ok(Failing::default());
    }
    road.failing().await
}

/// How many addresses are looked at because somebody asks.
const MOST_NOW: usize = 256;

/// Looks at the names of addresses of a range at once, and says how they stand.
///
/// # Errors
/// A range that is none, or has too many addresses with names.
pub async fn look_now(looker: &Looker, reader: &View, within: &str) -> Result<Page<CheckView>, Problem> {
    let range = within.trim().parse::<AddrRange>();
    let range = range.map_err(|error| Problem::new(code::INVALID, error.to_string()))?;
    let named = reader.named(&range, MOST_NOW + 1);
    if named.len() > MOST_NOW {
        return Err(Problem::new(
            code::INVALID,
            format!("more than {MOST_NOW} addresses of {range} have names"),
        )
        .hint("look at a smaller range, or leave --now out: all are looked at from time to time"));
    }
    looker.look(&named).await?;
    let limit = Some(MOST_NOW as u64);
    views(
        &looker.road,
        reader,
        &CheckFilter { within: Some(range.to_string()), limit, ..CheckFilter::default() },
    )
    .await
}

/// Adds to PTRs, which are in the order of addresses, how their names stand.
///
/// # Errors
/// A store that cannot be read.
pub async fn show(road: &Road, ptrs: &mut [PtrView]) -> Result<(), Problem> {
    let view = road.view();
    let address = |ptr: &PtrView| ptr.address.parse::<IpAddr>().ok();
    let asked: Vec<IpAddr> =
        ptrs.iter().filter_map(address).filter(|address| view.is_under_fcrdns(*address)).collect();
    let mut stands = HashMap::new();
    for family in [Family::V4, Family::V6] {
        let is_of = |address: &&IpAddr| ip_to_bits(**address).0 == family;
        let (Some(first), Some(last)) = (asked.iter().find(is_of), asked.iter().rfind(is_of)) else {
            continue;
        };
        let mut rest = AddrRange::new(*first, *last).ok();
        while let Some(range) = rest {
            let checked = road.checks(range, ptrd_api::MAX_PAGE as usize).await?;
            rest = checked.last().and_then(|row| after(&range, row.address));
            let verdict = |row: &Checked| Some((row.address, row.standing.as_ref()?.verdict()));
            stands.extend(checked.iter().filter_map(verdict));
        }
    }
    for ptr in ptrs {
        let address = address(ptr).filter(|address| asked.binary_search(address).is_ok());
        ptr.fcrdns = address.map(|address| {
            stands.get(&address).map_or(Verdict::Unknown, |verdict| *verdict).word().to_owned()
        });
    }
    Ok(())
}

//! Catalogs, as far as a client sees them.

use super::{State, absent, problem};
use ptrd_api::{
    CatalogAdd, CatalogFollowWrite, CatalogGroupBody, CatalogGroupWrite, CatalogMemberView, CatalogSet,
    CatalogView, FollowedCatalogView, MembersFate, Problem, code,
};

pub fn add(state: &mut State, add: CatalogAdd) -> Result<String, Problem> {
    let CatalogAdd { catalog, tenant, rules } = add;
    let catalog = super::absolute(&catalog);
    if state.catalogs.contains_key(&catalog) {
        return Err(problem(code::CONFLICT, format!("the catalog zone {catalog} is served already")));
    }
    let view = CatalogView { catalog: catalog.clone(), tenant, serial: 1, members: 2, rules, followed: None };
    state.catalogs.insert(catalog.clone(), view);
    Ok(format!("catalog {catalog} added; it lists 2 zones"))
}

pub fn set(state: &mut State, set: CatalogSet) -> Result<String, Problem> {
    let catalog = super::absolute(&set.catalog);
    let view = state.catalogs.get_mut(&catalog).ok_or_else(|| absent("catalog", &catalog))?;
    view.serial += 1;
    for rule in set.rules {
        view.rules.retain(|known| (&known.zone, &known.tenant) != (&rule.zone, &rule.tenant));
        view.rules.push(rule);
    }
    view.rules.retain(|known| {
        !set.unset.iter().any(|zones| (&known.zone, &known.tenant) == (&zones.zone, &zones.tenant))
    });
    Ok(format!("catalog {catalog} set; it lists 2 zones"))
}

pub fn remove(state: &mut State, catalog: &str) -> Result<String, Problem> {
    let catalog = super::absolute(catalog);
    state.catalogs.remove(&catalog).ok_or_else(|| absent("catalog", &catalog))?;
    Ok(format!("catalog {catalog} removed; the zones that it listed stay"))
}

pub fn follow(state: &mut State, write: CatalogFollowWrite) -> Result<String, Problem> {
    let CatalogFollowWrite { catalog, tenant, primaries } = write;
    let catalog = super::absolute(&catalog);
    let tenant = tenant.ok_or_else(|| {
        problem(code::BAD_REQUEST, format!("the zone {catalog} is new here, and needs an owner"))
    })?;
    let followed = FollowedCatalogView {
        primaries,
        state: "current".to_owned(),
        members_tenant: tenant.clone(),
        groups: Vec::new(),
        processed: Some(7),
        problem: None,
        refused: 1,
    };
    let summary = format!("the catalog {catalog} is followed from {}", followed.primaries[0].address);
    let (rules, followed) = (Vec::new(), Some(followed));
    let view = CatalogView { catalog: catalog.clone(), tenant, serial: 7, members: 1, rules, followed };
    state.catalogs.insert(catalog, view);
    Ok(summary)
}

pub fn group(state: &mut State, write: CatalogGroupWrite) -> Result<String, Problem> {
    let CatalogGroupWrite { catalog, group, tenant, primaries } = write;
    let catalog = super::absolute(&catalog);
    let view = state.catalogs.get_mut(&catalog).ok_or_else(|| absent("catalog", &catalog))?;
    let groups = &mut view.followed.get_or_insert_default().groups;
    groups.retain(|known| known.group != group);
    let summary = format!("members of {catalog} in the group {group}: set");
    if tenant.is_some() || !primaries.is_empty() {
        groups.push(CatalogGroupBody { group, tenant, primaries });
    }
    Ok(summary)
}

pub fn unfollow(state: &mut State, catalog: &str, members: MembersFate) -> Result<String, Problem> {
    let catalog = super::absolute(catalog);
    state.catalogs.remove(&catalog).ok_or_else(|| absent("catalog", &catalog))?;
    Ok(format!("the catalog {catalog} is not followed any more ({members:?} its members)"))
}

pub fn one(state: &State, catalog: &str) -> Result<CatalogView, Problem> {
    let catalog = super::absolute(catalog);
    state.catalogs.get(&catalog).cloned().ok_or_else(|| absent("catalog", &catalog))
}

pub fn members(state: &State, catalog: &str) -> Result<Vec<CatalogMemberView>, Problem> {
    let rules = one(state, catalog)?.rules;
    let rule = |zone: &str| rules.iter().find(|rule| rule.zone.as_deref() == Some(zone)).cloned();
    let view = |(label, zone): (&str, &str)| {
        let rule = rule(zone.trim_end_matches('.')).unwrap_or_default();
        let (group, moves_to) = (rule.group, rule.moves_to);
        let (zone, label, groups) = (zone.to_owned(), label.to_owned(), Vec::new());
        CatalogMemberView { zone, label, group, moves_to, groups, refused: None }
    };
    if one(state, catalog)?.followed.is_some() {
        let mut members = [("a1", "2.0.192.in-addr.arpa."), ("b2", "example.org.")].map(view).to_vec();
        members[0].groups = vec!["small".to_owned(), "eu".to_owned()];
        members[1].refused = Some("a verbatim zone example.org. is here already, for acme".to_owned());
        return Ok(members);
    }
    Ok([("00000001", "2.0.192.in-addr.arpa."), ("0000001f", "0/26.2.0.192.in-addr.arpa.")].map(view).to_vec())
}

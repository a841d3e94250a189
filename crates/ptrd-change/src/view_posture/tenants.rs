//! How tenants stand: what is counted of each.

use super::{Item, Watching, graded};
use crate::history::time;
use crate::publish::View;
use crate::tenant::tenant_name;
use crate::view::{page, page_limit};
use ptrd_api::{
    Page, PostureCounts, PostureFault, PostureFilter, PostureTenantFilter, PostureTenantView, Problem,
};
use ptrd_posture::identity::Grade;
use ptrd_posture::watch::Kind;
use ptrd_zone::model::TenantId;
use std::collections::{BTreeMap, HashMap};

/// Faults that are named of a tenant.
const MOST_FAULTS: usize = 5;

impl View {
    /// How it stands with tenants, by name.
    ///
    /// # Errors
    /// None so far.
    pub fn posture_tenants(
        &self,
        filter: &PostureTenantFilter,
        watching: &Watching,
    ) -> Result<Page<PostureTenantView>, Problem> {
        let mut tallies: HashMap<TenantId, Tally> = HashMap::new();
        for thing in self.things(&PostureFilter::default(), None, watching)? {
            if let Some(item) = self.item(&thing, watching)
                && let Some(tenant) = item.tenant
            {
                tallies.entry(tenant).or_default().take(&item);
            }
        }
        let views =
            tallies.into_iter().map(|(tenant, tally)| tally.view(tenant_name(&self.declared, tenant)));
        let mut views: Vec<PostureTenantView> = views
            .filter(|view| !filter.failing || view.addresses.fail + view.zones.fail > 0)
            .filter(|view| filter.after.as_ref().is_none_or(|after| view.tenant > *after))
            .collect();
        views.sort_by(|a, b| a.tenant.cmp(&b.tenant));
        Ok(page(views.into_iter(), page_limit(filter.limit), |view| view.tenant.clone()))
    }
}

/// What is counted of a tenant.
#[derive(Default)]
struct Tally {
    addresses: PostureCounts,
    zones: PostureCounts,
    /// How many, and since when the oldest.
    faults: BTreeMap<(Grade, String), (u64, i64)>,
    oldest: Option<i64>,
    unseen: u64,
}

impl Tally {
    fn take(&mut self, item: &Item<'_>) {
        let counts = match item.kind() {
            Kind::Identity => &mut self.addresses,
            Kind::Delegation => &mut self.zones,
        };
        *match item.grade() {
            Grade::Pass => &mut counts.pass,
            Grade::Warn => &mut counts.warn,
            Grade::Unknown => &mut counts.unknown,
            Grade::Fail => &mut counts.fail,
        } += 1;
        let Some(course) = item.course else {
            self.unseen += 1;
            return;
        };
        self.oldest = Some(self.oldest.map_or(course.looked, |oldest| oldest.min(course.looked)));
        for (check, stand) in &course.checks {
            if matches!(stand.grade, Grade::Warn | Grade::Fail) {
                let (count, since) =
                    self.faults.entry((stand.grade, check.clone())).or_insert((0, stand.since));
                *count += 1;
                *since = (*since).min(stand.since);
            }
        }
    }

    fn view(self, tenant: String) -> PostureTenantView {
        let mut faults: Vec<_> = self.faults.into_iter().collect();
        faults.sort_by_key(|((grade, _), (count, _))| std::cmp::Reverse((*grade, *count)));
        let fault = |((grade, check), (count, since))| PostureFault {
            check,
            grade: graded(grade),
            count,
            since: time(since),
        };
        PostureTenantView {
            tenant,
            addresses: self.addresses,
            zones: self.zones,
            faults: faults.into_iter().take(MOST_FAULTS).map(fault).collect(),
            oldest: self.oldest.map(time),
            unseen: self.unseen,
        }
    }
}

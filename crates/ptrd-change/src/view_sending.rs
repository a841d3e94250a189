//! The sending inventory as it is shown.

use crate::problem::not_found;
use crate::ptr::read_address;
use crate::publish::View;
use crate::request::{read_name, read_range};
use crate::sending::{names_at, version};
use crate::tenant::tenant_name;
use crate::view::{LOOKED_AT, page_limit, picked, rest_of};
use ptrd_api::{Page, Problem, SendingFilter, SendingView};
use ptrd_wire::{AddrRange, Family, Name};
use ptrd_zone::model::Sending;
use std::sync::Arc;

impl View {
    /// Addresses that send mail, in the order of addresses, IPv4 first. A page ends where enough were
    /// looked at.
    ///
    /// # Errors
    /// A filter that makes no sense, an unknown tenant.
    pub fn sending(&self, filter: &SendingFilter) -> Result<Page<SendingView>, Problem> {
        let tenant = filter.tenant.as_deref().map(|name| self.tenant_id(name)).transpose()?;
        let domain = filter.domain.as_deref().map(|text| read_name("the domain", text)).transpose()?;
        let marks = self.marks(filter.within.as_deref(), filter.after.as_deref())?;
        let view_of = |mark: &&Arc<Sending>| {
            let owner = || self.declared.block_of(mark.address).map(|block| block.tenant);
            let is_asked = domain.as_ref().is_none_or(|domain| mark.domains.contains(domain))
                && (filter.mta.is_none() || filter.mta == mark.mta)
                && tenant.is_none_or(|tenant| owner() == Some(tenant));
            self.sending_view(mark).filter(|_| is_asked)
        };
        let limits = (page_limit(filter.limit), LOOKED_AT);
        Ok(picked(marks, limits, |mark| mark.address.to_string(), view_of))
    }

    /// The marks that somebody sees, in a range and after an address, where these are given.
    pub(crate) fn marks(
        &self,
        within: Option<&str>,
        after: Option<&str>,
    ) -> Result<impl Iterator<Item = &Arc<Sending>> + use<'_>, Problem> {
        Ok(self.all_marks(within, after)?.filter(|mark| self.sees_address(mark.address)))
    }

    /// Those of others too.
    pub(crate) fn all_marks(
        &self,
        within: Option<&str>,
        after: Option<&str>,
    ) -> Result<impl Iterator<Item = &Arc<Sending>> + use<'_>, Problem> {
        let within = within.map(read_range).transpose()?;
        let after = after.map(read_address).transpose()?;
        let whole = [Family::V4, Family::V6].map(|family| AddrRange::of_prefix(family, 0, 0));
        let ranges = within.map_or(whole.to_vec(), |range| vec![range]);
        let rest = ranges.into_iter().filter_map(move |range| rest_of(&range, after));
        Ok(rest.flat_map(|range| self.declared.sending_in(&range)))
    }

    /// How an address is marked.
    ///
    /// # Errors
    /// It is no address, or not marked.
    pub fn sending_at(&self, address: &str) -> Result<SendingView, Problem> {
        let address = read_address(address)?;
        let mark = self.declared.sending_at(address).filter(|_| self.sees_address(address));
        mark.and_then(|mark| self.sending_view(mark)).ok_or_else(|| {
            not_found(format!("{address} is not marked as sending"))
                .hint(format!("`ptrctl sending set {address} --helo NAME` does that"))
        })
    }

    fn sending_view(&self, mark: &Sending) -> Option<SendingView> {
        let text = |names: &[Name]| names.iter().map(Name::to_string).collect();
        let block = self.declared.block_of(mark.address)?;
        Some(SendingView {
            address: mark.address.to_string(),
            helo: mark.helo.to_string(),
            mta: mark.mta.clone(),
            domains: text(&mark.domains),
            tenant: tenant_name(&self.declared, block.tenant),
            block: block.range.to_string(),
            mode: block.mode.word().to_owned(),
            names: text(&names_at(&self.snapshot, mark.address)),
            version: version(Some(mark)),
        })
    }
}

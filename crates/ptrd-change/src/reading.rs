//! What somebody may read: views, the log and tokens, as whoever asks may see them.

use crate::authorise::Role;
use crate::diff::{self, Edits};
use crate::history;
use crate::problem::{not_found, quote};
use crate::publish::View;
use crate::rights::Rights;
use crate::road::Road;
use crate::token::Bearer;
use ptrd_api::{
    ChangeDetail, ChangeRequest, ChangeView, LogFilter, Page, Problem, TokenFilter, TokenView, code,
};
use std::net::IpAddr;
use std::sync::Arc;

impl Road {
    /// The newest view, as somebody may see it.
    ///
    /// # Errors
    /// [`code::UNAUTHENTICATED`]: the token is of no use any more.
    pub fn view_for(&self, role: Role) -> Result<Arc<View>, Problem> {
        let view = self.view();
        let rights = Rights::of(role, &view.settings, &view.declared, self.shared.now())?;
        match rights.role {
            Role::Operator if rights.token.is_none() => Ok(view),
            _ => Ok(Arc::new(view.seen_with(rights))),
        }
    }

    /// The newest view, as somebody may see it who does more than read, but makes no change.
    ///
    /// # Errors
    /// A token that is of no use any more, or for reading only.
    pub fn view_to_do(&self, role: Role) -> Result<Arc<View>, Problem> {
        let view = self.view_for(role)?;
        Rights::to_write(role, &view.settings, &view.declared, self.shared.now())?;
        Ok(view)
    }

    /// The newest view, for somebody who does what is no change and for operators alone.
    ///
    /// # Errors
    /// A token that is of no use any more, or for reading only; a tenant.
    pub fn view_to_act(&self, role: Role) -> Result<Arc<View>, Problem> {
        let view = self.view_to_do(role)?;
        view.for_operators().map(|()| view)
    }

    /// Who holds this token, which was shown by somebody at this address. Notes that it was used.
    ///
    /// # Errors
    /// [`code::UNAUTHENTICATED`], whatever is wrong with it.
    pub fn bearer(&self, token: &str, from: IpAddr) -> Result<Bearer, Problem> {
        let now = self.shared.now();
        let bearer = self.view().bearer(token, from, now)?;
        self.shared.uses.note(bearer.id, now, from);
        Ok(bearer)
    }

    /// Tokens by identity, without what is secret in them.
    ///
    /// # Errors
    /// A [`Problem`]: an unknown tenant, a token that is of no use any more.
    pub fn tokens(&self, role: Role, filter: &TokenFilter) -> Result<Page<TokenView>, Problem> {
        self.view_for(role)?.tokens(filter, &self.shared.uses, self.shared.now())
    }

    /// The token of this identity.
    ///
    /// # Errors
    /// A [`Problem`]: there is none, or none that may be seen.
    pub fn token(&self, role: Role, id: &str) -> Result<TokenView, Problem> {
        self.view_for(role)?.token(id, &self.shared.uses, self.shared.now())
    }

    /// Reads the change log, newest first.
    ///
    /// # Errors
    /// A [`Problem`]: a filter that makes no sense, or a store that cannot be read.
    pub async fn log(&self, filter: LogFilter) -> Result<Page<ChangeView>, Problem> {
        self.log_for(Role::Operator, filter).await
    }

    /// The same as somebody may see it: a tenant sees the changes that touched what is its own, and of those that it did not
    /// make itself that they were, when, and of which kind.
    ///
    /// # Errors
    /// As for [`Road::log`].
    pub async fn log_for(&self, role: Role, filter: LogFilter) -> Result<Page<ChangeView>, Problem> {
        let view = self.view_for(role)?;
        let queries = history::queries(&view, &filter)?;
        let is_gone = queries.iter().any(|query| query.zone.is_none());
        let asked = filter.zone.clone().filter(|_| is_gone);
        let limit = history::page_size(&filter);
        let entries = self.with_log(move |_, reader| history::read(&queries, limit, reader)).await?;
        if let Some(zone) = asked.filter(|_| entries.is_empty()) {
            let problem =
                not_found(format!("no zone {} is or was served here, as far as the log goes", quote(&zone)));
            return Err(problem.hint("see `ptrctl zone list`"));
        }
        Ok(history::page(&view, entries, limit))
    }

    /// All that the log has of a change but its edits.
    ///
    /// # Errors
    /// A [`Problem`]: no such change, or not any more.
    pub async fn logged(&self, change: u64) -> Result<ChangeDetail, Problem> {
        self.logged_for(Role::Operator, change).await
    }

    /// The same as somebody may see it, see [`Road::log_for`].
    ///
    /// # Errors
    /// As for [`Road::logged`].
    pub async fn logged_for(&self, role: Role, change: u64) -> Result<ChangeDetail, Problem> {
        let view = self.view_for(role)?;
        self.with_log(move |_, reader| history::detail(change, &view, reader)).await
    }

    /// The edits of a change.
    ///
    /// # Errors
    /// A [`Problem`]: no such change, or not any more.
    pub async fn edits(&self, change: u64) -> Result<Edits, Problem> {
        self.edits_for(Role::Operator, change).await
    }

    /// The same as somebody may see it: a tenant sees those of the changes that it made itself.
    ///
    /// # Errors
    /// As for [`Road::edits`].
    pub async fn edits_for(&self, role: Role, change: u64) -> Result<Edits, Problem> {
        let view = self.view_for(role)?;
        self.with_log(move |_, reader| diff::edits_of(change, view, reader)).await
    }

    /// Whether somebody may ask for a change whose meaning stands in the log: a tenant may have undone what it did itself.
    pub(crate) async fn check_log(&self, role: Role, request: &ChangeRequest) -> Result<(), Problem> {
        let view = self.view_for(role)?;
        match request {
            _ if view.reader().is_none() => Ok(()),
            ChangeRequest::Rollback { change, .. } => {
                let change = *change;
                self.with_log(move |_, reader| {
                    let entry = history::seen(change, &view, reader)?;
                    match history::is_own(&view, &entry) {
                        true => Ok(()),
                        false => Err(Problem::new(
                            code::FORBIDDEN,
                            format!(
                                "change {change} was made by somebody else: only operators may roll it back"
                            ),
                        )
                        .hint("ask your operator")),
                    }
                })
                .await
            }
            _ => view.for_operators(),
        }
    }
}

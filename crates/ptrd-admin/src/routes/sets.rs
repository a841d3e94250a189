//! The routes of NS sets, SOA templates, and of what zones reference.

use super::{App, ChangeQuery, Nothing, Table, tagged};
use crate::control::{Control, Standing};
use crate::reply::{Refusal, Reply};
use crate::request::{Asked, Segment, Who, page_size};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_api::{
    ChangeDone, ChangeRequest, DEFAULT_PAGE, NewName, NsSetView, NsSetWrite, Page, Problem, SetFilter,
    SoaTemplateView, SoaTemplateWrite, ZoneSet, code,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;

/// What has a name and is referenced by zones. All kinds have the same routes.
trait Referenced: Send + Sync + 'static {
    /// Where they are.
    const PATH: &'static str;
    type View: Serialize + Send;
    type Write: DeserializeOwned + Send;

    fn list<C: Control>(
        control: &C,
        who: Standing,
        filter: SetFilter,
    ) -> impl Future<Output = Result<Page<Self::View>, Problem>> + Send;
    fn one<C: Control>(
        control: &C,
        who: Standing,
        name: String,
    ) -> impl Future<Output = Result<Self::View, Problem>> + Send;
    fn version(view: &Self::View) -> &str;
    fn name(write: &mut Self::Write) -> &mut String;
    fn add(write: Self::Write) -> ChangeRequest;
    fn set(write: Self::Write) -> ChangeRequest;
    fn rename(name: String, new: NewName) -> ChangeRequest;
    fn remove(name: String) -> ChangeRequest;
}

/// Says which kind has which views and requests.
macro_rules! referenced {
    ($Kind:ident: $path:literal, $View:ident, $Write:ident, $list:ident, $one:ident, $Add:ident, $Set:ident, $Rename:ident,
     $Remove:ident) => {
        struct $Kind;

        impl Referenced for $Kind {
            const PATH: &'static str = $path;
            type View = $View;
            type Write = $Write;

            fn list<C: Control>(
                control: &C,
                who: Standing,
                filter: SetFilter,
            ) -> impl Future<Output = Result<Page<$View>, Problem>> + Send {
                control.$list(who, filter)
            }

            fn one<C: Control>(
                control: &C,
                who: Standing,
                name: String,
            ) -> impl Future<Output = Result<$View, Problem>> + Send {
                control.$one(who, name)
            }

            fn version(view: &$View) -> &str {
                &view.version
            }

            fn name(write: &mut $Write) -> &mut String {
                &mut write.name
            }

            fn add(write: $Write) -> ChangeRequest {
                ChangeRequest::$Add(write)
            }

            fn set(write: $Write) -> ChangeRequest {
                ChangeRequest::$Set(write)
            }

            fn rename(name: String, NewName { to, expect }: NewName) -> ChangeRequest {
                ChangeRequest::$Rename { name, to, expect }
            }

            fn remove(name: String) -> ChangeRequest {
                ChangeRequest::$Remove { name, expect: None }
            }
        }
    };
}

referenced!(NsSets: "/v1/ns-sets", NsSetView, NsSetWrite, ns_sets, ns_set, NsSetAdd, NsSetSet, NsSetRename, NsSetRemove);
referenced!(SoaTemplates: "/v1/soa-templates", SoaTemplateView, SoaTemplateWrite, soa_templates, soa_template,
    SoaTemplateAdd, SoaTemplateSet, SoaTemplateRename, SoaTemplateRemove);

/// Adds them.
pub(super) fn add<C: Control>(routes: Table<C>) -> Table<C> {
    add_kind::<C, SoaTemplates>(add_kind::<C, NsSets>(routes))
}

fn add_kind<C: Control, K: Referenced>(routes: Table<C>) -> Table<C> {
    let (all, one) = (K::PATH, format!("{}/{{name}}", K::PATH));
    routes
        .get(all, list::<C, K>)
        .post(all, add_one::<C, K>)
        .get(&one, show::<C, K>)
        .put(&one, set::<C, K>)
        .delete(&one, remove::<C, K>)
        .post(&format!("{one}/rename"), rename::<C, K>)
}

/// The name in a body is that of the path, or is left out.
fn settle(in_body: &mut String, in_path: String) -> Result<(), Problem> {
    if !in_body.is_empty() && *in_body != in_path {
        return Err(Problem::new(code::BAD_REQUEST, "the name in the body is not that of the path")
            .hint("another name is given with POST …/rename"));
    }
    *in_body = in_path;
    Ok(())
}

async fn list<C: Control, K: Referenced>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<K::View>> {
    let mut filter: SetFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(K::list(&*app.control, who, filter).await?))
}

async fn show<C: Control, K: Referenced>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(name): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let view = K::one(&*app.control, who, name).await?;
    Ok(tagged(K::version(&view), &view))
}

async fn add_one<C: Control, K: Referenced>(
    State(app): State<App<C>>,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, K::add).await
}

async fn set<C: Control, K: Referenced>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.try_make_of(request, |mut write: K::Write| {
        settle(K::name(&mut write), name)?;
        Ok(K::set(write))
    })
    .await
}

async fn rename<C: Control, K: Referenced>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |new: NewName| K::rename(name, new)).await
}

async fn remove<C: Control, K: Referenced>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let ChangeQuery { dry_run } = asked.query()?;
    app.make(&asked, K::remove(name), dry_run).await
}

/// `PUT /v1/zones/{apex}`.
pub(super) async fn zone_set<C: Control>(
    State(app): State<App<C>>,
    Segment(apex): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.try_make_of(request, |mut set: ZoneSet| {
        if !set.apexes.is_empty() {
            return Err(Problem::new(code::BAD_REQUEST, "the path names the zone, and the body names zones")
                .hint("many zones are set with POST /v1/changes"));
        }
        set.apexes = vec![apex];
        Ok(ChangeRequest::ZoneSet(set))
    })
    .await
}

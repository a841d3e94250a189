//! The document that describes the API: OpenAPI 3.1, made from the types that requests are read into and answers written
//! from.
//!
//! Routes and document cannot differ unseen: each row here is for a route of [`super::api_routes`], and a test (`tests/routes.rs`) holds
//! the two lists together.

use super::{
    AdoptBody, BlockRemoveQuery, ChangeQuery, PtrDeleteQuery, RangeQuery, RecordDeleteQuery, ResellerBody,
    TenantBody, ZoneBody, fleet::KeyRemoveQuery,
};
use axum::http::Method;
use ptrd_api::*;
use std::collections::BTreeMap;
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::response::{ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::{Object, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, Content, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, Ref, RefOr,
    Required, Schema,
};
use utoipa::{PartialSchema, ToSchema};

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// A type as others refer to it; what it is goes to the schemas.
type Named = fn(&mut Schemas) -> RefOr<Schema>;

fn named<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    let mut parts = Vec::new();
    T::schemas(&mut parts);
    let name = T::name().to_string();
    schemas.insert(name.clone(), T::schema());
    schemas.extend(parts);
    Ref::from_schema_name(name).into()
}

/// A page of such things. Each kind of page has a name of its own.
fn page<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    named::<T>(schemas);
    let mut parts = Vec::new();
    Page::<T>::schemas(&mut parts);
    schemas.extend(parts);
    let name = format!("PageOf{}", T::name());
    schemas.insert(name.clone(), Page::<T>::schema());
    Ref::from_schema_name(name).into()
}

/// What is in a body.
enum Body {
    Json(Named),
    Other(&'static str),
}

/// A route, described.
struct Row {
    method: Method,
    path: &'static str,
    /// A name for those who make clients of it.
    id: &'static str,
    summary: &'static str,
    query: Vec<fn() -> RefOr<Schema>>,
    takes: Option<Body>,
    gives: Option<Body>,
    changes: bool,
}

fn row(method: Method, path: &'static str, id: &'static str, summary: &'static str) -> Row {
    let (query, takes, gives, changes) = (Vec::new(), None, None, false);
    Row { method, path, id, summary, query, takes, gives, changes }
}

fn get(path: &'static str, id: &'static str, summary: &'static str) -> Row {
    row(Method::GET, path, id, summary)
}

fn post(path: &'static str, id: &'static str, summary: &'static str) -> Row {
    row(Method::POST, path, id, summary)
}

fn put(path: &'static str, id: &'static str, summary: &'static str) -> Row {
    row(Method::PUT, path, id, summary)
}

fn patch(path: &'static str, id: &'static str, summary: &'static str) -> Row {
    row(Method::PATCH, path, id, summary)
}

fn delete(path: &'static str, id: &'static str, summary: &'static str) -> Row {
    row(Method::DELETE, path, id, summary)
}

impl Row {
    fn query<T: ToSchema>(mut self) -> Row {
        self.query.push(T::schema);
        self
    }

    fn takes<T: ToSchema>(self) -> Row {
        Row { takes: Some(Body::Json(named::<T>)), ..self }
    }

    fn takes_other(self, kind: &'static str) -> Row {
        Row { takes: Some(Body::Other(kind)), ..self }
    }

    fn gives<T: ToSchema>(self) -> Row {
        Row { gives: Some(Body::Json(named::<T>)), ..self }
    }

    fn lists<T: ToSchema>(self) -> Row {
        Row { gives: Some(Body::Json(page::<T>)), ..self }
    }

    fn gives_other(self, kind: &'static str) -> Row {
        Row { gives: Some(Body::Other(kind)), ..self }
    }

    /// It makes a change, or, with `dry_run`, only says what would come of it.
    fn changes(self) -> Row {
        Row { changes: true, ..self.query::<ChangeQuery>().gives::<ChangeDone>() }
    }

    /// The same, where `dry_run` is among the parameters already.
    fn imports(self) -> Row {
        Row { changes: true, ..self.gives::<ChangeDone>() }
    }
}

const CSV: &str = "text/csv";
const OCTETS: &str = "application/octet-stream";
const LINES: &str = "application/x-ndjson";

fn rows() -> Vec<Row> {
    let mut rows = of_addresses();
    rows.extend(of_zones());
    rows.extend(of_fleet());
    rows.extend(of_log());
    rows.extend(of_names());
    rows
}

fn of_addresses() -> Vec<Row> {
    vec![
        get("/v1/tenants", "tenants", "Lists tenants").query::<TenantFilter>().lists::<TenantView>(),
        post("/v1/tenants", "tenant_add", "Adds a tenant").takes::<TenantBody>().changes(),
        get("/v1/tenants/{name}", "tenant", "Shows a tenant").gives::<TenantView>(),
        patch("/v1/tenants/{name}", "tenant_set", "Says whose customer a tenant is")
            .takes::<ResellerBody>()
            .changes(),
        delete("/v1/tenants/{name}", "tenant_remove", "Removes a tenant that owns nothing").changes(),
        get("/v1/blocks", "blocks", "Lists blocks").query::<BlockFilter>().lists::<BlockView>(),
        post("/v1/blocks", "block_add", "Adds a block").takes::<BlockAdd>().changes(),
        get(
            "/v1/blocks/parent-records",
            "parent_records",
            "What the operator of the parent zone must publish",
        )
        .query::<RangeQuery>()
        .gives::<ParentRecords>(),
        post("/v1/blocks/merge", "block_merge", "Makes one block of several").takes::<MergeBody>().changes(),
        get("/v1/blocks/{range}", "block", "Shows a block").gives::<BlockView>(),
        patch("/v1/blocks/{range}", "block_set", "Alters what a tenant may do in its block")
            .takes::<BlockSetBody>()
            .changes(),
        delete("/v1/blocks/{range}", "block_remove", "Removes a block").query::<BlockRemoveQuery>().imports(),
        post("/v1/blocks/{range}/transfer", "block_transfer", "Gives a block to another tenant")
            .takes::<TransferBody>()
            .changes(),
        post("/v1/blocks/{range}/suspend", "block_suspend", "Shows nothing of a block any more").changes(),
        post("/v1/blocks/{range}/resume", "block_resume", "Shows a suspended block again").changes(),
        post("/v1/blocks/{range}/relabel", "block_relabel", "Gives a classless block another label")
            .takes::<RelabelBody>()
            .changes(),
        post(
            "/v1/blocks/{range}/relabel/finish",
            "block_relabel_finish",
            "Stops answering for labels of before",
        )
        .changes(),
        post("/v1/blocks/{range}/split", "block_split", "Makes several blocks of one")
            .takes::<SplitBody>()
            .changes(),
        get("/v1/map", "map", "Counts the addresses of a prefix in 256 parts")
            .query::<MapFilter>()
            .gives::<MapView>(),
        get("/v1/ptrs", "ptrs", "Lists PTRs by address").query::<PtrFilter>().lists::<PtrView>(),
        post("/v1/ptrs/fill", "ptr_fill", "Sets the PTRs of a range from a pattern")
            .takes::<PtrFill>()
            .changes(),
        post("/v1/ptrs/import", "ptr_import", "Sets PTRs from CSV: address,name[,ttl]")
            .query::<PtrImportOptions>()
            .takes_other(CSV)
            .imports(),
        get("/v1/ptrs/{address}", "ptr", "Shows the PTRs of an address").gives::<PtrView>(),
        put("/v1/ptrs/{address}", "ptr_set", "Sets the PTRs of an address").takes::<PtrBody>().changes(),
        post("/v1/ptrs/{address}", "ptr_add", "Adds PTRs to an address").takes::<PtrBody>().changes(),
        delete("/v1/ptrs/{address}", "ptr_delete", "Deletes PTRs of an address")
            .query::<PtrDeleteQuery>()
            .imports(),
    ]
}

fn of_zones() -> Vec<Row> {
    vec![
        get("/v1/records", "records", "Lists RRsets, derived ones too")
            .query::<RecordFilter>()
            .lists::<RecordView>(),
        put("/v1/records", "record_set", "Replaces an RRset").takes::<RecordWrite>().changes(),
        post("/v1/records", "record_add", "Adds records to an RRset").takes::<RecordWrite>().changes(),
        delete("/v1/records", "record_delete", "Deletes records").query::<RecordDeleteQuery>().imports(),
        get("/v1/zones", "zones", "Lists zones").query::<ZoneFilter>().lists::<ZoneView>(),
        post("/v1/zones", "zone_add", "Adds a verbatim zone").takes::<ZoneBody>().changes(),
        post("/v1/zones/import", "zone_import", "Imports zones from master files")
            .query::<ZoneImportOptions>()
            .takes_other(OCTETS)
            .imports(),
        post("/v1/zones/import/powerdns", "powerdns_import", "Imports zones from a database of PowerDNS")
            .query::<ZoneImportOptions>()
            .takes_other(OCTETS)
            .imports(),
        post("/v1/zones/adopt", "zone_adopt", "Makes verbatim zones native").takes::<AdoptBody>().changes(),
        post("/v1/zones/follow", "zone_follow", "Pulls a zone from elsewhere from now on")
            .takes::<FollowWrite>()
            .changes(),
        post("/v1/zones/transfer-in", "zone_transfer_in", "Takes a zone over from another server")
            .takes::<TransferInWrite>()
            .changes(),
        get("/v1/zones/{apex}", "zone", "Shows a zone").gives::<ZoneView>(),
        put("/v1/zones/{apex}", "zone_set", "Sets what a zone references").takes::<ZoneSet>().changes(),
        delete("/v1/zones/{apex}", "zone_remove", "Removes a verbatim zone").changes(),
        get("/v1/zones/{apex}/export", "zone_export", "A zone as a master file").gives_other("text/dns"),
        post("/v1/zones/{apex}/unfollow", "zone_unfollow", "Makes a followed zone one of our own").changes(),
        post("/v1/zones/{apex}/refresh", "zone_refresh", "Asks the primaries of a zone now")
            .query::<RefreshBody>()
            .gives::<ZoneView>(),
        post("/v1/zones/{apex}/compare", "zone_compare", "What another server has otherwise")
            .takes::<CompareWrite>()
            .gives::<CompareView>(),
        get("/v1/defaults", "defaults", "What new zones start with").gives::<DefaultsView>(),
        put("/v1/defaults", "defaults_set", "Changes that").takes::<DefaultsSet>().changes(),
        get("/v1/ns-sets", "ns_sets", "Lists NS sets").query::<SetFilter>().lists::<NsSetView>(),
        post("/v1/ns-sets", "ns_set_add", "Adds an NS set").takes::<NsSetWrite>().changes(),
        get("/v1/ns-sets/{name}", "ns_set", "Shows an NS set").gives::<NsSetView>(),
        put("/v1/ns-sets/{name}", "ns_set_set", "Changes an NS set").takes::<NsSetWrite>().changes(),
        delete("/v1/ns-sets/{name}", "ns_set_remove", "Removes an NS set").changes(),
        post("/v1/ns-sets/{name}/rename", "ns_set_rename", "Renames an NS set").takes::<NewName>().changes(),
        get("/v1/soa-templates", "soa_templates", "Lists SOA templates")
            .query::<SetFilter>()
            .lists::<SoaTemplateView>(),
        post("/v1/soa-templates", "soa_template_add", "Adds a SOA template")
            .takes::<SoaTemplateWrite>()
            .changes(),
        get("/v1/soa-templates/{name}", "soa_template", "Shows a SOA template").gives::<SoaTemplateView>(),
        put("/v1/soa-templates/{name}", "soa_template_set", "Changes a SOA template")
            .takes::<SoaTemplateWrite>()
            .changes(),
        delete("/v1/soa-templates/{name}", "soa_template_remove", "Removes a SOA template").changes(),
        post("/v1/soa-templates/{name}/rename", "soa_template_rename", "Renames a SOA template")
            .takes::<NewName>()
            .changes(),
    ]
}

fn of_fleet() -> Vec<Row> {
    vec![
        get("/v1/access", "access", "Lists who may do more with zones than ask")
            .query::<AccessFilter>()
            .lists::<AccessView>(),
        post("/v1/access", "access_allow", "Lets somebody transfer, announce or update zones")
            .takes::<AccessWrite>()
            .changes(),
        post("/v1/access/revoke", "access_revoke", "Takes a permission back")
            .takes::<AccessWrite>()
            .changes(),
        get("/v1/names", "names", "Lists who holds names of companion zones besides their owners")
            .query::<NameGrantFilter>()
            .lists::<NameGrantView>(),
        post("/v1/names", "names_allow", "Grants a tenant a name of a companion zone")
            .takes::<NameGrantWrite>()
            .changes(),
        post("/v1/names/revoke", "names_revoke", "Takes a name back that was granted")
            .takes::<NameGrantWrite>()
            .changes(),
        get("/v1/keys", "keys", "Lists TSIG keys, without their secrets")
            .query::<KeyFilter>()
            .lists::<KeyView>(),
        post("/v1/keys", "key_add", "Adds a TSIG key").takes::<KeyWrite>().changes(),
        delete("/v1/keys/{name}", "key_remove", "Removes a TSIG key").query::<KeyRemoveQuery>().imports(),
        get("/v1/notify", "notify", "Lists who is told of changes of zones")
            .query::<NotifyFilter>()
            .lists::<NotifyView>(),
        post("/v1/notify", "notify_add", "Lists an address that is told").takes::<NotifyWrite>().changes(),
        post("/v1/notify/remove", "notify_remove", "Strikes an address off").takes::<NotifyWrite>().changes(),
        put("/v1/notify/nameservers", "notify_nameservers", "Whether nameservers are told")
            .takes::<NotifyNameservers>()
            .changes(),
        get("/v1/notify/status", "notify_status", "How it stands with the telling")
            .query::<NotifyStatusFilter>()
            .lists::<NotifyStatusView>(),
        get("/v1/catalogs", "catalogs", "Lists catalogs of zones")
            .query::<CatalogFilter>()
            .lists::<CatalogView>(),
        post("/v1/catalogs", "catalog_add", "Adds a catalog of zones").takes::<CatalogAdd>().changes(),
        post("/v1/catalogs/follow", "catalog_follow", "Serves what a catalog of another server lists")
            .takes::<CatalogFollowWrite>()
            .changes(),
        post("/v1/catalogs/{apex}/groups", "catalog_group", "Says what becomes of the zones of a group")
            .takes::<CatalogGroupBody>()
            .changes(),
        post("/v1/catalogs/{apex}/unfollow", "catalog_unfollow", "Follows a catalog no more")
            .takes::<CatalogUnfollowBody>()
            .changes(),
        get("/v1/catalogs/{apex}", "catalog", "Shows a catalog").gives::<CatalogView>(),
        patch("/v1/catalogs/{apex}", "catalog_set", "Says which zones a catalog lists")
            .takes::<CatalogSetBody>()
            .changes(),
        delete("/v1/catalogs/{apex}", "catalog_remove", "Removes a catalog").changes(),
        get("/v1/catalogs/{apex}/members", "catalog_members", "Lists the zones of a catalog")
            .query::<CatalogFilter>()
            .lists::<CatalogMemberView>(),
        get("/v1/tokens", "tokens", "Lists tokens, without what is secret in them")
            .query::<TokenFilter>()
            .lists::<TokenView>(),
        post("/v1/tokens", "token_add", "Makes a token, which the answer shows this once")
            .takes::<TokenWrite>()
            .changes(),
        get("/v1/tokens/{id}", "token", "Shows a token; “self” is the one that asks").gives::<TokenView>(),
        delete("/v1/tokens/{id}", "token_revoke", "Revokes a token, and those that were made with it")
            .changes(),
    ]
}

fn of_names() -> Vec<Row> {
    vec![
        get("/v1/lint", "lint", "Lists names that look generic to spam filters")
            .query::<LintFilter>()
            .lists::<LintView>(),
        get("/v1/checks", "checks", "Lists how names stand that must resolve back")
            .query::<CheckFilter>()
            .lists::<CheckView>(),
        post("/v1/checks", "check", "Looks names up now, and lists how they stand")
            .takes::<CheckBody>()
            .lists::<CheckView>(),
        get(
            "/v1/posture",
            "posture",
            "Lists how identities of sending addresses and delegations of zones stand",
        )
        .query::<PostureFilter>()
        .lists::<PostureView>(),
        post(
            "/v1/posture",
            "posture_look",
            "Looks at sending addresses or a zone now, and lists how they stand",
        )
        .takes::<PostureBody>()
        .lists::<PostureView>(),
        get("/v1/posture/tenants", "posture_tenants", "Lists how it stands with tenants")
            .query::<PostureTenantFilter>()
            .lists::<PostureTenantView>(),
        get("/v1/pending", "pending", "Lists PTRs that wait until their names resolve back")
            .query::<PendingFilter>()
            .lists::<PendingView>(),
        get("/v1/sending", "sending", "Lists addresses that send mail")
            .query::<SendingFilter>()
            .lists::<SendingView>(),
        post("/v1/sending/import", "sending_import", "Marks addresses from CSV: address,helo,mta,domains")
            .query::<SendingImportOptions>()
            .takes_other(CSV)
            .imports(),
        get("/v1/sending/{address}", "sending_at", "Shows how an address is marked that sends mail")
            .gives::<SendingView>(),
        put("/v1/sending/{address}", "sending_set", "Marks an address as one that sends mail")
            .takes::<SendingBody>()
            .changes(),
        delete("/v1/sending/{address}", "sending_clear", "Takes the marks of an address or a range away")
            .changes(),
        get("/v1/request-text", "request_text", "Writes the request for PTRs to whoever holds the addresses")
            .query::<RequestTextFilter>()
            .gives::<RequestText>(),
        delete("/v1/pending/{address}", "pending_drop", "Drops a PTR that waits").changes(),
    ]
}

fn of_log() -> Vec<Row> {
    vec![
        get("/v1/status", "status", "How the server is").gives::<StatusView>(),
        get("/v1/log", "log", "The changes that were made, newest first")
            .query::<LogFilter>()
            .lists::<ChangeView>(),
        get("/v1/log/{change}", "log_change", "One of them").gives::<ChangeDetail>(),
        get("/v1/log/{change}/edits", "log_edits", "What it did, row by row").gives_other(LINES),
        get("/v1/diff", "diff", "How two points of the log differ").query::<DiffFilter>().gives_other(LINES),
        post("/v1/changes", "change", "Makes any change").takes::<ChangeRequest>().changes(),
    ]
}

/// The document, as JSON.
pub(crate) fn document() -> serde_json::Result<String> {
    describe(rows()).to_json()
}

fn describe(rows: Vec<Row>) -> OpenApi {
    let mut schemas = Schemas::new();
    let problem = named::<Problem>(&mut schemas);
    let mut items: BTreeMap<&str, PathItem> = BTreeMap::new();
    for row in rows {
        let method = match row.method {
            Method::POST => HttpMethod::Post,
            Method::PUT => HttpMethod::Put,
            Method::PATCH => HttpMethod::Patch,
            Method::DELETE => HttpMethod::Delete,
            _ => HttpMethod::Get,
        };
        let path = row.path;
        let item = PathItem::new(method, operation(row, &mut schemas, &problem));
        match items.get_mut(path) {
            Some(known) => known.merge_operations(item),
            None => drop(items.insert(path, item)),
        }
    }
    let items = items.into_iter().fold(PathsBuilder::new(), |paths, (path, item)| paths.path(path, item));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("ptrd_…").build();
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme("token", SecurityScheme::Http(bearer))
        .build();
    let info = InfoBuilder::new()
        .title("ptrd")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Reverse DNS: blocks of addresses, their PTRs, and the zones that show them."));
    OpenApiBuilder::new()
        .info(info)
        .paths(items)
        .components(Some(components))
        .security(Some([SecurityRequirement::new("token", Vec::<String>::new())]))
        .build()
}

fn content(body: Body, schemas: &mut Schemas) -> (&'static str, Content) {
    match body {
        Body::Json(named) => ("application/json", Content::new(Some(named(schemas)))),
        Body::Other(kind) => (kind, Content::new(Some(text()))),
    }
}

fn text() -> RefOr<Schema> {
    RefOr::T(Schema::Object(Object::with_type(Type::String)))
}

fn operation(row: Row, schemas: &mut Schemas, problem: &RefOr<Schema>) -> OperationBuilder {
    let mut operation = OperationBuilder::new().operation_id(Some(row.id)).summary(Some(row.summary));
    for name in row.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
        operation = operation.parameter(parameter.required(Required::True).schema(Some(text())));
    }
    for schema in row.query {
        let RefOr::T(Schema::Object(object)) = schema() else { continue };
        for (name, schema) in object.properties {
            let required = if object.required.contains(&name) { Required::True } else { Required::False };
            let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Query);
            operation = operation.parameter(parameter.required(required).schema(Some(schema)));
        }
    }
    if row.changes {
        for (name, about) in [
            ("If-Match", "Only if what is changed still has this version"),
            (IDEMPOTENCY_HEADER, "Asked again with this key, the change is not made again"),
            (REASON_HEADER, "Why, for the log"),
        ] {
            let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header);
            operation = operation
                .parameter(parameter.required(Required::False).description(Some(about)).schema(Some(text())));
        }
    }
    if let Some(body) = row.takes {
        let (kind, content) = content(body, schemas);
        let body = RequestBodyBuilder::new().content(kind, content).required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let mut done = ResponseBuilder::new().description("Done");
    if let Some(body) = row.gives {
        let (kind, content) = content(body, schemas);
        done = done.content(kind, content);
    }
    let refused = ResponseBuilder::new()
        .description("Not done: RFC 9457")
        .content("application/problem+json", Content::new(Some(problem.clone())));
    operation.responses(ResponsesBuilder::new().response("200", done).response("default", refused).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_has_a_name_of_its_own() {
        let ids: std::collections::BTreeSet<&str> = rows().iter().map(|row| row.id).collect();
        assert_eq!(ids.len(), rows().len());
    }

    #[test]
    fn whatever_is_referred_to_is_there() {
        let text = document().expect("JSON");
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(document["openapi"], "3.1.0");
        let list = &document["paths"]["/v1/pending"]["get"]["responses"]["200"]["content"];
        assert_eq!(list["application/json"]["schema"]["$ref"], "#/components/schemas/PageOfPendingView");
        let page = &document["components"]["schemas"]["PageOfPendingView"];
        assert_eq!(
            page["properties"]["items"]["items"]["$ref"], "#/components/schemas/PendingView",
            "{page}"
        );
        let mut rest = text.as_str();
        while let Some(at) = rest.find("#/components/schemas/") {
            rest = &rest[at + "#/components/schemas/".len()..];
            let name = rest.split('"').next().expect("a name");
            assert!(!document["components"]["schemas"][name].is_null(), "{name}");
        }
    }
}

//! Which of PowerDNS' routes there are, as a document that its clients and people may read. What goes in and comes out is for
//! PowerDNS' own documentation to say.

use super::answer::{Answer, ok};
use crate::control::Control;
use axum::http::Method;
use serde_json::{Map, Value, json};

/// Where all of that is described.
const ELSEWHERE: &str = "https://doc.powerdns.com/authoritative/http-api/";

pub(super) async fn docs<C: Control>() -> Answer {
    ok(document(super::routes::<C>().list()))
}

fn document(routes: &[(Method, String)]) -> Value {
    let mut paths = Map::new();
    for (method, path) in routes {
        let whole = if path == "/" { "/api".to_owned() } else { format!("/api{path}") };
        let parameters: Vec<Value> = whole.split('/').filter_map(parameter).collect();
        let item = paths.entry(whole).or_insert_with(|| json!({ "parameters": parameters }));
        item[method.as_str().to_ascii_lowercase()] =
            json!({ "responses": { "default": { "description": "as PowerDNS answers" } } });
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "The HTTP API of PowerDNS, as far as ptrd has it",
            "version": super::shape::VERSION,
        },
        "externalDocs": { "url": ELSEWHERE },
        "security": [{ "key": [] }],
        "components": {
            "securitySchemes": { "key": { "type": "apiKey", "in": "header", "name": "X-API-Key" } },
        },
        "paths": paths,
    })
}

fn parameter(segment: &str) -> Option<Value> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    Some(json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
}

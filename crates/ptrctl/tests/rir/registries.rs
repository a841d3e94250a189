//! Two registries: what they take, refuse and say, as their documentation and, for RIPE, their source have it.

use crate::http::{Service, Taken};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// RIPE's database (RIPE-NCC/whois, `DomainObjectService`, `WhoisRestService`).
pub struct Database {
    authorization: String,
    objects: BTreeMap<String, Value>,
}

impl Database {
    pub fn new(secret: &str) -> Database {
        Database { authorization: ptrd_posture::rir::submit::basic(secret), objects: BTreeMap::new() }
    }

    fn errors(objects: &[Value], status: u16, text: &str, args: &[&str]) -> (u16, &'static str, String) {
        let args: Vec<Value> = args.iter().map(|value| json!({ "value": value })).collect();
        let message = json!({ "severity": "Error", "text": text, "args": args });
        let body =
            json!({ "objects": { "object": objects }, "errormessages": { "errormessage": [message] } });
        (status, JSON, body.to_string())
    }
}

const JSON: &str = "application/json";

/// Values of an attribute.
fn values<'a>(object: &'a Value, name: &str) -> Vec<&'a str> {
    let attributes = object["attributes"]["attribute"].as_array().map_or(&[][..], Vec::as_slice);
    attributes.iter().filter(|it| it["name"] == name).filter_map(|it| it["value"].as_str()).collect()
}

impl Service for Database {
    fn answer(&mut self, request: &Taken) -> (u16, &'static str, String) {
        let wanted = (request.header("content-type"), request.header("accept"));
        let Ok(resources) = serde_json::from_str::<Value>(&request.body) else {
            return Self::errors(&[], 400, "JSON processing exception: %s", &["not JSON"]);
        };
        let objects = resources["objects"]["object"].as_array().cloned().unwrap_or_default();
        if wanted != (JSON, JSON) || objects.is_empty() {
            return (400, "text/plain", "WhoisResources is mandatory".into());
        }
        for object in &objects {
            let key = values(object, "domain").concat();
            if request.header("authorization") != self.authorization {
                let text = "Authorisation for [%s] %s failed\nusing \"%s:\"\nno valid maintainer found\n";
                return Self::errors(&objects, 401, text, &["domain", &key, "mnt-by"]);
            }
            if object["type"] != "domain" || object["source"]["id"] != "RIPE" {
                return (400, "text/plain", "supports 'domain' objects only".into());
            }
            let mandatory = ["admin-c", "tech-c", "zone-c", "nserver", "mnt-by", "source"];
            if let Some(missing) = mandatory.iter().find(|name| values(object, name).is_empty()) {
                return Self::errors(&objects, 400, "Mandatory attribute \"%s\" is missing", &[missing]);
            }
            if values(object, "nserver").contains(&"slow.example.net") {
                return Self::errors(&objects, 500, "Timeout performing DNS check", &[]);
            }
            if values(object, "nserver").contains(&"lame.example.net") {
                return Self::errors(
                    &objects,
                    400,
                    "Nameserver %s is not authoritative for %s",
                    &["lame.example.net", &key],
                );
            }
            let creates = request.method == "POST" && request.path == "/domain-objects/RIPE";
            let replaces = request.method == "PUT" && request.path == format!("/ripe/domain/{key}");
            match self.objects.contains_key(&key) {
                true if creates => {
                    return Self::errors(
                        &objects,
                        409,
                        "Enforced new keyword specified, but the object already exists in the database",
                        &[],
                    );
                }
                false if replaces => return Self::errors(&objects, 404, "Object %s does not exist", &[&key]),
                _ if !creates && !replaces => return (404, "text/html", "<html>".into()),
                _ => (),
            }
        }
        for object in &objects {
            self.objects.insert(values(object, "domain").concat(), object.clone());
        }
        (200, JSON, json!({ "objects": { "object": objects } }).to_string())
    }
}

/// ARIN's Reg-RWS.
pub struct RegRws {
    key: String,
    delegations: BTreeMap<String, String>,
}

const XML: &str = "application/xml";
const NAMESPACE: &str = "http://www.arin.net/regrws/core/v1";

impl RegRws {
    pub fn new(key: &str, names: &[&str]) -> RegRws {
        let empty = |name: &&str| {
            let text =
                format!("<delegation xmlns=\"{NAMESPACE}\"><name>{name}</name><nameservers/></delegation>");
            ((*name).to_owned(), text)
        };
        RegRws { key: key.to_owned(), delegations: names.iter().map(empty).collect() }
    }

    fn error(status: u16, code: &str, message: &str) -> (u16, &'static str, String) {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><error xmlns=\"{NAMESPACE}\"><message>{message}</message>\
             <code>{code}</code><components/><additionalInfo/></error>"
        );
        (status, XML, text)
    }
}

impl Service for RegRws {
    fn answer(&mut self, request: &Taken) -> (u16, &'static str, String) {
        if request.query != format!("apikey={}", self.key) {
            return Self::error(401, "E_AUTHENTICATION", "The API key is not valid");
        }
        let name = request.path.strip_prefix("/rest/delegation/").unwrap_or_default();
        let Some(there) = self.delegations.get_mut(name) else {
            return Self::error(404, "E_OBJECT_NOT_FOUND", "There is no such delegation");
        };
        if request.method == "PUT" {
            let head = format!("<delegation xmlns=\"{NAMESPACE}\">");
            if request.header("content-type") != XML
                || !request.body.starts_with(&head)
                || !request.body.is_ascii()
            {
                return Self::error(400, "E_SCHEMA_VALIDATION", "The payload is not valid");
            }
            if !request.body.contains(&format!("<name>{name}</name>"))
                || request.body.contains("lame.example.net")
            {
                return Self::error(
                    400,
                    "E_ENTITY_VALIDATION",
                    "The payload &lt;delegation&gt; is not valid",
                );
            }
            there.clone_from(&request.body);
        }
        (200, XML, there.clone())
    }
}

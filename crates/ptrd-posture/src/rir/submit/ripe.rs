//! RIPE's RESTful API: `POST /domain-objects/{source}` for new objects, `PUT /{source}/domain/{key}` for what is there.

use super::{Answer, Api, Call, Object, Place, Step, of_status, segment};
use serde::Deserialize;
use serde_json::{Value, json};

/// Messages of one answer that are shown.
const MOST_MESSAGES: usize = 100;
const JSON: &str = "application/json";

/// RIPE's database.
#[derive(Clone, Debug)]
pub struct Ripe {
    /// The database: `RIPE`, or `TEST`.
    pub source: String,
    /// Whether the objects take the place of those that are there, one by one.
    pub replace: bool,
}

#[derive(Debug, Default, Deserialize)]
struct Resources {
    #[serde(default)]
    objects: Objects,
    #[serde(default)]
    errormessages: Messages,
}

#[derive(Debug, Default, Deserialize)]
struct Objects {
    #[serde(default)]
    object: Vec<One>,
}

#[derive(Debug, Deserialize)]
struct One {
    #[serde(default)]
    objectmessages: ObjectMessages,
}

#[derive(Debug, Default, Deserialize)]
struct ObjectMessages {
    #[serde(default)]
    objectmessage: Vec<Message>,
}

#[derive(Debug, Default, Deserialize)]
struct Messages {
    #[serde(default)]
    errormessage: Vec<Message>,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    severity: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    args: Vec<Argument>,
    attribute: Option<Attribute>,
}

#[derive(Debug, Deserialize)]
struct Argument {
    #[serde(default)]
    value: String,
}

#[derive(Debug, Deserialize)]
struct Attribute {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: String,
}

impl Message {
    /// Each `%s` is one of the arguments.
    fn words(&self) -> String {
        let mut parts = self.text.split("%s");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for (at, part) in parts.enumerate() {
            text += self.args.get(at).map_or("%s", |argument| &argument.value);
            text += part;
        }
        let place =
            self.attribute.as_ref().map(|it| format!(" ({}: {})", it.name, it.value)).unwrap_or_default();
        format!("{}: {}{place}", self.severity, text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn resources(objects: &[Object]) -> String {
    let object = |object: &Object| {
        let attribute = |(name, value): &(&str, String)| json!({ "name": name, "value": value });
        let source =
            object.attributes.iter().find(|(name, _)| *name == "source").map(|(_, value)| value.as_str());
        let attributes: Vec<Value> = object.attributes.iter().map(attribute).collect();
        json!({ "type": "domain", "source": { "id": source }, "attributes": { "attribute": attributes } })
    };
    let all: Vec<Value> = objects.iter().map(object).collect();
    json!({ "objects": { "object": all } }).to_string()
}

impl Api for Ripe {
    fn steps(&self, objects: &[Object]) -> Vec<Step> {
        let call = |method, path, objects: &[Object]| Call {
            method,
            path,
            kind: JSON,
            body: resources(objects),
            secret: Place::Basic,
        };
        let source = segment(&self.source.to_ascii_lowercase());
        if self.replace {
            let step = |object: &Object| {
                let path = format!("/{source}/domain/{}", segment(&object.zone));
                let write = call("PUT", path, std::slice::from_ref(object));
                Step { zones: vec![object.zone.clone()], look: None, write }
            };
            return objects.iter().map(step).collect();
        }
        let zones = objects.iter().map(|object| object.zone.clone()).collect();
        let path = format!("/domain-objects/{}", segment(&self.source));
        vec![Step { zones, look: None, write: call("POST", path, objects) }]
    }

    fn is_as_wanted(&self, _: &Step, _: &str) -> bool {
        false
    }

    fn answer(&self, status: u16, body: &str) -> Answer {
        let mut answer = of_status(status);
        let Ok(resources) = serde_json::from_str::<Resources>(body) else {
            if answer.done {
                answer = Answer {
                    done: false,
                    again: false,
                    messages: vec![
                        "the answer is none of RIPE's database: is the endpoint right?".to_owned(),
                    ],
                };
            }
            return answer;
        };
        let of_objects =
            resources.objects.object.iter().flat_map(|object| &object.objectmessages.objectmessage);
        let messages: Vec<&Message> = resources.errormessages.errormessage.iter().chain(of_objects).collect();
        answer.done &= !messages.iter().any(|message| message.severity.eq_ignore_ascii_case("error"));
        answer.messages.extend(messages.into_iter().take(MOST_MESSAGES).map(Message::words));
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_said_in_ripes_words() {
        let ripe = Ripe { source: "RIPE".into(), replace: false };
        let body = r#"{"objects": {"object": [{"type": "domain", "objectmessages": {"objectmessage": [
            {"severity": "Error", "text": "Glue record is mandatory for %s", "args": [{"value": "2.0.192.in-addr.arpa"}],
             "attribute": {"name": "nserver", "value": "ns1.2.0.192.in-addr.arpa"}}]}}]},
            "errormessages": {"errormessage": [{"severity": "Warning", "text": "a\n%s %s", "args": [{"value": "b"}]}]}}"#;
        let answer = ripe.answer(400, body);
        assert_eq!(
            answer.messages[1..],
            [
                "Warning: a b %s".to_owned(),
                "Error: Glue record is mandatory for 2.0.192.in-addr.arpa (nserver: ns1.2.0.192.in-addr.arpa)".to_owned()
            ]
        );
        assert!(!ripe.answer(200, body).done, "an error that comes as a success");
        assert!(ripe.answer(200, r#"{"objects": {"object": []}}"#).done);
        assert!(!ripe.answer(200, "<html>").done);
        assert!(ripe.answer(503, "<html>").again && !ripe.answer(401, "").again);
    }
}

//! ARIN's Reg-RWS: `GET` and `PUT /rest/delegation/{name}`.

use super::{Answer, Api, Call, Object, Place, Step, of_status, segment};
use std::collections::BTreeSet;

const XML: &str = "application/xml";
/// Messages of one answer that are shown.
const MOST_MESSAGES: usize = 100;

/// ARIN's registry.
#[derive(Clone, Copy, Debug)]
pub struct Arin;

impl Api for Arin {
    fn steps(&self, objects: &[Object]) -> Vec<Step> {
        let step = |object: &Object| {
            let path = format!("/rest/delegation/{}", segment(&object.zone));
            let call =
                |method, body| Call { method, path: path.clone(), kind: XML, body, secret: Place::ApiKey };
            Step {
                zones: vec![object.zone.clone()],
                look: Some(call("GET", String::new())),
                write: call("PUT", object.text.clone()),
            }
        };
        objects.iter().map(step).collect()
    }

    fn is_as_wanted(&self, step: &Step, body: &str) -> bool {
        let set = |xml: &str, tag| -> BTreeSet<String> {
            texts(xml, tag).iter().map(|text| text.trim_end_matches('.').to_ascii_lowercase()).collect()
        };
        ["nameserver", "digest", "keyTag"].into_iter().all(|tag| set(body, tag) == set(&step.write.body, tag))
    }

    fn answer(&self, status: u16, body: &str) -> Answer {
        let mut answer = of_status(status);
        let failed = !texts(body, "code").is_empty() && body.contains("<error");
        if answer.done && !failed && !body.contains("delegation") {
            let message = "the answer is none of Reg-RWS: is the endpoint right?".to_owned();
            return Answer { messages: vec![message], ..Answer::default() };
        }
        answer.done &= !failed;
        if !answer.done {
            let codes = texts(body, "code").into_iter().chain(texts(body, "message"));
            answer.messages.extend(codes.take(MOST_MESSAGES));
        }
        answer
    }
}

/// The texts of elements that hold nothing but text. No more of XML is needed to show what a registry says.
fn texts(xml: &str, tag: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}"), format!("</{tag}>"));
    let mut found = Vec::new();
    let mut rest = xml;
    while let Some(at) = rest.find(&open) {
        rest = &rest[at + open.len()..];
        // `<message>` or `<message a="b">`, not `<messages>` nor `<message/>`.
        let Some(end) = rest.find('>').filter(|_| rest.starts_with(['>', ' ', '\t', '\n', '\r'])) else {
            continue;
        };
        let text = &rest[end + 1..];
        let Some(length) = text.find(&close).filter(|_| !rest[..end].ends_with('/')) else { continue };
        if !text[..length].contains('<') {
            found.push(plain(text[..length].trim()));
        }
    }
    found.retain(|text| !text.is_empty());
    found
}

fn plain(text: &str) -> String {
    let one = |text: String, (word, c): &(&str, &str)| text.replace(word, c);
    // `&amp;` last, so that what it begins is not read again.
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")]
        .iter()
        .fold(text.to_owned(), one)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR: &str = r#"<error xmlns="http://www.arin.net/regrws/core/v1"><message>Payload &lt;x&gt; is wrong</message>
        <code>E_ENTITY_VALIDATION</code><components><component><name>nameservers</name><message>NS1 is lame</message>
        </component></components><additionalInfo/></error>"#;

    #[test]
    fn what_is_wrong_is_said_in_arins_words() {
        let answer = Arin.answer(400, ERROR);
        assert_eq!(
            answer.messages[1..],
            ["E_ENTITY_VALIDATION", "Payload <x> is wrong", "NS1 is lame"].map(String::from)
        );
        assert!(!answer.done && !answer.again);
        assert!(!Arin.answer(200, ERROR).done, "an error that comes as a success");
        assert!(Arin.answer(200, "<delegation/>").done);
        assert!(!Arin.answer(200, "<html>").done);
        for odd in
            ["<message", "<message>", "<message a=\"b\"", "<message/></message>", "<messages>x</messages>"]
        {
            assert!(texts(odd, "message").is_empty(), "{odd}");
        }
    }
}

//! What readers of JSON let pass, and what they do not say. A list where an object belongs is read as the object's fields in
//! the order of the program, and of an object whose kind is one of its fields it is not said which field is wrong.

use crate::request::bad;
use ptrd_api::Problem;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Deeper than JSON may be for the reader.
const DEEPEST: usize = 128;
/// Fields that are tried for being the wrong one.
const TRIED: usize = 32;
/// Octets of a body in which the wrong one is looked for: it is read once for each that is tried.
const SEARCHED: usize = 16 << 10;

/// Refuses what is no object as a whole.
///
/// # Errors
/// [`ptrd_api::code::BAD_REQUEST`].
pub(crate) fn check_object(octets: &[u8]) -> Result<(), Problem> {
    match octets.iter().find(|octet| !octet.is_ascii_whitespace()) {
        Some(b'{') => Ok(()),
        _ => Err(bad("the body is no JSON object: it begins with `{`")),
    }
}

/// Refuses a list where an object belongs.
///
/// # Errors
/// [`ptrd_api::code::BAD_REQUEST`].
pub(crate) fn check_lists(octets: &[u8]) -> Result<(), Problem> {
    match have_list_in_list(octets) {
        false => Ok(()),
        true => Err(bad("the body: a list lies in a list, where an object belongs: {…}")),
    }
}

/// Whether a list lies in a list, in octets that were read as JSON. No request has any, so the inner one stands for an object.
fn have_list_in_list(octets: &[u8]) -> bool {
    let mut is_list = Vec::with_capacity(DEEPEST);
    let mut rest = octets.iter();
    while let Some(octet) = rest.next() {
        match octet {
            b'"' => {
                while let Some(octet) = rest.next().filter(|octet| **octet != b'"') {
                    if *octet == b'\\' {
                        rest.next();
                    }
                }
            }
            b'[' if is_list.last() == Some(&true) => return true,
            b'[' | b'{' => is_list.push(*octet == b'['),
            b']' | b'}' => drop(is_list.pop()),
            _ => {}
        }
    }
    false
}

/// The field that a reader's message names, as its messages about missing, unknown and repeated ones do.
pub(crate) fn named_in(message: &str) -> Option<&str> {
    let starts = ["missing field `", "unknown field `", "duplicate field `"];
    let rest = starts.iter().find_map(|start| message.strip_prefix(start))?;
    rest.split_once('`').map(|(name, _)| name)
}

/// The field that a reader fails at.
pub(crate) fn field<T: DeserializeOwned>(octets: &[u8]) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_slice(octets);
    let error = serde_path_to_error::deserialize::<_, T>(&mut reader).err()?;
    field_of::<T>(octets, error.path().to_string(), &error.inner().to_string())
}

/// The same, of a reader that has said where it failed, and why. A document that is wrong as a whole has no field; nor has one
/// that ends, or is none, before there is one.
pub(crate) fn field_of<T: DeserializeOwned>(octets: &[u8], place: String, cause: &str) -> Option<String> {
    match named_in(cause) {
        _ if place != "." && place != "?" => Some(place),
        Some(name) => Some(name.to_owned()),
        None => wrong_field::<T>(octets),
    }
}

/// The field without which something else would be wrong with a body, or nothing.
fn wrong_field<T: DeserializeOwned>(octets: &[u8]) -> Option<String> {
    let octets = Some(octets).filter(|octets| octets.len() <= SEARCHED)?;
    let mut body: Value = serde_json::from_slice(octets).ok()?;
    let first = T::deserialize(&body).err()?.to_string();
    // Without its kind, a change is none at all.
    let keys = body.as_object()?.keys().filter(|key| *key != "kind");
    let keys: Vec<String> = keys.take(TRIED).cloned().collect();
    keys.into_iter().find(|key| {
        body.as_object_mut().map(|fields| fields.remove(key));
        T::deserialize(&body).err().is_none_or(|error| error.to_string() != first)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_lists_are_found() {
        for (text, found) in [
            (r#"{"a":[1,{"b":[2]}],"c":[]}"#, false),
            (r#"{"a":[["b"]]}"#, true),
            (r#"{"a":[{"b":[]},[]]}"#, true),
            (r#"{"a":["[[","\"[[","\\"],"b":[{}]}"#, false),
            (r#"{"a":["\\",["x"]]}"#, true),
            ("[[", true),
            ("]]\"", false),
        ] {
            assert_eq!(have_list_in_list(text.as_bytes()), found, "{text}");
        }
    }

    #[test]
    fn the_wrong_field_is_found_by_leaving_it_out() {
        for (text, field) in [
            (r#"{"kind":"ptr-set","address":5,"names":["a.example"]}"#, Some("address")),
            (r#"{"kind":"ptr-set","address":"192.0.2.1","names":["a.example"],"ttl":"60"}"#, Some("ttl")),
            (r#"{"kind":"ptr-set","address":5,"names":6,"ttl":5}"#, Some("address")),
            (r#"{"kind":"rrsets-set","zone":"x.","rrsets":[{"owner":5}]}"#, Some("rrsets")),
            (r#"{"kind":"ptr-set","address":"192.0.2.1","names":["a.example"]}"#, None),
            ("[]", None),
            ("{", None),
        ] {
            assert_eq!(wrong_field::<ptrd_api::ChangeRequest>(text.as_bytes()).as_deref(), field, "{text}");
        }
    }

    #[test]
    fn messages_name_fields() {
        assert_eq!(named_in("missing field `names` at line 1"), Some("names"));
        assert_eq!(named_in("unknown field `x`, expected `y`"), Some("x"));
        assert_eq!(named_in("invalid type: string \"missing field `x`\""), None);
    }
}

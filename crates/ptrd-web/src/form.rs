//! Forms that come back: read within limits, and taken only from our own pages.

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::HeaderMap;
use http_body_util::{BodyExt, Limited};
use ptrd_api::{Problem, code};
use std::time::Duration;

/// Octets of a form.
const FORM: usize = 64 << 10;
/// Octets of a form with a file in it.
pub(crate) const UPLOAD: usize = 8 << 20;
/// Fields of a form.
const FIELDS: usize = 32;
/// How long one may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// The fields of a form, or of a query. One that was not sent is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

fn bad(message: &str) -> Problem {
    Problem::new(code::BAD_REQUEST, message)
}

impl Form {
    /// The parameters of a URL.
    pub fn of_query(query: Option<&str>) -> Form {
        let pairs: Vec<(String, String)> =
            query.and_then(|text| serde_urlencoded::from_str(text).ok()).unwrap_or_default();
        Form(pairs.into_iter().take(FIELDS).collect())
    }

    /// What a form sent. Whatever it says that it is, no more than a form without a file is read.
    ///
    /// # Errors
    /// It is too large, too slow, or no form.
    pub async fn read(request: Request) -> Result<Form, Problem> {
        in_time(Form::read_plain(request)).await
    }

    /// What a form with a file sent.
    ///
    /// # Errors
    /// As for [`Form::read`].
    pub async fn read_upload(request: Request) -> Result<Form, Problem> {
        in_time(Form::read_parts(request)).await
    }

    async fn read_plain(request: Request) -> Result<Form, Problem> {
        let whole = Limited::new(request.into_body(), FORM).collect().await;
        let whole = whole.map_err(|error| match error.downcast::<http_body_util::LengthLimitError>() {
            Ok(_) => too_large(FORM),
            Err(_) => bad("the form broke off"),
        })?;
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&whole.to_bytes())
            .map_err(|_| bad("that is no form: its fields cannot be read"))?;
        if pairs.len() > FIELDS {
            return Err(bad("that is no form of ours: it has too many fields"));
        }
        Ok(Form(pairs))
    }

    async fn read_parts(request: Request) -> Result<Form, Problem> {
        let (parts, body) = request.into_parts();
        let request = Request::from_parts(parts, Body::new(Limited::new(body, UPLOAD)));
        let broken = |_| {
            bad("the form is larger than 8 MiB, or broke off")
                .hint("import large files in parts, or with `ptrctl ptr import`")
        };
        let mut multipart = Multipart::from_request(request, &())
            .await
            .map_err(|_| bad("that is no form: its parts cannot be read"))?;
        let mut form = Form::default();
        while let Some(field) = multipart.next_field().await.map_err(broken)? {
            if form.0.len() == FIELDS {
                return Err(bad("that is no form of ours: it has too many fields"));
            }
            let name = field.name().unwrap_or_default().to_owned();
            let octets = field.bytes().await.map_err(broken)?;
            let text = String::from_utf8(octets.into())
                .map_err(|_| bad("the file is not in UTF-8").hint("save it as CSV in UTF-8"))?;
            form.0.push((name, text));
        }
        Ok(form)
    }

    /// A field as it was typed.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// A field without the space around it.
    pub fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// The same, if there is anything in it.
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name).to_owned()).filter(|value| !value.is_empty())
    }

    /// Whether a box was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// A number of seconds, or nothing.
    ///
    /// # Errors
    /// It is no number; the field is named.
    pub fn number<N: std::str::FromStr>(&self, name: &str, what: &str) -> Result<Option<N>, Problem> {
        let text = self.get(name);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| {
            Problem::new(
                code::INVALID,
                format!("{what}: “{}” is no whole number in range", text.escape_debug()),
            )
            .field(name)
        })
    }
}

async fn in_time(reading: impl Future<Output = Result<Form, Problem>>) -> Result<Form, Problem> {
    let read = tokio::time::timeout(PATIENCE, reading).await;
    read.unwrap_or_else(|_| Err(Problem::new(code::TIMEOUT, "the form did not arrive in time")))
}

fn too_large(limit: usize) -> Problem {
    Problem::new(code::TOO_LARGE, format!("the form is larger than {limit} octets"))
}

/// Whether a browser says that a form comes from a page of ours. What says nothing is no browser of these days, and has
/// the text of the session to show.
pub(crate) fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("-"));
    if let Some(site) = text("sec-fetch-site") {
        return site == "same-origin";
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, authority)| authority == host)
        }
        (Some(_), None) => false,
        (None, _) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect()
    }

    #[test]
    fn strange_pages_send_no_forms() {
        for (pairs, ours) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("sec-fetch-site", "same-site")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "https://ptr.example:8443"), ("host", "ptr.example:8443")], true),
            (&[("origin", "https://ptr.example"), ("host", "ptr.example:8443")], false),
            (&[("origin", "https://evil.example"), ("host", "ptr.example")], false),
            (&[("origin", "null"), ("host", "ptr.example")], false),
            (&[("origin", "https://ptr.example")], false),
        ] {
            assert_eq!(is_from_here(&headers(pairs)), ours, "{pairs:?}");
        }
    }

    #[test]
    fn fields_are_trimmed_and_absent_ones_empty() {
        let form = Form::of_query(Some("a=+x+&b=&n=7&n=8"));
        assert_eq!((form.get("a"), form.raw("a"), form.get("z")), ("x", " x ", ""));
        assert_eq!((form.some("b"), form.ticked("b"), form.ticked("a")), (None, false, true));
        assert_eq!(form.number::<u32>("n", "TTL"), Ok(Some(7)));
        assert!(form.number::<u32>("a", "TTL").is_err_and(|problem| problem.message.contains("TTL: “x”")));
        assert_eq!(Form::of_query(Some("a=%ff%fe")).get("b"), "");
    }
}

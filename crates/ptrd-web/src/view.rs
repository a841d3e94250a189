//! What all pages share: the frame around them, problems, pages of listings.

use crate::app::Reader;
use crate::assets;
use crate::session::Note;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use ptrd_api::{LineError, Problem, code};

/// The frame around a page.
#[derive(Default)]
pub(crate) struct Shell {
    /// The name of the service.
    pub site: String,
    pub title: String,
    /// Which part of the page this is, for the navigation.
    pub place: &'static str,
    /// Who is logged in.
    pub who: Option<Reader>,
    /// What forms carry.
    pub csrf: String,
    pub notes: Vec<Note>,
    /// What was searched for.
    pub sought: String,
}

impl Shell {
    pub fn style(&self) -> &'static str {
        assets::style()
    }

    pub fn script(&self) -> &'static str {
        assets::script()
    }

    pub fn icon(&self) -> &'static str {
        assets::icon()
    }

    pub fn is_operator(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.tenant.is_none())
    }

    pub fn may_write(&self) -> bool {
        self.who.as_ref().is_some_and(|who| who.write)
    }
}

/// A problem as it stands in a form, at the field that it is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trouble {
    pub message: String,
    pub hint: String,
    /// The field; empty where it is about the whole.
    pub field: &'static str,
    pub errors: Vec<LineError>,
    pub errors_total: u64,
}

impl Trouble {
    /// A problem with a form of these fields: with the one that it names, else, where it is about one at all, the first.
    pub fn of(problem: &Problem, fields: &[&'static str]) -> Trouble {
        let named = problem.field.as_deref().and_then(|name| name.split(['[', '.']).next());
        let found = fields.iter().find(|field| named == Some(**field));
        let is_about_one =
            matches!(problem.code.as_str(), code::INVALID | code::BAD_REQUEST | code::NOT_FOUND);
        let field = found.or(fields.first().filter(|_| is_about_one)).copied().unwrap_or_default();
        Trouble {
            message: problem.message.clone(),
            hint: problem.hint.clone().unwrap_or_default(),
            field,
            errors: problem.errors.clone(),
            errors_total: problem.errors_total,
        }
    }

    /// Whether it is about this field.
    pub fn at(&self, field: &str) -> bool {
        !self.message.is_empty() && self.field == field
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    shell: Shell,
    problem: &'a Problem,
}

/// A template as an answer.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            (StatusCode::INTERNAL_SERVER_ERROR, "a fault in ptrd\n").into_response()
        }
    }
}

/// The same with 200.
pub(crate) fn good(template: &impl Template) -> Response {
    page(StatusCode::OK, template)
}

/// The HTTP status of a problem.
pub(crate) fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(code::status(&problem.code)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A page that says what was wrong.
pub(crate) fn problem(shell: Shell, problem: &Problem) -> Response {
    page(status(problem), &ProblemPage { shell, problem })
}

/// The same for somebody without a session.
pub(crate) fn bare_problem(site: &str, problem: &Problem) -> Response {
    let shell = Shell { site: site.to_owned(), title: "That did not work".to_owned(), ..Shell::default() };
    self::problem(shell, problem)
}

/// What is answered where there is no page.
pub(crate) fn nothing_here() -> Response {
    let problem = Problem::new(code::NOT_FOUND, "there is no such page").hint("the way back is at the top");
    bare_problem("ptrd", &problem)
}

/// Numbers of more than three digits, in groups.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A path with parameters; those without a value are left out.
pub(crate) fn link(path: &str, parameters: &[(&str, &str)]) -> String {
    let given: Vec<_> = parameters.iter().filter(|(_, value)| !value.is_empty()).collect();
    match serde_urlencoded::to_string(&given) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_groups() {
        let texts = [0, 999, 1_000, 65_536, 1_048_576].map(grouped);
        assert_eq!(texts, ["0", "999", "1\u{202f}000", "65\u{202f}536", "1\u{202f}048\u{202f}576"]);
    }

    #[test]
    fn links_carry_what_is_given() {
        assert_eq!(link("/map", &[("range", "192.0.2.0/24"), ("address", "")]), "/map?range=192.0.2.0%2F24");
        assert_eq!(link("/map", &[]), "/map");
        assert_eq!(link("/s", &[("q", "a&b=\"<")]), "/s?q=a%26b%3D%22%3C");
    }

    #[test]
    fn a_problem_marks_the_field_that_it_names() {
        let field = |code: &str, named: Option<&str>| {
            let problem = Problem { field: named.map(Into::into), ..Problem::new(code, "wrong") };
            Trouble::of(&problem, &["names", "ttl"]).field
        };
        assert_eq!(field(code::INVALID, Some("ttl")), "ttl");
        assert_eq!(field(code::BAD_REQUEST, Some("names[0]")), "names");
        assert_eq!(field(code::INVALID, Some("expect")), "names", "one has to be marked");
        assert_eq!(field(code::INVALID, None), "names");
        assert_eq!(field(code::STALE, None), "");
        assert!(!Trouble::default().at(""));
    }
}

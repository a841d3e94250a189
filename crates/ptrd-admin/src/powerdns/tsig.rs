//! TSIG keys. A secret is shown where one key is asked for, and nowhere else.

use super::answer::{Answer, At, Here, created, done, invalid, named, ok, unprocessable};
use crate::control::Control;
use crate::request::{Asked, Who};
use crate::routes::App;
use axum::extract::{Request, State};
use ptrd_api::{ChangeRequest, KeyDetail, KeyFilter, KeyView, KeyWrite, MAX_PAGE, Problem, Secret, code};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Key {
    algorithm: String,
    id: String,
    key: Secret,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Key {
    fn of(view: KeyView, key: Secret) -> Key {
        let name = view.name.strip_suffix('.').unwrap_or(&view.name).to_owned();
        Key { algorithm: view.algorithm, id: super::id::of(&format!("{name}.")), key, name, kind: "TSIGKey" }
    }
}

impl From<KeyDetail> for Key {
    fn from(detail: KeyDetail) -> Key {
        Key::of(detail.key, detail.secret)
    }
}

pub(super) async fn list<C: Control>(State(app): State<App<C>>, Who(who): Who, _: Here) -> Answer {
    let mut filter = KeyFilter { limit: Some(MAX_PAGE), ..KeyFilter::default() };
    let mut keys = Vec::new();
    loop {
        let page = app.control.keys(who, filter.clone()).await?;
        keys.extend(page.items.into_iter().map(|view| Key::of(view, Secret::new(""))));
        match page.next {
            Some(next) => filter.after = Some(next),
            None => return ok(keys),
        }
    }
}

pub(super) async fn one<C: Control>(State(app): State<App<C>>, Who(who): Who, at: At) -> Answer {
    let key = app.control.key(who, at.zone).await.map_err(named)?;
    ok(Key::from(key))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct NewKey {
    name: Option<String>,
    algorithm: Option<String>,
    key: Option<Secret>,
}

pub(super) async fn add<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    _: Here,
    request: Request,
) -> Answer {
    let mut asked = Asked::from(request);
    let NewKey { name, algorithm, key } = match app.large_body(&mut asked).await {
        Ok(body) => body,
        Err(problem) => return Err(asked.refusal(problem).into()),
    };
    let by = asked.caller()?;
    let name = name.ok_or_else(|| invalid("Key 'name' not present or not a String"))?;
    if app.control.key(who, name.clone()).await.is_ok() {
        return Err(Problem::new(code::CONFLICT, format!("Conflict: the key {name} is there already")).into());
    }
    let secret = key.filter(|key| !key.reveal().is_empty());
    let write = KeyWrite { name: name.clone(), algorithm: algorithm.filter(|text| !text.is_empty()), secret };
    app.control.change(by, ChangeRequest::KeyAdd(write), false).await.map_err(unprocessable)?;
    created(Key::from(app.control.key(who, name).await?))
}

pub(super) async fn remove<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    at: At,
    request: Request,
) -> Answer {
    let by = Asked::from(request).caller()?;
    let key = app.control.key(who, at.zone).await.map_err(named)?;
    let request = ChangeRequest::KeyRemove { name: key.key.name, revoke: false };
    app.control.change(by, request, false).await.map_err(unprocessable)?;
    done()
}

pub(super) async fn set(_: At) -> Answer {
    Err(invalid("a key is not changed")
        .hint("add another one, and remove this one when nobody uses it")
        .into())
}

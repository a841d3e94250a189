//! The routes as they are put together: each with its method, so that what documents and tests them can go through all.

use super::App;
use crate::control::Control;
use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};

/// Routes, and a list of them.
pub(crate) struct Table<C> {
    router: Router<App<C>>,
    list: Vec<(Method, String)>,
}

impl<C: Control> Table<C> {
    /// None so far.
    pub fn new() -> Table<C> {
        Table { router: Router::new(), list: Vec::new() }
    }

    fn on<H, T>(mut self, (method, filter): (Method, MethodFilter), path: &str, handler: H) -> Table<C>
    where
        H: Handler<T, App<C>>,
        T: 'static,
    {
        self.router = self.router.route(path, on(filter, handler));
        self.list.push((method, path.to_owned()));
        self
    }

    pub fn get<H: Handler<T, App<C>>, T: 'static>(self, path: &str, handler: H) -> Table<C> {
        self.on((Method::GET, MethodFilter::GET), path, handler)
    }

    pub fn post<H: Handler<T, App<C>>, T: 'static>(self, path: &str, handler: H) -> Table<C> {
        self.on((Method::POST, MethodFilter::POST), path, handler)
    }

    pub fn put<H: Handler<T, App<C>>, T: 'static>(self, path: &str, handler: H) -> Table<C> {
        self.on((Method::PUT, MethodFilter::PUT), path, handler)
    }

    pub fn patch<H: Handler<T, App<C>>, T: 'static>(self, path: &str, handler: H) -> Table<C> {
        self.on((Method::PATCH, MethodFilter::PATCH), path, handler)
    }

    pub fn delete<H: Handler<T, App<C>>, T: 'static>(self, path: &str, handler: H) -> Table<C> {
        self.on((Method::DELETE, MethodFilter::DELETE), path, handler)
    }

    /// Routes below a prefix; `/` among them is the prefix itself.
    pub fn nest(mut self, prefix: &str, below: Table<C>) -> Table<C> {
        self.router = self.router.nest(prefix, below.router);
        let whole = |path: String| if path == "/" { prefix.to_owned() } else { format!("{prefix}{path}") };
        self.list.extend(below.list.into_iter().map(|(method, path)| (method, whole(path))));
        self
    }

    /// The same routes with something around them.
    pub fn around(self, put: impl FnOnce(Router<App<C>>) -> Router<App<C>>) -> Table<C> {
        Table { router: put(self.router), list: self.list }
    }

    /// Each route: its method, and its path with `{parameters}`.
    pub fn list(&self) -> &[(Method, String)] {
        &self.list
    }

    /// The routes themselves.
    pub fn into_router(self) -> Router<App<C>> {
        self.router
    }
}

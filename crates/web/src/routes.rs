//! Routes with what guards them.

use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use wilco_engine::EngineView;

use crate::health;
use crate::metrics::Metrics;

/// What a request must show before it may change anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Guard {
    /// Nothing: the route only reads, and shows nothing secret.
    ReadOnly,
    /// A signed-in person.
    SignIn,
    /// A signature of the platform or tool that calls.
    Signature,
    /// Nothing: everybody may speak as anyone. Only in `demo`, on loopback.
    Demo,
}

/// One route as it was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path in axum's form: `/console/rooms/{room}`.
    pub path: String,
    /// What guards it.
    pub guard: Guard,
}

/// Routes of one part of the house, on their way to a [`Site`].
#[derive(Debug, Default)]
pub struct Mount {
    router: Router,
    routes: Vec<Route>,
}

impl Mount {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A route that reads.
    #[must_use]
    pub fn get<H, T>(self, path: &str, guard: Guard, handler: H) -> Self
    where
        H: axum::handler::Handler<T, ()>,
        T: 'static,
    {
        self.add(Method::GET, path, guard, on(MethodFilter::GET, handler))
    }

    /// A route that may change something.
    #[must_use]
    pub fn post<H, T>(self, path: &str, guard: Guard, handler: H) -> Self
    where
        H: axum::handler::Handler<T, ()>,
        T: 'static,
    {
        self.add(Method::POST, path, guard, on(MethodFilter::POST, handler))
    }

    /// A router that another crate built, with its own list of routes. What is not on the list is not
    /// served.
    #[must_use]
    pub fn merge(mut self, built: Router, routes: impl IntoIterator<Item = Route>) -> Self {
        self.router = self.router.merge(built);
        self.routes.extend(routes);
        self
    }

    fn add(mut self, method: Method, path: &str, guard: Guard, handler: MethodRouter) -> Self {
        self.router = self.router.route(path, handler);
        self.routes.push(Route { method, path: path.to_owned(), guard });
        self
    }
}

/// Everything that one address serves.
#[derive(Debug)]
pub struct Site {
    mounted: Mount,
}

impl Site {
    /// Health and metrics of this engine.
    #[must_use]
    pub fn new(engine: EngineView, metrics: Metrics) -> Self {
        Self { mounted: health::routes(engine, metrics) }
    }

    /// Adds the routes of another part.
    ///
    /// # Panics
    /// When two parts declare the same path: a mistake in the wiring, seen at every start.
    #[must_use]
    pub fn mount(mut self, part: Mount) -> Self {
        self.mounted = self.mounted.merge(part.router, part.routes);
        self
    }

    /// Every route that is served, in the order mounted.
    #[must_use]
    pub fn routes(&self) -> &[Route] {
        &self.mounted.routes
    }

    /// What `axum::serve` takes. It serves exactly [`Site::routes`].
    pub fn into_router(self) -> Router {
        let Mount { router, routes } = self.mounted;
        router.route_layer(middleware::from_fn_with_state(Arc::from(routes), only_declared))
    }
}

/// Lets through what was declared. A router tells nobody what is in it, so that a list beside it could be
/// short of a route, and whoever walks the list would not see that one.
async fn only_declared(
    State(routes): State<Arc<[Route]>>,
    path: MatchedPath,
    request: Request,
    next: Next,
) -> Response {
    let here: Vec<&Method> = routes
        .iter()
        .filter(|route| route.path == path.as_str())
        .map(|route| &route.method)
        .collect();
    // Whoever answers GET answers HEAD.
    let asked = match request.method() {
        &Method::HEAD => &Method::GET,
        other => other,
    };
    if here.contains(&asked) {
        return next.run(request).await;
    }
    if here.is_empty() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let allowed: Vec<&str> = here.into_iter().map(Method::as_str).collect();
    (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allowed.join(","))]).into_response()
}

//! HTTP: a router over the service, one file per resource. Knows neither who serves it (a local port, Lambda)
//! nor what is behind the service.
//!
//! What a front door may put into a request's extensions: the authenticated [`Caller`], a [`RequestId`] of its
//! own, and the [`Deadline`] after which no answer is of use.

mod body;
mod browsers;
mod error;
mod fields;
mod form;
mod health;
mod history;
mod hosts;
mod languages;
mod openapi;
mod places;
mod query;
mod request_id;
mod room;
mod root;
mod run;
#[cfg(test)]
mod tests;
mod ui;

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRequestParts},
    http::{HeaderValue, request},
    middleware,
    routing::{get, post},
};
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;

pub use self::{hosts::AllowedHosts, request_id::RequestId};
use self::{places::Places, room::Room};
use super::run_request::RunRules;
use crate::{
    domain::{
        caller::Caller,
        ports::{ExecutionStore, Sandbox},
    },
    service::ExecutionService,
};

/// The largest body that is read: what Lambda takes in one synchronous invocation.
pub const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;

/// What the HTTP side must be told.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Origins whose pages may call us; `*` means all. None by default.
    pub allowed_origins: Vec<HeaderValue>,
    /// The largest body that is read; see [`MAX_BODY_BYTES`].
    pub max_body_bytes: usize,
    /// Whether the web page is served.
    pub ui: bool,
    /// The hosts that requests may be addressed to; `None` for any, as where a front door has looked already.
    pub hosts: Option<AllowedHosts>,
    /// What requests are measured by.
    pub rules: RunRules,
}

impl HttpConfig {
    /// The defaults, for these rules.
    #[must_use]
    pub const fn new(rules: RunRules) -> Self {
        Self { allowed_origins: Vec::new(), max_body_bytes: MAX_BODY_BYTES, ui: true, hosts: None, rules }
    }
}

/// When the answer to a request is of no use any more.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Instant);

/// What every handler works with.
struct App<S, R> {
    service: Arc<ExecutionService<S, R>>,
    config: Arc<HttpConfig>,
    room: Room,
    places: Places,
    health: health::Recent,
}

impl<S, R> Clone for App<S, R> {
    fn clone(&self) -> Self {
        let Self { service, config, room, places, health } = self;
        let (service, config) = (Arc::clone(service), Arc::clone(config));
        Self { service, config, room: room.clone(), places: places.clone(), health: health.clone() }
    }
}

/// The whole HTTP API.
pub fn router<S: Sandbox, R: ExecutionStore>(
    service: Arc<ExecutionService<S, R>>,
    config: HttpConfig,
) -> Router {
    let (origins, hosts) = (config.allowed_origins.clone(), config.hosts.clone());
    let app = App {
        service,
        config: Arc::new(config),
        room: Room::default(),
        places: Places::default(),
        health: health::Recent::default(),
    };
    let routes = Router::new()
        .route("/", get(root::banner))
        .route("/health", get(health::health::<S, R>))
        .route("/languages", get(languages::languages::<S, R>))
        .route("/history", get(history::list::<S, R>))
        .route("/history/{id}", get(history::one::<S, R>))
        .route("/run", post(run::run::<S, R>))
        .route("/openapi.json", get(openapi::document::<S, R>))
        .merge(if app.config.ui { ui::routes() } else { Router::new() })
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .with_state(app);
    layered(routes, &origins, hosts)
}

/// What every route needs around it.
fn layered(routes: Router, allowed_origins: &[HeaderValue], hosts: Option<AllowedHosts>) -> Router {
    let routes = routes
        // Bodies are bounded where they are read, with an answer that says the cap.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(error::panicked));
    let routes = browsers::guarded(routes, allowed_origins);
    let routes = match hosts {
        Some(hosts) => routes.layer(middleware::from_fn_with_state(Arc::new(hosts), hosts::guard)),
        None => routes,
    };
    routes.layer(middleware::from_fn(request_id::identify))
}

/// Who asks, as the front door says; without one it is everybody on this machine.
struct AskedBy(Caller);

impl<T: Sync> FromRequestParts<T> for AskedBy {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut request::Parts, _: &T) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.extensions.get().cloned().unwrap_or_else(Caller::local)))
    }
}

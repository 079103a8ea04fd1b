//! HTTP: a router over the service, one file per resource. Knows neither who serves it (a local port, Lambda)
//! nor what is behind the service.
//!
//! What a front door may put into a request's extensions: the authenticated [`Caller`], a [`RequestId`] of its
//! own, the [`Deadline`] after which no answer is of use, and what is [`Held`] of a connection while a client looks on.

mod body;
mod browsers;
mod desk;
mod error;
mod fields;
mod foreign;
mod form;
mod health;
mod history;
mod hosts;
mod languages;
mod list;
mod live;
mod openapi;
mod places;
mod query;
mod request_id;
mod room;
mod root;
mod run;
mod size;
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

pub use self::{
    desk::{Asker, Desk, Nobody, Taken, Weighs},
    error::ApiError,
    foreign::Foreign,
    hosts::AllowedHosts,
    live::{Dialect, Farewell, Tell},
    request_id::RequestId,
    size::{LARGEST_BODY_BYTES, MAX_BODY_BYTES},
};
use self::{places::Places, room::Room};
use super::contract::run_request::RunRules;
use crate::{
    domain::{
        caller::Caller,
        ports::{ExecutionStore, Sandbox},
    },
    service::ExecutionService,
};

/// What the HTTP side must be told.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Origins whose pages may call us; `*` means all. None by default.
    pub allowed_origins: Vec<HeaderValue>,
    /// The largest body that is read: [`MAX_BODY_BYTES`] unless the front door takes more, up to
    /// [`LARGEST_BODY_BYTES`].
    pub max_body_bytes: usize,
    /// Whether the web page is served.
    pub ui: bool,
    /// The hosts that requests may be addressed to; `None` for any, as where a front door has looked already.
    pub hosts: Option<AllowedHosts>,
    /// Whether this process goes on between requests. One that is frozen then answers nothing later, and hands each
    /// answer over whole.
    pub goes_on: bool,
    /// What requests are measured by.
    pub rules: RunRules,
}

impl HttpConfig {
    /// The defaults, for these rules.
    #[must_use]
    pub const fn new(rules: RunRules) -> Self {
        Self {
            allowed_origins: Vec::new(),
            max_body_bytes: MAX_BODY_BYTES,
            ui: true,
            hosts: None,
            goes_on: true,
            rules,
        }
    }
}

/// When the answer to a request is of no use any more.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub Instant);

/// Something of the connection's that a front door wants to be kept until an execution that a client looks on at is over:
/// its place among those at work, say.
#[derive(Clone)]
pub struct Held(#[expect(dead_code, reason = "held, not read")] Arc<dyn Send + Sync>);

impl Held {
    /// Holds this.
    pub fn on(thing: impl Send + Sync + 'static) -> Self {
        Self(Arc::new(thing))
    }
}

/// What every handler works with.
struct App<S, R> {
    service: Arc<ExecutionService<S, R>>,
    config: Arc<HttpConfig>,
    room: Room,
    places: Places,
    openings: live::socket::Openings,
    health: health::Recent,
}

impl<S, R> Clone for App<S, R> {
    fn clone(&self) -> Self {
        let Self { service, config, room, places, openings, health } = self;
        let (service, config) = (Arc::clone(service), Arc::clone(config));
        let (room, places, openings) = (room.clone(), places.clone(), openings.clone());
        Self { service, config, room, places, openings, health: health.clone() }
    }
}

/// The HTTP API before its routes are put together: contracts of other systems share its bounds on memory.
pub struct Front<S, R>(App<S, R>);

impl<S: Sandbox, R: ExecutionStore> Front<S, R> {
    /// The HTTP API over this service.
    pub fn new(service: Arc<ExecutionService<S, R>>, config: HttpConfig) -> Self {
        Self(App {
            service,
            config: Arc::new(config),
            room: Room::default(),
            places: Places::default(),
            openings: live::socket::Openings::default(),
            health: health::Recent::default(),
        })
    }

    /// What routes of other systems' contracts are given.
    #[must_use]
    pub fn desk(&self) -> Desk<S, R> {
        Desk(self.0.clone())
    }

    /// All routes, with those of these contracts.
    pub fn router(self, contracts: Vec<Foreign>) -> Router {
        let Self(app) = self;
        let (origins, hosts) = (app.config.allowed_origins.clone(), app.config.hosts.clone());
        let ours = Router::new()
            .route("/", get(root::banner))
            .route("/health", get(health::health::<S, R>))
            .route("/languages", get(languages::languages::<S, R>))
            .route("/history", get(history::list::<S, R>))
            .route("/history/{id}", get(history::one::<S, R>).delete(history::remove::<S, R>))
            .route("/run", post(run::run::<S, R>))
            .route("/run/live", get(live::socket::open::<S, R>))
            .route("/openapi.json", get(openapi::document::<S, R>))
            .merge(if app.config.ui { ui::routes() } else { Router::new() })
            .with_state(app);
        let routes = contracts.iter().fold(ours, |routes, contract| routes.merge(contract.routes.clone()));
        let routes = routes.fallback(error::not_found).method_not_allowed_fallback(error::method_not_allowed);
        layered(routes, &origins, hosts, contracts)
    }
}

/// The whole HTTP API, without any contract of another system.
pub fn router<S: Sandbox, R: ExecutionStore>(
    service: Arc<ExecutionService<S, R>>,
    config: HttpConfig,
) -> Router {
    Front::new(service, config).router(Vec::new())
}

/// What every route needs around it.
fn layered(
    routes: Router,
    allowed_origins: &[HeaderValue],
    hosts: Option<AllowedHosts>,
    contracts: Vec<Foreign>,
) -> Router {
    let routes = routes
        // Bodies are bounded where they are read, with an answer that says the cap.
        .layer(DefaultBodyLimit::disable())
        .layer(CatchPanicLayer::custom(error::panicked));
    let routes = browsers::guarded(routes, allowed_origins);
    let routes = match hosts {
        Some(hosts) => routes.layer(middleware::from_fn_with_state(Arc::new(hosts), hosts::guard)),
        None => routes,
    };
    let contracts: Arc<[Foreign]> = contracts.into();
    let routes = routes.layer(middleware::from_fn_with_state(contracts, foreign::translate));
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

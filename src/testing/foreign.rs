//! The contracts of other systems, asked in-process over the fakes.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{House, rules};
use crate::inbound::{
    compat::{Contract, served},
    http::{Front, HttpConfig},
};

/// All routes with every contract, over the fakes of this house.
pub fn router(house: &House) -> Router {
    router_of(house, HttpConfig::new(rules()))
}

/// The same, with this configuration.
pub fn router_of(house: &House, config: HttpConfig) -> Router {
    let front = Front::new(house.service.clone(), config);
    let contracts = served(&Contract::ALL, &front.desk());
    front.router(contracts)
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    #[track_caller]
    pub fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {text:?}", self.status))
    }

    /// Whether this is an error as our own contract words it.
    pub fn is_our_error(&self) -> bool {
        let body: Result<Value, _> = serde_json::from_slice(&self.body);
        body.is_ok_and(|body| {
            body.get("request_id").is_some() || body.get("code").is_some_and(Value::is_string)
        })
    }
}

pub async fn send(router: Router, request: Request<Body>) -> Reply {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Reply { status: parts.status, headers: parts.headers, body }
}

/// A request with these headers.
pub async fn ask(
    house: &House,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    send(router(house), request.body(body.into()).unwrap()).await
}

pub async fn get(house: &House, path: &str) -> Reply {
    ask(house, "GET", path, &[], Body::empty()).await
}

pub async fn post(house: &House, path: &str, body: &Value) -> Reply {
    ask(house, "POST", path, &[("content-type", "application/json")], body.to_string()).await
}

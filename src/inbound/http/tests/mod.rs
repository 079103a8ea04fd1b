//! The router, asked in-process, over fakes.

mod compiled;
mod later;
mod live;
mod once;
mod pages;
mod records;
mod refusals;
mod run_json;
mod test_cases;
mod uploads;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode, request::Builder},
};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{HttpConfig, router};
use crate::testing::{House, rules};

/// An answer, read whole.
pub(super) struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    fn json(&self) -> Value {
        assert_eq!(self.headers["content-type"], "application/json");
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The sentence of an error, after a look at everything that must be around it.
    #[track_caller]
    pub fn error(&self, status: u16, code: &str) -> String {
        let json = self.json();
        assert_eq!((self.status.as_u16(), json["code"].as_str().unwrap()), (status, code), "{json}");
        assert_eq!(json["request_id"], self.headers["x-request-id"].to_str().unwrap());
        assert_eq!(json.as_object().unwrap().len(), 3);
        json["error"].as_str().unwrap().to_owned()
    }
}

fn app(house: &House) -> Router {
    router(house.service.clone(), HttpConfig::new(rules()))
}

pub(super) async fn send(app: Router, request: Request<Body>) -> Reply {
    let (parts, body) = app.oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Reply { status: parts.status, headers: parts.headers, body }
}

async fn ask(house: &House, request: Builder, body: impl Into<Body>) -> Reply {
    send(app(house), request.body(body.into()).unwrap()).await
}

async fn get(house: &House, path: &str) -> Reply {
    ask(house, Request::get(path), Body::empty()).await
}

async fn post_json(house: &House, json: impl Into<Body>) -> Reply {
    ask(house, Request::post("/run").header("content-type", "application/json"), json).await
}

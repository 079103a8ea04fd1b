//! HTTP requests as AWS's front doors hand them to a function: which door it was, who asks, and when an answer is of
//! no use any more. Works on the event's JSON; knows no Lambda library.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::{
    error::EventError,
    principal::{self, Sessions},
};
use crate::{domain::caller::Caller, inbound::contract::rejection::shown};

/// How long API Gateway waits for a function: 29 s for a REST API, 30 s for an HTTP API.
const GATEWAY_PATIENCE: Duration = Duration::from_secs(29);
/// Of that, what the answer's way back may take.
const WAY_BACK: Duration = Duration::from_secs(1);

/// The doors there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// API Gateway, REST API: payload version 1.
    RestApi,
    /// API Gateway, HTTP API: payload version 2.
    HttpApi,
    /// A function URL: the same payload.
    FunctionUrl,
    /// An application load balancer.
    LoadBalancer,
}

/// A request through a door.
#[derive(Clone, Debug)]
pub struct HttpEvent {
    /// Which door.
    pub door: Door,
    /// Who asks, as the door authenticated them.
    pub caller: Caller,
    /// When the door gave the request a time, and how long it waits: when it gives up, by its clock.
    pub gives_up: Option<SystemTime>,
    /// The event, its path without the stage.
    pub payload: Value,
}

impl HttpEvent {
    /// The request in an event with a request context.
    ///
    /// # Errors
    /// [`EventError::Unsupported`] when it is of a door that is not served.
    pub fn read(mut event: Map<String, Value>, sessions: Sessions) -> Result<Self, EventError> {
        let door = door(&event)?;
        if matches!(door, Door::HttpApi) {
            drop_stage(&mut event);
        }
        let context = &event["requestContext"];
        let caller = match door {
            Door::RestApi => principal::of_rest_api(context, sessions),
            Door::HttpApi | Door::FunctionUrl => principal::of_http_api(context, sessions),
            // It hands on headers, and what a client wrote into them.
            Door::LoadBalancer => Caller::anonymous(),
        };
        let received = match door {
            Door::RestApi => context.get("requestTimeEpoch"),
            Door::HttpApi => context.get("timeEpoch"),
            Door::FunctionUrl | Door::LoadBalancer => None,
        };
        let received = received.and_then(Value::as_u64).map(|ms| UNIX_EPOCH + Duration::from_millis(ms));
        let gives_up = received.map(|at| at + GATEWAY_PATIENCE - WAY_BACK);
        Ok(Self { door, caller, gives_up, payload: Value::Object(event) })
    }
}

fn door(event: &Map<String, Value>) -> Result<Door, EventError> {
    let context = &event["requestContext"];
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let version = text(event.get("version"));
    if context.get("elb").is_some() {
        return Ok(Door::LoadBalancer);
    }
    let seen = if context.get("connectionId").is_some() {
        "a WebSocket message".to_owned()
    } else if context.get("serviceNetworkArn").is_some() {
        "a VPC Lattice request".to_owned()
    } else if version.as_deref() == Some("2.0") && context.get("http").is_some() {
        let domain = text(context.get("domainName")).unwrap_or_default();
        return Ok(if domain.contains(".lambda-url.") { Door::FunctionUrl } else { Door::HttpApi });
    } else if event.contains_key("httpMethod") && version.as_deref().is_none_or(|version| version == "1.0") {
        return Ok(Door::RestApi);
    } else {
        format!("a request of an unknown kind (version `{}`)", shown(version.as_deref().unwrap_or("none")))
    };
    Err(EventError::Unsupported { seen })
}

/// An HTTP API puts the name of a stage other than `$default` before the path.
fn drop_stage(event: &mut Map<String, Value>) {
    let stage = event["requestContext"].get("stage").and_then(Value::as_str);
    let path = event.get("rawPath").and_then(Value::as_str);
    let (Some(stage), Some(path)) = (stage, path) else { return };
    let Some(rest) = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage)) else { return };
    let bare = match rest {
        "" => "/".to_owned(),
        rest if rest.starts_with('/') => rest.to_owned(),
        _ => return,
    };
    event.insert("rawPath".to_owned(), Value::String(bare));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(stage: &str, raw: &str) -> String {
        let event = json!({
            "version": "2.0", "rawPath": raw,
            "requestContext": { "stage": stage, "http": { "method": "GET" } },
        });
        let Value::Object(event) = event else { unreachable!() };
        HttpEvent::read(event, Sessions::Together).unwrap().payload["rawPath"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_stage_is_no_part_of_the_path() {
        assert_eq!(path("dev", "/dev/run"), "/run");
        assert_eq!(path("dev", "/dev"), "/");
        assert_eq!(path("dev", "/developers"), "/developers");
        assert_eq!(path("$default", "/run"), "/run");
        assert_eq!(path("run", "/run"), "/");
    }
}

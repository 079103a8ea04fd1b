//! What kind of event this is, told by its shape alone: Lambda does not say who calls.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    error::EventError,
    events::{BusEvent, Event},
    gateway::HttpEvent,
    principal::Sessions,
};
use crate::inbound::contract::rejection::shown;

/// What the function was sent, of a kind that is served.
#[derive(Debug)]
pub enum Call {
    /// A request through an API, a function URL or a load balancer.
    Http(HttpEvent),
    /// Anything else.
    Event(Event),
}

/// Tells what was sent; of a request also who sent it.
///
/// # Errors
/// [`EventError`] for what is not served, naming what was seen.
pub fn classify(payload: Value, sessions: Sessions) -> Result<Call, EventError> {
    let Value::Object(event) = payload else {
        return Err(EventError::Unsupported { seen: kind_of(&payload).to_owned() });
    };
    // First: some of these have all that makes a request.
    if let Some(seen) = authorizer(&event) {
        return Err(EventError::Authorizer { seen });
    }
    if event.get("requestContext").is_some_and(Value::is_object) {
        return HttpEvent::read(event, sessions).map(Call::Http);
    }
    of_other(event).map(Call::Event)
}

fn of_other(event: Map<String, Value>) -> Result<Event, EventError> {
    if let Some(Value::Array(records)) = event.get("Records") {
        return of_records(records, &event);
    }
    if event.contains_key("detail-type") {
        return of_bus(event);
    }
    match event.get("action") {
        Some(action) if action == "maintain" && event.len() == 1 => return Ok(Event::Maintain),
        Some(Value::String(action)) => {
            return Err(EventError::Unsupported { seen: format!("the action `{}`", shown(action)) });
        }
        _ => {}
    }
    if event.contains_key("code") || event.contains_key("files") {
        return Ok(Event::Direct(Value::Object(event)));
    }
    Err(EventError::Unsupported { seen: fields_of(&event) })
}

/// A custom authorizer's question (API Gateway v1 and v2, WebSocket, `AppSync`), if it is one.
fn authorizer(event: &Map<String, Value>) -> Option<String> {
    let about = |name| event.get(name).is_some_and(Value::is_string);
    let token = about("authorizationToken");
    match event.get("type").and_then(Value::as_str) {
        Some(kind @ ("TOKEN" | "REQUEST")) if token || about("methodArn") || about("routeArn") => {
            Some(format!("an authorizer's question of type {kind}"))
        }
        _ if token => Some("an authorizer's question".to_owned()),
        _ => None,
    }
}

fn of_records(records: &[Value], event: &Map<String, Value>) -> Result<Event, EventError> {
    let source = |record: &Value| {
        let source = record.get("eventSource").or_else(|| record.get("EventSource"));
        source.and_then(Value::as_str).map(str::to_owned)
    };
    let Some(first) = records.first().and_then(source) else {
        return Err(EventError::Unsupported { seen: fields_of(event) });
    };
    if records.iter().any(|record| source(record).as_ref() != Some(&first)) {
        return Err(EventError::Unsupported { seen: "records of different sources".to_owned() });
    }
    match first.as_str() {
        "aws:sqs" => all("SQS", records).map(Event::Sqs),
        "aws:sns" => all("SNS", records).map(Event::Sns),
        other => Err(EventError::Unsupported { seen: format!("records of `{}`", shown(other)) }),
    }
}

fn of_bus(event: Map<String, Value>) -> Result<Event, EventError> {
    let event: BusEvent = one("EventBridge", Value::Object(event))?;
    if event.is_schedule() { Ok(Event::Maintain) } else { Ok(Event::EventBridge(event)) }
}

fn all<T: DeserializeOwned>(kind: &'static str, records: &[Value]) -> Result<Vec<T>, EventError> {
    records.iter().map(|record| one(kind, record.clone())).collect()
}

fn one<T: DeserializeOwned>(kind: &'static str, value: Value) -> Result<T, EventError> {
    serde_json::from_value(value).map_err(|error| EventError::Malformed { kind, why: error.to_string() })
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// The names of the first fields: enough to recognise a kind by, and none of what they hold.
fn fields_of(event: &Map<String, Value>) -> String {
    const SHOWN: usize = 8;
    if event.is_empty() {
        return "an empty object".to_owned();
    }
    let names: Vec<_> = event.keys().take(SHOWN).map(|name| format!("`{}`", shown(name))).collect();
    let more = if event.len() > SHOWN { ", …" } else { "" };
    format!("an object with the fields {}{more}", names.join(", "))
}

//! Programs that are looked on at while they run, typed into, and asked for later.

mod connect;
mod events;
mod later;
pub mod typed;

use std::{
    io::{BufRead as _, BufReader, Read},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;
use ureq::{Agent, http};

use crate::support::client::Client;

/// Seconds since 1970, by the clock that programs in sandboxes see, too.
pub fn clock() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// A stream of server-sent events, read one by one.
pub struct Events<R> {
    lines: BufReader<R>,
}

/// An event, and when it arrived.
#[derive(Debug)]
pub struct Event {
    pub name: String,
    pub data: Value,
    pub text: String,
    pub arrived: f64,
}

/// Runs this, looked on at.
pub fn look_on(client: &Client, request: &Value) -> Events<impl Read + use<>> {
    let agent: Agent = Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    let request = http::Request::post(format!("{}/run", client.base()))
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(request.to_string())
        .unwrap();
    let answer = agent.run(request).unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    assert_eq!(answer.headers()["cache-control"], "no-store");
    Events { lines: BufReader::new(answer.into_body().into_reader()) }
}

impl<R: Read> Events<R> {
    /// The next event; `None` when the stream is over. Comments are left out.
    pub fn next(&mut self) -> Option<Event> {
        let (mut name, mut text) = (None, None);
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            let line = line.trim_end();
            if let Some(value) = line.strip_prefix("event: ") {
                name = Some(value.to_owned());
            } else if let Some(value) = line.strip_prefix("data: ") {
                text = Some(value.to_owned());
            } else if line.is_empty()
                && let Some((name, text)) = name.take().zip(text.take())
            {
                let data = serde_json::from_str(&text).unwrap();
                return Some(Event { name, data, text, arrived: clock() });
            }
        }
    }

    /// All that is still to come.
    pub fn rest(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.next()).collect()
    }
}

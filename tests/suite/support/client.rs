//! HTTP as a caller speaks it: one agent, every status an answer, JSON and multipart bodies.

use std::{
    collections::BTreeMap,
    sync::LazyLock,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use ureq::{Agent, http};

use super::{Outcome, Reply};

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .max_idle_connections(64)
        .max_idle_connections_per_host(64)
        .build()
        .into()
});

/// A caller of one server.
#[derive(Clone, Debug)]
pub struct Client {
    base: String,
}

impl Client {
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into() }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// `127.0.0.1:port`, for those who speak to the socket themselves.
    pub fn authority(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Any request; panics when there is no answer at all.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        self.try_send(method, path, headers, body)
            .unwrap_or_else(|error| panic!("no answer to {method} {path}: {error}"))
    }

    /// Any request.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply, ureq::Error> {
        let mut request = http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let began = Instant::now();
        let mut response = if body.is_empty() && matches!(method, "GET" | "HEAD" | "OPTIONS" | "DELETE") {
            AGENT.run(request.body(())?)?
        } else {
            AGENT.run(request.body(body)?)?
        };
        let status = response.status().as_u16();
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in response.headers() {
            let value = value.to_str().unwrap_or("(not ASCII)");
            headers
                .entry(name.as_str().to_owned())
                .and_modify(|all| *all = format!("{all}, {value}"))
                .or_insert_with(|| value.to_owned());
        }
        let body = response.body_mut().with_config().limit(64 << 20).read_to_vec()?;
        Ok(Reply { status, headers, body, took: began.elapsed() })
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], &[])
    }

    /// `POST /run` with this JSON.
    #[track_caller]
    pub fn post(&self, request: &Value) -> Reply {
        self.post_text(request.to_string())
    }

    /// `POST /run` with this text, which may be bad JSON.
    #[track_caller]
    pub fn post_text(&self, body: impl AsRef<[u8]>) -> Reply {
        self.send("POST", "/run", &[("content-type", "application/json")], body.as_ref())
    }

    /// Runs a program given as a whole request.
    #[track_caller]
    pub fn run(&self, request: &Value) -> Outcome {
        self.post(request).outcome()
    }

    /// Runs a piece of Python.
    #[track_caller]
    pub fn python(&self, code: &str) -> Outcome {
        self.run(&json!({"language": "python", "code": code}))
    }

    /// Runs a piece of JavaScript.
    #[track_caller]
    pub fn javascript(&self, code: &str) -> Outcome {
        self.run(&json!({"language": "javascript", "code": code}))
    }

    /// `POST /run` with a form of these parts, as `curl -F` sends it.
    #[track_caller]
    pub fn form(&self, parts: &[Part]) -> Reply {
        let (kind, body) = form_body(parts);
        self.send("POST", "/run", &[("content-type", &kind)], &body)
    }
}

/// One part of a form: a field, or a file when it has a file name.
pub struct Part<'a> {
    pub name: &'a str,
    pub file: Option<&'a str>,
    pub content: &'a [u8],
}

/// A form field.
pub fn field<'a>(name: &'a str, value: &'a str) -> Part<'a> {
    Part { name, file: None, content: value.as_bytes() }
}

/// An uploaded file.
pub fn file<'a>(name: &'a str, content: &'a [u8]) -> Part<'a> {
    Part { name: "file", file: Some(name), content }
}

fn form_body(parts: &[Part]) -> (String, Vec<u8>) {
    let boundary = "------------------------d74496d66958873e";
    let mut body = Vec::new();
    for part in parts {
        body.extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; ").as_bytes());
        body.extend_from_slice(format!("name=\"{}\"", part.name).as_bytes());
        if let Some(name) = part.file {
            let kind = if name.ends_with(".zip") { "application/zip" } else { "application/octet-stream" };
            body.extend_from_slice(format!("; filename=\"{name}\"\r\nContent-Type: {kind}").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

//! An HTTP/1.1 client on one kept-alive connection: what it costs by itself is small beside what it measures.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, StatusCode,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
    header,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::{Fault, Result};

/// A `POST /run`, encoded ahead of the clock.
#[derive(Clone, Debug)]
pub struct Program(Bytes);

impl Program {
    /// A program in a language.
    pub fn new(language: &str, code: &str) -> Self {
        Self(json!({ "language": language, "code": code }).to_string().into())
    }

    /// A whole request.
    pub fn of(request: &Value) -> Self {
        Self(request.to_string().into())
    }

    /// The same, for at most so many seconds.
    pub fn with_timeout(language: &str, code: &str, seconds: u32) -> Self {
        let limits = json!({ "timeout_seconds": seconds });
        Self(json!({ "language": language, "code": code, "limits": limits }).to_string().into())
    }

    /// `print(2+2)`, or what it is called in that language.
    pub fn four(language: &str) -> Self {
        Self::new(language, four_in(language))
    }
}

/// The program everything is measured with.
pub fn four_in(language: &str) -> &'static str {
    if language == "javascript" { "console.log(2+2)" } else { "print(2+2)" }
}

/// What came back of a `POST /run`.
#[derive(Debug)]
pub struct Answer {
    /// The whole round trip: from the first byte sent to the last one received.
    pub took: Duration,
    /// The HTTP status.
    pub status: StatusCode,
    /// The body.
    pub body: Value,
}

impl Answer {
    /// Whether the sandbox had been waiting.
    pub fn was_warm(&self) -> bool {
        self.body["sandbox"]["start"] == "warm"
    }

    /// The answer, if the program printed `4` and nothing else happened.
    ///
    /// # Errors
    /// What happened instead.
    pub fn expect_four(self) -> Result<Self> {
        if self.status == StatusCode::OK && self.body["output"] == "4\n" {
            return Ok(self);
        }
        Err(format!("expected the answer `4`, got {}: {}", self.status, self.body).into())
    }
}

/// One connection to a server, made anew where it was closed.
pub struct Client {
    address: SocketAddr,
    connection: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// Nothing is sent yet.
    pub const fn new(address: SocketAddr) -> Self {
        Self { address, connection: None }
    }

    /// Makes sure that there is a connection, so that the next call does not have to.
    pub async fn connect(&mut self) -> Result<()> {
        if let Some(connection) = &mut self.connection
            && !connection.is_closed()
            && connection.ready().await.is_ok()
        {
            return Ok(());
        }
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move { connection.await.ok() });
        self.connection = Some(sender);
        Ok(())
    }

    /// Runs a program.
    pub async fn run(&mut self, program: &Program) -> Result<Answer> {
        self.post("/run", program).await
    }

    /// Sends this to another path, and reads what comes back as JSON.
    pub async fn post(&mut self, path: &str, program: &Program) -> Result<Answer> {
        let request = Request::post(path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(program.0.clone()))?;
        self.connect().await?;
        let connection = self.connection.as_mut().ok_or("not connected")?;
        let since = Instant::now();
        let answer = connection.send_request(request).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        let took = since.elapsed();
        Ok(Answer { took, status, body: serde_json::from_slice(&body)? })
    }

    /// Runs a program and looks on while it runs.
    pub async fn listen(&mut self, program: &Program) -> Result<Events> {
        let request = Request::post("/run")
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "text/event-stream")
            .body(Full::new(program.0.clone()))?;
        self.connect().await?;
        let connection = self.connection.as_mut().ok_or("not connected")?;
        let answer = connection.send_request(request).await?;
        if answer.status() == StatusCode::OK {
            return Ok(Events(answer.into_body()));
        }
        Err(format!("{}: {:?}", answer.status(), answer.into_body().collect().await?.to_bytes()).into())
    }

    /// What `/health` says.
    pub async fn health(&mut self) -> Result<Value> {
        let request =
            Request::get("/health").header(header::HOST, "localhost").body(Full::new(Bytes::new()))?;
        self.connect().await?;
        let connection = self.connection.as_mut().ok_or("not connected")?;
        let body = connection.send_request(request).await?.into_body().collect().await?.to_bytes();
        serde_json::from_slice(&body).map_err(Fault::from)
    }
}

/// Server-sent events, as their bytes arrive.
pub struct Events(Incoming);

impl Events {
    /// The next bytes; `None` when the stream is over.
    pub async fn next(&mut self) -> Result<Option<Bytes>> {
        while let Some(frame) = self.0.frame().await {
            if let Ok(bytes) = frame?.into_data() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }
}

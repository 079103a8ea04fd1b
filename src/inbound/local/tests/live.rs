//! Clients that look on at a run, and type into it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest as _,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use super::{Server, server};
use crate::{
    domain::{
        conversation::{Event, StreamName},
        record::{EndRecord, FailedStatus},
    },
    inbound::local::LocalConfig,
    testing::{Plan, exited},
};

const LOOK_ON: &[u8] = b"POST /run HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nconnection: close\r\n\
    content-type: application/json\r\ncontent-length: 12\r\n\r\n{\"code\":\"x\"}";

fn written(at: u64, bytes: impl Into<Bytes>) -> Event {
    Event::Output { stream: StreamName::Stdout, at, bytes: bytes.into() }
}

/// Writes something now and at last, and nothing for so long between.
fn quiet_for(time: Duration) -> Plan {
    Plan::Script(vec![
        (Duration::ZERO, written(0, "a")),
        (time, written(1, "b")),
        (time, Event::Ended(exited(0, "ab"))),
    ])
}

#[tokio::test]
async fn a_quiet_stream_is_not_given_up() {
    let server =
        server(LocalConfig { write_timeout: Duration::from_millis(200), ..LocalConfig::default() }).await;
    server.house.sandbox.plan(quiet_for(Duration::from_millis(1200)));
    let mut client = server.connect().await;
    client.write_all(LOOK_ON).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("event: result\n"), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_read_its_events_is_given_up_and_its_run_stopped() {
    let server =
        server(LocalConfig { write_timeout: Duration::from_millis(300), ..LocalConfig::default() }).await;
    let piece = Bytes::from(vec![b'x'; 100_000]);
    let writes = (0..400_u64).map(|n| (Duration::from_millis(n * 5), written(n * 100_000, piece.clone())));
    server.house.sandbox.plan(Plan::Script(writes.collect()));
    let mut client = server.connect().await;
    client.write_all(LOOK_ON).await.unwrap();
    server.until_running(1).await;
    server.until_running(0).await;
    server.house.service.shutdown().await;
    let end = server.house.store.only_end();
    assert!(matches!(end, Some(EndRecord::Failed { status: FailedStatus::Cancelled, .. })), "{end:?}");
}

#[tokio::test]
async fn a_client_that_hangs_up_on_its_events_stops_the_run() {
    let server = server(LocalConfig::default()).await;
    server.house.sandbox.plan(Plan::Hang);
    let mut client = server.connect().await;
    client.write_all(LOOK_ON).await.unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("event: began") {
        assert_ne!(client.read_buf(&mut answer).await.unwrap(), 0);
    }
    server.until_running(1).await;
    drop(client);
    server.until_running(0).await;
}

#[tokio::test]
async fn a_client_that_looks_on_is_at_work_and_does_not_make_way() {
    let server = server(LocalConfig { max_connections: 1, ..LocalConfig::default() }).await;
    server.house.sandbox.plan(quiet_for(Duration::from_millis(2500)));
    let mut client = server.connect().await;
    client.write_all(LOOK_ON).await.unwrap();
    server.until_running(1).await;
    let mut newcomer = server.connect().await;
    newcomer.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("event: result\n"), "{answer}");
    let mut answer = String::new();
    timeout(Duration::from_secs(5), newcomer.read_to_string(&mut answer)).await.expect("in turn").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
}

type Socket = WebSocketStream<TcpStream>;

async fn try_open(server: &Server, headers: &[(&'static str, &str)]) -> Result<Socket, Error> {
    let mut request = format!("ws://{}/run/live", server.address).into_client_request().unwrap();
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    let (socket, answer) = client_async(request, server.connect().await).await?;
    assert_eq!(answer.headers()["sec-websocket-protocol"], "sce.v1");
    Ok(socket)
}

async fn open(server: &Server) -> Socket {
    try_open(server, &[("sec-websocket-protocol", "other, sce.v1")]).await.unwrap()
}

/// A socket whose program runs.
async fn running(server: &Server, plan: Plan) -> Socket {
    server.house.sandbox.plan(plan);
    let mut socket = open(server).await;
    say(&mut socket, &json!({"code": "x", "input": "live"})).await;
    assert_eq!(hear(&mut socket).await["type"], "accepted");
    assert_eq!(hear(&mut socket).await, json!({"type": "began", "step": 0}));
    socket
}

async fn say(socket: &mut Socket, message: &Value) {
    socket.send(Message::Text(message.to_string().into())).await.unwrap();
}

async fn next(socket: &mut Socket) -> Message {
    loop {
        match timeout(Duration::from_secs(10), socket.next()).await.expect("in time").expect("open").unwrap()
        {
            Message::Ping(_) | Message::Pong(_) => {}
            message => return message,
        }
    }
}

async fn hear(socket: &mut Socket) -> Value {
    match next(socket).await {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("no text: {other:?}"),
    }
}

async fn closed(socket: &mut Socket) -> (u16, String) {
    match next(socket).await {
        Message::Close(Some(CloseFrame { code, reason })) => (code.into(), reason.to_string()),
        other => panic!("no close: {other:?}"),
    }
}

#[tokio::test]
async fn what_is_typed_arrives_in_order_and_the_answer_comes_last() {
    let server = server(LocalConfig::default()).await;
    let mut socket = running(&server, Plan::Echo).await;
    say(&mut socket, &json!({"type": "input", "text": "größer\n"})).await;
    assert_eq!(
        hear(&mut socket).await,
        json!({"type": "output", "step": 0, "stream": "output", "at": 0, "text": "größer\n"})
    );
    for number in 0..200 {
        say(&mut socket, &json!({"type": "input", "text": format!("{number}\n")})).await;
    }
    say(&mut socket, &json!({"type": "end_input"})).await;
    let mut text = String::new();
    let ended = loop {
        let event = hear(&mut socket).await;
        match event["type"].as_str().unwrap() {
            "output" => text += event["text"].as_str().unwrap(),
            _ => break event,
        }
    };
    assert_eq!(text, (0..200).map(|number| format!("{number}\n")).collect::<String>());
    assert_eq!((&ended["type"], &ended["exit_code"]), (&json!("ended"), &json!(0)));
    let result = hear(&mut socket).await;
    assert_eq!((&result["type"], &result["status"]), (&json!("result"), &json!("completed")));
    assert_eq!(closed(&mut socket).await, (1000, String::new()));
}

#[tokio::test]
async fn a_bad_request_closes_the_socket_with_the_reason() {
    let server = server(LocalConfig::default()).await;
    for (request, said) in [
        ("", "The body is not valid JSON"),
        (r#"{"code":"x"}"#, "`input` must be there, and be `live`."),
        (r#"{"code":"x","input":"whole"}"#, "`input` must be there, and be `live`."),
        (r#"{"code":"x","input":"live","stdin":"x"}"#, "`stdin` cannot stand beside `input`"),
        (
            r#"{"code":"x","input":"live","language":"größer größer größer größer größer größer"}"#,
            "Unknown language",
        ),
        (r#"{"code":"x","input":"live","tests":[{}]}"#, "`tests` cannot stand beside `input`"),
        (r#"{"input":"live"}"#, "code"),
    ] {
        let mut socket = open(&server).await;
        socket.send(Message::Text(request.into())).await.unwrap();
        let (code, reason) = closed(&mut socket).await;
        assert!(code == 4400 && reason.contains(said) && reason.len() <= 123, "{request}: {code} {reason}");
    }
    let mut socket = open(&server).await;
    socket.send(Message::Binary(vec![1, 2].into())).await.unwrap();
    assert_eq!(closed(&mut socket).await.0, 4400);
    assert_eq!(server.house.sandbox.runs(), 0);
}

#[tokio::test]
async fn live_input_is_refused_where_there_is_no_socket() {
    let server = server(LocalConfig::default()).await;
    let body = r#"{"code":"x","input":"live"}"#;
    let request = format!(
        "POST /run HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut client = server.connect().await;
    client.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("`GET /run/live` alone"), "{answer}");
}

#[tokio::test]
async fn a_later_bad_message_is_told_and_closes_the_socket() {
    let server = server(LocalConfig::default()).await;
    let large = json!({"type": "input", "text": "x".repeat(1024 * 1024)}).to_string();
    for message in [r#"{"type":"halt"}"#, "x", &large] {
        let mut socket = running(&server, Plan::Echo).await;
        socket.send(Message::Text(message.into())).await.unwrap();
        let error = hear(&mut socket).await;
        assert_eq!(error["type"], "error", "{error}");
        assert!(!error["request_id"].as_str().unwrap().is_empty());
        let (code, reason) = closed(&mut socket).await;
        assert_eq!((code, reason.as_str()), (4400, error["error"].as_str().unwrap()));
        server.until_running(0).await;
    }
}

#[tokio::test]
async fn a_socket_opens_for_our_own_pages_alone_and_speaks_one_protocol() {
    let server = server(LocalConfig::default()).await;
    let own = format!("http://{}", server.address);
    let status = |result: Result<Socket, Error>| match result {
        Ok(_) => 101,
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
    };
    for (headers, expected) in [
        (vec![("origin", own.as_str()), ("sec-websocket-protocol", "sce.v1")], 101),
        (vec![("origin", "https://evil.example"), ("sec-websocket-protocol", "sce.v1")], 403),
        (vec![("origin", "null"), ("sec-websocket-protocol", "sce.v1")], 403),
        (vec![("sec-websocket-protocol", "sce.v2")], 400),
        (vec![], 400),
        (vec![("sec-websocket-protocol", "sce.v1"), ("sec-websocket-version", "8")], 426),
        (vec![("sec-websocket-protocol", "sce.v1"), ("idempotency-key", "a")], 400),
    ] {
        assert_eq!(status(try_open(&server, &headers).await), expected, "{headers:?}");
    }
}

#[tokio::test]
async fn closing_the_socket_stops_the_run_at_once() {
    let server = server(LocalConfig::default()).await;
    let mut polite = running(&server, Plan::Hang).await;
    let begun = Instant::now();
    polite.close(None).await.unwrap();
    server.until_running(0).await;
    let rude = running(&server, Plan::Hang).await;
    drop(rude);
    server.until_running(0).await;
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_stop_is_noticed_behind_a_paste_that_the_program_does_not_read() {
    let server = server(LocalConfig::default()).await;
    let mut socket = running(&server, Plan::Deaf).await;
    let paste = json!({"type": "input", "text": "x".repeat(512 * 1024)});
    for _ in 0..16 {
        say(&mut socket, &paste).await;
    }
    say(&mut socket, &json!({"type": "stop"})).await;
    let error = hear(&mut socket).await;
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("cancelled")));
    assert_eq!(closed(&mut socket).await.0, 1000);
    let end = server.house.store.only_end();
    let why = "The run was stopped by its caller.".to_owned();
    assert_eq!(end, Some(EndRecord::Failed { status: FailedStatus::Cancelled, message: why }));
}

#[tokio::test]
async fn a_program_that_reads_and_says_nothing_gets_all_of_a_paste() {
    let server = server(LocalConfig::default()).await;
    let mut socket = running(&server, Plan::Sips).await;
    for _ in 0..16 {
        say(&mut socket, &json!({"type": "input", "text": "x".repeat(512 * 1024)})).await;
    }
    say(&mut socket, &json!({"type": "end_input"})).await;
    assert_eq!(hear(&mut socket).await["type"], "ended");
}

#[tokio::test]
async fn an_interrupt_overtakes_a_paste_that_the_program_does_not_read() {
    let server = server(LocalConfig::default()).await;
    let mut socket = running(&server, Plan::Deaf).await;
    for _ in 0..16 {
        say(&mut socket, &json!({"type": "input", "text": "x".repeat(512 * 1024)})).await;
    }
    say(&mut socket, &json!({"type": "signal", "name": "SIGINT"})).await;
    let ended = hear(&mut socket).await;
    assert_eq!((&ended["type"], &ended["exit_code"]), (&json!("ended"), &json!(130)));
}

#[tokio::test]
async fn a_client_that_types_much_and_reads_nothing_meanwhile_gets_all_or_a_gap() {
    let server = server(LocalConfig::default()).await;
    let mut socket = running(&server, Plan::Echo).await;
    let lines = 64_u64;
    for _ in 0..lines {
        say(&mut socket, &json!({"type": "input", "text": "x".repeat(128 * 1024)})).await;
    }
    say(&mut socket, &json!({"type": "end_input"})).await;
    let mut bytes = 0;
    loop {
        let event = hear(&mut socket).await;
        match event["type"].as_str().unwrap() {
            "output" => bytes += event["text"].as_str().unwrap().len() as u64,
            "gap" => bytes += event["bytes"].as_u64().unwrap(),
            _ => break,
        }
    }
    assert_eq!(bytes, lines * 128 * 1024);
}

#[tokio::test]
async fn a_shutdown_tells_those_who_look_on_and_waits_for_them() {
    let server = server(LocalConfig::default()).await;
    let mut socket = running(&server, Plan::Hang).await;
    server.stop.send(()).unwrap();
    assert_eq!(hear(&mut socket).await["code"], "shutting_down");
    assert_eq!(closed(&mut socket).await.0, u16::from(CloseCode::Normal));
    drop(socket);
    timeout(Duration::from_secs(4), server.task).await.expect("within the grace").unwrap();
}

#[tokio::test]
async fn a_socket_without_a_request_keeps_its_place_until_it_closes() {
    let server = server(LocalConfig { max_connections: 1, ..LocalConfig::default() }).await;
    let silent = open(&server).await;
    let mut newcomer = server.connect().await;
    newcomer.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(300)).await;
    drop(silent);
    let mut answer = String::new();
    timeout(Duration::from_secs(5), newcomer.read_to_string(&mut answer)).await.expect("in turn").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
}

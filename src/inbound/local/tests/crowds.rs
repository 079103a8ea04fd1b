//! Many clients at once, most of them no good.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
    time::{sleep, timeout},
};

use super::{RUN, Server, server};
use crate::{
    inbound::local::LocalConfig,
    testing::{Plan, asset_bytes, zip::zip_of},
};

const GREETING: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

async fn is_greeted(server: &Server, within: Duration) {
    let greet = async {
        let mut caller = server.connect().await;
        caller.write_all(GREETING).await.unwrap();
        let mut answer = String::new();
        caller.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("Safe Code Executor API is running!"), "{answer}");
    };
    timeout(within, greet).await.expect("served in time");
}

#[tokio::test]
async fn kept_alive_connections_that_idle_make_way_for_newcomers() {
    let server = server(LocalConfig { max_connections: 4, ..LocalConfig::default() }).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        let mut caller = server.connect().await;
        caller.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        caller.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        idle.push(caller);
    }
    is_greeted(&server, Duration::from_secs(5)).await;
    // The one that stood idle the longest has gone, the others are served as before.
    let mut rest = Vec::new();
    timeout(Duration::from_secs(2), idle[0].read_to_end(&mut rest)).await.expect("closed").unwrap();
    idle[3].write_all(GREETING).await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(2), idle[3].read_to_string(&mut answer)).await.expect("served").unwrap();
    assert!(answer.contains("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_connection_at_work_does_not_make_way() {
    let server = server(LocalConfig { max_connections: 1, ..LocalConfig::default() }).await;
    let told = Arc::new(Notify::new());
    server.house.sandbox.plan(Plan::Await(Arc::clone(&told)));
    let mut working = server.connect().await;
    working.write_all(RUN).await.unwrap();
    server.until_running(1).await;
    let mut newcomer = server.connect().await;
    newcomer.write_all(GREETING).await.unwrap();
    sleep(Duration::from_millis(1500)).await;
    told.notify_one();
    let mut answer = [0; 15];
    timeout(Duration::from_secs(5), working.read_exact(&mut answer)).await.expect("answered").unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200 OK");
    let mut answer = String::new();
    timeout(Duration::from_secs(5), newcomer.read_to_string(&mut answer)).await.expect("in turn").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"));
}

/// Asks for a file of the page again and again, for far more than sockets hold, and reads nothing.
async fn deaf(server: &Server) -> TcpStream {
    let mut deaf = server.connect().await;
    let request = "GET /ui/app.js HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1000);
    let _ = timeout(Duration::from_millis(300), deaf.write_all(request.as_bytes())).await;
    deaf
}

#[tokio::test]
async fn an_answer_that_nobody_reads_is_given_up() {
    let config = LocalConfig { write_timeout: Duration::from_millis(300), ..LocalConfig::default() };
    let server = server(config).await;
    let mut deaf = deaf(&server).await;
    sleep(Duration::from_secs(1)).await;
    let closed = async {
        let mut rest = Vec::new();
        // What was on its way still arrives; then comes the end, one way or the other.
        let _ = deaf.read_to_end(&mut rest).await;
        rest.len()
    };
    let came = timeout(Duration::from_secs(10), closed).await.expect("it does not go on for ever");
    let whole = 1000 * asset_bytes("app.js");
    assert!(came < whole, "{came} of {whole}: nothing was given up");
}

#[tokio::test]
async fn clients_that_never_read_keep_nobody_out() {
    let server = server(LocalConfig { max_connections: 8, ..LocalConfig::default() }).await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(deaf(&server).await);
    }
    for _ in 0..3 {
        is_greeted(&server, Duration::from_secs(5)).await;
    }
}

#[tokio::test]
async fn a_slow_reader_gets_its_whole_answer() {
    let config = LocalConfig { write_timeout: Duration::from_millis(500), ..LocalConfig::default() };
    let server = server(config).await;
    let mut slow = server.connect().await;
    let request = "GET /ui/app.js HTTP/1.1\r\nhost: x\r\n\r\n".repeat(199)
        + "GET /ui/app.js HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    slow.write_all(request.as_bytes()).await.unwrap();
    let (mut total, mut piece) = (0, vec![0; 4 * 1024 * 1024]);
    loop {
        sleep(Duration::from_millis(20)).await;
        match timeout(Duration::from_secs(5), slow.read(&mut piece)).await.expect("more, or the end").unwrap()
        {
            0 => break,
            count => total += count,
        }
    }
    assert!(total > 200 * asset_bytes("app.js"), "{total}");
}

#[tokio::test]
async fn senders_that_stop_hold_up_neither_a_zip_nor_json() {
    let server = server(LocalConfig::default()).await;
    let mut stopped = Vec::new();
    for n in 0..64 {
        let mut sender = server.connect().await;
        let kind = ["application/json", "application/zip", "multipart/form-data; boundary=x"][n % 3];
        let head = format!(
            "POST /run HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\ncontent-length: 900000\r\n\r\n"
        );
        sender.write_all(head.as_bytes()).await.unwrap();
        sender.write_all(&vec![b' '; 300 * 1024]).await.unwrap();
        stopped.push(sender);
    }
    let zip = zip_of(&[("main.py", b"print(1)")]);
    let large = format!("{{\"code\":\"x\"{}}}", " ".repeat(1024 * 1024));
    for (kind, body) in [("application/zip", zip), ("application/json", large.into_bytes())] {
        let begun = Instant::now();
        let mut caller = server.connect().await;
        let head = format!(
            "POST /run HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        caller.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
        let mut answer = String::new();
        timeout(Duration::from_secs(5), caller.read_to_string(&mut answer)).await.expect("served").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{kind}: {:?}", begun.elapsed());
    }
    drop(stopped);
}

#[tokio::test]
async fn two_lengths_are_read_as_the_standard_says_and_nothing_is_smuggled() {
    let server = server(LocalConfig::default()).await;
    let body = "c\r\n{\"code\":\"x\"}\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n";
    for lengths in
        ["transfer-encoding: chunked\r\ncontent-length: 5", "content-length: 5\r\ntransfer-encoding: chunked"]
    {
        let mut caller = server.connect().await;
        let head =
            format!("POST /run HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{lengths}\r\n\r\n");
        caller.write_all((head + body).as_bytes()).await.unwrap();
        let mut answer = String::new();
        timeout(Duration::from_secs(5), caller.read_to_string(&mut answer)).await.expect("closed").unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.matches("HTTP/1.1").count() == 1, "{answer}");
    }
}

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{LocalConfig, serve};
use crate::{
    domain::record::{EndRecord, FailedStatus},
    inbound::http::{HttpConfig, router},
    testing::{House, Plan, rules},
};

const RUN: &[u8] =
    b"POST /run HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{\"code\":\"x\"}";

struct Server {
    house: House,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn server(config: LocalConfig) -> Server {
    let house = House::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let service = house.service.clone();
    let shutdown = async move {
        let _ = stopped.await;
        service.shutdown().await;
    };
    let app = router(house.service.clone(), HttpConfig::new(rules()));
    let task = tokio::spawn(async move { serve(listener, app, config, shutdown).await });
    Server { house, address, stop, task }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn until_running(&self, count: usize) {
        let poll = async {
            while self.house.sandbox.running() != count {
                sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(Duration::from_secs(5), poll).await.expect("it comes to pass in time");
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_stops_the_run_and_the_record_says_so() {
    let server = server(LocalConfig::default()).await;
    server.house.sandbox.plan(Plan::Hang);
    let mut caller = server.connect().await;
    caller.write_all(RUN).await.unwrap();
    server.until_running(1).await;
    drop(caller);
    server.until_running(0).await;
    server.house.service.shutdown().await;
    let end = server.house.store.only_end();
    assert!(matches!(end, Some(EndRecord::Failed { status: FailedStatus::Cancelled, .. })), "{end:?}");
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = server(LocalConfig::default()).await;
    let mut caller = server.connect().await;
    for _ in 0..3 {
        caller.write_all(RUN).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"}}") {
            assert_ne!(caller.read_buf(&mut answer).await.unwrap(), 0);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_is_not_waited_for() {
    let server =
        server(LocalConfig { header_timeout: Duration::from_millis(200), ..LocalConfig::default() }).await;
    let begun = Instant::now();
    let mut loris = server.connect().await;
    loris.write_all(b"POST /run HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    timeout(Duration::from_secs(5), loris.read_to_end(&mut answer)).await.expect("closed").unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_silent_client_does_not_keep_others_out_for_ever() {
    let config = LocalConfig {
        max_connections: 1,
        header_timeout: Duration::from_millis(200),
        ..LocalConfig::default()
    };
    let server = server(config).await;
    let _silent = server.connect().await;
    let mut caller = server.connect().await;
    caller.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(5), caller.read_to_string(&mut answer)).await.expect("answered").unwrap();
    assert!(answer.ends_with("Safe Code Executor API is running!"));
}

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
    let told = std::sync::Arc::new(tokio::sync::Notify::new());
    server.house.sandbox.plan(Plan::Await(std::sync::Arc::clone(&told)));
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

/// Asks for the page's largest file again and again, and reads nothing.
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
    let whole = 1000 * crate::testing::asset_bytes("app.js");
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
    assert!(total > 200 * crate::testing::asset_bytes("app.js"), "{total}");
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
    let zip = crate::testing::zip::zip_of(&[("main.py", b"print(1)")]);
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

#[tokio::test]
async fn a_stop_answers_whoever_is_waiting_and_leaves_no_run() {
    let server = server(LocalConfig::default()).await;
    server.house.sandbox.plan(Plan::Hang);
    let mut caller = server.connect().await;
    caller.write_all(RUN).await.unwrap();
    server.until_running(1).await;
    server.stop.send(()).unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(5), caller.read_to_string(&mut answer)).await.expect("answered").unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("shutting_down"), "{answer}");
    timeout(Duration::from_secs(5), server.task).await.expect("ended").unwrap();
    assert_eq!(server.house.sandbox.running(), 0);
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let server = server(LocalConfig::default()).await;
    let mut caller = server.connect().await;
    let head =
        "POST /run HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20000000\r\n\r\n";
    caller.write_all(head.as_bytes()).await.unwrap();
    caller.write_all(&vec![b' '; 20_000_000]).await.unwrap();
    let mut answer = vec![0; 12];
    caller.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
}

#[tokio::test]
async fn a_client_that_asks_first_is_refused_before_it_sends() {
    let server = server(LocalConfig::default()).await;
    let mut caller = server.connect().await;
    let head = "POST /run HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                content-length: 20000000\r\nexpect: 100-continue\r\n\r\n";
    caller.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    timeout(Duration::from_secs(2), caller.read_exact(&mut answer)).await.expect("at once").unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
}

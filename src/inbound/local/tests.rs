mod crowds;
mod live;

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::{LocalConfig, listen, serve};
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
    let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
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
async fn a_connection_may_idle_for_longer_than_a_load_balancer_keeps_it() {
    assert!(LocalConfig::default().header_timeout > Duration::from_mins(1), "ALB, nginx and Envoy: 60 s");
    let config = LocalConfig { header_timeout: Duration::from_millis(1500), ..LocalConfig::default() };
    let server = server(config).await;
    let mut caller = server.connect().await;
    for _ in 0..3 {
        sleep(Duration::from_secs(1)).await;
        caller.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"running!") {
            assert_ne!(caller.read_buf(&mut answer).await.unwrap(), 0, "closed after a second");
        }
    }
    let mut rest = Vec::new();
    timeout(Duration::from_secs(5), caller.read_to_end(&mut rest)).await.expect("closed at last").unwrap();
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

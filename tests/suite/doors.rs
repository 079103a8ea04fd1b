//! Who gets in: by which name a server is called, from which machine, and beside which crowd.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use rustix::net::sockopt::set_socket_recv_buffer_size;
use serde_json::json;

use crate::support::{Server, alone, archive::zipped, client::Client, client::field, client::file, shared};

#[test]
fn another_host_is_refused_on_every_route_and_http_1_0_needs_none() {
    for (method, path) in
        [("GET", "/"), ("GET", "/history"), ("GET", "/ui"), ("GET", "/nothing"), ("POST", "/run")]
    {
        for host in
            ["attacker.example:5000", "localhost.attacker.example", "127.0.0.1.nip.io", "app.localhost"]
        {
            let answer = raw(&format!(
                "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            ));
            assert!(
                answer.starts_with("HTTP/1.1 403") && answer.contains("\"wrong_host\""),
                "{method} {path} {host}: {answer}"
            );
        }
    }
    for host in ["LOCALHOST:1", "localhost.", "[::1]:5000", "127.1.2.3", "x"] {
        let answer = raw(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{host}: {answer}");
    }
    let body = "{\"code\": \"print(64)\"}";
    let head = format!(
        "POST /run HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let answer = raw(&(head + body));
    assert!(answer.starts_with("HTTP/1.0 200") && answer.contains("64\\n"), "{answer}");
    for heads in ["", "Host: localhost\r\nHost: localhost\r\n"] {
        let answer = raw(&format!("GET / HTTP/1.1\r\n{heads}Connection: close\r\n\r\n"));
        assert!(answer.starts_with("HTTP/1.1 400"), "{heads}: {answer}");
    }
    let answer = raw("GET http://attacker.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

fn raw(request: &str) -> String {
    raw_at(shared(), request)
}

/// What a server answers to this text until it closes the connection.
fn raw_at(server: &Client, request: &str) -> String {
    let mut stream = TcpStream::connect(server.authority()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn other_machines_are_let_in_on_purpose_only_and_a_warning_says_so() {
    let (status, log) = Server::try_start(&[("SCE_LISTEN", "0.0.0.0:0")]).map(|_| ()).unwrap_err();
    assert!(!status.success() && log.contains("SCE_OPEN=true") && log.contains("SCE_LISTEN"), "{log}");
    let server = Server::start(&[("SCE_LISTEN", "0.0.0.0:0"), ("SCE_OPEN", "true"), ("SCE_POOL_SIZE", "0")]);
    assert!(server.log().contains("no authentication"), "{}", server.log());
    assert!(!shared().log().contains("no authentication"), "{}", shared().log());
}

#[test]
fn a_name_on_the_list_is_answered_to() {
    let server = Server::start(&[("SCE_ALLOWED_HOSTS", "code.example.org"), ("SCE_POOL_SIZE", "0")]);
    let asked = |host: &str| {
        let head = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        raw_at(&server, &head)
    };
    assert!(asked("code.example.org:443").starts_with("HTTP/1.1 200"));
    assert!(asked("www.code.example.org").starts_with("HTTP/1.1 403"));
}

#[test]
fn senders_that_stop_hold_up_neither_a_zip_nor_json_nor_a_large_body() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let stopped: Vec<TcpStream> = (0..100)
        .map(|n| {
            let kind = ["application/json", "application/zip", "multipart/form-data; boundary=x"][n % 3];
            let mut stream = TcpStream::connect(server.authority()).unwrap();
            let head = format!(
                "POST /run HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 5000000\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&vec![b' '; 300 * 1024]).unwrap();
            stream
        })
        .collect();
    let project = zipped(&[("main.py", b"print('zip')")]);
    let parts = [file("project.zip", &project), field("language", "python")];
    let begun = Instant::now();
    server.form(&parts).outcome().printed("zip\n");
    server.post(&json!({"code": "print('json')"})).outcome().printed("json\n");
    let large = format!("{{\"code\":\"print('large')\"{}}}", " ".repeat(5 * 1024 * 1024));
    server.post_text(large).outcome().printed("large\n");
    // Three cold runs; the stopped senders have ten seconds before they are cut off.
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
    // Each is told what it did, when its time is over.
    let mut answer = [0; 12];
    let mut first = &stopped[0];
    first.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    first.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[test]
fn five_hundred_clients_that_never_read_keep_nobody_out() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    // Some 3 MB of answers each, for which neither side's socket has room: the server stops in the midst of them.
    let requests = "GET /ui/app.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100);
    let deaf: Vec<TcpStream> = (0..512)
        .map(|_| {
            let mut stream = TcpStream::connect(server.authority()).unwrap();
            set_socket_recv_buffer_size(&stream, 4096).unwrap();
            stream.write_all(requests.as_bytes()).unwrap();
            stream
        })
        .collect();
    for _ in 0..5 {
        // On a connection of its own each time.
        let begun = Instant::now();
        let answer = raw_at(&server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
    server.python("print('served')").printed("served\n");
    drop(deaf);
}

#[test]
fn who_hangs_up_while_an_archive_is_unpacked_costs_nobody_anything() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let noise: Vec<u8> = (0..900_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let bomb = zipped(&[("main.py", b"print(1)"), ("zeros", &vec![0; 7 << 20]), ("noise", &noise)]);
    let head = format!(
        "POST /run HTTP/1.1\r\nHost: x\r\nContent-Type: application/zip\r\nContent-Length: {}\r\n\r\n",
        bomb.len()
    );
    for _ in 0..200 {
        let mut stream = TcpStream::connect(server.authority()).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&bomb).unwrap();
    }
    server.form(&[file("main.py", b"print('served')")]).outcome().printed("served\n");
    let peak = peak_memory(server.pid());
    assert!(peak < 400 * 1024, "{peak} KiB: 200 projects of 8 MiB were held at once");
}

/// The most memory that a process has had, in KiB.
fn peak_memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

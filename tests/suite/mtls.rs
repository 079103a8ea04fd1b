//! A Docker host behind mutual TLS, on loopback: the real engine, and in front of it a door that demands a
//! certificate of the private authority.

use std::path::Path;

use serde_json::json;

use super::support::{
    Server,
    door::Door,
    pki::{authority, folder},
};

fn refusal(host: &str, certificates: &Path) -> String {
    let settings = [("DOCKER_HOST", host), ("DOCKER_CERT_PATH", certificates.to_str().unwrap())];
    match Server::try_start(&settings) {
        Ok(_) => panic!("it serves"),
        Err((status, log)) => {
            assert!(!status.success());
            log
        }
    }
}

#[test]
fn programs_run_on_a_docker_host_behind_mutual_tls_and_connections_are_kept() {
    let ca = authority();
    let (door, certificates) = (Door::open(&ca), folder(&ca, &ca));
    let server = Server::start(&[
        ("DOCKER_HOST", &door.host()),
        ("DOCKER_CERT_PATH", certificates.path().to_str().unwrap()),
        ("SCE_POOL_SIZE", "0"),
    ]);
    let before = door.handshakes();
    for n in 0..5 {
        let outcome = server.run(&json!({"code": format!("print({n})")}));
        assert_eq!((outcome.output(), outcome.status()), (format!("{n}\n").as_str(), "completed"));
    }
    let outcome = server.run(&json!({"code": "while True: pass", "limits": {"timeout_seconds": 1}}));
    assert_eq!(outcome.status(), "time_limit");
    // An attached stream takes its connection with it; every other call can use one that is there.
    let handshakes = door.handshakes() - before;
    assert!(handshakes <= 6 * 3, "{handshakes} handshakes for 6 runs of some 7 calls each");
}

#[test]
fn a_host_of_another_authority_is_not_believed() {
    let (ours, theirs) = (authority(), authority());
    let log = refusal(&Door::open(&theirs).host(), folder(&ours, &ours).path());
    assert!(log.contains("no Docker Engine answers") && log.contains("certificate"), "{log}");
}

#[test]
fn a_certificate_of_another_authority_opens_no_door() {
    let (ours, theirs) = (authority(), authority());
    let log = refusal(&Door::open(&ours).host(), folder(&ours, &theirs).path());
    assert!(log.contains("no Docker Engine answers"), "{log}");
}

#[test]
fn missing_and_broken_certificates_are_named() {
    let ca = authority();
    let door = Door::open(&ca);
    for (file, content) in [("key.pem", None), ("cert.pem", Some("rubbish")), ("ca.pem", Some(""))] {
        let certificates = folder(&ca, &ca);
        let path = certificates.path().join(file);
        match content {
            None => std::fs::remove_file(path).unwrap(),
            Some(text) => std::fs::write(path, text).unwrap(),
        }
        let log = refusal(&door.host(), certificates.path());
        assert!(log.contains(file), "{file}: {log}");
    }
    assert_eq!(door.handshakes(), 0, "it never goes on without a certificate");
}

#[test]
fn a_tcp_host_without_certificates_is_refused_before_anything_is_sent() {
    let log = match Server::try_start(&[("DOCKER_HOST", "tcp://127.0.0.1:1")]) {
        Ok(_) => panic!("it serves"),
        Err((_, log)) => log,
    };
    assert!(log.contains("DOCKER_CERT_PATH") && log.contains("SCE_DOCKER_INSECURE"), "{log}");
}

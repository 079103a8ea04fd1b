//! A Docker host behind mutual TLS, on loopback: the real engine, and in front of it a door that demands a
//! certificate of the private authority.

mod cuts;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::json;

use super::support::{
    Server,
    door::Door,
    engine,
    pki::{self, authority, folder},
    secrets::Secrets,
    within,
};

/// The name by which these tests' servers call their host.
const HERE: &[&str] = &["127.0.0.1"];

fn socket() -> PathBuf {
    engine::socket().into()
}

/// Waits for what the server says after the first `since` bytes of its log.
#[track_caller]
fn says(server: &Server, since: usize, words: &str) {
    let said = within(Duration::from_secs(40), || server.log()[since..].contains(words).then_some(()));
    assert!(said.is_some(), "`{words}` is not in what it says:\n{}", &server.log()[since..]);
}

#[track_caller]
fn serves_within(server: &Server, patience: Duration) {
    let served = || (server.post(&json!({"code": "print(1)"})).status == 200).then_some(());
    assert!(within(patience, served).is_some(), "it does not serve:\n{}", server.log());
}

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
    assert!(
        log.contains("no Docker Engine answers") && log.contains("cert.pem is not certified by"),
        "{log}"
    );
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

#[test]
fn an_expired_certificate_of_ours_is_named_with_its_day_and_never_shown() {
    let ca = authority();
    let (door, certificates) = (Door::open(&ca), folder(&ca, &ca));
    pki::fill(certificates.path(), &ca, &pki::expired_client(&ca));
    let log = refusal(&door.host(), certificates.path());
    assert!(log.contains("cert.pem is not usable: it expires on 2024-02-29"), "{log}");
    assert_eq!(door.handshakes(), 0);
}

#[test]
fn what_is_wrong_with_a_host_is_named_in_the_log_and_503_to_the_caller() {
    let (ours, theirs) = (authority(), authority());
    let door = Door::open(&ours);
    let (address, certificates) = (door.address.to_string(), folder(&ours, &ours));
    let server = Server::start(&[
        ("DOCKER_HOST", &door.host()),
        ("DOCKER_CERT_PATH", certificates.path().to_str().unwrap()),
        ("SCE_POOL_SIZE", "0"),
    ]);
    drop(door);
    let good = || pki::server(&ours, HERE);
    let cases = [
        (pki::expired_server(&ours, HERE), &ours, "is not to be trusted: it expires on 2024-02-29"),
        (pki::server(&theirs, HERE), &ours, "is not to be trusted: it is by another authority"),
        (pki::server(&ours, &["docker.test"]), &ours, "is for another name"),
        (good(), &theirs, "refuses our certificate"),
    ];
    for (shown, trusted, words) in cases {
        let since = server.log().len();
        let bad = Door::showing(&shown, trusted, &address, socket());
        let refused = || {
            let refusal = server.post(&json!({"code": "print(1)"})).refusal(503);
            assert!(refusal.error == "The Docker host is unavailable. Try again later.", "{}", refusal.error);
            server.log()[since..].contains(words).then_some(())
        };
        let named = within(Duration::from_secs(40), refused);
        assert!(named.is_some(), "`{words}` is not in what it says:\n{}", &server.log()[since..]);
        // An answer may be a second old.
        let health = within(Duration::from_secs(5), || {
            let health = server.get("/health");
            (health.status == 503).then_some(health)
        });
        let health = health.expect("503 from /health");
        for inside in ["127.0.0.1", "certificate", certificates.path().to_str().unwrap()] {
            assert!(!health.text().contains(inside), "{}", health.text());
        }
        drop(bad);
        let _good = Door::showing(&good(), &ours, &address, socket());
        serves_within(&server, Duration::from_secs(40));
    }
}

/// An attached stream takes its connection with it: after a few runs those that were kept are used up.
#[track_caller]
fn runs_on_a_new_connection(server: &Server, door: &Door) {
    let before = door.handshakes();
    for _ in 0..20 {
        server.python("print(1)").printed("1\n");
        if door.handshakes() > before {
            return;
        }
    }
    panic!("no new connection in 20 runs");
}

#[test]
fn new_certificates_are_used_without_a_restart_and_bad_ones_change_nothing() {
    let (old, new) = (authority(), authority());
    let door = Door::open(&old);
    let (address, certificates) = (door.address.to_string(), folder(&old, &old));
    let server = Server::start(&[
        ("DOCKER_HOST", &door.host()),
        ("DOCKER_CERT_PATH", certificates.path().to_str().unwrap()),
        ("SCE_POOL_SIZE", "0"),
    ]);
    let first = door.shown();

    // A bad one is named, and the one in memory serves on.
    let since = server.log().len();
    fs::write(certificates.path().join("cert.pem"), "rubbish").unwrap();
    says(&server, since, "cert.pem is not usable");
    fs::remove_file(certificates.path().join("key.pem")).unwrap();
    says(&server, since, "key.pem");
    runs_on_a_new_connection(&server, &door);
    assert_eq!(door.shown(), first);

    // A good one is shown on every connection from then on.
    let since = server.log().len();
    let next = pki::client(&old);
    pki::fill(certificates.path(), &old, &next);
    says(&server, since, "new certificates for the Docker hosts are in use");
    runs_on_a_new_connection(&server, &door);
    assert_eq!(door.shown(), next.0.der().to_vec());

    // Another authority on both sides: the first handshake that fails has the files read again.
    drop(door);
    let _door = Door::showing(&pki::server(&new, HERE), &new, &address, socket());
    pki::fill(certificates.path(), &new, &pki::client(&new));
    serves_within(&server, Duration::from_secs(30));
}

#[test]
fn certificates_come_from_a_secret_and_follow_it() {
    let (old, new) = (authority(), authority());
    let door = Door::open(&old);
    let address = door.address.to_string();
    let secrets = Secrets::start(&pki::secret(&old, &pki::client(&old)));
    let settings = |secrets: &Secrets, door: &Door| {
        [
            ("DOCKER_HOST", door.host()),
            ("SCE_DOCKER_CERT_SECRET", "docker/client".to_owned()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets.url()),
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("SCE_POOL_SIZE", "0".to_owned()),
        ]
    };
    let own = settings(&secrets, &door);
    let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let server = Server::start(&own);
    server.python("print('by a secret')").printed("by a secret\n");
    assert_eq!(secrets.asked(), 1, "it is kept in memory");
    // Long before the next look at it, a handshake that fails has it read again.
    drop(door);
    let door = Door::showing(&pki::server(&new, HERE), &new, &address, socket());
    secrets.change(&pki::secret(&new, &pki::client(&new)));
    serves_within(&server, Duration::from_secs(30));
    drop(server);

    let no_key = json!({"ca": new.pem(), "cert": "SECRET-PEM"});
    let secrets = Secrets::start(&no_key);
    let own = settings(&secrets, &door);
    let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let Err((_, log)) = Server::try_start(&own) else { panic!("it serves") };
    assert!(log.contains("the secret `docker/client` is not usable") && !log.contains("SECRET-PEM"), "{log}");
}

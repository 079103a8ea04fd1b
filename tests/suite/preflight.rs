//! Fail closed: what is missing is named, and nothing is served.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::net::{UnixListener, UnixStream},
    process::ExitStatus,
    thread,
    time::Duration,
};

use crate::support::{Server, engine, languages::LanguagesDir, port_free_on, within};

/// Fails unless the server refuses to serve, soon, naming each of `words`.
#[track_caller]
fn refuses(settings: &[(&str, &str)], words: &[&str]) -> String {
    let began = std::time::Instant::now();
    let (status, said): (ExitStatus, String) =
        Server::try_start(settings).err().unwrap_or_else(|| panic!("it serves with {settings:?}"));
    assert!(began.elapsed() < Duration::from_secs(40), "it took {:?} to say no", began.elapsed());
    assert!(status.code().is_some_and(|code| code != 0), "{status}: {said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in what it said:\n{said}");
    }
    assert!(!said.contains("listening on"), "it listened before it knew:\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn without_an_engine_it_does_not_serve() {
    let folder = tempfile::TempDir::new().unwrap();
    let nothing = format!("unix://{}/docker.sock", folder.path().display());
    refuses(&[("DOCKER_HOST", &nothing)], &["Docker"]);
    let nobody = format!("tcp://127.0.0.1:{}", port_free_on(&["127.0.0.1"]));
    refuses(&[("DOCKER_HOST", &nobody), ("SCE_DOCKER_INSECURE", "true")], &["Docker"]);
}

#[test]
fn an_engine_that_never_answers_is_as_good_as_none() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("deaf.sock");
    let _deaf = std::os::unix::net::UnixListener::bind(&path).unwrap(); // takes connections, says nothing
    refuses(&[("DOCKER_HOST", &format!("unix://{}", path.display()))], &["Docker"]);
}

/// The answers of Podman 5.4.2 to what the server asks first; to all else it has none. `make test-vm` asks a real one.
fn answer_as_podman(connection: &UnixStream) {
    let mut lines = BufReader::new(connection).lines().map_while(Result::ok);
    while let Some(request) = lines.next() {
        let _head = lines.by_ref().take_while(|line| !line.is_empty()).count();
        let (status, body) = match request.split([' ', '?']).nth(1).unwrap_or_default() {
            path if path.ends_with("/_ping") => ("200 OK", "OK"),
            path if path.ends_with("/version") => (
                "200 OK",
                r#"{"Version": "5.4.2", "Components": [{"Name": "Podman Engine", "Version": "5.4.2"}]}"#,
            ),
            _ => ("500 Internal Server Error", "{}"),
        };
        let mut connection = connection;
        let head =
            format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}", body.len());
        write!(connection, "{head}\r\n\r\n{body}").ok();
    }
}

#[test]
fn podman_is_refused_in_one_sentence() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("podman.sock");
    let socket = UnixListener::bind(&path).unwrap();
    thread::spawn(move || {
        for connection in socket.incoming().map_while(Result::ok) {
            thread::spawn(move || answer_as_podman(&connection));
        }
    });
    let said =
        refuses(&[("DOCKER_HOST", &format!("unix://{}", path.display()))], &["Podman 5.4.2", "MaskedPaths"]);
    let reasons = said.lines().filter(|line| line.starts_with("  * ")).count();
    assert_eq!(reasons, 1, "more than one reason:\n{said}");
}

#[test]
fn a_runtime_the_engine_does_not_know_is_named() {
    refuses(&[("SCE_RUNTIME", "no-such-runtime")], &["no-such-runtime"]);
}

#[test]
fn where_no_language_can_be_run_each_is_named_with_its_reason() {
    let none = LanguagesDir::with(
        &["python", "javascript"],
        &[("image = \"node:18-slim\"", "image = \"no.such/image:1\""), ("[\"python3\"", "[\"python4\"")],
    );
    refuses(&[("SCE_LANGUAGES_DIR", none.path())], &["javascript", "no.such/image:1", "python4"]);
}

#[test]
fn every_bad_setting_is_named_at_once() {
    let folder = tempfile::TempDir::new().unwrap();
    let nothing = folder.path().join("languages");
    refuses(
        &[
            ("SCE_MAX_RUNNING", "0"),
            ("SCE_TIMEOUT_SECONDS", "-1"),
            ("SCE_MEMORY_MB", "lots"),
            ("SCE_POOL_SIZE", "cobol=1"),
            ("SCE_LOG_FORMAT", "xml"),
            ("SCE_LANGUAGES_DIR", nothing.to_str().unwrap()),
            ("SCE_NO_SUCH_SETTING", "1"),
        ],
        &[
            "SCE_MAX_RUNNING",
            "SCE_TIMEOUT_SECONDS",
            "SCE_MEMORY_MB",
            "SCE_POOL_SIZE",
            "SCE_LOG_FORMAT",
            "SCE_LANGUAGES_DIR",
            "SCE_NO_SUCH_SETTING",
        ],
    );
}

#[test]
fn tcp_without_certificates_is_refused_unless_asked_for() {
    let said = refuses(&[("DOCKER_HOST", "tcp://127.0.0.1:2376")], &["DOCKER_HOST", "DOCKER_CERT_PATH"]);
    assert!(said.contains("SCE_DOCKER_INSECURE"), "{said}");
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().to_str().unwrap();
    refuses(&[("DOCKER_HOST", "tcp://127.0.0.1:2376"), ("DOCKER_CERT_PATH", path)], &["ca.pem"]);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refuses(&[("SCE_LISTEN", &address)], &[&address]);
}

#[test]
fn a_data_folder_that_cannot_be_used_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = file.path().join("data");
    let below = below.to_str().unwrap();
    refuses(&[("SCE_STORE", "sqlite"), ("SCE_DATA_DIR", below)], &[below]);
}

#[test]
fn a_refusal_leaves_nothing_on_the_engine() {
    let deployment = format!("test-{}", crate::support::nonce());
    refuses(&[("SCE_DEPLOYMENT", &deployment), ("SCE_RUNTIME", "no-such-runtime")], &[]);
    let gone = within(Duration::from_secs(5), || engine::sandboxes(&deployment).is_empty().then_some(()));
    assert!(gone.is_some(), "{:?}", engine::sandboxes(&deployment));
}

//! The function whose Docker host is not there, or not fit.

use std::{os::unix::fs::symlink, time::Instant};

use serde_json::json;
use tempfile::TempDir;

use crate::{
    emulator::{Function, fixture},
    engine,
};

#[test]
fn without_a_docker_host_it_answers_and_it_serves_as_soon_as_there_is_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("docker.sock");
    let function = Function::start(&[("DOCKER_HOST", &format!("unix://{}", path.display()))]);

    assert_eq!(function.ask(&fixture("apigw-rest-get")).0, 200);
    let asked = Instant::now();
    let (status, body) = function.run("print(1)");
    assert_eq!((status, &body["code"]), (503, &"docker_unavailable".into()), "{body}");
    assert!(asked.elapsed().as_secs() < 5, "{:?}", asked.elapsed());
    let mut health = fixture("apigw-rest-get");
    health["path"] = "/health".into();
    let (status, body) = function.ask(&health);
    assert_eq!(
        (status, &body["docker"]["ok"], &body["store"]["ok"]),
        (503, &false.into(), &true.into()),
        "{body}"
    );
    assert_eq!(function.invoke(&fixture("maintain"))["errorType"], "docker_unavailable");
    assert_eq!(function.invoke(&fixture("direct"))["errorType"], "docker_unavailable");
    // Every message that could be run comes again; the two that are no good requests are on record as such.
    let given_back = function.invoke(&fixture("sqs-batch"));
    assert_eq!(given_back["batchItemFailures"].as_array().map(Vec::len), Some(8), "{given_back}");

    symlink(engine::socket(), &path).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    let (status, body) = function.run("print(1)");
    assert_eq!((status, &body["output"]), (200, &"1\n".into()), "{body}");
    let (status, body) = function.ask(&health);
    assert_eq!((status, &body["status"]), (200, &"ok".into()), "{body}");
    assert_eq!(function.invoke(&fixture("sqs-batch")), json!({ "batchItemFailures": [] }));
}

#[test]
fn nothing_runs_on_a_docker_host_that_did_not_pass_its_checks() {
    let function = Function::start(&[("SCE_RUNTIME", "no-such-runtime")]);
    for _ in 0..2 {
        let (status, body) = function.run("print(1)");
        assert_eq!((status, &body["code"]), (503, &"docker_unavailable".into()), "{body}");
        std::thread::sleep(std::time::Duration::from_millis(1100));
    }
    assert_eq!(function.ask(&fixture("apigw-rest-get")).0, 200);
}

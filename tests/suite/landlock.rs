//! A kernel without Landlock: refused, unless the operator says otherwise; then stood in for, and told.
//!
//! The kernel of these tests has Landlock. An engine of their own has a runtime in whose containers its calls are unknown
//! (`infra/local/runc-no-landlock.py`). `make test-no-landlock` runs the attacks there.

use serde_json::json;

use crate::support::{Server, private_engine::PrivateEngine, shared, without_landlock};

#[test]
fn what_stands_in_for_landlock_is_asked_for_by_name_and_told() {
    let engine = PrivateEngine::start();
    let host = engine.host();
    let settings = |runtime: &'static str, landlock: &'static str| {
        [
            ("DOCKER_HOST", host.clone()),
            ("SCE_LANGUAGES", "python".to_owned()),
            ("SCE_POOL_SIZE", "0".to_owned()),
            ("SCE_RUNTIME", runtime.to_owned()),
            ("SCE_LANDLOCK", landlock.to_owned()),
        ]
    };
    let start = |runtime, landlock| {
        let settings = settings(runtime, landlock);
        Server::try_start(&settings.each_ref().map(|(name, value)| (*name, value.as_str())))
    };
    let Err((_, said)) = start("runc-no-landlock", "required") else { panic!("it serves without Landlock") };
    assert!(said.contains("has no Landlock") && said.contains("SCE_LANDLOCK=optional"), "{said}");

    for (runtime, has) in [("runc-no-landlock", false), ("runc", true)] {
        let server = start(runtime, "optional").unwrap_or_else(|(_, said)| panic!("{said}"));
        assert_eq!(server.get("/health").json()["docker"]["landlock"], has, "{runtime}");
        assert_eq!(server.log().contains("has no Landlock"), !has, "{}", server.log());
        let code = "import os\ntotal = int(input())\nfor path in ('/sandbox/x', '/proc/self/mem', '/proc/self/oom_score_adj'):\n \
            try: open(path, 'r+b')\n except OSError as e: total += 1\n\
            print(total, sum(name.isdigit() for name in os.listdir('/proc')))";
        // With Landlock one process more is there: the interpreter from which each case is forked.
        let processes = if has { 3 } else { 2 };
        let case = |number: u32| json!({"stdin": number.to_string(), "expected_output": format!("{} {processes}", number + 3)});
        let outcome = server.run(&json!({"code": code, "tests": [case(1), case(2), case(3)]}));
        assert_eq!(outcome.0["summary"]["passed"], 3, "{runtime}: {}", outcome.0);
        assert_eq!(outcome.0["sandbox"]["landlock"], has, "{runtime}");
    }
}

#[test]
fn health_and_answers_say_whether_landlock_confines_the_programs() {
    let server = shared();
    let has = !without_landlock();
    assert_eq!(server.get("/health").json()["docker"]["landlock"], has);
    assert_eq!(server.python("pass").0["sandbox"]["landlock"], has);
}

//! Server-sent events.

use std::{collections::BTreeMap, thread::sleep, time::Duration};

use serde_json::json;

use super::{Event, look_on};
use crate::support::{Outcome, Server, alone, engine, host, in_parallel, shared, within};

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

#[test]
fn each_line_of_four_programs_arrives_as_it_is_written_and_in_order() {
    let _alone = alone();
    let code =
        "import time\nfor n in range(15):\n    print(n, repr(time.time()), flush=True)\n    time.sleep(0.2)";
    let runs = in_parallel(4, &[(); 4], |()| {
        let mut events = look_on(shared(), &json!({"code": code}));
        events.rest()
    });
    let mut late = Vec::new();
    for events in &runs {
        // `print` of an unbuffered interpreter writes a line in pieces, and each may come by itself: a line is there with its end.
        let (mut next, mut begun) = (0, String::new());
        for event in events.iter().filter(|event| event.name == "output") {
            begun += event.data["text"].as_str().unwrap();
            while let Some((line, rest)) = begun.split_once('\n') {
                let (number, written) = line.split_once(' ').unwrap();
                assert_eq!(number, next.to_string());
                next += 1;
                late.push(event.arrived - written.parse::<f64>().unwrap());
                begun = rest.to_owned();
            }
        }
        assert_eq!((next, begun.as_str()), (15, ""));
        assert_eq!(names(&events[..2]), ["accepted", "began"]);
        assert_eq!(names(&events[events.len() - 2..]), ["ended", "result"]);
    }
    late.sort_by(f64::total_cmp);
    // How long exactly is measured by `make bench`.
    let median = late[late.len() / 2];
    assert!(median <= 0.2, "half of the lines arrive before the next is written: {median} s");
}

#[test]
fn both_streams_of_a_test_case_are_told_whether_something_is_expected_or_not() {
    let code = "import sys\nprint('out', input())\nprint('err', file=sys.stderr)";
    let tests = json!([{"stdin": "1", "expected_output": "out 1"}, {"stdin": "2", "expected_output": "no"}, {"stdin": "3"}]);
    let events = look_on(shared(), &json!({"code": code, "tests": tests})).rest();
    // By step and stream: one `print` may come in several events.
    let mut told = BTreeMap::<_, String>::new();
    for event in events.iter().filter(|event| event.name == "output") {
        let of = (event.data["step"].as_u64().unwrap(), event.data["stream"].as_str().unwrap());
        *told.entry(of).or_default() += event.data["text"].as_str().unwrap();
    }
    let expected: BTreeMap<_, _> = (0..3)
        .flat_map(|n| [((n, "error"), "err\n".to_owned()), ((n, "output"), format!("out {}\n", n + 1))])
        .collect();
    assert_eq!(told, expected);
}

#[test]
fn the_result_is_the_answer_that_there_is_without_events() {
    for (language, code) in [
        ("python", "import sys; print('größer 日本 😀'); print('e', file=sys.stderr)"),
        ("python", "import sys; sys.stdout.buffer.write(b'a\\xffb'); sys.exit(3)"),
        ("javascript", "console.log('größer 日本 😀'); process.exitCode = 2"),
    ] {
        let request = json!({"language": language, "code": code});
        let told = look_on(shared(), &request).rest();
        let plain = shared().run(&request);
        let result = told.last().unwrap();
        assert_eq!(result.name, "result");
        Outcome::checked(result.data.clone(), Duration::from_secs(30));
        for field in [
            "language",
            "output",
            "error",
            "exit_code",
            "status",
            "output_base64",
            "truncated",
            "bytes",
            "limits",
            "sandbox",
        ] {
            assert_eq!(result.data[field], plain.0[field], "{field}");
        }
        assert_eq!(result.data["id"], told[0].data["id"]);
        let fields = |text: &str| text.matches("\":").count();
        assert_eq!(fields(&result.text), fields(&plain.0.to_string()));
    }
}

#[test]
fn a_refusal_is_no_stream() {
    let headers = [("content-type", "application/json"), ("accept", "text/event-stream")];
    let refusal = shared().send("POST", "/run", &headers, b"{}").refusal(400);
    assert_eq!(refusal.code, "invalid_request");
}

#[test]
fn characters_are_whole_however_the_program_cuts_them() {
    let code = "import sys, time\nfor byte in '日本 😀 größer\\n'.encode():\n    sys.stdout.buffer.write(bytes([byte])); sys.stdout.flush(); time.sleep(0.01)";
    let told = look_on(shared(), &json!({"code": code})).rest();
    let outputs: Vec<_> = told.iter().filter(|event| event.name == "output").collect();
    assert!(outputs.len() > 5, "{told:?}");
    let text: String = outputs.iter().map(|event| event.data["text"].as_str().expect("text")).collect();
    assert_eq!(text, "日本 😀 größer\n");
}

#[test]
fn a_reader_that_stops_for_five_seconds_slows_no_program_and_costs_no_memory() {
    let _alone = alone();
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let code = "import sys, time\nbegun = time.monotonic()\nfor n in range(7 * 16):\n    sys.stdout.write('x' * 65535 + '\\n')\nsys.stdout.flush()\nprint(time.monotonic() - begun, file=sys.stderr)";
    server.python("pass");
    let before = host::footprint(server.pid()).memory_kib;
    let mut events = look_on(&server, &json!({"code": code}));
    assert_eq!(events.next().unwrap().name, "accepted");
    let mut most = before;
    for _ in 0..50 {
        sleep(Duration::from_millis(100));
        most = most.max(host::footprint(server.pid()).memory_kib);
    }
    let told = events.rest();
    let total = 7 * 16 * 65_536_u64;
    let (mut told_bytes, mut gaps) = (0, 0);
    for event in told.iter().filter(|event| event.data["stream"] == "output") {
        match event.name.as_str() {
            "output" => {
                assert_eq!(event.data["at"], told_bytes + gaps);
                told_bytes += event.data["text"].as_str().unwrap().len() as u64;
            }
            _ => gaps += event.data["bytes"].as_u64().unwrap(),
        }
    }
    assert_eq!(told_bytes + gaps, total);
    assert!(gaps > 0, "nothing was left out of {told_bytes}");
    let result = Outcome::checked(told.last().unwrap().data.clone(), Duration::from_secs(30));
    result.ended("completed", 0);
    assert_eq!(result.bytes("output"), total);
    let took: f64 = result.error().trim().parse().unwrap();
    assert!(took < 3.0, "the program was slowed: {took} s");
    let more = most.saturating_sub(before);
    println!("a stalled reader of 7 MiB: the server grew by {more} KiB");
    assert!(more < 8 * 1024, "the server grew by {more} KiB");
}

#[test]
fn a_client_that_goes_away_takes_its_sandbox_with_it() {
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    let mut events = look_on(&server, &json!({"code": "print(1, flush=True)\nimport time; time.sleep(60)"}));
    while events.next().unwrap().name != "output" {}
    drop(events);
    let gone =
        within(Duration::from_secs(2), || engine::sandboxes(&server.deployment).is_empty().then_some(()));
    assert!(gone.is_some(), "{:?}", engine::sandboxes(&server.deployment));
}

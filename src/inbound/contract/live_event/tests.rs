use serde_json::{Value, json};

use super::*;
use crate::testing::exited;

fn output(stream: StreamName, at: u64, bytes: &[u8]) -> LiveEvent {
    LiveEvent::Output { step: 0, stream, at, bytes: Bytes::copy_from_slice(bytes) }
}

fn told(events: impl IntoIterator<Item = LiveEvent>) -> Vec<(&'static str, Value)> {
    let mut telling = Telling::default();
    let mut all = Vec::new();
    for event in events {
        telling.take(event);
        while let Some(Told { name, data }) = telling.told() {
            all.push((name, serde_json::from_str(&data).unwrap()));
        }
    }
    all
}

fn text(at: usize, text: &str) -> (&'static str, Value) {
    ("output", json!({"step": 0, "stream": "output", "at": at, "text": text}))
}

fn base64(at: usize, base64: &str) -> (&'static str, Value) {
    ("output", json!({"step": 0, "stream": "output", "at": at, "base64": base64}))
}

#[test]
fn no_character_is_torn_wherever_the_pieces_are_cut() {
    let all = "aß日😀b".as_bytes();
    for first in 0..all.len() {
        for second in first..all.len() {
            let cuts = [(0, &all[..first]), (first, &all[first..second]), (second, &all[second..])];
            let events = cuts.map(|(at, bytes)| output(StreamName::Stdout, at as u64, bytes));
            let (mut whole, mut next) = (String::new(), 0);
            for (_, event) in told(events) {
                assert_eq!(event["at"], next, "{first} {second}");
                whole += event["text"].as_str().expect("text");
                next = whole.len();
            }
            assert_eq!(whole.as_bytes(), all);
        }
    }
}

#[test]
fn each_stream_keeps_its_own_beginning_of_a_character() {
    let events = told([
        output(StreamName::Stdout, 0, b"\xe6\x97"),
        output(StreamName::Stderr, 0, b"x\xc3"),
        output(StreamName::Stdout, 2, b"\xa5"),
        output(StreamName::Stderr, 2, b"\x9f"),
    ]);
    let texts: Vec<_> =
        events.iter().map(|(_, event)| (&event["stream"], &event["at"], &event["text"])).collect();
    let (stdout, stderr) = (json!("output"), json!("error"));
    assert_eq!(
        texts,
        [
            (&stderr, &json!(0), &json!("x")),
            (&stdout, &json!(0), &json!("日")),
            (&stderr, &json!(1), &json!("ß"))
        ]
    );
}

#[test]
fn what_is_not_utf8_comes_as_base64_and_only_that_piece() {
    let events = [
        output(StreamName::Stdout, 0, b"a\xff"),
        output(StreamName::Stdout, 2, b"b"),
        output(StreamName::Stdout, 3, b"c\xed\xa0\x80"),
    ];
    assert_eq!(told(events), [base64(0, "Yf8="), text(2, "b"), base64(3, "Y+2ggA==")]);
}

#[test]
fn a_character_that_never_ends_is_told_before_the_gap_or_the_end() {
    let gap = LiveEvent::Gap { step: 0, stream: StreamName::Stdout, bytes: 5 };
    let events = told([
        output(StreamName::Stdout, 0, b"a\xe6\x97"),
        gap,
        output(StreamName::Stdout, 8, b"\xa5b\xe6"),
        LiveEvent::Ended { step: 0, outcome: Box::new(exited(0, "")) },
    ]);
    assert_eq!(events[..2], [text(0, "a"), base64(1, "5pc=")]);
    assert_eq!(events[2], ("gap", json!({"step": 0, "stream": "output", "bytes": 5})));
    assert_eq!(events[3..6], [base64(8, "pQ=="), text(9, "b"), base64(10, "5g==")]);
    assert_eq!((events[6].0, events.len()), ("ended", 7));
}

#[test]
fn the_end_of_a_step_says_how_it_ended_without_its_output() {
    let events = told([LiveEvent::Ended { step: 3, outcome: Box::new(exited(2, "four")) }]);
    let ended = json!({
        "step": 3, "status": "nonzero_exit", "exit_code": 2, "bytes": {"output": 4, "error": 0},
        "usage": {"wall_ms": 3.1, "cpu_ms": 2.2, "memory_bytes": 8_421_376},
    });
    assert_eq!(events, [("ended", ended)]);
}

#[test]
fn an_event_on_a_socket_has_its_name_as_type() {
    let mut telling = Telling::default();
    telling.take(LiveEvent::Began { step: 7, compiles: false });
    assert_eq!(telling.told().unwrap().into_object(), r#"{"type":"began","step":7}"#);
    assert_eq!(Told::error(r#"{"error":"x"}"#.to_owned()).into_object(), r#"{"type":"error","error":"x"}"#);
}

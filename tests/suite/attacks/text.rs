//! Output that means something to whoever reads it: a parser, a terminal, a browser, a log.

use crate::{
    attacks::attacks,
    support::{Outcome, nonce, shared},
};

fn has_its_bytes_beside_it(outcome: &Outcome) {
    let bytes = b"ok \xff\xfe \xc0\x80 \xed\xa0\x80 \xf5\x80\x80\x80 \xe2\x82 end";
    assert_eq!(outcome.raw("output"), bytes);
    assert!(outcome.output().starts_with("ok \u{fffd}") && outcome.output().ends_with(" end"));
}

attacks! { "text":
    bytes_that_are_no_text_are_given_beside_what_can_be_read => "not_utf8.py".and(has_its_bytes_beside_it);
    characters_split_over_many_writes_arrive_whole => "split_characters.py".says("grün 日本 😀 \u{301}");
    control_sequences_are_only_data => "terminal.py".says(
        "\u{1b}[2J\u{1b}[H\u{1b}]0;title\u{7}\u{1b}[31mred\u{1b}[0m \u{1b}[6n \u{9b}31m \u{8}\u{8}\u{7f}\r\0\n");
    controls_of_direction_are_only_data => "bidi.py".says(
        "\u{202e}gnp.exe\u{202c} \u{2066}isolate\u{2069} \u{200b}\u{200d}\u{feff} \u{2028}\u{2029}\n");
    markup_is_only_data => "markup.py".says(
        "</script><script>alert(1)</script><img src=x onerror=alert(1)>&lt;\"'`${7*7}{{7*7}}\n");
    output_that_looks_like_log_lines_is_only_output => "log_lines.py".ends(&["nonzero_exit"]).code(1);
    output_that_looks_like_an_http_answer_is_only_output => "headers.py".says(
        "HTTP/1.1 500 Internal Server Error\r\nSet-Cookie: forged=1\r\n\r\n{}");
}

#[test]
fn neither_code_nor_output_is_ever_in_the_log() {
    let mark = nonce();
    let code = format!("print('out {mark}'); import sys; sys.exit('err {mark}')");
    let request = serde_json::json!({"code": code, "stdin": mark, "args": [mark]});
    let outcome = shared().run(&request);
    outcome.ended("nonzero_exit", 1);
    shared().post(&serde_json::json!({"code": 1, "language": mark})).refusal(400);
    assert!(!shared().log().contains(&mark), "the log tells what callers sent or programs wrote");
}

#[test]
fn each_execution_is_one_line_of_the_log() {
    let outcome = shared().python("print('one\\ntwo\\r\\nthree\\u2028four')");
    let line = || shared().log().lines().filter(|line| line.contains(outcome.id())).count();
    crate::support::within(std::time::Duration::from_secs(2), || (line() > 0).then_some(())).expect("a line");
    let log = shared().log();
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(outcome.id())).collect();
    let told = lines.iter().filter(|line| line.contains("completed")).count();
    assert_eq!(told, 1, "{lines:#?}");
    for line in log.lines().filter(|line| line.starts_with('{')) {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "not one JSON object: {line}");
    }
}

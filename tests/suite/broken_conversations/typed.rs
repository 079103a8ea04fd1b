//! The line between handler and engine, cut at each message of a program that is typed into.

use serde_json::json;

use super::{GONE, holds_no_answer, nothing_is_left};
use crate::{
    live::typed::Socket,
    support::{nonce, proxy::Proxy},
};

#[test]
fn a_line_cut_at_any_message_of_a_typed_run_is_told_as_the_last_event_and_no_input_is_sent_twice() {
    let line = Proxy::start();
    let server = line.server(&[("SCE_POOL_SIZE", "0"), ("SCE_LANGUAGES", "python")]);
    type Cut = fn(&Proxy, &str);
    let cuts: [(&str, Cut, usize); 5] = [
        ("before the input", |line, mark| line.cut_at(&format!("typed-{mark}"), false), 0),
        ("after the input", |line, mark| line.cut_at(&format!("typed-{mark}"), true), 1),
        ("before the output", |line, mark| line.cut_in_answer(&format!("heard-{mark}")), 1),
        ("after the output", |line, mark| line.cut_after_answer(&format!("heard-{mark}")), 1),
        // Both lines together are in the report alone.
        ("in the report", |line, mark| line.cut_in_answer(&format!("on\nheard-{mark}")), 1),
    ];
    for (name, cut, sent) in cuts {
        let mark = nonce();
        line.watch(&format!("typed-{mark}"));
        let code = "import time\n\
                    print('on', flush=True)\n\
                    mark = input().removeprefix('typed-')\n\
                    time.sleep(1)\n\
                    print('heard', mark, sep='-', flush=True)\n\
                    time.sleep(0.15)";
        let mut socket = Socket::open(&server, "python", code);
        socket.until("on");
        cut(&line, &mark);
        socket.types(&format!("typed-{mark}\n"));
        let (_, last) = socket.end();
        assert!(line.is_cut(), "{name}: never reached");
        assert_eq!(
            (&last["type"], &last["code"]),
            (&json!("error"), &json!("sandbox_lost")),
            "{name}: {last}"
        );
        assert_eq!(line.passed(), sent, "{name}");
        let listed = server.get("/history?limit=1").json();
        assert_eq!(listed[0]["status"], "sandbox_error", "{name}: {listed}");
        holds_no_answer(&listed[0]);
        line.mend();
        nothing_is_left(&server, GONE);
        server.python("print('next')").printed("next\n");
    }
}

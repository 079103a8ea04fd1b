//! Standard input of the program, and the frame it comes in.

use std::time::{Duration, Instant};

use sandbox_init::protocol::{self, Ending, File, MAX_BODY};

use super::support::{Run, bash, python, run, text};

const ECHO: &str = "import sys; data = sys.stdin.buffer.read(); sys.stdout.buffer.write(data)";

#[test]
fn standard_input_is_these_bytes_and_then_the_end() {
    let every_byte: Vec<u8> = (0..=255).collect();
    let long: Vec<u8> = (0..64 * 1024_u32).map(|n| (n % 251) as u8).collect();
    for input in [&b"a\nb"[..], &every_byte, &long, b""] {
        let report = python().start().run(&Run { stdin: input, ..run(ECHO) });
        assert_eq!(report.ending, Ending::Exited(0));
        assert!(report.stdout.head == input, "{} of {} bytes", report.stdout.total, input.len());
    }
}

#[test]
fn more_input_than_a_pipe_holds_is_fed_as_it_is_read() {
    let input: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 253) as u8).collect();
    let code = "import sys, hashlib; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())";
    let fed = python().start().run(&Run { stdin: &input, ..run(code) });
    let files = vec![
        File {
            name: "main",
            content: b"import hashlib; print(hashlib.sha256(open('same', 'rb').read()).hexdigest())",
        },
        File { name: "same", content: &input },
    ];
    let read = python().start().run(&Run { files, ..run("") });
    assert_eq!(text(&fed.stdout), text(&read.stdout));
}

#[test]
fn a_program_that_never_reads_ends_all_the_same() {
    let input = vec![b'x'; 1_000_000];
    for code in
        ["exit 0", "exec <&-; sleep 0.1; exit 0", "head -c 10 >/dev/null; exec <&-; sleep 0.1; exit 0"]
    {
        let report = bash().start().run(&Run { stdin: &input[..65_536], ..run(code) });
        assert_eq!(report.ending, Ending::Exited(0), "{code}");
        let report = bash().start().run(&Run { stdin: &input, ..run(code) });
        assert_eq!(report.ending, Ending::Exited(0), "{code}");
    }
}

#[test]
fn arguments_come_as_they_are() {
    let args = vec!["", "two words", "ünïcödé", "--help", "new\nline"];
    let report = python().start().run(&Run { args: args.clone(), ..run("import sys; print(sys.argv[1:])") });
    assert_eq!(text(&report.stdout), "['', 'two words', 'ünïcödé', '--help', 'new\\nline']\n");
}

#[test]
fn a_frame_in_pieces_is_one_frame() {
    let mut sandbox = bash().start();
    let frame = protocol::encode(&run("echo whole").job()).unwrap();
    for piece in frame.chunks(7) {
        sandbox.send_bytes(piece);
        std::thread::sleep(Duration::from_millis(2));
    }
    assert_eq!(text(&sandbox.report().stdout), "whole\n");
}

#[test]
fn a_second_job_is_never_taken_and_ends_the_conversation() {
    let second = protocol::encode(&run("echo second; exit 2").job()).unwrap();
    let first = protocol::encode(&run("sleep 2; echo first; exit 1").job()).unwrap();
    // In one write with the first; and while the first runs.
    for apart in [false, true] {
        let mut sandbox = bash().start();
        if apart {
            sandbox.send_bytes(&first);
            std::thread::sleep(Duration::from_millis(100));
            sandbox.send_bytes(&second);
        } else {
            sandbox.send_bytes(&[first.clone(), second.clone()].concat());
        }
        let begun = Instant::now();
        let end = sandbox.end();
        assert!(end.frames.is_empty() && !end.status.success(), "{end:?}");
        // The first would have gone on for 2 s.
        assert!(begun.elapsed() < Duration::from_millis(1900), "{:?}", begun.elapsed());
    }
}

#[test]
fn what_is_no_frame_ends_the_sandbox_at_once_and_nothing_runs() {
    let good = protocol::encode(&run("echo ran").job()).unwrap();
    let body = &good[4..];
    let framed = |body: &[u8]| [&u32::try_from(body.len()).unwrap().to_le_bytes()[..], body].concat();
    let too_long = [&u32::try_from(MAX_BODY + 1).unwrap().to_le_bytes()[..], body].concat();
    let bad: [(&str, Vec<u8>); 6] = [
        ("longer than allowed", too_long),
        ("as long as can be said", vec![0xff; 64]),
        ("empty", vec![0; 4]),
        ("cut short inside", framed(&body[..body.len() - 1])),
        ("with a byte too many", framed(&[body, b"\0"].concat())),
        ("text of another protocol", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec()),
    ];
    for (what, bytes) in bad {
        let mut sandbox = bash().start();
        sandbox.send_bytes(&bytes);
        let begun = Instant::now();
        let end = sandbox.end();
        assert!(!end.status.success() && end.frames.is_empty(), "{what}: {end:?}");
        assert!(end.stderr.contains("frame"), "{what}: {end:?}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{what}: {:?}", begun.elapsed());
    }
}

#[test]
fn a_frame_that_is_cut_off_anywhere_runs_nothing() {
    let frame = protocol::encode(&run("echo ran").job()).unwrap();
    for length in [1, 3, 4, 5, frame.len() / 2, frame.len() - 1] {
        let mut sandbox = bash().start();
        sandbox.send_bytes(&frame[..length]);
        sandbox.hang_up();
        let begun = Instant::now();
        let end = sandbox.end();
        assert!(!end.status.success() && end.frames.is_empty(), "{length}: {end:?}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{length}: {:?}", begun.elapsed());
    }
}

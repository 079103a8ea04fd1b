//! A folder that the program may write: what comes back of it, how much it holds, and what the next step finds.

use sandbox_init::protocol::{
    Collect, Ending, File, FromInit, Job, Kernel, Omitted, RunLimits, Step, ToInit, WhyOmitted, Workspace,
};

use super::support::{LIMITS, Run, Sandbox, more, python, run, step, text};

const WRITABLE: Workspace = Workspace::Writable { max_bytes: 4 << 20, max_names: 100 };

/// The message that asks for this program in a folder that it may write.
fn writable<'a>(run: &Run<'a>, step: Step<'a>) -> ToInit<'a> {
    match run.with(step) {
        ToInit::Job(job) => ToInit::Job(Job { workspace: WRITABLE, ..job }),
        other => panic!("{other:?}"),
    }
}

/// A step after which files come back.
fn last<'a>(number: u16) -> Step<'a> {
    Step { files_follow: true, ..step(number) }
}

/// Files by name.
type Files = Vec<(String, Vec<u8>)>;

/// What comes back.
fn collect(sandbox: &mut Sandbox, patterns: &[&str]) -> (Files, Vec<Omitted>, u32) {
    sandbox.say(&ToInit::Collect(Collect { patterns: patterns.to_vec(), max_files: 4, max_bytes: 100_000 }));
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    loop {
        match sandbox.hear() {
            FromInit::File { name, .. } => files.push((name, Vec::new())),
            FromInit::Content(bytes) => files.last_mut().unwrap().1.extend(bytes),
            FromInit::Collected { omitted, more } => return (files, omitted, more),
            other => panic!("{other:?}"),
        }
    }
}

fn names(files: &[(String, Vec<u8>)]) -> Vec<&str> {
    files.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn files_come_back_in_the_patterns_order_and_those_that_were_sent_stay_away() {
    let code = "import os\n\
        os.makedirs('out/deep', exist_ok=True)\n\
        for name in ('b.png', 'a.png', 'out/x.csv', 'out/deep/y.csv', 'other'): open(name, 'w').write(name * 3)\n\
        open('data/changed', 'a').write('more')\n\
        os.chmod('a.png', 0)\n\
        os.chmod('out/deep', 0)\n\
        os.chmod('.', 0)";
    let files = vec![
        File { name: "main", content: code.as_bytes() },
        File { name: "data/same.png", content: b"sent" },
        File { name: "data/changed", content: b"sent" },
    ];
    for kernel in [Kernel::Host, Kernel::HostWithoutLandlock, Kernel::Own] {
        let mut sandbox = python().mounted().kernel(kernel).start();
        let report = sandbox.run_step(&writable(&Run { files: files.clone(), ..run("") }, last(1)));
        assert_eq!((report.ending, text(&report.stderr).as_str()), (Ending::Exited(0), ""));
        let (found, omitted, more) = collect(&mut sandbox, &["out/**", "*.png", "**/*.png", "data"]);
        assert_eq!(names(&found), ["out/deep/y.csv", "out/x.csv", "a.png", "b.png"], "{kernel:?}");
        assert_eq!(found[2].1, b"a.pnga.pnga.png");
        let left = [Omitted { name: "data/changed".to_owned(), size: 8, why: WhyOmitted::TooMany }];
        assert_eq!((omitted.as_slice(), more), (&left[..], 0));
        assert!(sandbox.end().status.success());
    }
}

#[test]
fn whatever_is_no_plain_file_is_named_and_nobody_waits_for_it() {
    let code = r#"
import os, socket
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
os.symlink("/etc/passwd", "link")
os.symlink("/etc", "folder")
os.symlink("loop", "loop")
open("new\nline", "w").close()
open(b"\xff\xfe", "w").close()
open("large", "w").truncate(100_001)
open("sparse", "w").truncate(3 << 30)
os.makedirs("/".join(["d"] * 40))
open("fits", "w").write("x" * 100_000)
open("full", "w").write("x")
"#;
    let mut sandbox = python().mounted().start();
    let report = sandbox.run_step(&writable(&run(code), last(1)));
    assert_eq!((report.ending, text(&report.stderr).as_str()), (Ending::Exited(0), ""));
    let patterns = ["**", "/etc/passwd", "../../etc/passwd", "folder/passwd"];
    let (found, omitted, more) = collect(&mut sandbox, &patterns);
    assert_eq!(names(&found), ["fits"]);
    let omitted: Vec<_> =
        omitted.iter().map(|omitted| (omitted.name.as_str(), omitted.size, omitted.why)).collect();
    let deep = ["d"; 33].join("/");
    assert_eq!(
        omitted,
        [
            (deep.as_str(), 0, WhyOmitted::TooDeep),
            ("folder", 0, WhyOmitted::Link),
            ("full", 1, WhyOmitted::TooLarge),
            ("large", 100_001, WhyOmitted::TooLarge),
            ("link", 0, WhyOmitted::Link),
            ("loop", 0, WhyOmitted::Link),
            ("new\\nline", 0, WhyOmitted::Name),
            ("pipe", 0, WhyOmitted::Pipe),
            ("socket", 0, WhyOmitted::Socket),
            ("sparse", 3 << 30, WhyOmitted::TooLarge),
            ("\u{fffd}\u{fffd}", 0, WhyOmitted::Name),
        ]
    );
    assert_eq!(more, 0);
}

#[test]
fn a_program_that_writes_too_much_is_ended_and_its_files_come_back() {
    for (code, over, kept) in [
        ("open('a', 'wb').write(b'x' * (4 << 20))", false, 0),
        ("open('a', 'wb').write(b'x' * (4 << 20)); open('b', 'w').write('x')", true, 1),
        (
            "import time\nopen('b', 'w').write('x')\nopen('a', 'wb').write(b'x' * (9 << 20)); time.sleep(20)",
            true,
            1,
        ),
        ("for n in range(100): open(f'n{n}', 'w').close()", false, 1),
        ("for n in range(101): open(f'n{n}', 'w').close()", true, 1),
    ] {
        let mut sandbox = python().mounted().start();
        let report = sandbox.run_step(&writable(&run(code), last(1)));
        assert_eq!(matches!(report.ending, Ending::DiskFull { .. }), over, "{code}: {report:?}");
        assert!(report.wall_us < 15_000_000);
        let (found, ..) = collect(&mut sandbox, &["b", "n1"]);
        assert_eq!(found.len(), kept, "{code}");
    }
}

#[test]
fn a_program_that_is_killed_gives_its_files_back() {
    let limits = RunLimits { wall_us: 500_000, ..LIMITS };
    let mut sandbox = python().mounted().start();
    let code = "import os\nopen('so-far', 'w').write('x')\nif os.fork() == 0:\n \
        while True: open('grows', 'a').write('x' * 9)\nwhile True: pass";
    let report = sandbox.run_step(&writable(&run(code), Step { limits, ..last(1) }));
    assert_eq!(report.ending, Ending::WallTime);
    let (found, ..) = collect(&mut sandbox, &["so-far", "grows"]);
    assert_eq!(found[0], ("so-far".to_owned(), b"x".to_vec()));
}

#[test]
fn each_step_finds_the_files_that_were_sent_and_the_last_ones_come_back() {
    let code = "import os\n\
        print(sorted(os.listdir('.')), open('data').read(), oct(os.stat('.').st_mode & 0o777))\n\
        open('data', 'w').write('changed')\n\
        open('new', 'w').write(str(os.getpid()))\n\
        os.mkdir('closed'); open('closed/x', 'w').close(); os.chmod('closed', 0)\n\
        os.remove('main'); os.chmod('.', 0)";
    let files =
        vec![File { name: "main", content: code.as_bytes() }, File { name: "data", content: b"sent" }];
    let mut sandbox = python().mounted().start();
    let one = sandbox.run_step(&writable(&Run { files, ..run("") }, Step { files_follow: true, ..more(1) }));
    let two = sandbox.run_step(&ToInit::Step(more(2)));
    let three = sandbox.run_step(&ToInit::Step(last(3)));
    for report in [&one, &two, &three] {
        assert_eq!(text(&report.stderr), "");
        assert_eq!(text(&report.stdout), "['data', 'main'] sent 0o755\n");
    }
    let (found, ..) = collect(&mut sandbox, &["*"]);
    assert_eq!(names(&found), ["closed/x", "data", "new"]);
    assert!(sandbox.end().status.success());
}

#[test]
fn files_are_asked_for_only_where_that_was_said() {
    let mut sandbox = python().mounted().start();
    sandbox.run_step(&run("").with(more(1)));
    sandbox.say(&ToInit::Collect(Collect { patterns: vec!["*"], max_files: 1, max_bytes: 1 }));
    let end = sandbox.end();
    assert!(!end.status.success() && end.stderr.contains("a wish for files"), "{end:?}");
}

//! The frame codec, whatever comes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use proptest::{collection::vec, prelude::*};
use sandbox_init::protocol::{
    AppArmor, BadFrame, CgroupLimits, Collect, Command, Compile, Deliver, Ending, File, FromInit, Hello,
    Interpreter, Job, Layers, MAX_BODY, Omitted, Output, PREFIX, Profile, Report, RunLimits, Stdin, Step,
    Stream, StreamName, Task, ToInit, Waits, WhyOmitted, Workspace, decode, encode, frame_length, from_bytes,
    to_bytes,
};

/// What a [`ToInit`] borrows from.
#[derive(Debug)]
struct Owned {
    nonce: [u8; 16],
    entry: String,
    args: Vec<String>,
    stdin: Vec<u8>,
    files: Vec<(String, Vec<u8>)>,
    limits: RunLimits,
    number: u16,
    live: bool,
    deliver: Deliver,
    another_follows: bool,
    cgroup: Option<(u64, u64)>,
    compiles: bool,
    which: u8,
}

impl Owned {
    fn compile(&self) -> Compile<'_> {
        let words = || self.args.iter().map(String::as_str);
        Compile { line: words().collect(), environment: words().map(|word| (word, word)).collect() }
    }

    fn message(&self) -> ToInit<'_> {
        let step = Step {
            number: self.number,
            task: if self.compiles { Task::Compile(self.compile()) } else { Task::Run },
            args: self.args.iter().map(String::as_str).collect(),
            stdin: if self.live { Stdin::Live } else { Stdin::Whole(&self.stdin) },
            limits: self.limits,
            cgroup: self.cgroup.map(|(memory_bytes, pids)| CgroupLimits { memory_bytes, pids }),
            deliver: self.deliver,
            another_follows: self.another_follows,
            files_follow: self.live,
        };
        match self.which {
            0 => ToInit::Step(step),
            1 => ToInit::Input(&self.stdin),
            2 => ToInit::EndOfInput,
            3 => ToInit::Signal(self.which),
            4 => ToInit::Stop,
            5 => ToInit::Collect(Collect { patterns: step.args, max_files: 3, max_bytes: u64::MAX }),
            _ => ToInit::Job(Job {
                nonce: self.nonce,
                entry: &self.entry,
                files: self.files.iter().map(|(name, content)| File { name, content }).collect(),
                workspace: if self.live {
                    Workspace::ReadOnly
                } else {
                    Workspace::Writable { max_bytes: 7, max_names: 9 }
                },
                step,
            }),
        }
    }
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..50)
}

fn name() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..12).prop_map(String::from_iter)
}

prop_compose! {
    fn limits()(
        wall_us: u64, clock_us: u64, cpu_us: u64, head_bytes: u32, tail_bytes: u32, flood_bytes: u64, memory_bytes: Option<u64>
    ) -> RunLimits {
        RunLimits { wall_us, clock_us, cpu_us, head_bytes, tail_bytes, flood_bytes, memory_bytes }
    }
}

prop_compose! {
    fn owned()(
        nonce: [u8; 16],
        entry in name(),
        args in vec(name(), 0..4),
        stdin in bytes(),
        files in vec((name(), bytes()), 0..4),
        limits in limits(),
        number: u16,
        live: bool,
        deliver in prop_oneof![Just(Deliver::Nothing), Just(Deliver::Live), Just(Deliver::Complete),
            Just(Deliver::CompleteAndLive)],
        another_follows: bool,
        cgroup: Option<(u64, u64)>,
        compiles: bool,
        which in 0_u8..10,
    ) -> Owned {
        Owned { nonce, entry, args, stdin, files, limits, number, live, deliver, another_follows, cgroup, compiles, which }
    }
}

fn apparmor() -> impl Strategy<Value = AppArmor> {
    prop_oneof![Just(AppArmor::Absent), Just(AppArmor::Enforced), Just(AppArmor::NotEnforced)]
}

prop_compose! {
    fn layers()(
        uid: u32, capabilities: u64, no_new_privs: bool, seccomp: u8, landlock_abi: u8, foreign_interfaces: u32,
        open: u8, arguments: u64,
        memory_bytes: Option<u64>, pids: Option<u64>, unmasked: u8, apparmor in apparmor(),
    ) -> Layers {
        Layers {
            uid, capabilities, no_new_privs, seccomp, arguments, landlock_abi, open, foreign_interfaces, memory_bytes,
            pids, unmasked, apparmor,
        }
    }
}

prop_compose! {
    fn hello()(version: u16, died in proptest::option::of((any::<u64>(), name())), layers in layers()) -> Hello {
        let other = if version % 2 == 0 { Interpreter::Ready } else { Interpreter::NotNeeded };
        let interpreter = died.map_or(other, |(oom_kills, stderr)| {
            Interpreter::Died { oom_kills, stderr }
        });
        Hello { version, interpreter, layers }
    }
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        any::<u8>().prop_map(Ending::Exited),
        any::<u8>().prop_map(Ending::Signaled),
        Just(Ending::WallTime),
        Just(Ending::Clock),
        Just(Ending::KilledForMemory),
        Just(Ending::KilledForUnknown),
        any::<u64>().prop_map(Ending::CpuTime),
        any::<u64>().prop_map(Ending::Uncharged),
        Just(Ending::Flood),
        any::<i32>().prop_map(Ending::NotRun),
        any::<u64>().prop_map(Ending::Memory),
        Just(Ending::Stopped),
        Just(Ending::NotLowered),
    ]
}

prop_compose! {
    fn stream()(head in bytes(), tail in bytes(), total: u64) -> Stream {
        Stream { head, tail, total }
    }
}

prop_compose! {
    fn report()(
        nonce: [u8; 16], step: u16, ending in ending(), stdout in stream(), stderr in stream(), wall_us: u64, waited_us: u64, cpu_us: u64,
        memory_peak: u64, oom_kills: Option<u64>, forks_refused: u64, descriptors_used_up: bool, built_bytes: u64,
    ) -> Report {
        Report {
            nonce, step, ending, stdout, stderr, wall_us, waited_us, cpu_us, memory_peak, oom_kills, forks_refused,
            descriptors_used_up,
            built_bytes,
        }
    }
}

fn from_init() -> impl Strategy<Value = FromInit> {
    let stream = prop_oneof![Just(StreamName::Stdout), Just(StreamName::Stderr)];
    let output = (any::<u16>(), stream, any::<u64>(), bytes());
    prop_oneof![
        report().prop_map(FromInit::Ended),
        any::<u32>().prop_map(FromInit::Taken),
        output.prop_map(|(step, stream, at, bytes)| FromInit::Output(Output { step, stream, at, bytes })),
    ]
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_the_same(owned in owned(), hello in hello(), said in from_init()) {
        let frame = encode(&owned.message()).unwrap();
        prop_assert_eq!(decode::<ToInit>(&frame), Ok(owned.message()));
        let frame = encode(&hello).unwrap();
        prop_assert_eq!(decode::<Hello>(&frame), Ok(hello));
        let frame = encode(&said).unwrap();
        prop_assert_eq!(decode::<FromInit>(&frame), Ok(said));
    }

    #[test]
    fn a_profile_is_kept_as_it_is(
        command in vec(name(), 0..5),
        start_in in proptest::option::of(name()),
        environment in vec((name(), name()), 0..5),
        bootstrap in vec((name(), name()), 0..4),
        later_environment in vec((name(), name()), 0..3),
        run in proptest::option::of(vec(name(), 0..5)),
        waits: bool,
        compiles: bool,
    ) {
        let run = run.map(Command);
        let waits = waits.then_some(Waits { command, start_in, bootstrap, later_environment });
        let profile = Profile { waits, run, compiles, environment, file_bytes: None };
        prop_assert_eq!(Profile::from_argument(&profile.to_argument().unwrap()), Ok(profile.clone()));
        prop_assert_eq!(from_bytes::<Profile>(&to_bytes(&profile).unwrap()), Ok(profile));
    }

    #[test]
    fn the_length_of_a_frame_is_known_from_its_prefix_on(owned in owned(), next in bytes()) {
        let frame = encode(&owned.message()).unwrap();
        let stream = [frame.as_slice(), &next].concat();
        for count in 0..=stream.len() {
            let expected = (count >= PREFIX).then_some(frame.len());
            prop_assert_eq!(frame_length(&stream[..count]), Ok(expected));
        }
    }

    #[test]
    fn a_frame_cut_anywhere_is_refused(owned in owned(), said in from_init()) {
        let frame = encode(&owned.message()).unwrap();
        for count in 0..frame.len() {
            prop_assert_eq!(decode::<ToInit>(&frame[..count]), Err(BadFrame::Malformed));
        }
        let frame = encode(&said).unwrap();
        for count in 0..frame.len() {
            prop_assert_eq!(decode::<FromInit>(&frame[..count]), Err(BadFrame::Malformed));
        }
    }

    #[test]
    fn bytes_after_a_message_are_refused(owned in owned(), hello in hello(), more in vec(any::<u8>(), 1..20)) {
        let run = [encode(&owned.message()).unwrap(), more.clone()].concat();
        prop_assert_eq!(decode::<ToInit>(&run), Err(BadFrame::Malformed));
        let hello = [encode(&hello).unwrap(), more].concat();
        prop_assert_eq!(decode::<Hello>(&hello), Err(BadFrame::Malformed));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..400)) {
        // Lengths inside are believed only as far as there are bytes: nothing is reserved ahead for them.
        let _ = (frame_length(&bytes), decode::<ToInit>(&bytes), decode::<Hello>(&bytes), decode::<FromInit>(&bytes));
        let _ = from_bytes::<Profile>(&bytes);
        let _ = Profile::from_argument(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_damaged_frame_never_makes_it_panic(said in from_init(), at: prop::sample::Index, byte: u8) {
        let mut frame = encode(&said).unwrap();
        let at = at.index(frame.len());
        frame[at] = byte;
        let _ = decode::<FromInit>(&frame);
    }

    #[test]
    fn a_prefix_that_promises_too_much_is_refused(length in u32::try_from(MAX_BODY).unwrap() + 1..) {
        prop_assert_eq!(frame_length(&length.to_le_bytes()), Err(BadFrame::TooLong));
    }
}

#[test]
fn the_longest_frame_is_exactly_as_long_as_allowed() {
    let longest = u32::try_from(MAX_BODY).unwrap();
    assert_eq!(frame_length(&longest.to_le_bytes()), Ok(Some(PREFIX + MAX_BODY)));
    let stream = |bytes| Stream { head: vec![7; bytes], ..Stream::default() };
    // Head, its length (4 bytes), no tail, no total.
    let fits = encode(&stream(MAX_BODY - 6)).unwrap();
    assert_eq!(fits.len(), PREFIX + MAX_BODY);
    assert_eq!(decode::<Stream>(&fits), Ok(stream(MAX_BODY - 6)));
    assert_eq!(encode(&stream(MAX_BODY - 5)), Err(BadFrame::TooLong));
}

/// One message of each kind, where the fuzzer begins: in its folder, by name.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let limits = RunLimits {
        wall_us: 1_000_000,
        clock_us: 4_000_000,
        cpu_us: 1_000_000,
        head_bytes: 100,
        tail_bytes: 30,
        flood_bytes: 1000,
        memory_bytes: None,
    };
    let stdin = Stdin::Whole(b"7\n");
    let step = Step {
        number: 1,
        task: Task::Run,
        args: vec!["-x", ""],
        stdin,
        limits,
        cgroup: None,
        deliver: Deliver::Complete,
        another_follows: true,
        files_follow: true,
    };
    let live = Step { stdin: Stdin::Live, deliver: Deliver::Live, another_follows: false, ..step.clone() };
    let workspace = Workspace::Writable { max_bytes: 64 << 20, max_names: 1024 };
    let files = vec![File { name: "main.py", content: b"print(int(input()) ** 2)\n" }];
    let job = Job { nonce: *b"a nonce, 16 long", entry: "main.py", files, workspace, step };
    let stream = |text: &[u8]| Stream { head: text.to_vec(), tail: b"end".to_vec(), total: 1000 };
    let report = Report {
        nonce: job.nonce,
        step: 1,
        ending: Ending::CpuTime(1_000_100),
        stdout: stream(b"49\n"),
        stderr: stream(b"\xff"),
        wall_us: 1_100_000,
        waited_us: 5,
        cpu_us: 1_000_200,
        memory_peak: 9 << 20,
        oom_kills: Some(0),
        forks_refused: 2,
        descriptors_used_up: true,
        built_bytes: 1 << 33,
    };
    let output = Output { step: 1, stream: StreamName::Stderr, at: 70_000, bytes: b"out".to_vec() };
    let wish = Collect { patterns: vec!["*.png"], max_files: 32, max_bytes: 4 << 20 };
    let omitted = Omitted { name: "pipe".to_owned(), size: 0, why: WhyOmitted::Pipe };
    let hello = Hello { version: 5, interpreter: Interpreter::NotNeeded, layers: Layers::default() };
    // The first byte says where what PID 1 hears is cut in two.
    let to_init = |message: &ToInit| [vec![9], encode(message).unwrap()].concat();
    let from_init = |message: &FromInit| encode(message).unwrap();
    let both = [to_init(&ToInit::Input(b"one")), encode(&ToInit::EndOfInput).unwrap()].concat();
    vec![
        ("to_init/job", to_init(&ToInit::Job(job))),
        ("to_init/step", to_init(&ToInit::Step(live))),
        ("to_init/input-and-its-end", both),
        ("to_init/signal", to_init(&ToInit::Signal(2))),
        ("to_init/collect", to_init(&ToInit::Collect(wish))),
        ("to_init/stop", to_init(&ToInit::Stop)),
        ("from_init/hello", encode(&hello).unwrap()),
        ("from_init/output", from_init(&FromInit::Output(output))),
        ("from_init/taken", from_init(&FromInit::Taken(65_536))),
        ("from_init/ended", from_init(&FromInit::Ended(report))),
        ("from_init/file", from_init(&FromInit::File { name: "a.png".to_owned(), size: 3 })),
        ("from_init/content", from_init(&FromInit::Content(b"png".to_vec()))),
        ("from_init/collected", from_init(&FromInit::Collected { omitted: vec![omitted], more: 1 })),
    ]
}

#[test]
fn the_fuzzers_seeds_are_messages_of_today() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for (name, bytes) in seeds() {
        let path = folder.join(name);
        if std::env::var_os("SCE_BLESS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &bytes).unwrap();
        }
        assert!(std::fs::read(&path).unwrap() == bytes, "{name}: renew the seeds with SCE_BLESS=1");
    }
}

//! The frame codec, whatever comes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on should stop there")]

use proptest::{collection::vec, prelude::*};
use sandbox_init::protocol::{
    AppArmor, BadFrame, Ending, File, Hello, Interpreter, Layers, MAX_BODY, PREFIX, Profile, Report, Run,
    RunLimits, Stream, decode, encode, frame_length, from_bytes, to_bytes,
};

/// What a [`Run`] borrows from.
#[derive(Debug)]
struct Owned {
    nonce: [u8; 16],
    entry: String,
    args: Vec<String>,
    stdin: Vec<u8>,
    files: Vec<(String, Vec<u8>)>,
    limits: RunLimits,
}

impl Owned {
    fn run(&self) -> Run<'_> {
        Run {
            nonce: self.nonce,
            entry: &self.entry,
            args: self.args.iter().map(String::as_str).collect(),
            stdin: &self.stdin,
            files: self.files.iter().map(|(name, content)| File { name, content }).collect(),
            limits: self.limits,
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
    ) -> Owned {
        Owned { nonce, entry, args, stdin, files, limits }
    }
}

fn apparmor() -> impl Strategy<Value = AppArmor> {
    prop_oneof![Just(AppArmor::Absent), Just(AppArmor::Enforced), Just(AppArmor::NotEnforced)]
}

prop_compose! {
    fn layers()(
        uid: u32, capabilities: u64, no_new_privs: bool, seccomp: u8, landlock_abi: u8, foreign_interfaces: u32,
        memory_bytes: Option<u64>, pids: Option<u64>, unmasked: u8, apparmor in apparmor(),
    ) -> Layers {
        Layers {
            uid, capabilities, no_new_privs, seccomp, landlock_abi, foreign_interfaces, memory_bytes, pids, unmasked,
            apparmor,
        }
    }
}

prop_compose! {
    fn hello()(version: u16, died in proptest::option::of((any::<u64>(), name())), layers in layers()) -> Hello {
        let interpreter = died.map_or(Interpreter::Ready, |(oom_kills, stderr)| {
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
    ]
}

prop_compose! {
    fn stream()(head in bytes(), tail in bytes(), total: u64) -> Stream {
        Stream { head, tail, total }
    }
}

prop_compose! {
    fn report()(
        nonce: [u8; 16], ending in ending(), stdout in stream(), stderr in stream(), wall_us: u64, waited_us: u64, cpu_us: u64,
        memory_peak: u64, oom_kills: Option<u64>, forks_refused: u64, descriptors_used_up: bool,
    ) -> Report {
        Report {
            nonce, ending, stdout, stderr, wall_us, waited_us, cpu_us, memory_peak, oom_kills, forks_refused,
            descriptors_used_up,
        }
    }
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_the_same(owned in owned(), hello in hello(), report in report()) {
        let frame = encode(&owned.run()).unwrap();
        prop_assert_eq!(decode::<Run>(&frame), Ok(owned.run()));
        let frame = encode(&hello).unwrap();
        prop_assert_eq!(decode::<Hello>(&frame), Ok(hello));
        let frame = encode(&report).unwrap();
        prop_assert_eq!(decode::<Report>(&frame), Ok(report));
    }

    #[test]
    fn a_profile_is_kept_as_it_is(
        command in vec(name(), 0..5),
        start_in in proptest::option::of(name()),
        environment in vec((name(), name()), 0..5),
        bootstrap in vec((name(), name()), 0..4),
    ) {
        let profile = Profile { command, start_in, environment, bootstrap };
        prop_assert_eq!(Profile::from_argument(&profile.to_argument().unwrap()), Ok(profile.clone()));
        prop_assert_eq!(from_bytes::<Profile>(&to_bytes(&profile).unwrap()), Ok(profile));
    }

    #[test]
    fn the_length_of_a_frame_is_known_from_its_prefix_on(owned in owned(), next in bytes()) {
        let frame = encode(&owned.run()).unwrap();
        let stream = [frame.as_slice(), &next].concat();
        for count in 0..=stream.len() {
            let expected = (count >= PREFIX).then_some(frame.len());
            prop_assert_eq!(frame_length(&stream[..count]), Ok(expected));
        }
    }

    #[test]
    fn a_frame_cut_anywhere_is_refused(owned in owned(), report in report()) {
        let frame = encode(&owned.run()).unwrap();
        for count in 0..frame.len() {
            prop_assert_eq!(decode::<Run>(&frame[..count]), Err(BadFrame::Malformed));
        }
        let frame = encode(&report).unwrap();
        for count in 0..frame.len() {
            prop_assert_eq!(decode::<Report>(&frame[..count]), Err(BadFrame::Malformed));
        }
    }

    #[test]
    fn bytes_after_a_message_are_refused(owned in owned(), hello in hello(), more in vec(any::<u8>(), 1..20)) {
        let run = [encode(&owned.run()).unwrap(), more.clone()].concat();
        prop_assert_eq!(decode::<Run>(&run), Err(BadFrame::Malformed));
        let hello = [encode(&hello).unwrap(), more].concat();
        prop_assert_eq!(decode::<Hello>(&hello), Err(BadFrame::Malformed));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in vec(any::<u8>(), 0..400)) {
        // Lengths inside are believed only as far as there are bytes: nothing is reserved ahead for them.
        let _ = (frame_length(&bytes), decode::<Run>(&bytes), decode::<Hello>(&bytes), decode::<Report>(&bytes));
        let _ = from_bytes::<Profile>(&bytes);
        let _ = Profile::from_argument(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_damaged_frame_never_makes_it_panic(report in report(), at: prop::sample::Index, byte: u8) {
        let mut frame = encode(&report).unwrap();
        let at = at.index(frame.len());
        frame[at] = byte;
        let _ = decode::<Report>(&frame);
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

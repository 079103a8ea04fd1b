//! A Docker host that was taken over says what it likes: it costs the handler neither its memory nor its other hosts.

use std::time::Duration;

use crate::{
    fleet::{Two, borrowed, hosts_come_to},
    support::{Server, alone, host::footprint, lies::Lie, within},
};

/// The most memory that the handler may ever have, in KiB: it is a debug build that holds 40 MiB before anybody lies.
const MOST_KIB: u64 = 64 * 1024;

const LIES: [(&str, Lie); 12] = [
    ("/containers/create", Lie::Answer(500, "{\"message\":\"", " ")),
    ("/containers/create", Lie::Answer(404, "", " ")),
    ("/containers/create", Lie::Answer(201, "{\"Id\":\"x\",\"Warnings\":[", "\"\",")),
    ("/containers/create", Lie::Head),
    ("/attach?", Lie::Frame),
    ("/attach?", Lie::Frames(b"", 2)),
    ("/attach?", Lie::Frames(b"\x00\x00\x90\x00", 1)),
    ("/attach?", Lie::Frames(b"", 0)),
    ("/attach?", Lie::Answer(200, "", "x")),
    ("/attach?", Lie::Silence),
    ("/start", Lie::Answer(500, "{\"message\":\"", "\\u0000")),
    ("/start", Lie::Answer(204, "", " ")),
];

#[track_caller]
fn is_small(server: &Server, lie: impl std::fmt::Debug) {
    let peak = footprint(server.pid()).peak_kib;
    assert!(peak < MOST_KIB, "{lie:?}: {peak} KiB");
}

#[test]
fn whatever_a_host_says_to_a_run_the_handler_stays_small_and_the_other_host_serves() {
    let _alone = alone();
    let two = Two::open();
    let server = two.server(&[("SCE_POOL_SIZE", "0")]);
    is_small(&server, "nobody lied");
    for (text, lie) in LIES {
        two.lines[0].lie_at(text, lie);
        // Which of the two is asked first is left to chance.
        // After the lie before it was left alone for some seconds.
        let asked = within(Duration::from_secs(60), || {
            server.python("print('by the other')").printed("by the other\n");
            (two.lines[0].lies_told() > 0).then_some(())
        });
        assert!(asked.is_some(), "{text}: the first host is never asked");
        is_small(&server, (text, lie));
        two.lines[0].be_honest();
        hosts_come_to(&server, 2, 2);
    }
    let longest = server.log().lines().map(str::len).max().unwrap_or_default();
    assert!(longest < 4096, "a line of {longest} bytes in the log");
}

#[test]
fn whatever_a_host_says_to_upkeep_the_handler_stays_small_and_serves() {
    let _alone = alone();
    let two = Two::open();
    let server = two.server(&[("SCE_POOL_SIZE", "python=1")]);
    for (text, lie) in [
        ("/containers/json", Lie::Answer(200, "[", "{},")),
        ("/containers/json", Lie::Answer(200, "[", "{\"Labels\":{\"a\":\"b\"},\"Names\":[\"x\"]},")),
        ("/info", Lie::Answer(200, "{\"Labels\":[", "\"\",")),
    ] {
        two.lines[0].lie_at(text, lie);
        let told = within(Duration::from_secs(60), || (two.lines[0].lies_told() > 0).then_some(()));
        assert!(told.is_some(), "{text} is never asked");
        server.python("print('served')").printed("served\n");
        is_small(&server, (text, lie));
        two.lines[0].be_honest();
        hosts_come_to(&server, 2, 2);
    }
}

#[test]
fn a_host_that_lies_from_the_first_word_on_holds_up_no_other() {
    let _alone = alone();
    for (text, lie) in [
        ("/info", Lie::Answer(200, "{\"ID\":\"", "x")),
        ("/version", Lie::Answer(200, "{\"Components\":[", "{\"Name\":\"\",\"Version\":\"\"},")),
        ("/images/", Lie::Silence),
        ("/volumes/create", Lie::Answer(201, "{\"Labels\":{", "\"\":\"\",")),
        ("/archive?", Lie::Head),
    ] {
        let two = Two::open();
        two.lines[0].lie_at(text, lie);
        let server = Server::start(&borrowed(&two.settings(&[("SCE_POOL_SIZE", "0")])));
        server.python("print('by the other')").printed("by the other\n");
        let told = within(Duration::from_secs(20), || (two.lines[0].lies_told() > 0).then_some(()));
        assert!(told.is_some(), "{text} is never asked");
        is_small(&server, (text, lie));
    }
}

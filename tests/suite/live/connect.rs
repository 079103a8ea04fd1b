//! Piston's `/connect`: programs that are typed into on a socket, in Piston's words.

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::support::{
    Server,
    engine::{self, RUNTIME},
    within,
};

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        Server::start(&[("SCE_COMPAT", "piston"), ("SCE_POOL_SIZE", "0"), ("SCE_LANGUAGES", "python,c,cpp")])
    })
}

struct Socket(WebSocketStream<TcpStream>);

/// What came last: the code and the reason.
type Close = (u16, String);

impl Socket {
    fn open(server: &Server, base: &str) -> Self {
        let url = format!("ws://{}{base}/connect", server.authority());
        let opened = async {
            let stream = TcpStream::connect(server.authority()).await.unwrap();
            client_async(url, stream).await.unwrap().0
        };
        Self(RUNTIME.block_on(opened))
    }

    fn send(&mut self, message: Message) {
        RUNTIME.block_on(self.0.send(message)).unwrap();
    }

    fn say(&mut self, message: &Value) {
        self.send(Message::Text(message.to_string().into()));
    }

    fn types(&mut self, text: &str) {
        self.say(&json!({"type": "data", "stream": "stdin", "data": text}));
    }

    fn hear(&mut self) -> Result<Value, Close> {
        loop {
            let next = async { timeout(Duration::from_secs(60), self.0.next()).await.expect("in time") };
            match RUNTIME.block_on(next).expect("a close comes first").unwrap() {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(Some(frame)) => return Err((frame.code.into(), frame.reason.to_string())),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Reads until this stream has said this.
    fn until(&mut self, stream: &str, text: &str) {
        let mut read = String::new();
        while !read.contains(text) {
            let message = self.hear().unwrap();
            if message["stream"] == stream {
                read += message["data"].as_str().unwrap();
            }
        }
    }

    /// All that is still to come: messages, of which neighbours of one stream are one, and the close.
    fn rest(&mut self) -> (Vec<Value>, Close) {
        let mut all: Vec<Value> = Vec::new();
        loop {
            match self.hear() {
                Err(close) => return (all, close),
                Ok(message) => match all.last_mut() {
                    Some(last) if message["type"] == "data" && last["stream"] == message["stream"] => {
                        let joined = [&last["data"], &message["data"]].map(|data| data.as_str().unwrap());
                        last["data"] = joined.concat().into();
                    }
                    _ => all.push(message),
                },
            }
        }
    }
}

fn init(language: &str, code: &str) -> Value {
    json!({
        "type": "init", "language": language, "version": "*", "args": [], "compile_timeout": 10_000, "run_timeout": 3000,
        "files": [{"name": "main", "content": code, "encoding": "utf8"}],
    })
}

fn done() -> Close {
    (4999, "Job Completed".to_owned())
}

fn exit(stage: &str, code: &Value, signal: &Value) -> Value {
    json!({"type": "exit", "stage": stage, "code": code, "signal": signal})
}

#[test]
fn a_prompt_appears_before_its_answer_is_typed_below_both_prefixes() {
    for base in ["/api/v2", "/api/v2/piston"] {
        let mut socket = Socket::open(server(), base);
        socket.say(&init(
            "py",
            "import sys\nprint('hello ' + input('name? '))\nprint('é', file=sys.stderr)\nsys.exit(3)",
        ));
        let runtime = socket.hear().unwrap();
        assert_eq!((&runtime["type"], &runtime["language"]), (&json!("runtime"), &json!("python")));
        assert_eq!(runtime["version"].as_str().unwrap().split('.').count(), 3, "{runtime}");
        assert_eq!(socket.hear(), Ok(json!({"type": "stage", "stage": "run"})));
        socket.until("stdout", "name? ");
        // No line is ended for whoever types.
        socket.types("A");
        socket.types("da\n");
        let (all, close) = socket.rest();
        let wanted = [
            json!({"type": "data", "stream": "stdout", "data": "hello Ada\n"}),
            json!({"type": "data", "stream": "stderr", "data": "é\n"}),
            exit("run", &json!(3), &Value::Null),
        ];
        assert_eq!((all.as_slice(), close), (&wanted[..], done()), "{base}");
    }
}

#[test]
fn compiling_is_a_stage_of_its_own() {
    let reads = "#include <stdio.h>\nint main(void) { int n = 0; scanf(\"%d\", &n); printf(\"%d\\n\", 2 * n); return 0; }";
    let mut socket = Socket::open(server(), "/api/v2");
    socket.say(&init("c", reads));
    socket.types("21\n");
    let (all, close) = socket.rest();
    let wanted = [
        json!({"type": "stage", "stage": "compile"}),
        exit("compile", &json!(0), &Value::Null),
        json!({"type": "stage", "stage": "run"}),
        json!({"type": "data", "stream": "stdout", "data": "42\n"}),
        exit("run", &json!(0), &Value::Null),
    ];
    assert_eq!((all[0]["type"].as_str(), &all[1..], close), (Some("runtime"), &wanted[..], done()));

    let mut socket = Socket::open(server(), "/api/v2");
    socket.say(&init("c", "int main(void) { return nothing; }"));
    let (all, close) = socket.rest();
    assert_eq!(all[1], json!({"type": "stage", "stage": "compile"}));
    assert!(all[2]["data"].as_str().unwrap().contains("nothing"), "{all:?}");
    assert_eq!((&all[3..], close), (&[exit("compile", &json!(1), &Value::Null)][..], done()));
}

#[test]
fn limits_and_interrupts_end_a_stage_by_their_signals() {
    let mut socket = Socket::open(server(), "/api/v2");
    let mut request = init("python", "print('begun', flush=True)\nwhile True: pass");
    request["run_timeout"] = json!(500);
    socket.say(&request);
    let (all, close) = socket.rest();
    assert_eq!((all.last(), close), (Some(&exit("run", &Value::Null, &json!("SIGKILL"))), done()));

    let mut socket = Socket::open(server(), "/api/v2");
    let code = "import time\ntry:\n    print('ready', flush=True)\n    time.sleep(9)\nexcept KeyboardInterrupt:\n    print('caught')";
    socket.say(&init("python", code));
    socket.until("stdout", "ready");
    // Of all signals this one has an effect; and what is not known is passed over.
    for message in [
        json!({"type": "signal", "signal": "SIGWINCH"}),
        json!({"type": "unheard of"}),
        json!({"type": "signal", "signal": "SIGINT"}),
    ] {
        socket.say(&message);
    }
    let (all, close) = socket.rest();
    assert_eq!((&all.last().unwrap()["code"], close), (&json!(0), done()), "{all:?}");
    assert!(all.iter().any(|message| message["data"].as_str().is_some_and(|data| data.contains("caught"))));
}

#[test]
fn what_should_not_have_been_sent_closes_the_socket_by_its_code() {
    let closed = |before: &[Value], message: Message| {
        let mut socket = Socket::open(server(), "/api/v2");
        for message in before {
            socket.say(message);
        }
        if !before.is_empty() {
            socket.until("stdout", "ready");
        }
        socket.send(message);
        let (all, close) = socket.rest();
        (all.last().cloned().unwrap_or_default(), close)
    };
    let text = |message: Value| Message::Text(message.to_string().into());
    let waits = [init("python", "print('ready', flush=True)\ninput()")];
    for (before, message, code, reason) in [
        (&[][..], text(json!({"type": "data", "stream": "stdin", "data": "x"})), 4003, "Not yet initialized"),
        (&[], text(json!({"type": "signal", "signal": "SIGINT"})), 4003, "Not yet initialized"),
        (&waits, text(waits[0].clone()), 4000, "Already Initialized"),
        (
            &waits,
            text(json!({"type": "data", "stream": "stdout", "data": "x"})),
            4004,
            "Can only write to stdin",
        ),
        (&waits, text(json!({"type": "signal", "signal": "SIGNAL"})), 4005, "Invalid signal"),
    ] {
        let shown = format!("{message:?}");
        let (last, close) = closed(before, message);
        assert_ne!(last["type"], "error", "{shown}");
        assert_eq!(close, (code, reason.to_owned()), "{shown}");
    }
    let wrong = |name: &str, value: Value| {
        let mut request = init("python", "x");
        request[name] = value;
        text(request)
    };
    for (before, message, said) in [
        (&[][..], Message::Text("{".into()), "not valid JSON"),
        (&[], Message::Text("[]".into()), "object"),
        (&[], Message::Binary(vec![1].into()), "text message"),
        (&[], wrong("language", json!("cobol")), "cobol-* runtime is unknown"),
        (&[], wrong("version", json!("9.x")), "python-9.x runtime is unknown"),
        (&[], wrong("files", json!([])), "at least one utf8"),
        (&[], wrong("files", json!([{"name": "../x", "content": ""}])), "leaves the project"),
        (&[], wrong("run_timeout", json!("soon")), "`run_timeout` must be a number."),
        (&waits, Message::Text("{".into()), "not valid JSON"),
        (&waits, text(json!({"type": "data", "stream": "stdin", "data": 3})), "`data` must be a string."),
        (&waits, text(json!({"type": "data", "stream": "stdin"})), "`data` must be a string."),
    ] {
        let shown = format!("{message:?}");
        let (last, close) = closed(before, message);
        assert_eq!(
            (last["type"].as_str(), close),
            (Some("error"), (4002, "Notified Error".to_owned())),
            "{shown}"
        );
        assert!(last["message"].as_str().unwrap().contains(said), "{shown}: {last}");
    }
}

#[test]
fn a_socket_on_which_nobody_asks_for_a_run_is_closed_after_a_second() {
    let begun = Instant::now();
    let mut socket = Socket::open(server(), "/api/v2");
    socket.say(&json!({"type": "unheard of"}));
    assert_eq!(socket.rest(), (Vec::new(), (4001, "Initialization Timeout".to_owned())));
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_run_that_is_lost_is_told_as_an_error_and_one_whose_client_leaves_is_stopped() {
    let server = Server::start(&[("SCE_COMPAT", "piston"), ("SCE_POOL_SIZE", "0")]);
    let waits = init("python", "print('ready', flush=True)\ninput()");
    let mut socket = Socket::open(&server, "/api/v2");
    socket.say(&waits);
    socket.until("stdout", "ready");
    engine::remove(&engine::running(&server.deployment)[0].id);
    let (all, close) = socket.rest();
    assert_eq!(close, (4002, "Notified Error".to_owned()), "{all:?}");
    let last = all.last().unwrap();
    assert!(last["type"] == "error" && last["message"].as_str().unwrap().contains("lost"), "{last}");

    let mut socket = Socket::open(&server, "/api/v2");
    socket.say(&waits);
    socket.until("stdout", "ready");
    drop(socket);
    let gone = || engine::sandboxes(&server.deployment).is_empty().then_some(());
    assert!(within(Duration::from_secs(5), gone).is_some());
    assert_eq!(server.get("/history").json().as_array().unwrap().len(), 2);
}

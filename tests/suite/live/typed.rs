//! Programs that are typed into on a socket.

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest as _, http::Request},
};

use crate::support::{
    Server,
    engine::{self, RUNTIME},
    shared, within,
};

/// A socket whose program runs.
pub struct Socket(WebSocketStream<TcpStream>);

async fn opened(server: &Server, request: Request<()>) -> Result<WebSocketStream<TcpStream>, Error> {
    let stream = TcpStream::connect(server.authority()).await.unwrap();
    client_async(request, stream).await.map(|(socket, _)| socket)
}

impl Socket {
    pub fn open(server: &Server, language: &str, code: &str) -> Self {
        let mut request = format!("ws://{}/run/live", server.authority()).into_client_request().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", "sce.v1".parse().unwrap());
        let mut socket = Self(RUNTIME.block_on(opened(server, request)).unwrap());
        socket.say(json!({"language": language, "code": code, "input": "live"}));
        assert_eq!(socket.hear()["type"], "accepted");
        assert_eq!(socket.hear(), json!({"type": "began", "step": 0}));
        socket
    }

    pub fn say(&mut self, message: Value) {
        RUNTIME.block_on(self.0.send(Message::Text(message.to_string().into()))).unwrap();
    }

    pub fn types(&mut self, text: &str) {
        self.say(json!({"type": "input", "text": text}));
    }

    fn next(&mut self) -> Message {
        loop {
            let next = async { timeout(Duration::from_secs(30), self.0.next()).await.expect("in time") };
            match RUNTIME.block_on(next).expect("open").unwrap() {
                Message::Ping(_) | Message::Pong(_) => {}
                other => return other,
            }
        }
    }

    fn hear(&mut self) -> Value {
        match self.next() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("no event: {other:?}"),
        }
    }

    /// Reads until the program has written this, after what was read before.
    pub fn until(&mut self, text: &str) -> String {
        let mut read = String::new();
        while !read.contains(text) {
            let event = self.hear();
            assert_eq!(event["type"], "output", "waiting for {text:?}: {event}");
            read += event["text"].as_str().unwrap();
        }
        read
    }

    /// Reads to the end: what the program wrote, and the result.
    pub fn end(&mut self) -> (String, Value) {
        let mut read = String::new();
        loop {
            let event = self.hear();
            match event["type"].as_str().unwrap() {
                "output" => read += event["text"].as_str().unwrap(),
                "result" | "error" => return (read, event),
                _ => {}
            }
        }
    }
}

#[test]
fn a_prompt_appears_before_its_answer_is_typed() {
    let code = "a = input('first? ')\nb = input('second? ')\nc = input('third? ')\nprint(a + b + c)";
    let mut socket = Socket::open(shared(), "python", code);
    for (prompt, answer) in [("first? ", "x\n"), ("second? ", "yü\n"), ("third? ", "z\n")] {
        socket.until(prompt);
        socket.types(answer);
    }
    let (written, result) = socket.end();
    assert_eq!(
        (written.as_str(), &result["type"], &result["status"]),
        ("xyüz\n", &json!("result"), &json!("completed"))
    );
    assert!(matches!(socket.next(), Message::Close(Some(_))));
}

#[test]
fn readline_of_node_asks_and_is_answered() {
    let code = "const rl = require('readline').createInterface({input: process.stdin, output: process.stdout});\n\
                rl.question('name? ', name => { console.log('hello ' + name); rl.close(); });";
    let mut socket = Socket::open(shared(), "javascript", code);
    socket.until("name? ");
    socket.types("Ada\n");
    // Node itself goes on while its standard input is open: so does `(echo Ada; sleep 9) | node`.
    socket.say(json!({"type": "end_input"}));
    let (written, result) = socket.end();
    assert!(written.contains("hello Ada"), "{written}");
    assert_eq!(result["status"], "completed");
}

#[test]
fn two_hundred_lines_typed_as_fast_as_they_go_arrive_in_order() {
    let code = "import sys\nfor line in sys.stdin:\n    print(int(line) ** 2, flush=True)";
    let mut socket = Socket::open(shared(), "python", code);
    for number in 0..200 {
        socket.types(&format!("{number}\n"));
    }
    socket.say(json!({"type": "end_input"}));
    let (written, result) = socket.end();
    assert_eq!(written, (0..200_u32).map(|number| format!("{}\n", number * number)).collect::<String>());
    assert_eq!(result["status"], "completed");
}

#[test]
fn a_paste_of_eight_mebibytes_arrives_whole() {
    let code = "import sys, hashlib\ndata = sys.stdin.buffer.read()\nprint(len(data), data == b'0123456789abcde\\n' * (len(data) // 16))";
    let mut socket = Socket::open(shared(), "python", code);
    let paste = "0123456789abcde\n".repeat(512 * 1024 / 16);
    for _ in 0..16 {
        socket.types(&paste);
    }
    socket.say(json!({"type": "end_input"}));
    assert_eq!(socket.end().0, format!("{} True\n", 8 * 1024 * 1024));
}

#[test]
fn an_interrupt_is_a_keyboard_interrupt_in_python_and_an_event_in_node() {
    let code = "print('ready', flush=True)\ntry:\n    import time; time.sleep(30)\nexcept KeyboardInterrupt:\n    print('caught')";
    let mut socket = Socket::open(shared(), "python", code);
    socket.until("ready");
    socket.say(json!({"type": "signal", "name": "SIGINT"}));
    assert_eq!(socket.end().0.trim(), "caught");

    let code = "process.on('SIGINT', () => { console.log('caught'); process.exit(7); });\n\
                setInterval(() => {}, 1000); console.log('ready');";
    let mut socket = Socket::open(shared(), "javascript", code);
    socket.until("ready");
    socket.say(json!({"type": "signal", "name": "SIGINT"}));
    let (written, result) = socket.end();
    assert_eq!((written.trim(), &result["exit_code"]), ("caught", &json!(7)));
}

#[test]
fn an_interrupt_and_a_stop_come_through_a_paste_that_nobody_reads() {
    let code = "print('ready', flush=True)\nimport time\ntime.sleep(60)";
    for (message, kind) in
        [(json!({"type": "signal", "name": "SIGINT"}), "result"), (json!({"type": "stop"}), "error")]
    {
        let mut socket = Socket::open(shared(), "python", code);
        socket.until("ready");
        for _ in 0..16 {
            socket.types(&"x".repeat(512 * 1024));
        }
        let begun = Instant::now();
        socket.say(message);
        let (_, result) = socket.end();
        assert_eq!(result["type"], kind, "{result}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

#[test]
fn the_sandbox_is_gone_within_a_second_of_the_close() {
    let server = Server::start(&[("SCE_POOL_SIZE", "0")]);
    for polite in [true, false] {
        let mut socket = Socket::open(&server, "python", "print('ready', flush=True)\ninput()");
        socket.until("ready");
        assert_eq!(engine::sandboxes(&server.deployment).len(), 1);
        if polite {
            RUNTIME.block_on(socket.0.close(None)).unwrap();
        } else {
            drop(socket);
        }
        let gone = || engine::sandboxes(&server.deployment).is_empty().then_some(());
        assert!(within(Duration::from_secs(1), gone).is_some(), "polite: {polite}");
    }
}

#[test]
fn another_sites_page_opens_no_socket() {
    let mut request = format!("ws://{}/run/live", shared().authority()).into_client_request().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", "sce.v1".parse().unwrap());
    request.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    match RUNTIME.block_on(opened(shared(), request)) {
        Err(Error::Http(answer)) => assert_eq!(answer.status(), 403),
        other => panic!("{other:?}"),
    }
}

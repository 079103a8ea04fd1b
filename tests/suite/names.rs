//! Names: `localhost` is there, as in any container, and nothing else is.

use serde_json::json;

use crate::support::shared;

#[test]
fn localhost_is_this_sandbox_in_python() {
    let code = "\
import http.server, socket, threading, urllib.request
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b'hello')
    def log_message(self, *args): pass
server = http.server.HTTPServer(('localhost', 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
for host in ('localhost', 'LOCALHOST', 'app.localhost', socket.gethostname(), '127.0.0.1'):
    print(urllib.request.urlopen(f'http://{host}:{server.server_port}/').read())
print(socket.gethostbyname('localhost'), socket.gethostbyname(socket.gethostname()), socket.getfqdn('127.0.0.1'))
print(sorted({info[4][0] for info in socket.getaddrinfo('localhost', 80)}))
for name in ('example.com', 'localhost.example.com', 'host.docker.internal'):
    try: socket.getaddrinfo(name, 80)
    except OSError as error: print(error)
";
    let outcome = shared().python(code);
    outcome.ended("completed", 0);
    let said: Vec<_> = outcome.output().lines().collect();
    assert_eq!(
        said[..6],
        ["b'hello'", "b'hello'", "b'hello'", "b'hello'", "b'hello'", "127.0.0.1 127.0.0.1 localhost"]
    );
    assert!(["['127.0.0.1', '::1']", "['127.0.0.1']"].contains(&said[6]), "{}", said[6]);
    assert_eq!(said[7..], ["[Errno -3] Temporary failure in name resolution"; 3]);
}

#[test]
fn localhost_is_this_sandbox_in_javascript() {
    let code = "\
const http = require('http'), dns = require('dns').promises;
const server = http.createServer((_, answer) => answer.end('hello')).listen(0, 'localhost', async () => {
  const { port } = server.address();
  console.log(await (await fetch(`http://localhost:${port}/`)).text());
  console.log((await dns.lookup('localhost', { family: 4 })).address, await dns.resolve4('localhost'));
  console.log(await dns.lookup('example.com').catch((error) => error.code));
  server.close();
});
";
    let outcome = shared().run(&json!({"language": "javascript", "code": code}));
    outcome.ended("completed", 0);
    assert_eq!(outcome.output(), "hello\n127.0.0.1 [ '127.0.0.1' ]\nEAI_AGAIN\n");
}

#[test]
fn localhost_is_there_in_every_test_case() {
    let code = "import socket; print(socket.gethostbyname('localhost'))";
    let answer = shared().run(&json!({"code": code, "tests": [{}, {}, {}]}));
    let printed: Vec<_> = answer.0["tests"].as_array().unwrap().iter().map(|test| &test["output"]).collect();
    assert_eq!(printed, ["127.0.0.1\n"; 3], "{}", answer.0);
}

#[test]
fn who_floods_the_name_server_is_ended_in_time_and_gets_no_more_than_answers() {
    let code = "\
import os, socket
question = bytes([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 9]) + b'localhost' + bytes([0, 0, 1, 0, 1])
for _ in range(4): os.fork()
asks = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asks.connect(('127.0.0.1', 53))
for junk in range(600): asks.send(os.urandom(junk % 512))
print('flooding')
while True:
    try: asks.send(question)
    except OSError: pass
";
    let outcome = shared().run(&json!({"code": code, "limits": {"timeout_seconds": 2}}));
    // On cgroup version 1 datagrams that nobody reads are charged to nobody, and bounded: that may end it before.
    assert!(["time_limit", "memory_limit"].contains(&outcome.status()), "{}", outcome.0);
    let observed = outcome.0["limit"]["observed"].as_f64().unwrap();
    // On a busy host four times the limit, by the clock; whoever floods us gains nothing beyond that.
    assert!(outcome.status() == "memory_limit" || observed < 9.0, "{}", outcome.0);
    shared().python("print(1)").printed("1\n");
}

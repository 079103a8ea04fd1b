#!/usr/bin/env python3
"""Runs real clients of other systems against the real server, through a proxy that writes down what they say.

usage: drive.py SERVER OUT [NAME...]

SERVER is our program, OUT the folder for the recordings. Each client is a script of this folder; `CLIENTS` says what
starts it. A script announces each case (`case("hello")`), does it, and fails when the client does not show what it must.
The proxy writes down method, path, headers, body and answer of every request; the tests replay that without the clients.

Cases may ask for a condition, which the driver makes for real:
  busy   the only place to run in is taken
  lost   the sandbox is killed while the program runs
  key    a door before the server refuses the key, as API Gateway does: this server knows no keys

Of every case the executions on record are counted, and so are the requests. No case runs a program more often than it was asked
for: a client that repeats on its own may repeat what was refused, and never what may have run.
"""

import base64, http.client, http.server, itertools, json, os, re, socket, subprocess, sys, tempfile, threading, time, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
# Cases that run more than one program.
MOST = {"batch": 2, "test_cases": 3, "testsubmit": 200}
# What an API of API Gateway answers to a key that its authorizer refuses.
REFUSED = 401, [("content-type", "application/json")], b'{"message":"Unauthorized"}'
# What is not written down: suites of others, whose requests change from run to run or are not ours to keep; and what a client repeats
# until it is let in.
NOT_WRITTEN = {"mcp-conformance", "jobe-testsubmit", "repeated"}
NUMBERS = itertools.count()
KEPT = 600  # characters of a long string that a recording keeps
NOT_KEPT = {"host", "content-length", "connection", "transfer-encoding", "accept-encoding", "date", "user-agent", "x-request-id", "keep-alive"}


def docker(method, path):
    """One call to the engine, by its socket."""
    host = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    connection = http.client.HTTPConnection("engine", timeout=30)
    if host.startswith("unix://"):
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(host.removeprefix("unix://"))
    else:
        address = urllib.parse.urlsplit(host)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    connection.request(method, path)
    answer = connection.getresponse().read()
    return json.loads(answer) if answer.strip().startswith((b"[", b"{")) else None


class Server:
    """Our server, with these settings."""

    def __init__(self, program, **settings):
        self.deployment = f"clients-{os.getpid()}-{next(NUMBERS)}"
        self.data = tempfile.TemporaryDirectory()
        keep = {name: value for name, value in os.environ.items() if not name.startswith("SCE_")}
        self.log = tempfile.NamedTemporaryFile("w+")
        self.process = subprocess.Popen(
            [program],
            env=keep | {
                "SCE_LISTEN": "127.0.0.1:0", "SCE_DATA_DIR": self.data.name, "SCE_DEPLOYMENT": self.deployment,
                "SCE_LOG_FORMAT": "json", "SCE_COMPAT": "mcp,tools,piston,dify,judge0,jobe,sandboxfusion",
            } | settings,
            stdout=self.log, stderr=self.log,
        )
        deadline = time.time() + 90
        while True:
            text = open(self.log.name).read()
            found = re.search(r"listening on http://([0-9.]+):(\d+)", text)
            if found:
                self.address = found.group(1), int(found.group(2))
                return
            if self.process.poll() is not None or time.time() > deadline:
                raise SystemExit(f"the server does not serve:\n{text}")
            time.sleep(0.1)

    def ask(self, method, path, headers, body):
        connection = http.client.HTTPConnection(*self.address, timeout=120)
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def executions(self):
        count, before = 0, ""
        while True:
            _, _, body = self.ask("GET", "/history?limit=100" + before, {}, None)
            page = json.loads(body)
            count += len(page)
            if len(page) < 100:
                return count
            before = "&before=" + page[-1]["id"]

    def containers(self):
        filters = urllib.parse.quote(json.dumps({"label": [f"sce.deployment={self.deployment}"]}))
        return [one for one in docker("GET", f"/containers/json?filters={filters}") or []]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()


def pump(source, target):
    """Hands on all bytes, and their end."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Case:
    def __init__(self, name="", condition=""):
        self.name, self.condition = name, condition


class Proxy:
    """Stands between a client and the servers, and writes down what is said."""

    def __init__(self, plain, rough):
        self.plain, self.rough = plain, rough
        self.case, self.said, self.lock, self.hogs, self.before = Case(), [], threading.Lock(), [], 0
        self.counts, self.asked = {}, {}
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def handle_any(self):
                length = self.headers.get("content-length")
                if length is not None:
                    body = self.rfile.read(int(length))
                elif "chunked" in self.headers.get("transfer-encoding", ""):
                    body = b""
                    while size := int(self.rfile.readline().split(b";")[0], 16):
                        body += self.rfile.read(size)
                        self.rfile.readline()
                    self.rfile.readline()
                else:
                    body = b""
                if self.path.startswith("/__case/"):
                    name, _, condition = self.path.removeprefix("/__case/").partition("/")
                    proxy.begin(name, condition)
                    return self.reply(200, [], b"{}")
                headers = [(name, value) for name, value in self.headers.items()]
                proxy.count()
                # A client that gives up an answer is in its next case when that answer comes.
                case = proxy.case
                if case.condition == "key":
                    return self.reply(*REFUSED)
                server = proxy.rough if case.condition in ("busy", "lost") else proxy.plain
                if self.headers.get("upgrade", "").lower() == "websocket":
                    return self.tunnel(server)
                onward = {n: v for n, v in headers if n.lower() not in ("connection", "transfer-encoding", "content-length")}
                # The client knows us by the proxy's address, and so must the server, or `servers` would lead past it.
                status, answer_headers, answer = server.ask(self.command, self.path, onward, body or None)
                proxy.note(case, self.command, self.path, headers, body, status, answer_headers, answer)
                self.reply(status, answer_headers, answer)

            def tunnel(self, server):
                """Hands on what is said on a socket, both ways, until one side is done. It is not written down."""
                with socket.create_connection(server.address) as onward:
                    lines = [f"{self.command} {self.path} HTTP/1.1"] + [f"{n}: {v}" for n, v in self.headers.items()]
                    onward.sendall("\r\n".join([*lines, "", ""]).encode())
                    back = threading.Thread(target=pump, args=(onward, self.connection), daemon=True)
                    back.start()
                    pump(self.connection, onward)
                    back.join()
                self.close_connection = True

            def reply(self, status, headers, body):
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                        self.send_header(name, value)
                if status != 204:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD" and status != 204:
                    self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = handle_any

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def count(self):
        with self.lock:
            self.asked[self.case.name] = self.asked.get(self.case.name, 0) + 1

    def begin(self, name, condition):
        self.end()
        self.case = Case(name, condition)
        if condition == "busy":
            body = json.dumps({"code": "import time; time.sleep(9)"})
            hog = threading.Thread(target=lambda: self.rough.ask("POST", "/run", {"content-type": "application/json"}, body))
            hog.start()
            self.hogs.append(hog)
            time.sleep(1.5)
        if condition == "lost":
            while self.rough.containers():
                time.sleep(0.05)
            self.killing = threading.Thread(target=self.kill_next)
            self.killing.start()
        self.before = (self.rough if condition in ("busy", "lost") else self.plain).executions()

    def end(self):
        """Ends a case, and counts what it ran."""
        if not self.case.name:
            return
        server = self.rough if self.case.condition in ("busy", "lost") else self.plain
        self.counts[self.case.name] = server.executions() - self.before
        for hog in self.hogs:
            hog.join()
        self.hogs.clear()
        self.case = Case()

    def kill_next(self):
        """Kills the sandbox of the next run, when its program has begun: one that is killed before is made anew, unseen by the client.
        Six seconds are what Node takes to start on the busiest of hosts; the program takes eight more."""
        deadline = time.time() + 90
        while time.time() < deadline:
            if self.rough.containers():
                time.sleep(6)
                for one in self.rough.containers():
                    docker("DELETE", f"/containers/{one['Id']}?force=true")
                return
            time.sleep(0.05)

    def note(self, case, method, path, headers, body, status, answer_headers, answer):
        # How often a client looks before the end is the moment's.
        if not case.name or case.name in NOT_WRITTEN or method == "GET" and (b'"id":1}' in still(answer) or b'"id":2}' in still(answer)):
            return
        kept = lambda all: [[n.lower(), v] for n, v in all if n.lower() not in NOT_KEPT]
        with self.lock:
            self.said.append({
                "case": case.name, "condition": case.condition, "method": method, "path": path,
                "headers": kept(headers), "body": as_text(body), "status": status,
                "answer_headers": [[n, v] for n, v in kept(answer_headers) if n in ("content-type", "allow", "retry-after")],
                "answer": shortened(as_text(answer)),
            })


def still(answer):
    """The statuses in an answer of Judge0's."""
    return b"".join(re.findall(rb'"status":\{[^}]*\}', re.sub(rb'"description":"[^"]*",', b"", answer)))


def as_text(body):
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(body).decode()}


def shortened(text):
    """Long strings in an answer, or a long answer, keep their beginning."""
    def short(value):
        if isinstance(value, str) and len(value) > KEPT:
            try:
                return json.dumps(short(json.loads(value)))
            except ValueError:
                return value[:KEPT] + "…"
        if isinstance(value, list):
            return [short(one) for one in value]
        if isinstance(value, dict):
            return {name: short(one) for name, one in value.items()}
        return value

    if not isinstance(text, str) or len(text) <= KEPT:
        return text
    try:
        return json.dumps(short(json.loads(text)), ensure_ascii=False)
    except ValueError:
        return text[:KEPT] + "…"


def run_client(client, url):
    """Its exit code, and what it wrote; none of an exit code where it had to be killed."""
    environment = os.environ | {"BASE": url, "PYTHONPATH": HERE, "PYTHONDONTWRITEBYTECODE": "1"} | client.get("env", {})
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(client["command"], env=environment, stdout=output, stderr=subprocess.STDOUT, cwd=HERE)
        try:
            code = process.wait(600)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        output.seek(0)
        return code, output.read()


def main():
    program, out, clients = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    os.makedirs(out, exist_ok=True)
    plain = Server(program, SCE_POOL_SIZE="1", SCE_LANGUAGES="python,javascript,c,cpp")
    rough = Server(program, SCE_POOL_SIZE="0", SCE_MAX_RUNNING="1", SCE_QUEUE_LENGTH="1", SCE_QUEUE_TIMEOUT_SECONDS="1")
    failed = []
    servers = {"": plain}
    try:
        for client in clients:
            # A client that wants other languages has a server of its own.
            languages = client.get("env", {}).get("LANGUAGES", "")
            if languages not in servers:
                # Jobe's test program asks for 15 s, and needs 10 of them.
                settings = {"SCE_POOL_SIZE": "0", "SCE_LANGUAGES": languages, "SCE_TIMEOUT_SECONDS": "15"}
                servers[languages] = Server(program, **settings)
            proxy = Proxy(servers[languages], rough)
            code, output = run_client(client, proxy.url)
            proxy.end()
            # A case runs its program once: more is a client that repeats what may have run.
            repeated = {case: count for case, count in proxy.counts.items() if count > MOST.get(case, 1)}
            # What a key was refused for is not on record; what was lost is, once.
            exact = {"fault": 1, "key": 0}
            repeated |= {case: count for case, count in proxy.counts.items() if count != exact.get(case, count)}
            if "repeated" in proxy.counts and proxy.asked["repeated"] < 2:
                repeated["repeated"] = "the client did not repeat what was refused"
            good = code == 0 and not repeated
            told = ", ".join(f"{case} {count}/{proxy.asked.get(case, 0)}" for case, count in proxy.counts.items())
            print(f"{client['name']}: {'good' if good else 'BAD'} (runs on record/requests: {told})", flush=True)
            if not good:
                failed.append(client["name"])
                print(output[-6000:], f"repeated: {repeated}", flush=True)
            elif client["name"] not in NOT_WRITTEN:
                recording = {"client": client["name"], "said": proxy.said}
                with open(os.path.join(out, client["name"] + ".json"), "w") as file:
                    json.dump(recording, file, indent=1, ensure_ascii=False)
                    file.write("\n")
            proxy.http.shutdown()
    finally:
        for server in [*servers.values(), rough]:
            server.stop()
    sys.exit(f"these clients do not work as they are: {', '.join(failed)}" if failed else 0)


main()

"""What the scenarios share, in the guest: checks that are told a line each, commands, and handlers with their API.

A check that fails is told and counted, and the scenario goes on: whoever reads the list sees all that is wrong. Only what
makes the rest senseless (a handler that does not start) ends a scenario.
"""

import atexit
import http.client
import json
import os
import pathlib
import signal
import subprocess
import time

SCE = pathlib.Path("/x/sce")
LOGS = pathlib.Path("/x/logs")
# Without the processor's help everything takes some 30 times as long; bounds are as long, and crowds smaller.
FAST = subprocess.run(["systemd-detect-virt"], capture_output=True, text=True).stdout.strip() == "kvm"
PATIENCE = 1 if FAST else 20


def note(text):
    print(f"     {text}", flush=True)


def check(what, holds, seen=""):
    """Tells whether it holds, and if not what was seen."""
    print(f"ok   {what}" if holds else f"FAIL {what}: {str(seen)[-1500:]}", flush=True)
    return bool(holds)


def title(text):
    print(f"---- {text}", flush=True)


def sh(command, **options):
    """The command's standard output; what it says beside goes to a log."""
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, **options)
    with open(LOGS / "commands.log", "a") as log:
        log.write(f"$ {command}\n{done.stdout[-4000:]}{done.stderr[-4000:]}[{done.returncode}]\n")
    return done.stdout.strip()


def within(seconds, look):
    """The first that `look` finds, or its last answer when time is over. A machine without KVM has more time."""
    deadline = time.monotonic() + seconds * PATIENCE
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def engine(path, socket="/run/docker.sock"):
    """What an engine answers to GET."""
    return json.loads(sh(f"curl --silent --unix-socket {socket} http://engine{path}"))


def processes(*names):
    """The pids of all processes with one of these names, as the kernel has them."""
    found = []
    for comm in pathlib.Path("/proc").glob("[0-9]*/comm"):
        try:
            if comm.read_text().strip() in names:
                found.append(int(comm.parent.name))
        except OSError:
            pass  # it has ended
    return found


def use_engine(settings):
    """Starts Docker's daemon anew with these settings."""
    pathlib.Path("/etc/docker").mkdir(exist_ok=True)
    pathlib.Path("/etc/docker/daemon.json").write_text(json.dumps(settings))
    sh("systemctl reset-failed docker.service docker.socket; systemctl restart docker.service")


class Handler:
    """The server, with its log in /x/logs/NAME.log. Settings are environment variables."""

    def __init__(self, name, **settings):
        self.log = LOGS / f"{name}.log"
        self.port = 5000
        bare = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
        environment = {**bare, "NO_COLOR": "1", "SCE_DATA_DIR": f"/root/data-{name}", **settings}
        began = time.monotonic()
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(["/root/handler"], env=environment, cwd="/root", stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        atexit.register(self.process.kill)  # so that a scenario that breaks off leaves the next one its port
        self.up = bool(within(120, lambda: self.process.poll() is not None or "listening on" in self.said()))
        self.up = self.up and self.process.poll() is None
        self.took = time.monotonic() - began

    def said(self):
        return self.log.read_text(errors="replace")

    def serves(self, what):
        """Checks that it started; ends the scenario if not."""
        if not check(f"{what} (listening after {self.took:.1f} s)", self.up, self.said()):
            self.stop()
            raise SystemExit(0)  # told already
        return self

    def call(self, method, path, body=None, timeout=120):
        """Status and parsed answer; 0 and the reason where there was none."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout * PATIENCE)
        try:
            line.request(method, path, json.dumps(body) if body is not None else None, {"content-type": "application/json"})
            answer = line.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if text.startswith(("{", "[")) else text
        except OSError as error:
            return 0, str(error)
        finally:
            line.close()

    def run(self, code, **request):
        return self.call("POST", "/run", {"code": code, **request})[1]

    def health(self):
        return self.call("GET", "/health")[1]

    def held(self):
        """Sandboxes that wait, by language."""
        return {pool["language"]: pool["warm"] for pool in self.health()["docker"]["pool"]}

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            self.process.wait(60 * PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            check("it ends when it is told to", False, self.said())


def expect(what, answer, **wanted):
    """Checks fields of an answer: by equality, or by a function that says whether the value will do."""
    def fits(name, want):
        value = answer.get(name) if isinstance(answer, dict) else None
        return want(value) if callable(want) else value == want

    wrong = [name for name, want in wanted.items() if not fits(name, want)]
    return check(what, not wrong, f"{', '.join(wrong)} in {json.dumps(answer)}")


def limit_of(answer):
    return (answer.get("limit") or {}) if isinstance(answer, dict) else {}

"""What is left when something dies: the server, by SIGKILL, and the engine, while a program runs."""

import pathlib
import signal
import threading
import time

from guest import Handler, check, expect, note, processes, sh, title, within

BUSY = "import os\nos.fork()\nwhile True: pass"


def left():
    """What there is of sandboxes: containers, their processes, their scopes, and volumes but that of sandbox-init."""
    return {
        "containers": sh("docker ps --all --quiet").split(),
        "processes": processes("sandbox-init", "python3.11", "node"),
        "scopes": [scope.name for scope in pathlib.Path("/sys/fs/cgroup/sce.slice").glob("docker-*")],
        "volumes": [name for name in sh("docker volume ls --quiet").split() if not name.startswith("sce-init")],
    }


def begin(handler, code):
    """A program that runs, and where its answer will be."""
    answers = []
    asker = threading.Thread(target=lambda: answers.append(handler.call("POST", "/run", {"code": code})))
    asker.start()
    check("a program is running", within(60, lambda: handler.health()["docker"].get("running") == 1), handler.health())
    return asker, answers


title("ends: kill -9 of the server, two busy processes running, two sandboxes waiting")
handler = Handler("killed", SCE_LANGUAGES="python", SCE_TIMEOUT_SECONDS="300").serves("the server starts")
within(60, lambda: sum(handler.held().values()) == 2)
asker, _ = begin(handler, BUSY)
before = left()
check("there is something to leave behind", len(before["containers"]) >= 2 and len(before["scopes"]) >= 2, before)
began = time.monotonic()
handler.stop(signal.SIGKILL)
check("no process of a sandbox is left", within(30, lambda: not left()["processes"]), left())
note(f"gone after {time.monotonic() - began:.1f} s")
check("no container, scope or volume is left", within(60, lambda: not any(left().values())), left())
note(f"gone after {time.monotonic() - began:.1f} s")
asker.join()

title("ends: the engine starts anew while a program runs")
handler = Handler("engine-restart", SCE_LANGUAGES="python", SCE_TIMEOUT_SECONDS="300").serves("the server starts")
asker, answers = begin(handler, BUSY)
began = time.monotonic()
sh("systemctl restart docker.service")
asker.join(60)
status, answer = answers[0] if answers else (0, "no answer")
check(f"502 sandbox_lost after {time.monotonic() - began:.1f} s", status == 502 and answer.get("code") == "sandbox_lost", (status, answer))
served = within(90, lambda: (handler.call("POST", "/run", {"code": "print(8)"})[1] or {}).get("output") == "8\n")
check(f"it serves again, {time.monotonic() - began:.1f} s after the restart began", served, handler.said())
expect("/health is ok again", within(60, lambda: handler.health() if handler.health()["status"] == "ok" else None) or handler.health(), status="ok")
check("the pool is full again", within(90, lambda: sum(handler.held().values()) == 2), handler.held())
check("no more than the pool is there", within(60, lambda: len(left()["containers"]) == 2), left())
handler.stop()
check("nothing is left", within(60, lambda: not any(left().values())), left())

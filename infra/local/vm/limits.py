"""How programs end on cgroup v2: each limit, with its evidence; programs that creep to the limit of memory by hundreds, with
the kernel's word on who was at it; and what the kernel holds for programs that fill it."""

import collections
import concurrent.futures
import pathlib
import threading
import time

from guest import FAST, SCE, Handler, check, expect, limit_of, note, sh, title

MIB = 1024 * 1024
TRACING = pathlib.Path("/sys/kernel/tracing")


def examples(handler):
    run = handler.run
    for language, reads, raises in (
        ("python", "print(input() + '!')", "raise ValueError('no')"),
        ("javascript", "console.log(require('fs').readFileSync(0, 'utf8').trim() + '!')", "throw new TypeError('no')"),
    ):
        leaves = "import sys; sys.exit(3)" if language == "python" else "process.exit(3)"
        expect(f"{language}: standard input", run(reads, language=language, stdin="Ada\n"), output="Ada!\n", status="completed", exit_code=0)
        expect(f"{language}: an exit code", run(leaves, language=language), status="nonzero_exit", exit_code=3)
        expect(f"{language}: an exception", run(raises, language=language), status="nonzero_exit", exit_code=1, error=lambda text: "Error: no" in text)
        endless = "print('on')\nwhile True: pass" if language == "python" else "console.log('on'); for (;;);"
        answer = run(endless, language=language, limits={"timeout_seconds": 2})
        expect(f"{language}: the limit of time, what was printed kept", answer, status="time_limit", exit_code=-2, output="on\n")
        observed = limit_of(answer).get("observed", 0)
        check(f"{language}: ended at its limit, by what counted", 2 <= observed < (2.5 if FAST else 4), answer)
        greedy = "print('on')\na = []\nwhile True: a.append(bytearray(10**6))"
        if language == "javascript":
            greedy = "console.log('on'); const a = []; for (;;) a.push(Buffer.alloc(1e6, 1))"
        answer = run(greedy, language=language)
        expect(f"{language}: the limit of memory, what was printed kept", answer, status="memory_limit", exit_code=137, output="on\n")
        limit = limit_of(answer)
        check(f"{language}: {limit.get('evidence')}", limit.get("value") == 128 * MIB and limit.get("observed", 0) >= 127 * MIB and "OOM killer" in limit["evidence"], answer)
    expect("a list of a billion", run("x = 'a' * 1000000000"), status="memory_limit", limit=lambda limit: limit["observed"] == 128 * MIB)
    expect("64 MiB asked for are 64 MiB", run("x = bytearray(80_000_000)", limits={"memory_mb": 64}), status="memory_limit", limit=lambda limit: limit["value"] == 64 * MIB)
    forks = "import os, time\nn = 0\ntry:\n  while True:\n    if os.fork() == 0: time.sleep(60)\n    n += 1\nexcept OSError as e: print(n < 64, e.errno)"
    expect("the limit of processes", run(forks), status="completed", output="True 11\n", limits_met=["processes"])
    expect("the limit of output", run("import sys\nwhile True: sys.stdout.write('x' * 65536)"), status="output_limit", bytes=lambda seen: seen["output"] >= 8 * MIB)
    expect("a signal of its own", run("import os; os.kill(os.getpid(), 11)"), status="signal", exit_code=139)
    answer = run("import subprocess, sys\nr = subprocess.run([sys.executable, '-c', 'x = bytearray(500_000_000)'])\nprint(r.returncode)")
    expect("a child is killed for memory and the program lives", answer, status="completed", output="-9\n")
    peak = run("b = bytearray(60_000_000)")["usage"]["memory_bytes"]
    check(f"60 MB are counted as {peak / 1e6:.0f}", 60e6 <= peak <= 90e6, peak)


def creeping(handler, count):
    """The OOM killer is called by whoever takes the last page. If that were PID 1, the report would be lost with it."""
    code = "print('before')\na = bytearray(100_000_000)\nb = []\nwhile True: b.append(bytearray(8192))"
    sh("dmesg --clear")
    # The kernel tells at most ten stacks in five seconds: so each call is counted by a probe, too.
    (TRACING / "kprobe_events").write_text("p:killer oom_kill_process\n")
    (TRACING / "events/kprobes/killer/enable").write_text("1")
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(4) as crowd:
        answers = list(crowd.map(lambda _: handler.run(code), range(count)))
    took = time.monotonic() - began
    called = collections.Counter(line.split("-")[0].strip() for line in (TRACING / "trace").read_text().splitlines() if "killer:" in line)
    (TRACING / "events/kprobes/killer/enable").write_text("0")
    (TRACING / "kprobe_events").write_text("")
    log = sh("dmesg").splitlines()
    stacks = [line for line in log if "invoked oom-killer" in line]
    killed = [line for line in log if "Killed process" in line]
    note(f"{count} programs in {took:.0f} s; the OOM killer was called by {dict(called)}; {len(stacks)} stacks in the kernel's log, {len(killed)} kills")
    ended = collections.Counter(answer.get("status", str(answer)) for answer in answers)
    check(f"{count} programs that creep to the limit: all of them memory_limit", ended == {"memory_limit": count}, ended)
    lost = [answer for answer in answers if answer.get("output") != "before\n"]
    check("no output is lost", not lost, lost[:3])
    check("the kernel's log has them", len(killed) >= count and stacks and sum(called.values()) >= count, (len(killed), called))
    check("never 'sandbox-init invoked', and never killed", not any("sandbox-init" in line for line in stacks + killed) and "sandbox-init" not in called, called)


def kernel_memory(handler):
    """What no limit counts: the suite's programs, and what the kernel holds while they run beyond what they are charged."""
    def look():
        fields = dict(line.split(":") for line in open("/proc/meminfo"))
        kib = {name: int(fields[name].split()[0]) for name in ("SUnreclaim", "VmallocUsed")}
        pages = sum(int(line.split("mem ")[1]) for line in open("/proc/net/sockstat") if line.startswith(("TCP:", "UDP:")) and "mem " in line)
        # All sandboxes are in this group; on cgroup v2 what waits in sockets is charged, too.
        charged = dict(line.split() for line in open("/sys/fs/cgroup/sce.slice/memory.stat"))
        return sum(kib.values()) * 1024 - int(charged["kernel"]), pages * 4096 - int(charged["sock"])

    programs = sorted((SCE / "tests/attacks/kernel_memory").glob("*.py"))
    if not FAST:
        note(f"without KVM three of these {len(programs)}")
        programs = [program for program in programs if program.stem in ("datagrams", "file_locks", "unaccepted")]
    for program in programs:
        over, samples = threading.Event(), []
        before = look()

        def watch():
            while not over.is_set():
                samples.append(look())
                time.sleep(0.05)

        watcher = threading.Thread(target=watch)
        watcher.start()
        answer = handler.run(program.read_text())
        over.set()
        watcher.join()
        # What did not last for half a second was somebody else's.
        windows = [samples[at : at + 10] for at in range(max(1, len(samples) - 9))]
        held = max(max(min(look[kind] for look in window) - before[kind] for window in windows) for kind in (0, 1))
        good = answer.get("status") in ("completed", "memory_limit", "time_limit") and held < 16 * MIB
        check(f"kernel memory: {program.stem}: {answer.get('status')}, {held / MIB:.1f} MiB that nobody is charged for", good, answer)


title("limits: each with its evidence")
handler = Handler("limits").serves("the server starts")
examples(handler)
title("limits: creeping to the limit of memory")
creeping(handler, 500 if FAST else 12)
title("limits: memory of the kernel")
kernel_memory(handler)
handler.stop()

"""A Debian 13 as installed, and the path of `make run` on it: engine, images, a server with no setting at all, README's own
examples; then every layer of isolation, read from inside."""

import json
import os
import pathlib
import re

from guest import SCE, Handler, check, engine, expect, note, processes, sh, title, within

EXAMPLE = re.compile(r"^```console( local)?$(.*?)^```$", re.M | re.S)


def readme_does_what_it_says():
    """Every command of README's blocks, with what stands below it; `…` is anything within a line."""
    done = 0
    for _, block in EXAMPLE.findall((SCE / "README.md").read_text()):
        for example in block.strip().split("\n$ "):
            command, _, printed = example.removeprefix("$ ").partition("\n")
            if command.startswith("make"):
                continue
            said = sh(command)
            pattern = ".*".join(re.escape(part) for part in printed.strip().split("…"))
            done += 1
            if not re.fullmatch(pattern, said):
                check(f"README: {command}", False, f"{said!r} is not {printed!r}")
    check(f"README: {done} examples do as they say", done > 15)


def layers(handler):
    """What the kernel says to a program of ours, by the program that the suite uses for it."""
    inside = json.loads(handler.run((SCE / "tests/compatibility/identity.py").read_text())["output"])
    status = inside["status"]
    check("no capability in any set", not any(int(status[name], 16) for name in status if name.startswith("Cap")), status)
    check("no new privileges, a seccomp filter", (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2"), status)
    check("a uid of its own, nobody's on the host", 20000 <= int(status["Uid"].split()[0]) < 60000, status["Uid"])
    bounds = {name: inside[name] for name in ("memory", "swap", "pids", "cpu")}
    check("memory.max, swap.max, pids.max, cpu.max", list(bounds.values()) == ["134217728", "0", "64", "100000 100000"], bounds)
    check("lo is the only interface, the host's name is not told", (inside["interfaces"], inside["hostname"]) == (["lo"], "sandbox"), inside)
    ours = {name: os.readlink(f"/proc/self/ns/{name}") for name in inside["namespaces"]}
    check("no namespace is the host's", not set(ours.values()) & set(inside["namespaces"].values()), inside["namespaces"])
    check("a read-only root", "ro" in inside["mounts"]["/"]["options"], inside["mounts"]["/"])
    looks = handler.run(
        "import os\nprint(open('/proc/self/attr/current').read().strip())\nprint(open('/proc/self/cgroup').read().strip())\n"
        "for p in ('/proc/modules','/proc/cmdline','/proc/interrupts','/proc/kallsyms','/proc/iomem'):\n"
        "  try: print(p, len(open(p).read()))\n  except OSError: print(p, 0)\n"
        "for p in ('/sys/module','/sys/block','/sys/kernel/btf','/sys/class/dmi','/sys/devices/virtual/block','/proc/irq'):\n"
        "  try: print(p, len(os.listdir(p)))\n  except OSError: print(p, 0)\n"
        "for p in ('/sys/fs/cgroup/x', '/tmp/x', '/sandbox/x'):\n"
        "  try: os.mkdir(p); print(p, 1)\n  except OSError: print(p, 0)"
    )["output"].splitlines()
    check("AppArmor's profile is enforced", looks[0] == "docker-default (enforce)", looks[0])
    check("its own cgroup namespace", looks[1] == "0::/", looks[1])
    check("what is masked shows nothing; nothing can be made", len(looks) == 16 and all(line.endswith(" 0") for line in looks[2:]), looks[2:])


title("as installed: engine, images, a server without any setting")
lsm = pathlib.Path("/sys/kernel/security/lsm").read_text()
check("cgroup v2, AppArmor and Landlock, as Debian has them", os.path.exists("/sys/fs/cgroup/cgroup.controllers") and "apparmor" in lsm and "landlock" in lsm, lsm)
info, version = engine("/info"), engine("/version")
note(f"{sh('uname -r')}, Engine {version['Version']}, {version['Components'][2]['Name']} {version['Components'][2]['Version']}, {info['Driver']}, {info['CgroupDriver']}, {lsm}")
up = sh(f"cd {SCE} && infra/local/engine.sh up 2>&1 && infra/local/images.sh 2>&1 && echo all is there")
check("engine.sh and images.sh find the engine of systemd and its images", up.endswith("all is there") and up.count("present") == 2, up)

handler = Handler("as-installed").serves("the server starts with no setting")
health = handler.health()
expect("/health", health, status="ok")
check("it says that AppArmor and Landlock are there", (health["docker"].get("apparmor"), health["docker"].get("landlock")) == (True, True), health)
scopes = within(60, lambda: sorted(pathlib.Path("/sys/fs/cgroup/sce.slice").glob("docker-*.scope")))
check("sandboxes are scopes of sce.slice", scopes, sh("systemd-cgls --no-pager"))
readme_does_what_it_says()
check("the pool is full", within(60, lambda: handler.held() == {"python": 2, "javascript": 2}), handler.held())
for language, code in (("python", "print(2+2)"), ("javascript", "console.log(2+2)")):
    answer = handler.run(code, language=language)
    expect(f"{language}: a warm sandbox is used ({answer.get('timings_ms')})", answer, output="4\n", sandbox=lambda box: box["start"] == "warm")
check("the pool fills again", within(60, lambda: handler.held() == {"python": 2, "javascript": 2}), handler.held())
marks = ["the first", "the second", "the third"]
for mark in marks:
    handler.run(f"print({mark!r})")
past = [entry["output"].strip() for entry in handler.call("GET", "/history?limit=10")[1]]
check("history: the latest ten, newest first", len(past) == 10 and past[:3] == marks[::-1], past)
layers(handler)
before = processes("sandbox-init")
handler.stop()
check("SIGTERM: nothing is left", before and within(30, lambda: not processes("sandbox-init") and not engine("/containers/json?all=1")), sh("docker ps -a"))

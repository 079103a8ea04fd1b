"""The same engine as others have it: with userns-remap, and without root."""

import json
import pathlib
import pwd

from guest import Handler, check, engine, expect, limit_of, sh, title, use_engine, within

FACTS = """
import os
print(open('/proc/self/uid_map').read().split())
print(open('/proc/self/attr/current').read().strip())
print(*(open('/sys/fs/cgroup/' + name).read().strip() for name in ('memory.max', 'pids.max', 'cpu.max')))
for path in ('/sys/fs/cgroup/x', '/sandbox/x', '/tmp/x'):
    try: os.mkdir(path); print('made', path)
    except OSError: pass
print('tried')
"""


def serves(what, name, label, maps, **settings):
    """Hello, layers, a limit: `maps` tells of a user namespace's first line, `label` is AppArmor's."""
    handler = Handler(name, SCE_LANGUAGES="python", SCE_POOL_SIZE="1", **settings).serves(what)
    expect("hello", handler.run("print(2+2)"), output="4\n", status="completed")
    facts = handler.run(FACTS)["output"].splitlines()
    check("root in the sandbox is nobody on the host", maps(json.loads(facts[0].replace("'", '"'))), facts)
    check(f"AppArmor: {label}", facts[1] == label, facts)
    check("memory.max, pids.max, cpu.max are in force; nothing can be made", facts[2:] == ["134217728 64 100000 100000", "tried"], facts)
    answer = handler.run("print('on')\nx = 'a' * 1000000000")
    expect("the limit of memory, with its evidence", answer, status="memory_limit", output="on\n")
    check(str(limit_of(answer).get("evidence")), "OOM killer" in limit_of(answer).get("evidence", ""), answer)
    handler.stop()


title("engines: userns-remap")
use_engine({"userns-remap": "default"})
check("the engine remaps", "name=userns" in engine("/info")["SecurityOptions"], engine("/info"))
serves("the server starts", "userns-remap", "docker-default (enforce)", lambda line: line[1] == "165536" or int(line[1]) >= 100000)
use_engine({})

title("engines: rootless")
user = pwd.getpwnam("user").pw_uid
home = f"/run/user/{user}"
sh("loginctl enable-linger user")
within(30, lambda: pathlib.Path(f"{home}/bus").exists())
as_user = f"runuser -u user -- env XDG_RUNTIME_DIR={home} DBUS_SESSION_BUS_ADDRESS=unix:path={home}/bus"
path = "PATH=/usr/bin:/bin:/usr/sbin:/sbin:/usr/share/docker.io/contrib"
sh(f"{as_user} systemd-run --user --unit=rootless --property=Delegate=yes -E {path} -E XDG_RUNTIME_DIR={home} /usr/share/docker.io/contrib/dockerd-rootless.sh --iptables=false --bridge=none")
socket = f"{home}/docker.sock"
answers = within(60, lambda: sh(f"curl --silent --unix-socket {socket} http://engine/_ping") == "OK")
if check("dockerd runs without root", answers and "name=rootless" in engine("/info", socket)["SecurityOptions"], sh(f"{as_user} journalctl --user -u rootless -n 30")):
    # Of Python what it needs to run, under the name of the whole: an engine under emulation takes minutes for all of it.
    sh(f"docker --host unix://{socket} import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' /root/slim.tar python:3.11-slim")
    serves("the server starts", "rootless", "runc (unconfined)", lambda line: int(line[1]) > 0, DOCKER_HOST=f"unix://{socket}")
sh(f"{as_user} systemctl --user stop rootless")

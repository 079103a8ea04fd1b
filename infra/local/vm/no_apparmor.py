"""The same machine with `apparmor=0`: it serves, and says that this layer is not there."""

import pathlib

from guest import Handler, check, expect, title

title("apparmor=0: it serves and says so")
lsm = pathlib.Path("/sys/kernel/security/lsm").read_text()
check("the kernel has no AppArmor", "apparmor" not in lsm and "landlock" in lsm, lsm)
handler = Handler("no-apparmor").serves("the server starts")
health = handler.health()
expect("/health", health, status="ok")
check("/health says that AppArmor is not there", health["docker"].get("apparmor") is False, health)
check("so does the log", "no AppArmor" in handler.said(), handler.said())
for language, code in (("python", "print(2+2)"), ("javascript", "console.log(2+2)")):
    expect(f"{language}: hello", handler.run(code, language=language), output="4\n", status="completed")
expect("no profile", handler.run("print(open('/proc/self/attr/current').read().strip(' \\n\\0'))"), output=lambda text: "docker-default" not in text)
expect("the limit of memory", handler.run("x = 'a' * 1000000000"), status="memory_limit")
writes = handler.run("for p in ('/tmp/x', '/sandbox/x', '/sys/fs/cgroup/cgroup.procs', '/proc/self/oom_score_adj'):\n  try: open(p, 'w'); print(p)\n  except OSError: pass")
expect("nothing can be written", writes, output="", status="completed")
handler.stop()

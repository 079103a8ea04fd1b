"""The same machine with `lsm=` that leaves Landlock out: refused, with that reason; with SCE_LANDLOCK=optional it serves, and
says that this layer is not there."""

import pathlib

from guest import Handler, check, expect, note, title

title("lsm= without landlock: refused")
lsm = pathlib.Path("/sys/kernel/security/lsm").read_text()
check("the kernel has no Landlock", "landlock" not in lsm and "apparmor" in lsm, lsm)
handler = Handler("no-landlock")
said = handler.said()
handler.stop()
reasons = [line.strip() for line in said.partition("\nsafe-code-executor: ")[2].splitlines() if line.startswith("  * ")]
check("the server does not serve, and ends with a code of its own", not handler.up and handler.process.returncode > 0, said)
check("each reason names Landlock", bool(reasons) and all("Landlock" in reason for reason in reasons), said)
for reason in reasons:
    note(reason)

title("lsm= without landlock, SCE_LANDLOCK=optional: it serves and says so")
handler = Handler("landlock-optional", SCE_LANDLOCK="optional").serves("the server starts")
health = handler.health()
expect("/health", health, status="ok")
check("/health says that Landlock is not there, and AppArmor is", (health["docker"].get("landlock"), health["docker"].get("apparmor")) == (False, True), health)
check("so does the log", "has no Landlock" in handler.said(), handler.said())
for language, code in (("python", "print(2+2)"), ("javascript", "console.log(2+2)")):
    answer = handler.run(code, language=language)
    expect(f"{language}: hello, and the answer says so", answer, output="4\n", status="completed", sandbox=lambda box: box["landlock"] is False)
tries = "for path in ('/tmp/x', '/sandbox/x', '/sandbox/main.py', '/sys/fs/cgroup/cgroup.procs', '/proc/self/oom_score_adj', '/proc/self/mem'):\n  try: open(path, 'r+b' if path.startswith('/proc') else 'w'); print(path)\n  except OSError: pass\nprint('tried')"
expect("nothing can be written", handler.run(tries), output="tried\n", status="completed")
expect("the limit of memory", handler.run("x = 'a' * 1000000000"), status="memory_limit")
handler.stop()

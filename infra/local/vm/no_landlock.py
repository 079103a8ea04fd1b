"""The same machine with `lsm=` that leaves Landlock out: refused, in one clear sentence."""

import pathlib

from guest import Handler, check, note, title

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

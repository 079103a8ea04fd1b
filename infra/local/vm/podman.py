"""Podman, which answers the Docker Engine's calls and means something else by some of them: one clear refusal."""

import time

from guest import PATIENCE, Handler, check, engine, note, sh, title, within

SOCKET = "/run/podman-api.sock"

title("podman: refused, in one sentence")
sh(f"systemd-run --unit=podman-api podman system service --time 0 unix://{SOCKET}")
answers = within(30, lambda: sh(f"curl --silent --unix-socket {SOCKET} http://engine/_ping") == "OK")
check("a real Podman answers", answers, sh("journalctl -u podman-api -n 20"))
note(str([f"{part['Name']} {part['Version']}" for part in engine("/version", SOCKET)["Components"]]))
began = time.monotonic()
handler = Handler("podman", DOCKER_HOST=f"unix://{SOCKET}")
took = time.monotonic() - began
said = handler.said()
handler.stop()
# What it says last, on the terminal; the log has had the same before.
reasons = [line.strip() for line in said.partition("\nsafe-code-executor: ")[2].splitlines() if line.startswith("  * ")]
check(f"the server ends at once ({took:.1f} s), with a code of its own", not handler.up and handler.process.returncode > 0 and took < 10 * PATIENCE, said)
check("one reason, that names Podman and what it ignores", len(reasons) == 1 and "Podman" in reasons[0] and "MaskedPaths" in reasons[0], said)
note(reasons[0] if reasons else said)
sh("systemctl stop podman-api")

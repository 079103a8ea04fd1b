"""That every tool which our scripts fetch is known by its hash before it runs."""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from templates import ROOT

SCRIPTS = sorted([*(ROOT / "infra").rglob("*.sh"), ROOT / "ui/check.sh", *(ROOT / ".ci").iterdir()])
# Other people's clients, which `make test-clients` tries as they are: nothing that we build or ship is made by them.
CLIENTS = ROOT / "infra/local/clients.sh"
LISTS = sorted((ROOT / "infra/local").glob("*.txt"))


def code(script):
    """A script without its comments, each command on one line."""
    return re.sub(r"(\\|(?<=\|))\n\s*", " ", re.sub(r"(?m)^\s*#.*", "", script.read_text()))


class Tools(unittest.TestCase):
    def test_in_python_are_each_of_one_version_with_its_hashes(self):
        self.assertEqual([file.stem for file in LISTS], ["infra-tools", "lambda-tools", "schemathesis"])
        for file in LISTS:
            packages = re.split(r"(?m)^(?=[^\s#])", re.sub(r"(?m)^#.*\n", "", file.read_text()))
            for package in filter(None, packages):
                with self.subTest(file.name):
                    self.assertRegex(package, r"^[A-Za-z0-9._-]+==\S+( ; [^\\]+)? \\\n( +--hash=sha256:[0-9a-f]{64}( \\)?\n)+$")

    def test_in_python_are_installed_by_hash_alone(self):
        scripts = [script for script in SCRIPTS if script != CLIENTS]
        found = [line for script in scripts for line in code(script).splitlines() if re.search(r"\bpip\S* install\b", line)]
        self.assertTrue(found)
        for line in found:
            self.assertIn("--require-hashes", line)
            self.assertIn("--no-deps", line)

    def test_that_are_clients_to_be_tried_are_each_of_one_version(self):
        named = re.findall(r"(?m)^\s*(python|npm)_client \S+ \S+ (\S+)", CLIENTS.read_text())
        self.assertGreater(len(named), 10)
        for kind, package in named:
            self.assertRegex(package, r"^'?[a-z0-9_.\[\]-]+==[0-9.]+'?$" if kind == "python" else r"^\S+@[0-9][0-9a-z.-]*$")

    def test_of_npm_are_those_of_the_lock_file(self):
        for script in SCRIPTS:
            for line in code(script).splitlines():
                if re.search(r"^\s*npm (i|install|ci)\b", line):
                    self.assertIn("npm ci", line, script.name)

    def test_are_never_run_as_they_come_from_a_site(self):
        for script in SCRIPTS:
            for line in code(script).splitlines():
                self.assertNotRegex(line, r"(curl|wget)\b[^|]*\|\s*(sudo\s+)?(ba|da)?sh\b", script.name)

    def test_are_compared_with_their_hash_where_they_are_fetched_by_name(self):
        for name in ("toolchain.sh", "dynamodb.sh"):
            self.assertIn("sha256sum --check", code(ROOT / "infra/local" / name))
        self.assertRegex(code(ROOT / "infra/local/deny.sh"), r"cargo install [^\n]*--locked [^\n]*cargo-deny@\$version")

    def test_rustup_is_not_started_when_it_is_another_than_the_one_we_know(self):
        with tempfile.TemporaryDirectory() as folder:
            programs = Path(folder) / "bin"
            programs.mkdir()
            # A machine with all that a build needs but Rust.
            for name in "bash cat chmod cut dirname env head id mkdir mktemp rm sed sha256sum sort".split():
                (programs / name).symlink_to(shutil.which(name))
            started = Path(folder) / "started"
            stand_ins = {
                "cc": "exit 0",
                "make": "exit 0",
                "uname": "echo x86_64",
                "curl": f'while [ "$1" != --output ]; do shift; done; printf "#!/bin/sh\\ntouch {started}\\n" >"$2"',
            }
            for name, script in stand_ins.items():
                (programs / name).write_text(f"#!/bin/sh\n{script}\n".replace("/bin/sh", shutil.which("sh"), 1))
                (programs / name).chmod(0o755)
            environment = {"PATH": str(programs), "HOME": folder, "TMPDIR": folder}
            script = ROOT / "infra/local/toolchain.sh"
            done = subprocess.run([shutil.which("bash"), script], env=environment, capture_output=True, text=True)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("is not the file that we know", done.stderr)
            self.assertFalse(started.exists())

"""What the hosts' start script does of which `make test-host` cannot see the other outcome: each function by itself, with
stand-ins for the programs that it calls."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from templates import ROOT

SCRIPT = ROOT / "infra/host/start.sh"
PINNED = "python:3.11-slim@sha256:" + "a" * 64


class TheStartScript(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def stand_in(self, name, script):
        program = self.folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def call(self, function, **settings):
        """Status and standard error of one function, and what the stand-ins were asked for."""
        asked = self.folder / "asked"
        asked.write_text("")
        environment = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}", "ASKED": str(asked), **settings}
        # systemd, if this machine has one, is not this test's to talk to.
        script = f'. "{SCRIPT}"; systemd_runs() {{ false; }}; {function}'
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True)
        return done.returncode, done.stderr, asked.read_text().splitlines()

    def docker(self):
        self.stand_in("docker", 'echo "$*" >>"$ASKED"')

    def settings(self, actual):
        """A kernel with these settings."""
        lines = "".join(f"{name}) echo '{value}' ;;\n" for name, value in actual.items())
        self.stand_in("sysctl", f'case "$2" in\n{lines}*) exit 1 ;;\nesac')

    def test_pulls_an_image_by_its_digest_and_names_it_as_the_table_does(self):
        self.docker()
        status, said, asked = self.call("images", SCE_IMAGES=PINNED)
        self.assertEqual(status, 0, said)
        self.assertEqual(asked[:2], [f"pull --quiet {PINNED}", f"tag {PINNED} python:3.11-slim"])
        self.assertNotIn("WARNING", said)

    def test_says_of_an_image_without_a_digest_that_its_tag_decides(self):
        self.docker()
        status, said, asked = self.call("images", SCE_IMAGES="node:18-slim")
        self.assertEqual((status, asked[0]), (0, "pull --quiet node:18-slim"), said)
        self.assertIn("WARNING: node:18-slim comes by its tag alone", said)
        self.assertFalse([line for line in asked if line.startswith("tag ")])

    def test_ends_when_an_image_cannot_be_pulled(self):
        self.stand_in("docker", "exit 1")
        status, said, _ = self.call("images", SCE_IMAGES=PINNED)
        self.assertEqual(status, 1)
        self.assertIn("cannot be pulled", said)

    def wanted(self):
        """What the script sets, by name."""
        text = SCRIPT.read_text().partition("<<'SYSCTL'\n")[2].partition("SYSCTL\n")[0]
        file = self.folder / "60-sce.conf"
        file.write_text(text)
        return dict(line.split("=") for line in text.splitlines()), str(file)

    def test_sets_that_no_crash_starts_a_program_of_the_host(self):
        wanted, _ = self.wanted()
        self.assertEqual((wanted["kernel.core_pattern"], wanted["net.core.bpf_jit_harden"]), ("core", "2"))

    def test_takes_a_kernel_that_is_set_as_it_says(self):
        wanted, file = self.wanted()
        self.settings(wanted)
        self.assertEqual(self.call("look_at_settings", SCE_SYSCTLS=file)[:2], (0, ""))

    def test_refuses_a_kernel_with_any_other_setting(self):
        wanted, file = self.wanted()
        for name in wanted:
            with self.subTest(name):
                self.settings({**wanted, name: "|/usr/lib/systemd/systemd-coredump %P"})
                status, said, _ = self.call("look_at_settings", SCE_SYSCTLS=file)
                self.assertEqual(status, 1)
                self.assertIn(f"{name} is |/usr/lib/systemd/systemd-coredump %P, and not {wanted[name]}", said)

    def test_refuses_a_kernel_that_lacks_a_setting(self):
        wanted, file = self.wanted()
        self.settings({name: value for name, value in wanted.items() if name != "net.core.bpf_jit_harden"})
        status, said, _ = self.call("look_at_settings", SCE_SYSCTLS=file)
        self.assertEqual((status, said), (1, "sce-host: net.core.bpf_jit_harden is not there, and not 2\n"))

    def test_boots_no_engine_before_it_has_looked_at_the_kernel(self):
        boot = SCRIPT.read_text().partition("    boot)\n")[2].partition(";;")[0]
        order = [boot.index(step) for step in ("sysctl --quiet", "look_at_settings || die", "start_engine")]
        self.assertEqual(order, sorted(order))

"""That nobody takes it for looked at when known vulnerabilities were not looked at: infra/local/deny.sh with stand-ins for
cargo-deny and npm."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

from templates import ROOT

SCRIPT = ROOT / "infra/local/deny.sh"
VERSION = re.search(r"^version=(\S+)$", SCRIPT.read_text(), re.M)[1]


class Advisories(unittest.TestCase):
    def deny(self, *arguments, fetch=0, advisories=0, npm=0):
        """Status and standard error, where each of these ends as told."""
        with tempfile.TemporaryDirectory() as folder:
            programs = Path(folder) / f"cargo-deny-{VERSION}/bin"
            programs.mkdir(parents=True)
            deny = f'case "$*" in *" fetch "*) exit {fetch} ;; *" advisories") exit {advisories} ;; esac'
            for name, script in (("cargo-deny", deny), ("npm", f"exit {npm}")):
                (programs / name).write_text(f"#!/bin/sh\n{script}\n")
                (programs / name).chmod(0o755)
            path = f"{programs}:{os.environ['PATH']}"
            environment = {**os.environ, "SCE_CACHE_DIR": folder, "SCE_STATE_DIR": folder, "PATH": path}
            done = subprocess.run([SCRIPT, *arguments], env=environment, capture_output=True, text=True)
            return done.returncode, done.stderr

    def test_fail_when_their_list_is_out_of_reach(self):
        status, said = self.deny("advisories", fetch=1)
        self.assertNotEqual(status, 0)
        self.assertIn("NOT CHECKED", said)

    def test_fail_when_there_is_one_or_npm_cannot_tell(self):
        self.assertNotEqual(self.deny("advisories", advisories=1)[0], 0)
        self.assertNotEqual(self.deny("advisories", npm=1)[0], 0)

    def test_pass_when_both_lists_were_read_and_have_nothing(self):
        self.assertEqual(self.deny("advisories")[0], 0)

    def test_are_no_hindrance_to_a_lint_without_a_network_which_says_so(self):
        status, said = self.deny(fetch=1)
        self.assertEqual(status, 0)
        self.assertIn("NOT CHECKED: known vulnerabilities (make advisories)", said)

    def test_fail_a_lint_that_could_look(self):
        self.assertNotEqual(self.deny(advisories=1)[0], 0)

    def test_are_looked_at_every_week(self):
        weekly = (ROOT / ".ci/weekly").read_text()
        self.assertTrue(weekly.rstrip().endswith("exec make advisories"))

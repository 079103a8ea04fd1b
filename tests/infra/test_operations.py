"""That docs/OPERATIONS.md speaks of what there is. Its commands for AWS cannot be run here; their names can be checked."""

import re
import subprocess
import unittest

from templates import ROOT, Templates

TEXT = (ROOT / "docs/OPERATIONS.md").read_text()
STACKS = {"sce-account": "infra/account.yaml", "sce-network": "infra/network.yaml", "sce-hosts": "infra/hosts.yaml", "sce": "template.yaml"}
TEMPLATES = Templates()


class TheOperationsPage(unittest.TestCase):
    def test_gives_every_stack_the_parameters_that_it_must_have_and_none_that_it_has_not(self):
        commands = re.findall(r"deploy (?:\\\n|[^\n`])*?--stack-name (\S+)((?:\\\n|[^\n`])*)", TEXT)
        self.assertEqual({stack for stack, _ in commands}, set(STACKS))
        for stack, rest in commands:
            parameters = TEMPLATES.data[STACKS[stack]].get("Parameters", {})
            given = set(re.findall(r"\b([A-Z]\w+)=", rest.partition("--parameter-overrides")[2]))
            needed = {name for name, parameter in parameters.items() if "Default" not in parameter}
            self.assertLessEqual(given, set(parameters), stack)
            self.assertLessEqual(needed, given, stack)

    def test_reads_outputs_that_there_are(self):
        asked = re.findall(r"output (sce\S*) (\w+)\)", TEXT)
        self.assertTrue(asked)
        for stack, output in asked:
            self.assertIn(output, TEMPLATES.data[STACKS[stack]]["Outputs"], stack)

    def test_names_files_and_targets_that_there_are(self):
        for file in re.findall(r"\b(?:infra|tests|src)/[\w./-]*\w", TEXT):
            self.assertTrue((ROOT / file).exists(), file)
        targets = (ROOT / "Makefile").read_text()
        for target in re.findall(r"`make ([\w-]+)`", TEXT):
            self.assertRegex(targets, rf"(?m)^{target}:")

    def test_names_rules_that_there_are(self):
        rules = "".join((ROOT / "tests/infra" / file).read_text() for file in ("rules.py", "network_rules.py"))
        others = {"unsupported_event", "timings_ms", "not_started", "sandbox_error", "sandbox_lost"}
        settings = re.findall(r"^\w+\.(\w+)=", (ROOT / "infra/host/start.sh").read_text(), re.M)
        for rule in re.findall(r"`(\w+_\w+)`", TEXT):
            if rule.islower():
                self.assertTrue(f"def {rule}(" in rules or (ROOT / f"src/{rule}").exists() or rule in {*others, *settings}, rule)

    def test_says_of_a_host_that_it_starts_at_each_start(self):
        data = TEMPLATES.data["infra/hosts.yaml"]["Resources"]["Template"]["Properties"]["LaunchTemplateData"]
        script = data["UserData"]["Fn::Base64"]["Fn::Sub"].replace("${ServerSecret}", "arn").replace("${AWS::Region}", "r")
        self.assertNotIn("${", script)
        subprocess.run(["sh", "-n"], input=script, text=True, check=True)
        self.assertRegex(script, r"per-boot/sce-host <<'BOOT'\n#!/bin/sh\n(.*\n)*exec /usr/local/sbin/sce-host boot\nBOOT\n")

"""The templates as data, and the linters run over copies of them."""

import functools
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["template.yaml", "infra/account.yaml", "infra/hosts.yaml", "infra/network.yaml"]


# Reading one takes longer than judging it, and a fault leaves most as they are. Nobody changes what is read.
parsed = functools.cache(yaml_parse)


class Templates:
    """All templates, as text and as data; perhaps with a fault put into one."""

    def __init__(self, texts=None):
        self.texts = texts or {name: (ROOT / name).read_text() for name in NAMES}
        self.data = {name: parsed(text) for name, text in self.texts.items()}

    def with_fault(self, name, old, new):
        assert self.texts[name].count(old) >= 1, f"{name} has no longer: {old}"
        return Templates({**self.texts, name: self.texts[name].replace(old, new, 1)})

    def only(self, name):
        return Templates({name: self.texts[name]})

    def resources(self, *kinds):
        """(template, logical name, properties) of every resource of these types; of all without any."""
        for name, data in self.data.items():
            for logical, resource in data["Resources"].items():
                if not kinds or resource["Type"] in kinds:
                    yield name, logical, resource.get("Properties", {})

    def write(self, folder):
        for name, text in self.texts.items():
            file = Path(folder) / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)


def cfn_lint(templates):
    """Ids of cfn-lint's findings."""
    with tempfile.TemporaryDirectory() as folder:
        templates.write(folder)
        done = subprocess.run(["cfn-lint", "--format", "json", *templates.texts], cwd=folder, capture_output=True, text=True)
    return {finding["Rule"]["Id"] for finding in json.loads(done.stdout or "[]")}


def sam_validate(templates, name):
    """What `sam validate --lint` says when it refuses."""
    with tempfile.TemporaryDirectory() as folder:
        templates.write(folder)
        command = ["sam", "validate", "--lint", "--template", name]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def checkov(many):
    """For each of several sets of templates: (check, resource) of checkov's findings. One start of it for all."""
    with tempfile.TemporaryDirectory() as folder:
        for n, templates in enumerate(many):
            templates.write(Path(folder) / str(n))
        command = [os.environ["SCE_CHECKOV"], "--skip-download", "--framework", "cloudformation", "--output", "json"]
        done = subprocess.run([*command, "--directory", folder], capture_output=True, text=True)
    failed = json.loads(done.stdout)["results"]["failed_checks"]
    found = [set() for _ in many]
    for check in failed:
        number, _, template = check["file_path"].lstrip("/").partition("/")
        found[int(number)].add((check["check_id"], template, check["resource"].rpartition(".")[2]))
    return found


def exceptions(templates):
    """{(check, template, resource): reason} of the exceptions in the templates."""
    found = {}
    for name, data in templates.data.items():
        for logical, resource in data["Resources"].items():
            for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
                found[skip["id"], name, logical] = skip.get("comment", "")
    return found


def without_exceptions(templates):
    """The same templates for checkov to judge as if there were none."""
    return Templates({name: re.sub(r"\bcheckov:$", "unheeded:", text, flags=re.M) for name, text in templates.texts.items()})

#!/usr/bin/env python3
"""An OCI runtime for tests: runc, in whose containers the kernel seems to have no Landlock.

Every container's seccomp profile gets one more rule: the three calls of Landlock fail as on a kernel that was built without
them (ENOSYS). All else is runc's. Started by the engine of own-engine.sh --no-landlock.
"""

import json
import os
import pathlib
import sys

ENOSYS = 38
CALLS = ["landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self"]


def bundle(arguments):
    """The folder of the container that is to be made; None where another command of runc's is given."""
    if not {"create", "run"} & set(arguments):
        return None
    for place, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in ("--bundle", "-b"):
            return pathlib.Path(value if equals else arguments[place + 1])
    return pathlib.Path(".")


def without_landlock(profile):
    """The profile, in which the calls of Landlock fail as if the kernel did not know them."""
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in CALLS]
    profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]
    profile["syscalls"].append({"names": CALLS, "action": "SCMP_ACT_ERRNO", "errnoRet": ENOSYS})


folder = bundle(sys.argv[1:])
if folder is not None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    without_landlock(config["linux"]["seccomp"])
    path.write_text(json.dumps(config))
os.execvp("runc", ["runc", *sys.argv[1:]])

#!/usr/bin/env python3
"""What one root file system has beyond another, as a tar file on standard output.

usage: layer.py BASE.tar FULL.tar >LAYER.tar

An entry of FULL is left out when BASE has an entry of that name that is equal in kind, mode, owner, target and content;
times do not count. What BASE has and FULL has not is not told: a layer added to BASE cannot take anything away."""

import hashlib
import sys
import tarfile


def name_of(entry):
    return entry.name.removeprefix("./").rstrip("/")


def facts(tar, entry):
    """All that must be equal."""
    content = hashlib.sha256(tar.extractfile(entry).read()).digest() if entry.isreg() else None
    target = entry.linkname.removeprefix("./") if entry.islnk() else entry.linkname
    # Engines put the kind into the mode once more.
    return entry.type, entry.mode & 0o7777, entry.uid, entry.gid, target, content


def main(base, full):
    with tarfile.open(base) as tar:
        known = {name_of(entry): facts(tar, entry) for entry in tar}
    with tarfile.open(full) as tar, tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as layer:
        for entry in tar:
            name = name_of(entry)
            # Devices are the runtime's to make.
            if not name or name.startswith("dev/") or known.get(name) == facts(tar, entry):
                continue
            layer.addfile(entry, tar.extractfile(entry) if entry.isreg() else None)


main(*sys.argv[1:])

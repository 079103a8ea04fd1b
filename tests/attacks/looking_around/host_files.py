# Files that only the host has, through every root there might be.
import os
from probe import attempt
for root in ("/", "/proc/1/root/", "/proc/self/root/", "/proc/self/cwd/../../../../../", "/host/", "/mnt/", "/rootfs/"):
    for name in ("var/lib/docker", "var/lib/containerd", "etc/docker/daemon.json", "root/.docker/config.json", "root/.aws/credentials",
                 "root/.ssh/id_rsa", "var/run/secrets/kubernetes.io", "etc/machine-id_", "var/task", "opt/sandbox/../../work"):
        attempt(root + name, os.stat, root + name)

# Programs of one's own: no place to put them, and none that was brought may be started from /sandbox.
import os
import subprocess
from probe import attempt
def from_memory():
    fd = os.memfd_create("program", 0)
    os.write(fd, b"#!/bin/sh\necho ran\n")
    os.execve(f"/proc/self/fd/{fd}", ["x"], {})
attempt("execute a file of the project", os.execv, "/sandbox/probe.py", ["x"])
attempt("execute in /tmp", os.execv, "/tmp/x", ["x"])
attempt("write beside the interpreter", open, os.path.dirname(os.__file__) + "/sitecustomize.py", "w")
attempt("write the interpreter", open, os.path.realpath("/proc/self/exe"), "r+b")
attempt("write init", open, "/opt/sandbox/sandbox-init", "r+b")
attempt("write the bootstrap's folder", open, "/opt/sandbox/x", "w")
attempt("write /etc/ld.so.preload", open, "/etc/ld.so.preload", "w")

# The one kind of file that can be made is bounded too.
import os
import signal
from probe import attempt, syscall
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
fd = os.memfd_create("large")
attempt("a file of 1 TiB", os.ftruncate, fd, 1 << 40)
attempt("a file of 17 MiB", os.ftruncate, fd, 17 << 20)
attempt("17 MiB allocated", syscall, "fallocate", fd, 0, 0, 17 << 20)

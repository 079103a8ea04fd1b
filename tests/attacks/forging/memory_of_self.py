# Its own memory through /proc, which gets around page protections.
from probe import attempt
attempt("write /proc/self/mem", open, "/proc/self/mem", "wb")
attempt("write /proc/thread-self/mem", open, "/proc/thread-self/mem", "r+b")

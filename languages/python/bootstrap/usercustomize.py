# Waits for the program. `site` imports `usercustomize` last of all, just before the main program is opened. An ImportError
# that names `usercustomize` means to `site` that there is none: nothing stays behind in `sys.modules`.
import os
import sys


# What is there already stays until the end in any program. A collector that went through it, as it does three times when an
# interpreter ends, would find nothing: with pandas loaded that takes longer than many a plot, and a fifth of a fork's time
# without.
def leave_alone_what_is_there():
    known = "gc" in sys.modules
    import gc

    gc.freeze()
    if not known:
        del sys.modules["gc"]


# Init may ask for a zygote, which runs no program: each time that it gets a program's four descriptors (standard input,
# output, error, and a channel like this one) it forks. Only the forks come back. Nothing of a program is ever here. What
# sandbox-init's `zygote.rs` says of the two sides holds for both.
def fork_for_each_step(control):
    try:
        import _signal
        import _socket

        leave_alone_what_is_there()
        # Signals of earlier programs stay pending here. These few are ignored by default, and then do not even do that.
        ignored = {_signal.SIGCHLD, _signal.SIGCONT, _signal.SIGURG, _signal.SIGWINCH}
        mask = _signal.pthread_sigmask(_signal.SIG_SETMASK, _signal.valid_signals() - ignored)
        null = os.open("/dev/null", os.O_RDWR)
        for number in range(3):
            os.dup2(null, number)
        os.close(null)
        init = _socket.socket(fileno=control)
        init.send(b"*")
        while True:
            word, passed, _, _ = init.recvmsg(1, _socket.CMSG_SPACE(16))
            if word == b"k":
                try:
                    os.kill(-1, _signal.SIGKILL)
                except ProcessLookupError:
                    pass
            elif word == b"f":
                numbers = passed[0][2]
                received = [int.from_bytes(numbers[at : at + 4], sys.byteorder) for at in range(0, 16, 4)]
                # The program is to be a child of init, as it is without a zygote: so there is one between that ends at once.
                between = os.fork()
                if between == 0:
                    if os.fork() != 0:
                        os._exit(0)
                    break
                os.waitpid(between, 0)
                for number in received:
                    os.close(number)
            else:
                os._exit(0)
            init.send(word)
        os.setsid()
        init.detach()
        for number, standard in zip(received, (0, 1, 2, control)):
            os.dup2(number, standard, standard < 3)
            os.close(number)
        del sys.modules["_socket"]
        # Python's own generator has a new seed in each fork; that of numpy, where it is loaded, has the zygote's.
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed()
        _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
        os.write(control, b"%d\n" % os.getpid())
    except BaseException:
        # Not one step further: the program is not to be run with half of this. Init starts another interpreter.
        os._exit(1)


def wait():
    control = int(os.environ.pop("SCE_CONTROL"))
    del os.environ["PYTHONPATH"]
    here = os.path.dirname(__file__)
    # What the manifest names in `preload`, while nobody waits. Files beside this one are found as well, and forgotten again.
    preload = os.environ.pop("SCE_PRELOAD", "").split()
    for name in preload:
        if os.path.dirname(getattr(__import__(name), "__file__", None) or "") == here:
            del sys.modules[name]
    if preload:
        leave_alone_what_is_there()
    sys.path.remove(here)
    sys.path_importer_cache.pop(here, None)
    os.write(control, b"*")
    message = b""
    while chunk := os.read(control, 65536):
        message += chunk
        if message == b"\0":
            fork_for_each_step(control)
            message = b""
    os.close(control)
    if not message:
        os._exit(0)
    entry, *arguments = message.decode("utf-8", "surrogateescape").split("\0")
    if entry != "main.py":
        # The name of the main program was read from the command line at start: start anew. A name that begins with a
        # dash is a file's all the same; a dash alone would be standard input, even behind `--`.
        name = "./-" if entry == "-" else entry
        options = ["--"] if name.startswith("-") else []
        os.execv(sys.executable, [sys.orig_argv[0], *options, name, *arguments])
    sys.argv[1:] = arguments
    sys.orig_argv[2:] = arguments


if "SCE_CONTROL" in os.environ:
    wait()
raise ImportError(name="usercustomize")

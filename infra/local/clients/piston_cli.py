"""The command line of Piston's repository, with and without `--interactive`, which runs a program on the WebSocket `/connect`. It is in no
registry: PISTON_CLI names its folder `cli`."""

import os, signal, subprocess, tempfile, threading

from common import *

folder = tempfile.mkdtemp()
ASKS = "print('hello ' + input('name? '))\nprint('to stderr', file=__import__('sys').stderr)"
WAITS = "import time\ntry:\n    print('ready', flush=True)\n    time.sleep(9)\nexcept KeyboardInterrupt:\n    print('caught')"


def started(language, code, *options, args=()):
    path = os.path.join(folder, "program")
    with open(path, "w") as file:
        file.write(code)
    command = [os.environ["NODE"], os.environ["CLI"], "-u", BASE, "run", *options, language, path, *args]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1)


def until(process, text):
    said = ""
    while text not in said:
        more = process.stdout.read(1)
        assert more, f"{said!r} has no {text!r}: {process.stderr.read()}"
        said += more


def ended(process, typed=None):
    patience = threading.Timer(60, process.kill)
    patience.start()
    out, err = process.communicate(typed)
    patience.cancel()
    return out, err, process.returncode


case("hello")
same(ended(started("python", HELLO))[0], "== Run ==\nSTDOUT\nhello\n    \n")
case("stdin_and_args")
out = ended(started("python", ECHO, "-i", args=["x"]), "abc")[0]
within("ABC", out)
within("['x']", out)
case("wrong_program")
out = ended(started("python", WRONG))[0]
within("ZeroDivisionError", out)
within("Exit Code: 1", out)
case("compile_error")
within("nothing", ended(started("c", C_BROKEN))[0])
case("time_limit")
within("SIGKILL", ended(started("python", ENDLESS, "-r", "1000"))[0])
case("overload", "busy")
within("429", ended(started("python", HELLO))[1])
case("fault", "lost")
within("500", ended(started("python", SLOW, "-r", "9000"))[1])
case("key", "key")
within("401", ended(started("python", HELLO))[1])

case("typed_into")
process = started("python", ASKS, "-t")
until(process, "name? ")
process.stdin.write("Ada\n")
process.stdin.flush()
until(process, "hello Ada\n")
same(ended(process), ("", "to stderr\n", 0))
case("typed_into_compiled")
process = started("c", '#include <stdio.h>\nint main(void) { int n = 0; puts("n?"); fflush(stdout); scanf("%d", &n); printf("%d\\n", 2 * n); }', "-t")
until(process, "n?\n")
same(ended(process, "21\n")[0], "42\n")
case("not_compiled")
within("nothing", ended(started("c", C_BROKEN, "-t"))[1])
case("interrupted")
process = started("python", WAITS, "-t")
until(process, "ready\n")
process.send_signal(signal.SIGINT)
within("caught", ended(process)[0])
case("endless")
same(ended(started("python", ENDLESS, "-t", "-r", "1000"))[0], "begun\n")

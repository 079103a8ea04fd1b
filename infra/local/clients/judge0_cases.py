"""The programs of Judge0's smaller clients: `run(code, language, **fields)` gives the status, standard output and the compiler's output
as text (None where the client hands it on to nobody), or the sentence of the client's own exception."""

from common import *

PYTHON, C = 71, 50


def all_cases(run, arguments=None, files=None):
    """`arguments` and `files` are the fields for them, of clients that have some."""
    case("stdin")
    same(run("print(input().upper())", PYTHON, stdin="abc")[:2], (3, "ABC\n"))
    if arguments:
        case("arguments")
        same(run(ECHO, PYTHON, stdin="abc", **arguments)[:2], (3, "ABC ['x', 'y z']\n"))
    if files:
        case("files")
        same(run(READS, PYTHON, **files)[:2], (3, "from a file\n"))
    case("wrong_program")
    same(run(WRONG, PYTHON)[:2], (11, "before\n"))
    case("compile_error")
    status, _, compiler = run(C_BROKEN, C)
    same(status, 6)
    if compiler is not None:
        within("nothing", compiler)
    case("time_limit")
    same(run(ENDLESS, PYTHON, cpu_time_limit=1)[:2], (5, "begun\n"))
    case("memory_limit")
    same(run(HUNGRY, PYTHON)[0], 12)
    case("output_limit")
    same(run(FLOOD, PYTHON)[0], 8)
    case("overload", "busy")
    within("503", run(HELLO, PYTHON))
    case("fault", "lost")
    told = run(SLOW, PYTHON)
    assert told[0] == 13 or "502" in told, told
    case("key", "key")
    within("401", run(HELLO, PYTHON))

"""The programs of Piston's clients: `run(language, version, code, **rest)` gives the stage as a dictionary, or the sentence of the
client's own exception."""

from common import *


def all_cases(run):
    case("hello")
    stage = run("python", "*", HELLO)
    same((stage["stdout"], stage["code"]), ("hello\n", 0))
    case("stdin_and_args")
    same(run("python", "3.x", ECHO, stdin="abc", args=["x"])["stdout"], "ABC\n ['x']\n")
    case("wrong_program")
    stage = run("python", ">=3", WRONG)
    same((stage["stdout"], stage["code"]), ("before\n", 1))
    within("ZeroDivisionError", stage["stderr"])
    within("before", stage["output"])
    case("syntax_error")
    within("SyntaxError", run("python", "3", BROKEN)["stderr"])
    case("javascript")
    same(run("js", "*", "console.log(6*7)")["stdout"], "42\n")
    case("compiled")
    same(run("c", "*", C_HELLO)["stdout"], "hello\n")
    case("compile_error")
    within("nothing", run("c", "*", C_BROKEN)["stderr"])
    case("time_limit")
    stage = run("python", "*", ENDLESS, run_timeout=1000)
    same((stage["code"], stage["signal"], stage["stdout"]), (None, "SIGKILL", "begun\n"))
    case("memory_limit")
    same(run("python", "*", HUNGRY)["signal"], "SIGKILL")
    case("output_limit")
    same(run("python", "*", FLOOD)["signal"], "SIGKILL")
    case("unknown_language")
    told = run("cobol", "*", HELLO)
    assert "runtime is unknown" in told or "status_code=400" in told, told
    case("overload", "busy")
    assert isinstance(run("python", "*", HELLO), str)
    case("fault", "lost")
    assert isinstance(run("python", "*", SLOW, run_timeout=9000), str)
    case("key", "key")
    assert isinstance(run("python", "*", HELLO), str)

"""The cases of an MCP client, whatever its version: `call(arguments)` gives (is_error, structured, text)."""

import asyncio, json

from common import *


def report_of(text):
    """What `call` gives, for clients that hand on the text alone: a report is JSON, a refusal is a sentence."""
    try:
        return False, json.loads(text), text
    except ValueError:
        return True, None, text


async def all_cases(call):
    case("hello")
    is_error, report, text = await call({"code": HELLO})
    same((is_error, report["status"], report["output"]), (False, "completed", "hello\n"))
    case("stdin_and_args")
    _, report, _ = await call({"code": ECHO, "stdin": "abc", "args": ["x", "y z"]})
    same(report["output"], "ABC ['x', 'y z']\n")
    case("files")
    _, report, _ = await call({"code": READS, "files": [{"name": "data.txt", "content": "from a file"}]})
    same(report["output"], "from a file\n")
    case("wrong_program")
    is_error, report, _ = await call({"code": WRONG})
    same((is_error, report["status"], report["exit_code"], report["output"]), (False, "nonzero_exit", 1, "before\n"))
    within("ZeroDivisionError", report["error"])
    case("syntax_error")
    _, report, _ = await call({"code": BROKEN})
    within("SyntaxError", report["error"])
    case("javascript")
    _, report, _ = await call({"code": "console.log(6*7)", "language": "javascript"})
    same(report["output"], "42\n")
    case("compiled")
    _, report, _ = await call({"code": C_HELLO, "language": "c"})
    same((report["status"], report["output"]), ("completed", "hello\n"))
    case("compile_error")
    is_error, report, _ = await call({"code": C_BROKEN, "language": "c"})
    same((is_error, report["status"]), (False, "compile_error"))
    within("nothing", report["error"])
    case("time_limit")
    is_error, report, _ = await call({"code": ENDLESS, "timeout_seconds": 1})
    same((is_error, report["status"], report["output"]), (False, "time_limit", "begun\n"))
    case("memory_limit")
    _, report, _ = await call({"code": HUNGRY})
    same(report["status"], "memory_limit")
    case("output_limit")
    _, report, _ = await call({"code": FLOOD})
    same((report["status"], report["truncated"]), ("output_limit", True))
    within("bytes of output were left out", report["output"])
    case("tests")
    _, report, _ = await call({"code": "print(int(input()) * 2)", "tests": [
        {"name": "a", "stdin": "2", "expected_output": "4"}, {"name": "b", "stdin": "3", "expected_output": "7"}]})
    same([one["verdict"] for one in report["tests"]], ["passed", "wrong_answer"])
    case("unknown_language")
    is_error, report, text = await call({"code": HELLO, "language": "cobol"})
    same((is_error, report), (True, None))
    within("Supported languages", text)
    case("overload", "busy")
    is_error, _, text = await call({"code": HELLO})
    same(is_error, True)
    within("Nothing was run. Try again in", text)
    case("fault", "lost")
    is_error, _, text = await call({"code": SLOW})
    same(is_error, True)
    within("may have run", text)


async def refused_key(call):
    """A door refuses the key of a client that is connected already."""
    case("key", "key")
    try:
        is_error, _, text = await asyncio.wait_for(call({"code": HELLO}), 30)
    except Exception as error:
        is_error, text = True, str(error)
    assert is_error, f"a door that refuses the key let it in: {text}"

"""judge0, the official SDK: a client of its own, and the bare call that finds its clients in the environment."""

import os

os.environ["JUDGE0_CE_ENDPOINT"] = os.environ["BASE"] + "/judge0"
os.environ["JUDGE0_CE_AUTH_HEADERS"] = "{}"
os.environ["JUDGE0_EXTRA_CE_ENDPOINT"] = os.environ["BASE"] + "/judge0-extra"
os.environ["JUDGE0_EXTRA_CE_AUTH_HEADERS"] = "{}"

import judge0
from judge0 import File, Filesystem, Status, Submission

from common import *

case("connect")
client = judge0.Client(endpoint=BASE + "/judge0", headers={"X-Auth-Token": "not-a-key"})


def run(code, language=judge0.PYTHON, **rest):
    return judge0.run(client=client, source_code=code, language=language, **rest)


case("hello")
result = run(HELLO)
same((result.stdout, result.status), ("hello\n", Status.ACCEPTED))
case("bare_call")
same(judge0.run(source_code=HELLO).stdout, "hello\n")
case("stdin_and_args")
same(run(ECHO, stdin="abc", command_line_arguments="x 'y z'").stdout, "ABC ['x', 'y z']\n")
case("files")
files = Filesystem(content=[File(name="data.txt", content="from a file")])
same(run(READS, additional_files=files).stdout, "from a file\n")
case("test_cases")
tests = [judge0.TestCase(f"{n}\n", f"{wanted}\n") for n, wanted in ((2, 4), (3, 6), (4, 7))]
results = judge0.run(client=client, source_code="print(int(input()) * 2)", language=judge0.PYTHON, test_cases=tests)
same([one.status for one in results], [Status.ACCEPTED, Status.ACCEPTED, Status.WRONG_ANSWER])
case("wrong_program")
result = run(WRONG)
same((result.stdout, result.status), ("before\n", Status.RUNTIME_ERROR_NZEC))
within("ZeroDivisionError", result.stderr)
case("syntax_error")
within("SyntaxError", run(BROKEN).stderr)
case("javascript")
same(run("console.log(6*7)", judge0.JAVASCRIPT).stdout, "42\n")
case("compiled")
same(run(C_HELLO, 50).stdout, "hello\n")
case("compile_error")
result = run(C_BROKEN, 50)
same((result.status, result.stdout), (Status.COMPILATION_ERROR, None))
within("nothing", result.compile_output)
case("time_limit")
result = run(ENDLESS, cpu_time_limit=1)
same((result.status, result.stdout), (Status.TIME_LIMIT_EXCEEDED, "begun\n"))
case("memory_limit")
same(run(HUNGRY).status, Status.RUNTIME_ERROR_OTHER)
case("output_limit")
same(run(FLOOD).status, Status.RUNTIME_ERROR_SIGXFSZ)
case("overload", "busy")
try:
    run(HELLO)
    raise SystemExit("a busy server took it")
except Exception as error:
    within("503", str(error))
case("fault", "lost")
same(run(SLOW).status, Status.INTERNAL_ERROR)
case("key", "key")
try:
    run(HELLO)
    raise SystemExit("a door that refuses the key let it in")
except Exception as error:
    within("401", str(error))

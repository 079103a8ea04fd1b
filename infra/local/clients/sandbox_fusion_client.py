"""sandbox-fusion, which repeats on its own: five times whatever is not answered by 200, and every SandboxError."""

import base64

from sandbox_fusion import RunCodeRequest, run_code

from common import *


def run(code, language="python", attempts=5, **rest):
    request = RunCodeRequest(code=code, language=language, **rest)
    return run_code(request, endpoint=BASE, max_attempts=attempts)


case("hello")
result = run(HELLO)
same((result.status.value, result.run_result.stdout), ("Success", "hello\n"))
case("stdin")
same(run("print(input().upper())", stdin="abc").run_result.stdout, "ABC\n")
case("files")
same(run(READS, files={"data.txt": base64.b64encode(b"from a file").decode()}).run_result.stdout, "from a file\n")
case("wrong_program")
result = run(WRONG)
same((result.status.value, result.run_result.return_code, result.run_result.stdout), ("Failed", 1, "before\n"))
case("syntax_error")
within("SyntaxError", run(BROKEN).run_result.stderr)
case("javascript")
same(run("console.log(6*7)", "nodejs").run_result.stdout, "42\n")
case("compiled")
same(run(C_HELLO, "cpp").run_result.stdout, "hello\n")
case("compile_error")
result = run(C_BROKEN, "cpp")
same((result.status.value, result.run_result, result.compile_result.return_code), ("Failed", None, 1))
within("nothing", result.compile_result.stderr)
case("time_limit")
result = run(ENDLESS, run_timeout=1)
same((result.status.value, result.run_result.status.value), ("Failed", "TimeLimitExceeded"))
case("memory_limit")
same(run(HUNGRY).status.value, "Failed")
case("output_limit")
same(run(FLOOD).status.value, "Failed")
case("overload", "busy")
try:
    run(HELLO, attempts=1)
    raise SystemExit("a busy server took it")
except Exception as error:
    within("429", str(error))
case("repeated", "busy")
# It asks until it is let in, or has asked five times.
try:
    same(run(HELLO).status.value, "Success")
except Exception as error:
    within("429", str(error))
case("key", "key")
try:
    run(HELLO, attempts=1)
    raise SystemExit("a door that refuses the key let it in")
except Exception as error:
    within("401", str(error))
case("fault", "lost")
result = run(SLOW)
same((result.status.value, result.run_result.status.value), ("Failed", "Error"))
within("lost", result.message)

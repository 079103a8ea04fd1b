"""graphon, the engine of Dify's workflows: its code node, which reads a result out of standard output."""

from graphon.dsl.code_runtime import SandboxCodeExecutor
from graphon.dsl.entities import DslCodeSettings
from graphon.nodes.code.entities import CodeLanguage

from common import *

settings = DslCodeSettings(execution_endpoint=BASE + "/dify", execution_api_key="not-a-key")
executor = SandboxCodeExecutor(settings)


def run(code, language=CodeLanguage.PYTHON3, **inputs):
    try:
        return executor.execute(language=language, code=code, inputs=inputs)
    except Exception as error:
        return str(error)


case("hello")
same(dict(run("def main(a, b):\n    return {'sum': a + b}", a=2, b=3)), {"sum": 5})
case("javascript")
same(dict(run("function main({a}) { return {twice: a * 2} }", CodeLanguage.JAVASCRIPT, a=4)), {"twice": 8})
case("large_input")
same(dict(run("def main(text):\n    return {'length': len(text)}", text="x" * 100_000)), {"length": 100_000})
case("warning")
same(dict(run("import sys\ndef main():\n    print('a warning', file=sys.stderr)\n    return {'a': 1}")), {"a": 1})
case("wrong_program")
within("ZeroDivisionError", run("def main():\n    return {'a': 1 / 0}"))
case("syntax_error")
within("SyntaxError", run("def main(:"))
case("time_limit")
within("timeout", run("def main():\n    while True: pass"))
case("memory_limit")
within("memory limit", run("def main():\n    x = []\n    while True: x.append(bytearray(1 << 20))"))
case("output_limit")
within("output limit", run("def main():\n    while True: print('x' * 1000)"))
case("long_output")
within("output limit", run("def main():\n    print('x' * 100_000)\n    return {}"))
case("overload", "busy")
within("unavailable", run("def main():\n    return {}"))
case("key", "key")
within("401", run("def main():\n    return {}"))
case("fault", "lost")
within("502", run("import time\nprint('begun', flush=True)\ndef main():\n    time.sleep(8)\n    return {}"))

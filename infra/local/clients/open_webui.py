"""Open WebUI's own converter of OpenAPI documents, and the way in which it then calls the tool. Its package brings all of machine
learning: only the functions in question are taken out of it, and run as they are."""

import ast, copy, json, os, urllib.error, urllib.request, zipfile

from common import *

WANTED = {"resolve_schema", "convert_openapi_to_tool_payload"}
text = zipfile.ZipFile(os.environ["WHEEL"]).read("open_webui/utils/tools.py").decode()
tree = ast.parse(text)
kept = [
    node for node in tree.body
    if getattr(node, "name", None) in WANTED
    or isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "OPENAPI_HTTP_METHODS" for target in node.targets)
]
theirs = {"copy": copy}
exec(compile(ast.Module(kept, []), "tools.py", "exec"), theirs)

case("connect")
document = json.load(urllib.request.urlopen(BASE + "/tools/openapi.json"))
tools = theirs["convert_openapi_to_tool_payload"](document)
same([tool["name"] for tool in tools], ["run_code"])
same(tools[0]["parameters"]["required"], ["code"])
same(tools[0]["parameters"]["properties"]["language"]["default"], "python")


def called(**arguments):
    """The call as its `execute_tool_server` makes it: the route below the URL that the admin entered, arguments as JSON."""
    request = urllib.request.Request(
        BASE + "/tools/run_code", json.dumps(arguments).encode(),
        {"Content-Type": "application/json", "Authorization": "Bearer not-a-key"},
    )
    try:
        return json.load(urllib.request.urlopen(request))
    except urllib.error.HTTPError as error:
        return f"HTTP error {error.code}: {error.read().decode()}"


case("hello")
same(called(code=HELLO, stdin="", language="")["output"], "hello\n")
case("stdin_and_args")
same(called(code=ECHO, stdin="abc", args=["x"])["output"], "ABC ['x']\n")
case("files")
same(called(code=READS, files=[{"name": "data.txt", "content": "from a file"}])["output"], "from a file\n")
case("wrong_program")
same(called(code=WRONG)["status"], "nonzero_exit")
case("compile_error")
same(called(code=C_BROKEN, language="c")["status"], "compile_error")
case("time_limit")
same(called(code=ENDLESS, timeout_seconds=1)["status"], "time_limit")
case("memory_limit")
same(called(code=HUNGRY)["status"], "memory_limit")
case("output_limit")
same(called(code=FLOOD)["status"], "output_limit")
case("unknown_language")
within("HTTP error 400", called(code=HELLO, language="cobol"))
case("overload", "busy")
within("HTTP error 429", called(code=HELLO))
case("fault", "lost")
within("may have run", called(code=SLOW))
case("key", "key")
within("HTTP error 401", called(code=HELLO))

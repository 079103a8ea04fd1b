"""What Moodle's CodeRunner asks of Jobe, in its order: PHP inside Moodle has no client that could be installed alone."""

import base64, hashlib, json, urllib.error, urllib.request

from common import *

REST = BASE + "/jobe/index.php/restapi"


def ask(method, path, body=None):
    headers = {"X-API-KEY": "not-a-key", "User-Agent": "CodeRunner", "Content-Type": "application/json; charset=utf-8"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(REST + path, data, headers, method=method)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as error:
        answer = error
    text = answer.read()
    return answer.status, json.loads(text) if text else None


def run(code, language="python3", files=(), parameters=None, **rest):
    ids = [(hashlib.md5(content).hexdigest(), name, content) for name, content in files]
    spec = {"language_id": language, "sourcecode": code, "sourcefilename": f"__tester__.{language}", "input": "",
            "file_list": [[id, name] for id, name, _ in ids],
            "parameters": parameters or {"numprocs": 30, "memorylimit": 1000, "cputime": 5}, **rest}
    status, answer = ask("POST", "/runs", {"run_spec": spec})
    if status == 404:
        for id, _, content in ids:
            same(ask("PUT", f"/files/{id}", {"file_contents": base64.b64encode(content).decode()})[0], 204)
        status, answer = ask("POST", "/runs", {"run_spec": spec})
    same(status, 200)
    return answer


case("connect")
same([name for name, _ in ask("GET", "/languages")[1]], ["python3", "nodejs", "c", "cpp"])
case("hello")
answer = run(HELLO)
same((answer["outcome"], answer["stdout"]), (15, "hello\n"))
case("stdin_and_args")
answer = run(ECHO, input="abc", parameters={"runargs": ["x"]})
same(answer["stdout"], "ABC ['x']\n")
case("files")
same(run(READS, files=[("data.txt", b"from a file")])["stdout"], "from a file\n")
case("wrong_program")
answer = run(WRONG)
same((answer["outcome"], answer["stdout"]), (12, "before\n"))
case("syntax_error")
answer = run(BROKEN)
same(answer["outcome"], 11)
within("SyntaxError", answer["cmpinfo"])
case("silent_exit")
same(run("import sys; sys.exit(3)")["outcome"], 15)
case("javascript")
same(run("console.log(6*7)", "nodejs")["stdout"], "42\n")
case("compiled")
same(run(C_HELLO, "c")["stdout"], "hello\n")
case("compile_error")
answer = run(C_BROKEN, "c")
same(answer["outcome"], 11)
within("nothing", answer["cmpinfo"])
case("time_limit")
same(run(ENDLESS, parameters={"cputime": 1})["outcome"], 13)
case("memory_limit")
same(run(HUNGRY)["outcome"], 17)
case("output_limit")
same(run(FLOOD)["outcome"], 30)
case("unknown_language")
same(ask("POST", "/runs", {"run_spec": {"language_id": "cobol", "sourcecode": "x"}})[0], 400)
case("overload", "busy")
same(run(HELLO)["outcome"], 21)
case("fault", "lost")
same(run(SLOW, parameters={"cputime": 9})["outcome"], 20)
case("key", "key")
same(ask("POST", "/runs", {"run_spec": {"language_id": "python3", "sourcecode": HELLO}})[0], 401)


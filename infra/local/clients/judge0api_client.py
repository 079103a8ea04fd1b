"""judge0api: waits for the answer, with a slash at the end of paths."""

from judge0api import Client, submission

from common import *
from judge0_cases import all_cases

case("connect")
client = Client(BASE + "/judge0", auth_token="not-a-key", auth_user="nobody")


def run(code, **rest):
    return submission.submit(client, code.encode(), 71, **rest)


case("hello")
result = run(HELLO, expected_output=b"hello")
same((result.stdout, result.status["id"]), (b"hello\n", 3))
case("wrong_answer")
same(run(HELLO, stdin=b"x", expected_output=b"bye").status["id"], 4)
case("again")
again = submission.get(client, result.token)
same((again.stdout, again.exit_code), (b"hello\n", 0))


def told(code, language, stdin="", **rest):
    try:
        result = submission.submit(client, code.encode(), language, stdin=stdin.encode(), **rest)
        return result.status["id"], (result.stdout or b"").decode(), (result.compile_output or b"").decode()
    except Exception as error:
        return str(error)


all_cases(told)

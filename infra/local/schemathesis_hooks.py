"""What no JSON Schema can say about a run request, told to Schemathesis, so that it makes no request of it that it
would then be surprised to see refused: each file has a name of its own, the entry point is one of them, and of several
files it is clear which is run. Nor does Schemathesis escape the names of a form's parts: a name that ends in a backslash
makes a header that is none. A test case may lower the limits of its request, never raise them. What is said to be base64
is base64, a version is one that there is, and only a language that is compiled takes `compile`. Files come back of a program
that may write. And an idempotency key belongs to one request."""

import base64
import binascii

import schemathesis

ENTRY_POINTS = {"main.py", "app.py", "__main__.py", "main.js", "index.js"}


used_keys = {}


def key_is_free(case):
    key = (case.headers or {}).get("Idempotency-Key")
    request = repr((case.media_type, case.query, case.body))
    return key is None or used_keys.setdefault(key, request) == request


@schemathesis.hook
def filter_case(context, case):
    rules = (
        can_be_understood,
        has_version,
        is_not_compiled,
        is_base64,
        tests_lower_limits,
        collects_what_is_written,
        key_is_free,
    )
    return all(rule(case) for rule in rules)


def has_version(case):
    # Which versions there are is the server's to say; any will do.
    return not isinstance(case.body, dict) or case.body.get("version", "*") == "*"


def is_not_compiled(case):
    # Neither Python nor JavaScript is.
    return not isinstance(case.body, dict) or "compile" not in case.body


def is_base64(case):
    body = case.body if isinstance(case.body, dict) else {}
    tests = body.get("tests") if isinstance(body.get("tests"), list) else []
    for part in [body, *(test for test in tests if isinstance(test, dict))]:
        if part.get("stdin_encoding") == "base64" and isinstance(part.get("stdin"), str):
            try:
                base64.b64decode(part["stdin"], validate=True)
            except (ValueError, binascii.Error):
                return False
    return True


def tests_lower_limits(case):
    body = case.body if isinstance(case.body, dict) else {}
    asked = body.get("limits")
    tests = body.get("tests")
    if not isinstance(asked, dict) or not isinstance(tests, list):
        return True
    limits = [test.get("limits") for test in tests if isinstance(test, dict)]
    return all(
        not isinstance(value, (int, float)) or not isinstance(asked.get(name), (int, float)) or value <= asked[name]
        for own in limits
        if isinstance(own, dict)
        for name, value in own.items()
    )


def collects_what_is_written(case):
    body = case.body if isinstance(case.body, dict) else {}
    return not body.get("collect") or body.get("workspace") == "writable"


def can_be_understood(case):
    body = case.body
    if case.media_type == "multipart/form-data" and isinstance(body, dict):
        # The name of the one file it sends is always "file".
        return not {"files", "entrypoint"} & set(body) and not any("\\" in name or '"' in name for name in body)
    if not isinstance(body, dict) or not isinstance(body.get("files"), list):
        return True
    names = [file.get("name") for file in body["files"] if isinstance(file, dict)]
    if any(not isinstance(name, str) for name in names):
        return True
    tidy = ["/".join(part for part in name.split("/") if part not in ("", ".")) for name in names]
    if len(set(tidy)) < len(tidy):
        return False
    if "entrypoint" in body:
        return body["entrypoint"] in names
    return "code" in body or len(names) < 2 or bool(ENTRY_POINTS & set(names))

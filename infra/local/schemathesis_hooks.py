"""What no JSON Schema can say about a run request, told to Schemathesis, so that it makes no request of it that it
would then be surprised to see refused: each file has a name of its own, the entry point is one of them, and of several
files it is clear which is run. Nor does Schemathesis escape the names of a form's parts: a name that ends in a backslash
makes a header that is none. And an idempotency key belongs to one request."""

import schemathesis

ENTRY_POINTS = {"main.py", "app.py", "__main__.py", "main.js", "index.js"}


used_keys = {}


def key_is_free(case):
    key = (case.headers or {}).get("Idempotency-Key")
    request = repr((case.media_type, case.query, case.body))
    return key is None or used_keys.setdefault(key, request) == request


@schemathesis.hook
def filter_case(context, case):
    return can_be_understood(case) and key_is_free(case)


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

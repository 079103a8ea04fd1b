"""What no JSON Schema can say about a run request, told to Schemathesis, so that it makes no request of it that it
would then be surprised to see refused: each file has a name of its own, and of several it is clear which is run."""

import schemathesis

ENTRY_POINTS = {"main.py", "app.py", "__main__.py", "main.js", "index.js"}


@schemathesis.hook
def filter_body(context, body):
    if not isinstance(body, dict) or not isinstance(body.get("files"), list):
        return True
    names = [file.get("name") for file in body["files"] if isinstance(file, dict)]
    if any(not isinstance(name, str) for name in names):
        return True
    tidy = ["/".join(part for part in name.split("/") if part not in ("", ".")) for name in names]
    if len(set(tidy)) < len(tidy):
        return False
    return "code" in body or body.get("entrypoint") in names or len(names) < 2 or bool(ENTRY_POINTS & set(names))

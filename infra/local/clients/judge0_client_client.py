"""judge0-client: decodes every text of the answer."""

import asyncio

from judge0_client.client import Judge0Client
from judge0_client.models.single_file_submission import SingleFileSubmission

from common import *
from judge0_cases import all_cases

loop = asyncio.new_event_loop()


async def opened():
    return await Judge0Client(BASE + "/judge0", auth_token="not-a-key").__aenter__()


client = loop.run_until_complete(opened())


async def submitted(code, language, **fields):
    token = (await client.create_submission(SingleFileSubmission(source_code=code, language_id=language, **fields))).token
    while True:
        detail = await client.get_submission(token)
        if detail.status.id >= 3:
            return detail.status.id, detail.stdout, detail.compile_output or detail.message
        await asyncio.sleep(0.1)


def run(code, language, **fields):
    try:
        return loop.run_until_complete(submitted(code, language, **fields))
    except Exception as error:
        return str(error)


case("connect")
same(loop.run_until_complete(client.get_about()).version, "1.13.1")
assert loop.run_until_complete(client.get_workers())
case("hello")
same(run(HELLO, 71)[:2], (3, "hello\n"))
case("message")
same(run(WRONG, 71)[2], "Exited with error status 1")
all_cases(run, {"command_line_arguments": "x 'y z'"}, {"additional_files": {"data.txt": "from a file"}})

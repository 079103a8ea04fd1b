"""aiopyston: paths with a slash at the end, files without a name."""

import asyncio

from pyston import File, PystonClient

from common import *
from piston_cases import all_cases

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)


async def made():
    return PystonClient(base_url=BASE + "/api/v2/")


client = loop.run_until_complete(made())
case("connect")
same(loop.run_until_complete(client.languages()), {"python", "javascript", "c", "c++"})


def run(language, version, code, **rest):
    try:
        beside = [File(content, name) for name, content in rest.pop("files", {}).items()]
        output = loop.run_until_complete(client.execute(language, [File(code), *beside], version, **rest))
        return output.raw_json["run"]
    except Exception as error:
        return str(error)


case("files")
same(run("python", "*", READS, files={"data.txt": "from a file"})["stdout"], "from a file\n")
all_cases(run)
loop.run_until_complete(client.close_session())

"""smolagents, which takes the tool with and without its structured output, and knows nothing of `isError`."""

import asyncio

from smolagents import ToolCollection

from common import *
from mcp_cases import all_cases, report_of

for structured in (True, False):
    case("connect")
    server = {"url": BASE + "/mcp", "transport": "streamable-http"}
    with ToolCollection.from_mcp(server, trust_remote_code=True, structured_output=structured) as collection:
        tool = collection.tools[0]
        same(tool.name, "run_code")
        if structured:
            case("structured")
            same(tool(code=HELLO)["output"], "hello\n")
        else:

            async def call(arguments):
                return report_of(await asyncio.to_thread(lambda: tool(**arguments)))

            asyncio.run(all_cases(call))
case("key", "key")
try:
    with ToolCollection.from_mcp(server, trust_remote_code=True, structured_output=False):
        raise SystemExit("a door that refuses the key let it in")
except Exception as error:
    print(type(error), error)

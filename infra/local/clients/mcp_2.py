"""Python `mcp` 2.x, which speaks the current revision, in each of its ways to connect."""

import asyncio

from mcp import Client

from common import *
from mcp_cases import all_cases, refused_key


async def main():
    case("connect")
    async with Client(BASE + "/mcp") as client:
        same([tool.name for tool in (await client.list_tools()).tools], ["run_code"])

        async def call(arguments):
            result = await client.call_tool("run_code", arguments)
            return result.is_error, result.structured_content, result.content[0].text

        await all_cases(call)
        await refused_key(call)
    case("legacy")
    async with Client(BASE + "/mcp", mode="legacy") as client:
        same((await client.call_tool("run_code", {"code": HELLO})).structured_content["output"], "hello\n")


asyncio.run(main())

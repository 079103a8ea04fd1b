"""Python `mcp` 1.x, the client of most Python hosts."""

import asyncio

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from common import *
from mcp_cases import all_cases


async def main():
    case("connect")
    async with streamablehttp_client(BASE + "/mcp", headers={"Authorization": "Bearer not-a-key"}) as (read, write, _):
        async with ClientSession(read, write) as session:
            await session.initialize()
            same([tool.name for tool in (await session.list_tools()).tools], ["run_code"])

            async def call(arguments):
                result = await session.call_tool("run_code", arguments)
                return result.isError, result.structuredContent, result.content[0].text

            await all_cases(call)
    case("key", "key")
    try:
        async with streamablehttp_client(BASE + "/mcp") as (read, write, _), ClientSession(read, write) as session:
            await asyncio.wait_for(session.initialize(), 30)
        raise SystemExit("a door that refuses the key let it in")
    except Exception as error:
        print(repr(error))


asyncio.run(main())

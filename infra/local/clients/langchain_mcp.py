"""langchain-mcp-adapters: MCP for LangChain and LangGraph."""

import asyncio

from langchain_mcp_adapters.client import MultiServerMCPClient

from common import *
from mcp_cases import all_cases, refused_key, report_of


async def main():
    case("connect")
    tools = await MultiServerMCPClient({"code": {"transport": "http", "url": BASE + "/mcp"}}).get_tools()
    same([tool.name for tool in tools], ["run_code"])

    async def call(arguments):
        return report_of((await tools[0].ainvoke(arguments))[0]["text"])

    await all_cases(call)
    await refused_key(call)


asyncio.run(main())

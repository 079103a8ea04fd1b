"""piston_rspy, and with it the Rust crate piston_rs, which it wraps."""

import asyncio, os, sys

from piston_rspy import Client, Executor, File

from common import *


async def main():
    client = Client.with_url(BASE + "/api/v2")

    async def run(code, language="python", version="*", **rest):
        executor = Executor().set_language(language).set_version(version).add_file(File(content=code))
        for name, content in rest.pop("files", {}).items():
            executor = executor.add_file(File(name=name, content=content))
        for name, value in rest.items():
            # Of all of these this one alone gives nothing back.
            executor = executor.add_args(value) if name == "args" else getattr(executor, f"set_{name}")(value)
        return (await client.execute(executor)).run

    case("connect")
    same([runtime.language for runtime in await client.fetch_runtimes()], ["python", "javascript", "c", "c++"])
    case("hello")
    same((await run(HELLO)).stdout, "hello\n")
    case("stdin_and_args")
    same((await run(ECHO, stdin="abc", args=["x"])).stdout, "ABC\n ['x']\n")
    case("wrong_program")
    result = await run(WRONG)
    same((result.stdout, result.code), ("before\n", 1))
    case("files")
    same((await run(READS, files={"data.txt": "from a file"})).stdout, "from a file\n")
    case("compile_error")
    within("nothing", (await run(C_BROKEN, language="c")).stderr)
    case("memory_limit")
    same((await run(HUNGRY)).signal, "SIGKILL")
    case("output_limit")
    same((await run(FLOOD)).signal, "SIGKILL")
    case("time_limit")
    same((await run(ENDLESS, run_timeout=1000)).signal, "SIGKILL")
    # What is no outcome becomes the output of one.
    case("unknown_language")
    within("runtime is unknown", (await run(HELLO, language="cobol")).output)
    case("overload", "busy")
    within("busy", (await run(HELLO)).output)
    case("fault", "lost")
    within("lost", (await run(SLOW, run_timeout=9000)).output)
    case("key", "key")
    within("Unauthorized", (await run(HELLO)).output)


asyncio.run(main())
sys.stdout.flush()
os._exit(0)  # it crashes by itself as the interpreter ends

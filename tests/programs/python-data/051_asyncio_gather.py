import asyncio
async def job(n):
    await asyncio.sleep(0.01 * (3 - n))
    if n == 1:
        raise RuntimeError("job 1")
    return n
async def main():
    print(await asyncio.gather(*(job(n) for n in range(3)), return_exceptions=True))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(1)
    except TimeoutError:
        print("timed out")
asyncio.run(main())

import asyncio


async def work(n):
    await asyncio.sleep(0.01 * n)
    print('done', n)
    return n


async def main():
    print(await asyncio.gather(*(work(n) for n in range(4))))


asyncio.run(main())

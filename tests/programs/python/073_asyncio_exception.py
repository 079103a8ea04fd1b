import asyncio


async def bad():
    raise ValueError('async')


asyncio.run(bad())

import asyncio, signal, os


async def handle(r, w):
    w.write((await r.readline()).upper())
    await w.drain()
    w.close()


async def main():
    s = await asyncio.start_server(handle, '127.0.0.1', 0)
    r, w = await asyncio.open_connection(*s.sockets[0].getsockname())
    w.write(b'hello\n')
    assert await r.readline() == b'HELLO\n'
    p = await asyncio.create_subprocess_exec('cat', stdin=-1, stdout=-1)
    assert (await p.communicate(b'x'))[0] == b'x'
    loop = asyncio.get_running_loop()
    got = asyncio.Event()
    loop.add_signal_handler(signal.SIGUSR1, got.set)
    os.kill(os.getpid(), signal.SIGUSR1)
    await asyncio.wait_for(got.wait(), 1)
    assert await loop.run_in_executor(None, lambda: 5) == 5
    assert await asyncio.to_thread(lambda: 6) == 6


asyncio.run(main())
print('ok')

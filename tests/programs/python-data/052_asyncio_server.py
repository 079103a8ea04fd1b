import asyncio
async def serve(reader, writer):
    writer.write((await reader.readline()).upper())
    await writer.drain(); writer.close()
async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    writer.write("grüße\n".encode())
    print((await reader.read()).decode().strip())
    server.close()
asyncio.run(main())

"""The websockets package from PyPI as a broadcaster: peer_server.py PORT CLIENTS SECONDS. Begins when all clients are there."""

import asyncio
import sys

from websockets.asyncio.server import broadcast, serve

port, wanted, seconds = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
message = "a" * 200
everybody = set()
complete = asyncio.Event()


async def serve_one(socket):
    everybody.add(socket)
    if len(everybody) == wanted:
        complete.set()
    try:
        await socket.wait_closed()
    finally:
        everybody.discard(socket)


async def main():
    async with serve(serve_one, "127.0.0.1", port, compression=None, backlog=4096):
        print("listening", flush=True)
        await complete.wait()
        loop = asyncio.get_running_loop()
        end = loop.time() + 1 + seconds
        await asyncio.sleep(1)
        while loop.time() < end:
            broadcast(everybody, message)
            # The kernel and the library buffer without end otherwise: a broadcaster waits for its slowest reader here.
            while any(socket.transport.get_write_buffer_size() > 65536 for socket in everybody):
                await asyncio.sleep(0.001)
            await asyncio.sleep(0)


asyncio.run(main())

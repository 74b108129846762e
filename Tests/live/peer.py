"""The server's /v1/live against a client of other people's making: the websockets package from PyPI.

    peer.py http://127.0.0.1:8080
"""

import asyncio
import json
import os
import random
import sys
import urllib.request

import websockets
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import Frame, Opcode

base = sys.argv[1]
run = os.getpid()
url = base.replace("http", "ws", 1) + "/v1/live"


def post(path, body):
    request = urllib.request.Request(base + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


def append(stream, numbers):
    return asyncio.to_thread(post, "/v1/events", [{"stream": stream, "type": "n", "data": {"n": n}} for n in numbers])


async def subscribe(socket, stream, after=0):
    await socket.send(json.dumps({"op": "subscribe", "stream": stream, "after": after}))
    answer = json.loads(await socket.recv())
    assert answer == {"op": "subscribed", "stream": stream, "after": after}, answer


async def events_arrive_in_order():
    async with connect(url) as socket:
        assert "permessage-deflate" not in socket.response.headers.get("Sec-WebSocket-Extensions", "")
        await append(f"peer/{run}/order", range(1, 6))
        await subscribe(socket, f"peer/{run}/order")
        await append(f"peer/{run}/order", range(6, 2001))
        for wanted in range(1, 2001):
            event = json.loads(await socket.recv())
            assert (event["seq"], event["data"]["n"]) == (wanted, wanted), event
        await (await socket.ping(b"hello"))


async def fragments_are_put_together():
    async with connect(url) as socket:
        # An iterable is sent in one fragment for each of its parts.
        await socket.send(list(json.dumps({"op": "subscribe", "stream": f"peer/{run}/fragments"})))
        assert json.loads(await socket.recv())["op"] == "subscribed"


async def closes(code, *frames):
    """What is sent as it stands must be answered with this close code."""
    async with connect(url) as socket:
        for frame in frames:
            socket.transport.write(frame.serialize(mask=True, extensions=[]) if isinstance(frame, Frame) else frame)
        try:
            await asyncio.wait_for(socket.recv(), 5)
            raise AssertionError("the connection stays open")
        except ConnectionClosed as error:
            assert error.rcvd is not None and error.rcvd.code == code, (code, error.rcvd)


async def broken_frames_are_refused():
    await closes(1009, Frame(Opcode.TEXT, b" " * 16385))
    await closes(1009, Frame(Opcode.TEXT, b" " * 10000, fin=False), Frame(Opcode.CONT, b" " * 10000))
    await closes(1003, Frame(Opcode.BINARY, b"x"))
    await closes(1007, Frame(Opcode.TEXT, b"\xc3\x28"))
    await closes(1002, Frame(Opcode.CONT, b"x"))
    await closes(1002, b"\xc1\x81\0\0\0\0x")
    await closes(1002, b"\x81\x01x")
    await closes(1002, b"\x83\x80\0\0\0\0")
    await closes(1002, b"\x09\x80\0\0\0\0")
    await closes(1009, b"\x81\xff\x00\xff\xff\xff\xff\xff\xff\xff\0\0\0\0")
    await closes(1002, b"\x88\x81\0\0\0\0\x03")


async def refusals_are_http():
    try:
        async with connect(url, origin="http://elsewhere.example"):
            raise AssertionError("a page of another site is let in")
    except InvalidStatus as error:
        assert error.response.status_code == 403, error


async def nothing_is_lost_over_reconnects():
    die, seen, total = random.Random(7), [], 5000

    async def write():
        for first in range(1, total + 1, 50):
            await append(f"peer/{run}/again", range(first, first + 50))

    writer = asyncio.create_task(write())
    while len(seen) < total:
        # This client reads no close frame behind messages that nobody takes, unless its queue has no end.
        async with connect(url, max_queue=None) as socket:
            await subscribe(socket, f"peer/{run}/again", len(seen))
            for _ in range(min(die.randrange(1, 400), total - len(seen))):
                seen.append(json.loads(await socket.recv())["seq"])
            if die.random() < 0.5:
                socket.transport.abort()
    await writer
    assert seen == list(range(1, total + 1))


async def main():
    for check in (
        events_arrive_in_order,
        fragments_are_put_together,
        broken_frames_are_refused,
        refusals_are_http,
        nothing_is_lost_over_reconnects,
    ):
        await asyncio.wait_for(check(), 60)
        print(f"ok  {check.__name__.replace('_', ' ')}", flush=True)


print(f"websockets {websockets.__version__}")
asyncio.run(main())

#!/usr/bin/env python3
"""A provider with a strict limit: strict_server.py PORT LIMIT SECONDS ANSWERS. Counts calls in windows that begin with the first call after the last
one is over, and tells the limit with every answer. After ANSWERS good answers it prints what it saw, as JSON, and ends."""
import asyncio
import json
import sys
import time

PORT, LIMIT, SECONDS, ANSWERS = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])


class Provider:
    def __init__(self):
        self.ends = 0.0
        self.count = 0
        self.answered = 0
        self.refused = 0
        self.late = 0
        self.while_blocked = 0
        self.blocked_since = 0.0
        self.blocked_until = 0.0
        self.windows = 0
        self.done = asyncio.Event()

    def answer(self, now):
        if now < self.blocked_until and now > self.blocked_since:
            self.while_blocked += 1
        if now >= self.ends:
            self.ends = now + SECONDS
            self.count = 0
            self.windows += 1
        good = self.count < LIMIT
        reset = self.ends - now
        if good:
            self.count += 1
            self.answered += 1
            if self.answered >= ANSWERS:
                self.done.set()
        else:
            self.refused += 1
            # The limits are known after the first windows.
            self.late += self.answered > 3 * LIMIT
            if now >= self.blocked_until:
                self.blocked_since = now
            self.blocked_until = self.ends
        head = [
            "HTTP/1.1 200 OK" if good else "HTTP/1.1 429 Too Many Requests",
            "Content-Length: 0",
            f"X-RateLimit-Limit: {LIMIT}",
            f"X-RateLimit-Remaining: {LIMIT - self.count}",
            f"X-RateLimit-Reset-After: {reset:.6f}",
        ]
        if not good:
            head.append(f"Retry-After: {reset:.6f}")
        return ("\r\n".join(head) + "\r\n\r\n").encode()

    async def serve(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = 0
                for line in head.split(b"\r\n"):
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if length:
                    await reader.readexactly(length)
                writer.write(self.answer(time.monotonic()))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def main():
    provider = Provider()
    start = time.monotonic()
    server = await asyncio.start_server(provider.serve, "127.0.0.1", PORT)
    await provider.done.wait()
    took = time.monotonic() - start
    print(
        json.dumps(
            {
                "answered": provider.answered,
                "refused": provider.refused,
                "refused in steady state": provider.late,
                "calls between a 429 and its reset": provider.while_blocked,
                "windows": provider.windows,
                "seconds": round(took, 1),
                "share of the limit used": round(provider.answered / (provider.windows * LIMIT), 3),
            }
        ),
        flush=True,
    )
    # Whoever still waits for an answer gets it.
    await asyncio.sleep(1)
    server.close()


asyncio.run(main())

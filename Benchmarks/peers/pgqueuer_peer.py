"""pgqueuer on PostgreSQL, through its API: its command line does not work with the typer that pip resolves."""
import asyncio, sys

import asyncpg, protocol
from pgqueuer import PgQueuer
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

queries = None


async def connect():
    global queries
    queries = Queries(AsyncpgDriver(await asyncpg.connect(protocol.URL)))


async def one(payload):
    await queries.enqueue("nothing", payload.encode())


async def many(payloads):
    await queries.enqueue(["nothing"] * len(payloads), [payload.encode() for payload in payloads], [0] * len(payloads))


async def prepare():
    await connect()
    await queries.install()


async def work(batch):
    engine = PgQueuer(AsyncpgDriver(await asyncpg.connect(protocol.URL)))

    @engine.entrypoint("nothing")
    async def nothing(job):
        protocol.ran(job.payload.decode())

    await engine.run(batch_size=batch)


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        asyncio.run(prepare())
    elif sys.argv[1] == "work":
        asyncio.run(work(int(sys.argv[2])))
    else:
        protocol.produce(one, many, connect)

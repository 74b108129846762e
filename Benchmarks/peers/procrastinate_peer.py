"""Procrastinate on PostgreSQL."""
import procrastinate, protocol

app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=protocol.URL))


@app.task(name="nothing")
async def nothing(payload):
    protocol.ran(payload)


async def one(payload):
    await nothing.defer_async(payload=payload)


async def many(payloads):
    await nothing.batch_defer_async(*({"payload": payload} for payload in payloads))


if __name__ == "__main__":
    protocol.produce(one, many, connect=app.open_async)

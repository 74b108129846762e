"""The same insert and the same look in FastAPI on asyncpg: what the API of a queue in Python costs at least."""
import json
import os
import uuid
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel


class Order(BaseModel):
    kind: str
    queue: str = "default"
    payload: dict


@asynccontextmanager
async def lifespan(app):
    async with asyncpg.create_pool(os.environ["PEER_DATABASE"], min_size=10, max_size=20) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


def check(request: Request):
    if request.headers.get("authorization") != "Bearer " + os.environ["PEER_KEY"]:
        raise HTTPException(401)


@app.post("/v1/jobs", status_code=201)
async def enqueue(order: Order, request: Request):
    check(request)
    number = uuid.uuid4()
    payload = json.dumps(order.payload)
    await app.state.pool.execute(
        "INSERT INTO peer_jobs (id, kind, queue, payload, phase) VALUES ($1, $2, $3, $4, 'ready')", number, order.kind, order.queue, payload)
    return {"id": str(number), "kind": order.kind, "queue": order.queue, "phase": "ready"}


@app.get("/v1/jobs/{number}")
async def look(number: uuid.UUID, request: Request):
    check(request)
    row = await app.state.pool.fetchrow("SELECT id, kind, queue, payload, phase, created_at FROM peer_jobs WHERE id = $1", number)
    if row is None:
        raise HTTPException(404)
    return dict(row)

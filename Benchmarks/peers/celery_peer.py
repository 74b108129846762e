"""Celery on Redis."""
import protocol
from celery import Celery

app = Celery("peer", broker=protocol.URL)


@app.task(name="nothing", ignore_result=True)
def nothing(payload):
    protocol.ran(payload)


if __name__ == "__main__":
    protocol.produce(nothing.delay)

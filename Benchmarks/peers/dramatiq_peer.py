"""Dramatiq on Redis."""
import dramatiq, protocol
from dramatiq.brokers.redis import RedisBroker

dramatiq.set_broker(RedisBroker(url=protocol.URL))


@dramatiq.actor
def nothing(payload):
    protocol.ran(payload)


if __name__ == "__main__":
    protocol.produce(nothing.send)

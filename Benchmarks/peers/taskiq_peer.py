"""taskiq on Redis Streams."""
import protocol
from taskiq_redis import RedisStreamBroker

broker = RedisStreamBroker(protocol.URL, consumer_id="0")


@broker.task(task_name="nothing")
async def nothing(payload: str) -> None:
    protocol.ran(payload)


if __name__ == "__main__":
    protocol.produce(nothing.kiq, connect=broker.startup)

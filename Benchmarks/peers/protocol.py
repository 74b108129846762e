"""What every peer does alike: the payload, what a job leaves behind, and how a producer pushes."""
import asyncio, inspect, json, os, struct, sys, time

URL = os.environ["PEER_URL"]
BATCH = 1000
RATE = 50
_files = {}


def payload(index):
    """100 bytes, with the job's number and the moment of its push."""
    return f"{index} {time.time():.6f} ".ljust(100, "x")


def ran(payload):
    """The job itself: appends 24 bytes to a file."""
    started = time.time()
    index, pushed, _ = payload.split(" ", 2)
    process = os.getpid()
    if process not in _files:
        _files[process] = os.open(os.environ["PEER_OUT"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(_files[process], struct.pack("<Qdd", int(index), float(pushed), started))


def produce(one, many=None, connect=None):
    """Does what the command line asks: one COUNT, many COUNT or steady COUNT. Each function may be a coroutine function."""
    asyncio.run(_produce(one, many, connect))


async def _produce(one, many, connect):
    async def call(function, *arguments):
        result = function(*arguments)
        if inspect.isawaitable(result):
            await result

    mode, count, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    if connect:
        await call(connect)
    if mode == "many" and many is None:
        print(json.dumps({"seconds": None}))
        return
    begin = time.perf_counter()
    if mode == "many":
        for start in range(first, first + count, BATCH):
            await call(many, [payload(index) for index in range(start, min(start + BATCH, first + count))])
    for index in range(first, first + count) if mode != "many" else ():
        if mode == "steady":
            await asyncio.sleep(max(0, begin + (index - first) / RATE - time.perf_counter()))
        await call(one, payload(index))
    print(json.dumps({"seconds": time.perf_counter() - begin}))

"""What can happen to Redis."""
import signal

from clients import Redis
from faults import fault
from servers import port_of, wait_until

LIBRARY = """#!lua name=chaos
redis.register_function('chaos_slow', function(keys, args) while true do end end)
"""


def answers(port):
    try:
        with Redis(port, 5) as redis:
            return redis("PING") == "PONG"
    except (OSError, RuntimeError):  # refused, or still loading
        return False


def restart(chaos, number):
    server = chaos.servers["redis"]
    server.end(number)
    chaos.wait(1)
    server.start()
    wait_until(lambda: answers(port_of(chaos.url)), 60, "Redis to answer")


@fault("redis", short=("redis",))
def restart_term(chaos):
    """SIGTERM, and a start a second later from the append-only file."""
    yield
    restart(chaos, signal.SIGTERM)


@fault("redis")
def restart_kill(chaos):
    """SIGKILL, and a start a second later from the append-only file."""
    yield
    restart(chaos, signal.SIGKILL)


@fault("redis")
def kill_clients(chaos):
    """CLIENT KILL of every connection of the nodes, once a second."""
    yield
    ended = 0
    with chaos.redis() as redis:
        for _ in range(5):
            ended += redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            chaos.wait(1)
    chaos.notes["connections ended"] = ended


def slow(chaos, begin, end):
    """Redis answers nobody while a script runs, and after five seconds with BUSY, until the script is ended."""
    with chaos.redis() as busy, chaos.redis() as killer:
        busy.send(*begin)
        chaos.wait(8)
        killer(*end)


@fault("redis")
def slow_script(chaos):
    """A script that does not end by itself, for eight seconds, then SCRIPT KILL."""
    yield
    slow(chaos, ["EVAL", "while true do end", 0], ["SCRIPT", "KILL"])


@fault("redis")
def slow_function(chaos):
    """A function that does not end by itself, for eight seconds, then FUNCTION KILL."""
    with chaos.redis() as redis:
        redis("FUNCTION", "LOAD", LIBRARY)
    yield
    slow(chaos, ["FCALL", "chaos_slow", 0], ["FUNCTION", "KILL"])


@fault("redis")
def fill_memory(chaos):
    """The memory that Redis may have is less than what it has, for five seconds: every write is refused."""
    yield
    with chaos.redis() as redis:
        redis("CONFIG", "SET", "maxmemory", 1 << 20)
        chaos.wait(5)
        redis("CONFIG", "SET", "maxmemory", 0)


@fault("sentinel", short=("sentinel",))
def fail_over(chaos):
    """The master is killed; the sentinels promote its replica; the old master comes back as a replica."""
    sentinel = port_of(chaos.url)

    def master():
        with Redis(sentinel) as redis:
            return int(redis("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "martlet")[1])

    yield
    old = master()
    chaos.servers["sentinel-master"].end(signal.SIGKILL)
    wait_until(lambda: master() != old and answers(master()), 60, "the sentinels to promote the replica")
    chaos.servers["sentinel-master"].start()
    wait_until(lambda: answers(old), 60, "the old master to answer")


@fault("cluster")
def restart_cluster_node(chaos):
    """One of the three nodes of the cluster is killed, and started again two seconds later."""
    yield
    node = chaos.servers["cluster-1"]
    node.end(signal.SIGKILL)
    chaos.wait(2)
    node.start()

    def whole():
        with Redis(port_of(chaos.url)) as redis:
            return "cluster_state:ok" in redis("CLUSTER", "INFO")

    wait_until(whole, 60, "the cluster to be whole")

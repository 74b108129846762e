"""What can happen to a node, whatever the store."""
import email.utils, os, shutil, signal, struct, subprocess, time

from cluster import LEASE
from faults import EVERY, SERVERS, fault
from servers import wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
HOUR = 3600


@fault(*EVERY, short=EVERY)
def kill_workers(chaos):
    """SIGKILL of a node every second, started again at once."""
    yield
    for _ in range(10):
        chaos.wait(1)
        chaos.dice.choice(chaos.cluster.nodes).kill_and_start()


@fault(*EVERY, short=("postgres", "redis"))
def pause_worker(chaos):
    """SIGSTOP for longer than a lease, then SIGCONT: what the node says then comes too late."""
    chaos.least_refused = chaos.least_overlapping = 1
    yield
    node = chaos.cluster.nodes[2]
    chaos.hold_long_job(node)
    node.signal(signal.SIGSTOP)
    chaos.wait(LEASE + 5)
    node.signal(signal.SIGCONT)


@fault(*SERVERS, short=("postgres",))
def cut_network(chaos):
    """Nothing passes between one node and the store, and nobody is told, for longer than a lease; then every connection is reset."""
    chaos.least_refused = 1
    proxy = chaos.through_proxy(2)
    yield
    proxy.swallow()
    chaos.wait(LEASE + 3)
    proxy.reset()


@fault(*EVERY)
def step_clock(chaos):
    """The clock of one node goes an hour ahead, an hour back, and right again."""
    if chaos.store != "sqlite":
        chaos.most_again = 0  # the store's clock alone says when a lease has expired; with SQLite each process has the machine's
    number, offset, library = 1, os.path.join(chaos.folder, "clock"), os.path.join(chaos.folder, "clock.so")
    compiler = shutil.which("cc") or shutil.which("clang")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, os.path.join(HERE, "clock.c"), "-ldl"], check=True)
    with open(offset, "wb") as file:
        file.write(bytes(8))
    chaos.environments[number] = {"LD_PRELOAD": library, "CHAOS_CLOCK": offset}
    yield
    with open(offset, "r+b", buffering=0) as file:
        for seconds in (HOUR, -HOUR, 0):
            file.seek(0)
            file.write(struct.pack("=q", seconds))
            wait_until(lambda: abs(shown(chaos, number) - time.time() - seconds) < 60, 10, "the node to see the other time")
            chaos.wait(5 if seconds else 0)


def shown(chaos, number):
    """What time it is for a node, by the header of its answers."""
    headers = chaos.cluster.request(chaos.cluster.nodes[number].port, "GET", "/healthz")[2]
    return email.utils.parsedate_to_datetime(next(value for name, value in headers.items() if name.lower() == "date")).timestamp()

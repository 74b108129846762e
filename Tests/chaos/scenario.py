"""One fault against one kind of store: three nodes, a steady load, the fault, the recovery, and the judgement of the oracle."""
import os, shutil, tempfile, time

from clients import Postgres, Redis
from cluster import LEASE, Cluster, through
from ledger import uptime
from producer import Producer
from proxy import Proxy
from servers import Servers, port_of, wait_until

GROUPS = {"sqlite": "", "postgres": "postgres", "pgbouncer": "pgbouncer", "redis": "redis", "sentinel": "sentinel", "cluster": "cluster"}
ADDRESSES = {"postgres": "postgres", "pgbouncer": "pgbouncer", "redis": "redis", "sentinel": "redis_sentinel", "cluster": "redis_cluster"}
AHEAD = 150  # accepted jobs that wait: more than a second's work, so that the rate is the workers', not the producer's
FULL = 0.8  # the share of the rate before the fault that counts as full again


class Scenario:
    """What a fault is given to work with. `strike` is between the two rates that are compared."""

    def __init__(self, fault, store, options, dice):
        self.fault, self.store, self.options, self.dice = fault, store, options, dice
        self.folder = tempfile.mkdtemp(prefix="martlet-chaos-")
        os.chmod(self.folder, 0o755)
        self.servers = Servers(GROUPS[store]) if GROUPS[store] else None
        self.url = self.servers.addresses[ADDRESSES[store]] if self.servers else f"sqlite:{self.folder}/martlet.db"
        self.environments = [{}, {}, {}]
        self.proxies = {}
        self.notes = {}
        self.closers = []
        self.cluster = self.producer = None
        self.least_refused = self.least_overlapping = 0
        self.most_again = None
        self.kills = []  # when a node was killed, in uptime

    # What faults use

    def through_proxy(self, number):
        """From the beginning the node reaches the store through a proxy."""
        proxy = self.proxies[number] = Proxy(port_of(self.url))
        self.closers.append(proxy.close)
        return proxy

    def postgres(self, application="chaos"):
        """A connection of the superuser."""
        return Postgres(self.servers.addresses["postgres_admin"], application)

    def redis(self):
        return Redis(port_of(self.url))

    def hold_long_job(self, node):
        """Returns when the node is at a job that lasts longer than a lease, so that a later attempt will overlap with it."""
        for _ in range(20):
            id = self.cluster.enqueue(kind="long", payload={}, priority=0)
            self.producer.accepted.add(id)
            wait_until(lambda: id in self.cluster.ledger.read().starts, 20, "a long job to start")
            if self.cluster.get(f"/v1/jobs/{id}")["node"].split("/")[-3] == str(node.process.pid):
                return
        raise TimeoutError(f"{node.name} has taken none of 20 jobs")

    def wait(self, seconds):
        """The length of a fault; nothing is waited for."""
        time.sleep(seconds)

    # Its course

    def run(self):
        """What was found, as a dictionary; 'failed' lists what must not be."""
        try:
            begin = uptime()
            course = self.fault.course(self)
            next(course)
            urls = [through(self.url, self.proxies[number]) if number in self.proxies else self.url for number in range(3)]
            self.cluster = Cluster(self.options.martlet, self.folder, urls, self.environments)
            self.cluster.start()
            found = self.measure(course)
            found["seconds"] = round(uptime() - begin, 1)
            return found
        except Exception as error:
            if self.options.verbose:
                raise
            return self.result(failed=[f"the scenario broke off: {type(error).__name__}: {error}"])
        finally:
            self.close()

    def measure(self, course):
        ledger = self.cluster.ledger
        self.producer = Producer(list(self.cluster.ports), ledger, AHEAD)
        self.producer.start()
        first = uptime()
        while ledger.ended() < 50:
            if uptime() - first > 60:
                raise TimeoutError("no 50 jobs have ended within a minute of a quiet store")
            time.sleep(0.05)
        self.wait(self.options.baseline)
        begin = uptime()
        baseline = ledger.rate(begin - self.options.baseline, begin)
        cpu = [node.cpu() for node in self.cluster.nodes]
        pids = [node.process.pid for node in self.cluster.nodes]
        for _ in course:
            pass
        healed = uptime()
        busy = [
            (node.cpu() - before) / (healed - begin) for node, before, pid in zip(self.cluster.nodes, cpu, pids) if node.process.pid == pid]
        full = self.until_full_rate(healed, baseline)
        self.producer.stop()
        revived = self.drain()
        return self.judge(begin, healed, revived) | {
            "rate before": round(baseline, 1), "rate during": round(ledger.rate(begin, healed), 1),
            "to full rate": None if full is None else round(full, 2), "node busy": round(max(busy, default=0), 2),
            "each second": [round(ledger.rate(at, at + 1)) for at in range(int(begin) - 3, int(healed) + 6)]}

    def until_full_rate(self, healed, baseline):
        """Seconds from the end of the fault to the end of the first second at the full rate; negative where it never fell."""
        while uptime() < healed + self.options.patience:
            now = uptime()
            if self.cluster.ledger.rate(now - 1, now) >= FULL * baseline:
                return max(0.0, now - 1 - healed)
            time.sleep(0.05)
        return None

    def drain(self):
        """Waits until nothing is left to do; revives what was put into quarantine, as an operator would."""
        end, revived = uptime() + 180, 0
        while True:
            while self.cluster.unfinished() > 0:
                if uptime() > end:
                    return revived
                time.sleep(0.1)
            quarantined = [job for job in self.cluster.get("/v1/jobs?outcome=failed&limit=100")["jobs"] if "crashed" in str(job["error"])]
            if not quarantined or uptime() > end:
                return revived
            for job in quarantined:
                self.cluster.request(self.cluster.ports[0], "POST", f"/v1/jobs/{job['id']}/revive")
            revived += len(quarantined)

    def judge(self, begin, healed, revived):
        ledger = self.cluster.ledger.read()
        jobs = self.cluster.jobs()
        lost, twice, stale, again, refused, overlaps, unexplained = [], [], [], 0, 0, 0, []
        for id in self.producer.accepted:
            job = jobs.get(id)
            starts, ends = ledger.starts.get(id, []), ledger.ends.get(id, [])
            if job is None or job["outcome"] != "succeeded" or job["epoch"] not in [epoch for epoch, _ in ends]:
                lost.append(id)
                continue
            accepted = job["epoch"]
            # A lease that was handed out twice, or an attempt that was accepted after a later one had begun.
            if len({epoch for epoch, _ in starts}) < len(starts) or any(epoch > accepted for epoch, _ in starts):
                stale.append(id)
            refused += sum(epoch < accepted for epoch, _ in ends)
            if len(starts) > 1:
                again += len(starts) - 1
                if sum(event["type"] == "succeeded" for event in self.cluster.events(id)) != 1:
                    twice.append(id)
                for (_, first), (epoch, second) in zip(starts, starts[1:]):
                    overlaps += any(end > second and older < epoch for older, end in ends)
                    if second < begin or first > healed + LEASE:
                        unexplained.append(id)
        if self.kills:
            self.notes["seconds from a kill to the next run of what it held"] = self.rerun_times(ledger)
        failed = [f"{name}: {' '.join(found[:5])}" for name, found in [
            ("lost", lost), ("succeeded twice", twice), ("a stale attempt was accepted", stale), ("run again without a reason", unexplained)] if found]
        if self.cluster.deaths:
            failed.append(f"nodes that died by themselves: {self.cluster.deaths}")
        unclear = sum(count for answer, count in self.producer.answers.items() if isinstance(answer, int) and answer >= 500 and answer != 503)
        if unclear:
            failed.append(f"answers of the API that were no clear 503: {dict(self.producer.answers)}")
        if refused < self.least_refused or overlaps < self.least_overlapping:
            failed.append(f"late settlements refused: {refused}, overlapping attempts: {overlaps}; the fault has proved nothing")
        if self.most_again is not None and again > self.most_again:
            failed.append(f"run again: {again}, where at most {self.most_again} have a reason")
        return self.result(
            failed=failed, accepted=len(self.producer.accepted), lost=len(lost), again=again, revived=revived, overlapping=overlaps,
            refused=refused, answers={str(answer): count for answer, count in self.producer.answers.items()}) | {
            "overlapping accepted": len(set(twice) | set(stale)), "strike": round(healed - begin, 1)}

    def rerun_times(self, ledger):
        """The median and the longest, of the jobs whose attempt began and never ended, because its node was killed."""
        times = []
        for id, starts in ledger.starts.items():
            ended = {epoch for epoch, _ in ledger.ends.get(id, [])}
            for (epoch, first), (_, second) in zip(starts, starts[1:]):
                kill = next((kill for kill in self.kills if first <= kill <= second), None)
                if kill and epoch not in ended:
                    times.append(round(second - kill, 1))
        times.sort()
        return {"jobs": len(times), "median": times[len(times) // 2], "longest": times[-1]} if times else {"jobs": 0}

    def result(self, failed, **found):
        return {"fault": self.fault.name, "store": self.store, "seed": self.options.seed, "failed": failed} | found | {"notes": self.notes}

    def close(self):
        for closer in reversed(self.closers):
            try:
                closer()
            except (OSError, ConnectionError):
                pass  # the fault has ended what it belonged to
        if self.cluster:
            self.cluster.stop()
        if self.options.keep:
            print(f"  kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        if self.servers:
            self.servers.stop()

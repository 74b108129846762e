"""The producer: keeps so many accepted jobs ahead of the workers, and asks again, with the same ids, until it was answered."""
import collections, http.client, json, os, threading, time, uuid

BATCH = 10


class Producer:
    """A job counts as accepted when a node has answered that it is; until then it is sent again, to the next node."""

    def __init__(self, ports, ledger, ahead):
        self.ports, self.ledger, self.ahead = ports, ledger, ahead
        self.accepted = set()
        self.answers = collections.Counter()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.failure = None

    def start(self):
        self.thread.start()

    def stop(self):
        """Returns when every job that was ever sent has been accepted."""
        self.stopping.set()
        self.thread.join(120)
        if self.thread.is_alive():
            raise TimeoutError("for 120 s no node has accepted a job")
        if self.failure:
            raise self.failure

    def run(self):
        try:
            while not self.stopping.is_set():
                if len(self.accepted) - self.ledger.ended() < self.ahead:
                    self.send([{"id": self.new_id(), "kind": "ledger", "payload": {"n": len(self.accepted) + n}} for n in range(BATCH)])
                else:
                    time.sleep(0.01)
        except Exception as error:
            self.failure = error

    @staticmethod
    def new_id():
        """A UUIDv7."""
        number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
        return str(uuid.UUID(int=number & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62))

    def send(self, jobs):
        body = "\n".join(map(json.dumps, jobs)).encode()
        while True:
            status, answer = self.post(self.ports[0], "/v1/jobs/batch", body, "application/x-ndjson")
            self.answers[status] += 1
            if status == 200:
                for result in answer["results"]:
                    if result["status"] in (200, 201):
                        self.accepted.add(result["id"])
                    else:
                        self.answers[result["status"]] += 1
                jobs = [job for job in jobs if job["id"] not in self.accepted]
                if not jobs:
                    return
                body = "\n".join(map(json.dumps, jobs)).encode()
            self.ports.append(self.ports.pop(0))
            time.sleep(0.1)

    @staticmethod
    def post(port, path, body, type):
        """The status, or what kept it away, and the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", path, body, {"Content-Type": type})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if response.status == 200 else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            return type_name(error), None
        finally:
            connection.close()


def type_name(error):
    return type(error).__name__

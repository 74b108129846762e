"""Three nodes of Martlet against one store."""
import http.client, json, os, re, signal, subprocess, threading, time, urllib.parse

import ledger
from proxy import Proxy
from servers import free_port, port_of, wait_until

LEASE = 10.0
SLOTS = 4
SECONDS = 0.1  # how long a job lasts: twelve slots do at most 120 jobs/s, which two cores can start


class Node:
    """One process. Where it dies without having been killed, that is counted, and it is started again."""

    def __init__(self, name, argv, folder, environment, port=None):
        self.name, self.argv, self.folder, self.environment, self.port = name, argv, folder, environment, port
        self.process = None
        self.lock = threading.Lock()

    def start(self):
        with open(os.path.join(self.folder, f"{self.name}.log"), "ab") as log:
            self.process = subprocess.Popen(
                self.argv, cwd=self.folder, env=dict(os.environ, **self.environment), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)

    def signal(self, number):
        self.process.send_signal(number)

    def kill_and_start(self):
        with self.lock:
            self.process.kill()
            self.process.wait()
            self.start()

    def last_words(self):
        with open(os.path.join(self.folder, f"{self.name}.log"), errors="replace") as log:
            return " / ".join(line.strip() for line in log.readlines()[-3:])

    def died(self):
        with self.lock:
            if self.process.poll() is None:
                return False
            self.start()
            return True

    def cpu(self):
        """Seconds of processor time of the process that runs now."""
        try:
            with open(f"/proc/{self.process.pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        except OSError:
            return 0.0


class Cluster:
    """Two nodes with the API, one without."""

    def __init__(self, martlet, folder, urls, environments):
        self.martlet, self.folder = os.path.abspath(martlet), folder
        self.ledger = ledger.Ledger(os.path.join(folder, "ledger"))
        command = os.path.join(folder, "job.sh")
        with open(command, "w") as file:
            file.write(ledger.COMMAND)
        os.chmod(command, 0o755)
        with open(os.path.join(folder, "martlet.yaml"), "w") as file:
            file.write(
                f"engine: {{ command_slots: {SLOTS}, grace: 20 }}\ncommands:\n"
                f"  ledger: {{ run: [./job.sh, {self.ledger.path}, '{SECONDS}'], timeout: 60, max_attempts: 100 }}\n"
                f"  long: {{ run: [./job.sh, {self.ledger.path}, '{LEASE + 3}'], timeout: 60, max_attempts: 100 }}\n")
        self.deaths = 0
        self.closing = threading.Event()
        self.nodes = []
        for number, (url, environment) in enumerate(zip(urls, environments)):
            verb = "work" if number == 2 else "serve"
            argv = [self.martlet, verb, "--config", "martlet.yaml", "--store", url]
            port = None if verb == "work" else free_port()
            if port:
                argv += ["--listen", f"127.0.0.1:{port}"]
            self.nodes.append(Node(f"node-{number}", argv, folder, environment, port))
        self.ports = [node.port for node in self.nodes if node.port]

    def start(self):
        """One after another, so that the first has made the store before the others open it."""
        for node in self.nodes:
            node.start()
            if node.port:
                wait_until(lambda: node.process.poll() is not None or self.answers(node.port), 60, f"{node.name} to be ready")
            if node.process.poll() is not None:
                raise RuntimeError(f"{node.name} did not start: {node.last_words()}")
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.closing.wait(0.1):
            for node in self.nodes:
                if node.died():
                    self.deaths += 1

    def stop(self):
        self.closing.set()
        nodes = [node for node in self.nodes if node.process]
        for node in nodes:
            node.signal(signal.SIGCONT)
            node.signal(signal.SIGTERM)
        for node in nodes:
            try:
                node.process.wait(30)
            except subprocess.TimeoutExpired:
                print(f"    {node.name} did not stop within 30 s")
                node.process.kill()
                node.process.wait()

    def answers(self, port):
        try:
            return self.request(port, "GET", "/readyz")[0] == 200
        except OSError:
            return False

    @staticmethod
    def request(port, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            response = connection.getresponse()
            text = response.read()
            return response.status, json.loads(text) if text.startswith((b"{", b"[")) else None, dict(response.getheaders())
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()

    def get(self, path):
        """From whichever node answers first."""
        error = None
        for _ in range(100):
            for port in self.ports:
                try:
                    status, answer, _ = self.request(port, "GET", path)
                    if status == 200:
                        return answer
                    error = f"{path} was answered with {status}"
                except OSError as problem:
                    error = problem
            time.sleep(0.1)
        raise ConnectionError(str(error))

    def unfinished(self):
        return sum(queue["counts"][phase] for queue in self.get("/v1/overview")["queues"] for phase in ("ready", "running", "waiting"))

    def jobs(self):
        """Every job of the store, by id."""
        found, cursor = {}, None
        while True:
            page = self.get("/v1/jobs?limit=100" + (f"&cursor={cursor}" if cursor else ""))
            found.update((job["id"], job) for job in page["jobs"])
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def events(self, job):
        found, after = [], 0
        while True:
            page = self.get(f"/v1/streams/job/{job}?limit=1000&after={after}")
            found += page["events"]
            if not page["events"]:
                return found
            after = page["events"][-1]["seq"]

    def enqueue(self, **job):
        status, answer, _ = self.request(self.ports[0], "POST", "/v1/jobs", json.dumps(job))
        if status != 201:
            raise ConnectionError(f"a job was answered with {status}")
        return answer["id"]


def through(url, proxy):
    """The same store, reached through the proxy."""
    return url.replace(f":{port_of(url)}", f":{proxy.port}", 1)

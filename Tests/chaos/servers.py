"""The servers of one scenario, started by scripts/servers, each of which can be ended and started again."""
import os, re, shlex, socket, subprocess, time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
SCRIPT = os.path.join(ROOT, "scripts", "servers")


def wait_until(condition, limit, what):
    """Polls, since what is waited for is another process."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"gave up waiting for {what} after {limit} s")
        time.sleep(0.02)


given = set()


def free_port():
    """One that was not given before. Below the ports of outgoing connections, so that nobody takes it while its server is down."""
    for port in range(20000 + os.getpid() % 7000, 32000):
        if port in given:
            continue
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                given.add(port)
                return port
            except OSError:
                continue
    raise OSError("there is no free port")


def port_of(url):
    return int(re.search(r":(\d+)(/|$|\?|,)", url).group(1))


class Servers:
    """Throwaway servers in a folder of their own."""

    def __init__(self, groups):
        lines = subprocess.run([SCRIPT, "start", "--only", groups, "--owner", str(os.getpid())], check=True, stdout=subprocess.PIPE, text=True).stdout
        exports = [shlex.split(line)[1].split("=", 1) for line in lines.splitlines() if line.startswith("export ")]
        self.addresses = {name.removeprefix("MARTLET_TEST_").lower(): value for name, value in exports}
        self.folder = self.addresses["servers"]
        self.known = {}

    def __getitem__(self, name):
        return self.known.setdefault(name, Server(os.path.join(self.folder, name)))

    def stop(self):
        subprocess.run([SCRIPT, "stop", self.folder], check=True)
        for server in self.known.values():
            server.reap()


class Server:
    """One of them."""

    def __init__(self, folder):
        self.folder = folder
        self.children = []

    @property
    def run(self):
        return os.path.join(self.folder, "run")

    def processes(self):
        found = []
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and (os.readlink(f"/proc/{name}/cwd") + "/").startswith(self.folder + "/"):
                    found.append(int(name))
            except OSError:
                continue
        return found

    def main(self):
        """The process that the others are children of."""
        found = self.processes()
        for process in found:
            with open(f"/proc/{process}/stat") as file:
                if int(file.read().rpartition(")")[2].split()[1]) not in found:
                    return process
        raise ProcessLookupError(f"no process of {self.folder}")

    def end(self, number):
        """Sends the signal, and returns when nothing of the server is left."""
        os.kill(self.main(), number)

        def gone():
            self.reap()
            return not self.processes()

        wait_until(gone, 60, f"{self.folder} to end")

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.children.append(subprocess.Popen([self.run], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True))

    def reap(self):
        self.children = [child for child in self.children if child.poll() is None]

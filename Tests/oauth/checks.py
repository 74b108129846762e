#!/usr/bin/env python3
"""Connections of Vault, in real processes, against a real authorization server and everything that may go wrong with one.

usage: checks.py PROBE MARTLET DATABASE STORE [SCENE…]

PROBE is the built vault-probe, MARTLET the built server; DATABASE is where the vault keeps its tables and STORE where leases and streams are. Each scene has a client and a connection
of its own. A scene that answers a row of the requirements begins with its number. Nothing here waits by sleeping: it waits for a line of a
process, or for a request that the server has noted.
"""
import base64, os, queue, signal, subprocess, sys, tempfile, threading, time, traceback, urllib.error, urllib.parse, urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from server import Client, Server

PROBE, MARTLET, DATABASE, STORE = sys.argv[1:5]
REDIRECT = "http://127.0.0.1/callback"
EXPIRED = 7200  # by so much the clock of a process is ahead that finds an hour's token expired
LINE_SECONDS = 60
scenes = []


def scene(function):
    scenes.append(function)
    return function


class Process:
    """A process, and the lines that it says."""

    def __init__(self, work, words, **environment):
        self.errors = tempfile.TemporaryFile("w+", dir=work)
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True, cwd=work, env=dict(os.environ, **environment))
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self, *beginnings):
        try:
            line = self.lines.get(timeout=LINE_SECONDS)
        except queue.Empty:
            raise AssertionError(f"no line within {LINE_SECONDS} s; {self.said()}") from None
        if line is None or not line.startswith(beginnings):
            raise AssertionError(f"{line!r} in place of {beginnings}; {self.said()}")
        return line

    def say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def signal(self, number):
        self.process.send_signal(number)

    def end(self):
        """Its remaining lines, once it has ended well."""
        self.process.stdin.close()
        code = self.process.wait(LINE_SECONDS)
        rest = list(iter(lambda: self.lines.get(timeout=LINE_SECONDS), None))
        assert code == 0, f"it ended with {code}; {self.said()}"
        return rest

    def said(self):
        self.errors.seek(0)
        return self.errors.read()


class Scene:
    def __init__(self, name, server, work):
        self.name, self.server, self.work = name, server, work
        self.client = server.clients[name] = Client(name, "s3cret", REDIRECT)
        self.id, self.processes = None, []

    def start(self, command, **settings):
        words = [f"{name}={value}" for name, value in settings.items()]
        return self.run([PROBE, command, f"database={DATABASE}", f"store={STORE}", f"key={KEY}", *words])

    def serve(self):
        """A whole server, with the vault's key, which may reach this machine."""
        with open(os.path.join(self.work, "martlet.yaml"), "w") as file:
            file.write("outbound: { allow: [127.0.0.0/8] }\n")
        return self.run([MARTLET, "serve", "--listen", "127.0.0.1:0", "--store", STORE, "--database", DATABASE], MARTLET_VAULT_KEY_FILE=KEY)

    def run(self, words, **environment):
        process = Process(self.work, words, **environment)
        self.processes.append(process)
        return process

    def provider(self, **settings):
        return dict(server=self.server.url, client=self.name, secret="s3cret", redirect=REDIRECT, name=self.name) | settings

    def connect(self, **settings):
        """An authorized connection with the tokens of version 1."""
        process = self.start("connect", **self.provider(**settings))
        state, code = self.authorize(process.line("authorize"))
        process.say(f"{state} {code}")
        self.id = process.line("connected").split()[1]
        process.end()
        return self

    def authorize(self, line):
        answer = get(line.split()[1])
        assert answer.code == 302, f"the server answers {answer.code}"
        fields = urllib.parse.parse_qs(urllib.parse.urlparse(answer.headers["Location"]).query)
        return fields["state"][0], fields["code"][0]

    def ask(self, ahead=EXPIRED, **settings):
        """A process that is ready to ask for a token."""
        process = self.start("token", id=self.id, ahead=ahead, **settings)
        process.line("ready")
        return process

    def token(self, ahead=EXPIRED, **settings):
        """What a process gets that asks for a token, in one line."""
        process = self.ask(ahead, **settings)
        process.say("go")
        line = process.line("token", "error")
        process.end()
        return line

    def show(self):
        return self.start("show", id=self.id).end()

    def expect_state(self, state, version, *told):
        lines = self.show()
        assert lines[0].startswith(f"state {state} version {version} "), f"{lines[0]}, and not {state} {version}"
        for line in told:
            assert line in lines, f"nobody was told {line!r}: {lines}"
        for line in ("event connection.uncertain", "event connection.needs-reconnect"):
            assert line in told or line not in lines, f"{line!r} was told for nothing"

    def expect_token(self, line, version):
        words = line.split()
        assert words[:2] == ["token", str(version)], f"{line!r} in place of a token of version {version}"
        answer = get(self.server.url + "/resource", {"Authorization": f"Bearer {words[2]}"})
        assert answer.code == 200, "the server does not know the token"

    def expect_refreshes(self, *ends):
        found = [end for _, _, end in self.client.refreshes()]
        assert found == list(ends), f"{found} reached the server, and not {list(ends)}"

    def expect_grant_is_alive(self, version):
        """The refresh token that is stored is one that the server takes."""
        self.expect_token(self.token(ahead=10 * EXPIRED), version)

    def close(self):
        self.client.released.set()
        for process in self.processes:
            if process.process.poll() is None:
                process.process.kill()
            process.process.wait()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def get(url, headers={}):
    try:
        return urllib.request.build_opener(Stay).open(urllib.request.Request(url, headers=headers), timeout=LINE_SECONDS)
    except urllib.error.HTTPError as answer:
        return answer


def expect(line, part):
    assert part in line, f"{line!r} does not say {part!r}"


# What goes well.


@scene
def authorization_code_with_pkce_and_state(it):
    it.connect().expect_token(it.token(ahead=0), 1)
    it.expect_refreshes()
    it.expect_token(it.token(), 2)
    it.expect_refreshes(200)
    it.expect_state("active", 2, "event connection.active", "event connection.refreshed", "audit connection.active")


@scene
def a_code_of_another_authorization_is_refused_by_its_verifier(it):
    first, second = (it.start("connect", **it.provider(name=f"{it.name}-{n}")) for n in (1, 2))
    mine, code = it.authorize(first.line("authorize"))
    _, other = it.authorize(second.line("authorize"))
    first.say(f"{mine} {other}")
    expect(first.line("error"), "invalid_grant")
    second.say(f"made-up {code}")
    expect(second.line("error"), "not begun here")


@scene
def s2_43_client_credentials_are_asked_for_anew_and_never_refreshed(it):
    process = it.start("credentials", **it.provider())
    it.id = process.line("connected").split()[1]
    process.end()
    it.expect_token(it.token(ahead=0), 1)
    it.expect_token(it.token(), 2)
    assert [kind for kind, _, _ in it.client.requests] == ["client_credentials"] * 2


@scene
def s2_44_a_placeholder_is_filled_and_encoded(it):
    it.connect(entity="org 7?x=@evil").expect_token(it.token(), 2)
    assert {path for _, path, _ in it.client.requests} == {"/org 7?x=@evil/token"}, it.client.requests


@scene
def a_servers_clock_does_not_matter(it):
    it.client.skew = 3600
    it.connect().expect_token(it.token(ahead=0), 1)
    it.client.skew = -3600
    it.expect_token(it.token(ahead=-EXPIRED), 1)
    it.client.expires_in = "3600"
    it.expect_token(it.token(), 2)
    it.client.expires_in = 10**12
    it.expect_token(it.token(ahead=2 * EXPIRED), 3)
    it.expect_token(it.token(ahead=200 * 86400), 3)
    it.expect_refreshes(200, 200)


# Several processes.


@scene
def s2_50_five_processes_want_one_expired_token_at_once(it):
    it.connect()
    processes = [it.ask() for _ in range(5)]
    for process in processes:
        process.say("go")
    lines = [process.line("token") for process in processes]
    assert len(set(lines)) == 1, lines
    it.expect_token(lines[0], 2)
    it.expect_refreshes(200)


@scene
def two_sweepers_refresh_once(it):
    it.connect()
    processes = [it.start("sweep", ahead=EXPIRED, sweep=0.5, lease=2) for _ in range(2)]
    for process in processes:
        process.line("ready")
        process.say("go")
        process.line("sweeping")
    it.client.wait_for(2)
    for process in processes:
        assert process.end() == ["stopped"], process.said()
    it.expect_refreshes(200)
    it.expect_state("active", 2, "event connection.refreshed")


@scene
def a_server_with_a_vault_refreshes_what_is_due(it):
    process = it.start("credentials", **it.provider())
    it.id = process.line("connected").split()[1]
    process.end()
    server = it.serve()
    it.client.wait_for(1)
    address = next(line for line in iter(lambda: server.line("martlet", "  "), None) if "dashboard" in line).split()[1]
    metrics = get(f"{address}metrics").read().decode()
    server.signal(signal.SIGTERM)
    server.process.wait(LINE_SECONDS)
    assert server.process.returncode == 0, server.said()
    expect(metrics, 'martlet_outbound_attempts_total{destination="token-endpoint"} ')
    it.expect_state("active", 1, "event connection.refreshed")
    it.expect_token(it.token(ahead=0), 1)
    assert [kind for kind, _, _ in it.client.requests] == ["client_credentials"]


def paused(it, **settings):
    """A holder that is stopped while the server has its request, past its lease, and goes on when another has the connection."""
    it.client.grace = 30
    it.connect()
    it.client.script = ["hold"]
    first = it.ask(lease=2, **settings)
    first.say("go")
    it.client.wait_for(2)
    first.signal(signal.SIGSTOP)
    line = it.token(lease=2)
    it.expect_token(line, 2)
    it.client.released.set()
    first.signal(signal.SIGCONT)
    assert first.line("token") == line, "the one that was paused has another token"
    first.end()
    it.expect_refreshes("hold", 200)
    it.expect_state("active", 2)
    it.expect_grant_is_alive(3)
    return first


@scene
def s2_49_a_holder_paused_past_its_lease_takes_over_nothing(it):
    paused(it)


@scene
def s2_52_the_late_write_of_a_paused_holder_is_refused(it):
    expect(paused(it, heedless=1).said(), "a late write to a connection was refused")


def killed(it, **settings):
    """A holder that dies while the server has replaced its refresh token."""
    it.connect(**settings)
    it.client.script = ["hold"]
    first = it.ask(lease=2)
    first.say("go")
    it.client.wait_for(2)
    first.signal(signal.SIGKILL)


@scene
def s2_52_a_holder_killed_while_it_refreshes_is_succeeded(it):
    it.client.grace = 30
    killed(it)
    it.expect_token(it.token(lease=2), 2)
    it.expect_refreshes("hold", 200)
    it.expect_grant_is_alive(3)


@scene
def a_holder_killed_where_the_server_has_no_grace_must_reconnect(it):
    killed(it)
    expect(it.token(lease=2), "must be authorized again")
    it.expect_refreshes("hold", 400)
    it.expect_state("needs-reconnect", 1, "event connection.needs-reconnect", "audit connection.needs-reconnect")
    assert it.client.reuses == 1


@scene
def a_holder_killed_past_the_grace_leaves_it_uncertain_and_nobody_asks(it):
    killed(it, grace=0)
    expect(it.token(lease=2), "not known whether")
    it.expect_refreshes("hold")
    it.expect_state("uncertain", 1, "event connection.uncertain", "audit connection.uncertain")
    assert it.client.reuses == 0


# What fails.


@scene
def a_reply_lost_after_it_rotated_is_asked_for_once_more(it):
    it.client.grace = 30
    it.connect(grace=8)
    it.client.script = ["cut"]
    it.expect_token(it.token(), 2)
    it.expect_refreshes("cut", 200)
    it.expect_grant_is_alive(3)


@scene
def s2_47_two_replies_lost_are_uncertain_and_their_owner_is_told(it):
    it.client.grace = 30
    it.connect(grace=8)
    it.client.script = ["cut", "cut"]
    for _ in range(2):
        expect(it.token(), "not known whether")
    it.expect_refreshes("cut", "cut")
    it.expect_state("uncertain", 1, "event connection.uncertain", "audit connection.uncertain")


@scene
def s2_47_a_refused_grant_must_be_authorized_again(it):
    it.connect()
    it.server.revoke(it.client)
    for _ in range(2):
        expect(it.token(), "must be authorized again")
    it.expect_refreshes(400)
    it.expect_state("needs-reconnect", 1, "event connection.needs-reconnect", "audit connection.needs-reconnect")
    it.client.requests.clear()
    again = it.connect().token()
    it.expect_token(again, int(again.split()[1]))


@scene
def a_refused_client_leaves_the_grant_alone(it):
    it.connect()
    it.client.secret = "another"
    expect(it.token(), "refuses the client")
    it.expect_refreshes(401)
    it.expect_state("active", 1, "event connection.refused", "audit connection.refused")
    it.client.secret = "s3cret"
    it.expect_grant_is_alive(2)


@scene
def s2_42_a_busy_server_is_asked_again_after_a_while(it):
    it.connect()
    it.client.script = [429, 503]
    process = it.ask()
    process.say("go")
    it.expect_token(process.line("token"), 2)
    assert float(process.line("took").split()[1]) >= 3, "1 s and 2 s lie between the three requests"
    it.expect_refreshes(429, 503, 200)


@scene
def a_server_that_fails_may_have_acted(it):
    it.connect(grace=8)
    it.client.script = [500]
    it.expect_token(it.token(), 2)
    it.client.script = [500, 500]
    expect(it.token(ahead=2 * EXPIRED), "not known whether")
    it.expect_refreshes(500, 200, 500, 500)


@scene
def a_reply_that_cannot_be_read_is_a_lost_one(it):
    it.client.grace = 30
    it.connect(grace=8)
    it.client.script = ["malformed"]
    it.expect_token(it.token(), 2)
    it.client.script = ["malformed", "malformed"]
    expect(it.token(ahead=2 * EXPIRED), "not known whether")
    it.expect_refreshes("malformed", 200, "malformed", "malformed")


@scene
def a_server_that_is_silent_may_have_acted(it):
    it.connect(grace=8)
    it.client.script = ["silence", "silence"]
    expect(it.token(timeout=1), "not known whether")
    it.expect_refreshes("silence", "silence")
    it.expect_state("uncertain", 1, "event connection.uncertain")


@scene
def s2_46_a_caller_hears_of_a_server_that_is_down_before_his_deadline(it):
    down = it.start("credentials", **it.provider(server="http://127.0.0.1:9", client=f"{it.name}-down", name=f"{it.name}-down"))
    it.id = down.line("connected").split()[1]
    down.end()
    process = it.ask(within=3)
    process.say("go")
    expect(process.line("error"), "gives no token now")
    assert float(process.line("took").split()[1]) < 3
    it.expect_state("active", 0, "event connection.failing")


def main():
    global KEY
    chosen = [scene for scene in scenes if not sys.argv[5:] or scene.__name__ in sys.argv[5:]]
    failed = 0
    server = Server()
    with tempfile.TemporaryDirectory() as work:
        KEY = os.path.join(work, "vault.key")
        with open(KEY, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(base64.b64encode(os.urandom(32)).decode() + "\n")
        for scene in chosen:
            it = Scene(scene.__name__, server, work)
            began = time.monotonic()
            try:
                scene(it)
                print(f"ok    {scene.__name__} ({time.monotonic() - began:.1f} s)", flush=True)
            except Exception:
                failed += 1
                print(f"FAIL  {scene.__name__}\n{traceback.format_exc()}", flush=True)
            finally:
                it.close()
    print(f"{len(chosen) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


main()

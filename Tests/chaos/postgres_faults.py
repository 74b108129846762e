"""What can happen to PostgreSQL."""
import os, shlex, signal, subprocess, urllib.parse

from clients import Postgres
from faults import fault
from servers import Server, free_port, port_of, wait_until

NODES = "usename = 'martlet' AND application_name <> 'others'"


def answers(url):
    try:
        with Postgres(url) as connection:
            connection.execute("SELECT 1")
        return True
    except ConnectionError:
        return False


def restart(chaos, number):
    server = chaos.servers["postgres"]
    server.end(number)
    chaos.wait(1)
    server.start()
    wait_until(lambda: answers(chaos.url), 60, "PostgreSQL to answer")


@fault("postgres", short=("postgres",))
def restart_fast(chaos):
    """A fast shutdown, as of an upgrade, and a start a second later."""
    yield
    restart(chaos, signal.SIGINT)


@fault("postgres")
def restart_immediate(chaos):
    """An immediate shutdown, and a start with recovery from the log."""
    yield
    restart(chaos, signal.SIGQUIT)


@fault("postgres")
def terminate_backends(chaos):
    """pg_terminate_backend of every connection of the nodes, once a second."""
    yield
    ended = 0
    with chaos.postgres() as admin:
        for _ in range(5):
            ended += len(admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {NODES}"))
            chaos.wait(1)
    chaos.notes["connections ended"] = ended


@fault("postgres")
def exhaust_connections(chaos):
    """Others take every connection that the server has to give, and the nodes lose theirs."""
    yield
    others, refused = [], 0
    with chaos.postgres() as admin:
        # A connection that a node loses is taken at once by the others, until they have them all.
        for _ in range(1000):
            try:
                others.append(Postgres(chaos.url, "others"))
            except ConnectionError:
                left = admin.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {NODES}")
                refused = refused + 1 if not left else 0
                if refused == 20:
                    break
        chaos.notes["connections of others"] = len(others)
        chaos.wait(6)
        for other in others:
            other.close()


@fault("pgbouncer")
def restart_pgbouncer(chaos):
    """The pooler ends at once, and is started again two seconds later."""
    yield
    pooler = chaos.servers["pgbouncer"]
    pooler.end(signal.SIGTERM)
    chaos.wait(2)
    pooler.start()
    wait_until(lambda: answers(chaos.url), 60, "PgBouncer to answer")


@fault("postgres")
def idle_reader(chaos):
    """A reader that is idle in its transaction from before the first job to after the last: nothing that dies can be removed."""
    reader = chaos.postgres("idle")
    chaos.closers.append(reader.close)
    reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    reader.execute("SELECT count(*) FROM pg_class")
    yield
    chaos.wait(chaos.options.idle)
    with chaos.postgres() as admin:
        rows = admin.execute("SELECT schemaname || '.' || relname, n_dead_tup FROM pg_stat_user_tables ORDER BY n_dead_tup DESC LIMIT 1")
        chaos.notes["most dead rows"] = " ".join(rows[0]) if rows else "none"


@fault("postgres")
def promote_replica(chaos):
    """The primary is killed and its synchronous replica promoted. The nodes know both, and want the one that can be written to."""
    primary = chaos.servers["postgres"]
    port, first, password = free_port(), port_of(chaos.url), urllib.parse.urlsplit(chaos.url).password
    replica = Server(os.path.join(chaos.servers.folder, "replica"))
    chaos.servers.known["replica"] = replica
    with open(primary.run) as file:
        script = file.read()
    command = shlex.split(script.splitlines()[-1].replace('"${as[@]}"', ""))
    programs = os.path.dirname(command[1])
    os.mkdir(replica.folder)
    with chaos.postgres() as admin:
        admin.execute(f"CREATE ROLE replica REPLICATION LOGIN PASSWORD '{password}'")
    source = f"host=127.0.0.1 port={first} user=replica password={password} application_name=replica"
    subprocess.run(
        [f"{programs}/pg_basebackup", "--dbname", source, "--pgdata", f"{replica.folder}/data", "--checkpoint=fast", "--wal-method=stream",
         "--write-recovery-conf", "--no-password"], check=True)
    subprocess.run(["chown", "-R", f"--reference={primary.folder}/data", replica.folder], check=True)
    with open(replica.run, "w") as file:
        file.write(script.replace(primary.folder, replica.folder).replace(f"-p {first}", f"-p {port}"))
    os.chmod(replica.run, 0o755)
    replica.start()
    with chaos.postgres() as admin:
        # Without it a commit that was acknowledged may not have reached the replica, and no client can help that.
        admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'replica'")
        admin.execute("SELECT pg_reload_conf()")
        wait_until(lambda: admin.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"), 30, "the replica to follow")
    chaos.url = chaos.url.replace(f":{first}/", f":{first},127.0.0.1:{port}/") + "?target_session_attrs=read-write"
    yield
    primary.end(signal.SIGKILL)
    chaos.wait(1)
    with Postgres(chaos.servers.addresses["postgres_admin"].replace(f":{first}/", f":{port}/")) as admin:
        admin.execute("SELECT pg_promote(true, 30)")

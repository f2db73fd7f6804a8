"""A pool whose idle sessions PostgreSQL ends (idle_session_timeout), and that never looks: each stays in CLOSE_WAIT,
with PostgreSQL's last words unread, and fails at its next use."""
import contextlib
import glob
import os
import resource
import shutil
import signal
import tempfile
import time

import lab

HERE, DATABASE, PORT = "10.8.0.1", "10.8.0.2", 5432
SIZE = 110
QUERIES = 20
IDLE_S = 1
USER = "postgres"
RULE = "close-wait-client-pool"


def program(name):
    """Debian has the server's programs in a directory of each version."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}")) or [shutil.which(name)]
    if not found[-1]:
        raise lab.Skip("the package postgresql is not installed")
    return found[-1]


def postgresql(host, idle_s):
    directory = tempfile.mkdtemp()
    try:
        shutil.chown(directory, USER, USER)
    except (LookupError, OSError) as error:
        raise lab.Skip(f"PostgreSQL refuses root, and there is no user {USER} here: {error}")
    data = os.path.join(directory, "data")
    host.run("setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", program("initdb"), "--pgdata", data,
             "--auth=trust", "--username=shop", "--no-sync", "--locale=C")
    with open(os.path.join(data, "pg_hba.conf"), "w", encoding="ascii") as file:
        file.write("host all all all trust\n")
    settings = {"listen_addresses": DATABASE, "unix_socket_directories": directory, "fsync": "off",
                "max_connections": SIZE + 10, "shared_buffers": "16MB", "idle_session_timeout": f"{idle_s}s"}
    return host.start(program("postgres"), "-D", data, *(f"--{key}={value}" for key, value in settings.items()),
                      port=PORT, user=USER)


def connect():
    import psycopg2
    return psycopg2.connect(host=DATABASE, port=PORT, user="shop", dbname="postgres")


def shop(tell, keep_s):
    """A burst takes SIZE sessions from the pool and gives them back. Idle ones are closed after keep_s seconds, if it
    is not 0. When it gets a signal it queries, and tells how many queries fail."""
    import psycopg2
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    sessions = [connect() for _ in range(SIZE)]
    idle = [(session, time.monotonic()) for session in sessions]
    tell("idle")
    while not signal.sigtimedwait({signal.SIGUSR1}, 0.05):
        while keep_s and idle and idle[0][1] + keep_s < time.monotonic():
            idle.pop(0)[0].close()
    failed = 0
    for _ in range(QUERIES):
        session = idle.pop()[0] if idle else connect()
        with contextlib.closing(session):
            try:
                session.cursor().execute("SELECT 1")
            except psycopg2.Error:
                failed += 1
    tell(failed)


class PostgresqlPool(lab.Scenario):
    name = "postgresql_pool"
    proves = {RULE: "warning"}
    owner = ("shop", f"{DATABASE}:{PORT}")
    words = ("shop", f"{DATABASE}:{PORT}", "idle_session_timeout")
    measured = f"queries of {QUERIES} that fail"

    def start(self, host, idle_s, keep_s):
        host.limits[resource.RLIMIT_NOFILE] = (1024, 1024)
        postgresql(host.link("database", HERE + "/24", DATABASE + "/24"), idle_s)
        self.shop = host.spawn("shop", shop, keep_s)
        self.shop.hear()

    def fault(self, host):
        self.start(host, IDLE_S, 0)
        lab.wait_until(lambda: lab.count(lab.CLOSE_WAIT) == SIZE, "PostgreSQL ends the idle sessions")

    def check(self, report):
        finding = report.the(RULE, ["warning"], "shop", self.shop.pid)
        lab.says(finding, SIZE, 1024)
        assert "last words" in finding["diagnosis"], finding["diagnosis"]

    def measure(self, host):
        os.kill(self.shop.pid, signal.SIGUSR1)
        return self.shop.hear()

    def cure(self, host, report):
        report.fix(RULE, "application", "a task that evicts", "shorter than the server's idle time-out")
        self.shop.end()
        self.shop = host.spawn("shop", shop, IDLE_S / 2)
        self.shop.hear()
        lab.wait_until(lambda: lab.count(lab.ESTABLISHED) == 0, "the pool closes its idle sessions")

    def twin(self, host):
        """As large a pool, as idle, and PostgreSQL leaves it alone."""
        self.start(host, 0, 0)

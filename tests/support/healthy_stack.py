"""A healthy PostgreSQL with PgBouncer in front, under load by pgbench and short sessions, and checks of both.

Loads are bounded: each pgbench has a number of seconds, and all end with the context manager.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class
from psycopg2.extensions import make_dsn

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres import binaries
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE
from diagnostics.lab.postgres.pgbouncer import PgBouncer
from diagnostics.lab.postgres.server import SUPERUSER
from diagnostics.lab.process.environment import clean
from diagnostics.lab.target_file import render
from diagnostics.targets.settings import Pool, Report, TargetSettings, Thresholds

CLIENTS = 24
TABLES = "pgbench_accounts, pgbench_branches, pgbench_history, pgbench_tellers"
SCALE = 8
CONFIGURATION = f"max_connections = {4 * CLIENTS}\nautovacuum = on\ndeadlock_timeout = '1s'\n"
CAPACITY = CLIENTS + 8
"""Connections that the application may open: more than the load uses, as a pool should."""
IDLE = 3
"""Sessions that the pool of the application without a pooler keeps open."""
SERVER_SESSIONS = 12
"""Server sessions of the pooler, fewer than it has clients."""
CHURN_S = 0.2
"""Pause between short sessions, as cron jobs and people with psql open them."""
INSERTS = "INSERT INTO bookings (account_id, amount, reference) VALUES (1, 1, 'soak');\n"
NAMES = {"direct": "payments", "pooled": "payments-pooled", "inserts": "payments-pooled"}
"""application_name of each pgbench run."""
LOADS: Mapping[str, tuple[str, ...]] = {
    "idle": (),
    "direct": ("direct",),
    "pooled": ("pooled",),
    "both": ("direct", "pooled"),
    "inserts": ("inserts",),
}
"""Kinds of load, each with the pgbench runs that it consists of."""
QUIET = frozenset({"pass", "skipped"})
TIMEOUT_S = 120


def pgbench() -> Path | None:
    """Return the program of the system, or None where it is not installed."""
    folders = [str(each.folder) for each in binaries.find_all()]
    path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    found = shutil.which("pgbench", path=path)
    return Path(found) if found else None


@dataclass(frozen=True)
class Round:
    """Result of a check of both targets: exit code, outcomes by target and probe, and what was not quiet."""

    exit_code: int
    outcomes: Mapping[tuple[str, str], str]
    complaints: tuple[str, ...]

    @property
    def quiet(self) -> bool:
        """True if the check raised nothing."""
        return self.exit_code == 0 and not self.complaints


class HealthyStack:
    """Server, pooler and target file: a context manager.

    It changes the lab's server; `repair` restores it. `thresholds` are those of the targets.
    """

    def __init__(self, lab: Lab, thresholds: Thresholds | None = None) -> None:
        self._lab = lab
        self._thresholds = thresholds or Thresholds()
        self._stack = ExitStack()
        self._pooler: PgBouncer
        self._programs = pgbench() or Path("pgbench")
        self.target_file = lab.layout.folder / "healthy_stack.toml"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            server = self._lab.server
            server.configure(CONFIGURATION)
            server.restart()
            stack.callback(self._drop_tables)
            self._create_tables()
            users = {APPLICATION: self._lab.passwords.application}
            limits = {"default_pool_size": str(SERVER_SESSIONS), "max_client_conn": "200"}
            self._pooler = stack.enter_context(PgBouncer(server, DATABASE, users, settings=limits))
            self._write_targets()
            for _ in range(IDLE):
                stack.enter_context(self._session(server.port, NAMES["direct"]))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def load(self, kind: str, seconds: int) -> Iterator[None]:
        """Run a kind of load in the block, for at most `seconds`."""
        with ExitStack() as stack:
            for name in LOADS[kind]:
                stack.enter_context(self._pgbench(name, seconds))
            stack.enter_context(self._churn())
            yield

    def check(self) -> Round:
        """Run every quiet probe on both targets, by the command line."""
        done = subprocess.run(
            [
                *(sys.executable, "-m", "diagnostics.cli", "check", "--format", "json"),
                *("--config", str(self.target_file), "--target", "direct", "--target", "pooled"),
            ],
            env=clean({"HOME": str(self._lab.layout.home)}),
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        try:
            return _round(done.returncode, json.loads(done.stdout))
        except ValueError:
            return Round(done.returncode, {}, (f"no report: {done.stderr.strip()[-500:]}",))

    def _create_tables(self) -> None:
        server = self._lab.server
        admin = {"PGHOST": str(server.socket_folder), "PGPORT": str(server.port), "PGUSER": SUPERUSER}
        create = [str(self._programs), "--initialize", "--quiet", "--scale", str(SCALE), DATABASE]
        subprocess.run(create, env=clean(admin), capture_output=True, timeout=TIMEOUT_S, check=True)
        self._lab.sql(f"GRANT ALL ON {TABLES} TO {APPLICATION}")

    def _drop_tables(self) -> None:
        self._lab.sql(f"DROP TABLE IF EXISTS {TABLES}")

    def _write_targets(self) -> None:
        pool = Pool(application_name=NAMES["direct"], size=CAPACITY)
        report = Report(sql="SELECT * FROM bookings WHERE account_id = 2", memory_mb=64)
        direct = replace(
            TargetSettings(),
            production=True,
            writes=True,
            database=self._lab.target.settings.database,
            monitor=self._lab.target.settings.monitor,
            secrets=self._lab.target.settings.secrets,
            pool=pool,
            report=report,
            thresholds=self._thresholds,
        )
        behind = replace(
            direct, database=f"postgresql://{APPLICATION}@127.0.0.1:{self._pooler.port}/{DATABASE}"
        )
        text = f"{render('direct', direct)}\n{render('pooled', behind)}"
        self.target_file.write_text(text, "utf-8")

    @contextmanager
    def _pgbench(self, name: str, seconds: int) -> Iterator[None]:
        script = self._lab.layout.folder / "inserts.sql"
        script.write_text(INSERTS, "utf-8")
        port = self._lab.server.port if name == "direct" else self._pooler.port
        clients = CLIENTS if name != "inserts" else CLIENTS // 3
        work = ("--builtin", "tpcb-like") if name != "inserts" else ("--file", str(script))
        process = subprocess.Popen(
            [
                *(self._programs, "--no-vacuum", "--client", str(clients), "--jobs", "2"),
                *("--time", str(seconds), *work, DATABASE),
            ],
            env=clean(
                {
                    "PGHOST": "127.0.0.1",
                    "PGPORT": str(port),
                    "PGUSER": APPLICATION,
                    "PGPASSWORD": self._lab.passwords.application,
                    "PGSSLMODE": "disable",
                    "PGAPPNAME": NAMES[name],
                }
            ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            _interrupt(process)

    @contextmanager
    def _churn(self) -> Iterator[None]:
        """Open and close short sessions of a person, direct and through the pooler in turn."""
        ending = threading.Event()

        def run() -> None:
            number = 0
            while not ending.wait(CHURN_S):
                number += 1
                self._short_session(self._pooler.port if number % 2 else self._lab.server.port)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()

    def _short_session(self, port: int) -> None:
        with self._session(port, "psql") as session:
            session.cursor().execute("SELECT count(*) FROM accounts")

    @contextmanager
    def _session(self, port: int, name: str) -> Iterator[Connection]:
        dsn = make_dsn(self._lab.application_dsn(), port=port, application_name=name, options="")
        with closing(psycopg2.connect(dsn)) as session:
            session.autocommit = True
            yield session


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """End pgbench as its user does; its sessions end without a Terminate message only where it is killed."""
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _round(exit_code: int, report: Mapping[str, Any]) -> Round:
    outcomes, complaints = {}, []
    for result in report["results"]:
        target, probe, outcome = result["target"], result["probe"], result["outcome"]
        outcomes[target, probe] = outcome
        codes = [finding["code"] for finding in result["findings"]]
        if outcome not in QUIET or codes:
            complaints.append(f"{target} {probe} {outcome} {' '.join(codes)} {result['reason']}".strip())
    return Round(exit_code, outcomes, tuple(complaints))

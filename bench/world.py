"""A world to measure in: an embedded PostgreSQL with durable settings, an API process, a load generator."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import psycopg

from linli.kit.migrate import migrate
from linli.kit.postgres import EmbeddedPostgres, ensure_database

HERE = Path(__file__).parent
KEY = "lk_bench_" + "b" * 32


@dataclass
class Figure:
    """One row of the table. `ratio` is what the target speaks of."""

    name: str
    value: str
    reference: str
    ratio: float
    target: str
    met: bool
    notes: str = ""
    raw: dict[str, object] = field(default_factory=dict)


class World:
    """The server and the databases of one bench run."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="linli-bench-"))
        self.server = EmbeddedPostgres(self.home)

    def __enter__(self) -> World:
        self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def database(self, name: str, *, migrated: bool = True) -> str:
        """The URL of a database, made if it is new."""
        ensure_database(self.server.url(), name)
        url = self.server.url(name)
        if migrated:
            migrate(url)
        return url

    def sql(self, database: str, *statements: str) -> list[tuple]:
        """Run statements; the rows of the last."""
        with psycopg.connect(self.server.url(database), autocommit=True) as conn:
            for statement in statements:
                cursor = conn.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def pgbench(
        self, database: str, script: Path | None, *, clients: int, seconds: int, options: tuple[str, ...] = ()
    ) -> float:
        """Transactions a second."""
        command = [str(self.server.bin_dir / "pgbench"), self.server.url(database), "-n", "-M", "prepared",
                   "-c", str(clients), "-j", "2", "-T", str(seconds), *options]  # fmt: skip
        if script:
            command += ["-f", str(script)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = re.search(r"tps = ([\d.]+) \(without", done.stdout)
        assert found, done.stdout
        return float(found.group(1))

    @contextmanager
    def api(self, database: str, *, workers: int = 1) -> Iterator[Api]:
        """An API on `database`, in processes of its own."""
        api = Api(self, database, workers)
        api.start()
        try:
            yield api
        finally:
            api.stop()


class Api:
    """`linli serve` on a free port of loopback."""

    def __init__(self, world: World, database: str, workers: int) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "LINLI_HOME": str(world.home),
            "LINLI_DATABASE_NAME": database,
            "LINLI_PORT": str(self.port),
            "LINLI_WORKERS": str(workers),
            "LINLI_DEV_API_KEY": KEY,
        }
        self.seconds_to_answer = 0.0

    def start(self) -> None:
        """Start it, and wait for its first answer."""
        began = time.perf_counter()
        self.process = subprocess.Popen([sys.executable, "-m", "linli", "serve"], env=self.environment)
        while True:
            try:
                self.get("/readyz")
                break
            except (URLError, ConnectionError):
                assert self.process.poll() is None, "the API ended before it answered"
                time.sleep(0.02)
        self.seconds_to_answer = time.perf_counter() - began

    def stop(self) -> None:
        """End it, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def get(self, path: str) -> bytes:
        """The body of a GET."""
        request = Request(self.base + path, headers={"Authorization": f"Bearer {KEY}"})
        with urlopen(request, timeout=5) as answer:
            return answer.read()

    def rss_mb(self) -> float:
        """The largest resident memory of an API process, in MB."""
        pids = [self.process.pid]
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        pids += [int(child) for child in children]
        sizes = []
        for pid in pids:
            found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            if found:
                sizes.append(int(found.group(1)) / 1024)
        return max(sizes)


@dataclass
class Load:
    """What a load generator saw."""

    per_second: float
    p99_ms: float
    requests: int
    errors: int


def wrk(base: str, script: Path, *, connections: int, seconds: int, arguments: tuple[str, ...] = ()) -> Load:
    """Load from a second process. `errors`: answers that are not 2xx, and socket errors."""
    if shutil.which("wrk") is None:
        raise SystemExit("the bench needs wrk: apt-get install wrk")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "30s", "-s", str(script),
               base, "--", KEY, *arguments]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    text = done.stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", text)
    total = re.search(r"(\d+) requests in", text)
    assert rate and p99 and total, text
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    errors = int(failed.group(1)) if failed else 0
    errors += sum(map(int, sockets.groups())) if sockets else 0
    scale = {"us": 0.001, "ms": 1.0, "s": 1000.0}[p99.group(2)]
    return Load(float(rate.group(1)), float(p99.group(1)) * scale, int(total.group(1)), errors)


def median(values: list[float]) -> float:
    """The median."""
    return statistics.median(values)

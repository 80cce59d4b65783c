"""`linli up`, `serve`, `worker`, `subscribe`, `migrate`, `openapi`, `audit`.

What only one of them needs is imported by that one: `linli serve` is two processes, each of which has its imports.
"""

from __future__ import annotations

import asyncio
import signal
import sys

import msgspec
from cyclopts import App
from rich.panel import Panel
from rich.table import Table

from linli.cli.common import base_of, console, is_served, open_pool, progress_bar
from linli.kit.audit import checks_in, run_audit
from linli.kit.errors import Invalid
from linli.kit.migrate import migrate as run_migrations
from linli.kit.resources import resource
from linli.settings import Settings
from linli.startup import ADMINISTRATOR, database_url, development_key, first_administrator, prepare

STOP_SECONDS = 15
"""How long an API process that is asked to end may still answer what is under way."""


async def up() -> None:
    """Bring the whole system up: database, migrations, preset, API and worker. Ctrl-C takes it down again."""
    settings = Settings()
    if is_served(settings):  # or it would look like a start, and every page would be the other one's
        raise Invalid(
            detail=f"{base_of(settings)} is being served already: end that, or set LINLI_PORT to another port"
        )
    url = database_url(settings)
    for line in await prepare(settings, url):
        console.print(f"[green]✓[/] {line}")
    password = await first_administrator(settings, url)
    # The children find the same database and key by the settings, which they inherit.
    children = [
        await asyncio.create_subprocess_exec(sys.executable, "-m", "linli", name) for name in ("serve", "worker")
    ]
    base = base_of(settings)
    console.print(
        Panel(
            f"console    {base}/console/\nmembers    {base}/m/\n"
            f"API        {base}\nreference  {base}/docs\nOpenAPI    {base}/openapi.json\n"
            f"key        {development_key(settings)}" + _first_sign_in(password),
            title="邻里分 Linli",
            expand=False,
        ),
        highlight=False,
        soft_wrap=True,
    )
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    waits = [asyncio.create_task(child.wait()) for child in children]
    await asyncio.wait([asyncio.create_task(stop.wait()), *waits], return_when=asyncio.FIRST_COMPLETED)
    failed = any(child.returncode for child in children)
    for child in children:
        if child.returncode is None:
            child.terminate()
    await asyncio.gather(*waits)
    sys.exit(1 if failed else 0)


def _first_sign_in(password: str | None) -> str:
    """The lines that only the first start has."""
    if password is None:
        return ""
    later = f"(shown this once; another one: linli user password {ADMINISTRATOR})"
    return f"\nsign in    {ADMINISTRATOR} / {password}\n           {later}"


def serve() -> None:
    """Serve the API alone (the database must be there: `linli up`, or `linli migrate`)."""
    from granian.constants import Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    settings = Settings()
    database_url(settings)
    Server(
        "linli.api.serve:app",
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        loop=Loops.uvloop,
        backpressure=1024,
        log_level=LogLevels.warning,
        log_access=False,
        respawn_failed_workers=True,
        # One that is asked to end while it is not yet listening to signals never hears of it.
        workers_kill_timeout=STOP_SECONDS,
    ).serve()


async def worker() -> None:
    """Run jobs and the nightly sweeps."""
    from linli.kit import log
    from linli.worker import work

    log.configure()
    await work(Settings())


async def subscribe() -> None:
    """Take events from the broker that LINLI_BROKER_URL names."""
    from linli.brokers import subscribe as run
    from linli.kit import log

    log.configure()
    await run(Settings())


async def migrate() -> None:
    """Make or update the database: migrations, partitions, the preset where nothing is published."""
    settings = Settings()
    url = database_url(settings)
    run_migrations(url)
    done = await prepare(settings, url)
    console.print("\n".join(done) if done else "nothing to do")


def openapi() -> None:
    """Print the OpenAPI document of the API, as `/openapi.json` has it."""
    from linli.api.app import create_app
    from linli.api.openapi import build_document

    document = build_document(create_app(Settings()).framework)
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


async def audit() -> None:
    """Prove the ledger: each file of db/audit must find nothing. Ends with status 1 where one does."""
    settings = Settings()
    checks = checks_in(resource("db") / "audit")
    async with open_pool(settings) as pool, pool.connection() as conn:
        with progress_bar() as bar:
            task = bar.add_task("audit", total=len(checks), note="")
            findings = await run_audit(conn, checks, progress=lambda name: bar.update(task, advance=1, note=name))
    for finding in findings:
        table = Table(title=f"[red]{finding.check}[/]: {finding.rows} rows. {finding.promise}")
        for column in finding.columns:
            table.add_column(column)
        for row in finding.sample:
            table.add_row(*row)
        console.print(table)
    console.print(f"{len(checks)} checks, {sum(finding.rows for finding in findings)} violations")
    sys.exit(1 if findings else 0)


def add_to(app: App) -> None:
    """Add these commands."""
    for command in (up, serve, worker, subscribe, migrate, openapi, audit):
        app.command(command)

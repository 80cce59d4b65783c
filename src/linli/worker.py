"""The worker: cron and jobs, by procrastinate, in the same PostgreSQL.

The nightly sweeps are asked for every few minutes and run once a business date: a worker that was down at midnight
makes up for it when it is back.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import date, datetime, time
from functools import partial
from uuid import UUID

import structlog
from procrastinate import App, PsycopgConnector, RetryStrategy

from linli import access, ledger, lottery, notify
from linli.cashier import AT_ONCE, Cashier
from linli.flows import budget
from linli.flows import lottery as lotteries
from linli.flows.apply_correction import apply_correction
from linli.flows.back_test import BACK_TEST, work_on
from linli.flows.correct import CORRECT
from linli.flows.coupons_birthday import give_birthday_coupons
from linli.flows.coupons_issue import ISSUE, apply_issue
from linli.flows.publish import LiveProgrammes, NoProgramme
from linli.flows.remind import TELL, send, tell
from linli.flows.roll_up import roll_up
from linli.flows.runs import SWEEP
from linli.flows.sweep import release_holds, sweep
from linli.flows.trials import guard
from linli.kit.db import RETRIABLE, Pool, in_transaction, make_pool
from linli.kit.errors import Refusal
from linli.ledger import SweepKind
from linli.notify import NoticeRunKind
from linli.settings import Settings
from linli.startup import database_url, ensure_partitions, lottery_key

log = structlog.get_logger()

NIGHT_BEGINS = time(0, 30)
"""Business time after which the day's sweeps run: late enough for events that were under way at midnight."""
STALLED_SECONDS = 600
AGAIN = RetryStrategy(max_attempts=20, wait=30)
"""For runs that somebody asked for: cron asks for today's alone, so nobody else would go on with one that failed."""


def make_app(url: str, pool: Pool, settings: Settings) -> App:
    """The job app with its tasks; jobs are kept in the database at `url`."""
    live = LiveProgrammes()
    app = App(connector=PsycopgConnector(conninfo=url))

    @app.periodic(cron="*/5 * * * *")
    @app.task(queueing_lock="night", pass_context=False)
    async def night(timestamp: int) -> None:
        """Settle, then let lapse, for today's business date, once."""
        await run_night(pool, settings, settings.clock())

    @app.task(name=SWEEP, pass_context=False, retry=AGAIN)
    async def run_sweep(kind: SweepKind, run_on: str) -> None:
        """A run that somebody asked for, as far as nobody asks it to stop."""
        await sweep(pool, kind, date.fromisoformat(run_on), settings.clock, resume=False)

    @app.task(name=BACK_TEST, pass_context=False, retry=AGAIN)
    async def try_back(back_test_id: str) -> None:
        """A back-test, some of its members at a time, as far as nobody asks it to stop."""
        try:
            await work_on(pool, UUID(back_test_id), settings.clock)
        except RETRIABLE:
            raise
        except Exception:  # it says so itself, and goes on when somebody asks it to
            log.exception("back_test", back_test_id=back_test_id)

    @app.task(name=CORRECT, pass_context=False, retry=AGAIN)
    async def run_correction(correction_id: str) -> None:
        """A correction that was approved, as far as nobody asks it to stop."""
        await apply_correction(pool, UUID(correction_id), settings.clock, settings.calendar)

    @app.task(name=TELL, pass_context=False, retry=AGAIN)
    async def run_telling(kind: NoticeRunKind, run_on: str) -> None:
        """Reminders, or calls to come back, that somebody asked for, as far as nobody asks them to stop."""
        on = date.fromisoformat(run_on)
        await tell(pool, kind, on, settings.clock, settings.calendar, resume=False)

    @app.task(name=ISSUE, pass_context=False, retry=AGAIN)
    async def issue_coupons(issue_id: str) -> None:
        """Coupons for many members, as far as nobody asks it to stop."""
        await apply_issue(pool, UUID(issue_id), settings.clock, settings.calendar)

    @app.periodic(cron="* * * * *")
    @app.task(queueing_lock="outbox")
    async def outbox(timestamp: int) -> None:
        """Send what waits to be sent."""
        await send(pool, settings.clock, settings.calendar)

    @app.periodic(cron="*/5 * * * *")
    @app.task(queueing_lock="insights")
    async def insights(timestamp: int) -> None:
        """Roll up what has happened since the last time."""
        await roll_up(pool, settings.clock, settings.calendar)

    @app.periodic(cron="* * * * *")
    @app.task(queueing_lock="budgets")
    async def budgets(timestamp: int) -> None:
        """Bring the states of budgets up to date."""
        await budget.refresh(pool, settings.clock, settings.calendar, live)

    @app.periodic(cron="* * * * *")
    @app.task(queueing_lock="rollouts")
    async def rollouts(timestamp: int) -> None:
        """Add up the figures of rollouts under way, and roll back what broke its guardrails."""
        await guard(pool, settings.clock)

    @app.periodic(cron="* * * * *")
    @app.task(queueing_lock="lottery")
    async def reveal_seeds(timestamp: int) -> None:
        """Tell the seeds of lotteries that are over."""
        await reveal_lotteries(pool, settings)

    @app.periodic(cron="* * * * *")
    @app.task(queueing_lock="holds")
    async def holds(timestamp: int) -> None:
        """Free holds whose time is over."""
        await release_holds(pool, settings.clock, settings.calendar)

    @app.periodic(cron="* * * * *")
    @app.task(queueing_lock="payments")
    async def payments(timestamp: int) -> None:
        """Ask about what nobody paid in time, and have cash given back."""
        if settings.payments == "off":
            return
        async with Cashier(settings, pool) as cashier:
            if cashier.fake is not None:  # a demonstration's provider has no time of its own
                cashier.fake.settle_refunds()
                await cashier.fake.deliver()
            while await cashier.look_after() >= AT_ONCE:
                pass

    @app.periodic(cron="17 * * * *")
    @app.task(queueing_lock="upkeep")
    async def upkeep(timestamp: int) -> None:
        """Make the coming months' partitions, clear ended sessions, and give stalled jobs to another worker."""
        now = settings.clock()
        await in_transaction(pool, lambda conn: ensure_partitions(conn, settings.calendar.date_of(now)))
        await in_transaction(pool, lambda conn: access.tidy(conn, now))
        for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await app.job_manager.retry_job(job)

    return app


async def reveal_lotteries(pool: Pool, settings: Settings) -> int:
    """Tell the seeds of lotteries that are over, each in a transaction of its own. Returns how many."""
    now = settings.clock()
    over = await in_transaction(pool, partial(lottery.to_reveal, now=now))
    done = 0
    for campaign_id in over:
        try:
            key = lottery_key(settings)
            await in_transaction(pool, partial(lotteries.reveal, campaign_id=campaign_id, key=key, at=now))
        except Refusal as refusal:  # one whose key is gone must not keep the others waiting
            log.error("reveal", campaign_id=str(campaign_id), code=refusal.code)
        else:
            done += 1
    return done


async def run_night(pool: Pool, settings: Settings, now: datetime) -> bool:
    """The sweeps of today's business date, if its night has begun. Returns whether it had.

    A run that somebody stopped stays stopped; nothing lapses on a day that is not settled.
    """
    local = settings.calendar.local(now)
    if local.time() < NIGHT_BEGINS:
        return False
    for kind in ("settle", "expire"):
        before = await in_transaction(pool, partial(ledger.find_run, kind=kind, on=local.date()))
        run = await sweep(pool, kind, local.date(), settings.clock, resume=False)
        if run != before:  # cron asks again and again: told is what was done
            log.info("sweep", kind=kind, on=str(run.run_on), state=run.state, items=run.items, points=run.points)
        if run.state != "finished":
            return True
    with suppress(NoProgramme):  # nothing is promised yet, so there is nothing to speak of
        await _tell_all(pool, settings, local.date())
        await give_birthday_coupons(pool, local.date(), settings.clock, settings.calendar)
    return True


async def _tell_all(pool: Pool, settings: Settings, on: date) -> None:
    """What members are told of by themselves, after the night's points are where they belong."""
    kinds: tuple[NoticeRunKind, ...] = ("remind", "wake_up")
    for kind in kinds:
        before = await in_transaction(pool, partial(notify.find_run, kind=kind, on=on))
        run = await tell(pool, kind, on, settings.clock, settings.calendar, resume=False)
        if run != before:
            log.info("tell", kind=kind, on=str(run.run_on), state=run.state, members=run.members, points=run.points)


async def work(settings: Settings, *, stop: asyncio.Event | None = None) -> None:
    """Work until stopped (SIGINT, SIGTERM or `stop`); what is under way is finished first."""
    url = database_url(settings)
    pool = make_pool(url)
    await pool.open(wait=True)
    app = make_app(url, pool, settings)
    try:
        async with app.open_async():
            task = asyncio.create_task(
                app.run_worker_async(delete_jobs="successful", install_signal_handlers=stop is None)
            )
            if stop is not None:
                waiting = asyncio.create_task(stop.wait())
                await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
                task.cancel()
            await asyncio.gather(task, return_exceptions=stop is not None)
    finally:
        await pool.close()

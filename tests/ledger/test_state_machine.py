"""Whatever verbs come in whatever order, on whatever dates: the ledger is what its plain model is.

After every step balances, lots, grants, holds, pending points and each line of each statement are compared, refusals
with their figures too; after every example the audit finds nothing. An example is one transaction that is rolled back,
so the tables hold nothing but its own rows. LINLI_MACHINE_EXAMPLES sets how many are tried (20,000 by hand), from
LINLI_MACHINE_SEED on, so that a long run can be made of pieces; LINLI_MACHINE_SHRINK=0 leaves a failure as it was
found, which is quicker.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from linli import ledger
from linli.kit.clock import BusinessCalendar, add_months
from linli.kit.db import Connection, fetch_one, make_pool
from linli.kit.errors import Refusal
from linli.ledger import Stamp
from linli.words.grants import Grant
from tests.flows.world import findings
from tests.ledger import model
from tests.ledger.model import Refused

EXAMPLES = int(os.environ.get("LINLI_MACHINE_EXAMPLES", "500"))
PHASES = (Phase.generate, Phase.shrink) if os.environ.get("LINLI_MACHINE_SHRINK", "1") == "1" else (Phase.generate,)
SEED = os.environ.get("LINLI_MACHINE_SEED")
SHANGHAI = BusinessCalendar("Asia/Shanghai")
MEMBERS = ("a", "b")
# Ends of months, of a leap February and of a year, in the last ten minutes of the business date.
STARTS = [date(2026, 1, 30), date(2026, 2, 27), date(2028, 2, 28), date(2026, 12, 31), date(2026, 6, 15)]

wallets = st.sampled_from([("a", "points"), ("a", "points"), ("a", "team"), ("b", "points")])
figures = st.integers(1, 60)
# Below zero: so many percent of what can be spent, so that several lots are drawn upon.
amounts = st.integers(1, 40) | st.sampled_from([-30, -60, -90, -100])
parts = st.none() | st.integers(1, 40)
picks = st.integers(0, 5)
funders = st.sampled_from(["platform", "supplier", "campaign"])

STATE = """
SELECT json_build_object(
    'balances', (SELECT json_agg(json_build_array(member_id, wallet, available, held, debt, version))
                 FROM ledger_balance),
    'lots', (SELECT json_agg(json_build_array(member_id, wallet, expires_on, funder, points, remaining, lapsed))
             FROM ledger_lot),
    'grants', (SELECT json_agg(json_build_array(member_id, key, wallet, state, promised, points, reversed, settle_on,
                                                event_id)) FROM ledger_grant),
    'holds', (SELECT json_agg(json_build_array(member_id, wallet, hold_id, points, captured, refunded, state))
              FROM ledger_hold),
    'lines', (SELECT json_agg(json_build_array(member_id, wallet, seq, kind, from_account, to_account, points))
              FROM ledger_movement))::text
"""
State = dict[str, list[tuple[Any, ...]]]


HARD = {
    "spend of 4 lots", "hold of 4 lots", "reverse of 2 lots", "reverse > debt", "lower_to > debt", "settle > repay",
    "refund > repay", "release > repay", "capture > repay", "adjust > repay", "spend > release", "refund > release",
    "capture > release", "refund with grace", "capture: hold_closed", "capture: hold_lapsed",
    "capture: capture_too_large", "release: hold_closed", "refund: refund_too_large", "refund: spending_not_found",
    "reverse: reverse_too_large", "spend: insufficient_points", "hold: insufficient_points",
    "adjust: insufficient_points", "spend_once: idempotency_key_reused", "spend_once: insufficient_points",
    "expire of late points", "lower_to > reverse", "expire > expire", "release_lapsed > release",
}  # fmt: skip
"""What a run must have met to say anything: the verbs' rarer sides."""


CLOSING = ("capture", "release")
BATCHED = ("spend", "hold", "redeem", *CLOSING)


class Ask(NamedTuple):
    """What one of several wants at once; `redeem`: a hold that is captured on the spot."""

    verb: str
    who: tuple[str, str]
    number: int
    points: int | None
    redeem: bool = False


def _do(book: ledger.Book, ask: Ask, at: datetime) -> None:
    hold_id = UUID(int=ask.number)
    if ask.verb == "spend":
        book.spend(*ask.who, ask.points or 0, f"s{ask.number}")
    elif ask.verb == "hold":
        book.hold(*ask.who, ask.points or 0, hold_id, at + timedelta(minutes=30))
        if ask.redeem:
            book.capture(ask.who[0], hold_id)
    elif ask.verb == "capture":
        book.capture(ask.who[0], hold_id, ask.points)
    else:
        book.release(ask.who[0], hold_id)


def _one_by_one(m: model.Ledger, asks: list[Ask], at: datetime, on: date) -> list[str | None]:
    told: list[str | None] = []
    late = {ask.number: m.wallet(*ask.who).holds[ask.number].state == "held" for ask in asks if ask.verb in CLOSING}
    for ask in asks:
        m.wallet(*ask.who).free_lapsed(at, on)
    for ask in asks:
        before = deepcopy(m)
        try:
            told.append(_model_does(m, ask, late, at, on))
        except Refused as refused:
            m.wallets = before.wallets
            told.append(refused.code)
    return told


def _model_does(m: model.Ledger, ask: Ask, late: dict[int, bool], at: datetime, on: date) -> None:
    if ask.verb == "spend":
        m.spend(ask.who, ask.points or 0, f"s{ask.number}", at, on)
    elif ask.verb == "hold":
        m.hold(ask.who, ask.points or 0, ask.number, at + timedelta(minutes=30), at, on)
        if ask.redeem:
            m.capture(ask.who, ask.number, None, at, on)
    elif late[ask.number] and m.wallet(*ask.who).holds[ask.number].lapses_at <= at:
        # Its time is over: it was released before anybody could ask.
        if ask.verb == "capture":
            raise Refused("hold_lapsed")
        late[ask.number] = False
    elif ask.verb == "capture":
        m.capture(ask.who, ask.number, ask.points, at, on)
    else:
        m.release(ask.who, ask.number, at, on)


class LedgerMachine(RuleBasedStateMachine):
    """Two members with two wallets between them, and a clock that only goes forward."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    conn: ClassVar[Connection]
    met: ClassVar[Counter[str]]
    """How often each verb was done, was refused with which code, and met what is hard."""

    def __init__(self) -> None:
        super().__init__()
        self.model = model.Ledger()
        self.at = datetime(2026, 1, 1, tzinfo=UTC)
        self.made = 0
        self.spends: list[tuple[tuple[str, str], str]] = []
        self.turn = 0
        self.expired: set[date] = set()
        """Business dates whose expiry is finished."""

    def teardown(self) -> None:
        try:
            assert self._run(findings(self.conn)) == {}
        finally:
            self._run(self.conn.rollback())

    # --- how a step is taken ---

    def _run(self, work: Awaitable[Any]) -> Any:
        return self.loop.run_until_complete(work)

    @property
    def on(self) -> date:
        return SHANGHAI.date_of(self.at)

    @property
    def stamp(self) -> Stamp:
        return Stamp(at=self.at, on=self.on, actor="machine")

    def _step(self, expected: Callable[[model.Ledger], Any], work: Callable[[], Awaitable[Any]]) -> None:
        """The model and the ledger do the same; a refusal leaves both as they were."""
        trial = deepcopy(self.model)
        wanted: Any
        verb = sys._getframe(1).f_code.co_name.lstrip("_")
        try:
            wanted = expected(trial)
            self._count(verb, trial)
            self.model = trial
        except Refused as refused:
            wanted = refused
            self.met[f"{verb}: {refused.code}"] += 1
        assert self._run(self._attempt(work)) == wanted

    def _count(self, verb: str, after: model.Ledger) -> None:
        """What the step does: the verb, the kinds of its lines, and how many lots it draws upon."""
        self.met[verb] += 1
        for who, wallet in after.wallets.items():
            before = self.model.wallets.get(who, model.Wallet())
            self.met[f"{verb} > debt"] += wallet.debt > before.debt
            self.met.update(f"{verb} > {line[0]}" for line in wallet.lines[len(before.lines) :])
            drawn = sum(lot.remaining < before.lots.get(key, model.Lot()).remaining for key, lot in wallet.lots.items())
            if verb in ("spend", "hold", "reverse") and drawn > 1:
                self.met[f"{verb} of {min(drawn, 4)} lots"] += 1
            if (
                verb == "expire"
                and self.expired - {self.on}
                and any(
                    lot.lapsed > before.lots[key].lapsed and key[0] <= max(self.expired - {self.on})
                    for key, lot in wallet.lots.items()
                )
            ):
                self.met["expire of late points"] += 1
            if verb == "refund" and any(
                lot.points < before.lots[key].points for key, lot in wallet.lots.items() if key in before.lots
            ):
                self.met["refund with grace"] += 1

    async def _attempt(self, work: Callable[[], Awaitable[Any]]) -> Any:
        try:
            async with self.conn.transaction():
                return await work()
        except Refusal as refusal:
            told = {k: v for k, v in refusal.fields.items() if isinstance(v, int) or k in ("state", "key")}
            return Refused(refusal.code, **{k: v for k, v in told.items() if refusal.code != "spending_not_found"})

    def _next(self) -> int:
        self.made += 1
        return self.made

    def _amount(self, who: tuple[str, str], points: int) -> int:
        """`points`, or as many percent of what can be spent."""
        return points if points > 0 else max(1, self.model.wallet(*who).spendable(self.on) * -points // 100)

    def _a_hold(self, pick: int) -> tuple[tuple[str, str], int]:
        found = sorted((number, who) for who, wallet in self.model.wallets.items() for number in wallet.holds)
        number, who = found[-1 - pick % len(found)]
        return who, number

    def _a_grant(self, pick: int) -> tuple[str, str]:
        found = sorted(self.model.grants)
        return found[-1 - pick % len(found)]

    def _has_grants(self) -> bool:
        return bool(self.model.grants)

    def _has_holds(self) -> bool:
        return any(wallet.holds for wallet in self.model.wallets.values())

    def _has_spends(self) -> bool:
        return bool(self.spends)

    # --- time ---

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: date) -> None:
        """Everyone has a few lots to begin with, in the one transaction of the example."""
        self._run(self.conn.execute("SELECT"))
        self.at = SHANGHAI.starts_at(start) + timedelta(hours=23, minutes=50)
        lots = [(9, 1, "supplier"), (14, 3, "platform"), (14, 3, "supplier"), (25, 40, "platform")]
        for who in (("a", "points"), ("a", "team"), ("b", "points")):
            for points, valid, funder in lots:
                self.grant(who, None, points, funder, 0, valid, 0)
        self.settle()

    @rule(minutes=st.sampled_from([1, 9, 10, 29, 30, 31, 600]))
    def minutes_pass(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(days=st.sampled_from([1, 1, 2, 7]))
    def days_pass(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule()
    def month_ends(self) -> None:
        first = add_months(self.on.replace(day=1), 1)
        self.at = max(self.at, SHANGHAI.starts_at(first) - timedelta(minutes=5))

    # --- grants ---

    @rule(
        who=wallets, name=st.sampled_from(["g1", "g2", "g3", None]), points=figures, funder=funders,
        wait=st.sampled_from([0, 1, 1, 2, 30]), valid=st.sampled_from([1, 2, 7, 40, 400]), late=st.integers(0, 2),
    )  # fmt: skip
    def grant(
        self, who: tuple[str, str], name: str | None, points: int, funder: str, wait: int, valid: int, late: int
    ) -> None:
        member, wallet = who
        key = name or f"n{self._next()}"
        cause = (self.at - timedelta(hours=late), f"e{self._next()}")
        settle_on, expires_on = self.on + timedelta(days=wait), self.on + timedelta(days=valid)
        promise = model.Grant(wallet, points, cause, settle_on, expires_on, funder)
        real = Grant(
            member_id=member, key=key, rule="r", rule_version=1, points=points, wallet=wallet, funder=funder,
            occurred_at=cause[0], earned_on=self.on, settle_on=settle_on, expires_on=expires_on, event_type="check_in",
            source="linli", event_id=cause[1],
        )  # fmt: skip

        async def work() -> bool:
            return set(await ledger.grant(self.conn, [real])) == {(member, key)}

        self._step(lambda m: m.grant(member, key, promise), work)

    @precondition(_has_grants)
    @rule(pick=picks)
    def withdraw(self, pick: int) -> None:
        member, key = self._a_grant(pick)

        async def work() -> bool:
            return bool(await ledger.withdraw(self.conn, [(member, key), ("nobody", "nothing")]))

        self._step(lambda m: m.withdraw(member, key), work)

    @rule()
    def settle(self) -> None:
        async def work() -> tuple[int, int]:
            tally = await ledger.settle_members(self.conn, self.stamp, self.on, MEMBERS)
            return tally.items, tally.points

        self._step(lambda m: m.settle(self.on), work)

    @rule(swept=st.sampled_from([(), ("a",), MEMBERS, MEMBERS]))
    def night_falls(self, swept: tuple[str, ...]) -> None:
        """The next business date begins: what it owes is settled, then what it ends lapses, if swept: for all, or for
        some before the run is stopped, to be resumed or not.
        """
        self.at = SHANGHAI.starts_at(self.on + timedelta(days=1)) + timedelta(minutes=30)
        self.settle()
        if swept:
            self._expire(swept)

    @rule()
    def expire_again(self) -> None:
        """The run of this date, begun or resumed in the middle of the day; where it was finished, nothing is done."""
        self._expire(MEMBERS)

    def _expire(self, members: tuple[str, ...]) -> None:
        """Only whom the ledger itself finds due is swept: it must miss nobody."""
        on = self.on

        async def work() -> tuple[int, int]:
            run = await ledger.start_run(self.conn, "expire", on, self.at)
            items = points = 0
            if run.finished_at:
                return items, points
            due = [member async for chunk in ledger.members_due(self.conn, "expire", on, 1) for member in chunk]
            for member in [member for member in due if member in members]:
                tally = await ledger.expire_members(self.conn, self.stamp, on, [member])
                items, points = items + tally.items, points + tally.points
            if members == MEMBERS:
                await ledger.finish_run(self.conn, "expire", on, self.at)
            return items, points

        finished = on in self.expired
        if members == MEMBERS:
            self.expired.add(on)
        self._step(lambda m: (0, 0) if finished else m.expire(on, members), work)

    @precondition(_has_grants)
    @rule(pick=st.integers(0, 15), points=parts)
    def reverse(self, pick: int, points: int | None) -> None:
        member, key = self._a_grant(pick)
        cause = f"v{self._next()}"
        self._step(
            lambda m: m.reverse(member, key, points, self.at, self.on),
            lambda: ledger.reverse(self.conn, self.stamp, member, key, points, cause, reason="wrong"),
        )

    @precondition(_has_grants)
    @rule(pick=picks, due=st.integers(0, 50))
    def lower_to(self, pick: int, due: int) -> None:
        member, key = self._a_grant(pick)
        cause = f"v{self._next()}"
        self._step(
            lambda m: m.lower_to(member, key, due, self.at, self.on),
            lambda: ledger.lower_to(self.conn, self.stamp, member, key, due, cause),
        )

    # --- spending ---

    @rule(who=wallets, points=amounts)
    def spend(self, who: tuple[str, str], points: int) -> None:
        points = self._amount(who, points)
        key = f"s{self._next()}"
        self.spends.append((who, key))

        async def work() -> int:
            return (await ledger.spend(self.conn, self.stamp, *who, points, key)).spendable

        self._step(lambda m: m.spend(who, points, key, self.at, self.on), work)

    @precondition(_has_grants)
    @rule(pick=st.integers(0, 15), held=st.integers(0, 100))
    def overdraw(self, pick: int, held: int) -> None:
        """A wallet is spent, some of it held, and then a grant of it reversed."""
        member, key = self._a_grant(pick)
        who = member, self.model.grants[member, key].wallet
        if held:
            self.hold(who, -held, 30)
        self.spend(who, -100)
        self.reverse(pick, None)

    @rule(who=wallets, points=st.integers(1, 12), key=st.sampled_from(["k1", "k2", "k3"]))
    def spend_once(self, who: tuple[str, str], points: int, key: str) -> None:
        body = f"{who} {points}".encode()
        self.spends.append((who, key))

        async def first() -> bytes:
            account = await ledger.spend(self.conn, self.stamp, *who, points, key)
            return b"%d" % account.spendable

        async def work() -> tuple[int, bool]:
            outcome, is_first = await ledger.once(self.conn, who[0], key, body, self.at, first)
            return int(outcome), is_first

        self._step(lambda m: m.once(who[0], key, body, lambda: m.spend(who, points, key, self.at, self.on)), work)

    @rule(who=wallets, points=amounts, minutes=st.sampled_from([10, 30, 30, 2_000, 80_000]))
    def hold(self, who: tuple[str, str], points: int, minutes: int) -> None:
        points = self._amount(who, points)
        number = self._next()
        lapses_at = self.at + timedelta(minutes=minutes)

        async def work() -> None:
            await ledger.hold(self.conn, self.stamp, *who, points, UUID(int=number), lapses_at)

        self._step(lambda m: m.hold(who, points, number, lapses_at, self.at, self.on), work)

    @precondition(_has_holds)
    @rule(pick=st.integers(0, 2), points=parts)
    def capture(self, pick: int, points: int | None) -> None:
        who, number = self._a_hold(pick)

        async def work() -> int:
            return (await ledger.capture(self.conn, self.stamp, who[0], UUID(int=number), points))[0].captured

        self._step(lambda m: m.capture(who, number, points, self.at, self.on), work)

    @precondition(_has_holds)
    @rule(pick=st.integers(0, 2))
    def release(self, pick: int) -> None:
        who, number = self._a_hold(pick)

        async def work() -> None:
            await ledger.release(self.conn, self.stamp, who[0], UUID(int=number))

        self._step(lambda m: m.release(who, number, self.at, self.on), work)

    @rule(asked=st.lists(st.tuples(st.sampled_from(BATCHED), wallets, amounts, st.integers(0, 2)), max_size=6))
    def together(self, asked: list[tuple[str, tuple[str, str], int, int]]) -> None:
        """Several who ask at once are answered as if one came after another, and the refused leave no trace."""
        asks = [self._ask(*one) for one in asked]
        self._step(lambda m: _one_by_one(m, asks, self.at, self.on), lambda: self._at_once(asks))

    def _ask(self, verb: str, who: tuple[str, str], points: int, pick: int) -> Ask:
        if verb in CLOSING and self._has_holds():
            return Ask(verb, *self._a_hold(pick), abs(points) if points % 2 else None)
        number = self._next()
        if verb == "spend":
            self.spends.append((who, f"s{number}"))
        return Ask("spend" if verb == "spend" else "hold", who, number, self._amount(who, points), verb == "redeem")

    async def _at_once(self, asks: list[Ask]) -> list[str | None]:
        named = {ask.who for ask in asks if ask.verb in ("spend", "hold")}
        holds = [(ask.who[0], UUID(int=ask.number)) for ask in asks if ask.verb in CLOSING]
        book = await ledger.Book.open(self.conn, self.stamp, named, holds)
        told: list[str | None] = []
        for ask in asks:
            try:
                _do(book, ask, self.at)
                told.append(None)
            except Refusal as refusal:
                told.append(refusal.code)
        await book.save()
        return told

    @rule(who=wallets)
    def release_lapsed(self, who: tuple[str, str]) -> None:
        def expected(m: model.Ledger) -> int:
            before = m.wallet(*who).held
            m.wallet(*who).free_lapsed(self.at, self.on)
            return before - m.wallet(*who).held

        self._step(expected, lambda: ledger.release_lapsed(self.conn, self.stamp, *who))

    @precondition(_has_spends)
    @rule(pick=picks, points=parts, grace=st.sampled_from([0, 0, 3]))
    def refund_spending(self, pick: int, points: int | None, grace: int) -> None:
        who, key = self.spends[-1 - pick % len(self.spends)]
        self._refund(who, f"spend {key}", f"spend:{key}", points, grace)

    @precondition(_has_holds)
    @rule(pick=picks, points=parts, grace=st.sampled_from([0, 0, 3]), astray=st.booleans())
    def refund_hold(self, pick: int, points: int | None, grace: int, astray: bool) -> None:
        """Sometimes by the wrong wallet's name."""
        who, number = self._a_hold(pick)
        if astray:
            who = (who[0], "team" if who[1] == "points" else "points")
        self._refund(who, f"hold {number}", f"hold:{UUID(int=number)}", points, grace)

    def _refund(self, who: tuple[str, str], purpose: str, use_key: str, points: int | None, grace: int) -> None:
        cause = f"f{self._next()}"

        async def work() -> int:
            return (await ledger.refund(self.conn, self.stamp, *who, use_key, points, cause, lapsed_grace_days=grace))[
                0
            ]

        self._step(lambda m: m.refund(who, purpose, points, grace, self.at, self.on), work)

    @rule(who=wallets, points=st.integers(-40, 40).filter(bool), days=st.sampled_from([1, 7, 40]), funder=funders)
    def adjust(self, who: tuple[str, str], points: int, days: int, funder: str) -> None:
        expires_on = self.on + timedelta(days=days)
        cause = f"a{self._next()}"

        async def work() -> int:
            account = await ledger.adjust(
                self.conn, self.stamp, *who, points, cause, reason="test", expires_on=expires_on, funder=funder
            )
            return account.spendable

        self._step(lambda m: m.adjust(who, points, (expires_on, funder), self.at, self.on), work)

    # --- what must agree after every step ---

    @invariant()
    def state_is_the_models(self) -> None:
        row = self._run(fetch_one(self.conn, STATE))
        found = {name: sorted(map(tuple, rows or [])) for name, rows in msgspec.json.decode(row[0]).items()}
        # A wallet that was looked at and never held anything may have a row of zeros, or none.
        found["balances"] = [balance for balance in found["balances"] if any(balance[2:])]
        assert found == self._expected()

    def _expected(self) -> State:
        expected: State = {"balances": [], "lots": [], "grants": [], "holds": [], "lines": []}
        for (member, name), w in self.model.wallets.items():
            if w.lines:
                expected["balances"].append((member, name, w.available, w.held, w.debt, len(w.lines)))
            for (lapses, funder), lot in w.lots.items():
                expected["lots"].append((member, name, str(lapses), funder, lot.points, lot.remaining, lot.lapsed))
            for number, h in w.holds.items():
                row = (str(UUID(int=number)), h.points, h.captured, h.refunded, h.state)
                expected["holds"].append((member, name, *row))
            expected["lines"] += [(member, name, seq, *line) for seq, line in enumerate(w.lines, 1)]
        for (member, key), g in self.model.grants.items():
            state = "settled" if g.settled else "pending"
            row = (g.wallet, state, g.promised, g.points, g.reversed, str(g.settle_on), g.cause[1])
            expected["grants"].append((member, key, *row))
        return {name: sorted(rows) for name, rows in expected.items()}

    @invariant()
    def balance_reads_as_the_model(self) -> None:
        """One wallet a step, in turn: what a member is shown on this business date."""
        self.turn += 1
        member, name = (("a", "points"), ("a", "team"), ("b", "points"))[self.turn % 3]
        shown = self._run(ledger.get_balance(self.conn, member, name, self.on))
        w = self.model.wallets.get((member, name), model.Wallet())
        spendable = w.spendable(self.on)
        assert (shown.available, shown.held, shown.debt, shown.version) == (spendable, w.held, w.debt, len(w.lines))
        assert shown.expired == w.available - spendable + sum(lot.lapsed for lot in w.lots.values())
        pending: dict[date, int] = {}
        for (whose, _), g in self.model.grants.items():
            if (whose, g.wallet) == (member, name) and not g.settled and g.points:
                pending[g.settle_on] = pending.get(g.settle_on, 0) + g.points
        assert [(p.settle_on, p.points) for p in shown.pending] == sorted(pending.items())
        coming = sorted(lapses for (lapses, _), lot in w.lots.items() if lot.remaining and lapses > self.on)
        if not coming:
            assert shown.next_expiry is None
        else:
            points = sum(lot.remaining for (lapses, _), lot in w.lots.items() if lapses == coming[0])
            assert shown.next_expiry is not None
            assert (shown.next_expiry.expires_on, shown.next_expiry.points) == (coming[0], points)
        assert not (w.debt and spendable), "who owes has nothing to spend"


@pytest.mark.slow
def test_the_ledger_is_its_model(database_url: str) -> None:
    with asyncio.Runner() as runner:
        pool = make_pool(database_url, max_size=1)
        runner.run(pool.open())
        LedgerMachine.met = Counter()
        LedgerMachine.loop, LedgerMachine.conn = runner.get_loop(), runner.run(pool.getconn())
        try:
            run_state_machine_as_test(
                LedgerMachine if SEED is None else seed(int(SEED))(LedgerMachine),
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=50,
                    deadline=None,
                    derandomize=True,
                    phases=PHASES,
                    report_multiple_bugs=False,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(pool.putconn(LedgerMachine.conn))
            runner.run(pool.close())
    for what, times in sorted(LedgerMachine.met.items()):
        print(f"{times:7} {what}")
    if EXAMPLES >= 500:
        assert not (missed := HARD - set(+LedgerMachine.met)), f"the machine never met {missed}"

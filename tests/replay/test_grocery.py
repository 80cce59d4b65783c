"""Two weeks of three hundred households, through the API, against a reckoning that knows nothing of Linli."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from linli import ledger
from linli.replay.driver import to_spend
from linli.replay.grocery import Journey, data_folder
from linli.replay.history import Day
from tests.replay.conftest import START, ZONE, Street

DAYS = 14
HOUSEHOLDS = 300
LAST = START + timedelta(days=DAYS - 1)


class Slice:
    """Files as the package has them, but for some dates and households; and what pandas makes of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        source = data_folder()
        coupons = pd.read_parquet(source / "coupon_redemptions.parquet")
        lines = pd.read_parquet(source / "transactions.parquet")
        end = LAST + timedelta(days=1)
        lines = lines[lines.transaction_timestamp.between(str(START), str(end), inclusive="left")]
        coupons = coupons[coupons.redemption_date.between(str(START), str(LAST))]
        # Those who redeem a coupon come first: they are who spends points.
        households = list(dict.fromkeys([*coupons.household_id, *lines.household_id]))[:HOUSEHOLDS]
        self.lines = lines[lines.household_id.isin(households)]
        self.coupons = coupons[coupons.household_id.isin(households)]
        self._write(self.lines, "transactions")
        self._write(self.coupons, "coupon_redemptions")
        (folder / "products.parquet").symlink_to(source / "products.parquet")

    def _write(self, frame: pd.DataFrame, name: str) -> None:
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), self.folder / f"{name}.parquet")

    def earned(self) -> dict[tuple[int, date], int]:
        """(household, date) → points: one for each whole dollar of a basket."""
        cents = (self.lines.sales_value * 100).round().astype("int64")
        baskets = cents.groupby(
            [self.lines.household_id, self.lines.transaction_timestamp.dt.date, self.lines.basket_id]
        )
        points = (baskets.sum() // 100).groupby(level=[0, 1]).sum()
        return {key: int(value) for key, value in points.items()}

    def lived(self) -> tuple[dict[int, int], dict[date, int], int]:
        """(household → points it can spend in the night after the last date, date → settled on it, spent)."""
        earned = self.earned()
        redeemed = zip(self.coupons.household_id, self.coupons.redemption_date.dt.date, strict=True)
        asks = set(redeemed)
        purse: dict[int, int] = defaultdict(int)
        settled: dict[date, int] = {}
        spent = 0
        for on in (START + timedelta(days=day) for day in range(DAYS)):
            for household in [household for household, day in asks if day == on and purse[household] >= 100]:
                part = min(500, purse[household])
                purse[household] -= part
                spent += part
            night = on + timedelta(days=1)
            today = {household: points for (household, day), points in earned.items() if day == on}
            settled[night] = sum(today.values())
            for household, points in today.items():
                purse[household] += points
        return dict(purse), settled, spent


@pytest.fixture(scope="session")
def sliced(tmp_path_factory: pytest.TempPathFactory) -> Slice:
    """The slice, cut once."""
    return Slice(tmp_path_factory.mktemp("slice"))


def _events(day: Day) -> list[dict]:
    return [event for batch in day.batches for event in msgspec.json.decode(batch)]


async def test_points_equal_an_independent_reckoning(street: Street, sliced: Slice) -> None:
    journey = Journey(ZONE, sliced.folder)
    until = LAST + timedelta(days=1)
    progress = await street.live(journey, until)

    purse, settled, spent = sliced.lived()
    assert spent > 0, "the slice must have spending in it"
    assert progress.finished and progress.events == sliced.lines.basket_id.nunique() == journey.events
    assert progress.spent == spent
    runs = await street.rows("SELECT run_on, points FROM ledger_run WHERE kind = 'settle' ORDER BY run_on")
    assert dict(runs) == settled
    for household, points in purse.items():
        balance = (await street.http.get(f"/v1/members/household-{household}/balance")).json()
        assert (balance["available"], balance["pending"]) == (points, []), household
    totals = await street.totals()
    assert (totals.available, totals.spent, totals.pending) == (sum(purse.values()), spent, 0)
    assert totals.granted == sum(sliced.earned().values()) and totals.adds_up
    rewards = await street.rewards()
    assert all(journey.expect(totals, rewards).values())
    assert not all(journey.expect(totals, [replace(rewards[0], points=totals.granted + 1)]).values())
    assert await street.violations() == []


async def test_points_of_a_day_are_pending_until_its_night(street: Street, sliced: Slice) -> None:
    journey = Journey(ZONE, sliced.folder)
    await street.live(journey, START + timedelta(days=1))
    second = START + timedelta(days=1)
    street.clock.evening(second)
    for batch in journey.day(second).batches:
        await street.api.send(batch)

    earned = sliced.earned()
    members = {household for household, on in earned if on <= second}
    for household in members:
        balance = (await street.http.get(f"/v1/members/household-{household}/balance")).json()
        pending = earned.get((household, second), 0)
        promised = [{"settle_on": str(second + timedelta(days=1)), "points": pending}] if pending else []
        assert (balance["available"], balance["pending"]) == (earned.get((household, START), 0), promised), household
    assert await street.violations() == []


async def test_points_lapse_a_year_after_they_were_earned(street: Street, sliced: Slice) -> None:
    journey = Journey(ZONE, sliced.folder)
    await street.live(journey, LAST + timedelta(days=1))
    before = await street.totals()
    lots = await street.rows("SELECT expires_on, sum(remaining) FROM ledger_lot WHERE remaining > 0 GROUP BY 1")
    lapsing = dict(lots)
    assert lapsing and set(lapsing) <= {
        date(2018, on.month, on.day) for on in (START + timedelta(d) for d in range(DAYS))
    }
    await street.live(journey, date(2018, 8, 21))
    after = await street.totals()
    assert (after.expired, after.available) == (before.available, 0)
    runs = await street.rows("SELECT run_on, points FROM ledger_run WHERE kind = 'expire' AND points > 0")
    assert dict(runs) == lapsing
    assert after.adds_up and await street.violations() == []


async def test_stopping_resuming_and_sending_again_change_nothing(street: Street, sliced: Slice, twin: Street) -> None:
    journey, until = Journey(ZONE, sliced.folder), LAST + timedelta(days=1)
    await twin.live(journey, until)

    stopped = await street.live(journey, until, nights=4)
    assert (stopped.nights, stopped.finished) == (4, False)
    # Killed within the fifth date: a part of it was sent, and somebody had spent.
    fifth = journey.day(START + timedelta(days=4))
    street.clock.evening(fifth.on)
    await street.api.send(fifth.batches[0])
    resumed = await street.live(journey, until, nights=3)
    assert (resumed.skipped, resumed.nights) == (4, 3)
    assert resumed.duplicates == len(msgspec.json.decode(fifth.batches[0]))
    assert (await street.live(journey, until)).finished

    assert await street.standing() == await twin.standing()
    assert (again := await street.live(journey, until)).finished and (again.nights, again.events) == (0, 0)
    for day in (journey.day(START + timedelta(days=n)) for n in range(DAYS)):
        for batch in day.batches:
            assert (await street.api.send(batch)).accepted == 0
    assert await street.standing() == await twin.standing()
    assert await street.violations() == []


async def test_a_night_that_was_begun_is_finished(street: Street, sliced: Slice, twin: Street) -> None:
    journey, until = Journey(ZONE, sliced.folder), START + timedelta(days=5)
    await twin.live(journey, until)

    await street.live(journey, until, nights=2)
    third = journey.day(START + timedelta(days=2))
    street.clock.evening(third.on)
    for batch in third.batches:
        await street.api.send(batch)
    for kind in ("settle", "expire"):
        async with street.pool.connection() as conn:
            await ledger.start_run(conn, kind, START + timedelta(days=3), street.clock())
    assert (await street.live(journey, until)).skipped == 2
    assert await street.standing() == await twin.standing()


async def test_a_day_whose_spending_was_cut_off_is_finished_without_spending_twice(
    street: Street, sliced: Slice, twin: Street
) -> None:
    journey, until = Journey(ZONE, sliced.folder), LAST + timedelta(days=1)
    await twin.live(journey, until)
    spent = await twin.rows("SELECT posted_on, member_id, order_id, points FROM ledger_movement WHERE kind = 'spend'")
    on, member_id, order_id, points = max(spent)

    await street.live(journey, on)
    street.clock.evening(on)
    await street.api.redeem(member_id, order_id, points)
    async with street.pool.connection() as conn:
        assert await to_spend(conn, member_id, order_id, on) == points, "what was spent is asked for again, unchanged"
    resumed = await street.live(journey, until)
    assert resumed.finished
    assert await street.standing() == await twin.standing()


def test_orders_are_exact(sliced: Slice) -> None:
    journey = Journey(ZONE, sliced.folder)
    assert (journey.first, journey.last) == (START, LAST)
    lines = sliced.lines
    cents = (lines.sales_value * 100).round().astype("int64").groupby(lines.basket_id).sum().to_dict()
    full = sum(
        (lines[name] * 100).round().astype("int64")
        for name in ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc")
    )
    full = full.groupby(lines.basket_id).sum().to_dict()
    counts = lines.groupby("basket_id").size().to_dict()
    seen: set[str] = set()
    for day in (journey.day(START + timedelta(days=n)) for n in range(DAYS)):
        owner: dict[str, int] = {}
        for place, batch in enumerate(day.batches):
            for event in msgspec.json.decode(batch):
                data = event["data"]
                basket = int(data["order_id"])
                assert data["paid_fen"] == cents[basket] == sum(line["paid_fen"] for line in data["lines"])
                assert data["list_fen"] == full[basket] and len(data["lines"]) == counts[basket]
                assert event["time"].startswith(f"{day.on}T") and event["time"].endswith("+08:00")
                assert owner.setdefault(data["member_id"], place) == place, "a member's orders go in one batch"
                seen.add(data["order_id"])
    assert seen == {str(basket) for basket in cents}


def test_a_date_without_baskets_is_empty(sliced: Slice) -> None:
    day = Journey(ZONE, sliced.folder).day(LAST + timedelta(days=1))
    assert (day.batches, day.events, day.spenders) == ([], 0, [])


def test_an_amount_that_is_no_whole_cent_is_refused(sliced: Slice, tmp_path: Path) -> None:
    for name in ("products", "coupon_redemptions"):
        (tmp_path / f"{name}.parquet").symlink_to((sliced.folder / f"{name}.parquet").resolve())
    odd = sliced.lines.head(3).assign(sales_value=1.005)
    pq.write_table(pa.Table.from_pandas(odd, preserve_index=False), tmp_path / "transactions.parquet")
    with pytest.raises(AssertionError, match="no whole number of cents"):
        Journey(ZONE, tmp_path)

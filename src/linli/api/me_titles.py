"""What a line, a promise or a message is called for people: by the rule that gave the points, else by its kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from linli import ledger
from linli.api.call import Call
from linli.api.me_words import Bilingual, both, same
from linli.flows.lottery_draw import RULE as LOTTERY_RULE
from linli.flows.redeem import BONUS_RULE
from linli.kit.db import Connection
from linli.ledger import GrantState, Line, Movement

_OF_MALL = ("spend", "hold", "capture", "release", "refund")


class Promise(Protocol):
    """What names the rule that promised it."""

    @property
    def rule(self) -> str: ...
    @property
    def rule_version(self) -> int: ...


def of_lottery(name: str) -> bool:
    """Whether a rule, or a key, is a draw's."""
    return name.startswith(f"{LOTTERY_RULE}:")


async def title_of(conn: Connection, call: Call, promise: Promise) -> Bilingual:
    """The name of the rule, as it was called then; what deductions promise is no rule, and has a name of its own."""
    if promise.rule == BONUS_RULE:
        return both("line.first_deduction")
    if of_lottery(promise.rule):
        return both("line.lottery")
    found = await call.process.book.find(conn, promise.rule, promise.rule_version)
    return same(found[0].name) if found else both("line.settle")


async def grants_of(conn: Connection, member_id: str, lines: Iterable[Line | Movement]) -> dict[str, GrantState]:
    """Key → grant, for lines that credit one."""
    return await ledger.grants_by_key(conn, member_id, [line.key for line in lines if line.kind == "settle"])


async def line_title(conn: Connection, call: Call, line: Line | Movement, grants: dict[str, GrantState]) -> Bilingual:
    """What the line is called. The reason of an adjustment is shown to the member."""
    if line.kind == "settle" and line.key in grants:
        return await title_of(conn, call, grants[line.key])
    if line.kind in _OF_MALL and (line.order_id or "").startswith("mall:"):
        return both(f"line.mall.{line.kind}")
    if line.kind == "adjust" and line.reason:
        return both("line.adjust.reason", reason=line.reason)
    if line.kind == "spend" and of_lottery(line.key):
        return both("line.lottery.spend")
    # A movement's points are never negative: its account says which way they went.
    restored = line.to_account == "available" if isinstance(line, Movement) else line.points > 0
    if line.kind == "reverse" and restored:
        return both("line.reverse.restored")
    return both(f"line.{line.kind}")

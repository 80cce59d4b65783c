"""Deductions as they are kept: added many at once, read, closed, and given back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from linli.deductions import store
from linli.deductions.types import Deduction, DeductionNotFound, Line, LineRate, State
from linli.kit.columns import Column, instants, ints, json_texts, texts
from linli.kit.db import Connection, fetch_all, fetch_one

LAST = UUID(int=2**128 - 1)
_encode = msgspec.json.Encoder().encode


def add(conn: Connection, added: Sequence[tuple[Deduction, Sequence[Line]]]) -> None:
    """Keep new deductions with their lines: it rides with the next statement, or with the commit."""
    if added:
        conn.later(
            conn.execute(store.ADD, _columns([deduction for deduction, _ in added])),
            conn.execute(store.ADD_LINES, _line_columns([(one, line) for one, lines in added for line in lines])),
        )


def _columns(new: Sequence[Deduction]) -> dict[str, Column]:
    return {
        "members": texts(one.member_id for one in new),
        "ids": texts(str(one.deduction_id) for one in new),
        "orders": texts(one.order_id for one in new),
        "states": texts(one.state for one in new),
        "points": ints(one.points for one in new),
        "fens": ints(one.deduct_fen for one in new),
        "bonuses": ints(one.bonus_points for one in new),
        "holds": texts(str(one.hold_id) if one.hold_id else None for one in new),
        "lapses": instants(one.lapses_at for one in new),
        "versions": ints(one.rates_version for one in new),
        "arms": texts(one.arm for one in new),
        "created": instants(one.created_at for one in new),
    }


def _line_columns(lines: Sequence[tuple[Deduction, Line]]) -> dict[str, Column]:
    return {
        "members": texts(one.member_id for one, _ in lines),
        "ids": texts(str(one.deduction_id) for one, _ in lines),
        "nos": ints(line.no for _, line in lines),
        "lines": texts(line.line_id for _, line in lines),
        "skus": texts(line.sku for _, line in lines),
        "prices": ints(line.price_fen for _, line in lines),
        "points": ints(line.points for _, line in lines),
        "fens": ints(line.deduct_fen for _, line in lines),
        "caps": ints(line.cap_fen for _, line in lines),
        "rates": json_texts(_encode(line.rate) for _, line in lines),
        "funders": texts(_encode(line.funders).decode() if line.funders else None for _, line in lines),
    }


async def get(conn: Connection, member_id: str, deduction_id: UUID, *, lock: bool = False) -> Deduction:
    """One deduction of the member; with `lock`, nobody else closes or gives it back until the transaction ends.

    Raises DeductionNotFound.
    """
    query = store.LOCK if lock else store.DEDUCTION
    row = await fetch_one(conn, query, {"member_id": member_id, "deduction_id": deduction_id})
    if row is None:
        raise DeductionNotFound(deduction_id=str(deduction_id))
    return Deduction(*row)


async def find_of_hold(conn: Connection, member_id: str, hold_id: UUID) -> Deduction | None:
    """The deduction that the hold is of, if it is of any."""
    row = await fetch_one(conn, store.OF_HOLD, {"member_id": member_id, "hold_id": hold_id})
    return Deduction(*row) if row else None


async def deductions(
    conn: Connection, at: datetime, *, member_id: str | None = None, order_id: str | None = None,
    state: State | None = None, before: UUID | None = None, limit: int,
) -> list[Deduction]:  # fmt: skip
    """A page of deductions, newest first (ids are uuid7). `state` as of `at`."""
    asked = {"order_id": order_id, "state": state, "at": at, "before": before or LAST, "limit": limit}
    if member_id is None:
        rows = await fetch_all(conn, store.OF_ALL, asked)
    else:
        rows = await fetch_all(conn, store.OF_MEMBER, {**asked, "member_id": member_id})
    return [Deduction(*row) for row in rows]


async def lines_of(conn: Connection, found: Sequence[Deduction]) -> dict[UUID, list[Line]]:
    """Deduction → its lines in the order of the cart."""
    asked = {
        "members": texts(sorted({one.member_id for one in found})),
        "ids": texts(str(one.deduction_id) for one in found),
    }
    lines: dict[UUID, list[Line]] = {one.deduction_id: [] for one in found}
    for _, deduction_id, *rest in await fetch_all(conn, store.LINES, asked):
        no, line_id, sku, price_fen, points, deduct_fen, cap_fen, rate, funders, *refunded = rest
        lines[deduction_id].append(
            Line(
                no, line_id, sku, price_fen, points, deduct_fen, cap_fen, msgspec.json.decode(rate, type=LineRate),
                msgspec.json.decode(funders, type=dict[str, int]) if funders else None, *refunded,
            )
        )  # fmt: skip
    return lines


async def close(
    conn: Connection, member_id: str, deduction_id: UUID, state: Literal["captured", "released"], at: datetime,
    *, bonus_points: int = 0,
) -> Deduction:  # fmt: skip
    """The held deduction, captured or released: its hold was, in this transaction and under the wallet's lock."""
    row = await fetch_one(
        conn, store.CLOSE,
        {"member_id": member_id, "deduction_id": deduction_id, "state": state, "bonus": bonus_points, "at": at},
    )  # fmt: skip
    assert row is not None, "a deduction is held as long as its hold is"
    return Deduction(*row)


async def note_refund(conn: Connection, of: Deduction, points: int, fen: int, changed: Sequence[Line]) -> Deduction:
    """The deduction after `points` and `fen` of it were given back; `changed`: its lines as they are now."""
    who = {"member_id": of.member_id, "deduction_id": of.deduction_id}
    await conn.execute(
        store.REFUND_LINES,
        {
            **who,
            "nos": ints(line.no for line in changed),
            "prices": ints(line.refunded_price_fen for line in changed),
            "points": ints(line.refunded_points for line in changed),
            "fens": ints(line.refunded_fen for line in changed),
        },
    )
    row = await fetch_one(conn, store.REFUND, {**who, "points": points, "fen": fen})
    assert row is not None, "it was read a moment ago"
    return Deduction(*row)

"""Refunds of what points paid: line by line, home to the lots that they came from; the bonus goes with the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from linli import deductions, ledger
from linli.deductions import AskedBack, Deduction, DeductionNotSpent, Line, state_at
from linli.flows.deduct import key_of
from linli.flows.redeem import BONUS_KEY, WALLET
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import GrantNotFound, Stamp


class OfDeduction(Refusal):
    """The hold or spending is that of a deduction, which has lines: it is closed and given back as that.
    Fields: `deduction_id`."""

    code: ClassVar[str] = "of_deduction"


async def give_back(
    conn: Connection, stamp: Stamp, member_id: str, deduction_id: UUID, refund_id: str,
    asked: Sequence[AskedBack] | None, *, lapsed_grace_days: int,
) -> tuple[Deduction, list[Line]]:  # fmt: skip
    """Give back parts of lines (None: all that is left). Raises DeductionNotFound, DeductionNotSpent, LineNotFound,
    RefundTooLarge."""
    bonus = (await deductions.get(conn, member_id, deduction_id)).bonus_points
    if bonus:
        await ledger.lock_grants(conn, [(member_id, BONUS_KEY)])
    await ledger.lock_wallets(conn, [member_id])  # whoever closes or gives back waits: read it now, not before
    found = await deductions.get(conn, member_id, deduction_id)
    if found.state != "captured":
        raise DeductionNotSpent(deduction_id=str(deduction_id), state=state_at(found, stamp.at))
    lines = (await deductions.lines_of(conn, [found]))[deduction_id]
    back = deductions.reckon_back(lines, asked)
    if back.points:
        use_key = f"hold:{found.hold_id}" if found.hold_id else f"spend:{key_of(deduction_id)}"
        await ledger.refund(
            conn, stamp, member_id, WALLET, use_key, back.points, f"deduct_refund:{deduction_id}:{refund_id}",
            order_id=found.order_id, lapsed_grace_days=lapsed_grace_days,
        )  # fmt: skip
    if back.changed:
        found = await deductions.note_refund(conn, found, back.points, back.fen, back.changed)
    if bonus and back.points and found.refunded_points == found.points:
        await _take_back_bonus(conn, stamp, found)
    changed = {line.no: line for line in back.changed}
    return found, [changed.get(line.no, line) for line in lines]


async def _take_back_bonus(conn: Connection, stamp: Stamp, found: Deduction) -> None:
    """The bonus for the first deduction goes with it, as far as it was not taken back by hand."""
    key = f"deduct_bonus:{found.deduction_id}"
    try:
        await ledger.lower_to(conn, stamp, found.member_id, BONUS_KEY, 0, key)
    except GrantNotFound as missing:
        raise AssertionError("a bonus that was promised is a grant") from missing


async def require_no_deduction(
    conn: Connection, member_id: str, *, hold_id: UUID | None = None, spending_key: str | None = None
) -> None:
    """Raises OfDeduction where the hold or the spending is a deduction's."""
    found = None
    if hold_id is not None:
        found = await deductions.find_of_hold(conn, member_id, hold_id)
    elif spending_key is not None and spending_key.startswith("deduct:"):
        try:
            found = await deductions.get(conn, member_id, UUID(spending_key.removeprefix("deduct:")))
        except (ValueError, deductions.DeductionNotFound):
            return
    if found is not None:
        raise OfDeduction(deduction_id=str(found.deduction_id))

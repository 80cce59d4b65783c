"""Refunds of what points paid: line by line, home to the lots that they came from; the bonus goes with the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from uuid import UUID

from linli import deductions, ledger
from linli.deductions import AskedBack, Deduction, DeductionNotSpent, Line, state_at
from linli.flows.deduct import key_of
from linli.flows.redeem import BONUS_KEY, BONUS_SOURCE, WALLET
from linli.kit.db import Connection
from linli.kit.errors import Refusal
from linli.ledger import Held, Stamp, Undone


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
    found = await deductions.get(conn, member_id, deduction_id, lock=True)
    if found.state != "captured":
        raise DeductionNotSpent(deduction_id=str(deduction_id), state=state_at(found, stamp.at))
    lines = (await deductions.lines_of(conn, [found]))[deduction_id]
    back = deductions.reckon_back(lines, asked)
    undone: list[Undone] = []
    if back.points and found.bonus_points and found.refunded_points + back.points == found.points:
        # Before the refund: grants are locked before balances. The next deduction is a first one again.
        held = Held(member_id, BONUS_KEY, (BONUS_SOURCE, key_of(deduction_id)))
        undone = (await ledger.take_back_claims(conn, [held], cause=f"deduct_bonus:{deduction_id}")).undone
    if back.points:
        use_key = f"hold:{found.hold_id}" if found.hold_id else f"spend:{key_of(deduction_id)}"
        await ledger.refund(
            conn, stamp, member_id, WALLET, use_key, back.points, f"deduct_refund:{deduction_id}:{refund_id}",
            order_id=found.order_id, lapsed_grace_days=lapsed_grace_days,
        )  # fmt: skip
        await ledger.book_undone(conn, stamp, undone)
    if back.changed:
        found = await deductions.note_refund(conn, found, back.points, back.fen, back.changed)
    changed = {line.no: line for line in back.changed}
    return found, [changed.get(line.no, line) for line in lines]


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

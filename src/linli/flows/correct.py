"""A correction from its lines to what they did: foreseen when it is made, approved, applied a chunk a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from linli import corrections, ledger, members
from linli.access import FourEyes
from linli.corrections import (
    MOST_LINES,
    Asked,
    Correction,
    CorrectionInState,
    Decider,
    Known,
    NothingToCorrect,
    Reversible,
    TooManyLines,
)
from linli.kit.db import Connection
from linli.kit.jobs import defer
from linli.ledger import Stamp
from linli.rules import Programme

CORRECT = "linli.correct"
"""The worker's task."""
PART = 5_000
"""Lines that are looked at and written together."""


class Approver(NamedTuple):
    """Who approves. `alone`: in a shop with one person, who may approve what they made themselves."""

    name: str
    alone: bool = False


async def make(
    conn: Connection, asked: Sequence[Asked], reason: str, programme: Programme, stamp: Stamp, *, by: str,
    request: tuple[str, bytes] | None = None,
) -> Correction:  # fmt: skip
    """A preview: each line decided by what is known now, and stored. Nothing is done yet.

    Raises NothingToCorrect, TooManyLines, KeyReused.
    """
    if not asked:
        raise NothingToCorrect
    if len(asked) > MOST_LINES:
        raise TooManyLines(most_lines=MOST_LINES)
    threshold = programme.correction_approval_points
    made, new = await corrections.add(conn, reason, by=by, at=stamp.at, approval_points=threshold, request=request)
    if not new:
        return await corrections.get(conn, made)
    decider = Decider(programme.wallets, reason)
    for begin in range(0, len(asked), PART):
        part = asked[begin : begin + PART]
        await corrections.add_lines(conn, made, decider.decide(part, await _known(conn, part, programme, stamp)))
    return await corrections.count_lines(conn, made)


async def _known(conn: Connection, part: Sequence[Asked], programme: Programme, stamp: Stamp) -> Known:
    enrolled = await members.enrolled(conn, {asked.member_id for asked in part})
    keys = {(asked.member_id, asked.grant_key) for asked in part if asked.grant_key}
    grants = await ledger.find_grants(conn, [(member, key) for member, key in keys if key])
    of_wallet: dict[str, set[str]] = {}
    for asked in part:
        if asked.member_id in enrolled and not asked.grant_key:
            of_wallet.setdefault(asked.wallet or programme.wallets[0], set()).add(asked.member_id)
    for (member_id, _), grant in grants.items():
        of_wallet.setdefault(grant.wallet, set()).add(member_id)
    available: dict[tuple[str, str], int] = {}
    for wallet, who in of_wallet.items():
        found = await ledger.available_of(conn, sorted(who), wallet, stamp.on)
        available |= {(member_id, wallet): points for member_id, points in found.items()}
    return Known(
        enrolled, available,
        {key: Reversible(g.wallet, g.points - g.reversed, g.state == "pending") for key, g in grants.items()},
    )  # fmt: skip


async def make_opposite(
    conn: Connection, correction_id: UUID, reason: str, programme: Programme, stamp: Stamp, *, by: str
) -> Correction:
    """A preview of the opposite of all that a finished or cancelled correction did and that was not undone since.

    Raises CorrectionNotFound, CorrectionInState, NothingToCorrect, BeingReversed.
    """
    was = await corrections.get(conn, correction_id, lock=True)
    if was.state not in ("finished", "cancelled"):
        raise CorrectionInState(state=was.state)
    threshold = programme.correction_approval_points
    made, _ = await corrections.add(
        conn, reason, by=by, at=stamp.at, approval_points=threshold, reverses=correction_id
    )  # fmt: skip
    before, no = MOST_LINES + 1, 1
    while done := await corrections.done_lines(conn, correction_id, before=before, limit=PART):
        await corrections.add_lines(conn, made, corrections.opposite(done, reason, no))
        before, no = done[-1].no, no + len(done)
    if no == 1:
        raise NothingToCorrect
    return await corrections.count_lines(conn, made)


async def submit(conn: Connection, correction_id: UUID, programme: Programme, stamp: Stamp) -> Correction:
    """Have it done, or have it wait for a second person where it moves that many points. Twice is once.

    Raises CorrectionNotFound, CorrectionInState, NothingToCorrect.
    """
    found = await corrections.get(conn, correction_id, lock=True)
    if found.state in ("rejected", "cancelled"):
        raise CorrectionInState(state=found.state)
    if found.state != "preview":
        return found
    if found.faulty == found.lines:
        raise NothingToCorrect
    threshold = programme.correction_approval_points
    if found.credit_points + found.debit_points > threshold:
        return await corrections.move(conn, correction_id, "waiting", approval_points=threshold)
    return await _begin(conn, correction_id, approval_points=threshold)


async def approve(conn: Connection, correction_id: UUID, by: Approver, stamp: Stamp) -> Correction:
    """Have a waiting correction done, in a second person's name. Raises FourEyes, CorrectionInState."""
    found = await corrections.get(conn, correction_id, lock=True)
    if found.state != "waiting" and found.approved_by == by.name:
        return found
    if found.state != "waiting":
        raise CorrectionInState(state=found.state)
    if found.by == by.name and not by.alone:
        raise FourEyes(author=found.by)
    return await _begin(conn, correction_id, approved_by=by.name, approved_at=stamp.at)


async def reject(conn: Connection, correction_id: UUID, remark: str) -> Correction:
    """Turn a waiting correction down, for ever. Raises CorrectionInState."""
    found = await corrections.get(conn, correction_id, lock=True)
    if found.state not in ("waiting", "rejected"):
        raise CorrectionInState(state=found.state)
    return await corrections.move(conn, correction_id, "rejected", remark=remark)


async def cancel(conn: Connection, correction_id: UUID) -> Correction:
    """Give a correction up that is not under way. What a stopped one did stays done, and can be reversed.

    Raises CorrectionInState.
    """
    found = await corrections.get(conn, correction_id, lock=True)
    if found.state not in ("preview", "waiting", "stopped", "cancelled"):
        raise CorrectionInState(state=found.state)
    return await corrections.move(conn, correction_id, "cancelled")


async def stop(conn: Connection, correction_id: UUID) -> Correction:
    """Let it stop after the chunk in hand. Raises CorrectionInState."""
    found = await corrections.get(conn, correction_id, lock=True)
    if found.state in ("stopped", "finished"):
        return found
    if found.state not in ("approved", "running"):
        raise CorrectionInState(state=found.state)
    return await corrections.move(conn, correction_id, "stopped")


async def resume(conn: Connection, correction_id: UUID) -> Correction:
    """Go on with a stopped correction. Raises CorrectionInState."""
    found = await corrections.get(conn, correction_id, lock=True)
    if found.state in ("approved", "running", "finished"):
        return found
    if found.state != "stopped":
        raise CorrectionInState(state=found.state)
    return await _begin(conn, correction_id)


async def _begin(conn: Connection, correction_id: UUID, **more: object) -> Correction:
    moved = await corrections.move(conn, correction_id, "approved", **more)
    await defer(conn, CORRECT, lock=f"correct:{correction_id}", correction_id=str(correction_id))
    return moved

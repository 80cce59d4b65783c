"""Orders paid with points in one step, many at once: one transaction for what concurrent requests ask.

Everything is read and written set-wise, the wallets under their locks in one book. A refusal of one leaves the others
as they were: its key is free again, and nothing of it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from uuid import UUID

import msgspec
from msgspec.structs import replace
from uuid_utils.compat import uuid7

from linli import deductions, earning, ledger, members, programmes
from linli.deductions import Deduction, Line
from linli.flows.deduct import Wish, asks_tiers, frozen, key_of, pick, require, shopper_by
from linli.flows.live import LiveProgrammes
from linli.flows.redeem import BONUS_KEY, WALLET, bonus_of, hear_of_settlement
from linli.kit.db import Connection, together
from linli.kit.errors import KeyReused, Refusal
from linli.ledger import Book, Stamp
from linli.members import MemberNotFound
from linli.rules import CartSplit, CompiledProgramme, Shopper
from linli.words.facts import NO_FACTS


class Redemption(msgspec.Struct, frozen=True):
    """One request. `key` and `digest` name it; `actor` is who sent it."""

    member_id: str
    key: str
    digest: bytes
    order_id: str
    wish: Wish
    actor: str | None


class Answer(msgspec.Struct, frozen=True):
    """The outcome of a request as JSON, and whether this was its first time."""

    outcome: bytes
    first: bool


Told: TypeAlias = Answer | Refusal
Tell: TypeAlias = Callable[[Deduction, list[Line]], bytes]
"""A deduction as the caller is told of it."""


class Apart(Exception):
    """Some requests cannot be decided beside the others of their batch: each is to come alone."""


class _Case(msgspec.Struct):
    """A request that is new, with all that is known for it."""

    asked: Redemption
    compiled: CompiledProgramme
    shopper: Shopper
    deduction_id: UUID
    bonus: int = 0
    no_bonus: bool = False
    """A first deduction by all that is known, but refused by what the wallet seemed to hold: nothing was promised."""


async def redeem_many(
    conn: Connection, stamp: Stamp, live: LiveProgrammes, asked: Sequence[Redemption], tell: Tell
) -> list[Told]:
    """What becomes of each request, in their order. Raises Apart where several are asked and must come alone."""
    _require_independent(asked)
    keys = [(one.member_id, one.key, one.digest) for one in asked]
    _, found, claimed = await together(
        conn, live.refresh(conn), members.members_by_id(conn, {one.member_id for one in asked}),
        ledger.claim_keys(conn, keys, stamp.at),
    )  # fmt: skip
    homes = {member_id: member.city for member_id, member in found.items()}
    told: list[Told | None] = [_told_before(one, homes, known) for one, known in zip(asked, claimed, strict=True)]
    new = [one for one, known in zip(asked, told, strict=True) if known is None]
    done: dict[str, Told] = {}
    if new:
        cases = await _cases(conn, stamp, live, new, homes)
        await _promise_bonuses(conn, stamp, cases, alone=len(asked) == 1)
        done = await _redeem(conn, stamp, cases, tell, alone=len(asked) == 1)
        if len(asked) == 1 and isinstance(refusal := done[_name(new[0])], Refusal):
            raise refusal  # and all that was written for it is rolled back
    freed = [one for one, known in zip(asked, claimed, strict=True) if known is None and _refused(one, homes, done)]
    await ledger.free_keys(conn, [(one.member_id, one.key) for one in freed])
    return [known or done[_name(one)] for one, known in zip(asked, told, strict=True)]


def _require_independent(asked: Sequence[Redemption]) -> None:
    """A key that comes twice, or a member by the hand of two, is decided one after the other."""
    actors: dict[str, str | None] = {}
    for one in asked:
        if actors.setdefault(one.member_id, one.actor) != one.actor:
            raise Apart
    if len({_name(one) for one in asked}) < len(asked):
        raise Apart


def _name(one: Redemption) -> str:
    return f"{one.key}\0{one.member_id}"


def _told_before(
    one: Redemption, homes: Mapping[str, str | None], known: bytes | KeyReused | None
) -> Told | None:  # fmt: skip
    if one.member_id not in homes:
        return MemberNotFound(member_id=one.member_id)
    return Answer(known, first=False) if isinstance(known, bytes) else known


def _refused(one: Redemption, homes: Mapping[str, str | None], done: Mapping[str, Told]) -> bool:
    return one.member_id not in homes or isinstance(done[_name(one)], Refusal)


async def _cases(
    conn: Connection, stamp: Stamp, live: LiveProgrammes, new: Sequence[Redemption], homes: Mapping[str, str | None]
) -> list[_Case]:
    """Each request with the programme that holds for its member, and the member as rates see them."""
    ids = sorted({one.member_id for one in new})
    where: dict[tuple[str, str], str] = {}
    if salts := live.salts_at(stamp.at):
        where = {(salt, member): city for salt in salts for member in ids if (city := homes[member])}
        where.update(await programmes.homes(conn, ids))
    held = {member: live.at(stamp.at, member, where) for member in ids}
    asking = [member for member in ids if asks_tiers(held[member].programme.deduction)]
    facts = await earning.read_facts(conn, asking) if asking else {}
    cases: list[_Case] = []
    for one in new:
        compiled, member = held[one.member_id], one.member_id
        tier = facts.get(member, NO_FACTS).tier_at(stamp.at) or None
        shopper = shopper_by(compiled.programme.deduction, member, homes[member], tier, stamp, one.wish)
        cases.append(_Case(one, compiled, shopper, uuid7()))
    return cases


async def _promise_bonuses(conn: Connection, stamp: Stamp, cases: Sequence[_Case], *, alone: bool) -> None:
    """Promise the bonus to those whose first deduction it is, before wallets are locked, as grants are.

    Beside others, only to whom the wallet, unlocked, seems to hold enough: a promise cannot be taken back singly.
    """
    asked = [case for case in cases if case.compiled.programme.deduction.first_deduction_bonus_points]
    if not asked:
        return
    had = await ledger.find_grants(conn, [(case.asked.member_id, BONUS_KEY) for case in asked])
    # One that was taken back after it was credited is promised anew.
    have = {member for (member, _), grant in had.items() if grant.points > grant.reversed}
    firsts: dict[str, _Case] = {}
    for case in asked:
        if case.asked.member_id not in have:
            firsts.setdefault(case.asked.member_id, case)
    if not firsts:
        return
    if not alone:
        points = await ledger.available_of(conn, list(firsts), WALLET, stamp.on)
        poor = {member for member, case in firsts.items() if isinstance(_decide(case, points.get(member, 0)), Refusal)}
        for case in asked:
            case.no_bonus = case.asked.member_id in poor
        firsts = {member: case for member, case in firsts.items() if member not in poor}
        if not firsts:
            return
    heard = await hear_of_settlement(conn, stamp)
    promised = {
        member: bonus_of(stamp, case.compiled, member, key_of(case.deduction_id), case.asked.order_id, heard)
        for member, case in firsts.items()
    }
    written = await ledger.grant(conn, list(promised.values()))
    for member, _ in written:
        firsts[member].bonus = promised[member].points


def _decide(case: _Case, available: int) -> Refusal | CartSplit:
    """The split for a case whose member has `available` points, or why there is none."""
    wish = case.asked.wish
    split = pick(case.compiled.programme.deduction, wish, case.shopper, available)
    try:
        require(split, wish, available)
    except Refusal as refusal:
        return refusal
    return split


async def _redeem(
    conn: Connection, stamp: Stamp, cases: Sequence[_Case], tell: Tell, *, alone: bool
) -> dict[str, Told]:  # fmt: skip
    """Spend under the locks of all wallets."""
    book = await Book.open(conn, stamp, {(case.asked.member_id, WALLET) for case in cases})
    done: dict[str, Told] = {}
    added: list[tuple[Deduction, list[Line]]] = []
    outcomes: list[tuple[str, str, bytes]] = []
    for case in cases:
        asked, account = case.asked, book.account(case.asked.member_id, WALLET)
        split = _decide(case, account.spendable)
        if not alone and (case.bonus if isinstance(split, Refusal) else case.no_bonus):
            raise Apart  # the wallet changed between two glances
        if isinstance(split, Refusal):
            done[_name(asked)] = split
            continue
        account.stamp = replace(stamp, actor=asked.actor)
        book.spend(asked.member_id, WALLET, split.points, key_of(case.deduction_id), order_id=asked.order_id)
        made = frozen(
            split, asked.wish.cart, stamp, asked.member_id, asked.order_id, case.deduction_id,
            arm=case.shopper.arm, version=case.compiled.version, bonus=case.bonus,
        )  # fmt: skip
        added.append(made)
        outcome = tell(*made)
        outcomes.append((asked.member_id, asked.key, outcome))
        done[_name(asked)] = Answer(outcome, first=True)
    await book.save()
    deductions.add(conn, added)
    await ledger.save_outcomes(conn, outcomes)
    return done

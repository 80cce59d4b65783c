"""A campaign drawn again from what everybody may see: its terms, the revealed seed and the log. Pure.

What cannot be told from outside is counted as unchecked, not as right: a minimum prize that was given because of the
budget (costs are the shop's own), or because a coupon could not be issued.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from linli.lottery.public import LoggedDraw, PublicTerms, terms_hash
from linli.lottery.types import Prize, Terms
from linli.lottery.wheel import Turn, Wheel, commitment, ticket_of

Wrong: TypeAlias = Literal[
    "terms_hash", "seed_hash", "seq", "number", "ticket", "drawn", "given", "day_limit", "member_limit", "missing"
]  # fmt: skip
MOST_TOLD = 100


class Complaint(NamedTuple):
    """What is not as it was promised; `seq`: in which draw."""

    wrong: Wrong
    seq: int | None = None


class Verdict(NamedTuple):
    """`faults`: how many; `complaints`: the first of them. `unchecked`: draws whose prize rests on what is not told."""

    draws: int
    faults: int
    complaints: list[Complaint]
    unchecked: int
    drawn: dict[str, int]
    given: dict[str, int]


class Verifier:
    """`draw` it the log in its order, then ask for the `verdict`."""

    def __init__(self, terms: PublicTerms, told_hash: bytes, seed_hash: bytes, seed: bytes) -> None:
        self._terms, self._seed, self._id = terms, seed, str(terms.campaign_id)
        self._wheel = Wheel(_private(terms))
        self._numbers: Counter[str] = Counter()
        self._days: Counter[tuple[str, object]] = Counter()
        self._over_budget: set[str] = set()
        self._draws = self._faults = self._unchecked = 0
        self._complaints: list[Complaint] = []
        self._drawn: Counter[str] = Counter()
        self._given: Counter[str] = Counter()
        if terms_hash(terms) != told_hash:
            self._complain("terms_hash")
        if commitment(seed) != seed_hash:
            self._complain("seed_hash")

    def draw(self, lines: Iterable[LoggedDraw]) -> None:
        """Look at the next draws."""
        for line in lines:
            self._draws += 1
            if line.seq != self._draws:
                self._complain("seq", line.seq)
            self._numbers[line.member] += 1
            self._days[line.member, line.on] += 1
            if line.number != self._numbers[line.member]:
                self._complain("number", line.seq)
            self._look_at_limits(line)
            if ticket_of(self._seed, self._id, line.member, line.number, line.nonce) != line.ticket:
                self._complain("ticket", line.seq)
            self._look_at_prize(line)

    def verdict(self, draws: int) -> Verdict:
        """What came of it, for a campaign that says it had so many draws."""
        if draws != self._draws:
            self._complain("missing")
        return Verdict(
            self._draws, self._faults, self._complaints, self._unchecked, dict(self._drawn), dict(self._given)
        )  # fmt: skip

    def _look_at_limits(self, line: LoggedDraw) -> None:
        a_day, a_member = self._terms.draws_a_day, self._terms.draws_a_member
        if a_day is not None and self._days[line.member, line.on] > a_day:
            self._complain("day_limit", line.seq)
        if a_member is not None and self._numbers[line.member] > a_member:
            self._complain("member_limit", line.seq)

    def _look_at_prize(self, line: LoggedDraw) -> None:
        turn = self._wheel.turn(line.ticket, line.number)
        self._drawn[turn.drawn.prize_id] += 1
        if line.drawn_id != turn.drawn.prize_id:
            self._complain("drawn", line.seq)
        if line.why in ("budget", "unavailable") and turn.why == "odds":
            turn = self._unseen(line, turn)
        elif turn.why == "odds" and turn.drawn.prize_id in self._over_budget:
            self._complain("given", line.seq)  # what was beyond the budget once is so for ever: costs only grow
        if (line.prize_id, line.why) != (turn.given.prize_id, turn.why):
            self._complain("given", line.seq)
        known = next((prize for prize in self._wheel.terms.prizes if prize.prize_id == line.prize_id), turn.given)
        self._given[known.prize_id] += 1
        self._wheel.give(Turn(turn.drawn, known, turn.why))

    def _unseen(self, line: LoggedDraw, turn: Turn) -> Turn:
        """What is given for a reason that only the shop knows: the minimum prize, and nothing else."""
        self._unchecked += 1
        if line.why == "budget":
            self._over_budget.add(turn.drawn.prize_id)
        elif turn.drawn.kind != "coupon":
            self._complain("given", line.seq)
        if self._terms.minimum_prize_id is None:
            return turn
        return self._wheel.instead(turn.drawn, line.number)._replace(why=line.why)

    def _complain(self, wrong: Wrong, seq: int | None = None) -> None:
        self._faults += 1
        if len(self._complaints) < MOST_TOLD:
            self._complaints.append(Complaint(wrong, seq))


def _private(terms: PublicTerms) -> Terms:
    prizes = tuple(
        Prize(prize.prize_id, prize.name, prize.kind, prize.odds_ppm, points=prize.points, stock=prize.stock)
        for prize in terms.prizes
    )
    told = {name: getattr(terms, name) for name in Terms.__struct_fields__ if name not in ("prizes", "budget_fen")}
    return Terms(prizes=prizes, **told)

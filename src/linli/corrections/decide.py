"""What each line would do, and which lines are faulty. Pure: lines and what is known of members in, decisions out.

It goes through the lines in their order and foresees what each leaves, so the preview of a member's second line
stands on the first. What has changed by the time of applying is looked at again then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from linli.corrections.types import Act, Asked, Fault, Line
from linli.words.units import MOST_POINTS

Wallet = tuple[str, str]
"""(member_id, wallet)"""


class Reversible(NamedTuple):
    """A grant: its wallet, what is left of it to take back, and whether it is only promised yet."""

    wallet: str
    left: int
    pending: bool


class Known(NamedTuple):
    """What is known of the members of some lines."""

    members: Set[str]
    available: Mapping[Wallet, int]
    grants: Mapping[tuple[str, str], Reversible]


class Decider:
    """Goes through the lines of one correction, part by part. `wallets`: of the programme, the first for those lines
    that name none; `reason`: of the correction, likewise."""

    def __init__(self, wallets: Sequence[str], reason: str) -> None:
        self._wallets, self._reason = wallets, reason
        self._available: dict[Wallet, int] = {}
        self._left: dict[tuple[str, str], int] = {}
        self._seen: dict[tuple[object, ...], int] = {}
        self._no = 0

    def decide(self, asked: Sequence[Asked], known: Known) -> list[Line]:
        """The next lines of the correction, numbered on."""
        return [self._line(one, known) for one in asked]

    def _line(self, asked: Asked, known: Known) -> Line:
        self._no += 1
        act: Act = "reverse" if asked.grant_key else "adjust"
        grant = known.grants.get((asked.member_id, asked.grant_key)) if asked.grant_key else None
        wallet = grant.wallet if grant else asked.wallet or self._wallets[0]
        points = self._points(asked, grant)
        fault = asked.fault or self._fault(asked, act, wallet, points, grant, known)
        line = Line(
            self._no, asked.member_id, wallet, act, points, asked.grant_key, asked.reason or self._reason,
            "faulty" if fault else "ready", fault,
        )  # fmt: skip
        return line if fault else self._foreseen(line, grant, known)

    def _points(self, asked: Asked, grant: Reversible | None) -> int:
        """For the member: what is reversed goes."""
        if not asked.grant_key:
            return asked.points or 0
        return -(self._left_of(asked, grant) if asked.points is None else asked.points)

    def _left_of(self, asked: Asked, grant: Reversible | None) -> int:
        if grant is None or asked.grant_key is None:
            return 0
        return self._left.get((asked.member_id, asked.grant_key), grant.left)

    def _fault(
        self, asked: Asked, act: Act, wallet: str, points: int, grant: Reversible | None, known: Known
    ) -> Fault | None:
        if asked.member_id not in known.members:
            return Fault("member_not_found", {"member_id": asked.member_id})
        if abs(points) > MOST_POINTS:
            return Fault("line_points_too_large", {"most_points": MOST_POINTS})
        if first := self._double(asked, wallet):
            return Fault("line_double", {"no": first})
        if act == "reverse":
            return self._reverse_fault(asked, grant)
        if asked.points is None or not points:
            return Fault("line_points_zero")
        if wallet not in self._wallets:
            return Fault("unknown_wallet", {"wallet": wallet, "wallets": list(self._wallets)})
        spendable = self._spendable((asked.member_id, wallet), known)
        if -points > spendable:
            return Fault("insufficient_points", {"available": spendable, "wanted": -points})
        return None

    def _reverse_fault(self, asked: Asked, grant: Reversible | None) -> Fault | None:
        if grant is None:
            return Fault("grant_not_found", {"key": asked.grant_key})
        if asked.wallet and asked.wallet != grant.wallet:
            return Fault("line_wallet_of_grant", {"wallet": grant.wallet})
        if asked.points is not None and asked.points <= 0:
            return Fault("line_points_of_grant")
        left = self._left_of(asked, grant)
        if not left or (asked.points or 0) > left:
            return Fault("reverse_too_large", {"reversible": left, "wanted": asked.points or left})
        return None

    def _double(self, asked: Asked, wallet: str) -> int:
        """The number of an earlier line that says the very same, or 0."""
        same = (asked.member_id, wallet, asked.grant_key, asked.points, asked.reason)
        return 0 if self._seen.setdefault(same, self._no) == self._no else self._seen[same]

    def _spendable(self, who: Wallet, known: Known) -> int:
        return self._available.get(who, known.available.get(who, 0))

    def _foreseen(self, line: Line, grant: Reversible | None, known: Known) -> Line:
        who = (line.member_id, line.wallet)
        before = self._spendable(who, known)
        if grant is not None and line.grant_key is not None:
            cause = (line.member_id, line.grant_key)
            self._left[cause] = self._left.get(cause, grant.left) + line.points
        after = before if grant is not None and grant.pending else max(0, before + line.points)
        self._available[who] = after
        return Line(
            line.no, line.member_id, line.wallet, line.act, line.points, line.grant_key, line.reason, line.state,
            None, before, after,
        )  # fmt: skip


def opposite(last_first: Sequence[Line], reason: str, first_no: int = 1) -> list[Line]:
    """The lines that undo what was done, given the last of it first: points with their sign turned around."""
    return [
        Line(no, was.member_id, was.wallet, was.act, -was.points, was.grant_key, reason, "ready", undoes=was.no)
        for no, was in enumerate(last_first, first_no)
    ]

"""What a correction is: lines as they were asked for, as they were decided, and what may be refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from linli.kit.errors import NotFound, Refusal

Act: TypeAlias = Literal["adjust", "reverse"]
LineState: TypeAlias = Literal["ready", "faulty", "done", "failed"]
State: TypeAlias = Literal[
    "preview", "waiting", "approved", "running", "stopped", "finished", "rejected", "cancelled"
]  # fmt: skip
MOST_LINES = 100_000


class Fault(msgspec.Struct, frozen=True):
    """Why a line cannot be done: a code of `i18n/errors.json`, and the figures of its text."""

    code: str
    fields: dict[str, Any] = {}


class Asked(NamedTuple):
    """One line as it was asked for. With a `grant_key`, `points` (None: all that is left of it) are to be taken back;
    without one, they are added (> 0) or taken (< 0). `fault`: what could not even be read."""

    member_id: str
    points: int | None = None
    wallet: str | None = None
    grant_key: str | None = None
    reason: str | None = None
    fault: Fault | None = None


class Trace(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one must know to undo a line exactly. `expires_on`: of the lot that was filled. `pending`: a promise was
    lowered (or raised again) and nothing moved. `points` and `reversed`: the grant as the line left it."""

    expires_on: date | None = None
    pending: bool = False
    points: int = 0
    reversed: int = 0


class Line(msgspec.Struct, frozen=True):
    """One line of a correction. `points`: for the member, > 0 comes and < 0 goes; 0 where it could not be read.

    `available_*`: what the member could spend before and after, as foreseen; once it is done, as it was.
    """

    no: int
    member_id: str
    wallet: str
    act: Act
    points: int
    grant_key: str | None
    reason: str
    state: LineState
    fault: Fault | None = None
    available_before: int | None = None
    available_after: int | None = None
    undoes: int | None = None
    trace: Trace | None = None


class Correction(msgspec.Struct, frozen=True):
    """A correction. Its points are those of lines that are not faulty; faulty lines are never applied.

    `approved`: to be begun by the worker. `stopped`: somebody asked for it, and must for more. `remark`: why it was
    rejected. `reverses`: the correction that it takes back.
    """

    correction_id: UUID
    state: State
    reason: str
    by: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    finished_at: datetime | None
    remark: str | None
    lines: int
    faulty: int
    done: int
    failed: int
    credit_points: int
    debit_points: int
    approval_points: int
    reverses: UUID | None

    @property
    def needs_approval(self) -> bool:
        """Whether a second person must approve it."""
        return self.credit_points + self.debit_points > self.approval_points

    def key(self, no: int) -> str:
        """The key in the ledger of one of its lines."""
        return line_key(self.correction_id, no)


def line_key(correction_id: UUID, no: int) -> str:
    """`correction:<id>:<no>`"""
    return f"correction:{correction_id}:{no}"


class CorrectionNotFound(NotFound):
    """There is no such correction. Fields: `correction_id`."""

    code: ClassVar[str] = "correction_not_found"


class CorrectionInState(Refusal):
    """The correction is not in a state that allows it. Fields: `state`."""

    code: ClassVar[str] = "correction_in_state"


class NothingToCorrect(Refusal):
    """No line can be done: they are all faulty, or have been undone. No fields."""

    code: ClassVar[str] = "nothing_to_correct"


class BeingReversed(Refusal):
    """Another correction takes it back already. Fields: `correction_id` of that one."""

    code: ClassVar[str] = "correction_being_reversed"


class ApprovalNeeded(Refusal):
    """So many points want a second person: make it a correction. Fields: `points`, `approval_points`."""

    code: ClassVar[str] = "approval_needed"


class TooManyLines(Refusal):
    """More lines than one correction may have. Fields: `most_lines`."""

    code: ClassVar[str] = "too_many_lines"

"""What comes out of an evaluation, and the one way in which it can fail."""

from __future__ import annotations

from typing import Any

import msgspec

from linli.kit.errors import Refusal
from linli.rules.documents import Fault
from linli.words.grants import Award, Grant


class FaultyProgramme(Refusal):
    """The programme document has faults. Fields: `faults`, a list of `Fault`."""

    code = "faulty_programme"

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(faults=faults)


class RuleFailed(Refusal):
    """A condition failed on an event: neither true nor false. The event waits; it has not 'not matched'.

    Fields: `rule`, `version` (of the rule), `detail`.
    """

    code = "rule_failed"

    def __init__(self, rule: str, version: int, detail: str) -> None:
        super().__init__(rule=rule, version=version, detail=detail)
        self.rule, self.version, self.detail = rule, version, detail


class Skip(msgspec.Struct, frozen=True, omit_defaults=True):
    """A rule that listened and gave nothing: `reason` is a stable code, `detail` its figures."""

    rule: str
    reason: str
    detail: dict[str, int | str] = {}


class Move(msgspec.Struct, frozen=True):
    """A reward that the event puts on another date: the grant under `old_key` (same member) becomes `grant`."""

    old_key: str
    grant: Grant


class Evaluation(msgspec.Struct):
    """All that one event brings about, for the caller to write down."""

    grants: list[Grant]
    awards: list[Award]
    """How a grant for an order was reckoned: one for each of `grants` that follows the paid amount, same key."""
    moves: list[Move]
    withdrawals: list[tuple[str, str]]
    """(member_id, key) of grants that no longer hold; one that was never given is nothing to withdraw."""
    skipped: list[Skip]
    out_of_scope: msgspec.Raw
    """JSON array of skips of rules that the index left out (`paused`, `other_city`)."""


class Loss(msgspec.Struct):
    """What becomes of promises when facts of their member are taken away."""

    moves: list[Move] = msgspec.field(default_factory=list[Move])
    grants: list[Grant] = msgspec.field(default_factory=list[Grant])
    withdrawals: list[tuple[str, str]] = msgspec.field(default_factory=list[tuple[str, str]])


NOTHING: Any = msgspec.Raw(b"[]")

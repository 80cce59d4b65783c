"""From a seed and a nonce to a prize: pure, the same for who draws and for who verifies.

    ticket = HMAC-SHA256(seed, message), its first 6 bytes as a whole number x; where x ≥ 281,474,976,000,000 the next
             attempt is taken, so that x mod 1,000,000 is as likely to be one number as any other
    message = six lines of UTF-8, joined by "\n": "linli.lottery.v1", campaign id, member digest (hex), the member's
              draw number (from 1), the nonce, the attempt (from 0)

The prizes share the million tickets in their order: the first has tickets from 0 to its odds − 1, and so on. 48 bits
are what JavaScript's own numbers hold exactly: so a browser, or a mini-program, verifies without big integers.
Source: HMAC as in RFC 2104, SHA-256 as in FIPS 180-4; rejection as in NIST SP 800-90A, B.5.1.1.
"""

from __future__ import annotations

import hashlib
import hmac
from bisect import bisect_right
from itertools import accumulate, count
from typing import NamedTuple

from linli.lottery.types import MILLION, Prize, Terms, Why

MESSAGE = "linli.lottery.v1"
_TICKETS = 2**48 - 2**48 % MILLION
"""Whole numbers below this fall on each ticket equally often."""


def ticket_of(seed: bytes, campaign_id: str, digest: str, number: int, nonce: str) -> int:
    """0 … 999,999, each as likely as any other for whoever does not know the seed."""
    for attempt in count():
        message = f"{MESSAGE}\n{campaign_id}\n{digest}\n{number}\n{nonce}\n{attempt}"
        found = int.from_bytes(hmac.digest(seed, message.encode(), "sha256")[:6], "big")
        if found < _TICKETS:
            return found % MILLION
    raise AssertionError("unreachable: attempts do not end")


def commitment(seed: bytes) -> bytes:
    """What is published of a seed before anybody draws: its SHA-256."""
    return hashlib.sha256(seed).digest()


class Turn(NamedTuple):
    """What a ticket says by the odds, what is given, and why."""

    drawn: Prize
    given: Prize
    why: Why


class Wheel:
    """A campaign's prizes, and what is left of them. The wheel itself holds no secret: it is told tickets."""

    def __init__(self, terms: Terms, cost_fen: int = 0) -> None:
        self.terms, self.cost_fen = terms, cost_fen
        self.won = {prize.prize_id: prize.won for prize in terms.prizes}
        self._ends = list(accumulate(prize.odds_ppm for prize in terms.prizes))
        self._minimum = terms.prize(terms.minimum_prize_id) if terms.minimum_prize_id else None

    def affords(self) -> bool:
        """Whether the budget covers a draw, whatever comes: then the minimum prize can be given at least."""
        budget, minimum = self.terms.budget_fen, self._minimum
        return budget is None or self.cost_fen + (minimum.cost_fen if minimum else 0) <= budget

    def drawn(self, ticket: int) -> Prize:
        """The prize that the ticket falls on."""
        return self.terms.prizes[bisect_right(self._ends, ticket)]

    def turn(self, ticket: int, number: int) -> Turn:
        """What the member's draw of that `number` brings. It counts once it is told to `give`."""
        drawn = self.drawn(ticket)
        given, why = drawn, "odds"
        if drawn.stock is not None and self.won[drawn.prize_id] >= drawn.stock:
            given, why = self._least(), "stock"
        elif self.terms.budget_fen is not None and self.cost_fen + drawn.cost_fen > self.terms.budget_fen:
            given, why = self._least(), "budget"
        return self._guaranteed(Turn(drawn, given, why), number)

    def instead(self, drawn: Prize, number: int) -> Turn:
        """What is given where the drawn prize turns out not to be there."""
        return self._guaranteed(Turn(drawn, self._least(), "unavailable"), number)

    def give(self, turn: Turn) -> None:
        """Count what is given."""
        self.won[turn.given.prize_id] += 1
        self.cost_fen += turn.given.cost_fen

    def take_back(self, given: Prize) -> None:
        """Count a prize no more that could not be given."""
        self.won[given.prize_id] -= 1
        self.cost_fen -= given.cost_fen

    def within_budget(self) -> bool:
        """Whether what was given costs no more than it may."""
        return self.terms.budget_fen is None or self.cost_fen <= self.terms.budget_fen

    def changed(self) -> list[tuple[str, int]]:
        """(prize, how often it was given in all) of those that were given since the wheel was made."""
        return [(p.prize_id, self.won[p.prize_id]) for p in self.terms.prizes if self.won[p.prize_id] != p.won]

    def _guaranteed(self, turn: Turn, number: int) -> Turn:
        every = self.terms.guarantee_every
        if every and number % every == 0 and turn.given.kind == "nothing":
            return Turn(turn.drawn, self._least(), "guarantee")
        return turn

    def _least(self) -> Prize:
        assert self._minimum is not None, "a campaign is not published without, where a prize may be gone"
        return self._minimum

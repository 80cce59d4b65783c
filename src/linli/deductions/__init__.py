"""Deductions: what points paid of orders, line by line. Owns `deductions_*`.

Rates, points, money and who bears it are frozen with a deduction. What is given back of a line is a function of how
much of its price was given back in all, so n partial refunds end exactly where one full refund does. The ledger moves
the points; a deduction is held, captured and released in the transaction that does the same to its hold.
"""

from linli.deductions.book import add, close, deductions, find_of_hold, get, lines_of, note_refund
from linli.deductions.refunds import AskedBack, Back, LineNotFound, RefundTooLarge, reckon_back
from linli.deductions.types import (
    Deduction,
    DeductionClosed,
    DeductionNotFound,
    DeductionNotSpent,
    Line,
    LineRate,
    RateName,
    State,
    state_at,
)

__all__ = [
    "AskedBack", "Back", "Deduction", "DeductionClosed", "DeductionNotFound", "DeductionNotSpent", "Line",
    "LineNotFound", "LineRate", "RateName", "RefundTooLarge", "State", "add", "close", "deductions", "find_of_hold",
    "get", "lines_of", "note_refund", "reckon_back", "state_at",
]  # fmt: skip

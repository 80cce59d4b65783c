"""The points ledger: movements, lots, holds, lot uses, debt.

Owns the tables `ledger_*`. Promises: a movement takes points from one account to another, so nothing appears or
vanishes; movements are append-only; a key has one effect for ever; `db/audit/*.sql` finds nothing after any crash.
The caller opens the transaction and passes the clock's reading as a `Stamp`.
"""

from linli.ledger.account import Account
from linli.ledger.grants import GrantKey, GrantState, grant, of_event, of_member, withdraw
from linli.ledger.keys import once
from linli.ledger.postings import adjust, capture, hold, lower_to, refund, release, release_lapsed, reverse, spend
from linli.ledger.reads import Seq, get_balance, get_hold, holds, lots, statement
from linli.ledger.sweeps import (
    Run,
    SweepKind,
    Tally,
    count_run,
    expire_members,
    finish_run,
    get_run,
    last_run,
    members_due,
    members_with_lapsed_holds,
    runs,
    settle_members,
    start_run,
)
from linli.ledger.types import (
    Balance,
    CaptureTooLarge,
    GrantNotFound,
    Hold,
    HoldClosed,
    HoldLapsed,
    HoldNotFound,
    InsufficientPoints,
    Lot,
    LotState,
    Movement,
    Pending,
    RefundTooLarge,
    ReverseTooLarge,
    SpendingNotFound,
    Stamp,
)

__all__ = [
    "Account", "Balance", "CaptureTooLarge", "GrantKey", "GrantNotFound", "GrantState", "Hold", "HoldClosed",
    "HoldLapsed", "HoldNotFound", "InsufficientPoints", "Lot", "LotState", "Movement", "Pending", "RefundTooLarge",
    "ReverseTooLarge", "Run", "SpendingNotFound", "Stamp", "SweepKind", "Tally", "adjust", "capture", "count_run",
    "expire_members", "finish_run", "get_balance", "get_hold", "get_run", "grant", "hold", "holds", "last_run",
    "lots", "lower_to", "members_due", "members_with_lapsed_holds", "of_event", "of_member", "once", "refund", "release",
    "release_lapsed", "reverse", "runs", "settle_members", "spend", "start_run", "statement", "withdraw",
]  # fmt: skip

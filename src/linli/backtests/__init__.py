"""Back-tests: a programme tried on a span of stored events, beside the one that held. Owns `backtests_*`.

A back-test promises nothing and touches no other room's table. What its members come to is written down a chunk at a
time, together with how far it has come: killed at any moment, it goes on after the last chunk, and ends in the same
figures. What it needed on the way is gone once its result is there.
"""

from linli.backtests.runs import (
    BackTestNotFound,
    Chunk,
    Plan,
    Reckoned,
    begin,
    count,
    fail,
    find,
    finish,
    get,
    newest,
    plan_of,
    request,
    resume,
    stop,
)
from linli.backtests.types import (
    ArmTotal,
    BackTest,
    BackTestState,
    Bucket,
    CityLine,
    Claim,
    MemberGain,
    MemberPoints,
    MonthLine,
    Result,
    RuleLine,
    RuleName,
    Sums,
    Tally,
)

__all__ = [
    "ArmTotal", "BackTest", "BackTestNotFound", "BackTestState", "Bucket", "Chunk", "CityLine", "Claim", "MemberGain",
    "MemberPoints", "MonthLine", "Plan", "Reckoned", "Result", "RuleLine", "RuleName", "Sums", "Tally", "begin",
    "count", "fail", "find", "finish", "get", "newest", "plan_of", "request", "resume", "stop",
]  # fmt: skip

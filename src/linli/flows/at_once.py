"""Points that arrive at once: credited in the transaction that promises them, held to their rules' caps there and then.

A wallet is locked before it is asked what a rule has given so far, so no cap is exceeded, however many come at once.
What passes to another cause, as the first is lost, arrives at once too. What the programme caps by day counts them as
credited; it cannot cut what a member has already.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from linli import ledger
from linli.flows.batch import Batch
from linli.flows.screen import cut_down
from linli.kit.db import Connection
from linli.ledger import RuleCap, Span
from linli.words.grants import Grant


async def credit_at_once(conn: Connection, batch: Batch) -> None:
    """Credit what arrives with the batch, after all else that it does: balances are locked after grants."""
    if not batch.at_once:
        return
    grants = {key: grant for key, (grant, _) in batch.at_once.items()}
    keys, cut, stamp = sorted(grants), dict.fromkeys(grants, 0), batch.stamp
    await ledger.open_wallets(conn, {(grant.member_id, grant.wallet) for grant in grants.values()})
    for cap in _caps(grants.values()):
        over = await ledger.over_cap_now(conn, keys, cap)
        for key, points in (await cut_down(conn, stamp.on, stamp.at, cap, over)).items():
            cut[key] += points
    await ledger.settle_now(conn, stamp, keys)
    for key, (_, outcome) in batch.at_once.items():
        outcome.granted = [
            replace(told, points=told.points - cut[key], settle_on=stamp.on)
            if (told.member_id, told.key) == key
            else told
            for told in outcome.granted
        ]


def _caps(grants: Iterable[Grant]) -> list[RuleCap]:
    most: dict[Span, dict[tuple[str, int], int]] = {"day": {}, "month": {}, "life": {}}
    for grant in grants:
        for span, points in grant.caps:
            most[span][grant.rule, grant.rule_version] = points
    return [RuleCap(f"rule:{span}", span, found) for span, found in most.items() if found]

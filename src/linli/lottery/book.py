"""Campaigns as they are kept: drafted, changed, read, published, stopped, revealed. Decisions are made elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from uuid_utils.compat import uuid7

from linli.kit.columns import ints, texts
from linli.kit.db import Connection, fetch_all, fetch_one, together
from linli.kit.errors import KeyReused
from linli.lottery import store
from linli.lottery.seeds import Sealed
from linli.lottery.types import Campaign, CampaignNotFound, Prize, Said, State, Terms

_encode = msgspec.json.Encoder().encode
_decode_said = msgspec.json.Decoder(Said).decode
_HEAD = 14
LAST = UUID(int=2**128 - 1)


async def add(
    conn: Connection, terms: Terms, *, by: str, at: datetime, request: tuple[str, bytes] | None = None
) -> UUID:
    """A draft; or the one that this `request`, key and digest, made before. Raises KeyReused."""
    key, digest = request or (None, None)
    row = {"campaign_id": uuid7(), "by": by, "at": at, "request_key": key, "request_digest": digest}
    made = await fetch_one(conn, store.ADD, {**_columns(terms), **row})
    if made:
        await _add_prizes(conn, made[0], terms.prizes)
        return made[0]
    known = await fetch_one(conn, store.OF_REQUEST, {"request_key": key})
    assert known is not None, "campaigns with a key are not deleted under it"
    if known[1] != digest:
        raise KeyReused(key=key)
    return known[0]


async def change(conn: Connection, campaign_id: UUID, terms: Terms) -> None:
    """Let the draft have other terms. The caller holds its lock."""
    await conn.execute(store.CHANGE, {**_columns(terms), "campaign_id": campaign_id})
    await conn.execute(store.DROP_PRIZES, {"campaign_id": campaign_id})
    await _add_prizes(conn, campaign_id, terms.prizes)


async def drop(conn: Connection, campaign_id: UUID) -> None:
    """Delete a draft. The caller holds its lock."""
    await conn.execute(store.DROP_PRIZES, {"campaign_id": campaign_id})
    await conn.execute(store.DROP, {"campaign_id": campaign_id})


async def get(conn: Connection, campaign_id: UUID, *, lock: bool = False) -> Campaign:
    """The campaign; with `lock`, nobody draws or changes it until the transaction ends. Raises CampaignNotFound."""
    row = await fetch_one(conn, store.LOCK if lock else store.CAMPAIGN, {"campaign_id": campaign_id})
    if row is None:
        raise CampaignNotFound(campaign_id=str(campaign_id))
    return (await _whole(conn, [row]))[0]


async def lock_all(conn: Connection, campaign_ids: Iterable[UUID]) -> dict[UUID, Campaign]:
    """Those of the campaigns that there are, locked in order of their ids."""
    asked = {"campaign_ids": sorted(set(campaign_ids))}
    # Prizes are read when the lock is had: statements that travel together are answered one after another.
    rows, prizes = await together(conn, fetch_all(conn, store.LOCK_ALL, asked), fetch_all(conn, store.PRIZES, asked))
    return {found.campaign_id: found for found in _put_together(rows, prizes)}


async def find(conn: Connection, campaign_ids: Iterable[UUID]) -> dict[UUID, Campaign]:
    """Those of the campaigns that there are."""
    rows = await fetch_all(conn, store.OF_IDS, {"campaign_ids": sorted(set(campaign_ids))})
    return {found.campaign_id: found for found in await _whole(conn, rows)}


async def campaigns(
    conn: Connection, now: datetime, *, state: State | None, before: UUID | None, limit: int
) -> list[Campaign]:
    """A page of campaigns, newest first."""
    asked = {"now": now, "state": state, "before": before or LAST, "limit": limit}
    return await _whole(conn, await fetch_all(conn, store.CAMPAIGNS, asked))


async def shown(conn: Connection, *, before: UUID | None, limit: int) -> list[Campaign]:
    """A page of what members see: all that is no draft, newest first."""
    return await _whole(conn, await fetch_all(conn, store.SHOWN, {"before": before or LAST, "limit": limit}))


async def publish(conn: Connection, campaign_id: UUID, sealed: Sealed, terms: bytes, *, by: str, at: datetime) -> None:
    """Publish a draft with the hashes of its seed and its `terms`. The caller holds its lock."""
    where = {"campaign_id": campaign_id, "seed_hash": sealed.seed_hash, "terms_hash": terms, "by": by, "at": at}
    await conn.execute(store.PUBLISH, where)
    secret = {"campaign_id": campaign_id, "seed": sealed.seed, "member_key": sealed.member_key}
    await conn.execute(store.ADD_SECRET, secret)


async def secrets(conn: Connection, campaign_ids: Iterable[UUID]) -> dict[UUID, Sealed]:
    """What is sealed, of campaigns that were published."""
    rows = await fetch_all(conn, store.SECRETS, {"campaign_ids": sorted(set(campaign_ids))})
    return {row[0]: Sealed(*(bytes(part) for part in row[1:])) for row in rows}


async def stop(conn: Connection, campaign_id: UUID, at: datetime) -> None:
    """Take no more draws, for ever. The caller holds its lock."""
    await conn.execute(store.STOP, {"campaign_id": campaign_id, "at": at})


async def reveal(conn: Connection, campaign_id: UUID, seed: bytes, at: datetime) -> None:
    """Tell the seed. The caller holds the campaign's lock, and has seen that nobody draws any more."""
    await conn.execute(store.REVEAL, {"campaign_id": campaign_id, "seed": seed, "at": at})


async def to_reveal(conn: Connection, now: datetime) -> list[UUID]:
    """Campaigns that are over and whose seed is not told yet."""
    return [row[0] for row in await fetch_all(conn, store.TO_REVEAL, {"now": now})]


async def _add_prizes(conn: Connection, campaign_id: UUID, prizes: Sequence[Prize]) -> None:
    await conn.execute(
        store.ADD_PRIZES,
        {
            "campaign_id": campaign_id,
            "places": ints(range(len(prizes))),
            "prize_ids": texts(prize.prize_id for prize in prizes),
            "names": texts(_encode(prize.name).decode() for prize in prizes),
            "kinds": texts(prize.kind for prize in prizes),
            "odds": ints(prize.odds_ppm for prize in prizes),
            "points": ints(prize.points for prize in prizes),
            "templates": texts(prize.template_id for prize in prizes),
            "items": texts(prize.item_id for prize in prizes),
            "stocks": ints(prize.stock for prize in prizes),
            "costs": ints(prize.cost_fen for prize in prizes),
            "pictures": texts(prize.picture for prize in prizes),
        },
    )


def _columns(terms: Terms) -> dict[str, Any]:
    told = {name: getattr(terms, name) for name in Terms.__struct_fields__ if name != "prizes"}
    told["title"] = _encode(terms.title).decode()
    told["rules"] = _encode(terms.rules).decode() if terms.rules else None
    return told


async def _whole(conn: Connection, rows: Sequence[Sequence[Any]]) -> list[Campaign]:
    """Campaigns with their prizes."""
    if not rows:
        return []
    return _put_together(rows, await fetch_all(conn, store.PRIZES, {"campaign_ids": [row[0] for row in rows]}))


def _put_together(rows: Sequence[Sequence[Any]], found: Sequence[Sequence[Any]]) -> list[Campaign]:
    prizes: dict[UUID, list[Prize]] = {}
    for campaign_id, prize_id, name, kind, odds, *rest in found:
        prizes.setdefault(campaign_id, []).append(Prize(prize_id, _decode_said(name), kind, odds, *rest))
    return [_campaign(row, tuple(prizes.get(row[0], ()))) for row in rows]


def _campaign(row: Sequence[Any], prizes: tuple[Prize, ...]) -> Campaign:
    (campaign_id, kept, revision, draws, cost_fen, seed_hash, terms_hash, seed, by, at, published_by, published_at,
     stopped_at, revealed_at) = row[:_HEAD]  # fmt: skip
    title, rules, price, a_day, a_member, starts_at, ends_at, minimum, every, budget = row[_HEAD:]
    terms = Terms(
        title=_decode_said(title), rules=_decode_said(rules) if rules else None, price_points=price, draws_a_day=a_day,
        draws_a_member=a_member, starts_at=starts_at, ends_at=ends_at, prizes=prizes, minimum_prize_id=minimum,
        guarantee_every=every, budget_fen=budget,
    )  # fmt: skip
    return Campaign(
        campaign_id, kept, revision, terms, draws, cost_fen, seed_hash and bytes(seed_hash),
        terms_hash and bytes(terms_hash), seed and bytes(seed), by, at, published_by, published_at, stopped_at,
        revealed_at,
    )  # fmt: skip

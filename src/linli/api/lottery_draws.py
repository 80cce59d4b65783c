"""Draws: asked for by the platform for a member; and what everybody may see, to verify a campaign."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

import msgspec
from litestar import MediaType, Response, Router, get, post
from msgspec import Meta

from linli import lottery
from linli.api.call import Call, authorize, for_anyone, needs
from linli.api.idempotent import IdempotencyKey, IdempotencyKeyMissing, digest_of, key_of
from linli.api.paging import decode_cursor, page
from linli.api.strict import Cursor, Input, Limit, MemberId
from linli.flows.lottery_draw import LotteryDraw, Wanted
from linli.flows.lottery_table import Ask
from linli.flows.publish import NoProgramme
from linli.kit.db import Connection
from linli.kit.errors import KeyReused
from linli.kit.gather import Overloaded
from linli.ledger import InsufficientPoints
from linli.lottery import (
    BudgetUsedUp,
    Campaign,
    CampaignNotFound,
    Draw,
    DrawsUsedUp,
    LoggedDraw,
    NotDrawing,
    PublicTerms,
    SeedUnreadable,
    State,
)
from linli.members import MemberNotFound

DRAWING = (
    MemberNotFound, KeyReused, IdempotencyKeyMissing, CampaignNotFound, NotDrawing, DrawsUsedUp, BudgetUsedUp,
    InsufficientPoints, SeedUnreadable, NoProgramme, Overloaded,
)  # fmt: skip
"""What may refuse a draw."""
Nonce = Annotated[
    str,
    Meta(
        min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$",
        description="Chosen by the member's own device, at random: so the shop cannot know a draw beforehand.",
    ),
]  # fmt: skip


class NewLotteryDraw(Input, frozen=True, kw_only=True):
    """A draw, by a nonce of the member's own."""

    nonce: Nonce


class LotteryProof(msgspec.Struct, frozen=True):
    """What verifies a campaign, beside its log. `terms_hash`: SHA-256 of `terms` as JSON in UTF-8, keys sorted, without
    spaces; `seed_hash`: SHA-256 of the seed, published with the terms; `seed`: once it is revealed. All in hex."""

    terms: PublicTerms
    terms_hash: str
    seed_hash: str
    seed: str | None
    state: State
    draws: int
    published_at: datetime
    stopped_at: datetime | None
    revealed_at: datetime | None


class LotteryLog(msgspec.Struct, frozen=True):
    """A page of a campaign's log, in the order of the draws."""

    items: list[LoggedDraw]
    next_cursor: str | None


async def draw_once(
    call: Call, member_id: str, campaign_id: UUID, nonce: str, idempotency_key: str | None
) -> Response[LotteryDraw]:
    """The member's draw under that key: drawn the first time, told ever after."""
    key = key_of(idempotency_key)
    digest = digest_of("lottery.draw", str(campaign_id), nonce)
    body, first = await call.process.lottery.draw(Wanted(Ask(member_id, campaign_id, nonce), key, digest))
    headers = {} if first else {"idempotency-replayed": "true"}
    return Response(cast("LotteryDraw", body), status_code=201, headers=headers, media_type=MediaType.JSON)


@post("/{campaign_id:str}/draws", opt=needs("points:write", *DRAWING, idempotent=True))
async def draw_for_member(
    call: Call, member_id: MemberId, campaign_id: UUID, data: NewLotteryDraw, idempotency_key: IdempotencyKey = None
) -> Response[LotteryDraw]:
    """Draw for a member: points, stock and prize in one transaction, once for one key."""
    return await draw_once(call, member_id, campaign_id, data.nonce, idempotency_key)


@get("/{campaign_id:str}/proof", opt=for_anyone(CampaignNotFound))
async def get_lottery_proof(call: Call, campaign_id: UUID) -> LotteryProof:
    """The terms of a published campaign, the hashes that bind the shop, and the seed once it is revealed."""
    found = await call.read(lambda conn: _published(conn, campaign_id))
    assert found.seed_hash is not None and found.terms_hash is not None and found.published_at is not None
    return LotteryProof(
        terms=lottery.public_terms(campaign_id, found.terms), terms_hash=found.terms_hash.hex(),
        seed_hash=found.seed_hash.hex(), seed=found.seed.hex() if found.seed else None,
        state=found.state(call.stamp.at), draws=found.draws,
        published_at=found.published_at, stopped_at=found.stopped_at, revealed_at=found.revealed_at,
    )  # fmt: skip


@get("/{campaign_id:str}/draws", opt=for_anyone(CampaignNotFound))
async def list_lottery_log(call: Call, campaign_id: UUID, cursor: Cursor = None, limit: Limit = 200) -> LotteryLog:
    """The public log of a campaign: each draw in its order, and nobody's name."""
    of = f"lottery.log:{campaign_id}"
    after = decode_cursor(of, cursor, Annotated[int, Meta(ge=0)]) or 0

    async def work(conn: Connection) -> list[Draw]:
        await _published(conn, campaign_id)
        return await lottery.log(conn, campaign_id, after=after, limit=limit + 1)

    items, more = page(of, await call.read(work), limit, lambda draw: draw.seq)
    return LotteryLog([lottery.logged(draw) for draw in items], more)


async def _published(conn: Connection, campaign_id: UUID) -> Campaign:
    found = await lottery.get(conn, campaign_id)
    if found.kept == "draft":
        raise CampaignNotFound(campaign_id=str(campaign_id))
    return found


proofs = Router(
    "/v1/lottery/campaigns", route_handlers=[get_lottery_proof, list_lottery_log], guards=[authorize], tags=["lottery"]
)
routes = Router(
    "/v1/members/{member_id:str}/lottery", route_handlers=[draw_for_member], guards=[authorize], tags=["lottery"]
)

"""What is told to everybody of a campaign: its terms, their hash, and draws without a word of who drew."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from linli.lottery.types import Draw, PrizeKind, Said, Terms, Why

_canonical = msgspec.json.Encoder(order="sorted").encode


class PublicPrize(msgspec.Struct, frozen=True):
    """A prize as members see it. `stock` null: as many as are drawn."""

    prize_id: str
    name: Said
    kind: PrizeKind
    odds_ppm: int
    points: int | None
    stock: int | None


class PublicTerms(msgspec.Struct, frozen=True):
    """What members are promised. Its hash is the SHA-256 of this as JSON: UTF-8, keys sorted, no spaces."""

    campaign_id: UUID
    title: Said
    rules: Said | None
    price_points: int
    draws_a_day: int | None
    draws_a_member: int | None
    starts_at: datetime
    ends_at: datetime
    prizes: list[PublicPrize]
    minimum_prize_id: str | None
    guarantee_every: int | None


class LoggedDraw(msgspec.Struct, frozen=True):
    """One line of a campaign's public log. `member`: the digest that stands for whoever drew, in this campaign only.

    `drawn_id`: what the ticket says by the odds; `prize_id`: what was given, and `why`.
    """

    seq: int
    member: str
    number: int
    nonce: str
    ticket: int
    drawn_id: str
    prize_id: str
    why: Why
    on: date


def public_terms(campaign_id: UUID, terms: Terms) -> PublicTerms:
    """The terms without what is the shop's own: costs, budget, and where prizes come from."""
    told = {
        name: getattr(terms, name) for name in PublicTerms.__struct_fields__ if name not in ("campaign_id", "prizes")
    }  # fmt: skip
    told |= {name: told[name].astimezone(UTC) for name in ("starts_at", "ends_at")}
    fields = PublicPrize.__struct_fields__
    prizes = [PublicPrize(**{name: getattr(prize, name) for name in fields}) for prize in terms.prizes]
    return PublicTerms(campaign_id=campaign_id, prizes=prizes, **told)


def terms_hash(terms: PublicTerms) -> bytes:
    """What is published of the terms, so that a change of them would show."""
    return hashlib.sha256(_canonical(terms)).digest()


def logged(draw: Draw) -> LoggedDraw:
    """A draw as everybody may see it."""
    return LoggedDraw(
        seq=draw.seq, member=draw.digest.hex(), number=draw.number, nonce=draw.nonce, ticket=draw.ticket,
        drawn_id=draw.drawn_id, prize_id=draw.prize_id, why=draw.why, on=draw.on,
    )  # fmt: skip

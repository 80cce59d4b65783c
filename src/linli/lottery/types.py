"""What a lottery is: a campaign with its prizes, what was drawn, and what may be refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar, Literal, NamedTuple, TypeAlias
from uuid import UUID

import msgspec

from linli.kit.errors import NotFound, Refusal

PrizeKind: TypeAlias = Literal["points", "coupon", "goods", "nothing"]
State: TypeAlias = Literal["draft", "published", "ended", "revealed", "stopped"]
Kept: TypeAlias = Literal["draft", "published", "revealed", "stopped"]
Why: TypeAlias = Literal["odds", "stock", "budget", "guarantee", "unavailable"]
"""Why a prize was given: as drawn; else the minimum prize, because the drawn one was gone, would have been above the
budget, was nothing where something is guaranteed, or could not be given."""
MILLION = 1_000_000


class Said(msgspec.Struct, frozen=True):
    """The same in both languages."""

    zh: str
    en: str


class Prize(msgspec.Struct, frozen=True):
    """One prize. `odds_ppm`: of a million draws; `stock` null: as many as are drawn; `won`: given so far."""

    prize_id: str
    name: Said
    kind: PrizeKind
    odds_ppm: int
    points: int | None = None
    template_id: str | None = None
    item_id: str | None = None
    stock: int | None = None
    cost_fen: int = 0
    picture: str | None = None
    won: int = 0


class Terms(msgspec.Struct, frozen=True):
    """What an operator decides, and what never changes once it is published.

    `minimum_prize_id`: given where the drawn prize cannot be, and on each `guarantee_every`-th draw of a member that
    drew nothing. `budget_fen`: what all prizes together may cost.
    """

    title: Said
    price_points: int
    starts_at: datetime
    ends_at: datetime
    prizes: tuple[Prize, ...]
    rules: Said | None = None
    draws_a_day: int | None = None
    draws_a_member: int | None = None
    minimum_prize_id: str | None = None
    guarantee_every: int | None = None
    budget_fen: int | None = None

    def prize(self, prize_id: str) -> Prize:
        """The prize of that id, which there must be."""
        return next(prize for prize in self.prizes if prize.prize_id == prize_id)


class Campaign(msgspec.Struct, frozen=True):
    """A campaign as it is kept. `seed` is there once it was revealed; until then it is sealed elsewhere."""

    campaign_id: UUID
    kept: Kept
    revision: int
    terms: Terms
    draws: int
    cost_fen: int
    seed_hash: bytes | None
    terms_hash: bytes | None
    seed: bytes | None
    created_by: str
    created_at: datetime
    published_by: str | None
    published_at: datetime | None
    stopped_at: datetime | None
    revealed_at: datetime | None

    def state(self, now: datetime) -> State:
        """The state at `now`: what is published ends by itself."""
        return "ended" if self.kept == "published" and now >= self.terms.ends_at else self.kept


class Entrant(NamedTuple):
    """How often a member has drawn: in all, and on the last date on which they did."""

    draws: int = 0
    last_on: date | None = None
    draws_on_last: int = 0

    def on(self, today: date) -> int:
        """Draws on `today`. A clock that is behind counts with the day that others have reached."""
        return self.draws_on_last if self.last_on is not None and self.last_on >= today else 0

    def drawn(self, today: date) -> Entrant:
        """After one more draw on `today`."""
        return Entrant(self.draws + 1, max(today, self.last_on or today), self.on(today) + 1)


class Draw(msgspec.Struct, frozen=True):
    """One draw, for ever. `seq`: its place in the campaign's log; `number`: which of the member's draws it is.

    `drawn_id`: what the ticket says by the odds; `prize_id`: what was given, and `why`.
    """

    draw_id: UUID
    campaign_id: UUID
    member_id: str
    seq: int
    number: int
    digest: bytes
    nonce: str
    ticket: int
    drawn_id: str
    prize_id: str
    why: Why
    points_spent: int
    cost_fen: int
    at: datetime
    on: date
    coupon_id: str | None = None
    mall_order_id: str | None = None
    settle_on: date | None = None


class CampaignNotFound(NotFound):
    """There is no such campaign. Fields: `campaign_id`."""

    code: ClassVar[str] = "lottery_not_found"


class CampaignInState(Refusal):
    """The campaign is not in a state that allows it. Fields: `state`."""

    code: ClassVar[str] = "lottery_in_state"


class CampaignChanged(Refusal):
    """Somebody else has changed the draft since. Fields: `revision`."""

    code: ClassVar[str] = "lottery_changed"


class CampaignFaulty(Refusal):
    """The draft cannot be published as it stands. Fields: `errors`: `{place, code}` of each fault."""

    code: ClassVar[str] = "lottery_faulty"


class NotDrawing(Refusal):
    """The campaign does not take draws now. Fields: `state`, `starts_at`, `ends_at`."""

    code: ClassVar[str] = "lottery_not_drawing"


class DrawsUsedUp(Refusal):
    """The member has drawn as often as they may. Fields: `per` (day or member), `most`."""

    code: ClassVar[str] = "lottery_draws_used_up"


class BudgetUsedUp(Refusal):
    """The campaign's budget does not cover one more draw, so none is taken. No fields."""

    code: ClassVar[str] = "lottery_budget_used_up"


class SeedUnreadable(Refusal):
    """The key of this process does not open the campaign's seed: LINLI_LOTTERY_KEY is another one. No fields."""

    code: ClassVar[str] = "lottery_seed_unreadable"

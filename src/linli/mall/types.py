"""What the mall speaks in: items and their terms, stock, and what may be refused of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta

from linli.kit.errors import NotFound, Refusal
from linli.words.units import MOST_FEN, MOST_POINTS

ItemKind: TypeAlias = Literal["coupon", "goods", "leader_material", "training"]
ItemState: TypeAlias = Literal["draft", "listed", "delisted"]
Sourcing: TypeAlias = Literal["near_expiry", "sponsored", "high_margin", "standard"]
Span: TypeAlias = Literal["life", "month", "day"]
MOST_PIECES = 1_000_000_000
_NO_NUL = r"^[^\x00]*$"
_SAYS = r"^\s*[^\s\x00][^\x00]*$"
_PICTURE = r"^/[!-~]*$"

Text = Annotated[str, Meta(min_length=1, max_length=64, pattern=_SAYS)]
Long = Annotated[str, Meta(min_length=1, max_length=4_000, pattern=_SAYS)]
Code = Annotated[str, Meta(min_length=1, max_length=64, pattern=_SAYS, description="A city, a category, a tier.")]
ItemPoints = Annotated[int, Meta(ge=1, le=MOST_POINTS // 1_000)]
Fen = Annotated[int, Meta(ge=0, le=MOST_FEN // 100)]
Instant = Annotated[datetime, Meta(tz=True)]
Pieces = Annotated[int, Meta(ge=1, le=MOST_PIECES)]
PictureUrl = Annotated[str, Meta(min_length=1, max_length=200, pattern=_PICTURE, description="A path of this server.")]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same said in both languages, in one line."""

    zh: Text
    en: Text


class LongWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The same said in both languages, at length."""

    zh: Long
    en: Long


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So many pieces for one member, ever, a business month, or a business date."""

    per: Span
    pieces: Pieces


class ItemTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An item as the shop describes it. Prices and costs are of one piece.

    `sku`: the shop's own name for it, which imports go by. `worth_fen`: what it costs in shops. `cost_fen`: what it
    costs the `funder`. `listed_from` (included) and `listed_until` (not included) bound when a listed item can be
    ordered. `cities`, `tiers` null: all. `cancel_until`: the state from which on its order can no longer be cancelled.
    """

    sku: Code | None = None
    kind: ItemKind = "goods"
    title: Words
    summary: Words | None = None
    description: LongWords | None = None
    category: Code
    pictures: Annotated[tuple[PictureUrl, ...], Meta(max_length=9)] = ()
    wallet: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,63}$")] = "points"
    price_points: ItemPoints
    price_fen: Fen = 0
    worth_fen: Fen
    cost_fen: Fen
    funder: Code = "platform"
    sourcing: Sourcing = "standard"
    best_before: date | None = None
    supplier: Code | None = None
    coupon_template_id: Code | None = None
    listed_from: Instant | None = None
    listed_until: Instant | None = None
    cities: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=200)] | None = None
    tiers: Annotated[tuple[Code, ...], Meta(min_length=1, max_length=50)] | None = None
    limits: Annotated[tuple[Limit, ...], Meta(max_length=3)] = ()
    cancel_until: Literal["paid", "ready"] = "ready"


class Stock(msgspec.Struct, frozen=True):
    """Pieces: `total` ever put in (null: without end), of which `reserved` wait to be paid for or given away, `sold`
    went, and `left` can be ordered."""

    total: int | None
    reserved: int
    sold: int

    @property
    def left(self) -> int | None:
        """What can be ordered; None: without end."""
        return None if self.total is None else self.total - self.reserved - self.sold


class Item(msgspec.Struct, frozen=True):
    """An item as it is kept. `listed_at`: when it was listed last."""

    item_id: UUID
    state: ItemState
    terms: ItemTerms
    stock: Stock
    revision: int
    listed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    updated_by: str


class StockMove(msgspec.Struct, frozen=True):
    """A change of an item's total, by whom and why. `total_after` null: without end."""

    move_id: UUID
    change: int
    total_after: int | None
    reason: str
    by: str
    at: datetime


class ItemNotFound(NotFound):
    """The mall has no such item. Fields: `item_id`."""

    code: ClassVar[str] = "item_not_found"


class ItemFaulty(Refusal):
    """The item's terms do not fit together. Fields: `errors`, each with `place`, `code`, `detail`, `text`."""

    code: ClassVar[str] = "item_faulty"


class ItemChanged(Refusal):
    """Somebody has changed the item since that revision. Fields: `revision`, the one that it has."""

    code: ClassVar[str] = "item_changed"


class SkuTaken(Refusal):
    """Another item has that sku. Fields: `sku`."""

    code: ClassVar[str] = "sku_taken"


class ItemNotListed(Refusal):
    """The item is not on the shelf. Fields: `state`."""

    code: ClassVar[str] = "item_not_listed"


class ItemNotYet(Refusal):
    """It can be ordered later. Fields: `listed_from`."""

    code: ClassVar[str] = "item_not_yet"


class ItemEnded(Refusal):
    """It can be ordered no more. Fields: `listed_until`."""

    code: ClassVar[str] = "item_ended"


class ItemNotInCity(Refusal):
    """It is not for the member's city. Fields: `cities`."""

    code: ClassVar[str] = "item_not_in_city"


class ItemForTiers(Refusal):
    """It is for members of other tiers. Fields: `tiers`."""

    code: ClassVar[str] = "item_for_tiers"


class StockExhausted(Refusal):
    """Fewer pieces are left than are wanted. Fields: `left`, `wanted`."""

    code: ClassVar[str] = "stock_exhausted"


class ItemLimitReached(Refusal):
    """The member may have no more of them. Fields: `per`, `most`, `left`, `wanted`."""

    code: ClassVar[str] = "item_limit_reached"


class StockBelowZero(Refusal):
    """More pieces would be gone than there are. Fields: `total`, `reserved`, `sold`, `change`."""

    code: ClassVar[str] = "stock_below_zero"


class ReservationUsedUp(Refusal):
    """Nothing is left of what was set aside for the cause. Fields: `item_id`, `cause`."""

    code: ClassVar[str] = "reservation_used_up"

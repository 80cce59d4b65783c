"""Items to try things on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from linli.mall import Item, ItemTerms, Stock, Words

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
"""Noon of a Saturday in Shanghai."""
TISSUES: dict[str, Any] = {
    "title": {"zh": "抽纸一提", "en": "A pack of tissues"},
    "category": "daily",
    "price_points": 100,
    "worth_fen": 990,
    "cost_fen": 320,
    "total": 10,
}


def terms(**more: Any) -> ItemTerms:
    """Terms of tissues, but for what is said."""
    told = {**TISSUES, "title": Words("抽纸", "Tissues"), **more}
    return ItemTerms(**{name: value for name, value in told.items() if name != "total"})


def item(stock: Stock | None = None, state: Any = "listed", number: int = 1, **more: Any) -> Item:
    """A listed item of ten pieces, but for what is said."""
    return Item(UUID(int=number), state, terms(**more), stock or Stock(10, 0, 0), 1, NOW, NOW, NOW, "test")

"""Refusals: what a caller did that cannot be done, as typed exceptions with fields. A bug is an assertion instead."""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """Base of all refusals. `code` is stable for ever; `fields` are what a caller needs to act on it.

    Only `api/errors.py` knows which HTTP status a code has and how it reads in Chinese and English.
    """

    code: ClassVar[str] = "refused"

    def __init__(self, **fields: Any) -> None:
        super().__init__(f"{self.code}: {fields}")
        self.fields = fields


class NotFound(Refusal):
    """Something named by the caller does not exist."""

    code = "not_found"


class Invalid(Refusal):
    """The input cannot be read as what it should be. Fields: `detail`, and `place` where it is known."""

    code = "invalid"


class KeyReused(Refusal):
    """An idempotency key came again with another body. Fields: `key`."""

    code = "idempotency_key_reused"

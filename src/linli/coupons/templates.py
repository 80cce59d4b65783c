"""Templates as they are kept: written, edited, opened, closed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from linli.coupons import store
from linli.coupons.codes import ALPHABET, drop_shared, put_shared
from linli.coupons.refusals import TemplateChanged, TemplateExists, TemplateNotFound, TemplateNotOpen, TermsFixed
from linli.coupons.terms import FREE, changed, faults, limits
from linli.coupons.types import Template, TemplateState, Terms
from linli.kit.db import Connection, fetch_all, fetch_one
from linli.kit.errors import Invalid

_encode = msgspec.json.Encoder().encode
_ID_LENGTH = 8


@lru_cache(maxsize=2_000)
def terms_of(text: str) -> Terms:
    """Terms as they are stored."""
    return msgspec.json.decode(text, type=Terms)


def template_of(row: Sequence[Any]) -> Template:
    """A row of `store.TEMPLATE_COLUMNS`."""
    return Template(row[0], terms_of(row[1]), *row[2:])


async def add(
    conn: Connection, template_id: str | None, terms: Terms, *, by: str, at: datetime
) -> Template:  # fmt: skip
    """A new draft; without an id of the caller's it gets one. Raises Invalid, TemplateExists, ClaimCodeTaken."""
    if found := faults(terms):
        raise Invalid(errors=found)
    wanted = template_id or "".join(secrets.choice(ALPHABET) for _ in range(_ID_LENGTH))
    row = await fetch_one(conn, store.ADD_TEMPLATE, {"template_id": wanted, "by": by, "at": at, **_told(terms)})
    if row is None:
        raise TemplateExists(template_id=wanted)
    return await _with_code(conn, template_of(row), by=by, at=at)


async def get(conn: Connection, template_id: str, *, lock: bool = False) -> Template:
    """The template; with `lock`, nobody else changes or issues it until the commit. Raises TemplateNotFound."""
    row = await fetch_one(conn, store.LOCK_TEMPLATE if lock else store.TEMPLATE, {"template_id": template_id})
    if row is None:
        raise TemplateNotFound(template_id=template_id)
    return template_of(row)


async def templates(
    conn: Connection, *, state: TemplateState | None, before: tuple[datetime, str], limit: int
) -> list[Template]:
    """A page of templates, newest first: those made before `before`, (when, id)."""
    asked = {"state": state, "before_at": before[0], "before_id": before[1], "limit": limit}
    return [template_of(row) for row in await fetch_all(conn, store.TEMPLATES, asked)]


async def edit(
    conn: Connection, template_id: str, revision: int, terms: Terms, *, by: str, at: datetime
) -> Template:  # fmt: skip
    """Other terms. Once it was open, only what no coupon promised may change, and no limit falls below what is issued.

    Raises Invalid, TemplateNotFound, TemplateChanged, TermsFixed, ClaimCodeTaken.
    """
    was = await get(conn, template_id, lock=True)
    if was.revision != revision:
        raise TemplateChanged(revision=was.revision)
    if terms.claim.codes == "shared" and terms.claim.code is None and was.terms.claim.codes == "shared":
        terms = msgspec.structs.replace(terms, claim=was.terms.claim)
    if found := faults(terms) or _below(was, terms):
        raise Invalid(errors=found)
    if was.state != "draft" and (fixed := [name for name in changed(was.terms, terms) if name not in FREE]):
        raise TermsFixed(fields=fixed)
    row = await fetch_one(conn, store.EDIT_TEMPLATE, {"template_id": template_id, "at": at, **_told(terms)})
    assert row is not None, "it is locked"
    if was.state == "draft" and was.terms.claim != terms.claim:
        await drop_shared(conn, template_id)
        return await _with_code(conn, template_of(row), by=by, at=at)
    return template_of(row)


async def move(conn: Connection, template_id: str, state: TemplateState, *, at: datetime) -> Template:
    """Open it, or close it. Twice is once. Raises TemplateNotFound, TemplateNotOpen where a draft is to be closed."""
    was = await get(conn, template_id, lock=True)
    if was.state == state:
        return was
    if was.state == "draft" and state == "closed":
        raise TemplateNotOpen(template_id=template_id, state=was.state)
    row = await fetch_one(conn, store.MOVE_TEMPLATE, {"template_id": template_id, "state": state, "at": at})
    assert row is not None, "it is locked"
    return template_of(row)


async def delete(conn: Connection, template_id: str) -> None:
    """Throw a draft away. Raises TemplateNotFound, TermsFixed where it was open."""
    if (await get(conn, template_id, lock=True)).state != "draft":
        raise TermsFixed(fields=["state"])
    await drop_shared(conn, template_id)
    await conn.execute(store.DELETE_TEMPLATE, {"template_id": template_id})


async def _with_code(conn: Connection, made: Template, *, by: str, at: datetime) -> Template:
    """The template with its shared code, made where it names none."""
    claim = made.terms.claim
    if claim.codes != "shared":
        return made
    code = await put_shared(conn, made.template_id, claim.code, by=by, at=at)
    terms = msgspec.structs.replace(made.terms, claim=msgspec.structs.replace(claim, code=code))
    row = await fetch_one(conn, store.EDIT_TEMPLATE, {"template_id": made.template_id, "at": at, **_told(terms)})
    assert row is not None, "it was written just now"
    return template_of(row)


def _told(terms: Terms) -> dict[str, Any]:
    return {"terms": _encode(terms).decode(), **limits(terms)}


def _below(was: Template, terms: Terms) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    if terms.pieces is not None and terms.pieces < was.live:
        found.append({"place": "$.pieces", "detail": f"{was.live} are issued"})
    committed = was.live * (terms.worth_fen or 0)
    if terms.budget_fen is not None and terms.budget_fen < committed:
        found.append({"place": "$.budget_fen", "detail": f"{committed} are promised"})
    return found

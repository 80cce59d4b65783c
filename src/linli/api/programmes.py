"""The programme: what holds now, its versions, publication."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import Parameter
from msgspec import Meta

from linli import programmes, rules
from linli.api.call import Call, authorize, needs
from linli.api.paging import decode_cursor, page
from linli.api.strict import NO_NUL, AnyObject, Cursor, Input, Limit
from linli.flows.publish import NoProgramme, publish
from linli.flows.trials import stages_of
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.programmes import Published, Stage, VersionNotFound
from linli.rules import FaultyProgramme, Programme, Sentence

Number = Annotated[int, Meta(ge=1, lt=2**31)]
VersionNumber = Annotated[int, Parameter(ge=1, lt=2**31)]
Note = Annotated[str, Meta(max_length=1_000, pattern=NO_NUL)]
Document = Annotated[
    msgspec.Raw, Meta(description="See `Programme`.", extra_json_schema={"type": ["object", "string"]})
]
_EARLIEST, _LATEST = 2000, 9000


class Draft(Input, frozen=True, kw_only=True):
    """A programme: as an object, or as a text that holds it in YAML or JSON."""

    document: Document


class NewVersion(Draft, frozen=True, kw_only=True):
    """A programme to publish. `effective_from` left out: from now on."""

    note: Note = ""
    effective_from: Annotated[datetime, Meta(tz=True)] | None = None


class RuleSentence(msgspec.Struct, frozen=True):
    """What a rule says, in words."""

    rule: str
    zh: str
    en: str


class VersionLine(msgspec.Struct, frozen=True):
    """A published version without its document. `stage`: for whom it holds; superseded, it is `retired`."""

    version: int
    name: str
    stage: Stage
    effective_from: datetime
    published_at: datetime
    published_by: str
    note: str


class Version(msgspec.Struct, frozen=True):
    """A published version. `rule_versions`: rule → version in which it last changed, as it stands on grants."""

    version: int
    name: str
    stage: Stage
    effective_from: datetime
    published_at: datetime
    published_by: str
    note: str
    rule_versions: dict[str, int]
    document: AnyObject
    sentences: list[RuleSentence]
    deduction: list[Sentence]
    """What points take off an order, in words."""


class Versions(msgspec.Struct, frozen=True):
    """A page of versions, newest first."""

    items: list[VersionLine]
    next_cursor: str | None


def _line(found: Published, stages: Mapping[int, Stage]) -> dict[str, Any]:
    told = {name: getattr(found, name) for name in VersionLine.__struct_fields__ if name != "stage"}
    return {**told, "stage": stages[found.version]}


async def _version(call: Call, conn: Connection, found: Published) -> Version:
    programme = rules.decode_programme(found.document)
    return Version(
        **_line(found, await stages_of(conn, call.stamp.at)), rule_versions=found.rule_versions,
        document=msgspec.Raw(found.document), sentences=rule_sentences(programme),
        deduction=rules.deduction_sentences(programme),
    )  # fmt: skip


def rule_sentences(programme: Programme) -> list[RuleSentence]:
    """Each rule in words, in the order of the document; a faulty one may name two rules alike."""
    said = ((rule, rules.sentence(rule, programme)) for rule in programme.rules)
    return [RuleSentence(rule.id, text.zh, text.en) for rule, text in said]


def effective_year(at: datetime) -> None:
    """Raises Invalid where the year is no year of ours."""
    if not _EARLIEST <= at.year <= _LATEST:
        raise Invalid(errors=[{"place": "$.effective_from", "detail": f"a year of {_EARLIEST} to {_LATEST}"}])


def document_text(document: msgspec.Raw) -> bytes:
    """The text of a draft that came as an object or as a text. Raises Invalid for anything else."""
    raw = bytes(document)
    if raw.startswith(b'"'):
        return msgspec.json.decode(raw, type=str).encode()
    if not raw.startswith(b"{"):
        raise Invalid(errors=[{"place": "$.document", "detail": "Expected an object, or a text that holds it"}])
    return raw


async def _get(call: Call, conn: Connection, number: int) -> Version:
    return await _version(call, conn, await programmes.get_version(conn, number))


@get("/programme", opt=needs("points:read", NoProgramme))
async def get_programme(call: Call) -> Version:
    """The programme that holds now."""

    async def work(conn: Connection) -> Version:
        return await _get(call, conn, (await call.programme(conn)).version)

    return await call.run(work)


@get("/programme/versions", opt=needs("points:read"))
async def list_versions(call: Call, cursor: Cursor = None, limit: Limit = 20) -> Versions:
    """All versions that were published, newest first."""
    before = decode_cursor("versions", cursor, Number) or 2**31 - 1

    async def work(conn: Connection) -> list[VersionLine]:
        stages = await stages_of(conn, call.stamp.at)
        found = await programmes.versions(conn, before=before, limit=limit + 1)
        return [VersionLine(**_line(version, stages)) for version in found]

    return Versions(*page("versions", await call.read(work), limit, lambda version: version.version))


@get("/programme/versions/{version:str}", opt=needs("points:read", VersionNotFound))
async def get_version(call: Call, version: VersionNumber) -> Version:
    """One version with its document. Versions never change."""

    async def work(conn: Connection) -> Version:
        return await _get(call, conn, version)

    return await call.run(work)


@post("/programme/versions", opt=needs("programme:write", FaultyProgramme))
async def publish_version(call: Call, data: NewVersion) -> Response[Version]:
    """Publish a programme for all at once: 201 with the new version, or 200 with the newest one, which it equals.

    Only the first one, and what an administrator answers for alone: all else is a draft, which a second person
    approves.
    """
    effective_from = data.effective_from
    if effective_from is not None:
        effective_year(effective_from)

    async def work(conn: Connection) -> tuple[Version, int]:
        if call.process.settings.four_eyes and await programmes.latest_version(conn):
            call.caller.require("admin")
        published = await publish(
            conn, document_text(data.document), now=call.stamp.at, by=call.caller.name, effective_from=effective_from,
            note=data.note,
        )  # fmt: skip
        if published is not None:
            await call.note(conn, "programme.publish", f"version {published.version}", data.note)
            return await _version(call, conn, published), 201
        return await _get(call, conn, await programmes.latest_version(conn)), 200

    version, status = await call.run(work)
    return Response(version, status_code=status)


routes = Router(
    "/v1",
    route_handlers=[
        get_programme, list_versions, get_version, publish_version,
    ],
    guards=[authorize], tags=["programme"],
)  # fmt: skip

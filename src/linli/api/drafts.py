"""Drafts of the programme: checked, said in words, compared, and tried on an event, before they are published."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import Parameter
from msgspec import Meta

from linli import programmes, rules
from linli.api.call import Call, authorize, needs
from linli.api.programmes import (
    Document,
    Draft,
    Number,
    RuleSentence,
    VersionNumber,
    document_text,
    rule_sentences,
)
from linli.api.strict import AnyObject, Input
from linli.flows.dry_run import draft, dry_run, published
from linli.flows.publish import LiveProgrammes
from linli.inbox import Outcome
from linli.kit.db import Connection
from linli.kit.errors import Invalid
from linli.programmes import VersionNotFound
from linli.rules import Change, Fault, FaultyProgramme, Sentence

Since = Annotated[
    int | None, Parameter(query="from", ge=0, lt=2**31, description="The version before, unless told; 0 is none.")
]


class Checked(msgspec.Struct, frozen=True):
    """What is wrong with a draft (nothing: it may be published), and what each rule that can be read says;
    `deduction`: what points take off an order."""

    faults: list[Fault]
    sentences: list[RuleSentence]
    deduction: list[Sentence]


class Diff(msgspec.Struct, frozen=True):
    """What a version changed, the programme's own fields first, then rule by rule."""

    changes: list[Change]


class DryRunRequest(Input, frozen=True, kw_only=True):
    """An event to try: on a draft, on a version, or (neither) on what holds at the event's time."""

    event: Annotated[AnyObject, Meta(description="A CloudEvent, as for `POST /v1/events`.")]
    document: Document | msgspec.UnsetType = msgspec.UNSET
    version: Number | None = None


class DryRun(msgspec.Struct, frozen=True):
    """What would become of the event. `programme_version` is that of the outcome; None where a draft was tried."""

    outcome: Outcome
    programme_version: int | None


@post("/check", status_code=200, opt=needs("points:read"))
async def check_programme(data: Draft) -> Checked:
    """Every fault of a draft, with its place and reason, and each of its rules in words. Nothing is stored."""
    programme, faults = rules.readable_part(document_text(data.document))
    if programme is None:
        return Checked(faults, [], [])
    return Checked(faults, rule_sentences(programme), rules.deduction_sentences(programme))


@get("/versions/{version:str}/diff", opt=needs("points:read", VersionNotFound))
async def get_difference(call: Call, version: VersionNumber, since: Since = None) -> Diff:
    """What changed from version `from` to this one."""

    async def work(conn: Connection) -> list[Change]:
        after = await programmes.get_version(conn, version)
        from_version = version - 1 if since is None else since
        before = await programmes.get_version(conn, from_version) if from_version else None
        return rules.difference(before.document if before else None, after.document)

    return Diff(await call.run(work))


@post("/dry-run", status_code=200, opt=needs("programme:write", VersionNotFound, FaultyProgramme))
async def dry_run_event(call: Call, data: DryRunRequest) -> DryRun:
    """What would become of an event if it were sent now, explained as the event itself would be. Nothing is written."""
    if data.document is not msgspec.UNSET and data.version is not None:
        raise Invalid(errors=[{"place": "$", "detail": "name `document` or `version`, not both"}])

    async def work(conn: Connection) -> Outcome:
        live: LiveProgrammes = call.process.live
        if data.document is not msgspec.UNSET:
            live = await draft(conn, document_text(data.document))
        elif data.version is not None:
            live = published(await programmes.get_version(conn, data.version))
        return await dry_run(conn, bytes(data.event), call.stamp, live, call.process.reader)

    outcome = await call.run(work)
    return DryRun(outcome, outcome.programme_version if data.document is msgspec.UNSET else None)


routes = Router(
    "/v1/programme", route_handlers=[check_programme, get_difference, dry_run_event], guards=[authorize],
    tags=["programme"],
)  # fmt: skip

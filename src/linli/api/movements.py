"""One line of a statement explained: by which rule, for which event and order, out of which lots."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import Parameter

from linli import ledger, members, programmes, rules
from linli.api.call import Call, UnknownWallet, authorize, needs
from linli.api.strict import MemberId, Wallet
from linli.flows.publish import NoProgramme
from linli.kit.db import Connection
from linli.ledger import GrantState, Hold, LotPart, Movement, MovementNotFound
from linli.members import MemberNotFound
from linli.rules import Sentence

MovementNumber = Annotated[int, Parameter(ge=1, lt=2**62, description="`seq` of the movement in its wallet.")]
_LINLI = "linli"
"""Source of grants whose cause is a set of events: a streak, a month, a first order."""


class Named(msgspec.Struct, frozen=True):
    """A name in both languages."""

    zh: str
    en: str


class GrantView(GrantState, frozen=True, kw_only=True):
    """A grant, with its rule as it was when it promised. Both texts are null where the rule is no longer known."""

    rule_name: Named | None
    sentence: Sentence | None


class CauseEvent(msgspec.Struct, frozen=True):
    """The event that caused the movement."""

    source: str
    event_id: str
    type: str


class MovementDetail(msgspec.Struct, frozen=True):
    """A movement and all that it is about. `event` is null where no single event caused it."""

    movement: Movement
    grants: list[GrantView]
    hold: Hold | None
    lots: list[LotPart]
    event: CauseEvent | None


@get("/{seq:str}", opt=needs("points:read", MemberNotFound, UnknownWallet, NoProgramme, MovementNotFound))
async def explain_movement(
    call: Call, member_id: MemberId, seq: MovementNumber, wallet: Wallet = "points"
) -> MovementDetail:
    """One movement explained: the grants it credits or undoes, its hold, the lots it filled or emptied, its event."""

    async def work(conn: Connection) -> MovementDetail:
        await members.get_member(conn, member_id)
        await call.require_wallet(conn, wallet)
        found = await ledger.detail(conn, member_id, wallet, seq)
        grants = [await _view(conn, grant) for grant in found.grants]
        caused = next((grant for grant in found.grants if grant.source != _LINLI), None)
        event = CauseEvent(caused.source, caused.event_id, caused.event_type) if caused else None
        return MovementDetail(found.movement, grants, found.hold, found.lots, event)

    return await call.run(work)


async def _view(conn: Connection, grant: GrantState) -> GrantView:
    fields = msgspec.structs.asdict(grant)
    published = await programmes.version(conn, grant.rule_version)
    programme = rules.decode_programme(published.document) if published else None
    rule = next((rule for rule in programme.rules if rule.id == grant.rule), None) if programme else None
    if rule is None or programme is None:
        return GrantView(**fields, rule_name=None, sentence=None)
    name = Named(rule.name.zh, rule.name.en)
    return GrantView(**fields, rule_name=name, sentence=rules.sentence(rule, programme))


routes = Router(
    "/v1/members/{member_id:str}/movements", route_handlers=[explain_movement], guards=[authorize], tags=["members"]
)

"""One request as its handler sees it: who calls, when, and what this process keeps open. Plus the guard at the door."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from psycopg import OperationalError

from linli.access import NOBODY, Caller, Forbidden, Scope, note_act
from linli.api.door import Door
from linli.api.errors import Language, language_of
from linli.api.lottery_desk import LotteryDesk
from linli.api.me_watch import BalanceWatch
from linli.api.strict import StrictRequest
from linli.cashier import Cashier
from linli.flows.live import LiveProgrammes, NoProgramme, programme_of
from linli.flows.rule_book import RuleBook
from linli.gate import Gate
from linli.inbox import Reader
from linli.kit.db import Connection, Pool, in_snapshot, in_transaction
from linli.kit.errors import NotFound, Refusal
from linli.kit.watch import Watcher
from linli.ledger import Stamp
from linli.mall_desk import MallDesk
from linli.rules import CompiledProgramme
from linli.settings import Settings
from linli.till import Till
from linli.wechat import Wechat

T = TypeVar("T")


class UnknownWallet(NotFound):
    """The programme has no such wallet. Fields: `wallet`, `wallets`."""

    code = "unknown_wallet"


@dataclass(frozen=True)
class Process:
    """What one API process keeps open while it lives."""

    settings: Settings
    database_url: str
    pool: Pool
    door: Door
    wechat: Wechat
    live: LiveProgrammes
    reader: Reader
    gate: Gate
    till: Till
    book: RuleBook
    pulse: Watcher
    balances: BalanceWatch
    lottery_key: Callable[[], bytes]
    """What seals the seeds of lotteries: asked for when one is published, drawn or revealed."""
    mall: MallDesk
    cashier: Cashier
    lottery: LotteryDesk


@dataclass(frozen=True)
class Call:
    """One request. `stamp` is the only reading of the clock after the door."""

    process: Process
    caller: Caller
    stamp: Stamp
    language: Language

    @property
    def member_id(self) -> str:
        """The member who calls. Raises Forbidden where it is nobody's token."""
        if self.caller.kind != "member":
            raise Forbidden(scope="member")
        return self.caller.id

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """`work(conn)` in one transaction."""
        return await in_transaction(self.process.pool, work)

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """`work(conn)`, which only reads, on one snapshot."""
        return await in_snapshot(self.process.pool, work)

    async def note(self, conn: Connection, act: str, subject: str, reason: str) -> None:
        """Note for ever what the caller did, to what, and why, in the transaction that does it."""
        await note_act(conn, self.caller.name, act, subject, reason, self.stamp.at)

    async def programme(self, conn: Connection) -> CompiledProgramme:
        """The programme that holds now for those in no rollout. Raises NoProgramme."""
        await self.process.live.refresh(conn)
        return self.process.live.at(self.stamp.at)

    async def find_programme(self, conn: Connection) -> CompiledProgramme | None:
        """The programme that holds now for those in no rollout, if there is one."""
        try:
            return await self.programme(conn)
        except NoProgramme:
            return None

    async def programme_of(self, conn: Connection, member_id: str) -> CompiledProgramme:
        """The programme that holds now for the member: as their next event would be judged. Raises NoProgramme."""
        return await programme_of(conn, self.process.live, self.stamp.at, member_id)

    async def require_wallet(self, conn: Connection, wallet: str) -> CompiledProgramme:
        """The programme that holds now, which must know `wallet`: a misspelt one never reads as empty.

        Raises UnknownWallet, NoProgramme.
        """
        compiled = await self.programme(conn)
        if wallet not in compiled.programme.wallets:
            raise UnknownWallet(wallet=wallet, wallets=list(compiled.programme.wallets))
        return compiled


def needs(scope: Scope | tuple[Scope, ...], *refusals: type[Refusal], idempotent: bool = False) -> dict[str, Any]:
    """`opt` of a handler: the scope that its caller must have (or one of several), and the refusals that the OpenAPI
    document names."""
    scopes = (scope,) if isinstance(scope, str) else scope
    return {"scopes": scopes, "refusals": refusals, "idempotent": idempotent}


def for_members(*refusals: type[Refusal], idempotent: bool = False) -> dict[str, Any]:
    """`opt` of a handler that is for members alone, by their token: it acts for `call.member_id`."""
    return {"who": "member", "refusals": refusals, "idempotent": idempotent}


def for_operators(*refusals: type[Refusal]) -> dict[str, Any]:
    """`opt` of a handler that is for signed-in users of any role, about themselves."""
    return {"who": "operator", "refusals": refusals}


def for_anyone(*refusals: type[Refusal]) -> dict[str, Any]:
    """`opt` of a handler that is open to all: those who come to sign in."""
    return {"who": "nobody", "refusals": refusals}


async def authorize(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar guard: raises Unauthorized, CsrfFailed or Forbidden. A handler that names nothing is for admins."""
    process: Process = connection.app.state.process
    who = handler.opt.get("who")
    if who == "nobody":
        connection.scope["user"] = NOBODY
        return
    connection.scope["user"] = await _admitted(process.door, connection, handler)


async def _admitted(
    door: Door, connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler, *, uses: bool = True
) -> Caller:
    caller = await door.identify(connection.scope, uses=uses)
    who = handler.opt.get("who")
    if who is None:
        caller.require(*handler.opt.get("scopes", ("admin",)))
    elif caller.kind != who:
        raise Forbidden(scope=who)
    return caller


async def while_admitted(request: StrictRequest, messages: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    """`messages` of a stream for as long as its caller is let in: asked again before each one, heartbeats too.

    To look on is no use of a session: one that nobody uses ends, whatever is open. Where the database is away the
    stream ends as well; who may still listen comes again.
    """
    process: Process = request.app.state.process
    async with aclosing(messages):
        async for message in messages:
            try:
                await _admitted(process.door, request, request.route_handler, uses=False)
            except (Refusal, OperationalError):
                return
            yield message


def provide_call(request: StrictRequest) -> Call:
    """Litestar dependency `call`."""
    process: Process = request.app.state.process
    at = process.settings.clock()
    stamp = Stamp(at=at, on=process.settings.calendar.date_of(at), actor=request.user.name)
    return Call(process, request.user, stamp, language_of(request.headers.get("accept-language")))

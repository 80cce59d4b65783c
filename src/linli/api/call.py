"""One request as its handler sees it: who calls, when, and what this process keeps open. Plus the guard at the door."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from linli.access import Caller, KeyRing, Scope
from linli.api.errors import Language, language_of
from linli.api.strict import StrictRequest
from linli.flows.publish import LiveProgrammes
from linli.gate import Gate
from linli.inbox import Reader
from linli.kit.db import Connection, Pool, in_transaction
from linli.kit.errors import NotFound, Refusal
from linli.ledger import Stamp
from linli.rules import CompiledProgramme
from linli.settings import Settings

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
    keys: KeyRing
    live: LiveProgrammes
    reader: Reader
    gate: Gate


@dataclass(frozen=True)
class Call:
    """One request. `stamp` is the only reading of the clock."""

    process: Process
    caller: Caller
    stamp: Stamp
    language: Language

    async def run(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """`work(conn)` in one transaction."""
        return await in_transaction(self.process.pool, work)

    async def programme(self, conn: Connection) -> CompiledProgramme:
        """The programme that holds now. Raises NoProgramme."""
        await self.process.live.refresh(conn)
        return self.process.live.at(self.stamp.at)

    async def require_wallet(self, conn: Connection, wallet: str) -> CompiledProgramme:
        """The programme that holds now, which must know `wallet`: a misspelt one never reads as empty.

        Raises UnknownWallet, NoProgramme.
        """
        compiled = await self.programme(conn)
        if wallet not in compiled.programme.wallets:
            raise UnknownWallet(wallet=wallet, wallets=list(compiled.programme.wallets))
        return compiled


def needs(scope: Scope, *refusals: type[Refusal], idempotent: bool = False) -> dict[str, Any]:
    """`opt` of a handler: the scope that its key must have, and the refusals that the OpenAPI document names."""
    return {"scope": scope, "refusals": refusals, "idempotent": idempotent}


async def authorize(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar guard: raises Unauthorized or Forbidden. A handler that names no scope is for admins."""
    process: Process = connection.app.state.process
    headers = connection.headers
    caller = await process.keys.authenticate(headers.get("authorization") or headers.get("x-api-key"))
    caller.require(handler.opt.get("scope", "admin"))
    connection.scope["user"] = caller


def provide_call(request: StrictRequest) -> Call:
    """Litestar dependency `call`."""
    process: Process = request.app.state.process
    at = process.settings.clock()
    stamp = Stamp(at=at, on=process.settings.calendar.date_of(at), actor=request.user.name)
    return Call(process, request.user, stamp, language_of(request.headers.get("accept-language")))

"""`linli member show`."""

from __future__ import annotations

from datetime import date

from cyclopts import App
from rich.table import Table

from linli import ledger, members
from linli.cli.common import console, open_pool
from linli.kit.db import Connection, in_transaction
from linli.settings import Settings

member = App(name="member", help="One member: balance and statement.")


@member.command
async def show(member_id: str, *, wallet: str = "points", lines: int = 20) -> None:
    """Show a member's balance, pending points and the newest lines of the statement.

    Parameters
    ----------
    member_id
        The platform's user id.
    wallet
        Which wallet.
    lines
        How many lines of the statement.
    """
    settings = Settings()
    today = settings.calendar.date_of(settings.clock())

    async def read(conn: Connection) -> tuple[members.Member, ledger.Balance, list[ledger.Movement]]:
        return (
            await members.get_member(conn, member_id),
            await ledger.get_balance(conn, member_id, wallet, today),
            await ledger.statement(conn, member_id, wallet, kinds=None, from_on=date.min, to_on=date.max, limit=lines),
        )

    async with open_pool(settings) as pool:
        who, balance, movements = await in_transaction(pool, read)
    console.print(f"[bold]{who.member_id}[/] · {who.city or '—'} · leader {who.leader_id or '—'}")
    console.print(
        f"available {balance.available:,} · held {balance.held:,} · debt {balance.debt:,} · expired {balance.expired:,}"
    )
    for pending in balance.pending:
        console.print(f"  +{pending.points:,} on {pending.settle_on}")
    if balance.next_expiry:
        console.print(f"  {balance.next_expiry.points:,} lapse on {balance.next_expiry.expires_on}")
    table = Table()
    for heading in ("seq", "date", "kind", "from → to", "points", "available", "key"):
        table.add_column(heading)
    for line in movements:
        accounts = f"{line.from_account} → {line.to_account}"
        figures = (f"{line.points:,}", f"{line.available_after:,}")
        table.add_row(str(line.seq), str(line.posted_on), line.kind, accounts, *figures, line.key)
    console.print(table)


def add_to(app: App) -> None:
    """Add these commands."""
    app.command(member)

"""The command line: `linli …`. Each module holds the commands of one subject."""

from __future__ import annotations

import sys

from cyclopts import App
from rich.console import Console
from rich.text import Text

from linli import __version__
from linli.kit.errors import Refusal
from linli.kit.postgres import PostgresFailed

SERVERS = (["up"], ["serve"], ["worker"], ["subscribe"])

app = App(name="linli", version=__version__, help="邻里分 Linli: loyalty for community group-buying.")


def main() -> None:
    """Run a command. A refusal is told in a line and ends with status 1; only a bug shows a traceback."""
    from linli.cli import system

    system.add_to(app)
    if sys.argv[1:2] not in SERVERS:  # whose start does not wait for commands that they are not
        from linli.cli import back_test, corrections, coupons, demo, lottery, members, night, programme, users
        from linli.replay import commands as replay

        for module in (night, programme, back_test, corrections, coupons, members, users, lottery, replay, demo):
            module.add_to(app)
    try:
        app()
    except (Refusal, PostgresFailed, FileNotFoundError) as failure:
        Console(stderr=True).print("[bold red]✗[/]", Text(_said(failure)), highlight=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _said(failure: Exception) -> str:
    """What a refusal says in words, where it does; else its code and fields."""
    match failure:
        case Refusal(fields={"place": place, "detail": detail}):
            return f"{place}: {detail}"
        case Refusal(fields={"detail": detail}):
            return f"{detail}"
        case _:
            return f"{failure}"

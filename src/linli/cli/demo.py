"""`linli demo`: a world to look at."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from cyclopts import App

from linli.cli.common import base_of, console, is_served
from linli.cli.system import up
from linli.kit.errors import Invalid
from linli.replay.place import environment
from linli.settings import Settings

if TYPE_CHECKING:
    from linli.demo.acts import Link


async def demo(
    *, households: int = 160, days: int = 120, until: datetime | None = None, home: Path | None = None,
    fresh: bool = False, serve: bool = True,
) -> None:  # fmt: skip
    """Fill a world that ends today by sending real events, then serve it. It has a database of its own.

    The same command again brings it up to the present day and changes nothing else; stopped with ctrl-C, it goes on.

    Parameters
    ----------
    households
        Members, beside the leaders of their communities (extra `linli[replay]`).
    days
        How many days, today among them.
    until
        As far as this instant, instead of now; in the zone of business dates where none is given.
    home
        Home of the embedded database (LINLI_HOME).
    fresh
        Begin anew: drop the demo's database.
    serve
        Serve it afterwards, as `linli up` does.
    """
    try:
        from linli.demo.run import run
    except ModuleNotFoundError as missing:
        raise FileNotFoundError(
            f"{missing.name} comes with the extra `linli[replay]`, which is not installed"
        ) from None
    os.environ.setdefault("LINLI_PAYMENTS", "fake")  # what costs cash can be ordered, and paid on a page of ours
    shown = await run(home, days, households, until=until, fresh=fresh)
    if not shown.progress.finished:
        console.print("stopped: the same command goes on where it was")
        sys.exit(130)
    settings = Settings()
    base = base_of(settings)
    console.print(f"[bold]console[/]  {base}/console/", highlight=False, soft_wrap=True)
    for name, password in shown.passwords.items():
        console.print(f"         {name} / {password}", highlight=False, soft_wrap=True)
    console.print("[bold]members[/]", highlight=False)
    for link in shown.links:
        # Whole, on a line of its own, whatever the terminal's width: it is to be copied.
        console.print(f"         {link.nickname}\n{base}{link.path}", highlight=False, soft_wrap=True, markup=False)
    if not serve:
        return
    if is_served(settings):
        if shown.links and _is_the_demo(base, shown.links[0]):
            console.print(f"{base} is being served already")
            return
        raise Invalid(detail=f"{base} serves another system: end that, or set LINLI_PORT, and give the command again")
    # `up` and its children read the settings from the environment: the demo's database, and the real clock again.
    os.environ.update(environment(shown.place))
    del os.environ["LINLI_CLOCK_FILE"]
    await up()


def _is_the_demo(base: str, link: Link) -> bool:
    """Whether what is served knows the member of the link."""
    _, token = link.path.split("token=")
    try:
        answer = httpx.get(f"{base}/v1/me", headers={"authorization": f"Bearer {token}"}, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def add_to(app: App) -> None:
    """Add this command."""
    app.command(demo)

"""What a server is pointed at: `granian --interface asgi --factory linli.api.serve:app`."""

from __future__ import annotations

from linli.api.app import Front, create_app
from linli.kit import log
from linli.kit.memory import let_rest
from linli.settings import Settings


def app() -> Front:
    """A new API, with settings from the environment."""
    log.configure()
    created = create_app(Settings())
    let_rest()
    return created

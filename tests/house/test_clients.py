"""The typed clients say what the API says: the committed document and the types made from it are not left behind."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import msgspec

from linli.api.app import create_app
from linli.api.openapi import build_document
from linli.settings import Settings
from tests.house.test_web_build import build_hook
from tests.needs import lacking

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"


def test_the_committed_document_is_the_one_that_the_api_tells() -> None:
    document = build_document(create_app(Settings()).framework)
    told = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    assert (WEB / "openapi.json").read_bytes() == told, "run `make types`"


def test_the_types_of_the_front_ends_are_made_from_the_committed_document(tmp_path: Path) -> None:
    maker, script = _maker()
    if not (maker / "node_modules").is_dir():
        lacking(f"web/{maker.name} is not installed: run `make web`")
    command = shlex.split(script)
    place = command.index("-o") + 1
    kept = maker / command[place]
    command[place] = str(tmp_path / kept.name)
    with build_hook._node() as environment:
        path = f"{maker / 'node_modules' / '.bin'}{os.pathsep}{environment['PATH']}"
        subprocess.run(command, cwd=maker, env=environment | {"PATH": path}, check=True, capture_output=True)
    assert kept.read_text() == (tmp_path / kept.name).read_text(), "run `make types`"


def _maker() -> tuple[Path, str]:
    """The one front end that makes the types for all of them, and its script."""
    scripts = {
        WEB / front_end.name: json.loads((WEB / front_end.name / "package.json").read_text())["scripts"]
        for front_end in build_hook.FRONT_ENDS
    }
    ((maker, known),) = ((source, known) for source, known in scripts.items() if "types" in known)
    return maker, known["types"]

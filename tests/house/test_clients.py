"""The typed clients say what the API says: the committed document and the types made from it are not left behind."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import msgspec
import pytest

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


@pytest.mark.parametrize("name", [front_end.name for front_end in build_hook.FRONT_ENDS])
def test_the_types_of_a_front_end_are_made_from_the_committed_document(name: str, tmp_path: Path) -> None:
    source = WEB / name
    if not (source / "package.json").exists():
        lacking(f"there is no web/{name}")
    if not (source / "node_modules").is_dir():
        lacking(f"web/{name} is not installed: run `make web`")
    command = shlex.split(json.loads((source / "package.json").read_text())["scripts"]["types"])
    place = command.index("-o") + 1
    kept = source / command[place]
    command[place] = str(tmp_path / kept.name)
    with build_hook._node() as environment:
        path = f"{source / 'node_modules' / '.bin'}{os.pathsep}{environment['PATH']}"
        subprocess.run(command, cwd=source, env=environment | {"PATH": path}, check=True, capture_output=True)
    assert kept.read_text() == (tmp_path / kept.name).read_text(), "run `make types`"

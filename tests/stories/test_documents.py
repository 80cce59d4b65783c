"""Both documents, line by line, through HTTP: see `tests/stories/documents.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from linli.kit.resources import resource
from linli.rules import decode_programme
from linli.words.events import CATALOGUE
from tests.api.conftest import Api
from tests.api.mine import at
from tests.stories.documents import CHANGES, CHAPTERS, A, B, Elsewhere, Line, Setting, Walk

PRESETS: dict[str, tuple[str, list[Line]]] = {"A": ("neighbours", A), "B": ("fresh-life", B)}
_SHARED = {"community_id", "leader_id"}
_LATER = "2027-01-05T12:00:00+08:00"
"""When all that was promised has been credited."""


def _worlds() -> Iterator[tuple[str, str]]:
    for which, (_, lines) in PRESETS.items():
        yield from ((which, change) for change in sorted({line.change for line in lines if isinstance(line, Walk)}))


WORLDS = list(_worlds())


@pytest.fixture(params=WORLDS, ids=["-".join(world) for world in WORLDS])
def world(request: pytest.FixtureRequest) -> tuple[str, str]:
    """(document, change of its preset)"""
    return request.param


@pytest.fixture
def document(world: tuple[str, str]) -> bytes:
    """The preset, changed as the lines ask."""
    which, change = world
    programme = msgspec.to_builtins(_preset(which))
    changes = CHANGES.get(change, {})
    programme["rules"] = [rule | changes.get(rule["id"], {}) for rule in programme["rules"]]
    programme["rules"] += [rule for rule in changes.values() if "kind" in rule]
    return msgspec.json.encode(programme)


def _preset(which: str) -> Any:
    return decode_programme((resource("presets") / f"{PRESETS[which][0]}.yaml").read_bytes())


def _events(line: Walk) -> list[dict[str, Any]]:
    return [
        {
            "specversion": "1.0", "id": f"{line.line}-{place}", "source": "shop", "type": type_, "time": time,
            "data": {name: _own(line, name, value) for name, value in data.items()},
        }
        for place, (type_, time, data) in enumerate(line.told)
    ]  # fmt: skip


def _own(line: Walk, name: str, value: Any) -> Any:
    """Ids are a line's own, so that lines do not meet."""
    return f"{line.line}.{value}" if name.endswith("_id") and name not in _SHARED else value


async def test_every_line_is_walked(api: Api, world: tuple[str, str]) -> None:
    which, change = world
    lines = [line for line in PRESETS[which][1] if isinstance(line, Walk) and line.change == change]
    api.set_clock(_LATER)
    for line in lines:
        answer = await api.client.post(
            "/v1/events",
            content=msgspec.json.encode(_events(line)),
            headers={"content-type": "application/cloudevents-batch+json"},
        )
        assert answer.status_code == 200, answer.text
        assert {item["outcome"] for item in answer.json()["outcomes"]} == {"accepted"}, (line.line, answer.text)
    await at(api, _LATER, "settle")
    found = {line.line: {who: await _points(api, f"{line.line}.{who}") for who in line.points} for line in lines}
    assert found == {line.line: line.points for line in lines}


async def _points(api: Api, member_id: str) -> int:
    answer = await api.get(f"/v1/members/{member_id}/balance")
    return answer.json()["available"] if answer.status_code == 200 else 0


@pytest.mark.parametrize("which", PRESETS)
def test_every_line_is_there_once_and_no_line_is_left_out(which: str) -> None:
    lines = [line.line for line in PRESETS[which][1]]
    assert len(lines) == len(set(lines))
    assert {int(line.removeprefix(which)) for line in lines} == CHAPTERS[which]


@pytest.mark.parametrize(
    "line", [line for _, lines in PRESETS.values() for line in lines if isinstance(line, Setting)], ids=lambda x: x.line
)
def test_figures_beside_the_rules(line: Setting) -> None:
    here: Any = _preset(line.line[0])
    for step in line.field.split("."):
        here = here[int(step)] if step.isdigit() else getattr(here, step)
    assert here == line.value


@pytest.mark.parametrize("which", PRESETS)
def test_every_rule_of_a_preset_names_its_line_and_is_walked(which: str) -> None:
    """So no rule stands there that the document does not ask for, and none that no walk makes fire."""
    text = (resource("presets") / f"{PRESETS[which][0]}.yaml").read_text()
    for rule_id, comment in re.findall(r"(?m)^  - id: (\S+)(.*)$", text):
        named = {int(number) for number in re.findall(rf"{which} ?(\d+)", comment)}
        assert named & CHAPTERS[which] or "festival" in comment or "New Year" in comment, rule_id


def test_no_event_and_no_operation_gives_points_from_member_to_member() -> None:
    """A43. Points go from the programme to a member and back."""
    assert not [name for name in CATALOGUE if "transfer" in name or "gift" in name]
    paths = msgspec.json.decode((Path(__file__).parents[2] / "web" / "openapi.json").read_bytes())["paths"]
    assert paths and not [path for path in paths if "transfer" in path]


def test_lines_kept_elsewhere_say_where() -> None:
    for _, lines in PRESETS.values():
        assert all(line.where for line in lines if isinstance(line, Elsewhere))

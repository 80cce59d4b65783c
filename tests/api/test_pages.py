"""The front ends are served from what was built: safely, quickly, and with a clear word where nothing was."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from tests.api.conftest import Api

INDEX = (
    '<!doctype html><meta name="csp-nonce" content=""><script type="module" src="/console/assets/index-Bx3_9a-Z.js">'
)
SCRIPT = "console.log(1)"


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of built pages; the fixture `api` finds it in its settings."""
    folder = tmp_path / "pages"
    for name in ("member", "console"):
        (folder / name / "assets").mkdir(parents=True)
        (folder / name / "index.html").write_text(INDEX if name == "console" else "<!doctype html>member")
        (folder / name / "assets" / "index-Bx3_9a-Z.js").write_text(SCRIPT)
        (folder / name / "assets" / "index-Bx3_9a-Z.js.br").write_bytes(b"as brotli")
        (folder / name / "assets" / "index-Bx3_9a-Z.js.gz").write_bytes(b"as gzip")
        (folder / name / "logo.svg").write_text("<svg/>")
        (folder / name / "built-from").write_text("digest")
    (tmp_path / "secret.txt").write_text("nobody's business")
    monkeypatch.setenv("LINLI_PAGES", str(folder))
    return folder


@pytest.mark.parametrize("path", ["/", "/m", "/console"])
async def test_addresses_as_people_type_them_lead_to_the_pages(pages: Path, api: Api, path: str) -> None:
    answer = await api.get(path)
    assert answer.is_redirect
    assert answer.headers["location"] == {"/m": "/m/"}.get(path, "/console/")


async def test_a_page_needs_no_key_and_says_what_it_may_load(pages: Path, api: Api) -> None:
    del api.client.headers["authorization"]
    answer = await api.get("/console/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["script-src"] == "'self'" == policy["connect-src"]
    assert policy["frame-ancestors"] == "'none'" == policy["base-uri"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-cache"


async def test_the_nonce_for_styles_is_another_for_each_request(pages: Path, api: Api) -> None:
    seen = set()
    for _ in range(2):
        answer = await api.get("/console/")
        found = re.search(r'name="csp-nonce" content="([\w-]{20,})"', answer.text)
        assert found and f"'nonce-{found[1]}'" in answer.headers["content-security-policy"]
        assert "etag" not in answer.headers, "an answer kept by its ETag would keep its nonce"
        seen.add(found[1])
    assert len(seen) == 2


@pytest.mark.parametrize("path", ["/console/members/m-1.5", "/console/rules", "/console/members/a%2Fb"])
async def test_a_deep_link_of_the_console_gives_its_page(pages: Path, api: Api, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 200
    assert "csp-nonce" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/console/assets/gone-12345678.js",
        "/m/members",
        "/m/../../secret.txt",
        "/m/..%2f..%2fsecret.txt",
        "/m/%2e%2e/%2e%2e/secret.txt",
        "/m//etc/passwd",
        "/m/assets",
        "/m/built-from",
        "/m/assets/index-Bx3_9a-Z.js.gz",
    ],
)
async def test_what_is_no_file_of_a_front_end_is_not_found(pages: Path, api: Api, path: str) -> None:
    answer = await api.get(path)
    assert answer.status_code == 404, answer.text
    assert answer.json()["code"] == "route_not_found"


async def test_hashed_files_are_kept_for_ever_and_others_are_asked_for(pages: Path, api: Api) -> None:
    script = await api.client.head("/console/assets/index-Bx3_9a-Z.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    logo = await api.get("/m/logo.svg")
    assert logo.headers["cache-control"] == "no-cache"
    assert logo.headers["content-type"] == "image/svg+xml"
    again = await api.client.get("/m/logo.svg", headers={"if-none-match": f'"other", W/{logo.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == logo.headers["etag"]


@pytest.mark.parametrize(
    ("accepted", "body"),
    [
        ("gzip, deflate, br", b"as brotli"),
        ("gzip;q=0.8", b"as gzip"),
        ("br;q=0, gzip;q=0.0, identity", SCRIPT.encode()),
        ("", SCRIPT.encode()),
    ],
)
async def test_scripts_come_as_they_were_compressed_at_the_build(
    pages: Path, api: Api, accepted: str, body: bytes
) -> None:
    headers = {"accept-encoding": accepted}
    request = api.client.build_request("GET", "/m/assets/index-Bx3_9a-Z.js", headers=headers)
    answer = await api.client.send(request, stream=True)
    assert b"".join([part async for part in answer.aiter_raw()]) == body
    assert answer.headers["vary"] == "accept-encoding"
    assert int(answer.headers["content-length"]) == len(body)


async def test_head_says_the_same_without_the_body(pages: Path, api: Api) -> None:
    answer = await api.client.head("/m/")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == (await api.get("/m/")).headers["etag"]


async def test_what_is_built_again_is_served_without_a_restart(pages: Path, api: Api) -> None:
    assert (await api.get("/m/")).text == "<!doctype html>member"
    (pages / "member" / "index.html").write_text("<!doctype html>newer")
    os.utime(pages / "member" / "built-from", ns=(1, 1))
    assert (await api.get("/m/")).text == "<!doctype html>newer"


async def test_where_nothing_is_built_the_page_says_what_to_do(pages: Path, api: Api) -> None:
    (pages / "console" / "built-from").unlink()
    answer = await api.get("/console/any/page")
    assert answer.status_code == 503
    assert "make web" in answer.text and "尚未构建" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]

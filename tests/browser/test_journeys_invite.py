"""A member invites a neighbour: the code, the poster whose QR code is read again, and what came of it."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.acts import WEB, enter, new_member, seen, take_in, told
from tests.browser.axe import findings
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.system import System

PIXELS = """async (picture) => {
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
  const pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  let text = "";
  for (const one of pen.getImageData(0, 0, canvas.width, canvas.height).data) text += String.fromCharCode(one);
  return [canvas.width, canvas.height, btoa(text)];
}"""
DECODE = """
import decode from 'qr/decode.js';
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const [width, height] = process.argv.slice(1).map(Number);
console.log(decode({ width, height, data: new Uint8ClampedArray(Buffer.concat(chunks)) }));
"""


def test_a_neighbour_is_invited_and_seen_to_come(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system, "陈阿姨")
    watched = open_window(size)
    page = enter(watched, system, member_id)
    watched.go("/m/#/pages/invite/invite")
    code = seen(page, "code").inner_text()
    expect(seen(page, "empty")).to_be_visible()

    seen(page, "open-poster").click()
    seen(page, "poster-picture").wait_for()
    assert findings(watched, "member/invite") == []
    assert _read_poster(page) == f"{system.base}/m/#/pages/enter/enter?invite={code}"
    with page.expect_download() as saved:
        seen(page, "poster-save").click()
    assert saved.value.suggested_filename == f"linli-{code}.png"
    seen(page, "sheet-close").click()

    friend = new_member(system, "小雨")
    take_in(system, "member.registered", {"member_id": friend, "invite_code": code.lower()})
    page.reload()
    row = seen(page, "friend")
    expect(row).to_contain_text("小雨")
    expect(row).to_contain_text(told("invite.state.joined"))
    take_in(system, "order.completed", {"member_id": friend, "order_id": f"o-{friend}", "paid_fen": 3000})
    page.reload()
    expect(seen(page, "friend")).to_contain_text(told("invite.state.ordered"))
    expect(seen(page, "sum-friends")).to_have_text("1")


def test_who_comes_by_an_invitation_sees_its_code_until_they_have_signed_in(
    open_window: Open, system: System, size: Size
) -> None:
    watched = open_window(size)
    watched.go("/m/#/pages/enter/enter?invite=7KXM4WQB")
    expect(seen(watched.page, "invited-code")).to_contain_text("7KXM4WQB")
    assert findings(watched, "member/enter") == []
    watched.go("/m/")
    expect(seen(watched.page, "invited-code")).to_contain_text("7KXM4WQB")
    enter(watched, system, new_member(system))
    watched.page.evaluate("sessionStorage.removeItem('linli.token')")
    watched.go("/m/#/pages/enter/enter")
    watched.page.reload()
    expect(seen(watched.page, "enter-noLink")).to_be_visible()


def _read_poster(page: Page) -> str:
    """What another's decoder reads in the poster's QR code."""
    picture = seen(page, "poster-picture").locator("img")
    width, height, pixels = picture.evaluate(PIXELS)
    program = shutil.which("node") or str(Path(sys.executable).parent / "node")
    node = [program, "--input-type=module", "-e", DECODE, str(width), str(height)]
    read = subprocess.run(node, input=base64.b64decode(pixels), cwd=WEB / "member", capture_output=True, check=True)
    return read.stdout.decode().strip()

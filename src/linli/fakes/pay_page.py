"""The two pages of the payment fake: confirm, and what became of it."""

from __future__ import annotations

from html import escape

from linli.kit.texts import texts

_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;margin:0;display:grid;place-items:center;min-height:100vh;"
    "background:#ededed;color:#1a1a1a}main{background:#fff;border-radius:12px;padding:32px;text-align:center;"
    "min-width:260px}strong{display:block;font-size:40px;margin:16px 0}button{font:inherit;border:0;border-radius:8px;"
    "padding:12px 48px;background:#067a3e;color:#fff;cursor:pointer}p{color:#555}"
)


def pay_page(prepay_id: str, description: str, fen: int) -> bytes:
    """Asks for a confirmation."""
    form = (
        f'<form method="post" action="pay"><input type="hidden" name="prepay_id" value="{escape(prepay_id)}">'
        f"<button>{_say('confirm')}</button></form>"
    )
    return _page("ask", f"<p>{escape(description)}</p><strong>¥{fen // 100}.{fen % 100:02}</strong>{form}")


def paid_page(what: str) -> bytes:
    """Tells what became of it: `paid`, `closed` or `unknown`."""
    return _page(what, f"<h1>{_say(what)}</h1><p>{_say('back')}</p>")


def _page(what: str, inner: str) -> bytes:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_say("title")}</title>'
    page = (
        f'<!doctype html><html lang="zh"><head>{head}<style>{_STYLE}</style></head>'
        f'<body data-state="{what}"><main><p>{_say("title")}</p>{inner}</main></body></html>'
    )
    return page.encode()


def _say(key: str) -> str:
    said = texts("fakes")[key]
    return f'{escape(said["zh"])} <span lang="en">{escape(said["en"])}</span>' if key != "title" else escape(said["zh"])

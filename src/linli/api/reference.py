"""The OpenAPI document as a page to be read: plain HTML, no script, nothing loaded from anywhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from linli.api.errors import entries
from linli.api.texts import say

STYLE = (Path(__file__).resolve().parent / "reference.css").read_text()
_Node = dict[str, Any]


def render(document: _Node) -> str:
    """The whole page."""
    info = document["info"]
    groups = [(tag, list(_operations(document, tag["name"]))) for tag in document["tags"]]
    contents = "".join(_contents(tag, found) for tag, found in groups)
    sections = "".join(
        f'<section><h2 id="{tag["name"]}">{escape(tag["description"])}</h2>'
        + "".join(_operation(*operation) for operation in found)
        + "</section>"
        for tag, found in groups
    )
    schemas = "".join(_schema(name, schema) for name, schema in document["components"]["schemas"].items())
    return (
        '<!doctype html><html lang="zh"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(info['title'])}</title>"
        '<link rel="stylesheet" href="/docs/reference.css"></head><body>'
        f"<nav><strong>{escape(info['title'])}</strong> <span class=soft>{escape(info['version'])}</span>{contents}"
        f'<h2><a href="#errors">{_both("docs_errors")}</a></h2><h2><a href="#schemas">{_both("docs_schemas")}</a></h2>'
        f"</nav><main><h1>{escape(info['title'])}</h1><p>{escape(info['summary'])}</p>"
        f'<p>{_marked(info["description"])}</p><p><a href="/openapi.json">{_both("docs_document")}</a></p>'
        f'{sections}<h2 id="errors">{_both("docs_errors")}</h2>{_errors()}'
        f'<h2 id="schemas">{_both("docs_schemas")}</h2>{schemas}</main></body></html>'
    )


def _both(name: str) -> str:
    return f"{escape(say(name, 'zh'))} · {escape(say(name, 'en'))}"


def _marked(text: str) -> str:
    """Text in which `code` is marked."""
    parts = escape(text, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if place % 2 else part for place, part in enumerate(parts))


def _operations(document: _Node, tag: str) -> Iterator[tuple[str, str, _Node]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield path, method, operation


def _contents(tag: _Node, found: list[tuple[str, str, _Node]]) -> str:
    items = "".join(
        f'<li><a href="#{operation["operationId"]}">{escape(operation["summary"])}</a></li>'
        for _, _, operation in found
    )
    return f'<h2><a href="#{tag["name"]}">{escape(tag["description"].split(" · ")[0])}</a></h2><ul>{items}</ul>'


def _operation(path: str, method: str, operation: _Node) -> str:
    parts = [
        f'<h3 id="{operation["operationId"]}">{escape(operation["summary"])}</h3>'
        f'<p><span class="method {method}">{method.upper()}</span> <code>{escape(path)}</code></p>'
        f"<p>{_marked(operation['description'])}</p>"
    ]
    if parameters := operation.get("parameters"):
        rows = "".join(
            _row(found["name"], found["required"], found["schema"], found.get("description", ""), found["in"])
            for found in parameters
        )
        parts.append(f"<h4>{_both('docs_parameters')}</h4><table>{rows}</table>")
    if body := operation.get("requestBody"):
        parts.append(f"<h4>{_both('docs_body')}</h4>{_contents_of(body['content'])}")
    rows = "".join(
        f"<tr><td>{status}</td><td>{_marked(answer['description'])}{_contents_of(answer.get('content', {}), status)}"
        "</td></tr>"
        for status, answer in sorted(operation["responses"].items())
    )
    parts.append(f"<h4>{_both('docs_responses')}</h4><table>{rows}</table>")
    return "".join(parts)


def _contents_of(content: _Node, status: str = "200") -> str:
    shown = []
    for kind, found in content.items():
        line = f"<p><code>{kind}</code> {_type(found['schema'])}</p>"
        if "example" in found and status < "300":
            line += f"<pre>{escape(json.dumps(found['example'], ensure_ascii=False, indent=2))}</pre>"
        shown.append(line)
    return "".join(shown)


def _row(name: str, required: bool, schema: _Node, description: str, place: str = "") -> str:
    must = f'<br><span class="must">{_both("docs_required")}</span>' if required else ""
    where = f' <span class="soft">{place}</span>' if place else ""
    told = _marked(description or schema.get("description", ""))
    return f"<tr><td><code>{escape(name)}</code>{where}{must}</td><td>{_type(schema)} {told}</td></tr>"


def _type(schema: _Node) -> str:
    """A schema in one line, with links to those it names."""
    if reference := schema.get("$ref"):
        name = reference.rsplit("/", 1)[1]
        return f'<a href="#schema-{name}">{name}</a>'
    for union in ("oneOf", "anyOf", "allOf"):
        if union in schema:
            known = [_type(part) for part in schema[union] if part.keys() & {"$ref", "type", "enum", "const"}]
            return " | ".join(known)
    if "const" in schema or "enum" in schema:
        return " | ".join(f"<code>{escape(str(one))}</code>" for one in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "any")
    if kind == "array":
        return f"[ {_type(schema.get('items', {}))} ]"
    if title := schema.get("title"):
        data = schema.get("properties", {}).get("data")
        return f"<code>{escape(title)}</code>" + (f" ({_type(data)})" if data else "")
    names = kind if isinstance(kind, str) else " | ".join(kind)
    limits = [
        f"{sign} {schema[name]}"
        for name, sign in (("minimum", "≥"), ("maximum", "≤"), ("maxLength", "…"), ("default", "="))
        if name in schema
    ]
    text = " ".join([schema.get("format", names), *limits])
    return f'<span class="soft">{escape(text)}</span>'


def _schema(name: str, schema: _Node) -> str:
    head = f'<h3 id="schema-{name}">{name}</h3><p>{_marked(schema.get("description", ""))}</p>'
    required = schema.get("required", ())
    rows = "".join(_row(field, field in required, found, "") for field, found in schema.get("properties", {}).items())
    return f"{head}<table>{rows}</table>"


def _errors() -> str:
    rows = "".join(
        f'<tr><td><code>{code}</code> <span class="soft">{entry.status}</span></td>'
        f"<td>{escape(entry.title_zh)} · {escape(entry.title_en)}</td></tr>"
        for code, entry in sorted(entries().items())
    )
    return f"<table>{rows}</table>"

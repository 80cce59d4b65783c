"""From bytes to plain values: JSON or YAML text, read so that nothing in it is lost or guessed silently.

YAML is read as JSON with a kinder spelling: `on`, `yes` and dates stay text, aliases and tags are refused (a few
aliases can spell a billion nodes), and a key given twice is a fault in both languages.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import msgspec
import yaml

MOST_JSON_BYTES = 2_000_000
MOST_YAML_BYTES = 256_000
MOST_DEPTH = 64
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"-?(0|[1-9][0-9]{0,18})\Z")
_FLOAT = re.compile(r"-?[0-9]{1,30}\.[0-9]{1,30}\Z")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


class Fault(msgspec.Struct, frozen=True):
    """One thing wrong with a programme document. `place` is a JSON pointer (RFC 6901), `code` is stable."""

    place: str
    code: str
    reason: str


class Unreadable(Exception):
    """The document cannot be read at all. `fault` says why."""

    def __init__(self, code: str, reason: str, place: str = "") -> None:
        super().__init__(reason)
        self.fault = Fault(place, code, reason)


def pointer(*parts: str | int) -> str:
    """A JSON pointer to `parts`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1")[:80] for part in parts)


def read_document(document: bytes) -> Any:
    """The document as dicts, lists, strings, numbers, booleans and None. Raises `Unreadable`, and nothing else."""
    if len(document) > MOST_JSON_BYTES:
        raise Unreadable("too_long", f"the document has more than {MOST_JSON_BYTES} bytes")
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("not_text", f"the document is not UTF-8 text: byte {error.start}") from None
    value = _read_json(text) if text.lstrip()[:1] in ("{", "[") else _read_yaml(text)
    _refuse_control_characters(value)
    return value


def _read_json(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise Unreadable("too_deep", "the document is nested too deeply") from None
    except ValueError as error:
        raise Unreadable("syntax", f"not JSON: {str(error)[:200]}") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Unreadable("duplicate_key", f"the key {twice[:80]!r} is given twice in one object")
    return found


def _no_constant(name: str) -> Any:
    raise Unreadable("syntax", f"{name} is not a number of JSON")


def _read_yaml(text: str) -> Any:
    if len(text) > MOST_YAML_BYTES:
        raise Unreadable("too_long", f"YAML text has more than {MOST_YAML_BYTES} characters; JSON may be longer")
    try:
        return _Builder().build(text)
    except yaml.YAMLError as error:
        raise Unreadable("syntax", f"neither JSON nor YAML: {' '.join(str(error).split())[:200]}") from None
    except (RecursionError, ValueError) as error:
        raise Unreadable("syntax", f"not YAML: {str(error)[:200]}") from None


class _Builder:
    """Builds the value of one YAML document from its parse events, without recursion."""

    def __init__(self) -> None:
        self.root: list[Any] = []
        self.stack: list[Any] = [self.root]
        self.keys: list[Any] = [None]

    def build(self, text: str) -> Any:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent):
                raise Unreadable("syntax", f"aliases are not allowed: line {event.start_mark.line + 1}")
            if isinstance(event, yaml.ScalarEvent):
                self._add(_scalar(event), event)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._open({} if isinstance(event, yaml.MappingStartEvent) else [], event)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self.stack.pop()
                self.keys.pop()
        if len(self.root) != 1:
            raise Unreadable("syntax", "expected exactly one document")
        return self.root[0]

    def _open(self, container: Any, event: Any) -> None:
        if event.tag is not None:
            raise Unreadable("syntax", f"tags are not allowed: line {event.start_mark.line + 1}")
        if len(self.stack) > MOST_DEPTH:
            raise Unreadable("too_deep", f"the document is nested more than {MOST_DEPTH} deep")
        self._add(container, event)
        self.stack.append(container)
        self.keys.append(None)

    def _add(self, value: Any, event: Any) -> None:
        top = self.stack[-1]
        if isinstance(top, list):
            top.append(value)
        elif self.keys[-1] is None:
            key = event.value if isinstance(event, yaml.ScalarEvent) else None
            if key is None or key in top:
                code = "syntax" if key is None else "duplicate_key"
                raise Unreadable(code, f"line {event.start_mark.line + 1}: a key is given twice or is not text")
            self.keys[-1] = key
        else:
            top[self.keys[-1]] = value
            self.keys[-1] = None


def _scalar(event: yaml.ScalarEvent) -> Any:
    if event.tag is not None:
        raise Unreadable("syntax", f"tags are not allowed: line {event.start_mark.line + 1}")
    text = event.value
    if not event.implicit[0]:  # quoted or a block: text as it stands
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(text)
    return float(text) if _FLOAT.match(text) else text


def _refuse_control_characters(value: Any) -> None:
    """PostgreSQL cannot keep NUL in JSON, nor UTF-8 a lone surrogate; the others only hide something."""
    todo: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while todo:
        place, here = todo.pop()
        if len(place) > MOST_DEPTH:
            raise Unreadable("too_deep", f"the document is nested more than {MOST_DEPTH} deep")
        if isinstance(here, str):
            if _CONTROL.search(here):
                raise Unreadable("control_character", "text with a control character or half a character", _safe(place))
        elif isinstance(here, dict):
            for key, inner in here.items():
                todo.append(((*place, key), inner))
                if _CONTROL.search(key):
                    raise Unreadable("control_character", "a key with a control character", _safe(place))
        elif isinstance(here, list):
            todo.extend(((*place, index), inner) for index, inner in enumerate(here))


def _safe(place: tuple[str | int, ...]) -> str:
    return _CONTROL.sub("?", pointer(*place))

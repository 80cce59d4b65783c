"""Conditions that need no interpreter: comparisons of a variable with a value, joined by `&&` and `||`.

Most conditions are of this form; read straight from the event they cost a tenth of what a CEL context does. What is of
another form stays CEL's. A test holds the two to the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from linli.rules.scene import Scene
from linli.rules.tokens import Problem, Token, tokenise
from linli.rules.variables import Kind, Read

Test: TypeAlias = Callable[[Scene], bool]
_EQUAL = ("==", "!=")
_SIGNS = (*_EQUAL, "<", "<=", ">", ">=")


def shortcut(source: str, kinds: Mapping[str, Kind], read: Callable[[str], Read]) -> Test | None:
    """The condition as a function that cannot fail, or None where it is of no such form.

    `kinds`: the variables there are; `read` gives the reader of one.
    """
    try:
        tokens = tokenise(source)
    except Problem:
        return None
    anyone: list[Test] = []
    for choice in _split(tokens, "||"):
        parts = [_part(part, kinds, read) for part in _split(choice, "&&")]
        if any(part is None for part in parts):
            return None
        anyone.append(_all([part for part in parts if part is not None]))
    return _any(anyone)


def _split(tokens: list[Token], sign: str) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "sign" and token.text == sign:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _all(tests: list[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda scene: first(scene) and second(scene)
    return lambda scene: all(test(scene) for test in tests)


def _any(tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda scene: any(test(scene) for test in tests)


def _part(tokens: list[Token], kinds: Mapping[str, Kind], read: Callable[[str], Read]) -> Test | None:
    """One comparison; None where it is none."""
    match [token.text for token in tokens]:
        case [name] if kinds.get(name) == "bool":
            return read(name)
        case ["!", name] if kinds.get(name) == "bool":
            return _not(read(name))
        case [name, sign, _] if sign in _SIGNS and name in kinds:
            value = _value(tokens[2], kinds[name])
            if value is None or (kinds[name] != "int" and sign not in _EQUAL):
                return None
            return _compare(read(name), sign, value)
        case [_, "in", name] if kinds.get(name) == "list":
            value = _value(tokens[0], "string")
            return None if value is None else _contains(read(name), value)
        case [name, "in", "[", *_, "]"] if name in kinds and all(token.text == "," for token in tokens[4:-1:2]):
            values = [_value(token, kinds[name]) for token in tokens[3:-1:2]]
            return None if None in values or not values else _among(read(name), frozenset(values))
    return None


def _value(token: Token, kind: Kind) -> Any:
    """The literal of that kind, or None: numbers, and text without escapes."""
    if kind == "int" and token.kind == "number" and token.text.isdecimal():
        return int(token.text)
    if kind == "string" and token.kind == "string" and "\\" not in token.text:
        return token.text[1:-1]
    return None


def _not(read: Read) -> Test:
    return lambda scene: not read(scene)


def _compare(read: Read, sign: str, value: Any) -> Test:
    """Spelt out one by one: a sign handed over as a function would be one call more for each event."""
    match sign:
        case "<":
            return lambda scene: read(scene) < value
        case "<=":
            return lambda scene: read(scene) <= value
        case ">":
            return lambda scene: read(scene) > value
        case ">=":
            return lambda scene: read(scene) >= value
        case "==":
            return lambda scene: read(scene) == value
        case _:
            return lambda scene: read(scene) != value


def _contains(read: Read, value: str) -> Test:
    return lambda scene: value in read(scene)


def _among(read: Read, values: frozenset[Any]) -> Test:
    return lambda scene: read(scene) in values

"""The part of CEL that a condition may use, token by token: smaller than CEL, so that its cost has a bound.

Comparisons, logic, whole-number arithmetic, text, lists, `size`, `startsWith`, `endsWith`, `contains`, `matches` and
one level of `exists`, `all`, `exists_one`, `filter` over a list variable. No floats (they touch no money here), maps,
structs, bytes, comments or conversions. Parsing and evaluation are the CEL library's; this only refuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from linli.rules.variables import Kind

MOST_CHARACTERS = 1_000
MOST_PARENTHESES = 24
MOST_MACROS = 4
MOST_PATTERNS = 2
MOST_PATTERN_CHARACTERS = 64
METHODS = {"size", "startsWith", "endsWith", "contains", "matches"}
MACROS = {"exists", "all", "exists_one", "filter"}
WORDS = {"true", "false", "in"}
_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<string>'(?:[^'\\\n]|\\['"\\nt])*'|"(?:[^"\\\n]|\\['"\\nt])*")
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][0-9]+)?[a-zA-Z_]?)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|/(?!/)|[<>!+\-*%?:.,()\[\]])""",
    re.VERBOSE,
)
_COUNTED = re.compile(r"\\|\{|\(\?|\[:|[^\x20-\x7e]")
PAIRS = {")": "(", "]": "["}


class Token(NamedTuple):
    """One token: `kind` is string, number, word or sign; `at` is its place in the source, from 0."""

    kind: str
    text: str
    at: int


class Problem(Exception):
    """A condition that may not be. `code` is stable; `reason` is for people, with the character it speaks of."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def tokenise(source: str) -> list[Token]:
    """The tokens of a condition. Raises `Problem` on length and on what is not in the language."""
    if len(source) > MOST_CHARACTERS:
        raise Problem("condition_too_long", f"{len(source)} characters; at most {MOST_CHARACTERS} are allowed")
    if not source.strip():
        raise Problem("condition_syntax", "the condition is empty")
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:
            raise Problem("condition_syntax", f"{source[at]!r} is not allowed at character {at + 1}")
        if found.lastgroup != "space":
            tokens.append(Token(found.lastgroup or "", found.group(), at))
        at = found.end()
    return tokens


def check_tokens(tokens: list[Token], variables: Mapping[str, Kind]) -> None:
    """Refuses (`Problem`) unknown names, unbounded macros, deep nesting, big numbers and costly patterns."""
    _check_brackets(tokens)
    bound = _check_macros(tokens, variables)
    for index, token in enumerate(tokens):
        before = tokens[index - 1].text if index else ""
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if token.kind == "number" and (not token.text.isdigit() or int(token.text) >= 2**63):
            raise Problem("condition_number", f"{token.text[:30]} is not a whole number of 64 bits: {_place(token)}")
        if token.kind == "word":
            _check_word(token, before, after, variables, bound)
        if token.text == "." and (index + 1 == len(tokens) or tokens[index + 1].text not in METHODS | MACROS):
            raise Problem("unknown_function", f"no function or field {after!r} after the dot: {_place(token)}")
    _check_patterns(tokens)


def _place(token: Token) -> str:
    return f"character {token.at + 1}"


def _check_brackets(tokens: list[Token]) -> None:
    open_signs: list[str] = []
    for token in tokens:
        if token.kind != "sign":
            continue
        if token.text in "([":
            open_signs.append(token.text)
            if len(open_signs) > MOST_PARENTHESES:
                raise Problem("condition_cost", f"more than {MOST_PARENTHESES} brackets inside each other")
        elif token.text in PAIRS and (not open_signs or open_signs.pop() != PAIRS[token.text]):
            raise Problem("condition_syntax", f"{token.text!r} closes nothing: {_place(token)}")
    if open_signs:
        raise Problem("condition_syntax", f"{open_signs[-1]!r} is never closed")


def closing(tokens: list[Token], start: int) -> int:
    """The index of the bracket that closes the one at `start`; brackets are known to match."""
    depth = 0
    for index in range(start, len(tokens)):
        if tokens[index].kind == "sign":
            depth += (tokens[index].text in "([") - (tokens[index].text in PAIRS)
            if not depth:
                return index
    raise AssertionError("brackets were checked")


def _check_macros(tokens: list[Token], variables: Mapping[str, Kind]) -> list[tuple[str, int, int]]:
    """The bound variables of the macros, each with the token range in which it is known."""
    bound: list[tuple[str, int, int]] = []
    for index, token in enumerate(tokens):
        if token.text not in MACROS or token.kind != "word":
            continue
        if index < 2 or tokens[index - 1].text != "." or variables.get(tokens[index - 2].text) != "list":
            raise Problem("condition_cost", f"{token.text} must follow a list variable: {_place(token)}")
        if index > 2 and tokens[index - 3].text == ".":
            raise Problem("condition_syntax", f"unexpected dot before {tokens[index - 2].text!r}")
        if any(start <= index <= end for _, start, end in bound):
            raise Problem("condition_cost", f"{token.text} inside another macro: {_place(token)}")
        if len(bound) == MOST_MACROS:
            raise Problem("condition_cost", f"more than {MOST_MACROS} of exists, all, exists_one and filter")
        if len(tokens) < index + 5 or tokens[index + 1].text != "(" or tokens[index + 3].text != ",":
            raise Problem("condition_syntax", f"expected {token.text}(name, condition): {_place(token)}")
        name = tokens[index + 2]
        if name.kind != "word" or name.text in variables or name.text in WORDS | METHODS | MACROS:
            raise Problem("condition_syntax", f"{name.text!r} cannot name an element: {_place(name)}")
        bound.append((name.text, index, closing(tokens, index + 1)))
    return bound


def _check_word(
    token: Token, before: str, after: str, variables: Mapping[str, Kind], bound: list[tuple[str, int, int]]
) -> None:
    text = token.text
    if before == ".":
        return
    if after == "(" and text != "in":
        if text != "size":
            raise Problem("unknown_function", f"no function {text[:80]!r}: {_place(token)}")
    elif text not in variables and text not in WORDS and text not in {name for name, _, _ in bound}:
        known = ", ".join(sorted(variables))
        raise Problem("unknown_variable", f"no variable {text[:80]!r} ({_place(token)}); there are {known}")


def _check_patterns(tokens: list[Token]) -> None:
    """A pattern is compiled at each evaluation, so it is a short literal without classes or counts that unfold."""
    uses = [index for index, token in enumerate(tokens) if token.kind == "word" and token.text == "matches"]
    if len(uses) > MOST_PATTERNS:
        raise Problem("condition_cost", f"more than {MOST_PATTERNS} patterns")
    for index in uses:
        argument = tokens[index + 2] if index + 3 < len(tokens) else None
        if argument is None or argument.kind != "string" or tokens[index + 3].text != ")":
            raise Problem("condition_cost", f"matches takes one quoted pattern: {_place(tokens[index])}")
        if len(argument.text) > MOST_PATTERN_CHARACTERS + 2 or _COUNTED.search(argument.text):
            raise Problem(
                "condition_cost",
                f"a pattern has at most {MOST_PATTERN_CHARACTERS} plain characters, no escapes, counts or groups "
                f"with flags: {_place(argument)}",
            )

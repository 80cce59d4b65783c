"""Conditions (CEL) at publication: what would fail, or silently never match, at run time is refused here.

CEL itself checks no types before it runs, and `&&` hides the error of the side that it does not need. So each part of
a condition is compiled and run by itself on sample events whose values stand around the condition's own literals.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from linli.kit import cel
from linli.rules.tokens import MACROS, PAIRS, Problem, Token, check_tokens, closing, tokenise
from linli.rules.variables import Kind
from linli.words.units import MOST_FEN

_SAMPLES = 16
_PART_SAMPLES = 3
_RANGES = {"month": (1, 12), "day": (1, 31), "weekday": (1, 7), "hour": (0, 23), "year": (2000, 2100)}
_COUNTS = {"line_count": 500, "size": 1_000_000, "birth_month": 12}
_RELATIONS = {"==", "!=", "<", "<=", ">", ">=", "in"}
_RUNTIME = (TypeError, RuntimeError, ValueError, OverflowError, ZeroDivisionError, IndexError, KeyError)


def check_condition(source: str, variables: Mapping[str, Kind]) -> Problem | None:
    """What is wrong with a condition over `variables`, or None. Never raises; takes milliseconds at most."""
    try:
        tokens = tokenise(source)
        check_tokens(tokens, variables)
        program = compile_condition(source)
        names = set(program.variables())
        used: dict[str, Kind] = {name: kind for name, kind in variables.items() if name in names}
        samples = list(_samples(tokens, used))
        _check_truth(source, tokens, samples, {})
        _check_whole(program, samples)
    except Problem as problem:
        return problem
    except ValueError as error:  # the library's own word on syntax, without its echo of the source
        lines = [line for line in str(error).splitlines() if "ERROR:" in line]
        return Problem("condition_syntax", (lines[0].split("ERROR:", 1)[1] if lines else str(error)).strip()[:200])
    except (RecursionError, UnicodeError) as error:
        return Problem("condition_syntax", type(error).__name__)
    return None


def compile_condition(source: str) -> Any:
    """The compiled program of a condition. Raises ValueError on syntax."""
    return cel.compile(source)


def _run(program: Any, values: dict[str, Any]) -> Any:
    return program.execute(cel.Context(variables=values))


def _check_whole(program: Any, samples: list[dict[str, Any]]) -> None:
    for values in samples:
        try:
            result = _run(program, values)
        except _RUNTIME as error:
            shown = ", ".join(f"{name}={str(value)[:40]}" for name, value in sorted(values.items()))
            raise Problem("condition_fails", f"{_first_line(error)} with {shown}") from None
        if not isinstance(result, bool):
            raise Problem("condition_not_boolean", f"the condition gives {_shape(result)}, not true or false")


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:160]}"


def _samples(tokens: list[Token], used: Mapping[str, Kind]) -> Iterator[dict[str, Any]]:
    """Values of the used variables: all lowest, all highest, then mixtures, the same ones each time."""
    texts = [_unquote(token.text) for token in tokens if token.kind == "string"][:20]
    numbers = [int(token.text) for token in tokens if token.kind == "number"][:20]
    choices = {name: _choices(name, kind, texts, numbers) for name, kind in used.items()}
    yield {name: values[0] for name, values in choices.items()}
    yield {name: values[-1] for name, values in choices.items()}
    rng = random.Random(20261122)
    for _ in range(_SAMPLES):
        yield {name: rng.choice(values) for name, values in choices.items()}


def _choices(name: str, kind: Kind, texts: list[str], numbers: list[int]) -> list[Any]:
    if kind == "bool":
        return [False, True]
    if kind == "string":
        return ["", *texts, "x"]
    if kind == "list":
        return [[], texts[:1] or ["x"], ["x", "y"], [*texts, "x"]]
    low, high = _RANGES.get(name, (0, _COUNTS.get(name, MOST_FEN)))
    near = [number + step for number in numbers for step in (-1, 0, 1) if low <= number + step <= high]
    return [low, *near, min(max(7, low), high), high]


def _unquote(text: str) -> str:
    return text[1:-1].replace("\\n", "\n").replace("\\t", "\t").replace("\\", "")


def _check_truth(source: str, tokens: list[Token], samples: list[dict[str, Any]], bound: dict[str, Any]) -> None:
    """Checks that each part between && || ? : is true or false by itself, and compares like with like."""
    parts = _split(tokens, {"&&", "||", "?", ":"})
    if len(parts) > 1:
        for part in parts:
            _check_truth(source, part, samples, bound)
        return
    while tokens and tokens[0].text == "!":
        tokens = tokens[1:]
    if tokens and tokens[0].text == "(" and closing(tokens, 0) == len(tokens) - 1:
        _check_truth(source, tokens[1:-1], samples, bound)
        return
    if not tokens:
        raise Problem("condition_syntax", "a part of the condition is empty")
    _check_macro_bodies(source, tokens, samples, bound)
    _check_relation(source, tokens, samples, bound)


def _split(tokens: list[Token], signs: set[str]) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    depth = 0
    for token in tokens:
        if token.kind == "sign":
            depth += (token.text in "([") - (token.text in PAIRS)
        if not depth and token.text in signs and token.kind != "string":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _check_macro_bodies(source: str, tokens: list[Token], samples: list[dict[str, Any]], bound: dict[str, Any]) -> None:
    for index, token in enumerate(tokens):
        if token.kind == "word" and token.text in MACROS:
            end = closing(tokens, index + 1)
            _check_truth(source, tokens[index + 4 : end], samples, bound | {tokens[index + 2].text: "x"})


def _check_relation(source: str, tokens: list[Token], samples: list[dict[str, Any]], bound: dict[str, Any]) -> None:
    sides = _split(tokens, _RELATIONS)
    texts = [_text(source, side) for side in (*sides, tokens) if side]
    if len(texts) != len(sides) + 1:
        raise Problem("condition_syntax", f"a side of a comparison is empty in {_text(source, tokens)[:80]!r}")
    programs = [compile_condition(text) for text in texts]
    for values in samples[:_PART_SAMPLES]:
        shapes = [_shape_of(program, values | bound) for program in programs]
        whole = shapes.pop()
        if whole not in ("bool", None):
            code = "condition_type" if whole.startswith("error") else "condition_not_boolean"
            raise Problem(code, f"{texts[-1][:80]!r} gives {whole}")
        if len(sides) == 2 and not _alike(shapes[0], shapes[1], contains=_is_in(tokens)):
            raise Problem("condition_type", f"{texts[-1][:80]!r} compares {shapes[0]} with {shapes[1]}: never equal")


def _is_in(tokens: list[Token]) -> bool:
    depth = 0
    for token in tokens:
        if token.kind == "sign":
            depth += (token.text in "([") - (token.text in PAIRS)
        elif not depth and token.text == "in" and token.kind == "word":
            return True
    return False


def _text(source: str, tokens: list[Token]) -> str:
    return source[tokens[0].at : tokens[-1].at + len(tokens[-1].text)] if tokens else ""


def _shape_of(program: Any, values: dict[str, Any]) -> str | None:
    """The shape of a part's value; None where it failed for its values rather than its types (guarded elsewhere)."""
    try:
        return _shape(_run(program, values))
    except (IndexError, ZeroDivisionError, OverflowError, KeyError):
        return None
    except (TypeError, RuntimeError, ValueError) as error:
        return f"error {_first_line(error)}"


def _shape(value: Any) -> str:
    if isinstance(value, list):
        inner = {_shape(item) for item in value}
        return f"list of {'/'.join(sorted(inner))}" if inner else "list"
    return type(value).__name__


def _alike(left: str | None, right: str | None, *, contains: bool) -> bool:
    if left is None or right is None or left.startswith("error") or right.startswith("error"):
        return True
    if contains:
        return right == "list" or right == f"list of {left}"
    return left == right or (left.startswith("list") and right.startswith("list") and "list" in (left, right))

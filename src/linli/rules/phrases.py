"""The parts of which sentences about rules are made, in one language: amounts, dates, lists, goods, conditions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from linli.kit.texts import texts
from linli.rules.figures import Factor, LineFilter
from linli.rules.matrices import FactorCell, FactorMatrix, PointsCell, PointsMatrix
from linli.rules.programme import Programme
from linli.rules.tokens import Problem, Token, tokenise

Language: TypeAlias = Literal["zh", "en"]
_MOST_CELLS_SAID = 12
_WORKDAYS, _WEEKEND = (1, 2, 3, 4, 5), (6, 7)
_FLAGS = ("with_picture", "has_device", "birthday_month")
_COMPARISONS = ("==", "!=", ">=", ">", "<=", "<")


class Speaker:
    """Says parts of a programme in `language`: instants as people of its zone read them, tiers by their names."""

    def __init__(self, language: Language, programme: Programme) -> None:
        self.language: Language = language
        self._zone = ZoneInfo(programme.timezone)
        self._tiers = {tier.id: getattr(tier.name, language) for tier in programme.tiers}
        self._texts = texts("sentences")

    def say(self, key: str, **figures: Any) -> str:
        """The text `key` with its figures."""
        return self._texts[key][self.language].format(**figures)

    def word(self, group: str, code: str) -> str:
        """A code in words (`goods.fresh`), or the code itself, quoted, where there are none."""
        key = f"{group}.{code}"
        return self.say(key) if key in self._texts else self.quoted(code)

    def quoted(self, text: str) -> str:
        """The text in the quotation marks of the language."""
        return self.say("quoted", text=text)

    def listed(self, items: Iterable[str], last: str = "and") -> str:
        """`a, b and c`."""
        *first, end = items
        return self.say(last).join([self.say("comma").join(first), end]) if first else end

    def amount(self, fen: int) -> str:
        """Fen as yuan, without needless zeros."""
        yuan, rest = divmod(fen, 100)
        return self.say("yuan", number=f"{yuan:,}.{rest:02}" if rest else f"{yuan:,}")

    def points(self, points: int, wallet: str | None = None) -> str:
        """A number of points, with the wallet where it is worth saying."""
        one = ".one" if points == 1 else ""
        if wallet is None:
            return self.say(f"points{one}", number=f"{points:,}")
        return self.say(f"points.wallet{one}", number=f"{points:,}", wallet=self.word("wallet", wallet))

    def window(self, starts_at: datetime | None, ends_at: datetime | None) -> str | None:
        """The period; a midnight at its end is said as the last day that is in it."""
        start = self._moment(starts_at) if starts_at else None
        end = self._last(ends_at) if ends_at else None
        if start is None and end is None:
            return None
        if start is None or end is None:
            return self.say("window.end", end=end) if start is None else self.say("window.start", start=start)
        return self.say("window.day", start=start) if start == end else self.say("window.both", start=start, end=end)

    def _moment(self, at: datetime) -> str:
        local = self._local(at)
        month = self.say(f"month.{local.month}")
        day = self.say("date", year=local.year, month=local.month, day=local.day, month_name=month)
        if not (local.hour or local.minute or local.second or local.microsecond):
            return day
        return self.say("moment", date=day, time=f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}")

    def _last(self, ends_at: datetime) -> str:
        local = self._local(ends_at)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        if local == midnight and local.toordinal() > 1:
            return self._moment(midnight - timedelta(days=1))
        return self.say("before", moment=self._moment(ends_at))

    def _local(self, at: datetime) -> datetime:
        try:
            return at.astimezone(self._zone)
        except OverflowError:  # the first or last day that there is
            return at

    def factor(self, factor: Factor) -> str:
        """A factor as a decimal where that is exact, else as a fraction."""
        ratio = Fraction(factor.times, factor.per)
        decimal = f"{ratio.numerator / ratio.denominator:g}"
        return decimal if Fraction(decimal) == ratio else str(ratio)

    def tier(self, tier: str) -> str:
        """The tier's name, or its id, quoted, where the programme has none of that id."""
        return self._tiers.get(tier) or self.quoted(tier)

    def cells(self, matrix: FactorMatrix | PointsMatrix) -> str:
        """What a matrix gives to whom; of a long one, how many cells it has."""
        said = [self._cell(cell) for cell in matrix.cells[:_MOST_CELLS_SAID]]
        if len(matrix.cells) > _MOST_CELLS_SAID:
            said.append(self.say("cell.more", number=f"{len(matrix.cells) - _MOST_CELLS_SAID:,}"))
        if matrix.otherwise is not None:
            said.append(self._given(self.say("cell.otherwise"), matrix.otherwise))
        return self.say("semicolon").join(said)

    def _cell(self, cell: FactorCell | PointsCell) -> str:
        tier = self.tier(cell.tier) if cell.tier is not None else None
        which = "both" if tier and cell.city else "tier" if tier else "city"
        given = cell.factor if isinstance(cell, FactorCell) else cell.points
        return self._given(self.say(f"cell.{which}", tier=tier, city=cell.city), given)

    def _given(self, who: str, given: Factor | int) -> str:
        if isinstance(given, Factor):
            return self.say("cell.factor", who=who, factor=self.factor(given))
        return self.say("cell.points", who=who, points=self.points(given))

    def weekdays(self, days: tuple[int, ...]) -> str | None:
        """On which days of the week; None where it is every day."""
        asked = tuple(sorted(set(days)))
        if len(asked) == 7:
            return None
        if asked in (_WORKDAYS, _WEEKEND):
            return self.say("weekend" if asked == _WEEKEND else "workdays")
        return self.say("weekdays", days=self.listed(self.say(f"weekday.{day}") for day in asked))

    def lines(self, lines: LineFilter) -> str | None:
        """Which goods count; None where all do."""
        categories, tags = self._goods(lines.categories), self._goods(lines.tags)
        if categories is None and tags is None:
            return None
        which = "both" if categories and tags else "categories" if categories else "tags"
        return self.say(f"lines.{which}", categories=categories, tags=tags)

    def _goods(self, codes: tuple[str, ...] | None) -> str | None:
        return None if codes is None else self.listed((self.word("goods", code) for code in codes), "or")

    def condition(self, source: str) -> str:
        """A condition in words where every part of it has some; otherwise as the code it is."""
        try:
            parts = _conjuncts(tokenise(source))
        except Problem:
            parts = []
        said = [self._part([token.text for token in part]) for part in parts]
        if said and all(said):
            return self.say("condition", condition=self.say("both").join(text for text in said if text))
        return self.say("condition.code", condition=self.say("code", text=" ".join(source.split())))

    def _part(self, words: list[str]) -> str | None:
        match words:
            case [flag] if flag in _FLAGS:
                return self.say(f"is.{flag}")
            case ["!", flag] if flag in _FLAGS:
                return self.say(f"not.{flag}")
            case [text, "in", "categories" | "tags" as kind] if _plain(text):
                return self.say(f"has.{kind}", item=self.word("goods", text[1:-1]))
            case [name, sign, value] if sign in _COMPARISONS and f"variable.{name}" in self._texts:
                right = self._value(name, value)
                return right and self.say(f"compare.{sign}", left=self.say(f"variable.{name}"), right=right)
            case [name, "in", "[", *inner, "]"] if f"variable.{name}" in self._texts and set(inner[1::2]) <= {","}:
                values = [self._value(name, value) for value in inner[::2]]
                if values and all(values):
                    right = self.listed((value for value in values if value), "or")
                    return self.say("compare.in", left=self.say(f"variable.{name}"), right=right)
        return None

    def _value(self, name: str, text: str) -> str | None:
        if text.isdecimal():
            return self.amount(int(text)) if name.endswith("_fen") else text
        if not _plain(text):
            return None
        return self.tier(text[1:-1]) if name == "tier" else self.quoted(text[1:-1])


def _plain(text: str) -> bool:
    """Whether the token is quoted text that is neither empty nor escaped."""
    return len(text) > 2 and text[0] in "'\"" and "\\" not in text


def _conjuncts(tokens: list[Token]) -> list[list[Token]]:
    """The parts between `&&`; brackets other than lists make a part that has no words, and so the whole is code."""
    parts: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "sign" and token.text == "&&":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts

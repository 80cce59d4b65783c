"""Who lives in the demo: households of the Complete Journey, each with a name, a face, a community and habits."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec

FACES = 12
FROM_EARLIER = 0.45
"""Share of the members who were there a year ago: some of their points lapse these days."""
FROM_THE_START = 0.6
"""Of the others, who joined on the first date; the rest come one by one."""
INVITED = 0.5
_TEXTS = Path(__file__).resolve().parent.parent / "i18n" / "demo.json"


class City(msgspec.Struct, frozen=True):
    """A city and its communities."""

    name: str
    communities: list[str]


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `i18n/demo.json` says: the parts of names, and what operators write."""

    cities: list[City]
    given: list[str]
    roles: list[str]
    moods: list[str]
    things: list[str]
    surnames: list[str]
    hobbies: list[str]
    petals: list[str]
    leader: str
    longest: str
    odd: str
    note: str
    adjustment_up: str
    adjustment_down: str
    hold: str
    admin: str
    operator: str
    auditor: str
    password_reason: str


class Home(NamedTuple):
    """Where a member lives, and who runs the groups there."""

    city: str
    community_id: str
    leader_id: str


class Person(NamedTuple):
    """A member. `checks_in` and `spends` are chances per day."""

    member_id: str
    household: int | None
    nickname: str
    avatar: str
    home: Home
    joined_on: date
    inviter_id: str | None
    checks_in: float
    spends: float


@cache
def texts() -> Texts:
    """The words of the demo."""
    return msgspec.json.decode(_TEXTS.read_bytes(), type=Texts)


def homes() -> list[Home]:
    """All communities, the cities in turns."""
    found = [
        (place, number, Home(city.name, community, f"leader-{number}{place:02d}"))
        for number, city in enumerate(texts().cities, 1)
        for place, community in enumerate(city.communities, 1)
    ]
    return [home for _, _, home in sorted(found)]


def leaders(since: date) -> list[Person]:
    """One for each community; they are members too."""
    said = texts()
    return [
        Person(
            home.leader_id, None,
            said.leader.format(surname=said.surnames[place % len(said.surnames)], community=home.community_id),
            f"face-{place % FACES + 1}", home, since, None, 0.9, 0.0,
        )
        for place, home in enumerate(homes())
    ]  # fmt: skip


def neighbours(households: list[int], since: date, first: date, last: date) -> list[Person]:
    """A member for each household. Some are there `since` a year, the others join from `first` to `last`."""
    names = _names(len(households))
    places = homes()
    found: list[Person] = []
    for number, household in enumerate(households):
        draw = Random(f"person:{household}")
        home = places[draw.randrange(len(places))]
        inviter = None
        if number == 0 or draw.random() < FROM_EARLIER:
            joined = since
        elif draw.random() < FROM_THE_START:
            joined = first
        else:
            joined = first + timedelta(days=draw.randint(1, max((last - first).days, 1)))
            known = [person for person in found if person.home == home and person.joined_on < joined]
            if known and draw.random() < INVITED:
                inviter = draw.choice(known).member_id
        found.append(
            Person(
                f"u-{10_000 + household}", household, names[number], f"face-{draw.randint(1, FACES)}", home, joined,
                inviter, draw.choice((0.0, 0.05, 0.3, 0.6, 0.85, 0.97)), draw.choice((0.0, 0.0, 0.02, 0.05)),
            )
        )  # fmt: skip
    return found


def _names(count: int) -> list[str]:
    """So many nicknames, each once; two of them are a trial for any page."""
    said, draw = texts(), Random("nicknames")
    kinds = (
        lambda: draw.choice(said.given) + draw.choice(said.roles),
        lambda: draw.choice(said.moods) + draw.choice(said.things),
        lambda: draw.choice(said.surnames) + draw.choice(said.roles[-3:]) + draw.choice(said.hobbies),
        lambda: draw.choice(said.petals) + draw.choice(said.given) + draw.choice(said.things),
    )
    names: dict[str, None] = {}
    while len(names) < count:
        name = draw.choice(kinds)()
        names.setdefault(name if name not in names else f"{name}{draw.randint(2, 99)}")
    made = list(names)
    made[5:7] = [said.longest, said.odd]
    return made[:count]

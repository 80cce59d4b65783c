"""Group buying: the groups of BeiBei, those that formed and those that failed.

Source: J. Zhang et al., Group-Buying Recommendation for Social E-Commerce, ICDE 2021; the data are of the repository
Sweetnow/group-buying-recommendation (MIT). A line is a group: initiator, item, participants, parted by tabs (or, among
the participants, commas). They come without times, so groups are spread over business dates by their place alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from linli.replay.clock import next_day
from linli.replay.history import Day, Envelope, batches_of
from linli.replay.store import Reward, Totals
from linli.words.events import Body, GroupFailed, GroupFormed, GroupJoined, GroupOpened

SOURCE = "/replay/beibei"
FIRST = date(2021, 4, 1)
DAYS = 30
BATCH_EVENTS = 500
BONUS = 50
"""Points for the first group that formed: line 28 of the owner's first document."""
_FILES = (("tune.txt", True), ("invalid.txt", False))
_PARTED = re.compile(r"[\t,]")
_OPENS = time(8, 0)
_OPEN_SECONDS = 12 * 3600
"""Groups are opened from 8 to 20 o'clock; each ends within the four hours after."""


class BuyingGroup(msgspec.Struct, frozen=True, gc=False):
    """A group that formed or failed."""

    group_id: str
    opener: str
    sku: str
    joined: tuple[str, ...]
    formed: bool


def read_groups(folder: Path, limit: int | None = None) -> list[BuyingGroup]:
    """Groups in an order in which those that formed and those that failed are evenly mixed; the first `limit`."""
    placed: list[tuple[float, BuyingGroup]] = []
    for name, formed in _FILES:
        lines = (folder / name).read_text().splitlines()
        for number, line in enumerate(lines, 1):
            opener, sku, *joined = (part for part in _PARTED.split(line.strip()) if part)
            # One entry a participant: who is named twice joined once.
            others = tuple(dict.fromkeys(f"buyer-{member}" for member in joined))
            group = BuyingGroup(f"{name[0]}{number}", f"buyer-{opener}", f"item-{sku}", others, formed)
            placed.append((number / len(lines), group))
    placed.sort(key=lambda pair: pair[0])
    return [group for _, group in placed[:limit]]


class BeiBei:
    """The groups as events over `DAYS` business dates."""

    name = "beibei"

    def __init__(self, zone: ZoneInfo, groups: list[BuyingGroup]) -> None:
        self._zone = zone
        self._groups = groups
        self.first, self.last = FIRST, FIRST + timedelta(days=DAYS - 1)
        # Bonuses are credited in the night after.
        self.until = next_day(self.last)
        self.events = sum(2 + len(group.joined) for group in groups)

    def day(self, on: date) -> Day:
        """The date's groups: opened, joined, and formed or failed, each in this order."""
        place = (on - self.first).days
        groups = self._groups[place::DAYS] if 0 <= place < DAYS else []
        events = [event for nth, group in enumerate(groups) for event in self._events(group, on, nth / len(groups))]
        return Day(on, batches_of(events, BATCH_EVENTS), len(events))

    def _events(self, group: BuyingGroup, on: date, share: float) -> Iterator[Envelope]:
        opened = datetime.combine(on, _OPENS, self._zone) + timedelta(seconds=int(share * _OPEN_SECONDS))
        name, opener = group.group_id, group.opener
        yield _event("opened", name, opened, GroupOpened(member_id=opener, group_id=name, sku=group.sku))
        for nth, member in enumerate(group.joined, 1):
            joined = GroupJoined(member_id=member, group_id=name, opener_id=opener)
            yield _event(f"joined-{nth}", name, opened + timedelta(minutes=10 * nth), joined)
        end = opened + timedelta(hours=4)
        if group.formed:
            yield _event("formed", name, end, GroupFormed(member_id=opener, group_id=name, size=1 + len(group.joined)))
        else:
            yield _event("failed", name, end, GroupFailed(member_id=opener, group_id=name, reason="not_enough_members"))


def _event(what: str, group_id: str, at: datetime, body: Body) -> Envelope:
    return Envelope(f"{what}-{group_id}", SOURCE, body.type, at, body)


def expectation(groups: list[BuyingGroup]) -> Callable[[Totals, list[Reward]], dict[str, bool]]:
    """What the neighbours' programme must make of `groups`, by counting alone: one bonus an opener whose group formed.

    Nothing for a failed group, nothing for those who joined.
    """
    openers = len({group.opener for group in groups if group.formed})

    def expect(totals: Totals, rewards: list[Reward]) -> dict[str, bool]:
        wanted = [Reward("first_group", openers, openers, openers * BONUS)] if openers else []
        return {f"{openers:,} openers have the first-group bonus, once each, and nobody has more": rewards == wanted}

    return expect

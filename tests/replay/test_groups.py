"""Group buying through the API: only who opened a group that formed has the bonus, once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from linli.replay.groups import DAYS, FIRST, BeiBei, BuyingGroup, expectation, read_groups
from linli.replay.store import Reward
from tests.replay.conftest import ZONE, Street

SAMPLE = Path(__file__).parent / "beibei"
SHARED = next(
    (found for root in Path(__file__).parents if (found := root / "shared" / "data" / "beibei").is_dir()), None
)
"""The whole data, where they lie beside the repository."""


async def _earned(street: Street) -> dict[str, int]:
    return dict(await street.rows("SELECT member_id, available FROM ledger_balance WHERE available > 0"))


async def test_the_first_group_that_formed_is_rewarded_once_and_failed_ones_never(street: Street) -> None:
    groups = read_groups(SAMPLE)
    history = BeiBei(ZONE, groups)
    progress = await street.live(history, history.until)
    assert progress.finished and progress.events == history.events == 5 * 2 + 9 + 4 * 2
    # 1 formed two groups and failed with one, 5 failed and formed; 12 only failed; the others only joined, or formed.
    assert await _earned(street) == {"buyer-1": 50, "buyer-2": 50, "buyer-5": 50, "buyer-9": 50}
    assert all(expectation(groups)(await street.totals(), await street.rewards()).values())
    assert await street.violations() == []


@pytest.mark.skipif(SHARED is None, reason="the data are not beside this repository")
async def test_real_groups(street: Street) -> None:
    assert SHARED is not None
    groups = read_groups(SHARED, 600)
    history = BeiBei(ZONE, groups)
    assert (await street.live(history, history.until)).events == history.events
    wanted = {group.opener for group in groups if group.formed}
    assert 200 < len(wanted) < 300, "formed and failed groups are mixed as they are in the whole"
    assert await _earned(street) == dict.fromkeys(wanted, 50)
    assert await street.violations() == []


async def test_a_bonus_too_many_is_noticed(street: Street) -> None:
    expect = expectation(read_groups(SAMPLE))
    totals = await street.totals()
    assert all(expect(totals, [Reward("first_group", 4, 4, 200)]).values())
    for wrong in ([], [Reward("first_group", 5, 4, 250)], [Reward("base", 1, 1, 1), Reward("first_group", 4, 4, 200)]):
        assert not all(expect(totals, wrong).values())


def test_lines_are_read_with_tabs_or_commas_between_participants() -> None:
    groups = {group.group_id: group for group in read_groups(SAMPLE)}
    assert groups["t3"] == BuyingGroup("t3", "buyer-5", "item-903", ("buyer-6", "buyer-7", "buyer-8"), True)
    assert groups["t5"].joined == ("buyer-10", "buyer-11"), "named twice, joined once"
    assert groups["i1"] == BuyingGroup("i1", "buyer-5", "item-906", (), False)
    assert [group.group_id for group in read_groups(SAMPLE, 4)] == ["t1", "i1", "t2", "i2"]


def test_every_event_has_one_date_and_its_place_within_it() -> None:
    history = BeiBei(ZONE, read_groups(SAMPLE))
    seen: Counter[str] = Counter()
    for day in (history.day(FIRST + timedelta(days=n)) for n in range(-1, DAYS + 1)):
        events = [event for batch in day.batches for event in msgspec.json.decode(batch)]
        assert len(events) == day.events
        assert all(event["time"].startswith(f"{day.on}T") for event in events)
        seen.update(event["id"] for event in events)
    assert len(seen) == history.events and set(seen.values()) == {1}

"""A night: the clock goes past midnight, the day's points are credited, operator and member look on.

The clock is another one afterwards as far as the ledger is concerned: what follows in this system settles later. So
this comes last of the journeys.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.acts import balance_of, button, enter, new_member, said, seen, take_in
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.people import sign_in_operator
from tests.browser.system import System


@pytest.fixture
def after_midnight(system: System) -> str:
    """The next night before the worker's own sweeps begin; its business date."""
    now = datetime.fromisoformat(system.clock.read_text().strip())
    night = (now + timedelta(days=1)).replace(hour=0, minute=10)
    fresh = system.clock.with_suffix(".new")
    fresh.write_text(night.isoformat())
    fresh.rename(system.clock)
    return f"{night:%Y-%m-%d}"


def test_a_settlement_is_started_and_seen_by_all(
    open_window: Open, system: System, size: Size, request: pytest.FixtureRequest
) -> None:
    member_id = new_member(system)
    take_in(system, "vote.cast", {"member_id": member_id, "vote_id": member_id})
    run_on = request.getfixturevalue("after_midnight")
    assert balance_of(system, member_id)["pending"] == [{"settle_on": run_on, "points": 5}]
    app = enter(open_window(size), system, member_id)
    expect(seen(app, "available")).to_have_text("0")
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/runs")
    button(page, "runs.start").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("#ask-reason_run_on")).to_have_value(run_on)
    dialog.locator("#ask-reason_reason").fill("今晚提前结算")
    button(dialog, "runs.start").dblclick()
    expect(dialog).to_be_hidden()
    run = page.locator(".run-panel").filter(has_text=run_on)
    expect(run).to_contain_text(said("run.finished"))
    expect(run.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    expect(seen(app, "available")).to_have_text("5")
    expect(seen(app, "arrived")).to_be_visible()

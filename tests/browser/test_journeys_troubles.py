"""What goes wrong on the way: a session that ends, an API that is away, a role that may not, names that are a trial."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.acts import adjust, balance_of, button, enter, new_member, said, seen, told
from tests.browser.chromium import Size
from tests.browser.conftest import Open
from tests.browser.people import a_member, sign_in_operator
from tests.browser.system import System

API = "**/v1/**"
NAMES = (
    "<script>document.title='got in'</script><img src=x onerror=alert(1)>",
    "🥬🍊邻居🧑‍🤝‍🧑🏮",
    "特别特别长的名字" * 8,
    "W" * 64,
)


def test_a_session_that_ends_within_a_form_loses_nothing(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system)
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    _adjust(page, watched.base, member_id)
    watched.context.clear_cookies()
    dialog = page.get_by_role("dialog").filter(has=page.locator("#adjust"))
    button(dialog, "adjust.next").click()
    button(dialog, "adjust.go").click()
    again = page.get_by_role("dialog").filter(has_text=said("again.title"))
    expect(again.locator("input[autocomplete=username]")).to_have_value("operator")
    again.locator("input[type=password]").fill(system.passwords["operator"])
    again.locator("button[type=submit]").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("[role=tabpanel]")).to_contain_text("+9")
    assert balance_of(system, member_id)["available"] == 9


def test_the_api_is_away_and_what_was_typed_stays(open_window: Open, system: System, size: Size) -> None:
    member_id = new_member(system)
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    _adjust(page, watched.base, member_id)
    dialog = page.get_by_role("dialog")
    button(dialog, "adjust.next").click()
    watched.context.route(API, lambda route: route.abort())
    button(dialog, "adjust.go").click()
    expect(dialog).to_contain_text(said("problem.unreachable.detail"))
    button(dialog, "adjust.back").click()
    expect(dialog.locator("#adjust_points")).to_have_value("9")
    expect(dialog.locator("#adjust_reason")).to_have_value("少发了")
    watched.context.unroute(API)
    button(dialog, "adjust.next").click()
    button(dialog, "adjust.go").click()
    expect(dialog).to_be_hidden()
    assert balance_of(system, member_id)["available"] == 9


def test_an_answer_that_is_lost_on_the_way_is_no_second_effect(open_window: Open, system: System) -> None:
    member_id = new_member(system)
    watched = open_window()
    sign_in_operator(watched, system)
    _adjust(watched.page, watched.base, member_id)
    dialog = watched.page.get_by_role("dialog")
    button(dialog, "adjust.next").click()

    def lose(route: Route) -> None:
        route.fetch()  # it is done; who asked does not hear of it
        route.abort()

    watched.context.route("**/adjustments", lose)
    button(dialog, "adjust.go").click()
    expect(dialog).to_contain_text(said("problem.unreachable.detail"))
    assert balance_of(system, member_id)["available"] == 9
    watched.context.unroute("**/adjustments")
    button(dialog, "adjust.go").click()
    expect(dialog).to_be_hidden()
    assert balance_of(system, member_id)["available"] == 9


def test_a_list_that_did_not_come_is_asked_for_again(open_window: Open, system: System, size: Size) -> None:
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.context.route("**/v1/members?**", lambda route: route.abort())
    watched.go("/console/members")
    problem = page.get_by_role("alert").filter(has_text=said("problem.unreachable"))
    expect(problem).to_be_visible()
    watched.context.unroute("**/v1/members?**")
    button(problem, "act.retry").click()
    expect(page.locator("tr.ant-table-row, .cards a.card").first).to_be_visible()


def test_a_check_in_without_a_network_is_made_up_for(open_window: Open, system: System, size: Size) -> None:
    watched = open_window(size)
    page = enter(watched, system, new_member(system))
    seen(page, "check-in").click()
    expect(seen(page, "do")).to_contain_text(told("checkIn.do"))
    watched.context.route(API, lambda route: route.abort())
    seen(page, "do").click()
    expect(seen(page, "do")).to_contain_text(told("checkIn.tapAgain"))
    watched.context.unroute(API)
    seen(page, "do").dblclick()
    expect(seen(page, "result")).to_contain_text(told("checkIn.resultTitle"))
    expect(seen(page, "streak")).to_contain_text(told("checkIn.days", n=1))


def test_home_without_an_api_says_so_and_comes_back(open_window: Open, system: System, size: Size) -> None:
    watched = open_window(size)
    page = enter(watched, system, new_member(system))
    watched.context.route(API, lambda route: route.abort())
    page.reload()
    expect(seen(page, "trouble")).to_be_visible()
    watched.context.unroute(API)
    seen(page, "state-act").click()
    expect(seen(page, "available")).to_have_text("0")


def test_a_member_whose_token_is_over_comes_back_to_where_they_were(
    open_window: Open, system: System, size: Size
) -> None:
    member_id = a_member(system)
    watched = open_window(size)
    page = enter(watched, system, member_id)
    seen(page, "purse").click()
    seen(page, "tab-earned").click()
    seen(page, "line").first.wait_for()
    system.http.delete(f"/v1/members/{member_id}/tokens").raise_for_status()
    seen(page, "line").first.click()
    expect(seen(page, "expired")).to_contain_text(told("expired.title"))
    token = system.http.post(f"/v1/members/{member_id}/tokens").json()["token"]
    watched.go(f"/m/#/pages/enter/enter?token={token}")
    expect(seen(page, "why").first).to_be_visible()


def test_an_auditor_sees_but_does_not_act(open_window: Open, system: System, size: Size) -> None:
    member_id = a_member(system)
    watched = open_window(size)
    sign_in_operator(watched, system, "auditor")
    page = watched.page
    watched.go("/console/rules")
    expect(page.locator("ul.rules li").first).to_be_visible()
    expect(button(page, "draft.begin")).to_have_count(0)
    watched.go(f"/console/members/{member_id}")
    expect(button(page, "adjust.open")).to_be_disabled()
    watched.go("/console/runs")
    expect(button(page, "runs.start")).to_be_disabled()
    watched.go("/console/events/parked")
    page.locator("tr.ant-table-row, button.card").first.click()
    expect(button(page.get_by_role("dialog"), "parked.replay")).to_be_disabled()
    expect(button(page.get_by_role("dialog"), "parked.discard")).to_be_disabled()
    for path in ("/console/users", "/console/rules/publish", "/console/rules/edit/0"):
        watched.go(path)
        expect(page.locator("main")).to_contain_text(said("missing.forbidden"))


def test_a_name_is_text_and_breaks_no_page(open_window: Open, system: System, size: Size) -> None:
    watched, app = open_window(size), open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    for name in NAMES:
        nickname = name[:64]
        member_id = new_member(system, nickname)
        adjust(system, member_id, 3, nickname)
        watched.go(f"/console/members?query={member_id}")
        found = page.get_by_role("link").filter(has_text=member_id).first
        expect(found).to_contain_text(nickname)
        _fits(page)
        found.click()
        expect(page.locator("h1")).to_contain_text(nickname)
        expect(page.locator("[role=tabpanel]")).to_contain_text(nickname)
        _fits(page)
        enter(app, system, member_id)
        app.page.reload()  # another member has come by the same window
        expect(seen(app.page, "hello")).to_have_text(told("home.hello", name=nickname))
        _fits(app.page)
        assert "got in" not in (page.title(), app.page.title())


def test_back_leads_to_what_was_there(open_window: Open, system: System, size: Size) -> None:
    member_id = a_member(system)
    watched = open_window(size)
    sign_in_operator(watched, system)
    page = watched.page
    watched.go("/console/members")
    page.get_by_role("searchbox").fill(member_id)
    page.wait_for_url(f"**/members?query={member_id}")
    page.get_by_role("link").filter(has_text=member_id).first.click()
    page.wait_for_url(f"**/members/{member_id}")
    expect(page.locator("h1")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value(member_id)
    expect(page.get_by_role("link").filter(has_text=member_id).first).to_be_visible()
    page.go_forward()
    page.wait_for_url(f"**/members/{member_id}")
    app = open_window(size)
    enter(app, system, member_id)
    seen(app.page, "purse").click()
    seen(app.page, "line").first.click()
    expect(seen(app.page, "points")).to_be_visible()
    app.page.go_back()
    expect(seen(app.page, "line").first).to_be_visible()
    app.page.go_back()
    expect(seen(app.page, "available")).to_be_visible()


def _adjust(page: Page, base: str, member_id: str) -> None:
    """The form of an adjustment, filled in."""
    page.goto(f"{base}/console/members/{member_id}")
    button(page, "adjust.open").click()
    page.locator("#adjust_points").fill("9")
    page.locator("#adjust_reason").fill("少发了")


def _fits(page: Page) -> None:
    """Nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

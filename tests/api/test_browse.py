"""Back office lists: events newest received first, members by id, nickname and city; whole, in order, page by page."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.conftest import NOW, Api

from linli.inbox import browsing


async def _walk(api: Api, path: str, **params: Any) -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = []
    cursor: dict[str, str] = {}
    while True:
        found = (await api.get(path, **params, **cursor)).json()
        pages.append(found["items"])
        if found["next_cursor"] is None:
            return pages
        cursor = {"cursor": found["next_cursor"]}


async def _tell_some(api: Api) -> None:
    """Three members, on three dates; what comes in last happened first."""
    for n, at in enumerate(("2026-11-21T03:00:00Z", "2026-11-20T15:59:59Z", "2026-10-31T15:59:59Z")):
        api.set_clock(f"2026-11-21T04:0{n}:00+00:00")
        await api.tell("order.paid", f"e{n}", time=at, member_id=f"m{n}", order_id=f"o{n}", paid_fen=1_000 * n)
        await api.tell("vote.cast", f"v{n}", time=at, member_id="voter", vote_id=f"v{n}")


def _ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["event_id"] for item in items]


async def test_an_empty_world_has_empty_lists(api: Api) -> None:
    for path in ("/v1/events", "/v1/members", "/v1/parked"):
        assert (await api.get(path)).json() == {"items": [], "next_cursor": None}


async def test_newest_received_first_whatever_happened_when(api: Api) -> None:
    await _tell_some(api)
    found = (await api.get("/v1/events")).json()["items"]
    assert _ids(found) == ["v2", "e2", "v1", "e1", "v0", "e0"]
    assert found[1] == {
        "source": "shop", "event_id": "e2", "type": "order.paid", "member_id": "m2", "business_on": "2026-10-31",
        "occurred_at": "2026-10-31T15:59:59Z", "received_at": "2026-11-21T04:02:00Z", "outcome": "accepted",
        "granted_points": 20, "code": None,
    }  # fmt: skip


async def test_pages_of_one_instant_are_whole_and_in_order(api: Api) -> None:
    for n in range(7):  # received at one instant: the name decides
        await api.tell("vote.cast", f"v{n}", member_id=f"m{n % 2}", vote_id=f"v{n}")
    for params in ({}, {"type": "vote.cast"}):
        pages = await _walk(api, "/v1/events", limit=3, **params)
        assert [_ids(page) for page in pages] == [["v6", "v5", "v4"], ["v3", "v2", "v1"], ["v0"]]
    of_one = await _walk(api, "/v1/events", limit=2, member_id="m0")
    assert [_ids(page) for page in of_one] == [["v6", "v4"], ["v2", "v0"]]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"member_id": "voter"}, ["v2", "v1", "v0"]),
        ({"type": "order.paid"}, ["e2", "e1", "e0"]),
        ({"type": "order.eaten"}, []),
        ({"member_id": "m1", "type": "order.paid"}, ["e1"]),
        ({"member_id": "nobody"}, []),
        ({"from": "2026-11-21"}, ["v0", "e0"]),
        ({"from": "2026-11-20", "to": "2026-11-20"}, ["v1", "e1"]),
        ({"to": "2026-10-31"}, ["v2", "e2"]),
        ({"to": "2026-10-30"}, []),
        ({"outcome": "accepted", "from": "2026-11-20"}, ["v1", "e1", "v0", "e0"]),
        ({"outcome": "parked"}, []),
    ],
)
async def test_filters(api: Api, params: dict[str, str], expected: list[str]) -> None:
    await _tell_some(api)
    assert _ids((await api.get("/v1/events", **params)).json()["items"]) == expected


async def test_a_page_stops_looking_and_says_where_to_go_on(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browsing, "MOST_LOOKED_AT", 4)
    await _tell_some(api)
    await api.tell("check_in", "c", time="2026-10-01T00:00:00Z", member_id="m0")
    api.set_clock("2026-11-21T05:00:00+00:00")
    await _tell_more(api)
    pages = await _walk(api, "/v1/events", type="check_in")
    assert [_ids(page) for page in pages] == [[], ["c"], [], []]


async def _tell_more(api: Api) -> None:
    for n in range(5):
        await api.tell("vote.cast", f"w{n}", member_id="voter", vote_id=f"w{n}")


async def test_bad_questions(api: Api) -> None:
    for query in ({"from": "2026-11-21", "to": "2026-11-20"}, {"outcome": "eaten"}, {"type": "\0"}, {"member_id": ""},
                  {"cursor": "x"}, {"limit": 0}, {"limit": 201}):  # fmt: skip
        assert (await api.get("/v1/events", **query)).json()["code"] == "invalid", query
    for query in ({"query": ""}, {"query": "\0"}, {"city": ""}, {"query": "x" * 129}, {"cursor": "WyJldmVudHMiLDFd"}):
        assert (await api.get("/v1/members", **query)).json()["code"] == "invalid", query


async def _people(api: Api) -> None:
    for member_id, city in (("a1", "杭州"), ("a2", "苏州"), ("b1", "杭州"), ("B2", None)):
        place = {"city": city, "leader_id": "l1", "community_id": "c1"} if city else {}
        await api.tell("vote.cast", member_id=member_id, vote_id="v", **place)
    async with api.pool.connection() as conn:
        await conn.execute(
            "INSERT INTO members_profile (member_id, nickname, avatar, updated_at) VALUES "
            "('a2', '林阿姨🌸', 'face-2', now()), ('b1', 'Aunt 100%_Lin', NULL, now())"
        )


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["B2", "a1", "a2", "b1"]),
        ({"query": "a"}, ["a1", "a2", "b1"]),  # Aunt too: in nicknames case does not count
        ({"query": "aunt"}, ["b1"]),
        ({"query": "阿姨"}, ["a2"]),
        ({"query": "🌸"}, ["a2"]),
        ({"query": "%"}, ["b1"]),
        ({"query": "_"}, ["b1"]),
        ({"query": "1"}, ["b1"]),
        ({"query": "b"}, ["b1"]),
        ({"query": "b1"}, ["b1"]),
        ({"query": "nobody"}, []),
        ({"city": "杭州"}, ["a1", "b1"]),
        ({"city": "杭州", "query": "a"}, ["a1", "b1"]),
        ({"city": "上海"}, []),
    ],
)
async def test_members_are_found(api: Api, params: dict[str, str], expected: list[str]) -> None:
    await _people(api)
    found = (await api.get("/v1/members", **params)).json()["items"]
    assert [item["member_id"] for item in found] == expected
    pages = await _walk(api, "/v1/members", limit=1, **params)
    assert [item["member_id"] for page in pages for item in page] == expected


async def test_a_member_line(api: Api) -> None:
    await _people(api)
    await api.post("/v1/members/a2/adjustments", {"points": 70, "reason": "test"}, key="k")
    (found,) = (await api.get("/v1/members", query="a2")).json()["items"]
    assert found == {
        "member_id": "a2", "nickname": "林阿姨🌸", "avatar": "face-2", "city": "苏州", "community_id": "c1",
        "leader_id": "l1", "enrolled_at": NOW.replace("+00:00", "Z"), "available": 70,
    }  # fmt: skip
    api.set_clock("2027-11-21T04:00:00+00:00")  # the day on which they lapse, before any run
    assert (await api.get("/v1/members", query="a2")).json()["items"][0]["available"] == 0

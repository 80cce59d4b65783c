"""The shelf as the shop sees it: in the order in which members find it."""

from __future__ import annotations

from tests.api.conftest import NOW, Api
from tests.api.mine import Mine
from tests.api.test_mall import order, put_up


async def test_the_shelf_stands_in_the_members_order(api: Api) -> None:
    await api.enrol("m1", 500)
    mine = Mine(api, "m1")
    dear = await put_up(api, cost_fen=690)
    gone = await put_up(api, total=1, cost_fen=0)
    cheap = await put_up(api, cost_fen=10)
    elsewhere = await put_up(api, cities=["nowhere"], cost_fen=0)
    over = await put_up(api, listed_until=NOW)
    assert (await order(mine, gone)).status_code == 201
    first = (await api.get("/v1/mall/shelf", limit=3)).json()
    rest = (await api.get("/v1/mall/shelf", limit=3, cursor=first["next_cursor"])).json()
    items = [*first["items"], *rest["items"]]
    assert [one["item"]["item_id"] for one in items] == [elsewhere, cheap, dear, gone]
    assert rest["next_cursor"] is None
    scores = [one["score"] for one in items[:3]]
    assert scores == sorted(scores, reverse=True)
    seen = [one["item_id"] for one in (await mine.get("/mall/items"))["items"]]
    assert seen == [cheap, dear, gone]
    assert over not in seen

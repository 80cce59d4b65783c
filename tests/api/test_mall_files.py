"""Pictures and imports through HTTP."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Api
from tests.api.test_mall import audited, put_up, stock  # noqa: F401  (audited: for every test)
from tests.mall.test_reading import GOOD, HEADING, png


async def upload(api: Api, text: str, key: str | None = None) -> Any:
    headers = {"content-type": "text/csv"} | ({"idempotency-key": key} if key else {})
    return await api.client.post("/v1/mall/imports", content=text.encode(), headers=headers)


async def test_a_picture_is_kept_once_and_served_for_ever(api: Api) -> None:
    first, again = [
        await api.client.post("/v1/mall/pictures", content=png(), headers={"content-type": "image/jpeg"})
        for _ in range(2)
    ]
    assert first.status_code == 201 and first.json() == again.json()
    assert (first.json()["media_type"], first.json()["width"], first.json()["height"]) == ("image/png", 2, 3)
    shown = await api.client.get(first.json()["url"], headers={"authorization": ""})
    assert (shown.content, shown.headers["content-type"]) == (png(), "image/png")
    assert "immutable" in shown.headers["cache-control"] and shown.headers["x-content-type-options"] == "nosniff"
    bad = await api.client.post("/v1/mall/pictures", content=b"<svg/>", headers={"content-type": "image/png"})
    assert (bad.status_code, bad.json()["code"]) == (422, "picture_unreadable")
    large = await api.client.post("/v1/mall/pictures", content=b"x" * 1_100_000)
    assert large.status_code == 413
    assert (await api.get("/v1/mall/pictures/0192f5d0-c0de-7000-8000-00000000abcd")).json()[
        "code"
    ] == "picture_not_found"


async def test_an_import_is_shown_then_done_as_a_whole(api: Api) -> None:
    await put_up(api, sku="T1", total=10)
    text = f"{HEADING}\n{GOOD}\nT2{GOOD[2:]}\nT3,酱油,,daily,100,990,320,5\n"
    made = (await upload(api, text, key="one")).json()
    assert [made[name] for name in ("state", "lines", "faulty", "new", "changed")] == ["preview", 3, 1, 1, 1]
    assert (await upload(api, text, key="one")).json()["import_id"] == made["import_id"]
    assert (await upload(api, text + "T4", key="one")).json()["code"] == "idempotency_key_reused"
    path = f"/v1/mall/imports/{made['import_id']}"
    shown = (await api.get(f"{path}/lines", limit=2)).json()
    assert [(line["act"], line["differs"]) for line in shown["items"]] == [("change", ["title", "stock"]), ("new", [])]
    (faulty,) = (await api.get(f"{path}/lines", cursor=shown["next_cursor"])).json()["items"]
    assert faulty["faults"] == [
        {
            "column": "title_en", "code": "import_missing",
            "text": {"zh": "新商品必须填写这一列", "en": "A new item needs this column"},
        }
    ]  # fmt: skip
    assert len((await api.get("/v1/mall/items")).json()["items"]) == 1
    for _ in range(2):
        done = await api.post(f"{path}/apply")
        assert done.json()["state"] == "applied", done.text
    assert (await api.post(f"{path}/cancel")).json()["code"] == "import_over"
    items = {one["sku"]: one for one in (await api.get("/v1/mall/items")).json()["items"]}
    assert {sku: (one["state"], one["stock"]["left"], one["title"]["zh"]) for sku, one in items.items()} == {
        "T1": ("listed", 50, "抽纸"), "T2": ("draft", 50, "抽纸")}  # fmt: skip
    again = (await upload(api, text)).json()
    assert [again[name] for name in ("new", "changed", "faulty")] == [0, 0, 1]


async def test_what_has_changed_since_the_preview_wants_another(api: Api) -> None:
    item_id = await put_up(api, sku="T1", total=10)
    made = (await upload(api, f"sku,price_points,stock\nT1,200,20\n{GOOD.replace('T1', 'T2')[:2]},,\n")).json()
    await api.post(f"/v1/mall/items/{item_id}/delist")
    answer = await api.post(f"/v1/mall/imports/{made['import_id']}/apply")
    assert (answer.status_code, answer.json()["code"], answer.json()["skus"]) == (409, "import_stale", ["T1"])
    assert (await api.get(f"/v1/mall/items/{item_id}")).json()["price_points"] == 100
    assert (await api.post(f"/v1/mall/imports/{made['import_id']}/cancel")).json()["state"] == "cancelled"
    assert (await api.post(f"/v1/mall/imports/{made['import_id']}/apply")).json()["code"] == "import_over"
    assert [one["state"] for one in (await api.get("/v1/mall/imports")).json()["items"]] == ["cancelled"]


async def test_files_that_are_none_are_refused(api: Api) -> None:
    assert (await upload(api, "name,price\nx,1")).json()["code"] == "csv_columns"
    assert (await upload(api, "sku\n" + "x\n" * 2_001)).json()["code"] == "too_many_items"
    gbk = await api.client.post(
        "/v1/mall/imports", content=f"{HEADING}\n{GOOD}".encode("gbk"), headers={"content-type": "text/csv"}
    )
    assert (gbk.json()["code"], gbk.json()["looks_like"]) == ("csv_encoding", "GBK")
    assert (await api.post("/v1/mall/imports", {})).json()["code"] == "unsupported_content_type"

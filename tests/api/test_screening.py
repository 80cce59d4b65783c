"""Cuts through HTTP: listed page by page, and told where the event is explained."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
from tests.api.conftest import Api
from tests.flows.world import CHECKS

from linli.flows.publish import publish
from linli.flows.sweep import sweep
from linli.kit.audit import run_audit
from linli.settings import Settings

NAME = {"zh": "下单积分", "en": "Points for orders"}
DOCUMENT = {
    "name": "screened", "title": NAME,
    "rules": [
        {"id": "base", "kind": "per_amount", "name": NAME, "points": 1, "per_fen": 100,
         "caps": [{"per": "month", "points": 70}]},
    ],
    "screening": {"caps": [{"id": "spree", "per": "member", "of": "purchases", "points": 50}]},
}  # fmt: skip


async def _settled(api: Api, tmp_path: Any) -> None:
    """Three members with two orders each, the last of which the caps cut."""
    async with api.pool.connection() as conn:
        await publish(conn, msgspec.json.encode(DOCUMENT), now=_settings(tmp_path).clock(), by="test",
                      effective_from=_settings(tmp_path).clock())  # fmt: skip
    for n in range(3):
        for order, fen in enumerate((4_000, 6_000)):
            told = await api.tell(
                "order.paid", f"e{n}{order}", member_id=f"m{n}", order_id=f"o{n}{order}", paid_fen=fen
            )
            assert told.json()["outcome"] == "accepted", told.text
    api.set_clock("2026-11-22T04:00:00+00:00")
    run = await sweep(api.pool, "settle", date(2026, 11, 22), _settings(tmp_path).clock)
    assert (run.points, run.cut_points) == (150, 150)


def _settings(tmp_path: Any) -> Settings:
    return Settings(clock_file=tmp_path / "clock", home=tmp_path)  # pyright: ignore


async def test_cuts_page_by_page(api: Api, tmp_path: Any) -> None:
    await _settled(api, tmp_path)
    everything = (await api.get("/v1/screening/cuts", limit=100)).json()
    assert everything["next_cursor"] is None
    assert [(c["member_id"], c["cap"], c["per"], c["cut_points"]) for c in everything["items"]] == [
        (f"m{n}", *cut) for n in range(3) for cut in (("rule:month", "month", 30), ("spree", "member", 20))
    ]
    first = everything["items"][1]
    assert first["rule_name"] == NAME and (first["key"], first["rule"]) == ("order:o01:base", "base")
    assert (first["promised"], first["limit_points"]) == (60, 50)
    assert (first["on"], first["run_on"]) == ("2026-11-21", "2026-11-22")
    paged, cursor = [], None
    while True:
        found = (await api.get("/v1/screening/cuts", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        paged += found["items"]
        if (cursor := found["next_cursor"]) is None:
            break
    assert paged == everything["items"]
    of_one = (await api.get("/v1/screening/cuts", member_id="m1", cap="spree", on="2026-11-21")).json()["items"]
    assert [cut["member_id"] for cut in of_one] == ["m1"]
    assert (await api.get("/v1/screening/cuts", on="2026-11-22")).json()["items"] == []
    assert (await api.get("/v1/screening/cuts", cursor="nonsense")).json()["code"] == "invalid"
    async with api.pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def test_an_event_names_what_was_cut_of_its_grants_and_the_run_how_much(api: Api, tmp_path: Any) -> None:
    await _settled(api, tmp_path)
    found = (await api.get("/v1/events/e01", source="shop")).json()
    assert [(cut["cap"], cut["cut_points"]) for cut in found["cuts"]] == [("rule:month", 30), ("spree", 20)]
    (grant,) = found["grants"]
    assert (grant["promised"], grant["points"], grant["cut"], grant["state"]) == (60, 10, 50, "settled")
    assert (await api.get("/v1/events/e00", source="shop")).json()["cuts"] == []
    (run,) = (await api.get("/v1/runs", kind="settle")).json()["items"]
    assert run["cut_points"] == 150

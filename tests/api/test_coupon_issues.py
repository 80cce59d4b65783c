"""Issues of many coupons: listed, previewed, issued by the worker, stopped and gone on with; codes and CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.conftest import NOW, Api
from tests.api.operators import told
from tests.api.test_corrections import work
from tests.api.test_coupons import TERMS, claim, give, one, template
from tests.flows.world import CHECKS, SHANGHAI

from linli.flows import coupons_issue as module
from linli.flows.coupons_issue import apply_issue
from linli.kit.audit import run_audit

URL = "/v1/coupons/issues"
TEMPLATES = "/v1/coupons/templates"


@pytest.fixture(autouse=True)
async def audited(api: Api) -> AsyncIterator[None]:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with api.pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def make(api: Api, **body: Any) -> dict[str, Any]:
    answer = await api.post(URL, {"template_id": "FIVE", "reason": "thanks", **body})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def do(api: Api, found: dict[str, Any], act: str) -> dict[str, Any]:
    answer = await api.post(f"{URL}/{found['issue_id']}/{act}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def look(api: Api, found: dict[str, Any]) -> tuple[Any, ...]:
    now = (await api.get(f"{URL}/{found['issue_id']}")).json()
    return tuple(now[name] for name in ("state", "lines", "faulty", "done", "failed", "left"))


async def lines(api: Api, found: dict[str, Any]) -> list[tuple[Any, ...]]:
    items = (await api.get(f"{URL}/{found['issue_id']}/lines")).json()["items"]
    return [(line["member_id"], line["state"], (line["fault"] or {}).get("code")) for line in items]


async def upload(api: Api, text: str | bytes, **params: str) -> Any:
    body = text.encode() if isinstance(text, str) else text
    said = {"template_id": "FIVE", "reason": "thanks", **params}
    return await api.client.post(URL, content=body, params=said, headers={"content-type": "text/csv"})


async def test_previewed_issued_and_told_line_by_line(api: Api, tmp_path: Path) -> None:
    for member in ("m1", "m2", "m3"):
        await api.enrol(member)
    await template(api, pieces=2, per_member=1)
    await give(api, "m2")
    found = await make(api, member_ids=["m1", "m9", "m1", "m2", "m3"])
    assert await look(api, found) == ("preview", 5, 2, 0, 0, 1)
    assert (await one(api))["issued"] == 1
    assert (await do(api, found, "start"))["state"] == "approved"
    assert (await do(api, found, "start"))["state"] == "approved"
    await work(api, tmp_path)
    assert await look(api, found) == ("finished", 5, 2, 1, 2, 0)
    assert await lines(api, found) == [
        ("m1", "done", None), ("m9", "faulty", "member_not_found"), ("m1", "faulty", "coupon_line_double"),
        ("m2", "failed", "coupon_limit_reached"), ("m3", "failed", "coupons_gone"),
    ]  # fmt: skip
    coupon = (await api.get("/v1/coupons", member_id="m1")).json()["items"][0]
    assert coupon["source"] == "issue"
    assert (await api.get(f"{URL}/{found['issue_id']}/lines", state="done")).json()["items"][0]["coupon_id"] == (
        coupon["coupon_id"]
    )
    assert (await do(api, found, "start"))["state"] == "finished"
    assert told(await api.post(f"{URL}/{found['issue_id']}/cancel")) == (409, "coupon_issue_in_state")
    assert [item["issue_id"] for item in (await api.get(URL)).json()["items"]] == [found["issue_id"]]
    assert (await api.get(URL, template_id="OTHER")).json()["items"] == []


async def test_stopped_gone_on_with_and_given_up(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    who = [f"m{n}" for n in range(5)]
    for member in who:
        await api.enrol(member)
    await template(api)
    monkeypatch.setattr(module, "CHUNK", 2)
    found = await make(api, member_ids=who)
    await do(api, found, "start")
    settings = api.app.framework.state.process.settings

    class Stop:
        """Is set after the first chunk."""

        def is_set(self) -> bool:
            return bool(seen)

    seen: list[int] = []
    await apply_issue(
        api.pool, found["issue_id"], settings.clock, SHANGHAI, progress=seen.append,
        stop=Stop(),  # pyright: ignore[reportArgumentType]
    )  # fmt: skip
    assert seen == [2] and await look(api, found) == ("running", 5, 0, 2, 0, None)
    assert (await do(api, found, "stop"))["state"] == "stopped"
    await work(api, tmp_path)  # the job that waited finds it stopped
    assert await look(api, found) == ("stopped", 5, 0, 2, 0, None)
    assert told(await api.post(f"{URL}/{found['issue_id']}/void")) == (404, "route_not_found")
    await do(api, found, "start")
    await work(api, tmp_path)
    assert await look(api, found) == ("finished", 5, 0, 5, 0, None) and (await one(api))["issued"] == 5

    other = await make(api, member_ids=who)
    assert (await do(api, other, "cancel"))["state"] == "cancelled"
    assert told(await api.post(f"{URL}/{other['issue_id']}/start")) == (409, "coupon_issue_in_state")


async def test_those_of_a_city_and_of_a_tier(api: Api) -> None:
    for member, city in (("a", "杭州"), ("b", "杭州"), ("c", "宁波"), ("d", None)):
        data = {"member_id": member, "vote_id": "v", **({"city": city, "leader_id": "l"} if city else {})}
        assert (await api.tell("vote.cast", **data)).status_code == 200
    for member in ("b", "c"):
        body = {"member_id": member, "tier": "gold"}
        assert (await api.tell("member.tier_changed", time="2026-11-20T04:00:00Z", **body)).status_code == 200
    await template(api)

    async def whom(**body: Any) -> list[str]:
        return [member for member, _, _ in await lines(api, await make(api, **body))]

    assert await whom(city="杭州") == ["a", "b"]
    assert await whom(tier="gold") == ["b", "c"]
    assert await whom(city="杭州", tier="gold") == ["b"]
    assert await whom(everybody=True) == ["a", "b", "c", "d"]
    nobody = await api.post(URL, {"template_id": "FIVE", "reason": "r", "city": "上海"})
    assert told(nobody) == (409, "coupon_issue_for_nobody")
    for body in ({}, {"everybody": False}, {"everybody": True, "city": "杭州"}, {"member_ids": ["a"], "tier": "gold"}):
        assert told(await api.post(URL, {"template_id": "FIVE", "reason": "r", **body})) == (422, "invalid")
    assert told(await api.post(URL, {"template_id": "NO", "reason": "r", "everybody": True})) == (
        404, "coupon_template_not_found",
    )  # fmt: skip


async def test_a_csv_file_and_what_may_be_wrong_with_it(api: Api) -> None:
    await api.enrol("m1")
    await template(api)
    made = await upload(api, "\ufeffMember_ID\r\nm1\r\n\r\n m2 \r\n")
    assert made.status_code == 201, made.text
    assert await lines(api, made.json()) == [("m1", "ready", None), ("m2", "faulty", "member_not_found")]
    assert told(await upload(api, "会员\nm1\n".encode("gbk"))) == (422, "csv_encoding")
    assert told(await upload(api, "id\nm1\n")) == (422, "csv_columns")
    assert told(await upload(api, "member_id\nm1,5\n")) == (422, "csv_malformed")
    assert told(await upload(api, "member_id\n")) == (409, "coupon_issue_for_nobody")
    only = await api.client.post(URL, content=b"member_id\nm1\n", headers={"content-type": "text/csv"})
    assert [fault["place"] for fault in only.json()["errors"]] == ["query.template_id", "query.reason"]


async def test_one_request_is_one_issue(api: Api) -> None:
    await api.enrol("m1")
    await template(api)
    body = {"template_id": "FIVE", "reason": "r", "member_ids": ["m1"]}
    first = (await api.post(URL, body, key="k")).json()
    assert (await api.post(URL, body, key="k")).json() == first
    assert told(await api.post(URL, {**body, "reason": "other"}, key="k")) == (409, "idempotency_key_reused")


async def test_single_codes_made_claimed_and_exported(api: Api) -> None:
    await api.enrol("m1")
    await template(api, claim={"codes": "single"})
    await template(api, "PLAIN")
    made = (await api.post(f"{TEMPLATES}/FIVE/codes", {"number": 3})).json()["codes"]
    assert len({*made}) == 3 and made == sorted(made)
    assert told(await api.post(f"{TEMPLATES}/PLAIN/codes", {"number": 3})) == (409, "coupon_without_single_codes")
    assert (await claim(api, "m1", made[1])).status_code == 201
    listed = (await api.get(f"{TEMPLATES}/FIVE/codes", limit=2)).json()
    assert (listed["codes"], listed["claimed"], [item["code"] for item in listed["items"]]) == (3, 1, made[:2])
    rest = (await api.get(f"{TEMPLATES}/FIVE/codes", limit=2, cursor=listed["next_cursor"])).json()
    assert [item["code"] for item in rest["items"]] == made[2:]
    file = await api.get(f"{TEMPLATES}/FIVE/codes/export", claimed=False)
    assert file.headers["content-type"].startswith("text/csv") and file.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == [made[0], made[2]]
    assert told(await api.get(f"{TEMPLATES}/NONE/codes/export")) == (404, "coupon_template_not_found")


async def test_coupons_as_a_file(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.api.coupon_codes._PART", 2)
    await api.enrol("=m1")
    await api.enrol("m2")
    await template(api)
    made = [await give(api, member, cause) for member in ("=m1", "m2") for cause in ("a", "b", "c")]
    await api.post(f"/v1/coupons/{made[0]}/void", {"reason": "r"})
    file = await api.get("/v1/coupons/export")
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [row["coupon_id"] for row in rows] == made[::-1]
    assert {row["member_id"] for row in rows} == {"'=m1", "m2"}  # no formula in a spreadsheet
    assert rows[0]["title"] == TERMS["title"]["zh"] and rows[0]["issued_at"] == "2026-11-21T12:00:00+08:00"
    void = await api.get("/v1/coupons/export", state="void", member_id="=m1")
    assert void.text.count("\r\n") == 2
    assert NOW.startswith("2026-11-21")

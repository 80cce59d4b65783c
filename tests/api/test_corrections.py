"""Corrections through HTTP: previewed, approved by a second person, applied by the worker, stopped, reversed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import httpx
import pytest
from tests.api.conftest import Api
from tests.api.operators import add_user, browser, sign_in, told
from tests.flows.world import CHECKS

from linli import worker
from linli.flows import apply_correction as applying
from linli.kit.audit import run_audit
from linli.kit.db import fetch_all
from linli.settings import Settings

URL = "/v1/corrections"


@pytest.fixture(autouse=True)
async def audited(api: Api) -> AsyncIterator[None]:
    """Whatever a test did, the audit finds nothing."""
    yield
    async with api.pool.connection() as conn:
        assert await run_audit(conn, CHECKS) == []


async def work(api: Api, tmp_path: Any) -> None:
    """Let a worker do all jobs that wait, and go home."""
    settings = Settings(clock_file=tmp_path / "clock", home=tmp_path)  # pyright: ignore
    app = worker.make_app(api.pool.conninfo, api.pool, settings)
    async with app.open_async():
        await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="always")


async def make(client: Any, *lines: dict[str, Any], reason: str = "batch") -> dict[str, Any]:
    answer = await _post(client, "", {"reason": reason, "lines": list(lines)})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def _post(client: Any, path: str, body: Any) -> httpx.Response:
    """By the test's own key, or by whoever sits at that browser."""
    return await getattr(client, "client", client).post(f"{URL}{path}", json=body)


async def do(client: Any, found: dict[str, Any], act: str, **body: Any) -> dict[str, Any]:
    answer = await _post(client, f"/{found['correction_id']}/{act}", body or None)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


async def refused(client: Any, found: dict[str, Any], act: str, **body: Any) -> tuple[int, str]:
    return told(await _post(client, f"/{found['correction_id']}/{act}", body or None))


async def one(api: Api, found: dict[str, Any]) -> dict[str, Any]:
    return (await api.get(f"{URL}/{found['correction_id']}")).json()


async def lines(api: Api, found: dict[str, Any], **params: Any) -> list[dict[str, Any]]:
    answer = await api.get(f"{URL}/{found['correction_id']}/lines", **params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def figures(found: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(found[name] for name in ("state", "lines", "faulty", "done", "failed"))


async def upload(api: Api, text: str | bytes, reason: str | None = "batch", **headers: str) -> httpx.Response:
    body = text.encode() if isinstance(text, str) else text
    params = {"reason": reason} if reason else {}
    return await api.client.post(URL, content=body, params=params, headers={"content-type": "text/csv", **headers})


async def test_a_file_is_previewed_submitted_and_applied(api: Api, tmp_path: Any) -> None:
    await api.enrol("m1", 500)
    await api.tell("order.paid", member_id="m2", order_id="o1", paid_fen=3680)
    file = "member_id,points,reason,grant_key\nm1,-200,误发,\nm2,,,order:o1:base\nm9,5,,\nm2,30,,\n"
    answer = await upload(api, file, "全部更正")
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert figures(found) == ("preview", 4, 1, 0, 0)
    assert (found["credit_points"], found["debit_points"], found["needs_approval"]) == (30, 236, False)
    assert (found["by"], found["reason"], found["reverses"]) == ("test", "全部更正", None)
    first, second, third, fourth = await lines(api, found)
    assert (first["points"], first["available_before"], first["available_after"], first["reason"]) == (
        -200, 500, 300, "误发",
    )  # fmt: skip
    assert (second["act"], second["points"], second["available_after"], second["reason"]) == (
        "reverse", -36, 0, "全部更正",
    )  # fmt: skip
    assert third["state"] == "faulty" and third["fault"]["code"] == "member_not_found"
    assert fourth["available_after"] == 30
    assert (await api.balance("m1"))["available"] == 500  # nothing is done before it is submitted
    assert (await do(api, found, "submit"))["state"] == "approved"
    assert (await do(api, found, "submit"))["state"] == "approved"
    await work(api, tmp_path)
    assert figures(await one(api, found)) == ("finished", 4, 1, 3, 0)
    assert (await one(api, found))["finished_at"] is not None
    assert ((await api.balance("m1"))["available"], (await api.balance("m2"))["available"]) == (300, 30)
    assert (await api.balance("m2"))["pending"] == []
    (line, *_) = (await api.get("/v1/members/m1/statement")).json()["items"]
    assert (line["kind"], line["points"], line["reason"], line["actor"]) == ("adjust", 200, "误发", "test")
    assert line["key"] == f"correction:{found['correction_id']}:1"
    assert [item["no"] for item in await lines(api, found, state="faulty")] == [3]
    assert await refused(api, found, "cancel") == (409, "correction_in_state")


async def test_above_the_threshold_a_second_person_approves(api: Api, tmp_path: Any) -> None:
    await api.enrol("m1", 6_000)
    for name in ("lin", "chen"):
        await add_user(api, name)
    async with browser(api) as lin, browser(api) as chen:
        await sign_in(lin, "lin")
        await sign_in(chen, "chen")
        just = await make(lin, {"member_id": "m1", "points": 4_000}, {"member_id": "m1", "points": -6_000})
        assert (just["credit_points"], just["debit_points"], just["needs_approval"]) == (4_000, 6_000, False)
        found = await make(lin, {"member_id": "m1", "points": 4_001}, {"member_id": "m1", "points": -6_000})
        assert found["needs_approval"] is True
        assert (await do(lin, found, "submit"))["state"] == "waiting"
        await work(api, tmp_path)
        assert (await api.balance("m1"))["available"] == 6_000
        assert await refused(lin, found, "approve") == (409, "four_eyes")
        assert await refused(api, found, "approve") == (403, "forbidden")  # a key is no person
        assert await refused(lin, found, "resume") == (409, "correction_in_state")
        approved = await do(chen, found, "approve")
        assert (approved["state"], approved["approved_by"]) == ("approved", "chen")
        assert await do(chen, found, "approve") == approved
        await work(api, tmp_path)
        assert figures(await one(api, found))[0] == "finished"
        assert (await api.balance("m1"))["available"] == 4_001
        rejected = await make(lin, {"member_id": "m1", "points": 10_001})
        assert await refused(chen, rejected, "approve") == (409, "correction_in_state")
        await do(lin, rejected, "submit")
        told_no = await do(chen, rejected, "reject", reason="too much")
        assert (told_no["state"], told_no["remark"]) == ("rejected", "too much")
        assert await refused(chen, rejected, "approve") == (409, "correction_in_state")
        await add_user(api, "audit", role="auditor")
        async with browser(api) as auditor:
            await sign_in(auditor, "audit")
            assert (await auditor.get(f"{URL}/{found['correction_id']}")).status_code == 200
            assert await refused(auditor, found, "approve") == (403, "forbidden")
    async with api.pool.connection() as conn:
        acts = await fetch_all(
            conn, "SELECT actor, act, reason FROM access_act WHERE act ~ 'correction' ORDER BY act_id"
        )
    assert acts == [
        ("lin", "correction.submit", "batch"), ("chen", "correction.approve", "batch"),
        ("chen", "correction.approve", "batch"), ("lin", "correction.submit", "batch"),
        ("chen", "correction.reject", "too much"),
    ]  # fmt: skip


async def test_single_postings_above_the_threshold_want_approval(api: Api) -> None:
    await api.enrol("m1", 10_000)
    for points in (10_001, -10_001):
        answer = await api.post("/v1/members/m1/adjustments", {"points": points, "reason": "r"}, key="k")
        assert told(answer) == (409, "approval_needed")
        assert (answer.json()["points"], answer.json()["approval_points"]) == (10_001, 10_000)
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=1_000_100)
    reversal = {"grant_key": "order:o1:base", "reason": "r"}
    assert told(await api.post("/v1/members/m1/reversals", reversal, key="k")) == (409, "approval_needed")
    assert (await api.post("/v1/members/m1/reversals", reversal | {"points": 10_000}, key="k")).status_code == 201
    assert (await api.balance("m1"))["available"] == 10_000


async def test_what_has_changed_since_the_preview_fails_with_its_reason(api: Api, tmp_path: Any) -> None:
    await api.enrol("m1", 100)
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=1_000)
    found = await make(
        api, {"member_id": "m1", "points": -80}, {"member_id": "m1", "grant_key": "order:o1:base"},
        {"member_id": "m1", "points": 7},
    )  # fmt: skip
    await api.post("/v1/members/m1/adjustments", {"points": -50, "reason": "r"}, key="k")
    await api.post("/v1/members/m1/reversals", {"grant_key": "order:o1:base", "points": 1, "reason": "r"}, key="k2")
    await do(api, found, "submit")
    await work(api, tmp_path)
    assert figures(await one(api, found)) == ("finished", 3, 0, 1, 2)
    first, second, third = await lines(api, found)
    assert (first["state"], first["fault"]["code"], first["available_before"]) == ("failed", "insufficient_points", 50)
    assert "50" in first["fault"]["text"]
    assert (second["state"], second["fault"]["code"]) == ("failed", "reverse_too_large")
    assert (third["state"], third["available_before"], third["available_after"]) == ("done", 50, 57)


async def test_reversed_everything_is_where_it_was_lot_by_lot(api: Api, tmp_path: Any) -> None:
    """Credits, debits of several lots, a promise lowered and a settled grant taken back: the opposite of each."""
    await api.enrol("m1")
    for points, until in ((40, "2026-12-05"), (60, "2027-03-01")):
        body = {"points": points, "reason": "r", "expires_on": until}
        assert (await api.post("/v1/members/m1/adjustments", body, key=until)).status_code == 201
    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=3_000)
    lots = (await api.get("/v1/members/m1/lots")).json()
    before = await api.balance("m1")
    found = await make(
        api, {"member_id": "m1", "points": -70}, {"member_id": "m1", "points": 25},
        {"member_id": "m1", "grant_key": "order:o1:base", "points": 12},
    )  # fmt: skip
    await do(api, found, "submit")
    assert await refused(api, found, "reverse", reason="x") == (409, "correction_in_state")
    await work(api, tmp_path)
    assert (await api.balance("m1"))["available"] == 55
    undo = await do(api, found, "reverse", reason="wrong list")
    assert (undo["state"], undo["reverses"], undo["lines"]) == ("preview", found["correction_id"], 3)
    assert (undo["credit_points"], undo["debit_points"]) == (82, 25)
    again = await api.post(f"{URL}/{found['correction_id']}/reverse", {"reason": "x"})
    assert (told(again), again.json()["correction_id"]) == (
        (409, "correction_being_reversed"), undo["correction_id"],
    )  # fmt: skip
    await do(api, undo, "submit")
    await work(api, tmp_path)
    assert figures(await one(api, undo)) == ("finished", 3, 0, 3, 0)
    assert await api.balance("m1") == before
    after = (await api.get("/v1/members/m1/lots")).json()["items"]
    assert [lot for lot in after if lot["remaining"]] == lots["items"]
    assert await refused(api, found, "reverse", reason="x") == (422, "nothing_to_correct")
    # The way back has a way back.
    redo = await do(api, undo, "reverse", reason="it was right")
    await do(api, redo, "submit")
    await work(api, tmp_path)
    assert (await api.balance("m1"))["available"] == 55
    assert sum(part["points"] for part in (await api.balance("m1"))["pending"]) == 18


async def test_what_was_spent_meanwhile_becomes_debt_when_a_credit_is_reversed(api: Api, tmp_path: Any) -> None:
    await api.enrol("m1")
    found = await make(api, {"member_id": "m1", "points": 100})
    await do(api, found, "submit")
    await work(api, tmp_path)
    hold = (await api.post("/v1/members/m1/holds", {"points": 70}, key="h")).json()["hold_id"]
    await api.post(f"/v1/members/m1/holds/{hold}/capture", {}, key="c")
    undo = await do(api, found, "reverse", reason="wrong")
    await do(api, undo, "submit")
    await work(api, tmp_path)
    balance = await api.balance("m1")
    assert (balance["available"], balance["debt"]) == (0, 70)
    redo = await do(api, undo, "reverse", reason="right")
    await do(api, redo, "submit")
    await work(api, tmp_path)
    balance = await api.balance("m1")
    assert (balance["available"], balance["debt"]) == (30, 0)


async def test_a_settled_grant_is_given_back_what_was_reversed(api: Api, tmp_path: Any) -> None:
    from tests.api.mine import at

    await api.tell("order.paid", member_id="m1", order_id="o1", paid_fen=3_000)
    await api.tell("order.paid", member_id="m2", order_id="o2", paid_fen=3_000)
    await at(api, "2026-11-22T02:00:00+08:00", "settle")
    before = [
        (await api.balance(member), (await api.get(f"/v1/members/{member}/lots")).json()) for member in ("m1", "m2")
    ]
    found = await make(
        api, {"member_id": "m1", "grant_key": "order:o1:base", "points": 10},
        {"member_id": "m1", "grant_key": "order:o1:base"}, {"member_id": "m2", "grant_key": "order:o2:base"},
    )  # fmt: skip
    await do(api, found, "submit")
    await work(api, tmp_path)
    assert (await api.balance("m1"))["available"] == 0
    # A refund has changed what is due of m2's grant since: that line is not undone blindly.
    undo = await do(api, found, "reverse", reason="wrong")
    async with api.pool.connection() as conn:
        await conn.execute("UPDATE ledger_grant SET reversed = reversed - 1 WHERE member_id = 'm2'")
    await do(api, undo, "submit")
    await work(api, tmp_path)
    async with api.pool.connection() as conn:
        await conn.execute("UPDATE ledger_grant SET reversed = reversed + 1 WHERE member_id = 'm2'")
    assert figures(await one(api, undo)) == ("finished", 3, 0, 2, 1)
    assert [line["fault"]["code"] for line in await lines(api, undo, state="failed")] == ["grant_changed"]
    assert (await api.balance("m1"), (await api.get("/v1/members/m1/lots")).json()) == before[0]
    (grant,) = (await api.get("/v1/members/m1/grants")).json()["items"]
    assert (grant["points"], grant["reversed"]) == (30, 0)
    # What failed may be tried once more.
    rest = await do(api, found, "reverse", reason="again")
    assert rest["lines"] == 1
    await do(api, rest, "submit")
    await work(api, tmp_path)
    assert (await api.balance("m2"), (await api.get("/v1/members/m2/lots")).json()) == before[1]


class Killed(BaseException):
    """A worker dies, after a chunk's work and before its commit."""


async def test_killed_within_a_chunk_it_goes_on_where_it_was(
    api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "CHUNK", 3)
    members = [f"m{n}" for n in range(8)]
    for member in members:
        await api.enrol(member, 50)
    asked = [{"member_id": member, "points": n - 4 or 9} for n, member in enumerate(members)]
    found = await make(api, *asked)
    await do(api, found, "submit")
    chunk, seen = applying._chunk, 0

    async def dying(*args: Any) -> int:
        nonlocal seen
        seen += 1
        done = await chunk(*args)
        if seen == 2:
            raise Killed
        return done

    monkeypatch.setattr(applying, "_chunk", dying)
    apply = partial(
        applying.apply_correction, api.pool, found["correction_id"], Settings(clock_file=tmp_path / "clock").clock,  # pyright: ignore
        Settings().calendar,
    )  # fmt: skip
    with pytest.raises(Killed):
        await apply()
    assert figures(await one(api, found)) == ("running", 8, 0, 3, 0)
    assert figures(await do(api, found, "stop")) == ("stopped", 8, 0, 3, 0)
    await apply()
    assert figures(await one(api, found)) == ("stopped", 8, 0, 3, 0)
    assert (await do(api, found, "resume"))["state"] == "approved"
    await work(api, tmp_path)
    assert figures(await one(api, found)) == ("finished", 8, 0, 8, 0)
    left = [(await api.balance(member))["available"] for member in members]
    assert left == [50 + (n - 4 or 9) for n in range(8)]


async def test_a_stopped_one_may_be_given_up_and_what_it_did_reversed(
    api: Api, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "CHUNK", 1)
    for member in ("m1", "m2"):
        await api.enrol(member)
    found = await make(api, {"member_id": "m1", "points": 5}, {"member_id": "m2", "points": 5})
    await do(api, found, "submit")
    chunk = applying._chunk

    async def then_stopped(*args: Any) -> int:
        done = await chunk(*args)
        await applying.corrections.move(args[0], args[1], "stopped")
        return done

    monkeypatch.setattr(applying, "_chunk", then_stopped)
    await work(api, tmp_path)
    monkeypatch.setattr(applying, "_chunk", chunk)
    assert figures(await one(api, found)) == ("stopped", 2, 0, 1, 0)
    assert (await do(api, found, "cancel"))["state"] == "cancelled"
    assert await refused(api, found, "resume") == (409, "correction_in_state")
    undo = await do(api, found, "reverse", reason="r")
    assert [line["member_id"] for line in await lines(api, undo)] == ["m1"]
    await do(api, undo, "submit")
    await work(api, tmp_path)
    assert [(await api.balance(member))["available"] for member in ("m1", "m2")] == [0, 0]


async def test_an_upload_sent_again_is_one_correction(api: Api) -> None:
    await api.enrol("m1")
    file = "member_id,points\nm1,5\n"
    first = await upload(api, file, **{"idempotency-key": "k"})
    assert (await upload(api, file, **{"idempotency-key": "k"})).json() == first.json()
    assert told(await upload(api, file + "m1,6\n", **{"idempotency-key": "k"})) == (409, "idempotency_key_reused")
    assert (await upload(api, file)).json()["correction_id"] != first.json()["correction_id"]
    listed = (await api.get(URL, limit=1)).json()
    assert len(listed["items"]) == 1 and listed["next_cursor"]
    rest = (await api.get(URL, limit=1, cursor=listed["next_cursor"])).json()
    assert [item["correction_id"] for item in rest["items"]] == [first.json()["correction_id"]]
    assert (await api.get(URL, state="waiting")).json()["items"] == []


async def test_bad_input_is_refused_as_a_whole(api: Api) -> None:
    await api.enrol("m1")
    cases: list[tuple[httpx.Response, int, str]] = [
        (await upload(api, "member_id,points\nm1,5\n", None), 422, "invalid"),
        (await upload(api, "member_id,points\nm1,5\n", " "), 422, "invalid"),
        (await upload(api, "会员,积分\n".encode("gbk")), 422, "csv_encoding"),
        (await upload(api, "who,points\n"), 422, "csv_columns"),
        (await upload(api, "member_id,points\n"), 422, "nothing_to_correct"),
        (await upload(api, ""), 422, "csv_columns"),
        (await api.client.post(URL, content=b"x", headers={"content-type": "text/plain"}), 415,
         "unsupported_content_type"),
        (await api.post(URL, {"reason": "r", "lines": []}), 422, "invalid"),
        (await api.post(URL, {"reason": "r", "lines": [{"member_id": "m1", "points": 1.5}]}), 422, "invalid"),
        (await api.post(URL, {"reason": "r", "lines": [{"member_id": "m1", "point": 1}]}), 422, "invalid"),
        (await api.post(URL, {"lines": [{"member_id": "m1", "points": 1}]}), 422, "invalid"),
        (await api.get(f"{URL}/0193a1c2-8f00-7000-8000-000000000001"), 404, "correction_not_found"),
    ]  # fmt: skip
    for answer, status, code in cases:
        assert told(answer) == (status, code), answer.text
    assert (await api.get(URL)).json()["items"] == []
    all_faulty = await make(api, {"member_id": "m9", "points": 1})
    assert await refused(api, all_faulty, "submit") == (422, "nothing_to_correct")

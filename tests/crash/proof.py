"""What must be true in the end, however often something was killed: asked of the tables and of the audit."""

from __future__ import annotations

from collections import Counter

from linli.kit.audit import checks_in, run_audit
from linli.kit.db import Connection, fetch_all
from linli.kit.resources import resource
from tests.crash.shop import SOURCE, START_POINTS, Shop


async def prove(conn: Connection, shop: Shop) -> None:
    """All that was sent is there once; points are what plain Python reckons; the audit finds nothing.

    To be called once everything was acknowledged and the last settlement is done.
    """
    assert shop.faults == []
    assert shop.unsure == 0 and shop.told.keys() == shop.events.keys()
    assert all(posting.answer for posting in shop.postings)
    assert max(shop.accepted.values()) == 1, "nothing is accepted twice"
    await _events_are_there_once(conn, shop)
    await _grants_are_those_of_the_events(conn, shop)
    await _postings_are_there_once(conn, shop)
    await _balances_are_the_plain_sum(conn, shop)
    assert await run_audit(conn, checks_in(resource("db") / "audit")) == []


async def _events_are_there_once(conn: Connection, shop: Shop) -> None:
    for table in ("inbox_key", "inbox_event"):
        rows = await fetch_all(conn, f"SELECT event_id, count(*) FROM {table} WHERE source = %s GROUP BY 1", (SOURCE,))
        assert dict(rows) == dict.fromkeys(shop.events, 1), table


async def _grants_are_those_of_the_events(conn: Connection, shop: Shop) -> None:
    rows = await fetch_all(conn, "SELECT event_id, promised FROM ledger_grant WHERE rule <> 'first_group'")
    assert len(rows) == len({event_id for event_id, _ in rows}), "one grant an event"
    plain = {event_id: shop.plain_points(event) for event_id, event in shop.events.items()}
    assert {event_id: n for event_id, n in rows if n} == {event_id: n for event_id, n in plain.items() if n}
    told = Counter(
        event_id for event_id, granted in shop.told.items() for one in granted if one["rule"] != "first_group"
    )
    assert told == Counter(event_id for event_id, _ in rows), "what was told is what there is"
    pending = await fetch_all(conn, "SELECT event_id FROM ledger_grant WHERE state = 'pending'")
    assert pending == []


async def _postings_are_there_once(conn: Connection, shop: Shop) -> None:
    rows = await fetch_all(
        conn,
        "SELECT kind::text, member_id, key, sum(points)::bigint FROM ledger_movement "
        "WHERE kind IN ('spend', 'hold', 'adjust') GROUP BY kind, member_id, key, seq",
    )
    found = Counter((kind, member_id, points) for kind, member_id, _, points in rows)
    sent = Counter(
        ("spend", one.member_id, one.spent) if one.path.endswith("/redeem")
        else ("hold", one.member_id, one.held) if one.path.endswith("/holds")
        else ("adjust", one.member_id, START_POINTS)
        for one in shop.postings
        if not one.path.endswith(("/capture", "/release"))
    )  # fmt: skip
    assert found == sent
    spent = {key for kind, _, key, _ in rows if kind == "spend"}
    assert spent == {f"redeem:{one.body['order_id']}" for one in shop.postings if one.path.endswith("/redeem")}


async def _balances_are_the_plain_sum(conn: Connection, shop: Shop) -> None:
    rows = await fetch_all(conn, "SELECT member_id, available, held, debt FROM ledger_balance WHERE wallet = 'points'")
    assert {row[0]: (row[1], row[2]) for row in rows} == shop.plain_balances()
    assert all(row[3] == 0 for row in rows)

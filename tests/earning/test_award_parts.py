"""Revision 0010: what was frozen with an order before awards had parts is read, and reckoned, as before."""

from __future__ import annotations

import psycopg
import sqlalchemy
from alembic import command

from linli.earning import read_orders
from linli.kit.db import make_pool
from linli.kit.migrate import config, migrate
from linli.words.grants import Award, Part

OLD = (
    '[{"event_id":"e1","paid_fen":3000,"lines":[["1",1000],["2",2000]],"awards":['
    '{"key":"order:o1:base","rule":"base","rule_version":1,"points":1,"per_fen":100},'
    '{"key":"order:o1:fresh","rule":"fresh","rule_version":2,"points":1,"per_fen":50,"lines":[1]}]},'
    '{"event_id":"e2","paid_fen":3000,"lines":[],"awards":[]}]'
)


async def test_old_awards_get_one_part(empty_database_url: str) -> None:
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(empty_database_url), poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        before = config()
        before.attributes["connection"] = connection
        command.upgrade(before, "0017")
    with psycopg.connect(empty_database_url) as conn:
        for order_id, bases in (("o1", OLD), ("o2", "[]")):
            conn.execute("INSERT INTO earning_order VALUES ('m', %s, NULL, 3000, NULL, %s, '{}')", (order_id, bases))
    migrate(empty_database_url)
    async with make_pool(empty_database_url) as pool, pool.connection() as conn:
        orders = await read_orders(conn, [("m", "o1"), ("m", "o2")])
    first, second = orders["m", "o1"].bases
    assert [(basis.event_id, basis.lines) for basis in (first, second)] == [
        ("e1", (("1", 1000), ("2", 2000))),
        ("e2", ()),
    ]
    assert first.awards == (
        Award("order:o1:base", "base", 1, (Part(1, 100),)),
        Award("order:o1:fresh", "fresh", 2, (Part(1, 50, (1,)),)),
    )
    assert (second.awards, orders["m", "o2"].bases) == ((), ())

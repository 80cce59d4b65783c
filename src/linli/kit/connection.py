"""The connection of the house: psycopg's, with statements that travel together in one round trip.

psycopg makes a cursor for each statement, and in a pipeline wakes the server for each: two system calls and a turn of
the event loop, which cost more than the statements of a small batch. Here statements are prepared at their first use,
written into libpq's buffer one after another, and leave in one piece; BEGIN goes ahead of a transaction's first
statement, and what needs no answer rides along with COMMIT. Encoding, decoding and errors are psycopg's.
"""

from __future__ import annotations

import re
import time
import types
from collections.abc import AsyncIterator, Coroutine, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

import psycopg
from psycopg import AsyncConnection, AsyncTransaction, pq
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import fetch_many
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow
from psycopg.waiting import Ready, Wait

T = TypeVar("T")
Work = Coroutine[Any, Any, Any]

_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|(s)|%)")
_MOST_PREPARED = 500
_IDLE = pq.TransactionStatus.IDLE
_IN_ERROR = pq.TransactionStatus.INERROR
_FAILED = pq.ExecStatus.FATAL_ERROR
_ROWS = pq.ExecStatus.TUPLES_OK

_Prepared: TypeAlias = tuple[str, tuple[int, ...]]
"""(statement, types of its parameters)"""


class Answer:
    """What a statement gave: its rows, read already."""

    __slots__ = ("_next", "rowcount", "rows")

    def __init__(self, rows: list[TupleRow], rowcount: int) -> None:
        self.rows, self.rowcount, self._next = rows, rowcount, 0

    async def fetchall(self) -> list[TupleRow]:
        """The rows that were not fetched yet."""
        rest, self._next = (self.rows[self._next :] if self._next else self.rows), len(self.rows)
        return rest

    async def fetchone(self) -> TupleRow | None:
        """The next row, or None."""
        if self._next >= len(self.rows):
            return None
        self._next += 1
        return self.rows[self._next - 1]


class _Sent:
    """One statement on its way."""

    __slots__ = ("answer", "params", "sql", "transformer")
    transformer: Any

    def __init__(self, sql: str, params: Mapping[str, Any] | Sequence[Any] | None) -> None:
        self.sql, self.params = sql, params
        self.answer: Answer | None = None


_Awaited: TypeAlias = "tuple[_Prepared, bytes] | _Sent | None"
"""What the server will answer to: a preparation, a statement, or BEGIN."""
_Packed: TypeAlias = "tuple[bytes, Sequence[Any] | None, tuple[int, ...], Sequence[pq.Format] | None]"
"""(SQL with numbered parameters, their values, types and formats)"""


class Connection(AsyncConnection[TupleRow]):
    """As psycopg's, but `execute` answers with an `Answer`. Beside it `together` and `later`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._names: dict[_Prepared, bytes] = {}
        self._named = 0
        self._gathering: list[_Sent] | None = None
        self._riding: list[tuple[Work, _Sent]] = []
        self.used_at = 0.0
        """When its last work ended, in seconds that never go back."""

    async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        """Run one statement with parameters. Composed SQL and options go psycopg's own way."""
        if options or not isinstance(query, str):
            await self._send([])
            return await super().execute(query, params, **options)
        sent = _Sent(query, params)
        if self._gathering is None:
            await self._send([sent])
        else:
            self._gathering.append(sent)
            await _until_resumed()
        return sent.answer

    async def together(self, *work: Work) -> list[Any]:
        """Results of several pieces of `work` on this connection, sent in their order, answered in one round trip.

        Each must need one statement at the most before its first result. Raises what failed first.
        """
        results, waiting = self._step(work)
        try:
            await self._send([sent for _, _, sent in waiting])
            for place, piece, _ in waiting:
                results[place] = await _resume(piece)
        finally:
            for _, piece, _ in waiting:
                piece.close()  # what comes after one that failed does not go on
        return results

    def later(self, *work: Work) -> None:
        """Let `work`, one statement each whose result nobody needs, ride with the next statement or the commit."""
        self._riding += [(piece, sent) for _, piece, sent in self._step(work)[1]]

    async def commit(self) -> None:
        """Commit, with what rides along."""
        if self._riding:
            await self._send([_Sent("COMMIT", None)])
        else:
            await super().commit()

    async def rollback(self) -> None:
        """Roll back; what rode along was never sent."""
        self._dismiss()
        await super().rollback()

    @asynccontextmanager
    async def transaction(self, *args: Any, **kwargs: Any) -> AsyncIterator[AsyncTransaction]:
        """As psycopg's; what rides along is sent before it begins, and before it ends."""
        await self._send([])
        async with super().transaction(*args, **kwargs) as transaction:
            try:
                yield transaction
            except BaseException:
                self._dismiss()
                raise
            await self._send([])

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        """Commit, or roll back after an error. Raises where psycopg would say nothing, and nothing would be written:

        OperationalError where the connection was lost since the last statement, InFailedSqlTransaction where an error
        of a statement was swallowed.
        """
        if exc_type is None and self.broken:
            raise psycopg.OperationalError("the connection was lost before the commit")
        if exc_type is None and self.pgconn.transaction_status == _IN_ERROR:
            await self.rollback()
            raise psycopg.errors.InFailedSqlTransaction("a statement failed, and nobody rolled back")
        await super().__aexit__(exc_type, exc_val, exc_tb)
        # Not by the pool's `reset`: with one, each return is a task of its own and the next caller waits for it.
        self.used_at = time.monotonic()

    def _dismiss(self) -> None:
        riding, self._riding = self._riding, []
        for piece, _ in riding:
            piece.close()

    def _step(self, work: Sequence[Work]) -> tuple[list[Any], list[tuple[int, Work, _Sent]]]:
        """Take each piece to its first statement: (results of those that need none, the others)."""
        assert self._gathering is None, "pieces of work that travel together do not gather others"
        results: list[Any] = [None] * len(work)
        waiting: list[tuple[int, Work, _Sent]] = []
        self._gathering = gathered = []
        try:
            for place, piece in enumerate(work):
                try:
                    piece.send(None)
                except StopIteration as done:
                    results[place] = done.value
                else:
                    waiting.append((place, piece, gathered[-1]))
        except BaseException:
            for piece in work:
                piece.close()
            raise
        finally:
            self._gathering = None
        assert len(waiting) == len(gathered), "a piece waits for its own statement and nothing else"
        return results, waiting

    async def _send(self, group: list[_Sent]) -> None:
        riding, self._riding = self._riding, []
        group = [sent for _, sent in riding] + group
        if not group:
            return
        try:
            async with self.lock:
                await self.wait(self._travel(group))
        except BaseException:
            for piece, _ in riding:
                piece.close()
            raise
        for piece, _ in riding:
            try:
                piece.send(None)
            except StopIteration:
                continue
            raise AssertionError("what rides along is one statement")

    def _travel(self, group: list[_Sent]) -> PQGen[None]:
        pgconn = self.pgconn
        if pgconn.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError("the connection is closed")
        assert not self.autocommit, "work is done in transactions: without one, half of it might stay"
        begin = pgconn.transaction_status == _IDLE
        # A value that cannot be sent fails here, with nothing on its way yet: the connection is as it was.
        packed = [(sent, self._packed(sent)) for sent in group]
        awaited: list[_Awaited] = []
        results: list[PGresult] = []
        pgconn.enter_pipeline_mode()
        try:
            if begin:
                pgconn.send_query_params(b"BEGIN", None)
                awaited.append(None)
            for sent, pack in packed:
                self._write(sent, pack, awaited)
            pgconn.pipeline_sync()
            while pgconn.flush():
                if (yield Wait.RW) & Ready.R:
                    pgconn.consume_input()
            for _ in awaited:
                results += yield from fetch_many(pgconn)
            yield from fetch_many(pgconn)
        finally:
            try:
                pgconn.exit_pipeline_mode()
            except psycopg.OperationalError:
                pgconn.finish()  # broken, or left with answers nobody will read: not to be used again
        self._read(awaited, results)

    def _packed(self, sent: _Sent) -> _Packed:
        """The statement and its values as they are sent. Raises what their dumpers raise."""
        sql, names = _compiled(sent.sql, sent.params is not None)
        transformer = sent.transformer = Transformer(self)
        if sent.params is None:
            return sql, None, (), None
        given: Any = sent.params
        row = [given[name] for name in names] if isinstance(given, Mapping) else list(given)
        values = transformer.dump_sequence(row, [PyFormat.AUTO] * len(row))
        return sql, values, tuple(transformer.types or ()), transformer.formats

    def _write(self, sent: _Sent, packed: _Packed, awaited: list[_Awaited]) -> None:
        """Put one statement into libpq's buffer, prepared where it is not yet."""
        pgconn = self.pgconn
        sql, values, oids, formats = packed
        key = (sent.sql, oids)
        name = self._names.get(key)
        if name is None and len(self._names) < _MOST_PREPARED and sent.sql != "COMMIT":
            self._named += 1
            name = b"linli_%d" % self._named
            pgconn.send_prepare(name, sql, oids)
            awaited.append((key, name))
        if name is None:
            pgconn.send_query_params(sql, values, oids, formats)
        else:
            pgconn.send_query_prepared(name, values, formats)
        awaited.append(sent)

    def _read(self, awaited: list[_Awaited], results: list[PGresult]) -> None:
        """Give each statement its answer, remember what was prepared. Raises what failed first."""
        for what, result in zip(awaited, results, strict=True):
            if result.status == _FAILED:
                raise self._failure(error_from_result(result, encoding="utf-8"))
            if what is None:
                continue
            if isinstance(what, _Sent):
                rows: list[Any] = []
                if result.status == _ROWS:
                    what.transformer.set_pgresult(result)
                    rows = what.transformer.load_rows(0, result.ntuples, tuple)
                what.answer = Answer(rows, result.command_tuples or 0)
            else:
                key, name = what
                self._names[key] = name

    def _failure(self, error: psycopg.Error) -> psycopg.Error:
        """The error of a statement; where what was prepared holds no more, it is forgotten, and the work is to be done
        again: somebody dropped it, or a migration changed what it returns."""
        stale = isinstance(error, psycopg.errors.InvalidSqlStatementName) or (
            isinstance(error, psycopg.errors.FeatureNotSupported)
            and error.diag.source_function == "RevalidateCachedQuery"
        )
        if not stale:
            return error
        self._names.clear()
        return psycopg.OperationalError(f"prepared statements are stale: {error}")


@lru_cache(maxsize=2_000)
def _compiled(sql: str, with_params: bool) -> tuple[bytes, tuple[str, ...]]:
    """The statement with numbered parameters, and their names in that order (empty for those without a name)."""
    if not with_params:
        return sql.encode(), ()
    names: dict[str, int] = {}
    unnamed = 0

    def numbered(found: re.Match[str]) -> str:
        nonlocal unnamed
        if found.group(1):
            return f"${names.setdefault(found.group(1), len(names) + 1)}"
        if found.group(2):
            unnamed += 1
            return f"${unnamed}"
        return "%"

    text = _PLACEHOLDER.sub(numbered, sql)
    assert not (names and unnamed), "parameters have names, or none has"
    return text.encode(), tuple(names)


@types.coroutine
def _until_resumed() -> Generator[None, None, None]:
    yield


@types.coroutine
def _resume(piece: Work) -> Generator[Any, Any, Any]:
    """Await the rest of a coroutine that was taken to its first statement."""
    try:
        signal = piece.send(None)
        while True:
            try:
                value = yield signal
            except BaseException as error:  # cancelled, say: it concerns the piece
                signal = piece.throw(error)
            else:
                signal = piece.send(value)
    except StopIteration as done:
        return done.value

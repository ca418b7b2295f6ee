"""Reads the archive: a few threads with a connection each that can change nothing, and a deadline for each query."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import apsw

from kernel.errors import Unavailable
from plugins.history import schema
from plugins.history.codes import HistoryRefusal
from plugins.history.values import pack
from plugins.history.writer import DAMAGED

T = TypeVar("T")
Query = Callable[[apsw.Connection], T]
STEPS: Final = 2_000
"""Instructions of SQLite's machine between two looks at the clock: some 20 µs."""
WAITING_MOST: Final = 64
"""Queries that wait for a thread or run."""


ENDED_AT: Final = {
    "chat": "select closed_at from chats where id = ?",
    "task": "select ended_at from tasks where id = ?",
}


def ended_at(path: Path, of: str) -> int | None:
    """When the chat or task of that id ended; None where the archive has none such, or cannot be read just now.

    One look-up by its index, so that the event loop may wait for it.
    """
    prefix = of.partition("_")[0]
    if prefix not in ENDED_AT:
        return None
    try:
        db = schema.opened_to_read(path)
    except (apsw.Error, schema.Unusable, OSError):
        return None
    try:
        row = db.execute(ENDED_AT[prefix], (pack(prefix, of),)).fetchone()
    except apsw.Error:
        return None
    finally:
        db.close()
    return int(row[0]) if row is not None and row[0] is not None else None


class ArchivePosition(NamedTuple):
    """Where the archive stood when a query was answered: the last event that it had, and when that was."""

    seq: int
    ts: int


class Readers:
    """`generation` counts the writer's files: with another one, connections are opened anew."""

    def __init__(self, path: Path, threads: int, seconds: float, generation: Callable[[], int]) -> None:
        self._path = path
        self.seconds = seconds
        self.steps = STEPS
        self._generation = generation
        self._pool = ThreadPoolExecutor(threads, "history reader")
        self._own = threading.local()
        self._open: list[apsw.Connection] = []
        self._waiting = 0
        self.queries = 0
        self.too_long = 0
        self.damaged: Callable[[str], None] = lambda _: None
        """Told why the file cannot be used any more."""

    async def ask(self, query: Query[T]) -> tuple[T, ArchivePosition]:
        """What the query finds, and as of when. Raises Unavailable, and what the query raises."""
        if self._waiting >= WAITING_MOST:
            text = f"{self._waiting} queries of the past wait already; ask again in a moment."
            raise Unavailable(HistoryRefusal.BUSY, text, retry_after=1_000)
        self._waiting += 1
        self.queries += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._answer, query)
        except apsw.InterruptError:
            self.too_long += 1
            text = (
                f"The query took longer than {self.seconds:g} s and was ended. Narrow it by a time, a player or an "
                "item, or use a longer word; [history] query_seconds allows more."
            )
            raise Unavailable(HistoryRefusal.TOO_LONG, text) from None
        except DAMAGED as error:
            self.damaged(f"it is damaged: {error}")
            raise _not_ready("it is built anew from the journal") from error
        except apsw.CantOpenError as error:
            raise _not_ready("it has not been made yet") from error
        except (apsw.Error, OSError) as error:
            raise _not_ready(str(error) or type(error).__name__) from error
        finally:
            self._waiting -= 1

    def _answer(self, query: Query[T]) -> tuple[T, ArchivePosition]:
        db = self._connection()
        ends = time.monotonic() + self.seconds
        db.set_progress_handler(lambda: time.monotonic() > ends, self.steps)
        db.execute("begin")
        try:
            position = ArchivePosition(*db.execute("select seq, ts from cursor").get)
            return query(db), position
        finally:
            db.set_progress_handler(None)
            if db.in_transaction:
                db.execute("rollback")

    def _connection(self) -> apsw.Connection:
        """This thread's own."""
        generation = self._generation()
        kept: tuple[int, apsw.Connection] | None = getattr(self._own, "kept", None)
        if kept is not None and kept[0] == generation:
            return kept[1]
        if kept is not None:
            self._open.remove(kept[1])
            kept[1].close()
            self._own.kept = None
        db = schema.opened_to_read(self._path)
        self._open.append(db)
        self._own.kept = generation, db
        return db

    async def close(self) -> None:
        """End the threads once what they do has ended, which the deadline of queries sees to."""
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)
        for db in self._open:
            db.close()
        self._open.clear()


def _not_ready(why: str) -> Unavailable:
    text = f"The archive cannot be read just now: {why}. Ask again in a moment; the live state is not affected."
    return Unavailable(HistoryRefusal.NOT_READY, text, retry_after=2_000)

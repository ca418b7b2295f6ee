"""Follows the journal into the file, batch by batch: a batch is one transaction, and its cursor is in it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from kernel.following import Source, line_digest
from kernel.forgetting import ForgottenPersons
from kernel.measures import Distribution
from kernel.segments import EventsUnreadable
from plugins.history import schema
from plugins.history.fold import Projection
from plugins.history.forgetting import forget
from plugins.history.schema import Unusable
from plugins.history.store import Store
from plugins.history.wire import Reader
from plugins.history.zones import Calendar

DAMAGED: Final = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError, Unusable)
"""The file is to be put aside."""
BATCH_BOUNDS: Final = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class ArchiveWriter:
    """One archive and the journal that it is made of; used by one thread. `cursor` is the last event that it has."""

    def __init__(
        self, folder: Path, calendar: Calendar, events: Source, log: logging.Logger, batch_events: int = 20_000
    ) -> None:
        self.path: Final = folder / schema.FILE
        self.cursor = 0
        self.cursor_ts = 0
        self.durable: int | None = None
        """The cursor as of the last checkpoint that was synced: no crash takes anything before it back."""
        self.generation = 0
        """Counts the files: readers open the new one."""
        self.building = False
        """The file was begun anew, and has not caught up yet."""
        self.batches: Final = Distribution(BATCH_BOUNDS)
        self._calendar = calendar
        self._events = events
        self._log = log
        self._batch_events = batch_events
        self._reader = Reader()
        self._db: apsw.Connection | None = None
        self._store: Store | None = None
        self._projection: Projection | None = None
        self._line = b""
        self._spent = 0.0
        self._unsynced = False

    @property
    def passed_over(self) -> int:
        """Events of kinds that are kept, in a form that cannot be."""
        return self._reader.passed_over

    @property
    def held(self) -> int:
        """Rows in memory, of what is open."""
        return self._store.held if self._store is not None else 0

    def open(self) -> None:
        """Take the file up where it is; one that does not fit this version, this journal or this time zone is put aside
        and begun anew. Raises apsw.Error, OSError, EventsUnreadable."""
        self.close()
        if self.path.exists():
            try:
                self._take_up(schema.opened(self.path))
            except DAMAGED as error:
                if not (isinstance(error, Unusable) and self._pruned() and schema.lift(self.path)):
                    self.begin_anew(str(error))
                    return
                self._take_up(schema.opened(self.path))
            why = self._unfit()
            if why is not None:
                self.begin_anew(why)
            return
        self._begin()

    def _pruned(self) -> bool:
        """Whether the journal has lost its beginning, so that nothing can be built of it anew."""
        try:
            next(self._events(0) or iter(()), b"")
        except EventsUnreadable:
            return True
        return False

    def begin_anew(self, why: str) -> None:
        """Put the file aside until its successor is whole. Raises apsw.Error, OSError."""
        self.close()
        self._log.warning("the archive is built anew from the journal: %s", why)
        schema.put_aside(self.path)
        self._begin()

    def _begin(self) -> None:
        self._take_up(schema.made(self.path, self._calendar.name))
        self.building = True

    def _take_up(self, db: apsw.Connection) -> None:
        self._db = db
        self.cursor, self.cursor_ts = db.execute("select seq, ts from cursor").get
        self.building = self.path.with_name(schema.ASIDE).exists()
        self._hold(db)
        self.durable = None
        self._unsynced = True
        self.generation += 1

    def _unfit(self) -> str | None:
        """Why the file is not of this journal, or this calendar."""
        assert self._db is not None
        zone, line = self._db.execute("select zone, line from cursor").get
        if zone != self._calendar.name:
            return f"its days are those of {zone}, and the house's are those of {self._calendar.name}"
        if self.cursor == 0:
            return None
        lines = self._events(self.cursor - 1)
        if lines is None:
            return None
        first = next(lines, b"").partition(b"\n")[0]
        if first and line_digest(first) == line:
            return None
        return f"event {self.cursor}, which it has come to, is not the one in the journal"

    def forget(self, persons: ForgottenPersons) -> None:
        """Take these persons out, whom the journal has under their pseudonyms by now. Raises apsw.Error, OSError."""
        if self._db is None:
            return
        forget(self._db, persons)
        schema.drop(self.path.with_name(schema.ASIDE))
        line = next(self._events(self.cursor - 1) or iter(()), b"").partition(b"\n")[0] if self.cursor else b""
        if line:
            self._db.execute("update cursor set line = ?", (line_digest(line),))
        self._hold(self._db)
        self._unsynced = True

    def close(self) -> None:
        """Let the file go."""
        if self._db is not None:
            self._db.close()
        self._db = self._store = self._projection = None

    def catch_up(self, go_on: Callable[[], bool] = lambda: True) -> int:
        """Read what is committed, as long as `go_on()`, which is asked after each small piece. Returns how many events.

        Raises apsw.Error, OSError, EventsUnreadable, msgspec.MsgspecError: the batch has not happened then.
        """
        assert self._db is not None
        lines = self._events(self.cursor)
        if lines is None:
            return 0
        before, began = self.cursor, self.cursor
        self._reader.last, self._reader.last_ts = self.cursor, self.cursor_ts
        try:
            for chunk in lines:
                self._fold(chunk)
                if self._reader.last - began >= self._batch_events:
                    self._commit()
                    began = self.cursor
                if not go_on():
                    break
            else:
                self._commit()
                self._caught_up()
                return self.cursor - before
            self._commit()
        except BaseException:  # raised again: what was folded of the batch must not stay in memory
            self._roll_back()
            raise
        return self.cursor - before

    def _fold(self, chunk: bytes) -> None:
        assert self._db is not None and self._projection is not None
        began = time.perf_counter()
        if not self._db.in_transaction:
            self._db.execute("begin immediate")
        for happened in self._reader.happened(chunk):
            try:
                self._projection.fold(happened)
            except (ValueError, ArithmeticError):
                self._reader.passed_over += 1
        self._line = chunk[chunk.rfind(b"\n", 0, len(chunk) - 1) + 1 : -1]
        self._spent += time.perf_counter() - began

    def _commit(self) -> None:
        assert self._db is not None and self._store is not None
        if not self._db.in_transaction:
            return
        began = time.perf_counter()
        self._store.flush()
        last = self._reader.last, self._reader.last_ts, line_digest(self._line)
        self._db.execute("update cursor set seq = ?, ts = ?, line = ?", last)
        self._db.execute("commit")
        self.cursor, self.cursor_ts = last[:2]
        self._unsynced = True
        self.batches.observe(self._spent + time.perf_counter() - began)
        self._spent = 0.0

    def _roll_back(self) -> None:
        if self._db is not None:
            if self._db.in_transaction:
                self._db.execute("rollback")
            self._hold(self._db)
            self._spent = 0.0

    def _hold(self, db: apsw.Connection) -> None:
        """Bring back from the file what is open."""
        self._store = Store(db)
        self._projection = Projection(self._store, self._calendar)

    def _caught_up(self) -> None:
        if self.building:
            schema.drop(self.path.with_name(schema.ASIDE))
            self.building = False

    def checkpoint(self) -> None:
        """Sync what was written. Raises apsw.Error."""
        if self._db is None or not self._unsynced:
            return
        cursor = self.cursor
        frames, done = self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        if frames == done:  # a reader that is still at an earlier moment keeps some back
            self.durable = cursor
            self._unsynced = False

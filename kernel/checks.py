"""A copy of the state held against the state: checksums of its rows, slice by slice, the same in every language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final
from zlib import crc32

import msgspec

from kernel.codec import encode
from kernel.rows import Chat, Row
from kernel.state import State, Table

ROWS_PER_CHECK: Final = 1_000
"""A millisecond or two of work (`tests/bench/checks.py`). A chat counts as one more for each of its messages."""

Seen = Callable[[list[Row]], list[Row]]


class Check(msgspec.Struct, frozen=True, gc=False):
    """What `count` rows of a table, from its row number `start` on, come to at `seq`; `size` rows are in it in all.

    `crc32` is that of the rows as one JSON array in UTF-8, written as a snapshot writes them: fields in the order of
    the contract, no white space, nothing escaped that need not be.
    """

    seq: int
    table: str
    size: int
    start: int
    count: int
    crc32: int


def check(state: State, name: str, start: int, count: int, seen: Seen = list) -> Check:
    """The check of these rows as they are now, or of those that there are. `seen`: what the other side has of them."""
    table = state.table(name)
    rows = table.slice(start, count)
    return Check(state.seq, name, len(table), start, len(rows), crc32(encode(seen(rows))))


class Round:
    """Goes round the whole state, check after check, however it changes meanwhile."""

    def __init__(self, state: State, seen: Seen = list) -> None:
        self._state = state
        self._seen = seen
        self._table = 0
        self._start = 0

    def next(self, rows: int = ROWS_PER_CHECK) -> list[Check]:
        """The checks of the next `rows` rows, of one table or of several; of each row once at the most."""
        return list(self._walk(rows))

    def _walk(self, room: int) -> Iterator[Check]:
        tables = self._state.tables
        for _ in tables:
            table = tables[self._table]
            count, weight = _fitting(table, self._start, room)
            yield check(self._state, table.name, self._start, count, self._seen)
            self._start += count
            room -= weight
            if self._start >= len(table):
                self._table, self._start = (self._table + 1) % len(tables), 0
            if room <= 0:
                return


def _fitting(table: Table[Any, Any], start: int, room: int) -> tuple[int, int]:
    """How many rows from `start` on fit, at least one where there is one, and how much room they take."""
    rows = table.slice(start, room)
    if not rows or not isinstance(rows[0], Chat):
        return len(rows), len(rows)
    count = weight = 0
    for chat in rows:
        weight += 1 + len(chat.messages)
        count += 1
        if weight >= room:
            break
    return count, weight

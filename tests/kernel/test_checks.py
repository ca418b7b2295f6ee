"""Checks go round the whole state, however it changes, and tell of any row that a copy has otherwise."""

from __future__ import annotations

from random import Random
from zlib import crc32

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.checks import Round, check
from kernel.codec import encode
from kernel.events import Envelope
from kernel.rows import Chat
from tests.histories import Author, fold, histories, history


def test_a_check_is_the_checksum_of_the_rows_as_a_snapshot_writes_them() -> None:
    state = fold(history(Random(5), 2_000))
    rows = state.tasks.rows()[3:8]
    assert len(rows) == 5

    told = check(state, "tasks", 3, 5)

    assert (told.seq, told.size, told.start, told.count) == (2_000, len(state.tasks), 3, 5)
    assert told.crc32 == crc32(encode(rows))
    assert check(state, "tasks", len(state.tasks), 5).count == 0


@settings(deadline=None)
@given(histories(), st.integers(1, 40))
def test_a_round_comes_to_every_row_of_every_table(events: list[Envelope], rows: int) -> None:
    state = fold(events)
    goes = Round(state)
    left = {(table.name, number) for table in state.tables for number in range(len(table))}
    for _ in range(len(left) + len(state.tables)):
        for told in goes.next(rows):
            left -= {(told.table, told.start + number) for number in range(told.count)}

    assert not left


def test_a_round_that_the_state_shrinks_under_goes_on_with_what_is_there() -> None:
    author = Author(Random(3))
    goes = Round(author.state)
    tables: set[str] = set()
    for _ in range(2_000):
        author.next()
        for told in goes.next(3):
            assert told == check(author.state, told.table, told.start, told.count)
            tables.add(told.table)

    assert tables == {table.name for table in author.state.tables}


def test_a_check_of_long_chats_stays_short() -> None:
    state = fold(history(Random(7), 4_000))
    longest = max(len(chat.messages) for chat in state.chats.values())
    goes = Round(state)
    weights = []
    for _ in range(200):
        told = [c for c in goes.next(10) if c.table == "chats"]
        chats: list[Chat] = [chat for c in told for chat in state.chats.slice(c.start, c.count)]
        weights.append(sum(1 + len(chat.messages) for chat in chats))

    assert max(weights) <= 10 + longest + 1
    assert max(weights) > 0

"""Whoever follows the journal with a cursor gets each event, and notices where the journal is another one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kernel.following import JournalCursor, is_of, line_at, read_stretch

LINES = [
    b'{"seq":%d,"ts":5,"actor":"a","cause":null,"kind":"%s","payload":{}}' % (n, b"odd" if n % 2 else b"even")
    for n in range(1, 12)
]


class Journal:
    def __init__(self, lines: list[bytes], piece: int = 3) -> None:
        self.lines = lines
        self.piece = piece
        self.closed = 0

    def after(self, seq: int) -> Iterator[bytes]:
        try:
            for start in range(seq, len(self.lines), self.piece):
                yield b"".join(line + b"\n" for line in self.lines[start : start + self.piece])
        finally:
            self.closed += 1


@pytest.mark.parametrize(("most", "look_at"), [(1, 99), (2, 3), (99, 1), (99, 99)])
def test_stretch_by_stretch_every_wanted_event_comes_once(most: int, look_at: int) -> None:
    journal, cursor, seen = Journal(LINES), JournalCursor(0), []
    while cursor.seq < len(LINES):
        stretch = read_stretch(journal.after, cursor, lambda kind: kind == "odd", most=most, look_at=look_at)
        seen += [line.seq for line in stretch.lines]
        assert stretch.cursor.seq > cursor.seq and is_of(journal.after, stretch.cursor)
        cursor = stretch.cursor
    assert seen == [1, 3, 5, 7, 9, 11]
    assert read_stretch(journal.after, cursor, lambda _: True, most=9).cursor == cursor
    assert journal.closed > 0, "no file is left open where a stretch ends in its midst"


def test_another_journal_under_the_same_numbers_is_told() -> None:
    cursor = read_stretch(Journal(LINES).after, JournalCursor(0), lambda _: True, most=4).cursor
    other = [*LINES[:3], LINES[3].replace(b'"a"', b'"b"'), *LINES[4:]]

    assert is_of(Journal(LINES).after, cursor) and is_of(Journal(other).after, JournalCursor(0))
    assert not is_of(Journal(other).after, cursor)
    assert not is_of(Journal(LINES[:3]).after, cursor), "it is shorter"
    assert line_at(Journal(LINES).after, 4) is not None and line_at(Journal(LINES).after, 12) is None
    assert read_stretch(lambda _: None, cursor, lambda _: True, most=4) == ((), cursor), "there is no journal"

"""Archives of made-up journals, without a running system."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import apsw

from kernel.codec import encode
from kernel.events import Envelope
from plugins.history import schema
from plugins.history.writer import ArchiveWriter
from plugins.history.zones import Calendar

LOG = logging.getLogger("test")
TABLES = (
    "bots",
    "tasks",
    "chats",
    "messages",
    "invites",
    "handovers",
    "notes",
    "outcomes",
    "audit",
    "waits",
)


class Lines:
    """A journal in memory: `lines` are those that are committed."""

    def __init__(self, events: Iterable[Envelope] = (), piece: int = 7) -> None:
        self.lines = [encode(event) + b"\n" for event in events]
        self.piece = piece
        """How many lines a chunk has."""

    def after(self, seq: int) -> Iterator[bytes]:
        for start in range(seq, len(self.lines), self.piece):
            yield b"".join(self.lines[start : start + self.piece])


def writer(folder: Path, journal: Lines, zone: str = "UTC", batch_events: int = 500) -> ArchiveWriter:
    """One that has taken its file up."""
    made = ArchiveWriter(folder, Calendar(zone), journal.after, LOG, batch_events)
    made.open()
    return made


def archived(folder: Path, events: Iterable[Envelope], **settings: Any) -> Path:
    """The file of an archive that has these events."""
    one = writer(folder, Lines(events), **settings)
    one.catch_up()
    one.close()
    return one.path


def rows(path: Path, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    db = schema.opened_to_read(path)
    try:
        return list(db.execute(sql, values))
    finally:
        db.close()


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that an archive says, whatever numbers its names have got."""
    db = schema.opened_to_read(path)
    names = dict(db.execute("select no, kind || ':' || name from names"))
    named = {
        "tasks": {3, 4, 9, 11, 22, 23, 25, 29, 30},
        "outcomes": {4, 5},
        "chats": {8, 9, 10, 12},
        "messages": {4, 6},
        "handovers": {3, 5, 6},
        "notes": {4},
        "audit": {2, 3, 4},
        "waits": {1},
    }
    found = {}
    for table in TABLES:
        places = named.get(table, set())
        read = [
            tuple(names.get(value, value) if place in places else value for place, value in enumerate(row))
            for row in db.execute(f"select * from {table}")
        ]
        found[table] = sorted(read, key=repr)
    db.close()
    return found


def integrity(path: Path) -> None:
    """Raises apsw.Error where words and lines do not agree, or the file is damaged."""
    db = apsw.Connection(str(path))
    assert db.execute("pragma integrity_check").get == "ok"
    db.execute("insert into words(words, rank) values ('integrity-check', 1)")
    db.close()

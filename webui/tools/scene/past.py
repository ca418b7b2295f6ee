"""The archive of the scene, and its answers to the page: the reading half of the history plugin, without a system."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import apsw
import msgspec

from kernel.codec import encode
from kernel.errors import SwitchboardError
from plugins.history import exports, queries, schema, timeline
from plugins.history.answers import (
    ArchiveStatus,
    ChatPage,
    FoundLine,
    FoundLines,
    OneChat,
    OneTask,
    PastChat,
    PastTask,
    TaskPage,
    Timeline,
    TimelineEntry,
)
from plugins.history.days import span_of
from plugins.history.questions import ChatQuery, LineQuery, OneChatQuery, OneTaskQuery, TaskQuery, TimelineQuery
from plugins.history.report_types import ReportQuery
from plugins.history.reports import Reporting
from plugins.history.values import steam_id
from plugins.history.writer import ArchiveWriter
from plugins.history.zones import Calendar
from webui.tools.scene.script import Script

PATH: Final = "/api/history/"
EXPORTED: Final = 100_000
LISTS: Final[dict[str, tuple[type[Any], Callable[..., Any], type[Any], type[Any]]]] = {
    "tasks": (TaskQuery, queries.tasks, PastTask, TaskPage),
    "chats": (ChatQuery, queries.chats, PastChat, ChatPage),
    "messages": (LineQuery, queries.lines, FoundLine, FoundLines),
}

Answer = tuple[int, str, bytes]
"""Status, media type, body."""


class SceneArchive:
    """Written when it is asked; nothing is kept of it afterwards."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._calendar = Calendar("UTC")
        self._folder = tempfile.TemporaryDirectory(prefix="switchboard-scene-")
        log = logging.getLogger("scene")
        self._writer = ArchiveWriter(Path(self._folder.name), self._calendar, self._events, log)
        self._db: apsw.Connection | None = None

    def _events(self, after: int) -> Iterator[bytes]:
        for start in range(after, len(self._script.written), 500):
            yield b"".join(encode(event) + b"\n" for event in self._script.written[start : start + 500])

    def answer(self, path: str, query: str) -> Answer:
        """What the plugin would answer to `GET /api/history/{path}?{query}`."""
        db = self._caught_up()
        try:
            return self._answer(db, path, dict(parse_qsl(query)))
        except SwitchboardError as error:
            said = {"ok": False, "error": {"code": error.code, "message": str(error)}}
            return 404 if type(error).__name__ == "NotFound" else 400, "application/json", encode(said)

    def _caught_up(self) -> apsw.Connection:
        if self._db is None:
            self._writer.open()
        self._writer.catch_up()
        if self._db is None:
            self._db = schema.opened_to_read(self._writer.path)
        return self._db

    def _answer(self, db: apsw.Connection, path: str, asked: dict[str, str]) -> Answer:
        stand: dict[str, Any] = {"up_to": self._writer.cursor, "as_of": self._writer.cursor_ts}
        if path in LISTS:
            takes, find, record, page = LISTS[path]
            query = msgspec.convert(asked, takes, strict=False)
            found = find(db, query, query.rows(EXPORTED))
            if query.format != "json":
                return _file(exports.download(path, query.format, record, found.records))
            return _json(page(records=found.records, next=found.next, **stand))
        if path == "timeline":
            query = msgspec.convert(asked, TimelineQuery, strict=False)
            found = timeline.timeline(db, steam_id(query.player), query.before, query.rows(EXPORTED))
            if query.format != "json":
                return _file(exports.download(path, query.format, TimelineEntry, found.records))
            return _json(Timeline(records=found.records, next=found.next, **stand))
        if path == "chat":
            one = msgspec.convert(asked, OneChatQuery, strict=False)
            return _json(OneChat(**timeline.chat(db, one.id, one.before, one.rows(EXPORTED))._asdict(), **stand))
        if path == "task":
            return _json(OneTask(**timeline.task(db, msgspec.convert(asked, OneTaskQuery).id)._asdict(), **stand))
        if path == "report":
            return self._report(db, msgspec.convert(asked, ReportQuery), stand)
        return _json(ArchiveStatus(durable=self._writer.cursor, bytes=0, zone=self._calendar.name, **stand))

    def _report(self, db: apsw.Connection, query: ReportQuery, stand: dict[str, Any]) -> Answer:
        span = span_of(query, self._calendar, self._calendar.day(self._script.state.ts))
        report = Reporting(db, query, span, self._calendar).report(stand["up_to"], stand["as_of"])
        return _json(report) if query.format == "json" else _file(exports.table(report, query.table, query.format))


def _json(content: object) -> Answer:
    return 200, "application/json", encode(content)


def _file(file: Any) -> Answer:
    return 200, file.media_type, file.body

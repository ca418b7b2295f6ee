"""The routes of HTTP: `GET /api/history/…`, by role. What a viewer sees of the live state they see of the past."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import apsw
import msgspec

from kernel.errors import Malformed, NotFound, Unavailable
from kernel.roles import Role
from kernel.routes import Download, Method, Nothing, Route
from plugins.history import exports, queries, timeline
from plugins.history.answers import (
    ArchiveStatus,
    AuditDeed,
    AuditDeeds,
    ChatPage,
    FoundLine,
    FoundLines,
    OneChat,
    OneTask,
    PastChat,
    PastLine,
    PastPage,
    PastTask,
    TaskPage,
    Timeline,
    TimelineEntry,
)
from plugins.history.codes import HistoryRefusal
from plugins.history.days import span_of
from plugins.history.exports import TABLES
from plugins.history.queries import PageFound
from plugins.history.questions import (
    FORMATS,
    AuditQuery,
    ChatQuery,
    LineQuery,
    OneChatQuery,
    OneTaskQuery,
    PastQuery,
    TaskQuery,
    TimelineQuery,
)
from plugins.history.report_types import DealReport, ReportQuery
from plugins.history.reports import Reporting
from plugins.history.values import steam_id

if TYPE_CHECKING:
    from plugins.history.plugin import History

Q = TypeVar("Q", bound=PastQuery)
P = TypeVar("P", bound=PastPage)
FILES: Final = tuple(media for media in FORMATS.values() if media)


def of(history: History) -> Sequence[Route[Any, Any]]:
    """All of them."""
    asked = Questions(history)
    return (
        _get("/status", "Where the archive stands", Nothing, ArchiveStatus, lambda _: history.status()),
        _get("/tasks", "Tasks, newest first", TaskQuery, TaskPage, asked.tasks, files=True),
        _get("/task", "One task, with its invites", OneTaskQuery, OneTask, asked.task),
        _get("/chats", "Chats, newest first", ChatQuery, ChatPage, asked.chats, files=True),
        _get("/chat", "One chat with its lines, hand-overs and notes", OneChatQuery, OneChat, asked.chat, files=True),
        _get("/messages", "Lines by their words, newest first", LineQuery, FoundLines, asked.lines, files=True),
        _get("/timeline", "One player, whichever bot", TimelineQuery, Timeline, asked.timeline, files=True),
        _get("/audit", "Who did what", AuditQuery, AuditDeeds, asked.audit, files=True, role=Role.ADMIN),
        _get("/report", "The figures of some days", ReportQuery, DealReport, asked.report, files=True),
    )


def _get(
    path: str,
    summary: str,
    takes: type[Any],
    answers: type[Any],
    handler: Callable[[Any], Any],
    *,
    files: bool = False,
    role: Role = Role.VIEWER,
) -> Route[Any, Any]:
    return Route(
        method=Method.GET,
        path=path,
        summary=summary,
        role=role,
        takes=takes,
        answers=answers,
        raises=(Malformed, NotFound, Unavailable),
        downloads=FILES if files else (),
        handler=handler,
    )


class Questions:
    """The handlers."""

    def __init__(self, history: History) -> None:
        self._history = history

    async def tasks(self, query: TaskQuery) -> TaskPage | Download:
        return await self._list("tasks", query, queries.tasks, PastTask, TaskPage)

    async def chats(self, query: ChatQuery) -> ChatPage | Download:
        return await self._list("chats", query, queries.chats, PastChat, ChatPage)

    async def lines(self, query: LineQuery) -> FoundLines | Download:
        return await self._list("messages", query, queries.lines, FoundLine, FoundLines)

    async def audit(self, query: AuditQuery) -> AuditDeeds | Download:
        return await self._list("audit", query, queries.deeds, AuditDeed, AuditDeeds)

    async def timeline(self, query: TimelineQuery) -> Timeline | Download:
        player = steam_id(query.player)

        def find(db: apsw.Connection, query: TimelineQuery, limit: int) -> PageFound:
            return timeline.timeline(db, player, query.before, limit)

        return await self._list(f"timeline-{player}", query, find, TimelineEntry, Timeline)

    async def chat(self, query: OneChatQuery) -> OneChat | Download:
        limit = query.rows(self._history.config.export_rows)
        found, position = await self._history.readers.ask(lambda db: timeline.chat(db, query.id, query.before, limit))
        if query.format != "json":
            return exports.download("chat", query.format, PastLine, found.messages)
        return OneChat(**found._asdict(), **self._history.answered(position))

    async def task(self, query: OneTaskQuery) -> OneTask:
        found, position = await self._history.readers.ask(lambda db: timeline.task(db, query.id))
        return OneTask(**found._asdict(), **self._history.answered(position))

    async def report(self, query: ReportQuery) -> DealReport | Download:
        if query.format not in FORMATS or query.table not in TABLES:
            text = f"format: give one of {', '.join(FORMATS)}; table: one of {', '.join(TABLES)}."
            raise Malformed(HistoryRefusal.INVALID_RANGE, text, field="format")
        calendar = self._history.calendar
        span = span_of(query, calendar, calendar.day(self._history.ctx.clock.now()))
        reported, position = await self._history.readers.ask(lambda db: Reporting(db, query, span, calendar).report())
        report = msgspec.structs.replace(reported, **self._history.answered(position))
        return report if query.format == "json" else exports.table(report, query.table, query.format)

    async def _list(
        self,
        name: str,
        query: Q,
        find: Callable[[apsw.Connection, Q, int], PageFound],
        record: type[Any],
        page: type[P],
    ) -> P | Download:
        """A page, or a file of all pages."""
        limit = query.rows(self._history.config.export_rows)
        found, position = await self._history.readers.ask(lambda db: find(db, query, limit))
        if query.format != "json":
            return exports.download(name, query.format, record, found.records)
        return page(records=found.records, next=found.next, **self._history.answered(position))  # type: ignore[call-arg]

"""One player over all chats and tasks, whichever bot; and one chat with its lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from operator import itemgetter
from typing import Any, Final, NamedTuple

import apsw

from kernel.codes import KernelRefusal
from kernel.errors import NotFound
from plugins.history.answers import (
    PastChat,
    PastHandover,
    PastInvite,
    PastLine,
    PastNote,
    PastOutcome,
    PastTask,
    TimelineEntry,
)
from plugins.history.codes import HistoryRefusal
from plugins.history.queries import PageFound
from plugins.history.reading import LINE, OUTCOME, Row, RowReader
from plugins.history.records import ChatRecord, TaskRecord
from plugins.history.values import pack

HANDOVERS_MOST: Final = 1_000
NOTES_MOST: Final = 1_000
ENDED_SEQ: Final = TaskRecord.__struct_fields__.index("ended_seq")
CLOSED_SEQ: Final = ChatRecord.__struct_fields__.index("closed_seq")


Made = tuple[int, Callable[[], TimelineEntry]]
"""The seq of an entry, and how it is made."""


class ChatFound(NamedTuple):
    """One chat, and a page of its lines."""

    chat: PastChat
    task: PastTask | None
    messages: list[PastLine]
    handovers: list[PastHandover]
    notes: list[PastNote]
    next: int | None


class TaskFound(NamedTuple):
    """One task, its invites, and what was recorded about its deal."""

    task: PastTask
    invites: list[PastInvite]
    outcomes: list[PastOutcome]


def task(db: apsw.Connection, task_id: str) -> TaskFound:
    """Raises NotFound."""
    rows = RowReader(db)
    row = db.execute("select * from tasks where id = ?", (pack("task", task_id),)).fetchone()
    if row is None:
        text = f"The archive has no task {task_id[:80]}."
        raise NotFound(HistoryRefusal.NOT_THERE, text, field="id")
    sql = "select no, bot, sent_at, ended_at, outcome from invites where task = ? order by no"
    invites = [rows.invite(invite) for invite in db.execute(sql, (row[0],))]
    sql = f"select {OUTCOME} from outcomes where task = ? order by seq"  # noqa: S608
    return TaskFound(rows.task(row), invites, [rows.outcome(one) for one in db.execute(sql, (row[0],))])


def chat(db: apsw.Connection, chat_id: str, before: int | None, limit: int) -> ChatFound:
    """Its latest lines, or those before that one, oldest first. Raises NotFound."""
    rows = RowReader(db)
    row = db.execute("select * from chats where id = ?", (pack("chat", chat_id),)).fetchone()
    if row is None:
        raise NotFound(KernelRefusal.UNKNOWN_CHAT, f"The archive has no chat {chat_id[:80]}.", field="id")
    number, task_number = row[0], row[4]
    until = before if before is not None else 1 << 62
    sql = f"select {LINE} from messages where chat = ? and seq < ? order by seq desc limit ?"  # noqa: S608
    found = [rows.line(line) for line in db.execute(sql, (number, until, limit + 1))]
    more = len(found) > limit
    found = found[:limit][::-1]
    handovers = db.execute(
        "select seq, ts, actor, enabled, why, reason, detail from handovers where chat = ? order by seq limit ?",
        (number, HANDOVERS_MOST),
    )
    notes = db.execute(
        "select seq, id, ts, author, text, removed_at from notes where chat = ? order by seq limit ?",
        (number, NOTES_MOST),
    )
    return ChatFound(
        chat=rows.chat(row),
        task=rows.task_numbered(task_number),
        messages=found,
        handovers=[rows.handover(one) for one in handovers],
        notes=[rows.note(one) for one in notes if one[5] is None],
        next=found[0].seq if more else None,
    )


def timeline(db: apsw.Connection, player: int, before: int | None, limit: int) -> PageFound:
    """What happened between us and a player, newest first."""
    rows = RowReader(db)
    until = before if before is not None else 1 << 62
    entries = [
        *_tasks(db, rows, player, until, limit + 1),
        *_invites(db, rows, player, until, limit + 1),
        *_chats(db, rows, player, until, limit + 1),
        *_lines(db, rows, player, until, limit + 1),
        *_handovers(db, rows, player, until, limit + 1),
        *_notes(db, rows, player, until, limit + 1),
        *_outcomes(db, rows, player, until, limit + 1),
    ]
    entries.sort(key=itemgetter(0), reverse=True)
    more = len(entries) > limit
    found = [make() for _, make in entries[:limit]]  # of the others nothing is looked up
    return PageFound(found, found[-1].seq if more else None)


def _tasks(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[Made]:
    def entry(row: Row, kind: str, seq: int) -> TimelineEntry:
        of = rows.task(row)
        ts = of.created_at if kind == "taskCreated" else of.ended_at or 0
        about: dict[str, Any] = {"bot_id": of.bot_id, "chat_id": of.chat_id, "task_id": of.id}
        return TimelineEntry(seq=seq, ts=ts, kind=kind, task=of, **about)

    for column, kind, place in (("no", "taskCreated", 0), ("ended_seq", "taskEnded", ENDED_SEQ)):
        sql = _OF_PLAYER.format(table="tasks", column=column)
        for row in db.execute(sql, (player, until, limit)):
            yield row[place], partial(entry, row, kind, row[place])


def _invites(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[Made]:
    def entry(row: Row, kind: str, seq: int) -> TimelineEntry:
        of = rows.invite(row[:5])
        ts = of.sent_at if kind == "inviteSent" else of.ended_at or 0
        return TimelineEntry(seq=seq, ts=ts, kind=kind, bot_id=of.bot_id, task_id=rows.task_id(row[6]), invite=of)

    for column, kind, place in (("invites.no", "inviteSent", 0), ("invites.ended_seq", "inviteEnded", 5)):
        sql = (
            "select invites.no, invites.bot, sent_at, invites.ended_at, outcome, invites.ended_seq, tasks.no "  # noqa: S608
            "from tasks indexed by tasks_player join invites on invites.task = tasks.no "
            f"where player = ? and {column} < ? order by {column} desc limit ?"
        )
        for row in db.execute(sql, (player, until, limit)):
            yield row[place], partial(entry, row, kind, row[place])


def _chats(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[Made]:
    def entry(row: Row, kind: str, seq: int) -> TimelineEntry:
        of = rows.chat(row)
        ts = of.started_at if kind == "chatStarted" else of.closed_at or 0
        about: dict[str, Any] = {"bot_id": of.bot_id, "chat_id": of.id, "task_id": of.task_id}
        return TimelineEntry(seq=seq, ts=ts, kind=kind, chat=of, **about)

    for column, kind, place in (("no", "chatStarted", 0), ("closed_seq", "chatClosed", CLOSED_SEQ)):
        sql = _OF_PLAYER.format(table="chats", column=column)
        for row in db.execute(sql, (player, until, limit)):
            yield row[place], partial(entry, row, kind, row[place])


def _lines(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[Made]:
    def entry(row: Row) -> TimelineEntry:
        of = rows.line(row[:8])
        return TimelineEntry(seq=of.seq, ts=of.ts, kind="message", message=of, **_about(rows, row[8:]))

    latest = (
        "select messages.seq from chats indexed by chats_player join messages on messages.chat = chats.no "
        "where player = ? and messages.seq < ? order by messages.seq desc limit ?"
    )
    sql = (
        f"select {LINE}, chats.no, chats.bot, chats.task from messages join chats on chats.no = messages.chat "  # noqa: S608
        f"where messages.seq in ({latest})"
    )
    for row in db.execute(sql, (player, until, limit)):
        yield row[0], partial(entry, row)


def _handovers(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[Made]:
    def entry(row: Row) -> TimelineEntry:
        of = rows.handover(row[:7])
        return TimelineEntry(seq=of.seq, ts=of.ts, kind="handover", handover=of, **_about(rows, row[7:]))

    sql = (
        "select seq, ts, actor, enabled, why, handovers.reason, detail, chats.no, chats.bot, chats.task "
        "from chats indexed by chats_player join handovers on handovers.chat = chats.no "
        "where player = ? and seq < ? order by seq desc limit ?"
    )
    for row in db.execute(sql, (player, until, limit)):
        yield row[0], partial(entry, row)


def _notes(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[Made]:
    def entry(row: Row) -> TimelineEntry:
        of = rows.note(row[:6])
        return TimelineEntry(seq=of.seq, ts=of.ts, kind="note", note=of, **_about(rows, row[6:]))

    sql = (
        "select seq, notes.id, ts, author, text, removed_at, chats.no, chats.bot, chats.task "
        "from chats indexed by chats_player join notes on notes.chat = chats.no "
        "where player = ? and seq < ? and removed_at is null order by seq desc limit ?"
    )
    for row in db.execute(sql, (player, until, limit)):
        yield row[0], partial(entry, row)


def _outcomes(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[Made]:
    def entry(row: Row) -> TimelineEntry:
        of = rows.outcome(row[:9])
        about = _about(rows, (row[10], row[11], row[9]))
        return TimelineEntry(seq=of.seq, ts=of.ts, kind="outcome", outcome=of, **about)

    sql = (
        f"select {OUTCOME}, tasks.no, tasks.chat, tasks.bot "  # noqa: S608
        "from tasks indexed by tasks_player join outcomes on outcomes.task = tasks.no "
        "where player = ? and outcomes.seq < ? order by outcomes.seq desc limit ?"
    )
    for row in db.execute(sql, (player, until, limit)):
        yield row[0], partial(entry, row)


def _about(rows: RowReader, of_chat: Row) -> dict[str, Any]:
    """Of `no`, `bot` and `task` of a chat."""
    chat_number, bot, task_number = of_chat
    return {"chat_id": rows.chat_id(chat_number), "bot_id": rows.bot_id(bot), "task_id": rows.task_id(task_number)}


_OF_PLAYER: Final = (
    "select * from {table} indexed by {table}_player where player = ? and {column} < ? order by {column} desc limit ?"
)

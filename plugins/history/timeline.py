"""One player over all chats and tasks, whichever bot; and one chat with its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import apsw

from kernel.codes import KernelRefusal
from kernel.errors import NotFound
from plugins.history.answers import PastChat, PastHandover, PastInvite, PastLine, PastNote, PastTask, TimelineEntry
from plugins.history.codes import HistoryRefusal
from plugins.history.queries import PageFound
from plugins.history.reading import LINE, Row, RowReader
from plugins.history.records import ChatRecord, TaskRecord
from plugins.history.values import pack

HANDOVERS_MOST: Final = 1_000
NOTES_MOST: Final = 1_000
ENDED_SEQ: Final = TaskRecord.__struct_fields__.index("ended_seq")
CLOSED_SEQ: Final = ChatRecord.__struct_fields__.index("closed_seq")


class ChatFound(NamedTuple):
    """One chat, and a page of its lines."""

    chat: PastChat
    task: PastTask | None
    messages: list[PastLine]
    handovers: list[PastHandover]
    notes: list[PastNote]
    next: int | None


class TaskFound(NamedTuple):
    """One task, and its invites."""

    task: PastTask
    invites: list[PastInvite]


def task(db: apsw.Connection, task_id: str) -> TaskFound:
    """Raises NotFound."""
    rows = RowReader(db)
    row = db.execute("select * from tasks where id = ?", (pack("task", task_id),)).fetchone()
    if row is None:
        text = f"The archive has no task {task_id[:80]}."
        raise NotFound(HistoryRefusal.NOT_THERE, text, field="id")
    sql = "select no, bot, sent_at, ended_at, outcome from invites where task = ? order by no"
    return TaskFound(rows.task(row), [rows.invite(invite) for invite in db.execute(sql, (row[0],))])


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
    ]
    entries.sort(key=lambda entry: entry.seq, reverse=True)
    more = len(entries) > limit
    del entries[limit:]
    return PageFound(entries, entries[-1].seq if more else None)


def _tasks(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[TimelineEntry]:
    for column, kind in (("no", "taskCreated"), ("ended_seq", "taskEnded")):
        sql = _OF_PLAYER.format(table="tasks", column=column)
        for row in db.execute(sql, (player, until, limit)):
            found = rows.task(row)
            ended = kind == "taskEnded"
            yield TimelineEntry(
                seq=row[ENDED_SEQ] if ended else found.no,
                ts=(found.ended_at or 0) if ended else found.created_at,
                kind=kind,
                bot_id=found.bot_id,
                chat_id=found.chat_id,
                task_id=found.id,
                task=found,
            )


def _invites(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[TimelineEntry]:
    for column, kind in (("invites.no", "inviteSent"), ("invites.ended_seq", "inviteEnded")):
        sql = (
            "select invites.no, invites.bot, sent_at, invites.ended_at, outcome, tasks.no, invites.ended_seq "  # noqa: S608
            "from tasks indexed by tasks_player join invites on invites.task = tasks.no "
            f"where player = ? and {column} < ? order by {column} desc limit ?"
        )
        for *row, task_number, ended_seq in db.execute(sql, (player, until, limit)):
            found = rows.invite(tuple(row))
            ended = kind == "inviteEnded"
            yield TimelineEntry(
                seq=ended_seq if ended else found.seq,
                ts=(found.ended_at or 0) if ended else found.sent_at,
                kind=kind,
                bot_id=found.bot_id,
                task_id=rows.task_id(task_number),
                invite=found,
            )


def _chats(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[TimelineEntry]:
    for column, kind in (("no", "chatStarted"), ("closed_seq", "chatClosed")):
        sql = _OF_PLAYER.format(table="chats", column=column)
        for row in db.execute(sql, (player, until, limit)):
            found = rows.chat(row)
            closed = kind == "chatClosed"
            yield TimelineEntry(
                seq=row[CLOSED_SEQ] if closed else found.no,
                ts=(found.closed_at or 0) if closed else found.started_at,
                kind=kind,
                bot_id=found.bot_id,
                chat_id=found.id,
                task_id=found.task_id,
                chat=found,
            )


def _lines(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[TimelineEntry]:
    latest = (
        "select messages.seq from chats indexed by chats_player join messages on messages.chat = chats.no "
        "where player = ? and messages.seq < ? order by messages.seq desc limit ?"
    )
    sql = (
        f"select {LINE}, chats.no, chats.bot, chats.task from messages join chats on chats.no = messages.chat "  # noqa: S608
        f"where messages.seq in ({latest})"
    )
    for row, about in _parts(db.execute(sql, (player, until, limit)), 8):
        found = rows.line(row)
        yield TimelineEntry(seq=found.seq, ts=found.ts, kind="message", message=found, **_about(rows, about))


def _handovers(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[TimelineEntry]:
    sql = (
        "select seq, ts, actor, enabled, why, handovers.reason, detail, chats.no, chats.bot, chats.task "
        "from chats indexed by chats_player join handovers on handovers.chat = chats.no "
        "where player = ? and seq < ? order by seq desc limit ?"
    )
    for row, about in _parts(db.execute(sql, (player, until, limit)), 7):
        found = rows.handover(row)
        yield TimelineEntry(seq=found.seq, ts=found.ts, kind="handover", handover=found, **_about(rows, about))


def _notes(db: apsw.Connection, rows: RowReader, player: int, until: int, limit: int) -> Iterator[TimelineEntry]:
    sql = (
        "select seq, notes.id, ts, author, text, removed_at, chats.no, chats.bot, chats.task "
        "from chats indexed by chats_player join notes on notes.chat = chats.no "
        "where player = ? and seq < ? and removed_at is null order by seq desc limit ?"
    )
    for row, about in _parts(db.execute(sql, (player, until, limit)), 6):
        found = rows.note(row)
        yield TimelineEntry(seq=found.seq, ts=found.ts, kind="note", note=found, **_about(rows, about))


def _parts(found: Iterable[Row], length: int) -> Iterator[tuple[Row, Row]]:
    """The columns of what was found, and those of its chat."""
    for row in found:
        yield row[:length], row[length:]


def _about(rows: RowReader, of_chat: Row) -> dict[str, Any]:
    """Of `no`, `bot` and `task` of a chat."""
    chat_number, bot, task_number = of_chat
    return {"chat_id": rows.chat_id(chat_number), "bot_id": rows.bot_id(bot), "task_id": rows.task_id(task_number)}


_OF_PLAYER: Final = (
    "select * from {table} indexed by {table}_player where player = ? and {column} < ? order by {column} desc limit ?"
)

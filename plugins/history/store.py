"""The writer's side of the file: rows are held while an open deal needs them, and each changed one is written once a
batch."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import apsw
from msgspec.structs import astuple

from plugins.history.records import (
    FIXED_CHAT,
    FIXED_TASK,
    ChatRecord,
    LineRecord,
    TaskRecord,
    changing,
    insert,
    update,
)

NAMES_KEPT: Final = 200_000
OWED_KEPT: Final = 100_000
"""Names, and lines on their way, that are found without asking the file; beyond so many all are forgotten at once."""


class Store:
    """Tables of the archive, as `fold` changes them. Everything happens within the transaction of a batch."""

    def __init__(self, db: apsw.Connection) -> None:
        """Brings back the rows of what is open. Raises apsw.Error."""
        self._db = db
        self._names: dict[tuple[str, str], int] = {}
        self._bots: dict[bytes, int] = {}
        self._tasks: dict[bytes, TaskRecord] = {}
        self._task_ids: dict[int, bytes] = {}
        self._chats: dict[bytes, ChatRecord] = {}
        self._owed: dict[tuple[int, bytes], tuple[int, int]] = {}
        self._sent: dict[tuple[int, bytes], None] = {}
        self._new_tasks: dict[int, TaskRecord] = {}
        self._new_chats: dict[int, ChatRecord] = {}
        self._changed_tasks: dict[int, TaskRecord] = {}
        self._changed_chats: dict[int, ChatRecord] = {}
        self._new_lines: dict[int, LineRecord] = {}
        self._loaded: list[TaskRecord] = []
        self._later: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        self._waits: dict[tuple[int, int, int], list[int]] = {}
        for row in db.execute("select * from tasks where ended_at is null"):
            self._hold_task(TaskRecord(*row))
        for row in db.execute("select * from chats where closed_at is null"):
            self._chats[row[1]] = ChatRecord(*row)

    @property
    def held(self) -> int:
        """Rows in memory."""
        return len(self._tasks) + len(self._chats)

    # names and bots

    def name(self, kind: str, name: str) -> int:
        """The number of that name, new if need be."""
        found = self._names.get((kind, name))
        if found is None:
            found = self._db.execute("select no from names where kind = ? and name = ?", (kind, name)).get
            if found is None:
                self._db.execute("insert into names(kind, name) values (?, ?)", (kind, name))
                found = self._db.last_insert_rowid()
            self._names[kind, name] = found
        return found

    def maybe_name(self, kind: str, name: str | None) -> int | None:
        return self.name(kind, name) if name is not None else None

    def bot(self, bot_id: bytes) -> int:
        """The number of that bot, of which nothing more may be known."""
        found = self._bots.get(bot_id)
        if found is None:
            found = self._db.execute("select no from bots where id = ?", (bot_id,)).get
            if found is None:
                self._db.execute("insert into bots(id) values (?)", (bot_id,))
                found = self._db.last_insert_rowid()
            self._bots[bot_id] = found
        return found

    def describe_bot(self, bot_id: bytes, account: int, label: str | None) -> None:
        self._db.execute("update bots set account = ?, label = ? where no = ?", (account, label, self.bot(bot_id)))

    # tasks and chats

    def add_task(self, task: TaskRecord) -> None:
        self._new_tasks[task.no] = task
        self._hold_task(task)

    def add_chat(self, chat: ChatRecord) -> None:
        self._new_chats[chat.no] = chat
        self._chats[chat.id] = chat

    def task(self, task_id: bytes) -> TaskRecord | None:
        """The task of that id. Say `touch` when it has changed."""
        task = self._tasks.get(task_id)
        if task is None:
            row = self._db.execute("select * from tasks where id = ?", (task_id,)).fetchone()
            if row is None:
                return None
            task = TaskRecord(*row)
            self._hold_task(task)
            self._loaded.append(task)
        return task

    def task_numbered(self, no: int | None) -> TaskRecord | None:
        """The same by its number."""
        if no is None:
            return None
        known = self._task_ids.get(no)
        if known is None:
            known = self._db.execute("select id from tasks where no = ?", (no,)).get
        return self.task(known) if known is not None else None

    def touch(self, task: TaskRecord) -> None:
        """The task has changed."""
        if task.no not in self._new_tasks:
            self._changed_tasks[task.no] = task

    def chat(self, chat_id: bytes) -> ChatRecord | None:
        """The chat of that id, to be changed."""
        chat = self._chats.get(chat_id)
        if chat is None:
            row = self._db.execute("select * from chats where id = ?", (chat_id,)).fetchone()
            if row is None:
                return None
            chat = self._chats[chat_id] = ChatRecord(*row)
        if chat.no not in self._new_chats:
            self._changed_chats[chat.no] = chat
        return chat

    def chat_of(self, task: TaskRecord) -> ChatRecord | None:
        """The chat about that task, if one began."""
        if task.chat is None:
            return None
        for chat in (self._new_chats.get(task.chat), self._changed_chats.get(task.chat)):
            if chat is not None:
                return chat
        chat_id = self._db.execute("select id from chats where no = ?", (task.chat,)).get
        return self.chat(chat_id) if chat_id is not None else None

    def open_chats(self) -> list[ChatRecord]:
        """Those that have not closed, to be changed."""
        found = [chat for chat in self._chats.values() if chat.closed_at is None]
        self._changed_chats |= {chat.no: chat for chat in found if chat.no not in self._new_chats}
        return found

    # lines

    def add_line(self, line: LineRecord) -> None:
        self._new_lines[line.seq] = line
        if line.delivery == "queued":
            self._owed[line.chat, line.id] = line.seq, line.author

    def line(self, chat: ChatRecord, message_id: bytes) -> tuple[int, int] | None:
        """The seq and the author of a line that a bot says and that was not sent yet."""
        found = self._owed.get((chat.no, message_id))
        if found is None and (chat.no, message_id) not in self._sent:
            sql = (
                "select seq, author from messages where chat = ? and id = ? and delivery is not null "
                "and delivery <> 'sent' order by seq desc limit 1"
            )
            found = self._db.execute(sql, (chat.no, message_id)).fetchone()
        return found

    def settle_line(self, seq: int, delivery: str, reason: int | None) -> None:
        """What has become of a line."""
        line = self._new_lines.get(seq)
        if line is not None:
            line.delivery, line.reason = delivery, reason
        else:
            self._later["update messages set delivery = ?, reason = ? where seq = ?"].append((delivery, reason, seq))

    def sent(self, chat: ChatRecord, message_id: bytes) -> None:
        """The player has that line: told once more, it is no news."""
        self._owed.pop((chat.no, message_id), None)
        self._sent[chat.no, message_id] = None

    def answer(self, seq: int, waited: int, at: int) -> None:
        """The line has come at that moment, and was waited for so long."""
        line = self._new_lines.get(seq)
        if line is not None:
            line.waited, line.waited_at = waited, at
        else:
            self._later["update messages set waited = ?, waited_at = ? where seq = ?"].append((waited, at, seq))

    def wait(self, day: int, author: int, bucket: int, span: int) -> None:
        """Count one answer."""
        counted = self._waits.setdefault((day, author, bucket), [0, 0])
        counted[0] += 1
        counted[1] += span

    # all else

    def put(self, sql: str, *values: object) -> None:
        """Carry this statement out with the batch: those that insert before those that update."""
        self._later[sql].append(values)

    def flush(self) -> None:
        """Write everything that has changed. Raises apsw.Error."""
        many = self._db.executemany
        many(_NEW_TASK, [astuple(task) for task in self._new_tasks.values()])
        many(_NEW_CHAT, [astuple(chat) for chat in self._new_chats.values()])
        many(_CHANGED_TASK, [changing(task) for task in self._changed_tasks.values()])
        many(_CHANGED_CHAT, [changing(chat) for chat in self._changed_chats.values()])
        many(_NEW_LINE, [astuple(line) for line in self._new_lines.values()])
        many("insert into words(rowid, text) values (?, ?)", [(n, spoken(m.text)) for n, m in self._new_lines.items()])
        for sql, rows in sorted(self._later.items()):  # "insert" before "update"
            many(sql, rows)
        many(_WAIT, [(*key, *counted) for key, counted in self._waits.items()])
        self._let_go()

    def _let_go(self) -> None:
        """Hold no longer what is over."""
        for task in (*self._new_tasks.values(), *self._changed_tasks.values(), *self._loaded):
            if task.ended_at is not None:
                self._tasks.pop(task.id, None)
                self._task_ids.pop(task.no, None)
        for chat in (*self._new_chats.values(), *self._changed_chats.values()):
            if chat.closed_at is not None:
                self._chats.pop(chat.id, None)
        held: tuple[dict[int, TaskRecord] | dict[int, ChatRecord] | dict[int, LineRecord], ...]
        held = (self._new_tasks, self._new_chats, self._changed_tasks, self._changed_chats, self._new_lines)
        for rows in held:
            rows.clear()
        self._loaded.clear()
        self._sent.clear()
        self._later.clear()
        self._waits.clear()
        if len(self._names) > NAMES_KEPT:
            self._names.clear()
        if len(self._owed) > OWED_KEPT:
            self._owed.clear()

    def _hold_task(self, task: TaskRecord) -> None:
        self._tasks[task.id] = task
        self._task_ids[task.no] = task.id


def spoken(text: str) -> str:
    """The text as it is searched, which is what the view `spoken` shows: SQLite's tokeniser tells ё from е."""
    return text.replace("ё", "е").replace("Ё", "Е")


_NEW_TASK: Final = insert("tasks", TaskRecord)
_NEW_CHAT: Final = insert("chats", ChatRecord)
_NEW_LINE: Final = insert("messages", LineRecord)
_CHANGED_TASK: Final = update("tasks", TaskRecord, FIXED_TASK)
_CHANGED_CHAT: Final = update("chats", ChatRecord, FIXED_CHAT)
_WAIT: Final = (
    "insert into waits values (?, ?, ?, ?, ?) on conflict do update set n = n + excluded.n, sum = sum + excluded.sum"
)

"""The lists: tasks, chats, lines, the audit. Newest first, one page by its key and never by an offset."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TypeVar

import apsw

from kernel.deal_rows import DealStage
from plugins.history import words
from plugins.history.answers import AuditDeed, FoundLine, PastChat, PastTask
from plugins.history.codes import CausedBy, TaskStage
from plugins.history.questions import AuditQuery, ChatQuery, LineQuery, TaskQuery
from plugins.history.reading import LINE, Row, RowReader
from plugins.history.values import price, steam_id

T = TypeVar("T")
ITEMS_MOST: Final = 500
"""Items that a part of a name may stand for."""
STAGES: Final = {
    TaskStage.INVITED: "invited_at is not null",
    TaskStage.ACCEPTED: "accepted_at is not null",
    TaskStage.ALREADY: "accepted_at is not null and invited_at is null",
    TaskStage.TALKED: "talked_at is not null",
    TaskStage.AGREED: "agreed_at is not null",
    TaskStage.TRADED: "traded_at is not null",
    TaskStage.SETTLED: "settled_at is not null",
    TaskStage.REVERSED: "reversed_at is not null",
    TaskStage.REVERSIBLE: f"deal = '{DealStage.TRADED}'",
    TaskStage.FELL_THROUGH: "fell_at is not null",
    TaskStage.TO_TRADE: "status = 'resolved' and deal is null",
    TaskStage.OPEN: "ended_at is null",
    TaskStage.ENDED: "ended_at is not null",
}
LED: Final = f"case when caused_by = '{CausedBy.AGENT}' then agent else operator end"
"""The leader of a talk that has ended."""


class PageFound(NamedTuple):
    """Rows of a page, and where the next one begins."""

    records: list[Any]
    next: int | None


class Where:
    """Conditions of a query, and their values."""

    def __init__(self) -> None:
        self.conditions: list[str] = []
        self.values: list[Any] = []

    def add(self, condition: str, *values: Any) -> None:
        self.conditions.append(condition)
        self.values += values

    def equal(self, column: str, value: Any) -> None:
        if value is not None:
            self.add(f"{column} = ?", value)

    def between(self, column: str, since: Any, until: Any) -> bool:
        """From `since` up to `until`, as far as they are given. Returns whether one is."""
        if since is not None:
            self.add(f"{column} >= ?", since)
        if until is not None:
            self.add(f"{column} < ?", until)
        return since is not None or until is not None

    @property
    def sql(self) -> str:
        return " and ".join(self.conditions) or "true"


def tasks(db: apsw.Connection, query: TaskQuery, limit: int) -> PageFound:
    """Tasks, by when they were created."""
    rows, where = RowReader(db), Where()
    index = task_conditions(rows, where, query)
    where.between("no", None, query.before)
    found = db.execute(
        f"select * from tasks {index} where {where.sql} order by no desc limit ?",  # noqa: S608
        (*where.values, limit + 1),
    )
    return _page(found, limit, rows.task, _no)


def task_conditions(rows: RowReader, where: Where, query: TaskQuery) -> str:
    """Narrow to the tasks that are asked for. Returns the index that they are best found by."""
    best = ""
    if query.ended_since is not None or query.ended_until is not None:
        best = "indexed by tasks_ended"
        where.between("ended_at", query.ended_since, query.ended_until)
    if where.between("created_at", query.created_since, query.created_until) and not best:
        best = "indexed by tasks_created"
    for column, since, until in (
        ("traded", query.traded_since, query.traded_until),
        ("settled", query.settled_since, query.settled_until),
        ("reversed", query.reversed_since, query.reversed_until),
        ("fell", query.fell_through_since, query.fell_through_until),
    ):
        if where.between(f"{column}_at", since, until) and not best:
            best = f"indexed by tasks_{column}"
    if query.item is not None:
        best = "indexed by tasks_item"
        where.equal("item", rows.number("item", query.item))
    if query.item_like is not None:
        numbers = _items_like(rows, query.item_like)
        where.add(f"item in ({', '.join('?' * len(numbers))})", *numbers)
    if query.player is not None:
        best = "indexed by tasks_player"
        where.equal("player", steam_id(query.player))
    for kind, column, name in (
        ("currency", "currency", query.currency),
        ("actor", "agent", query.agent),
        ("actor", "operator", query.operator),
        ("why", "handed", query.handed_over),
    ):
        where.equal(column, rows.number(kind, name) if name is not None else None)
    where.equal("status", query.status.value if query.status is not None else None)
    where.equal("caused_by", query.caused_by.value if query.caused_by is not None else None)
    where.equal("bot", rows.number_of("bots", "bot", query.bot) if query.bot is not None else None)
    if query.reason is not None:
        where.add("reason is ?", rows.number("reason", query.reason) if query.reason else None)
    if query.deal_reason is not None:
        where.equal("deal_reason", rows.number("reason", query.deal_reason))
    if query.led_by is not None:
        leader = rows.number("actor", query.led_by) if query.led_by else None
        where.add(f"chat is not null and {LED} is ?", leader)
    if query.stage is not None:
        where.add(STAGES[query.stage])
    if query.price_from is not None:
        where.add("ifnull(agreed, price_max) >= ?", price(query.price_from))
    if query.price_to is not None:
        where.add("ifnull(agreed, price_min) <= ?", price(query.price_to))
    return best


def _items_like(rows: RowReader, part: str) -> list[int]:
    wanted = part.casefold()
    names = rows.all_names("item")
    return [number for number, name in names if wanted in name.casefold()][:ITEMS_MOST]


def chats(db: apsw.Connection, query: ChatQuery, limit: int) -> PageFound:
    """Chats, by when they began."""
    rows, where, best = RowReader(db), Where(), ""
    if where.between("unanswered_at", query.unanswered_since, query.unanswered_until):
        best = "indexed by chats_unanswered"
    if where.between("unheard_at", query.unheard_since, query.unheard_until) and not best:
        best = "indexed by chats_unheard"
    where.between("started_at", query.since, query.until)
    if query.player is not None:
        best = "indexed by chats_player"
        where.equal("player", steam_id(query.player))
    where.equal("bot", rows.number_of("bots", "bot", query.bot) if query.bot is not None else None)
    where.equal("task", rows.number_of("tasks", "task", query.task) if query.task is not None else None)
    where.equal("agent", rows.number("actor", query.agent) if query.agent is not None else None)
    where.equal("operator", rows.number("actor", query.operator) if query.operator is not None else None)
    if query.open is not None:
        where.add("closed_at is null" if query.open else "closed_at is not null")
    where.between("no", None, query.before)
    found = db.execute(
        f"select * from chats {best} where {where.sql} order by no desc limit ?",  # noqa: S608
        (*where.values, limit + 1),
    )
    return _page(found, limit, rows.chat, _no)


def lines(db: apsw.Connection, query: LineQuery, limit: int) -> PageFound:
    """Lines, by when they came. Raises Malformed where `words` has none."""
    rows, where = RowReader(db), Where()
    key = "words.rowid" if query.words is not None else "messages.seq"
    table = "messages"
    if query.words is not None:
        table = "words join messages on messages.seq = words.rowid"
        where.add("words match ?", words.query(query.words))
    where.between("messages.waited_at", query.answered_since, query.answered_until)
    where.between("messages.ts", query.since, query.until)
    if query.author == "player":
        where.add("messages.delivery is null")
    elif query.author is not None:
        where.equal("messages.author", rows.number("actor", query.author))
        where.add("(messages.delivery is null) = ?", query.author.startswith("player:"))
    where.equal("messages.chat", rows.number_of("chats", "chat", query.chat) if query.chat is not None else None)
    where.equal("chats.bot", rows.number_of("bots", "bot", query.bot) if query.bot is not None else None)
    where.equal("chats.player", steam_id(query.player) if query.player is not None else None)
    where.between(key, None, query.before)
    found = db.execute(
        f"select {LINE}, chats.no, chats.bot, chats.player, chats.task from {table} "  # noqa: S608
        f"join chats on chats.no = messages.chat where {where.sql} order by {key} desc limit ?",
        (*where.values, limit + 1),
    )
    return _page(found, limit, rows.found, _seq)


def deeds(db: apsw.Connection, query: AuditQuery, limit: int) -> PageFound:
    """The audit."""
    rows, where = RowReader(db), Where()
    for kind, name in (("actor", query.actor), ("action", query.action)):
        where.equal(kind, rows.number(kind, name) if name is not None else None)
    if query.result == "refused":
        where.add("result not in (?, ?)", rows.number("result", "ok"), rows.number("result", "repeated"))
    elif query.result is not None:
        where.equal("result", rows.number("result", query.result))
    where.equal("subject", query.subject)
    where.between("ts", query.since, query.until)
    where.between("seq", None, query.before)
    found = db.execute(
        f"select * from audit where {where.sql} order by seq desc limit ?",  # noqa: S608
        (*where.values, limit + 1),
    )

    def deed(row: Row) -> AuditDeed:
        seq, ts, actor, action, result, address, via, subject = row
        name = rows.name
        return AuditDeed(
            seq=seq,
            ts=ts,
            actor=name(actor),
            action=name(action),
            result=name(result),
            address=address,
            via=via,
            subject=subject,
        )

    return _page(found, limit, deed, _seq)


def _page(found: Iterable[Row], limit: int, make: Callable[[Row], T], key: Callable[[T], int]) -> PageFound:
    records = [make(row) for row in found]
    more = len(records) > limit
    del records[limit:]
    return PageFound(records, key(records[-1]) if more else None)


def _no(record: PastTask | PastChat) -> int:
    return record.no


def _seq(record: FoundLine | AuditDeed) -> int:
    return record.seq

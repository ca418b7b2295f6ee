"""Rows of the file as what is answered: numbers become names, ids and prices again."""

from __future__ import annotations

from typing import Any, Final

import apsw

from kernel.deal_rows import DealStage
from plugins.history.answers import (
    FoundLine,
    PastChat,
    PastHandover,
    PastInvite,
    PastLine,
    PastNote,
    PastOutcome,
    PastTask,
)
from plugins.history.codes import CausedBy
from plugins.history.records import ChatRecord, TaskRecord
from plugins.history.values import pack, price_text, unpack

Row = tuple[Any, ...]
_OUTCOME: Final = ("seq", "ts", "kind", "actor", "reason", "note", "offer", "reversible_until", "undone_at")
OUTCOME: Final = ", ".join(f"outcomes.{column}" for column in _OUTCOME)
LINE: Final = "messages.seq, messages.id, messages.ts, author, delivery, messages.reason, waited, messages.text"


class RowReader:
    """Of one query; what a number stands for is looked up once."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._found: dict[tuple[str, int], Any] = {}

    def number(self, kind: str, name: str) -> int:
        """Of that name; -1, which no row has, where it was never said."""
        found = self._db.execute("select no from names where kind = ? and name = ?", (kind, name)).get
        return found if found is not None else -1

    def number_of(self, table: str, prefix: str, of: str) -> int:
        """Of that bot, task or chat; -1 where there is none."""
        found = self._db.execute(f"select no from {table} where id = ?", (pack(prefix, of),)).get  # noqa: S608
        return found if found is not None else -1

    def name(self, number: int | None) -> Any:
        """A text; None for none."""
        return self._look("select name from names where no = ?", number)

    def all_names(self, kind: str) -> list[tuple[int, str]]:
        """Every name of that kind, with its number."""
        return list(self._db.execute("select no, name from names where kind = ?", (kind,)))

    def task_id(self, number: int | None) -> str | None:
        return self._id("task", "select id from tasks where no = ?", number)

    def chat_id(self, number: int | None) -> str | None:
        return self._id("chat", "select id from chats where no = ?", number)

    def bot_id(self, number: int | None) -> str | None:
        return self._id("bot", "select id from bots where no = ?", number)

    def task(self, row: Row) -> PastTask:
        """A row of `tasks`, all of its columns."""
        of = TaskRecord(*row)
        return PastTask(
            no=of.no,
            id=unpack("task", of.id),
            player=str(of.player),
            item=self.name(of.item),
            price_min=price_text(of.price_min),
            price_max=price_text(of.price_max),
            currency=self.name(of.currency),
            language=of.language,
            status=of.status,
            reason=self.name(of.reason),
            agreed_price=price_text(of.agreed) if of.agreed is not None else None,
            bot_id=self.bot_id(of.bot),
            chat_id=self.chat_id(of.chat),
            created_at=of.created_at,
            created_by=self.name(of.created_by),
            assigned_at=of.assigned_at,
            invited_at=of.invited_at,
            accepted_at=of.accepted_at,
            talked_at=of.talked_at,
            agreed_at=of.agreed_at,
            ended_at=of.ended_at,
            agent=self.name(of.agent),
            operator=self.name(of.operator),
            caused_by=CausedBy(of.caused_by) if of.caused_by is not None else None,
            handed_over=self.name(of.handed),
            deal=DealStage(of.deal) if of.deal is not None else None,
            deal_at=of.deal_at,
            deal_by=self.name(of.deal_by),
            deal_reason=self.name(of.deal_reason),
            traded_at=of.traded_at,
            settled_at=of.settled_at,
            reversed_at=of.reversed_at,
        )

    def task_numbered(self, number: int | None) -> PastTask | None:
        row = self._db.execute("select * from tasks where no = ?", (number,)).fetchone()
        return self.task(row) if row is not None else None

    def chat(self, row: Row) -> PastChat:
        """A row of `chats`, all of its columns."""
        of = ChatRecord(*row)
        account, label = self._db.execute("select account, label from bots where no = ?", (of.bot,)).get
        return PastChat(
            no=of.no,
            id=unpack("chat", of.id),
            bot_id=self.bot_id(of.bot) or "",
            bot_steam_id64=str(account) if account is not None else None,
            bot_label=label,
            player=str(of.player),
            task_id=self.task_id(of.task),
            started_at=of.started_at,
            closed_at=of.closed_at,
            reason=self.name(of.reason),
            agent=self.name(of.agent),
            operator=self.name(of.operator),
            lines=of.lines,
        )

    def line(self, row: Row) -> PastLine:
        """The columns of LINE."""
        return PastLine(**self._line(row))

    def found(self, row: Row) -> FoundLine:
        """The columns of LINE, then `no`, `bot`, `player` and `task` of its chat."""
        *line, chat, bot, player, task = row
        return FoundLine(
            **self._line(tuple(line)),
            chat_id=self.chat_id(chat) or "",
            bot_id=self.bot_id(bot) or "",
            player=str(player),
            task_id=self.task_id(task),
        )

    def _line(self, row: Row) -> dict[str, Any]:
        seq, line_id, ts, author, delivery, reason, waited, text = row
        return {
            "seq": seq,
            "id": unpack("msg", line_id),
            "ts": ts,
            "author": self.name(author),
            "from_": "player" if delivery is None else "bot",
            "text": text,
            "delivery": delivery,
            "reason": self.name(reason),
            "waited_ms": waited,
        }

    def handover(self, row: Row) -> PastHandover:
        """`seq, ts, actor, enabled, why, reason, detail` of `handovers`."""
        seq, ts, actor, enabled, why, reason, detail = row
        return PastHandover(
            seq=seq,
            ts=ts,
            actor=self.name(actor),
            enabled=bool(enabled),
            why=self.name(why),
            reason=self.name(reason),
            detail=detail,
        )

    def note(self, row: Row) -> PastNote:
        """`seq, id, ts, author, text, removed_at` of `notes`."""
        seq, note_id, ts, author, text, removed_at = row
        return PastNote(
            seq=seq, id=unpack("note", note_id), ts=ts, author=self.name(author), text=text, removed_at=removed_at
        )

    def invite(self, row: Row) -> PastInvite:
        """`no, bot, sent_at, ended_at, outcome` of `invites`."""
        number, bot, sent_at, ended_at, outcome = row
        bot_id = self.bot_id(bot) or ""
        return PastInvite(seq=number, bot_id=bot_id, sent_at=sent_at, ended_at=ended_at, outcome=outcome)

    def outcome(self, row: Row) -> PastOutcome:
        """The columns of OUTCOME."""
        seq, ts, kind, actor, reason, note, offer, reversible_until, undone_at = row
        return PastOutcome(
            seq=seq,
            ts=ts,
            kind=DealStage(kind),
            by=self.name(actor),
            reason=self.name(reason),
            note=note,
            offer_id=offer,
            reversible_until=reversible_until,
            undone_at=undone_at,
        )

    def _id(self, prefix: str, sql: str, number: int | None) -> str | None:
        key = (sql, number if number is not None else -1)
        if key not in self._found:
            packed = self._db.execute(sql, (number,)).get if number is not None else None
            self._found[key] = unpack(prefix, packed) if packed is not None else None
        found: str | None = self._found[key]
        return found

    def _look(self, sql: str, number: int | None) -> Any:
        if number is None:
            return None
        key = (sql, number)
        if key not in self._found:
            self._found[key] = self._db.execute(sql, (number,)).get
        return self._found[key]

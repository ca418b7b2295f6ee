"""Persons taken out of the archive: what the rewritten journal would give, without building it anew."""

from __future__ import annotations

from typing import Final

import apsw

from kernel.forgetting import ForgottenPersons
from plugins.history.store import spoken

AT_ONCE: Final = 1_000
"""Lines whose words are taken out of the index between two looks at the rest."""
_LINES: Final = (
    "select messages.seq, messages.text from messages join chats on chats.no = messages.chat "
    "where chats.player = ? and messages.text <> ''"
)
_BLANKED: Final = (
    "update messages set text = '' where chat in (select no from chats where player = ?)",
    "update notes set text = '' where chat in (select no from chats where player = ?)",
    "update handovers set detail = iif(detail is null, null, '') where chat in (select no from chats where player = ?)",
    "update outcomes set note = iif(note is null, null, ''), offer = null "
    "where task in (select no from tasks where player = ?)",
)


def forget(db: apsw.Connection, persons: ForgottenPersons) -> None:
    """Take these persons out, in one transaction; what is deleted is overwritten. Raises apsw.Error."""
    with db:
        for player, pseudonym in persons.items():
            _forget(db, player, pseudonym)
    db.execute("pragma incremental_vacuum")
    db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def _forget(db: apsw.Connection, player: str, pseudonym: str) -> None:
    number = int(player)
    said = [(seq, spoken(text)) for seq, text in db.execute(_LINES, (number,))]
    db.executemany("insert into words(words, rowid, text) values ('delete', ?, ?)", said)
    for sql in _BLANKED:
        db.execute(sql, (number,))
    for table in ("tasks", "chats"):
        db.execute(f"update {table} set player = ? where player = ?", (int(pseudonym), number))  # noqa: S608
    for table, column in (("messages", "text"), ("notes", "text"), ("handovers", "detail"), ("outcomes", "note")):
        _replace(db, table, column, player, pseudonym)
    _replace(db, "audit", "subject", player, pseudonym)
    _rename(db, player, pseudonym)


def _replace(db: apsw.Connection, table: str, column: str, player: str, pseudonym: str) -> None:
    """Where somebody else's text mentions them."""
    pattern = f"%{player}%"
    if table == "messages":
        found = list(db.execute("select seq, text from messages where text like ?", (pattern,)))
        db.executemany(
            "insert into words(words, rowid, text) values ('delete', ?, ?)", [(n, spoken(text)) for n, text in found]
        )
        new = [(n, spoken(text.replace(player, pseudonym))) for n, text in found]
        db.executemany("insert into words(rowid, text) values (?, ?)", new)
    sql = f"update {table} set {column} = replace({column}, ?, ?) where {column} like ?"  # noqa: S608
    db.execute(sql, (player, pseudonym, pattern))


def _rename(db: apsw.Connection, player: str, pseudonym: str) -> None:
    """Names of actors and items that have the SteamID. One that is there already takes the place of the other."""
    for no, kind, name in list(db.execute("select no, kind, name from names where name like ?", (f"%{player}%",))):
        new = name.replace(player, pseudonym)
        other = db.execute("select no from names where kind = ? and name = ?", (kind, new)).get
        if other is None:
            db.execute("update names set name = ? where no = ?", (new, no))
            continue
        for table, columns in _NAMED.items():
            for column in columns:
                db.execute(f"update {table} set {column} = ? where {column} = ?", (other, no))  # noqa: S608
        db.execute("delete from names where no = ?", (no,))


_NAMED: Final = {
    "tasks": ("item", "created_by", "reason", "agent", "operator", "handed", "deal_by", "deal_reason"),
    "chats": ("reason", "agent", "operator", "handed"),
    "messages": ("author", "reason"),
    "handovers": ("actor", "why", "reason"),
    "notes": ("author",),
    "outcomes": ("actor", "reason"),
    "audit": ("actor", "action", "result"),
}
"""Columns that hold the number of a name."""

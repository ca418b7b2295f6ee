"""The archive's file: its tables, and how it is opened. SQLite by APSW, since Python's own may be too old to forget
words (`secure-delete` of FTS5, 3.42)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import apsw

FILE: Final = "archive.db"
ASIDE: Final = "aside.db"
"""One that could not be used any more, until its successor is whole."""
BESIDE: Final = ("-wal", "-shm")
VERSION: Final = 3
"""Of the tables below. Raise it with each change of them: a file of another version is built anew."""
APPLICATION: Final = 0x53774869
"""What `file` and SQLite know it by."""
BUSY_MS: Final = 5_000

TABLES: Final = """
create table cursor(
  one integer primary key check (one = 1), seq integer not null, ts integer not null, line blob, zone text not null
) strict;
create table names(no integer primary key, kind text not null, name text not null, unique (kind, name)) strict;
create table bots(no integer primary key, id blob not null unique, account integer, label text) strict;
create table tasks(
  no integer primary key, id blob not null unique, player integer not null, item integer not null,
  currency integer not null, language text, price_min integer not null, price_max integer not null,
  created_at integer not null, created_by integer not null,
  status text not null, reason integer, agreed integer, bot integer, chat integer, assigned_at integer,
  invited_at integer, accepted_at integer, talked_at integer, agreed_at integer, ended_at integer, ended_seq integer,
  agent integer, operator integer, caused_by text, handed integer, invite integer,
  deal text, deal_at integer, deal_by integer, deal_reason integer,
  traded_at integer, settled_at integer, reversed_at integer, fell_at integer
) strict;
create table chats(
  no integer primary key, id blob not null unique, bot integer not null, player integer not null, task integer,
  started_at integer not null,
  closed_at integer, closed_seq integer, reason integer, agent integer, operator integer, helped integer not null,
  handed integer, lines integer not null, unanswered_at integer, unheard_at integer
) strict;
create table messages(
  seq integer primary key, id blob not null, chat integer not null, ts integer not null, author integer not null,
  delivery text, reason integer, waited integer, waited_at integer, text text not null
) strict;
create table invites(
  task integer not null, no integer not null, bot integer not null, sent_at integer not null,
  ended_at integer, ended_seq integer, outcome text, primary key (task, no)
) strict, without rowid;
create table handovers(
  chat integer not null, seq integer not null, ts integer not null, actor integer not null, enabled integer not null,
  why integer, reason integer not null, detail text, primary key (chat, seq)
) strict, without rowid;
create table notes(
  chat integer not null, seq integer not null, id blob not null, ts integer not null, author integer not null,
  text text not null, removed_at integer, primary key (chat, seq)
) strict, without rowid;
create table outcomes(
  seq integer primary key, task integer not null, kind text not null, ts integer not null, actor integer not null,
  reason integer, note text, offer text, reversible_until integer, undone_at integer
) strict;
create table audit(
  seq integer primary key, ts integer not null, actor integer not null, action integer not null,
  result integer not null, address text not null, via text not null, subject text
) strict;
create table waits(
  day integer not null, author integer not null, bucket integer not null, n integer not null, sum integer not null,
  primary key (day, author, bucket)
) strict, without rowid;
create view spoken as
  select seq, replace(replace(text, 'ё', 'е'), 'Ё', 'Е') as text from messages;
create virtual table words using fts5(
  text, content='spoken', content_rowid='seq', tokenize='unicode61 remove_diacritics 2', detail=full, columnsize=0,
  prefix='3'
);
insert into words(words, rank) values ('secure-delete', 1);
"""
LIFTED: Final = {
    "tasks": (
        *("deal text", "deal_at integer", "deal_by integer", "deal_reason integer"),
        *("traded_at integer", "settled_at integer", "reversed_at integer", "fell_at integer"),
    ),
    "outcomes": ("reason integer", "note text", "offer text", "reversible_until integer", "undone_at integer"),
}
"""The columns that version 3 has and version 2 had not, in their order."""
INDEXES: Final = """
create index tasks_player on tasks(player);
create index tasks_created on tasks(created_at);
create index tasks_ended on tasks(ended_at, status) where ended_at is not null;
create index tasks_open on tasks(no) where ended_at is null;
create index tasks_item on tasks(item);
create index chats_player on chats(player);
create index chats_open on chats(no) where closed_at is null;
create index chats_unanswered on chats(unanswered_at) where unanswered_at is not null;
create index chats_unheard on chats(unheard_at) where unheard_at is not null;
create index messages_chat on messages(chat, seq);
create index outcomes_task on outcomes(task);
"""
DEAL_INDEXES: Final = """
create index tasks_traded on tasks(traded_at) where traded_at is not null;
create index tasks_settled on tasks(settled_at) where settled_at is not null;
create index tasks_reversed on tasks(reversed_at) where reversed_at is not null;
create index tasks_fell on tasks(fell_at) where fell_at is not null;
"""
PRAGMAS: Final = ("journal_mode = wal", "synchronous = normal", "wal_autocheckpoint = 2000", "secure_delete = on")


class Unusable(Exception):
    """The file is of another version, or of something else; it is to be built anew. The message is a sentence."""


def made(path: Path, zone: str) -> apsw.Connection:
    """A new, empty archive, for its owner's eyes only, to be written. Raises apsw.Error, OSError."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    db = apsw.Connection(str(path))
    db.set_busy_timeout(BUSY_MS)
    db.execute("pragma page_size = 8192")
    for pragma in ("auto_vacuum = incremental", *PRAGMAS):
        db.execute(f"pragma {pragma}")
    with db:
        db.execute(TABLES)
        db.execute(INDEXES + DEAL_INDEXES)
        db.execute("insert into cursor values (1, 0, 0, null, ?)", (zone,))
        db.execute(f"pragma application_id = {APPLICATION}")
        db.execute(f"pragma user_version = {VERSION}")
    return db


def opened(path: Path) -> apsw.Connection:
    """The archive that is there, to be written. Raises Unusable, apsw.Error."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        db.set_busy_timeout(BUSY_MS)
        _expect_ours(db, path)
        for pragma in PRAGMAS:
            db.execute(f"pragma {pragma}")
    except BaseException:
        db.close()
        raise
    return db


def lift(path: Path) -> bool:
    """Bring an archive of version 2 to VERSION where it stands, with nothing recorded about its deals; False for one of
    another version. Raises apsw.Error."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        db.set_busy_timeout(BUSY_MS)
        if db.execute("pragma application_id").get != APPLICATION or db.execute("pragma user_version").get != 2:
            return False
        with db:
            for table, columns in LIFTED.items():
                for column in columns:
                    db.execute(f"alter table {table} add column {column}")
            db.execute(DEAL_INDEXES)
            db.execute(f"pragma user_version = {VERSION}")
    finally:
        db.close()
    return True


def opened_to_read(path: Path) -> apsw.Connection:
    """The same for a reader, which can change nothing. Raises Unusable, apsw.Error."""
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)  # a reader shares the -shm file, and writes there
    try:
        db.set_busy_timeout(BUSY_MS)
        _expect_ours(db, path)
        db.execute("pragma query_only = on")
        db.execute("pragma cache_size = -16000")
    except BaseException:
        db.close()
        raise
    return db


def put_aside(path: Path) -> Path:
    """Move an archive away that cannot be used, in the place of one that was put aside before. Raises OSError."""
    aside = path.with_name(ASIDE)
    drop(aside)
    for suffix in ("", *BESIDE):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside


def drop(path: Path) -> None:
    """Remove an archive and what SQLite keeps beside it. Raises OSError."""
    for suffix in ("", *BESIDE):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def size_of(path: Path) -> int:
    """Bytes on disk."""
    parts = [path.with_name(path.name + suffix) for suffix in ("", *BESIDE)]
    return sum(part.stat().st_size for part in parts if part.exists())


def _expect_ours(db: apsw.Connection, path: Path) -> None:
    application, version = db.execute("pragma application_id").get, db.execute("pragma user_version").get
    if application != APPLICATION or version != VERSION:
        raise Unusable(f"{path} is of version {version} and this is version {VERSION}; it is built anew")

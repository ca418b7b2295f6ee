"""Rows as the writer holds them between batches: the fields are the columns, in the order of the tables."""

from __future__ import annotations

from typing import Final

from msgspec import Struct
from msgspec.structs import astuple


class TaskRecord(Struct, gc=False):
    """A row of `tasks`."""

    no: int
    id: bytes
    player: int
    item: int
    currency: int
    language: str | None
    price_min: int
    price_max: int
    created_at: int
    created_by: int
    status: str = "created"
    reason: int | None = None
    agreed: int | None = None
    bot: int | None = None
    chat: int | None = None
    assigned_at: int | None = None
    invited_at: int | None = None
    accepted_at: int | None = None
    talked_at: int | None = None
    agreed_at: int | None = None
    ended_at: int | None = None
    ended_seq: int | None = None
    agent: int | None = None
    operator: int | None = None
    caused_by: str | None = None
    handed: int | None = None
    invite: int | None = None
    """The invite that is out, if one is."""
    deal: str | None = None
    """What has become of the agreed price until now: a `DealStage`; None: nothing is recorded."""
    deal_at: int | None = None
    deal_by: int | None = None
    deal_reason: int | None = None
    """Why it fell through."""
    traded_at: int | None = None
    settled_at: int | None = None
    """None again where the trade was reversed after all."""
    reversed_at: int | None = None
    fell_at: int | None = None


class ChatRecord(Struct, gc=False):
    """A row of `chats`."""

    no: int
    id: bytes
    bot: int
    player: int
    task: int | None
    started_at: int
    closed_at: int | None = None
    closed_seq: int | None = None
    reason: int | None = None
    agent: int | None = None
    operator: int | None = None
    """The person who took it, gave it back or wrote in it last."""
    helped: int = 0
    handed: int | None = None
    """Why the agent was first switched off in it."""
    lines: int = 0
    unanswered_at: int | None = None
    """Since when the player waits for an answer."""
    unheard_at: int | None = None
    """Since when we wait for the player's."""


class LineRecord(Struct, gc=False):
    """A row of `messages`."""

    seq: int
    id: bytes
    chat: int
    ts: int
    author: int
    delivery: str | None
    reason: int | None
    waited: int | None
    """Of the first line that answers: how long the other side had waited for it, in ms."""
    waited_at: int | None
    """When it came: a bot's line is sent later than it is written."""
    text: str


FIXED_TASK: Final = 10
"""So many of its columns never change."""
FIXED_CHAT: Final = 6


def changing(record: TaskRecord | ChatRecord) -> tuple[object, ...]:
    """The columns that change, and last the `no` that the row is found by."""
    fixed = FIXED_TASK if isinstance(record, TaskRecord) else FIXED_CHAT
    return (*astuple(record)[fixed:], record.no)


def insert(table: str, record: type[Struct]) -> str:
    """The SQL that puts a new row."""
    return f"insert into {table} values ({', '.join('?' * len(record.__struct_fields__))})"  # noqa: S608


def update(table: str, record: type[Struct], fixed: int) -> str:
    """The SQL that changes one, given `changing`."""
    columns = ", ".join(f"{name} = ?" for name in record.__struct_fields__[fixed:])
    return f"update {table} set {columns} where no = ?"  # noqa: S608

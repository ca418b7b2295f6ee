"""The plain form of everything, for a terminal: lines of text, no colours, nothing that the terminal would obey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import singledispatch
from typing import Final

import msgspec
from msgspec import Struct

from kernel.events import Envelope
from kernel.rows import Bot, Chat, Task
from kernel.state import State
from switchboard import brief

WIDTH: Final = 48
"""Characters of a cell of a table; longer ones are cut."""


def table(name: str, rows: Sequence[Struct], row_type: type[Struct], most: int) -> str:
    """At most that many rows, as columns."""
    columns = brief.columns(row_type)
    lines = [[column.heading for column in columns]]
    lines += [[_cut(column.value(row)) for column in columns] for row in rows[:most]]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    text = [f"{len(rows)} {name}"] if rows else [f"no {name}"]
    if rows:
        text += [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        ]
    if len(rows) > most:
        text.append(f"… and {len(rows) - most} more")
    return "\n".join(text)


@singledispatch
def row(thing: object) -> str:
    """One thing, whole."""
    if not isinstance(thing, Struct):
        return plain(str(thing))
    return "\n".join(f"{column.heading}: {plain(column.value(thing))}" for column in brief.columns(type(thing)))


@row.register
def _(bot: Bot) -> str:
    because, seen = brief.because(bot), brief.when(bot.last_seen) or "never"
    return plain(f"bot {bot.label or bot.id}: {bot.status}{f', {because}' if because else ''}") + plain(
        f"\n  id {bot.id}, account {bot.steam_id64}, proxy {bot.proxy_url}, last seen {seen}"
    )


@row.register
def _(task: Task) -> str:
    because = brief.because(task)
    head = f"task {task.id}: {task.status}{f', {because}' if because else ''}"
    bot, chat = task.assigned_bot_id or "not chosen yet", task.chat_id or "not begun yet"
    return plain(
        f"{head}\n  {task.item} for {brief.prices(task)} to player {task.player}"
        f"\n  by {task.created_by}, bot {bot}, chat {chat}"
    )


@row.register
def _(chat: Chat) -> str:
    head = f"chat {chat.id} with player {chat.player}: {chat.status}, led by {brief.hands(chat)}"
    lines = [
        f"  {brief.when(message.ts)[-8:]} {brief.writer(message)}: {message.text.replace(chr(10), ' / ')}"
        f"{f' ({message.delivery})' if message.delivery not in (None, 'sent') else ''}"
        for message in chat.messages
    ]
    return plain("\n".join([head, *lines]))


@row.register
def _(event: Envelope) -> str:
    cause = f" because of {event.cause}" if event.cause is not None else ""
    payload = msgspec.json.encode(event.payload).decode()
    return plain(f"{event.seq} {brief.when(event.ts)} {event.kind} by {event.actor}{cause} {payload}")


def fleet(state: State) -> str:
    """Everything at a glance."""
    lines = [f"{name:<6} {_tally(counted)}" for name, counted in tallies(state).items()]
    if state.contact.paused:
        lines.append(plain(f"contact is paused by {state.contact.paused_by}"))
    return "\n".join([*lines, f"at event {state.seq}, {brief.when(state.ts)} UTC"])


def tallies(state: State) -> dict[str, Counter[str]]:
    """How many of what, by status."""
    return {
        "bots": Counter(str(bot.status) for bot in state.bots.rows()),
        "tasks": Counter(str(task.status) for task in state.tasks.rows()),
        "chats": Counter(_lead(chat) for chat in state.chats.rows()),
    }


def _lead(chat: Chat) -> str:
    if not chat.is_open:
        return "closed"
    return "with the agent" if chat.agent_enabled else "with people"


def _tally(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {status}" for status, count in counted.items()) or "none"


def plain(text: str) -> str:
    """Without the characters that a terminal obeys: what players write is shown, not carried out."""
    return "".join(c if c in "\n\t" or c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _cut(text: str) -> str:
    flat = plain(text).replace("\n", " / ").replace("\t", " ")
    return flat if len(flat) <= WIDTH else f"{flat[: WIDTH - 1]}…"

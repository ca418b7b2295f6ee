"""What is said of a row in a line: the columns of each kind, for the terminal and for HTML alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from msgspec import Struct

from kernel.rows import Bot, BotStatus, Chat, Invite, Message, Player, PluginRow, PluginStatus, Task, TaskStatus
from switchboard.lines import Line


class Column(NamedTuple):
    """A heading, what stands under it, and whether it is a status, which HTML marks with a colour."""

    heading: str
    value: Callable[[Any], str]
    status: bool = False


TONES: Final[dict[str, str]] = {
    BotStatus.CONNECTED: "good",
    BotStatus.CONNECTING: "busy",
    BotStatus.DISCONNECTED: "off",
    BotStatus.AUTH_FAILED: "bad",
    TaskStatus.CREATED: "busy",
    TaskStatus.ASSIGNED: "busy",
    TaskStatus.INVITED: "busy",
    TaskStatus.ACCEPTED: "live",
    TaskStatus.RESOLVED: "good",
    TaskStatus.FAILED: "bad",
    TaskStatus.DISPOSED: "off",
    PluginStatus.RUNNING: "good",
    PluginStatus.STOPPED: "off",
    PluginStatus.QUARANTINED: "bad",
    "open": "live",
    "closed": "off",
    "queued": "busy",
    "requested": "busy",
    "sent": "good",
}
"""How each status looks: good, live, busy, off or bad."""


def when(ms: int | None) -> str:
    """A time in UTC, to the second; empty for none."""
    return "" if not ms else f"{datetime.fromtimestamp(ms / 1_000, UTC):%Y-%m-%d %H:%M:%S}"


def prices(task: Task) -> str:
    """The range of a task with its currency, and what was agreed."""
    agreed = f", agreed {task.agreed_price}" if task.agreed_price is not None else ""
    return f"{task.price_min}-{task.price_max} {task.currency}{agreed}"


def hands(chat: Chat) -> str:
    """Who leads the chat."""
    if not chat.is_open:
        return "nobody, it is closed"
    if chat.agent_enabled:
        return _versioned(f"agent:{chat.agent}", chat.agent_version) if chat.agent else "the agent"
    return chat.owner or "nobody yet"


def writer(line: Message | Line) -> str:
    """Who wrote it; of an agent, also its version."""
    return _versioned(line.author, line.author_version)


def _versioned(actor: str, version: str | None) -> str:
    return f"{actor} {version}" if version else actor


def because(row: Bot | Task) -> str:
    """Why a bot or a task is where it is, in words; for a bot, also what to do."""
    step = f" {row.next_step}" if isinstance(row, Bot) and row.next_step else ""
    return f"{row.detail or row.reason or ''}{step}"


def _last_words(chat: Chat) -> str:
    if not chat.messages:
        return ""
    last = chat.messages[-1]
    return f"{last.author.split(':', 1)[0]}: {last.text}"


def activity(player: Player) -> str:
    """What the player does on Steam, as it was last told: their game, else their state."""
    persona = player.persona
    if persona is None:
        return ""
    if persona.game_id is not None or persona.game is not None:
        return f"plays {persona.game or f'app {persona.game_id}'}"
    return persona.state or ""


def _care(player: Player) -> str:
    if player.do_not_contact is not None:
        return f"do not contact ({player.do_not_contact.reason}, by {player.do_not_contact.by})"
    return f"invite {player.invite_refusal}" if player.invite_refusal else ""


_COLUMNS: Final[dict[type[Struct], tuple[Column, ...]]] = {
    Bot: (
        Column("bot", lambda bot: bot.label or bot.id),
        Column("status", lambda bot: bot.status, status=True),
        Column("steam id", lambda bot: bot.steam_id64),
        Column("account", lambda bot: ", ".join(bot.standing)),
        Column("last seen", lambda bot: when(bot.last_seen)),
        Column("because", because),
    ),
    Task: (
        Column("task", lambda task: task.id),
        Column("status", lambda task: task.status, status=True),
        Column("player", lambda task: task.player),
        Column("item", lambda task: task.item),
        Column("price", prices),
        Column("because", because),
    ),
    Chat: (
        Column("chat", lambda chat: chat.id),
        Column("status", lambda chat: chat.status, status=True),
        Column("player", lambda chat: chat.player),
        Column("led by", hands),
        Column("lines", lambda chat: str(len(chat.messages))),
        Column("last words", _last_words),
    ),
    Invite: (
        Column("task", lambda invite: invite.task_id),
        Column("status", lambda invite: invite.status, status=True),
        Column("bot", lambda invite: invite.bot_id),
        Column("player", lambda invite: invite.player),
        Column("queued at", lambda invite: when(invite.queued_at)),
    ),
    Player: (
        Column("player", lambda player: player.steam_id64),
        Column("name", lambda player: (player.persona and player.persona.name) or ""),
        Column("on Steam", activity),
        Column("care", _care),
    ),
    PluginRow: (
        Column("plugin", lambda plugin: plugin.name),
        Column("status", lambda plugin: plugin.status, status=True),
        Column("version", lambda plugin: plugin.version or ""),
        Column("code", lambda plugin: (plugin.code or "")[:8]),
        Column("hooks", lambda plugin: ", ".join(plugin.hooks)),
        Column("since", lambda plugin: when(plugin.since)),
        Column("last error", lambda plugin: plugin.last_error or plugin.detail or ""),
    ),
    Line: (
        Column("time", lambda line: when(line.ts)),
        Column("chat", lambda line: line.chat_id),
        Column("author", writer),
        Column("text", lambda line: line.text),
    ),
}


def columns(row_type: type[Struct]) -> Sequence[Column]:
    """The columns of a kind; every field, for one that has no choice of its own."""
    chosen = _COLUMNS.get(row_type)
    return chosen or [Column(name, _field(name)) for name in row_type.__struct_fields__]


def _field(name: str) -> Callable[[Any], str]:
    return lambda row: "" if getattr(row, name) is None else str(getattr(row, name))

"""One screen: bots, tasks and chats by status, what waits, and the last events, as rich renderables of the state."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    ChatAgentToggled,
    ChatMessageEchoed,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatStarted,
    DialogScriptAdvanced,
    DialogScriptCompleted,
    Envelope,
    ErrorLogged,
    FriendInviteAccepted,
    FriendInviteFailed,
    FriendInviteQueued,
    FriendInviteSent,
    FriendRelationshipChanged,
    TaskAssigned,
    TaskCreated,
    TaskStatusChanged,
    TaskWaiting,
)
from kernel.ids import BotId
from kernel.rows import Bot, BotStatus, ChatStatus, TaskStatus
from kernel.state import State

S = TypeVar("S", bound=str)
LAST_EVENTS: Final = 14
COLOURS: Final[Mapping[str, str]] = {
    BotStatus.CONNECTED: "green",
    BotStatus.CONNECTING: "yellow",
    BotStatus.DISCONNECTED: "bright_black",
    BotStatus.AUTH_FAILED: "red",
    TaskStatus.CREATED: "bright_black",
    TaskStatus.ASSIGNED: "cyan",
    TaskStatus.INVITED: "blue",
    TaskStatus.ACCEPTED: "magenta",
    TaskStatus.RESOLVED: "green",
    TaskStatus.FAILED: "red",
    TaskStatus.DISPOSED: "yellow",
    "with the agent": "magenta",
    "with an operator": "yellow",
    "closed": "bright_black",
}


class Screen:
    """Keeps the last events and draws everything else from the state, at whatever pace it is asked."""

    def __init__(self, state: State, *, rate: float, invitation: list[str], wanted_tasks: int) -> None:
        """`invitation`: lines that say where to go; `wanted_tasks`: how many the demo will create."""
        self._state = state
        self._rate = rate
        self._invitation = invitation
        self._wanted_tasks = wanted_tasks
        self._events: deque[Envelope] = deque(maxlen=LAST_EVENTS)
        self._count = 0

    def see(self, envelope: Envelope, line: bytes) -> None:
        """Called for every event."""
        self._count += 1
        self._events.append(envelope)

    def __rich__(self) -> RenderableType:
        pace = "real time" if self._rate == 1 else f"clock {self._rate:g} times as fast as real time"
        head = [Text(line, overflow="fold") for line in self._invitation]
        note = Text(f"{pace}: one invite a minute a bot is one in {60 / self._rate:.1f} s here.", style="yellow")
        counts = Table.grid(expand=True, padding=(0, 1))
        for _ in range(3):
            counts.add_column(ratio=1)
        counts.add_row(
            _statuses("Bots", BotStatus, self._state.index.bots_by_status),
            _statuses(f"Tasks ({self._wanted_tasks} planned)", TaskStatus, self._state.index.tasks_by_status),
            _statuses("Chats", ("with the agent", "with an operator", "closed"), self._chats()),
        )
        waiting = Text(self._waiting(), style="bright_black")
        return Group(
            Panel(Group(*head, note), title="Switchboard", border_style="bright_black"),
            counts,
            waiting,
            Panel(self._last_events(), title=f"Last of {self._count} events", border_style="bright_black"),
            Text("Ctrl-C stops it in good order; the next start goes on from here.", style="bright_black"),
        )

    def _chats(self) -> Counter[str]:
        chats = self._state.chats.values()
        return Counter(
            "closed" if c.status is ChatStatus.CLOSED else "with the agent" if c.agent_enabled else "with an operator"
            for c in chats
        )

    def _waiting(self) -> str:
        reasons = Counter(t.reason for t in self._state.tasks.values() if t.is_open and t.reason)
        told = ", ".join(f"{count} {reason}" for reason, count in reasons.most_common(4))
        return f" {len(self._state.invites)} invites queued or under way.  Tasks that wait: {told or 'none'}"

    def _last_events(self) -> RenderableType:
        table = Table.grid(padding=(0, 2), expand=True)
        table.add_column(no_wrap=True, style="bright_black")
        table.add_column(no_wrap=True)
        table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
        for envelope in self._events:
            at = datetime.fromtimestamp(envelope.ts / 1_000, UTC).strftime("%H:%M:%S")
            table.add_row(at, envelope.kind, _plain(describe(envelope, self._state)))
        return table


def _statuses(title: str, statuses: Iterable[S], counts: Mapping[S, int]) -> Panel:
    table = Table.grid(padding=(0, 1))
    for status in statuses:
        count = counts.get(status, 0)
        colour = COLOURS[status] if count else "bright_black"
        table.add_row(Text(f"{count:>5}", style=f"bold {colour}"), Text(str(status), style=colour))
    return Panel(table, title=title, border_style="bright_black")


def _plain(text: str) -> Text:
    """What players write is shown, and neither styles our screen nor commands the terminal."""
    return Text("".join(character if character.isprintable() else " " for character in text))


def describe(envelope: Envelope, state: State) -> str:
    """An event in a few words."""
    event = envelope.payload
    match event:
        case ChatMessageReceived() | ChatMessageQueued() | ChatMessageEchoed():
            return f"{event.message.author}: {event.message.text}"
        case ChatAgentToggled():
            return f"{'back to the agent' if event.enabled else 'taken over'} by {envelope.actor}"
        case TaskStatusChanged():
            return f"{event.status} {event.detail or ''}"
        case TaskCreated():
            return f"{event.item} for {event.price_min} to {event.price_max} {event.currency}, by {envelope.actor}"
        case FriendRelationshipChanged():
            return f"{_bot(state, event.bot_id)} and {event.player}: {event.relationship}"
        case FriendInviteQueued() | FriendInviteSent() | FriendInviteAccepted() | ChatStarted():
            return f"{_bot(state, event.bot_id)} and {event.player}"
        case TaskAssigned() | BotConnected() | BotConnecting():
            return _bot(state, event.bot_id)
        case DialogScriptAdvanced():
            return f"{event.agent} at {event.step}"
        case ErrorLogged():
            return f"{event.source}: {event.message}: {event.detail or ''}"
        case DialogScriptCompleted() | FriendInviteFailed() | BotDisconnected() | BotAuthFailed() | TaskWaiting():
            return event.detail
    return envelope.actor


def _bot(state: State, bot_id: BotId) -> str:
    bot: Bot | None = state.bots.get(bot_id)
    return bot.label or bot.steam_id64 if bot is not None else bot_id


def one_line(state: State, wanted_tasks: int) -> str:
    """The same for a log: counts only."""
    bots = state.index.bots_by_status
    tasks = ", ".join(f"{state.index.tasks_by_status[s]} {s}" for s in TaskStatus if state.index.tasks_by_status[s])
    return (
        f"bots {bots[BotStatus.CONNECTED]}/{len(state.bots)} connected; "
        f"tasks {len(state.tasks)}/{wanted_tasks} ({tasks or 'none yet'}); chats {len(state.chats)}; seq {state.seq}"
    )

"""The facts that plugins tell each other: frozen, past tense, under the names of SPEC.md section 4."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Final

from msgspec import field

from kernel import audit_events, chat_events, lifecycle, team_events
from kernel.chat_events import ChatAgentToggled as ChatAgentToggled
from kernel.chat_events import ChatClosed as ChatClosed
from kernel.chat_events import ChatMessageEchoed as ChatMessageEchoed
from kernel.chat_events import ChatMessageFailed as ChatMessageFailed
from kernel.chat_events import ChatMessageInDoubt as ChatMessageInDoubt
from kernel.chat_events import ChatMessageQueued as ChatMessageQueued
from kernel.chat_events import ChatMessageReceived as ChatMessageReceived
from kernel.chat_events import ChatMessageSending as ChatMessageSending
from kernel.chat_events import ChatMessageSent as ChatMessageSent
from kernel.chat_events import ChatMessageUnanswered as ChatMessageUnanswered
from kernel.chat_events import ChatMessageWaiting as ChatMessageWaiting
from kernel.chat_events import ChatStarted as ChatStarted
from kernel.chat_events import DialogScriptAdvanced as DialogScriptAdvanced
from kernel.chat_events import DialogScriptCompleted as DialogScriptCompleted
from kernel.clock import Millis
from kernel.envelope import Envelope as Envelope
from kernel.envelope import Event as Event
from kernel.errors import Binds
from kernel.ids import BotId, SteamId64, TaskId
from kernel.lifecycle import ClockResumed as ClockResumed
from kernel.lifecycle import ClockStepped as ClockStepped
from kernel.lifecycle import CommandCompleted as CommandCompleted
from kernel.lifecycle import ErrorLogged as ErrorLogged
from kernel.lifecycle import LiveShellClosed as LiveShellClosed
from kernel.lifecycle import LiveShellOpened as LiveShellOpened
from kernel.lifecycle import LiveShellRan as LiveShellRan
from kernel.lifecycle import PluginDisabled as PluginDisabled
from kernel.lifecycle import PluginEnabled as PluginEnabled
from kernel.lifecycle import PluginFacts as PluginFacts
from kernel.lifecycle import PluginFound as PluginFound
from kernel.lifecycle import PluginQuarantined as PluginQuarantined
from kernel.lifecycle import PluginReloaded as PluginReloaded
from kernel.lifecycle import PluginRolledBack as PluginRolledBack
from kernel.lifecycle import PluginStarted as PluginStarted
from kernel.lifecycle import PluginStopped as PluginStopped
from kernel.lifecycle import PluginSwapped as PluginSwapped
from kernel.lifecycle import SystemStarted as SystemStarted
from kernel.lifecycle import SystemStopped as SystemStopped
from kernel.rows import InviteRefusal, TaskStatus

# ── bots


class BotAdded(Event, frozen=True, kw_only=True):
    """A bot is known from now on; its secrets are in the transport's keeping."""

    kind: ClassVar[str] = "bot.added"
    viewer_sees: ClassVar[Mapping[str, object]] = {"proxy_url": ""}
    bot_id: BotId
    steam_id64: SteamId64
    proxy_url: str
    label: str | None = None


class BotRemoved(Event, frozen=True, kw_only=True):
    """A bot is no longer known; its open tasks and chats have been ended before."""

    kind: ClassVar[str] = "bot.removed"
    bot_id: BotId


class BotConnecting(Event, frozen=True, kw_only=True):
    """The bot's turn to sign in has come."""

    kind: ClassVar[str] = "bot.connecting"
    bot_id: BotId


class BotConnected(Event, frozen=True, kw_only=True):
    """The bot is usable: signed in, and its list of friends is here."""

    kind: ClassVar[str] = "bot.connected"
    bot_id: BotId


class BotDisconnected(Event, frozen=True, kw_only=True):
    """The bot is off. With `retry_at` it may be tried again from then on; without, when somebody wants it online."""

    kind: ClassVar[str] = "bot.disconnected"
    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": ""}
    bot_id: BotId
    reason: str
    detail: str
    retry_at: Millis | None = None


class BotAuthFailed(Event, frozen=True, kw_only=True):
    """Steam does not let the bot in, and trying again would not help: a person has to act."""

    kind: ClassVar[str] = "bot.authFailed"
    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": "", "next_step": ""}
    bot_id: BotId
    reason: str
    detail: str
    next_step: str


class BotInvitesBlocked(Event, frozen=True, kw_only=True):
    """Steam takes no more invites from this bot until then."""

    kind: ClassVar[str] = "bot.invitesBlocked"
    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": ""}
    bot_id: BotId
    until: Millis
    reason: str
    detail: str


# ── friends: what the transport reports, before anyone has made sense of it


class FriendRelationshipChanged(Event, frozen=True, kw_only=True):
    """Steam says how a bot and a person now stand: `none`, `invited`, `invitedUs`, `friend`, `blocked`, `ignored`."""

    kind: ClassVar[str] = "friend.relationshipChanged"
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    relationship: str


class FriendMessageArrived(Event, frozen=True, kw_only=True):
    """A line between a bot and a person, live or read back from Steam's history; the same line may come twice."""

    kind: ClassVar[str] = "friend.messageArrived"
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    text: str
    steam_ts: int
    """Seconds since the epoch, Steam's own."""
    ordinal: int
    from_bot: bool = False
    """The bot's account wrote it, in another Steam client than ours."""


# ── tasks and their invites


class TaskCreated(Event, frozen=True, kw_only=True):
    """Somebody wants a trade talked about with a player."""

    kind: ClassVar[str] = "task.created"
    task_id: TaskId
    player: SteamId64 = field(name="playerSteamId64")
    item: str
    price_min: Decimal
    price_max: Decimal
    currency: str
    language: str | None = None


class TaskAssigned(Event, frozen=True, kw_only=True):
    """A bot has been chosen for the task."""

    kind: ClassVar[str] = "task.assigned"
    task_id: TaskId
    bot_id: BotId


class TaskStatusChanged(Event, frozen=True, kw_only=True):
    """The task has moved on; back to `created` it loses its bot. `reason` is a code, `detail` a sentence."""

    kind: ClassVar[str] = "task.statusChanged"
    task_id: TaskId
    status: TaskStatus
    reason: str | None = None
    detail: str | None = None
    agreed_price: Decimal | None = None


class TaskWaiting(Event, frozen=True, kw_only=True):
    """Why the task does not move on just now, and until when, where that is known. Its status stays.

    `next_step` is what a person can do about it; None where nobody has to do anything.
    """

    kind: ClassVar[str] = "task.waiting"
    task_id: TaskId
    reason: str
    detail: str
    until: Millis | None = None
    next_step: str | None = None


class FriendInviteQueued(Event, frozen=True, kw_only=True):
    """An invite waits in the queue of its bot. One that had been requested surely never left, unless `attempted`."""

    kind: ClassVar[str] = "friendInvite.queued"
    task_id: TaskId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    attempted: bool = False
    """It may have reached Steam and counts as an attempt, and still may go out: the player has invited the bot."""


class FriendInviteRequested(Event, frozen=True, kw_only=True):
    """It is decided to send the invite now. On disk before anything goes to Steam."""

    kind: ClassVar[str] = "friendInvite.requested"
    task_id: TaskId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")


class FriendInviteRefused(Event, frozen=True, kw_only=True):
    """The request left and Steam answered no: it counts as an attempt, and the invite is back in its queue.

    `binds` says whom it holds up. With `retry_at` the bot tries again no sooner; without, it does not try again.
    """

    kind: ClassVar[str] = "friendInvite.refused"
    task_id: TaskId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    reason: str
    detail: str
    binds: Binds
    retry_at: Millis | None = None


class FriendInviteSent(Event, frozen=True, kw_only=True):
    """Steam took the request: the player now sees the invite."""

    kind: ClassVar[str] = "friendInvite.sent"
    task_id: TaskId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")


class FriendInviteAccepted(Event, frozen=True, kw_only=True):
    """Bot and player are friends; `already` when they were before anyone asked."""

    kind: ClassVar[str] = "friendInvite.accepted"
    task_id: TaskId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    already: bool = False


class FriendInviteFailed(Event, frozen=True, kw_only=True):
    """The invite has ended without friendship. `declined`, `lapsed` and `inDoubt` are remembered of the player."""

    kind: ClassVar[str] = "friendInvite.failed"
    task_id: TaskId
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    reason: str
    detail: str


class FriendInviteLeftBehind(Event, frozen=True, kw_only=True):
    """The player may still see an invite of this account, which is to be taken back: they stay busy until it is."""

    kind: ClassVar[str] = "friendInvite.leftBehind"
    steam_id64: SteamId64
    player: SteamId64 = field(name="playerSteamId64")


class FriendInviteTakenBack(Event, frozen=True, kw_only=True):
    """The player no longer sees an invite that was left behind. `refusal`: they, not we, may have ended it."""

    kind: ClassVar[str] = "friendInvite.takenBack"
    steam_id64: SteamId64
    player: SteamId64 = field(name="playerSteamId64")
    refusal: InviteRefusal | None = None


# ── care for players


class DoNotContactAdded(Event, frozen=True, kw_only=True):
    """The player is left alone from now on. `reason`: `saidStop`, `removedUs`, `blockedUs`, `operator`, `program`."""

    kind: ClassVar[str] = "doNotContact.added"
    player: SteamId64 = field(name="playerSteamId64")
    reason: str


class DoNotContactRemoved(Event, frozen=True, kw_only=True):
    """An operator took the player off the list by name.

    `friends` are the accounts of ours of which it is sure that they are their friends at that moment.
    """

    kind: ClassVar[str] = "doNotContact.removed"
    player: SteamId64 = field(name="playerSteamId64")
    friends: tuple[SteamId64, ...] = ()


class PlayerInviteAllowed(Event, frozen=True, kw_only=True):
    """A person has looked and allows an invite to a player of whom it was not known whether they declined one.

    `accounts` are those whose invites that were left behind count no more.
    """

    kind: ClassVar[str] = "player.inviteAllowed"
    player: SteamId64 = field(name="playerSteamId64")
    accounts: tuple[SteamId64, ...] = ()


class ContactPaused(Event, frozen=True, kw_only=True):
    """Nothing goes out to anyone from now on."""

    kind: ClassVar[str] = "contact.paused"
    reason: str | None = None


class ContactResumed(Event, frozen=True, kw_only=True):
    """Invites and messages may go out again."""

    kind: ClassVar[str] = "contact.resumed"


class StopWordAdded(Event, frozen=True, kw_only=True):
    """Operators count one more word as a stop."""

    kind: ClassVar[str] = "stopWord.added"
    word: str


class StopWordRemoved(Event, frozen=True, kw_only=True):
    """Operators no longer count this word of theirs as a stop."""

    kind: ClassVar[str] = "stopWord.removed"
    word: str


KINDS: Final[dict[str, type[Event]]] = {
    event.kind: event
    for words in (globals(), *map(vars, (chat_events, lifecycle, team_events, audit_events)))
    for event in words.values()
    if isinstance(event, type) and issubclass(event, Event) and "kind" in vars(event)
    if event.__module__ == words["__name__"]
}
"""Every kind, in the order of this page; those of chats, of the system itself and among our own people come last."""

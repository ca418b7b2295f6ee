"""The facts about friend invites, from the queue of a bot to their end."""

from __future__ import annotations

from typing import ClassVar

from msgspec import field

from kernel.clock import Millis
from kernel.codes import TaskCode
from kernel.errors import Binds
from kernel.events.envelope import Event
from kernel.ids import BotId, SteamId64, TaskId
from kernel.rows import InviteRefusal


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
    reason: TaskCode
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
    reason: TaskCode
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

"""The facts about bots: known, signed in, off, and what Steam lets them do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from kernel.clock import Millis
from kernel.codes import BotCode, Open, RefusalCode
from kernel.events.envelope import Event
from kernel.ids import BotId, SteamId64
from kernel.standing import AccountStanding


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
    """The bot is usable: signed in, and its list of friends is here.

    `steam_ts`: what time it is at Steam, in unix seconds, where the transport knows it.
    """

    kind: ClassVar[str] = "bot.connected"
    bot_id: BotId
    steam_ts: int | None = None


class BotDisconnected(Event, frozen=True, kw_only=True):
    """The bot is off. With `retry_at` it may be tried again from then on; without, when somebody wants it online."""

    kind: ClassVar[str] = "bot.disconnected"
    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": ""}
    bot_id: BotId
    reason: BotCode
    detail: str
    retry_at: Millis | None = None


class BotAuthFailed(Event, frozen=True, kw_only=True):
    """Steam does not let the bot in, and trying again would not help: a person has to act."""

    kind: ClassVar[str] = "bot.authFailed"
    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": "", "next_step": ""}
    bot_id: BotId
    reason: BotCode
    detail: str
    next_step: str


class BotInvitesBlocked(Event, frozen=True, kw_only=True):
    """Steam takes no more invites from this bot until then."""

    kind: ClassVar[str] = "bot.invitesBlocked"
    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": ""}
    bot_id: BotId
    until: Millis
    reason: Open[RefusalCode]
    detail: str


class BotMessagesHeld(Event, frozen=True, kw_only=True):
    """Steam takes no more messages from this bot until then, whoever they are for."""

    kind: ClassVar[str] = "bot.messagesHeld"
    viewer_sees: ClassVar[Mapping[str, object]] = {"detail": ""}
    bot_id: BotId
    until: Millis
    reason: Open[RefusalCode]
    detail: str


class BotStandingChanged(Event, frozen=True, kw_only=True):
    """Steam tells how the bot's account stands with it: all that it holds against it from now on."""

    kind: ClassVar[str] = "bot.standingChanged"
    bot_id: BotId
    standing: tuple[AccountStanding, ...]
    trades_held_until: Millis | None = None


class BotFriendRequestsListed(Event, frozen=True, kw_only=True):
    """The whole list of those who have invited the bot themselves, and how many more there are; told when it changes.

    A transport bounds how many it lists, and how often it tells it.
    """

    kind: ClassVar[str] = "bot.friendRequestsListed"
    bot_id: BotId
    players: tuple[SteamId64, ...]
    more: int = 0

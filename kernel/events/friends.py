"""What a transport reports of friends, before anyone has made sense of it."""

from __future__ import annotations

from typing import ClassVar

from msgspec import field

from kernel.events.envelope import Event
from kernel.ids import BotId, SteamId64


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

"""What a transport reports of friends, before anyone has made sense of it."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from msgspec import field

from kernel.codes import Open
from kernel.events.envelope import Event
from kernel.ids import BotId, SteamId64


class Relationship(StrEnum):
    """How a bot and a person stand by the bot's friends list: Steam's EFriendRelationship, seen from the bot."""

    NONE = "none"
    BLOCKED = "blocked"
    REQUEST_RECIPIENT = "invitedUs"
    """The person has invited the bot."""
    FRIEND = "friend"
    REQUEST_INITIATOR = "invited"
    """The bot has invited the person."""
    IGNORED = "ignored"

    @classmethod
    def of(cls, word: str | None) -> Relationship | None:
        """What to decide by; None where nothing is said, or nothing that is declared here: that decides nothing."""
        return cls(word) if word is not None and word in set(cls) else None


class FriendRelationshipChanged(Event, frozen=True, kw_only=True):
    """Steam says how a bot and a person now stand: `none`, `invited`, `invitedUs`, `friend`, `blocked`, `ignored`.

    Another word, of a transport that has more of them, stays in the journal and counts as not said.
    """

    kind: ClassVar[str] = "friend.relationshipChanged"
    bot_id: BotId
    player: SteamId64 = field(name="playerSteamId64")
    relationship: Open[Relationship]


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

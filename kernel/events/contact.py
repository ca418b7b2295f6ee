"""The facts about care for players: who is left alone, and whether anything goes out at all."""

from __future__ import annotations

from typing import ClassVar

from msgspec import field

from kernel.codes import LeftAlone, Open
from kernel.events.envelope import Event
from kernel.ids import SteamId64


class DoNotContactAdded(Event, frozen=True, kw_only=True):
    """The player is left alone from now on. `reason`: `saidStop`, `removedUs`, `blockedUs`, `operator`, `program`."""

    kind: ClassVar[str] = "doNotContact.added"
    player: SteamId64 = field(name="playerSteamId64")
    reason: Open[LeftAlone]


class DoNotContactRemoved(Event, frozen=True, kw_only=True):
    """An operator took the player off the list by name.

    `friends` are the accounts of ours that are their friends at that moment, or were when they were last heard of.
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


class PlayerArchived(Event, frozen=True, kw_only=True):
    """The rows of these players leave the state, at most 100 of them; what must be remembered of them stays."""

    kind: ClassVar[str] = "player.archived"
    players: tuple[SteamId64, ...]


class PlayerForgotten(Event, frozen=True, kw_only=True):
    """Nothing here knows the person any more: their rows have left, and `pseudonym` has what must be remembered.

    In the journal it has the pseudonym in both fields, once their words are taken out of it.
    """

    kind: ClassVar[str] = "player.forgotten"
    player: SteamId64 = field(name="playerSteamId64")
    pseudonym: SteamId64


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

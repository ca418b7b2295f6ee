"""The requests that concern care for players: who is left alone, and whether anything goes out at all."""

from __future__ import annotations

from typing import ClassVar

from msgspec import field

from kernel.commands.command import (
    ITEM_LENGTH,
    Command,
    check_player,
)
from kernel.ids import SteamId64
from kernel.roles import Role
from kernel.texts import check_text


class AddDoNotContact(Command[None], frozen=True, kw_only=True):
    """Leave a player alone: open tasks and chats with them end, and nothing is sent to them any more."""

    role: ClassVar[Role] = Role.OPERATOR
    player: SteamId64 = field(name="playerSteamId64")

    def __post_init__(self) -> None:
        check_player(self.player)


class RemoveDoNotContact(Command[None], frozen=True, kw_only=True):
    """Take a player off the do-not-contact list, by name. Only a person may."""

    role: ClassVar[Role] = Role.OPERATOR
    player: SteamId64 = field(name="playerSteamId64")

    def __post_init__(self) -> None:
        check_player(self.player)


class ForgetPlayer(Command[SteamId64], frozen=True, kw_only=True):
    """Take a person's words and names out of everything that is kept here, for good; they are left alone from then on.

    Open tasks and chats with them end. Who they were stays as a keyed hash, so that nobody contacts them again; it is
    what the command is answered with.
    """

    role: ClassVar[Role] = Role.ADMIN
    takes_proof: ClassVar[bool] = True
    secret_fields: ClassVar[frozenset[str]] = frozenset({"player"})
    idempotent: ClassVar[bool] = True
    player: SteamId64 = field(name="playerSteamId64")

    def __post_init__(self) -> None:
        check_player(self.player)


class PauseContact(Command[None], frozen=True, kw_only=True):
    """Stop all invites and messages of the whole fleet at once, even while the journal cannot write."""

    only_stops: ClassVar[bool] = True
    role: ClassVar[Role] = Role.OPERATOR
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.reason is not None and self.reason != "":
            check_text("reason", self.reason, ITEM_LENGTH)


class ResumeContact(Command[None], frozen=True, kw_only=True):
    """Let invites and messages go out again."""

    role: ClassVar[Role] = Role.OPERATOR


class AddStopWord(Command[None], frozen=True, kw_only=True):
    """Count one more word or phrase, in any case of letters, as a player's wish to be left alone."""

    role: ClassVar[Role] = Role.OPERATOR
    word: str

    def __post_init__(self) -> None:
        _check_word(self.word)


class RemoveStopWord(Command[None], frozen=True, kw_only=True):
    """No longer count a word that operators added; the built-in ones stay."""

    role: ClassVar[Role] = Role.OPERATOR
    word: str

    def __post_init__(self) -> None:
        _check_word(self.word)


def _check_word(word: str) -> None:
    if not 1 < len(word.strip()) <= 40:
        raise ValueError("word: give 2 to 40 characters")

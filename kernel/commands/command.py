"""What every command is, and the limits of what people write in them; part of `kernel.commands`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from msgspec import Struct, field

from kernel.ids import BotId, CommandId, SteamId64, parse_steam_id64
from kernel.roles import Role

if TYPE_CHECKING:
    from kernel.state import State

R_co = TypeVar("R_co", covariant=True)

ITEM_LENGTH: Final = 200
TEXT_LENGTH: Final = 2_000
"""Characters of a message that an operator writes; the transport may cut it into several of Steam's."""
LABEL_LENGTH: Final = 64
MAFILE_LENGTH: Final = 64 * 1024


class Command(Struct, Generic[R_co], frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A request whose handler returns an `R_co`. Its class name is its kind on the wire.

    `public` commands may come from outside the process, from whoever has the
    `role` that they take. `lane_of` names the field whose value orders commands of one kind: with the same value they
    are carried out one after another.
    """

    only_stops: ClassVar[bool] = False
    """It takes something back from the players' side and can do no harm: it is carried out, in memory, even while the
    journal cannot write, and answered with Unconfirmed."""
    public: ClassVar[bool] = True
    role: ClassVar[Role] = Role.DEVELOPER
    takes_proof: ClassVar[bool] = False
    """It cannot be taken back, so a person who gives it over HTTP has just shown once more who they are."""
    lane_of: ClassVar[str | None] = None
    secret_fields: ClassVar[frozenset[str]] = frozenset()
    """Fields of which nothing is recorded, not even a digest; those named like a secret (`password`) count as such."""

    idempotent: ClassVar[bool] = False
    """Carried out twice it comes to the same as once, its result included. So where its id was used before and it can
    no longer be compared by its secret fields, it is carried out again rather than answered for another."""

    @property
    def kind(self) -> str:
        return type(self).__name__

    def made(self, state: State, command_id: CommandId) -> str | None:
        """The id of what this command has made already, given under this id before; None for nothing.

        A crash can keep an event and lose the record that its command was carried out. Whoever gives the command again
        is answered from here, so that nothing is made twice: what is made under a command's id bears one that is
        derived from it (`Context.new_id`).
        """
        return None

    @property
    def lane(self) -> tuple[str, str] | None:
        """Commands of one lane never overlap."""
        return (self.kind, getattr(self, self.lane_of)) if self.lane_of else None


class LeavesToSteam(Command[R_co], frozen=True, kw_only=True):
    """A command whose handler makes a request that leaves the process for Steam.

    The router brings everything that led to it to disk first, asks the guards at the last moment, and lets its handler
    end in one of four ways only: with a result, NotSent, RefusedBySteam or InDoubt.
    """

    bot_id: BotId
    """In whose name the request is made."""


class ReachesPlayer(LeavesToSteam[R_co], frozen=True, kw_only=True):
    """A request that a player notices: an invite, a message.

    Beyond what holds for each request to Steam, nothing of it goes out while a guard of the config is not running, and
    `contact_policy` holds it to the pause, the do-not-contact list, and one bot for one person.
    """

    player: SteamId64 = field(name="playerSteamId64")


def check_player(player: str) -> None:
    """Raise ValueError, in the words of whoever wrote the field, where that is no SteamID of a person."""
    try:
        parse_steam_id64(player)
    except ValueError as error:
        raise ValueError(f"playerSteamId64: {error}") from None

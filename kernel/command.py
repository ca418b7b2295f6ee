"""What every command is, and the limits of what people write in them; part of `kernel.commands`."""

from __future__ import annotations

from typing import ClassVar, Final, Generic, TypeVar

from msgspec import Struct

from kernel.roles import Role

R_co = TypeVar("R_co", covariant=True)

ITEM_LENGTH: Final = 200
TEXT_LENGTH: Final = 2_000
"""Characters of a message that an operator writes; the transport may cut it into several of Steam's."""
LABEL_LENGTH: Final = 64
MAFILE_LENGTH: Final = 64 * 1024


class Command(Struct, Generic[R_co], frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A request whose handler returns an `R_co`. Its class name is its kind on the wire.

    `outgoing` marks what reaches a player: the router brings the decision to disk first, and asks the guards at the
    last moment before its handler runs. `public` commands may come from outside the process, from whoever has the
    `role` that they take. `lane_of` names the field whose value orders commands of one kind: with the same value they
    are carried out one after another.
    """

    outgoing: ClassVar[bool] = False
    public: ClassVar[bool] = True
    role: ClassVar[Role] = Role.DEVELOPER
    lane_of: ClassVar[str | None] = None

    @property
    def kind(self) -> str:
        return type(self).__name__

    @property
    def lane(self) -> tuple[str, str] | None:
        """Commands of one lane never overlap."""
        return (self.kind, getattr(self, self.lane_of)) if self.lane_of else None

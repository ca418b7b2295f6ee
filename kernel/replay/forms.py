"""What the forms of replay share: their register, the rows that they change in place, and what an event comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from msgspec.structs import force_setattr as force_setattr

from kernel.clock import Millis
from kernel.events import Event
from kernel.state import State

E_contra = TypeVar("E_contra", bound=Event, contravariant=True)


class Placed(Protocol):
    """An event as it was decoded: its place in the one order, and the event in it."""

    @property
    def seq(self) -> int: ...
    @property
    def ts(self) -> Millis: ...
    @property
    def actor(self) -> str: ...


class Tables:
    """The rows by key, as dicts, and the indexes."""

    __slots__ = (
        "accounts",
        "bots",
        "chats",
        "commands",
        "index",
        "invites",
        "met",
        "players",
        "remembered",
        "requests",
        "state",
        "tasks",
    )

    def __init__(self, state: State) -> None:
        self.state: Final = state
        self.index: Final = state.index
        self.bots: Final = state.bots.by_key
        self.tasks: Final = state.tasks.by_key
        self.invites: Final = state.invites.by_key
        self.chats: Final = state.chats.by_key
        self.accounts: Final = state.accounts.by_key
        self.remembered: Final = state.remembered
        self.met: Final = state.met
        self.players: Final = state.players.by_key
        self.commands: Final = state.commands.by_key
        self.requests: list[Millis] | None = None
        """The invites of the last hour, while they are not in their row."""

    def requests_of_hour(self) -> list[Millis]:
        """They, to be changed in place."""
        if self.requests is None:
            self.requests = list(self.state.contact.invites)
        return self.requests

    def settle(self) -> None:
        """Let the rows be as the reducers know them."""
        if self.requests is not None:
            force_setattr(self.state.contact, "invites", tuple(self.requests))
            self.requests = None


Form = Callable[[Tables, Any, Any], bool]
"""Folds the event, whole, and returns True; or has changed nothing, and returns False."""
FORMS: Final[dict[type[Event], Form]] = {}


def replays(event: type[Event]) -> Callable[[Form], Form]:
    """Name the form in which that event is folded at a start."""

    def register(form: Form) -> Form:
        FORMS[event] = form
        return form

    return register

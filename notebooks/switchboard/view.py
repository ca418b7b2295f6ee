"""What can be looked at, live or as it once was: the tables of a state as collections, and the fleet as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kernel.rows import Bot, Chat, Invite, Player, PluginRow, Row, Task
from kernel.state import State
from switchboard import html, text
from switchboard.collection import Collection, Rows
from switchboard.lines import Line, lines


class Fleet:
    """Everything at a glance: how many of what, in which state, and whether contact is paused."""

    def __init__(self, state: Callable[[], State]) -> None:
        self._state = state

    @property
    def paused(self) -> bool:
        """Does nothing go out to anyone just now?"""
        return self._state().contact.paused

    def __repr__(self) -> str:
        return text.fleet(self._state())

    def _repr_html_(self) -> str:
        return html.fleet(self._state())


class View:
    """A state, seen: live in `Switchboard`, as it once was in `Past`."""

    @property
    def state(self) -> State:
        """The kernel's own state, to be read: tables of frozen rows and their indexes."""
        raise NotImplementedError

    @property
    def seq(self) -> int:
        """The event that this stands at."""
        return self.state.seq

    @property
    def bots(self) -> Collection[Bot]:
        """The Steam accounts that we run."""
        return self._rows(Bot, "bots")

    @property
    def tasks(self) -> Collection[Task]:
        """The trades that are to be talked about, and how each stands or ended."""
        return self._rows(Task, "tasks")

    @property
    def invites(self) -> Collection[Invite]:
        """Friend invites that wait in a bot's queue or with their player."""
        return self._rows(Invite, "invites")

    @property
    def chats(self) -> Collection[Chat]:
        """Conversations, open and closed, with their latest messages."""
        return self._rows(Chat, "chats")

    @property
    def players(self) -> Collection[Player]:
        """What has to be remembered about people: who is to be left alone, who declined an invite."""
        return self._rows(Player, "players")

    @property
    def plugins(self) -> Collection[PluginRow]:
        """The plugins of the running system."""
        return self._rows(PluginRow, "plugins")

    def table(self, name: str) -> Collection[Any]:
        """Any table of the state by its name. Raises KeyError."""
        return self._rows(Row, name)

    @property
    def messages(self) -> Collection[Line]:
        """Every line of every chat, in one list."""
        return Collection("messages", Line, lambda: lines(self.state))

    @property
    def fleet(self) -> Fleet:
        """Everything at a glance."""
        return Fleet(lambda: self.state)

    def _rows(self, _: type[Any], name: str) -> Rows[Any]:
        return Rows(lambda: self.state.table(name))

"""A command on its way: under which id it goes, how far it has come, and what is kept of one that was not answered.

Whoever interrupts a cell, or loses the connection, does not know whether the command was carried out. Its id is kept,
so that the same command given again (the cell run once more) goes under that id, and is carried out once in all.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from kernel.codec import encode
from kernel.commands import Command
from kernel.ids import new_id

KEPT: Final = 100
"""Commands without an answer that are remembered."""
KEPT_S: Final = 900.0
"""For how long: later the same command is meant as another one."""


class Giving:
    """One command that is being given. Changed in the link's thread, looked at in the caller's."""

    def __init__(self, command: Command[Any], command_id: str) -> None:
        self.command = command
        self.id = command_id
        self.sent = False
        """Whether its body may have left: before that it is surely not carried out."""
        self.answered = False
        self.created: str | None = None
        """The id of what it created, once it is answered."""
        self.ended = threading.Event()
        self.left_at = 0.0

    async def trace(self, name: str, _: object) -> None:
        """Told by httpx how far the request has come."""
        if name.endswith("send_request_body.started"):
            self.sent = True


class UnansweredCommands:
    """Commands that were given and not answered."""

    def __init__(self) -> None:
        self._left: dict[str, Giving] = {}

    def begin(self, command: Command[Any], command_id: str | None) -> Giving:
        """Give a command: under its own id, that of the same one which was not answered, or a new one."""
        self._forget()
        if command_id is None:
            same = encode(command)
            found = (g for g in self._left.values() if type(g.command) is type(command) and encode(g.command) == same)
            command_id = next((giving.id for giving in found), None)
        before = self._left.pop(command_id, None) if command_id is not None else None
        giving = Giving(command, command_id or new_id("cmd"))
        giving.sent = before is not None
        return giving

    def leave(self, giving: Giving) -> None:
        """Nobody waits for its answer any more."""
        if giving.sent and not giving.answered:
            giving.left_at = time.monotonic()
            self._left[giving.id] = giving
            self._forget()

    def find(self, command_id: str | None) -> Giving | None:
        """The one of that id; left out, the last."""
        self._forget()
        if command_id is None:
            command_id = next(reversed(self._left), None)
        return self._left.get(command_id) if command_id is not None else None

    def _forget(self) -> None:
        old = time.monotonic() - KEPT_S
        kept = [giving for giving in list(self._left.values()) if giving.left_at > old][-KEPT:]
        self._left = {giving.id: giving for giving in kept}

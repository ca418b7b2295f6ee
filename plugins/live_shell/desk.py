"""What a cell has at hand: it runs in a thread of its own, so what changes something goes over to the system's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from kernel.commands import Command
from kernel.context import Context
from kernel.state import State

R = TypeVar("R")


class Desk:
    """The context of the system, as a cell may use it: `await ctx.execute(…)`, `ctx.call(…)`, `ctx.state`.

    Commands are given in the name of whoever opened the shell, and pass every guard.
    """

    def __init__(self, ctx: Context, loop: asyncio.AbstractEventLoop, actor: str) -> None:
        self._ctx = ctx
        self._loop = loop
        self.actor = actor

    @property
    def state(self) -> State:
        """The live state. A row does not change; a table does, so walk through one inside `ctx.call`."""
        return self._ctx.state

    async def execute(self, command: Command[R]) -> R:
        """Give a command, and wait for its answer. Raises Refused."""
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(self._ctx.execute(command, actor=self.actor), self._loop)
        )

    def call(self, function: Callable[[], R], timeout: float = 10.0) -> R:
        """Call a plain function on the system's loop, between two events. Everything waits for it: keep it short."""

        async def there() -> R:
            return function()

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result(timeout)

    def __repr__(self) -> str:
        return f"<ctx of {self.actor}: await ctx.execute(command), ctx.call(function), ctx.state>"


def namespace(desk: Desk) -> dict[str, Any]:
    """The names that a cell begins with."""
    import kernel
    from kernel import commands, events

    return {"kernel": kernel, "commands": commands, "events": events, "state": desk.state, "ctx": desk}

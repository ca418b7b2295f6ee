"""Agents' turns: who takes one, and what becomes of those that an agent has while it is reloaded or replaced."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from kernel.bus import Contain
from kernel.containment import CONTAINED, Hung, being_cancelled
from kernel.hooks import HookRegistry, expect
from kernel.hookspecs import Reply, TakenTurn, Turn


class _Asked:
    """A turn that an agent thinks about."""

    def __init__(self, name: str, deadline: float) -> None:
        self.name = name
        self.timeout = asyncio.timeout(deadline)
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.withdrawn = False
        """The agent is about to go, and has had time enough."""


class AgentTurns:
    """Which agent takes a turn, and what becomes of its turns while it is being replaced."""

    def __init__(self, registry: HookRegistry, contain: Contain) -> None:
        self._registry = registry
        self._contain = contain
        self._changing: dict[str, asyncio.Future[None]] = {}
        self._asked: set[_Asked] = set()
        self.deadline = 60.0
        """Seconds that an agent may think."""
        self.version_of: Callable[[str], str | None] = lambda name: None
        """The version of the code that runs under that name now."""

    async def respond(self, turn: Turn, deadline: float | None = None) -> TakenTurn | None:
        """The reply of the first agent that takes the turn, and who that is. `deadline` in seconds, for each.

        An agent that is just being replaced is waited for, so that a turn in that moment is not missed.
        """
        passed: set[str] = set()
        while (agent := await self._next_agent(passed)) is not None:
            name, implementation = agent
            passed.add(name)
            version = self.version_of(name)
            asked = _Asked(name, self.deadline if deadline is None else deadline)
            self._asked.add(asked)
            try:
                async with asked.timeout:
                    reply: Reply | None = expect(Reply, await implementation(turn))
            except CONTAINED as error:  # the next agent takes the turn
                if isinstance(error, asyncio.CancelledError) and being_cancelled():
                    raise
                if asked.withdrawn:
                    passed.discard(name)  # whoever bears the name then is asked anew
                else:
                    late = asked.timeout.expired() and isinstance(error, TimeoutError)
                    self._contain(name, "respond", Hung("gave no answer in time") if late else error)
                continue
            finally:
                self._asked.discard(asked)
                asked.ended.set_result(None)
            if reply is not None:
                return TakenTurn(name, version, reply)
        return None

    async def _next_agent(self, passed: set[str]) -> tuple[str, Callable[..., Any]] | None:
        """Who is asked next. Looked up at that moment: plugins come and go while an agent thinks."""
        while True:
            running = dict(self._registry.implementations("respond"))
            name = next(
                (n for n in self._registry.order if n not in passed and (n in running or n in self._changing)), None
            )
            if name is None:
                return None
            if name not in self._changing:
                return name, running[name]
            await asyncio.wait((self._changing[name],))

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """During the block, turns that would be that agent's wait for its end."""
        change = self._changing[name] = asyncio.get_running_loop().create_future()
        try:
            yield
        finally:
            del self._changing[name]
            change.set_result(None)

    async def drain(self, name: str, deadline: float) -> None:
        """Return when the agent has ended its turns. After `deadline` seconds they are taken from it, and put again."""
        asked = [turn for turn in self._asked if turn.name == name]
        if not asked:
            return
        _, late = await asyncio.wait([turn.ended for turn in asked], timeout=deadline)
        for turn in asked:
            if turn.ended in late and not turn.timeout.expired():
                turn.withdrawn = True
                turn.timeout.reschedule(asyncio.get_running_loop().time())
        if late:
            await asyncio.wait(late, timeout=deadline)

"""What stands behind the CMs: the world, its log, and who is told of a change."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from plugins.steam_sim.clock import Clock
from plugins.steam_sim.world import Change, World
from plugins.steam_sim.world_log import WorldLog


class Typed(Struct, frozen=True):
    """`sender` is typing a message to `recipient`; nobody keeps this."""

    sender: int
    recipient: int
    timestamp: int


Occurrence: TypeAlias = Change | Typed
Listener: TypeAlias = Callable[[Occurrence, object], None]
"""Gets what happened and its origin: the session that caused it, or None."""


class Backend:
    """The one door to the world: a change is logged, then applied, then (by `announce`) told to all listeners.

    Telling is a step of its own, so that whoever caused a change can answer first: Steam answers an invite
    before it sends the changed friends list.
    """

    def __init__(self, log: WorldLog, clock: Clock) -> None:
        self.world = World()
        self.clock = clock
        self._log = log
        self._listeners: list[Listener] = []
        self._untold: deque[tuple[Occurrence, object]] = deque()

    def recover(self) -> None:
        """Bring the world of the log back; raises `LogBroken`."""
        for change in self._log.replay():
            self.world.apply(change)

    def commit(self, change: Change, origin: object = None) -> None:
        """Make a change that the rules allow; raises `OSError`, and changes nothing, if it cannot be logged."""
        self._log.append(change)
        self.world.apply(change)
        self._untold.append((change, origin))

    def mention(self, occurrence: Typed, origin: object = None) -> None:
        """Have listeners told of something that changes nothing."""
        self._untold.append((occurrence, origin))

    def announce(self) -> None:
        """Tell all listeners what happened since the last time; what they cause is told in its turn."""
        while self._untold:
            occurrence, origin = self._untold.popleft()
            for listener in tuple(self._listeners):
                listener(occurrence, origin)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` told of everything from now on; call what is returned to stop it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def seconds(self) -> int:
        """The clock's time in the unit of Steam's timestamps."""
        return self.clock.now() // 1000

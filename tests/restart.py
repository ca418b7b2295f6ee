"""A restart without a disk: a new world whose state is folded from what an earlier one had published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from kernel.codec import encode
from kernel.events import Envelope
from kernel.hookspecs import hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery
from kernel.testing import World


class Replay(Plugin[PluginConfig]):
    """Takes the journal's seat: gives the events in `past` back, as the lines of a file."""

    past: ClassVar[tuple[Envelope, ...]] = ()

    @hookimpl
    async def recover(self, recovery: Recovery) -> None:
        recovery.replay_lines(b"\n".join(map(encode, self.past)))


def replay(past: Sequence[Envelope]) -> type[Replay]:
    """A plugin, to be listed first in a world, with which that world goes on where `past` ends.

    Take `history(world)` at the moment of the crash, leave the old world, and enter the new one:

        past = history(world)
        async with World(replay(past), Tasks, FakeTransport, clock=world.clock) as world: ...
    """
    return type("Replay", (Replay,), {"past": tuple(past), "__module__": __name__})


def history(world: World) -> tuple[Envelope, ...]:
    """Everything that has happened until now, also in the runs before this world's. Ask before leaving the world."""
    if world.events and world.events[0].seq > 1:
        return (*world.plugin(Replay).past, *world.events)
    return tuple(world.events)

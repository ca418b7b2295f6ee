"""Of a plugin that has been stopped nothing runs any more: no handler of an event, no hook, timer or task."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, Final

import kernel
from kernel.clock import MINUTE
from kernel.commands import DisablePlugin
from kernel.events import TaskCreated
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.history import History
from plugins.invites import Invites
from plugins.journal import Journal
from plugins.metrics import Metrics
from plugins.scripted_agent import ScriptedAgent
from plugins.tasks import Tasks
from plugins.team import Team
from plugins.webhooks import Webhooks
from tests.histories import Author

ROOT: Final = Path(kernel.__file__).parents[1]
PLUGINS: Final = (
    Journal,
    ContactPolicy,
    FakeTransport,
    Tasks,
    Assigner,
    Invites,
    Dialogue,
    ScriptedAgent,
    Team,
    Metrics,
    History,
    Webhooks,
)
EVENTS: Final = 80
"""Between two stops: every kind of event turns up before the end."""
FIXED: Final = frozenset({"journal", "contact_policy", "faketransport"})
"""Without them nothing runs, or nothing happens here."""


@contextmanager
def functions_called() -> Iterator[Counter[str]]:
    """Within the block: the functions below the root that are called, as `file:name`, with how often."""
    called: Counter[str] = Counter()
    root = f"{ROOT}/"

    def see(frame: FrameType, what: str, _: Any) -> None:
        if what == "call" and (file := frame.f_code.co_filename).startswith(root):
            called[f"{file.removeprefix(root)}:{frame.f_code.co_qualname}"] += 1

    sys.setprofile(see)
    try:
        yield called
    finally:
        sys.setprofile(None)


async def life(world: World, author: Author, length: int) -> None:
    """So many events of any kind that the state allows, each followed by what the plugins do about it."""
    for number in range(length):
        world.ctx.publish(author.event())
        await idle()
        if number % 25 == 0:
            await world.clock.advance(MINUTE)


async def test_of_a_plugin_that_is_stopped_nothing_runs_any_more() -> None:
    stoppable = [name for name in map(_name, PLUGINS) if name not in FIXED]
    async with World(*PLUGINS) as world:
        author = Author(Random(1))
        author.state = world.state
        with functions_called() as called:
            await life(world, author, EVENTS)
        assert {name for name in stoppable if _of(called, name)} >= {"dialogue", "invites", "metrics", "history"}
        stopped: list[str] = []
        for name in stoppable:
            await world.execute(DisablePlugin(name=name))
            stopped.append(name)
            with functions_called() as called:
                await life(world, author, EVENTS)
            assert {gone: theirs for gone in stopped if (theirs := _of(called, gone))} == {}


class Clinging(Plugin[PluginConfig]):
    """Subscribes past its context, so that its handler outlives it."""

    async def start(self) -> None:
        self.ctx._bus.subscribe(TaskCreated, self.seen, owner="kernel")

    def seen(self, *_: object) -> None: ...


async def test_what_outlives_its_plugin_would_be_seen() -> None:
    async with World(Tasks, FakeTransport, Clinging) as world:
        await world.execute(DisablePlugin(name="clinging"))
        with functions_called() as called:
            await world.create_task()
        assert any(function.endswith(":Clinging.seen") for function in called)


def _name(plugin: type[Plugin[Any]]) -> str:
    module = plugin.__module__.split(".")
    return module[1] if module[0] == "plugins" else plugin.__name__.lower()


def _of(called: Counter[str], plugin: str) -> list[str]:
    return sorted(function for function in called if function.startswith(f"plugins/{plugin}/"))

"""A plugin's own events: in the order of all, told to whoever asks for their kind, and passed over where it is gone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pytest

from kernel.codec import CODEC
from kernel.errors import PluginFailed
from kernel.events import ChatAgentToggled, Event, UnknownEvent
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport, World, idle
from tests.restart import history, replay


class Rang(Event, frozen=True, kw_only=True):
    """The bell rang."""

    kind: ClassVar[str] = "bell.rang"
    times: int


class Bell(Plugin[PluginConfig]):
    """Rings."""

    events: ClassVar[Sequence[type[Event]]] = (Rang,)

    def ring(self, times: int) -> None:
        self.ctx.publish(Rang(times=times))


class Listener(Plugin[PluginConfig]):
    """Cannot import the bell's events, and asks for them by their kind."""

    async def start(self) -> None:
        self.heard: list[int] = []
        self.ctx.subscribe("bell.rang", lambda _, event: self.heard.append(event.times))


def forgotten(*kinds: str) -> None:
    """As in a process in which that plugin has never been."""
    for kind in kinds:
        del CODEC._events[kind]
    CODEC.learn(())


async def test_an_event_of_a_plugins_own_has_its_place_in_the_order_and_is_heard_by_its_kind() -> None:
    async with World(FakeTransport, Bell, Listener) as world:
        world.plugin(Bell).ring(3)
        await idle()

        assert world.plugin(Listener).heard == [3]
        assert (world.events[-1].kind, world.events[-1].actor) == ("bell.rang", "plugin:bell")
        assert world.state.seq == world.events[-1].seq


async def test_where_the_plugin_is_gone_its_events_keep_their_numbers_and_change_nothing() -> None:
    async with World(FakeTransport, Bell) as world:
        world.plugin(Bell).ring(3)
        bot = world.add_bot()
        past = history(world)
    forgotten("bell.rang")
    async with World(replay(past), FakeTransport) as later:
        assert bot in later.state.bots
        assert later.state.seq > past[-1].seq
    line = b'{"seq":1,"ts":2,"actor":"a","cause":null,"kind":"bell.rang","payload":{"times":3}}'
    assert CODEC.decode(line).payload == UnknownEvent({"times": 3})


class Misnamed(Event, frozen=True, kw_only=True):
    kind: ClassVar[str] = "bell.rang"


class Thief(Plugin[PluginConfig]):
    """Brings what another plugin would bring."""

    essential = True
    events: ClassVar[Sequence[type[Event]]] = (Misnamed,)


class Meddler(Plugin[PluginConfig]):
    """Brings an event of the kernel's."""

    essential = True
    events: ClassVar[Sequence[type[Event]]] = (ChatAgentToggled,)


class Careless(Plugin[PluginConfig]):
    """Brings what is no event."""

    essential = True
    events: ClassVar[Sequence[type[Event]]] = (int,)  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("plugin", "why"),
    [
        (Thief, r"the kind 'bell\.rang' of its event Misnamed must begin with the plugin's name: thief\."),
        (Meddler, r"the kind 'chat\.agentToggled' of its event ChatAgentToggled must begin"),
        (Careless, r"<class 'int'> in its `events` is no event"),
    ],
)
async def test_a_plugin_that_brings_what_is_not_its_own_is_told_so_and_does_not_start(
    plugin: type[Plugin[PluginConfig]], why: str
) -> None:
    with pytest.raises(PluginFailed, match=why):
        async with World(FakeTransport, plugin):
            pass

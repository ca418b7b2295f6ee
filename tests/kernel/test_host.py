"""The life of plugins: what one does wrong stays with it, and what it took is given back."""

from __future__ import annotations

import asyncio
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from kernel import commands as c
from kernel.errors import HandlerFailed, PluginFailed
from kernel.events import ContactPaused, ErrorLogged, PluginQuarantined, PluginStarted
from kernel.hookspecs import Reply, TakenTurn, Turn, hookimpl
from kernel.hosting.library import GROUP, find
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport, World, idle


class Witness(Plugin[PluginConfig]):
    """A plugin in good health, which sees what goes on."""

    async def start(self) -> None:
        self.seen: list[str] = []
        self.ctx.subscribe(ContactPaused, lambda envelope, _: self.seen.append(envelope.kind))
        self.ctx.handle(c.PauseContact, lambda _: self.ctx.publish(ContactPaused()))


class Raiser(Plugin[PluginConfig]):
    """Fails wherever it can."""

    async def start(self) -> None:
        self.ctx.subscribe(ContactPaused, self.fail)
        self.ctx.handle(c.ResumeContact, self.fail)
        self.ctx.spawn(self.fail_later(), "fail later")

    def fail(self, *_: object) -> None:
        raise ValueError("as always")

    async def fail_later(self) -> None:
        self.fail()

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        raise SystemExit("as always")


async def test_a_plugin_that_raises_everywhere_takes_nobody_down_and_is_named() -> None:
    async with World(Raiser, Witness, FakeTransport) as world:
        await world.execute(c.PauseContact())
        with pytest.raises(HandlerFailed, match="inside the plugin raiser"):
            await world.execute(c.ResumeContact())
        assert await world.ctx.hooks.respond(None) is None  # type: ignore[arg-type]

        assert world.plugin(Witness).seen == ["contact.paused"]
        assert {(e.source, e.message) for e in world.happened(ErrorLogged)} == {
            ("raiser", "task fail later"),
            ("raiser", "handler of contact.paused"),
            ("raiser", "handler of ResumeContact"),
            ("raiser", "respond"),
        }


async def test_quarantine_comes_after_the_error_budget_of_a_minute() -> None:
    async with World(Raiser, Witness, FakeTransport) as world:
        for _ in range(300):
            await world.execute(c.PauseContact())

        quarantined = world.happened(PluginQuarantined)
        assert [e.name for e in quarantined] == ["raiser"]
        assert world.state.plugins["raiser"].status == "quarantined"
        assert len(world.plugin(Witness).seen) == 300
        assert len(world.happened(ErrorLogged)) == 200


async def test_occasional_failures_over_a_day_are_forgiven() -> None:
    async with World(Raiser, Witness, FakeTransport) as world:
        for _ in range(300):
            await world.execute(c.PauseContact())
            await world.clock.advance(1_000)

        assert world.happened(PluginQuarantined) == []


async def test_an_essential_plugin_that_does_not_start_stops_the_start_and_says_why() -> None:
    class Essential(Plugin[PluginConfig]):
        essential = True

        async def start(self) -> None:
            raise OSError("no disk")

    with pytest.raises(PluginFailed, match="essential: does not start: no disk"):
        async with World(Witness, Essential):
            pass


async def test_another_plugin_that_does_not_start_is_left_out() -> None:
    class Sick(Plugin[PluginConfig]):
        async def start(self) -> None:
            raise SystemExit(3)

    async with World(Sick, Witness, FakeTransport) as world:
        assert world.state.plugins["sick"].status == "quarantined"
        assert [e.name for e in world.happened(PluginStarted)] == ["witness", "faketransport"]


async def test_what_a_plugin_took_is_given_back_when_it_stops() -> None:
    class Taker(Plugin[PluginConfig]):
        async def start(self) -> None:
            self.heard: list[object] = []
            self.ctx.subscribe(ContactPaused, lambda *_: self.heard.append(1))
            self.ctx.tap(lambda *_: self.heard.append(2))
            self.ctx.handle(c.RemoveBot, print)
            self.stream = self.ctx.stream(ContactPaused)
            self.task = self.ctx.spawn(asyncio.Event().wait(), "wait for ever")

    async with World(Taker, FakeTransport) as world:
        taker = world.plugin(Taker)
        await world.system.host.disable("taker")
        taker.heard.clear()
        world.ctx.publish(ContactPaused())

        assert taker.heard == []
        assert taker.task.cancelled()
        assert [envelope async for envelope in taker.stream] == []
        assert "RemoveBot" not in world.system.router.kinds


async def test_a_plugin_that_hangs_while_stopping_is_left_behind_and_named() -> None:
    class Hung(Plugin[PluginConfig]):
        async def start(self) -> None:
            self.ctx.spawn(self.cling(), "cling")

        async def cling(self) -> None:
            for _ in range(3):
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    continue

        async def stop(self) -> None:
            await asyncio.sleep(60)

    class Fine(Plugin[PluginConfig]):
        stopped = False

        async def stop(self) -> None:
            Fine.stopped = True

    world = World(Fine, Hung, config={"kernel": {"stop_deadline_s": 0.01}})
    async with world:
        hung = await world.system.stop()

    assert hung == ["hung: stop", "hung: cling"]
    assert Fine.stopped
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await idle()


async def test_plugins_are_asked_in_the_order_of_the_config() -> None:
    def agent(name: str, step: str | None) -> type[Plugin[Any]]:
        async def respond(self: Plugin[Any], turn: Turn) -> Reply | None:
            return Reply(step=step) if step else None

        return type(name, (Plugin,), {"respond": hookimpl(respond), "__module__": "tests"})

    shy, eager, late = agent("Shy", None), agent("Eager", "first"), agent("Late", "second")
    async with World(shy, eager, late) as world:
        taken = await world.ctx.hooks.respond(None)  # type: ignore[arg-type]

        assert taken == TakenTurn("eager", None, Reply(step="first"))


async def test_an_agent_that_never_returns_is_passed_over_at_its_deadline() -> None:
    class Thinker(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            await asyncio.Event().wait()
            return None

    async with World(Thinker) as world:
        assert await world.ctx.hooks.respond(None, deadline=0.01) is None  # type: ignore[arg-type]
        assert world.happened(ErrorLogged)[0].source == "thinker"


def test_a_plugin_that_takes_anothers_name_takes_neither_its_place_nor_that_of_a_third(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = {"witness": "tests.kernel.test_host:Witness", "odd": "tests.kernel.test_host:idle"}
    entries = [EntryPoint(name, value, GROUP) for name, value in places.items()]
    twice = [*entries, EntryPoint("twice", "kernel.testing:FakeTransport", GROUP)]
    twice.append(EntryPoint("twice", places["witness"], GROUP))
    monkeypatch.setattr("kernel.hosting.library.entry_points", lambda group: twice)

    installed = find()

    assert list(installed.plugins) == ["witness"]
    assert installed.broken["odd"].endswith("is not a subclass of kernel.plugin.Plugin")
    assert "both bear this name" in installed.broken["twice"]

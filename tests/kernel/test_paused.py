"""Commands that come while their plugin is changed: none is lost, and none waits for ever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kernel import commands as c
from kernel import lanes
from kernel.errors import Conflict, Unavailable
from kernel.events import ContactPaused, ErrorLogged, PluginReloaded, PluginRolledBack
from kernel.hosting.library import StaticLibrary
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport, World, idle


def pauser(code: str, begins: asyncio.Event | None = None, **body: Any) -> type[Plugin[Any]]:
    """A plugin that pauses contact, for the reason of its code, once it has begun."""

    async def start(self: Plugin[Any]) -> None:
        if begins is not None:
            await begins.wait()
        self.ctx.handle(c.PauseContact, lambda _: self.ctx.publish(ContactPaused(reason=code)))

    return type("Pauser", (Plugin,), {"start": start, "__module__": "tests", **body})


def put(world: World, code: type[Plugin[Any]]) -> None:
    """This is on disk from now on."""
    assert isinstance(world.library, StaticLibrary)
    world.library.classes["pauser"] = code


async def reloading(world: World) -> asyncio.Task[None]:
    """A reload that has begun and stands still."""
    reload = asyncio.create_task(world.ctx.execute(c.ReloadPlugin(name="pauser")))
    await idle()
    return reload


async def test_a_command_that_comes_during_a_reload_is_carried_out_by_the_new_code() -> None:
    begins = asyncio.Event()
    async with World(pauser("old"), FakeTransport) as world:
        put(world, pauser("new", begins))
        reload = await reloading(world)
        pause = asyncio.create_task(world.ctx.execute(c.PauseContact(), actor="operator:anna"))
        await idle()
        assert not pause.done()
        begins.set()
        await reload
        await pause

        assert [e.reason for e in world.happened(ContactPaused)] == ["new"]
        assert world.events[-1].actor == "operator:anna"
        assert world.happened(ErrorLogged) == []


async def test_a_dry_run_that_comes_during_a_reload_is_answered_by_the_new_code() -> None:
    begins, command = asyncio.Event(), c.PauseContact()

    async def dry_run(world: World) -> None:
        await world.ctx.unpaused(command)
        world.ctx.dry_run(command, actor="operator:anna")

    async with World(pauser("old"), FakeTransport) as world:
        put(world, pauser("new", begins))
        reload = await reloading(world)
        dry = asyncio.create_task(dry_run(world))
        await idle()
        assert not dry.done()
        begins.set()
        await reload
        await dry

        assert world.happened(ContactPaused) == []


async def test_after_a_broken_edit_the_old_code_carries_out_what_came_meanwhile() -> None:
    begins = asyncio.Event()

    async def fail(self: Plugin[Any]) -> None:
        await begins.wait()
        raise OSError("no disk")

    async with World(pauser("old"), FakeTransport) as world:
        put(world, pauser("new", start=fail))
        reload = await reloading(world)
        pause = asyncio.create_task(world.ctx.execute(c.PauseContact()))
        await idle()
        begins.set()
        with pytest.raises(Conflict):
            await reload
        await pause

        assert [e.reason for e in world.happened(ContactPaused)] == ["old"]


async def test_there_is_an_end_to_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "PAUSE_LENGTH", 2)
    begins = asyncio.Event()
    async with World(pauser("old"), FakeTransport) as world:
        put(world, pauser("new", begins))
        reload = await reloading(world)
        waiting = [asyncio.create_task(world.ctx.execute(c.PauseContact())) for _ in range(2)]
        await idle()
        with pytest.raises(Unavailable) as refused:
            await world.ctx.execute(c.PauseContact())
        assert (refused.value.code, refused.value.retry_after) == ("changing", 1_000)
        waiting.pop().cancel()
        await idle()
        waiting.append(asyncio.create_task(world.ctx.execute(c.PauseContact())))
        await idle()
        begins.set()
        await reload
        await asyncio.gather(*waiting)

        assert len(world.happened(ContactPaused)) == 2


async def test_a_plugin_may_give_its_own_commands_while_it_stops() -> None:
    async def stop(self: Plugin[Any]) -> None:
        await self.ctx.execute(c.PauseContact())

    async with World(pauser("old", stop=stop), FakeTransport) as world:
        put(world, pauser("new"))
        await world.execute(c.ReloadPlugin(name="pauser"))

        assert [e.reason for e in world.happened(ContactPaused)] == ["old"]
        assert world.happened(ErrorLogged) == []


async def test_a_plugin_through_which_its_own_reload_is_asked_for_is_answered_before_it_goes() -> None:
    begins = asyncio.Event()
    async with World(pauser("old"), FakeTransport) as world:
        own = world.system.host.running["pauser"].ctx
        put(world, pauser("new", begins))
        await own.execute(c.ReloadPlugin(name="pauser"), actor="operator:anna")
        assert world.happened(PluginReloaded) == []
        begins.set()
        await idle()

        assert [e.actor for e in world.events if isinstance(e.payload, PluginReloaded)] == ["operator:anna"]
        assert world.happened(ErrorLogged) == []


async def test_a_broken_edit_of_it_is_still_told_to_whoever_asked_where_it_does_not_even_load() -> None:
    class Wants(PluginConfig, frozen=True, kw_only=True):
        key: str

    async with World(pauser("old"), FakeTransport) as world:
        own = world.system.host.running["pauser"].ctx
        put(world, pauser("new", Config=Wants))
        with pytest.raises(Conflict, match=r"\[pauser\] key: is missing"):
            await own.execute(c.ReloadPlugin(name="pauser"))
        assert len(world.happened(PluginRolledBack)) == 1


async def test_a_plugins_last_error_has_no_colon_behind_a_full_stop() -> None:
    async with World(pauser("old"), FakeTransport) as world:
        for message, joined in (("No answer.", "No answer. Tried it thrice."), ("answer", "answer: Tried it thrice.")):
            world.ctx.publish(ErrorLogged(source="pauser", message=message, detail="Tried it thrice."))
            assert world.state.plugins["pauser"].last_error == joined

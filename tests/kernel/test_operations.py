"""Plugins while the system runs: what an operator enables, disables, reloads and swaps, and what stays as it was."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from kernel import commands as c
from kernel.config import check, load
from kernel.errors import Conflict
from kernel.events import (
    ContactPaused,
    PluginDismissed,
    PluginQuarantined,
    PluginReloaded,
    PluginRolledBack,
    PluginStarted,
    PluginStopped,
    PluginSwapped,
)
from kernel.hookspecs import Rejection, Reply, Turn, hookimpl
from kernel.hosting.library import StaticLibrary
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport, World, idle
from tests.restart import history, replay

TURN: Any = None


def agent(name: str, step: str | None, **body: Any) -> type[Plugin[Any]]:
    """An agent whose every turn stands at that step."""

    async def respond(self: Plugin[Any], turn: Turn) -> Reply | None:
        return Reply(step=step) if step else None

    return type(name, (Plugin,), {"respond": hookimpl(respond), "__module__": "tests", **body})


async def _fails(self: Plugin[Any]) -> None:
    raise OSError("no disk")


BROKEN = {"start": _fails}


async def asked(world: World) -> tuple[str, str] | None:
    """Who takes a turn, and at which step it then stands."""
    answer = await world.ctx.hooks.respond(TURN)
    return (answer.agent, answer.reply.step) if answer else None


def shelf(world: World) -> dict[str, type[Plugin[Any]]]:
    """What is on disk, as this world sees it."""
    assert isinstance(world.library, StaticLibrary)
    return world.library.classes


async def test_a_plugin_that_is_reloaded_runs_with_the_code_that_is_there_now() -> None:
    async with World(agent("Talker", "old"), FakeTransport) as world:
        assert await asked(world) == ("talker", "old")
        shelf(world)["talker"] = agent("Talker", "new")
        await world.execute(c.ReloadPlugin(name="talker"))

        assert await asked(world) == ("talker", "new")
        assert [e.name for e in world.happened(PluginReloaded)] == ["talker"]
        assert world.events[-1].actor == "operator:anna"
        assert world.state.plugins["talker"].hooks == ("respond",)


async def test_code_that_does_not_start_is_named_and_what_ran_before_goes_on() -> None:
    async with World(agent("Talker", "old"), FakeTransport) as world:
        shelf(world)["talker"] = agent("Talker", "new", **BROKEN)
        said = r"what ran before goes on\. OSError: no disk \(kernel/test_operations.py, l"
        with pytest.raises(Conflict, match=said):
            await world.ctx.execute(c.ReloadPlugin(name="talker"))

        assert await asked(world) == ("talker", "old")
        (event,) = world.happened(PluginRolledBack)
        assert event.detail.startswith("OSError: no disk")
        assert world.state.plugins["talker"].status == "running"
        assert world.state.plugins["talker"].detail == event.detail


async def test_a_config_that_the_new_code_does_not_take_leaves_the_old_code_running() -> None:
    class Wants(PluginConfig, frozen=True, kw_only=True):
        key: str

    async with World(agent("Talker", "old"), FakeTransport) as world:
        shelf(world)["talker"] = agent("Talker", "new", Config=Wants)
        with pytest.raises(Conflict, match=r"\[talker\] key: is missing"):
            await world.ctx.execute(c.ReloadPlugin(name="talker"))

        assert await asked(world) == ("talker", "old")
        assert world.happened(PluginStopped) == []


async def test_a_turn_during_a_reload_is_put_to_the_new_code_and_to_no_other_agent() -> None:
    gate = asyncio.Event()

    async def start_later(self: Plugin[Any]) -> None:
        await gate.wait()

    async with World(agent("First", "old"), agent("Second", "wrong"), FakeTransport) as world:
        shelf(world)["first"] = agent("First", "new", start=start_later)
        reload = asyncio.create_task(world.ctx.execute(c.ReloadPlugin(name="first")))
        await idle()
        turn = asyncio.create_task(asked(world))
        await idle()
        assert not turn.done()
        gate.set()
        await reload

        assert await turn == ("first", "new")


async def test_an_agent_ends_the_turn_that_it_has_begun_before_it_is_reloaded() -> None:
    thought = asyncio.Event()

    async def think(self: Plugin[Any], turn: Turn) -> Reply:
        await thought.wait()
        return Reply(step="old")

    async with World(agent("Talker", None, respond=hookimpl(think)), FakeTransport) as world:
        turn = asyncio.create_task(asked(world))
        await idle()
        shelf(world)["talker"] = agent("Talker", "new")
        reload = asyncio.create_task(world.ctx.execute(c.ReloadPlugin(name="talker")))
        await idle()
        assert not reload.done()
        thought.set()
        await reload

        assert await turn == ("talker", "old")
        assert await asked(world) == ("talker", "new")


async def test_a_turn_that_takes_too_long_is_put_again_to_the_new_code() -> None:
    async def think_for_ever(self: Plugin[Any], turn: Turn) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    slow = agent("Talker", None, respond=hookimpl(think_for_ever))
    async with World(slow, FakeTransport, config={"kernel": {"drain_deadline_s": 0.01}}) as world:
        turn = asyncio.create_task(asked(world))
        await idle()
        shelf(world)["talker"] = agent("Talker", "new")
        await world.execute(c.ReloadPlugin(name="talker"))

        assert await turn == ("talker", "new")
        assert world.state.plugins["talker"].last_error is None


async def test_a_plugin_that_is_disabled_stays_so_after_a_restart_and_comes_back_when_enabled() -> None:
    async with World(agent("Talker", "said"), FakeTransport) as world:
        await world.execute(c.DisablePlugin(name="talker"))
        assert await asked(world) is None
        assert world.state.plugins["talker"].status == "stopped"

        async with World(replay(history(world)), agent("Talker", "said"), FakeTransport) as later:
            assert await asked(later) is None
            assert "talker" not in [e.name for e in later.happened(PluginStarted)]
            await later.execute(c.EnablePlugin(name="talker"))
            assert await asked(later) == ("talker", "said")

            async with World(replay(history(later)), agent("Talker", "said"), FakeTransport) as last:
                assert await asked(last) == ("talker", "said")


async def test_a_plugin_that_the_config_does_not_list_can_be_enabled_and_is_there_after_a_restart() -> None:
    extra = {"extra": agent("Extra", "extra")}
    async with World(FakeTransport, library=StaticLibrary({"faketransport": FakeTransport, **extra})) as world:
        assert world.state.plugins["extra"].status == "stopped"
        assert world.state.plugins["extra"].hooks == ("respond",)
        await world.execute(c.EnablePlugin(name="extra"))
        assert await asked(world) == ("extra", "extra")

        past = replay(history(world))
        library = StaticLibrary({"replay": past, "faketransport": FakeTransport, **extra})
        async with World(past, FakeTransport, library=library) as later:
            assert await asked(later) == ("extra", "extra")


async def test_an_agent_that_is_swapped_in_is_asked_in_the_place_of_the_old_one_also_after_a_restart() -> None:
    old, other, new = agent("Old", "old"), agent("Other", "other"), agent("New", "new")
    classes = {"old": old, "other": other, "new": new, "faketransport": FakeTransport}
    async with World(old, other, FakeTransport, library=StaticLibrary(classes)) as world:
        assert await asked(world) == ("old", "old")
        await world.execute(c.SwapAgent(old="old", new="new"))
        assert await asked(world) == ("new", "new")
        kinds = [e.kind for e in world.events[-3:]]
        assert kinds == ["plugin.started", "plugin.swapped", "plugin.stopped"]

        past = replay(history(world))
        async with World(past, old, other, FakeTransport, library=StaticLibrary({"replay": past, **classes})) as later:
            assert await asked(later) == ("new", "new")
            await later.execute(c.SwapAgent(old="new", new="old"))
            assert await asked(later) == ("old", "old")
            assert later.state.plugins["old"].seat is None


async def test_an_agent_that_does_not_start_is_not_swapped_in_and_the_old_one_goes_on() -> None:
    classes = {"old": agent("Old", "old"), "new": agent("New", "new", **BROKEN), "faketransport": FakeTransport}
    async with World(classes["old"], FakeTransport, library=StaticLibrary(classes)) as world:
        with pytest.raises(Conflict, match="It does not start: OSError: no disk"):
            await world.ctx.execute(c.SwapAgent(old="old", new="new"))

        assert await asked(world) == ("old", "old")
        assert world.happened(PluginSwapped) == []
        assert [e.name for e in world.happened(PluginQuarantined)] == ["new"]


class Essential(Plugin[PluginConfig]):
    essential = True


class Guard(Plugin[PluginConfig]):
    @hookimpl
    def admit(self, command: c.Command[Any]) -> Rejection | None:
        return None

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return None


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (c.DisablePlugin(name="essential"), "fixedPlugin"),
        (c.DisablePlugin(name="nobody"), "notRunning"),
        (c.EnablePlugin(name="talker"), "alreadyRunning"),
        (c.EnablePlugin(name="nobody"), "unknownPlugin"),
        (c.ReloadPlugin(name="nobody"), "notRunning"),
        (c.SwapAgent(old="faketransport", new="talker"), "notAnAgent"),
        (c.SwapAgent(old="talker", new="faketransport"), "alreadyRunning"),
        (c.SwapAgent(old="talker", new="nobody"), "unknownPlugin"),
        (c.SwapAgent(old="guard", new="nobody"), "isGuard"),
    ],
)
async def test_what_cannot_be_done_with_a_plugin_is_refused_and_changes_nothing(
    command: c.Command[Any], code: str
) -> None:
    async with World(Essential, Guard, agent("Talker", "said"), FakeTransport) as world:
        assert (await world.refusal(command)).code == code


async def test_a_reload_whose_caller_hangs_up_is_carried_to_its_end() -> None:
    gate = asyncio.Event()

    async def start_later(self: Plugin[Any]) -> None:
        await gate.wait()

    async with World(agent("Talker", "old"), FakeTransport) as world:
        shelf(world)["talker"] = agent("Talker", "new", start=start_later)
        reload = asyncio.create_task(world.ctx.execute(c.ReloadPlugin(name="talker")))
        await idle()
        reload.cancel()
        await idle()
        gate.set()
        await idle()

        assert await asked(world) == ("talker", "new")


async def test_a_plugin_in_quarantine_comes_back_with_a_reload() -> None:
    class Sick(Plugin[PluginConfig]):
        async def start(self) -> None:
            self.ctx.subscribe(ContactPaused, self.fail)

        def fail(self, *_: object) -> None:
            raise ValueError

    async with World(Sick, FakeTransport, config={"kernel": {"error_budget": 1}}) as world:
        world.ctx.publish(ContactPaused())
        await idle()
        assert world.state.plugins["sick"].status == "quarantined"
        assert world.state.plugins["sick"].last_error == "handler of contact.paused: ValueError: ValueError"
        shelf(world)["sick"] = type("Sick", (Plugin,), {"__module__": "tests"})
        await world.execute(c.ReloadPlugin(name="sick"))

        assert world.state.plugins["sick"].status == "running"


def test_a_config_says_which_table_a_plugin_has_that_it_does_not_list() -> None:
    class Wants(PluginConfig, frozen=True, kw_only=True):
        key: str

    wanting = agent("Wanting", "said", Config=Wants)
    document = {"kernel": {"plugins": ["faketransport"]}, "wanting": {"key": "value"}}
    config = check(document, {"faketransport": FakeTransport, "wanting": wanting})

    assert config.table("wanting", Wants).key == "value"


async def test_a_plugin_that_was_uninstalled_is_dismissed_for_good() -> None:
    async with World(FakeTransport) as world:
        shelf(world)["talker"] = agent("Talker", "x")
        await world.execute(c.EnablePlugin(name="talker"))
        assert (await world.refusal(c.DismissPlugin(name="talker"))).code == "alreadyRunning"
        past = history(world)

    async with World(replay(past), FakeTransport) as world:  # where there is no talker any more
        assert world.state.plugins["talker"].status == "quarantined"
        await world.execute(c.DismissPlugin(name="talker"))

        assert "talker" not in world.state.plugins
        assert (await world.refusal(c.DismissPlugin(name="talker"))).code == "unknownPlugin"
        past = history(world)

    async with World(replay(past), FakeTransport) as world:
        assert "talker" not in world.state.plugins
        assert world.happened(PluginQuarantined) == []


async def test_a_quarantined_guard_that_is_dismissed_is_not_missed_any_more() -> None:
    def admit(self: Plugin[Any], command: c.Command[Any], state: Any, now: Any) -> Rejection | None:
        return None

    async with World(FakeTransport) as world:
        shelf(world)["guard"] = type("Guard", (Plugin,), {"admit": hookimpl(admit), "__module__": "tests"})
        await world.execute(c.EnablePlugin(name="guard"))
        world.system.host.switch_off("guard", "fails", needed_too=True)
        await idle()
        assert world.system.registry.guards == {"guard"}
        await world.execute(c.DismissPlugin(name="guard"))

        assert world.system.registry.guards == frozenset()
        assert [e.name for e in world.happened(PluginDismissed)] == ["guard"]


async def test_what_the_config_says_of_a_plugin_that_is_to_be_dismissed_is_named() -> None:
    class Table(PluginConfig, frozen=True, kw_only=True):
        key: str = ""

    fails = agent("Talker", "x", **BROKEN, Config=Table)
    async with World(fails, FakeTransport, config={"talker": {"key": "a"}}) as world:
        refused = await world.refusal(c.DismissPlugin(name="talker"))

    assert refused.code == "inConfig"
    assert "names talker in [kernel] plugins and in [talker]" in refused.message


async def test_a_plugin_that_a_variable_lists_is_not_dismissed_and_the_variable_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "switchboard.toml"
    path.write_text("[kernel]\nplugins = ['faketransport']\n")
    variables = {"SWITCHBOARD_KERNEL__PLUGINS": "faketransport,talker"}
    fails = agent("Talker", "x", **BROKEN)
    config = load(path, {"faketransport": FakeTransport, "talker": fails}, environment=variables)
    async with World(fails, FakeTransport) as world:
        monkeypatch.setattr(world.system.operations, "_config", config)
        refused = await world.refusal(c.DismissPlugin(name="talker"))

    assert refused.code == "inConfig"
    assert "names talker in [kernel] plugins (set by SWITCHBOARD_KERNEL__PLUGINS):" in refused.message

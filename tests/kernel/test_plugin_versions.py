"""A plugin whose version is none that an event can be written with is refused, and costs nobody else anything."""

from __future__ import annotations

from typing import Any

import pytest

from kernel import commands as c
from kernel.errors import Conflict, PluginFailed
from kernel.hosting.library import StaticLibrary
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport, World

BAD = [
    (2, "must be a text"),
    (property(lambda _: "1"), "must be a text"),
    ("9" * 65, "65 characters; at most 64"),
    ("1\udc80", "cannot be encoded"),
]


def odd(version: Any, **more: Any) -> type[Plugin[PluginConfig]]:
    return type("Odd", (Plugin,), {"__module__": __name__, "version": version, **more})


def shelf(world: World) -> dict[str, type[Plugin[Any]]]:
    assert isinstance(world.library, StaticLibrary)
    return world.library.classes


@pytest.mark.parametrize(("version", "says"), BAD)
async def test_the_others_start_without_a_plugin_whose_version_is_none(version: object, says: str) -> None:
    async with World(odd(version), FakeTransport) as world:
        row = world.state.plugins["odd"]
        assert (row.status, row.version) == ("quarantined", None)
        assert says in (row.detail or "")
        assert world.state.plugins["faketransport"].status == "running"


async def test_where_nothing_runs_without_it_the_start_says_what_is_wrong() -> None:
    with pytest.raises(PluginFailed, match="odd: cannot be built: its version must be a text"):
        async with World(odd(2, essential=True), FakeTransport):
            pass


@pytest.mark.parametrize(("version", "says"), BAD)
async def test_a_reload_to_such_a_version_leaves_what_runs_running(version: object, says: str) -> None:
    async with World(odd("1.0"), FakeTransport) as world:
        before = world.system.host.running["odd"].plugin
        shelf(world)["odd"] = odd(version)
        with pytest.raises(Conflict, match=says):
            await world.ctx.execute(c.ReloadPlugin(name="odd"))

        assert world.system.host.running["odd"].plugin is before, "it was not even stopped"
        assert world.state.plugins["odd"].version == "1.0"
        shelf(world)["odd"] = odd("2" * 64)
        await world.execute(c.ReloadPlugin(name="odd"))
        assert world.state.plugins["odd"].version == "2" * 64


async def test_one_that_is_installed_and_not_listed_is_passed_over_until_somebody_enables_it() -> None:
    library = StaticLibrary({"faketransport": FakeTransport, "odd": odd(2)})
    async with World(FakeTransport, library=library) as world:
        assert "odd" not in world.state.plugins
        with pytest.raises(Conflict, match="must be a text"):
            await world.ctx.execute(c.EnablePlugin(name="odd"))
        assert "odd" not in world.system.host.running

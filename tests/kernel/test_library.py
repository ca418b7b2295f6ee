"""Code from disk: found, loaded anew, put back; as somebody else's distribution and as a single file."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kernel import commands as c
from kernel.errors import Conflict, PluginFailed
from kernel.events import PluginReloaded
from kernel.hosting.library import Distributions, PluginCode, find, folder_of
from kernel.testing import FakeTransport, World

AGENT = """\
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.plugin import Plugin, PluginConfig
from {package}.words import STEP


class Talker(Plugin[PluginConfig]):
    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return Reply(step=STEP)
"""
FILE = AGENT.replace("from {package}.words import STEP", "STEP = {step!r}")
TURN: Any = None
Write = Callable[[str], None]


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Somebody's distribution `talking`, with the plugin `talker`; call it to edit what it says."""
    package, facts = tmp_path / "talking", tmp_path / "talking-1.2.dist-info"
    for folder in (package, facts):
        folder.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: talking\nVersion: 1.2\n")
    (facts / "entry_points.txt").write_text("[switchboard.plugins]\ntalker = talking.agent:Talker\n")
    (package / "__init__.py").write_text("")
    (package / "agent.py").write_text(AGENT.format(package="talking"))

    def write(step: str) -> None:
        (package / "words.py").write_text(f"STEP = {step!r}\n")

    write("old")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "talking"]:
        monkeypatch.delitem(sys.modules, name)
    return write


class Disk(Distributions):
    """What is installed, and the fake transport."""

    def names(self) -> list[str]:
        return [*super().names(), "faketransport"]

    def current(self, name: str) -> PluginCode:
        return PluginCode(FakeTransport) if name == "faketransport" else super().current(name)


async def asked(world: World) -> str | None:
    answer = await world.ctx.hooks.respond(TURN)
    return answer.reply.step if answer else None


async def test_an_agent_that_is_edited_on_disk_and_reloaded_speaks_with_the_new_code(distribution: Write) -> None:
    talker = find().plugins["talker"]
    async with World(FakeTransport, talker, library=Disk()) as world:
        assert await asked(world) == "old"
        before = world.state.plugins["talker"]
        assert before.version == "1.2"
        distribution("new")  # another module than the entry point's, of the same length, within the same second
        await world.execute(c.ReloadPlugin(name="talker"))

        assert await asked(world) == "new"
        after = world.state.plugins["talker"]
        assert before.code != after.code
        distribution("old")
        await world.execute(c.ReloadPlugin(name="talker"))
        assert world.state.plugins["talker"].code == before.code


async def test_a_plugin_is_loaded_though_a_library_has_brought_the_backport_of_importlib(distribution: Write) -> None:
    pytest.importorskip("importlib_metadata")  # from then on entry points are of its own class
    talker = find().plugins["talker"]
    async with World(FakeTransport, talker, library=Disk()) as world:
        distribution("new")
        await world.execute(c.ReloadPlugin(name="talker"))

        assert await asked(world) == "new"


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        ("STEP = (", r"SyntaxError: '\(' was never closed \(words.py, line 1\)"),
        ("import os\nraise OSError('no')", r"OSError: no \(talking/words.py, line 2\)"),
        ("raise SystemExit(3)", r"SystemExit: 3 \(talking/words.py, line 1\)"),
        ("", r"ImportError: cannot import name 'STEP' from 'talking.words'"),
    ],
)
async def test_a_broken_edit_is_named_with_its_line_and_the_old_code_goes_on(
    distribution: Write, tmp_path: Path, edit: str, named: str
) -> None:
    async with World(FakeTransport, find().plugins["talker"], library=Disk()) as world:
        words = sys.modules["talking.words"]
        (tmp_path / "talking" / "words.py").write_text(edit)
        with pytest.raises(Conflict, match=named):
            await world.ctx.execute(c.ReloadPlugin(name="talker"))

        assert await asked(world) == "old"
        assert sys.modules["talking.words"] is words, "what the old code imports later is its own"
        distribution("new")
        await world.execute(c.ReloadPlugin(name="talker"))
        assert await asked(world) == "new"


async def test_a_file_of_the_plugin_folder_is_a_plugin_that_can_be_swapped_in(tmp_path: Path) -> None:
    config = tmp_path / "switchboard.toml"
    config.write_text('[kernel]\nplugins = ["old"]\nplugin_folder = "agents"\n')
    folder = folder_of(config)
    assert folder is not None
    folder.mkdir()
    (folder / "old.py").write_text(FILE.format(step="old"))
    installed = find(folder)
    library = Disk(folder)
    old = installed.plugins["old"]
    async with World(FakeTransport, type("Old", (old,), {"__module__": "tests"}), library=library) as world:
        assert await asked(world) == "old"
        (folder / "newer.py").write_text(FILE.format(step="new"))
        await world.execute(c.SwapAgent(old="old", new="newer"))

        assert await asked(world) == "new"
        (folder / "newer.py").write_text(FILE.format(step="newest"))
        await world.execute(c.ReloadPlugin(name="newer"))
        assert await asked(world) == "newest"
        (folder / "newer.py").write_text("x = 1")
        with pytest.raises(Conflict, match=r"newer\.py must define one subclass of Plugin, and has 0"):
            await world.ctx.execute(c.ReloadPlugin(name="newer"))
        assert await asked(world) == "newest"


def test_a_file_that_bears_the_name_of_an_installed_plugin_takes_nobodys_place(
    distribution: Write, tmp_path: Path
) -> None:
    folder = tmp_path / "agents"
    folder.mkdir()
    (folder / "talker.py").write_text(FILE.format(step="mine"))

    assert "both bear this name" in find(folder).broken["talker"]
    with pytest.raises(PluginFailed, match="both bear this name"):
        Distributions(folder).load("talker")


def test_a_config_without_a_plugin_folder_or_that_cannot_be_read_names_none(tmp_path: Path) -> None:
    config = tmp_path / "switchboard.toml"
    assert folder_of(config) is None
    for text in ("[kernel]\nplugins = ['api']\n", "kernel = 3\n", "[kernel]\nplugin_folder = 3\n", "[["):
        config.write_text(text)
        assert folder_of(config) is None


@pytest.mark.slow
async def test_a_hundred_reloads_leave_memory_and_tasks_where_they_were(distribution: Write) -> None:
    async with World(FakeTransport, find().plugins["talker"], library=Disk()) as world:

        async def reload(times: int) -> None:
            for number in range(times):
                distribution(f"step {number % 7}")
                await world.ctx.execute(c.ReloadPlugin(name="talker"))
            world.events.clear()  # the test's own notes
            gc.collect()

        await reload(130)  # what is kept once, such as the caches of `typing` and `importlib`, which hold 128 each
        tasks, blocks = len(asyncio.all_tasks()), sys.getallocatedblocks()
        await reload(100)
        grown = sys.getallocatedblocks() - blocks

        assert len(asyncio.all_tasks()) == tasks
        assert grown < 1_000, "ten blocks of memory for each reload, which no module fits in"
        living = [thing for thing in gc.get_objects() if type(thing).__name__ == "Talker"]
        assert len(living) == 1
        assert world.happened(PluginReloaded) == []


async def test_a_reload_lets_go_of_code_that_has_a_config_of_its_own(distribution: Write, tmp_path: Path) -> None:
    text = AGENT.format(package="talking").replace("Plugin[PluginConfig]", "Plugin[Own]")
    own = "\n\nclass Own(PluginConfig, frozen=True, kw_only=True):\n    words: int = 1\n"
    (tmp_path / "talking" / "agent.py").write_text(text.replace("\n\nclass Talker", f"{own}\n\nclass Talker"))
    async with World(FakeTransport, find().plugins["talker"], library=Disk()) as world:
        for number in range(5):
            distribution(f"step {number}")
            await world.ctx.execute(c.ReloadPlugin(name="talker"))
        world.events.clear()
        gc.collect()
        codes = [thing for thing in gc.get_objects() if isinstance(thing, type) and thing.__name__ == "Own"]

        assert len(codes) <= 3, "the one that runs, the one that the test began with, and one on its way out"

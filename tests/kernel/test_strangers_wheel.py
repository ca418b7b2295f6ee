"""A stranger's distribution, from its wheel to its end: swapped in under twenty live dialogues, and taken out again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from kernel.codec import CODEC
from kernel.commands import EnablePlugin, SwapAgent
from kernel.hosting.library import Distributions, PluginCode
from kernel.plugin import Plugin
from kernel.rows import Sender
from kernel.segments import Segments
from kernel.testing import FakeTransport, World, idle
from plugins.dialogue import Dialogue
from plugins.journal import Journal
from plugins.scripted_agent import ScriptedAgent
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import AT_ONCE, befriend

pytestmark = pytest.mark.slow
SOURCES: Final = Path(__file__).parents[1] / "fixtures" / "haggler"
CHATS: Final = 20
OURS: Final[tuple[type[Plugin[Any]], ...]] = (Journal, Tasks, FakeTransport, Dialogue, ScriptedAgent)


class Shelf(Distributions):
    """What is installed, and the fake transport."""

    def names(self) -> list[str]:
        return [*super().names(), "faketransport"]

    def current(self, name: str) -> PluginCode:
        return PluginCode(FakeTransport) if name == "faketransport" else super().current(name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stranger builds a wheel of sources that lie outside of the repo; somebody installs it, without an index."""
    folder = tmp_path_factory.mktemp("stranger")
    sources, site = folder / "sources", folder / "site"
    shutil.copytree(SOURCES, sources)
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel"], cwd=sources, check=True)
    (wheel,) = (sources / "dist").glob("*.whl")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--disable-pip-version-check", "--target", str(site), str(wheel)], check=True)
    return site


def world_on(data: Path) -> World:
    return World(*OURS, data=data, config={"dialogue": AT_ONCE}, library=Shelf())


def offered(data: Path) -> list[str]:
    """The chats of the stranger's events in the journal, as anybody reads them there."""
    lines = b"".join(Segments(data / "journal").lines()).splitlines()
    events = [msgspec.json.decode(line) for line in lines if b'"kind":"haggler.offered"' in line]
    return [event["payload"]["chatId"] for event in events]


async def test_a_strangers_plugin_comes_in_under_twenty_dialogues_and_goes_again(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as while_installed:
        while_installed.syspath_prepend(site)
        async with world_on(tmp_path) as world:
            chats = [world.state.chats[await befriend(world, world.add_bot(), world.player())] for _ in range(CHATS)]
            await idle()
            await world.execute(SwapAgent(old="scripted_agent", new="haggler"))
            for chat in chats:
                world.transport.say(chat.bot_id, chat.player, "hello")
            await idle(100)

            for chat in chats:
                lines = [m for m in world.state.chats[chat.id].messages if m.sender is Sender.BOT]
                assert lines[0].author == "agent:scripted_agent"
                assert (lines[-1].author, lines[-1].author_version) == ("agent:haggler", "1.2")
            (panel,) = (panel for panel in world.ctx.hooks.panels() if panel.plugin == "haggler")
            shown = await panel.read()
            assert shown is not None
            assert shown.fields[0].value == CHATS
            (route,) = (route for route in world.ctx.hooks.routes() if route.plugin == "haggler")
            answer: Any = await route.answer(route.route.takes(), "operator:anna")
            assert answer.offers.keys() == {chat.id for chat in chats}
            await world.execute(SwapAgent(old="haggler", new="scripted_agent"))
    for name in [name for name in sys.modules if name == "haggler"]:
        del sys.modules[name]
    CODEC._events.pop("haggler.offered")
    CODEC.learn(())

    async with world_on(tmp_path) as world:  # uninstalled
        assert sorted(offered(tmp_path)) == sorted(chat.id for chat in chats)
        assert all(world.state.chats[chat.id].is_open for chat in chats)
        assert world.state.plugin_rows.of("haggler") == {}

    monkeypatch.syspath_prepend(site)
    async with world_on(tmp_path) as world:  # and installed again
        await world.execute(EnablePlugin(name="haggler"))
        assert world.state.plugin_rows.of("haggler")["offers"].keys() == {chat.id for chat in chats}

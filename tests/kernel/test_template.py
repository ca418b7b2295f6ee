"""A new plugin works as it is made."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

from kernel import commands as c
from kernel.__main__ import main
from kernel.hookspecs import Reply, Trigger, Turn, hookimpl
from kernel.hosting.library import Distributions, PluginCode
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport, World
from kernel.testing.agents import Played


def test_the_tests_of_a_new_plugin_pass_as_they_are_made(tmp_path: Path) -> None:
    assert main(["plugin", "new", "my_agent", "--into", str(tmp_path)]) == 0

    made = tmp_path / "my_agent"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(made), str(Path(__file__).parents[2])))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error"], cwd=made, env=environment, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


@pytest.mark.parametrize("name", ["My_Agent", "1st", "a", "agent-x", "../agent", "a" * 41, "agent_"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugin", "new", name, "--into", str(tmp_path)]) == 1
    assert "2 to 40 of a-z" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "my_agent").mkdir()

    assert main(["plugin", "new", "my_agent", "--into", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("class", "'class' is a word of Python's own; give another name, such as class_agent"),
        ("json", "is a module of Python's own"),
        ("kernel", "is a package that is installed"),
        ("plugins", "is a package that is installed"),
        ("pytest", "is a package that is installed"),
        ("tests", "is a package that is installed"),
        ("steam_sim", "is a plugin that is installed"),
        ("reply", "would make a class Reply, which is one of the kernel's"),
        ("plugin", "would make a class Plugin"),
        ("world", "would make a class World"),
        ("task", "would make a class TaskReason"),
    ],
)
def test_a_name_with_which_the_plugin_could_not_run_is_refused_with_the_reason(
    tmp_path: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugin", "new", name, "--into", str(tmp_path)]) == 1
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


class Disk(Distributions):
    """What is installed, and the fake transport."""

    def names(self) -> list[str]:
        return [*super().names(), "faketransport"]

    def current(self, name: str) -> PluginCode:
        return PluginCode(FakeTransport) if name == "faketransport" else super().current(name)


async def test_an_editable_install_is_swapped_in_and_reloaded_though_the_process_was_started_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = tmp_path / "site-packages"
    packages.mkdir()
    monkeypatch.setattr(sys, "path", [*sys.path, str(packages)])
    monkeypatch.setattr(site, "getsitepackages", lambda: [str(packages)])

    class Old(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            return Reply(step="old")

    class Library(Disk):
        def current(self, name: str) -> PluginCode:
            return PluginCode(Old) if name == "old" else super().current(name)

    async with World(FakeTransport, Old, library=Library()) as world:
        made = main(["plugin", "new", "brand_new", "--into", str(tmp_path)])
        assert made == 0
        facts = packages / "brand_new-0.1.0.dist-info"  # what `pip install -e` leaves
        facts.mkdir()
        (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: brand-new\nVersion: 0.1.0\n")
        (facts / "entry_points.txt").write_text("[switchboard.plugins]\nbrand_new = brand_new:BrandNew\n")
        (packages / "_brand_new.pth").write_text(f"{tmp_path / 'brand_new'}\n")
        await world.execute(c.SwapAgent(old="old", new="brand_new"))

        played = Played(world)
        assert (await played.turn(Trigger.STARTED) or Reply(step="")).step == "offer"
        assert world.state.plugins["brand_new"].version == "0.1.0"
        module = tmp_path / "brand_new" / "brand_new" / "__init__.py"
        module.write_text(module.read_text().replace('step="offer"', 'step="bid"'))
        await world.execute(c.ReloadPlugin(name="brand_new"))
        assert (await Played(world).turn(Trigger.STARTED) or Reply(step="")).step == "bid"
    for name in [name for name in sys.modules if name.partition(".")[0] == "brand_new"]:
        monkeypatch.delitem(sys.modules, name)

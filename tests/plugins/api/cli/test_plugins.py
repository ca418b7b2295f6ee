"""`switchboard plugin` against a running system: what its user sees, and what it changes."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kernel.__main__ import main
from kernel.events import ErrorLogged, PluginFound, PluginReloaded
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.hosting.library import StaticLibrary
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import FakeTransport
from plugins.api import Api
from tests.plugins.api.client import DEADLINE_S, Site, serving


class Agent(Plugin[PluginConfig]):
    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return Reply(step=self.ctx.name)


class Old(Agent):
    pass


class New(Agent):
    pass


class Broken(Agent):
    async def start(self) -> None:
        raise OSError("no disk")


async def run(site: Site, *arguments: str) -> int:
    """The exit status, with the command run as a process would, beside the system's loop."""
    return await asyncio.to_thread(main, ["plugin", *arguments, "--url", site.url])


def shelf(site: Site) -> dict[str, type[Plugin[Any]]]:
    assert isinstance(site.world.library, StaticLibrary)
    return site.world.library.classes


async def test_plugins_are_listed_swapped_reloaded_and_disabled_from_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(Old, FakeTransport) as site:
        monkeypatch.setenv("SWITCHBOARD_TOKEN", site.token)
        shelf(site).update(new=New, broken=Broken, api=Api)
        assert await run(site, "swap", "old", "new") == 0
        assert await run(site, "reload", "new") == 0
        assert await run(site, "disable", "new") == 0
        assert await run(site, "enable", "old") == 0
        capsys.readouterr()
        assert await run(site, "list") == 0

        lines = {line.split()[0]: line.split()[1] for line in capsys.readouterr().out.splitlines()}
        ours = {"api": "running", "faketransport": "running", "old": "running", "new": "stopped"}
        assert lines.items() >= ours.items()
        assert {status for name, status in lines.items() if name not in ours} == {"installed"}
        assert await run(site, "swap", "old", "broken") == 1
        assert "It does not start: OSError: no disk" in capsys.readouterr().err
        assert await run(site, "list") == 0
        assert "  does not start: OSError: no disk" in capsys.readouterr().out


async def test_whoever_may_not_or_finds_nobody_there_is_told_so(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(Old, FakeTransport) as site:
        monkeypatch.setenv("SWITCHBOARD_TOKEN", "swb_nobody")
        for arguments in (("list",), ("reload", "old")):
            assert await run(site, *arguments) == 1
            assert "SWITCHBOARD_TOKEN" in capsys.readouterr().err
    assert main(["plugin", "list", "--url", "http://:x"]) == 1
    assert main(["plugin", "reload", "old", "--url", "http://127.0.0.1:9"]) == 1
    assert "start the system, or give its address" in capsys.readouterr().err


async def test_the_api_itself_is_reloaded_and_its_caller_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(FakeTransport) as site:
        monkeypatch.setenv("SWITCHBOARD_TOKEN", site.token)
        address = site.world.data / "api" / "address"
        reloaded = asyncio.Event()
        site.world.ctx.subscribe(PluginReloaded, lambda *_: reloaded.set())
        assert await run(site, "reload", "api") == 0
        await asyncio.wait_for(reloaded.wait(), DEADLINE_S)
        site.url = address.read_text().strip()
        assert await run(site, "reload", "faketransport") == 0
        assert site.world.happened(ErrorLogged) == []


async def test_the_systems_address_may_stand_in_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(Old, FakeTransport) as site:
        monkeypatch.setenv("SWITCHBOARD_TOKEN", site.token)
        monkeypatch.setenv("SWITCHBOARD_URL", site.url)
        assert await asyncio.to_thread(main, ["plugin", "list"]) == 0
        assert "old  " in capsys.readouterr().out
        assert await asyncio.to_thread(main, ["plugin", "list", "--url", "http://127.0.0.1:9"]) == 0
        assert "No system runs at http://127.0.0.1:9" in capsys.readouterr().err


TALKER = """\
from kernel.plugin import Plugin, PluginConfig


class Talker(Plugin[PluginConfig]):
    version = {own!r}
"""


def install(packages: Path, name: str, version: str, own: str | None = None) -> None:
    """A distribution of that version with a plugin, which may have a version of its own."""
    facts = packages / f"{name}-{version}.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (facts / "entry_points.txt").write_text(f"[switchboard.plugins]\n{name} = {name}:Talker\n")
    (packages / f"{name}.py").write_text(TALKER.format(own=own))


def forget(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    """Have them imported anew, and gone when the test is over."""
    for name in modules:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        monkeypatch.delitem(sys.modules, name)


def line_of(name: str, out: str) -> list[str]:
    return next((line.split() for line in out.splitlines() if line.startswith(f"{name} ")), [])


async def test_what_is_installed_while_the_system_runs_is_listed_and_what_is_uninstalled_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    forget(monkeypatch, "newcomer", "upgraded")
    async with serving(FakeTransport) as site:
        monkeypatch.setenv("SWITCHBOARD_TOKEN", site.token)
        for name in ("upgraded", "gone"):
            facts: dict[str, Any] = {"name": name, "version": "1.0", "code": "0", "hooks": (), "fixed": False}
            site.world.ctx.publish(PluginFound(**facts))
        install(tmp_path, "newcomer", "2.1")
        install(tmp_path, "upgraded", "1.1")
        assert await run(site, "list") == 0
        out = capsys.readouterr().out

    assert line_of("newcomer", out)[:3] == ["newcomer", "installed", "2.1"]
    assert line_of("faketransport", out)[1] == "running"
    assert "  version 1.1 is installed\n" in out
    assert (
        "  no distribution here has it; unless it is a file of the plugin folder, switchboard plugin dismiss gone"
        in out
    )
    assert main(["plugin", "list", "--url", site.url]) == 0
    said = capsys.readouterr()
    assert line_of("newcomer", said.out)[:3] == ["newcomer", "installed", "2.1"]
    assert "No system runs at" in said.err


async def test_a_plugin_in_good_health_is_told_no_news_whatever_its_version_is_called(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    single = type("Single", (Agent,), {"__module__": __name__, "version": "7"})  # as a file of the plugin folder has it
    monkeypatch.syspath_prepend(tmp_path)
    forget(monkeypatch, "packaged", "upgraded", "torn")
    async with serving(single, FakeTransport) as site:
        monkeypatch.setenv("SWITCHBOARD_TOKEN", site.token)
        for name, own in (("packaged", "own 3"), ("upgraded", "own 3"), ("torn", "own 3")):
            facts: dict[str, Any] = {"name": name, "version": own, "code": "0", "hooks": (), "fixed": False}
            site.world.ctx.publish(PluginFound(**facts))
        install(tmp_path, "packaged", "1.0", own="own 3")
        install(tmp_path, "upgraded", "1.0", own="own 4")
        install(tmp_path, "torn", "1.0")
        (tmp_path / "torn.py").write_text("raise OSError")
        assert await run(site, "list") == 0
        out = capsys.readouterr().out

    said = [line for line in out.splitlines() if line.startswith("  ")]
    assert line_of("single", out)[1:3] == ["running", "7"]
    assert said == ["  version own 4 is installed"]

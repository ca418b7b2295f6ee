"""`switchboard check`: what a config asks for that cannot work is found before a start, in the words of the start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from kernel.__main__ import main
from kernel.config import check
from kernel.events import Envelope
from kernel.findings import Deployment, findings
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery


class PumpConfig(PluginConfig, frozen=True, kw_only=True):
    source: str = "well"

    def findings(self, deployment: Deployment) -> Iterator[str]:
        if self.source == "sea":
            raise RuntimeError("salt")
        if self.source != "well":
            yield f"source: {self.source} is dry; name another"
        folder = deployment.folder("pump")
        if folder is not None and folder.exists():
            yield f"source: {folder.name} is there already, and may fail {deployment.kernel.error_budget} times"


class Pump(Plugin[PumpConfig]):
    Config = PumpConfig


class Journal(Plugin[PluginConfig]):
    @hookimpl
    async def recover(self, recovery: Recovery) -> None:
        """Nothing is there."""


class Mute(Plugin[PluginConfig]):
    async def respond(self, turn: Turn) -> Reply | None:
        """It would answer, if it were asked."""
        return None


class Agent(Mute):
    @hookimpl(specname="respond")
    async def reply(self, turn: Turn) -> Reply | None:
        return None

    def greet(self, envelope: Envelope) -> None:
        """No hook."""


AVAILABLE: Final[dict[str, type[Plugin[Any]]]] = {
    "journal": Journal,
    "pump": Pump,
    "mute": Mute,
    "agent": Agent,
    "plain": Plugin,
}


def found(plugins: str, data: Path | None = None, **tables: dict[str, object]) -> list[str]:
    config = check({"kernel": {"plugins": plugins.split()}, **tables}, AVAILABLE)
    return findings(config, AVAILABLE, data)


def test_a_config_that_can_work_has_no_finding(tmp_path: Path) -> None:
    assert found("journal pump agent plain", tmp_path / "data" / "not" / "yet") == []


def test_a_journal_is_there_and_first() -> None:
    assert found("plain") == [
        "[kernel] plugins: name no journal, so nothing outlasts the process; put one first, such as journal"
    ]
    assert found("plain journal") == [
        "[kernel] plugins: journal is not first, so it stops before the plugins that it follows, and their last events "
        "are lost; put it first"
    ]


def test_an_agent_that_is_never_asked_is_no_agent() -> None:
    assert found("journal mute") == [
        "[kernel] plugins: mute has a method respond without @hookimpl, so it is never asked; mark it"
    ]


def test_each_plugin_looks_at_its_own_table(tmp_path: Path) -> None:
    (tmp_path / "pump").mkdir()

    assert found("journal pump", tmp_path, pump={"source": "river"}) == [
        "[pump] source: river is dry; name another",
        "[pump] source: pump is there already, and may fail 200 times",
    ]
    assert found("journal", tmp_path, pump={"source": "river"}) == [], "it is not to run"
    assert found("journal pump", pump={"source": "sea"}) == ["[pump] cannot be looked at: salt"]


def test_a_data_folder_that_cannot_be_one_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    assert found("journal", tmp_path / "file" / "data") == [
        f"--data {tmp_path / 'file' / 'data'}: {tmp_path / 'file'} is no folder; name another"
    ]

    (tmp_path / "data" / "api").mkdir(parents=True)
    monkeypatch.setattr("os.access", lambda path, mode: Path(path).name != "api")
    assert found("journal", tmp_path / "data") == [
        f"--data {tmp_path / 'data'}: this user may not write in {tmp_path / 'data' / 'api'}; change its owner, "
        "or name another folder"
    ]


CONFIG: Final = """
[kernel]
plugins = ["journal", "contact_policy", "steam", "api"]
[steam]
ca_file = "/no.pem"
"""


def test_check_and_a_start_say_it_in_the_same_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, data = tmp_path / "switchboard.toml", str(tmp_path / "data")
    path.write_text(CONFIG)

    assert main(["check", "--config", str(path), "--data", data]) == 1
    words = "ca_file: /no.pem cannot be used: [Errno 2] No such file or directory; name a PEM file of authorities"
    assert capsys.readouterr().err == f"The config has 1 problem:\n  [steam] {words}\n"
    assert not (tmp_path / "data").exists(), "nothing is changed"

    assert main(["run", "--config", str(path), "--data", data]) == 1
    said = capsys.readouterr().err
    assert f"config: [steam] {words}\n" in said
    assert f"steam: does not start: {words}\n" in said

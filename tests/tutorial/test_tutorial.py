"""plugins/README.md teaches with files that work: each of its blocks is one of them, word for word."""

from __future__ import annotations

import asyncio
import re
import shlex
from pathlib import Path

import pytest

from kernel.__main__ import main
from kernel.hosting.library import Distributions
from kernel.testing import World
from plugins.api import Api
from plugins.api.auth import tokens
from plugins.api.auth.tokens import Kind
from plugins.scripted_agent import ScriptedAgent

HERE = Path(__file__).parent
README = HERE.parents[1] / "plugins" / "README.md"
BLOCK = re.compile(r"<!-- (tests/tutorial/\S+) -->\n```\w+\n(.*?)```\n", re.DOTALL)
TAUGHT = {
    *(f"my_plugins/{name}.py" for name in ("talk_counter", "quiet_hours", "short_agent", "flood_alarm", "price_book")),
    *(f"my_plugins/{name}.py" for name in ("chat_page", "talk_board")),
    "test_my_plugins.py", "switchboard.toml", "commands.sh",
}  # fmt: skip


def blocks() -> dict[str, str]:
    return {name.removeprefix("tests/tutorial/"): text for name, text in BLOCK.findall(README.read_text("utf-8"))}


def test_each_block_of_the_tutorial_is_a_file_that_is_tested() -> None:
    text = README.read_text("utf-8")
    assert set(blocks()) == TAUGHT
    assert text.count("```") == 2 * (len(TAUGHT) + 1), "beside them, the one line that makes a new plugin"
    for name, block in blocks().items():
        kept = (HERE / name).read_text("utf-8").replace("tests.tutorial.my_plugins", "my_plugins")
        assert block == kept, f"{name}: copy the file into the README, or the block into the file"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of somebody who has typed all of it in."""
    for name, block in blocks().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(block, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_config_of_the_tutorial_is_good_and_a_mistake_in_it_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--config", "switchboard.toml"]) == 0
    file = project / "switchboard.toml"
    file.write_text(file.read_text().replace("from_hour = 23", "from_hour = 24\nto_hour = 7"))
    assert main(["check", "--config", "switchboard.toml"]) == 1
    assert "to_hour" in capsys.readouterr().err


async def test_the_commands_of_the_tutorial_change_a_running_system(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World(ScriptedAgent, Api, config={"api": {"port": 0}}, library=Distributions(project / "my_plugins"))
    async with world:
        url = (world.data / "api" / "address").read_text().strip()
        token = tokens.create(world.data / "api" / "tokens.json", "anna", Kind.OPERATOR, 0)
        monkeypatch.setenv("SWITCHBOARD_TOKEN", token)
        capsys.readouterr()
        for line in blocks()["commands.sh"].splitlines():
            name, *arguments = shlex.split(line, comments=True)
            assert name == "switchboard"
            assert await asyncio.to_thread(main, [*arguments, "--url", url]) == 0, line
        listed = {line.split()[0]: line.split()[1] for line in capsys.readouterr().out.splitlines() if line[0] != " "}

    assert listed["talk_counter"] == listed["short_agent"] == "running"
    assert listed["scripted_agent"] != "running"

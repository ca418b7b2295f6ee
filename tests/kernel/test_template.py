"""A new plugin works as it is made, and the contract of agents finds what breaks it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from kernel.__main__ import main
from kernel.codes import DialogueOutcome, Undeclared
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import TaskStatus
from kernel.testing.agents import AgentContract
from plugins.scripted_agent import ScriptedAgent


class TestTheScriptedAgentKeepsTheContract(AgentContract):
    agent = ScriptedAgent


def test_the_tests_of_a_new_plugin_pass_as_they_are_made(tmp_path: Path) -> None:
    assert main(["plugin", "new", "my_agent", "--into", str(tmp_path)]) == 0

    made = tmp_path / "my_agent"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(made), str(Path(__file__).parents[2])))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error"], cwd=made, env=environment, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "passed" in done.stdout


@pytest.mark.parametrize("name", ["My_Agent", "1st", "a", "agent-x", "../agent", "a" * 41])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plugin", "new", name, "--into", str(tmp_path)]) == 1
    assert "2 to 40 of a-z" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "my_agent").mkdir()

    assert main(["plugin", "new", "my_agent", "--into", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err


class Broken(Plugin[PluginConfig]):
    """An agent whose way of being wrong is set by each test."""

    reply: Reply | None = None

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        return self.reply


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(step="", texts=("hi",)), "where the dialogue stands"),
        (Reply(step="x", texts=(" ",)), "an empty line"),
        (Reply(step="x", texts=("x" * 6_000,)), "6000 characters"),
        (Reply(step="x", texts=("hi",) * 9), "a flood"),
        (Reply(step="x", wait=0), "above 0"),
        (Reply(step="x", outcome=TaskStatus.DISPOSED, reason=Undeclared("x")), "cannot end as disposed"),
        (Reply(step="x", outcome=TaskStatus.FAILED), "has a `reason`"),
        (
            Reply(step="x", outcome=TaskStatus.RESOLVED, reason=DialogueOutcome.AGREED, agreed_price=Decimal(99)),
            "outside 10.00",
        ),
    ],
)
async def test_the_contract_names_what_is_wrong_with_a_reply(reply: Reply, said: str) -> None:
    class Wrong(Broken):
        pass

    Wrong.reply = reply

    class Contract(AgentContract):
        agent = Wrong

    with pytest.raises(AssertionError, match=said):
        await Contract().test_it_bears_whatever_a_player_writes()


async def test_the_contract_finds_an_agent_that_raises_that_never_ends_and_that_will_not_be_called_off() -> None:
    class Raises(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            raise ValueError("what now?")

    class Endless(Broken):
        reply = Reply(step="x", texts=("And now?",), wait=1)

    class Stubborn(Plugin[PluginConfig]):
        @hookimpl
        async def respond(self, turn: Turn) -> Reply | None:
            try:
                await asyncio.sleep(3_600)
            except asyncio.CancelledError:
                await asyncio.sleep(0.5)
            return None

    def contract(wrong: type[Plugin[PluginConfig]]) -> AgentContract:
        class Contract(AgentContract):
            agent = wrong

        return Contract()

    with pytest.raises(AssertionError, match=r"what now\?"):
        await contract(Raises).test_it_can_open_a_dialogue()
    with pytest.raises(AssertionError, match="it still talks"):
        await contract(Endless).test_it_comes_to_an_end_with_a_player_who_says_no()
    with pytest.raises(AssertionError, match="still works on its turn"):
        await contract(Stubborn).test_it_gives_way_when_it_is_called_off()

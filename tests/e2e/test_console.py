"""`jupyter console --existing FILE` in a real terminal: it reads the state of a running system, and writes as a bot."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pexpect
import pytest

from kernel.events import ChatMessageQueued, ChatMessageSent, LiveShellRan
from plugins.steam_sim.world import MessageSent
from plugins.steam_sim.world_log import WorldLog
from tests.e2e.running import Running, of, running

T = TypeVar("T")
DEADLINE_S = 60
WORDS = "A person writes this, from inside."
PARTS = f"'{WORDS[:10]}' '{WORDS[10:]}'"
"""The same in Python: what the terminal shows of the typed line is not what it shows of the answer."""
COLOURS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def until(look: Callable[[], T]) -> T:
    """What it finds, once it finds something."""
    end = time.monotonic() + DEADLINE_S
    while not (found := look()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.1)
    return found


def quiet_player(demo: Running) -> dict[str, str]:
    """Somebody who accepts and says nothing, so that the chat stays as it is."""
    assert demo.address, "it is up"
    players = json.loads((demo.data / "steam" / "ready.json").read_bytes())["players"]
    return next(player for player in players if player["temperament"] == "silent")


def talking_with(demo: Running, player: dict[str, str]) -> str:
    """The chat with that player, taken over from its agent after the first words."""
    deal = {"item": "AK-47 | Redline", "priceMin": "10.00", "priceMax": "12.50", "currency": "USD"}
    demo.give("CreateTask", playerSteamId64=player["steamId64"], language=player["language"], **deal)
    chat_id = until(lambda: of(ChatMessageSent, demo.envelopes()))[0][1].chat_id
    demo.give("ToggleAgent", chatId=chat_id, enabled=False)
    return chat_id


def said_to_players(data: Path) -> list[str]:
    """Everything that the simulated Steam has taken from anybody for anybody."""
    return [one.text for one in WorldLog(data / "steam" / "world.log").replay() if isinstance(one, MessageSent)]


class Console:
    """A terminal in which the console runs."""

    def __init__(self, file: str, places: Path) -> None:
        names = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
        environment = {**os.environ, **{name: str(places / name) for name in names}, "TERM": "dumb"}
        arguments = ["-m", "jupyter_console", "--existing", file, "--simple-prompt"]
        self._terminal = pexpect.spawn(
            sys.executable, arguments, env=environment, timeout=DEADLINE_S, encoding="utf-8", dimensions=(40, 200)
        )
        self._prompt()

    def run(self, line: str) -> str:
        """Everything between the typed line and the next prompt."""
        self._terminal.sendline(line)
        return self._prompt()

    def _prompt(self) -> str:
        self._terminal.expect(r"In \[\d+\]: ")
        return COLOURS.sub("", self._terminal.before or "")

    def leave(self) -> None:
        self._terminal.sendline("exit")
        self._terminal.expect(pexpect.EOF)

    def close(self) -> None:
        self._terminal.close(force=True)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_console_attached_to_the_running_process_reads_the_state_and_writes_to_a_player(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data, "--bots", "2", "--players", "60", "--tasks", "0") as demo:
        chat_id = talking_with(demo, quiet_player(demo))
        demo.give("EnablePlugin", name="live_shell")
        with closing(Console(demo.give("OpenLiveShell", minutes=480), tmp_path)) as console:
            bots = "[bot.status for bot in ctx.call(lambda: [*state.bots.values()])]"
            assert "connected bots: 2" in console.run(f"print('connected', 'bots:', {bots}.count('connected'))")
            assert "agent: False" in console.run(f"print('agent:', state.chats['{chat_id}'].agent_enabled)")
            assert "'msg_" in console.run(f"await ctx.execute(commands.SendMessage(chat_id='{chat_id}', text={PARTS}))")
            until(lambda: WORDS in said_to_players(data))
            console.leave()
        demo.interrupt()
        assert demo.wait(60) == 0
        told = demo.envelopes()

    ((queued, line),) = [(envelope, one) for envelope, one in of(ChatMessageQueued, told) if one.message.text == WORDS]
    assert (queued.actor, line.message.author) == ("operator:demo", "operator:demo")
    assert line.message.id in {sent.message_id for _, sent in of(ChatMessageSent, told)}
    assert [envelope.actor for envelope, _ in of(LiveShellRan, told)] == ["operator:demo"] * 4, "`exit` is told too"

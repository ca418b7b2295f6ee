"""From an empty folder to a first bot and its first task, by the blocks of the README, typed as they stand there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from kernel.events import BotConnected, FriendInviteSent, TaskCreated
from tests.e2e.running import of, read_journal

ROOT: Final = Path(__file__).parents[2]
DEADLINE_S: Final = 90
PORT: Final = "http://127.0.0.1:8040"
"""Of the README; the test takes another, as something may be there."""


def blocks(section: str) -> list[str]:
    """The blocks of code below a heading of the README, in order."""
    text = (ROOT / "README.md").read_text("utf-8")
    below = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^```\n(.*?)^```$", below, re.MULTILINE | re.DOTALL)


class Terminal:
    """A person who types blocks, in a home of their own; `switchboard` is the one under test."""

    def __init__(self, home: Path, environment: dict[str, str]) -> None:
        self._home = home
        self.environment = {**os.environ, **environment, "HOME": str(home)}

    def type(self, block: str, folder: Path, **typed: str) -> str:
        """What is printed. `typed`: what is given at the prompt of `cat > NAME.txt`."""
        for name, text in typed.items():
            block = block.replace(
                f"cat > secrets/{name}.txt", f"printf '%s\\n' {shlex.quote(text)} > secrets/{name}.txt"
            )
        command = ["bash", "-euc", block]
        done = subprocess.run(
            command, cwd=folder, env=self.environment, capture_output=True, text=True, timeout=DEADLINE_S, check=False
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def steam(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The simulator in place of Steam; what differs is said to `run` by two variables."""
    folder = tmp_path / "sim"
    command = [sys.executable, "-m", "plugins.steam_sim", "--bots", "1", "--players", "3", "--out", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield json.loads(_there(folder / "ready.json"))
    finally:
        _ended(process)


def _there(path: Path) -> str:
    """The content of a file, once another process has written it."""
    end = time.monotonic() + DEADLINE_S
    while not path.exists() or not path.read_text("utf-8").strip():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.1)
    return path.read_text("utf-8")


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_the_readme_leads_from_an_empty_folder_to_a_first_bot(tmp_path: Path, steam: dict[str, Any]) -> None:
    install, config, run, operator, bot, task = blocks("Run it on real accounts")
    assert "make install DEST=$HOME/switchboard" in install  # `make wheel-test` plays the installation
    home, bots = tmp_path / "home", tmp_path / "home/bots"
    (home / "switchboard/bin").mkdir(parents=True)
    program = home / "switchboard/bin/switchboard"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m kernel "$@"\n')
    program.chmod(0o755)
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(ROOT / "switchboard.toml", project)
    mafile = next(Path(steam["mafiles"]).glob("*.maFile"))
    login, password = Path(steam["accountsFile"]).read_text("utf-8").splitlines()[0].split(":", 1)
    (proxy,) = [proxy["proxyUrl"] for proxy in steam["proxies"] if proxy["login"] == login]
    terminal = Terminal(
        home,
        {
            "MAFILE": str(mafile),
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "SWITCHBOARD_API__PORT": "0",
            "SWITCHBOARD_STEAM__DIRECTORY_URL": steam["directoryUrl"],
            "SWITCHBOARD_STEAM__CA_FILE": steam["caFile"],
        },
    )
    path = install.splitlines()[-1] + "\n"

    assert "switchboard.toml: good; runs journal" in terminal.type(path + config, project)
    running = subprocess.Popen(["bash", "-euc", f"{path}exec {run}"], cwd=bots, env=terminal.environment)
    try:
        address = _there(bots / "data/api/address").strip()
        link = terminal.type(operator, home)
        assert link.startswith(f"{address}/#welcome=") and link.endswith("&name=anna\n")

        bot = bot.replace("switchboard bots import secrets", f"switchboard bots import secrets --url {address}")
        said = terminal.type(f"{path}{bot}echo $SWITCHBOARD_TOKEN", bots, logins=f"{login}:{password}", proxies=proxy)
        added, token = said.splitlines()
        assert added.split()[:3] == ["added", mafile.name, login]
        assert added.split()[3].startswith("bot_")
        assert not (bots / "secrets").exists()

        terminal.environment["SWITCHBOARD_TOKEN"] = token
        task = task.replace(PORT, address).replace("76561198000000001", steam["players"][0]["steamId64"])
        assert json.loads(terminal.type(task, bots))["ok"]
        end = time.monotonic() + DEADLINE_S
        while not of(FriendInviteSent, read_journal(bots / "data")):
            assert time.monotonic() < end, "the player is not invited"
            time.sleep(0.2)
    finally:
        _ended(running)
    envelopes = read_journal(bots / "data")
    assert len(of(BotConnected, envelopes)) == len(of(TaskCreated, envelopes)) == 1
    assert password not in (bots / "data/journal/events.ndjson").read_text("utf-8")


def test_the_settings_of_the_readme_are_settings(tmp_path: Path) -> None:
    (block,) = blocks("Settings")
    lines = [line.partition("  #")[0].rstrip() for line in block.splitlines()]
    names = [line.partition("=")[0] for line in lines]
    command = f"{sys.executable} -m kernel config show --config {ROOT / 'switchboard.toml'} --json"
    shown = json.loads(
        Terminal(tmp_path, {}).type("\n".join(f"export {line}" for line in lines) + f"\n{command}", ROOT)
    )

    places = {value.get("place") for table in shown.values() for value in table.values()}
    assert set(names) <= places
    assert shown["api"]["port"]["value"] == 9000
    assert shown["api"]["compress"]["value"] is False
    assert shown["api"]["trusted_proxies"]["value"] == ["10.0.0.1", "10.0.0.2"]
    assert shown["contact_policy"]["notices.de"]["value"].startswith("Hier schreibt")
    assert shown["api"]["public_url"].get("value") is None

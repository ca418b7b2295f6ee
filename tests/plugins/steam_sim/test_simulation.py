"""A simulation as a whole: its files, its folder, and the process of its own."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kernel.testing import ManualClock
from plugins.steam_protocol import totp
from plugins.steam_sim.__main__ import main
from plugins.steam_sim.errors import BadOptions, PortTaken
from plugins.steam_sim.options import Ports, SimOptions
from plugins.steam_sim.simulation import Simulation
from tests.plugins.steam_sim.client import SteamClient
from tests.plugins.steam_sim.steam import Steam

ROOT = Path(__file__).parents[3]


async def test_a_mafile_and_its_password_are_enough_to_sign_in(steam: Steam) -> None:
    folder = steam.options.folder
    passwords = dict(line.split(":", 1) for line in (folder / "accounts.txt").read_text().splitlines())
    for file in (folder / "mafiles").iterdir():
        mafile = json.loads(file.read_text())
        assert file.name == f"{mafile['Session']['SteamID']}.maFile"
        login = mafile["account_name"]
        code = totp.code(base64.b64decode(mafile["shared_secret"]), int(steam.wall))
        async with await steam.client() as client:
            token = await client.sign_in(login, passwords[login], code)
            await client.log_on(mafile["Session"]["SteamID"], token)

    assert len(passwords) == 2


async def test_the_files_of_a_restart_are_the_same(steam: Steam) -> None:
    def files() -> dict[str, bytes]:
        folder = steam.options.folder
        return {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    before = files()
    await steam.restart()

    assert files() == before


async def test_a_folder_keeps_its_seed(steam: Steam, tmp_path: Path) -> None:
    with pytest.raises(BadOptions, match="made with the seed 7"):
        Simulation(SimOptions(folder=tmp_path, seed=8), steam.clock)

    assert Simulation(SimOptions(folder=tmp_path), steam.clock).seed == 7


@pytest.mark.parametrize(
    "wrong",
    [
        {"bots": -1},
        {"players": 10_000_000},
        {"host": "0.0.0.0"},
        {"host": "localhost"},
        {"ports": Ports(cm=70_000)},
        {"heartbeat_seconds": 0},
    ],
)
def test_options_that_make_no_sense_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(BadOptions):
        SimOptions(folder=tmp_path, **wrong)


def test_a_damaged_settings_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "simulation.json").write_text('{"seed": "one"}')

    with pytest.raises(BadOptions, match=r"simulation\.json"):
        Simulation(SimOptions(folder=tmp_path), ManualClock())


@pytest.mark.parametrize("which", ["cm", "directory", "socks", "http_proxy"])
async def test_a_port_in_use_is_named_and_nothing_is_left_running(
    tmp_path: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.steam_sim.listener.PATIENCE_S", 0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        options = SimOptions(folder=tmp_path, bots=1, players=1, ports=Ports(**{which: port}))
        with pytest.raises(PortTaken, match=str(port)):
            await Simulation(options, ManualClock()).start()

    assert not (tmp_path / "ready.json").exists()
    simulation = Simulation(options, ManualClock())
    await simulation.start()
    await simulation.stop()


@pytest.mark.parametrize("which", ["cm", "socks"])
async def test_a_port_that_is_free_in_a_moment_is_waited_for(tmp_path: Path, which: str) -> None:
    """The ports of before are remembered, and a passing connection of another program may have one by now."""
    with socket.socket() as passing:
        passing.bind(("127.0.0.1", 0))
        passing.listen()
        port = passing.getsockname()[1]
        asyncio.get_running_loop().call_later(0.05, passing.close)
        options = SimOptions(folder=tmp_path, bots=1, players=1, ports=Ports(**{which: port}))
        simulation = Simulation(options, ManualClock())
        await simulation.start()
        await simulation.stop()


class Process:
    """`python -m plugins.steam_sim` in a folder."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        command = [sys.executable, "-m", "plugins.steam_sim", "--bots", "2", "--players", "5", "--out", str(folder)]
        self._process = subprocess.Popen(
            [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "ready.json" in line:
                break
        self.ready = json.loads((folder / "ready.json").read_text())

    def end(self, how: signal.Signals) -> tuple[int, str]:
        """Send a signal; gives the exit status and what was written to stderr."""
        self._process.send_signal(how)
        _, errors = self._process.communicate(timeout=20)
        return self._process.returncode, errors


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_process_serves_until_it_is_told_to_stop(tmp_path: Path, how: signal.Signals) -> None:
    process = Process(tmp_path)
    port = process.ready["ports"]["cm"]
    with socket.create_connection(("127.0.0.1", port), timeout=10):
        status, errors = process.end(how)

    assert (status, errors) == (0, "")
    assert len(process.ready["players"]) == 5
    assert {"steamId64", "name", "temperament", "language"} == set(process.ready["players"][0])
    assert {"login", "proxyUrl"} == set(process.ready["proxies"][0])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=10)


async def test_a_killed_process_goes_on_where_it_was(tmp_path: Path) -> None:
    process = Process(tmp_path, "--speed", "1000")
    login, password = (tmp_path / "accounts.txt").read_text().splitlines()[0].split(":", 1)
    mafile = next(
        parsed
        for parsed in (json.loads(file.read_text()) for file in (tmp_path / "mafiles").iterdir())
        if parsed["account_name"] == login
    )
    steam_id64 = mafile["Session"]["SteamID"]
    player = int(next(p["steamId64"] for p in process.ready["players"] if p["temperament"] == "eager"))
    async with await SteamClient.open(process.ready["cmUrl"], process.ready["caFile"]) as client:
        code = totp.code(base64.b64decode(mafile["shared_secret"]), int(time.time()))
        token = await client.sign_in(login, password, code)
        await client.log_on(steam_id64, token)
        await client.add_friend(player)
        await client.becomes(player, 3)
        await client.say(player, "from 1.00 to 2.00?")
        answer = await client.hears()
        process.end(signal.SIGKILL)

    again = Process(tmp_path, "--speed", "1000")
    assert again.ready == process.ready
    async with await SteamClient.open(again.ready["cmUrl"], again.ready["caFile"]) as client:
        await client.log_on(steam_id64, token)
        listed = await client.friends_list()
        await client.say(player, "and?")
        next_answer = await client.hears()
    assert [(f.ulfriendid, f.efriendrelationship) for f in listed.friends] == [(player, 3)]
    assert (next_answer.rtime32_server_timestamp, next_answer.ordinal) > (
        answer.rtime32_server_timestamp,
        answer.ordinal,
    )
    assert again.end(signal.SIGTERM)[0] == 0


def test_a_folder_that_does_not_fit_ends_the_process_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "simulation.json").write_text("{}")

    assert main(["--out", str(tmp_path)]) == 1
    assert "simulation.json" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--out", "x", "--speed", "0"], ["--out", "x", "--bots", "many"]])
def test_wrong_arguments_are_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_help_says_what_is_written_where(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("ready.json", "mafiles", "accounts.txt", "--speed", "SIGTERM"))


def test_private_files_are_for_their_owner_only(tmp_path: Path) -> None:
    Process(tmp_path).end(signal.SIGTERM)

    for name in ("ready.json", "accounts.txt", "rsa.pem", "server.pem", "world.log"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0, name

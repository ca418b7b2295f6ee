"""The plugin: a simulated Steam inside the process, by the kernel's clock, with faults by command."""

from __future__ import annotations

import json
import time
from pathlib import Path

import msgspec
import pytest

from kernel.config import check
from kernel.errors import ConfigInvalid
from kernel.events import ClockStepped
from kernel.ids import SteamId64
from kernel.testing import World
from plugins.steam_protocol import totp
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim import SteamSim
from plugins.steam_sim.commands import DoAsPlayer, ShowPersona, SwitchFaultOn, SwitchFaultsOff
from plugins.steam_sim.deeds import Deed
from plugins.steam_sim.faults import FaultKind
from plugins.steam_sim.persona import HOSTILE_NAMES
from plugins.steam_sim.simulation import Simulation
from plugins.steam_sim.temperament import Temperament
from tests.plugins.steam_sim.client import SteamClient, SteamError

CONFIG = {"steam_sim": {"bots": 2, "players": 20, "seed": 7}}


def simulation(world: World) -> Simulation:
    running = world.plugin(SteamSim).simulation
    assert running is not None
    return running


async def online(world: World) -> SteamClient:
    """The first bot, signed in as whoever reads the plugin's data folder could."""
    ready = json.loads((world.data / "steam_sim" / "ready.json").read_text())
    bot = simulation(world).accounts.bots[0]
    client = await SteamClient.open(ready["cmUrl"], ready["caFile"])
    token = await client.sign_in(bot.login, bot.password, totp.code(bot.shared_secret, int(time.time())))
    await client.log_on(bot.steam_id64, token)
    return client


async def test_players_live_by_the_kernels_clock() -> None:
    async with World(SteamSim, config=CONFIG) as world, await online(world) as client:
        player = next(p for p in simulation(world).accounts.players if p.temperament is Temperament.LATE)
        await client.add_friend(player.steam_id64)
        await world.clock.advance(6 * 60_000)

        await client.becomes(player.steam_id64, 3)


async def test_whoever_sets_this_machines_clock_does_not_set_steams() -> None:
    async with World(SteamSim, config=CONFIG) as world:
        steam = simulation(world)._backend
        began = steam.seconds()
        world.clock.set_wall(-3_600_000)
        await world.clock.advance(60_000)

        assert world.happened(ClockStepped)
        assert steam.seconds() - began == 60


async def test_a_fault_is_switched_on_and_off_by_command() -> None:
    async with World(SteamSim, config=CONFIG) as world, await online(world) as client:
        account = SteamId64(str(client.steam_id64))
        await world.execute(SwitchFaultOn(fault=FaultKind.INVITE_RESULT, eresult=84, steam_id64=account))
        player = simulation(world).accounts.players[0].steam_id64
        assert (await client.add_friend(player)).eresult == 84

        await world.execute(SwitchFaultsOff(fault=FaultKind.INVITE_RESULT))
        assert (await client.add_friend(player)).eresult == 1


async def test_a_player_is_shown_otherwise_by_command_and_has_an_evil_name_by_config() -> None:
    config = {"steam_sim": {**CONFIG["steam_sim"], "hostile_names": True}}
    async with World(SteamSim, config=config) as world:
        first, second = (SteamId64(str(p.steam_id64)) for p in simulation(world).accounts.players[:2])
        personas = simulation(world).personas
        assert [personas.name(int(player)) for player in (first, second)] == list(HOSTILE_NAMES[:2])

        bot = SteamId64(str(simulation(world).accounts.bots[0].steam_id64))
        await world.execute(DoAsPlayer(player=second, deed=Deed.INVITE, other=bot))
        assert simulation(world).world.relationship(int(bot), int(second)) is EFriendRelationship.REQUEST_RECIPIENT
        assert (
            "is no player"
            in (await world.refusal(DoAsPlayer(player=bot, deed=Deed.INVITE, other=second), late=True)).message
        )

        await world.execute(ShowPersona(player=first, name="Anna", state=3))
        assert (personas.name(int(first)), personas.state(int(first))) == ("Anna", 3)
        refused = await world.refusal(ShowPersona(player=SteamId64("76561198000000001")), late=True)
        assert "is no player" in refused.message


async def test_faults_of_the_config_are_on_from_the_start_for_whom_they_name() -> None:
    table = {"fault": "invite_result", "eresult": 84, "login": "sim_bot_0001", "times": 1}
    config = {"steam_sim": {**CONFIG["steam_sim"], "faults": [table]}}
    async with World(SteamSim, config=config) as world, await online(world) as client:
        player = simulation(world).accounts.players[0].steam_id64

        assert [(await client.add_friend(player)).eresult for _ in range(2)] == [84, 1]


async def test_nothing_serves_after_the_plugin_has_stopped(tmp_path: Path) -> None:
    async with World(SteamSim, config=CONFIG, data=tmp_path) as world:
        client = await online(world)
        ready = json.loads((world.data / "steam_sim" / "ready.json").read_text())
    await client.is_closed()

    with pytest.raises(OSError, match="Connect call failed"):
        await SteamClient.open(ready["cmUrl"], ready["caFile"])


async def test_a_restart_in_the_same_data_folder_is_the_same_steam(tmp_path: Path) -> None:
    seen = []
    for _ in range(2):
        async with World(SteamSim, config=CONFIG, data=tmp_path) as world:
            seen.append((tmp_path / "steam_sim" / "ready.json").read_bytes())
            assert len(simulation(world).accounts.players) == 20

    assert seen[0] == seen[1]


async def test_its_files_are_where_the_config_says(tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    async with World(SteamSim, config={"steam_sim": {**CONFIG["steam_sim"], "folder": str(folder)}}):
        assert (folder / "ready.json").exists()


@pytest.mark.parametrize(
    "table",
    [
        {"bots": -1},
        {"cm_port": 99_999},
        {"host": "10.0.0.1"},
        {"temper": 1},
        {"faults": [{"fault": "earthquake"}]},
        {"faults": [{"fault": "stall", "chance": 2}]},
    ],
)
def test_a_config_that_makes_no_sense_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(ConfigInvalid, match="steam_sim"):
        check({"kernel": {"plugins": ["steam_sim"]}, "steam_sim": table}, {"steam_sim": SteamSim})


@pytest.mark.parametrize(
    "payload",
    [
        b'{"fault": "earthquake"}',
        b'{"fault": "stall", "times": 0}',
        b'{"fault": "chat_result", "eresult": 1}',
        b'{"fault": "stall", "chance": 0}',
        b'{"fault": "late_answers", "delayMs": -1}',
        b'{"fault": "huge_friends_list", "amount": 1000000000}',
        b'{"fault": "stall", "steamId64": "7"}',
        b'{"fault": "stall", "who": "me"}',
        b"{}",
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(payload: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(payload, type=SwitchFaultOn)


async def test_a_refused_logon_is_what_the_fault_says() -> None:
    async with World(SteamSim, config=CONFIG) as world:
        await world.execute(SwitchFaultOn(fault=FaultKind.LOGON_RESULT, eresult=20, times=1))
        with pytest.raises(SteamError) as refused:
            await online(world)

    assert refused.value.eresult == 20


SMALL = ("simulation.json", "server.pem", "ca.pem", "rsa.pem", "ready.json", "accounts.txt", "mafiles/*.maFile")


async def test_any_small_file_that_was_emptied_is_made_anew_or_said_in_a_sentence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with World(SteamSim, config=CONFIG, data=tmp_path):
        pass
    emptied = [file for pattern in SMALL for file in sorted((tmp_path / "steam_sim").glob(pattern))]
    assert len(emptied) == len(SMALL) + 1
    for file in emptied:
        content = file.read_bytes()
        file.write_bytes(b"")
        async with World(SteamSim, config=CONFIG, data=tmp_path) as world:
            detail = world.state.plugins["steam_sim"].detail or ""
            if file.name == "simulation.json":
                assert "simulation.json cannot be read" in detail
                file.write_bytes(content)
            else:
                assert not detail, (file, detail)
                assert file.read_bytes(), file
    assert "Traceback" not in caplog.text


def test_an_empty_folder_is_not_taken_for_the_working_one() -> None:
    with pytest.raises(ConfigInvalid, match="folder: give a path, or leave it out"):
        check({"kernel": {"plugins": ["steam_sim"]}, "steam_sim": {"folder": ""}}, {"steam_sim": SteamSim})

"""The record: what reached Steam, what it answered, and what its players know, in order and with times."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel.testing import ManualClock
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim import record
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.record import Asked, Changed, ClientChannel, Request, RequestAnswered, Started
from plugins.steam_sim.temperament import Temperament
from plugins.steam_sim.world import FriendshipChanged, MessageSent
from tests.plugins.steam_sim.client import SteamError
from tests.plugins.steam_sim.steam import Steam


@pytest.fixture
def options(tmp_path: Path) -> SimOptions:
    return SimOptions(folder=tmp_path, bots=1, players=20, seed=7, record=True)


def lines(options: SimOptions) -> list[ClientChannel]:
    return list(record.read(options.folder / record.FILE))


async def test_requests_answers_and_what_became_of_them_are_written_down(
    options: SimOptions, clock: ManualClock
) -> None:
    steam = Steam(options, clock)
    await steam.start()
    player = steam.player(Temperament.SILENT).steam_id64
    async with await steam.online() as client:
        await client.add_friend(player)
        invited_at = clock.now()
        await clock.advance(60_000)
        steam.simulation.faults.switch_on(Fault(FaultKind.CHAT_RESULT, eresult=20, times=1))
        with pytest.raises(SteamError):
            await client.say(player, "hi")
        await client.say(player, "hi again")
    await steam.stop()
    bot, written = client.steam_id64, lines(options)

    assert written[0] == Started(invited_at)
    assert [line for line in written if isinstance(line, Asked)] == [
        Asked(1, invited_at, bot, Request.ADD_FRIEND, player),
        Asked(2, clock.now(), bot, Request.SEND_MESSAGE, player, "hi"),
        Asked(3, clock.now(), bot, Request.SEND_MESSAGE, player, "hi again"),
    ]
    assert [(line.number, line.eresult) for line in written if isinstance(line, RequestAnswered)] == [
        (1, 1),
        (2, 20),
        (3, 1),
    ]
    changes = [line.change for line in written if isinstance(line, Changed)]
    assert changes[:2] == [
        FriendshipChanged(bot, player, EFriendRelationship.REQUEST_INITIATOR, EFriendRelationship.REQUEST_RECIPIENT),
        FriendshipChanged(player, bot, EFriendRelationship.FRIEND, EFriendRelationship.FRIEND),
    ]
    assert [change.text for change in changes if isinstance(change, MessageSent)] == ["hi again"]


async def test_what_reached_a_steam_that_says_nothing_is_in_the_record(options: SimOptions, clock: ManualClock) -> None:
    steam = Steam(options, clock)
    await steam.start()
    async with await steam.online() as client:
        steam.simulation.faults.switch_on(Fault(FaultKind.STALL))
        with pytest.raises(TimeoutError):
            await client.add_friend(steam.player(Temperament.SILENT).steam_id64)
    await steam.stop()

    assert [type(line) for line in lines(options)] == [Started, Asked]


async def test_a_restart_goes_on_after_the_last_whole_line(options: SimOptions, clock: ManualClock) -> None:
    steam = Steam(options, clock)
    await steam.start()
    player = steam.player(Temperament.NEVER).steam_id64
    async with await steam.online() as client:
        await client.add_friend(player)
    await steam.stop()
    file = options.folder / record.FILE
    file.write_bytes(file.read_bytes() + b'{"type":"ask')

    steam.wall += 60
    await steam.start()
    async with await steam.online() as client:
        await client.add_friend(player)
    await steam.stop()

    assert [line.number for line in lines(options) if isinstance(line, Asked)] == [1, 2]

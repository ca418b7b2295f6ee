"""Several CMs: the least loaded are taken, bad ones put aside, and the list outlives the directory and the process."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest

from plugins.steam import proxy as proxies
from plugins.steam.attempts import MOST
from plugins.steam.directory import ASIDE_FOR, Directory
from plugins.steam.errors import CmUnreachable, DirectoryUnreachable, SignInDeferred
from plugins.steam.network import Network
from plugins.steam_protocol.eresult import EResult
from plugins.steam_sim.faults import Fault, FaultKind
from tests.plugins.steam.ground import Bot, Ground, simulated

CMS = 7
T = TypeVar("T")


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with simulated(tmp_path, cms=CMS) as ground:
        yield ground


def network(
    ground: Ground, *, keep: Path | None = None, dial_timeout: float = 10.0, chance: Random | None = None
) -> Network:
    """As of a process of its own."""
    directory = Directory(
        ground.network.tls, lambda: ground.now_ms, url=ground.ready.directory_url, keep=keep, chance=chance
    )
    return replace(ground.network, directory=directory, dial_timeout=dial_timeout)


def loads(ground: Ground, *of_each: int) -> None:
    for cm, load in zip(ground.simulation.cms, of_each, strict=True):
        cm.load_of_others = load


async def picks(ground: Ground, network: Network, number: int = 60) -> Counter[str]:
    own_proxy = proxies.parse(ground.secrets().proxy_url)
    return Counter([await network.directory.pick(own_proxy) for _ in range(number)])


async def test_bots_share_the_five_least_loaded_and_leave_the_crowded_alone(ground: Ground) -> None:
    loads(ground, 900, 10, 20, 30, 800, 40, 50)

    taken = await picks(ground, network(ground))

    assert set(taken) == {endpoint for endpoint, load in ground.simulation.loads() if load < 100}


async def test_bots_that_are_online_count_as_the_load_of_their_cm(ground: Ground) -> None:
    bot = Bot(ground)
    await bot.connect()

    assert sorted(load for _, load in ground.simulation.loads()) == [0] * (CMS - 1) + [1]
    await bot.client.log_off()


class First(Random):
    """Takes the least loaded of those that are as good as each other."""

    def choice(self, seq: Sequence[T]) -> T:  # type: ignore[override]
        return seq[0]


@pytest.mark.parametrize("kind", [FaultKind.CM_DOWN, FaultKind.CM_FULL, FaultKind.CM_SLOW])
async def test_a_bad_cm_costs_no_sign_in_and_is_put_aside_for_two_minutes(ground: Ground, kind: FaultKind) -> None:
    loads(ground, 1, *[1_000] * (CMS - 1))
    ground.simulation.faults.switch_on(Fault(kind, cm=0))
    bad = ground.simulation.loads()[0][0]
    own_network = network(ground, dial_timeout=3.0 if kind is FaultKind.CM_SLOW else 10.0, chance=First())
    bot = Bot(ground, network=own_network)

    await bot.connect()
    await bot.client.log_off()

    assert bad not in await picks(ground, own_network)
    ground.now_ms += ASIDE_FOR
    assert bad in await picks(ground, own_network)


async def test_with_one_good_cm_of_three_a_bot_finds_it_within_one_sign_in(tmp_path: Path) -> None:
    async with simulated(tmp_path, cms=3) as ground:
        ground.simulation.faults.switch_on(Fault(FaultKind.CM_DOWN, cm=0))
        ground.simulation.faults.switch_on(Fault(FaultKind.CM_FULL, cm=1))
        bot = Bot(ground, network=network(ground))

        await bot.connect()

        await bot.client.log_off()


async def test_a_cm_that_serves_nobody_at_the_logon_costs_no_sign_in_and_no_second_code(ground: Ground) -> None:
    bot = Bot(ground, network=network(ground))
    ground.simulation.faults.switch_on(Fault(FaultKind.LOGON_STRUCT, times=2))

    await bot.connect()
    await bot.client.log_off()

    assert len(bot.saved) == 1, "one password sign-in, whose token the next two CMs took"


async def test_a_sign_in_tries_three_cms_at_most_and_then_points_at_the_proxy(ground: Ground) -> None:
    ground.simulation.faults.switch_on(Fault(FaultKind.CM_DOWN))
    bot = Bot(ground, network=network(ground))

    with pytest.raises(CmUnreachable, match="2 more CMs failed just before, so look at the bot's proxy first"):
        await bot.connect()

    assert ground.simulation.proxy.traffic[bot.secrets.account_name].connections == 1 + MOST  # the list, and the CMs


async def test_what_steam_says_of_the_account_is_not_asked_of_another_cm(ground: Ground) -> None:
    bot = Bot(ground, network=network(ground))
    ground.simulation.faults.switch_on(Fault(FaultKind.BEGIN_RESULT, eresult=EResult.FAIL))

    with pytest.raises(SignInDeferred):
        await bot.connect()

    assert ground.simulation.proxy.traffic[bot.secrets.account_name].connections == 2


async def test_a_new_process_finds_a_cm_by_the_list_of_the_last_one_while_the_directory_is_down(
    ground: Ground, tmp_path: Path
) -> None:
    keep = tmp_path / "cm-list.json"
    await picks(ground, network(ground, keep=keep), 1)
    ground.simulation.faults.switch_on(Fault(FaultKind.DIRECTORY_FAILS))
    without = Bot(ground, network=network(ground))
    with pytest.raises(DirectoryUnreachable):
        await without.connect()

    bot = Bot(ground, network=network(ground, keep=keep))
    await bot.connect()
    await bot.client.log_off()

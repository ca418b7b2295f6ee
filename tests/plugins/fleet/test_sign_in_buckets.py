"""How fast the fleet signs in, as a whole and through the proxies of one host, and what a bot says that waits."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import HOUR, MINUTE, SECOND, Millis
from kernel.commands import ReconnectBot, RemoveBot
from kernel.events import BotAdded, BotDisconnected
from kernel.ids import BotId, SteamId64, new_bot_id
from kernel.testing import NOON, World, idle
from plugins.fleet import Fleet
from plugins.fleet.sign_in_buckets import Bucket, egress
from plugins.tasks import Tasks
from tests.plugins.fleet.signing import SIGN_IN, Signing, add_bots, drop, online, signing
from tests.plugins.fleet.test_scheduler import limits, make_busy

GATE = "gate.example"


def behind(world: World, host: str, number: int) -> list[BotId]:
    """Bots whose proxies are users of one gateway."""
    bots = []
    for _ in range(number):
        account = len(world.state.bots)
        bots.append(new_bot_id())
        added = BotAdded(
            bot_id=bots[-1],
            steam_id64=SteamId64(str(76561199500000000 + account)),
            proxy_url=f"http://user{account}:***@{host}:8000",
        )
        world.ctx.publish(added)
    return bots


def starts_of(world: World, bots: list[BotId]) -> list[int]:
    return [moment for moment, bot_id in signing(world).starts if bot_id in bots]


def wide(**settings: float) -> dict[str, dict[str, object]]:
    """Nothing in the way but the buckets."""
    return limits(sign_ins_at_once=100, **settings)


async def test_through_one_proxy_host_sign_ins_go_on_at_its_pace_after_a_burst() -> None:
    async with World(Signing, Fleet, config=wide(host_burst=3, host_sign_ins_a_minute=6)) as world:
        bots = behind(world, GATE, 6)
        await world.clock.advance(MINUTE)

        assert starts_of(world, bots) == [0, 0, 0, 10_000, 20_000, 30_000]
        assert online(world) == set(bots)


async def test_bots_of_other_hosts_do_not_wait_behind_those_of_a_busy_one() -> None:
    async with World(Signing, Fleet, config=wide(host_burst=1, host_sign_ins_a_minute=1)) as world:
        crowd = behind(world, GATE, 5)
        others = [bot for number in range(5) for bot in behind(world, f"proxy{number}.example", 1)]
        own = add_bots(world, 5)
        await world.clock.advance(SIGN_IN)

        assert online(world) == {crowd[0], *others, *own}


async def test_a_bot_that_waits_for_its_proxy_host_says_so_and_until_when() -> None:
    async with World(Signing, Fleet, config=wide(host_burst=2, host_sign_ins_a_minute=1)) as world:
        bots = behind(world, GATE, 5)
        await world.clock.advance(SECOND)

        waiting = [world.state.bots[bot_id] for bot_id in bots[2:]]
        assert [bot.reason for bot in waiting] == ["proxyHostBusy"] * 3
        assert [(bot.retry_at or 0) - NOON for bot in waiting] == [MINUTE, 2 * MINUTE, 3 * MINUTE]
        assert GATE in (waiting[0].detail or "")
        assert "host_sign_ins_a_minute" in (waiting[0].detail or "")

        await world.clock.advance(HOUR)
        assert starts_of(world, bots) == [0, 0, MINUTE, 2 * MINUTE, 3 * MINUTE]
        assert len(world.happened(BotDisconnected)) == 3


async def test_at_a_busy_host_a_bot_with_work_goes_before_the_others_and_one_that_a_person_wants_at_once() -> None:
    async with World(Signing, Fleet, Tasks, config=wide(host_burst=1, host_sign_ins_a_minute=1)) as world:
        first, second, busy, wanted = behind(world, GATE, 4)
        await world.clock.advance(SECOND)
        await make_busy(world, busy)
        await world.execute(ReconnectBot(bot_id=wanted))
        await world.clock.advance(HOUR)

        order = [(moment, bot_id) for moment, bot_id in signing(world).starts]
        assert order == [(0, first), (SECOND, wanted), (2 * MINUTE, busy), (3 * MINUTE, second)]


async def test_a_bot_that_is_removed_while_it_waits_gives_its_place_to_the_next() -> None:
    async with World(Signing, Fleet, config=wide(host_burst=1, host_sign_ins_a_minute=1)) as world:
        bots = behind(world, GATE, 3)
        await world.clock.advance(SECOND)
        await world.execute(RemoveBot(bot_id=bots[1]))
        await world.clock.advance(HOUR)

        assert starts_of(world, [bots[0], bots[2]]) == [0, MINUTE]


async def test_a_bot_that_failed_of_something_keeps_that_reason_while_it_waits_for_its_host() -> None:
    config = wide(host_burst=2, host_sign_ins_a_minute=1, retry_min_s=1, retry_max_s=1)
    async with World(Signing, Fleet, config=config) as world:
        bots = behind(world, GATE, 2)
        await world.clock.advance(SIGN_IN)
        drop(world, bots[0])
        await world.clock.advance(10 * SECOND)

        assert world.state.bots[bots[0]].reason == "connectionLost"
        await world.clock.advance(MINUTE)
        assert online(world) == set(bots)


async def test_beyond_the_online_limit_a_bot_is_told_of_that_and_not_of_its_host() -> None:
    config = wide(online_limit=1, host_burst=1, host_sign_ins_a_minute=1)
    async with World(Signing, Fleet, config=config) as world:
        bots = behind(world, GATE, 3)
        await world.clock.advance(MINUTE)

        assert [world.state.bots[bot_id].reason for bot_id in bots[1:]] == ["awaitingTurn"] * 2
        assert world.state.bots[bots[1]].retry_at is None


async def test_a_bot_that_waited_for_its_host_has_its_turn_by_rotation_when_all_places_were_taken_meanwhile() -> None:
    config = wide(online_limit=2, rotation_minutes=10, host_burst=1, host_sign_ins_a_minute=1)
    async with World(Signing, Fleet, config=config) as world:
        first, held = behind(world, GATE, 2)
        (own,) = add_bots(world, 1)
        await world.clock.advance(SIGN_IN)
        assert online(world) == {first, own}
        await world.clock.advance(11 * MINUTE)

        assert held in online(world)


async def test_the_whole_fleet_goes_on_at_its_pace_after_a_burst_and_who_waits_says_until_when() -> None:
    async with World(Signing, Fleet, config=wide(sign_in_burst=4, sign_ins_a_minute=12)) as world:
        bots = add_bots(world, 7)
        await world.clock.advance(SECOND)
        waiting = [world.state.bots[bot_id] for bot_id in bots[4:]]

        assert [bot.reason for bot in waiting] == ["awaitingTurn"] * 3
        assert [(bot.retry_at or 0) - NOON for bot in waiting] == [5_000, 10_000, 15_000]
        await world.clock.advance(MINUTE)
        assert starts_of(world, bots) == [0, 0, 0, 0, 5_000, 10_000, 15_000]


async def test_a_start_with_a_thousand_bots_behind_one_gateway_tells_each_once() -> None:
    async with World(Signing, Fleet, config=wide(online_limit=1_000)) as world:
        bots = behind(world, GATE, 1_000)
        await idle()
        await world.clock.advance(SIGN_IN)
        told = world.happened(BotDisconnected)

        assert len({off.bot_id for off in told}) == len(told) == 980
        assert len(online(world)) == 20
        latest = max(world.state.bots[bot_id].retry_at or 0 for bot_id in bots)
        assert latest - NOON == 980 * 2 * SECOND


@given(
    st.integers(1, 20),
    st.integers(1, 600),
    st.lists(st.integers(0, 30_000), min_size=1, max_size=60),
)
def test_no_window_ever_has_more_than_the_burst_and_what_the_pace_adds(
    burst: int, per_minute: int, gaps: list[int]
) -> None:
    bucket, now, taken = Bucket(burst, per_minute), Millis(0), []
    for gap in gaps:
        now = max(Millis(now + gap), bucket.free_at(Millis(now + gap)))
        bucket.take(now)
        taken.append(now)

    for first in range(len(taken)):
        for last in range(first, len(taken)):
            span = taken[last] - taken[first]
            assert last - first + 1 <= burst + span * per_minute / MINUTE + 1e-6
    assert all(one <= other for one, other in pairwise(taken))


@pytest.mark.parametrize(
    ("proxy_url", "counted_by"),
    [
        ("http://user1:***@gate.example:8000", "gate.example"),
        ("socks5h://user2:***@GATE.example.:1080", "gate.example"),
        ("socks5h://[2001:db8::1]:1080", "2001:db8::1"),
        ("socks5h://127.0.0.1:1081", "socks5h://127.0.0.1:1081"),
        ("http://localhost:3128", "http://localhost:3128"),
    ],
)
def test_sign_ins_are_counted_by_proxy_host_and_the_near_ends_of_tunnels_each_by_itself(
    proxy_url: str, counted_by: str
) -> None:
    assert egress(proxy_url) == counted_by

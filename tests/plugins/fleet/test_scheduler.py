"""Who is online, and who is next."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from random import Random

import pytest

from kernel.clock import HOUR, MINUTE, SECOND, Millis
from kernel.commands import ReconnectBot
from kernel.config import check
from kernel.errors import ConfigInvalid
from kernel.events import (
    BotConnecting,
    BotDisconnected,
    ChatClosed,
    ChatStarted,
    ContactPaused,
    TaskAssigned,
    TaskStatusChanged,
)
from kernel.ids import BotId, new_chat_id
from kernel.rows import TaskStatus
from kernel.testing import NOON, World, idle
from plugins.dialogue.codes import ChatEnd
from plugins.fleet import Fleet
from plugins.fleet.back_off import STEADY, BackOff
from plugins.fleet.keyed_heap import KeyedHeap
from plugins.tasks import Tasks
from tests.plugins.fleet.signing import SIGN_IN, Signing, add_bots, drop, online, signing
from tests.restart import history, replay


def limits(**settings: float) -> dict[str, dict[str, object]]:
    return {"fleet": {"sign_ins_at_once": 2, "sign_in_spacing_ms": 0, **settings}}


async def make_busy(world: World, bot_id: BotId) -> None:
    task_id = await world.create_task()
    world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))


async def test_bots_are_signed_in_a_few_at_a_time_until_all_are_online() -> None:
    async with World(Signing, Fleet, config=limits(sign_ins_at_once=5)) as world:
        bots = add_bots(world, 20)
        await world.clock.advance(4 * SIGN_IN)

        assert online(world) == set(bots)
        assert signing(world).most_under_way == 5
        assert [bot_id for _, bot_id in signing(world).starts] == bots


async def test_the_start_of_one_sign_in_keeps_its_distance_from_the_next() -> None:
    config = limits(sign_ins_at_once=10, sign_in_spacing_ms=500)
    async with World(Signing, Fleet, config=config) as world:
        add_bots(world, 5)
        await world.clock.advance(MINUTE)

        assert [moment for moment, _ in signing(world).starts] == [0, 500, 1_000, 1_500, 2_000]


async def test_a_bot_that_is_added_while_there_is_room_has_its_turn_at_once() -> None:
    async with World(Signing, Fleet, config=limits()) as world:
        add_bots(world, 1)
        await world.clock.advance(HOUR)
        (bot_id,) = add_bots(world, 1)
        await idle()

        assert world.state.bots[bot_id].status == "connecting"
        await world.clock.advance(SIGN_IN)
        assert world.state.bots[bot_id].status == "connected"


async def test_no_more_bots_are_online_than_the_limit_allows_and_the_rest_say_why() -> None:
    async with World(Signing, Fleet, config=limits(online_limit=3)) as world:
        bots = add_bots(world, 5)
        await world.clock.advance(10 * MINUTE)

        assert online(world) == set(bots[:3])
        rest = [world.state.bots[bot_id] for bot_id in bots[3:]]
        assert [(bot.status, bot.reason) for bot in rest] == [("disconnected", "awaitingTurn")] * 2
        assert rest[0].detail == "3 bots may be online at once; this one is signed in when its turn comes."


async def test_idle_bots_make_room_in_turn_so_that_every_bot_is_checked() -> None:
    config = limits(online_limit=3, rotation_minutes=30)
    async with World(Signing, Fleet, config=config) as world:
        bots = add_bots(world, 7)
        seen: list[set[BotId]] = []
        for _ in range(4):
            await world.clock.advance(MINUTE)
            seen.append(online(world))
            await world.clock.advance(30 * MINUTE - MINUTE)

        assert all(len(round_) == 3 for round_ in seen)
        assert set.union(*seen[:3]) == set(bots)
        starts = [bot_id for _, bot_id in signing(world).starts]
        assert starts[:7] == bots
        assert starts[7:10] == bots[:3], "who was checked first is checked first again"


async def test_a_bot_that_was_rotated_out_says_so() -> None:
    async with World(Signing, Fleet, config=limits(online_limit=1, rotation_minutes=30)) as world:
        first, _ = add_bots(world, 2)
        await world.clock.advance(31 * MINUTE)

        bot = world.state.bots[first]
        assert (bot.status, bot.reason) == ("disconnected", "rotatedOut")
        assert bot.detail == (
            "Its time online was up while others were waiting; it is signed in again when its turn comes."
        )


async def test_nobody_is_rotated_out_while_nobody_waits() -> None:
    async with World(Signing, Fleet, config=limits(online_limit=3)) as world:
        bots = add_bots(world, 3)
        await world.clock.advance(24 * HOUR)

        assert online(world) == set(bots)
        assert len(signing(world).starts) == 3


async def test_a_bot_with_a_task_or_a_chat_stays_until_it_is_done() -> None:
    async with World(Signing, Tasks, Fleet, config=limits(online_limit=2)) as world:
        with_task, with_chat, other = add_bots(world, 3)
        await world.clock.advance(MINUTE)
        task_id = await world.create_task()
        world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=with_task))
        chat_id = new_chat_id()
        started = ChatStarted(chat_id=chat_id, bot_id=with_chat, player=world.player(), agent_enabled=False)
        world.ctx.publish(started)

        await world.clock.advance(5 * HOUR)
        assert online(world) == {with_task, with_chat}

        world.ctx.publish(ChatClosed(chat_id=chat_id, reason=ChatEnd.COMPLETED))
        await world.clock.advance(SIGN_IN)
        assert online(world) == {with_task, other}

        ended = TaskStatusChanged(task_id=task_id, status=TaskStatus.DISPOSED)
        world.ctx.publish(ended)
        await world.clock.advance(SIGN_IN)
        assert online(world) == {other, with_chat}, "its time was up long ago"


async def test_a_bot_that_gets_a_task_in_the_moment_of_its_rotation_is_not_rotated_out() -> None:
    async with World(Signing, Tasks, Fleet, config=limits(online_limit=1)) as world:
        first, _ = add_bots(world, 2)
        await world.clock.advance(30 * MINUTE)
        task_id = await world.create_task()
        assert online(world) == {first}

        def assign_and_let_the_fleet_look_before_it_hears_of_that(*_: object) -> None:
            world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=first))
            world.plugin(Fleet)._scheduler.consider()

        world.clock._now += SIGN_IN  # its time is up, and its alarm has not rung yet
        world.ctx.subscribe(ContactPaused, assign_and_let_the_fleet_look_before_it_hears_of_that)
        world.ctx.publish(ContactPaused())
        await world.clock.advance(2 * HOUR)

        assert online(world) == {first}
        assert not [e for e in world.happened(BotDisconnected) if e.bot_id == first]


async def test_a_bot_whose_player_waits_comes_back_before_all_others_and_an_idle_one_makes_room() -> None:
    async with World(Signing, Tasks, Fleet, config=limits(online_limit=2, retry_min_s=1)) as world:
        bots = add_bots(world, 6)
        await world.clock.advance(SIGN_IN)
        await make_busy(world, bots[0])

        drop(world, bots[0])
        await world.clock.advance(2 * SECOND + 2 * SIGN_IN)

        assert bots[0] in online(world)
        assert len(online(world)) == 2


async def test_after_a_restart_those_with_open_tasks_come_first() -> None:
    async with World(Signing, Tasks, Fleet, config=limits(online_limit=10)) as world:
        bots = add_bots(world, 8)
        await world.clock.advance(MINUTE)
        for bot_id in (bots[6], bots[3]):
            await make_busy(world, bot_id)
        past = history(world)
    async with World(replay(past), Signing, Tasks, Fleet, config=limits(), clock=world.clock) as world:
        await world.clock.advance(MINUTE)

        order = [bot_id for _, bot_id in signing(world).starts]
        assert set(order[:2]) == {bots[6], bots[3]}
        assert signing(world).most_under_way == 2, "gradually, also after a restart"
        assert online(world) == set(bots)


async def test_a_bot_that_cannot_connect_backs_off_and_lets_the_others_go_first() -> None:
    async with World(Signing, Fleet, config=limits(online_limit=1, retry_min_s=60, retry_max_s=60)) as world:
        broken, good = add_bots(world, 2)
        signing(world).ends = lambda bot_id: "off" if bot_id == broken else "connected"

        await world.clock.advance(2 * SIGN_IN)

        assert online(world) == {good}
        bot = world.state.bots[broken]
        assert (bot.status, bot.reason) == ("disconnected", "proxyDown"), "what is wrong with it is not overwritten"


async def test_a_bot_is_not_tried_before_steam_allows_it() -> None:
    async with World(Signing, Fleet, config=limits(retry_min_s=5, retry_max_s=5)) as world:
        signing(world).ends = lambda _: "off"
        signing(world).retry_at = Millis(NOON + 30 * MINUTE)
        add_bots(world, 1)

        await world.clock.advance(30 * MINUTE + 5 * SECOND)

        first, second, *_ = (moment for moment, _ in signing(world).starts)  # a third may follow at once: full jitter
        assert first == 0
        assert 30 * MINUTE <= second <= 30 * MINUTE + 5 * SECOND


async def test_what_steam_allows_is_kept_over_a_restart() -> None:
    async with World(Signing, Fleet, config=limits()) as world:
        signing(world).ends = lambda _: "off"
        signing(world).retry_at = Millis(NOON + 30 * MINUTE)
        add_bots(world, 1)
        await world.clock.advance(MINUTE)
        past = history(world)
    async with World(replay(past), Signing, Fleet, config=limits(), clock=world.clock) as world:
        await world.clock.advance(29 * MINUTE - 1)
        assert signing(world).starts == []

        await world.clock.advance(1)

        assert [moment for moment, _ in signing(world).starts] == [30 * MINUTE]


async def test_wrong_credentials_are_not_tried_again_until_a_person_says_so() -> None:
    async with World(Signing, Fleet, config=limits()) as world:
        signing(world).ends = lambda _: "authFailed"
        (bot_id,) = add_bots(world, 1)
        await world.clock.advance(24 * HOUR)
        assert len(signing(world).starts) == 1

        signing(world).ends = lambda _: "connected"
        await world.execute(ReconnectBot(bot_id=bot_id))
        await world.clock.advance(SIGN_IN)

        assert online(world) == {bot_id}


async def test_a_bot_that_a_person_asks_for_goes_before_all_others_and_past_its_back_off() -> None:
    async with World(Signing, Fleet, config=limits(online_limit=2, retry_min_s=900)) as world:
        bots = add_bots(world, 5)
        await world.clock.advance(MINUTE)
        drop(world, bots[0])
        await world.clock.advance(SIGN_IN)
        assert online(world) == {bots[1], bots[2]}

        await world.execute(ReconnectBot(bot_id=bots[0]))
        await world.clock.advance(SIGN_IN)

        assert online(world) == {bots[0], bots[2]}
        assert (await world.refusal(ReconnectBot(bot_id=bots[0]))).code == "botOnline"
        assert (await world.refusal(ReconnectBot(bot_id=BotId("bot_nobody")))).code == "unknownBot"


@pytest.mark.parametrize(("end", "reason"), [("refused", "noDirectory"), ("silent", "signInFailed")])
async def test_a_sign_in_that_fails_without_a_word_is_explained_and_tried_later(end: str, reason: str) -> None:
    async with World(Signing, Fleet, config=limits(retry_min_s=60, retry_max_s=60)) as world:
        signing(world).ends = lambda _: end
        (bot_id,) = add_bots(world, 1)
        await idle()
        bot = world.state.bots[bot_id]
        assert bot.status == "disconnected"
        assert reason in {e.reason for e in world.happened(BotDisconnected)}
        assert len(signing(world).starts) == 1

        signing(world).ends = lambda _: "connected"
        await world.clock.advance(MINUTE + SIGN_IN)

        assert online(world) == {bot_id}


async def test_a_sign_in_that_never_ends_is_broken_off_and_holds_nobody_else_up() -> None:
    config = limits(sign_ins_at_once=1, sign_in_deadline_s=0.05, retry_min_s=900)
    async with World(Signing, Fleet, config=config) as world:
        signing(world).ends = lambda bot_id: "hangs"
        (hanging,) = add_bots(world, 1)
        await _until(lambda: bool(world.happened(BotDisconnected)))
        assert world.happened(BotDisconnected)[0].reason == "signInTimeout"
        assert world.state.bots[hanging].status == "disconnected"

        signing(world).ends = lambda _: "connected"
        (other,) = add_bots(world, 1)
        await _until(lambda: world.state.bots[other].status == "connecting")
        await world.clock.advance(SIGN_IN)

        assert online(world) == {other}


async def test_a_bot_that_was_signing_in_when_the_process_died_is_tried_anew() -> None:
    async with World(Signing, Fleet, config=limits()) as world:
        (bot_id,) = add_bots(world, 1)
        await idle()
        assert world.state.bots[bot_id].status == "connecting"
        past = history(world)
    # the fleet is started before the transport, which therefore has not told it off yet
    async with World(replay(past), Fleet, Signing, config=limits(), clock=world.clock) as world:
        await world.clock.advance(SIGN_IN)

        assert online(world) == {bot_id}


async def test_without_a_transport_nothing_is_tried_and_nothing_fails() -> None:
    async with World(Fleet) as world:
        (bot_id,) = add_bots(world, 1)
        await world.clock.advance(HOUR)

        assert world.state.bots[bot_id].status == "disconnected"
        assert world.happened(BotConnecting) == []
        assert not [e for e in world.events if e.kind == "error.logged"]


async def test_a_thousand_bots_beyond_the_limit_are_told_in_slices_and_wait_without_being_looked_at() -> None:
    async with World(Signing, Fleet, config=limits(online_limit=10, sign_ins_at_once=10)) as world:
        bots = add_bots(world, 1_000)
        await world.clock.advance(MINUTE)
        assert len(online(world)) == 10
        assert sum(world.state.bots[bot_id].reason == "awaitingTurn" for bot_id in bots) == 990
        before = world.state.seq

        await world.clock.advance(20 * MINUTE)

        assert world.state.seq == before


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ({"online_limit": 0}, "online_limit: must be at least 1"),
        ({"host_burst": 0}, "host_burst: must be at least 1"),
        ({"sign_ins_a_minute": 0}, "sign_ins_a_minute: must be at least 1"),
        ({"sign_in_spacing_ms": -1}, "sign_in_spacing_ms: must not be below 0"),
        ({"sign_in_deadline_s": 0}, "sign_in_deadline_s: must be above 0"),
        ({"retry_min_s": 60, "retry_max_s": 5}, "retry_max_s: must not be below retry_min_s"),
    ],
)
def test_settings_that_make_no_sense_are_named(setting: dict[str, object], problem: str) -> None:
    with pytest.raises(ConfigInvalid, match=problem):
        check({"kernel": {"plugins": ["fleet"]}, "fleet": setting}, {"fleet": Fleet})


def test_the_back_off_grows_at_random_up_to_its_limit_and_starts_anew_after_a_good_connection() -> None:
    bot_id = BotId("bot_1")
    longest = [0] * 8
    for seed in range(300):
        back_off = BackOff(1_000, 8_000, Random(seed))
        for n in range(8):
            back_off.failed(bot_id, Millis(0), Millis(0))
            longest[n] = max(longest[n], back_off.due(bot_id))
    spans = [1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000, 8_000]
    assert all(0.9 * span <= found <= span for span, found in zip(spans, longest, strict=True))

    back_off.connected(bot_id, Millis(0))
    back_off.failed(bot_id, STEADY, Millis(0))
    assert back_off.due(bot_id) <= STEADY + 1_000
    back_off.forget(bot_id)
    assert back_off.due(bot_id) == 0


def test_a_connection_that_breaks_at_once_is_a_failure_like_any_other() -> None:
    longest = 0
    for seed in range(300):
        back_off = BackOff(1_000, 8_000, Random(seed))
        for _ in range(3):
            back_off.connected(BotId("bot_1"), Millis(0))
            back_off.failed(BotId("bot_1"), Millis(100), Millis(0))
        longest = max(longest, back_off.due(BotId("bot_1")))
    assert 3_600 <= longest <= 4_100


def test_a_line_keeps_its_order_while_keys_change_and_does_not_grow() -> None:
    line = KeyedHeap()
    bots = [BotId(f"bot_{n}") for n in range(50)]
    for turn in range(200):
        for n, bot_id in enumerate(bots):
            line.put(bot_id, (0, (n * 7 + turn) % 50))
        line.drop(bots[turn % 50])
        line.put(bots[turn % 50], (0, -1))
        assert line.first() == ((0, -1), bots[turn % 50])
    assert len(line) == 50
    assert len(line._heap) < 1_000


async def _until(happened: Callable[[], bool]) -> None:
    """Wait for what comes by the wall's clock, with a deadline."""
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)

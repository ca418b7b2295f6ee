"""Dialogues while the machine's clock is set: what the player gets, and when, by what has truly elapsed."""

from __future__ import annotations

import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND
from kernel.codes import OffReason, Undeclared
from kernel.commands import HistoryLine, ReadHistory
from kernel.errors import Binds, NotSent, RefusedBySteam
from kernel.events import BotConnected, BotConnecting, BotDisconnected, Envelope
from kernel.hookspecs import Reply, Trigger, Turn
from kernel.ids import BotId
from kernel.rows import ChatStatus
from kernel.testing import NOON, ManualClock, World, idle
from plugins.dialogue import Dialogue
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import AT_ONCE, Actor, Forgetful, befriend, begin, chat_of, said, stage
from tests.restart import history, replay

STEPS = [DAY, 15 * DAY, -HOUR, -15 * DAY]


def asking_again_after(wait: int) -> object:
    def part(turn: Turn) -> Reply:
        return Reply(step="ask", texts=(f"Well? {turn.trigger}",), wait=wait)

    return part


def fails(_: object) -> None:
    raise NotSent(Undeclared("busy"), "Steam is busy.")


def fails_at_steam(_: object) -> None:
    raise RefusedBySteam(Undeclared("fail"), "Steam answered Fail (2).", binds=Binds.REQUEST)


def triggers(world: World) -> list[Trigger]:
    return [turn.trigger for turn in world.plugin(Actor).turns]


@pytest.mark.parametrize("by", STEPS)
@pytest.mark.parametrize("seconds", [5, None])
async def test_an_agent_answers_as_soon_as_ever_however_the_clock_is_set(by: int, seconds: int | None) -> None:
    async with stage(reading_ms=2_000, typing_least_ms=1_000, typing_most_ms=1_000) as world:
        chat = await begin(world)
        await world.clock.advance(2 * SECOND)
        world.clock.set_wall(by)
        for number in range(1, 11):
            if number == 2 and seconds is not None:
                world.clock.set_wall(0)
            world.transport.say(chat.bot_id, chat.player, f"line {number}")
            await world.clock.advance(4 * SECOND)

            assert len(said(world, chat)) == number + 1, f"the answer to line {number}"


@pytest.mark.parametrize("by", STEPS)
async def test_a_silent_player_is_reminded_after_as_long_a_silence_as_ever(by: int) -> None:
    async with stage() as world:
        world.plugin(Actor).part = asking_again_after(HOUR)  # type: ignore[assignment]
        chat = await begin(world)
        await world.clock.advance(MINUTE)
        world.clock.set_wall(by)
        await world.clock.advance(HOUR - MINUTE - 1)
        assert triggers(world) == [Trigger.STARTED]
        assert chat_of(world, chat.id).turn_at == world.clock.now() + 1

        await world.clock.advance(1)
        assert triggers(world) == [Trigger.STARTED, Trigger.SILENCE]


@pytest.mark.parametrize("by", STEPS)
async def test_a_delivery_that_failed_is_tried_again_as_soon_as_ever(by: int) -> None:
    async with stage(retry_first_ms=30_000, retry_most_ms=30_000) as world:
        world.transport.deliver_fails = fails
        chat = await begin(world)
        world.clock.set_wall(by)
        await world.clock.advance(20 * SECOND)
        world.transport.deliver_fails = None
        await world.clock.advance(10 * SECOND)

        assert len(said(world, chat)) == 1


@pytest.mark.parametrize("by", STEPS)
async def test_a_chat_that_a_friend_began_is_closed_after_as_long_a_silence_as_ever(by: int) -> None:
    async with stage(unasked_idle_hours=48) as world:
        bot_id = world.add_bot()
        player = world.player()
        world.transport.say(bot_id, player, "hello there")
        await world.clock.advance(HOUR)
        world.clock.set_wall(by)
        await world.clock.advance(47 * HOUR - 1)
        [chat] = world.state.chats.values()
        assert chat.status is ChatStatus.OPEN

        await world.clock.advance(1)
        assert world.state.chats[chat.id].status is ChatStatus.CLOSED


def again(past: tuple[Envelope, ...], start: int) -> World:
    """A new run on a machine whose clock shows that at the start."""
    config = {"dialogue": dict(AT_ONCE)}
    clock = ManualClock(start, resumes=False)
    return World(replay(past), Tasks, Forgetful, Dialogue, Actor, config=config, clock=clock)


def reconnect(world: World, bot_id: BotId) -> None:
    world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=OffReason.RESTARTED, detail="The system was started anew."))
    world.ctx.publish(BotConnecting(bot_id=bot_id))
    world.ctx.publish(BotConnected(bot_id=bot_id))


async def test_a_start_on_a_wrong_day_neither_reminds_a_player_nor_closes_a_chat_before_an_hour_is_over() -> None:
    async with stage() as world:
        world.plugin(Actor).part = asking_again_after(3 * DAY)  # type: ignore[assignment]
        chat = await begin(world)
        world.transport.say(chat.bot_id, world.player(), "hello there")
        await idle()
        past = history(world)

    async with again(past, NOON + 15 * DAY) as world:
        reconnect(world, chat.bot_id)
        await world.clock.advance(10 * MINUTE)
        world.clock.set_wall(-15 * DAY)
        await world.clock.advance(2 * HOUR)

        assert triggers(world) == []
        assert [one.status for one in world.state.chats.values()] == [ChatStatus.OPEN] * 2


async def test_a_wait_that_was_over_while_the_system_was_down_is_asked_about_once_it_or_an_hour_has_passed() -> None:
    for wait, due in ((2 * MINUTE, 2 * MINUTE), (3 * DAY, HOUR)):
        async with stage() as world:
            world.plugin(Actor).part = asking_again_after(wait)  # type: ignore[assignment]
            chat = await begin(world)
            past = history(world)

        async with again(past, NOON + 5 * DAY) as world:
            reconnect(world, chat.bot_id)
            await world.clock.advance(due - 1)
            assert triggers(world) == []

            await world.clock.advance(1)
            assert triggers(world) == [Trigger.SILENCE]


async def test_after_a_crash_and_a_clock_set_back_what_was_to_be_said_is_not_taken_for_half_a_turn() -> None:
    """Half a turn is known by its times: its words would be failed, and the agent asked anew."""
    async with stage() as world:
        world.transport.deliver_fails = fails
        chat = await begin(world)
        world.clock.set_wall(-HOUR)
        await world.clock.advance(20 * SECOND)
        assert said(world, chat) == []
        past = history(world)

    async with again(past, world.clock.now()) as world:
        await world.clock.advance(MINUTE)
        [chat] = world.state.chats.values()
        assert [message.delivery for message in chat.messages] == ["sent"]
        assert triggers(world) == []


async def test_the_time_that_steam_tells_at_a_logon_is_what_its_history_is_read_by() -> None:
    asked: list[int] = []

    class Reading(Forgetful):
        def read_history(self, command: ReadHistory) -> tuple[HistoryLine, ...]:
            asked.append(command.since)
            return super().read_history(command)

    async with World(Tasks, Reading, Dialogue, Actor, config={"dialogue": dict(AT_ONCE)}) as world:
        bot_id = world.add_bot()
        at_steam = (world.clock.now() - HOUR) // SECOND
        world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("networkDown"), detail="d"))
        world.ctx.publish(BotConnecting(bot_id=bot_id))
        world.ctx.publish(BotConnected(bot_id=bot_id, steam_ts=at_steam))
        world.transport.deliver_fails = fails_at_steam
        player = world.player()
        await befriend(world, bot_id, player)
        await world.clock.advance(5 * MINUTE)

        assert asked, "what Steam refused is looked for before it goes again"
        assert all(since <= at_steam + 1 for since in asked), "our clock is an hour ahead of Steam's"

"""Commands whose callers are called off, or whose plugin goes, while they wait or are under way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kernel import commands as c
from kernel.codes import Undeclared
from kernel.commands import Command
from kernel.commits import Commits
from kernel.errors import CommitFailed, Conflict, HandlerFailed, Refused, Unavailable
from kernel.events import CommandCompleted, ContactPaused, StopWordAdded
from kernel.ids import BotId, CommandId
from kernel.testing import FakeTransport, World, idle

ONCE = CommandId("cmd_1")
WORD = c.AddStopWord(word="halt")


def given(world: World, command: Command[Any], command_id: CommandId | None = None) -> asyncio.Task[Any]:
    return asyncio.create_task(world.ctx.execute(command, actor="operator:anna", command_id=command_id))


async def test_who_waits_for_the_same_id_takes_over_when_the_first_caller_is_called_off() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()

        async def add(command: c.AddStopWord) -> None:
            await gate.wait()
            world.ctx.publish(StopWordAdded(word=command.word))

        world.ctx.handle(c.AddStopWord, add)
        first, second, third = (given(world, WORD, ONCE) for _ in range(3))
        await idle()
        first.cancel()
        await idle()
        gate.set()
        await asyncio.gather(second, third)

        assert first.cancelled()
        assert len(world.happened(StopWordAdded)) == len(world.happened(CommandCompleted)) == 1


async def test_a_caller_called_off_after_the_deed_leaves_it_done_once() -> None:
    async with World(FakeTransport) as world:
        world.system.commits.take_charge(world.state.seq)
        world.ctx.handle(c.AddStopWord, lambda _: world.ctx.publish(StopWordAdded(word="halt")))
        first, second = (given(world, WORD, ONCE) for _ in range(2))
        await idle()
        first.cancel()
        await idle()
        assert not second.done(), "it is not on disk yet"
        world.system.commits.advance(world.state.seq)
        await second

        assert len(world.happened(StopWordAdded)) == 1


async def test_one_who_waits_for_anothers_answer_may_leave_without_taking_it_along() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()
        world.ctx.handle(c.AddStopWord, lambda _: gate.wait())
        first, second = (given(world, WORD, ONCE) for _ in range(2))
        await idle()
        second.cancel()
        await idle()
        gate.set()
        await first

        assert second.cancelled()


async def test_all_who_wait_for_one_id_get_its_refusal_and_may_ask_again() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()

        async def refuse(_: c.AddStopWord) -> None:
            await gate.wait()
            raise Conflict(Undeclared("notNow"), "Not now.")

        world.ctx.handle(c.AddStopWord, refuse)
        tasks = [given(world, WORD, ONCE) for _ in range(3)]
        await idle()
        gate.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert [getattr(answer, "code", None) for answer in answers] == ["notNow"] * 3

        with pytest.raises(Conflict):
            await world.ctx.execute(WORD, command_id=ONCE)


async def test_an_id_keeps_the_actor_and_the_cause_of_whoever_gives_it() -> None:
    async with World(FakeTransport) as world:
        world.ctx.handle(c.AddStopWord, lambda _: world.ctx.publish(StopWordAdded(word="halt")))
        answered: list[asyncio.Task[Any]] = []
        world.ctx.subscribe(
            ContactPaused, lambda *_: answered.append(asyncio.create_task(world.ctx.execute(WORD, command_id=ONCE)))
        )
        paused = world.ctx.publish(ContactPaused())
        await answered[0]

        assert [(e.actor, e.cause) for e in world.events[-2:]] == [("plugin:test", paused.seq)] * 2


async def test_an_id_that_cannot_be_written_down_is_an_error_of_the_command_and_nothing_else() -> None:
    async with World(FakeTransport) as world:
        world.ctx.handle(c.AddStopWord, lambda _: None)
        with pytest.raises(HandlerFailed):
            await world.ctx.execute(WORD, command_id=CommandId("\udcff"))


async def test_a_command_that_waited_in_its_lane_is_not_carried_out_by_a_plugin_that_has_stopped() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()
        done: list[str] = []
        undo = world.ctx.handle(c.RemoveBot, lambda _: gate.wait())
        first, second, third = (given(world, c.RemoveBot(bot_id=BotId("bot_1"))) for _ in range(3))
        await idle()
        undo()
        gate.set()
        await first
        with pytest.raises(Unavailable, match="No running plugin"):
            await second
        world.ctx.handle(c.RemoveBot, lambda _: done.append("by the next one"))
        await third

        assert done == ["by the next one"]


async def test_callers_who_leave_a_lane_neither_block_nor_fill_it() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()
        world.ctx.handle(c.RemoveBot, lambda _: gate.wait())
        remove = c.RemoveBot(bot_id=BotId("bot_1"))
        first = given(world, remove)
        await idle()
        for _ in range(3):  # more in all than a lane holds
            waiting = [given(world, remove) for _ in range(600)]
            await idle()
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
            assert all(task.cancelled() for task in waiting)
        last = given(world, remove)
        first.cancel()
        gate.set()
        await last

        assert world.system.router._lanes._lanes == {}


async def test_a_lane_that_is_full_says_so() -> None:
    async with World(FakeTransport) as world:
        gate = asyncio.Event()
        world.ctx.handle(c.RemoveBot, lambda _: gate.wait())
        tasks = [given(world, c.RemoveBot(bot_id=BotId("bot_1"))) for _ in range(1_002)]
        await idle()
        gate.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)

        assert [getattr(answer, "code", None) for answer in answers if isinstance(answer, Refused)] == ["laneFull"]


async def test_settled_waits_for_a_command_that_is_called_off_too() -> None:
    async with World(FakeTransport) as world:
        world.ctx.handle(c.RemoveBot, lambda _: asyncio.Event().wait())
        under_way = given(world, c.RemoveBot(bot_id=BotId("bot_1")))
        await idle()
        waiting = asyncio.create_task(world.system.router.settled(lambda command: command.kind == "RemoveBot"))
        await idle()
        assert not waiting.done()
        under_way.cancel()
        await waiting


async def test_waiters_of_the_barrier_who_leave_let_the_others_through_in_order() -> None:
    commits = Commits()
    commits.take_charge(0)
    tasks = [asyncio.create_task(commits.wait(seq)) for seq in (1, 2, 2, 3)]
    await idle()
    for left in (tasks[0], tasks[2]):
        left.cancel()
    await idle()
    commits.advance(2)
    await idle()
    assert [task.done() for task in tasks] == [True, True, True, False]

    commits.fail("the disk is full")
    with pytest.raises(CommitFailed, match="the disk is full"):
        await tasks[3]
    with pytest.raises(CommitFailed):
        await commits.wait(3)
    await commits.wait(2)  # what is on disk stays there
    commits.advance(3)
    await commits.wait(3)

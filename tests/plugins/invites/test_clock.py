"""Invites while the machine's clock is set, wrongly and rightly: by what Steam gets, and when it truly gets it."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND
from kernel.codes import Undeclared
from kernel.commands import SendInvite
from kernel.events import BotDisconnected, Envelope, Relationship, TaskStatusChanged
from kernel.ids import BotId, TaskId
from kernel.rows import TaskStatus
from kernel.testing import NOON, FakeTransport, ManualClock, World
from plugins.assigner import Assigner
from plugins.contact_policy import ContactPolicy
from plugins.fleet import Fleet
from plugins.invites import Invites
from plugins.tasks import Tasks
from tests.restart import history, replay


class Steam(FakeTransport):
    """Writes down when it gets invites, by what has truly elapsed of the run. Nobody answers any."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.got_at: list[int] = []

    async def start(self) -> None:
        await super().start()
        for invite in self.ctx.state.invites.values():
            self.relations[invite.bot_id, invite.player] = Relationship.REQUEST_INITIATOR

    def invite(self, command: SendInvite) -> None:
        super().invite(command)
        self.got_at.append(self.ctx.clock.elapsed())


PLUGINS = (Steam, Tasks, Assigner, Invites, ContactPolicy, Fleet)


def got(world: World) -> list[int]:
    return world.plugin(Steam).got_at


def barred(world: World) -> list[str]:
    return [player.steam_id64 for player in world.state.players.values() if player.invite_refusal is not None]


def restarted(past: tuple[Envelope, ...], start: int, **config: Any) -> World:
    """A new run on a machine whose clock shows that at the start, whatever the events say."""
    world = World(replay(past), *PLUGINS, clock=ManualClock(start, resumes=False), config=config)
    for _ in range(20):
        world.player()  # those of the first run are known already
    return world


@pytest.mark.parametrize("by", [DAY, 15 * DAY, 3 * HOUR, -HOUR, -15 * DAY])
@pytest.mark.parametrize("seconds", [5, None])
async def test_however_the_clock_is_set_each_bot_sends_an_invite_a_minute_and_nobody_is_barred(
    by: int, seconds: int | None
) -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        tasks = [await world.create_task() for _ in range(4)]
        await world.clock.advance(30 * SECOND)
        world.clock.set_wall(by)
        if seconds is not None:
            await world.clock.advance(seconds * SECOND)
            world.clock.set_wall(0)
        await world.clock.advance(10 * MINUTE)

        assert got(world) == [0, MINUTE, 2 * MINUTE, 3 * MINUTE]
        assert [world.state.tasks[task_id].status for task_id in tasks] == ["invited"] * 4
        assert barred(world) == []
        assert world.transport.withdrawn == []


@pytest.mark.parametrize("wrong", [3 * HOUR, 15 * DAY, -3 * HOUR])
async def test_a_clock_that_is_wrong_at_the_start_and_put_right_holds_no_invite_up_and_bars_nobody(wrong: int) -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        asked = await world.create_task()
        past = history(world)

    async with restarted(past, NOON + wrong) as world:
        await world.clock.advance(SECOND)
        assert world.state.bots[bot_id].status == "connected", "whatever the time, it signs in"
        waiting = [await world.create_task() for _ in range(2)]
        await world.clock.advance(20 * SECOND)
        world.clock.set_wall(-wrong)
        await world.clock.advance(10 * MINUTE)

        assert got(world) == [MINUTE, 2 * MINUTE]
        statuses = {world.state.tasks[task_id].status for task_id in (asked, *waiting)}
        assert statuses == {TaskStatus.INVITED}
        await world.clock.advance(2 * HOUR)
        assert barred(world) == []
        assert world.clock.now() == NOON + 2 * HOUR + 10 * MINUTE + 21 * SECOND


async def test_the_last_day_of_a_lapse_is_as_long_whatever_is_done_to_the_clock() -> None:
    async with World(*PLUGINS, config={"invites": {"lapse_days": 2}}) as world:
        world.add_bot()
        task_id = await world.create_task()
        await world.clock.advance(DAY)
        for by in (15 * DAY, 0, -DAY):
            world.clock.set_wall(by)
            await world.clock.advance(HOUR)
        await world.clock.advance(DAY - 3 * HOUR - SECOND)
        assert barred(world) == []

        await world.clock.advance(SECOND)

        assert barred(world) == [world.state.tasks[task_id].player]
        assert world.state.tasks[task_id].waiting_until is None


@pytest.mark.parametrize("shown", [NOON, NOON + 2 * HOUR, NOON + 15 * DAY, NOON - DAY])
async def test_the_hour_of_the_fleet_goes_on_over_a_restart_whatever_the_clock_shows(shown: int) -> None:
    limit = {"invites_per_hour": 3}
    async with World(*PLUGINS, config={"contact_policy": limit}) as world:
        for _ in range(3):
            world.add_bot()
            await world.create_task()
        await world.clock.advance(40 * MINUTE)
        assert got(world) == [0, 0, 0]
        past = history(world)

    ran = past[-1].ts - NOON
    async with restarted(past, shown, contact_policy=limit) as world:
        for _ in range(3):
            await world.create_task()
        await world.clock.advance(HOUR - ran - 1)
        assert got(world) == []

        await world.clock.advance(5 * MINUTE)
        assert len(got(world)) == 3


async def test_what_steam_and_the_guards_told_a_bot_to_wait_is_as_long_after_a_step_as_before() -> None:
    async with World(*PLUGINS, config={"contact_policy": {"invites_per_hour": 1}}) as world:
        for _ in range(2):
            world.add_bot()
            await world.create_task()
        await world.clock.advance(MINUTE)
        world.clock.set_wall(-DAY)
        await world.clock.advance(HOUR - MINUTE - 1)
        assert got(world) == [0]
        [waiting] = [task for task in world.state.tasks.values() if task.status is TaskStatus.ASSIGNED]
        assert (waiting.reason, waiting.waiting_until) == ("fleetInviteLimit", world.clock.now() + 1)

        await world.clock.advance(1)
        assert got(world) == [0, HOUR]


async def test_a_task_waits_for_its_bot_as_long_as_ever_when_the_clock_is_set_meanwhile() -> None:
    async with World(Steam, Tasks, Assigner, Invites) as world:
        bot_id = world.add_bot()
        tasks = [await world.create_task() for _ in range(2)]
        disconnect(world, bot_id)
        await world.clock.advance(MINUTE)
        world.clock.set_wall(DAY)
        await world.clock.advance(8 * MINUTE)
        assert given_back(world) == []

        await world.clock.advance(MINUTE)
        assert given_back(world) == [tasks[1]]


def disconnect(world: World, bot_id: BotId) -> None:
    world.ctx.publish(
        BotDisconnected(bot_id=bot_id, reason=Undeclared("proxyDown"), detail="The proxy does not answer.")
    )


def given_back(world: World) -> list[TaskId]:
    return [event.task_id for event in world.happened(TaskStatusChanged) if event.status is TaskStatus.CREATED]

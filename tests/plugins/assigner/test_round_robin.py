"""Whose turn it is to take a task: held to a plain reading of the rule, over every event of a history."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.clock import HOUR, MINUTE, Millis
from kernel.codes import Undeclared, WaitReason
from kernel.commands import DisposeTask
from kernel.events import (
    BotAdded,
    BotAuthFailed,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    BotInvitesBlocked,
    ClockStepped,
    Envelope,
    Event,
    FriendInviteQueued,
    FriendInviteRequested,
    FriendInviteSent,
    TaskAssigned,
    TaskCreated,
    TaskStatusChanged,
    TaskWaiting,
)
from kernel.ids import BotId, SteamId64, TaskId
from kernel.reducers import reduce
from kernel.rows import BotStatus, TaskStatus
from kernel.state import State
from kernel.testing import NOON, ManualClock, World, idle
from plugins.assigner import Assigner
from plugins.assigner.codes import AssignerReason
from plugins.assigner.plugin import BATCH
from plugins.tasks import Tasks
from tests.restart import history, replay


def who_took(world: World) -> list[BotId]:
    return [event.bot_id for event in world.happened(TaskAssigned)]


def connect(world: World, bot_id: BotId) -> None:
    world.ctx.publish(BotConnecting(bot_id=bot_id))
    world.ctx.publish(BotConnected(bot_id=bot_id))


def disconnect(world: World, bot_id: BotId) -> None:
    world.ctx.publish(
        BotDisconnected(bot_id=bot_id, reason=Undeclared("proxyDown"), detail="The proxy does not answer.")
    )


def invite(world: World, task_id: TaskId) -> None:
    """The task's invite goes out, whoever would have sent it."""
    task = world.state.tasks[task_id]
    assert task.assigned_bot_id is not None
    for step in (FriendInviteQueued, FriendInviteRequested, FriendInviteSent):
        world.ctx.publish(step(task_id=task_id, bot_id=task.assigned_bot_id, player=task.player))


async def test_tasks_go_to_one_bot_after_another() -> None:
    async with World(Tasks, Assigner) as world:
        bots = [world.add_bot() for _ in range(3)]

        for _ in range(7):
            await world.create_task()

        assert who_took(world) == [bots[0], bots[1], bots[2], bots[0], bots[1], bots[2], bots[0]]


async def test_a_bot_that_is_offline_is_skipped_and_has_the_next_turn_when_it_is_back() -> None:
    async with World(Tasks, Assigner) as world:
        bots = [world.add_bot() for _ in range(3)]
        await world.create_task()
        disconnect(world, bots[1])
        for _ in range(2):
            await world.create_task()
        connect(world, bots[1])
        await world.create_task()

        assert who_took(world) == [bots[0], bots[2], bots[0], bots[1]]


async def test_the_order_goes_on_after_a_restart_where_it_stood() -> None:
    async with World(Tasks, Assigner) as world:
        bots = [world.add_bot() for _ in range(3)]
        for _ in range(4):
            await world.create_task()
        past = history(world)
    async with World(replay(past), Tasks, Assigner, clock=world.clock) as world:
        await world.create_task()

        assert who_took(world) == [bots[1]]


async def test_tasks_that_nobody_can_take_wait_and_go_out_in_their_order_as_soon_as_someone_can() -> None:
    async with World(Tasks, Assigner) as world:
        tasks = [await world.create_task() for _ in range(3)]
        assert world.happened(TaskAssigned) == []

        bot_id = world.add_bot()
        await idle()

        assert [(e.task_id, e.bot_id) for e in world.happened(TaskAssigned)] == [(t, bot_id) for t in tasks]


async def test_a_task_with_nobody_to_take_it_says_so_once_and_what_to_do() -> None:
    async with World(Tasks, Assigner) as world:
        task_id = await world.create_task()
        first = world.state.tasks[task_id]
        bot_id = world.add_bot(connected=False)
        disconnect(world, bot_id)
        await world.create_task()

        assert (first.reason, first.detail) == (
            "noBotConnected",
            "There is no bot yet; the task goes out as soon as one is connected.",
        )
        assert first.next_step == "Add a bot by its maFile and proxy."
        assert [e.task_id for e in world.happened(TaskWaiting)].count(task_id) == 1

        auth_failed = BotAuthFailed(
            bot_id=bot_id, reason=Undeclared("invalidPassword"), detail="", next_step="Give the password."
        )
        world.ctx.publish(auth_failed)
        third = await world.create_task()
        assert world.state.tasks[third].detail == (
            "No bot is connected; the task goes out as soon as one is. "
            "1 bot cannot sign in: the list of bots says what to do."
        )


async def test_a_bot_takes_no_more_tasks_than_it_has_room_for_and_the_rest_go_to_who_has() -> None:
    async with World(Tasks, Assigner, config={"assigner": {"waiting_per_bot": 2}}) as world:
        first = world.add_bot()
        tasks = [await world.create_task() for _ in range(5)]
        assert who_took(world) == [first, first]
        assert world.state.tasks[tasks[4]].reason == "botsBusy"

        second = world.add_bot()
        assert who_took(world) == [first, first, second, second]

        invite(world, tasks[0])
        assert who_took(world) == [first, first, second, second, first], "an invite that is out leaves room"
        assert world.state.tasks[tasks[4]].assigned_bot_id == first


async def test_a_bot_that_steam_lets_invite_nobody_is_skipped_until_it_may_again() -> None:
    async with World(Tasks, Assigner) as world:
        blocked, other = world.add_bot(), world.add_bot()
        until = Millis(NOON + HOUR)
        blocking = BotInvitesBlocked(
            bot_id=blocked, until=until, reason=Undeclared("rateLimitExceeded"), detail="Too many."
        )
        world.ctx.publish(blocking)
        for _ in range(2):
            await world.create_task()
        assert who_took(world) == [other, other]

        disconnect(world, other)
        waiting = await world.create_task()
        task = world.state.tasks[waiting]
        assert (task.status, task.reason, task.waiting_until) == ("created", "invitesBlocked", until)

        await world.clock.advance(HOUR)
        assert world.state.tasks[waiting].assigned_bot_id == blocked


async def test_a_block_is_remembered_over_a_restart_and_ends_in_time() -> None:
    async with World(Tasks, Assigner) as world:
        bot_id = world.add_bot()
        blocking = BotInvitesBlocked(bot_id=bot_id, until=Millis(NOON + HOUR), reason=Undeclared("r"), detail="d")
        world.ctx.publish(blocking)
        past = history(world)
    async with World(replay(past), Tasks, Assigner, clock=world.clock) as world:
        task_id = await world.create_task()
        await world.clock.advance(HOUR - 1)
        assert world.state.tasks[task_id].status == "created"

        await world.clock.advance(1)

        assert world.state.tasks[task_id].assigned_bot_id == bot_id


async def test_a_block_that_a_wrong_clock_had_ended_holds_again_once_the_clock_is_right() -> None:
    until = Millis(NOON + HOUR)
    async with World(Tasks, Assigner) as world:
        blocking = BotInvitesBlocked(bot_id=world.add_bot(), until=until, reason=Undeclared("r"), detail="d")
        world.ctx.publish(blocking)
        past = history(world)
    async with World(replay(past), Tasks, Assigner, clock=ManualClock(until + MINUTE)) as world:
        world.clock.set_wall(-HOUR)
        await world.clock.advance(MINUTE)
        assert world.happened(ClockStepped)

        task = world.state.tasks[await world.create_task()]
        assert (task.status, task.reason, task.waiting_until) == ("created", "invitesBlocked", until)

        await world.clock.advance(HOUR)
        assert world.state.tasks[task.id].assigned_bot_id == blocking.bot_id


async def test_a_task_that_lost_its_bot_goes_to_the_next() -> None:
    async with World(Tasks, Assigner) as world:
        bots = [world.add_bot() for _ in range(2)]
        task_id = await world.create_task()
        disconnect(world, bots[0])

        world.ctx.publish(TaskStatusChanged(task_id=task_id, status=TaskStatus.CREATED, reason=WaitReason.BOT_OFFLINE))
        await idle()

        assert who_took(world) == bots


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["bot", "connect", "drop", "authFail", "task", "dispose", "invite", "block", "back", "wait"]),
        st.integers(0, 5),
    ),
    max_size=40,
)


@given(STEPS, st.integers(1, 3))
@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
async def test_every_assignment_is_the_one_that_the_rule_names(steps: list[tuple[str, int]], room: int) -> None:
    config = {"assigner": {"waiting_per_bot": room}}
    async with World(Tasks, Assigner, config=config) as world:
        for step, number in steps:
            await _do(world, step, number)
            _nothing_waits_that_could_go(world, room)
        assert not [e for e in world.events if e.kind == "error.logged"]
    _follows_the_rule(world.events, room)


async def _do(world: World, step: str, number: int) -> None:
    bots = sorted(world.state.bots)
    tasks = sorted(task.id for task in world.state.tasks.values() if task.is_open)
    bot_id = bots[number % len(bots)] if bots else None
    task = world.state.tasks[tasks[number % len(tasks)]] if tasks else None
    status = world.state.bots[bot_id].status if bot_id else None
    if step == "bot":
        world.add_bot(connected=number > 0)
    elif step == "task":
        await world.create_task()
    elif step == "wait":
        await world.clock.advance(number * 10 * MINUTE)
    elif bot_id and step == "connect" and status is BotStatus.DISCONNECTED:
        connect(world, bot_id)
    elif bot_id and step == "drop":
        disconnect(world, bot_id)
    elif bot_id and step == "authFail" and status is not BotStatus.AUTH_FAILED:
        world.ctx.publish(BotAuthFailed(bot_id=bot_id, reason=Undeclared("r"), detail="d", next_step="n"))
    elif bot_id and step == "block":
        until = Millis(world.clock.now() + number * 5 * MINUTE)
        world.ctx.publish(BotInvitesBlocked(bot_id=bot_id, until=until, reason=Undeclared("r"), detail="d"))
    elif task and step == "dispose":
        await world.execute(DisposeTask(task_id=task.id))
    elif task and step == "invite" and task.status is TaskStatus.ASSIGNED:
        invite(world, task.id)
    elif task and step == "back" and task.status is TaskStatus.ASSIGNED:
        world.ctx.publish(TaskStatusChanged(task_id=task.id, status=TaskStatus.CREATED, reason=WaitReason.BOT_OFFLINE))
    await idle()


def able(state: State, now: int, room: int) -> list[tuple[int, BotId]]:
    """The bots that may take a task, as the rule says it, without any cleverness."""
    held = [t.assigned_bot_id for t in state.tasks.values() if t.status is TaskStatus.ASSIGNED]
    return sorted(
        (bot.assigned_seq, bot.id)
        for bot in state.bots.values()
        if bot.status is BotStatus.CONNECTED and (bot.invites_blocked_until or 0) <= now and held.count(bot.id) < room
    )


def _nothing_waits_that_could_go(world: World, room: int) -> None:
    waiting = [task for task in world.state.tasks.values() if task.status is TaskStatus.CREATED]
    if waiting:
        assert able(world.state, world.clock.now(), room) == []
        assert all(task.reason in {"noBotConnected", "botsBusy", "invitesBlocked"} for task in waiting)


def _follows_the_rule(events: list[Envelope], room: int) -> None:
    state = State()
    for envelope in events:
        if isinstance(envelope.payload, TaskAssigned):
            assert envelope.payload.bot_id == able(state, envelope.ts, room)[0][1]
            assert envelope.payload.task_id == next(iter(state.index.waiting_tasks))
        reduce(state, envelope)


async def test_a_crowd_of_tasks_is_handed_out_bit_by_bit_so_that_everybody_else_has_a_turn() -> None:
    past = [
        Envelope.of(seq, NOON, "test", None, event)
        for seq, event in enumerate([*_fleet_of(1_000), *_tasks_of(6_000)], start=1)
    ]
    between_turns: list[int] = []

    async with World(replay(past), Tasks, Assigner) as world:
        while world.state.index.tasks_by_status[TaskStatus.ASSIGNED] < 5_000:
            seq = world.state.seq
            await asyncio.sleep(0)
            between_turns.append(world.state.seq - seq)
        await idle(100)

        assert 0 < max(between_turns) <= BATCH
        assert {len(world.state.index.open_tasks_of_bot[bot_id]) for bot_id in world.state.bots} == {5}
        assert [task.reason for task in world.state.tasks.values()].count(AssignerReason.BOTS_BUSY) == 1_000
    _follows_the_rule([*past, *(e for e in world.events if e.seq <= len(past) + 300)], 5)


def _fleet_of(number: int) -> Iterator[Event]:
    for n in range(number):
        bot_id, account = BotId(f"bot_{n:05}"), SteamId64(str(76561199000000000 + n))
        yield BotAdded(bot_id=bot_id, steam_id64=account, proxy_url="socks5h://127.0.0.1:1080")
        yield BotConnecting(bot_id=bot_id)
        yield BotConnected(bot_id=bot_id)


def _tasks_of(number: int) -> Iterator[Event]:
    for n in range(number):
        yield TaskCreated(
            task_id=TaskId(f"task_{n:06}"),
            player=SteamId64(str(76561198000000000 + n)),
            item="x",
            price_min=Decimal(1),
            price_max=Decimal(2),
            currency="USD",
        )

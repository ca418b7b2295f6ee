"""The queue of a bot, as a player and an operator would notice it."""

from __future__ import annotations

import asyncio

import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND, Millis
from kernel.codes import KernelRefusal, Undeclared
from kernel.commands import DisposeTask, SendInvite
from kernel.config import check
from kernel.errors import Binds, ConfigInvalid, NotSent, RefusedBySteam
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    BotInvitesBlocked,
    ContactPaused,
    ContactResumed,
    FriendInviteAccepted,
    FriendInviteFailed,
    FriendInviteSent,
    Relationship,
    TaskStatusChanged,
    TaskWaiting,
)
from kernel.ids import BotId, TaskId
from kernel.rows import InviteStatus
from kernel.testing import NOON, FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.invites import Invites
from plugins.steam.codes import SteamRefusal
from plugins.tasks import Tasks
from tests.restart import history, replay

PLUGINS = (FakeTransport, Tasks, Assigner, Invites)


def sent(world: World) -> list[tuple[int, TaskId]]:
    """When which task's invite went out, in milliseconds since the test began."""
    return [(e.ts - NOON, e.payload.task_id) for e in world.events if isinstance(e.payload, FriendInviteSent)]


def drop(world: World, bot_id: BotId) -> None:
    world.ctx.publish(
        BotDisconnected(bot_id=bot_id, reason=Undeclared("proxyDown"), detail="The proxy does not answer.")
    )


def connect(world: World, bot_id: BotId) -> None:
    world.ctx.publish(BotConnecting(bot_id=bot_id))
    world.ctx.publish(BotConnected(bot_id=bot_id))


async def test_the_first_invite_goes_at_once_and_each_further_one_a_minute_later() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        tasks = [await world.create_task() for _ in range(3)]

        await world.clock.advance(10 * MINUTE)

        assert sent(world) == [(0, tasks[0]), (MINUTE, tasks[1]), (2 * MINUTE, tasks[2])]
        assert [world.state.tasks[task_id].status for task_id in tasks] == ["invited"] * 3


async def test_bots_do_not_wait_for_each_other() -> None:
    async with World(*PLUGINS) as world:
        for _ in range(3):
            world.add_bot()
        for _ in range(3):
            await world.create_task()

        assert [moment for moment, _ in sent(world)] == [0, 0, 0]


async def test_what_waits_says_why_and_until_when_once() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        account = world.state.bots[bot_id].steam_id64
        tasks = [await world.create_task() for _ in range(3)]

        second, third = world.state.tasks[tasks[1]], world.state.tasks[tasks[2]]
        assert (second.reason, second.waiting_until) == ("inviteInterval", NOON + MINUTE)
        assert (third.reason, third.waiting_until) == ("inviteInterval", NOON + 2 * MINUTE)
        assert second.detail == f"Bot {account} sends one invite every 60 s; this one waits for its turn."

        await world.clock.advance(2 * MINUTE)
        told = [event.reason for event in world.happened(TaskWaiting) if event.task_id == tasks[2]]
        assert told == ["inviteInterval", "awaitingPlayer"]


async def test_the_interval_can_be_raised_and_not_lowered() -> None:
    async with World(*PLUGINS, config={"invites": {"interval_s": 300}}) as world:
        world.add_bot()
        for _ in range(2):
            await world.create_task()
        await world.clock.advance(HOUR)
        assert [moment for moment, _ in sent(world)] == [0, 5 * MINUTE]

    with pytest.raises(ConfigInvalid, match="must be at least 60; a bot never sends two invites within a minute"):
        check({"kernel": {"plugins": ["invites"]}, "invites": {"interval_s": 59}}, {"invites": Invites})


async def test_after_a_restart_the_minute_is_waited_out_in_full_because_nobody_knows_what_has_passed_of_it() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        tasks = [await world.create_task() for _ in range(2)]
        await world.clock.advance(20 * SECOND)
        drop(world, bot_id)
        past = history(world)
    async with World(replay(past), *PLUGINS, clock=world.clock) as world:
        await world.clock.advance(10 * SECOND)
        connect(world, bot_id)
        await world.clock.advance(50 * SECOND - 1)
        assert sent(world) == []

        await world.clock.advance(1)

        assert sent(world) == [(20 * SECOND + MINUTE, tasks[1])]


async def test_the_decision_is_known_before_the_invite_leaves() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        seen: list[InviteStatus] = []
        world.transport.invite_fails = lambda command: seen.append(world.state.invites[command.task_id].status)

        task_id = await world.create_task()

        assert seen == ["requested"]
        kinds = [e.kind for e in world.events if e.kind.startswith("friendInvite")]
        assert kinds == ["friendInvite.queued", "friendInvite.requested", "friendInvite.sent"]
        assert world.state.invites[task_id].bot_id == bot_id


async def test_among_friends_no_invite_is_needed_and_no_minute_spent() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        friend = world.player()
        world.transport.relations[bot_id, friend] = Relationship.FRIEND

        befriended = await world.create_task(friend)
        stranger = await world.create_task()

        assert [(e.task_id, e.already) for e in world.happened(FriendInviteAccepted)] == [(befriended, True)]
        assert sent(world) == [(0, stranger)]


async def test_where_steam_lists_an_invite_already_none_is_sent() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        # by another Steam client, or before we knew the account
        world.transport.relations[bot_id, player] = Relationship.REQUEST_INITIATOR

        task_id = await world.create_task(player)

        assert (world.state.tasks[task_id].status, world.state.invites[task_id].status) == ("invited", "sent")
        assert (world.transport.invited, world.state.tasks[task_id].invite_attempts) == ([], 0)


async def test_a_player_who_becomes_a_friend_while_the_invite_waits_needs_none() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        await world.create_task()
        player = world.player()
        task_id = await world.create_task(player)

        world.transport.relate(bot_id, player, Relationship.FRIEND)

        assert [e.task_id for e in world.happened(FriendInviteAccepted)] == [task_id]
        await world.clock.advance(HOUR)
        assert len(world.transport.invited) == 1


async def test_a_player_accepts() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)

        world.transport.relate(bot_id, player, Relationship.FRIEND)

        assert [(e.task_id, e.already) for e in world.happened(FriendInviteAccepted)] == [(task_id, False)]
        assert task_id not in world.state.invites


@pytest.mark.parametrize("answer", [Relationship.NONE, Relationship.IGNORED, Relationship.BLOCKED])
async def test_a_player_who_declines_is_remembered_and_the_task_has_failed(answer: Relationship) -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)

        world.transport.relate(bot_id, player, answer)

        task = world.state.tasks[task_id]
        assert (task.status, task.reason, task.detail) == ("failed", "declined", "The player declined the invite.")
        assert world.state.players[player].invite_refusal == "declined"
        assert task_id not in world.state.invites


async def test_a_word_that_nobody_understands_is_no_answer_to_an_invite() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)

        world.transport.relate(bot_id, player, Undeclared("suggested"))
        drop(world, bot_id)
        connect(world, bot_id)

        assert world.state.invites[task_id].status == "sent"
        assert world.state.tasks[task_id].status == "invited"
        world.transport.relate(bot_id, player, Relationship.NONE)
        assert world.state.tasks[task_id].reason == "declined"


async def test_an_invite_that_nobody_answers_lapses_and_is_taken_back() -> None:
    async with World(*PLUGINS, config={"invites": {"lapse_days": 3}}) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)
        waiting = world.state.tasks[task_id]
        assert (waiting.reason, waiting.waiting_until) == ("awaitingPlayer", NOON + 3 * DAY)

        await world.clock.advance(3 * DAY - 1)
        assert world.transport.withdrawn == []
        await world.clock.advance(1)

        assert [(w.bot_id, w.player) for w in world.transport.withdrawn] == [(bot_id, player)]
        task = world.state.tasks[task_id]
        assert (task.status, task.reason) == ("failed", "lapsed")
        assert world.state.players[player].invite_refusal == "lapsed"


async def test_an_invite_lapses_in_time_although_the_system_was_down_meanwhile() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        task_id = await world.create_task()
        drop(world, bot_id)
        past = history(world)
    await world.clock.advance(15 * DAY)
    async with World(replay(past), *PLUGINS, clock=world.clock) as world:
        world.transport.relations[bot_id, world.state.tasks[task_id].player] = Relationship.REQUEST_INITIATOR
        await world.clock.advance(MINUTE)
        assert world.state.tasks[task_id].status == "invited", "the bot is offline and can take nothing back"

        connect(world, bot_id)
        await world.clock.advance(HOUR - MINUTE - 1)
        assert world.state.tasks[task_id].reason == "awaitingPlayer", (
            "a clock that is wrong has an hour to be put right"
        )

        await world.clock.advance(1)

        assert world.state.tasks[task_id].reason == "lapsed"
        assert len(world.transport.withdrawn) == 1


async def test_a_task_put_away_takes_its_waiting_invite_along() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        await world.create_task()
        task_id = await world.create_task()

        await world.execute(DisposeTask(task_id=task_id))
        await world.clock.advance(HOUR)

        assert [e.reason for e in world.happened(FriendInviteFailed)] == ["withdrawn"]
        assert len(world.transport.invited) == 1
        assert world.transport.withdrawn == []


async def test_a_task_put_away_takes_back_the_invite_that_the_player_sees() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)

        await world.execute(DisposeTask(task_id=task_id))
        world.transport.relate(bot_id, player, Relationship.NONE)  # what Steam says to that

        assert [w.player for w in world.transport.withdrawn] == [player]
        assert [e.reason for e in world.happened(FriendInviteFailed)] == ["withdrawn"]
        assert player not in world.state.players, "we took it back: the player has refused nothing"
        assert task_id not in world.state.invites


async def test_an_invite_is_taken_back_when_its_bot_is_back_if_it_was_away() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        task_id = await world.create_task()
        drop(world, bot_id)
        await world.execute(DisposeTask(task_id=task_id))
        past = history(world)
    async with World(replay(past), *PLUGINS, clock=world.clock) as world:
        world.transport.relations[bot_id, world.state.tasks[task_id].player] = Relationship.REQUEST_INITIATOR
        assert world.transport.withdrawn == []

        connect(world, bot_id)
        await idle()

        assert len(world.transport.withdrawn) == 1
        assert task_id not in world.state.invites


async def test_a_bot_that_is_offline_sends_when_it_is_back_and_says_so_meanwhile() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        await world.create_task()
        task_id = await world.create_task()
        drop(world, bot_id)
        await world.clock.advance(5 * MINUTE)
        assert len(world.transport.invited) == 1
        assert world.state.tasks[task_id].reason == "botOffline"

        connect(world, bot_id)
        await idle()

        assert sent(world)[1:] == [(5 * MINUTE, task_id)]


async def test_a_bot_that_stays_offline_loses_the_tasks_that_it_has_not_begun() -> None:
    async with World(*PLUGINS) as world:
        gone = world.add_bot()
        begun, waiting = await world.create_task(), await world.create_task()
        other = world.add_bot()
        drop(world, gone)

        await world.clock.advance(10 * MINUTE - 1)
        assert world.state.tasks[waiting].assigned_bot_id == gone
        await world.clock.advance(1)

        assert world.state.tasks[waiting].assigned_bot_id == other
        assert world.state.tasks[begun].assigned_bot_id == gone
        back = [e for e in world.happened(TaskStatusChanged) if e.status == "created"]
        assert [(e.task_id, e.reason) for e in back] == [(waiting, "botOffline")]
        assert len(world.transport.invited) == 2


async def test_a_bot_that_cannot_sign_in_loses_them_at_once() -> None:
    async with World(*PLUGINS) as world:
        gone = world.add_bot()
        await world.create_task()
        waiting = await world.create_task()
        other = world.add_bot()

        failed = BotAuthFailed(
            bot_id=gone, reason=Undeclared("invalidPassword"), detail="d", next_step="Give the password."
        )
        world.ctx.publish(failed)
        await idle()

        assert world.state.tasks[waiting].assigned_bot_id == other


async def test_when_steam_takes_no_more_invites_from_a_bot_its_tasks_go_to_others() -> None:
    async with World(*PLUGINS) as world:
        blocked = world.add_bot()

        def refuse(command: SendInvite) -> None:
            if command.bot_id == blocked:
                until = Millis(world.clock.now() + DAY)
                told = BotInvitesBlocked(
                    bot_id=blocked, until=until, reason=Undeclared("rateLimitExceeded"), detail="Too many."
                )
                world.ctx.publish(told)
                raise RefusedBySteam(
                    KernelRefusal.INVITES_BLOCKED, "Steam: too many invites.", binds=Binds.ACCOUNT, retry_after=DAY
                )

        tasks = [await world.create_task(), await world.create_task()]
        await world.clock.advance(MINUTE - 1)
        world.transport.invite_fails = refuse
        other = world.add_bot()
        await world.clock.advance(1)

        assert world.state.tasks[tasks[1]].assigned_bot_id == other
        assert world.state.tasks[tasks[1]].status == "invited"
        reasons = [e.reason for e in world.happened(TaskStatusChanged) if e.status == "created"]
        assert reasons == ["botInvitesBlocked"]
        assert not [e for e in world.events if e.kind == "error.logged"]


async def test_an_invite_that_surely_did_not_leave_is_tried_again() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()

        def busy(_: SendInvite) -> None:
            raise NotSent(SteamRefusal.STEAM_BUSY, "Steam is busy.", retry_after=7 * SECOND)

        world.transport.invite_fails = busy
        task_id = await world.create_task()
        task = world.state.tasks[task_id]
        assert (task.status, task.reason, task.waiting_until) == ("assigned", "steamBusy", NOON + 7 * SECOND)
        assert world.state.contact.invites == (), "what never left does not count"

        world.transport.invite_fails = None
        await world.clock.advance(7 * SECOND)

        assert sent(world) == [(7 * SECOND, task_id)]


async def test_a_player_whom_steam_lets_nobody_invite_ends_the_task() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()

        def refuse(_: SendInvite) -> None:
            raise RefusedBySteam(
                KernelRefusal.INVITE_REFUSED, "The player has blocked this account.", binds=Binds.PLAYER
            )

        world.transport.invite_fails = refuse
        task_id = await world.create_task()

        task = world.state.tasks[task_id]
        assert (task.status, task.reason) == ("failed", "inviteRefused")
        assert task.detail == "The player has blocked this account."


async def test_while_contact_is_paused_nothing_goes_out_and_all_of_it_does_afterwards() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        world.ctx.publish(ContactPaused(), actor="operator:anna")
        task_id = await world.create_task()
        await world.clock.advance(HOUR)
        assert world.transport.invited == []
        task = world.state.tasks[task_id]
        assert task.reason == "contactPaused"
        assert task.detail == "All outgoing contact is paused (operator:anna); the invite goes out once it is resumed."

        world.ctx.publish(ContactResumed(), actor="operator:anna")
        await idle()

        assert sent(world) == [(HOUR, task_id)]


async def test_many_bots_wait_without_anybody_looking_after_them() -> None:
    async with World(*PLUGINS) as world:
        bots = [world.add_bot() for _ in range(200)]
        for _ in range(400):
            await world.create_task()
        before = world.state.seq
        names = [task.get_name() for task in asyncio.all_tasks()]
        assert sum(name.startswith("invites: run the invites of ") for name in names) == len(bots), "one timer a bot"

        await world.clock.advance(MINUTE - 1)

        assert world.state.seq == before, "nothing happens while nothing is due"

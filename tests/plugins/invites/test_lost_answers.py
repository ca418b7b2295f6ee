"""Invites of which nobody knows what became: no answer, a crash, a player who was quicker, a bot that was away."""

from __future__ import annotations

from kernel.clock import HOUR, MINUTE, SECOND
from kernel.codes import KernelRefusal, Undeclared
from kernel.commands import DisposeTask, SendInvite
from kernel.errors import InDoubt
from kernel.events import (
    FriendInviteAccepted,
    FriendInviteRequested,
    Relationship,
)
from kernel.ids import TaskId
from kernel.testing import NOON, FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.invites import Invites
from plugins.tasks import Tasks
from tests.plugins.invites.test_queue import PLUGINS, connect, drop, sent
from tests.restart import history, replay


async def test_an_invite_in_doubt_that_steam_lists_was_sent() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await _doubt(world, player)
        world.transport.relations[bot_id, player] = Relationship.REQUEST_INITIATOR

        await world.clock.advance(30 * SECOND)

        assert world.state.invites[task_id].status == "sent"
        assert world.state.tasks[task_id].status == "invited"


async def test_an_invite_in_doubt_that_steam_does_not_list_is_never_repeated_and_needs_a_look() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        task_id = await _doubt(world, world.player())
        waiting = world.state.tasks[task_id]
        assert (waiting.reason, waiting.waiting_until) == ("invitePending", NOON + 30 * SECOND)

        await world.clock.advance(HOUR)

        task = world.state.tasks[task_id]
        assert (task.status, task.reason) == ("failed", "inDoubt")
        assert task.detail is not None
        assert "look at the player's profile" in task.detail
        assert len(world.happened(FriendInviteRequested)) == 1


async def test_an_invite_in_doubt_stays_so_while_steam_has_a_word_that_nobody_understands() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await _doubt(world, player)
        world.transport.relations[bot_id, player] = Undeclared("suggested")
        await world.clock.advance(HOUR)
        assert world.state.invites[task_id].status == "requested"
        assert len(world.happened(FriendInviteRequested)) == 1

        world.transport.relate(bot_id, player, Relationship.FRIEND)
        assert task_id not in world.state.invites
        assert world.happened(FriendInviteAccepted)


async def test_an_invite_in_doubt_holds_the_next_one_until_it_is_settled_and_a_minute_longer() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        await _doubt(world, world.player())
        world.transport.invite_fails = None
        second = await world.create_task()
        assert world.state.tasks[second].reason == "invitePending"

        await world.clock.advance(HOUR)

        assert sent(world) == [(30 * SECOND + MINUTE, second)]


async def test_a_crash_while_an_invite_is_on_its_way_is_settled_when_the_bot_is_back() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await _doubt(world, player)
        past = history(world)
    async with World(replay(past), *PLUGINS, clock=world.clock) as world:
        world.transport.relations[bot_id, player] = Relationship.REQUEST_INITIATOR
        drop(world, bot_id)
        await world.clock.advance(5 * SECOND)
        assert world.state.invites[task_id].status == "requested"

        connect(world, bot_id)

        assert world.state.invites[task_id].status == "sent"


async def test_a_failure_inside_the_transport_is_taken_for_doubt() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()

        def crash(_: SendInvite) -> None:
            raise RuntimeError("a bug")

        world.transport.invite_fails = crash
        task_id = await world.create_task()

        assert world.state.invites[task_id].status == "requested"


async def test_what_happened_while_the_bot_was_away_is_found_when_it_is_back() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        players = [world.player() for _ in range(3)]
        tasks = []
        for player in players:
            tasks.append(await world.create_task(player))
            await world.clock.advance(MINUTE)
        drop(world, bot_id)
        for player, relationship in zip(
            players, [Relationship.FRIEND, Relationship.NONE, Relationship.REQUEST_INITIATOR], strict=True
        ):
            world.transport.relations[bot_id, player] = relationship

        connect(world, bot_id)

        assert [e.task_id for e in world.happened(FriendInviteAccepted)] == [tasks[0]]
        assert world.state.tasks[tasks[1]].reason == "declined"
        assert world.state.invites[tasks[2]].status == "sent"


async def test_a_player_who_accepts_before_steam_has_answered_is_not_missed() -> None:
    class Slow(FakeTransport):
        async def invite(self, command: SendInvite) -> None:  # type: ignore[override]
            await self.ctx.clock.sleep(5 * SECOND)
            super().invite(command)
            self.relations[command.bot_id, command.player] = Relationship.FRIEND

    async with World(Slow, Tasks, Assigner, Invites) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)
        world.transport.relate(bot_id, player, Relationship.FRIEND)
        await world.clock.advance(5 * SECOND)

        assert [e.task_id for e in world.happened(FriendInviteAccepted)] == [task_id]
        assert not [e for e in world.events if e.kind == "error.logged"]


async def test_a_task_put_away_while_its_invite_is_being_sent_is_taken_back_afterwards() -> None:
    class Slow(FakeTransport):
        async def invite(self, command: SendInvite) -> None:  # type: ignore[override]
            await self.ctx.clock.sleep(5 * SECOND)
            super().invite(command)

    async with World(Slow, Tasks, Assigner, Invites) as world:
        world.add_bot()
        task_id = await world.create_task()
        await world.execute(DisposeTask(task_id=task_id))
        assert world.transport.withdrawn == []

        await world.clock.advance(5 * SECOND)

        assert len(world.transport.withdrawn) == 1
        assert task_id not in world.state.invites
        assert world.state.tasks[task_id].status == "disposed"
        assert not [e for e in world.events if e.kind == "error.logged"]


async def test_a_task_whose_invite_was_lost_in_a_crash_is_queued_anew_if_surely_none_was_sent() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        task_id = await world.create_task()
        names = [e.kind for e in world.events]
        past = history(world)[: names.index("friendInvite.queued")]
    async with World(replay(past), *PLUGINS, clock=world.clock) as world:
        assert sent(world) == [(0, task_id)]


async def test_a_task_whose_invite_was_lost_in_a_crash_is_not_risked_again_if_one_may_have_been_sent() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)
        await world.clock.advance(SECOND)
        world.transport.relate(bot_id, player, Relationship.NONE)
        names = [e.kind for e in world.events]
        past = history(world)[: names.index("friendInvite.failed") + 1]
    async with World(replay(past), *PLUGINS, clock=world.clock) as world:
        assert (world.state.tasks[task_id].status, world.state.tasks[task_id].reason) == ("failed", "inDoubt")
        assert world.transport.invited == []


async def test_a_friendship_whose_chat_was_lost_in_a_crash_is_told_again() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)
        world.transport.relate(bot_id, player, Relationship.FRIEND)
        drop(world, bot_id)
        past = history(world)
    async with World(replay(past), *PLUGINS, clock=world.clock) as world:
        assert world.state.tasks[task_id].reason == "inviteLost"
        world.transport.relations[bot_id, player] = Relationship.FRIEND
        connect(world, bot_id)
        await idle()

        assert [e.task_id for e in world.happened(FriendInviteAccepted)] == [task_id]


async def _doubt(world: World, player: object) -> TaskId:
    """A task whose invite was handed to Steam when the connection broke."""

    def lose(_: SendInvite) -> None:
        raise InDoubt(KernelRefusal.IN_DOUBT, "The connection broke before Steam answered.")

    world.transport.invite_fails = lose
    return await world.create_task(player)  # type: ignore[arg-type]

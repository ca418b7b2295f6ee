"""Removing a bot: nothing of it is left, and nobody it was talking with is forgotten."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.clock import MINUTE, SECOND
from kernel.codes import KernelRefusal
from kernel.commands import DisconnectBot, RemoveBot, SendInvite, WithdrawInvite
from kernel.errors import InDoubt
from kernel.events import (
    BotAdded,
    BotConnected,
    BotRemoved,
    ChatStarted,
    FriendInviteAccepted,
    TaskAssigned,
    TaskCreated,
)
from kernel.ids import BotId, TaskId, new_bot_id, new_chat_id
from kernel.testing import FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.fleet import Fleet
from plugins.invites import Invites
from plugins.tasks import Tasks
from tests.plugins.fleet.signing import SIGN_IN, Signing, add_bots, drop

PLUGINS = (FakeTransport, Fleet, Tasks, Assigner, Invites)


def left_of(world: World, bot_id: BotId) -> list[str]:
    """What still names the bot as if it were there."""
    state = world.state
    return [
        *(f"task {t.id}" for t in state.tasks.values() if t.is_open and t.assigned_bot_id == bot_id),
        *(f"chat {c.id}" for c in state.chats.values() if c.is_open and c.bot_id == bot_id),
        *(f"invite {i.task_id}" for i in state.invites.values() if i.bot_id == bot_id),
        *(f"bot {bot_id}" for _ in [0] if bot_id in state.bots),
    ]


async def test_an_idle_bot_is_logged_off_and_gone() -> None:
    async with World(Signing, Fleet) as world:
        (bot_id,) = add_bots(world, 1)
        await world.clock.advance(SIGN_IN)

        await world.execute(RemoveBot(bot_id=bot_id))

        assert left_of(world, bot_id) == []
        kinds = [e.kind for e in world.events][-2:]
        assert kinds == ["bot.disconnected", "bot.removed"]
        assert world.events[-1].actor == "operator:anna"
        refused = await world.refusal(RemoveBot(bot_id=bot_id))
        assert (refused.code, refused.status) == ("unknownBot", 404)


async def test_its_waiting_tasks_go_to_other_bots_and_those_it_has_begun_fail() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        begun, waiting = [await world.create_task() for _ in range(2)]
        other = world.add_bot()

        await world.execute(RemoveBot(bot_id=bot_id))

        task = world.state.tasks[begun]
        assert (task.status, task.reason, task.detail) == ("failed", "botRemoved", "Its bot was removed.")
        assert world.state.tasks[waiting].assigned_bot_id == other
        assert world.state.tasks[waiting].status == "invited"
        assert left_of(world, bot_id) == []


async def test_the_last_bot_leaves_its_waiting_tasks_behind_for_whoever_comes() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        await world.create_task()
        waiting = await world.create_task()

        await world.execute(RemoveBot(bot_id=bot_id))

        task = world.state.tasks[waiting]
        assert (task.status, task.assigned_bot_id, task.reason) == ("created", None, "noBotConnected")


async def test_invites_that_players_see_are_taken_back_before_the_bot_logs_off() -> None:
    async with World(*PLUGINS) as world:
        order: list[str] = []
        bot_id = world.add_bot()
        player = world.player()
        await world.create_task(player)
        transport = world.transport
        for command in (WithdrawInvite, DisconnectBot):
            del world.system.router._handlers[command.__name__]
            world.ctx.handle(command, lambda c: order.append(c.kind))

        await world.execute(RemoveBot(bot_id=bot_id))

        assert order == ["WithdrawInvite", "DisconnectBot"]
        assert player not in world.state.players, "the player has declined nothing"
        assert transport.invited


async def test_its_chats_are_closed() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)
        world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
        chats = [new_chat_id(), new_chat_id()]
        world.ctx.publish(ChatStarted(chat_id=chats[0], bot_id=bot_id, player=player, task_id=task_id))
        unasked = ChatStarted(chat_id=chats[1], bot_id=bot_id, player=world.player(), agent_enabled=False)
        world.ctx.publish(unasked)

        await world.execute(RemoveBot(bot_id=bot_id))

        assert [world.state.chats[chat_id].status for chat_id in chats] == ["closed", "closed"]
        assert (world.state.tasks[task_id].status, world.state.tasks[task_id].reason) == ("failed", "botRemoved")
        assert left_of(world, bot_id) == []


async def test_a_bot_that_is_signing_in_is_removed_as_well() -> None:
    async with World(Signing, Fleet) as world:
        (bot_id,) = add_bots(world, 1)
        await idle()
        assert world.state.bots[bot_id].status == "connecting"
        removing = world.ctx.spawn(world.execute(RemoveBot(bot_id=bot_id)), "remove")
        await world.clock.advance(MINUTE)
        await removing

        assert left_of(world, bot_id) == []
        assert not world.happened(BotConnected)
        assert not [e for e in world.events if e.kind == "error.logged"]


async def test_a_bot_that_is_offline_is_removed_as_well() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        tasks = [await world.create_task() for _ in range(2)]
        drop(world, bot_id)

        await world.execute(RemoveBot(bot_id=bot_id))

        assert [world.state.tasks[task_id].status for task_id in tasks] == ["failed", "created"]
        assert left_of(world, bot_id) == []


async def test_an_invite_on_its_way_is_awaited_and_its_minute_kept_for_the_account() -> None:
    class Slow(FakeTransport):
        async def invite(self, command: SendInvite) -> None:  # type: ignore[override]
            await self.ctx.clock.sleep(5 * SECOND)
            super().invite(command)

    async with World(Slow, Fleet, Tasks, Assigner, Invites) as world:
        bot_id = world.add_bot()
        account = world.state.bots[bot_id].steam_id64
        task_id = await world.create_task()
        removing = world.ctx.spawn(world.execute(RemoveBot(bot_id=bot_id)), "remove")
        await idle()
        assert bot_id in world.state.bots

        await world.clock.advance(5 * SECOND)
        await removing

        assert left_of(world, bot_id) == []
        assert world.state.tasks[task_id].reason == "botRemoved"
        assert world.state.accounts[account].last_invite_at == world.clock.now()
        again = new_bot_id()
        world.ctx.publish(BotAdded(bot_id=again, steam_id64=account, proxy_url="socks5h://127.0.0.1:1"))
        await idle()
        next_task = await world.create_task()
        await world.clock.advance(MINUTE - 1)
        assert len(world.transport.invited) == 1
        await world.clock.advance(6 * SECOND)
        assert [command.task_id for command in world.transport.invited] == [task_id, next_task]


async def test_an_invite_in_doubt_starts_the_minute_although_its_bot_is_removed() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        account = world.state.bots[bot_id].steam_id64

        def lose(_: SendInvite) -> None:
            raise InDoubt(KernelRefusal.IN_DOUBT, "The connection broke before Steam answered.")

        world.transport.invite_fails = lose
        await world.create_task()
        await world.clock.advance(10 * SECOND)

        await world.execute(RemoveBot(bot_id=bot_id))

        assert world.state.accounts[account].last_invite_at == world.clock.now()
        assert left_of(world, bot_id) == []


@pytest.mark.parametrize("plugins", [(FakeTransport, Fleet), (Fleet,)])
async def test_it_works_whoever_else_is_running(plugins: tuple[type[FakeTransport] | type[Fleet], ...]) -> None:
    async with World(*plugins) as world:
        bot_id = world.add_bot()
        task_id = TaskId("task_1")
        world.ctx.publish(_created(world, task_id))
        world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))

        await world.execute(RemoveBot(bot_id=bot_id))

        assert world.state.tasks[task_id].status == "created"
        assert [e.bot_id for e in world.happened(BotRemoved)] == [bot_id]


async def test_a_transport_with_a_bug_does_not_keep_a_bot_alive() -> None:
    async with World(Signing, Fleet) as world:
        (bot_id,) = add_bots(world, 1)
        await world.clock.advance(SIGN_IN)
        del world.system.router._handlers["DisconnectBot"]

        def crash(_: DisconnectBot) -> None:
            raise RuntimeError("a bug")

        world.ctx.handle(DisconnectBot, crash)
        await world.execute(RemoveBot(bot_id=bot_id))

        assert left_of(world, bot_id) == []


def _created(world: World, task_id: TaskId) -> TaskCreated:
    return TaskCreated(
        task_id=task_id,
        player=world.player(),
        item="x",
        price_min=Decimal(1),
        price_max=Decimal(2),
        currency="USD",
    )

"""No second invite after a decline, ever; where it is not known whether there was one, none until a person says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from kernel.clock import HOUR, MINUTE, SECOND
from kernel.codes import KernelRefusal, Undeclared
from kernel.commands import AllowInvite, CreateTask, DisposeTask, SendInvite
from kernel.errors import InDoubt
from kernel.events import BotConnected, BotConnecting, BotDisconnected, FriendInviteFailed, Relationship
from kernel.ids import BotId, SteamId64, TaskId
from kernel.rows import Player
from kernel.testing import FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.contact_policy import ContactPolicy
from plugins.invites import Invites
from plugins.tasks import Tasks
from tests.restart import history, replay


class Slow(FakeTransport):
    """Answers an invite after five seconds."""

    fails: InDoubt | None = None

    async def invite(self, command: SendInvite) -> None:  # type: ignore[override]
        await self.ctx.clock.sleep(5 * SECOND)
        if self.fails is not None:
            raise self.fails
        standing = self.relations.get((command.bot_id, command.player))
        super().invite(command)
        if standing is not None:
            self.relations[command.bot_id, command.player] = standing


PLUGINS = (Slow, ContactPolicy, Tasks, Assigner, Invites)


class Case:
    """A world with two bots, and a player whose invite is on its way."""

    def __init__(self, world: World, bot_id: BotId, player: SteamId64, task_id: TaskId) -> None:
        self.world, self.bot_id, self.player, self.task_id = world, bot_id, player, task_id
        self.steam = world.plugin(Slow)

    def says(self, *relationships: Relationship) -> None:
        for relationship in relationships:
            self.steam.relate(self.bot_id, self.player, relationship)

    def refusal(self) -> str | None:
        row: Player | None = self.world.state.players.get(self.player)
        return row.invite_refusal if row is not None else None

    async def nobody_asks_again(self) -> None:
        """Neither for the task, nor for another one by another bot."""
        await self.world.clock.advance(HOUR)
        command = CreateTask(player=self.player, item="x", price_min=Decimal(1), price_max=Decimal(1), currency="USD")
        assert (await self.world.refusal(command)).code in {"inviteRefusedBefore", "inviteInDoubt", "doNotContact"}
        assert len(self.steam.invited) <= 1


@asynccontextmanager
async def sending() -> AsyncIterator[Case]:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)
        world.add_bot()
        yield Case(world, bot_id, player, task_id)


@pytest.mark.parametrize(
    "heard",
    [
        (Relationship.REQUEST_INITIATOR, Relationship.NONE),
        (Relationship.NONE,),
        (Relationship.REQUEST_INITIATOR, Relationship.BLOCKED),
        (Relationship.IGNORED,),
    ],
)
async def test_a_decline_that_is_heard_before_steams_answer_is_not_lost(heard: tuple[Relationship, ...]) -> None:
    async with sending() as it:
        it.says(*heard)
        await it.world.clock.advance(5 * SECOND)

        assert (it.world.state.tasks[it.task_id].status, it.refusal()) == ("failed", "declined")
        await it.nobody_asks_again()


async def test_a_decline_that_is_heard_while_the_answer_is_being_brought_to_disk_is_not_lost() -> None:
    async with sending() as it:
        commits = it.world.system.commits
        commits.take_charge(it.world.state.seq)
        await it.world.clock.advance(5 * SECOND)
        assert it.world.state.invites[it.task_id].status == "sent", "and not on disk yet"
        it.says(Relationship.NONE)
        assert it.refusal() is None

        commits.advance(it.world.state.seq)
        await idle()

        assert (it.world.state.tasks[it.task_id].status, it.refusal()) == ("failed", "declined")


async def test_a_word_that_nobody_understands_is_no_decline_before_steams_answer() -> None:
    async with sending() as it:
        it.steam.relate(it.bot_id, it.player, Undeclared("suggested"))
        await it.world.clock.advance(5 * SECOND)

        assert it.world.state.invites[it.task_id].status == "sent"
        assert it.refusal() is None


async def test_none_before_steam_has_shown_the_invite_is_no_decline() -> None:
    async with sending() as it:
        it.says(Relationship.REQUEST_RECIPIENT, Relationship.NONE)  # they asked the bot, and thought better of it
        await it.world.clock.advance(5 * SECOND)

        assert it.world.state.invites[it.task_id].status == "sent"
        assert it.refusal() is None


async def test_a_decline_of_an_invite_whose_answer_was_lost_is_known_for_one_where_steam_has_shown_it() -> None:
    async with sending() as it:
        it.steam.fails = InDoubt(KernelRefusal.IN_DOUBT, "No answer came.")
        it.says(Relationship.REQUEST_INITIATOR)
        await it.world.clock.advance(5 * SECOND)
        assert it.world.state.invites[it.task_id].status == "sent", "Steam's list has told at once"

        it.says(Relationship.NONE)

        assert it.refusal() == "declined"
        await it.nobody_asks_again()


async def test_a_decline_within_the_doubt_counts_until_a_person_who_has_looked_allows_another_invite() -> None:
    async with sending() as it:
        it.steam.fails = InDoubt(KernelRefusal.IN_DOUBT, "No answer came.")
        await it.world.clock.advance(MINUTE)

        task = it.world.state.tasks[it.task_id]
        assert (task.status, task.reason, it.refusal()) == ("failed", "inDoubt", "inDoubt")
        await it.nobody_asks_again()

        it.steam.fails = None
        await it.world.execute(AllowInvite(player=it.player))
        await it.world.create_task(it.player)
        await it.world.clock.advance(MINUTE)
        assert [command.player for command in it.steam.invited] == [it.player]


async def test_a_decline_in_the_crash_window_counts_as_well() -> None:
    async with sending() as it:
        past = history(it.world)
        clock, player, task_id = it.world.clock, it.player, it.task_id
    async with World(replay(past), *PLUGINS, clock=clock) as world:
        it = Case(world, it.bot_id, player, task_id)  # Steam lists nothing: it was declined, or never came
        await clock.advance(MINUTE)

        assert (world.state.tasks[task_id].reason, it.refusal()) == ("inDoubt", "inDoubt")
        await it.nobody_asks_again()


async def test_a_player_who_declines_what_is_to_be_taken_back_is_remembered_when_the_bot_is_back() -> None:
    async with sending() as it:
        await it.world.clock.advance(5 * SECOND)
        off = BotDisconnected(bot_id=it.bot_id, reason=Undeclared("proxyDown"), detail="d")
        it.world.ctx.publish(off)
        await it.world.execute(DisposeTask(task_id=it.task_id))
        it.steam.relations[it.bot_id, it.player] = Relationship.NONE

        it.world.ctx.publish(BotConnecting(bot_id=it.bot_id))
        it.world.ctx.publish(BotConnected(bot_id=it.bot_id))
        await idle()

        assert it.world.state.tasks[it.task_id].status == "disposed"
        assert it.refusal() == "declined"
        assert it.steam.withdrawn == []
        await it.nobody_asks_again()


async def test_who_has_declined_and_then_asks_the_bot_is_answered() -> None:
    async with sending() as it:
        await it.world.clock.advance(5 * SECOND)
        it.world.ctx.publish(BotDisconnected(bot_id=it.bot_id, reason=Undeclared("proxyDown"), detail="d"))
        it.steam.relations[it.bot_id, it.player] = Relationship.REQUEST_RECIPIENT

        it.world.ctx.publish(BotConnecting(bot_id=it.bot_id))
        it.world.ctx.publish(BotConnected(bot_id=it.bot_id))
        await it.world.clock.advance(MINUTE + 10 * SECOND)

        assert [command.player for command in it.steam.invited] == [it.player, it.player], (
            "asked back, they are friends"
        )
        assert it.refusal() is None
        assert not [e for e in it.world.events if e.kind == "error.logged"]


async def test_an_invite_in_doubt_of_a_task_that_was_put_away_waits_for_steams_list_too() -> None:
    async with sending() as it:
        it.steam.fails = InDoubt(KernelRefusal.IN_DOUBT, "No answer came.")
        await it.world.execute(DisposeTask(task_id=it.task_id))
        await it.world.clock.advance(10 * SECOND)
        assert it.world.state.invites[it.task_id].status == "requested"

        it.says(Relationship.REQUEST_INITIATOR)  # late, but it is there
        assert it.steam.withdrawn == []
        await it.world.clock.advance(30 * SECOND)

        assert [command.player for command in it.steam.withdrawn] == [it.player]
        assert [e.reason for e in it.world.happened(FriendInviteFailed)] == ["withdrawn"]
        assert it.refusal() is None

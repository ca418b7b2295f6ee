"""People who invite a bot themselves: listed, and answered as the setting says, never beyond what is bearable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kernel import commands as c
from kernel.clock import MINUTE, Millis
from kernel.codes import LeftAlone, Undeclared
from kernel.config import check
from kernel.errors import ConfigInvalid
from kernel.events import (
    BotFriendRequestsListed,
    BotInvitesBlocked,
    DoNotContactAdded,
    FriendInviteAccepted,
    FriendRelationshipChanged,
    PlayerArchived,
    Relationship,
    TaskAssigned,
)
from kernel.ids import BotId, SteamId64
from kernel.testing import FakeTransport, World
from plugins.assigner import Assigner
from plugins.fleet.codes import TurnReason
from plugins.invites import Invites
from plugins.steam.friend_requests import BURST, LISTED_MOST
from plugins.steam_protocol.relationship import EFriendRelationship
from plugins.steam_sim.deeds import Deed
from plugins.steam_sim.faults import Fault, FaultKind
from plugins.tasks import Tasks
from tests.plugins.steam.test_plugin import Stage, staged

PLUGINS = (FakeTransport, Tasks, Assigner, Invites)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path) as running:
        yield running


def invites(stage: Stage, deed: Deed, *players: int) -> None:
    own = stage.simulation.accounts.bots[0].steam_id64
    for number in players:
        stage.simulation.deeds.do(stage.simulation.accounts.players[number].steam_id64, deed, own)


def asking(world: World, bot_id: BotId) -> list[SteamId64]:
    return [request.player for request in world.state.bots[bot_id].friend_requests]


def player(stage: Stage, number: int) -> SteamId64:
    return SteamId64(str(stage.simulation.accounts.players[number].steam_id64))


async def test_whoever_invites_a_bot_is_listed_also_while_it_was_away(stage: Stage) -> None:
    bot_id = await stage.online()
    invites(stage, Deed.INVITE, 0)
    await stage.until(lambda: asking(stage.world, bot_id) == [player(stage, 0)])
    since = stage.world.state.bots[bot_id].friend_requests[0].since

    await stage.world.execute(c.DisconnectBot(bot_id=bot_id, reason=TurnReason.ROTATED_OUT))
    invites(stage, Deed.INVITE, 1)
    await stage.world.execute(c.ConnectBot(bot_id=bot_id))
    await stage.until(lambda: asking(stage.world, bot_id) == [player(stage, 0), player(stage, 1)])
    assert stage.world.state.bots[bot_id].friend_requests[0].since == since

    invites(stage, Deed.REMOVE, 0)
    await stage.until(lambda: asking(stage.world, bot_id) == [player(stage, 1)])


async def test_a_stranger_who_invites_and_takes_back_without_end_fills_no_journal(stage: Stage) -> None:
    bot_id = await stage.online()
    began = len(stage.world.events)
    for _ in range(40):
        invites(stage, Deed.INVITE, 0)
        await stage.world.clock.advance(500)
        invites(stage, Deed.REMOVE, 0)
        await stage.world.clock.advance(500)
    invites(stage, Deed.INVITE, 0)
    await stage.until(lambda: asking(stage.world, bot_id) == [player(stage, 0)])

    assert len(stage.world.happened(BotFriendRequestsListed)) <= BURST + 3
    assert not stage.world.happened(FriendRelationshipChanged)
    assert len(stage.world.events) - began <= BURST + 3


async def test_of_a_crowd_of_strangers_a_few_are_listed_and_the_others_counted(stage: Stage) -> None:
    stage.simulation.faults.switch_on(Fault(FaultKind.STRANGERS_INVITE, amount=2_000))
    bot_id = await stage.online()

    bot = stage.world.state.bots[bot_id]
    assert (len(bot.friend_requests), bot.friend_requests_more) == (LISTED_MOST, 2_000 - LISTED_MOST)
    assert len(stage.world.happened(BotFriendRequestsListed)) == 1


async def test_a_request_is_declined_by_command_and_a_friend_is_not(stage: Stage) -> None:
    bot_id = await stage.online()
    friend = await stage.make_friends(bot_id)
    number = next(n for n in range(30) if player(stage, n) != friend)
    invites(stage, Deed.INVITE, number)
    await stage.until(lambda: asking(stage.world, bot_id))

    await stage.world.ctx.execute(c.DeclineFriendRequest(bot_id=bot_id, player=player(stage, number)))
    await stage.world.ctx.execute(c.DeclineFriendRequest(bot_id=bot_id, player=friend))

    own = stage.simulation.accounts.bots[0].steam_id64
    assert stage.simulation.world.relationship(own, int(player(stage, number))) is EFriendRelationship.NONE
    assert stage.simulation.world.relationship(own, int(friend)) is EFriendRelationship.FRIEND
    await stage.until(lambda: not asking(stage.world, bot_id))


class Fleet:
    """Bots of a fake transport, and people who invite them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bots = [world.add_bot(), world.add_bot()]

    def asks(self, bot_id: BotId, *players: SteamId64, shown: bool = True) -> None:
        """They are listed; `shown`: and Steam's list still says so."""
        for one in players if shown else ():
            self.world.transport.relations[bot_id, one] = Relationship.REQUEST_RECIPIENT
        self.world.ctx.publish(BotFriendRequestsListed(bot_id=bot_id, players=players))

    @property
    def declined(self) -> list[tuple[BotId, SteamId64]]:
        return [(command.bot_id, command.player) for command in self.world.transport.declined]

    def holder(self, task_id: Any) -> BotId | None:
        holder: BotId | None = self.world.state.tasks[task_id].assigned_bot_id
        return holder


def fleet(setting: str) -> World:
    return World(*PLUGINS, config={"invites": {"friend_requests": setting}})


async def test_nothing_is_done_about_them_by_default() -> None:
    async with World(*PLUGINS) as world:
        it = Fleet(world)
        it.asks(it.bots[1], world.player())
        await world.clock.advance(60 * MINUTE)

        assert not it.declined
        assert not world.transport.invited


async def test_strangers_are_declined_one_a_minute_and_those_we_deal_with_are_not() -> None:
    async with fleet("decline") as world:
        it = Fleet(world)
        strangers = [world.player() for _ in range(3)]
        dealt, alone, long_ago = world.player(), world.player(), world.player()
        await world.create_task(dealt)
        world.ctx.publish(DoNotContactAdded(player=alone, reason=LeftAlone.SAID_STOP))
        world.ctx.publish(DoNotContactAdded(player=long_ago, reason=LeftAlone.SAID_STOP))
        world.ctx.publish(PlayerArchived(players=(long_ago,)))
        spared = dealt, alone, long_ago
        it.asks(it.bots[1], *spared, *strangers)
        assert not it.declined
        for minute in range(1, 4):
            await world.clock.advance(MINUTE)
            assert it.declined == [(it.bots[1], one) for one in strangers[:minute]]
            it.asks(it.bots[1], *spared, *strangers[minute:])
        await world.clock.advance(10 * MINUTE)

        assert len(it.declined) == 3


async def test_an_open_task_goes_to_the_bot_that_its_player_has_invited_and_out_in_its_turn() -> None:
    async with fleet("accept") as world:
        it = Fleet(world)
        first, second = it.bots
        busy = await world.create_task()  # takes the minute of the first bot
        assert it.holder(busy) == first
        asker = world.player()
        it.asks(first, asker)
        task = await world.create_task(asker)

        assert it.holder(task) == first, "round-robin would have given it to the second"
        assert [command.player for command in world.transport.invited if command.player == asker] == []
        await world.clock.advance(MINUTE)
        assert [(i.bot_id, i.task_id) for i in world.transport.invited if i.player == asker] == [(first, task)]
        assert second not in {command.bot_id for command in world.transport.invited}


async def test_a_task_whose_invite_has_not_gone_out_moves_and_one_that_is_out_stays() -> None:
    async with fleet("accept") as world:
        it = Fleet(world)
        first, second = it.bots
        out, other, waiting = [await world.create_task() for _ in range(3)]
        assert [it.holder(task) for task in (out, other, waiting)] == [first, second, first]
        it.asks(second, world.state.tasks[out].player, world.state.tasks[waiting].player)

        assert [it.holder(task) for task in (out, waiting)] == [first, second]
        assert [event.bot_id for event in world.happened(TaskAssigned) if event.task_id == waiting] == [first, second]
        invite = world.state.invites[waiting]
        assert (invite.bot_id, invite.status) == (second, "queued")
        await world.clock.advance(2 * MINUTE)
        assert [i.bot_id for i in world.transport.invited if i.task_id == waiting] == [second]


@pytest.mark.parametrize("hindrance", [None, "listed", "blocked", "offline", "full", "no task", "taken back"])
async def test_nothing_that_holds_for_invites_is_evaded(hindrance: str | None) -> None:
    async with fleet("accept") as world:
        it = Fleet(world)
        first, second = it.bots
        for _ in range(12 if hindrance == "full" else 2):  # both have used their minute, so the next invite waits
            await world.create_task()
        asker = world.player()
        if hindrance == "listed":  # before: what is open when they are listed ends
            world.ctx.publish(DoNotContactAdded(player=asker, reason=LeftAlone.SAID_STOP))
        task = await world.create_task(asker) if hindrance != "no task" else None
        assert task is None or hindrance == "full" or it.holder(task) == first
        if hindrance == "offline":
            await world.execute(c.DisconnectBot(bot_id=second, reason=TurnReason.ROTATED_OUT))
        if hindrance == "blocked":
            until = Millis(world.clock.now() + 60 * MINUTE)
            blocked = BotInvitesBlocked(bot_id=second, until=until, reason=Undeclared("limit"), detail="d")
            world.ctx.publish(blocked)
        it.asks(second, asker, shown=hindrance != "taken back")
        await world.clock.advance(0)

        assert not [e for e in world.happened(FriendInviteAccepted) if e.bot_id == second and e.player == asker]
        assert not it.declined
        if task is not None:
            assert (it.holder(task) == second) is (hindrance is None)


def test_another_word_than_the_three_is_refused() -> None:
    with pytest.raises(ConfigInvalid, match="friend_requests"):
        check({"kernel": {"plugins": ["invites"]}, "invites": {"friend_requests": "yes"}}, {"invites": Invites})

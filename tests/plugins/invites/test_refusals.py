"""Steam says no: it counts, it is spaced, it ends, and it holds up nobody but whom it is about."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND, Millis
from kernel.codes import KernelRefusal, Undeclared
from kernel.commands import DisposeTask, SendInvite
from kernel.config import check
from kernel.errors import Binds, ConfigInvalid, NotSent, RefusedBySteam
from kernel.events import (
    BotConnected,
    BotConnecting,
    BotDisconnected,
    BotInvitesBlocked,
    FriendInviteRefused,
    FriendInviteRequested,
    FriendInviteSent,
    Relationship,
)
from kernel.hookspecs import Rejection, hookimpl
from kernel.ids import SteamId64, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.testing import NOON, FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.fleet import Fleet
from plugins.invites import Invites
from plugins.steam.codes import SteamRefusal
from plugins.tasks import Tasks
from tests.restart import history, replay


class Refusing(FakeTransport):
    """Writes down every invite that reaches Steam, and refuses those of the players in `refused`."""

    def __init__(self, ctx: object, config: PluginConfig) -> None:
        super().__init__(ctx, config)  # type: ignore[arg-type]
        self.reached: list[tuple[int, SteamId64]] = []
        self.refused: dict[SteamId64, Callable[[], RefusedBySteam]] = {}
        self.refuses_all: Callable[[], RefusedBySteam] | None = None
        self.invite_fails = self.answer

    def answer(self, command: SendInvite) -> None:
        self.reached.append((self.ctx.clock.now() - NOON, command.player))
        refusal = self.refuses_all or self.refused.get(command.player)
        if refusal is not None:
            raise refusal()


PLUGINS = (Refusing, Tasks, Assigner, Invites)


def busy(retry_after: int | None = None) -> RefusedBySteam:
    return RefusedBySteam(SteamRefusal.STEAM_BUSY, "Steam is busy.", binds=Binds.REQUEST, retry_after=retry_after)


def steam(world: World) -> Refusing:
    return world.plugin(Refusing)


async def test_what_steam_refuses_to_everybody_is_asked_five_times_ever_more_rarely_and_then_the_task_says_why() -> (
    None
):
    async with World(*PLUGINS) as world:
        world.add_bot()
        steam(world).refuses_all = busy
        task_id = await world.create_task()

        await world.clock.advance(6 * HOUR)

        moments = [ts // MINUTE for ts, _ in steam(world).reached]
        assert moments == [0, 2, 6, 14, 30]
        task = world.state.tasks[task_id]
        assert (task.status, task.reason, task.invite_attempts) == ("failed", "steamBusy", 5)
        assert task.detail == "Steam is busy. It was tried 5 times."


async def test_between_two_tries_the_task_says_what_steam_said_and_when_it_is_asked_again() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        steam(world).refuses_all = busy
        task_id = await world.create_task()

        task = world.state.tasks[task_id]
        assert (task.reason, task.waiting_until) == ("steamBusy", NOON + 2 * MINUTE)
        assert task.detail == "Steam is busy. It is tried again, 5 times in all."

        await world.clock.advance(2 * MINUTE)
        assert world.state.tasks[task_id].waiting_until == NOON + 6 * MINUTE
        assert [e.retry_at for e in world.happened(FriendInviteRefused)] == [NOON + 2 * MINUTE, NOON + 6 * MINUTE]


async def test_steam_is_not_asked_before_the_time_that_it_names() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        steam(world).refuses_all = lambda: busy(10 * MINUTE)
        await world.create_task()

        await world.clock.advance(HOUR)

        assert [ts // MINUTE for ts, _ in steam(world).reached] == [0, 10, 20, 30, 46]


async def test_how_often_it_is_tried_is_a_setting_with_an_end() -> None:
    async with World(*PLUGINS, config={"invites": {"tries": 2}}) as world:
        world.add_bot()
        steam(world).refuses_all = busy
        task_id = await world.create_task()
        await world.clock.advance(HOUR)
        assert len(steam(world).reached) == 2
        assert world.state.tasks[task_id].status == "failed"

    with pytest.raises(ConfigInvalid, match="tries: must be from 1 to 10"):
        check({"kernel": {"plugins": ["invites"]}, "invites": {"tries": 11}}, {"invites": Invites})


async def test_a_bot_asks_steam_once_a_minute_whatever_steam_answers_and_however_often_we_start_anew() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        steam(world).refuses_all = busy
        for _ in range(4):
            await world.create_task()
        await world.clock.advance(3 * MINUTE + 20 * SECOND)
        reached = steam(world).reached
        world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("proxyDown"), detail="d"))
        past = history(world)
    for _ in range(3):
        async with World(replay(past), *PLUGINS, Fleet, clock=world.clock) as world:
            steam(world).refuses_all = busy
            await world.clock.advance(3 * MINUTE + 10 * SECOND)
            reached += steam(world).reached
            world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("proxyDown"), detail="d"))
            past = history(world)

    moments = [ts for ts, _ in reached]
    assert len(moments) >= 10
    assert all(later - earlier >= MINUTE for earlier, later in pairwise(moments)), moments


async def test_what_steam_refused_is_in_the_fleets_hour() -> None:
    async with World(*PLUGINS, ContactPolicy, config={"contact_policy": {"invites_per_hour": 3}}) as world:
        for _ in range(2):
            world.add_bot()
        steam(world).refuses_all = busy
        for _ in range(8):
            await world.create_task()

        await world.clock.advance(HOUR - 1)
        assert len(steam(world).reached) == 3

        waiting = [task for task in world.state.tasks.values() if task.reason == "fleetInviteLimit"]
        assert waiting and all((task.waiting_until or 0) >= NOON + HOUR for task in waiting)


async def test_one_players_refusals_hold_up_that_player_alone() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        poisoned, *others = [world.player() for _ in range(4)]
        steam(world).refused[poisoned] = busy
        for player in (poisoned, *others):
            await world.create_task(player)

        await world.clock.advance(HOUR)

        sent = [(e.ts - NOON) // MINUTE for e in world.events if isinstance(e.payload, FriendInviteSent)]
        assert [player for _, player in steam(world).reached if player != poisoned] == others
        assert sent == [1, 2, 3], "whom Steam has refused comes again after those who have had no try"
        assert len(steam(world).reached) == 3 + 5


async def test_tasks_that_wait_for_their_next_try_keep_no_others_from_the_bot() -> None:
    config = {"assigner": {"waiting_per_bot": 1}}
    async with World(*PLUGINS, config=config) as world:
        world.add_bot()
        poisoned, other = world.player(), world.player()
        steam(world).refused[poisoned] = busy
        await world.create_task(poisoned)
        await world.create_task(other)

        await world.clock.advance(MINUTE)

        assert [player for _, player in steam(world).reached] == [poisoned, other]


async def test_a_refusal_that_binds_the_player_ends_the_task_at_once_and_counts() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        blocks, other = world.player(), world.player()
        text = "Steam answered BLOCKED (40) to the invite: the player blocks this bot"
        steam(world).refused[blocks] = lambda: RefusedBySteam(SteamRefusal.PLAYER_BLOCKS_BOT, text, binds=Binds.PLAYER)
        task_id = await world.create_task(blocks)
        await world.create_task(other)

        task = world.state.tasks[task_id]
        assert (task.status, task.reason, task.detail, task.invite_attempts) == ("failed", "playerBlocksBot", text, 1)
        assert world.state.accounts[world.state.bots[bot_id].steam_id64].last_invite_at == NOON
        assert world.state.contact.invites == (NOON,)
        await world.clock.advance(MINUTE)
        assert steam(world).reached == [(0, blocks), (MINUTE, other)]


async def test_a_refusal_that_binds_the_account_is_counted_and_the_task_moves_on_to_its_next_try() -> None:
    async with World(*PLUGINS) as world:
        first = world.add_bot()

        def too_many() -> RefusedBySteam:
            return RefusedBySteam(
                KernelRefusal.INVITES_BLOCKED, "Too many invites.", binds=Binds.ACCOUNT, retry_after=DAY
            )

        steam(world).refuses_all = too_many
        task_id = await world.create_task()
        assert world.state.bots[first].invites_blocked_until == NOON + DAY
        assert world.state.tasks[task_id].status == "created"
        for _ in range(6):
            world.add_bot()
            await world.clock.advance(MINUTE)

        task = world.state.tasks[task_id]
        assert (task.status, task.reason, task.invite_attempts) == ("failed", "invitesBlocked", 5)
        assert len(steam(world).reached) == 5
        assert len(world.happened(BotInvitesBlocked)) == 5


async def test_what_a_crash_has_left_of_a_refusal_is_concluded_by_the_next_start() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        steam(world).refuses_all = lambda: RefusedBySteam(
            SteamRefusal.PLAYER_BANNED, "The player is banned.", binds=Binds.PLAYER
        )
        task_id = await world.create_task()
        names = [e.kind for e in world.events]
        past = history(world)[: names.index("friendInvite.refused") + 1]
    async with World(replay(past), *PLUGINS, clock=world.clock) as world:
        await world.clock.advance(HOUR)

        assert (world.state.tasks[task_id].status, world.state.tasks[task_id].reason) == ("failed", "playerBanned")
        assert steam(world).reached == []


async def test_the_next_try_is_kept_over_a_restart() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        steam(world).refuses_all = busy
        await world.create_task()
        await world.clock.advance(30 * SECOND)
        past = history(world)
    async with World(replay(past), *PLUGINS, clock=world.clock) as world:
        await world.clock.advance(90 * SECOND - 1)
        assert steam(world).reached == []
        await world.clock.advance(1)
        assert [ts for ts, _ in steam(world).reached] == [2 * MINUTE]


async def test_no_plugin_sends_an_invite_before_its_next_try() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        steam(world).refuses_all = busy
        player = world.player()
        task_id = await world.create_task(player)
        await world.clock.advance(90 * SECOND)

        world.ctx.publish(FriendInviteRequested(task_id=task_id, bot_id=bot_id, player=player))
        refused = await world.refusal(SendInvite(task_id=task_id, bot_id=bot_id, player=player))

        assert (refused.code, refused.retry_after) == ("inviteInterval", 30 * SECOND)
        assert len(steam(world).reached) == 1


async def test_a_task_put_away_between_two_tries_is_not_tried_again() -> None:
    async with World(*PLUGINS) as world:
        world.add_bot()
        steam(world).refuses_all = busy
        task_id = await world.create_task()
        await world.execute(DisposeTask(task_id=task_id))

        await world.clock.advance(HOUR)

        assert len(steam(world).reached) == 1
        assert world.state.invites == {}


async def test_an_invite_that_steam_shows_although_it_refused_it_was_sent() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        steam(world).refuses_all = busy
        player = world.player()
        task_id = await world.create_task(player)

        steam(world).relate(bot_id, player, Relationship.REQUEST_INITIATOR)
        assert (world.state.tasks[task_id].status, world.state.invites[task_id].status) == ("invited", "sent")
        await world.clock.advance(HOUR)
        assert len(steam(world).reached) == 1

        steam(world).relate(bot_id, player, Relationship.NONE)
        assert world.state.players[player].invite_refusal == "declined"


async def test_an_invite_that_steam_shows_after_its_refusal_has_ended_the_task_is_taken_back() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        steam(world).refuses_all = lambda: RefusedBySteam(
            SteamRefusal.PLAYER_BANNED, "The player is banned.", binds=Binds.PLAYER
        )
        player = world.player()
        await world.create_task(player)

        steam(world).relate(bot_id, player, Relationship.REQUEST_INITIATOR)
        await idle()

        assert [w.player for w in steam(world).withdrawn] == [player]
        stranger = world.player()
        steam(world).relate(
            bot_id, stranger, Relationship.REQUEST_INITIATOR
        )  # somebody has sent it with another Steam client
        await idle()
        assert [w.player for w in steam(world).withdrawn] == [player]


async def test_an_invite_that_steam_shows_after_its_refusal_and_its_tasks_end_is_taken_back() -> None:
    async with World(*PLUGINS) as world:
        bot_id = world.add_bot()
        steam(world).refuses_all = busy
        player = world.player()
        task_id = await world.create_task(player)
        await world.execute(DisposeTask(task_id=task_id), actor="operator:anna")

        steam(world).relate(bot_id, player, Relationship.REQUEST_INITIATOR)
        await idle()
        assert [w.player for w in steam(world).withdrawn] == [player]


async def test_an_invite_of_an_ended_task_that_was_accepted_while_the_bot_was_off_is_remembered() -> None:
    async with World(*PLUGINS, Dialogue, ContactPolicy) as world:
        bot_id = world.add_bot()
        player = world.player()
        task_id = await world.create_task(player)
        world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("networkDown"), detail="d"))
        await world.execute(DisposeTask(task_id=task_id), actor="operator:anna")

        steam(world).relations[bot_id, player] = Relationship.FRIEND
        world.ctx.publish(BotConnecting(bot_id=bot_id))
        world.ctx.publish(BotConnected(bot_id=bot_id))
        await world.clock.advance(HOUR)
        assert steam(world).withdrawn == []

        steam(world).relate(bot_id, player, Relationship.NONE)
        listed = world.state.players[player].do_not_contact
        assert listed is not None
        assert listed.reason == "removedUs", "they had been friends"


async def test_what_can_never_leave_for_now_is_tried_ever_more_rarely_and_counts_for_nothing() -> None:
    tried: list[int] = []

    class Unable(FakeTransport):
        def invite(self, command: SendInvite) -> None:
            tried.append(self.ctx.clock.now() - NOON)
            raise NotSent(Undeclared("wayOutClosed"), "The way out is closed.")

    async with World(Unable, Tasks, Assigner, Invites) as world:
        world.add_bot()
        task_id = await world.create_task()

        await world.clock.advance(HOUR)

        assert [ts // SECOND for ts in tried][:6] == [0, 5, 15, 35, 75, 155]
        assert len(tried) < 20
        task = world.state.tasks[task_id]
        assert (task.status, task.reason, task.invite_attempts) == ("assigned", "wayOutClosed", 0)
        assert world.state.contact.invites == ()


async def test_what_never_can_leave_as_it_is_ends_and_counts_for_nothing() -> None:
    class Unable(FakeTransport):
        def invite(self, command: SendInvite) -> None:
            raise NotSent(Undeclared("badPlayer"), "There can be no such player.", again=False)

    async with World(Unable, Tasks, Assigner, Invites) as world:
        bot_id = world.add_bot()
        task_id = await world.create_task()

        task = world.state.tasks[task_id]
        assert (task.status, task.reason, task.invite_attempts) == ("failed", "badPlayer", 0)
        assert world.state.contact.invites == ()
        assert world.state.bots[bot_id].steam_id64 not in world.state.accounts


class Picky(Plugin[PluginConfig]):
    """A guard that objects to one player for an hour."""

    player: SteamId64

    @hookimpl
    def admit(self, command: object, now: Millis) -> Rejection | None:
        if not isinstance(command, SendInvite) or command.player != self.player or now >= NOON + HOUR:
            return None
        return Rejection("This player sleeps.", Undeclared("asleep"), retry_after=NOON + HOUR - now)


async def test_what_a_guard_objects_to_about_one_player_holds_up_no_other() -> None:
    async with World(*PLUGINS, Picky) as world:
        world.add_bot()
        world.plugin(Picky).player = asleep = world.player()
        awake = world.player()
        task_id: TaskId = await world.create_task(asleep)
        await world.create_task(awake)

        assert steam(world).reached == [(0, awake)]
        assert (world.state.tasks[task_id].reason, world.state.tasks[task_id].waiting_until) == ("asleep", NOON + HOUR)
        await world.clock.advance(HOUR)
        assert steam(world).reached == [(0, awake), (HOUR, asleep)]

"""What a player may still see is owed back by the account, whatever becomes of the task, the bot or this process."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import pytest

from kernel.clock import DAY, MINUTE, SECOND
from kernel.codes import KernelRefusal, OffReason, Open, Undeclared
from kernel.commands import AllowInvite, CreateTask, DisposeTask, RemoveBot, SendInvite, WithdrawInvite
from kernel.errors import InDoubt, NotSent
from kernel.events import (
    BotAdded,
    BotDisconnected,
    Envelope,
    FriendInviteFailed,
    FriendInviteLeftBehind,
    FriendInviteSent,
    FriendInviteTakenBack,
    Relationship,
)
from kernel.ids import BotId, SteamId64, new_bot_id
from kernel.testing import FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.contact_policy import ContactPolicy
from plugins.fleet import Fleet
from plugins.invites import Invites
from plugins.tasks import Tasks
from tests.restart import history, replay


class Standing(FakeTransport):
    """A Steam that keeps how accounts and players stand, and shows what became of a withdrawal."""

    unable: NotSent | InDoubt | None = None
    before: ClassVar[dict[tuple[str, str], Relationship]] = {}
    """How bots and players stand when the process starts."""

    async def start(self) -> None:
        await super().start()
        self.standing: dict[tuple[SteamId64, SteamId64], Open[Relationship]] = {}
        self.relations |= self.before
        self.ctx._router._handlers.pop("WithdrawInvite")
        self.ctx.handle(WithdrawInvite, self.withdraw)

    def invite(self, command: SendInvite) -> None:
        super().invite(command)
        self.relate(command.bot_id, command.player, Relationship.REQUEST_INITIATOR)

    def withdraw(self, command: WithdrawInvite) -> None:
        if self.unable is not None:
            raise self.unable
        self.withdrawn.append(command)
        self.relate(command.bot_id, command.player, Relationship.NONE)

    def relate(self, bot_id: BotId, player: SteamId64, relationship: Open[Relationship]) -> None:
        self.standing[self.ctx.state.bots[bot_id].steam_id64, player] = relationship
        super().relate(bot_id, player, relationship)

    def back(self, account: SteamId64) -> BotId:
        """The account is added again and online; how it stands with everybody is as it was at Steam."""
        bot_id = new_bot_id()
        for (whose, player), relationship in self.standing.items():
            if whose == account:
                self.relations[bot_id, player] = relationship
        self.ctx.publish(BotAdded(bot_id=bot_id, steam_id64=account, proxy_url="socks5h://127.0.0.1:1"))
        return bot_id


PLUGINS = (Standing, Fleet, ContactPolicy, Tasks, Assigner, Invites)
QUICK: dict[str, dict[str, object]] = {"fleet": {"sign_in_spacing_ms": 0}, "invites": {"lapse_days": 1}}


def task_for(player: SteamId64) -> CreateTask:
    return CreateTask(player=player, item="x", price_min=Decimal(1), price_max=Decimal(1), currency="USD")


async def invited(world: World) -> tuple[BotId, SteamId64, SteamId64]:
    """A bot, its account, and a player whom it has invited."""
    bot_id = world.add_bot()
    await idle()
    player = world.player()
    await world.create_task(player)
    await world.clock.advance(SECOND)
    assert [command.player for command in world.plugin(Standing).invited] == [player]
    return bot_id, world.state.bots[bot_id].steam_id64, player


def drop(world: World, bot_id: BotId) -> None:
    world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("proxyDown"), detail="d"))


async def removed_while_off(world: World) -> tuple[SteamId64, SteamId64]:
    """An account whose bot was removed while it was off, and the player who still sees its invite."""
    bot_id, account, player = await invited(world)
    drop(world, bot_id)
    await world.execute(RemoveBot(bot_id=bot_id))
    assert bot_id not in world.state.bots
    assert world.plugin(Standing).withdrawn == []
    return account, player


async def test_while_a_removed_account_has_an_invite_with_a_player_no_bot_invites_them() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        account, player = await removed_while_off(world)
        world.add_bot()

        refusal = await world.refusal(task_for(player))

        assert (refusal.code, account in refusal.message) == ("playerBusy", True)
        assert [debt.player for debt in world.state.accounts[account].left_behind] == [player]


async def test_what_was_left_behind_is_taken_back_when_the_account_is_back() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        account, player = await removed_while_off(world)
        past = history(world)
        standing = world.plugin(Standing).standing
    async with World(replay(past), *PLUGINS, clock=world.clock, config=QUICK) as world:
        steam = world.plugin(Standing)
        steam.standing |= standing
        bot_id = steam.back(account)
        await world.clock.advance(MINUTE)

        assert [(w.bot_id, w.player) for w in steam.withdrawn] == [(bot_id, player)]
        assert world.state.accounts[account].left_behind == ()
        assert player not in world.state.players, "we took it back: the player has refused nothing"
        await world.create_task(player)


@pytest.mark.parametrize(
    ("answer", "refusal", "code"),
    [
        (Relationship.FRIEND, None, None),
        (Relationship.NONE, "inDoubt", "inviteInDoubt"),
        (Relationship.BLOCKED, "declined", "inviteRefusedBefore"),
        (Relationship.REQUEST_RECIPIENT, None, None),
    ],
)
async def test_what_the_player_made_of_it_meanwhile_ends_it_too(
    answer: Relationship, refusal: str | None, code: str | None
) -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        account, player = await removed_while_off(world)
        steam = world.plugin(Standing)
        steam.standing[account, player] = answer

        steam.back(account)
        await world.clock.advance(MINUTE)

        assert steam.withdrawn == []
        assert world.state.accounts[account].left_behind == ()
        row = world.state.players.get(player)
        assert (row.invite_refusal if row is not None else None) == refusal
        if code is not None:
            assert (await world.refusal(task_for(player))).code == code


async def test_a_word_that_nobody_understands_leaves_the_debt_and_no_bot_invites_the_player() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        account, player = await removed_while_off(world)
        steam = world.plugin(Standing)
        steam.standing[account, player] = Undeclared("suggested")

        bot_id = steam.back(account)
        await world.clock.advance(MINUTE)
        steam.relate(bot_id, player, Undeclared("suggested"))

        assert [debt.player for debt in world.state.accounts[account].left_behind] == [player]
        assert (await world.refusal(task_for(player))).code == "playerBusy"
        steam.relate(bot_id, player, Relationship.REQUEST_INITIATOR)
        await world.clock.advance(MINUTE)
        assert [command.player for command in steam.withdrawn] == [player]


async def test_a_person_who_knows_better_ends_the_wait() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        account, player = await removed_while_off(world)

        await world.execute(AllowInvite(player=player))

        assert world.state.accounts[account].left_behind == ()
        await world.create_task(player)


async def test_a_bot_that_is_online_takes_its_invites_back_before_it_goes() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        bot_id, account, player = await invited(world)

        await world.execute(RemoveBot(bot_id=bot_id))

        kinds = [e.kind for e in world.events if e.kind.startswith(("friendInvite", "bot.removed"))]
        assert kinds[-4:] == ["friendInvite.leftBehind", "friendInvite.failed", "friendInvite.takenBack", "bot.removed"]
        assert [w.player for w in world.plugin(Standing).withdrawn] == [player]
        assert world.state.accounts[account].left_behind == ()
        assert player not in world.state.players


async def test_a_withdrawal_that_fails_at_a_removal_leaves_the_debt() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        bot_id, account, player = await invited(world)
        world.plugin(Standing).unable = InDoubt(KernelRefusal.IN_DOUBT, "The connection broke.")

        await world.execute(RemoveBot(bot_id=bot_id))

        assert [debt.player for debt in world.state.accounts[account].left_behind] == [player]
        assert (await world.refusal(task_for(player))).code == "playerBusy"


async def unable_to_take_back(world: World) -> tuple[BotId, SteamId64]:
    """A bot whose task was put away while Steam took no withdrawal, and its account."""
    bot_id, account, _ = await invited(world)
    steam = world.plugin(Standing)
    steam.unable = NotSent(KernelRefusal.BOT_OFFLINE, "The session is over.")
    await world.execute(DisposeTask(task_id=next(iter(world.state.tasks))))
    assert len(world.state.accounts[account].left_behind) == 1
    steam.unable = None
    return bot_id, account


async def test_a_withdrawal_that_fails_is_tried_again_after_a_while() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        _, account = await unable_to_take_back(world)

        await world.clock.advance(5 * MINUTE - 1)
        assert world.plugin(Standing).withdrawn == []
        await world.clock.advance(1)

        assert len(world.plugin(Standing).withdrawn) == 1
        assert world.state.accounts[account].left_behind == ()


async def test_a_withdrawal_that_fails_is_tried_again_at_once_when_the_bot_is_back() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        bot_id, account = await unable_to_take_back(world)

        drop(world, bot_id)
        await world.clock.advance(MINUTE)

        assert len(world.plugin(Standing).withdrawn) == 1
        assert world.state.accounts[account].left_behind == ()


async def test_a_decline_while_it_waits_to_be_taken_back_is_no_withdrawal_of_ours() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        bot_id, account, player = await invited(world)
        steam = world.plugin(Standing)
        steam.unable = NotSent(KernelRefusal.BOT_OFFLINE, "The session is over.")
        await world.execute(DisposeTask(task_id=next(iter(world.state.tasks))))

        steam.relate(bot_id, player, Relationship.NONE)

        assert world.state.accounts[account].left_behind == ()
        assert (await world.refusal(task_for(player))).code == "inviteInDoubt"


@pytest.mark.parametrize("command", [DisposeTask, RemoveBot])
async def test_steam_is_told_only_after_the_decision_is_on_disk(command: type[DisposeTask | RemoveBot]) -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        bot_id, _, _ = await invited(world)
        commits = world.system.commits
        commits.take_charge(world.state.seq)
        asked = (
            DisposeTask(task_id=next(iter(world.state.tasks))) if command is DisposeTask else RemoveBot(bot_id=bot_id)
        )
        asking = world.ctx.spawn(world.ctx.execute(asked), "ask")
        await idle()
        assert world.happened(FriendInviteLeftBehind)
        assert world.plugin(Standing).withdrawn == [], "nothing of it is on disk yet"

        while not asking.done():
            commits.advance(world.state.seq)
            await idle()
        assert len(world.plugin(Standing).withdrawn) == 1


@pytest.mark.parametrize("reason", ["withdrawn", "lapsed"])
async def test_after_a_crash_at_any_moment_a_withdrawn_invite_is_never_taken_for_declined(reason: str) -> None:
    """The process dies after each event in turn; Steam has seen the withdrawal from the moment when it could leave."""
    async with World(*PLUGINS, config=QUICK) as world:
        bot_id, account, player = await invited(world)
        before = world.state.seq
        if reason == "lapsed":
            await world.clock.advance(DAY)
        else:
            await world.execute(DisposeTask(task_id=next(iter(world.state.tasks))))
        assert len(world.plugin(Standing).withdrawn) == 1
        whole = history(world)
        left_at = next(e.seq for e in world.events if isinstance(e.payload, FriendInviteFailed))
    for seq in range(before, len(whole) + 1):
        past = whole[:seq]
        off = BotDisconnected(bot_id=bot_id, reason=OffReason.RESTARTED, detail="d")
        restarted = Envelope.of(seq + 1, past[-1].ts, "plugin:steam", None, off)
        standing = {(bot_id, player): Relationship.NONE if seq >= left_at else Relationship.REQUEST_INITIATOR}
        restarted_steam = type("Standing", (Standing,), {"before": standing, "__module__": __name__})
        plugins = (replay([*past, restarted]), restarted_steam, *PLUGINS[1:])
        async with World(*plugins, clock=world.clock, config=QUICK) as again:
            await again.clock.advance(MINUTE)
            assert again.state.bots[bot_id].status == "connected"

            row = again.state.players.get(player)
            assert row is None or row.invite_refusal != "declined", f"after event {seq}: {past[-1].kind}"
            assert "declined" not in {
                e.payload.reason for e in again.events if isinstance(e.payload, FriendInviteFailed)
            }
            if seq >= left_at:
                assert again.state.accounts[account].left_behind == ()


async def test_an_invite_that_lapses_is_taken_back_after_that_was_decided() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        _, _, player = await invited(world)
        await world.clock.advance(DAY)

        told = [e.payload for e in world.events if e.kind.startswith("friendInvite.")][-3:]
        assert [type(event) for event in told] == [FriendInviteLeftBehind, FriendInviteFailed, FriendInviteTakenBack]
        assert [w.player for w in world.plugin(Standing).withdrawn] == [player]
        assert world.state.players[player].invite_refusal == "lapsed"


async def test_an_invite_that_steam_has_not_shown_yet_is_still_taken_back() -> None:
    class Late(Standing):
        def invite(self, command: SendInvite) -> None:
            self.invited.append(command)  # its answer is here, and its place in the list is not
            sent = FriendInviteSent(task_id=command.task_id, bot_id=command.bot_id, player=command.player)
            self.ctx.publish(sent)

    async with World(Late, *PLUGINS[1:], config=QUICK) as world:
        bot_id = world.add_bot()
        await idle()
        task_id = await world.create_task(player := world.player())
        await world.execute(DisposeTask(task_id=task_id))
        assert [debt.player for debt in world.state.accounts[world.state.bots[bot_id].steam_id64].left_behind] == [
            player
        ]

        world.plugin(Late).relate(bot_id, player, Relationship.REQUEST_INITIATOR)
        await idle()

        assert [w.player for w in world.plugin(Late).withdrawn] == [player]
        assert player not in world.state.players


async def test_what_steam_never_shows_ends_as_a_doubt() -> None:
    async with World(*PLUGINS, config=QUICK) as world:
        bot_id, account, player = await invited(world)
        steam = world.plugin(Standing)
        steam.standing[account, player] = steam.relations[bot_id, player] = Relationship.NONE  # and nobody has told
        await world.execute(DisposeTask(task_id=next(iter(world.state.tasks))))

        await world.clock.advance(29 * SECOND)
        assert len(world.state.accounts[account].left_behind) == 1
        await world.clock.advance(SECOND)

        assert world.state.accounts[account].left_behind == ()
        assert (await world.refusal(task_for(player))).code == "inviteInDoubt"

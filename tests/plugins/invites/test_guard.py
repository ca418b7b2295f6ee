"""The guard of SendInvite: whoever asks, only what is decided goes out, and one a minute."""

from __future__ import annotations

from typing import ClassVar

from kernel.clock import MINUTE
from kernel.commands import Command, SendInvite
from kernel.errors import Rejected
from kernel.events import FriendInviteQueued, FriendInviteRequested, FriendInviteSent, TaskAssigned, TaskStatusChanged
from kernel.hookspecs import Rejection, hookimpl
from kernel.ids import BotId, SteamId64, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import TaskStatus
from kernel.testing import FakeTransport, World, idle
from plugins.assigner import Assigner
from plugins.invites import Invites
from plugins.invites.guard import ProposedInvite, objection
from plugins.tasks import Tasks


class Case:
    """A world without the plugin itself, in which invites are made by hand."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.bot_id = world.add_bot()

    async def invite(self, *steps: type[FriendInviteQueued | FriendInviteRequested | FriendInviteSent]) -> SendInvite:
        player = self.world.player()
        task_id = await self.world.create_task(player)
        self.world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=self.bot_id))
        for step in steps:
            self.world.ctx.publish(step(task_id=task_id, bot_id=self.bot_id, player=player))
        return SendInvite(task_id=task_id, bot_id=self.bot_id, player=player)

    def objection(self, command: SendInvite) -> Rejection | None:
        return objection(command, self.world.state, self.world.clock.now(), MINUTE)


async def test_a_bare_command_sends_nothing() -> None:
    async with World(FakeTransport, Tasks, Invites) as world:
        bot_id = world.add_bot()

        refused = await world.refusal(SendInvite(task_id=TaskId("task_x"), bot_id=bot_id, player=world.player()))

        assert (refused.code, refused.status) == ("inviteNotDecided", 409)
        assert world.transport.invited == []


async def test_what_the_queue_has_decided_may_go() -> None:
    async with World(FakeTransport, Tasks) as world:
        case = Case(world)

        assert case.objection(await case.invite(FriendInviteQueued, FriendInviteRequested)) is None


async def test_what_still_waits_may_not_go() -> None:
    async with World(FakeTransport, Tasks) as world:
        case = Case(world)

        rejection = case.objection(await case.invite(FriendInviteQueued))

        assert rejection is not None
        assert rejection.code == "inviteNotDecided"


async def test_another_player_or_bot_than_decided_may_not_be_invited() -> None:
    async with World(FakeTransport, Tasks) as world:
        case = Case(world)
        decided = await case.invite(FriendInviteQueued, FriendInviteRequested)
        others = [
            SendInvite(task_id=decided.task_id, bot_id=decided.bot_id, player=SteamId64("76561198999999999")),
            SendInvite(task_id=decided.task_id, bot_id=world.add_bot(), player=decided.player),
            SendInvite(task_id=decided.task_id, bot_id=BotId("bot_nobody"), player=decided.player),
        ]

        codes = [rejection.code for other in others if (rejection := case.objection(other))]

        assert codes == ["inviteNotDecided", "inviteNotDecided", "unknownBot"]


async def test_an_invite_whose_task_has_ended_may_not_go() -> None:
    async with World(FakeTransport, Tasks) as world:
        case = Case(world)
        command = await case.invite(FriendInviteQueued, FriendInviteRequested)
        world.ctx.publish(TaskStatusChanged(task_id=command.task_id, status=TaskStatus.DISPOSED))

        rejection = case.objection(command)

        assert rejection is not None
        assert rejection.code == "inviteNotDecided"


async def test_a_second_invite_waits_for_what_is_left_of_the_minute() -> None:
    async with World(FakeTransport, Tasks) as world:
        case = Case(world)
        await case.invite(FriendInviteQueued, FriendInviteRequested, FriendInviteSent)
        await world.clock.advance(20_000)

        command = await case.invite(FriendInviteQueued, FriendInviteRequested)

        rejection = case.objection(command)
        assert rejection is not None
        assert (rejection.code, rejection.retry_after) == ("inviteInterval", 40_000)
        await world.clock.advance(40_000)
        assert case.objection(command) is None


async def test_while_one_invite_is_on_its_way_no_other_goes() -> None:
    async with World(FakeTransport, Tasks) as world:
        case = Case(world)
        await case.invite(FriendInviteQueued, FriendInviteRequested)

        rejection = case.objection(await case.invite(FriendInviteQueued, FriendInviteRequested))

        assert rejection is not None
        assert (rejection.code, rejection.retry_after) == ("invitePending", MINUTE)


async def test_a_command_for_an_invite_in_the_queue_is_judged_whoever_gives_it() -> None:
    async with World(FakeTransport, Tasks, Assigner, Invites) as world:
        bot_id = world.add_bot()
        players = [world.player() for _ in range(2)]
        first, second = [await world.create_task(player) for player in players]
        await idle()
        assert [invite.task_id for invite in world.transport.invited] == [first]

        command = SendInvite(task_id=second, bot_id=bot_id, player=players[1])
        for caller in ("operator:anna", "notebook:anna", "plugin:invites"):
            assert (await world.refusal(command, actor=caller)).code == "inviteNotDecided"

        assert [invite.task_id for invite in world.transport.invited] == [first]


async def test_also_while_the_scheduler_asks_the_other_guards_about_that_very_invite() -> None:
    class Nosy(Plugin[PluginConfig]):
        """Asks about the same invite in its own name, while it is asked about it."""

        codes: ClassVar[list[str]] = []

        @hookimpl
        def admit(self, command: Command[None]) -> None:
            if isinstance(command, ProposedInvite):
                own = SendInvite(task_id=command.task_id, bot_id=command.bot_id, player=command.player)
                try:
                    self.ctx.hooks.admit(own)
                except Rejected as rejected:
                    self.codes.append(rejected.code)

    async with World(FakeTransport, Tasks, Assigner, Invites, Nosy) as world:
        world.add_bot()
        await world.create_task(world.player())
        await idle()

        assert (Nosy.codes, len(world.transport.invited)) == (["inviteNotDecided"], 1)


async def test_what_is_only_proposed_is_carried_out_by_nobody() -> None:
    async with World(FakeTransport, Tasks, Assigner, Invites) as world:
        bot_id, player = world.add_bot(connected=False), world.player()
        task_id = await world.create_task(player)

        proposed = ProposedInvite(task_id=task_id, bot_id=bot_id, player=player)
        assert (await world.refusal(proposed)).code == "noHandler"
        assert world.transport.invited == []

"""What the state remembers for the players' sake: who was cleared when, and how many invites went out this hour."""

from __future__ import annotations

from msgspec.structs import replace

from kernel.clock import HOUR
from kernel.codes import LeftAlone, WaitReason
from kernel.events import (
    BotRemoved,
    ChatAgentToggled,
    ChatClosed,
    ChatStarted,
    DoNotContactAdded,
    DoNotContactRemoved,
    FriendInviteFailed,
    FriendInviteQueued,
    FriendInviteRequested,
    FriendInviteSent,
    TaskStatusChanged,
)
from kernel.ids import BotId, ChatId, SteamId64, TaskId
from kernel.rows import TaskStatus
from kernel.state import State
from kernel.testing import NOON, FakeTransport, World
from plugins.dialogue.codes import ChatEnd, HandoverReason
from tests.kernel.test_state import TASK, bot_added, fold

PLAYER = SteamId64("76561198000000001")


def queued(number: int) -> FriendInviteQueued:
    return FriendInviteQueued(task_id=TaskId(f"task_{number}"), bot_id=BotId("bot_1"), player=PLAYER)


def requested(number: int) -> FriendInviteRequested:
    return FriendInviteRequested(task_id=TaskId(f"task_{number}"), bot_id=BotId("bot_1"), player=PLAYER)


def with_two_tasks(world: World) -> World:
    for event in (bot_added(1), TASK, replace(TASK, task_id=TaskId("task_2"))):
        world.ctx.publish(event)
    return world


def counted(world: World) -> list[int]:
    """The requests that count towards the fleet's hour, in milliseconds after the test's beginning."""
    return [ts - NOON for ts in world.state.contact.invites]


def test_who_was_taken_off_the_list_is_remembered_with_the_moment() -> None:
    state = State()
    fold(state, DoNotContactAdded(player=PLAYER, reason=LeftAlone.SAID_STOP))
    assert state.players[PLAYER].cleared_at is None

    fold(state, DoNotContactRemoved(player=PLAYER))
    assert state.players[PLAYER].do_not_contact is None
    assert state.players[PLAYER].cleared_at == 1_000

    fold(state, DoNotContactAdded(player=PLAYER, reason=LeftAlone.OPERATOR))
    assert state.players[PLAYER].cleared_at == 1_000, "being listed again does not unsay it"


async def test_an_invite_that_went_back_into_the_queue_does_not_count_towards_the_hour() -> None:
    async with World(FakeTransport) as world:
        with_two_tasks(world)
        world.ctx.publish(queued(1))
        world.ctx.publish(requested(1))
        assert counted(world) == [0]

        await world.clock.advance(5)
        world.ctx.publish(queued(1))
        assert counted(world) == []

        world.ctx.publish(requested(1))
        assert counted(world) == [5]


async def test_of_two_invites_requested_in_one_moment_one_still_counts_when_the_other_goes_back() -> None:
    async with World(FakeTransport) as world:
        with_two_tasks(world)
        for event in (queued(1), requested(1), queued(2), requested(2), queued(1)):
            world.ctx.publish(event)

        assert counted(world) == [0]


async def test_an_invite_that_goes_back_after_its_hour_takes_nobody_elses_count_along() -> None:
    async with World(FakeTransport) as world:
        with_two_tasks(world)
        world.ctx.publish(queued(1))
        world.ctx.publish(requested(1))
        await world.clock.advance(HOUR)
        world.ctx.publish(queued(2))
        world.ctx.publish(requested(2))
        assert counted(world) == [HOUR], "the first has left the window"

        world.ctx.publish(queued(1))
        assert counted(world) == [HOUR]


def test_of_two_open_chats_of_one_player_the_other_is_still_known_when_one_is_closed() -> None:
    state = State()
    one, other = (ChatStarted(chat_id=ChatId(f"c{n}"), bot_id=BotId(f"bot_{n}"), player=PLAYER) for n in (1, 2))
    fold(state, bot_added(1), bot_added(2), one, other)
    fold(state, ChatAgentToggled(chat_id=one.chat_id, enabled=False, epoch=2, reason=HandoverReason.TAKEN_OVER))
    assert state.index.open_chat_of_player == {PLAYER: "c2"}, "a toggle does not make a chat the latest"

    fold(state, ChatClosed(chat_id=other.chat_id, reason=ChatEnd.COMPLETED))
    assert state.index.open_chat_of_player == {PLAYER: "c1"}

    fold(state, ChatClosed(chat_id=one.chat_id, reason=ChatEnd.COMPLETED))
    assert state.index.open_chat_of_player == {}
    assert not state.index.is_busy(one.bot_id)


def test_an_account_knows_everyone_whom_it_ever_talked_with_also_after_its_bot_was_removed() -> None:
    state = State()
    fold(state, bot_added(1), ChatStarted(chat_id=ChatId("c1"), bot_id=BotId("bot_1"), player=PLAYER))
    fold(state, ChatClosed(chat_id=ChatId("c1"), reason=ChatEnd.COMPLETED))
    account = state.bots[BotId("bot_1")].steam_id64

    fold(state, BotRemoved(bot_id=BotId("bot_1")))
    assert state.index.players_of_account == {account: {PLAYER}}
    assert state.index.chat_of_account == {(account, PLAYER): "c1"}


def test_an_invite_is_pending_with_its_player_from_the_request_until_its_end() -> None:
    state = State()
    fold(state, bot_added(1), TASK, queued(1))
    assert state.index.pending_invites_of_player == {}

    fold(state, requested(1))
    assert state.index.pending_invites_of_player == {PLAYER: {"task_1": None}}

    fold(state, queued(1))
    assert state.index.pending_invites_of_player == {}, "it surely was not sent"

    fold(state, requested(1), FriendInviteSent(task_id=TASK.task_id, bot_id=BotId("bot_1"), player=PLAYER))
    fold(state, TaskStatusChanged(task_id=TASK.task_id, status=TaskStatus.DISPOSED))
    assert PLAYER in state.index.pending_invites_of_player, "the player still sees it"

    withdrawn = FriendInviteFailed(
        task_id=TASK.task_id, bot_id=BotId("bot_1"), player=PLAYER, reason=WaitReason.WITHDRAWN, detail="…"
    )
    fold(state, withdrawn)
    assert state.index.pending_invites_of_player == {}

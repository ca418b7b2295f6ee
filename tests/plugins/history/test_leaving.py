"""What leaves the state, when and in which order; and all that keeps a row where it is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kernel.clock import DAY, HOUR, MINUTE, Millis
from kernel.codes import DoubtReason, LeftAlone
from kernel.events import (
    BotRemoved,
    ChatArchived,
    ChatMessageFailed,
    ChatMessageInDoubt,
    ChatMessageSending,
    ChatNoteAdded,
    DoNotContactAdded,
    DoNotContactRemoved,
    FriendInviteLeftBehind,
    FriendInviteQueued,
    PlayerArchived,
    TaskArchived,
    TaskSettled,
    TaskStatusChanged,
    TaskTraded,
)
from kernel.hookspecs import hookimpl
from kernel.ids import BotId, ChatId, NoteId, SteamId64, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import TaskStatus
from kernel.testing import FakeTransport, World
from plugins.history.leaving import GONE_S, OVERLAP_S, Leaving
from tests.plugins.contact_policy.scene import Scene

ARCHIVED = (ChatArchived, TaskArchived, PlayerArchived)


class Shelf(Plugin[PluginConfig]):
    """An archive that has everything at once, or only what a test says."""

    keep = (14 * DAY, 1_000)
    upto: int | None = None

    async def start(self) -> None:
        self.leaving = Leaving(self.ctx, *self.keep)
        self.ctx.spawn(self.leaving.run(), "leaving")

    @hookimpl
    def archived_upto(self) -> int | None:
        return self.ctx.state.seq if self.upto is None else self.upto


class Story(Scene):
    """A world with deals that are over."""

    bot: BotId

    def deal_over(self) -> tuple[SteamId64, TaskId, ChatId]:
        """A deal that has ended just now, with a line of the player's."""
        player = self.world.player()
        task_id, chat_id = self.deal(player, self.bot)
        self.hear(chat_id, "deal")
        self.end_task(task_id)
        self.close(chat_id)
        return player, task_id, chat_id

    def left(self) -> list[type[Any]]:
        """What has left, in this order."""
        return [type(e.payload) for e in self.world.events if isinstance(e.payload, ARCHIVED)]


@asynccontextmanager
async def story(keep_ms: int = 14 * DAY, keep_rows: int = 1_000) -> AsyncIterator[Story]:
    class Kept(Shelf):
        keep = (keep_ms, keep_rows)

    async with World(FakeTransport, Kept) as world:
        it = Story(world)
        it.bot = world.add_bot()
        yield it


async def test_a_chat_leaves_so_long_after_its_end_and_its_task_with_it() -> None:
    async with story(keep_ms=3 * HOUR) as it:
        player, *_ = it.deal_over()
        it.world.ctx.publish(DoNotContactAdded(player=player, reason=LeftAlone.SAID_STOP))
        await it.world.clock.advance(3 * HOUR - 2 * MINUTE)
        assert it.left() == []

        await it.world.clock.advance(10 * MINUTE)
        assert it.left() == [ChatArchived, TaskArchived]
        assert not it.state.chats
        assert not it.state.tasks
        assert player in it.state.players, "of those who are left alone the latest thousand stay"


async def test_of_more_than_so_many_the_oldest_leave_but_none_within_the_hour_of_its_end() -> None:
    async with story(keep_rows=2) as it:
        deals = [it.deal_over() for _ in range(5)]
        for player, *_ in deals:
            it.world.ctx.publish(DoNotContactAdded(player=player, reason=LeftAlone.SAID_STOP))
            await it.world.clock.advance(MINUTE)
        await it.world.clock.advance(54 * MINUTE)
        assert it.left() == []
        await it.world.clock.advance(20 * MINUTE)

        assert [*it.state.chats] == [chat_id for _, _, chat_id in deals[3:]]
        assert [*it.state.tasks] == [task_id for _, task_id, _ in deals[3:]]
        assert [*it.state.players] == [player for player, *_ in deals[3:]]
        assert all(it.state.left_alone(player) for player, *_ in deals)


async def test_no_more_than_a_hundred_leave_at_once() -> None:
    async with story(keep_rows=0) as it:
        for _ in range(150):
            it.deal_over()
        await it.world.clock.advance(2 * HOUR)

        taken = [len(e.payload.chat_ids) for e in it.world.events if isinstance(e.payload, ChatArchived)]
        assert taken == [100, 50]
        assert it.left() == [ChatArchived, ChatArchived, TaskArchived, TaskArchived]


def owed(it: Story, chat_id: ChatId) -> None:
    it.queue(chat_id, "one more")


def in_doubt(it: Story, chat_id: ChatId) -> None:
    line = it.queue(chat_id, "one more")
    it.world.ctx.publish(ChatMessageSending(chat_id=chat_id, message_id=line.message_id))
    it.world.ctx.publish(ChatMessageInDoubt(chat_id=chat_id, message_id=line.message_id, detail="…"))


def left_behind(it: Story, chat_id: ChatId) -> None:
    chat = it.state.chats[chat_id]
    assert chat.account is not None
    it.world.ctx.publish(FriendInviteLeftBehind(steam_id64=chat.account, player=chat.player))


def invited(it: Story, chat_id: ChatId) -> None:
    chat = it.state.chats[chat_id]
    assert chat.task_id is not None
    it.world.ctx.publish(FriendInviteQueued(task_id=chat.task_id, bot_id=chat.bot_id, player=chat.player))


def unheard(it: Story, chat_id: ChatId) -> None:
    it.world.transport.heard = it.world.clock.now() // 1_000 + OVERLAP_S


def not_archived(it: Story, chat_id: ChatId) -> None:
    it.world.plugin(Shelf).upto = it.state.seq - 1


@pytest.mark.parametrize("keeps", [owed, in_doubt, left_behind, invited, unheard, not_archived])
async def test_what_is_not_settled_heard_or_archived_stays(keeps: Callable[[Story, ChatId], None]) -> None:
    async with story(0, 0) as it:
        *_, chat_id = it.deal_over()
        keeps(it, chat_id)
        await it.world.clock.advance(HOUR + 10 * MINUTE)

        assert chat_id in it.state.chats
        assert len(it.state.tasks) == 1


async def test_a_line_that_nobody_waits_for_any_more_keeps_nothing() -> None:
    async with story(0, 0) as it:
        *_, chat_id = it.deal_over()
        line = it.queue(chat_id, "one more")
        gone = ChatMessageFailed(
            chat_id=chat_id, message_id=line.message_id, reason=DoubtReason.DISCARDED_IN_DOUBT, detail="…"
        )
        it.world.ctx.publish(gone)
        await it.world.clock.advance(2 * HOUR)

        assert it.left() == [ChatArchived, TaskArchived]


async def test_a_row_that_changes_between_its_proposal_and_its_end_stays_until_that_is_archived_too() -> None:
    async with story(0, 0) as it:
        shelf = it.world.plugin(Shelf)
        *_, chat_id = it.deal_over()
        shelf.upto = it.state.seq - 1
        await it.world.clock.advance(HOUR + MINUTE)  # proposed, and the archive is behind
        it.world.ctx.publish(ChatNoteAdded(chat_id=chat_id, note_id=NoteId("note_1"), text="paid by hand"))
        shelf.upto = it.state.seq - 1  # all but the note
        await it.world.clock.advance(HOUR + 10 * MINUTE)
        assert chat_id in it.state.chats, "the archive has not got the note"
        shelf.upto = None
        await it.world.clock.advance(5 * MINUTE)
        assert chat_id not in it.state.chats


async def test_who_was_a_friend_when_they_were_taken_off_the_list_stays_and_others_go() -> None:
    async with story(0, 0) as it:
        (one, *_), (other, *_) = it.deal_over(), it.deal_over()
        account = it.state.bots[it.bot].steam_id64
        for player, friends in ((one, (account,)), (other, ())):
            it.world.ctx.publish(DoNotContactAdded(player=player, reason=LeftAlone.OPERATOR))
            it.world.ctx.publish(DoNotContactRemoved(player=player, friends=friends))
        await it.world.clock.advance(2 * HOUR)

        assert [*it.state.players] == [one]
        remembered = it.state.remembered.get(other)
        assert remembered is not None
        assert remembered.cleared


async def test_an_account_that_is_no_bot_any_more_is_read_back_behind_what_it_had_heard() -> None:
    async with story(0, 0) as it:
        *_, chat_id = it.deal_over()
        chat = it.state.chats[chat_id]
        assert chat.account is not None
        assert chat.messages[-1].steam_ts is not None
        it.world.ctx.publish(BotRemoved(bot_id=it.bot))
        await it.world.clock.advance(2 * HOUR)

        assert it.state.met.heard_until(chat.account) == chat.messages[-1].steam_ts + GONE_S


async def test_without_an_archive_nothing_leaves() -> None:
    async with World(FakeTransport) as world:
        it = Story(world)
        it.bot = world.add_bot()
        it.deal_over()
        leaving = Leaving(world.ctx, 0, 0)
        await world.clock.advance(2 * HOUR)
        for _ in range(3):
            leaving.tick()

        assert it.left() == []


async def test_a_late_line_or_note_gives_a_chat_one_more_hour() -> None:
    async with story(0, 0) as it:
        chats = [it.chat(it.world.player(), it.bot) for _ in range(3)]
        for chat_id in chats:
            it.close(chat_id)
        await it.world.clock.advance(50 * MINUTE)
        it.hear(chats[0], "thanks")
        it.world.ctx.publish(ChatNoteAdded(chat_id=chats[1], note_id=NoteId("note_1"), text="a good one"))
        await it.world.clock.advance(40 * MINUTE)
        assert [*it.state.chats] == chats[:2]

        await it.world.clock.advance(40 * MINUTE)
        assert not it.state.chats


async def test_a_task_goes_with_its_chat_though_there_are_few_tasks() -> None:
    async with story(keep_rows=1) as it:
        it.deal_over()
        it.deal_over()
        it.close(unasked := it.chat(it.world.player(), it.bot))
        await it.world.clock.advance(2 * HOUR)

        assert [*it.state.chats] == [unasked]
        assert not it.state.tasks


async def test_a_chat_stays_while_the_next_one_of_the_two_began_soon_after_it_and_goes_on() -> None:
    async with story(0, 0) as it:
        player, _, first = it.deal_over()
        second = it.chat(player, it.bot)
        await it.world.clock.advance(3 * HOUR)
        assert [*it.state.chats] == [first, second], "what is read back for the second has lines of the first"

        it.close(second)
        await it.world.clock.advance(2 * HOUR)
        assert not it.state.chats


async def test_a_trade_that_steam_can_still_reverse_stays_until_it_has_settled() -> None:
    async with story(0, 0) as it:
        task_id, chat_id = it.deal(it.world.player(), it.bot)
        it.world.ctx.publish(TaskStatusChanged(task_id=task_id, status=TaskStatus.RESOLVED))
        it.close(chat_id)
        until = Millis(it.world.clock.now() + 7 * DAY)
        it.world.ctx.publish(TaskTraded(task_id=task_id, reversible_until=until))
        await it.world.clock.advance(7 * DAY)
        assert [*it.state.tasks] == [task_id]

        it.world.ctx.publish(TaskSettled(task_id=task_id))
        await it.world.clock.advance(HOUR + 10 * MINUTE)
        assert not it.state.tasks

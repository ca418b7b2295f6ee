"""The life of a chat: where it comes from, what is taken down in it, and how it ends."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kernel.clock import HOUR
from kernel.codes import LeftAlone, WaitReason
from kernel.commands import DisposeTask, FailTask, ResolveTask, SendMessage, ToggleAgent, UndoOutcome
from kernel.events import (
    BotRemoved,
    ChatClosed,
    ChatMessageFailed,
    ChatMessageReceived,
    ChatStarted,
    DoNotContactAdded,
    FriendInviteAccepted,
    FriendInviteLeftBehind,
    FriendInviteTakenBack,
    Relationship,
    TaskAssigned,
)
from kernel.hookspecs import Reply
from kernel.rows import FailureReason, Sender, TaskStatus
from kernel.testing import idle
from tests.plugins.dialogue.stage import (
    Actor,
    befriend,
    begin,
    chat_of,
    come_online,
    deliveries,
    go_offline,
    said,
    stage,
)


async def test_a_friend_who_writes_unasked_gets_a_chat_with_the_agent_off() -> None:
    async with stage() as world:
        bot_id, player = world.add_bot(), world.player()
        world.transport.say(bot_id, player, "hi, who is this?")
        await idle()
        chat = world.state.chats[world.state.index.open_chat_of_player[player]]
        assert (chat.task_id, chat.agent_enabled, chat.owner) == (None, False, None)
        assert [(m.sender, m.text) for m in chat.messages] == [(Sender.PLAYER, "hi, who is this?")]
        assert not world.plugin(Actor).turns


async def test_the_same_line_is_taken_down_once_however_often_it_arrives() -> None:
    async with stage() as world:
        chat = await begin(world)
        for text, ordinal in (("yes", 900), ("yes", 900), ("yes", 901)):
            world.transport.say(chat.bot_id, chat.player, text, ordinal=ordinal)
        assert len(world.happened(ChatMessageReceived)) == 2


async def test_a_task_takes_the_place_of_a_chat_that_its_player_began() -> None:
    async with stage() as world:
        bot_id, player = world.add_bot(), world.player()
        task_id = await world.create_task(player)
        world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
        world.transport.say(bot_id, player, "thanks for the invite")
        world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
        await idle()
        chat = world.state.chats[world.state.tasks[task_id].chat_id or ""]
        assert [e.reason for e in world.happened(ChatClosed)] == ["taskBegan"]
        assert chat.is_open and chat.agent_enabled
        assert len(said(world, chat)) == 1


async def test_a_chat_that_an_operator_leads_by_hand_stays_in_their_hands_when_its_task_begins() -> None:
    async with stage() as world:
        bot_id, player = world.add_bot(), world.player()
        task_id = await world.create_task(player)
        world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
        world.transport.say(bot_id, player, "thanks for the invite")
        await world.execute(ToggleAgent(chat_id=world.state.index.open_chat_of_player[player], enabled=False))
        world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
        await idle()
        assert not world.state.chats[world.state.tasks[task_id].chat_id or ""].agent_enabled
        assert not world.plugin(Actor).turns


async def test_an_invite_accepted_twice_begins_one_chat() -> None:
    async with stage() as world:
        chat = await begin(world)
        again = FriendInviteAccepted(task_id=chat.task_id or "", bot_id=chat.bot_id, player=chat.player)  # type: ignore[arg-type]
        world.ctx.publish(again)
        await idle()
        assert len(world.happened(ChatStarted)) == 1


async def test_an_invite_accepted_too_late_begins_none() -> None:
    async with stage() as world:
        bot_id, player = world.add_bot(), world.player()
        task_id = await world.create_task(player)
        world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
        await world.execute(DisposeTask(task_id=task_id))
        world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
        await idle()
        assert not world.state.chats


async def test_a_disposed_task_ends_its_chat_and_nothing_more_is_said() -> None:
    async with stage(typing_least_ms=1_000) as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one", "two"), wait=HOUR)
        chat = await begin(world)
        await world.clock.advance(1_000)
        await world.execute(DisposeTask(task_id=chat.task_id or ""))  # type: ignore[arg-type]
        await world.clock.advance(24 * HOUR)
        assert len(said(world, chat)) == 1
        assert [e.reason for e in world.happened(ChatClosed)] == ["disposed"]
        assert [e.reason for e in world.happened(ChatMessageFailed)] == ["chatClosed"]
        assert len(world.plugin(Actor).turns) == 1


async def test_a_deal_by_hand_ends_its_chat_and_undone_goes_on_in_another_one_without_an_agent() -> None:
    async with stage() as world:
        chat = await begin(world)
        task_id = chat.task_id
        assert task_id is not None
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        await world.execute(ResolveTask(task_id=task_id, agreed_price=Decimal(11)))
        assert not chat_of(world, chat.id).is_open
        sent = len(world.transport.sent)

        await world.execute(UndoOutcome(task_id=task_id))
        await world.clock.advance(24 * HOUR)

        again = world.state.tasks[task_id].chat_id
        assert again is not None and again != chat.id
        assert (chat_of(world, again).is_open, chat_of(world, again).agent_enabled) == (True, False)
        assert len(world.transport.sent) == sent, "the player hears nothing of it"
        await world.execute(SendMessage(chat_id=again, text="Sorry, wrong row. Where were we?"))
        await idle()
        assert said(world, chat_of(world, again)) == ["Sorry, wrong row. Where were we?"]


async def test_a_task_opened_again_has_no_agent_after_a_crash_either() -> None:
    async with stage() as world:
        chat = await begin(world)
        assert chat.task_id is not None
        await world.execute(FailTask(task_id=chat.task_id, reason=FailureReason.OTHER))
        world.transport.relations.clear()  # Steam has not said yet who its friends are
        await world.execute(UndoOutcome(task_id=chat.task_id))
        assert world.state.tasks[chat.task_id].chat_id is None
        sent = len(world.transport.sent)

        world.transport.relations[chat.bot_id, chat.player] = Relationship.FRIEND
        go_offline(world, chat.bot_id)
        come_online(world, chat.bot_id)
        await world.clock.advance(24 * HOUR)

        again = world.state.tasks[chat.task_id].chat_id
        assert again is not None and not chat_of(world, again).agent_enabled
        assert len(world.transport.sent) == sent


async def test_a_player_who_is_to_be_left_alone_is_in_no_open_chat() -> None:
    async with stage(typing_least_ms=1_000) as world:
        chat = await begin(world)
        world.ctx.publish(DoNotContactAdded(player=chat.player, reason=LeftAlone.SAID_STOP))
        await world.clock.advance(HOUR)
        assert said(world, chat) == []
        assert not chat_of(world, chat.id).is_open
        assert world.state.tasks[chat.task_id or ""].status is TaskStatus.FAILED


async def test_what_a_player_writes_after_the_end_is_kept_and_an_operator_who_answers_begins_anew() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="end", texts=("Bye!",), outcome=TaskStatus.RESOLVED)
        chat = await begin(world)
        await world.clock.advance(1_000)
        world.transport.say(chat.bot_id, chat.player, "and the trade?")
        await idle()
        assert len(world.happened(ChatStarted)) == 1
        assert len(world.plugin(Actor).turns) == 1
        assert not chat_of(world, chat.id).is_open
        assert chat_of(world, chat.id).messages[-1].text == "and the trade?"
        await world.execute(SendMessage(chat_id=chat.id, text="Coming!"))
        by_hand = world.state.chats[world.state.index.open_chat_of_player[chat.player]]
        assert (by_hand.task_id, by_hand.agent_enabled) == (None, False)
        assert said(world, by_hand) == ["Coming!"]
        refused = await world.refusal(SendMessage(chat_id=chat.id, text="me too"), actor="plugin:advertiser")
        assert refused.code == "chatClosed"


async def test_nobody_writes_in_an_ended_chat_to_a_player_who_is_in_another() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="end", texts=("Bye!",), outcome=TaskStatus.RESOLVED)
        chat = await begin(world)
        await world.create_task(chat.player)
        refused = await world.refusal(SendMessage(chat_id=chat.id, text="Hello again"))
        assert refused.code == "playerBusy"


async def test_a_friend_of_two_bots_is_heard_by_both_and_answered_by_one() -> None:
    async with stage() as world:
        chat, other_bot = await begin(world), world.add_bot()
        world.transport.say(other_bot, chat.player, "and who are you?")
        await idle()
        second = world.state.chats[world.state.index.chat_between[other_bot, chat.player]]
        assert [m.text for m in second.messages] == ["and who are you?"]
        assert not second.is_open
        refused = await world.refusal(SendMessage(chat_id=second.id, text="Nobody"))
        assert refused.code == "playerBusy"


async def test_a_friend_on_the_do_not_contact_list_is_heard_and_not_answered() -> None:
    async with stage() as world:
        bot_id, player = world.add_bot(), world.player()
        world.ctx.publish(DoNotContactAdded(player=player, reason=LeftAlone.OPERATOR))
        world.transport.say(bot_id, player, "hello?")
        await idle()
        chat = world.state.chats[world.state.index.chat_between[bot_id, player]]
        assert [m.text for m in chat.messages] == ["hello?"]
        assert not chat.is_open


async def test_a_chat_without_a_task_is_closed_when_nobody_writes_in_it_for_long() -> None:
    async with stage(unasked_idle_hours=48) as world:
        bot_id, player = world.add_bot(), world.player()
        world.transport.say(bot_id, player, "hi")
        await world.clock.advance(47 * HOUR)
        chat_id = world.state.index.open_chat_of_player[player]
        await world.execute(SendMessage(chat_id=chat_id, text="Hello!"))
        await world.clock.advance(48 * HOUR - 1)
        assert chat_of(world, chat_id).is_open
        await world.clock.advance(1)
        assert not chat_of(world, chat_id).is_open
        await world.create_task(player)  # free again


async def test_words_for_a_bot_that_was_removed_are_failed_and_say_so() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.execute(SendMessage(chat_id=chat.id, text="Are you there?"))
        world.ctx.publish(ChatClosed(chat_id=chat.id, reason=WaitReason.BOT_REMOVED))
        await world.execute(DisposeTask(task_id=chat.task_id or ""))  # type: ignore[arg-type]
        world.ctx.publish(BotRemoved(bot_id=chat.bot_id))
        await idle()
        assert deliveries(world, chat)[-1] == ("Are you there?", "failed")
        refused = await world.refusal(SendMessage(chat_id=chat.id, text="Hello?"))
        assert refused.code == "botRemoved"


async def test_a_line_from_an_unknown_bot_disturbs_nobody() -> None:
    async with stage() as world:
        chat = await begin(world)
        world.transport.say("bot_gone", chat.player, "hello?")  # type: ignore[arg-type]
        come_online(world, world.add_bot(connected=False))
        await idle()
        assert not world.happened(ChatMessageReceived)


async def test_two_chats_of_one_bot_do_not_wait_for_each_other() -> None:
    async with stage(typing_least_ms=5_000) as world:
        bot_id = world.add_bot()
        first = await befriend(world, bot_id, world.player())
        second = await befriend(world, bot_id, world.player())
        await world.clock.advance(5_000)
        assert len(said(world, chat_of(world, first))) == len(said(world, chat_of(world, second))) == 1


@pytest.mark.parametrize("relationship", [Relationship.FRIEND, Relationship.NONE])
async def test_who_accepts_an_invite_that_was_to_be_taken_back_is_met_in_a_chat_that_is_closed_at_once(
    relationship: Relationship,
) -> None:
    """So it is heard when they end the friendship, though nobody has said a word."""
    async with stage() as world:
        bot_id, player = world.add_bot(), world.player()
        account = world.state.bots[bot_id].steam_id64
        world.ctx.publish(FriendInviteLeftBehind(steam_id64=account, player=player))
        world.transport.relations[bot_id, player] = relationship
        world.ctx.publish(FriendInviteTakenBack(steam_id64=account, player=player))

        met = [(chat.player, chat.is_open, chat.messages) for chat in world.state.chats.values()]
        assert met == ([(player, False, ())] if relationship == Relationship.FRIEND else [])
        assert player not in world.state.index.open_chat_of_player

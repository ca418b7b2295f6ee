"""A message that left and was not answered: looked for in Steam's history, and never repeated by the system."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from kernel.clock import DAY, HOUR, MINUTE, SECOND
from kernel.commands import (
    DeliverMessage,
    DiscardMessage,
    DisposeTask,
    HistoryLine,
    RetryMessage,
    SendMessage,
    ToggleAgent,
)
from kernel.errors import Binds, RefusedBySteam, Unfinished
from kernel.events import (
    BotRemoved,
    ChatAgentToggled,
    ChatArchived,
    ChatClosed,
    ChatMessageEchoed,
    ChatMessageQueued,
    ChatMessageWaiting,
    ContactPaused,
    ContactResumed,
    Envelope,
    ErrorLogged,
    FriendInviteAccepted,
    TaskAssigned,
    TaskStatusChanged,
)
from kernel.hookspecs import Reply
from kernel.ids import ChatId, MessageId
from kernel.rows import Chat, Message, TaskStatus
from kernel.testing import World, idle
from plugins.dialogue import Dialogue
from plugins.steam.codes import SteamRefusal
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import (
    AT_ONCE,
    PREFACE,
    Actor,
    Forgetful,
    SlowDisk,
    begin,
    chat_of,
    come_online,
    deliveries,
    go_offline,
    on_the_wire,
    said,
    stage,
)
from tests.restart import history, replay

HELLO = "Hello?"


def steam(world: World) -> Forgetful:
    return world.plugin(Forgetful)


async def write(world: World, chat: Chat, *, delivered: bool, lag_ms: int = 0) -> MessageId:
    """An operator's line whose answer is lost; Steam has it or not, and shows it that much later."""
    steam(world).lose_the_next_answer(delivered=delivered)
    steam(world).lag_ms = lag_ms
    return await world.execute(SendMessage(chat_id=chat.id, text=HELLO))


def line(world: World, chat: Chat, message_id: MessageId) -> Message:
    message = chat_of(world, chat.id).message(message_id)
    assert message is not None
    return message


async def test_what_is_looked_for_in_a_chat_that_has_left_the_state_is_let_go() -> None:
    async with stage() as world:
        chat = await begin(world)
        await write(world, chat, delivered=False)
        await world.execute(DisposeTask(task_id=chat.task_id or ""))  # type: ignore[arg-type]
        await world.clock.advance(4 * MINUTE)
        assert not any(message.is_owed for message in chat_of(world, chat.id).messages)
        world.ctx.publish(ChatArchived(chat_ids=(chat.id,)))
        reads = steam(world).reads

        await world.clock.advance(DAY)
        go_offline(world, chat.bot_id)
        come_online(world, chat.bot_id)
        await world.clock.advance(DAY)

        assert steam(world).reads == reads
        assert world.happened(ErrorLogged) == []


async def test_a_chat_that_waited_for_contact_may_leave_before_that_is_resumed() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        world.ctx.publish(ContactPaused())
        await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        await world.execute(DisposeTask(task_id=chat.task_id or ""))  # type: ignore[arg-type]
        world.ctx.publish(ChatArchived(chat_ids=(chat.id,)))

        world.ctx.publish(ContactResumed())
        await world.clock.advance(MINUTE)

        assert world.happened(ErrorLogged) == []


async def test_a_chat_may_leave_while_it_is_being_read() -> None:
    async with stage() as world:
        chat = await begin(world)
        await write(world, chat, delivered=False)
        await world.execute(DisposeTask(task_id=chat.task_id or ""))  # type: ignore[arg-type]
        steam(world).during_read = lambda: world.ctx.publish(ChatArchived(chat_ids=(chat.id,)))

        await world.clock.advance(DAY)

        assert chat.id not in world.state.chats
        assert world.happened(ErrorLogged) == []


# ── history that lags, never shows it, shows it twice


@pytest.mark.parametrize("lag_ms", [0, 30 * SECOND, 90 * SECOND])
async def test_what_steam_shows_within_two_minutes_was_sent_and_is_with_the_player_once(lag_ms: int) -> None:
    async with stage() as world:
        chat = await begin(world)
        message_id = await write(world, chat, delivered=True, lag_ms=lag_ms)
        await world.clock.advance(4_999)
        assert line(world, chat, message_id).delivery == "sending"
        assert "lost" in (line(world, chat, message_id).error or ""), "the row says what it waits for"
        await world.clock.advance(2 * MINUTE)
        found, told = line(world, chat, message_id), steam(world).history[chat.bot_id, chat.player][-1]
        assert (found.delivery, found.steam_ts, found.ordinal) == ("sent", told.steam_ts, told.ordinal)
        assert (found.error, found.attempt) == (None, None)
        await world.clock.advance(DAY)
        assert on_the_wire(world, chat, HELLO) == 1
        assert steam(world).reads <= 5


async def test_what_shows_after_five_minutes_is_in_doubt_until_then_and_sent_from_then_on() -> None:
    async with stage() as world:
        chat = await begin(world)
        message_id = await write(world, chat, delivered=True, lag_ms=4 * MINUTE)
        await world.clock.advance(2 * MINUTE)
        doubtful = line(world, chat, message_id)
        assert (doubtful.delivery, doubtful.reason) == ("inDoubt", "inDoubt")
        assert "within 120 s" in (doubtful.error or "")
        await world.clock.advance(3 * MINUTE)
        assert line(world, chat, message_id).delivery == "sent"
        await world.clock.advance(DAY)
        assert on_the_wire(world, chat, HELLO) == 1
        assert not world.happened(ChatMessageEchoed)


@pytest.mark.parametrize("unreadable", [False, True])
async def test_what_never_shows_stays_in_doubt_and_is_neither_repeated_nor_looked_for_for_ever(
    unreadable: bool,
) -> None:
    async with stage() as world:
        chat = await begin(world)
        message_id = await write(world, chat, delivered=False)
        steam(world).forgets = unreadable
        await world.clock.advance(2 * MINUTE - 1)
        assert line(world, chat, message_id).delivery == "sending"
        await world.clock.advance(1)
        assert line(world, chat, message_id).delivery == "inDoubt"
        assert ("cannot be read" in (line(world, chat, message_id).error or "")) is unreadable
        await world.clock.advance(DAY)
        assert line(world, chat, message_id).delivery == "inDoubt"
        assert said(world, chat).count(HELLO) == 0
        assert steam(world).reads == 8


async def test_a_line_that_steam_shows_twice_is_one_line() -> None:
    async with stage() as world:
        chat = await begin(world)
        message_id = await write(world, chat, delivered=True)
        lines = steam(world).history[chat.bot_id, chat.player]
        lines.append(lines[-1])
        await world.clock.advance(5_000)
        told = lines[-1]
        go_offline(world, chat.bot_id)
        come_online(world, chat.bot_id)
        await idle()
        assert line(world, chat, message_id).steam_ts == told.steam_ts
        assert not world.happened(ChatMessageEchoed)
        assert deliveries(world, chat)[1:] == [(HELLO, "sent")]


async def test_the_same_words_said_before_do_not_pass_for_a_message_in_doubt() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        message_id = await write(world, chat, delivered=False)
        await world.clock.advance(2 * MINUTE)
        assert line(world, chat, message_id).delivery == "inDoubt"
        assert on_the_wire(world, chat, HELLO) == 1


async def test_the_words_of_an_earlier_chat_with_the_player_do_not_pass_for_a_message_in_doubt() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("Hello!",), outcome=TaskStatus.RESOLVED)
        chat = await begin(world)
        first_words = f"{PREFACE}\nHello!"
        steam(world).lose_the_next_answer(delivered=False)
        task_id = await world.create_task(chat.player)
        world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=chat.bot_id))
        world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=chat.bot_id, player=chat.player))
        await world.clock.advance(2 * MINUTE)
        second = world.state.chats[world.state.tasks[task_id].chat_id or ""]
        assert deliveries(world, second) == [(first_words, "inDoubt")]


def refuse_but_deliver(world: World, chat: Chat) -> None:
    """Steam answers that it is busy to the next message, and the player has it all the same."""

    async def lie(command: DeliverMessage) -> None:
        steam(world).deliver_holds = None
        lines = steam(world).history[chat.bot_id, chat.player]
        lines.append(HistoryLine(True, command.text, world.clock.now() // 1_000, 9_001))
        raise RefusedBySteam(SteamRefusal.STEAM_BUSY, "Steam is busy.", binds=Binds.REQUEST)

    steam(world).deliver_holds = lie


async def test_what_steam_refused_and_took_all_the_same_is_not_said_again() -> None:
    async with stage(refused_first_ms=30_000) as world:
        chat = await begin(world)
        refuse_but_deliver(world, chat)
        await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        assert deliveries(world, chat)[-1] == (HELLO, "queued")
        await world.clock.advance(HOUR)
        assert deliveries(world, chat)[-1] == (HELLO, "sent")
        assert on_the_wire(world, chat, HELLO) == 1


async def test_what_steam_refused_is_looked_up_also_where_a_pause_came_between() -> None:
    async with stage(refused_first_ms=30_000) as world:
        chat = await begin(world)
        refuse_but_deliver(world, chat)
        await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        world.ctx.publish(ContactPaused())
        await world.execute(SendMessage(chat_id=chat.id, text="and more"))
        world.ctx.publish(ContactResumed())
        await world.clock.advance(HOUR)
        assert deliveries(world, chat)[-2:] == [(HELLO, "sent"), ("and more", "sent")]
        assert on_the_wire(world, chat, HELLO) == 1


async def test_what_steam_refused_before_its_chat_closed_is_not_said_to_be_surely_away() -> None:
    async with stage(refused_first_ms=30_000) as world:
        chat = await begin(world)
        refuse_but_deliver(world, chat)
        message_id = await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        ended = TaskStatusChanged(task_id=chat.task_id or "", status=TaskStatus.DISPOSED)  # type: ignore[arg-type]
        world.ctx.publish(ended)
        await idle()
        gone = line(world, chat, message_id)
        assert (gone.delivery, gone.reason) == ("failed", "inDoubt")


async def test_what_steam_refused_and_somebody_took_back_may_have_arrived() -> None:
    async with stage(refused_first_ms=30_000) as world:
        chat = await begin(world)
        refuse_but_deliver(world, chat)
        message_id = await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        await world.execute(DiscardMessage(chat_id=chat.id, message_id=message_id))
        assert line(world, chat, message_id).reason == "discardedInDoubt"


async def test_a_transport_that_breaks_in_the_middle_or_answers_nonsense_leaves_the_message_in_doubt() -> None:
    async with stage() as world:
        chat = await begin(world)

        async def break_after(command: DeliverMessage) -> None:
            steam(world).deliver_holds = None
            raise RuntimeError("a bug")

        steam(world).deliver_holds = break_after
        await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        assert deliveries(world, chat)[-1] == (HELLO, "sending")
        await world.clock.advance(HOUR)
        assert deliveries(world, chat)[-1] == (HELLO, "inDoubt")
        assert said(world, chat).count(HELLO) == 0


# ── what an agent has in doubt


async def _agents_doubt(world: World) -> Chat:
    """An agent's first line was not answered, and its second waits behind it."""
    steam(world).lose_the_next_answer(delivered=False)
    world.plugin(Actor).part = lambda turn: Reply(step="ask", texts=("one", "two"), wait=MINUTE)
    return await begin(world)


async def test_an_agents_line_that_stays_in_doubt_switches_it_off_and_nothing_of_it_follows() -> None:
    async with stage() as world:
        chat = await _agents_doubt(world)
        await world.clock.advance(2 * MINUTE - 1)
        assert said(world, chat) == [], "nothing of it goes out while the first one is looked for"
        await world.clock.advance(1)
        turns = len(world.plugin(Actor).turns)
        world.transport.say(chat.bot_id, chat.player, "hi")
        await world.clock.advance(HOUR)

        after = chat_of(world, chat.id)
        assert deliveries(world, chat) == [(f"{PREFACE}\none", "inDoubt"), ("two", "failed")]
        assert [(e.reason, e.why) for e in world.happened(ChatAgentToggled)] == [("messageInDoubt", "messageInDoubt")]
        assert after.agent_off is not None
        assert (after.agent_off.why, after.agent_off.by) == ("messageInDoubt", "plugin:dialogue")
        assert "may or may not have arrived" in (after.agent_off.detail or "")
        assert len(world.plugin(Actor).turns) == turns
        assert said(world, chat) == []


async def test_an_agents_line_that_turns_up_in_time_changes_nothing_for_the_agent() -> None:
    async with stage() as world:
        steam(world).lose_the_next_answer(delivered=True)
        world.plugin(Actor).part = lambda turn: Reply(step="ask", texts=("one", "two"), wait=HOUR)
        chat = await begin(world)
        await world.clock.advance(5_000)
        assert deliveries(world, chat) == [(f"{PREFACE}\none", "sent"), ("two", "sent")]
        assert chat_of(world, chat.id).agent_enabled


async def test_the_agent_gets_the_chat_back_once_somebody_has_decided_and_does_not_repeat_itself() -> None:
    async with stage() as world:
        chat = await _agents_doubt(world)
        await world.clock.advance(2 * MINUTE)
        back = ToggleAgent(chat_id=chat.id, enabled=True)
        assert (await world.refusal(back)).code == "messageInDoubt"
        await world.execute(DiscardMessage(chat_id=chat.id, message_id=chat_of(world, chat.id).messages[0].id))
        world.transport.say(chat.bot_id, chat.player, "hi")
        await world.execute(back)
        turn = world.plugin(Actor).turns[-1]
        assert turn.text == "hi", "the line that may have arrived counts as said: only what came after it is unanswered"
        assert said(world, chat)[0] == f"{PREFACE}\none", "the notice surely has to have been read"


# ── Send again, and Discard


async def test_what_is_sent_again_goes_out_once_more_and_the_first_may_still_turn_up() -> None:
    async with stage() as world:
        chat = await begin(world)
        first = await write(world, chat, delivered=True, lag_ms=20 * MINUTE)
        await world.clock.advance(2 * MINUTE)
        again = await world.execute(RetryMessage(chat_id=chat.id, message_id=first), actor="operator:boris")
        assert again != first
        assert line(world, chat, first).retried_as == again
        assert [state for text, state in deliveries(world, chat) if text == HELLO] == ["inDoubt", "sent"]
        await world.clock.advance(DAY)
        assert [state for text, state in deliveries(world, chat) if text == HELLO] == ["sent", "sent"]
        assert not world.happened(ChatMessageEchoed), "it is not somebody else's"
        assert on_the_wire(world, chat, HELLO) == 2
        keys = {(m.steam_ts, m.ordinal) for m in chat_of(world, chat.id).messages}
        assert len(keys) == 3


async def test_before_it_is_sent_again_steam_is_asked_once_more() -> None:
    async with stage() as world:
        chat = await begin(world)
        first = await write(world, chat, delivered=True, lag_ms=3 * MINUTE)
        await world.clock.advance(2 * MINUTE)
        assert line(world, chat, first).delivery == "inDoubt"
        await world.clock.advance(90 * SECOND)
        assert await world.execute(RetryMessage(chat_id=chat.id, message_id=first)) == first
        assert line(world, chat, first).delivery == "sent"
        assert on_the_wire(world, chat, HELLO) == 1


async def test_what_was_to_be_sent_again_is_not_when_the_first_turns_up_before_it_leaves() -> None:
    async with stage() as world:
        chat = await begin(world)
        first = await write(world, chat, delivered=True, lag_ms=10 * MINUTE)
        await world.clock.advance(2 * MINUTE)
        go_offline(world, chat.bot_id)
        again = await world.execute(RetryMessage(chat_id=chat.id, message_id=first))
        await world.clock.advance(HOUR)
        come_online(world, chat.bot_id)
        await idle()
        assert line(world, chat, first).delivery == "sent"
        dropped = line(world, chat, again)
        assert (dropped.delivery, dropped.reason) == ("failed", "arrivedAfterAll")
        assert on_the_wire(world, chat, HELLO) == 1


async def test_two_who_send_it_again_at_once_send_it_once() -> None:
    async with stage() as world:
        chat = await begin(world)
        first = await write(world, chat, delivered=False)
        await world.clock.advance(2 * MINUTE)
        retry = RetryMessage(chat_id=chat.id, message_id=first)
        answers = await asyncio.gather(
            world.ctx.execute(retry, actor="operator:anna"),
            world.ctx.execute(retry, actor="operator:boris"),
            return_exceptions=True,
        )
        await idle()
        assert [getattr(answer, "code", None) for answer in answers] == [None, "alreadyRetried"]
        assert on_the_wire(world, chat, HELLO) == 1


async def test_what_is_discarded_in_doubt_is_not_sent_and_may_still_turn_up() -> None:
    async with stage() as world:
        chat = await begin(world)
        message_id = await write(world, chat, delivered=True, lag_ms=4 * MINUTE)
        await world.clock.advance(2 * MINUTE)
        for _ in range(2):  # twice is once
            await world.execute(DiscardMessage(chat_id=chat.id, message_id=message_id))
        gone = line(world, chat, message_id)
        assert (gone.delivery, gone.reason) == ("failed", "discardedInDoubt")
        assert "operator:anna" in (gone.error or "")
        await world.clock.advance(HOUR)
        assert line(world, chat, message_id).delivery == "sent"
        assert on_the_wire(world, chat, HELLO) == 1
        assert not world.happened(ChatMessageEchoed)


async def test_what_waits_can_be_taken_back_and_what_is_settled_or_with_steam_cannot() -> None:
    async with stage() as world:
        chat = await begin(world)
        sent = chat_of(world, chat.id).messages[0]
        go_offline(world, chat.bot_id)
        waiting = await world.execute(SendMessage(chat_id=chat.id, text="one"))
        discard = DiscardMessage(chat_id=chat.id, message_id=waiting)
        assert (await world.refusal(discard, actor="agent:actor")).code == "personsOnly"
        await world.execute(discard)
        assert line(world, chat, waiting).reason == "discarded"
        come_online(world, chat.bot_id)
        await world.clock.advance(HOUR)
        assert "one" not in said(world, chat)

        settled = DiscardMessage(chat_id=chat.id, message_id=sent.id)
        assert (await world.refusal(settled)).code == "nothingToDiscard"
        nowhere = DiscardMessage(chat_id=chat.id, message_id=MessageId("msg_none"))
        assert (await world.refusal(nowhere)).code == "unknownMessage"
        taken = asyncio.Event()

        async def hold(command: DeliverMessage) -> None:
            await taken.wait()

        world.transport.deliver_holds = hold
        under_way = await world.execute(SendMessage(chat_id=chat.id, text="two"))
        assert (await world.refusal(DiscardMessage(chat_id=chat.id, message_id=under_way))).code == "beingSent"
        taken.set()
        await idle()
        assert line(world, chat, under_way).delivery == "sent"


# ── what happens meanwhile


async def test_a_persons_words_do_not_wait_for_those_that_are_looked_for() -> None:
    async with stage() as world:
        chat = await begin(world)
        first = await write(world, chat, delivered=False)
        await world.execute(SendMessage(chat_id=chat.id, text="Are you there?"))
        assert said(world, chat)[-1] == "Are you there?"
        assert line(world, chat, first).delivery == "sending"
        await world.clock.advance(2 * MINUTE)
        assert line(world, chat, first).delivery == "inDoubt"


async def test_a_take_over_in_the_middle_leaves_the_agents_line_to_be_looked_for_and_decided() -> None:
    async with stage(take_over_deadline_s=0.01) as world:
        chat = await _agents_doubt(world)
        with pytest.raises(Unfinished):
            await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        assert deliveries(world, chat) == [(f"{PREFACE}\none", "sending"), ("two", "failed")]
        await world.clock.advance(2 * MINUTE)
        assert deliveries(world, chat)[0] == (f"{PREFACE}\none", "inDoubt")
        after = chat_of(world, chat.id)
        assert after.agent_off is not None
        assert (after.agent_off.why, after.owner) == ("operator", "operator:anna"), "it stays whose it is"


@pytest.mark.parametrize("when", ["sending", "inDoubt"])
async def test_in_a_chat_that_closes_there_is_nothing_left_to_decide(when: str) -> None:
    async with stage() as world:
        chat = await begin(world)
        message_id = await write(world, chat, delivered=False)
        await world.clock.advance(2 * MINUTE if when == "inDoubt" else 1_000)
        assert line(world, chat, message_id).delivery == when
        ended = TaskStatusChanged(task_id=chat.task_id or "", status=TaskStatus.DISPOSED)  # type: ignore[arg-type]
        world.ctx.publish(ended)
        assert world.happened(ChatClosed)
        await world.clock.advance(2 * MINUTE)
        gone = line(world, chat, message_id)
        assert (gone.delivery, gone.reason) == ("failed", "inDoubt")
        assert (await world.refusal(RetryMessage(chat_id=chat.id, message_id=message_id))).code == "chatClosed"
        assert said(world, chat).count(HELLO) == 0


async def test_what_turns_up_after_the_chat_has_closed_is_its_line_and_not_one_of_the_next() -> None:
    async with stage() as world:
        chat = await begin(world)
        message_id = await write(world, chat, delivered=True, lag_ms=4 * MINUTE)
        ended = TaskStatusChanged(task_id=chat.task_id or "", status=TaskStatus.DISPOSED)  # type: ignore[arg-type]
        world.ctx.publish(ended)
        await world.clock.advance(3 * MINUTE)
        world.transport.say(chat.bot_id, chat.player, "and then?")
        await world.execute(SendMessage(chat_id=chat.id, text="Anna here"))
        await world.clock.advance(HOUR)
        assert line(world, chat, message_id).delivery == "sent"
        [second] = [c for c in world.state.chats.values() if c.id != chat.id]
        assert [m.text for m in second.messages] == ["Anna here"]


@pytest.mark.parametrize("when", ["queued", "sending", "inDoubt"])
async def test_when_its_bot_is_removed_each_line_says_what_is_known_of_it(when: str) -> None:
    async with stage() as world:
        chat = await begin(world)
        if when == "queued":
            go_offline(world, chat.bot_id)
            message_id = await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        else:
            message_id = await write(world, chat, delivered=False)
            await world.clock.advance(2 * MINUTE if when == "inDoubt" else 1_000)
        assert line(world, chat, message_id).delivery == when
        ended = TaskStatusChanged(task_id=chat.task_id or "", status=TaskStatus.DISPOSED)  # type: ignore[arg-type]
        world.ctx.publish(ended)
        if when != "queued":
            go_offline(world, chat.bot_id)
        world.ctx.publish(BotRemoved(bot_id=chat.bot_id))
        gone = line(world, chat, message_id)
        assert gone.delivery == "failed"
        assert gone.reason == ("chatClosed" if when == "queued" else "inDoubt")
        await world.clock.advance(HOUR)
        assert line(world, chat, message_id) == gone


async def test_while_the_bot_is_away_nothing_is_decided_and_its_return_is_a_look() -> None:
    async with stage() as world:
        chat = await begin(world)
        message_id = await write(world, chat, delivered=True)
        go_offline(world, chat.bot_id)
        await world.clock.advance(HOUR)
        assert line(world, chat, message_id).delivery == "sending"
        come_online(world, chat.bot_id)
        await idle()
        assert line(world, chat, message_id).delivery == "sent"
        assert on_the_wire(world, chat, HELLO) == 1


# ── crashes


def _next_run(world: World, past: tuple[Envelope, ...]) -> World:
    """A run that goes on from what is on disk, at the same moment."""
    return World(replay(past), Tasks, Forgetful, Dialogue, Actor, config={"dialogue": AT_ONCE}, clock=world.clock)


async def test_what_was_only_queued_goes_out_after_a_crash_and_nobody_is_asked_about_it() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        message_id = await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        past = history(world)
    async with _next_run(world, past) as again:
        come_online(again, chat.bot_id)
        await idle()
        assert line(again, chat, message_id).delivery == "sent"
        assert said(again, chat) == [HELLO]


@pytest.mark.parametrize("delivered", [False, True])
async def test_what_had_begun_to_leave_is_looked_for_after_a_crash(delivered: bool) -> None:
    async with stage() as world:
        chat = await begin(world)
        taken = asyncio.Event()

        async def hold(command: DeliverMessage) -> None:
            await taken.wait()

        world.transport.deliver_holds = hold
        message_id = await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        assert line(world, chat, message_id).delivery == "sending"
        past = history(world)
        taken.set()
    async with _next_run(world, past) as again:
        if delivered:
            told = HistoryLine(True, HELLO, world.clock.now() // 1_000, 9_000)
            steam(again).history[chat.bot_id, chat.player] = [told]
        await world.clock.advance(2 * MINUTE)
        assert line(again, chat, message_id).delivery == ("sent" if delivered else "inDoubt")
        assert said(again, chat) == [], "it is not said again"
        assert not again.happened(ChatMessageEchoed)


async def test_what_an_earlier_version_had_queued_may_have_left_and_is_looked_for_too() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        message_id = await world.execute(SendMessage(chat_id=chat.id, text=HELLO))
        *past, last, waiting = history(world)
    assert isinstance(waiting.payload, ChatMessageWaiting), "of which the earlier version knew nothing"
    assert isinstance(last.payload, ChatMessageQueued)
    told = replace(last.payload.message, attempt=None)
    earlier = replace(last, payload=ChatMessageQueued(chat_id=chat.id, message=told))
    async with _next_run(world, (*past, earlier)) as again:
        assert line(again, chat, message_id).delivery == "sending"
        come_online(again, chat.bot_id)
        await world.clock.advance(2 * MINUTE)
        assert line(again, chat, message_id).delivery == "inDoubt"
        assert said(again, chat) == []


async def test_that_a_message_leaves_is_on_disk_before_it_does() -> None:
    async with stage(SlowDisk) as world:
        seen: list[tuple[str, int]] = []

        async def look(command: DeliverMessage) -> None:
            message = chat_of(world, ChatId(command.chat_id)).message(command.message_id)
            assert message is not None
            sending = next(e.seq for e in reversed(world.events) if e.kind == "chat.messageSending")
            seen.append((str(message.delivery), world.system.commits.reached - sending))

        world.transport.deliver_holds = look
        await begin(world)
        await idle(200)
        assert [(delivery, ahead >= 0) for delivery, ahead in seen] == [("sending", True)]


async def test_a_crash_between_the_end_of_a_chat_and_of_its_doubts_leaves_nothing_to_decide() -> None:
    async with stage() as world:
        chat = await begin(world)
        message_id = await write(world, chat, delivered=False)
        await world.clock.advance(2 * MINUTE)
        assert line(world, chat, message_id).is_owed
        assert chat.task_id is not None
        world.ctx.publish(TaskStatusChanged(task_id=chat.task_id, status=TaskStatus.DISPOSED))
        await idle()
        past = history(world)
        closed = next(n for n, envelope in enumerate(past) if isinstance(envelope.payload, ChatClosed))
    async with _next_run(world, past[: closed + 1]) as again:
        await idle()
        settled = line(again, chat, message_id)
        assert (settled.delivery, settled.is_owed) == ("failed", False)

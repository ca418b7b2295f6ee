"""A chat that is written full loses nothing that is owed, and takes none of the bot's own lines for somebody else's."""

from __future__ import annotations

from kernel.clock import HOUR, MINUTE
from kernel.commands import HistoryLine, RetryMessage, SendMessage
from kernel.events import ChatMessageEchoed, ChatMessageQueued
from kernel.rows import MESSAGES_KEPT, Chat
from kernel.testing import World, idle
from plugins.dialogue import Dialogue
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import (
    AT_ONCE,
    Actor,
    Forgetful,
    begin,
    chat_of,
    come_online,
    deliveries,
    go_offline,
    said,
    stage,
)
from tests.restart import history, replay


async def fill(world: World, chat: Chat, number: int = MESSAGES_KEPT + 20) -> None:
    """The player writes so many lines."""
    for count in range(number):
        world.transport.say(chat.bot_id, chat.player, f"spam {count}")
    await idle()


async def test_what_was_answered_ok_while_the_bot_was_off_goes_out_however_much_the_player_writes() -> None:
    async with stage(queue_most=50) as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        for number in range(50):
            await world.execute(SendMessage(chat_id=chat.id, text=f"line {number}"))
        await fill(world, chat)
        assert len(chat_of(world, chat.id).messages) == MESSAGES_KEPT
        come_online(world, chat.bot_id)
        await idle(2_000)
        assert said(world, chat)[1:] == [f"line {number}" for number in range(50)]


async def test_a_chat_takes_no_more_than_it_can_hold_until_something_has_left() -> None:
    async with stage(queue_most=3) as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        ids = [await world.execute(SendMessage(chat_id=chat.id, text=f"line {number}")) for number in range(3)]
        for actor in ("operator:anna", "operator:boris"):
            refused = await world.refusal(SendMessage(chat_id=chat.id, text="one more"), actor=actor)
            assert (refused.code, refused.status) == ("tooManyQueued", 409)
        come_online(world, chat.bot_id)
        await idle()
        await world.execute(SendMessage(chat_id=chat.id, text="now"))
        assert said(world, chat)[-1] == "now"
        assert len(world.happened(ChatMessageQueued)) == 1 + len(ids) + 1


async def test_what_waits_for_a_decision_takes_room_and_makes_it_when_it_is_said_again() -> None:
    async with stage(queue_most=1) as world:
        chat = await begin(world)
        world.plugin(Forgetful).lose_the_next_answer(delivered=False)
        first = await world.execute(SendMessage(chat_id=chat.id, text="Hello?"))
        await world.clock.advance(2 * MINUTE)
        assert (await world.refusal(SendMessage(chat_id=chat.id, text="more"))).code == "tooManyQueued"
        await world.execute(RetryMessage(chat_id=chat.id, message_id=first))
        await world.execute(SendMessage(chat_id=chat.id, text="more"))
        assert said(world, chat)[-2:] == ["Hello?", "more"]


async def test_the_bots_own_lines_are_known_though_a_flood_has_pushed_them_out_also_after_a_restart() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(SendMessage(chat_id=chat.id, text="our own"))
        await fill(world, chat)
        assert "our own" not in [m.text for m in chat_of(world, chat.id).messages]
        go_offline(world, chat.bot_id)
        come_online(world, chat.bot_id)
        await world.clock.advance(HOUR)
        assert not world.happened(ChatMessageEchoed)
        heard = [m.text for m in chat_of(world, chat.id).messages]
        assert len(set(heard)) == len(heard), "nor does any of the player's come in twice"
        past, lines = history(world), dict(world.transport.history)
    config = {"dialogue": AT_ONCE}
    again = World(replay(past), Tasks, Forgetful, Dialogue, Actor, config=config, clock=world.clock)
    async with again:
        again.transport.history.update(lines)
        go_offline(again, chat.bot_id)
        come_online(again, chat.bot_id)
        await idle(500)
        assert not again.happened(ChatMessageEchoed)
        assert chat_of(again, chat.id) == chat_of(world, chat.id)


async def test_a_line_of_the_bots_that_is_looked_for_is_found_behind_a_flood() -> None:
    async with stage() as world:
        chat = await begin(world)
        world.plugin(Forgetful).lose_the_next_answer(delivered=True)
        await world.execute(SendMessage(chat_id=chat.id, text="Hello?"))
        await fill(world, chat)
        await world.clock.advance(MINUTE)
        assert deliveries(world, chat) == [("Hello?", "sent")]
        assert not world.happened(ChatMessageEchoed)


async def test_what_somebody_writes_elsewhere_in_the_midst_of_a_flood_is_seen() -> None:
    async with stage() as world:
        chat = await begin(world)
        await fill(world, chat, 600)
        go_offline(world, chat.bot_id)
        await world.clock.advance(MINUTE)
        told = HistoryLine(True, "by hand", world.clock.now() // 1_000, 9_999)
        world.transport.history[chat.bot_id, chat.player].append(told)
        come_online(world, chat.bot_id)
        await idle(500)
        assert [e.message.text for e in world.happened(ChatMessageEchoed)] == ["by hand"]

"""Somebody writes to a player as the bot, with another Steam client than this system: it is seen, and respected."""

from __future__ import annotations

from kernel.clock import HOUR, MINUTE
from kernel.commands import HistoryLine, ToggleAgent
from kernel.events import ChatAgentToggled, ChatMessageEchoed, ChatMessageSent
from kernel.rows import Delivery, Sender
from kernel.testing import World, idle
from plugins.dialogue.history import ELSEWHERE
from tests.plugins.dialogue.stage import Actor, begin, chat_of, come_online, go_offline, stage


def echoed(world: World) -> list[tuple[str, str, Delivery | None]]:
    messages = [event.message for event in world.happened(ChatMessageEchoed)]
    assert {message.sender for message in messages} <= {Sender.BOT}
    return [(message.text, message.author, message.delivery) for message in messages]


async def test_what_a_person_writes_elsewhere_stands_in_the_chat_and_takes_it_from_the_agent() -> None:
    async with stage() as world:
        chat = await begin(world)
        world.transport.say_elsewhere(chat.bot_id, chat.player, "this is Anna, hello")
        await idle()
        turns = len(world.plugin(Actor).turns)
        world.transport.say(chat.bot_id, chat.player, "hello Anna")
        await world.clock.advance(HOUR)

        assert echoed(world) == [("this is Anna, hello", ELSEWHERE, Delivery.SENT)]
        assert [event.reason for event in world.happened(ChatAgentToggled)] == ["wroteElsewhere"]
        assert len(world.plugin(Actor).turns) == turns
        assert chat_of(world, chat.id).messages[-1].text == "hello Anna"


async def test_the_agent_goes_on_when_the_chat_is_given_back_to_it() -> None:
    async with stage() as world:
        chat = await begin(world)
        world.transport.say_elsewhere(chat.bot_id, chat.player, "one moment")
        await idle()
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=True), actor="operator:anna")
        turns = len(world.plugin(Actor).turns)
        world.transport.say(chat.bot_id, chat.player, "yes")
        await idle()

        assert len(world.plugin(Actor).turns) > turns


async def test_what_was_written_elsewhere_while_the_bot_was_away_is_read_back_once() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.clock.advance(MINUTE)
        seconds = world.clock.now() // 1_000
        world.transport.history[chat.bot_id, chat.player].append(HistoryLine(True, "by hand", seconds, 900))
        for _ in range(3):
            come_online(world, chat.bot_id)
            await idle()
            go_offline(world, chat.bot_id)

        assert [text for text, *_ in echoed(world)] == ["by hand"]


async def test_a_line_of_our_own_that_comes_back_is_not_somebody_elses() -> None:
    async with stage() as world:
        chat = await begin(world)
        sent = world.happened(ChatMessageSent)
        go_offline(world, chat.bot_id)
        come_online(world, chat.bot_id)
        await idle()

        assert sent
        assert not echoed(world)
        assert chat_of(world, chat.id).agent_enabled


async def test_what_the_account_wrote_before_the_chat_began_is_none_of_its_lines() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        before = chat.started_at // 1_000 - 60
        world.transport.history[chat.bot_id, chat.player].insert(0, HistoryLine(True, "old", before, 901))
        come_online(world, chat.bot_id)
        await idle()

        assert not echoed(world)
        assert chat_of(world, chat.id).agent_enabled


async def test_a_person_who_writes_elsewhere_to_somebody_without_a_chat_begins_none() -> None:
    async with stage() as world:
        chat = await begin(world)
        stranger = world.player()
        before = len(world.state.chats)
        world.transport.say_elsewhere(chat.bot_id, stranger, "hi")
        await idle()

        assert len(world.state.chats) == before

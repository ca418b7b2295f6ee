"""Somebody writes to a player as the bot, with another Steam client than this system: it is seen, and respected."""

from __future__ import annotations

import asyncio

import pytest

from kernel.causality import ELSEWHERE
from kernel.clock import HOUR, MINUTE
from kernel.commands import DeliverMessage, HistoryLine, SendMessage, ToggleAgent
from kernel.events import ChatAgentToggled, ChatMessageEchoed, ChatMessageSent, FriendMessageArrived
from kernel.rows import Delivery, Sender
from kernel.testing import World, idle
from tests.plugins.dialogue.stage import (
    PREFACE,
    Actor,
    begin,
    chat_of,
    come_online,
    deliveries,
    go_offline,
    on_the_wire,
    said,
    stage,
)


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


# ── the very words that are queued here


async def test_who_writes_elsewhere_what_the_agent_has_queued_says_it_once_and_has_the_chat() -> None:
    async with stage(typing_least_ms=5_000) as world:
        chat = await begin(world)
        queued = chat_of(world, chat.id).messages[0]
        await world.clock.advance(2_000)
        world.transport.say_elsewhere(chat.bot_id, chat.player, queued.text)
        await world.clock.advance(HOUR)

        dropped, written = chat_of(world, chat.id).messages
        assert (dropped.delivery, dropped.reason) == (Delivery.FAILED, "wroteElsewhere")
        assert (written.text, written.author, written.delivery) == (queued.text, ELSEWHERE, Delivery.SENT)
        assert on_the_wire(world, chat, queued.text) == 1
        off = chat_of(world, chat.id).agent_off
        assert off is not None
        assert off.why == "sentElsewhere"


async def test_what_a_person_had_queued_is_not_said_a_second_time_either() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.execute(SendMessage(chat_id=chat.id, text="one moment"))
        await world.clock.advance(MINUTE)
        seconds = world.clock.now() // 1_000
        world.transport.history[chat.bot_id, chat.player].append(HistoryLine(True, "one moment", seconds, 900))
        come_online(world, chat.bot_id)
        await world.clock.advance(HOUR)

        assert on_the_wire(world, chat, "one moment") == 1
        assert deliveries(world, chat)[1:] == [("one moment", "failed"), ("one moment", "sent")]


async def test_the_same_words_of_before_are_no_reason_not_to_say_them_now() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        seconds = world.clock.now() // 1_000
        world.transport.history[chat.bot_id, chat.player].append(HistoryLine(True, "ok", seconds, 900))
        await world.clock.advance(MINUTE)
        await world.execute(SendMessage(chat_id=chat.id, text="ok"))
        come_online(world, chat.bot_id)
        await idle()

        assert on_the_wire(world, chat, "ok") == 2


@pytest.mark.parametrize("ours", [True, False])
async def test_the_words_that_are_with_steam_at_that_moment_are_told_apart_by_its_answer(ours: bool) -> None:
    async with stage() as world:
        chat = await begin(world)
        taken = asyncio.Event()

        async def hold(command: DeliverMessage) -> None:
            await taken.wait()

        world.transport.deliver_holds = hold
        world.transport.say(chat.bot_id, chat.player, "hi")
        await idle()
        text = chat_of(world, chat.id).messages[-1].text
        if ours:  # Steam brings our own line back before it answers
            key = {"steam_ts": world.clock.now() // 1_000, "ordinal": 3}
            echo = FriendMessageArrived(bot_id=chat.bot_id, player=chat.player, text=text, from_bot=True, **key)
            world.ctx.publish(echo)
        else:
            world.transport.say_elsewhere(chat.bot_id, chat.player, text)
        assert not echoed(world), "it may be the one that is on its way"
        taken.set()
        await idle()

        assert len(echoed(world)) == (0 if ours else 1)
        assert chat_of(world, chat.id).agent_enabled is ours


async def test_what_a_person_wrote_elsewhere_is_no_notice_that_a_program_writes() -> None:
    async with stage(typing_least_ms=5_000) as world:
        chat = await begin(world)
        world.transport.say_elsewhere(chat.bot_id, chat.player, "this is Anna, hello")
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=True), actor="operator:anna")
        await world.clock.advance(MINUTE)

        assert said(world, chat)[0].startswith(PREFACE)

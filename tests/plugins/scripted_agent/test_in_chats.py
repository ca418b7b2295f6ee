"""The script in a chat: with a transport, a clock, and operators who step in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from kernel.clock import HOUR, MINUTE, SECOND
from kernel.commands import SendMessage, ToggleAgent
from kernel.events import ChatClosed, ChatMessageFailed, FriendInviteAccepted, Relationship, TaskAssigned
from kernel.ids import ChatId
from kernel.plugin import Plugin
from kernel.rows import Chat, TaskStatus
from kernel.testing import FakeTransport, World
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.scripted_agent import ScriptedAgent
from plugins.tasks import Tasks


def stage(*guards: type[Plugin[Any]]) -> World:
    return World(*guards, Tasks, FakeTransport, Dialogue, ScriptedAgent)


async def begin(world: World, **task: Any) -> ChatId:
    """A task whose player has accepted, and time enough for the agent's first words."""
    bot_id, player = world.add_bot(), world.player()
    task_id = await world.create_task(player, **task)
    world.transport.relations[bot_id, player] = Relationship.FRIEND
    world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
    world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
    await world.clock.advance(MINUTE)
    chat_id = world.state.tasks[task_id].chat_id
    assert chat_id is not None
    return chat_id


async def answer(world: World, chat_id: ChatId, *texts: str) -> Chat:
    for text in texts:
        chat = world.state.chats[chat_id]
        world.transport.say(chat.bot_id, chat.player, text)
        await world.clock.advance(MINUTE)
    return world.state.chats[chat_id]


def said(world: World) -> list[str]:
    return [command.text for command in world.transport.sent]


@pytest.mark.parametrize(
    ("language", "answers", "thanks"),
    [
        ("en", ("yes", "11", "deal"), "Thank you!"),
        ("ru", ("да", "11", "да"), "Спасибо!"),
        (None, ("yes", "11", "ok"), "Thank"),
    ],
)
async def test_a_deal_from_the_first_word_to_the_last(
    language: str | None, answers: tuple[str, ...], thanks: str
) -> None:
    async with stage() as world:
        chat = await answer(world, await begin(world, language=language), *answers)
        task = world.state.tasks[chat.task_id or ""]
        assert (task.status, task.reason, task.agreed_price) == (TaskStatus.RESOLVED, "agreed", Decimal("11.00"))
        assert task.detail == "The player agreed to 11.00 USD."
        assert not chat.is_open
        assert len(said(world)) == 4
        assert said(world)[-1].startswith(thanks)


async def test_a_language_without_a_script_is_spoken_to_in_the_default_one() -> None:
    async with stage() as world:
        await begin(world, language="de")
        assert said(world)[0].startswith("We would like")


async def test_a_player_who_never_answers_is_reminded_once() -> None:
    async with stage() as world:
        chat_id = await begin(world)
        await world.clock.advance(HOUR)
        assert [text.split(":")[0] for text in said(world)] == [
            "We would like to buy your AK-47 | Redline and can pay 10.00 to 12.50 USD. Would you sell it?",
            "In case you missed it",
        ]
        await world.clock.advance(24 * HOUR)
        assert len(said(world)) == 2
        task = world.state.tasks[world.state.chats[chat_id].task_id or ""]
        assert (task.status, task.reason) == (TaskStatus.FAILED, "noAnswer")
        assert [e.reason for e in world.happened(ChatClosed)] == ["completed"]


async def test_an_operator_steps_in_and_the_script_goes_on_where_it_stood() -> None:
    async with stage() as world:
        chat_id = await begin(world)
        chat = await answer(world, chat_id, "yes")
        assert chat.script_step == "price"
        await world.execute(SendMessage(chat_id=chat_id, text="Anna here. Is it Field-Tested?"))
        await answer(world, chat_id, "it is")
        assert len(said(world)) == 3
        await world.execute(SendMessage(chat_id=chat_id, text="Then tell my colleague your price."))
        await world.execute(ToggleAgent(chat_id=chat_id, enabled=True))
        await world.clock.advance(MINUTE)
        assert len(said(world)) == 4, "there is nothing to answer"
        chat = await answer(world, chat_id, "12", "yes")
        assert world.state.tasks[chat.task_id or ""].agreed_price == Decimal("12.00")


async def test_words_that_a_take_over_dropped_are_said_when_the_chat_is_given_back() -> None:
    async with stage() as world:
        chat_id = await begin(world)
        chat = world.state.chats[chat_id]
        world.transport.say(chat.bot_id, chat.player, "yes")
        await world.clock.advance(3 * SECOND)  # read, and being answered
        await world.execute(ToggleAgent(chat_id=chat_id, enabled=False))
        await world.clock.advance(MINUTE)
        assert len(said(world)) == 1
        await world.execute(ToggleAgent(chat_id=chat_id, enabled=True))
        await world.clock.advance(MINUTE)
        assert said(world)[1] == "Which price suits you, from 10.00 to 12.50 USD?"


async def test_a_player_in_a_hurry_is_answered_once() -> None:
    async with stage() as world:
        chat_id = await begin(world)
        chat = world.state.chats[chat_id]
        for line in ("hi!", "yes", "11 is fine"):
            world.transport.say(chat.bot_id, chat.player, line)
            await world.clock.advance(SECOND)
        await world.clock.advance(MINUTE)
        assert said(world)[1:] == ["So that is 11.00 USD for your AK-47 | Redline. Is it a deal?"]


@pytest.mark.parametrize(
    ("language", "answers"),
    [
        ("en", ("are you a bot?", "how much?", "are you human?", "20", "5", "yes")),
        ("ru", ("ты бот?", "сколько?", "вы живой человек?", "20", "5", "да")),
    ],
)
async def test_nothing_that_the_script_says_is_refused_by_the_care_for_players(
    language: str, answers: tuple[str, ...]
) -> None:
    async with stage(ContactPolicy) as world:
        chat = await answer(world, await begin(world, language=language), *answers)
        assert not world.happened(ChatMessageFailed)
        assert world.state.tasks[chat.task_id or ""].agreed_price == Decimal("12.50")
        assert {"en": "STOP", "ru": "СТОП"}[language] in said(world)[0]


async def test_a_player_who_says_stop_hears_nothing_more() -> None:
    async with stage(ContactPolicy) as world:
        chat = await answer(world, await begin(world), "yes", "stop")
        assert len(said(world)) == 2
        assert (chat.is_open, chat.agent_enabled) == (False, False)
        assert world.state.tasks[chat.task_id or ""].reason == "doNotContact"

"""Who of our people sees to which chat: put off, handed over, called by name. No player is told of any of it."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.clock import DAY, HOUR, Millis
from kernel.commands import AddNote, AssignChat, MarkAllRead, MarkMentionRead, SnoozeChat, ToggleAgent, UnsnoozeChat
from kernel.events import (
    ChatAgentToggled,
    ChatClosed,
    ChatMessageReceived,
    ChatSnoozeExpired,
    ChatStarted,
)
from kernel.ids import ChatId, new_chat_id, new_message_id
from kernel.rows import AgentOffReason, Chat, Message, Sender
from kernel.testing import FakeTransport, World
from plugins.dialogue.codes import ChatEnd, HandoverReason
from plugins.team import Team

ANNA, BORIS, NOTEBOOK = "operator:anna", "operator:Boris", "notebook:lab"


def team() -> World:
    return World(FakeTransport, Team)


def chat(world: World, owner: str | None = ANNA) -> ChatId:
    chat_id = new_chat_id()
    world.ctx.publish(ChatStarted(chat_id=chat_id, bot_id=world.add_bot(), player=world.player(), agent_enabled=False))
    if owner is not None:
        taken = ChatAgentToggled(
            chat_id=chat_id, enabled=False, epoch=2, reason=HandoverReason.TAKEN_OVER, why=AgentOffReason.OPERATOR
        )
        world.ctx.publish(taken, actor=owner)
    return chat_id


def row(world: World, chat_id: ChatId) -> Chat:
    return world.state.chats[chat_id]


def hear(world: World, chat_id: ChatId) -> None:
    message = Message(
        id=new_message_id(), sender=Sender.PLAYER, text="hi", ts=world.clock.now(), author="player:1", delivery=None
    )
    world.ctx.publish(ChatMessageReceived(chat_id=chat_id, message=message))


def later(world: World, span: int) -> Millis:
    return Millis(world.clock.now() + span)


async def code(world: World, command: Any, actor: str = ANNA) -> str:
    return (await world.refusal(command, actor=actor)).code


async def test_a_chat_is_put_off_until_its_time_and_then_needs_a_person_again() -> None:
    async with team() as world:
        chat_id, until = chat(world), later(world, HOUR)
        await world.execute(SnoozeChat(chat_id=chat_id, until=until), actor=ANNA)
        await world.clock.advance(HOUR - 1)
        snooze = row(world, chat_id).snooze
        assert snooze is not None
        assert (snooze.until, snooze.by, snooze.due_at) == (until, ANNA, None)
        await world.clock.advance(1)
        assert row(world, chat_id).snooze.due_at == until  # type: ignore[union-attr]
        await world.execute(UnsnoozeChat(chat_id=chat_id), actor=BORIS)
        assert row(world, chat_id).snooze is None


async def test_a_chat_that_is_put_off_anew_comes_back_once_at_its_last_time() -> None:
    async with team() as world:
        chat_id = chat(world)
        await world.execute(SnoozeChat(chat_id=chat_id, until=later(world, HOUR)), actor=ANNA)
        await world.execute(SnoozeChat(chat_id=chat_id, until=later(world, 2 * HOUR)), actor=ANNA)
        await world.clock.advance(HOUR + 1)
        assert world.happened(ChatSnoozeExpired) == []
        await world.clock.advance(HOUR)
        assert len(world.happened(ChatSnoozeExpired)) == 1


@pytest.mark.parametrize("until", [HOUR, None])
async def test_a_player_who_writes_ends_it(until: int | None) -> None:
    async with team() as world:
        chat_id = chat(world)
        at = later(world, until) if until is not None else None
        await world.execute(SnoozeChat(chat_id=chat_id, until=at), actor=ANNA)
        hear(world, chat_id)
        assert row(world, chat_id).snooze is None
        await world.clock.advance(2 * HOUR)
        assert world.happened(ChatSnoozeExpired) == []


@pytest.mark.parametrize("span", [0, -1, 91 * DAY])
async def test_a_chat_is_put_off_to_a_time_to_come_only(span: int) -> None:
    async with team() as world:
        command = SnoozeChat(chat_id=chat(world), until=later(world, span))
        assert await code(world, command) == "noTimeToCome"


async def test_a_chat_is_handed_to_a_colleague_who_is_called_until_they_have_seen_it() -> None:
    async with team() as world:
        await world.execute(MarkAllRead(), actor=BORIS)

        def take_over(command: ToggleAgent) -> None:
            taken = ChatAgentToggled(chat_id=command.chat_id, enabled=False, epoch=2, reason=HandoverReason.TAKEN_OVER)
            world.ctx.publish(taken, actor=world.ctx.actor)

        world.ctx.handle(ToggleAgent, take_over)
        for owner in (ANNA, None):  # nobody's is taken over before
            chat_id = chat(world, owner=owner)
            await world.execute(AssignChat(chat_id=chat_id, to=BORIS, note="  up to 15 is fine "), actor=ANNA)
            (note,), (mention,) = row(world, chat_id).notes, row(world, chat_id).mentions
            assert (row(world, chat_id).owner, note.text, note.author) == (BORIS, "up to 15 is fine", ANNA)
            assert (mention.operator, mention.why, mention.by, mention.note_id) == (BORIS, "assigned", ANNA, note.id)
            await world.execute(MarkMentionRead(chat_id=chat_id), actor=ANNA)
            assert row(world, chat_id).mentions != ()
            await world.execute(MarkMentionRead(chat_id=chat_id), actor=BORIS)
            assert row(world, chat_id).mentions == ()


async def test_a_name_in_a_note_calls_whoever_bears_it_in_any_letters_and_no_one_else() -> None:
    async with team() as world:
        for actor in (ANNA, BORIS, NOTEBOOK):
            await world.execute(MarkAllRead(), actor=actor)
        chat_id = chat(world)

        async def called(text: str) -> list[str]:
            await world.execute(AddNote(chat_id=chat_id, text=text), actor=ANNA)
            mentions = [mention.operator for mention in row(world, chat_id).mentions]
            for actor in mentions:
                await world.execute(MarkMentionRead(chat_id=chat_id), actor=actor)
            return mentions

        assert await called("@boris, up to 14.80 is fine") == [BORIS]
        assert await called("(@BORIS) and @boris.") == [BORIS]
        assert await called("@lab @boris") == [NOTEBOOK, BORIS]
        for text in ("boris", "mail@boris", "@borisov", "@@boris", "@anna, a note to myself", "@nobody"):
            assert await called(text) == [], text


async def test_what_cannot_be_handed_over_is_refused_and_says_why() -> None:
    async with team() as world:
        await world.execute(MarkAllRead(), actor=BORIS)
        mine, theirs = chat(world), chat(world, owner=BORIS)
        assert await code(world, AssignChat(chat_id=mine, to="operator:nobody")) == "unknownOperator"
        assert await code(world, AssignChat(chat_id=mine, to="plugin:fleet")) == "unknownOperator"
        assert await code(world, AssignChat(chat_id=theirs, to=BORIS)) == "ledByColleague"
        world.ctx.publish(ChatClosed(chat_id=mine, reason=ChatEnd.COMPLETED))
        assert await code(world, AssignChat(chat_id=mine, to=BORIS)) == "chatClosed"


@pytest.mark.parametrize(
    "command",
    [
        SnoozeChat(chat_id=ChatId("chat_none")),
        UnsnoozeChat(chat_id=ChatId("chat_none")),
        AssignChat(chat_id=ChatId("chat_none"), to=BORIS),
        MarkMentionRead(chat_id=ChatId("chat_none")),
    ],
)
async def test_a_program_may_none_of_it_and_what_is_about_no_chat_is_refused(command: Any) -> None:
    async with team() as world:
        assert await code(world, command) == "unknownChat"
        assert await code(world, command, "agent:scripted_agent") == "personsOnly"

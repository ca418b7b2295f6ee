"""What operators share with one another: notes, what was read, canned replies. No player is told of any of it."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.commands import AddNote, MarkAllRead, MarkRead, RemoveCannedReply, RemoveNote, SaveCannedReply
from kernel.events import ChatMessageReceived, ChatRead, ChatStarted
from kernel.ids import ChatId, MessageId, NoteId, ReplyId, new_chat_id, new_message_id
from kernel.rows import NOTES_KEPT, Message, Sender
from kernel.testing import FakeTransport, World
from plugins.team import Team
from plugins.team.plugin import REPLIES_KEPT

ANNA, BORIS = "operator:anna", "operator:boris"


def team() -> World:
    return World(FakeTransport, Team)


def chat(world: World) -> ChatId:
    chat_id = new_chat_id()
    world.ctx.publish(ChatStarted(chat_id=chat_id, bot_id=world.add_bot(), player=world.player(), agent_enabled=False))
    return chat_id


def hear(world: World, chat_id: ChatId, text: str = "hi") -> MessageId:
    message = Message(
        id=new_message_id(), sender=Sender.PLAYER, text=text, ts=world.clock.now(), author="player:1", delivery=None
    )
    world.ctx.publish(ChatMessageReceived(chat_id=chat_id, message=message))
    return message.id


async def code(world: World, command: Any, actor: str = ANNA) -> str:
    return (await world.refusal(command, actor=actor)).code


async def test_a_note_stands_in_its_chat_with_author_and_time_and_goes_nowhere_else() -> None:
    async with team() as world:
        chat_id = chat(world)
        await world.clock.advance(60_000)
        note_id = await world.execute(AddNote(chat_id=chat_id, text="  Wants to pay by card. \n"), actor=BORIS)
        (note,) = world.state.chats[chat_id].notes
        assert (note.id, note.author, note.ts) == (note_id, BORIS, world.clock.now())
        assert note.text == "Wants to pay by card."
        assert world.state.chats[chat_id].messages == ()
        assert world.transport.sent == []


async def test_anyone_of_us_takes_a_note_out_again_and_no_program_does() -> None:
    async with team() as world:
        chat_id = chat(world)
        note_id = await world.execute(AddNote(chat_id=chat_id, text="A hint"), actor="agent:scripted_agent")
        remove = RemoveNote(chat_id=chat_id, note_id=note_id)
        assert await code(world, remove, "agent:scripted_agent") == "personsOnly"
        await world.execute(remove, actor=BORIS)
        assert world.state.chats[chat_id].notes == ()
        assert await code(world, remove) == "unknownNote"


async def test_a_chat_holds_the_latest_notes() -> None:
    async with team() as world:
        chat_id = chat(world)
        for number in range(NOTES_KEPT + 3):
            await world.ctx.execute(AddNote(chat_id=chat_id, text=str(number)))
        texts = [note.text for note in world.state.chats[chat_id].notes]
        assert texts == [str(number) for number in range(3, NOTES_KEPT + 3)]


async def test_each_operator_has_a_mark_of_their_own_and_none_goes_back() -> None:
    async with team() as world:
        chat_id = chat(world)
        first, second = hear(world, chat_id), hear(world, chat_id)
        await world.execute(MarkRead(chat_id=chat_id, up_to=second), actor=ANNA)
        await world.execute(MarkRead(chat_id=chat_id, up_to=first), actor=BORIS)
        await world.execute(MarkRead(chat_id=chat_id, up_to=first), actor=ANNA)
        await world.execute(MarkRead(chat_id=chat_id, up_to=second), actor=ANNA)
        assert world.state.chats[chat_id].read == {ANNA: second, BORIS: first}
        assert len(world.happened(ChatRead)) == 2


async def test_who_has_been_away_may_begin_from_now() -> None:
    async with team() as world:
        await world.clock.advance(5_000)
        await world.execute(MarkAllRead(), actor=BORIS)
        assert world.state.operators[BORIS].caught_up_at == world.clock.now()
        assert ANNA not in world.state.operators
        assert await code(world, MarkAllRead(), "plugin:fleet") == "personsOnly"


async def test_a_mark_must_be_set_at_a_line_of_the_chat_and_by_a_person() -> None:
    async with team() as world:
        chat_id, other = chat(world), chat(world)
        line = hear(world, other)
        assert await code(world, MarkRead(chat_id=chat_id, up_to=line)) == "unknownMessage"
        assert await code(world, MarkRead(chat_id=other, up_to=line), "agent:scripted_agent") == "personsOnly"


@pytest.mark.parametrize(
    "command",
    [
        AddNote(chat_id=ChatId("chat_none"), text="x"),
        RemoveNote(chat_id=ChatId("chat_none"), note_id=NoteId("note_1")),
        MarkRead(chat_id=ChatId("chat_none"), up_to=MessageId("msg_1")),
    ],
)
async def test_what_is_about_a_chat_that_is_not_there_is_refused(command: Any) -> None:
    async with team() as world:
        assert await code(world, command) == "unknownChat"


async def test_a_canned_reply_is_made_changed_and_removed_by_anyone_of_the_team() -> None:
    async with team() as world:
        reply_id = await world.execute(SaveCannedReply(title=" Price ", text="{item}: {priceMax} {currency}"))
        saved = world.state.replies[reply_id]
        assert (saved.title, saved.text, saved.saved_by) == ("Price", "{item}: {priceMax} {currency}", ANNA)
        await world.execute(SaveCannedReply(reply_id=reply_id, title="price", text="Sorry, no."), actor=BORIS)
        assert (world.state.replies[reply_id].title, world.state.replies[reply_id].saved_by) == ("price", BORIS)
        await world.execute(RemoveCannedReply(reply_id=reply_id))
        assert not world.state.replies
        assert await code(world, RemoveCannedReply(reply_id=reply_id)) == "unknownReply"
        assert await code(world, SaveCannedReply(reply_id=ReplyId("reply_x"), title="t", text="x")) == "unknownReply"


async def test_a_title_names_one_canned_reply_in_whatever_case() -> None:
    async with team() as world:
        await world.execute(SaveCannedReply(title="Цена", text="x"))
        refused = await world.refusal(SaveCannedReply(title="ЦЕНА", text="y"))
        assert (refused.code, refused.field) == ("titleTaken", "title")
        assert "Цена" in refused.message


async def test_there_are_only_so_many_canned_replies_and_no_program_keeps_any() -> None:
    async with team() as world:
        assert await code(world, SaveCannedReply(title="t", text="x"), "plugin:advertiser") == "personsOnly"
        for number in range(REPLIES_KEPT):
            await world.ctx.execute(SaveCannedReply(title=str(number), text="x"), actor=ANNA)
        assert await code(world, SaveCannedReply(title="one more", text="x")) == "tooManyReplies"


def test_a_variable_that_nothing_can_be_put_in_for_is_told_by_name() -> None:
    with pytest.raises(ValueError, match=r"^text: there is no \{itm\} to put in; there are \{item\}, \{priceMin\}"):
        SaveCannedReply(title="t", text="{item} or {itm}")
    SaveCannedReply(title="t", text="{ item } {} {not a name} {{}}")

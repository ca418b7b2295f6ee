"""Several operators at one chat: none takes it from another unknowingly, and what failed is said again once."""

from __future__ import annotations

import asyncio

from kernel.clock import HOUR
from kernel.commands import DeliverMessage, RetryMessage, SendMessage, ToggleAgent
from kernel.errors import Binds, Refused, RefusedBySteam
from kernel.events import ChatAgentToggled, ChatNoteAdded
from kernel.hookspecs import Reply
from kernel.ids import MessageId, NoteId
from kernel.rows import Chat
from kernel.testing import World, idle
from plugins.steam.codes import SteamRefusal
from tests.plugins.dialogue.stage import PREFACE, Actor, begin, chat_of, deliveries, said, stage

ANNA, BORIS, VERA = "operator:anna", "operator:boris", "operator:vera"


def refuse(command: DeliverMessage) -> None:
    raise RefusedBySteam(SteamRefusal.NOT_FRIENDS, "The player is no friend of the bot's.", binds=Binds.PLAYER)


async def lost(world: World, *, text: str = "Deal?", actor: str = ANNA) -> tuple[Chat, MessageId]:
    """A chat in which what an operator wrote has failed."""
    chat = await begin(world)
    world.transport.deliver_fails = refuse
    message_id = await world.execute(SendMessage(chat_id=chat.id, text=text), actor=actor)
    world.transport.deliver_fails = None
    return chat, message_id


# ── whose chat it is


async def test_of_two_who_take_a_chat_at_once_one_has_it_and_the_other_is_told_who() -> None:
    async with stage() as world:
        chat = await begin(world)
        take = ToggleAgent(chat_id=chat.id, enabled=False)
        answers = await asyncio.gather(
            world.ctx.execute(take, actor=ANNA), world.ctx.execute(take, actor=BORIS), return_exceptions=True
        )
        assert answers[0] is None
        assert isinstance(answers[1], Refused)
        assert answers[1].code == "alreadyTaken"
        assert ANNA in answers[1].message
        assert chat_of(world, chat.id).owner == ANNA
        assert len(world.happened(ChatAgentToggled)) == 1


async def test_a_chat_is_taken_from_a_colleague_by_their_name() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False), actor=ANNA)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False, take_from=ANNA), actor=BORIS)
        after = chat_of(world, chat.id)
        assert (after.owner, after.agent_enabled, after.epoch) == (BORIS, False, 3)
        assert world.happened(ChatAgentToggled)[-1].reason == "takenFromColleague"


async def test_who_believes_that_a_chat_is_still_annas_does_not_take_it_from_boris() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False), actor=ANNA)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False, take_from=ANNA), actor=BORIS)
        refused = await world.refusal(ToggleAgent(chat_id=chat.id, enabled=False, take_from=ANNA), actor=VERA)
        assert refused.code == "alreadyTaken"
        assert BORIS in refused.message


async def test_what_a_colleague_has_on_its_way_still_arrives_when_the_chat_is_taken_from_them() -> None:
    async with stage() as world:
        chat = await begin(world)
        held = asyncio.Event()

        async def hold(command: DeliverMessage) -> None:
            await held.wait()

        world.transport.deliver_holds = hold
        await world.execute(SendMessage(chat_id=chat.id, text="Anna here"), actor=ANNA)
        take = asyncio.create_task(
            world.ctx.execute(ToggleAgent(chat_id=chat.id, enabled=False, take_from=ANNA), actor=BORIS)
        )
        await idle()
        held.set()
        await take
        assert said(world, chat)[-1] == "Anna here"


# ── what failed, said again


async def test_what_failed_is_said_again_at_the_end_in_the_name_of_whoever_asks() -> None:
    async with stage() as world:
        chat, failed = await lost(world)
        again = await world.execute(RetryMessage(chat_id=chat.id, message_id=failed), actor=BORIS)
        assert deliveries(world, chat)[-2:] == [("Deal?", "failed"), ("Deal?", "sent")]
        before, after = chat_of(world, chat.id).message(failed), chat_of(world, chat.id).message(again)
        assert before is not None and after is not None
        assert (before.retried_as, after.author) == (again, BORIS)


async def test_of_two_who_send_it_again_at_once_only_one_does() -> None:
    async with stage() as world:
        chat, failed = await lost(world)
        retry = RetryMessage(chat_id=chat.id, message_id=failed)
        answers = await asyncio.gather(
            world.ctx.execute(retry, actor=ANNA), world.ctx.execute(retry, actor=BORIS), return_exceptions=True
        )
        await idle()
        assert [a.code for a in answers if isinstance(a, Refused)] == ["alreadyRetried"]
        assert said(world, chat).count("Deal?") == 1


async def test_what_failed_again_can_be_sent_again_as_its_own_failure() -> None:
    async with stage() as world:
        chat, failed = await lost(world)
        world.transport.deliver_fails = refuse
        second = await world.execute(RetryMessage(chat_id=chat.id, message_id=failed))
        world.transport.deliver_fails = None
        await world.execute(RetryMessage(chat_id=chat.id, message_id=second))
        assert [state for text, state in deliveries(world, chat) if text == "Deal?"] == ["failed", "failed", "sent"]


async def test_a_persons_retry_of_what_the_agent_lost_takes_the_chat_over() -> None:
    async with stage(typing_least_ms=1_000) as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one", "two"), wait=HOUR)
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False), actor=ANNA)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=True), actor=ANNA)
        dropped = chat_of(world, chat.id).messages[0]
        await world.execute(RetryMessage(chat_id=chat.id, message_id=dropped.id), actor=BORIS)
        assert chat_of(world, chat.id).owner == BORIS
        assert said(world, chat) == [dropped.text]
        assert dropped.text.startswith(PREFACE)


async def test_only_what_has_failed_is_sent_again_by_a_person_and_in_an_open_chat() -> None:
    async with stage() as world:
        chat, failed = await lost(world)
        sent = chat_of(world, chat.id).messages[0]
        for message_id, actor, why in (
            (sent.id, ANNA, "notFailed"),
            (MessageId("msg_none"), ANNA, "unknownMessage"),
            (failed, "plugin:advertiser", "personsOnly"),
        ):
            refused = await world.refusal(RetryMessage(chat_id=chat.id, message_id=message_id), actor=actor)
            assert refused.code == why


# ── notes


async def test_no_agent_is_shown_what_we_have_written_down_for_each_other() -> None:
    async with stage() as world:
        chat = await begin(world)
        world.ctx.publish(ChatNoteAdded(chat_id=chat.id, note_id=NoteId("note_1"), text="Would go up to 15."))
        world.transport.say(chat.bot_id, chat.player, "how much at most?")
        await idle()
        turn = world.plugin(Actor).turns[-1]
        assert turn.text == "how much at most?"
        assert turn.chat.notes == ()
        assert chat_of(world, chat.id).notes

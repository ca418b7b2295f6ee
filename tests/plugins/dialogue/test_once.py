"""A command with an id is carried out once, also across a crash that kept what it did and lost that it was done."""

from __future__ import annotations

import pytest

from kernel.clock import MINUTE
from kernel.commands import DeliverMessage, DiscardMessage, RetryMessage, SendMessage
from kernel.errors import Binds, RefusedBySteam
from kernel.events import ChatMessageQueued, ChatStarted, CommandCompleted, Envelope, TaskStatusChanged
from kernel.ids import CommandId
from kernel.rows import TaskStatus
from kernel.testing import World, idle
from plugins.dialogue import Dialogue
from plugins.steam.codes import SteamRefusal
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import AT_ONCE, Actor, Forgetful, begin, chat_of, go_offline, stage
from tests.restart import history, replay

ID, ANNA = CommandId("cmd_1"), "operator:anna"


def torn(past: tuple[Envelope, ...], after: type[object]) -> tuple[Envelope, ...]:
    """The journal of a crash that came when the last event of that kind was on disk, and none after it."""
    last = max(number for number, envelope in enumerate(past) if isinstance(envelope.payload, after))
    assert any(isinstance(envelope.payload, CommandCompleted) for envelope in past[last:])
    return past[: last + 1]


def next_run(world: World, past: tuple[Envelope, ...]) -> World:
    return World(replay(past), Tasks, Forgetful, Dialogue, Actor, config={"dialogue": AT_ONCE}, clock=world.clock)


async def test_a_message_is_queued_once_though_the_record_of_its_command_is_lost() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        send = SendMessage(chat_id=chat.id, text="Hello?")
        first = await world.ctx.execute(send, actor=ANNA, command_id=ID)
        past = torn(history(world), ChatMessageQueued)
    async with next_run(world, past) as again:
        assert await again.ctx.execute(send, actor=ANNA, command_id=ID) == first
        assert await again.ctx.execute(send, actor=ANNA, command_id=ID) == first
        assert [m.text for m in chat_of(again, chat.id).messages].count("Hello?") == 1
        other = await again.ctx.execute(send, actor=ANNA, command_id=CommandId("cmd_2"))
        assert other != first, "the same words by another command are said again"


async def test_a_chat_that_is_begun_by_writing_is_begun_once() -> None:
    for kind in (ChatStarted, ChatMessageQueued):
        async with stage() as world:
            chat = await begin(world)
            ended = TaskStatusChanged(task_id=chat.task_id or "", status=TaskStatus.DISPOSED)  # type: ignore[arg-type]
            world.ctx.publish(ended)
            go_offline(world, chat.bot_id)
            send = SendMessage(chat_id=chat.id, text="About the trade")
            await world.ctx.execute(send, actor=ANNA, command_id=ID)
            past = torn(history(world), kind)
        async with next_run(world, past) as again:
            await again.ctx.execute(send, actor=ANNA, command_id=ID)
            [_, second] = again.state.chats.values()
            assert [m.text for m in second.messages] == ["About the trade"]


async def test_what_failed_is_said_again_once_though_the_record_of_its_command_is_lost() -> None:
    async with stage() as world:
        chat = await begin(world)

        def refuse(command: DeliverMessage) -> None:
            raise RefusedBySteam(SteamRefusal.NOT_FRIENDS, "No friends.", binds=Binds.PLAYER)

        world.transport.deliver_fails = refuse
        failed = await world.execute(SendMessage(chat_id=chat.id, text="Hello?"))
        world.transport.deliver_fails = None
        go_offline(world, chat.bot_id)
        retry = RetryMessage(chat_id=chat.id, message_id=failed)
        first = await world.ctx.execute(retry, actor=ANNA, command_id=ID)
        past = torn(history(world), ChatMessageQueued)
    async with next_run(world, past) as again:
        assert await again.ctx.execute(retry, actor=ANNA, command_id=ID) == first
        assert [m.text for m in chat_of(again, chat.id).messages].count("Hello?") == 2


async def test_what_was_said_in_time_is_answered_with_its_id_though_the_chat_has_closed_since() -> None:
    async with stage() as world:
        chat = await begin(world)
        send = SendMessage(chat_id=chat.id, text="Hello?")
        first = await world.ctx.execute(send, actor=ANNA, command_id=ID)
        await idle()
        ended = TaskStatusChanged(task_id=chat.task_id or "", status=TaskStatus.DISPOSED)  # type: ignore[arg-type]
        world.ctx.publish(ended)
        past = tuple(e for e in history(world) if not isinstance(e.payload, CommandCompleted) or e.payload.id != ID)
    past = tuple(renumbered(past))
    async with next_run(world, past) as again:
        assert await again.ctx.execute(send, actor=ANNA, command_id=ID) == first
        assert len(again.state.chats) == 1


def renumbered(past: tuple[Envelope, ...]) -> list[Envelope]:
    return [
        Envelope(seq, envelope.ts, envelope.actor, None, envelope.kind, envelope.payload, envelope.v)
        for seq, envelope in enumerate(past, start=1)
    ]


@pytest.mark.parametrize("actor", [ANNA, "operator:boris"])
async def test_discarding_is_done_once_whoever_asks_again(actor: str) -> None:
    async with stage() as world:
        chat = await begin(world)
        world.plugin(Forgetful).lose_the_next_answer(delivered=False)
        message_id = await world.execute(SendMessage(chat_id=chat.id, text="Hello?"))
        await world.clock.advance(2 * MINUTE)
        discard = DiscardMessage(chat_id=chat.id, message_id=message_id)
        await world.execute(discard)
        seq = world.state.seq
        await world.execute(discard, actor=actor)
        assert world.state.seq == seq

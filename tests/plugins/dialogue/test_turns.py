"""The agent's turns: when it is asked, what it is told, and what becomes of its reply."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND
from kernel.codes import DialogueOutcome
from kernel.commands import SendMessage, ToggleAgent
from kernel.events import (
    ChatAgentToggled,
    ChatClosed,
    ContactPaused,
    ContactResumed,
    DialogScriptCompleted,
    ErrorLogged,
)
from kernel.hookspecs import Reply, Trigger, Turn
from kernel.rows import TaskStatus
from kernel.testing import idle
from tests.plugins.dialogue.stage import (
    PREFACE,
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


async def test_an_accepted_invite_begins_a_chat_and_the_agent_speaks_first_under_the_notice() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="hello", texts=("Hello!", "How are you?"), wait=HOUR)
        chat = await begin(world)

        assert said(world, chat) == [f"{PREFACE}\nHello!", "How are you?"]
        assert chat.script_step == "hello"
        assert chat.turn_at == world.clock.now() + HOUR
        assert [m.author for m in chat.messages] == ["agent:actor"] * 2
        assert world.state.tasks[chat.task_id or ""].status is TaskStatus.ACCEPTED


async def test_only_the_agents_first_words_bear_the_notice() -> None:
    async with stage() as world:
        chat = await begin(world)
        world.transport.say(chat.bot_id, chat.player, "hi")
        await idle()
        assert said(world, chat) == [f"{PREFACE}\nline 1", "line 2"]


async def test_first_words_that_never_left_do_not_count_as_the_notice() -> None:
    async with stage(typing_least_ms=1_000) as world:
        chat = await begin(world)
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=False))
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=True))
        await world.clock.advance(1_000)
        assert said(world, chat) == [f"{PREFACE}\nline 2"]


async def test_several_lines_in_a_row_are_one_turn() -> None:
    async with stage(reading_ms=2_000) as world:
        chat = await begin(world)
        for line in ("hi", "yes", "how much?"):
            world.transport.say(chat.bot_id, chat.player, line)
            await world.clock.advance(1_000)
        assert len(world.plugin(Actor).turns) == 1
        await world.clock.advance(1_000)
        turn = world.plugin(Actor).turns[-1]
        assert (turn.trigger, turn.text) == (Trigger.MESSAGE, "hi\nyes\nhow much?")


async def test_a_player_who_never_stops_writing_is_answered_all_the_same() -> None:
    async with stage(reading_ms=2_000, reading_most_ms=5_000) as world:
        chat = await begin(world)
        for _ in range(5):
            world.transport.say(chat.bot_id, chat.player, "and another thing")
            await world.clock.advance(1_000)
        assert len(world.plugin(Actor).turns) == 2


async def test_a_line_that_comes_while_the_agent_thinks_makes_it_think_again() -> None:
    async with stage() as world:
        chat = await begin(world)
        thinking = asyncio.Event()

        async def hold(turn: Turn) -> None:
            if turn.text == "yes":
                thinking.set()
                await asyncio.Event().wait()

        world.plugin(Actor).holds = hold
        world.transport.say(chat.bot_id, chat.player, "yes")
        await thinking.wait()
        world.transport.say(chat.bot_id, chat.player, "no, wait")
        await idle()
        assert world.plugin(Actor).turns[-1].text == "yes\nno, wait"
        assert len(said(world, chat)) == 2  # the first words, and one answer to both lines


async def test_an_agent_is_asked_again_when_the_player_stays_silent_and_not_before() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="ask", texts=("Well?",), wait=HOUR)
        await begin(world)
        await world.clock.advance(HOUR - 1)
        assert len(world.plugin(Actor).turns) == 1
        await world.clock.advance(1)
        assert [t.trigger for t in world.plugin(Actor).turns] == [Trigger.STARTED, Trigger.SILENCE]


async def test_an_answer_calls_the_time_out_off() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="ask", texts=("Well?",), wait=HOUR)
        chat = await begin(world)
        await world.clock.advance(HOUR - 1)
        world.transport.say(chat.bot_id, chat.player, "yes")
        await world.clock.advance(1)
        assert [t.trigger for t in world.plugin(Actor).turns] == [Trigger.STARTED, Trigger.MESSAGE]


async def test_an_agent_that_does_not_say_how_long_it_waits_is_asked_again_after_a_week() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="ask", texts=("Well?",))
        await begin(world)
        await world.clock.advance(7 * DAY - 1)
        assert len(world.plugin(Actor).turns) == 1
        await world.clock.advance(1)
        assert world.plugin(Actor).turns[-1].trigger is Trigger.SILENCE


async def test_the_player_has_the_whole_wait_from_the_moment_the_words_arrive() -> None:
    async with stage(typing_least_ms=5_000) as world:
        world.plugin(Actor).part = lambda turn: Reply(step="ask", texts=("Well?",), wait=HOUR)
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.clock.advance(3 * HOUR)
        assert len(world.plugin(Actor).turns) == 1
        come_online(world, chat.bot_id)
        await world.clock.advance(5_000)
        assert said(world, chat) == [f"{PREFACE}\nWell?"]
        await world.clock.advance(HOUR - 1)
        assert len(world.plugin(Actor).turns) == 1
        await world.clock.advance(5_000)
        assert world.plugin(Actor).turns[-1].trigger is Trigger.SILENCE


async def test_no_agent_is_asked_for_a_bot_that_is_offline() -> None:
    async with stage() as world:
        bot_id = world.add_bot(connected=False)
        chat_id = await befriend(world, bot_id, world.player())
        await idle()
        assert not world.plugin(Actor).turns
        come_online(world, bot_id)
        await idle()
        assert said(world, chat_of(world, chat_id)) == [f"{PREFACE}\nline 1"]


async def test_an_outcome_ends_chat_and_task_once_the_last_words_are_said() -> None:
    async with stage(typing_least_ms=2_000) as world:
        world.plugin(Actor).part = lambda turn: Reply(
            step="agreed",
            texts=("Agreed!",),
            outcome=TaskStatus.RESOLVED,
            reason=DialogueOutcome.AGREED,
            detail="Eleven it is.",
            agreed_price=Decimal("11.00"),
        )
        chat = await begin(world)
        assert chat.is_open
        assert not world.happened(DialogScriptCompleted)
        await world.clock.advance(2_000)
        task = world.state.tasks[chat.task_id or ""]
        assert (task.status, task.reason, task.agreed_price) == (TaskStatus.RESOLVED, "agreed", Decimal("11.00"))
        assert [e.reason for e in world.happened(ChatClosed)] == ["completed"]
        assert said(world, chat) == [f"{PREFACE}\nAgreed!"]
        await world.clock.advance(30 * DAY)
        assert len(world.plugin(Actor).turns) == 1


async def test_an_outcome_without_words_ends_the_dialogue_at_once() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(
            step="end", outcome=TaskStatus.FAILED, reason=DialogueOutcome.NO_ANSWER
        )
        chat = await begin(world)
        assert not chat.is_open
        assert world.state.tasks[chat.task_id or ""].reason == "noAnswer"


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(step="x", outcome=TaskStatus.DISPOSED), "ends as resolved or failed"),
        (Reply(step="x", outcome=TaskStatus.RESOLVED, agreed_price=Decimal(99)), "outside of 10.00 to 12.50"),
        (Reply(step="x", outcome=TaskStatus.FAILED, agreed_price=Decimal(11)), "without resolving"),
        (Reply(step="x", texts=("again",) * 6), "6 messages in one turn"),
        (Reply(step="x", texts=("a" * 2_001,)), "more than 2000 characters"),
        (Reply(step=""), "names no step"),
        (Reply(step="x", outcome=TaskStatus.RESOLVED, agreed_price=Decimal("NaN")), "the price NaN"),
        (Reply(step="x", texts=("half a letter \ud800",)), "not of the form of a Reply"),
        (Reply(step="x", wait=0.5), "Expected `int | null`, got `float`"),  # type: ignore[arg-type]
        (Reply(step="x", texts=(1,)), "Expected `str`, got `int`"),  # type: ignore[arg-type]
    ],
)
async def test_a_reply_that_cannot_be_is_not_carried_out_and_a_person_is_called(reply: Reply, why: str) -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: reply
        chat = await begin(world)
        assert said(world, chat) == []
        assert not chat.agent_enabled
        assert [e.reason for e in world.happened(ChatAgentToggled)] == ["agentMistaken"]
        assert why in world.happened(ErrorLogged)[0].message
        assert world.state.tasks[chat.task_id or ""].is_open


async def test_an_agent_may_spell_its_outcome_out() -> None:
    async with stage() as world:
        price = Decimal(11)
        world.plugin(Actor).part = lambda turn: Reply(
            step="x",
            texts=["Agreed!"],  # type: ignore[arg-type]
            outcome="resolved",  # type: ignore[arg-type]
            agreed_price=price,
        )
        chat = await begin(world)
        assert world.state.tasks[chat.task_id or ""].status is TaskStatus.RESOLVED


async def test_a_turn_that_no_agent_takes_is_offered_again_and_then_to_a_person() -> None:
    async with stage(answer_tries=3, answer_again_ms=5_000) as world:
        world.plugin(Actor).part = lambda turn: None
        chat = await begin(world)
        await world.clock.advance(5_000)
        assert chat_of(world, chat.id).agent_enabled
        await world.clock.advance(5_000)
        assert len(world.plugin(Actor).turns) == 3
        assert not chat_of(world, chat.id).agent_enabled
        assert [e.reason for e in world.happened(ChatAgentToggled)] == ["agentSilent"]
        assert chat.id in world.happened(ErrorLogged)[0].message


async def test_an_agent_that_fails_calls_for_a_person_too_and_takes_no_other_chat_down() -> None:
    async with stage(answer_tries=1) as world:

        def fail_for_one(turn: Turn) -> Reply:
            if turn.task.item == "bad":
                raise RuntimeError("out of words")
            return Reply(step="hello", texts=("Hello!",))

        world.plugin(Actor).part = fail_for_one
        bad, good = await begin(world, item="bad"), await begin(world, item="good")
        assert not chat_of(world, bad.id).agent_enabled
        assert chat_of(world, good.id).agent_enabled
        assert said(world, good) == [f"{PREFACE}\nHello!"]


async def test_giving_back_has_the_agent_go_on_with_what_was_said_meanwhile() -> None:
    async with stage() as world:
        chat = await begin(world)
        await world.execute(SendMessage(chat_id=chat.id, text="Anna here, one moment"))
        world.transport.say(chat.bot_id, chat.player, "ok, 11")
        await idle()
        assert len(world.plugin(Actor).turns) == 1
        await world.execute(ToggleAgent(chat_id=chat.id, enabled=True))
        turn = world.plugin(Actor).turns[-1]
        assert (turn.trigger, turn.text) == (Trigger.RESUMED, "ok, 11")
        assert said(world, chat)[1:] == ["Anna here, one moment", "line 2"]


async def test_nothing_is_asked_about_a_chat_while_contact_is_paused() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="ask", texts=("Well?",), wait=10 * SECOND)
        chat = await begin(world)
        world.ctx.publish(ContactPaused())
        world.transport.say(chat.bot_id, chat.player, "yes")
        await world.clock.advance(MINUTE)
        assert len(world.plugin(Actor).turns) == 1
        world.ctx.publish(ContactResumed())
        await idle()
        assert world.plugin(Actor).turns[-1].text == "yes"


async def test_blank_lines_of_an_agent_are_not_sent() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=(" ", "Hello!  ", ""))
        chat = await begin(world)
        assert deliveries(world, chat) == [(f"{PREFACE}\nHello!", "sent")]

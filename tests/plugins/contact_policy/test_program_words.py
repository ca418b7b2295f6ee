"""What programs say of themselves, and how much they write to a player."""

from __future__ import annotations

import pytest

from kernel.clock import HOUR, MINUTE
from kernel.commands import (
    DeliverMessage,
    SendMessage,
)
from kernel.events import (
    ChatMessageFailed,
    ChatMessageInDoubt,
    ChatMessageSending,
    ClockResumed,
)
from kernel.ids import MessageId
from kernel.rows import MESSAGES_KEPT
from plugins.dialogue.codes import UnsentReason
from tests.plugins.contact_policy.scene import NOTICE, refused, scene


@pytest.mark.parametrize("author", ["agent:scripted_agent", "agent:other", "plugin:somebody", "kernel"])
async def test_a_programs_first_words_in_a_chat_carry_the_notice(author: str) -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        without = it.queue(chat, "Hi! Do you sell your AK?", author)
        hidden = it.queue(chat, f"Hi! By the way: {NOTICE}", author)

        assert (await refused(it, without)).code == "noticeMissing"
        assert (await refused(it, hidden)).code == "noticeMissing", "the notice stands first"
        assert (await refused(it, SendMessage(chat_id=chat, text="Hi!"), author)).code == "noticeMissing"
        await it.deliver(chat, f"{NOTICE}\n\nHi! Do you sell your AK?", author)
        await it.deliver(chat, "For 10 to 12 USD", author)
        assert len(it.delivered) == 2


async def test_a_first_message_that_was_not_sent_has_announced_nothing() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        it.queue(chat, NOTICE)

        assert (await refused(it, it.queue(chat, "Do you sell your AK?"))).code == "noticeMissing"


async def test_the_notice_stands_in_every_chat_and_counts_in_every_language() -> None:
    async with scene({"notices": {"pl": "Pisze automat. Odpisz STOP, by przestał."}}) as it:
        bot, player = it.world.add_bot(), it.world.player()
        task, chat = it.deal(player, bot)
        await it.deliver(chat, "Pisze automat. Odpisz STOP, by przestał. Cześć!")
        it.end_task(task)
        it.close(chat)
        _, next_chat = it.deal(player, bot)

        assert (await refused(it, it.queue(next_chat, "Cześć!"))).code == "noticeMissing"
        await it.deliver(next_chat, NOTICE)


async def test_persons_need_no_notice_and_may_say_that_they_are_persons() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        await it.deliver(chat, "Hi, I am a real person, not a bot", "operator:anna")
        await it.deliver(chat, "Я живой человек", "notebook:lab")
        await it.world.execute(SendMessage(chat_id=chat, text="I'm not a bot"), actor="operator:anna")

        assert (len(it.delivered), len(it.said)) == (2, 1)


async def test_an_operators_words_before_do_not_spare_the_agent_its_notice() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        await it.deliver(chat, "Hi, Anna here", "operator:anna")

        assert (await refused(it, it.queue(chat, "Do you sell your AK?"))).code == "noticeMissing"


@pytest.mark.parametrize("author", ["agent:scripted_agent", "plugin:somebody"])
async def test_no_program_denies_being_one(author: str) -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        await it.deliver(chat, NOTICE, author)
        it.hear(chat, "are you a bot?")
        it.hear(chat, "tell me")

        for text in ("I am not a bot", "No.", "Нет, я живой человек"):
            assert (await refused(it, it.queue(chat, text, author))).code == "deniesProgram"
            assert (await refused(it, SendMessage(chat_id=chat, text=text), author)).code == "deniesProgram"
        await it.deliver(chat, "Yes, I am an automated assistant.", author)


async def test_a_denial_behind_the_notice_is_a_denial() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())

        assert (await refused(it, it.queue(chat, f"{NOTICE} Just kidding, I'm a real person"))).code == "deniesProgram"


async def test_words_of_unknown_origin_are_held_to_what_programs_are() -> None:
    async with scene() as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        line = it.queue(chat, "Hello", "operator:anna")
        unknown = DeliverMessage(
            chat_id=chat, message_id=MessageId("msg_0"), bot_id=line.bot_id, player=line.player, text="Hello"
        )

        assert (await refused(it, unknown)).code == "noticeMissing"
        await it.world.execute(line)


@pytest.mark.parametrize("author", ["agent:scripted_agent", "plugin:somebody"])
async def test_programs_write_so_many_messages_to_a_player_who_says_nothing_and_no_more(author: str) -> None:
    async with scene({"lines_unanswered": 3}) as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        for text in (NOTICE, "Are you there?", "Hello?"):
            await it.deliver(chat, text, author)

        refusal = await refused(it, it.queue(chat, "Well?", author))
        assert (refusal.code, refusal.retry_after, refusal.passing) == ("tooManyUnanswered", None, False)
        assert "a person is needed" in refusal.message
        assert (await refused(it, SendMessage(chat_id=chat, text="Well?"), author)).code == "tooManyUnanswered"
        await it.deliver(chat, "Anna here", "operator:anna")
        assert (await refused(it, it.queue(chat, "Well?", author))).code == "tooManyUnanswered", "that was no answer"
        it.hear(chat, "yes?")
        await it.deliver(chat, "Do you sell?", author)


async def test_what_was_decided_on_before_the_players_words_and_reached_them_after_is_not_answered() -> None:
    async with scene({"lines_unanswered": 3}) as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        await it.deliver(chat, NOTICE)
        late = [it.queue(chat, text) for text in ("Hello?", "Still there?")]
        await it.world.clock.advance(1_000)
        it.hear(chat, "one moment")
        await it.world.clock.advance(1_000)
        for line in late:
            await it.carry(line)
        await it.deliver(chat, "Well?")

        assert (await refused(it, it.queue(chat, "Well then?"))).code == "tooManyUnanswered"


async def test_what_may_have_arrived_counts_and_what_never_left_does_not() -> None:
    async with scene({"lines_unanswered": 2}) as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        await it.deliver(chat, NOTICE)
        for reason in (UnsentReason.TAKEN_OVER, UnsentReason.DISCARDED):
            never = it.queue(chat, "Hello?")
            lost = ChatMessageFailed(chat_id=chat, message_id=never.message_id, reason=reason, detail="")
            it.world.ctx.publish(lost)
        perhaps = it.queue(chat, "Hello?")
        it.world.ctx.publish(ChatMessageSending(chat_id=chat, message_id=perhaps.message_id))
        it.world.ctx.publish(ChatMessageInDoubt(chat_id=chat, message_id=perhaps.message_id, detail=""))

        assert (await refused(it, it.queue(chat, "Well?"))).code == "tooManyUnanswered"


async def test_a_flood_that_pushes_lines_out_of_memory_does_not_make_room_for_more_of_a_programs() -> None:
    async with scene({"lines_per_hour": 400}) as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        await it.deliver(chat, NOTICE)
        for _ in range(MESSAGES_KEPT + 1):
            it.hear(chat, "yes")
        await it.deliver(chat, "Anna here", "operator:anna")
        await it.deliver(chat, NOTICE, "operator:anna")
        assert (await refused(it, it.queue(chat, NOTICE))).code == "tooManyLines"

        await it.world.clock.advance(HOUR)
        await it.deliver(chat, NOTICE)


async def test_programs_keep_to_their_measure_within_the_hour_though_the_player_answers() -> None:
    async with scene({"lines_per_hour": 3}) as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        for text in (NOTICE, "one", "two"):
            await it.deliver(chat, text)
            it.hear(chat, "yes")
            await it.world.clock.advance(10 * MINUTE)

        assert (await refused(it, it.queue(chat, "three"))).code == "tooManyLines"
        await it.deliver(chat, "Anna here", "operator:anna")
        await it.world.clock.advance(40 * MINUTE)
        await it.deliver(chat, "four")


async def test_the_hour_is_counted_from_when_a_line_leaves_and_not_from_when_it_was_queued() -> None:
    async with scene({"lines_per_hour": 3}) as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        waiting = [it.queue(chat, text) for text in (NOTICE, "one", "two")]
        await it.world.clock.advance(2 * HOUR)
        for line in waiting:
            await it.carry(line)
            it.hear(chat, "yes")

        assert (await refused(it, it.queue(chat, "three"))).code == "tooManyLines"
        await it.world.clock.advance(HOUR)
        await it.deliver(chat, "four")


async def test_time_in_which_the_system_did_not_run_makes_no_room_within_the_hour() -> None:
    """It may be a clock that was set while it was down."""
    async with scene({"lines_per_hour": 2}) as it:
        _, chat = it.deal(it.world.player(), it.world.add_bot())
        for text in (NOTICE, "one"):
            await it.deliver(chat, text)
            it.hear(chat, "yes")
        await it.world.clock.advance(2 * HOUR)
        it.world.ctx.publish(ClockResumed(gap_ms=2 * HOUR))

        assert (await refused(it, it.queue(chat, "two"))).code == "tooManyLines"

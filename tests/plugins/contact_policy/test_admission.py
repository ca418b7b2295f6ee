"""What may go out and what may not, the same for agents, operators, notebooks and plugins."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import pytest

from kernel.clock import HOUR, MINUTE
from kernel.codes import WaitReason
from kernel.commands import (
    AddDoNotContact,
    AllowInvite,
    Command,
    DeliverMessage,
    PauseContact,
    ReachesPlayer,
    RetryMessage,
    SendInvite,
    SendMessage,
)
from kernel.errors import Rejected
from kernel.events import (
    BotAdded,
    BotRemoved,
    ChatMessageFailed,
    ChatMessageInDoubt,
    ChatMessageSending,
    FriendInviteFailed,
    FriendInviteLeftBehind,
    FriendInviteQueued,
    FriendInviteTakenBack,
    TaskStatusChanged,
)
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId, new_chat_id
from kernel.rows import MESSAGES_KEPT, InviteRefusal, Row, TaskStatus
from kernel.state import Table
from plugins.dialogue.codes import UnsentReason
from tests.plugins.contact_policy.scene import CALLERS, NOTICE, Scene, create_task, scene

every_caller = pytest.mark.parametrize("caller", CALLERS)


async def refused(scene: Scene, command: Command[object], caller: str = "operator:anna") -> Rejected:
    refusal = await scene.world.refusal(command, actor=caller)
    assert isinstance(refusal, Rejected), refusal
    return refusal


@every_caller
async def test_someone_on_the_list_is_left_alone_by_everyone(caller: str) -> None:
    async with scene() as it:
        bot, player = it.world.add_bot(), it.world.player()
        task, chat = it.deal(player, bot)
        await it.deliver(chat, NOTICE)
        invite, line = it.request_invite(task), it.queue(chat, "One more thing", caller)
        await it.world.execute(AddDoNotContact(player=player))

        retry = RetryMessage(chat_id=chat, message_id=line.message_id)
        commands = (create_task(player), invite, line, SendMessage(chat_id=chat, text="Please?"), retry)
        codes = {(await refused(it, command, caller)).code for command in commands}

        assert codes == {"doNotContact"}
        assert (it.delivered, it.said, it.world.transport.invited) == ([NOTICE], [], [])


@every_caller
async def test_during_a_pause_nothing_goes_out_for_anyone(caller: str) -> None:
    async with scene() as it:
        bot, player, other = it.world.add_bot(), it.world.player(), it.world.player()
        _, chat = it.deal(player, bot)
        await it.deliver(chat, NOTICE)
        invite = it.request_invite(it.task(other, bot))
        line = it.queue(chat, "One more thing", caller)
        await it.world.execute(PauseContact())

        retry = RetryMessage(chat_id=chat, message_id=line.message_id)
        commands = (invite, line, SendMessage(chat_id=chat, text="Please?"), retry)
        refusals = [await refused(it, command, caller) for command in commands]

        assert {refusal.code for refusal in refusals} == {"contactPaused"}
        assert "operator:anna" in refusals[0].message, "who paused is whom to ask"
        assert (it.delivered, it.said, it.world.transport.invited) == ([NOTICE], [], [])


async def test_a_task_may_be_made_during_a_pause_because_it_can_wait() -> None:
    async with scene() as it:
        await it.world.execute(PauseContact())

        assert await it.world.create_task() in it.state.tasks


@every_caller
async def test_someone_with_a_task_gets_no_second_one(caller: str) -> None:
    async with scene() as it:
        player = it.world.player()
        first = await it.world.create_task(player)
        refusal = await refused(it, create_task(player), caller)

        assert refusal.code == "playerBusy"
        assert first in refusal.message

        it.end_task(first)
        assert await it.world.create_task(player) != first


async def test_of_two_tasks_for_one_player_at_the_same_moment_one_is_made() -> None:
    async with scene() as it:
        player = it.world.player()
        asked = [it.world.ctx.execute(create_task(player)) for _ in range(10)]
        answers = await asyncio.gather(*asked, return_exceptions=True)

        assert sum(isinstance(answer, str) for answer in answers) == 1
        assert len(it.state.tasks) == 1


@every_caller
async def test_someone_in_a_conversation_gets_no_task_beside_it(caller: str) -> None:
    async with scene() as it:
        player = it.world.player()
        chat = it.chat(player, it.world.add_bot())
        refusal = await refused(it, create_task(player), caller)

        assert (refusal.code, chat in refusal.message) == ("playerBusy", True)


@pytest.mark.parametrize("how", [InviteRefusal.DECLINED, InviteRefusal.LAPSED])
@every_caller
async def test_who_declined_or_let_an_invite_lapse_is_not_asked_again(how: InviteRefusal, caller: str) -> None:
    async with scene() as it:
        bot, player = it.world.add_bot(), it.world.player()
        task = it.task(player, bot)
        await it.world.execute(it.request_invite(task), actor="plugin:invites")
        it.world.ctx.publish(FriendInviteFailed(task_id=task, bot_id=bot, player=player, reason=how, detail="…"))
        assert (await refused(it, it.request_invite(task), caller)).code == "inviteRefusedBefore"

        it.end_task(task)
        assert (await refused(it, create_task(player), caller)).code == "inviteRefusedBefore"
        assert len(it.world.transport.invited) == 1


@every_caller
async def test_who_may_have_declined_is_asked_by_no_bot_until_a_person_allows_it(caller: str) -> None:
    async with scene() as it:
        bot, other, player = it.world.add_bot(), it.world.add_bot(), it.world.player()
        task = it.task(player, bot)
        await it.world.execute(it.request_invite(task), actor="plugin:invites")
        it.world.ctx.publish(
            FriendInviteFailed(task_id=task, bot_id=bot, player=player, reason=InviteRefusal.IN_DOUBT, detail="…")
        )
        it.end_task(task)

        refusal = await refused(it, create_task(player), caller)
        assert (refusal.code, "AllowInvite" in refusal.message) == ("inviteInDoubt", True)
        again = it.task(player, other)
        invite = it.request_invite(again)
        assert (await refused(it, invite, caller)).code == "inviteInDoubt"
        assert len(it.world.transport.invited) == 1

        await it.world.execute(AllowInvite(player=player))
        await it.world.execute(invite)
        assert len(it.world.transport.invited) == 2


@every_caller
async def test_who_may_still_see_the_invite_of_a_removed_bot_is_busy_for_every_bot(caller: str) -> None:
    async with scene() as it:
        player, account = it.world.player(), SteamId64("76561199000000099")
        it.world.ctx.publish(FriendInviteLeftBehind(steam_id64=account, player=player))

        refusal = await refused(it, create_task(player), caller)
        assert (refusal.code, account in refusal.message) == ("playerBusy", True)
        invite = it.request_invite(it.task(player, it.world.add_bot()))
        assert (await refused(it, invite, caller)).code == "playerBusy"

        it.world.ctx.publish(FriendInviteTakenBack(steam_id64=account, player=player))
        await it.world.execute(invite)


@every_caller
async def test_an_account_of_our_own_is_no_player(caller: str) -> None:
    async with scene() as it:
        one, other = it.world.add_bot(), it.world.add_bot()
        ours = it.state.bots[other].steam_id64

        refusal = await refused(it, create_task(ours), caller)
        assert (refusal.code, other in refusal.message) == ("ownBot", True)
        assert it.state.tasks == {}

        task = it.task(stranger := it.world.player(), one)  # who becomes one of ours after the task was made
        added = BotAdded(bot_id=BotId("bot_late"), steam_id64=stranger, proxy_url="socks5h://127.0.0.1:9")
        it.world.ctx.publish(added)
        assert (await refused(it, it.request_invite(task), caller)).code == "ownBot"
        assert it.world.transport.invited == []


@every_caller
async def test_a_bot_does_not_invite_for_a_task_that_is_another_bots_or_has_ended(caller: str) -> None:
    async with scene() as it:
        one, other, player = it.world.add_bot(), it.world.add_bot(), it.world.player()
        task = it.task(player, one)
        invite = it.request_invite(task)
        by_other = SendInvite(task_id=task, bot_id=other, player=player)
        to_other = SendInvite(task_id=task, bot_id=one, player=it.world.player())

        assert (await refused(it, by_other, caller)).code == "noOpenTask"
        assert (await refused(it, to_other, caller)).code == "noOpenTask"
        assert (await refused(it, SendInvite(task_id=TaskId("task_0"), bot_id=other, player=player), caller)).code == (
            "playerBusy"
        )
        it.end_task(task)
        assert (await refused(it, invite, caller)).code == "noOpenTask"
        assert it.world.transport.invited == []


@every_caller
async def test_a_bot_does_not_invite_someone_who_talks_with_another_bot(caller: str) -> None:
    async with scene() as it:
        one, other, player = it.world.add_bot(), it.world.add_bot(), it.world.player()
        invite = it.request_invite(it.task(player, one))
        it.chat(player, other)

        assert (await refused(it, invite, caller)).code == "playerBusy"
        it.chat(player, one)
        assert (await refused(it, invite, caller)).code == "playerBusy", "whichever of the chats is the latest"


@every_caller
async def test_who_may_still_see_the_invite_of_an_ended_task_is_not_invited_by_another_bot(caller: str) -> None:
    async with scene() as it:
        offline, other, player = it.world.add_bot(), it.world.add_bot(), it.world.player()
        ended = it.task(player, offline)
        await it.world.execute(it.request_invite(ended))
        it.end_task(ended)

        refusal = await refused(it, create_task(player), caller)
        assert (refusal.code, ended in refusal.message) == ("playerBusy", True)
        task = it.task(player, other)
        assert (await refused(it, it.request_invite(task), caller)).code == "playerBusy"

        it.world.ctx.publish(
            FriendInviteFailed(task_id=ended, bot_id=offline, player=player, reason=WaitReason.WITHDRAWN, detail="…")
        )
        await it.world.execute(SendInvite(task_id=task, bot_id=other, player=player))


@every_caller
async def test_a_second_bot_stays_silent_while_the_player_has_a_deal_with_another(caller: str) -> None:
    async with scene() as it:
        one, other, player = it.world.add_bot(), it.world.add_bot(), it.world.player()
        task, chat = it.deal(player, one)
        await it.deliver(chat, NOTICE)
        unasked = it.chat(player, other)  # a friend of both writes to the other one
        it.hear(unasked, "hi, are you selling?")

        assert (await refused(it, it.queue(unasked, "Hello", caller), caller)).code == "playerBusy"
        assert (await refused(it, SendMessage(chat_id=unasked, text="Hello"), caller)).code == "playerBusy"
        await it.deliver(chat, "The deal goes on, though")

        it.end_task(task)
        it.close(chat)
        await it.deliver(unasked, "Hello", "operator:anna")
        assert it.delivered == [NOTICE, "The deal goes on, though", "Hello"]


async def test_of_two_conversations_without_a_task_the_latest_is_the_one_in_which_we_speak() -> None:
    async with scene() as it:
        one, other, player = it.world.add_bot(), it.world.add_bot(), it.world.player()
        first, second = it.chat(player, one), it.chat(player, other)

        assert (await refused(it, it.queue(first, "Hello", "operator:anna"))).code == "playerBusy"
        await it.deliver(second, "Hello", "operator:anna")

        it.close(second)
        await it.deliver(first, "Hello again", "operator:anna")


async def test_a_bot_with_an_earlier_chat_may_go_on_in_it_while_it_has_the_players_task() -> None:
    async with scene() as it:
        bot, player = it.world.add_bot(), it.world.player()
        chat = it.chat(player, bot)
        it.task(player, bot)

        await it.deliver(chat, "Hello", "operator:anna")


@every_caller
async def test_a_message_goes_only_where_its_chat_is(caller: str) -> None:
    async with scene() as it:
        one, other, player = it.world.add_bot(), it.world.add_bot(), it.world.player()
        _, chat = it.deal(player, one)
        line = it.queue(chat, NOTICE, caller)
        astray: list[tuple[BotId, SteamId64, ChatId]] = [
            (other, player, chat),
            (one, it.world.player(), chat),
            (one, player, new_chat_id()),
        ]
        for bot_id, to, chat_id in astray:
            command = DeliverMessage(chat_id=chat_id, message_id=line.message_id, bot_id=bot_id, player=to, text=NOTICE)
            assert (await refused(it, command, caller)).code == "chatClosed"

        it.close(chat)
        assert (await refused(it, line, caller)).code == "chatClosed"
        assert it.delivered == []


async def test_the_fleet_sends_no_more_invites_within_an_hour_than_the_limit() -> None:
    async with scene({"invites_per_hour": 3}) as it:
        bots = [it.world.add_bot() for _ in range(5)]
        for minute in range(3):
            await it.world.execute(it.request_invite(it.task(it.world.player(), bots[minute])), actor="plugin:invites")
            await it.world.clock.advance(60_000)

        task = it.task(it.world.player(), bots[3])
        refusal = await refused(it, it.request_invite(task))
        assert (refusal.code, refusal.status) == ("fleetInviteLimit", 429)
        assert refusal.retry_after == HOUR - 3 * 60_000, "when the oldest leaves the hour"

        await it.world.clock.advance(refusal.retry_after - 1)
        assert (await refused(it, it.request_invite(task))).retry_after == 1
        await it.world.clock.advance(1)
        await it.world.execute(it.request_invite(task), actor="plugin:invites")
        assert len(it.world.transport.invited) == 4


async def test_invites_that_were_refused_and_queued_again_do_not_use_the_hour_up() -> None:
    async with scene({"invites_per_hour": 2}) as it:
        for _ in range(2):
            await it.world.execute(it.request_invite(it.task(it.world.player(), it.world.add_bot())))
        waiting = [it.task(it.world.player(), it.world.add_bot()) for _ in range(20)]
        for task in waiting:
            command = it.request_invite(task)
            assert (await refused(it, command)).retry_after == HOUR
            it.world.ctx.publish(FriendInviteQueued(task_id=task, bot_id=command.bot_id, player=command.player))

        await it.world.clock.advance(HOUR)
        for task in waiting[:2]:
            await it.world.execute(it.request_invite(task))
        assert (await refused(it, it.request_invite(waiting[2]))).code == "fleetInviteLimit"
        assert len(it.world.transport.invited) == 4


async def test_of_two_invites_decided_at_once_with_one_place_left_at_most_one_goes() -> None:
    async with scene({"invites_per_hour": 2}) as it:
        await it.world.execute(it.request_invite(it.task(it.world.player(), it.world.add_bot())))
        await it.world.clock.advance(1)
        first = it.request_invite(it.task(it.world.player(), it.world.add_bot()))
        await it.world.clock.advance(1)
        second = it.request_invite(it.task(it.world.player(), it.world.add_bot()))

        assert (await refused(it, second)).code == "fleetInviteLimit"
        await it.world.execute(first)


async def test_what_steam_has_taken_counts_for_those_that_were_decided_before_its_answer() -> None:
    async with scene({"invites_per_hour": 1}) as it:
        late = it.request_invite(it.task(it.world.player(), it.world.add_bot()))
        await it.world.clock.advance(1)
        waiting = it.request_invite(it.task(it.world.player(), it.world.add_bot()))
        await it.world.clock.advance(9_000)
        await it.world.execute(late)

        assert (await refused(it, waiting)).retry_after == HOUR, "the hour is counted from when Steam may have seen it"


async def test_whoever_waits_further_back_is_told_to_wait_longer() -> None:
    async with scene({"invites_per_hour": 2}) as it:
        for _ in range(2):
            await it.world.execute(it.request_invite(it.task(it.world.player(), it.world.add_bot())))
            await it.world.clock.advance(60_000)
        first = it.request_invite(it.task(it.world.player(), it.world.add_bot()))
        await it.world.clock.advance(1_000)
        second = it.request_invite(it.task(it.world.player(), it.world.add_bot()))

        assert (await refused(it, first)).retry_after == HOUR - 121_000, "when the oldest leaves the hour"
        assert (await refused(it, second)).retry_after == HOUR - 61_000, "when the second oldest leaves the hour"


@every_caller
async def test_an_invite_that_no_queue_holds_is_not_sent_since_it_would_not_be_counted(caller: str) -> None:
    async with scene() as it:
        bot, player = it.world.add_bot(), it.world.player()
        task = it.task(player, bot)
        bare = SendInvite(task_id=task, bot_id=bot, player=player)
        assert (await refused(it, bare, caller)).code == "notRequested"

        await it.world.execute(it.request_invite(task))
        assert (await refused(it, bare, caller)).code == "notRequested", "nor is it sent twice"
        assert len(it.world.transport.invited) == 1


async def test_a_queue_may_ask_beforehand_what_the_guard_would_say() -> None:
    async with scene({"invites_per_hour": 1}) as it:
        bot, player = it.world.add_bot(), it.world.player()
        task = it.task(player, bot)
        it.world.ctx.publish(FriendInviteQueued(task_id=task, bot_id=bot, player=player))
        waiting = SendInvite(task_id=task, bot_id=bot, player=player)
        assert (await refused(it, waiting)).code == "inviteNotDecided", "the policy itself has no objection"

        await it.world.execute(it.request_invite(it.task(it.world.player(), it.world.add_bot())))
        assert (await refused(it, waiting)).retry_after == HOUR


async def test_an_invite_that_was_held_up_for_more_than_an_hour_takes_its_place_behind_the_others() -> None:
    async with scene({"invites_per_hour": 1}) as it:
        held_up = it.request_invite(it.task(it.world.player(), it.world.add_bot()))
        await it.world.clock.advance(HOUR)
        await it.world.execute(it.request_invite(it.task(it.world.player(), it.world.add_bot())))

        assert (await refused(it, held_up)).retry_after == HOUR
        await it.world.clock.advance(HOUR)
        await it.world.execute(held_up)


async def test_the_hour_outlasts_the_bot_that_used_it() -> None:
    async with scene({"invites_per_hour": 1}) as it:
        bot, player = it.world.add_bot(), it.world.player()
        task = it.task(player, bot)
        await it.world.execute(it.request_invite(task))
        it.world.ctx.publish(TaskStatusChanged(task_id=task, status=TaskStatus.FAILED))
        it.world.ctx.publish(BotRemoved(bot_id=bot))

        command = it.request_invite(it.task(it.world.player(), it.world.add_bot()))
        assert (await refused(it, command)).code == "fleetInviteLimit"


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


async def test_of_a_chat_that_does_not_exist_its_handler_says_so() -> None:
    async with scene() as it:
        await it.world.execute(SendMessage(chat_id=new_chat_id(), text="Hello"))

        assert len(it.said) == 1, "the desk of this test takes anything"


class SendGift(ReachesPlayer[None], frozen=True, kw_only=True):
    """Another plugin's own way to a player."""


async def test_a_way_out_that_the_kernel_does_not_know_is_held_to_the_pause_the_list_and_one_bot_a_person() -> None:
    async with scene() as it:
        gifts: list[SendGift] = []
        it.world.ctx.handle(SendGift, gifts.append)
        bot, other, player = it.world.add_bot(), it.world.add_bot(), it.world.player()
        await it.world.execute(SendGift(player=player, bot_id=bot))
        task, _ = it.deal(player, bot)
        await it.world.execute(SendGift(player=player, bot_id=bot))
        assert (await refused(it, SendGift(player=player, bot_id=other))).code == "playerBusy"
        it.end_task(task)
        assert (await refused(it, SendGift(player=player, bot_id=other))).code == "playerBusy"

        await it.world.execute(AddDoNotContact(player=player))
        assert (await refused(it, SendGift(player=player, bot_id=bot))).code == "doNotContact"
        await it.world.execute(PauseContact())
        assert (await refused(it, SendGift(player=it.world.player(), bot_id=bot))).code == "contactPaused"
        assert len(gifts) == 2


async def test_the_guard_looks_rows_up_and_walks_through_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def walk(table: Table[str, Row]) -> NoReturn:
        raise AssertionError(f"walked through {table.name}")

    async with scene() as it:
        bot, player = it.world.add_bot(), it.world.player()
        _, chat = it.deal(it.world.player(), bot)
        invite = it.request_invite(it.task(it.world.player(), it.world.add_bot()))
        line = it.queue(chat, NOTICE)
        monkeypatch.setattr(Table, "__iter__", walk)
        monkeypatch.setattr(Table, "rows", walk)

        for command in (create_task(player), invite, line, SendMessage(chat_id=chat, text="Hello")):
            await it.world.execute(command)
        monkeypatch.undo()


# ── how much a program writes


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

"""What may go out and what may not, the same for agents, operators, notebooks and plugins."""

from __future__ import annotations

import asyncio
from typing import NoReturn

import pytest

from kernel.codes import WaitReason
from kernel.commands import (
    AddDoNotContact,
    AllowInvite,
    DeliverMessage,
    PauseContact,
    ReachesPlayer,
    RetryMessage,
    SendInvite,
    SendMessage,
)
from kernel.events import (
    BotAdded,
    FriendInviteFailed,
    FriendInviteLeftBehind,
    FriendInviteTakenBack,
)
from kernel.ids import BotId, ChatId, SteamId64, TaskId, new_chat_id
from kernel.rows import InviteRefusal, Row
from kernel.state import Table
from tests.plugins.contact_policy.scene import CALLERS, NOTICE, create_task, refused, scene

every_caller = pytest.mark.parametrize("caller", CALLERS)


@every_caller
async def test_someone_on_the_list_is_left_alone_by_everyone(caller: str) -> None:
    async with scene({"settle_deadline_s": 0.001}) as it:
        bot, player = it.world.add_bot(), it.world.player()
        task, chat = it.deal(player, bot)
        await it.deliver(chat, NOTICE)
        invite, line = it.request_invite(task), it.queue(chat, "One more thing", caller)
        await it.halt(AddDoNotContact(player=player))

        retry = RetryMessage(chat_id=chat, message_id=line.message_id)
        commands = (create_task(player), invite, line, SendMessage(chat_id=chat, text="Please?"), retry)
        codes = {(await refused(it, command, caller)).code for command in commands}

        assert codes == {"doNotContact"}
        assert (it.delivered, it.said, it.world.transport.invited) == ([NOTICE], [], [])


@every_caller
async def test_during_a_pause_nothing_goes_out_for_anyone(caller: str) -> None:
    async with scene({"settle_deadline_s": 0.001}) as it:
        bot, player, other = it.world.add_bot(), it.world.player(), it.world.player()
        _, chat = it.deal(player, bot)
        await it.deliver(chat, NOTICE)
        invite = it.request_invite(it.task(other, bot))
        line = it.queue(chat, "One more thing", caller)
        await it.halt(PauseContact())

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

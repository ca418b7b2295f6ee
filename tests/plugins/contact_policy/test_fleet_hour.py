"""How many invites the whole fleet sends within an hour, and how those wait that are beyond it."""

from __future__ import annotations

import pytest

from kernel.clock import HOUR
from kernel.commands import (
    SendInvite,
)
from kernel.events import (
    BotRemoved,
    FriendInviteQueued,
    TaskStatusChanged,
)
from kernel.rows import TaskStatus
from tests.plugins.contact_policy.scene import CALLERS, refused, scene

every_caller = pytest.mark.parametrize("caller", CALLERS)


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

"""How deals go, as Prometheus reads it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from kernel.clock import MINUTE
from kernel.codes import Undeclared
from kernel.errors import Binds
from kernel.events import (
    BotAdded,
    BotAuthFailed,
    BotConnected,
    BotConnecting,
    BotDisconnected,
    ChatClosed,
    ChatMessageFailed,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatMessageSent,
    ChatStarted,
    DialogScriptCompleted,
    FriendInviteAccepted,
    FriendInviteFailed,
    FriendInviteQueued,
    FriendInviteRefused,
    FriendInviteRequested,
    FriendInviteSent,
)
from kernel.ids import BotId, SteamId64, TaskId, new_bot_id, new_chat_id, new_message_id
from kernel.rows import Delivery, InviteRefusal, Message, Sender, TaskStatus
from kernel.testing import World, idle
from plugins.dialogue.codes import ChatEnd
from plugins.metrics import Metrics
from plugins.metrics.codes import Codes
from plugins.steam.codes import SteamReason, SteamRefusal
from plugins.tasks import Tasks
from tests.plugins.metrics.scraping import samples, value

SECOND = 1_000
PLAYER = SteamId64("76561198000000001")


def add(world: World) -> BotId:
    bot_id = new_bot_id()
    number = len(world.state.bots)
    account = SteamId64(str(76561199000000000 + number))
    proxy = f"http://127.0.0.1:{9_000 + number}"
    world.ctx.publish(BotAdded(bot_id=bot_id, steam_id64=account, proxy_url=proxy))
    return bot_id


async def test_sign_ins_are_counted_by_result_and_a_session_that_ends_is_none() -> None:
    async with World(Metrics) as world:
        publish = world.ctx.publish
        lucky, behind_a_proxy, locked = add(world), add(world), add(world)
        for bot_id in (lucky, behind_a_proxy, locked):
            publish(BotConnecting(bot_id=bot_id))
        await world.clock.advance(3 * SECOND)
        publish(BotConnected(bot_id=lucky))
        publish(BotDisconnected(bot_id=behind_a_proxy, reason=SteamReason.PROXY_UNREACHABLE, detail="No answer."))
        publish(
            BotAuthFailed(bot_id=locked, reason=Undeclared("accountLocked"), detail="Locked.", next_step="Unlock it.")
        )
        publish(BotDisconnected(bot_id=lucky, reason=SteamReason.STEAM_UNAVAILABLE, detail="The connection ended."))
        found = await samples(world)

        assert value(found, "switchboard_sign_ins_total", result="ok") == 1
        assert value(found, "switchboard_sign_ins_total", result="proxy.unreachable") == 1
        assert value(found, "switchboard_sign_ins_total", result="accountLocked") == 1
        assert ("switchboard_sign_ins_total", frozenset({("result", "steam.unavailable")})) not in found
        assert value(found, "switchboard_sign_in_seconds_bucket", le="2.5") == 0
        assert value(found, "switchboard_sign_in_seconds_bucket", le="5.0") == 1
        assert value(found, "switchboard_proxies", status="failing") == 1
        assert value(found, "switchboard_bots_by_reason", status="authFailed", reason="accountLocked") == 1


def invite(world: World, task_id: TaskId, bot_id: BotId, player: SteamId64) -> None:
    for step in (FriendInviteQueued, FriendInviteRequested, FriendInviteSent):
        world.ctx.publish(step(task_id=task_id, bot_id=bot_id, player=player))


async def test_invites_are_counted_by_how_they_end() -> None:
    async with World(Metrics, Tasks) as world:
        publish = world.ctx.publish
        bot_id = world.add_bot()
        for number, end in enumerate(("accepted", "declined", "lapsed")):
            player = SteamId64(str(76561198000000010 + number))
            task_id = await world.create_task(player)
            invite(world, task_id, bot_id, player)
            if end == "accepted":
                publish(FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
            else:
                detail = "It ended."
                reason = InviteRefusal(end)
                publish(FriendInviteFailed(task_id=task_id, bot_id=bot_id, player=player, reason=reason, detail=detail))
        found = await samples(world)

        for result in ("accepted", "declined", "lapsed"):
            assert value(found, "switchboard_invites_ended_total", result=result) == 1


async def test_attempts_are_counted_by_what_steam_made_of_them() -> None:
    async with World(Metrics, Tasks) as world:
        publish, bot_id = world.ctx.publish, world.add_bot()
        for number in range(3):
            player = SteamId64(str(76561198000000010 + number))
            task_id = await world.create_task(player)
            it: dict[str, Any] = {"task_id": task_id, "bot_id": bot_id, "player": player}
            publish(FriendInviteQueued(**it))
            publish(FriendInviteRequested(**it))
            if number == 2:
                publish(FriendInviteFailed(**it, reason=InviteRefusal.IN_DOUBT, detail="d"))
                continue
            publish(FriendInviteRefused(**it, reason=SteamRefusal.STEAM_BUSY, detail="d", binds=Binds.REQUEST))
            publish(FriendInviteRequested(**it))
            publish(FriendInviteSent(**it))
            publish(FriendInviteFailed(**it, reason=InviteRefusal.DECLINED, detail="d"))
        found = await samples(world)

        for result, number in {"sent": 2, "steamBusy": 2, "inDoubt": 1}.items():
            assert value(found, "switchboard_invite_attempts_total", result=result) == number


async def test_a_clock_that_is_set_meanwhile_makes_no_sign_in_longer_or_shorter() -> None:
    async with World(Metrics) as world:
        bot_id = add(world)
        world.ctx.publish(BotConnecting(bot_id=bot_id))
        world.clock.set_wall(-86_400_000)
        await world.clock.advance(20 * SECOND)
        world.ctx.publish(BotConnected(bot_id=bot_id))

        assert value(await samples(world), "switchboard_sign_in_seconds_sum") == 20


async def test_a_players_wait_is_measured_from_their_first_unanswered_line_to_the_next_of_the_bot() -> None:
    async with World(Metrics, Tasks) as world:
        publish, bot_id = world.ctx.publish, world.add_bot()
        chat_id = new_chat_id()
        publish(ChatStarted(chat_id=chat_id, bot_id=bot_id, player=PLAYER))

        def player_writes() -> None:
            line = Message(
                id=new_message_id(), sender=Sender.PLAYER, text="hi", ts=world.clock.now(), author=f"player:{PLAYER}"
            )
            publish(ChatMessageReceived(chat_id=chat_id, message=line))

        def bot_writes(author: str, *, fails: bool = False) -> None:
            line = Message(
                id=new_message_id(),
                sender=Sender.BOT,
                text="hello",
                ts=world.clock.now(),
                author=author,
                delivery=Delivery.QUEUED,
                epoch=1,
            )
            publish(ChatMessageQueued(chat_id=chat_id, message=line))
            if fails:
                publish(
                    ChatMessageFailed(
                        chat_id=chat_id, message_id=line.id, reason=Undeclared("limited"), detail="Too many."
                    )
                )
            else:
                publish(ChatMessageSent(chat_id=chat_id, message_id=line.id, steam_ts=1, ordinal=0))

        bot_writes("agent:scripted_agent")  # nobody waits yet
        player_writes()
        await world.clock.advance(4 * SECOND)
        player_writes()
        bot_writes("operator:anna", fails=True)
        await world.clock.advance(2 * SECOND)
        bot_writes("operator:anna")
        player_writes()
        await world.clock.advance(1 * SECOND)
        bot_writes("agent:scripted_agent")
        player_writes()
        publish(ChatClosed(chat_id=chat_id, reason=ChatEnd.COMPLETED))
        found = await samples(world)

        assert value(found, "switchboard_reply_seconds_sum", author="operator") == 6
        assert value(found, "switchboard_reply_seconds_sum", author="agent") == 1
        assert value(found, "switchboard_reply_seconds_count", author="agent") == 1
        assert value(found, "switchboard_messages_failed_total", reason="limited") == 1


async def test_dialogues_and_tasks_are_counted_by_how_they_end_and_after_how_long() -> None:
    async with World(Metrics, Tasks) as world:
        publish, bot_id = world.ctx.publish, world.add_bot()
        task_id = await world.create_task(PLAYER)
        chat_id = new_chat_id()
        publish(ChatStarted(chat_id=chat_id, bot_id=bot_id, player=PLAYER, task_id=task_id))
        await world.clock.advance(10 * MINUTE)
        publish(
            DialogScriptCompleted(
                chat_id=chat_id,
                task_id=task_id,
                agent="scripted_agent",
                outcome=TaskStatus.FAILED,
                reason=Undeclared("tooExpensive"),
                detail="The player wanted it for less.",
                agreed_price=Decimal("10.00"),
            )
        )
        await idle()  # the plugin tasks ends the task
        found = await samples(world)

        assert value(found, "switchboard_dialogues_completed_total", outcome="failed", reason="tooExpensive") == 1
        assert value(found, "switchboard_task_seconds_sum", status="failed") == 600
        assert value(found, "switchboard_task_oldest_seconds", status="created") == 0


def test_codes_that_somebody_makes_up_share_one_label() -> None:
    codes = Codes(most=2)

    assert [
        codes.label(code) for code in ("declined", None, "proxy.unreachable", "declined", "a third one", "third")
    ] == [
        "declined",
        "none",
        "proxy.unreachable",
        "declined",
        "other",
        "other",
    ]
    assert Codes().label("76561198000000001") == "other"

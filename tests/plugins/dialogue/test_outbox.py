"""The outbox: one message after another, at a person's pace, again when it surely was not sent, never twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND
from kernel.codes import KernelRefusal, Undeclared
from kernel.commands import DeliverMessage, DisablePlugin, EnablePlugin, SendMessage
from kernel.errors import Binds, NotSent, RefusedBySteam, Rejected
from kernel.events import (
    ChatAgentToggled,
    ChatMessageFailed,
    ChatMessageSent,
    ChatMessageWaiting,
    ContactPaused,
    ContactResumed,
    PluginStopped,
)
from kernel.hookspecs import Rejection, Reply, hookimpl
from kernel.ids import ChatId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import Attempt, Chat, Delivery, Message, TaskStatus
from kernel.testing import NOON, World, idle
from plugins.dialogue import Dialogue
from plugins.steam.codes import SteamRefusal
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import (
    AT_ONCE,
    PREFACE,
    Actor,
    Forgetful,
    befriend,
    begin,
    chat_of,
    come_online,
    deliveries,
    go_offline,
    said,
    stage,
)
from tests.restart import history, replay


async def test_each_message_of_the_agents_is_typed_first_and_an_operators_is_not() -> None:
    async with stage(typing_ms_per_character=100, typing_least_ms=1_000, typing_most_ms=3_000) as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("a", "b" * 20, "c" * 900), wait=HOUR)
        chat = await begin(world)
        sent_at: list[int] = []
        for second in range(10):
            sent_at += [second] * (len(said(world, chat)) - len(sent_at))
            await world.clock.advance(1_000)
        assert sent_at == [3, 5, 8]  # 1 + the notice, then 2, then the longest pause there is
        await world.execute(SendMessage(chat_id=chat.id, text="d" * 900))
        assert len(said(world, chat)) == 4


async def test_messages_keep_their_order_when_one_of_them_has_to_be_tried_again() -> None:
    async with stage(retry_first_ms=1_000) as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one", "two", "three"), wait=HOUR)
        failures = iter(
            [None, NotSent(Undeclared("busy"), "Steam is busy."), NotSent(Undeclared("busy"), "Steam is busy.")]
        )

        def fail(command: DeliverMessage) -> None:
            failure = next(failures, None)
            if failure is not None:
                raise failure

        chat_id = await _befriend_failing(world, fail)
        await world.clock.advance(MINUTE)
        assert said(world, chat_of(world, chat_id)) == [f"{PREFACE}\none", "two", "three"]


async def test_the_pause_between_two_tries_doubles_and_heeds_what_steam_asks_for() -> None:
    async with stage(refused_first_ms=2_000, refused_most_ms=5_000, delivery_tries=5) as world:
        tried_at: list[int] = []
        start = world.clock.now()

        def fail(command: DeliverMessage) -> None:
            tried_at.append(world.clock.now() - start)
            raise RefusedBySteam(
                Undeclared("rateLimited"),
                "Too fast.",
                binds=Binds.REQUEST,
                retry_after=11_000 if len(tried_at) == 3 else None,
            )

        await _befriend_failing(world, fail)
        await world.clock.advance(MINUTE)
        assert tried_at == [0, 2_000, 6_000, 17_000, 22_000]


async def test_a_message_that_steam_does_not_take_is_given_up_and_a_person_is_called() -> None:
    async with stage(delivery_tries=3) as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one", "two"), outcome=TaskStatus.RESOLVED)

        def fail(command: DeliverMessage) -> None:
            raise NotSent(Undeclared("busy"), "Steam is busy.")

        chat_id = await _befriend_failing(world, fail)
        await world.clock.advance(MINUTE)
        chat = chat_of(world, chat_id)
        assert [(e.reason, e.detail) for e in world.happened(ChatMessageFailed)] == [
            ("takenOver", "The agent no longer led this chat when this was to be sent."),
            ("busy", "Not taken in 3 tries, at last: Steam is busy."),
        ]
        assert [e.reason for e in world.happened(ChatAgentToggled)] == ["messageLost"]
        assert chat.is_open and not chat.agent_enabled
        assert world.state.tasks[chat.task_id or ""].is_open, "an outcome whose words were never said is none"


async def test_what_steam_refuses_for_now_is_tried_seldom_and_keeps_its_agent() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one",), wait=DAY)
        bot_id, tries, busy = world.add_bot(), Counter[str](), True

        def refuse(command: DeliverMessage) -> None:
            tries[command.chat_id] += 1
            if busy:
                raise RefusedBySteam(
                    SteamRefusal.STEAM_BUSY, "Too fast.", binds=Binds.REQUEST, retry_after=10_000, unable=True
                )

        world.transport.deliver_fails = refuse
        chats = [await befriend(world, bot_id, world.player()) for _ in range(5)]
        await world.clock.advance(5 * MINUTE)
        assert set(tries.values()) <= {5, 6}, "after 0, 30, 90 and 210 seconds, and in its turn as a probe"
        for chat_id in chats:
            message = chat_of(world, chat_id).messages[0]
            assert (message.delivery, message.reason, message.error) == ("queued", "steamBusy", "Too fast.")
            assert message.attempt == Attempt(refusals=4, retry_at=NOON + 450_000)  # type: ignore[arg-type]
        busy = False
        await world.clock.advance(5 * MINUTE)
        assert all(chat_of(world, chat_id).agent_enabled for chat_id in chats)
        assert [said(world, chat_of(world, chat_id)) for chat_id in chats] == [[f"{PREFACE}\none"]] * 5


async def test_tries_are_counted_across_restarts() -> None:
    async with stage(delivery_tries=3) as world:
        chat = await begin(world)
        world.transport.deliver_fails = _busy
        message_id = await world.execute(SendMessage(chat_id=chat.id, text="Hello?"))
        past = history(world)
    for tries in (2, 3):
        again = World(
            replay(past), Tasks, Forgetful, Dialogue, Actor, config={"dialogue": {**AT_ONCE, "delivery_tries": 3}}
        )
        async with again:
            again.transport.deliver_fails = _busy
            await again.clock.advance(MINUTE * 2**tries // 4)
            message = chat_of(again, chat.id).message(message_id)
            assert message is not None
            assert message.delivery == ("queued" if tries == 2 else "failed")
            past = history(again)


def _busy(command: DeliverMessage) -> None:
    raise RefusedBySteam(SteamRefusal.STEAM_BUSY, "Steam is busy.", binds=Binds.REQUEST)


async def test_what_steam_will_never_take_is_not_tried_again() -> None:
    async with stage() as world:
        chat = await begin(world)
        tries = 0

        def fail(command: DeliverMessage) -> None:
            nonlocal tries
            tries += 1
            raise RefusedBySteam(SteamRefusal.NOT_FRIENDS, "The two are no longer friends.", binds=Binds.PLAYER)

        world.transport.deliver_fails = fail
        await world.execute(SendMessage(chat_id=chat.id, text="Hello?"))
        await world.clock.advance(HOUR)
        assert tries == 1
        assert [e.reason for e in world.happened(ChatMessageFailed)] == ["notFriends"]


async def test_a_bot_that_goes_offline_costs_no_tries_and_its_words_wait_for_it() -> None:
    async with stage(delivery_tries=1) as world:
        chat = await begin(world)

        def drop(command: DeliverMessage) -> None:
            go_offline(world, chat.bot_id)
            raise NotSent(KernelRefusal.BOT_OFFLINE, "The bot is not connected.")

        world.transport.deliver_fails = drop
        await world.execute(SendMessage(chat_id=chat.id, text="Hello?"))
        await world.clock.advance(HOUR)
        assert deliveries(world, chat)[-1] == ("Hello?", "queued")
        world.transport.deliver_fails = None
        come_online(world, chat.bot_id)
        await idle()
        assert deliveries(world, chat)[-1] == ("Hello?", "sent")


async def test_a_pause_of_all_contact_holds_messages_back_and_loses_none() -> None:
    async with stage() as world:
        chat = await begin(world)
        world.ctx.publish(ContactPaused())
        await world.execute(SendMessage(chat_id=chat.id, text="one"))
        await world.execute(SendMessage(chat_id=chat.id, text="two"))
        await world.clock.advance(HOUR)
        assert len(said(world, chat)) == 1
        world.ctx.publish(ContactResumed())
        await idle()
        assert said(world, chat)[1:] == ["one", "two"]


async def test_a_message_that_is_held_says_for_what_it_waits_and_says_it_once() -> None:
    async with stage() as world:
        chat = await begin(world)
        go_offline(world, chat.bot_id)
        await world.execute(SendMessage(chat_id=chat.id, text="one"))
        await world.execute(SendMessage(chat_id=chat.id, text="two"))
        await world.clock.advance(HOUR)
        assert [e.reason for e in world.happened(ChatMessageWaiting)] == ["botOffline"]
        assert _waits_for(world, chat) == ("botOffline", "The bot is offline: this goes out when it is back.")
        world.ctx.publish(ContactPaused())
        come_online(world, chat.bot_id)
        await idle()
        assert _waits_for(world, chat)[0] == "contactPaused"
        go_offline(world, chat.bot_id)
        world.ctx.publish(ContactResumed())
        await idle()
        assert _waits_for(world, chat)[0] == "botOffline"
        come_online(world, chat.bot_id)
        await idle()
        assert deliveries(world, chat)[-2:] == [("one", "sent"), ("two", "sent")]
        assert chat_of(world, chat.id).messages[-2].reason is None


async def test_when_a_message_that_is_held_is_tried_again_is_not_forgotten() -> None:
    async with stage() as world:
        chat = await begin(world)

        def refuse(command: DeliverMessage) -> None:
            raise RefusedBySteam(
                SteamRefusal.STEAM_BUSY, "Steam does not take it just now.", binds=Binds.ACCOUNT, retry_after=MINUTE
            )

        world.transport.deliver_fails = refuse
        await world.execute(SendMessage(chat_id=chat.id, text="one"))
        until = _next_of(world, chat).attempt
        world.transport.deliver_fails = None
        go_offline(world, chat.bot_id)
        await world.execute(SendMessage(chat_id=chat.id, text="two"))
        await idle()
        assert (_waits_for(world, chat)[0], _next_of(world, chat).attempt) == ("botOffline", until)
        come_online(world, chat.bot_id)
        await world.clock.advance(MINUTE - 1)
        assert deliveries(world, chat)[-2:] == [("one", "queued"), ("two", "queued")]
        await world.clock.advance(1)
        assert deliveries(world, chat)[-2:] == [("one", "sent"), ("two", "sent")]


def _next_of(world: World, chat: Chat) -> Message:
    """The first message of the chat that waits."""
    return next(m for m in chat_of(world, chat.id).messages if m.delivery is Delivery.QUEUED)


def _waits_for(world: World, chat: Chat) -> tuple[str | None, str | None]:
    message = _next_of(world, chat)
    return message.reason, message.error


class Guard(Plugin[PluginConfig]):
    """Objects as it is told."""

    objection: Rejection | None = None

    @hookimpl
    def admit(self, command: object) -> Rejection | None:
        return self.objection if isinstance(command, DeliverMessage) else None


async def test_an_objection_for_now_keeps_the_message_and_one_for_good_fails_it() -> None:
    async with stage(Guard) as world:
        chat = await begin(world)
        guard = world.plugin(Guard)
        guard.objection = Rejection("Too soon.", code=Undeclared("tooSoon"), retry_after=10_000)
        await world.execute(SendMessage(chat_id=chat.id, text="one"))
        guard.objection = None
        await world.clock.advance(9_999)
        assert len(said(world, chat)) == 1
        await world.clock.advance(1)
        assert said(world, chat)[-1] == "one"
        guard.objection = Rejection("They asked for peace.", code=KernelRefusal.DO_NOT_CONTACT)
        await world.execute(SendMessage(chat_id=chat.id, text="two"))
        failed = world.happened(ChatMessageFailed)
        assert [(e.reason, e.detail) for e in failed] == [("doNotContact", "They asked for peace.")]


async def test_messages_wait_for_a_guard_that_is_away() -> None:
    async with stage(Guard, delivery_tries=1) as world:
        chat = await begin(world)
        await world.system.host.disable("guard")
        assert world.happened(PluginStopped)
        await world.execute(SendMessage(chat_id=chat.id, text="one"))
        await world.clock.advance(HOUR)
        assert deliveries(world, chat)[-1] == ("one", "queued")


async def test_messages_wait_for_a_transport_that_is_away_and_for_a_disk_that_is_full() -> None:
    async with stage(delivery_tries=2) as world:
        chat = await begin(world)
        await world.execute(DisablePlugin(name="forgetful"))
        message_id = await world.execute(SendMessage(chat_id=chat.id, text="one"))
        await world.clock.advance(HOUR)
        waiting = chat_of(world, chat.id).message(message_id)
        assert waiting is not None
        assert (waiting.delivery, waiting.reason) == ("queued", "noHandler")
        events = len(world.events)
        await world.clock.advance(HOUR)
        assert not [e for e in world.events[events:] if e.kind.startswith("chat.")], "said once, not at each try"
        await world.execute(EnablePlugin(name="forgetful"))
        world.system.commits.fail("No space left on device.")
        await world.clock.advance(MINUTE)
        assert not world.transport.sent
        world.system.commits.advance(world.state.seq)
        await world.clock.advance(MINUTE)
        assert said(world, chat) == ["one"]


async def test_stopping_the_plugin_sees_the_message_under_way_to_its_end() -> None:
    async with stage() as world:
        chat = await begin(world)
        taken = asyncio.Event()

        async def hold(command: DeliverMessage) -> None:
            await taken.wait()

        world.transport.deliver_holds = hold
        await world.execute(SendMessage(chat_id=chat.id, text="one"))
        await world.execute(SendMessage(chat_id=chat.id, text="two"))
        stopping = asyncio.create_task(world.system.host.disable("dialogue"))
        await idle()
        assert not stopping.done()
        taken.set()
        await stopping
        assert deliveries(world, chat)[-2:] == [("one", "sent"), ("two", "queued")]


@pytest.mark.parametrize("code", ["notAsQueued", "notQueued"])
async def test_the_gate_lets_out_only_what_a_chat_has_decided_as_it_decided_it(code: str) -> None:
    async with stage(typing_least_ms=1_000) as world:
        chat = await begin(world)
        message = chat.messages[0]
        command = DeliverMessage(
            chat_id=chat.id,
            message_id=message.id,
            bot_id=chat.bot_id,
            player=chat.player,
            text=message.text if code == "notQueued" else "Buy now!",
        )
        if code == "notQueued":
            await world.clock.advance(1_000)
        with pytest.raises(Rejected) as rejected:
            await world.ctx.execute(command)
        assert rejected.value.code == code
        assert "Buy now!" not in said(world, chat)


async def _befriend_failing(world: World, fail: Callable[[DeliverMessage], None]) -> ChatId:
    world.transport.deliver_fails = fail
    return await befriend(world, world.add_bot(), world.player())


async def test_a_minute_after_steam_takes_messages_again_all_that_it_refused_have_gone_out() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one",), wait=DAY)
        bot_id, tries, busy = world.add_bot(), Counter[str](), True

        def refuse(command: DeliverMessage) -> None:
            tries[command.chat_id] += 1
            if busy:
                raise RefusedBySteam(SteamRefusal.STEAM_BUSY, "Busy.", binds=Binds.REQUEST, unable=True)

        world.transport.deliver_fails = refuse
        chats = [await befriend(world, bot_id, world.player()) for _ in range(5)]
        await world.clock.advance(10 * MINUTE)
        assert sum(tries.values()) <= 5 * 5 + 10 * MINUTE // (30 * SECOND), "each by its own pause, and one as a probe"
        assert all(chat_of(world, chat_id).messages[0].delivery == "queued" for chat_id in chats)
        assert {chat_of(world, chat_id).messages[0].attempt.refusals for chat_id in chats} == {5}  # type: ignore[union-attr]

        busy = False
        await world.clock.advance(MINUTE)

        assert [said(world, chat_of(world, chat_id)) for chat_id in chats] == [[f"{PREFACE}\none"]] * 5
        times = [e.ts for e in world.events if isinstance(e.payload, ChatMessageSent)]
        assert all(after - before >= 2 * SECOND for before, after in pairwise(times)), "one after the other"


async def test_a_message_that_steam_never_takes_holds_none_of_the_others_up_and_is_given_up() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one",), wait=DAY)
        bot_id, bad, busy = world.add_bot(), ChatId(""), True
        tries = 0

        def refuse(command: DeliverMessage) -> None:
            nonlocal tries
            tries += command.chat_id == bad
            if busy or command.chat_id == bad:
                raise RefusedBySteam(SteamRefusal.STEAM_BUSY, "Busy.", binds=Binds.REQUEST, unable=True)

        world.transport.deliver_fails = refuse
        bad, *good = [await befriend(world, bot_id, world.player()) for _ in range(4)]
        await world.clock.advance(5 * MINUTE)
        busy = False
        await world.clock.advance(2 * MINUTE)
        assert all(said(world, chat_of(world, chat_id)) for chat_id in good)

        await world.clock.advance(HOUR)

        assert chat_of(world, bad).messages[0].delivery == "failed"
        assert tries <= 6 + 16 * MINUTE // (30 * SECOND)


async def test_what_steam_refuses_without_saying_that_it_is_not_able_is_not_probed() -> None:
    """It may be delivered all the same, and while Steam's history lags nobody can tell: each try may be read."""
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one",), wait=DAY)
        tries: list[int] = []

        def refuse(command: DeliverMessage) -> None:
            tries.append(world.clock.now() - NOON)
            raise RefusedBySteam(SteamRefusal.STEAM_BUSY, "Fail.", binds=Binds.REQUEST)

        world.transport.deliver_fails = refuse
        chat_id = await befriend(world, world.add_bot(), world.player())
        await world.clock.advance(HOUR)
        pauses = [(after - before) // SECOND for before, after in pairwise(tries)]
        assert pauses == [30, 60, 120, 240, 480]
        assert chat_of(world, chat_id).messages[0].delivery == "failed"


async def test_what_binds_the_account_is_not_probed() -> None:
    async with stage() as world:
        world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one",), wait=DAY)
        tries = 0

        def refuse(command: DeliverMessage) -> None:
            nonlocal tries
            tries += 1
            raise RefusedBySteam(Undeclared("chatLimit"), "Too much.", binds=Binds.ACCOUNT, retry_after=HOUR)

        world.transport.deliver_fails = refuse
        await befriend(world, world.add_bot(), world.player())
        await world.clock.advance(HOUR - SECOND)
        assert tries == 1

"""Steam limits what an account writes: its messages wait, once for all of its chats, and every agent stays on."""

from __future__ import annotations

from collections import Counter

import pytest

from kernel.clock import DAY, HOUR, MINUTE, SECOND
from kernel.commands import DeliverMessage
from kernel.errors import Binds, RefusedBySteam
from kernel.hookspecs import Reply
from kernel.ids import BotId, ChatId
from kernel.rows import Chat
from kernel.testing import World
from plugins.dialogue import Dialogue
from plugins.steam.codes import SteamRefusal
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import AT_ONCE, Actor, Forgetful, befriend, stage
from tests.restart import history, replay


class LimitedSteam:
    """Refuses what the account `bot` writes, while `limited`, or to the chat `bad` always."""

    def __init__(self, world: World, bot: BotId) -> None:
        self._world = world
        self._bot = bot
        self.limited = True
        self.bad: ChatId | None = None
        self.tries: list[int] = []
        self.of_chat: Counter[ChatId] = Counter()
        world.transport.deliver_fails = self

    def __call__(self, command: DeliverMessage) -> None:
        if command.bot_id != self._bot:
            return
        self.tries.append(self._world.clock.now())
        self.of_chat[command.chat_id] += 1
        if self.limited or command.chat_id == self.bad:
            self.refuse()

    def refuse(self) -> None:
        text = "Steam answered RateLimitExceeded (84)."
        raise RefusedBySteam(SteamRefusal.MESSAGES_LIMITED, text, binds=Binds.ACCOUNT, retry_after=30 * SECOND)


def says_one(world: World) -> None:
    world.plugin(Actor).part = lambda turn: Reply(step="x", texts=("one",), wait=DAY)


def sent(world: World, chat_id: ChatId) -> list[str]:
    chat: Chat = world.state.chats[chat_id]
    return [m.text for m in chat.messages if m.delivery == "sent"]


async def test_a_limit_of_the_account_is_one_hold_for_all_its_chats_and_every_agent_stays_on() -> None:
    async with stage() as world:
        says_one(world)
        bot_id, other = world.add_bot(), world.add_bot()
        steam = LimitedSteam(world, bot_id)
        chats = [await befriend(world, bot_id, world.player()) for _ in range(5)]
        elsewhere = await befriend(world, other, world.player())
        await world.clock.advance(HOUR)

        assert len(steam.tries) <= 5 + 8, "what was under way when it began, and one for each hold"
        bot = world.state.bots[bot_id]
        now = world.clock.now()
        assert bot.messages_held_until is not None
        assert now < bot.messages_held_until <= now + HOUR
        for chat_id in chats:
            chat = world.state.chats[chat_id]
            assert chat.agent_enabled
            message = chat.messages[0]
            assert (message.delivery, message.reason in {"messagesHeld", "messagesLimited"}) == ("queued", True)
            assert message.attempt is not None
            assert message.attempt.retry_at == bot.messages_held_until
        assert sent(world, elsewhere), "the other bots go on"

        steam.limited = False
        await world.clock.advance(bot.messages_held_until - now + MINUTE)

        assert [len(sent(world, chat_id)) for chat_id in chats] == [1] * 5
        assert all(len(world.transport.history[bot_id, world.state.chats[c].player]) == 1 for c in chats)


async def test_after_a_hold_one_chat_tries_and_the_others_wait_for_what_becomes_of_it() -> None:
    async with stage() as world:
        says_one(world)
        bot_id = world.add_bot()
        steam = LimitedSteam(world, bot_id)
        world.transport.deliver_fails = None

        async def answers_later(command: DeliverMessage) -> None:
            steam.tries.append(world.clock.now())
            await world.clock.sleep(SECOND)
            steam.refuse()

        world.transport.deliver_holds = answers_later
        for _ in range(5):
            await befriend(world, bot_id, world.player())
        await world.clock.advance(HOUR)

        assert 5 + 3 <= len(steam.tries) <= 5 + 8, "what was under way when it began, and one for each hold"


async def test_the_hold_survives_a_restart() -> None:
    async with stage() as world:
        says_one(world)
        bot_id = world.add_bot()
        LimitedSteam(world, bot_id)
        chat_id = await befriend(world, bot_id, world.player())
        await world.clock.advance(5 * MINUTE)
        held = world.state.bots[bot_id].messages_held_until
        assert held is not None
        past = history(world)

    async with World(replay(past), Tasks, Forgetful, Dialogue, Actor, config={"dialogue": dict(AT_ONCE)}) as again:
        says_one(again)
        steam = LimitedSteam(again, bot_id)
        steam.limited = False
        await again.clock.advance(held - again.clock.now() - SECOND)
        assert steam.tries == []

        await again.clock.advance(MINUTE)

        assert len(sent(again, chat_id)) == 1


@pytest.mark.parametrize("others", [0, 3])
async def test_a_message_that_steam_refuses_while_it_takes_others_is_given_up(others: int) -> None:
    async with stage() as world:
        says_one(world)
        bot_id = world.add_bot()
        steam = LimitedSteam(world, bot_id)
        steam.limited = False
        steam.bad = bad = await befriend(world, bot_id, world.player())
        good: list[ChatId] = []
        for _ in range(8):
            good += [await befriend(world, bot_id, world.player()) for _ in range(others)]
            await world.clock.advance(30 * MINUTE)
        await world.clock.advance(DAY)

        message = world.state.chats[bad].messages[0]
        assert message.delivery == "failed"
        assert steam.of_chat[bad] <= 50
        assert all(sent(world, chat_id) for chat_id in good)

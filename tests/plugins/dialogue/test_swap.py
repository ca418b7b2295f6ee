"""Another agent takes the place of the one that talks, while twenty players do."""

from __future__ import annotations

import asyncio
from typing import Any

from kernel.commands import SwapAgent
from kernel.context import Context
from kernel.hookspecs import Reply, Trigger, Turn, hookimpl
from kernel.hosting.library import StaticLibrary
from kernel.ids import ChatId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import Sender
from kernel.testing import FakeTransport, World, idle, name_of
from plugins.dialogue import Dialogue
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import AT_ONCE, befriend, said

CHATS = 20
LINES = 6
WAIT = 3_600_000


class Answering(Plugin[PluginConfig]):
    """Says what it has heard, in its own name, once it has thought for as long as the test wants."""

    def __init__(self, ctx: Context, config: PluginConfig) -> None:
        super().__init__(ctx, config)
        self.thinking = 0
        self.go_on = asyncio.Event()
        self.go_on.set()

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        self.thinking += 1
        await self.go_on.wait()
        self.thinking -= 1
        heard = "hello" if turn.trigger is Trigger.STARTED else turn.text
        return Reply(step="said", texts=(f"{self.ctx.name}: {heard}",), wait=WAIT)


class First(Answering):
    pass


class Second(Answering):
    pass


def world_of_two() -> World:
    classes: dict[str, type[Plugin[Any]]] = {name_of(p): p for p in (Tasks, FakeTransport, Dialogue, First, Second)}
    listed = [plugin for plugin in classes.values() if plugin is not Second]
    return World(*listed, config={"dialogue": AT_ONCE}, library=StaticLibrary(classes))


def writers(world: World, chat_id: ChatId) -> list[tuple[str, str]]:
    """Who has written which of the bot's lines, as every screen shows it."""
    return [(m.author, m.text) for m in world.state.chats[chat_id].messages if m.sender is Sender.BOT]


async def test_a_swap_during_twenty_dialogues_loses_none_and_answers_nobody_twice() -> None:
    async with world_of_two() as world:
        chats = [world.state.chats[await befriend(world, world.add_bot(), world.player())] for _ in range(CHATS)]
        await idle()
        first = world.plugin(First)
        swap: asyncio.Task[None] | None = None
        for number in range(LINES):
            if number == 2:  # half of the agent's turns are begun when the swap comes, half come after it
                first.go_on.clear()
            for place, chat in enumerate(chats):
                if number == 2 and place == CHATS // 2:
                    await idle()
                    assert first.thinking == CHATS // 2
                    swap = asyncio.create_task(world.ctx.execute(SwapAgent(old="first", new="second")))
                    await idle()
                world.transport.say(chat.bot_id, chat.player, f"line {number} of {place}")
            await idle()
            first.go_on.set()
            await idle()
        assert swap is not None
        await swap
        await idle()

        for place, chat in enumerate(chats):
            taken_over = 3 if place < CHATS // 2 else 2
            agents = ["first" if number < taken_over else "second" for number in range(LINES)]
            expected = ["first: hello", *(f"{a}: line {n} of {place}" for n, a in enumerate(agents))]
            assert said(world, chat) == expected
            assert writers(world, chat.id) == [(f"agent:{text.partition(':')[0]}", text) for text in expected]
            assert world.state.chats[chat.id].agent_enabled
        assert world.state.plugins["first"].status == "stopped"

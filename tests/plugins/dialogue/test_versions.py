"""Which version of an agent has said a line, and has led a chat last: on the chat, and in the journal."""

from __future__ import annotations

from typing import Any

import pytest

from kernel.commands import ReloadPlugin, SwapAgent
from kernel.events import ChatMessageQueued, DialogScriptAdvanced, DialogScriptCompleted
from kernel.hookspecs import Reply, Trigger, Turn, hookimpl
from kernel.hosting.library import StaticLibrary
from kernel.ids import ChatId
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import Sender, TaskStatus
from kernel.testing import FakeTransport, World, idle, name_of
from plugins.dialogue import Dialogue
from plugins.tasks import Tasks
from tests.plugins.dialogue.stage import AT_ONCE, befriend
from tests.restart import history, replay

WAIT = 3_600_000


class Talking(Plugin[PluginConfig]):
    """Answers each line, and ends the dialogue at a "bye"."""

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        if turn.text == "bye":
            return Reply(step="end", texts=("bye",), outcome=TaskStatus.FAILED)
        heard = "hello" if turn.trigger is Trigger.STARTED else turn.text
        return Reply(step="said", texts=(heard,), wait=WAIT)


class First(Talking):
    version = "1.2"


class Second(Talking):
    version = "2.0"


class Unnumbered(Talking):
    """Has no version, as a file of the plugin folder may have none."""


def world_of(*agents: type[Plugin[Any]], spare: type[Plugin[Any]] | None = None) -> World:
    listed: tuple[type[Plugin[Any]], ...] = (Tasks, FakeTransport, Dialogue, *agents)
    classes: dict[str, type[Plugin[Any]]] = {name_of(p): p for p in (*listed, *((spare,) if spare else ()))}
    return World(*listed, config={"dialogue": AT_ONCE}, library=StaticLibrary(classes))


async def chat_in(world: World) -> ChatId:
    chat_id = await befriend(world, world.add_bot(), world.player())
    await idle()
    return chat_id


async def says(world: World, chat_id: ChatId, text: str) -> None:
    chat = world.state.chats[chat_id]
    world.transport.say(chat.bot_id, chat.player, text)
    await idle()


def lines(world: World, chat_id: ChatId) -> list[tuple[str, str | None]]:
    """Who has written the bot's lines, and in which version, as every screen shows it."""
    messages = world.state.chats[chat_id].messages
    return [(m.author, m.author_version) for m in messages if m.sender is Sender.BOT]


async def test_a_line_that_is_said_after_a_swap_bears_the_version_of_the_agent_that_was_swapped_in() -> None:
    async with world_of(First, spare=Second) as world:
        chat_id = await chat_in(world)
        assert world.state.chats[chat_id].agent_version == "1.2"
        await world.execute(SwapAgent(old="first", new="second"))
        await says(world, chat_id, "still there?")

        chat = world.state.chats[chat_id]
        assert lines(world, chat_id) == [("agent:first", "1.2"), ("agent:second", "2.0")]
        assert (chat.agent, chat.agent_version) == ("second", "2.0")
        assert [event.message.author_version for event in world.happened(ChatMessageQueued)] == ["1.2", "2.0"]


async def test_a_line_that_is_said_after_a_reload_bears_the_version_of_the_edited_agent() -> None:
    async with world_of(First) as world:
        chat_id = await chat_in(world)
        assert isinstance(world.library, StaticLibrary)
        world.library.classes["first"] = type("First", (Talking,), {"version": "1.3", "__module__": __name__})
        await world.execute(ReloadPlugin(name="first"))
        await says(world, chat_id, "and now?")
        await says(world, chat_id, "bye")

        assert lines(world, chat_id) == [("agent:first", "1.2"), ("agent:first", "1.3"), ("agent:first", "1.3")]
        told = [event.agent_version for event in world.happened(DialogScriptAdvanced)]
        assert told == ["1.2", "1.3", "1.3"]
        assert [event.agent_version for event in world.happened(DialogScriptCompleted)] == ["1.3"]
        past = history(world)
    async with World(replay(past), FakeTransport) as later:
        assert lines(later, chat_id) == [("agent:first", "1.2"), ("agent:first", "1.3"), ("agent:first", "1.3")]
        assert later.state.chats[chat_id].agent_version == "1.3"


async def test_a_turn_that_is_taken_before_the_start_is_told_bears_the_version_that_runs_now() -> None:
    async with world_of(First) as world:
        chat_id = await chat_in(world)
        past = history(world)
    renewed = type("First", (Talking,), {"version": "1.3", "__module__": __name__})

    class Early(Plugin[PluginConfig]):
        """Has a turn taken while the plugins are started."""

        async def start(self) -> None:
            turn = Turn(
                chat=self.ctx.state.chats[chat_id],
                task=self.ctx.state.tasks.rows()[0],
                bot=self.ctx.state.bots.rows()[0],
                trigger=Trigger.MESSAGE,
                text="early",
                now=self.ctx.clock.now(),
            )
            self.taken = await self.ctx.hooks.respond(turn)

    async with World(replay(past), FakeTransport, Early, renewed) as later:
        taken = later.plugin(Early).taken

        assert taken is not None
        assert (taken.agent, taken.version) == ("first", "1.3")


@pytest.mark.parametrize(("agent", "version"), [(First, "1.2"), (Unnumbered, None)])
async def test_an_agent_without_a_version_writes_lines_without_one(
    agent: type[Plugin[PluginConfig]], version: str | None
) -> None:
    async with world_of(agent) as world:
        chat_id = await chat_in(world)

        assert lines(world, chat_id) == [(f"agent:{name_of(agent)}", version)]

"""A stage: the model's agent in a chat, with an endpoint of the test's and the script waiting behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from kernel.events import ErrorLogged, FriendInviteAccepted, Relationship, TaskAssigned
from kernel.ids import ChatId
from kernel.measures import Distribution
from kernel.rows import Chat, Sender, Task
from kernel.testing import FakeTransport, World, idle
from plugins.contact_policy import ContactPolicy
from plugins.dialogue import Dialogue
from plugins.llm_agent import LlmAgent
from plugins.scripted_agent import ScriptedAgent
from plugins.tasks import Tasks
from tests.plugins.llm_agent.server import Server

AT_ONCE = {"reading_ms": 0, "typing_ms_per_character": 0, "typing_least_ms": 0, "answer_again_ms": 1}


def stage(server: Server, *, respond_deadline_s: float = 60.0, **settings: object) -> World:
    config: dict[str, dict[str, object]] = {
        "dialogue": {**AT_ONCE},
        "llm_agent": {"model": "test", "base_url": server.url, **settings},
        "kernel": {"respond_deadline_s": respond_deadline_s},
    }
    return World(ContactPolicy, Tasks, FakeTransport, Dialogue, LlmAgent, ScriptedAgent, config=config)


async def until(world: World, condition: Callable[[], object]) -> None:
    """Let bytes go to and fro until it holds. No time passes by the world's clock."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - bytes come from a socket, which sets no event of ours
            await asyncio.sleep(0)
    await idle()


async def accept(world: World, **task: Any) -> ChatId:
    """A chat that has just begun; the agent's first turn is under way."""
    bot_id, player = world.add_bot(), world.player()
    task_id = await world.create_task(player, **task)
    world.transport.relations[bot_id, player] = Relationship.FRIEND
    world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
    world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=bot_id, player=player))
    chat_id = world.state.tasks[task_id].chat_id
    assert chat_id is not None
    return chat_id


async def begin(world: World, **task: Any) -> ChatId:
    """A chat in which the first words have been said."""
    chat_id = await accept(world, **task)
    await until(world, lambda: said(world, chat_id))
    return chat_id


async def answer(world: World, chat_id: ChatId, *texts: str) -> Chat:
    """The player writes, each time once the bot has answered or the chat has ended."""
    for text in texts:
        chat = chat_of(world, chat_id)
        before = len(said(world, chat_id))
        world.transport.say(chat.bot_id, chat.player, text)
        await until(world, lambda b=before: len(said(world, chat_id)) > b or not chat_of(world, chat_id).agent_enabled)  # type: ignore[misc]
    return chat_of(world, chat_id)


def chat_of(world: World, chat_id: ChatId) -> Chat:
    return world.state.chats[chat_id]


def task_of(world: World, chat_id: ChatId) -> Task:
    return world.state.tasks[chat_of(world, chat_id).task_id or ""]


def said(world: World, chat_id: ChatId) -> list[str]:
    """What has reached the player, without the notice before the first words."""
    texts = [command.text for command in world.transport.sent if command.chat_id == chat_id]
    return [text.partition("\n")[2] if number == 0 and "\n" in text else text for number, text in enumerate(texts)]


def authors(world: World, chat_id: ChatId) -> list[str]:
    return [m.author for m in chat_of(world, chat_id).messages if m.sender is Sender.BOT]


def complaints(world: World) -> list[ErrorLogged]:
    return [event for event in world.happened(ErrorLogged) if event.source == "llm_agent"]


def counted(world: World, name: str, *labels: str) -> float:
    measure = next(m for m in world.plugin(LlmAgent).measures() if m.name == f"llm_agent_{name}")
    value = measure.samples[labels]
    return value.count if isinstance(value, Distribution) else value

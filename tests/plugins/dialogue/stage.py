"""A stage for tests of dialogues: an agent that does as it is told, and a chat about a task that is just beginning."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from kernel.codes import KernelRefusal, Undeclared
from kernel.commands import DeliverMessage, HistoryLine, ReadHistory
from kernel.context import Context
from kernel.errors import InDoubt, NotSent
from kernel.events import (
    BotConnected,
    BotConnecting,
    BotDisconnected,
    Envelope,
    FriendInviteAccepted,
    Relationship,
    TaskAssigned,
)
from kernel.hookspecs import Reply, Turn, hookimpl
from kernel.ids import BotId, ChatId, SteamId64, TaskId
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery
from kernel.rows import Chat, Sender
from kernel.testing import FakeTransport, ManualClock, World, idle
from plugins.dialogue import Dialogue
from plugins.tasks import Tasks

AT_ONCE: Mapping[str, object] = {
    "reading_ms": 0,
    "typing_ms_per_character": 0,
    "typing_least_ms": 0,
}
"""Settings under which nobody needs time to read or to type."""
PREFACE = "This is an automated assistant."


class Actor(Plugin[PluginConfig]):
    """An agent: `part` says what it replies; `holds` is awaited before; `turns` is what it was asked."""

    def __init__(self, ctx: Context, config: PluginConfig) -> None:
        super().__init__(ctx, config)
        self.turns: list[Turn] = []
        self.part: Callable[[Turn], Reply | None] = lambda turn: Reply(step="said", texts=(f"line {len(self.turns)}",))
        self.holds: Callable[[Turn], Awaitable[None]] | None = None

    @hookimpl
    async def respond(self, turn: Turn) -> Reply | None:
        self.turns.append(turn)
        if self.holds is not None:
            await self.holds(turn)
        return self.part(turn)

    @hookimpl
    def preface(self, turn: Turn) -> str | None:
        return PREFACE


class SlowDisk(Plugin[PluginConfig]):
    """Takes the journal's seat: every event takes a while to be on disk, so that the commit barrier holds."""

    def __init__(self, ctx: Context, config: PluginConfig) -> None:
        super().__init__(ctx, config)
        self._latest = 0
        self._writing = False

    @hookimpl
    async def recover(self, recovery: Recovery) -> None:
        self._commits = recovery.commits
        self._commits.take_charge(recovery.state.seq)
        recovery.record(self.write, owner=self.ctx.name)

    def write(self, envelope: Envelope, line: bytes) -> None:
        self._latest = envelope.seq
        if not self._writing:
            self._writing = True
            self.ctx.spawn(self._flush(), "flush")

    async def _flush(self) -> None:
        while self._commits.reached < self._latest:
            batch = self._latest
            for _ in range(3):
                await asyncio.sleep(0)
            self._commits.advance(batch)
        self._writing = False


class Forgetful(FakeTransport):
    """A transport whose history can be out of reach, or behind by `lag_ms`; and whose answers can be lost."""

    forgets = False
    lag_ms = 0

    def __init__(self, ctx: Context, config: PluginConfig) -> None:
        super().__init__(ctx, config)
        self.reads = 0
        self.during_read: Callable[[], object] | None = None

    def read_history(self, command: ReadHistory) -> tuple[HistoryLine, ...]:
        self.reads += 1
        happens, self.during_read = self.during_read, None
        if happens is not None:
            happens()
        if self.forgets:
            raise NotSent(Undeclared("busy"), "Steam is busy.")
        written = (self.ctx.clock.now() - self.lag_ms) // 1_000
        return tuple(line for line in super().read_history(command) if not self.lag_ms or line.steam_ts <= written)

    def lose_the_next_answer(self, *, delivered: bool) -> None:
        """The next message goes out, or does not, and nobody knows."""

        async def lose(command: DeliverMessage) -> None:
            self.deliver_holds = None
            if delivered:
                lines = self.history.setdefault((command.bot_id, command.player), [])
                lines.append(HistoryLine(True, command.text, self.ctx.clock.now() // 1_000, 9_000 + len(lines)))
            raise InDoubt(KernelRefusal.IN_DOUBT, "Steam's answer was lost.")

        self.deliver_holds = lose


def stage(*more: type[Plugin[Any]], clock: ManualClock | None = None, **settings: object) -> World:
    """A world with dialogues in it; `settings` are those of the dialogue."""
    config = {"dialogue": {**AT_ONCE, **settings}}
    return World(Tasks, Forgetful, Dialogue, Actor, *more, config=config, clock=clock)


async def assign(world: World, bot_id: BotId, player: SteamId64, **task: Any) -> TaskId:
    """A task whose player is about to accept the bot's invite."""
    task_id = await world.create_task(player, **task)
    world.transport.relations[bot_id, player] = Relationship.FRIEND
    world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
    return task_id


def accept(world: World, task_id: TaskId) -> ChatId:
    """The player accepts: returns the chat that begins with it, with nothing run yet."""
    task = world.state.tasks[task_id]
    assert task.assigned_bot_id is not None
    world.ctx.publish(FriendInviteAccepted(task_id=task_id, bot_id=task.assigned_bot_id, player=task.player))
    chat_id = world.state.tasks[task_id].chat_id
    assert chat_id is not None
    return chat_id


async def befriend(world: World, bot_id: BotId, player: SteamId64, **task: Any) -> ChatId:
    """A chat that has just begun, with nothing run yet."""
    return accept(world, await assign(world, bot_id, player, **task))


async def begin(world: World, **task: Any) -> Chat:
    """A chat in which the agent has had its first turn, and has said it all."""
    chat_id = await befriend(world, world.add_bot(), world.player(), **task)
    await idle()
    return chat_of(world, chat_id)


def chat_of(world: World, chat_id: ChatId) -> Chat:
    return world.state.chats[chat_id]


def said(world: World, chat: Chat) -> list[str]:
    """What the transport has sent to the player of the chat, in order."""
    return [command.text for command in world.transport.sent if command.chat_id == chat.id]


def deliveries(world: World, chat: Chat) -> list[tuple[str, str]]:
    """The bot's messages in the chat, each with what became of it."""
    messages = chat_of(world, chat.id).messages
    return [(m.text, str(m.delivery)) for m in messages if m.sender is Sender.BOT]


def on_the_wire(world: World, chat: Chat, text: str) -> int:
    """How often the player has this line of the bot's, by Steam's own record."""
    lines = world.transport.history.get((chat.bot_id, chat.player), [])
    return sum(line.from_bot and line.text == text for line in lines)


def go_offline(world: World, bot_id: BotId) -> None:
    world.ctx.publish(BotDisconnected(bot_id=bot_id, reason=Undeclared("dropped"), detail="The line dropped."))


def come_online(world: World, bot_id: BotId) -> None:
    world.ctx.publish(BotConnecting(bot_id=bot_id))
    world.ctx.publish(BotConnected(bot_id=bot_id))

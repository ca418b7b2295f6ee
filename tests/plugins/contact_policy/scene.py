"""What leads up to a contact, published by hand: tasks, invites, chats and lines, with nobody else's plugins."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from itertools import count

from kernel.commands import (
    AddDoNotContact,
    Command,
    CreateTask,
    DeliverMessage,
    PauseContact,
    RetryMessage,
    SendInvite,
    SendMessage,
)
from kernel.context import Context
from kernel.errors import Rejected, Unfinished
from kernel.events import (
    ChatClosed,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatMessageSending,
    ChatMessageSent,
    ChatStarted,
    FriendInviteQueued,
    FriendInviteRequested,
    Relationship,
    TaskAssigned,
    TaskCreated,
    TaskStatusChanged,
)
from kernel.hookspecs import Rejection, hookimpl
from kernel.ids import BotId, ChatId, MessageId, SteamId64, TaskId, new_chat_id, new_message_id, new_task_id
from kernel.plugin import Plugin, PluginConfig
from kernel.rows import Delivery, InviteStatus, Message, Sender, TaskStatus
from kernel.state import State
from kernel.testing import FakeTransport, World
from plugins.contact_policy import ContactPolicy
from plugins.contact_policy.config import SHIPPED_NOTICES
from plugins.dialogue.codes import ChatEnd
from plugins.invites.codes import QueueRefusal

NOTICE = SHIPPED_NOTICES["en"]
AGENT = "agent:scripted_agent"
CALLERS = ["agent:scripted_agent", "operator:anna", "notebook:lab", "plugin:somebody"]


class Desk(Plugin[PluginConfig]):
    """Takes the seats of `tasks`, `invites` and `dialogue`: makes tasks, guards the queue, notes what is said."""

    def __init__(self, ctx: Context, config: PluginConfig) -> None:
        super().__init__(ctx, config)
        self.said: list[SendMessage | RetryMessage] = []

    async def start(self) -> None:
        self.ctx.handle(CreateTask, self.create)
        self.ctx.handle(SendMessage, self.say)
        self.ctx.handle(RetryMessage, self.say)

    @hookimpl
    def admit(self, command: Command[object], state: State) -> Rejection | None:
        """What the queue's own guard objects to."""
        invite = state.invites.get(command.task_id) if isinstance(command, SendInvite) else None
        if invite is None or invite.status is InviteStatus.REQUESTED:
            return None
        return Rejection("Only what the queue has decided is sent.", QueueRefusal.INVITE_NOT_DECIDED)

    def create(self, command: CreateTask) -> TaskId:
        task_id = new_task_id()
        fields = {name: getattr(command, name) for name in command.__struct_fields__}
        self.ctx.publish(TaskCreated(task_id=task_id, **fields))
        return task_id

    def say(self, command: SendMessage | RetryMessage) -> MessageId:
        self.said.append(command)
        return new_message_id()


class Scene:
    """A world, and short ways to bring about what the policy looks at."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.state = world.state
        self._ordinals = count(1_000)  # after all that was said in the same second

    @property
    def said(self) -> list[SendMessage | RetryMessage]:
        return self.world.plugin(Desk).said

    @property
    def delivered(self) -> list[str]:
        return [command.text for command in self.world.transport.sent]

    def task(self, player: SteamId64, bot_id: BotId | None = None) -> TaskId:
        """An open task, assigned when a bot is named."""
        task_id = new_task_id()
        price = Decimal(1)
        self.world.ctx.publish(
            TaskCreated(task_id=task_id, player=player, item="x", price_min=price, price_max=price, currency="USD")
        )
        if bot_id is not None:
            self.world.ctx.publish(TaskAssigned(task_id=task_id, bot_id=bot_id))
        return task_id

    def end_task(self, task_id: TaskId) -> None:
        self.world.ctx.publish(TaskStatusChanged(task_id=task_id, status=TaskStatus.DISPOSED))

    def request_invite(self, task_id: TaskId) -> SendInvite:
        """The invite of the task, decided upon just now."""
        task = self.state.tasks[task_id]
        assert task.assigned_bot_id is not None
        bot_id, player = task.assigned_bot_id, task.player
        self.world.ctx.publish(FriendInviteQueued(task_id=task_id, bot_id=bot_id, player=player))
        self.world.ctx.publish(FriendInviteRequested(task_id=task_id, bot_id=bot_id, player=player))
        return SendInvite(task_id=task_id, bot_id=bot_id, player=player)

    def chat(self, player: SteamId64, bot_id: BotId, task_id: TaskId | None = None) -> ChatId:
        chat_id = new_chat_id()
        agent = task_id is not None
        self.world.transport.relations[bot_id, player] = Relationship.FRIEND
        self.world.ctx.publish(
            ChatStarted(chat_id=chat_id, bot_id=bot_id, player=player, task_id=task_id, agent_enabled=agent)
        )
        return chat_id

    def deal(self, player: SteamId64, bot_id: BotId) -> tuple[TaskId, ChatId]:
        """A task whose chat has begun."""
        task_id = self.task(player, bot_id)
        return task_id, self.chat(player, bot_id, task_id)

    def close(self, chat_id: ChatId) -> None:
        self.world.ctx.publish(ChatClosed(chat_id=chat_id, reason=ChatEnd.COMPLETED))

    def queue(self, chat_id: ChatId, text: str, author: str = AGENT) -> DeliverMessage:
        """A line that is to be said, decided upon just now."""
        chat = self.state.chats[chat_id]
        message = Message(
            id=new_message_id(),
            sender=Sender.BOT,
            text=text,
            ts=self.world.clock.now(),
            author=author,
            delivery=Delivery.QUEUED,
            epoch=chat.epoch,
        )
        self.world.ctx.publish(ChatMessageQueued(chat_id=chat_id, message=message))
        return DeliverMessage(chat_id=chat_id, message_id=message.id, bot_id=chat.bot_id, player=chat.player, text=text)

    async def deliver(self, chat_id: ChatId, text: str, author: str = AGENT) -> None:
        """A line that was said. Raises Rejected."""
        await self.carry(self.queue(chat_id, text, author))

    async def carry(self, line: DeliverMessage) -> None:
        """What was to be said is said. Raises Rejected."""
        taken = await self.world.execute(line, actor="plugin:dialogue")
        self.world.ctx.publish(ChatMessageSending(chat_id=line.chat_id, message_id=line.message_id))
        self.world.ctx.publish(
            ChatMessageSent(
                chat_id=line.chat_id, message_id=line.message_id, steam_ts=taken.steam_ts, ordinal=taken.ordinal
            )
        )

    def hear(self, chat_id: ChatId, text: str) -> None:
        """The player writes."""
        player = self.state.chats[chat_id].player
        message = Message(
            id=new_message_id(),
            sender=Sender.PLAYER,
            text=text,
            ts=self.world.clock.now(),
            author=f"player:{player}",
            steam_ts=self.world.clock.now() // 1_000,
            ordinal=next(self._ordinals),
        )
        self.world.ctx.publish(ChatMessageReceived(chat_id=chat_id, message=message), actor=message.author)

    async def halt(self, command: PauseContact | AddDoNotContact) -> None:
        """The decision stands, whether or not something that left before is on its way still."""
        with suppress(Unfinished):
            await self.world.execute(command)

    def listed_for(self, player: SteamId64) -> str | None:
        """Why the player is on the list; None when they are not."""
        row = self.state.players.get(player)
        return row.do_not_contact.reason if row is not None and row.do_not_contact is not None else None


@asynccontextmanager
async def scene(policy: Mapping[str, object] | None = None) -> AsyncIterator[Scene]:
    """The policy alone, with a transport and a desk that do as they are told."""
    async with World(ContactPolicy, FakeTransport, Desk, config={"contact_policy": policy or {}}) as world:
        yield Scene(world)


def create_task(player: SteamId64) -> CreateTask:
    return CreateTask(player=player, item="x", price_min=Decimal(1), price_max=Decimal(1), currency="USD")


async def refused(scene: Scene, command: Command[object], caller: str = "operator:anna") -> Rejected:
    """The guard's objection to the command. Fails where it is carried out, or refused by another."""
    refusal = await scene.world.refusal(command, actor=caller)
    assert isinstance(refusal, Rejected), refusal
    return refusal

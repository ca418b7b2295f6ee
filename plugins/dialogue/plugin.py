"""The plugin `dialogue`: its nouns, and which of them hears what."""

from __future__ import annotations

from kernel.clock import Millis
from kernel.commands import Command, DeliverMessage, RetryMessage, SendMessage, ToggleAgent
from kernel.context import Context
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotDisconnected,
    BotRemoved,
    ChatAgentToggled,
    ChatClosed,
    ChatMessageEchoed,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatStarted,
    ContactResumed,
    DialogScriptCompleted,
    DoNotContactAdded,
    Envelope,
    FriendInviteAccepted,
    FriendMessageArrived,
    TaskStatusChanged,
)
from kernel.hookspecs import Rejection, hookimpl
from kernel.ids import BotId, ChatId
from kernel.plugin import Plugin
from kernel.state import State
from plugins.dialogue.catchup import CatchUp
from plugins.dialogue.chats import Chats
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import Conversations
from plugins.dialogue.gate import objection
from plugins.dialogue.history import History
from plugins.dialogue.outbox import Outbox
from plugins.dialogue.takeover import TakeOver
from plugins.dialogue.turns import Turns


class Dialogue(Plugin[DialogueConfig]):
    """Chats, the agent's turns in them, and who may write; see README.md."""

    Config = DialogueConfig

    def __init__(self, ctx: Context, config: DialogueConfig) -> None:
        super().__init__(ctx, config)
        self._conversations = Conversations(ctx.state)
        self._history = History(ctx, self._conversations)
        self._catch_up = CatchUp(ctx, config, self._history, self._behind, self._go_on, self._switch_off_unread)
        self._outbox = Outbox(ctx, config, self._history, self._catch_up.is_ready, self._drained, self._switch_off_lost)
        self._turns = Turns(ctx, config, self._catch_up.is_ready, self._switch_off)
        self._chats = Chats(ctx, config, self._conversations, self._history)
        self._take_over = TakeOver(ctx, config, self._outbox, self._chats)

    async def start(self) -> None:
        ctx, chats, turns = self.ctx, self._chats, self._turns
        ctx.subscribe(FriendInviteAccepted, chats.accept)
        ctx.subscribe(FriendMessageArrived, chats.hear)
        ctx.subscribe(TaskStatusChanged, chats.end_with_task)
        ctx.subscribe(DoNotContactAdded, chats.leave_alone)
        ctx.subscribe(DialogScriptCompleted, chats.complete)
        ctx.subscribe(ChatStarted, turns.begin)
        ctx.subscribe(ChatAgentToggled, turns.change_hands)
        ctx.subscribe(ChatMessageReceived, turns.hear)
        ctx.subscribe(ChatMessageReceived, chats.note_words)
        ctx.subscribe(ChatMessageQueued, chats.note_words)
        ctx.subscribe(ChatMessageEchoed, chats.note_words)
        ctx.subscribe(ChatMessageEchoed, self._echoed)
        ctx.subscribe(ChatMessageQueued, self._queued)
        ctx.subscribe(ChatClosed, self._closed)
        ctx.subscribe(BotConnected, self._catch_up.connected)
        ctx.subscribe(BotDisconnected, self._offline)
        ctx.subscribe(BotAuthFailed, self._offline)
        ctx.subscribe(BotRemoved, self._removed)
        ctx.subscribe(ContactResumed, self._resumed)
        self._conversations.load()
        self._outbox.load()
        chats.mend()
        self._catch_up.load()
        turns.load()
        self._outbox.wake_all()
        ctx.spawn(turns.alarms.run(), "alarms of turns")
        ctx.spawn(chats.alarms.run(), "alarms of chats")
        ctx.handle(ToggleAgent, self._take_over.toggle, check=self._take_over.toggled)
        ctx.handle(SendMessage, self._take_over.send, check=lambda command: self._take_over.writable(command.chat_id))
        ctx.handle(RetryMessage, self._take_over.retry, check=self._take_over.retried)

    async def stop(self) -> None:
        await self._outbox.close()

    @hookimpl
    def admit(self, command: Command[object], state: State, now: Millis) -> Rejection | None:
        return objection(command, state) if isinstance(command, DeliverMessage) else None

    def _behind(self, bot_id: BotId) -> list[ChatId]:
        """The chats that are to be read when the bot comes online: those that are open, and those with words to say."""
        self._chats.begin_missing(bot_id)
        chats = self.ctx.state.index.open_chats_of_bot.get(bot_id, set()) | self._outbox.held(bot_id)
        return sorted(chats)

    def _go_on(self, chat_id: ChatId) -> None:
        self._outbox.wake_bot(self.ctx.state.chats[chat_id].bot_id)
        self._turns.consider(chat_id)

    def _drained(self, chat_id: ChatId) -> None:
        self._turns.drained(chat_id)

    def _echoed(self, _: Envelope, event: ChatMessageEchoed) -> None:
        """Whoever writes as the bot elsewhere has taken the chat over: two voices are one too many for a player."""
        self._take_over.switch_off(event.chat_id, "wroteElsewhere")

    def _switch_off(self, chat_id: ChatId, reason: str) -> None:
        self._take_over.switch_off(chat_id, reason)

    def _switch_off_unread(self, chat_id: ChatId) -> None:
        self._take_over.switch_off(chat_id, "historyUnread")

    def _switch_off_lost(self, chat_id: ChatId, detail: str) -> None:
        self.ctx.log.warning("%s: a message of the agent's is lost, a person is needed: %s", chat_id, detail)
        self._take_over.switch_off(chat_id, "messageLost")

    def _queued(self, _: Envelope, event: ChatMessageQueued) -> None:
        self._outbox.wake(event.chat_id)

    def _closed(self, _: Envelope, event: ChatClosed) -> None:
        self._turns.drop(event.chat_id)
        self._outbox.drop_expired(event.chat_id)

    def _offline(self, _: Envelope, event: BotDisconnected | BotAuthFailed) -> None:
        self._catch_up.forget(event.bot_id)

    def _removed(self, _: Envelope, event: BotRemoved) -> None:
        self._catch_up.forget(event.bot_id)
        for chat in self._conversations.forget(event.bot_id):
            self._outbox.abandon(chat)

    def _resumed(self, _: Envelope, event: ContactResumed) -> None:
        self._outbox.wake_all()
        self._turns.consider_all()

"""The plugin `dialogue`: its parts, and which of them subscribes to what."""

from __future__ import annotations

from contextlib import suppress

from kernel.clock import Millis
from kernel.commands import Command, DeliverMessage, DiscardMessage, RetryMessage, SendMessage, ToggleAgent
from kernel.context import Context
from kernel.errors import CommandError
from kernel.events import (
    BotAuthFailed,
    BotConnected,
    BotDisconnected,
    BotRemoved,
    ChatAgentToggled,
    ChatArchived,
    ChatClosed,
    ChatMessageEchoed,
    ChatMessageFailed,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatMessageSent,
    ChatStarted,
    ContactResumed,
    DialogScriptCompleted,
    DoNotContactAdded,
    Envelope,
    FriendInviteAccepted,
    FriendInviteTakenBack,
    FriendMessageArrived,
    TaskOutcomeUndone,
    TaskStatusChanged,
)
from kernel.hookspecs import Rejection, hookimpl
from kernel.ids import BotId, ChatId
from kernel.plugin import Plugin
from kernel.rows import AgentOffReason, Chat
from kernel.state import State
from plugins.dialogue.catchup import CatchUp
from plugins.dialogue.chats import Chats
from plugins.dialogue.codes import HandoverReason
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import Conversations
from plugins.dialogue.doubts import Doubts
from plugins.dialogue.gate import not_deliverable
from plugins.dialogue.history import History
from plugins.dialogue.outbox import Outbox
from plugins.dialogue.ownership import Ownership
from plugins.dialogue.takeover import TakeOver
from plugins.dialogue.turns import Turns
from plugins.dialogue.unanswered import UnansweredLines
from plugins.dialogue.writing import Writing


class Dialogue(Plugin[DialogueConfig]):
    """Chats, the agent's turns in them, and who may write; see README.md."""

    Config = DialogueConfig

    def __init__(self, ctx: Context, config: DialogueConfig) -> None:
        super().__init__(ctx, config)
        self._conversations = Conversations(ctx.state)
        self._history = History(ctx, self._conversations)
        self._ownership = ownership = Ownership(ctx)
        self._catch_up = CatchUp(ctx, config, ownership, self._history, self._behind, self._go_on)
        may_go = self._catch_up.is_ready
        self._turns = Turns(ctx, config, ownership, may_go)
        self._doubts = Doubts(ctx, config, ownership, self._history, may_go, self._looked)
        self._outbox = Outbox(ctx, config, ownership, self._history, self._doubts, may_go, self._turns.drained)
        self._chats = Chats(ctx, config, self._conversations, self._history)
        self._unanswered = UnansweredLines(ctx, config)
        self._take_over = TakeOver(ctx, config, ownership, self._outbox, self._unanswered)
        self._writing = Writing(ctx, config, self._take_over, self._chats, self._look)

    async def start(self) -> None:
        ctx, chats, turns = self.ctx, self._chats, self._turns
        self._history.steam_time.start()
        self._unanswered.subscribe()
        ctx.subscribe(FriendInviteAccepted, chats.invite_accepted)
        ctx.subscribe(FriendInviteTakenBack, chats.invite_taken_back)
        ctx.subscribe(FriendMessageArrived, chats.message_arrived)
        ctx.subscribe(TaskStatusChanged, chats.close_with_task)
        ctx.subscribe(TaskOutcomeUndone, chats.begin_again)
        ctx.subscribe(DoNotContactAdded, chats.close_for_do_not_contact)
        ctx.subscribe(DialogScriptCompleted, chats.close_completed)
        ctx.subscribe(ChatStarted, turns.chat_started)
        ctx.subscribe(ChatAgentToggled, turns.agent_toggled)
        ctx.subscribe(ChatMessageReceived, turns.message_received)
        ctx.subscribe(ChatMessageReceived, chats.delay_idle_close)
        ctx.subscribe(ChatMessageQueued, chats.delay_idle_close)
        ctx.subscribe(ChatMessageEchoed, chats.delay_idle_close)
        ctx.subscribe(ChatMessageEchoed, self._echoed)
        ctx.subscribe(ChatMessageQueued, self._changed)
        ctx.subscribe(ChatMessageSent, self._changed)
        ctx.subscribe(ChatMessageFailed, self._changed)
        ctx.subscribe(ChatClosed, turns.closed)
        ctx.subscribe(ChatClosed, self._ownership.closed)
        ctx.subscribe(ChatClosed, self._closed)
        ctx.subscribe(ChatArchived, self._doubts.archived)
        ctx.subscribe(BotConnected, self._catch_up.connected)
        ctx.subscribe(BotDisconnected, self._offline)
        ctx.subscribe(BotAuthFailed, self._offline)
        ctx.subscribe(BotRemoved, self._removed)
        ctx.subscribe(ContactResumed, self._contact_resumed)
        chats.fail_torn_turns()
        self._doubts.load()
        self._outbox.load()
        chats.reconcile()
        self._catch_up.load()
        turns.load()
        self._outbox.wake_all()
        ctx.spawn(turns.timers.run(), "timers of turns")
        ctx.spawn(chats.timers.run(), "timers of chats")
        ctx.spawn(self._doubts.timers.run(), "timers of messages in doubt")
        ctx.handle(ToggleAgent, self._take_over.toggle, check=self._take_over.toggled)
        ctx.handle(SendMessage, self._writing.send, check=self._writing.sent)
        ctx.handle(RetryMessage, self._writing.retry, check=self._writing.retried)
        ctx.handle(DiscardMessage, self._writing.discard, check=self._writing.discarded)

    async def stop(self) -> None:
        await self._outbox.close()

    @hookimpl
    def admit(self, command: Command[object], state: State, now: Millis) -> Rejection | None:
        return not_deliverable(command, state) if isinstance(command, DeliverMessage) else None

    def _behind(self, bot_id: BotId) -> list[ChatId]:
        """The chats to read when the bot comes online: open ones, and those with messages queued or in doubt."""
        self._chats.begin_missing(bot_id)
        open_chats = self.ctx.state.index.open_chats_of_bot.get(bot_id, set())
        return sorted(open_chats | self._outbox.waiting_chats(bot_id) | self._doubts.of_bot(bot_id))

    def _go_on(self, chat_id: ChatId) -> None:
        chat: Chat | None = self.ctx.state.chats.get(chat_id)
        if chat is None:
            return  # it was archived while its bot caught up
        self._doubts.resume(chat_id)
        self._outbox.wake_bot(chat.bot_id)
        self._turns.start_if_due(chat_id)

    async def _look(self, chat_id: ChatId) -> None:
        """Have Steam's history read now, if it can be."""
        if self._catch_up.is_ready(self.ctx.state.chats[chat_id]):
            with suppress(CommandError):
                await self._history.read(chat_id)

    def _looked(self, chat_id: ChatId) -> None:
        self._outbox.wake(chat_id)
        self._turns.start_if_due(chat_id)

    def _echoed(self, _: Envelope, event: ChatMessageEchoed) -> None:
        """Somebody writes as the bot with another Steam client: the agent is switched off, so that only one speaks."""
        text = "Somebody wrote to the player as the bot with another Steam client."
        self._ownership.switch_off(event.chat_id, AgentOffReason.SENT_ELSEWHERE, text, HandoverReason.WROTE_ELSEWHERE)

    def _changed(self, _: Envelope, event: ChatMessageQueued | ChatMessageSent | ChatMessageFailed) -> None:
        self._outbox.wake(event.chat_id)

    def _closed(self, _: Envelope, event: ChatClosed) -> None:
        self._doubts.settle_closed(self.ctx.state.chats[event.chat_id])

    def _offline(self, _: Envelope, event: BotDisconnected | BotAuthFailed) -> None:
        self._catch_up.forget(event.bot_id)

    def _removed(self, _: Envelope, event: BotRemoved) -> None:
        self._catch_up.forget(event.bot_id)
        for chat in self._conversations.of(event.bot_id):
            self._outbox.abandon(chat)

    def _contact_resumed(self, _: Envelope, event: ContactResumed) -> None:
        self._outbox.wake_all()
        self._turns.start_all_due()

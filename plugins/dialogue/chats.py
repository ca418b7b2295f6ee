"""The life cycle of a chat: begun by an accepted invite or by a friend, closed with its task or when idle."""

from __future__ import annotations

from typing import Final

from kernel.clock import due_at, sure_at
from kernel.codes import AnyCode, KernelRefusal, Undeclared
from kernel.commands import HistoryLine
from kernel.context import Context
from kernel.events import (
    ChatClosed,
    ChatMessageEchoed,
    ChatMessageFailed,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatStarted,
    DialogScriptCompleted,
    DoNotContactAdded,
    Envelope,
    FriendInviteAccepted,
    FriendInviteTakenBack,
    FriendMessageArrived,
    Relationship,
    TaskOutcomeUndone,
    TaskStatusChanged,
)
from kernel.ids import BotId, ChatId, SteamId64, TaskId, new_chat_id
from kernel.rows import Chat, Task
from plugins.dialogue.codes import ChatEnd, UnsentReason
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import Conversations, queued, sending, torn
from plugins.dialogue.history import History
from plugins.dialogue.timers import Timers


class Chats:
    """Begins and closes chats, and records what players write."""

    def __init__(self, ctx: Context, config: DialogueConfig, conversations: Conversations, history: History) -> None:
        self._ctx = ctx
        self._config = config
        self._conversations = conversations
        self._history = history
        self.timers: Final = Timers(ctx, self._close_if_idle)

    def fail_torn_turns(self) -> None:
        """At start: fail the messages of turns that a crash cut off; those turns did not happen."""
        for chat in self._ctx.state.chats.rows():
            for message in torn(chat):
                self._ctx.publish(
                    ChatMessageFailed(
                        chat_id=chat.id,
                        message_id=message.id,
                        reason=UnsentReason.INTERRUPTED,
                        detail="The program stopped in the middle of the agent's turn; the agent takes it anew.",
                    )
                )

    def reconcile(self) -> None:
        """At start: close the chats whose closing a crash cut off."""
        for chat in self._ctx.state.chats.rows():
            if not chat.is_open:
                continue
            task: Task | None = self._ctx.state.tasks.get(chat.task_id) if chat.task_id is not None else None
            if task is not None and not task.is_open:
                self._close(chat.id, task.reason or Undeclared(task.status))
            elif self._is_left_alone(chat.player):
                self._close(chat.id, KernelRefusal.DO_NOT_CONTACT)
            elif task is None:
                self._close_if_idle(chat.id)

    def invite_accepted(self, _: Envelope, event: FriendInviteAccepted) -> None:
        self.begin(event.task_id, event.bot_id)

    def begin_again(self, _: Envelope, event: TaskOutcomeUndone) -> None:
        """The task is open again, and its chat is closed for good: the talk goes on in another one."""
        task = self._ctx.state.tasks[event.task_id]
        if not task.is_open or task.assigned_bot_id is None:
            return
        if self._ctx.hooks.relationship(task.assigned_bot_id, task.player) is Relationship.FRIEND:
            self.begin(task.id, task.assigned_bot_id)

    def begin_missing(self, bot_id: BotId) -> None:
        """Begin the chats that a crash kept from beginning: the two are friends, and no invite is under way."""
        state = self._ctx.state
        for task_id in sorted(state.index.open_tasks_of_bot.get(bot_id, ())):
            task = state.tasks[task_id]
            if task.chat_id is not None or task_id in state.invites:
                continue
            if self._ctx.hooks.relationship(bot_id, task.player) is Relationship.FRIEND:
                self.begin(task_id, bot_id)

    def begin(self, task_id: TaskId, bot_id: BotId) -> None:
        """Begin the task's chat, unless it has one or has gone elsewhere."""
        task: Task | None = self._ctx.state.tasks.get(task_id)
        if task is None or not task.is_open or task.assigned_bot_id != bot_id or task.chat_id is not None:
            return
        unasked = self._between(bot_id, task.player)
        led_by_hand = unasked is not None and unasked.is_open and unasked.owner is not None
        if unasked is not None and unasked.is_open:
            self._close(unasked.id, ChatEnd.TASK_BEGAN)
        # once its end was undone, a person leads it: the agent has said what it had to say
        self._start(bot_id, task.player, task_id, agent_enabled=not led_by_hand and task.reopened_at is None)

    def invite_taken_back(self, _: Envelope, event: FriendInviteTakenBack) -> None:
        """The player accepted an invite that was to be taken back: record a chat that is closed at once.

        By that chat it is known later that they were friends, when they remove or block the bot.
        """
        bot_id = self._ctx.state.index.bot_of_account.get(event.steam_id64)
        if bot_id is None or self._between(bot_id, event.player) is not None:
            return
        if self._ctx.hooks.relationship(bot_id, event.player) is Relationship.FRIEND:
            chat = self._start(bot_id, event.player, None, agent_enabled=False)
            self._close(chat.id, ChatEnd.INVITE_NOT_WANTED)

    def begin_manually(self, ended: Chat, chat_id: ChatId) -> Chat:
        """Begin a chat with the player of a closed one, because a person of ours writes to them."""
        return self._start(ended.bot_id, ended.player, None, agent_enabled=False, chat_id=chat_id)

    def message_arrived(self, _: Envelope, event: FriendMessageArrived) -> None:
        """Record a line once, in the latest chat of the two, or in a new one with the agent off.

        What somebody wrote as the bot with another Steam client is recorded in a chat that exists, and begins none.
        """
        state = self._ctx.state
        if event.bot_id not in state.bots:
            return
        line = HistoryLine(event.from_bot, event.text, event.steam_ts, event.ordinal)
        if line in self._conversations.known(event.bot_id, event.player):
            return
        chat = self._between(event.bot_id, event.player)
        if event.from_bot:
            if chat is not None:
                self._history.match_own_line(chat, line)
            return
        refusal = None
        if chat is None:
            refusal = self._why_no_chat(event.bot_id, event.player)
            chat = self._start(event.bot_id, event.player, None, agent_enabled=False)
        self._history.add_line(chat, line)
        if refusal is not None and state.chats[chat.id].is_open:
            self._close(chat.id, refusal)

    def delay_idle_close(self, _: Envelope, event: ChatMessageReceived | ChatMessageQueued | ChatMessageEchoed) -> None:
        chat = self._ctx.state.chats[event.chat_id]
        if chat.is_open and chat.task_id is None:
            self.timers.set(chat.id, self._ctx.clock.elapsed() + self._config.unasked_idle_ms)

    def close_with_task(self, _: Envelope, event: TaskStatusChanged) -> None:
        task = self._ctx.state.tasks[event.task_id]
        if task.chat_id is not None and not task.is_open:
            self._close(task.chat_id, event.reason or Undeclared(event.status))

    def close_for_do_not_contact(self, _: Envelope, event: DoNotContactAdded) -> None:
        while (chat_id := self._ctx.state.index.open_chat_of_player.get(event.player)) is not None:
            self._close(chat_id, KernelRefusal.DO_NOT_CONTACT)

    def close_completed(self, _: Envelope, event: DialogScriptCompleted) -> None:
        self._close(event.chat_id, ChatEnd.COMPLETED)

    def _start(
        self,
        bot_id: BotId,
        player: SteamId64,
        task_id: TaskId | None,
        *,
        agent_enabled: bool,
        chat_id: ChatId | None = None,
    ) -> Chat:
        chat_id = chat_id or new_chat_id()
        self._ctx.publish(
            ChatStarted(chat_id=chat_id, bot_id=bot_id, player=player, task_id=task_id, agent_enabled=agent_enabled)
        )
        return self._ctx.state.chats[chat_id]

    def _close(self, chat_id: ChatId, reason: AnyCode) -> None:
        chat: Chat | None = self._ctx.state.chats.get(chat_id)
        if chat is not None and chat.is_open:
            self.timers.clear(chat_id)
            self._ctx.publish(ChatClosed(chat_id=chat_id, reason=reason))

    def _close_if_idle(self, chat_id: ChatId) -> None:
        chat = self._ctx.state.chats[chat_id]
        if not chat.is_open or chat.task_id is not None:
            return
        clock, idle = self._ctx.clock, self._config.unasked_idle_ms
        # a chat that is closed opens no more: never on the word of a clock that has just been set, or just been read
        idle_at = sure_at(clock, max([chat.started_at, *(m.ts for m in chat.messages)]) + idle, idle)
        if idle_at > clock.now():
            self.timers.set(chat_id, due_at(clock, idle_at))
        elif any(queued(chat)) or any(sending(chat)):
            self.timers.set(chat_id, clock.elapsed() + idle)
        else:
            self._close(chat_id, ChatEnd.IDLE)

    def _between(self, bot_id: BotId, player: SteamId64) -> Chat | None:
        """The latest chat of the two, open or closed."""
        chat_id = self._ctx.state.index.chat_between.get((bot_id, player))
        return self._ctx.state.chats[chat_id] if chat_id is not None else None

    def _why_no_chat(self, bot_id: BotId, player: SteamId64) -> KernelRefusal | None:
        """Why nobody is to answer this friend here: the chat that keeps their lines is closed at once."""
        index = self._ctx.state.index
        if self._is_left_alone(player):
            return KernelRefusal.DO_NOT_CONTACT
        task_id = index.open_task_of_player.get(player)
        elsewhere = task_id is not None and self._ctx.state.tasks[task_id].assigned_bot_id != bot_id
        return KernelRefusal.PLAYER_BUSY if elsewhere or player in index.open_chat_of_player else None

    def _is_left_alone(self, player: SteamId64) -> bool:
        return self._ctx.state.left_alone(player) is not None

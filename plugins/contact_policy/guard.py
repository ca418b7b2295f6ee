"""The guard: which rules of care each kind of command is held to."""

from __future__ import annotations

from typing import Any

from kernel.causality import is_person
from kernel.clock import Millis
from kernel.codes import KernelRefusal
from kernel.commands import Command, CreateTask, DeliverMessage, ReachesPlayer, RetryMessage, SendInvite, SendMessage
from kernel.hookspecs import Rejection
from kernel.rows import Chat, Message
from kernel.state import State
from plugins.contact_policy import admission as rule
from plugins.contact_policy.config import ContactPolicyConfig
from plugins.contact_policy.speech import fold


class Guard:
    """Judges commands, the same for whoever gives them. Only where words are concerned it asks who wrote them."""

    def __init__(self, config: ContactPolicyConfig) -> None:
        self._invites_per_hour = config.invites_per_hour
        self._unanswered, self._per_hour = config.lines_unanswered, config.lines_per_hour
        self._notices = frozenset(map(fold, config.all_notices.values()))

    def judge(self, command: Command[Any], state: State, now: Millis, actor: str) -> Rejection | None:
        """The first objection, if there is any. `actor` gave the command."""
        if isinstance(command, CreateTask):
            return self._task(command, state)
        if isinstance(command, SendInvite):
            return self._invite(command, state, now)
        if isinstance(command, SendMessage | RetryMessage):
            chat: Chat | None = state.chats.get(command.chat_id)
            text = (
                command.text if isinstance(command, SendMessage) else ""
            )  # known when it is delivered, and judged then
            return self._words(chat, actor, text, state, now) if chat else None  # its handler: there is no such chat
        if isinstance(command, DeliverMessage):
            return self._delivery(command, state, now)
        return self._unknown(command, state) if isinstance(command, ReachesPlayer) else None

    def _task(self, command: CreateTask, state: State) -> Rejection | None:
        """Contact may be paused: a task can wait."""
        return (
            rule.ours(state, command.player)
            or rule.listed(state, command.player)
            or rule.refused_before(state, command.player)
            or rule.busy(state, command.player)
        )

    def _invite(self, command: SendInvite, state: State, now: Millis) -> Rejection | None:
        return (
            rule.paused(state)
            or rule.ours(state, command.player)
            or rule.listed(state, command.player)
            or rule.refused_before(state, command.player)
            or rule.not_to_be_invited(state, command.task_id, command.bot_id, command.player)
            or rule.over_limit(state, command.task_id, now, self._invites_per_hour)
        )

    def _delivery(self, command: DeliverMessage, state: State, now: Millis) -> Rejection | None:
        chat: Chat | None = state.chats.get(command.chat_id)
        if chat is None or not chat.is_open or (chat.bot_id, chat.player) != (command.bot_id, command.player):
            text = f"{command.chat_id} is no open chat of {command.bot_id} with {command.player}."
            return (
                rule.paused(state) or rule.listed(state, command.player) or Rejection(text, KernelRefusal.CHAT_CLOSED)
            )
        message = chat.message(command.message_id)
        # words of unknown origin pass for no person's
        return self._words(chat, message.author if message else "", command.text, state, now, message)

    def _words(
        self, chat: Chat, author: str, text: str, state: State, now: Millis, message: Message | None = None
    ) -> Rejection | None:
        objection = rule.paused(state) or rule.listed(state, chat.player) or rule.not_to_be_answered_here(state, chat)
        if objection or is_person(author):
            return objection
        return (
            rule.dishonest(chat, text)
            or rule.unannounced(chat, text, self._notices)
            or rule.too_many_unanswered(chat, message, self._unanswered)
            or rule.too_many_lines(chat, message, now, self._per_hour)
        )

    def _unknown(self, command: ReachesPlayer[Any], state: State) -> Rejection | None:
        """A plugin's own way out is held to what can be told of any: the pause, the list, one bot for one person."""
        return (
            rule.paused(state)
            or rule.listed(state, command.player)
            or rule.with_another_bot(state, command.player, command.bot_id)
        )

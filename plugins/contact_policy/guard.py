"""The guard: which admission rules apply to each kind of command."""

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
from plugins.contact_policy import rate_limits as limits
from plugins.contact_policy.config import ContactPolicyConfig
from plugins.contact_policy.folding import fold


class Guard:
    """Admits or rejects commands, whoever gives them. Only the rules about texts depend on their author."""

    def __init__(self, config: ContactPolicyConfig) -> None:
        self._invites_per_hour = config.invites_per_hour
        self._unanswered, self._per_hour = config.lines_unanswered, config.lines_per_hour
        self._notices = frozenset(map(fold, config.all_notices.values()))

    def judge(self, command: Command[Any], state: State, now: Millis, actor: str) -> Rejection | None:
        """The first rejection, if there is any. `actor` gave the command."""
        if isinstance(command, CreateTask):
            return self._task(command, state)
        if isinstance(command, SendInvite):
            return self._invite(command, state, now)
        if isinstance(command, SendMessage | RetryMessage):
            chat: Chat | None = state.chats.get(command.chat_id)
            text = (
                command.text if isinstance(command, SendMessage) else ""
            )  # known when it is delivered, and judged then
            return self._text(chat, actor, text, state, now) if chat else None  # its handler: there is no such chat
        if isinstance(command, DeliverMessage):
            return self._delivery(command, state, now)
        return self._other(command, state) if isinstance(command, ReachesPlayer) else None

    def _task(self, command: CreateTask, state: State) -> Rejection | None:
        """The pause does not apply: a task is created and waits."""
        return (
            rule.own_bot(state, command.player)
            or rule.do_not_contact(state, command.player)
            or rule.invite_refused_before(state, command.player)
            or rule.player_busy(state, command.player)
        )

    def _invite(self, command: SendInvite, state: State, now: Millis) -> Rejection | None:
        return (
            rule.contact_paused(state)
            or rule.own_bot(state, command.player)
            or rule.do_not_contact(state, command.player)
            or rule.invite_refused_before(state, command.player)
            or rule.not_to_invite(state, command.task_id, command.bot_id, command.player)
            or limits.fleet_invite_limit(state, command.task_id, now, self._invites_per_hour)
        )

    def _delivery(self, command: DeliverMessage, state: State, now: Millis) -> Rejection | None:
        chat: Chat | None = state.chats.get(command.chat_id)
        if chat is None or not chat.is_open or (chat.bot_id, chat.player) != (command.bot_id, command.player):
            text = f"{command.chat_id} is no open chat of {command.bot_id} with {command.player}."
            return (
                rule.contact_paused(state)
                or rule.do_not_contact(state, command.player)
                or Rejection(text, KernelRefusal.CHAT_CLOSED)
            )
        message = chat.message(command.message_id)
        # a text of unknown author counts as a program's
        return self._text(chat, message.author if message else "", command.text, state, now, message)

    def _text(
        self, chat: Chat, author: str, text: str, state: State, now: Millis, message: Message | None = None
    ) -> Rejection | None:
        rejection = (
            rule.contact_paused(state)
            or rule.do_not_contact(state, chat.player)
            or rule.busy_in_another_chat(state, chat)
        )
        if rejection or is_person(author):
            return rejection
        return (
            rule.denies_program(chat, text)
            or rule.notice_missing(chat, text, self._notices)
            or limits.too_many_unanswered(chat, message, self._unanswered)
            or limits.too_many_lines(chat, message, now, self._per_hour)
        )

    def _other(self, command: ReachesPlayer[Any], state: State) -> Rejection | None:
        """A `ReachesPlayer` of a plugin's own: the pause, the do-not-contact list, one bot per player."""
        return (
            rule.contact_paused(state)
            or rule.do_not_contact(state, command.player)
            or rule.busy_with_another_bot(state, command.player, command.bot_id)
        )

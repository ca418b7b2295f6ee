"""Turns: when the agent is asked, about what, and what its reply becomes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from msgspec.structs import replace

from kernel.clock import Millis, due_at, sure_at
from kernel.codes import Undeclared
from kernel.context import Context
from kernel.events import (
    ChatAgentToggled,
    ChatClosed,
    ChatMessageQueued,
    ChatMessageReceived,
    ChatStarted,
    DialogScriptAdvanced,
    DialogScriptCompleted,
    Envelope,
    ErrorLogged,
)
from kernel.hookspecs import Reply, Trigger, Turn
from kernel.ids import ChatId, new_message_id
from kernel.rows import AgentOffReason, Attempt, Chat, Delivery, Message, Sender, Task
from plugins.dialogue.codes import HandoverReason
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import agent_has_spoken, announced, by_program, unanswered
from plugins.dialogue.ownership import Ownership
from plugins.dialogue.reply import checked
from plugins.dialogue.timers import Timers

LATE_MS: Final = 60_000
"""A delivery that took longer than this gives the player the time that it took."""


class PendingTurn(NamedTuple):
    """A turn that is scheduled for the agent: its trigger, when it is due, and how often no agent took it.

    `due` and `heard_at` are by what has elapsed of the run.
    """

    trigger: Trigger
    due: int
    heard_at: int | None = None
    """When the first of the lines came that the agent is to answer."""
    not_taken: int = 0


class Agent(NamedTuple):
    """Who has answered, as chats and lines bear it."""

    name: str
    version: str | None

    @property
    def actor(self) -> str:
        return f"agent:{self.name}"


class Turns:
    """At most one turn a chat is under way, and none while words of the one before are still to be delivered."""

    def __init__(
        self,
        ctx: Context,
        config: DialogueConfig,
        ownership: Ownership,
        may_go: Callable[[Chat], bool],
    ) -> None:
        self._ctx = ctx
        self._config = config
        self._ownership = ownership
        self._may_go = may_go
        self.timers: Final = Timers(ctx, self.start_if_due)
        self._pending: dict[ChatId, PendingTurn] = {}
        self._outcomes: dict[ChatId, tuple[Agent, Reply]] = {}

    def load(self) -> None:
        """At start: schedule the turns of the chats that an agent leads."""
        for chat in self._ctx.state.chats.values():
            if not self._ownership.agent_leads(chat):
                continue
            if chat.turn_at is not None:
                self._schedule(chat.id, PendingTurn(Trigger.SILENCE, self._end_of_silence(chat, chat.turn_at)))
            else:
                begun = chat.script_step is not None or agent_has_spoken(chat)
                self._schedule(chat.id, PendingTurn(Trigger.RESUMED if begun else Trigger.STARTED, 0))

    def chat_started(self, _: Envelope, event: ChatStarted) -> None:
        if event.agent_enabled:
            self._schedule(event.chat_id, PendingTurn(Trigger.STARTED, 0))

    def message_received(self, _: Envelope, event: ChatMessageReceived) -> None:
        """The player wrote: cancel the turn under way, which does not know of this, and schedule another (debounce)."""
        chat = self._ctx.state.chats[event.chat_id]
        if not self._ownership.agent_leads(chat):
            return
        self._ownership.cancel_turn(chat.id)
        now = self._ctx.clock.elapsed()
        before = self._pending.get(chat.id)
        trigger = before.trigger if before is not None and before.trigger is not Trigger.SILENCE else Trigger.MESSAGE
        heard_at = before.heard_at if before is not None and before.heard_at is not None else now
        due = min(now + self._config.reading_ms, heard_at + self._config.reading_most_ms)
        self._schedule(chat.id, PendingTurn(trigger, due, heard_at))

    def agent_toggled(self, _: Envelope, event: ChatAgentToggled) -> None:
        self.drop(event.chat_id)
        if event.enabled:
            self._schedule(event.chat_id, PendingTurn(Trigger.RESUMED, 0))

    def closed(self, _: Envelope, event: ChatClosed) -> None:
        self.drop(event.chat_id)

    def drop(self, chat_id: ChatId) -> None:
        """No turn is pending here any more. One that is under way is `Ownership`'s to cancel."""
        self._pending.pop(chat_id, None)
        self._outcomes.pop(chat_id, None)
        self.timers.clear(chat_id)

    def start_if_due(self, chat_id: ChatId) -> None:
        """Start the pending turn if it is due and nothing blocks it; whatever blocked it calls this again later."""
        pending = self._pending.get(chat_id)
        if pending is None or self._ownership.has_turn(chat_id) or chat_id in self._outcomes:
            return
        chat: Chat = self._ctx.state.chats[chat_id]
        if not self._ownership.agent_leads(chat):
            self.drop(chat_id)
        elif self._ctx.state.contact.paused or not self._may_go(chat) or any(m.is_owed for m in chat.messages):
            return
        elif (due := self._due(chat, pending)) > self._ctx.clock.elapsed():
            self.timers.set(chat_id, due)
        else:
            self._ownership.begin_turn(chat_id, self._run(chat_id, pending))

    def start_all_due(self) -> None:
        for chat_id in list(self._pending):
            self.start_if_due(chat_id)

    def drained(self, chat_id: ChatId) -> None:
        """All messages of the chat are settled."""
        if chat_id in self._outcomes:
            self._complete(chat_id)
            return
        chat: Chat = self._ctx.state.chats[chat_id]
        pending = self._pending.get(chat_id)
        if pending is not None and pending.trigger is Trigger.SILENCE and chat.turn_at is not None:
            said_at = _said_at(chat)
            if self._ctx.clock.now() - said_at > LATE_MS and chat.agent and chat.script_step and chat.turn_at > said_at:
                self._advance(chat, Agent(chat.agent, chat.agent_version), chat.script_step, chat.turn_at - said_at)
        self.start_if_due(chat_id)

    def _schedule(self, chat_id: ChatId, pending: PendingTurn) -> None:
        self._pending[chat_id] = pending
        self.start_if_due(chat_id)

    async def _run(self, chat_id: ChatId, pending: PendingTurn) -> None:
        chat: Chat = self._ctx.state.chats[chat_id]
        turn = Turn(
            chat=replace(chat, notes=()),  # what we write down for each other is no agent's to tell
            task=self._task(chat),
            bot=self._ctx.state.bots[chat.bot_id],
            trigger=pending.trigger,
            text=unanswered(chat),
            now=self._ctx.clock.now(),
        )
        try:
            taken = await self._ctx.hooks.respond(turn)
        finally:
            valid = self._ownership.end_turn(chat_id)
        if not valid:
            return  # cancelled, and the agent suppressed it
        if taken is None:
            self._retry_or_switch_off(chat_id, pending)
        else:
            self._apply(turn, Agent(taken.agent, taken.version), taken.reply)

    def _retry_or_switch_off(self, chat_id: ChatId, pending: PendingTurn) -> None:
        """No agent took the turn: ask again, for agents may be in a swap; after the last try a person is needed."""
        if pending.not_taken + 1 < self._config.answer_tries:
            again = self._ctx.clock.elapsed() + self._config.answer_again_ms
            self._schedule(chat_id, pending._replace(due=again, not_taken=pending.not_taken + 1))
            return
        text = f"No agent took its turn in {chat_id}: take the chat over, or see why the agents are silent."
        self._ctx.publish(ErrorLogged(source=self._ctx.name, message=text))
        self._ownership.switch_off(
            chat_id, AgentOffReason.AGENT_SILENT, "No agent took its turn here.", HandoverReason.AGENT_SILENT
        )

    def _apply(self, turn: Turn, agent: Agent, answer: Reply) -> None:
        """Publish the reply's events in one go: the messages, then dialogScript.advanced, which commits them."""
        chat_id, actor = turn.chat.id, agent.actor
        try:
            reply = checked(turn.task, answer)
        except ValueError as error:
            text = f"The agent {agent.name} gave a reply that cannot be used: {error}"
            self._ctx.publish(ErrorLogged(source=agent.name, message=text, detail=f"in {chat_id}"))
            self._ownership.switch_off(chat_id, AgentOffReason.AGENT_FAILED, text, HandoverReason.AGENT_MISTAKEN)
            return
        texts = [text.strip() for text in reply.texts if text.strip()]
        if texts and not announced(turn.chat):
            texts[0] = "\n".join(filter(None, (self._ctx.hooks.preface(turn), texts[0])))
        now = self._ctx.clock.now()
        for text in texts:
            message = Message(
                id=new_message_id(),
                sender=Sender.BOT,
                text=text,
                ts=now,
                author=actor,
                author_version=agent.version,
                delivery=Delivery.QUEUED,
                epoch=turn.chat.epoch,
                step=reply.step,
                attempt=Attempt(),
            )
            self._ctx.publish(ChatMessageQueued(chat_id=chat_id, message=message), actor=actor)
        if reply.outcome is None:
            self._advance(turn.chat, agent, reply.step, reply.wait)
            self.start_if_due(chat_id)
            return
        self._advance(turn.chat, agent, reply.step, 1)  # a crash before the end has the agent asked again at once
        self._outcomes[chat_id] = (agent, replace(reply, texts=tuple(texts)))
        if not texts:
            self._complete(chat_id)

    def _advance(self, chat: Chat, agent: Agent, step: str, wait: int | None) -> None:
        """The dialogue stands at `step`; ask again after `wait` milliseconds. Never less than one: see `torn`."""
        longest = self._config.longest_wait_ms
        span = max(1, min(wait if wait is not None else longest, longest))
        until = Millis(self._ctx.clock.now() + span)
        self._pending[chat.id] = PendingTurn(Trigger.SILENCE, self._ctx.clock.elapsed() + span)
        self._ctx.publish(
            DialogScriptAdvanced(
                chat_id=chat.id, agent=agent.name, agent_version=agent.version, step=step, wait_until=until
            ),
            actor=agent.actor,
        )

    def _complete(self, chat_id: ChatId) -> None:
        """The last messages are delivered: the dialogue has ended. Subscribers close the task and the chat."""
        agent, reply = self._outcomes[chat_id]
        chat: Chat = self._ctx.state.chats[chat_id]
        self.drop(chat_id)
        if not self._ownership.agent_leads(chat) or reply.outcome is None:
            return
        self._ctx.publish(
            DialogScriptCompleted(
                chat_id=chat_id,
                task_id=self._task(chat).id,
                agent=agent.name,
                agent_version=agent.version,
                outcome=reply.outcome,
                reason=reply.reason or Undeclared(reply.outcome),
                detail=reply.detail,
                agreed_price=reply.agreed_price,
            ),
            actor=agent.actor,
        )

    def _due(self, chat: Chat, pending: PendingTurn) -> int:
        """When the turn is due. A clock correction may leave more of a silence than seemed to be left."""
        if pending.trigger is not Trigger.SILENCE or chat.turn_at is None:
            return pending.due
        return max(pending.due, due_at(self._ctx.clock, chat.turn_at))

    def _end_of_silence(self, chat: Chat, turn_at: Millis) -> int:
        """When to ask the agent about a silence that began in an earlier run, by what has elapsed of this one.

        It may remind the player then, or give up: not on the word of a clock that was just read for the first time.
        """
        clock = self._ctx.clock
        return due_at(clock, sure_at(clock, turn_at, turn_at - max(_said_at(chat), chat.started_at)))

    def _task(self, chat: Chat) -> Task:
        """The chat's task: a chat that an agent leads has one."""
        assert chat.task_id is not None
        return self._ctx.state.tasks[chat.task_id]


def _said_at(chat: Chat) -> int:
    """When a program last decided to say something."""
    return max((m.ts for m in chat.messages if by_program(m)), default=0)

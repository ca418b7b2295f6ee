"""Turns: when the agent is asked, about what, and what becomes of its reply."""

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
from plugins.dialogue.alarms import Alarms
from plugins.dialogue.codes import HandoverReason
from plugins.dialogue.config import DialogueConfig
from plugins.dialogue.conversation import agent_has_spoken, announced, by_program, unanswered
from plugins.dialogue.ownership import Ownership
from plugins.dialogue.reply import checked

LATE_MS: Final = 60_000
"""A delivery that took longer than this gives the player the time that it took."""


class Owed(NamedTuple):
    """A turn that the agent is to have: why, from when on, and how often nobody has taken it.

    `due` and `heard_at` are by what has elapsed of the run.
    """

    trigger: Trigger
    due: int
    heard_at: int | None = None
    """When the first of the lines came that the agent is to answer."""
    unheeded: int = 0


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
        self.alarms: Final = Alarms(ctx, self.consider)
        self._owed: dict[ChatId, Owed] = {}
        self._outcomes: dict[ChatId, tuple[str, Reply]] = {}

    def load(self) -> None:
        """At start: what the agents still owe, and until when they wait."""
        for chat in self._ctx.state.chats.values():
            if not self._ownership.agent_leads(chat):
                continue
            if chat.turn_at is not None:
                self._owe(chat.id, Owed(Trigger.SILENCE, self._end_of_silence(chat, chat.turn_at)))
            else:
                begun = chat.script_step is not None or agent_has_spoken(chat)
                self._owe(chat.id, Owed(Trigger.RESUMED if begun else Trigger.STARTED, 0))

    def begin(self, _: Envelope, event: ChatStarted) -> None:
        if event.agent_enabled:
            self._owe(event.chat_id, Owed(Trigger.STARTED, 0))

    def hear(self, _: Envelope, event: ChatMessageReceived) -> None:
        """The player wrote: whatever the agent was thinking, it did not know of this."""
        chat = self._ctx.state.chats[event.chat_id]
        if not self._ownership.agent_leads(chat):
            return
        self._ownership.cancel_turn(chat.id)
        now = self._ctx.clock.elapsed()
        before = self._owed.get(chat.id)
        trigger = before.trigger if before is not None and before.trigger is not Trigger.SILENCE else Trigger.MESSAGE
        heard_at = before.heard_at if before is not None and before.heard_at is not None else now
        due = min(now + self._config.reading_ms, heard_at + self._config.reading_most_ms)
        self._owe(chat.id, Owed(trigger, due, heard_at))

    def change_hands(self, _: Envelope, event: ChatAgentToggled) -> None:
        self.drop(event.chat_id)
        if event.enabled:
            self._owe(event.chat_id, Owed(Trigger.RESUMED, 0))

    def closed(self, _: Envelope, event: ChatClosed) -> None:
        self.drop(event.chat_id)

    def drop(self, chat_id: ChatId) -> None:
        """No turn is owed here any more. One that is under way is `Ownership`'s to cancel."""
        self._owed.pop(chat_id, None)
        self._outcomes.pop(chat_id, None)
        self.alarms.clear(chat_id)

    def consider(self, chat_id: ChatId) -> None:
        """Ask the agent if a turn is owed, its time has come, and nothing stands in its way.

        Whatever stood in the way calls this again when it is gone.
        """
        owed = self._owed.get(chat_id)
        if owed is None or self._ownership.has_turn(chat_id) or chat_id in self._outcomes:
            return
        chat: Chat = self._ctx.state.chats[chat_id]
        if not self._ownership.agent_leads(chat):
            self.drop(chat_id)
        elif self._ctx.state.contact.paused or not self._may_go(chat) or any(m.is_owed for m in chat.messages):
            return
        elif (due := self._due(chat, owed)) > self._ctx.clock.elapsed():
            self.alarms.set(chat_id, due)
        else:
            self._ownership.begin_turn(chat_id, self._take(chat_id, owed))

    def consider_all(self) -> None:
        for chat_id in list(self._owed):
            self.consider(chat_id)

    def drained(self, chat_id: ChatId) -> None:
        """All that was to be said in the chat has been settled."""
        if chat_id in self._outcomes:
            self._complete(chat_id)
            return
        chat: Chat = self._ctx.state.chats[chat_id]
        owed = self._owed.get(chat_id)
        if owed is not None and owed.trigger is Trigger.SILENCE and chat.turn_at is not None:
            said_at = _said_at(chat)
            if self._ctx.clock.now() - said_at > LATE_MS and chat.agent and chat.script_step and chat.turn_at > said_at:
                self._wait(chat, chat.agent, chat.script_step, chat.turn_at - said_at)
        self.consider(chat_id)

    def _owe(self, chat_id: ChatId, owed: Owed) -> None:
        self._owed[chat_id] = owed
        self.consider(chat_id)

    async def _take(self, chat_id: ChatId, owed: Owed) -> None:
        chat: Chat = self._ctx.state.chats[chat_id]
        turn = Turn(
            chat=replace(chat, notes=()),  # what we write down for each other is no agent's to tell
            task=self._task(chat),
            bot=self._ctx.state.bots[chat.bot_id],
            trigger=owed.trigger,
            text=unanswered(chat),
            now=self._ctx.clock.now(),
        )
        try:
            answer = await self._ctx.hooks.respond(turn)
        finally:
            valid = self._ownership.end_turn(chat_id)
        if not valid:
            return  # cancelled, and the agent suppressed it
        if answer is None:
            self._unheeded(chat_id, owed)
        else:
            self._carry_out(turn, *answer)

    def _unheeded(self, chat_id: ChatId, owed: Owed) -> None:
        """No agent took the turn: it may be on its way out, with another on its way in; otherwise a person must."""
        if owed.unheeded + 1 < self._config.answer_tries:
            again = self._ctx.clock.elapsed() + self._config.answer_again_ms
            self._owe(chat_id, owed._replace(due=again, unheeded=owed.unheeded + 1))
            return
        text = f"No agent took its turn in {chat_id}: take the chat over, or see why the agents are silent."
        self._ctx.publish(ErrorLogged(source=self._ctx.name, message=text))
        self._ownership.switch_off(
            chat_id, AgentOffReason.AGENT_SILENT, "No agent took its turn here.", HandoverReason.AGENT_SILENT
        )

    def _carry_out(self, turn: Turn, agent: str, answer: Reply) -> None:
        """Make the reply known in one go: the messages first and dialogScript.advanced, which seals them, last."""
        chat_id, actor = turn.chat.id, f"agent:{agent}"
        try:
            reply = checked(turn.task, answer)
        except ValueError as error:
            text = f"The agent {agent} gave a reply that cannot be used: {error}"
            self._ctx.publish(ErrorLogged(source=agent, message=text, detail=f"in {chat_id}"))
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
                delivery=Delivery.QUEUED,
                epoch=turn.chat.epoch,
                step=reply.step,
                attempt=Attempt(),
            )
            self._ctx.publish(ChatMessageQueued(chat_id=chat_id, message=message), actor=actor)
        if reply.outcome is None:
            self._wait(turn.chat, agent, reply.step, reply.wait)
            self.consider(chat_id)
            return
        self._wait(turn.chat, agent, reply.step, 1)  # a crash before the end has the agent asked again at once
        self._outcomes[chat_id] = (agent, replace(reply, texts=tuple(texts)))
        if not texts:
            self._complete(chat_id)

    def _wait(self, chat: Chat, agent: str, step: str, wait: int | None) -> None:
        """The dialogue stands at `step`; ask again after `wait` milliseconds. Never less than one: see `torn`."""
        longest = self._config.longest_wait_ms
        span = max(1, min(wait if wait is not None else longest, longest))
        until = Millis(self._ctx.clock.now() + span)
        self._owed[chat.id] = Owed(Trigger.SILENCE, self._ctx.clock.elapsed() + span)
        self._ctx.publish(
            DialogScriptAdvanced(chat_id=chat.id, agent=agent, step=step, wait_until=until), actor=f"agent:{agent}"
        )

    def _complete(self, chat_id: ChatId) -> None:
        """The last words are said: the dialogue has ended, and whoever hears of it closes task and chat."""
        agent, reply = self._outcomes[chat_id]
        chat: Chat = self._ctx.state.chats[chat_id]
        self.drop(chat_id)
        if not self._ownership.agent_leads(chat) or reply.outcome is None:
            return
        self._ctx.publish(
            DialogScriptCompleted(
                chat_id=chat_id,
                task_id=self._task(chat).id,
                agent=agent,
                outcome=reply.outcome,
                reason=reply.reason or Undeclared(reply.outcome),
                detail=reply.detail,
                agreed_price=reply.agreed_price,
            ),
            actor=f"agent:{agent}",
        )

    def _due(self, chat: Chat, owed: Owed) -> int:
        """When the turn may be had. A clock that is put right may leave more of a silence than seemed to be left."""
        if owed.trigger is not Trigger.SILENCE or chat.turn_at is None:
            return owed.due
        return max(owed.due, due_at(self._ctx.clock, chat.turn_at))

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

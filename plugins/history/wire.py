"""What the archive reads of an event: the few fields that it keeps, leniently, so that a newer journal is read too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Final, NamedTuple

import msgspec
from msgspec import Struct, field

from kernel.codec import encode
from kernel.events import RETIRED, Retired


class Fact(Struct, frozen=True, rename="camel", gc=False):
    """The payload of an event, as far as the archive knows it."""

    kind: ClassVar[str]


class BotAddedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "bot.added"
    bot_id: str
    steam_id64: str
    label: str | None = None


class TaskCreatedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.created"
    task_id: str
    player: str = field(name="playerSteamId64")
    item: str
    price_min: str
    price_max: str
    currency: str
    language: str | None = None


class TaskAssignedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.assigned"
    task_id: str
    bot_id: str


class OutcomeUndoneFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.outcomeUndone"
    task_id: str
    status: str | None = None
    """Where the task goes back to; None where its end stands."""


class TradedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.traded"
    task_id: str
    reversible_until: int
    offer_id: str | None = None
    note: str | None = None


class FellThroughFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.fellThrough"
    task_id: str
    reason: str
    detail: str


class SettledFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.settled"
    task_id: str


class ReversedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.reversed"
    task_id: str
    note: str


class TaskStatusChangedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "task.statusChanged"
    task_id: str
    status: str
    reason: str | None = None
    agreed_price: str | None = None


class InviteSentFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "friendInvite.sent"
    task_id: str
    bot_id: str


class InviteAcceptedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "friendInvite.accepted"
    task_id: str


class InviteFailedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "friendInvite.failed"
    task_id: str
    reason: str


class ChatStartedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.started"
    chat_id: str
    bot_id: str
    player: str = field(name="playerSteamId64")
    task_id: str | None = None


class ChatClosedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.closed"
    chat_id: str
    reason: str


class Line(Struct, frozen=True, gc=False):
    """A message of a chat."""

    id: str
    text: str
    author: str
    delivery: str | None = None


class MessageReceivedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.messageReceived"
    chat_id: str
    message: Line


class MessageEchoedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.messageEchoed"
    chat_id: str
    message: Line


class MessageQueuedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.messageQueued"
    chat_id: str
    message: Line


class MessageSentFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.messageSent"
    chat_id: str
    message_id: str


class MessageInDoubtFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.messageInDoubt"
    chat_id: str
    message_id: str


class MessageFailedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.messageFailed"
    chat_id: str
    message_id: str
    reason: str


class AgentToggledFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.agentToggled"
    chat_id: str
    enabled: bool
    reason: str
    why: str | None = None
    detail: str | None = None


class ScriptAdvancedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "dialogScript.advanced"
    chat_id: str
    agent: str


class ScriptCompletedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "dialogScript.completed"
    chat_id: str
    agent: str


class NoteAddedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.noteAdded"
    chat_id: str
    note_id: str
    text: str


class NoteRemovedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "chat.noteRemoved"
    chat_id: str
    note_id: str


class AuditedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "audit.recorded"
    action: str
    result: str
    address: str
    via: str
    subject: str | None = None
    happened_at: int | None = None


class ClockSteppedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "clock.stepped"
    by_ms: int
    earlier_by_ms: int
    run_began: int


class ClockResumedFact(Fact, frozen=True, kw_only=True, gc=False):
    kind: ClassVar[str] = "clock.resumed"
    gap_ms: int


FACTS: Final[Mapping[str, type[Fact]]] = {fact.kind: fact for fact in Fact.__subclasses__()}
"""Every kind that is read. All others are passed over, those of a newer version too."""


class Happened(NamedTuple):
    """An event that the archive keeps something of."""

    seq: int
    ts: int
    actor: str
    fact: Fact


class _Envelope(Struct, gc=False):
    seq: int
    ts: int
    actor: str
    kind: str
    payload: msgspec.Raw
    v: int = 1


class Reader:
    """Decodes lines of the journal. `last` and `last_ts` are of the last line read, of whatever kind."""

    def __init__(self) -> None:
        self.last = 0
        self.last_ts = 0
        self.passed_over = 0
        """Lines of a known kind whose payload is of no form that is known here."""
        self._envelopes = msgspec.json.Decoder(_Envelope)
        self._facts = {kind: msgspec.json.Decoder(fact) for kind, fact in FACTS.items()}
        self._retired = {(form.kind, form.v): msgspec.json.Decoder(form) for form in RETIRED}

    def happened(self, lines: bytes) -> Iterator[Happened]:
        """Those of these whole lines that the archive keeps something of, in their order. Raises msgspec.MsgspecError
        for a line that is no event."""
        for line in self._envelopes.decode_lines(lines):
            self.last, self.last_ts = line.seq, line.ts
            retired = self._retired.get((line.kind, line.v)) if self._retired else None
            if retired is None and line.kind not in self._facts:
                continue
            try:
                if retired is not None:
                    yield from self._today(line, retired)
                else:
                    fact = self._facts[line.kind].decode(line.payload)
                    yield Happened(line.seq, line.ts, line.actor, fact)
            except msgspec.MsgspecError:
                self.passed_over += 1

    def _today(self, line: _Envelope, form: msgspec.json.Decoder[Retired]) -> Iterator[Happened]:
        """What was written in an earlier form, in today's."""
        waiting = list(form.decode(line.payload).newer())
        while waiting:
            event = waiting.pop(0)
            if isinstance(event, Retired):
                waiting[:0] = event.newer()
            elif event.kind in self._facts:
                yield Happened(line.seq, line.ts, line.actor, self._facts[event.kind].decode(encode(event)))

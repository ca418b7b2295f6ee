"""What each kind of event changes in the archive. The figures of reports are defined here: README.md says them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from kernel.causality import is_person, is_program
from kernel.chat_rows import AgentOffReason
from plugins.history import wire
from plugins.history.codes import CausedBy
from plugins.history.deals import DealFold
from plugins.history.records import ChatRecord, LineRecord, TaskRecord
from plugins.history.store import Store
from plugins.history.values import bucket, pack, price, steam_id
from plugins.history.wire import Fact, Happened
from plugins.history.zones import Calendar

F = TypeVar("F", bound=Fact)
ENDED: Final = frozenset({"failed", "disposed", "resolved"})
PLAYER: Final = "player"
"""Under which the answers of all players are counted."""
OTHER: Final = AgentOffReason.OTHER.value
WHYS: Final = frozenset(AgentOffReason)
"""The closed set of why an agent was switched off; a newer one counts as OTHER."""


class Projection:
    """Folds events into the store. A line of a chat or task that is not known is passed over."""

    def __init__(self, store: Store, calendar: Calendar) -> None:
        self.store = store
        self._calendar = calendar
        self._deals = DealFold(store)
        self._folds: dict[type[Fact], Callable[[Happened, Any], None]] = {
            wire.BotAddedFact: self._bot_added,
            wire.TaskCreatedFact: self._task_created,
            wire.TaskAssignedFact: self._task_assigned,
            wire.TaskStatusChangedFact: self._task_moved,
            wire.OutcomeUndoneFact: self._outcome_undone,
            wire.InviteSentFact: self._invite_sent,
            wire.InviteAcceptedFact: self._invite_accepted,
            wire.InviteFailedFact: self._invite_failed,
            wire.ChatStartedFact: self._chat_started,
            wire.ChatClosedFact: self._chat_closed,
            wire.MessageReceivedFact: self._received,
            wire.MessageEchoedFact: self._echoed,
            wire.MessageQueuedFact: self._queued,
            wire.MessageSentFact: self._sent,
            wire.MessageInDoubtFact: self._in_doubt,
            wire.MessageFailedFact: self._not_sent,
            wire.AgentToggledFact: self._toggled,
            wire.ScriptAdvancedFact: self._led,
            wire.ScriptCompletedFact: self._led,
            wire.NoteAddedFact: self._note_added,
            wire.NoteRemovedFact: self._note_removed,
            wire.AuditedFact: self._audited,
            wire.ClockSteppedFact: self._clock_stepped,
            wire.ClockResumedFact: self._clock_resumed,
            **self._deals.folds,
        }

    def fold(self, happened: Happened) -> None:
        """One event. Raises ValueError or ArithmeticError for a price or a SteamID that is none."""
        self._folds[type(happened.fact)](happened, happened.fact)

    # bots and tasks

    def _bot_added(self, _: Happened, fact: wire.BotAddedFact) -> None:
        self.store.describe_bot(pack("bot", fact.bot_id), steam_id(fact.steam_id64), fact.label)

    def _task_created(self, at: Happened, fact: wire.TaskCreatedFact) -> None:
        name = self.store.name
        self.store.add_task(
            TaskRecord(
                no=at.seq,
                id=pack("task", fact.task_id),
                player=steam_id(fact.player),
                item=name("item", fact.item),
                currency=name("currency", fact.currency),
                language=fact.language,
                price_min=price(fact.price_min),
                price_max=price(fact.price_max),
                created_at=at.ts,
                created_by=name("actor", at.actor),
            )
        )

    def _task_assigned(self, at: Happened, fact: wire.TaskAssignedFact) -> None:
        task = self._task(fact.task_id)
        if task is not None:
            task.status, task.reason = "assigned", None
            task.bot, task.assigned_at = self.store.bot(pack("bot", fact.bot_id)), at.ts

    def _task_moved(self, at: Happened, fact: wire.TaskStatusChangedFact) -> None:
        agreed = price(fact.agreed_price) if fact.agreed_price is not None else None
        task = self._task(fact.task_id)
        if task is None:
            return
        task.status, task.reason = fact.status, self.store.maybe_name("reason", fact.reason)
        task.agreed = agreed if agreed is not None else task.agreed
        if fact.status == "created":
            task.bot = None
        if fact.status == "resolved":
            task.agreed_at = at.ts
        if fact.status in ENDED:
            task.ended_at, task.ended_seq = at.ts, at.seq
            self._attribute(task, at.actor)

    def _outcome_undone(self, at: Happened, fact: wire.OutcomeUndoneFact) -> None:
        """What became of the deal is taken back; or the end has not been, and the task goes on, in another chat."""
        task = self._task(fact.task_id)
        if task is None:
            return
        if fact.status is None:
            self._deals.undo(at, task)
            return
        task.status, task.reason, task.agreed, task.agreed_at = fact.status, None, None, None
        task.ended_at = task.ended_seq = task.caused_by = None
        task.chat = task.agent = task.operator = task.handed = None

    def _attribute(self, task: TaskRecord, actor: str) -> None:
        """Say who has caused the outcome, once for all."""
        chat = self.store.chat_of(task)
        if is_person(actor):
            task.caused_by, task.operator = CausedBy.HAND, self.store.name("actor", actor)
        else:
            task.caused_by = CausedBy.HELP if chat is not None and chat.helped else CausedBy.AGENT

    # invites

    def _invite_sent(self, at: Happened, fact: wire.InviteSentFact) -> None:
        task = self._task(fact.task_id)
        if task is not None:
            task.invited_at = task.invited_at if task.invited_at is not None else at.ts
            task.invite = at.seq
            bot = self.store.bot(pack("bot", fact.bot_id))
            self.store.put(
                "insert into invites(no, task, bot, sent_at) values (?, ?, ?, ?)", at.seq, task.no, bot, at.ts
            )

    def _invite_accepted(self, at: Happened, fact: wire.InviteAcceptedFact) -> None:
        task = self._task(fact.task_id)
        if task is not None:
            task.accepted_at = task.accepted_at if task.accepted_at is not None else at.ts
            self._end_invite(at, task, "accepted")

    def _invite_failed(self, at: Happened, fact: wire.InviteFailedFact) -> None:
        task = self._task(fact.task_id)
        if task is not None:
            self._end_invite(at, task, fact.reason)

    def _end_invite(self, at: Happened, task: TaskRecord, outcome: str) -> None:
        if task.invite is not None:
            sql = "update invites set ended_at = ?, ended_seq = ?, outcome = ? where task = ? and no = ?"
            self.store.put(sql, at.ts, at.seq, outcome, task.no, task.invite)
            task.invite = None

    # chats and their lines

    def _chat_started(self, at: Happened, fact: wire.ChatStartedFact) -> None:
        task = self._task(fact.task_id) if fact.task_id is not None else None
        bot, player = self.store.bot(pack("bot", fact.bot_id)), steam_id(fact.player)
        chat_id = pack("chat", fact.chat_id)
        about = task.no if task is not None else None
        self.store.add_chat(ChatRecord(at.seq, chat_id, bot, player, about, at.ts))
        if task is not None:
            task.chat = at.seq
            self.store.touch(task)

    def _chat_closed(self, at: Happened, fact: wire.ChatClosedFact) -> None:
        chat = self._chat(fact.chat_id)
        if chat is not None:
            chat.closed_at, chat.closed_seq = at.ts, at.seq
            chat.reason = self.store.name("reason", fact.reason)

    def _received(self, at: Happened, fact: wire.MessageReceivedFact) -> None:
        chat = self._chat(fact.chat_id)
        if chat is None:
            return
        self._add(at, chat, fact.message, None)
        if chat.closed_at is None:
            if chat.unheard_at is not None:
                self._count(at, at.seq, self.store.name("actor", PLAYER), chat.unheard_at)
                chat.unheard_at = None
            chat.unanswered_at = chat.unanswered_at if chat.unanswered_at is not None else at.ts
        task = self.store.task_numbered(chat.task)
        if task is not None and task.talked_at is None:
            task.talked_at = at.ts
            self.store.touch(task)

    def _echoed(self, at: Happened, fact: wire.MessageEchoedFact) -> None:
        """Somebody answered, though not through this system."""
        chat = self._chat(fact.chat_id)
        if chat is not None:
            author = self._add(at, chat, fact.message, "sent")
            self._answered(at, chat, at.seq, author)

    def _queued(self, at: Happened, fact: wire.MessageQueuedFact) -> None:
        chat = self._chat(fact.chat_id)
        if chat is not None:
            self._add(at, chat, fact.message, "queued")

    def _sent(self, at: Happened, fact: wire.MessageSentFact) -> None:
        chat = self._chat(fact.chat_id)
        line = self.store.line(chat, pack("msg", fact.message_id)) if chat is not None else None
        if chat is not None and line is not None:
            self._answered(at, chat, *line)
            self.store.sent(chat, pack("msg", fact.message_id))

    def _answered(self, at: Happened, chat: ChatRecord, seq: int, author: int) -> None:
        """The player has a line of ours."""
        self.store.settle_line(seq, "sent", None)
        if chat.closed_at is None:
            if chat.unanswered_at is not None:
                self._count(at, seq, author, chat.unanswered_at)
                chat.unanswered_at = None
            chat.unheard_at = at.ts

    def _in_doubt(self, at: Happened, fact: wire.MessageInDoubtFact) -> None:
        self._settle(fact.chat_id, fact.message_id, "inDoubt", "inDoubt")

    def _not_sent(self, at: Happened, fact: wire.MessageFailedFact) -> None:
        self._settle(fact.chat_id, fact.message_id, "failed", fact.reason)

    def _settle(self, chat_id: str, message_id: str, delivery: str, reason: str) -> None:
        chat = self._chat(chat_id)
        line = self.store.line(chat, pack("msg", message_id)) if chat is not None else None
        if line is not None:
            self.store.settle_line(line[0], delivery, self.store.name("reason", reason))

    def _add(self, at: Happened, chat: ChatRecord, line: wire.Line, delivery: str | None) -> int:
        """Keep a line. Returns the number of its author."""
        author = self.store.name("actor", line.author)
        self.store.add_line(
            LineRecord(at.seq, pack("msg", line.id), chat.no, at.ts, author, delivery, None, None, None, line.text)
        )
        chat.lines += 1
        if delivery is not None and not is_program(line.author):
            self._helped(chat, author)
        return author

    def _helped(self, chat: ChatRecord, person: int) -> None:
        """A person of ours has had a hand in that chat."""
        chat.helped, chat.operator = 1, person
        task = self._open_task_of(chat)
        if task is not None and task.operator != person:
            task.operator = person
            self.store.touch(task)

    def _open_task_of(self, chat: ChatRecord) -> TaskRecord | None:
        """The task that the chat is about, as long as it has not ended."""
        task = self.store.task_numbered(chat.task)
        return task if task is not None and task.ended_at is None else None

    def _count(self, at: Happened, line: int, author: int, since: int) -> None:
        """The line, of that author, is an answer that was waited for since then."""
        waited = max(0, at.ts - since)
        self.store.answer(line, waited, at.ts)
        self.store.wait(self._calendar.day(at.ts), author, bucket(waited), waited)

    # who leads

    def _toggled(self, at: Happened, fact: wire.AgentToggledFact) -> None:
        chat = self._chat(fact.chat_id)
        if chat is None:
            return
        actor = self.store.name("actor", at.actor)
        why = None if fact.enabled else self.store.name("why", fact.why if fact.why in WHYS else OTHER)
        if not fact.enabled and chat.handed is None:
            chat.handed = why
            task = self._open_task_of(chat)
            if task is not None:
                task.handed = why
                self.store.touch(task)
        if is_person(at.actor):
            self._helped(chat, actor)
        reason = self.store.name("reason", fact.reason)
        values = (chat.no, at.seq, at.ts, actor, int(fact.enabled), why, reason, fact.detail)
        self.store.put("insert into handovers values (?, ?, ?, ?, ?, ?, ?, ?)", *values)

    def _led(self, _: Happened, fact: wire.ScriptAdvancedFact | wire.ScriptCompletedFact) -> None:
        chat = self._chat(fact.chat_id)
        if chat is None:
            return
        agent = chat.agent = self.store.name("actor", f"agent:{fact.agent}")
        task = self._open_task_of(chat)
        if task is not None and task.agent != agent:
            task.agent = agent
            self.store.touch(task)

    # notes, audit, the clock

    def _note_added(self, at: Happened, fact: wire.NoteAddedFact) -> None:
        chat = self._chat(fact.chat_id)
        if chat is not None:
            values = (at.seq, pack("note", fact.note_id), chat.no, at.ts, self.store.name("actor", at.actor), fact.text)
            self.store.put("insert into notes(seq, id, chat, ts, author, text) values (?, ?, ?, ?, ?, ?)", *values)

    def _note_removed(self, at: Happened, fact: wire.NoteRemovedFact) -> None:
        chat = self._chat(fact.chat_id)
        if chat is not None:
            sql = "update notes set removed_at = ? where chat = ? and id = ? and removed_at is null"
            self.store.put(sql, at.ts, chat.no, pack("note", fact.note_id))

    def _audited(self, at: Happened, fact: wire.AuditedFact) -> None:
        name = self.store.name
        happened_at = fact.happened_at if fact.happened_at is not None else at.ts
        names = (name("actor", at.actor), name("action", fact.action), name("result", fact.result))
        values = (at.seq, happened_at, *names, fact.address, fact.via, fact.subject)
        self.store.put("insert into audit values (?, ?, ?, ?, ?, ?, ?, ?)", *values)

    def _clock_stepped(self, _: Happened, fact: wire.ClockSteppedFact) -> None:
        """Who waits has waited no longer for it: the same that the state's spans do."""

        def moved(since: int) -> int:
            return since + (fact.by_ms if since >= fact.run_began else fact.earlier_by_ms)

        self._move(moved)

    def _clock_resumed(self, _: Happened, fact: wire.ClockResumedFact) -> None:
        if fact.gap_ms < 0:
            self._move(lambda since: since + fact.gap_ms)

    def _move(self, moved: Callable[[int], int]) -> None:
        for chat in self.store.open_chats():
            chat.unanswered_at = moved(chat.unanswered_at) if chat.unanswered_at is not None else None
            chat.unheard_at = moved(chat.unheard_at) if chat.unheard_at is not None else None

    def _task(self, task_id: str) -> TaskRecord | None:
        """The task of that id, to be changed."""
        task = self.store.task(pack("task", task_id))
        if task is not None:
            self.store.touch(task)
        return task

    def _chat(self, chat_id: str) -> ChatRecord | None:
        return self.store.chat(pack("chat", chat_id))

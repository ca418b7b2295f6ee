"""What people record about deals: how a talk came out, whether the trade was done, and that it was a mistake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kernel.causality import is_person
from kernel.clock import MINUTE, Millis, sure_at
from kernel.codes import KernelRefusal
from kernel.commands import FailTask, RecordFallThrough, RecordReversal, RecordTrade, ResolveTask, UndoOutcome
from kernel.context import Context
from kernel.errors import Conflict, NotFound
from kernel.events import (
    TaskFellThrough,
    TaskOutcomeUndone,
    TaskReversed,
    TaskSettled,
    TaskStatusChanged,
    TaskTraded,
)
from kernel.ids import TaskId
from kernel.rows import UNDO_MOVES, Deal, DealStage, FailureReason, FallThroughReason, Task, TaskStatus
from plugins.tasks.codes import HandReason, TaskRefusal
from plugins.tasks.config import TasksConfig

UNDO_MS: Final = MINUTE
"""For how long what a person has recorded can be taken back."""
SWEEP_MS: Final = MINUTE
"""How often trades are looked at that may have settled."""
FAILED: Final[Mapping[FailureReason, str]] = {
    FailureReason.PRICE_NOT_MET: "The player wants another price.",
    FailureReason.STOPPED_ANSWERING: "The player stopped answering.",
    FailureReason.NOT_INTERESTED: "The player does not want to trade.",
    FailureReason.ITEM_GONE: "The player does not have the item any more.",
    FailureReason.NOT_TRUSTED: "The player is not to be trusted.",
    FailureReason.OTHER: "Nothing comes of it.",
}

FELL_THROUGH: Final[Mapping[FallThroughReason, str]] = {
    FallThroughReason.PLAYER_CHANGED_MIND: "The player changed their mind after the deal.",
    FallThroughReason.PLAYER_VANISHED: "The player did not come to the trade.",
    FallThroughReason.OFFER_DECLINED: "The player declined the trade offer.",
    FallThroughReason.TRADE_HOLD: "Steam holds the trade back.",
    FallThroughReason.ITEM_SOLD: "The item was sold to somebody else.",
    FallThroughReason.OTHER_CAUSE: "The trade did not come about.",
}


class DealRecords:
    """Carries out what people record, and settles trades whose time to be reversed is over."""

    def __init__(self, ctx: Context, config: TasksConfig) -> None:
        self._ctx = ctx
        self._config = config
        self._unsettled: set[TaskId] = set()
        """Tasks whose trade can still be reversed."""

    def open(self) -> None:
        """Take the commands, and watch what is to settle."""
        ctx = self._ctx
        ctx.handle(ResolveTask, self.resolve, check=self._to_resolve)
        ctx.handle(FailTask, self.fail, check=lambda command: self._talked_about(command.task_id))
        ctx.handle(RecordTrade, self.trade, check=lambda command: self._to_be_traded(command.task_id))
        ctx.handle(RecordFallThrough, self.fall_through, check=lambda command: self._to_be_traded(command.task_id))
        ctx.handle(RecordReversal, self.reverse, check=lambda command: self._traded(command.task_id))
        ctx.handle(UndoOutcome, self.undo, check=self._to_undo)
        ctx.subscribe(TaskTraded, lambda _, event: self._unsettled.add(event.task_id))
        ctx.subscribe(TaskOutcomeUndone, lambda _, event: self._remember(event.task_id))
        ctx.when_up(self._catch_up)
        ctx.spawn(self._sweep(), "trades that settle")

    def resolve(self, command: ResolveTask) -> None:
        """The price is agreed: the talk is over, and the trade is to be done."""
        task = self._to_resolve(command)
        self._ctx.publish(
            TaskStatusChanged(
                task_id=task.id,
                status=TaskStatus.RESOLVED,
                reason=HandReason.AGREED_BY_HAND,
                detail=f"{self._ctx.actor} recorded the deal.",
                agreed_price=command.agreed_price,
                by_hand=True,
            )
        )

    def fail(self, command: FailTask) -> None:
        """Nothing comes of the talk."""
        task = self._talked_about(command.task_id)
        note = (command.note or "").strip()
        self._ctx.publish(
            TaskStatusChanged(
                task_id=task.id,
                status=TaskStatus.FAILED,
                reason=command.reason,
                detail=f"{FAILED[command.reason]} {note}".strip(),
                by_hand=True,
            )
        )

    def trade(self, command: RecordTrade) -> None:
        """The trade is done; from now on it can be reversed for as long as the settings say of such an item."""
        task = self._to_be_traded(command.task_id)
        until = Millis(self._ctx.clock.now() + self._config.reversible(task.item))
        note = (command.note or "").strip() or None
        self._ctx.publish(TaskTraded(task_id=task.id, reversible_until=until, offer_id=command.offer_id, note=note))

    def fall_through(self, command: RecordFallThrough) -> None:
        """Agreed, and never traded."""
        task = self._to_be_traded(command.task_id)
        detail = f"{FELL_THROUGH[command.reason]} {(command.note or '').strip()}".strip()
        self._ctx.publish(TaskFellThrough(task_id=task.id, reason=command.reason, detail=detail))

    def reverse(self, command: RecordReversal) -> None:
        """The trade was reversed at Steam."""
        task = self._traded(command.task_id)
        self._ctx.publish(TaskReversed(task_id=task.id, note=command.note.strip()))

    def undo(self, command: UndoOutcome) -> None:
        """What was recorded last has not been."""
        task = self._to_undo(command)
        status = UNDO_MOVES[task.status] if task.deal is None else None
        self._ctx.publish(TaskOutcomeUndone(task_id=task.id, status=status))

    def _known(self, task_id: TaskId) -> Task:
        task: Task | None = self._ctx.state.tasks.get(task_id)
        if task is None:
            raise NotFound(TaskRefusal.UNKNOWN_TASK, f"There is no task {task_id}.", field="taskId")
        return task

    def _talked_about(self, task_id: TaskId) -> Task:
        task = self._known(task_id)
        if not task.is_open:
            raise Conflict(
                TaskRefusal.TASK_ENDED, f"Task {task.id} has ended already: it is {task.status}.", field="taskId"
            )
        if task.status is not TaskStatus.ACCEPTED:
            raise Conflict(
                TaskRefusal.NO_TALK_YET,
                f"Nobody talks with the player about {task.id} yet: it is {task.status}. DisposeTask puts it away.",
                field="taskId",
            )
        return task

    def _to_resolve(self, command: ResolveTask) -> Task:
        task = self._talked_about(command.task_id)
        if not command.outside_range and not task.price_min <= command.agreed_price <= task.price_max:
            raise Conflict(
                TaskRefusal.PRICE_OUTSIDE_RANGE,
                f"{command.agreed_price:f} {task.currency} is outside the task's range,"
                f" {task.price_min:f} to {task.price_max:f}. If it is meant, say so with outsideRange.",
                field="agreedPrice",
            )
        return task

    def _to_be_traded(self, task_id: TaskId) -> Task:
        task = self._known(task_id)
        if task.status is not TaskStatus.RESOLVED:
            raise Conflict(
                TaskRefusal.NOTHING_AGREED,
                f"No price is agreed for task {task.id}: it is {task.status}.",
                field="taskId",
            )
        if task.deal is not None:
            raise Conflict(
                TaskRefusal.TRADE_RECORDED,
                f"What became of this deal is recorded already: {task.deal.stage}, by {task.deal.by}.",
                field="taskId",
            )
        return task

    def _traded(self, task_id: TaskId) -> Task:
        task = self._known(task_id)
        if task.deal is None or task.deal.stage not in {DealStage.TRADED, DealStage.SETTLED}:
            raise Conflict(TaskRefusal.NOTHING_TRADED, f"No trade of task {task.id} is recorded.", field="taskId")
        return task

    def _to_undo(self, command: UndoOutcome) -> Task:
        task = self._known(command.task_id)
        deal: Deal | None = task.deal
        if not (task.by_hand if deal is None else is_person(deal.by)):
            raise Conflict(
                TaskRefusal.NOTHING_TO_UNDO,
                f"Nobody has recorded an outcome of task {task.id} by hand.",
                field="taskId",
            )
        since = task.status_since if deal is None else deal.since
        clock = self._ctx.clock
        if clock.now() - since > UNDO_MS:
            raise Conflict(
                TaskRefusal.TOO_LATE_TO_UNDO, "It was recorded more than a minute ago, and stands.", field="taskId"
            )
        if deal is None:
            self._expect_reachable(task)
        return task

    def _expect_reachable(self, task: Task) -> None:
        """The talk goes on only where nothing has come between: neither another task nor the player's wish."""
        state = self._ctx.state
        if state.left_alone(task.player) is not None:
            raise Conflict(KernelRefusal.DO_NOT_CONTACT, "The player is on the do-not-contact list.", field="taskId")
        if task.player in state.index.open_task_of_player:
            raise Conflict(KernelRefusal.PLAYER_BUSY, "Another task is about this player meanwhile.", field="taskId")
        if task.assigned_bot_id not in state.bots:
            raise Conflict(KernelRefusal.BOT_REMOVED, "The task's bot was removed meanwhile.", field="taskId")
        chat_id = state.index.open_chat_of_player.get(task.player)
        if chat_id is not None and state.chats[chat_id].bot_id != task.assigned_bot_id:
            raise Conflict(KernelRefusal.PLAYER_BUSY, "Another bot talks with this player meanwhile.", field="taskId")

    def _catch_up(self) -> None:
        """At a start: which trades have not settled."""
        for task in self._ctx.state.tasks.values():
            if task.deal is not None and task.deal.stage is DealStage.TRADED:
                self._unsettled.add(task.id)
        self._settle()

    def _remember(self, task_id: TaskId) -> None:
        """A reversal that is undone leaves a trade that can be reversed."""
        task: Task | None = self._ctx.state.tasks.get(task_id)
        if task is not None and task.deal is not None and task.deal.stage is DealStage.TRADED:
            self._unsettled.add(task_id)

    async def _sweep(self) -> None:
        while True:
            await self._ctx.clock.sleep(SWEEP_MS)
            self._settle()

    def _settle(self) -> None:
        """Say of each trade whose time is over that it is settled; never on the word of a clock that was just set."""
        clock = self._ctx.clock
        for task_id in sorted(self._unsettled):
            task: Task | None = self._ctx.state.tasks.get(task_id)
            deal = task.deal if task is not None else None
            if deal is None or deal.stage is not DealStage.TRADED or deal.reversible_until is None:
                self._unsettled.discard(task_id)
            elif sure_at(clock, deal.reversible_until, deal.reversible_until - deal.since) <= clock.now():
                self._unsettled.discard(task_id)
                self._ctx.publish(TaskSettled(task_id=task_id))

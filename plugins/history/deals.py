"""What becomes of an agreed price, as the archive keeps it: the same moves as those of `kernel/reducers/deals.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kernel.deal_rows import DealStage
from plugins.history import wire
from plugins.history.records import TaskRecord
from plugins.history.store import Store
from plugins.history.values import pack
from plugins.history.wire import Fact, Happened


class DealFold:
    """Folds the facts about deals into their tasks, and keeps each as a row of `outcomes`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def folds(self) -> Mapping[type[Fact], Callable[[Happened, Any], None]]:
        """By what is folded."""
        return {
            wire.TradedFact: self._traded,
            wire.FellThroughFact: self._fell_through,
            wire.SettledFact: self._settled,
            wire.ReversedFact: self._reversed,
        }

    def _traded(self, at: Happened, fact: wire.TradedFact) -> None:
        task = self._moved(at, fact.task_id, DealStage.TRADED)
        if task is not None:
            task.traded_at = at.ts
            self._keep(at, task, DealStage.TRADED, None, fact.note, fact.offer_id, fact.reversible_until)

    def _fell_through(self, at: Happened, fact: wire.FellThroughFact) -> None:
        task = self._moved(at, fact.task_id, DealStage.FELL_THROUGH)
        if task is not None:
            task.fell_at, task.deal_reason = at.ts, self._store.name("reason", fact.reason)
            self._keep(at, task, DealStage.FELL_THROUGH, task.deal_reason, fact.detail)

    def _settled(self, at: Happened, fact: wire.SettledFact) -> None:
        task = self._moved(at, fact.task_id, DealStage.SETTLED)
        if task is not None:
            task.settled_at = at.ts
            self._keep(at, task, DealStage.SETTLED)

    def _reversed(self, at: Happened, fact: wire.ReversedFact) -> None:
        task = self._moved(at, fact.task_id, DealStage.REVERSED)
        if task is not None:
            task.reversed_at, task.settled_at = at.ts, None
            self._keep(at, task, DealStage.REVERSED, None, fact.note)

    def undo(self, at: Happened, task: TaskRecord) -> None:
        """What was recorded last about the deal has not been: a reversal leaves a trade, all else leaves nothing."""
        if task.deal == DealStage.REVERSED and task.traded_at is not None:
            task.deal, task.deal_at, task.reversed_at = DealStage.TRADED, task.traded_at, None
        else:
            task.deal = task.deal_at = task.deal_by = task.deal_reason = None
            task.traded_at = task.settled_at = task.reversed_at = task.fell_at = None
        latest = "select max(seq) from outcomes where task = ? and undone_at is null and seq < ?"
        sql = f"update outcomes set undone_at = ? where seq = ({latest})"  # noqa: S608
        self._store.put(sql, at.ts, task.no, at.seq)

    def _moved(self, at: Happened, task_id: str, to: DealStage) -> TaskRecord | None:
        """The task, whose deal is there now."""
        task = self._store.task(pack("task", task_id))
        if task is not None:
            self._store.touch(task)
            task.deal, task.deal_at, task.deal_by = to, at.ts, self._store.name("actor", at.actor)
        return task

    def _keep(
        self,
        at: Happened,
        task: TaskRecord,
        kind: DealStage,
        reason: int | None = None,
        note: str | None = None,
        offer: str | None = None,
        reversible_until: int | None = None,
    ) -> None:
        actor = self._store.name("actor", at.actor)
        values = (at.seq, task.no, kind, at.ts, actor, reason, note, offer, reversible_until)
        self._store.put("insert into outcomes values (?, ?, ?, ?, ?, ?, ?, ?, ?, null)", *values)

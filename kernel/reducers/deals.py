"""How events about deals change the state."""

from __future__ import annotations

import msgspec

from kernel import events as e
from kernel.clock import Millis
from kernel.errors import IllegalTransition
from kernel.ids import TaskId
from kernel.reducers.register import known_task, reduces
from kernel.rows import DEAL_MOVES, UNDO_MOVES, Deal, DealStage, Task, TaskStatus
from kernel.state import State


def _agreed(state: State, task_id: TaskId, to: DealStage) -> Task:
    """The task, if its deal can go there."""
    task = known_task(state, task_id)
    stage = task.deal.stage if task.deal is not None else None
    if task.status is not TaskStatus.RESOLVED or to not in DEAL_MOVES[stage]:
        raise IllegalTransition(f"the deal of task {task_id} ({task.status}) cannot go from {stage} to {to}")
    return task


@reduces(e.TaskTraded)
def task_traded(state: State, envelope: e.Envelope, event: e.TaskTraded) -> None:
    _agreed(state, event.task_id, DealStage.TRADED)
    deal = Deal(
        stage=DealStage.TRADED,
        since=envelope.ts,
        by=envelope.actor,
        traded_at=envelope.ts,
        offer_id=event.offer_id,
        reversible_until=event.reversible_until,
        note=event.note,
    )
    state.tasks.update(event.task_id, deal=deal)


@reduces(e.TaskFellThrough)
def task_fell_through(state: State, envelope: e.Envelope, event: e.TaskFellThrough) -> None:
    _agreed(state, event.task_id, DealStage.FELL_THROUGH)
    deal = Deal(
        stage=DealStage.FELL_THROUGH, since=envelope.ts, by=envelope.actor, reason=event.reason, note=event.detail
    )
    state.tasks.update(event.task_id, deal=deal)


@reduces(e.TaskSettled)
def task_settled(state: State, envelope: e.Envelope, event: e.TaskSettled) -> None:
    _change(state, envelope, event.task_id, DealStage.SETTLED)


@reduces(e.TaskReversed)
def task_reversed(state: State, envelope: e.Envelope, event: e.TaskReversed) -> None:
    _change(state, envelope, event.task_id, DealStage.REVERSED, note=event.note)


def _change(state: State, envelope: e.Envelope, task_id: TaskId, to: DealStage, **fields: object) -> None:
    deal = _agreed(state, task_id, to).deal
    assert deal is not None  # a table of moves says so
    state.tasks.update(
        task_id, deal=msgspec.structs.replace(deal, stage=to, since=envelope.ts, by=envelope.actor, **fields)
    )


@reduces(e.TaskOutcomeUndone)
def task_outcome_undone(state: State, envelope: e.Envelope, event: e.TaskOutcomeUndone) -> None:
    task = known_task(state, event.task_id)
    if task.deal is not None:
        state.tasks.update(task.id, deal=_before(task.deal))
        return
    if not task.by_hand or task.status not in UNDO_MOVES:
        raise IllegalTransition(f"task {task.id} is {task.status}, and nobody has recorded that by hand")
    state.tasks.update(
        task.id,
        status=UNDO_MOVES[task.status],
        status_since=envelope.ts,
        chat_id=None,
        agreed_price=None,
        by_hand=False,
        reopened_at=envelope.ts,
        reason=None,
        detail=None,
        reason_since=None,
        next_step=None,
        waiting_until=None,
    )


def _before(deal: Deal) -> Deal | None:
    """What the deal was before its last stage was recorded."""
    if deal.stage is not DealStage.REVERSED or deal.traded_at is None:
        return None
    since: Millis = deal.traded_at
    return msgspec.structs.replace(deal, stage=DealStage.TRADED, since=since, note=None)

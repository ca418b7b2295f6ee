"""How events about tasks change the state."""

from __future__ import annotations

from kernel import events as e
from kernel.errors import IllegalTransition
from kernel.ids import TaskId
from kernel.reducers.register import expect_person, known_bot, known_task, reduces
from kernel.rows import TASK_MOVES, Task, TaskStatus
from kernel.state import State


@reduces(e.TaskCreated)
def task_created(state: State, envelope: e.Envelope, event: e.TaskCreated) -> None:
    if event.task_id in state.tasks:
        raise IllegalTransition(f"task {event.task_id} is there already")
    state.tasks.put(
        Task(
            id=event.task_id,
            player=event.player,
            item=event.item,
            price_min=event.price_min,
            price_max=event.price_max,
            currency=event.currency,
            language=event.language,
            status_since=envelope.ts,
            created_at=envelope.ts,
            created_by=envelope.actor,
        )
    )


def _move_task(state: State, envelope: e.Envelope, task_id: TaskId, to: TaskStatus, **fields: object) -> None:
    task = known_task(state, task_id)
    if to not in TASK_MOVES[task.status]:
        raise IllegalTransition(f"task {task_id} cannot go from {task.status} to {to}")
    explained: dict[str, object] = {"reason": None, "detail": None, "next_step": None, "waiting_until": None}
    fields = explained | fields
    since = envelope.ts if fields["reason"] is not None else None
    state.tasks.update(task_id, status=to, status_since=envelope.ts, reason_since=since, **fields)


@reduces(e.TaskAssigned)
def task_assigned(state: State, envelope: e.Envelope, event: e.TaskAssigned) -> None:
    known_bot(state, event.bot_id)
    _move_task(state, envelope, event.task_id, TaskStatus.ASSIGNED, assigned_bot_id=event.bot_id)
    state.bots.update(event.bot_id, assigned_seq=envelope.seq)


@reduces(e.TaskStatusChanged)
def task_status_changed(state: State, envelope: e.Envelope, event: e.TaskStatusChanged) -> None:
    fields: dict[str, object] = {"reason": event.reason, "detail": event.detail, "by_hand": event.by_hand}
    if event.agreed_price is not None:
        fields["agreed_price"] = event.agreed_price
    if event.status is TaskStatus.CREATED:
        fields["assigned_bot_id"] = None
    _move_task(state, envelope, event.task_id, event.status, **fields)


@reduces(e.TaskArchived)
def task_archived(state: State, envelope: e.Envelope, event: e.TaskArchived) -> None:
    tasks = [known_task(state, task_id) for task_id in event.task_ids]
    for task in tasks:  # all of them before any: a row that is put back would come to another place
        if task.is_open or task.id in state.invites:
            raise IllegalTransition(f"task {task.id} is open or has an invite, and cannot be archived")
        expect_person(task.player)
    for task in tasks:
        state.tasks.drop(task.id)
        state.remembered.note(task.player, task.status_since)


@reduces(e.TaskWaiting)
def task_waiting(state: State, envelope: e.Envelope, event: e.TaskWaiting) -> None:
    task = known_task(state, event.task_id)
    state.tasks.update(
        event.task_id,
        reason=event.reason,
        detail=event.detail,
        reason_since=task.reason_since if task.reason == event.reason else envelope.ts,
        next_step=event.next_step,
        waiting_until=event.until,
    )

"""Events about tasks at a start; the reducers are in `kernel.reducers.tasks`."""

from __future__ import annotations

from typing import Final

from kernel import events as e
from kernel.clock import Millis
from kernel.codes import TaskCode
from kernel.ids import TaskId, account_number
from kernel.replay.forms import Placed, Tables, force_setattr, replays
from kernel.rows import OPEN_TASKS, TASK_MOVES, Task, TaskStatus

# an enum's member costs ten times as much to look up
ASSIGNED: Final = TaskStatus.ASSIGNED
CREATED: Final = TaskStatus.CREATED


@replays(e.TaskCreated)
def task_created(tables: Tables, wire: Placed, event: e.TaskCreated) -> bool:
    if event.task_id in tables.tasks:
        return False
    tables.tasks[event.task_id] = task = Task(
        id=event.task_id,
        player=event.player,
        item=event.item,
        price_min=event.price_min,
        price_max=event.price_max,
        currency=event.currency,
        language=event.language,
        status_since=wire.ts,
        created_at=wire.ts,
        created_by=wire.actor,
    )
    tables.index.task_came(task)
    return True


@replays(e.TaskAssigned)
def task_assigned(tables: Tables, wire: Placed, event: e.TaskAssigned) -> bool:
    task, bot = tables.tasks.get(event.task_id), tables.bots.get(event.bot_id)
    if task is None or bot is None or ASSIGNED not in TASK_MOVES[task.status]:
        return False
    tables.index.task_moves(task, ASSIGNED, event.bot_id)
    force_setattr(task, "assigned_bot_id", event.bot_id)
    _move(task, ASSIGNED, wire.ts, None, None)
    force_setattr(bot, "assigned_seq", wire.seq)
    return True


@replays(e.TaskStatusChanged)
def task_status_changed(tables: Tables, wire: Placed, event: e.TaskStatusChanged) -> bool:
    task, to = tables.tasks.get(event.task_id), event.status
    if task is None or to not in TASK_MOVES[task.status]:
        return False
    bot_id = None if to is CREATED else task.assigned_bot_id
    tables.index.task_moves(task, to, bot_id)
    if to is CREATED:
        force_setattr(task, "assigned_bot_id", None)
    if event.agreed_price is not None:
        force_setattr(task, "agreed_price", event.agreed_price)
    if event.by_hand is not task.by_hand:
        force_setattr(task, "by_hand", event.by_hand)
    _move(task, to, wire.ts, event.reason, event.detail)
    return True


def _move(task: Task, to: TaskStatus, ts: Millis, reason: TaskCode | None, detail: str | None) -> None:
    force_setattr(task, "status", to)
    force_setattr(task, "status_since", ts)
    if reason is not task.reason:
        force_setattr(task, "reason", reason)
    if reason is not None:
        force_setattr(task, "reason_since", ts)
    elif task.reason_since is not None:
        force_setattr(task, "reason_since", None)
    if detail is not task.detail:
        force_setattr(task, "detail", detail)
    if task.next_step is not None:
        force_setattr(task, "next_step", None)
    if task.waiting_until is not None:
        force_setattr(task, "waiting_until", None)


@replays(e.TaskArchived)
def task_archived(tables: Tables, wire: Placed, event: e.TaskArchived) -> bool:
    going: dict[TaskId, tuple[Task, int]] = {}
    for task_id in event.task_ids:
        task = tables.tasks.get(task_id)
        number = account_number(task.player) if task is not None else None
        if task is None or number is None or task.status in OPEN_TASKS or task_id in tables.invites:
            return False
        going[task_id] = task, number
    if len(going) != len(event.task_ids):
        return False
    for task_id, (task, number) in going.items():
        del tables.tasks[task_id]
        tables.index.tasks_by_status[task.status] -= 1
        tables.remembered.met_at(number, task.status_since)
    return True

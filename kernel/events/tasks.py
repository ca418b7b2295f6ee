"""The facts about tasks."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from msgspec import field

from kernel.clock import Millis
from kernel.codes import TaskCode
from kernel.events.envelope import Event
from kernel.ids import BotId, SteamId64, TaskId
from kernel.rows import TaskStatus


class TaskCreated(Event, frozen=True, kw_only=True):
    """Somebody wants a trade talked about with a player."""

    kind: ClassVar[str] = "task.created"
    task_id: TaskId
    player: SteamId64 = field(name="playerSteamId64")
    item: str
    price_min: Decimal
    price_max: Decimal
    currency: str
    language: str | None = None


class TaskAssigned(Event, frozen=True, kw_only=True):
    """A bot has been chosen for the task."""

    kind: ClassVar[str] = "task.assigned"
    task_id: TaskId
    bot_id: BotId


class TaskStatusChanged(Event, frozen=True, kw_only=True):
    """The task has moved on; back to `created` it loses its bot. `reason` is a code, `detail` a sentence.

    `by_hand`: a person has recorded how the talk ended, in place of its agent.
    """

    kind: ClassVar[str] = "task.statusChanged"
    task_id: TaskId
    status: TaskStatus
    reason: TaskCode | None = None
    detail: str | None = None
    agreed_price: Decimal | None = None
    by_hand: bool = False


class TaskArchived(Event, frozen=True, kw_only=True):
    """These ended tasks leave the state, and stay in the archive; at most 100 of them."""

    kind: ClassVar[str] = "task.archived"
    task_ids: tuple[TaskId, ...]


class TaskWaiting(Event, frozen=True, kw_only=True):
    """Why the task does not move on just now, and until when, where that is known. Its status stays.

    `next_step` is what a person can do about it; None where nobody has to do anything.
    """

    kind: ClassVar[str] = "task.waiting"
    task_id: TaskId
    reason: TaskCode
    detail: str
    until: Millis | None = None
    next_step: str | None = None

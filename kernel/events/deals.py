"""The facts about deals: what became of a price that was agreed."""

from __future__ import annotations

from typing import ClassVar

from kernel.clock import Millis
from kernel.codes import Open
from kernel.deal_rows import FallThroughReason
from kernel.events.envelope import Event
from kernel.ids import TaskId
from kernel.rows import TaskStatus


class TaskTraded(Event, frozen=True, kw_only=True):
    """The trade of a resolved task was done. Until `reversible_until` Steam can reverse it."""

    kind: ClassVar[str] = "task.traded"
    task_id: TaskId
    reversible_until: Millis
    offer_id: str | None = None
    note: str | None = None


class TaskFellThrough(Event, frozen=True, kw_only=True):
    """The trade of a resolved task will not come about. `reason` is a code, `detail` a sentence."""

    kind: ClassVar[str] = "task.fellThrough"
    task_id: TaskId
    reason: Open[FallThroughReason]
    detail: str


class TaskSettled(Event, frozen=True, kw_only=True):
    """The time in which Steam can reverse the trade is over."""

    kind: ClassVar[str] = "task.settled"
    task_id: TaskId


class TaskReversed(Event, frozen=True, kw_only=True):
    """The trade was reversed at Steam; `note` says why."""

    kind: ClassVar[str] = "task.reversed"
    task_id: TaskId
    note: str


class TaskOutcomeUndone(Event, frozen=True, kw_only=True):
    """What a person had recorded last about the outcome was a mistake, and has not been.

    `status`: where the task goes back to whose end it was: its chat is closed, and another one is begun without an
    agent. None: its end stands, and what became of the deal since is taken back.
    """

    kind: ClassVar[str] = "task.outcomeUndone"
    task_id: TaskId
    status: TaskStatus | None = None

"""The requests about deals: how a talk came out, and what became of the price that was agreed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import ClassVar, Final

from kernel.commands.command import Command
from kernel.commands.tasks import check_price
from kernel.deal_rows import FailureReason, FallThroughReason
from kernel.ids import TaskId
from kernel.roles import Role
from kernel.texts import check_text

DEAL_NOTE_LENGTH: Final = 500
OFFER: Final = re.compile(r"(?:(?:https?://)?(?:www\.)?steamcommunity\.com/tradeoffer/)?([0-9]{1,20})/?", re.ASCII)
"""A trade offer by its number, or by its link, such as `https://steamcommunity.com/tradeoffer/6123456789/`."""


class ResolveTask(Command[None], frozen=True, kw_only=True):
    """Record by hand that a price is agreed: the task is resolved, and its trade is to be done.

    A price outside the task's range is refused unless `outside_range` says that it is meant.
    """

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "task_id"
    task_id: TaskId
    agreed_price: Decimal
    outside_range: bool = False

    def __post_init__(self) -> None:
        check_price("agreedPrice", self.agreed_price)


class FailTask(Command[None], frozen=True, kw_only=True):
    """Record by hand that nothing comes of a talk, and why."""

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "task_id"
    task_id: TaskId
    reason: FailureReason
    note: str | None = None

    def __post_init__(self) -> None:
        _check_note("note", self.note)


class RecordTrade(Command[None], frozen=True, kw_only=True):
    """Record that the trade of a resolved task is done; `offer` is the link or the number of the trade offer."""

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "task_id"
    task_id: TaskId
    offer: str | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        _check_note("note", self.note)
        if self.offer and not OFFER.fullmatch(self.offer.strip()):
            raise ValueError(
                "offer: give the offer's link, such as https://steamcommunity.com/tradeoffer/6123456789/, or its number"
            )

    @property
    def offer_id(self) -> str | None:
        """The offer's number."""
        found = OFFER.fullmatch(self.offer.strip()) if self.offer else None
        return found[1] if found is not None else None


class RecordFallThrough(Command[None], frozen=True, kw_only=True):
    """Record that the trade of a resolved task will not come about, and why."""

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "task_id"
    task_id: TaskId
    reason: FallThroughReason
    note: str | None = None

    def __post_init__(self) -> None:
        _check_note("note", self.note)


class RecordReversal(Command[None], frozen=True, kw_only=True):
    """Record that a trade that was done has been reversed at Steam, and why."""

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "task_id"
    task_id: TaskId
    note: str

    def __post_init__(self) -> None:
        check_text("note", self.note, DEAL_NOTE_LENGTH)


class UndoOutcome(Command[None], frozen=True, kw_only=True):
    """Take back what was recorded last about a task's outcome by hand, within a minute.

    Where it was the end of the talk, the task is open again: the chat has ended, and another one is begun with no
    agent.
    """

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "task_id"
    task_id: TaskId


def _check_note(field: str, note: str | None) -> None:
    if note:
        check_text(field, note, DEAL_NOTE_LENGTH)

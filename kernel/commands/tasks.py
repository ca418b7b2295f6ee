"""The requests about tasks."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from msgspec import field

from kernel.commands.command import (
    ITEM_LENGTH,
    Command,
    check_player,
)
from kernel.ids import CommandId, SteamId64, TaskId, derived
from kernel.roles import Role
from kernel.texts import check_text

if TYPE_CHECKING:
    from kernel.state import State


class CreateTask(Command[TaskId], frozen=True, kw_only=True):
    """Have a bot talk with a player about an item at a price within a range; both ends are included."""

    role: ClassVar[Role] = Role.OPERATOR
    player: SteamId64 = field(name="playerSteamId64")
    item: str
    price_min: Decimal
    price_max: Decimal
    currency: str
    language: str | None = None

    def __post_init__(self) -> None:
        check_player(self.player)
        check_text("item", self.item, ITEM_LENGTH, one_line=True)
        for name, price in (("priceMin", self.price_min), ("priceMax", self.price_max)):
            check_price(name, price)
        if self.price_min > self.price_max:
            raise ValueError("priceMin: is above priceMax; swap them")
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError("currency: give the three capital letters of ISO 4217, such as USD")
        if self.language is not None and not re.fullmatch("[a-z]{2}", self.language):
            raise ValueError("language: give the two small letters of ISO 639-1, such as en or ru")

    def made(self, state: State, command_id: CommandId) -> TaskId | None:
        task_id = TaskId(derived("task", command_id))
        return task_id if task_id in state.tasks else None


class DisposeTask(Command[None], frozen=True, kw_only=True):
    """Put an open task away: its invite is withdrawn, its chat is closed, nothing more is said."""

    role: ClassVar[Role] = Role.OPERATOR
    lane_of: ClassVar[str | None] = "task_id"
    task_id: TaskId
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.reason is not None and self.reason != "":
            check_text("reason", self.reason, ITEM_LENGTH)


def check_price(field: str, price: Decimal) -> None:
    """Raises ValueError. Players read a price as it is written, so 1E+3 and -0 are none."""
    exponent = price.as_tuple().exponent  # a letter for NaN and infinity
    whole = isinstance(exponent, int) and -8 <= exponent <= 0
    if not whole or price.is_signed() or price >= 1_000_000_000:
        raise ValueError(f"{field}: a price is a decimal from 0 to 999999999 with at most 8 places, written out")

"""What a report adds up: sums of prices, the deals of an item, and groups of tasks by what became of their deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from kernel.deal_rows import DealStage
from plugins.history.codes import TaskStage
from plugins.history.values import UNIT

STEPS: Final = 20
DEALS: Final[Mapping[str, tuple[TaskStage, DealStage]]] = {
    "traded": (TaskStage.TRADED, DealStage.TRADED),
    "settled": (TaskStage.SETTLED, DealStage.SETTLED),
    "reversed": (TaskStage.REVERSED, DealStage.REVERSED),
    "fell_through": (TaskStage.FELL_THROUGH, DealStage.FELL_THROUGH),
}
"""Fields that count deals, with the stage by which their rows are found, and the one that is recorded."""
AT: Final = {
    DealStage.TRADED: "traded",
    DealStage.SETTLED: "settled",
    DealStage.REVERSED: "reversed",
    DealStage.FELL_THROUGH: "fell",
}
"""The columns (`…_at`) and indexes (`tasks_…`) of when that was."""


class PriceSum:
    """A count and an exact sum of prices."""

    def __init__(self) -> None:
        self.count = 0
        self.units = 0

    def add(self, count: int, whole: int | None, rest: int | None) -> None:
        self.count += count
        self.units += (whole or 0) * UNIT + (rest or 0)


class ItemDeals:
    """The deals of one item in one currency."""

    __slots__ = ("above", "agreed", "below", "count", "highest", "lowest", "places", "stages", "steps")

    def __init__(self, low: int, high: int) -> None:
        self.count = self.below = self.above = 0
        self.lowest = low
        self.highest = high
        self.agreed: list[int] = []
        self.places: list[float] = []
        self.steps = [0] * STEPS
        self.stages: dict[str | None, int] = defaultdict(int)

    def add(self, agreed: int | None, low: int, high: int, deal: str | None) -> None:
        """One more; `agreed` is None where no price was recorded, `deal` where nothing has become of it."""
        self.count += 1
        self.stages[deal] += 1
        self.lowest = min(self.lowest, low)
        self.highest = max(self.highest, high)
        if agreed is None:
            return
        self.agreed.append(agreed)
        if high <= low:
            return
        self.places.append((agreed - low) / (high - low))
        if agreed < low:
            self.below += 1
        elif agreed > high:
            self.above += 1
        else:
            self.steps[min(STEPS - 1, (agreed - low) * STEPS // (high - low))] += 1


def between(stage: DealStage, since: int, until: int) -> dict[str, int]:
    """The query of what came there between the two."""
    return {f"{stage}Since": since, f"{stage}Until": until}


def came_to(groups: Iterable[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    """Those whose deal is among what that field counts."""
    stage = DEALS[name][1]
    traded = (DealStage.TRADED, DealStage.SETTLED, DealStage.REVERSED)
    wanted = traded if stage is DealStage.TRADED else (stage,)
    return [group for group in groups if group["deal"] in wanted]


def tasks_in(groups: Iterable[Mapping[str, Any]]) -> int:
    """Of tasks in them."""
    return sum(group["n"] for group in groups)


def agreed_in(groups: Iterable[Mapping[str, Any]]) -> PriceSum:
    total = PriceSum()
    for group in groups:
        total.add(group["n"], group["whole"], group["rest"])
    return total


def tasks_by(
    groups: Iterable[Mapping[str, Any]], by: str, wanted: Callable[[Mapping[str, Any]], bool] = lambda _: True
) -> dict[Any, int]:
    """How many tasks there are of each."""
    found: dict[Any, int] = defaultdict(int)
    for group in groups:
        if wanted(group):
            found[group[by]] += group["n"]
    return found

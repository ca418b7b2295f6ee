"""What a plugin measures of its own work, as plain numbers that the kernel passes on and does not look at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from msgspec import Struct

SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Bounds for the time that a disk or a request takes."""


class MeasureKind(StrEnum):
    COUNTER = "counter"
    """Only ever rises, from 0 at each start."""
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Distribution:
    """Values counted by size: `counts[i]` fit under `bounds[i]` and no lower one, the rest is in the last."""

    def __init__(self, bounds: Sequence[float] = SECONDS) -> None:
        """`bounds` ascending."""
        self.bounds: Final = tuple(bounds)
        self.counts: Final = [0] * (len(self.bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value

    @property
    def count(self) -> int:
        return sum(self.counts)


class Measure(Struct, frozen=True, kw_only=True):
    """One thing that is measured.

    `name` is in snake case with the unit at its end (`journal_commit_seconds`), and begins with the plugin's own name.
    `samples` holds a number, or a Distribution for a histogram, for each combination of the values of `labels`. There
    are few such combinations, known when the plugin is written: never an id, a name or a text that came from outside.
    """

    name: str
    help: str
    kind: MeasureKind
    labels: tuple[str, ...] = ()
    samples: Mapping[tuple[str, ...], float | Distribution]

    @classmethod
    def counter(cls, name: str, help_text: str, value: float) -> Measure:
        return cls(name=name, help=help_text, kind=MeasureKind.COUNTER, samples={(): value})

    @classmethod
    def gauge(cls, name: str, help_text: str, value: float) -> Measure:
        return cls(name=name, help=help_text, kind=MeasureKind.GAUGE, samples={(): value})

    @classmethod
    def histogram(cls, name: str, help_text: str, value: Distribution) -> Measure:
        return cls(name=name, help=help_text, kind=MeasureKind.HISTOGRAM, samples={(): value})

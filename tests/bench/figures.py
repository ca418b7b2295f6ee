"""How a figure is printed: its median over the rounds, and how far they lay apart."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """One measured quantity, a value a round."""

    name: str
    rounds: Sequence[float]
    unit: str


class Target(NamedTuple):
    """What a quantity must stay below."""

    name: str
    value: float
    most: float

    @property
    def is_held(self) -> bool:
        return self.value < self.most


def held(targets: Sequence[Target]) -> list[str]:
    """Print how each target stands; gives those that were missed."""
    print()
    for target in targets:
        word = "held" if target.is_held else "MISSED"
        print(f"  {word}: {_number(target.value)} {target.name}, the target is below {_number(target.most)}")
    return [target.name for target in targets if not target.is_held]


def report(title: str, figures: Sequence[Figure]) -> None:
    """Print the figures of one measurement, and each beside the last, which is the peer."""
    print(f"\n{title}")
    width = max(len(figure.name) for figure in figures)
    peer = median(figures[-1].rounds)
    for figure in figures:
        middle = median(figure.rounds)
        spread = f"({_number(min(figure.rounds))} to {_number(max(figure.rounds))})" if len(figure.rounds) > 1 else ""
        beside = f"   {middle / peer:6.2f} x the last" if figure is not figures[-1] and peer else ""
        print(f"  {figure.name:<{width}}  {_number(middle):>10} {figure.unit:<11} {spread}{beside}".rstrip())


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"

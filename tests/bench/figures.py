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


def report(title: str, figures: Sequence[Figure]) -> None:
    """Print the figures of one measurement, and each beside the last, which is the peer."""
    print(f"\n{title}")
    width = max(len(figure.name) for figure in figures)
    peer = median(figures[-1].rounds)
    for figure in figures:
        middle = median(figure.rounds)
        spread = f"{_number(min(figure.rounds))} to {_number(max(figure.rounds))}"
        beside = f"   {middle / peer:6.2f} x the last" if figure is not figures[-1] and peer else ""
        print(f"  {figure.name:<{width}}  {_number(middle):>10} {figure.unit:<10} ({spread}){beside}")


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"

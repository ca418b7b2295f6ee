"""Looks for a history in which a rule does not hold, and then for the shortest that still breaks the same rule."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TypeVar
from unittest import mock

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.strategies import SearchStrategy
from msgspec import Struct
from msgspec.structs import replace

from plugins.steam_sim.temperament import Temperament
from tests.whole.runner import Result, run
from tests.whole.scenes import histories
from tests.whole.steps import History, Step, defaults

S = TypeVar("S", bound=Struct)

_PEOPLE = ("bot", "player")
SHORTER_S = 60.0
"""Seconds that the search for a shorter history may take."""


class Tally(Struct):
    """What has been gone through."""

    histories: int = 0
    steps: int = 0
    simulated: float = 0.0


class Enough(KeyboardInterrupt):
    """Nothing more is to be drawn."""


def search(
    number: int,
    examples: int,
    hushed: frozenset[str],
    tally: Tally,
    over: Callable[[], bool],
    most: int = 24,
    drawn: Callable[[int], SearchStrategy[History]] = histories,
) -> Result | None:
    """Go through so many histories of that seed; a short one with a finding, or None.

    `over`: the time is up. `drawn` has the histories of so many steps at most.
    """
    found: list[Result] = []

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn(most))
    def trial(history: History) -> None:
        if over():
            raise Enough
        result = run(history, hushed)
        tally.histories += 1
        tally.steps += len(history.steps)
        tally.simulated += result.seconds
        if result.findings:
            found.append(result)
            raise Enough

    with _by_the_seed_alone(), contextlib.suppress(Enough):
        trial()
    return shortened(found[0], hushed) if found else None


def _by_the_seed_alone() -> AbstractContextManager[object]:
    """During the block Hypothesis does not try numbers that it finds in our modules: it draws others with each edit."""
    return mock.patch.object(HypothesisProvider, "_maybe_draw_constant", lambda *_, **__: None)


def shortened(result: Result, hushed: frozenset[str], seconds: float = SHORTER_S) -> Result:
    """A history without what the finding does not need: fewer steps, and steps as simple as they come."""
    rule, until = result.findings[0].rule, time.monotonic() + seconds
    better = True
    while better and time.monotonic() < until:
        better = False
        for history in _simpler(result.history):
            if time.monotonic() > until:
                break
            again = run(history, hushed)
            if any(finding.rule == rule for finding in again.findings):
                again.findings.sort(key=lambda finding: finding.rule != rule)
                result, better = again, True
                break
    return result


def _simpler(history: History) -> Iterator[History]:
    """Histories that are a little simpler, those first that are simpler by much."""
    steps, size = history.steps, len(history.steps)
    width = size
    while width:
        for start in range(size - width, -1, -1):
            if width < size:
                yield replace(history, steps=(*steps[:start], *steps[start + width :]))
        width = width // 2
    for place, step in enumerate(steps):
        for simpler in _simpler_steps(step):
            yield replace(history, steps=(*steps[:place], simpler, *steps[place + 1 :]))
    for name in ("hour", "snapshot", "leaving"):
        yield from _plainer(history, name)
    yield from _fewer_people(history)


def _fewer_people(history: History) -> Iterator[History]:
    """Without bots and players that no step is about, and with players who do only what a step says."""
    most = {name: max((getattr(step, name, None) or 0 for step in history.steps), default=0) for name in _PEOPLE}
    bots, players = most["bot"] + 1, history.players[: most["player"] + 1]
    if bots < history.bots:
        yield replace(history, bots=bots)
    if players != history.players:
        yield replace(history, players=players)
    for number, kind in enumerate(history.players):
        if kind is not Temperament.NEVER:
            silent = (*history.players[:number], Temperament.NEVER, *history.players[number + 1 :])
            yield replace(history, players=silent)


def _simpler_steps(step: Step) -> Iterator[Step]:
    for name in step.__struct_fields__:
        yield from _plainer(step, name)


def _plainer(struct: S, name: str) -> Iterator[S]:
    """The same with that field left out, unless it is already."""
    usual = defaults(type(struct))[name]
    if getattr(struct, name) != usual:
        yield replace(struct, **{name: usual})

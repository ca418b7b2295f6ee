"""Twenty kills with every test run; `make chaos` has the rest."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.children import Forked
from tests.chaos.ground import Plan, ground
from tests.chaos.kills import FEW, kills
from tests.chaos.load import Pace
from tests.chaos.product import SHORT_DOUBT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are held by their pidfd"),
]
PACE = Pace(hands=6, pause_s=0.02, deeds_every_s=1.0, pause_contact_every_s=8.0)
PLAN = Plan(
    bots=10,
    players=200,
    friends=60,
    pace=PACE,
    settings={"journal": {"snapshot_events": 100}, "dialogue": SHORT_DOUBT},
)


@pytest.fixture
def launcher() -> Iterator[Forked]:
    forked = Forked()
    yield forked
    forked.close()


async def test_twenty_kills_lose_nothing_double_nothing_and_reach_nobody_against_a_wish(
    tmp_path: Path, launcher: Forked
) -> None:
    async with ground(tmp_path, launcher, PLAN, seed=1, tell=print) as made:
        report = await kills(made, 20, longest_s=0.6, patient=False, invites=FEW)

    assert report.findings == []
    assert report.counts["kills"] == 20
    # a take-over waits for what a killed run has left unanswered, longer than some of these runs last
    least = {"commands acknowledged": 20, "messages that players got": 20, "take-overs acknowledged": 3}
    for name, count in {**least, "invites that players got": 3}.items():
        assert report.counts[name] >= count, report.counts

"""A running simulated Steam, its clock that only moves when told to, and clients of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.testing import ManualClock
from plugins.steam_sim.options import SimOptions
from plugins.steam_sim.simulation import Simulation
from tests.plugins.steam_sim.steam import Steam


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def steam(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Steam]:
    """Two bots and twenty players, one of each temperament at least."""
    running = Steam(SimOptions(folder=tmp_path, bots=2, players=20, seed=7), clock)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def simulation(steam: Steam) -> Simulation:
    return steam.simulation

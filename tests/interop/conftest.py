"""A simulated Steam and, beside it, steam-user."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kernel.testing import ManualClock
from plugins.steam_sim.options import SimOptions
from tests.interop.steam_user import INSTALLED, SteamUsers, steam_users
from tests.plugins.steam_sim.steam import Steam


@pytest.fixture(autouse=True)
def steam_user_is_installed() -> None:
    """`make test` sees to it; without it there is nothing to hold the simulator to."""
    if shutil.which("node") is None or not INSTALLED.exists():
        pytest.skip("steam-user is not installed: `make interop` does it, and `make test` by itself")


@pytest.fixture
async def steam(tmp_path: Path) -> AsyncIterator[Steam]:
    """Three bots, and twenty players, one of each temperament at least."""
    running = Steam(SimOptions(folder=tmp_path, bots=3, players=20, seed=7, poll_interval=0.1), ManualClock())
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def users(steam: Steam) -> AsyncIterator[SteamUsers]:
    async with steam_users(steam.ready) as running:
        yield running

"""A simulated Steam for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.plugins.steam.ground import Ground, simulated


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    async with simulated(tmp_path) as running:
        yield running

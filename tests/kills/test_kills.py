"""Three kills of each scenario; `make history-kills` makes fifty."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kills import SCENARIOS
from tests.kills.driver import kill


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_in_two_places_or_half_gone_after_a_kill(name: str, tmp_path: Path) -> None:
    assert kill(name, 3, 1, tmp_path) == []

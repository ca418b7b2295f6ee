"""Any answers to invites: by Steam's record each bot keeps its minute and the fleet its hour, and no task is lost."""

from __future__ import annotations

import os
import time
from random import SystemRandom
from typing import Final

import pytest

from tests.whole.invites import histories
from tests.whole.search import Tally, search
from tests.whole.switches import SWITCHED_OFF

SECONDS: Final = 5.0
MOST: Final = 60
"""Histories, as in `test_histories`."""


@pytest.mark.slow
def test_no_answers_to_invites_break_a_rule() -> None:
    seed = int(os.environ.get("HISTORIES_SEED") or SystemRandom().getrandbits(24))
    until = time.monotonic() + SECONDS
    tally = Tally()
    found = search(seed, MOST, frozenset(SWITCHED_OFF), tally, lambda: time.monotonic() > until, drawn=histories)

    assert found is None, f"seed {seed}:\n{found}"
    assert tally.histories > 0

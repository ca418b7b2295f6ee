"""Any history: whatever operators, players, Steam, disks and crashes do, no rule is broken by Steam's own record."""

from __future__ import annotations

import os
import time
from random import SystemRandom
from typing import Final
from unittest import mock

import pytest

from plugins.steam_sim.temperament import Temperament
from tests.whole import steps as s
from tests.whole.mutants import nothing
from tests.whole.runner import run
from tests.whole.search import Tally, search, shortened
from tests.whole.steps import Crash, Create, Deed, Disk, History, Player, Restart, Toggle, Write
from tests.whole.switches import SWITCHED_OFF

SECONDS: Final = 12.0
MOST: Final = 300
"""Histories: fewer on a machine that is slow or busy, where the seconds are over before."""


@pytest.mark.slow
def test_no_history_breaks_a_rule() -> None:
    seed = int(os.environ.get("HISTORIES_SEED") or SystemRandom().getrandbits(24))
    until = time.monotonic() + SECONDS
    found = search(seed, MOST, frozenset(SWITCHED_OFF), Tally(), lambda: time.monotonic() > until)

    assert found is None, f"seed {seed}:\n{found}"


def test_the_same_history_twice_goes_the_same_way() -> None:
    history = History(
        players=(Temperament.EAGER, Temperament.NEVER),
        snapshot=20,
        steps=(
            s.AddBot(bot=0),
            s.AddBot(bot=1),
            Create(player=0),
            Create(player=1, then=5.0),
            Player(player=1, does=Deed.ACCEPT),
            Crash(passes=7, torn=50, then=30.0),
            Write(player=1, lines=3, then=0.03),
            Toggle(player=0, then=20.0),
            Disk(during=20.0, then=30.0),
            Restart(then=60.0),
            Player(player=1, does=Deed.STOP, then=60.0),
        ),
    )
    first, second = (str(run(history)) for _ in range(2))

    assert "the system dies" in first
    assert first == second


def test_a_finding_is_told_with_what_it_needs_and_nothing_else() -> None:
    declined = Player(does=Deed.DECLINE)
    history = History(
        bots=2,
        players=(Temperament.LATE,),
        hour=5,
        steps=(s.AddBot(), s.AddBot(bot=1), Create(), declined, Create()),
    )
    with mock.patch("plugins.contact_policy.admission.invite_refused_before", nothing):
        result = shortened(run(history), frozenset())

    steps = (s.AddBot(), Create(), declined, Create())
    assert result.history == History(bots=1, players=(Temperament.NEVER,), steps=steps)

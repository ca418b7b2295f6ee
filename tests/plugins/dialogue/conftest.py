"""Dialogues last days: what looks after open tasks every few seconds need not do so here."""

from __future__ import annotations

import pytest

from kernel.clock import HOUR


@pytest.fixture(autouse=True)
def seldom_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.tasks.reasons.SWEEP_MS", HOUR)
    monkeypatch.setattr("plugins.tasks.deals.SWEEP_MS", HOUR)

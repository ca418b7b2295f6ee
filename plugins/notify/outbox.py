"""What is still to be told to whom, on disk: a crash loses none of it, and repeats what was told in that moment."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct, field

from kernel.clock import Millis
from kernel.following import JournalCursor
from kernel.private_files import put
from kernel.regular_files import read_regular
from plugins.notify.alert import Alert

FILE: Final = "outbox.json"
MOST_BYTES: Final = 16 * 1024 * 1024
KEPT: Final = 500
"""Alerts of one target; the oldest are dropped, and counted."""


class Kept(Struct):
    """All of it. `told`: the chats that somebody was told of, with since when they waited."""

    cursor: JournalCursor
    pending: dict[str, list[Alert]] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    told: dict[str, Millis] = field(default_factory=dict)


class Outbox:
    """Read at the start, written whole at each change."""

    def __init__(self, folder: Path, log: logging.Logger, here: JournalCursor) -> None:
        """`here`: where a new one begins. Raises OSError."""
        self._path = folder / FILE
        self._log = log
        self.is_new = False
        self.kept = self._read(here)

    def _read(self, here: JournalCursor) -> Kept:
        try:
            return msgspec.json.decode(read_regular(self._path, MOST_BYTES), type=Kept)
        except FileNotFoundError:
            pass
        except msgspec.MsgspecError:
            self._log.error("%s is damaged: it was moved aside, and what it held is not told", self._path)
            self._path.replace(self._path.with_suffix(".damaged"))
        self.is_new = True
        return Kept(here)

    def add(self, target: str, alert: Alert) -> None:
        pending = self.kept.pending.setdefault(target, [])
        pending.append(alert)
        if len(pending) > KEPT:
            del pending[0]
            self.kept.dropped[target] = self.dropped(target) + 1

    def pending(self, target: str) -> list[Alert]:
        return self.kept.pending.get(target, [])

    def dropped(self, target: str) -> int:
        return self.kept.dropped.get(target, 0)

    def told(self, target: str, alerts: list[Alert], *, dropped: int) -> None:
        """These have got through; so has the number of those that were dropped until then."""
        ids = {id(alert) for alert in alerts}
        self.kept.pending[target] = [alert for alert in self.pending(target) if id(alert) not in ids]
        self.kept.dropped[target] = self.dropped(target) - dropped

    def encoded(self) -> bytes:
        return msgspec.json.encode(self.kept)

    def write(self, content: bytes) -> None:
        """Raises OSError."""
        put(self._path, content)

"""When a target is told what: at most so many notifications a minute, then a digest; little in quiet hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from kernel.clock import MINUTE, Millis
from plugins.notify.alert import Alert
from plugins.notify.codes import Severity

FIRST_PAUSE: Final = 5_000
LONGEST_PAUSE: Final = 600_000


class QuietHours(NamedTuple):
    """From one time of the day to another, in a zone; it may go over midnight."""

    begin: time
    end: time
    zone: ZoneInfo

    def are_at(self, moment: Millis) -> bool:
        now = datetime.fromtimestamp(moment / 1_000, UTC).astimezone(self.zone).time()
        if self.begin <= self.end:
            return self.begin <= now < self.end
        return now >= self.begin or now < self.end


class Pacer:
    """Of one target. Times are the clock's `elapsed`, but for the quiet hours, which go by the day."""

    def __init__(self, per_minute: int, quiet: QuietHours | None) -> None:
        self._per_minute = per_minute
        self._quiet = quiet
        self._sent: list[int] = []
        self._not_before = 0
        self.failures = 0
        """In a row."""

    def due(self, pending: Sequence[Alert], dropped: int, now: Millis, elapsed: int) -> Sequence[Alert]:
        """What may be told now, in one notification: a single alert, a digest of several, or nothing."""
        told = list(pending)
        if self._quiet is not None and self._quiet.are_at(now):
            told = [alert for alert in pending if alert.severity is Severity.CRITICAL]
        self._sent = [at for at in self._sent if at > elapsed - MINUTE]
        room = self._per_minute - len(self._sent)
        if not told or room <= 0 or elapsed < self._not_before:
            return ()
        # a digest takes the last place of a minute, and whatever could not be told one by one
        return told if len(told) > room or room == 1 or dropped or self.failures else told[:1]

    def tried(self, elapsed: int, *, taken: bool) -> None:
        """One notification was sent, or failed: it counts either way."""
        self._sent.append(elapsed)
        self.failures = 0 if taken else self.failures + 1
        pause = min(FIRST_PAUSE << min(self.failures - 1, 10), LONGEST_PAUSE) if self.failures else 0
        self._not_before = elapsed + pause

    def hurry(self) -> None:
        """Try again at once."""
        self._not_before = 0

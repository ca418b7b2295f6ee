"""The house's calendar: which day a moment belongs to, in the time zone that its people live in."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

EPOCH: Final = date(1970, 1, 1).toordinal()
_LATEST: Final = 4_102_444_800_000
"""The year 2100."""
_AHEAD: Final = 64
"""Days whose beginnings are looked up at once."""


def zone_of(name: str) -> tzinfo:
    """The time zone of that IANA name, such as `Europe/Berlin`. Raises ValueError where this machine knows none."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{name!r} is no time zone that this machine knows; give one such as Europe/Berlin") from error


class Calendar:
    """Days as numbers: 0 is 1 January 1970, wherever one is. A day may have 23 or 25 hours."""

    def __init__(self, name: str) -> None:
        """Raises ValueError."""
        self.name = name
        self._zone = zone_of(name)
        self._first = 0
        self._begins: list[int] = []
        """When each day from `_first` on begins, in UTC ms."""

    def begins(self, day: int) -> int:
        """When the day begins, in UTC ms: at midnight, or at the first moment after it where the clock leaves that
        out."""
        return _millis(datetime.fromordinal(EPOCH + day).replace(tzinfo=self._zone))

    def day(self, at: int) -> int:
        """The day that this moment belongs to."""
        at = min(max(at, 0), _LATEST)  # no clock is right out there, and no archive may stop for it
        begins = self._begins
        if not begins or not begins[0] <= at < begins[-1]:
            about = at // 86_400_000
            self._first = about - 2
            begins = self._begins = [self.begins(day) for day in range(self._first, about + _AHEAD)]
        return self._first + bisect_right(begins, at) - 1


def number_of(day: date) -> int:
    """The number of a day of the calendar."""
    return day.toordinal() - EPOCH


def date_of(number: int) -> date:
    """The day of that number."""
    return date.fromordinal(EPOCH + number)


def _millis(moment: datetime) -> int:
    span = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return span // timedelta(milliseconds=1)

"""The days that a report is of, and the moments at which they begin and end."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from kernel.errors import Malformed
from plugins.history.codes import HistoryRefusal
from plugins.history.report_types import ReportQuery
from plugins.history.zones import Calendar, number_of

DAYS_MOST: Final = 3_660
LAST_DAY: Final = number_of(date(2100, 1, 1))


class Span(NamedTuple):
    """The days of a report, both included, and the moments at which they begin and end."""

    first: int
    last: int
    since: int
    until: int


def span_of(query: ReportQuery, calendar: Calendar, today: int) -> Span:
    """The days that are asked for; today where none is. Raises Malformed."""
    last = _day("lastDay", query.last_day) if query.last_day is not None else None
    first = _day("firstDay", query.first_day) if query.first_day is not None else last
    first = today if first is None else first
    last = max(first, today) if last is None else last
    if not 0 <= last - first < DAYS_MOST:
        text = f"firstDay is not behind lastDay, and there are at most {DAYS_MOST} days from one to the other."
        raise Malformed(HistoryRefusal.INVALID_RANGE, text, field="lastDay")
    return Span(first, last, calendar.begins(first), calendar.begins(last + 1))


def _day(name: str, text: str) -> int:
    try:
        day = number_of(date.fromisoformat(text))
    except ValueError:
        day = -1
    if len(text) != 10 or not 0 <= day < LAST_DAY:
        raise Malformed(HistoryRefusal.INVALID_RANGE, f"{name}: give a day such as 2026-11-23.", field=name)
    return day

"""Makes a report of some days out of the archive. README.md says what each number is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from math import ceil
from statistics import median
from typing import Any, Final, NamedTuple
from urllib.parse import quote_plus

import apsw

from kernel.errors import Malformed
from plugins.history.codes import CausedBy, HistoryRefusal, TaskStage
from plugins.history.fold import ENDED, PLAYER
from plugins.history.queries import LED, Where
from plugins.history.reading import RowReader
from plugins.history.report_types import (
    AnswerTimes,
    CauseFigures,
    Count,
    CurrencySum,
    DayFigures,
    Funnel,
    HandoverCount,
    ItemFigures,
    LeaderFigures,
    ReasonCount,
    ReportQuery,
)
from plugins.history.values import UNIT, bucket_end, price_text
from plugins.history.zones import Calendar, date_of, number_of

DAYS_MOST: Final = 3_660
LAST_DAY: Final = number_of(date(2100, 1, 1))
DAYS_SHOWN: Final = 400
ITEMS_MOST: Final = 500
STEPS: Final = 20
PLACE: Final = "(agreed - price_min) * 1.0 / nullif(price_max - price_min, 0)"
SUMS: Final = f"count(*), sum(agreed / {UNIT}), sum(agreed % {UNIT})"
"""A sum as quotient and remainder: of the largest prices, 92 are beyond a 64-bit integer."""


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


class PriceSum:
    """A count and an exact sum of prices."""

    def __init__(self) -> None:
        self.count = 0
        self.units = 0

    def add(self, count: int, whole: int | None, rest: int | None) -> None:
        self.count += count
        self.units += (whole or 0) * UNIT + (rest or 0)


class ItemDeals:
    """The deals of one item in one currency."""

    __slots__ = ("above", "agreed", "below", "count", "highest", "lowest", "places", "steps")

    def __init__(self, low: int, high: int) -> None:
        self.count = self.below = self.above = 0
        self.lowest = low
        self.highest = high
        self.agreed: list[int] = []
        self.places: list[float] = []
        self.steps = [0] * STEPS

    def add(self, agreed: int | None, low: int, high: int) -> None:
        """One more; `agreed` is None where no price was recorded."""
        self.count += 1
        self.lowest = min(self.lowest, low)
        self.highest = max(self.highest, high)
        if agreed is None:
            return
        self.agreed.append(agreed)
        if high <= low:
            return
        self.places.append((agreed - low) / (high - low))
        if agreed < low:
            self.below += 1
        elif agreed > high:
            self.above += 1
        else:
            self.steps[min(STEPS - 1, (agreed - low) * STEPS // (high - low))] += 1


class Reporting:
    """One report, from one connection at one moment."""

    def __init__(self, db: apsw.Connection, query: ReportQuery, span: Span, calendar: Calendar) -> None:
        self._db = db
        self._query = query
        self._span = span
        self._calendar = calendar
        self._rows = RowReader(db)

    def figures(self) -> dict[str, Any]:
        """All fields of a report that are of the archive."""
        groups = self._groups()
        answers = self._answer_times()
        return {
            "funnel": self._funnel(),
            "before": self._created_before(),
            "ended": self._ended(sum(group["n"] for group in groups)),
            "sums": self._sums(g for g in groups if g["status"] == "resolved"),
            "items": self._items(),
            "failures": self._failures(groups),
            "causes": self._causes(groups),
            "handovers": self._handovers(groups),
            "answers": list(answers.values()),
            "unanswered": self._waiting("unanswered"),
            "unheard": self._waiting("unheard"),
            "leaders": self._leaders(groups, answers),
            "days": self._days(),
        }

    # of tasks by when they were created

    def _funnel(self) -> Funnel:
        where = self._where("created_at")
        created, invited, accepted, already, talked, agreed, still = self._db.execute(
            "select count(*), count(invited_at), count(accepted_at), "  # noqa: S608
            "ifnull(sum(accepted_at is not null and invited_at is null), 0), count(talked_at), count(agreed_at), "
            f"ifnull(sum(ended_at is null), 0) from tasks indexed by tasks_created where {where.sql}",
            where.values,
        ).get

        def count(n: int, stage: TaskStage | None) -> Count:
            return Count(n, self._tasks(createdSince=self._span.since, createdUntil=self._span.until, stage=stage))

        return Funnel(
            created=count(created, None),
            invited=count(invited, TaskStage.INVITED),
            accepted=count(accepted, TaskStage.ACCEPTED),
            already=count(already, TaskStage.ALREADY),
            talked=count(talked, TaskStage.TALKED),
            agreed=count(agreed, TaskStage.AGREED),
            open=count(still, TaskStage.OPEN),
        )

    def _created_before(self) -> int:
        first = self._span.first - (self._span.last - self._span.first + 1)
        where = self._where("created_at", self._calendar.begins(first), self._span.since)
        sql = f"select count(*) from tasks indexed by tasks_created where {where.sql}"  # noqa: S608
        found: int = self._db.execute(sql, where.values).get
        return found

    # of tasks by when they ended

    def _groups(self) -> list[dict[str, Any]]:
        """The tasks that ended in the range, by all that they are counted by."""
        where = self._where("ended_at")
        names = ("status", "caused", "reason", "handed", "talked", "leader", "currency")
        sql = (
            f"select status, caused_by, reason, handed, chat is not null, {LED}, currency, {SUMS}, "  # noqa: S608
            f"sum({PLACE}), count({PLACE}) from tasks indexed by tasks_ended where {where.sql} "
            "group by 1, 2, 3, 4, 5, 6, 7"
        )
        columns = (*names, "n", "whole", "rest", "places", "placed")
        return [dict(zip(columns, row, strict=True)) for row in self._db.execute(sql, where.values)]

    def _ended(self, n: int, **narrowed: Any) -> Count:
        return Count(n, self._tasks(endedSince=self._span.since, endedUntil=self._span.until, **narrowed))

    def _sums(self, groups: Iterable[Mapping[str, Any]], **narrowed: Any) -> list[CurrencySum]:
        """What was agreed, by currency."""
        sums: dict[int, PriceSum] = defaultdict(PriceSum)
        for group in groups:
            sums[group["currency"]].add(group["n"], group["whole"], group["rest"])
        found = []
        for number, total in sums.items():
            currency = self._rows.name(number)
            count = self._ended(total.count, status="resolved", **{"currency": currency, **narrowed})
            found.append(CurrencySum(currency=currency, agreed=count, sum=price_text(total.units)))
        return sorted(found, key=lambda one: (-one.agreed.n, one.currency))

    def _failures(self, groups: Iterable[Mapping[str, Any]]) -> list[ReasonCount]:
        failed: dict[int | None, int] = defaultdict(int)
        for group in groups:
            if group["status"] == "failed":
                failed[group["reason"]] += group["n"]
        found = []
        for number, n in failed.items():
            reason = self._rows.name(number)
            found.append(ReasonCount(reason=reason, tasks=self._ended(n, status="failed", reason=reason or "")))
        return sorted(found, key=lambda one: (-one.tasks.n, one.reason or ""))

    def _causes(self, groups: Iterable[Mapping[str, Any]]) -> list[CauseFigures]:
        counted: dict[tuple[str, str], int] = defaultdict(int)
        for group in groups:
            counted[group["caused"], group["status"]] += group["n"]
        found = []
        for cause in CausedBy:
            by = {status: counted[cause, status] for status in sorted(ENDED)}
            figures = {status: self._ended(n, causedBy=cause, status=status) for status, n in by.items()}
            found.append(CauseFigures(caused_by=cause, ended=self._ended(sum(by.values()), causedBy=cause), **figures))
        return found

    def _handovers(self, groups: Iterable[Mapping[str, Any]]) -> list[HandoverCount]:
        counted: dict[int, int] = defaultdict(int)
        for group in groups:
            if group["handed"] is not None:
                counted[group["handed"]] += group["n"]
        found = []
        for number, n in counted.items():
            why = self._rows.name(number)
            found.append(HandoverCount(why=why, tasks=self._ended(n, handedOver=why)))
        return sorted(found, key=lambda one: (-one.tasks.n, one.why))

    def _leaders(self, groups: list[dict[str, Any]], answers: Mapping[str, AnswerTimes]) -> list[LeaderFigures]:
        led: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
        for group in groups:
            if group["talked"]:
                led[group["leader"]].append(group)
        found = []
        for number, of in led.items():
            who = self._rows.name(number) or ""
            agreed = [group for group in of if group["status"] == "resolved"]
            placed = sum(group["placed"] for group in agreed)
            place = sum(group["places"] or 0.0 for group in agreed) / placed if placed else None
            times = answers.get(who)
            found.append(
                LeaderFigures(
                    who=who,
                    talks=self._ended(sum(group["n"] for group in of), ledBy=who),
                    agreed=self._ended(sum(group["n"] for group in agreed), ledBy=who, status="resolved"),
                    place=round(place, 4) if place is not None else None,
                    sums=self._sums(agreed, ledBy=who),
                    p50_ms=times.p50_ms if times is not None else None,
                    p90_ms=times.p90_ms if times is not None else None,
                )
            )
        return sorted(found, key=lambda one: (-one.talks.n, one.who))

    def _items(self) -> list[ItemFigures]:
        """Counted here rather than by SQL, which would sort the deals three times."""
        where = self._where("ended_at")
        where.add("status = 'resolved'")
        sql = (
            "select item, currency, agreed, price_min, price_max from tasks indexed by tasks_ended "  # noqa: S608
            f"where {where.sql}"
        )
        items: dict[tuple[int, int], ItemDeals] = {}
        for item, currency, agreed, low, high in self._db.execute(sql, where.values):
            deals = items.get((item, currency))
            if deals is None:
                deals = items[item, currency] = ItemDeals(low, high)
            deals.add(agreed, low, high)
        most = sorted(items.items(), key=lambda one: (-one[1].count, one[0]))[:ITEMS_MOST]
        return [self._item(*key, deals) for key, deals in most]

    def _item(self, item: int, currency: int, deals: ItemDeals) -> ItemFigures:
        names = {"item": self._rows.name(item), "currency": self._rows.name(currency)}
        return ItemFigures(
            **names,
            agreed=self._ended(deals.count, status="resolved", **names),
            sum=price_text(sum(deals.agreed)),
            lowest=price_text(deals.lowest),
            highest=price_text(deals.highest),
            median=price_text(round(median(deals.agreed))) if deals.agreed else None,
            place=round(median(deals.places), 4) if deals.places else None,
            places=deals.steps,
            below=deals.below,
            above=deals.above,
        )

    # answers

    def _answer_times(self) -> dict[str, AnswerTimes]:
        """By author, the players first and then those who answered most."""
        buckets: dict[int, dict[int, int]] = defaultdict(dict)
        sums: dict[int, int] = defaultdict(int)
        sql = "select author, bucket, sum(n), sum(sum) from waits where day between ? and ? group by 1, 2 order by 1, 2"
        for author, number, n, spent in self._db.execute(sql, (self._span.first, self._span.last)):
            buckets[author][number] = n
            sums[author] += spent
        wanted = {self._query.agent, self._query.operator} - {None}
        found = []
        for author, counted in buckets.items():
            who = self._rows.name(author)
            if wanted and who not in wanted:
                continue
            n = sum(counted.values())
            since, until = self._span.since, self._span.until
            rows = _link("messages", author=who, answeredSince=since, answeredUntil=until)
            p50, p90, p99 = (_percentile(counted, n, share) for share in (0.5, 0.9, 0.99))
            found.append(
                AnswerTimes(
                    who=who, answers=Count(n, rows), mean_ms=round(sums[author] / n), p50_ms=p50, p90_ms=p90, p99_ms=p99
                )
            )
        found.sort(key=lambda one: (one.who != PLAYER, -one.answers.n, one.who))
        return {one.who: one for one in found}

    def _waiting(self, what: str) -> Count:
        sql = f"select count(*) from chats indexed by chats_{what} where {what}_at >= ? and {what}_at < ?"  # noqa: S608
        since, until = self._span.since, self._span.until
        rows = _link("chats", **{f"{what}Since": since, f"{what}Until": until})
        return Count(self._db.execute(sql, (since, until)).get, rows)

    def _days(self) -> list[DayFigures]:
        if self._span.last - self._span.first >= DAYS_SHOWN:
            return []
        return [self._one_day(day) for day in range(self._span.first, self._span.last + 1)]

    def _one_day(self, day: int) -> DayFigures:
        since, until = self._calendar.begins(day), self._calendar.begins(day + 1)
        created = self._where("created_at", since, until)
        ended = self._where("ended_at", since, until)
        sql = f"select count(*) from tasks indexed by tasks_created where {created.sql}"  # noqa: S608
        begun = self._db.execute(sql, created.values).get
        sql = f"select status, count(*) from tasks indexed by tasks_ended where {ended.sql} group by 1"  # noqa: S608
        by = dict(self._db.execute(sql, ended.values))
        return DayFigures(
            day=str(date_of(day)),
            created=Count(begun, self._tasks(createdSince=since, createdUntil=until)),
            agreed=Count(by.get("resolved", 0), self._tasks(endedSince=since, endedUntil=until, status="resolved")),
            failed=Count(by.get("failed", 0), self._tasks(endedSince=since, endedUntil=until, status="failed")),
        )

    # what is asked for

    def _where(self, column: str, since: int | None = None, until: int | None = None) -> Where:
        """Tasks of the range by that column, narrowed as the query says."""
        where = Where()
        where.between(
            column, self._span.since if since is None else since, self._span.until if until is None else until
        )
        query, rows = self._query, self._rows
        for name, kind, wanted in (
            ("item", "item", query.item),
            ("currency", "currency", query.currency),
            ("agent", "actor", query.agent),
            ("operator", "actor", query.operator),
        ):
            where.equal(name, rows.number(kind, wanted) if wanted is not None else None)
        where.equal("bot", rows.number_of("bots", "bot", query.bot) if query.bot is not None else None)
        return where

    def _tasks(self, **narrowed: Any) -> str:
        """Where the rows of a number are."""
        query = self._query
        given = {
            "item": query.item,
            "currency": query.currency,
            "agent": query.agent,
            "operator": query.operator,
            "botId": query.bot,
        }
        return _link("tasks", **{**given, **narrowed})


_quoted: Final = lru_cache(4_096)(quote_plus)
"""A report has hundreds of links, and few values in them."""


def _link(path: str, **query: Any) -> str:
    given = (f"{name}={_quoted(str(value))}" for name, value in query.items() if value is not None)
    return f"/api/history/{path}?{'&'.join(given)}"


def _percentile(counted: Mapping[int, int], n: int, share: float) -> int:
    """The upper end of the bucket in which it lies."""
    wanted, seen = ceil(share * n), 0
    for number in sorted(counted):
        seen += counted[number]
        if seen >= wanted:
            return bucket_end(number)
    return 0
